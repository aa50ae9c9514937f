"""The rollup against a brute-force oracle in plain Python, on small random provinces and facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.cube.engine.request import FACTS, CoverageRow, ExpectedRow, Pairing, Request, Side, SourceRow, TermRow
from diem06.cube.engine.rollup import roll_up

FIRST, LAST = date(2023, 6, 15), date(2023, 7, 14)
EARLIER = date(2023, 6, 14)
PARENT: dict[str, str | None] = {"p": None, "d1": "p", "d2": "p", "c1": "d1", "c2": "d1", "c3": "d2"}
LEVELS = {"p": "province", "d1": "district", "d2": "district", "c1": "commune", "c2": "commune", "c3": "commune"}
UNITS = ("u1", "u2")
SOURCES = (
    SourceRow(code="records", rank=0, is_record_stock=True, carries=False),
    SourceRow(code="file", rank=1, is_record_stock=False, carries=True),
    SourceRow(code="declared", rank=2, is_record_stock=False, carries=False),
)
KINDS = {"flow": "flow", "stock": "stock", "whole": "stock", "people": "distinct"}
TERMS = (
    TermRow(part="F", side="num", sign=1, measure="flow", where=(("k", ("x",)),)),
    TermRow(part="F", side="den", sign=1, measure="flow", where=()),
    TermRow(part="S", side="num", sign=1, measure="stock", where=()),
    TermRow(part="S", side="den", sign=1, measure="whole", where=()),
    TermRow(part="N", side="num", sign=1, measure="whole", where=()),
    TermRow(part="N", side="num", sign=-1, measure="stock", where=(("k", ("x", "y")),)),
    TermRow(part="D", side="num", sign=1, measure="people", where=(("k", ("x",)),)),
    TermRow(part="D", side="den", sign=1, measure="people", where=()),
)


def above(area: str) -> list[str]:
    """The area itself and all that it lies in."""
    chain: list[str] = []
    here: str | None = area
    while here is not None:
        chain.append(here)
        here = PARENT[here]
    return chain


CLOSURE = tuple((area, up) for area in PARENT for up in above(area))

fact_rows = st.fixed_dictionaries(
    {
        "measure": st.sampled_from([*KINDS, "unknown"]),
        "source": st.sampled_from(["records", "file", "declared"]),
        "day": st.sampled_from([EARLIER, FIRST, date(2023, 7, 1), LAST, date(2023, 7, 15)]),
        "area": st.sampled_from([*PARENT, "gone", "elsewhere"]),
        "unit": st.sampled_from(UNITS),
        "place": st.sampled_from(["", "gate"]),
        "dimensions": st.sampled_from(["", "k=x", "k=y"]),
        "entity": st.sampled_from(["e1", "e2", "e3"]),
        "value": st.integers(0, 9),
        "record": st.sampled_from(["r1", "r2"]),
    }
)
coverages = st.lists(
    st.builds(
        CoverageRow,
        source=st.sampled_from(["records", "file"]),
        measure=st.sampled_from(list(KINDS)),
        area=st.sampled_from(["", *PARENT]),
        unit=st.just(""),
    ),
    max_size=3,
    unique=True,
)
pairings = st.fixed_dictionaries({"F": st.sampled_from(list(Pairing)), "S": st.sampled_from(list(Pairing))})


def request_of(rows: list[dict[str, Any]], covered: list[CoverageRow], pairing: dict[str, Pairing]) -> Request:
    facts = [
        {
            **row,
            "entity": row["entity"] if row["measure"] == "people" and row["source"] != "declared" else "",
            "recorded_at": datetime(2023, 7, 14, 0, 0, number % 60, tzinfo=UTC),
            "area_valid_from": date(2023, 4, 10),
        }
        for number, row in enumerate(rows)
    ]
    expected = tuple(
        ExpectedRow(measure="people", dimensions=text, area=area, unit="u1", month=LAST.isoformat())
        for text in ("", "k=x")
        for area in ("p", "d1")
    )
    return Request(
        facts=pa.Table.from_pylist(facts, schema=FACTS),
        sources=SOURCES,
        coverage=tuple(covered),
        kinds=KINDS,
        terms=TERMS,
        pairing={"N": Pairing.NONE, "D": Pairing.NONE, **pairing},
        expected=expected,
        closure=CLOSURE,
        taken_over=(("gone", date(2023, 4, 10), "c3"),),
        root="p",
        first_day=FIRST,
        last_day=LAST,
        stock_from=FIRST,
        is_period=True,
        distinct_levels={"people": ("province", "district")},
        levels=LEVELS,
    )


class Oracle:
    """The same answers by looking at every fact again and again."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.rank = {source.code: source.rank for source in request.sources}
        moved = {old: now for old, _, now in request.taken_over}
        self.facts = [
            {**fact, "area": moved.get(fact["area"], fact["area"])}
            for fact in request.facts.to_pylist()
            if fact["measure"] in KINDS and fact["day"] <= LAST
        ]

    def covering(self, measure: str, area: str) -> int | None:
        """The rank of the strongest source that covers a measure in an area."""
        if area not in PARENT:
            return None
        ranks = [
            self.rank[row.source]
            for row in self.request.coverage
            if row.measure == measure and (row.area == "" or row.area in above(area))
        ]
        return min(ranks, default=None)

    def counted(self, fact: dict[str, Any]) -> Any:
        """Is the fact one of those that a flow or stock is made of, by kind and day alone?"""
        if KINDS[fact["measure"]] == "flow":
            return fact["day"] >= FIRST
        if fact["source"] == "declared":
            return fact["day"] == LAST
        if fact["source"] == "records":
            same = [f for f in self.facts if all(f[k] == fact[k] for k in ("measure", "source", "record"))]
            latest = max(same, key=lambda f: (f["day"], f["recorded_at"]))
            return fact is latest
        keys = ("measure", "source", "area", "unit", "dimensions", "place")
        same = [f for f in self.facts if all(f[k] == fact[k] for k in keys)]
        return fact["day"] == max(f["day"] for f in same)

    def leaves(self) -> list[dict[str, Any]]:
        """The facts of flows and stocks that count, after the strongest source has won each cell."""
        additive = [f for f in self.facts if KINDS[f["measure"]] != "distinct" and self.counted(f)]
        here = defaultdict(set)
        for fact in additive:
            here[fact["measure"], fact["area"], fact["unit"]].add(self.rank[fact["source"]])
        kept = []
        for fact in additive:
            ranks = here[fact["measure"], fact["area"], fact["unit"]]
            winner = self.covering(fact["measure"], fact["area"])
            rank = self.rank[fact["source"]]
            if rank == winner if winner is not None else (rank == 2 or 2 not in ranks):
                kept.append(fact)
        return kept

    def sides(self) -> dict[tuple[str, str, str, str], int]:  # noqa: C901  brute force, on purpose in one place
        """Every side of every cell."""
        leaf: dict[tuple[str, str, str, str], int] = {}
        leaves = self.leaves()
        for term in TERMS:
            if KINDS[term.measure] == "distinct":
                continue
            for fact in leaves:
                if fact["measure"] == term.measure and self.falls_under(fact, term):
                    key = (term.part, term.side, fact["area"], fact["unit"])
                    leaf[key] = leaf.get(key, 0) + term.sign * fact["value"]
        zero = {
            (part, side, area)
            for part, side, measure in {(t.part, t.side, t.measure) for t in TERMS if KINDS[t.measure] != "distinct"}
            for area in PARENT
            if self.covering(measure, area) is not None
        }
        total: dict[tuple[str, str, str, str], int] = {}
        for (part, side, area, unit), value in leaf.items():
            if area in PARENT and self.is_paired(part, side, area, unit, leaf, zero):
                for up in above(area):
                    for who in ("", unit):
                        total[part, side, up, who] = total.get((part, side, up, who), 0) + value
        for part, side, area in zero:
            for up in above(area):
                total.setdefault((part, side, up, ""), 0)
        return total

    def is_paired(self, part: str, side: str, area: str, unit: str, leaf: Any, zero: Any) -> bool:
        mode = self.request.pairing[part]
        if mode is Pairing.NONE:
            return True
        other = "den" if side == "num" else "num"
        if (part, other, area) in zero:
            return True
        return any(
            p == part and s == other and (mode is Pairing.UNIT or a == area) and (mode is Pairing.AREA or u == unit)
            for p, s, a, u in leaf
        )

    @staticmethod
    def falls_under(fact: dict[str, Any], term: TermRow) -> bool:
        held = dict(pair.split("=") for pair in fact["dimensions"].split(";") if pair)
        return all(held.get(name) in values for name, values in term.where)

    def distinct(self) -> dict[tuple[str, str, str, str], int]:
        seen: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        for term in (term for term in TERMS if term.measure == "people"):
            for fact in self.facts:
                is_entity = fact["measure"] == "people" and fact["entity"] and fact["day"] >= FIRST
                if is_entity and fact["area"] in PARENT and self.falls_under(fact, term):
                    for up in above(fact["area"]):
                        for who in ("", fact["unit"]):
                            seen[term.part, term.side, up, who].add(fact["entity"])
        return {key: len(entities) for key, entities in seen.items()}


