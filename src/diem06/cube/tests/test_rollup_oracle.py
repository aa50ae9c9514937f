"""The rollup against a brute-force oracle in plain Python: small made-up provinces, facts and windows of both calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from diem06.cube.engine.balance import balances
from diem06.cube.engine.compact import compact
from diem06.cube.engine.postgres import PostgresRunner
from diem06.cube.engine.request import FACTS, Cells, CoverageRow, Pairing, Request
from diem06.cube.engine.rollup import roll_up, rolled
from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.leaves import month_of
from diem06.cube.tests.rollup_cases import (
    OLD,
    SOURCES,
    Case,
    Oracle,
    answers,
    cases,
    request_of,
    seeded_cases,
    windows,
)

RECORD_MONTHS = ("2023-05", "2023-06", "2023-07", "2023-08", "2023-09")
UNPAIRED = dict.fromkeys(("F", "S", "N", "D", "E"), Pairing.NONE)


@given(many=st.lists(cases(), min_size=1, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_cell_of_every_window_equals_the_oracle(many: list[Case]) -> None:
    """
    Flows, stocks and distinct counts of every area, unit, group and kind of place, what is reported, and what stands beside.

    Windows of both calendars, longer ones, and one that ends inside a leaf, before and after areas change, in one pass.
    """
    found = roll_up(request_of(many))
    for window in windows():
        for case, answer in answers(many, found, window[0]):
            assert answer == Oracle(case, window).answers(), window


def test_many_cases_with_more_facts_equal_the_oracle() -> None:
    """Sixty sides count people: their bits fill several masks."""
    many = seeded_cases(6, 30)
    with DuckDBRunner() as runner:
        result = rolled(request_of(many), runner)
        found = result.cells()
        rows = result.table("cell").num_rows
    assert rows == sum(len(cells.sides) for cells in found.values())  # each cell once
    for window in windows():
        for case, answer in answers(many, found, window[0]):
            assert answer == Oracle(case, window).answers(), window


@given(many=st.lists(cases(), min_size=1, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_compacted_facts_roll_up_to_the_same_cells(many: list[Case]) -> None:
    """The law of compaction, for every window made of whole leaves."""
    request = request_of(many, whole_leaves_only=True)
    with duckdb.connect() as engine:
        engine.register("facts", request.facts)
        compacted = engine.sql(compact(engine, "facts", SOURCES, request.kinds)).to_arrow_table()
        engine.register("again", compacted)
        twice = engine.sql(compact(engine, "again", SOURCES, request.kinds)).to_arrow_table()
    assert compacted.schema.names == request.facts.schema.names
    assert compacted.num_rows <= request.facts.num_rows
    assert twice.num_rows == compacted.num_rows
    whole = roll_up(request)
    assert roll_up(replace(request, facts=compacted)) == whole
    assert roll_up(replace(request, facts=twice)) == whole


@given(
    many=st.lists(cases(), min_size=1, max_size=8),
    late=st.sets(st.integers(0, 111)),
    back_to=st.sampled_from(RECORD_MONTHS),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_balances_of_records_roll_up_to_the_same_cells(many: list[Case], late: set[int], back_to: str) -> None:
    """
    The law of balances, for every window made of whole leaves: all in one pass, and each out of its own months alone.

    Some facts come late, so that balances are brought up to date from the first month on that they changed.
    """
    hold_the_law_of_balances(many, late, back_to)


@pytest.mark.parametrize("back_to", RECORD_MONTHS[1::2])
def test_balances_of_many_cases_roll_up_to_the_same_cells(back_to: str) -> None:
    """With more facts, a third of those since a month come late."""
    hold_the_law_of_balances(seeded_cases(8, 20), set(range(0, 2000, 3)), back_to)


def hold_the_law_of_balances(many: list[Case], late: set[int], back_to: str) -> None:
    """Of the facts with these numbers, those since the month `back_to` come late. Three of four tell a state of a record."""
    request = request_of([of_records(case) for case in many], whole_leaves_only=True)
    whole = roll_up(request)
    rows = request.facts.to_pylist()
    months = sorted({month_of(row["day"]) for row in rows})
    comes_late = [number in late and month_of(row["day"]) >= back_to for number, row in enumerate(rows)]
    since = min(
        (month_of(row["day"]) for row, is_late in zip(rows, comes_late, strict=True) if is_late), default="9999-12"
    )
    on_time = [row for row, is_late in zip(rows, comes_late, strict=True) if not is_late]
    with duckdb.connect() as engine:
        _rest, before = balanced(engine, request, on_time, months, {})
        kept = {month: table for month, table in before.items() if month < since}
        rest, held = balanced(engine, request, rows, months, kept)
    assert roll_up(replace(request, facts=pa.concat_tables([rest, *held.values()]))) == whole
    for span in request.spans:
        begins, ends = month_of(span.first_day), month_of(span.last_day)
        standing = max((month for month in months if month <= begins), default="")
        asked = [table for month, table in held.items() if month == standing or begins <= month <= ends]
        facts = pa.concat_tables([rest, *asked])
        assert roll_up(replace(request, facts=facts, spans=(span,)))[span.code] == whole[span.code], span.code


def of_records(case: Case) -> Case:
    states = {"source": "records", "entity": ""}
    facts = [
        {**fact, **states, "measure": ("stock", "whole")[number % 2]} if number % 4 else fact
        for number, fact in enumerate(case.facts)
    ]
    return replace(case, facts=tuple(facts))


def balanced(
    engine: duckdb.DuckDBPyConnection,
    request: Request,
    rows: list[dict[str, Any]],
    months: list[str],
    kept: Mapping[str, pa.Table],
) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Return facts without stocks of records, and the balances of these by month: those `kept`, and those after them."""
    engine.register("facts", pa.Table.from_pylist(rows, schema=FACTS))
    compacted = compact(engine, "facts", SOURCES, request.kinds)
    stocks = ", ".join(f"'{code}'" for code, kind in request.kinds.items() if kind == "stock")
    engine.execute(f"CREATE OR REPLACE TEMP VIEW compacted AS {compacted}")
    is_record = f"source = 'records' AND measure IN ({stocks})"
    rest = engine.sql(f"SELECT * FROM compacted WHERE NOT ({is_record})").to_arrow_table().cast(FACTS)
    later = [month for month in months if month not in kept]
    if not later:
        return rest, dict(kept)
    engine.register("before", kept[max(kept)] if kept else FACTS.empty_table())
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT * FROM compacted WHERE {is_record} AND day >= '{later[0]}-01'"
    )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE past AS SELECT * FROM compacted WHERE {is_record} AND day < '{later[0]}-01'"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE balance AS {balances(later, 'changed', 'past', 'before')}")
    select = f"SELECT {', '.join(FACTS.names)} FROM balance WHERE month = "
    made = {month: engine.sql(f"{select}'{month}'").to_arrow_table().cast(FACTS) for month in later}
    return rest, {**kept, **made}


