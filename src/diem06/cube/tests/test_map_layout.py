"""The rollup on the map of another day against a brute-force oracle: made-up provinces that change, made-up facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diem06.core.areas.tests.countries import DAYS, Choose, Country, make_country
from diem06.cube.engine.postgres import PostgresRunner
from diem06.cube.engine.request import FACTS, Cells, CoverageRow, Pairing, Request, Side, SourceRow, Span, TermRow
from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.runner import Runner
from diem06.cube.map_layout import Layout

SOURCES = (
    SourceRow(code="records", rank=0, is_record_stock=False, carries=False),
    SourceRow(code="declared", rank=2, is_record_stock=False, carries=False),
)
KINDS = {"flow": "flow", "people": "distinct"}
TERMS = (
    TermRow(part="F", side="num", sign=1, measure="flow", where=(("k", ("x",)),)),
    TermRow(part="F", side="den", sign=1, measure="flow", where=()),
    TermRow(part="D", side="num", sign=1, measure="people", where=()),
)
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each example rolls up twice: making a failing one smaller would take minutes."""
SIDES = (("F", "num", False), ("F", "den", False), ("D", "num", True))


@dataclass(frozen=True)
class Case:
    """Facts of a month of one state of a province, seen on the map of another."""

    country: Country
    own: int
    other: int
    facts: tuple[dict[str, Any], ...]
    coverage: tuple[CoverageRow, ...]
    pairing: Pairing

    @property
    def day(self) -> date:
        return DAYS[self.own]

    @cached_property
    def layout(self) -> Layout:
        return Layout(
            self.country.trees[self.own],
            self.day,
            self.country.trees[self.other],
            DAYS[self.other],
            lay=self.country.lay,
        )

    @cached_property
    def moved(self) -> dict[tuple[str, date], str]:
        """Facts of areas that are gone lie in the largest heir of the own day, as on every map."""
        found = {}
        for code, since in self.country.rows:
            if since < self.day and (code, since) not in {(a.code, a.valid_from) for a in self.layout.own}:
                pieces = self.country.lay(code, since, self.day).pieces
                if pieces:
                    found[code, since] = pieces[0].code
        return found

    def own_span(self, number: int) -> Span:
        """The month on its own map; measures and parts carry the number of the case, so that many cases go in one request."""
        tree = self.layout.own
        here = {(area.code, area.valid_from) for area in tree}
        return Span(
            code=f"{number}.own",
            first_day=self.day,
            last_day=self.day + timedelta(days=29),
            stock_from=self.day,
            is_period=True,
            closure=tuple((a.code, up.code) for a in tree for up in (a, *tree.ancestors(a.code))),
            levels={area.code: area.level.value for area in tree},
            taken_over=tuple((*old, now) for old, now in self.moved.items() if old not in here),
            coverage=tuple(replace(row, measure=f"{number}.{row.measure}") for row in self.coverage),
            pairing={f"{number}.F": self.pairing, f"{number}.D": Pairing.NONE},
        )

    def spans(self, number: int) -> tuple[Span, Span]:
        own = self.own_span(number)
        areas = {(fact["area"], fact["area_valid_from"]) for fact in self.facts}
        return own, replace(self.layout.span(own, areas), code=f"{number}.map")


def rolled(many: Sequence[Case], runner: Runner | None = None) -> dict[str, Cells]:
    """Roll all cases up, each on its own map and on the other."""
    facts = [
        {**fact, "measure": f"{number}.{fact['measure']}"} for number, case in enumerate(many) for fact in case.facts
    ]
    request = Request(
        facts=pa.Table.from_pylist(facts, schema=FACTS),
        sources=SOURCES,
        kinds={f"{number}.{code}": kind for number in range(len(many)) for code, kind in KINDS.items()},
        terms=tuple(
            replace(term, part=f"{number}.{term.part}", measure=f"{number}.{term.measure}")
            for number in range(len(many))
            for term in TERMS
        ),
        root="p",
        spans=tuple(span for number, case in enumerate(many) for span in case.spans(number)),
    )
    return roll_up(request, runner)


Values = dict[tuple[str, str, str], Decimal | None]


