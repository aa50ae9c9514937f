"""PostgreSQL as an engine of the rollup: the third witness of the equality tests."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from pyarrow import parquet

from diem06.cube.engine.request import FACTS, Request

_TYPES = {
    # Texts compare by their bytes, as in the other engines.
    pa.string(): 'text COLLATE "C"',
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}


class PostgresRunner:
    """
    Temporary tables of a psycopg connection, which stays open and in its transaction.

    An ill-fated query plan costs more than a table: kept tables are analysed.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._made: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None:
            self.close()

    def load(self, name: str, table: pa.Table) -> None:
        columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in table.schema)
        self._run(f"CREATE TEMPORARY TABLE {name} ({columns})")
        self._made.append(("TABLE", name))
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)
        self._run(f"ANALYZE {name}")

    def load_facts(self, request: Request) -> None:
        tables = [request.facts, *(parquet.read_table(path, columns=FACTS.names) for path in request.files)]
        self.load("fact_in", pa.concat_tables(table.cast(FACTS) for table in tables))

    def make(self, name: str, select: str, *, kept: bool) -> None:
        self._run(f"CREATE TEMPORARY {'TABLE' if kept else 'VIEW'} {name} AS {select}")
        self._made.append(("TABLE" if kept else "VIEW", name))
        if kept:
            self._run(f"ANALYZE {name}")

    def read(self, select: str) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.execute(select)
            rows, names = cursor.fetchall(), [column.name for column in cursor.description]
        return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})

    def close(self) -> None:
        for kind, name in reversed(self._made):
            self._run(f"DROP {kind} {name}")
        self._made.clear()

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