def test_facts_in_files_and_in_a_table_are_one(tmp_path: Path) -> None:
    """What the lake holds and what the database holds besides add up."""
    request = request_of(seeded_cases(3, 5))
    file = tmp_path / "it's a file.parquet"
    parquet.write_table(request.facts.slice(0, 60), file)
    divided = replace(request, facts=request.facts.slice(60), files=(str(file),))
    assert roll_up(divided) == roll_up(request)
    only_files = replace(request, facts=request.facts.slice(0, 0), files=(str(file),))
    with DuckDBRunner(threads=1, memory_limit="500MB", spill=str(tmp_path / "spill")) as runner:
        from_files = roll_up(only_files, runner)
    assert from_files == roll_up(replace(request, facts=request.facts.slice(0, 60)))


@pytest.mark.django_db
def test_postgresql_gives_the_same_cells() -> None:
    """The same program, unchanged, on the database of the suite where that is PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL part")
    connection.ensure_connection()
    for seed in range(3):
        request = request_of(seeded_cases(seed, 20))
        with PostgresRunner(connection.connection) as runner:
            assert roll_up(request, runner) == roll_up(request)


# -- by hand -------------------------------------------------------------------------------------------------------------
def declared(area: str, value: int, dimensions: str = "") -> dict[str, Any]:
    return {
        "measure": "people", "source": "declared", "day": date(2023, 7, 14), "area": area, "unit": "u1", "place": "",
        "dimensions": dimensions, "entity": "", "value": value, "record": f"{area}{dimensions}", "area_valid_from": OLD,
        "recorded_at": datetime(2023, 7, 14, tzinfo=UTC), "n": 1,
    }  # fmt: skip


def cells_of(*rows: dict[str, Any], coverage: tuple[CoverageRow, ...] = ()) -> Cells:
    return roll_up(request_of([Case(rows, coverage, UNPAIRED)]))["nd09 2023-07"]


def test_a_declared_distinct_count_is_read_and_never_added_up() -> None:
    """The province's own total stands, although its districts add up to more; a level nobody declared has no value."""
    sides = cells_of(declared("p", 10), declared("d1", 7), declared("d1", 6, "k=x")).sides
    assert sides["0.D", "den", "p", ""].value == 10
    assert sides["0.D", "den", "d1", ""].value == 7
    assert sides["0.D", "num", "d1", ""].value == 6
    assert ("0.D", "num", "p", "") not in sides
    assert ("0.D", "den", "d2", "") not in sides


