"""What runs the program: DuckDB, or whatever else makes tables of named SELECTs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from types import TracebackType
from typing import Protocol, Self

import duckdb
import pyarrow as pa

from diem06.cube.engine.request import FACTS, Request

FACT_COLUMNS = ", ".join(FACTS.names)
_AREA = ["area", "area_valid_from"]


class Runner(Protocol):
    """An engine: takes tables and named SELECTs, hands rows back. It forgets all of it at `close`."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make a small table of the program's inputs."""

    def load_facts(self, request: Request) -> None:
        """Make the facts of the request readable as `fact_in`."""

    def make(self, name: str, select: str, *, kept: bool) -> None:
        """Give a SELECT a name; `kept`: run it now, for it is read more than once."""

    def read(self, select: str) -> pa.Table:
        """Run a SELECT."""

    def close(self) -> None:
        """Let go of every table."""


class DuckDBRunner:
    """
    DuckDB in this process; facts in files are read where they lie.

    `memory_limit` such as `6GB`; what exceeds it goes to `spill`, a folder.
    """

    def __init__(self, *, threads: int = 2, memory_limit: str = "", spill: str = "") -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "preserve_insertion_order": "false",
        }
        if memory_limit:
            config["memory_limit"] = memory_limit
        if spill:
            config["temp_directory"] = spill
        self._connection = duckdb.connect(":memory:", config=config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, name: str, table: pa.Table) -> None:
        self._connection.register(f"{name}_given", table)
        self._connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_given")  # noqa: S608  a name of the program
        self._connection.unregister(f"{name}_given")

    def load_facts(self, request: Request) -> None:
        self._connection.register("fact_table", request.facts)
        select = f"SELECT {FACT_COLUMNS} FROM fact_table"  # noqa: S608  no input in it
        if request.files:
            read = f"SELECT {FACT_COLUMNS} FROM {in_files(request.files)}"  # noqa: S608  paths, quoted
            select = f"{select} UNION ALL {read}" if request.facts.num_rows else read
        self.make("fact_in", select, kept=False)

    def make(self, name: str, select: str, *, kept: bool) -> None:
        self._connection.execute(f"CREATE TEMP {'TABLE' if kept else 'VIEW'} {name} AS {select}")

    def read(self, select: str) -> pa.Table:
        return self._connection.sql(select).to_arrow_table()

    def close(self) -> None:
        self._connection.close()


def in_files(paths: Iterable[str]) -> str:
    """Write Parquet files as what stands after FROM in DuckDB."""
    return "read_parquet([" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "])"


def areas_in(table: pa.Table, files: Collection[str]) -> set[tuple[str, date]]:
    """Return code and first day of each area in which a fact of the table or the files lies."""
    found = {(row["area"], row["area_valid_from"]) for row in table.group_by(_AREA).aggregate([]).to_pylist()}
    if files:
        with duckdb.connect(":memory:") as connection:
            rows = connection.execute(f"SELECT DISTINCT {', '.join(_AREA)} FROM {in_files(files)}").fetchall()  # noqa: S608  paths, quoted
        found |= {(code, valid_from) for code, valid_from in rows}
    return found
