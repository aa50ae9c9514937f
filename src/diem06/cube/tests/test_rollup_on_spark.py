"""The rollup on a standalone Spark cluster of two workers; `soak/spark_rollup.py` and `soak/nation.py` run more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.spark import SparkRunner, session
from diem06.cube.packets import result
from diem06.cube.packets.form import content_of, opened
from diem06.cube.packets.tests.made_up import five, packet_of
from diem06.cube.tests.rollup_cases import Oracle, answers, crowd, request_of, seeded_cases, windows
from diem06.cube.tests.spark_cluster import SETTINGS, WORKERS, cluster


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One cluster and one session for all: they take longer to come up than the tests take."""
    with cluster() as master, session(master, SETTINGS) as made:
        yield made


def test_the_same_program_on_two_workers_equals_the_oracle(spark: Any, tmp_path: Path) -> None:
    """Half of the facts come out of a file that the workers read, the others from this process."""
    many = seeded_cases(11, 12)
    whole = request_of(many)
    file, half = tmp_path / "facts.parquet", whole.facts.num_rows // 2
    parquet.write_table(whole.facts.slice(0, half), file)
    request = replace(whole, facts=whole.facts.slice(half), files=(str(file),))
    with SparkRunner(spark) as runner:
        found = roll_up(request, runner)
    hosts = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()  # the driver is one of them
    assert hosts == WORKERS + 1
    assert found == roll_up(whole)
    for window in windows():
        for case, answer in answers(many, found, window[0]):
            assert answer == Oracle(case, window).answers(), window


def test_packets_of_five_provinces_on_two_workers_equal_duckdb(spark: Any, tmp_path: Path) -> None:
    """Every figure of the country, of each province, area and unit, out of files that the workers read."""
    packets = [content_of(opened(packet_of(province))) for province in five(seed=21, size=40)]
    files = tuple(str(tmp_path / f"{packet.province}.parquet") for packet in packets)
    for packet, file in zip(packets, files, strict=True):
        result.keep_facts(packet, Path(file))
    with SparkRunner(spark) as runner:
        found = result.roll_up(packets, runner, files=files)
    assert found.num_rows > 300
    assert found.equals(result.roll_up(packets))


def test_estimates_on_two_workers_are_the_whole_numbers_of_duckdb(spark: Any) -> None:
    """Registers of three thousand people, merged over areas, units and windows."""
    with SparkRunner(spark) as runner:
        assert roll_up(crowd(3_000), runner) == roll_up(crowd(3_000))
