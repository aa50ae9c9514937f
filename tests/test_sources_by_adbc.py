"""
Each source is plain stored columns: the same question through ADBC, the driver that streams a province's facts to Parquet,
gives the same rows as Django, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from diem06.core.roster import HISTORY_COLUMNS, installed_sources
from diem06.cube.lake.extraction import ALWAYS, snapshot
from tests.test_second_plan import AT, declare, load, toy
from tests.toy.measures import COUNTER, FILE


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.astimezone(UTC) if hasattr(value, "astimezone") else value for value in row)


@pytest.mark.django_db(transaction=True)
def test_every_source_gives_the_same_facts_by_adbc(tmp_path: Path) -> None:
    """Declared values with a correction, unit plans, reports and the toy's two sources: equal row by row, every column filled."""
    loaded = load(tmp_path)
    for value in (50, 60):
        declare(
            loaded, "phong-gddt", {("meals_served", "paid_by=state", "99101"): value, ("pupils_eating", "", "991"): 9}
        )
    toy(COUNTER, "pupils_eating", "99101", entity="an")
    toy(FILE, "schools", "99102", 3, dimensions="kitchen=standard", superseded_at=AT)
    seen, superseded = 0, 0
    with snapshot() as database:
        for source in installed_sources():
            wanted = [plain(row) for row in source.facts(*ALWAYS).values_list(*HISTORY_COLUMNS)]
            got = [
                tuple(row.values()) for batch in database.history(source.facts, *ALWAYS) for row in batch.to_pylist()
            ]
            assert sorted(got, key=str) == sorted(wanted, key=str), source.code
            assert all(None not in row[:-1] for row in got)
            assert {row[1] for row in got} <= {source.code}, "a row says which source it is of"
            seen += len(got)
            superseded += sum(row[-1] is not None for row in got)
    assert seen >= 9
    assert superseded == 2
