"""
The database's own guard: an entry is changed once, when it is linked, and never deleted.

It stops a mistake and a careless script. Who owns the database can take the triggers away; then the chain tells
(`queries.verify`). TRUNCATE is not guarded: the tests of PostgreSQL empty their tables by it, and the head of the
chain would tell.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

CHANGE = "audit_entry_no_change"
DELETE = "audit_entry_no_delete"
_CONTENT = ("id", "at", "by_id", "by_name", "action", "object_type", "object_id", "details")

_SQLITE = {
    CHANGE: f"""
        CREATE TRIGGER {CHANGE} BEFORE UPDATE ON audit_entry
        WHEN OLD.position IS NOT NULL OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _CONTENT)}
        BEGIN SELECT RAISE(ABORT, 'audit: an entry is never changed'); END
    """,
    DELETE: f"""
        CREATE TRIGGER {DELETE} BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit: an entry is never deleted'); END
    """,
}
_POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit: an entry is never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL = {
    CHANGE: f"""
        CREATE TRIGGER {CHANGE} BEFORE UPDATE ON audit_entry FOR EACH ROW
        WHEN (OLD.position IS NOT NULL OR {" OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _CONTENT)})
        EXECUTE FUNCTION audit_entry_refuse()
    """,
    DELETE: f"""
        CREATE TRIGGER {DELETE} BEFORE DELETE ON audit_entry FOR EACH ROW
        EXECUTE FUNCTION audit_entry_refuse()
    """,
}


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that `missing` names."""
    statements = _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name in missing(connection):
            cursor.execute(statements[name])


def drop(connection: BaseDatabaseWrapper, name: str) -> None:
    """Take one trigger away. For migrations that rebuild the table, and for tests, which empty it."""
    where = "" if connection.vendor == "sqlite" else " ON audit_entry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that the database does not have, or that are switched off."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for name in (CHANGE, DELETE) if name not in there]
