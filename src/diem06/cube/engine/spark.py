"""Spark as an engine of the rollup: a nation's facts, on a cluster. The only module that imports pyspark, and only when used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from diem06.cube.engine.request import Request

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    # Else a day in a filter goes to the readers of Parquet files as midnight of this process's zone, and is the day before on workers
    # west of it: facts of the last day are then left out without a word.
    "spark.sql.datetime.java8API.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class SparkRunner:
    """
    Views of a Spark session. The small inputs go over from this process; files of facts are read by the workers, so each
    of them must see the same paths.

    A kept step is run at once and cut off from what it was made of: else the plans of later steps would hold all before them
    many times over.
    """

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._made: dict[str, DataFrame] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, name: str, table: pa.Table) -> None:
        self._name(name, self._session.createDataFrame(table))

    def load_facts(self, request: Request) -> None:
        facts = self._session.createDataFrame(request.facts)
        if request.files:
            read = self._session.read.schema(facts.schema).parquet(*request.files)
            facts = facts.unionAll(read) if request.facts.num_rows else read
        self._name("fact_in", facts)

    def make(self, name: str, select: str, *, kept: bool) -> None:
        frame = self._session.sql(select)
        self._name(name, frame.localCheckpoint(eager=True) if kept else frame)

    def read(self, select: str) -> pa.Table:
        return self._session.sql(select).toArrow()

    def close(self) -> None:
        for name in self._made:
            self._session.catalog.dropTempView(name)
        self._made.clear()

    def _name(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(name)
        self._made[name] = frame


@contextmanager
def session(master: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """
    Give a session on the cluster at `master` (`spark://HOST:PORT`), with Spark's settings beside our own; stop it afterwards.
    """
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("diem06")
    for key, value in {**SETTINGS, **(settings or {})}.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    try:
        yield made
    finally:
        made.stop()