def test_a_carried_snapshot_is_stale() -> None:
    """An imported state of the month before goes on, and says so."""
    row = {**declared("c1", 5), "measure": "whole", "source": "file", "day": date(2023, 6, 14)}
    side = cells_of(row).sides["0.N", "num", "c1", ""]
    assert side.value == 5
    assert side.is_stale


def test_one_person_in_two_communes_is_one_in_the_district() -> None:
    """And one for each of the units that saw them, and one for the group of both units."""
    rows = [
        {**declared(area, 1), "source": "records", "entity": "e1", "unit": unit, "place": "gate:1"}
        for area, unit in (("c1", "u1"), ("c2", "u2"))
    ]
    sides = cells_of(*rows).sides
    where = [("c1", ""), ("c2", ""), ("d1", ""), ("d1", "u1"), ("d1", "u2"), ("d1", "kind:office"), ("p", "place:gate")]
    assert [sides["0.D", "den", area, who].value for area, who in where] == [1] * 7


def test_a_compacted_row_counts_for_all_facts_that_it_stands_for() -> None:
    row = {**declared("c1", 12), "measure": "flow", "source": "records", "n": 5}
    assert cells_of(row).sides["0.F", "den", "p", ""].facts == 5


def test_a_covering_source_silences_what_is_declared_for_all_but_not_for_the_unit() -> None:
    """The covered province has nobody; what the unit stated stays the unit's. Names without coverage silence nothing."""
    everywhere = CoverageRow(source="records", measure="people", area="", unit="")
    covered = cells_of(declared("p", 10), coverage=(everywhere,)).sides
    assert covered["0.D", "den", "p", ""].value == 0
    assert covered["0.D", "den", "p", "u1"].value == 10
    named = {**declared("p", 1), "source": "records", "entity": "e1", "unit": "u2"}
    sides = cells_of(declared("p", 10), named).sides
    assert (sides["0.D", "den", "p", ""].value, sides["0.D", "den", "p", "u2"].value) == (10, 1)


def test_a_cell_is_given_by_a_value_of_its_own_day_alone() -> None:
    flow = {**declared("c3", 4, "k=x"), "measure": "flow"}
    earlier = {**flow, "day": date(2023, 7, 1)}
    assert cells_of(flow).reported["0.F", "c3"]["u1"].given == 1
    assert cells_of(earlier).reported["0.F", "c3"]["u1"].given == 0
