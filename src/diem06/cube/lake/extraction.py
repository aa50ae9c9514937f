"""Rows out of the database by ADBC: streamed as Arrow, in one read transaction, no row becomes a Python object."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import psycopg
import psycopg.conninfo
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import Count, QuerySet

from diem06.core.roster import HISTORY_COLUMNS, Grade, Source, StockState
from diem06.cube.engine.request import FACTS
from diem06.cube.lake.manifest import FORMAT, Counter
from diem06.cube.lake.reader import COUNT
from diem06.cube.models import ChangedFacts

_MOMENT = FACTS.field("recorded_at").type
HISTORY = pa.schema([*(field for field in FACTS if field.name != "n"), pa.field("superseded_at", _MOMENT)])
"""The columns of `roster.HISTORY_COLUMNS`."""
ALWAYS = (date(1, 1, 1), date(9999, 12, 31))
_COUNTERS = pa.schema(
    [("source", pa.string()), ("first_day", pa.date32()), ("changes", pa.int64()), ("stamp", pa.int64())]
)
_BATCH_ROWS = 32_768

Facts = Callable[[date, date], "QuerySet[Any, Any]"]
Answer = Callable[[str, Sequence[Any], pa.Schema], Iterable[pa.RecordBatch]]
"""Runs SQL as Django compiles it, and yields what comes, with columns that can be cast to those of a schema."""


class ExtractionError(RuntimeError):
    """The database could not be read to the end; the message says what its driver said."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The database at one moment."""

    answer: Answer
    vendor: str

    def counters(self) -> dict[str, dict[date, Counter]]:
        """Return the counters of every source by leaf."""
        rows = ChangedFacts.objects.order_by().values_list(*_COUNTERS.names)
        found: dict[str, dict[date, Counter]] = {}
        for batch in self._read(rows, _COUNTERS):
            for row in batch.to_pylist():
                found.setdefault(row["source"], {})[row["first_day"]] = (row["changes"], row["stamp"])
        return found

    def days(self, facts: Facts) -> list[date]:
        """Return the days of which a source has facts."""
        rows = facts(*ALWAYS).order_by("day").values_list("day").distinct()
        return [
            day for batch in self._read(rows, pa.schema([HISTORY.field("day")])) for day in batch["day"].to_pylist()
        ]

    def counts(self, facts: Facts) -> Iterator[tuple[str, date, int]]:
        """Yield how many rows a source ever had, by measure and day."""
        rows = facts(*ALWAYS).order_by().values_list("measure", "day").annotate(Count("pk"))
        schema = pa.schema([HISTORY.field("measure"), HISTORY.field("day"), pa.field("rows", pa.int64())])
        for batch in self._read(rows, schema):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def history(self, facts: Facts, first: date, last: date) -> Iterator[pa.RecordBatch]:
        """Yield every row that a source ever had for the days, with the columns of HISTORY."""
        yield from self._read(facts(first, last).order_by().values_list(*HISTORY_COLUMNS), HISTORY)

    def _read(self, rows: QuerySet[Any, Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        sql, parameters = rows.query.sql_with_params()
        for batch in self.answer(sql, parameters, schema):
            arrays = [as_type(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """
    Open the database at this moment: what is read in the block is one state, however many write meanwhile.

    Only what is committed is seen, so not what the caller's own transaction has written. Raises ExtractionError.
    """
    with _sqlite() if connection.vendor == "sqlite" else _postgresql() as answer:
        yield Snapshot(answer=answer, vendor=connection.vendor)


# -- SQLite, by a process of its own ---------------------------------------------------------------------------------
@contextmanager
def _sqlite() -> Iterator[Answer]:
    file = Path(connection.settings_dict["NAME"]).absolute()
    command = [sys.executable, "-m", "diem06.cube.lake.reader", f"{file.as_uri()}?mode=ro"]
    connection.ensure_connection()  # a file in WAL mode is opened for reading alone while somebody has it open for writing
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        try:
            yield _Reader(process, said).answer
        finally:
            process.kill()  # it has nothing to lose


@dataclass(frozen=True)
class _Reader:
    """The other end of `reader`."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]

    def answer(self, sql: str, parameters: Sequence[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        # The driver takes a column's type from its first rows: one that may be null throughout them is made text.
        shown = ", ".join(f"COALESCE({name}, '')" if name == "superseded_at" else name for name in schema.names)
        sql = f"WITH handed_out ({', '.join(schema.names)}) AS ({sql}) SELECT {shown} FROM handed_out"  # noqa: S608  our own names
        question = {"sql": sql % (("?",) * len(parameters)), "parameters": list(parameters), "batch": _BATCH_ROWS}
        asked, told = self.process.stdin, self.process.stdout
        assert asked is not None
        assert told is not None
        rows = 0
        try:
            asked.write(json.dumps(question).encode() + b"\n")
            asked.flush()
            for batch in pa.ipc.open_stream(pa.PythonFile(told, mode="r")):
                rows += batch.num_rows
                yield batch
            whole = told.read(COUNT.size)
        except (BrokenPipeError, pa.ArrowInvalid) as fault:
            raise self._error() from fault
        if len(whole) < COUNT.size or COUNT.unpack(whole) != (rows,):
            raise self._error()

    def _error(self) -> ExtractionError:
        self.process.wait()
        self.said.seek(0)
        return ExtractionError(f"SQLite: {self.said.read().decode(errors='replace').strip()[-1000:]}")


# -- PostgreSQL ------------------------------------------------------------------------------------------------------
@contextmanager
def _postgresql() -> Iterator[Answer]:
    import adbc_driver_postgresql.dbapi  # it imports much, and an installation on SQLite never needs it

    told = connection.get_connection_params()
    address = psycopg.conninfo.make_conninfo(
        **{name: told[name] for name in ("host", "port", "dbname", "user", "password") if told.get(name)},
        options=r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on",
    )
    connection.ensure_connection()
    # Values are written into the SQL by psycopg: the driver streams (COPY) only what has no parameters.
    writer = psycopg.ClientCursor(connection.connection)
    try:
        with adbc_driver_postgresql.dbapi.connect(address) as session:

            def answer(sql: str, parameters: Sequence[Any], _schema: pa.Schema) -> Iterator[pa.RecordBatch]:
                with session.cursor() as cursor:
                    cursor.execute(writer.mogrify(sql, parameters))
                    yield from cursor.fetch_record_batch()

            yield answer
    except adbc_driver_postgresql.dbapi.Error as fault:
        raise ExtractionError(f"PostgreSQL: {fault}") from fault


def as_type(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a column in its type: SQLite hands days and times over as text, times in UTC."""
    if column.type == kind:
        return column
    if not pa.types.is_timestamp(kind) or not pa.types.is_string(column.type):
        return column.cast(kind)
    known = pc.if_else(pc.equal(column, pa.scalar("")), pa.scalar(None, pa.string()), column)
    return pc.assume_timezone(known.cast(pa.timestamp("us")), "UTC")


def asks(source: Source, vendor: str) -> str:
    """
    Return the fingerprint of a source's question, and of how its facts are compacted.

    Where a new version of the product asks another one, or tells another grade or kind of stock, files of the old are stale.
    """
    return _fingerprint(source.facts, vendor, source.grade, source.stock)


@lru_cache(maxsize=256)
def _fingerprint(facts: Facts, vendor: str, grade: Grade, stock: StockState) -> str:
    sql, parameters = facts(*ALWAYS).order_by().values_list(*HISTORY_COLUMNS).query.sql_with_params()
    told = [vendor, str(FORMAT), grade.value, stock.value, sql, *sorted(map(str, parameters))]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]
