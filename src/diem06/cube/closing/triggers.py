"""
The database's own guard: what was closed is never changed and never deleted.

It stops a mistake and a careless script. Who owns the database can take the triggers away; then the seals tell. TRUNCATE is not
guarded: the tests of PostgreSQL empty their tables by it, and the chain of seals would tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("cube_closing", "cube_closedmeasure", "cube_closedfigure", "cube_sealedrestatement", "cube_sealkey")
_ACTS = ("update", "delete")
_FUNCTION = """
    CREATE OR REPLACE FUNCTION cube_closing_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'closing: what was closed is never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def names() -> Iterator[tuple[str, str, str]]:
    """Yield (trigger, table, act) of every trigger."""
    for table in TABLES:
        for act in _ACTS:
            yield f"{table}_no_{act}", table, act


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that are not there, of the tables that are."""
    gone, tables = set(missing(connection)), connection.introspection.table_names()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for name, table, act in names():
            if name not in gone or table not in tables:
                continue
            if connection.vendor == "postgresql":
                run = "FOR EACH ROW EXECUTE FUNCTION cube_closing_refuse()"
            else:
                run = "BEGIN SELECT RAISE(ABORT, 'closing: what was closed is never changed or deleted'); END"
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {run}")


def drop(connection: BaseDatabaseWrapper, *acts: str) -> None:
    """Take triggers away, of `acts` alone or all. For migrations that rebuild a table, and for tests, which empty them."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for name, table, act in names():
            if act in (acts or _ACTS) and table in tables:
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that the database does not have, or that are switched off."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for name, _table, _act in names() if name not in there]