def values(case: Case, number: int, cells: dict[str, Cells], *, by_difference: bool) -> Values:
    """
    What the program says of each side of each area of the map.

    `by_difference`: sums are taken from the rollup of the own map, each area less its parts, and not counted anew.
    """
    layout, own, anew = case.layout, cells[f"{number}.own"], cells[f"{number}.map"]
    found: Values = {}
    for part, name, is_distinct in SIDES:

        def side(node: str, of: Cells, key: tuple[str, str] = (f"{number}.{part}", name)) -> Side:
            return of.sides.get((*key, node, ""), Side())

        def of_area(code: str, side: Any = side, is_distinct: bool = is_distinct) -> Side:
            if by_difference and not is_distinct:
                return layout.without_parts(code, lambda each: side(each, own))
            return side(layout.node(code), anew)  # type: ignore[no-any-return]

        for area in layout.tree:
            whole = [side(area.code, anew)]
            if by_difference and not is_distinct:
                whole = [of_area(code) for code in layout.whole.get(area.code, ())]
            value = layout.side(area.code, whole, of_area, is_distinct=is_distinct).value
            found[part, name, area.code] = None if value is None else Decimal(value)
    return found


def make_case(choose: Choose, *, facts: int) -> Case:
    country = make_country(choose, all_known=choose((True, False)))
    own, other = choose((0, 1, 2)), choose((0, 1, 2))
    areas = [*country.rows, *((a.code, a.valid_from) for a in country.trees[own]), ("nowhere", DAYS[0])]
    known = [each for each in areas if each[1] <= DAYS[own]]
    few = [choose(known) for _number in range(5)]
    rows = tuple(_fact(choose, number, few, DAYS[own]) for number in range(facts))
    tree = country.trees[own]
    coverage = {
        CoverageRow(
            source="records",
            measure=choose(("flow", "people")),
            area=choose(("", "p", *(area.code for area in tree))),
            unit=choose(("", "", "u1")),
        )
        for _number in range(choose(range(4)))
    }
    return Case(
        country, own, other, rows, tuple(sorted(coverage, key=repr)), choose((Pairing.NONE, Pairing.CELL, Pairing.AREA))
    )


def _fact(choose: Choose, number: int, areas: Sequence[tuple[str, date]], day: date) -> dict[str, Any]:
    measure = choose(("flow", "flow", "people"))
    area, since = choose(areas)
    return {
        "measure": measure,
        "source": "records" if measure == "people" else choose(("records", "declared")),
        "day": day + timedelta(days=choose((-1, 0, 3, 29))),
        "recorded_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        "area": area,
        "area_valid_from": since,
        "unit": choose(("u1", "u2")),
        "place": "",
        "dimensions": choose(("", "k=x")),
        "entity": choose(("e1", "e2", "e3")) if measure == "people" else "",
        "value": choose(range(6)),
        "record": f"r{number}",
        "n": 1,
    }


@st.composite
def cases(draw: Any) -> Case:
    return make_case(lambda options: draw(st.sampled_from(options)), facts=draw(st.integers(0, 16)))