def value_of(sides: dict[tuple[str, str, str, str], Side], key: tuple[str, str, str, str]) -> int | None:
    return sides[key].value if key in sides else None


@given(rows=st.lists(fact_rows, max_size=14), covered=coverages, pairing=pairings)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_additive_cells_equal_the_oracle(
    rows: list[dict[str, Any]], covered: list[CoverageRow], pairing: dict[str, Pairing]
) -> None:
    """Flows and stocks of every area, unit and part equal what looking at each fact gives."""
    request = request_of(rows, covered, pairing)
    got = {key: side.value for key, side in roll_up(request).sides.items() if key[0] != "D"}
    assert got == Oracle(request).sides()


@given(rows=st.lists(fact_rows, max_size=14), covered=coverages)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_distinct_counts_equal_the_oracle_where_records_hold_the_field(
    rows: list[dict[str, Any]], covered: list[CoverageRow]
) -> None:
    """People are counted once per cell at each level, not added up; a covered area without any has zero."""
    rows = [row for row in rows if row["source"] != "declared"]
    request = request_of(rows, covered, {"F": Pairing.NONE, "S": Pairing.NONE})
    oracle = Oracle(request)
    wanted: dict[tuple[str, str, str, str], int | None] = dict(oracle.distinct())
    for side in ("num", "den"):
        for area in PARENT:
            if oracle.covering("people", area) is not None:
                wanted.setdefault(("D", side, area, ""), 0)
    got = {key: side.value for key, side in roll_up(request).sides.items() if key[0] == "D"}
    assert got == wanted


