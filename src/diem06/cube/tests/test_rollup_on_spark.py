"""The rollup on a standalone Spark cluster of two workers; `soak/spark_rollup.py` runs some hundred cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pyarrow import parquet

from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.spark import SparkRunner, session
from diem06.cube.tests.rollup_cases import Oracle, answers, request_of, seeded_cases, windows
from diem06.cube.tests.spark_cluster import SETTINGS, WORKERS, cluster


def test_the_same_program_on_two_workers_equals_the_oracle(tmp_path: Path) -> None:
    """Half of the facts come out of a file that the workers read, the others from this process."""
    many = seeded_cases(11, 12)
    whole = request_of(many)
    file, half = tmp_path / "facts.parquet", whole.facts.num_rows // 2
    parquet.write_table(whole.facts.slice(0, half), file)
    request = replace(whole, facts=whole.facts.slice(half), files=(str(file),))
    with cluster() as master, session(master, SETTINGS) as spark, SparkRunner(spark) as runner:
        found = roll_up(request, runner)
        hosts = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()  # the driver is one of them
    assert hosts == WORKERS + 1
    assert found == roll_up(whole)
    for window in windows():
        for case, answer in answers(many, found, window[0]):
            assert answer == Oracle(case, window).answers(), window