# -- the oracle ----------------------------------------------------------------------------------------------------------
class Oracle:
    """Look at every fact for every side of every area of the map."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.own = case.layout.own
        last = case.day + timedelta(days=29)
        here = {(area.code, area.valid_from): area.code for area in self.own}
        self.facts = [
            {**fact, "area": found}
            for fact in case.facts
            if case.day <= fact["day"] <= last
            and (found := (case.moved | here).get((fact["area"], fact["area_valid_from"])))
        ]

    def is_covered(self, measure: str, area: str, units: set[str]) -> bool:
        up = {"", area, *(each.code for each in self.own.ancestors(area))}
        return any(row.measure == measure and row.area in up and row.unit in units for row in self.case.coverage)

    def counts(self, fact: dict[str, Any]) -> bool:
        """Is the source the one that counts where the fact lies?"""
        if self.is_covered("flow", fact["area"], {"", fact["unit"]}):
            return bool(fact["source"] == "records")
        same = [
            f for f in self.facts if f["measure"] == "flow" and (f["area"], f["unit"]) == (fact["area"], fact["unit"])
        ]
        return fact["source"] == "declared" or all(f["source"] != "declared" for f in same)

    def leaves(self, side: str) -> list[dict[str, Any]]:
        return [
            fact
            for fact in self.facts
            if fact["measure"] == "flow" and (side == "den" or fact["dimensions"] == "k=x") and self.counts(fact)
        ]

    def is_paired(self, fact: dict[str, Any], side: str) -> bool:
        if self.case.pairing is Pairing.NONE or self.is_covered("flow", fact["area"], {"", fact["unit"]}):
            return True
        by_unit = self.case.pairing is Pairing.CELL
        return any(
            other["area"] == fact["area"] and (not by_unit or other["unit"] == fact["unit"])
            for other in self.leaves("den" if side == "num" else "num")
        )

    def sum_at(self, side: str, area: str) -> int | None:
        """The numbers that lie in an area of the own day itself, and in none of its parts."""
        mine = [f["value"] for f in self.leaves(side) if f["area"] == area and self.is_paired(f, side)]
        return sum(mine) if mine or self.is_covered("flow", area, {"", "u1"}) else None

    def people_at(self, area: str) -> set[str]:
        return {f["entity"] for f in self.facts if f["measure"] == "people" and f["area"] == area}

    def values(self) -> dict[tuple[str, str, str], Decimal | None]:
        found: dict[tuple[str, str, str], Decimal | None] = {}
        for area in self.case.layout.tree:
            for side in ("num", "den"):
                found["F", side, area.code] = self.sum_in(side, area.code)
            found["D", "num", area.code] = self.people_in(area.code)
        return found

    def lying(self, area: str) -> dict[str, Decimal | None]:
        """The areas of the own day that lie in an area of the map, each with its share."""
        found = {}
        for each in self.own:
            shares = self.case.country.lay(each.code, each.valid_from, DAYS[self.case.other]).shares
            if area in shares:
                found[each.code] = shares[area].share
        return found

    def sum_in(self, side: str, area: str) -> Decimal | None:
        known = {
            code: (share, value)
            for code, share in self.lying(area).items()
            if (value := self.sum_at(side, code)) is not None
        }
        if not known or any(share is None and value for share, value in known.values()):
            return None
        return sum((Decimal(value) * (share or Decimal()) for share, value in known.values()), Decimal())

    def is_whole(self, code: str, area: str) -> bool:
        """Does all of an area of the own day lie here, and surely none of it elsewhere?"""
        own, tree = self.own.get(code), self.case.layout.tree
        shares = self.case.country.lay(code, own.valid_from, DAYS[self.case.other]).shares
        here = {area, *(each.code for each in (*tree.ancestors(area), *tree.descendants(area)))}
        return shares[area].share == 1 and all(each in here or piece.share == 0 for each, piece in shares.items())

    def people_in(self, area: str) -> Decimal | None:
        """Everybody once; nobody can say of whom in a divided area how many would lie here."""
        lying = self.lying(area)
        whole = {code for code in lying if self.is_whole(code, area)}
        people = set().union(*(self.people_at(code) for code in whole))
        if any(self.people_at(code) for code in lying.keys() - whole):
            return None
        tree = self.case.layout.tree
        inside = [area, *(each.code for each in tree.descendants(area))]
        known = [self.lying(each) for each in inside]
        is_covered = all(known) and all(self.is_covered("people", code, {""}) for each in known for code in each)
        of_cut = any(self.is_covered("people", code, {""}) for code in lying.keys() - whole)
        return Decimal(len(people)) if people or is_covered or of_cut else None


@given(many=st.lists(cases(), min_size=1, max_size=8))
@settings(max_examples=10, deadline=None, phases=WITHOUT_SHRINKING, suppress_health_check=list(HealthCheck))
def test_every_area_of_every_map_equals_the_oracle(many: list[Case]) -> None:
    """
    Sums and people of each area of the map: whole areas exactly, divided ones by their shares, what cannot be divided without
    a value; which source counts and what is paired as on the own map. On a later map the province has what it has on its own;
    only that nobody was counted is not known where the map reaches beyond the areas of the own day.
    """
    cells = rolled(many)
    for number, case in enumerate(many):
        oracle = Oracle(case)
        wanted = oracle.values()
        assert values(case, number, cells, by_difference=True) == wanted
        assert values(case, number, cells, by_difference=False) == wanted
        if case.other >= case.own:
            own = cells[f"{number}.own"].sides
            reaches_beyond = not all(oracle.lying(area.code) for area in case.layout.tree)
            for part, name, is_distinct in SIDES:
                whole = own.get((f"{number}.{part}", name, "p", ""), Side()).value
                if is_distinct and reaches_beyond and wanted[part, name, "p"] is None:
                    whole = whole or None
                assert wanted[part, name, "p"] == whole


@pytest.mark.django_db
def test_postgresql_gives_the_same_maps() -> None:
    """The same program on the database of the suite where that is PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL part")
    connection.ensure_connection()
    random = Random(37)
    many = [make_case(random.choice, facts=16) for _number in range(12)]
    with PostgresRunner(connection.connection) as runner:
        cells = rolled(many, runner)
    for number, case in enumerate(many):
        assert values(case, number, cells, by_difference=True) == Oracle(case).values()