def declared(area: str, value: int, dimensions: str = "") -> dict[str, Any]:
    return {
        "measure": "people", "source": "declared", "day": LAST, "area": area, "unit": "u1", "place": "",
        "dimensions": dimensions, "entity": "", "value": value, "record": f"{area}{dimensions}",
    }  # fmt: skip


def test_a_declared_distinct_count_is_read_and_never_added_up() -> None:
    """The province's own total stands, although its districts add up to more; a level nobody declared has no value."""
    rows = [declared("p", 10), declared("d1", 7), declared("d1", 6, "k=x")]
    cells = roll_up(request_of(rows, [], {"F": Pairing.NONE, "S": Pairing.NONE}))
    assert value_of(cells.sides, ("D", "den", "p", "")) == 10
    assert value_of(cells.sides, ("D", "den", "d1", "")) == 7
    assert value_of(cells.sides, ("D", "num", "d1", "")) == 6
    assert value_of(cells.sides, ("D", "num", "p", "")) is None
    assert value_of(cells.sides, ("D", "den", "d2", "")) is None


def test_a_carried_snapshot_is_stale() -> None:
    """An imported state of the month before goes on, and says so."""
    row = {**declared("c1", 5), "measure": "whole", "source": "file", "day": EARLIER}
    cells = roll_up(request_of([row], [], {"F": Pairing.NONE, "S": Pairing.NONE}))
    assert cells.sides["N", "num", "c1", ""].value == 5
    assert cells.sides["N", "num", "c1", ""].is_stale
