"""
Small made-up cases for the rollup, and an oracle that answers them by looking at every fact again and again.

Cases differ in their facts, coverage and pairing; windows, areas and units are the same, so that many cases fit in one request:
the measures and parts of each carry its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import md5
from itertools import permutations
from random import Random
from typing import Any, TypeVar

import pyarrow as pa
from hypothesis import strategies as st

from diem06.cube.engine import sketch
from diem06.cube.engine.request import (
    FACTS,
    Cells,
    CoverageRow,
    ExpectedRow,
    Pairing,
    Request,
    SourceRow,
    Span,
    TermRow,
)

T = TypeVar("T")
SideSays = tuple[int, tuple[int, int, int], int, bool, bool]
"""Value, weights by rank, number of facts, is it stale, is it an estimate."""
ZERO: SideSays = (0, (0, 0, 0), 0, False, False)
Choose = Callable[[Sequence[Any]], Any]
Key = tuple[str, str, str, str]

OLD, NEW = date(2023, 4, 10), date(2023, 8, 1)
"""First days of areas: on the second, c1 and c2 become c4, and c3 gets new bounds."""
BEFORE: Mapping[str, str] = {"p": "", "d1": "p", "d2": "p", "c1": "d1", "c2": "d1", "c3": "d2"}
AFTER: Mapping[str, str] = {"p": "", "d1": "p", "d2": "p", "c4": "d1", "c3": "d2"}
LEVELS = {"p": "province", "d1": "district", "d2": "district"}
GROUPS = (("u1", "kind:office"), ("u2", "kind:office"), ("u2", "under:u1"))
SOURCES = (
    SourceRow(code="records", rank=0, is_record_stock=True, carries=False),
    SourceRow(code="file", rank=1, is_record_stock=False, carries=True),
    SourceRow(code="counts", rank=1, is_record_stock=False, carries=False),
    SourceRow(code="declared", rank=2, is_record_stock=False, carries=False),
)
RANK = {source.code: source.rank for source in SOURCES}
KINDS = {"flow": "flow", "stock": "stock", "whole": "stock", "people": "distinct", "crowd": "distinct"}
PARTS = {"people": "D", "crowd": "E"}
"""The part that counts each distinct measure; the crowd is estimated."""
ENTITIES = {
    "people": ("e1", "e2", "e3"),
    "crowd": ("e1", "e2", "e3", "e31", "e144", "e33", "e46", "e128", "e6602", "e8170", "e28837", "e8", "e402719"),
}
"""Of the crowd two share a register (31 and 144); the first one-bits of the later ones stand ever farther behind."""
ORDERS = tuple(permutations((0, 1, 2)))
TERMS = (
    TermRow(part="F", side="num", sign=1, measure="flow", where=(("k", ("x",)),)),
    TermRow(part="F", side="den", sign=1, measure="flow", where=()),
    TermRow(part="S", side="num", sign=1, measure="stock", where=()),
    TermRow(part="S", side="den", sign=1, measure="whole", where=()),
    TermRow(part="N", side="num", sign=1, measure="whole", where=()),
    TermRow(part="N", side="num", sign=-1, measure="stock", where=(("k", ("x", "y")),)),
    TermRow(part="D", side="num", sign=1, measure="people", where=(("k", ("x",)),)),
    TermRow(part="D", side="den", sign=1, measure="people", where=()),
    TermRow(part="E", side="num", sign=1, measure="crowd", where=(("k", ("x",)),)),
    TermRow(part="E", side="den", sign=1, measure="crowd", where=()),
)
DISTINCT_LEVELS = ("province", "district")
AREAS = (
    *(("p", OLD), ("d1", OLD), ("d2", OLD), ("c1", OLD), ("c2", OLD), ("c3", OLD)),
    *(("c3", NEW), ("c4", NEW), ("gone", date(2020, 1, 1)), ("elsewhere", OLD)),
)
DAYS = tuple(
    date(2023, month, day)
    for month, day in (
        *((5, 31), (6, 14), (6, 15), (7, 1), (7, 14), (7, 15)),
        *((7, 20), (7, 31), (8, 1), (8, 14), (8, 31), (9, 20)),
    )
)
LAST_DAYS = (date(2023, 7, 14), date(2023, 8, 14)) * 2
"""More often than other days: declared values are dated so."""
MONTHS = {
    "nd09 2023-07": (date(2023, 6, 15), date(2023, 7, 14)),
    "nd09 2023-08": (date(2023, 7, 15), date(2023, 8, 14)),
    "month 2023-07": (date(2023, 7, 1), date(2023, 7, 31)),
    "month 2023-08": (date(2023, 8, 1), date(2023, 8, 31)),
}
LONGER = {
    # code: (first day, last day, first day of the last period)
    "ptd": (date(2023, 6, 15), date(2023, 8, 14), date(2023, 7, 15)),
    "quarter": (date(2023, 6, 1), date(2023, 8, 31), date(2023, 8, 1)),
}
INSIDE_A_LEAF = {"nd09 until a deadline": (date(2023, 7, 15), date(2023, 7, 20))}


@dataclass(frozen=True)
class Case:
    facts: tuple[Mapping[str, Any], ...]
    coverage: tuple[CoverageRow, ...]
    pairing: Mapping[str, Pairing]
    precedence: tuple[tuple[date, str, tuple[int, ...]], ...] = ()  # (from, measure, ranks from the first to the last)

    def order_of(self, measure: str, last: date) -> tuple[int, ...]:
        """The ranks in the order in which they count in a window that ends on a day."""
        begun = [row for row in self.precedence if row[0] <= last and row[1] == measure]
        return max(begun)[2] if begun else (0, 1, 2)


def make_case(choose: Choose, *, facts: int) -> Case:
    """
    Make up a case: `choose` picks one of several. Few measures, areas, units and texts, so that facts meet.

    Every third case is about one distinct measure alone, in areas where units owe it.
    """
    people = choose((*PARTS, "", "", "", ""))
    few = {
        "measure": (people,) if people else tuple(choose((*KINDS, "unknown")) for _number in range(3)),
        "area": (*AREAS[:2], choose(AREAS)) if people else tuple(choose(AREAS) for _number in range(3)),
        "unit": tuple(choose(("u1", "u2", "u3")) for _number in range(2)),
        "dimensions": tuple(choose(("", "k=x", "k=y")) for _number in range(2)),
    }
    rows = tuple(_fact(choose, number, few) for number in range(facts))
    coverage = {_coverage(choose, few["measure"]) for _number in range(choose(range(4)))}
    pairing = {part: choose(tuple(Pairing)) for part in ("F", "S")}
    unpaired = dict.fromkeys(("N", *PARTS.values()), Pairing.NONE)
    orders = {(choose((OLD, NEW)), choose(few["measure"])): choose(ORDERS) for _number in range(choose(range(5)))}
    precedence = tuple(sorted((day, measure, order) for (day, measure), order in orders.items()))
    return Case(rows, tuple(sorted(coverage, key=repr)), {**unpaired, **pairing}, precedence)


def _fact(choose: Choose, number: int, few: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    source = choose(("records", "file", "counts", "declared"))
    measure = choose(few["measure"])
    area, valid_from = choose(few["area"])
    return {
        "measure": measure,
        "source": source,
        "day": choose(DAYS + LAST_DAYS * (4 if source == "declared" else 1)),
        "recorded_at": datetime(2023, 7, 14, tzinfo=UTC) + timedelta(minutes=number),
        "area": area,
        "area_valid_from": valid_from,
        "unit": choose(few["unit"]),
        "place": choose(("", "gate:1", "gate:2", "post:1")),
        "dimensions": choose(few["dimensions"]),
        "entity": choose(ENTITIES[measure]) if measure in PARTS and source != "declared" else "",
        "value": choose(range(10)),
        "record": choose(("r1", "r2")),
        "n": 1,
    }


def _coverage(choose: Choose, measures: Sequence[str]) -> CoverageRow:
    return CoverageRow(
        source=choose(("records", "file")),
        measure=choose(measures),
        area=choose(("", "p", "d1", "c1", "c3", "c4")),
        unit=choose(("", "", "u1")),
    )


def crowd(count: int) -> Request:
    """Ask for a crowd in which every third person was seen in two communes of one district, some by two sources."""
    day = {
        "day": date(2023, 7, 14),
        "recorded_at": datetime(2023, 7, 14, tzinfo=UTC),
        "area_valid_from": OLD,
        "value": 1,
        "n": 1,
    }
    rows = tuple(
        {
            **day, "measure": "crowd", "source": source, "area": area, "unit": f"u{1 + number % 2}", "place": "",
            "dimensions": "k=x" if number % 5 else "", "entity": f"person {number}", "record": f"r{number}",
        }
        for number in range(count)
        for area, source in (("c1", "records"), ("c2", "counts"))[: 1 + (number % 3 == 0)]
    )  # fmt: skip
    return request_of([Case(rows, (), {})])


@st.composite
def cases(draw: Any) -> Case:
    """Cases that hypothesis makes smaller until they are as simple as they may be."""
    return make_case(lambda options: draw(st.sampled_from(options)), facts=draw(st.integers(0, 14)))


def seeded_cases(seed: int, count: int) -> list[Case]:
    """Return `count` cases, each of up to 40 facts, the same for the same seed."""
    random = Random(seed)
    return [make_case(random.choice, facts=random.randrange(41)) for _number in range(count)]


# -- many cases as one request -------------------------------------------------------------------------------------------
def request_of(many: Sequence[Case], *, whole_leaves_only: bool = False) -> Request:
    """Put cases into one request; measures and parts of the third are called `2.flow` and `2.F`."""
    facts = [{**row, "measure": f"{number}.{row['measure']}"} for number, case in enumerate(many) for row in case.facts]
    return Request(
        facts=pa.Table.from_pylist(facts, schema=FACTS),
        sources=SOURCES,
        kinds={f"{number}.{code}": kind for number in range(len(many)) for code, kind in KINDS.items()},
        terms=tuple(_renamed(term, number) for number in range(len(many)) for term in TERMS),
        root="p",
        spans=tuple(_span(many, *window) for window in windows(whole_leaves_only=whole_leaves_only)),
        by_place=True,
        approximate=frozenset(f"{number}.crowd" for number in range(len(many))),
    )


def windows(*, whole_leaves_only: bool = False) -> Iterator[tuple[str, date, date, date, bool]]:
    """Yield (code, first day, last day, first day of the last period, is it a period)."""
    for code, (first, last) in {**MONTHS, **({} if whole_leaves_only else INSIDE_A_LEAF)}.items():
        yield code, first, last, first, True
    for code, (first, last, stock_from) in LONGER.items():
        yield code, first, last, stock_from, False


def _renamed(term: TermRow, number: int) -> TermRow:
    return TermRow(
        part=f"{number}.{term.part}",
        side=term.side,
        sign=term.sign,
        measure=f"{number}.{term.measure}",
        where=term.where,
    )


def _span(many: Sequence[Case], code: str, first: date, last: date, stock_from: date, is_period: bool) -> Span:
    tree = tree_of(last)
    return Span(
        code=code,
        first_day=first,
        last_day=last,
        stock_from=stock_from,
        is_period=is_period,
        closure=tuple((area, up) for area in tree for up in above(area, tree)),
        levels={area: LEVELS.get(area, "commune") for area in tree},
        taken_over=tuple((old, since, now) for (old, since), now in moved_by(last).items()),
        coverage=tuple(
            CoverageRow(source=row.source, measure=f"{number}.{row.measure}", area=row.area, unit=row.unit)
            for number, case in enumerate(many)
            for row in case.coverage
        ),
        expected=tuple(
            ExpectedRow(measure=f"{number}.{measure}", dimensions=text, area=area, unit=unit, day=last)
            for number in range(len(many))
            for measure, text, area, unit in owed()
        ),
        pairing={f"{number}.{part}": mode for number, case in enumerate(many) for part, mode in case.pairing.items()},
        distinct_levels={f"{number}.{code}": DISTINCT_LEVELS for number in range(len(many)) for code in PARTS},
        groups=GROUPS,
        precedence={
            f"{number}.{code}": case.order_of(code, last)
            for number, case in enumerate(many)
            for code in KINDS
            if case.precedence
        },
    )


def owed() -> Iterator[tuple[str, str, str, str]]:
    """Yield what is owed on the last day of each window: (measure, dimensions, area, unit)."""
    for text in ("", "k=x"):
        for measure in PARTS:
            yield measure, text, "p", "u1"
            yield measure, text, "d1", "u1"
            yield measure, text, "d2", "u2"
        yield "flow", text, "c3", "u1"
    yield "people", "k=y", "p", "u1"  # which no side asks for


def tree_of(last: date) -> Mapping[str, str]:
    return AFTER if last >= NEW else BEFORE


def moved_by(last: date) -> Mapping[tuple[str, date], str]:
    moved = {("gone", date(2020, 1, 1)): "c3"}
    return {**moved, ("c1", OLD): "c4", ("c2", OLD): "c4", ("c3", OLD): "c3"} if last >= NEW else moved


def above(area: str, tree: Mapping[str, str]) -> list[str]:
    """The area itself and all that it lies in."""
    chain = []
    while area:
        chain.append(area)
        area = tree[area]
    return chain


def answers(many: Sequence[Case], rolled: Mapping[str, Cells], code: str) -> Iterator[tuple[Case, dict[str, Any]]]:
    """Yield each case with what the rollup says of it in a window: sides and reported, as the oracle names them."""
    cells = rolled[code]
    sides: list[dict[Key, Any]] = [{} for _case in many]
    reported: list[dict[tuple[str, str, str], tuple[int, int]]] = [{} for _case in many]
    beside: list[dict[tuple[str, ...], int]] = [{} for _case in many]
    for (part, side, area, who), found in cells.sides.items():
        number, name = part.split(".")
        sides[int(number)][name, side, area, who] = (
            *(found.value, found.weights, found.facts, found.is_stale, found.is_approximate),
        )
    for (part, area), units in cells.reported.items():
        number, name = part.split(".")
        for unit, each in units.items():
            reported[int(number)][name, area, unit] = (each.expected, each.given)
    for (part, side, area, who), rows in cells.beside.items():
        number, name = part.split(".")
        for source, value in rows:
            beside[int(number)][name, side, area, who, source] = value
    for index, case in enumerate(many):
        yield case, {"sides": sides[index], "reported": reported[index], "beside": beside[index]}


# -- the oracle ----------------------------------------------------------------------------------------------------------
class Oracle:
    """One case in one window."""

    def __init__(self, case: Case, window: tuple[str, date, date, date, bool]) -> None:
        _code, self.first, self.last, self.stock_from, self.is_period = window
        self.case = case
        self.tree = tree_of(self.last)
        moved = moved_by(self.last)
        self.facts: list[dict[str, Any]] = [
            {**fact, "area": moved.get((fact["area"], fact["area_valid_from"]), fact["area"])}
            for fact in case.facts
            if fact["measure"] in KINDS and fact["day"] <= self.last
        ]

    def answers(self) -> dict[str, Any]:
        return {"sides": self.sides(), "reported": self.reported(), "beside": self.beside()}

    # -- sources
    def order_of(self, measure: str) -> tuple[int, ...]:
        return self.case.order_of(measure, self.last)

    def covering(self, measure: str, area: str, unit: str | None) -> set[int]:
        """The ranks of sources that hold everything of a measure in an area: for a unit; None: for all units alike."""
        if area not in self.tree:
            return set()
        return {
            RANK[row.source]
            for row in self.case.coverage
            if row.measure == measure
            and row.area in ("", *above(area, self.tree))
            and (row.unit == "" or (unit is not None and row.unit == unit))
        }

    def strongest(self, measure: str, area: str, unit: str | None) -> int | None:
        """The rank that counts first among those that hold everything."""
        found = self.covering(measure, area, unit)
        return next((rank for rank in self.order_of(measure) if rank in found), None)

    # -- flows and stocks
    def is_state(self, fact: dict[str, Any]) -> bool:
        """Is the fact one of those that a flow or stock is made of, by kind and day alone?"""
        if KINDS[fact["measure"]] == "flow":
            return bool(fact["day"] >= self.first)
        if fact["source"] == "declared":
            return bool(fact["day"] == self.last)
        if fact["source"] == "records":
            same = [f for f in self.facts if all(f[k] == fact[k] for k in ("measure", "source", "record"))]
            return fact is max(same, key=lambda f: (f["day"], f["recorded_at"]))
        if fact["source"] == "counts" and fact["day"] < self.stock_from:
            return False
        keys = ("measure", "source", "area", "unit", "dimensions", "place")
        return bool(fact["day"] == max(f["day"] for f in self.facts if all(f[k] == fact[k] for k in keys)))

    @cached_property
    def additive(self) -> list[tuple[dict[str, Any], bool]]:
        """Facts of flows and stocks, and whether their source is the one that counts."""
        return list(self._additive())

    def _additive(self) -> Iterator[tuple[dict[str, Any], bool]]:
        rows = [f for f in self.facts if KINDS[f["measure"]] != "distinct" and self.is_state(f)]
        for fact in rows:
            here = {RANK[f["source"]] for f in rows if all(f[k] == fact[k] for k in ("measure", "area", "unit"))}
            whole = self.covering(fact["measure"], fact["area"], fact["unit"]) | (here & {2})
            winner = next(rank for rank in self.order_of(fact["measure"]) if rank in (whole or here))
            yield fact, RANK[fact["source"]] == winner

    @cached_property
    def counted(self) -> list[tuple[TermRow, dict[str, Any]]]:
        return [(term, fact) for fact, counts in self.additive if counts for term in terms_of(fact)]

    @cached_property
    def covered_sides(self) -> dict[tuple[str, str, str, str], int]:
        """Where a side is known to be whole: (part, side, area, unit), unit empty for all, and the strongest rank."""
        found: dict[tuple[str, str, str, str], int] = {}
        for term in TERMS:
            for row in self.case.coverage:
                for area in self.tree:
                    if row.measure == term.measure and row.area in ("", *above(area, self.tree)):
                        key = (term.part, term.side, area, row.unit)
                        found[key] = min(found.get(key, 9), RANK[row.source])
        return found

    def is_paired(self, part: str, side: str, area: str, unit: str) -> bool:
        mode = self.case.pairing[part]
        if mode is Pairing.NONE:
            return True
        other = "den" if side == "num" else "num"
        known = self.covered_sides
        if (part, other, area, "") in known or (part, other, area, unit) in known:
            return True
        return any(
            (term.part, term.side) == (part, other)
            and (mode is Pairing.UNIT or fact["area"] == area)
            and (mode is Pairing.AREA or fact["unit"] == unit)
            for term, fact in self.counted
        )

    def sides(self) -> dict[Key, SideSays]:
        """Every side of every cell."""
        parts: dict[Key, list[tuple[TermRow, dict[str, Any]]]] = defaultdict(list)
        for term, fact in self.counted:
            if fact["area"] in self.tree and self.is_paired(term.part, term.side, fact["area"], fact["unit"]):
                for up in above(fact["area"], self.tree):
                    for who in whose(fact):
                        parts[term.part, term.side, up, who].append((term, fact))
        found = {key: self._summed(rows) for key, rows in parts.items()}
        for part, side, area, unit in self.covered_sides:
            if part not in PARTS.values():
                for up in above(area, self.tree):
                    for who in {"", unit, *(group for one, group in GROUPS if one == unit)}:
                        found.setdefault((part, side, up, who), ZERO)
        return found | self.distinct("people") | self.distinct("crowd")

    def _summed(self, rows: Iterable[tuple[TermRow, dict[str, Any]]]) -> SideSays:
        leaves: dict[tuple[str, str, int], int] = defaultdict(int)
        count, is_stale = 0, False
        for term, fact in rows:
            leaves[fact["area"], fact["unit"], RANK[fact["source"]]] += term.sign * fact["value"]
            count += 1
            is_snapshot = KINDS[fact["measure"]] == "stock" and fact["source"] != "records"
            is_stale = is_stale or (is_snapshot and fact["day"] < self.stock_from)
        weights = [sum(abs(v) for (_a, _u, rank), v in leaves.items() if rank == each) for each in range(3)]
        return sum(leaves.values()), (weights[0], weights[1], weights[2]), count, is_stale, False

    def beside(self) -> dict[tuple[str, ...], int]:
        """All that a source says in a cell, where something of it does not count there."""
        said: dict[tuple[str, ...], int] = defaultdict(int)
        lost: set[tuple[str, ...]] = set()
        for fact, counts in self.additive:
            for term in terms_of(fact) if fact["area"] in self.tree else ():
                for up in above(fact["area"], self.tree):
                    for who in ("", fact["unit"]):
                        key = (term.part, term.side, up, who, fact["source"])
                        said[key] += term.sign * fact["value"]
                        lost |= set() if counts else {key}
        distinct = self.distinct_beside("people") | self.distinct_beside("crowd")
        return {key: said[key] for key in lost} | distinct

    # -- distinct counts
    @cached_property
    def named(self) -> Mapping[str, dict[Key, list[tuple[str, int, bool]]]]:
        """The entities of each measure that facts name in each cell: who, of which rank, does it count there."""
        return {measure: self._named(measure) for measure in PARTS}

    def _named(self, measure: str) -> dict[Key, list[tuple[str, int, bool]]]:
        seen: dict[Key, list[tuple[str, int, bool]]] = defaultdict(list)
        for fact in self.facts:
            if (
                fact["measure"] == measure
                and fact["entity"]
                and fact["day"] >= self.first
                and fact["area"] in self.tree
            ):
                rank = RANK[fact["source"]]
                counts = self.strongest(measure, fact["area"], fact["unit"]) in (None, rank)
                for term in terms_of(fact):
                    for up in above(fact["area"], self.tree):
                        for who in whose(fact):
                            seen[term.part, term.side, up, who].append((fact["entity"], rank, counts))
        return seen

    def sizes(self, measure: str, key: Key) -> tuple[int, tuple[int, int, int], tuple[int, int, int]]:
        """How many entities of a cell count, how many of them each rank names, and how many it names in all."""
        size = estimated if measure == "crowd" else len
        rows = self.named[measure].get(key, [])
        of = [[size({e for e, r, c in rows if r == rank and (c or not only)}) for rank in range(3)] for only in (1, 0)]
        return size({e for e, _rank, counts in rows if counts}), (*of[0],), (*of[1],)  # type: ignore[return-value]

    def distinct(self, measure: str) -> dict[Key, SideSays]:
        is_estimate = measure == "crowd"
        named: dict[Key, SideSays] = {}
        for key in self.named[measure]:
            value, weights, _said = self.sizes(measure, key)
            named[key] = (value, weights, 0, False, is_estimate)
        zero = {
            (PARTS[measure], side, area, ""): ZERO
            for side in ("num", "den")
            for area in self.tree
            if self.covering(measure, area, None)
        }
        stated = {key: value for key, (value, counts) in self.stated(measure).items() if counts}
        return zero | named | {key: (value, (0, 0, value), 0, False, False) for key, value in stated.items()}

    def distinct_beside(self, measure: str) -> dict[tuple[str, ...], int]:
        stated = self.stated(measure)
        found: dict[tuple[str, ...], int] = {
            (*key, "declared"): value for key, (value, counts) in stated.items() if not counts
        }
        naming = {f["source"] for f in self.case.facts if f["measure"] == measure and f["entity"]}
        for key in self.named[measure]:
            _value, weights, said = self.sizes(measure, key)
            for rank in range(3) if ":" not in key[3] else ():
                if said[rank] and (stated.get(key, (0, False))[1] or said[rank] > weights[rank]):
                    source = next(s.code for s in SOURCES if s.rank == rank and s.code in naming)
                    found[(*key, source)] = said[rank]
        return found

    def stated(self, measure: str) -> dict[Key, tuple[int, bool]]:
        """Declared counts, read from the one cell that speaks for an area or a unit, and whether each stands."""
        if not self.is_period:
            return {}
        given: dict[tuple[str, str, str], int] = {}
        for fact in self.facts:
            if fact["measure"] == measure and not fact["entity"] and fact["day"] == self.last:
                cell = (fact["dimensions"], fact["area"], fact["unit"])
                given[cell] = max(fact["value"], given.get(cell, 0))
        # u1 owes the province and d1, u2 owes d2; a commune's count is asked of nobody.
        speaking = {
            ("p", ""): ("p", "u1"),
            ("d1", ""): ("d1", "u1"),
            ("d2", ""): ("d2", "u2"),
            ("p", "u1"): ("p", "u1"),
            ("d1", "u1"): ("d1", "u1"),
            ("d2", "u2"): ("d2", "u2"),
            ("p", "u2"): ("d2", "u2"),
        }
        order = self.order_of(measure)
        found: dict[Key, tuple[int, bool]] = {}
        for side, text in (("num", "k=x"), ("den", "")):
            for (area, who), cell in speaking.items():
                key = (PARTS[measure], side, area, who)
                covering = self.covering(measure, area, who or None)
                is_outdone = any(order.index(rank) < order.index(2) for rank in covering)
                value = given.get((text, cell[0], cell[1]))
                if value is not None:
                    names_some = not who or self.sizes(measure, key)[0] > 0
                    found[key] = value, not (is_outdone and names_some)
        return found

    def reported(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        given = {
            (fact["measure"], fact["dimensions"], fact["area"], fact["unit"])
            for fact in self.facts
            if fact["source"] == "declared" and fact["day"] == self.last
        }
        found: dict[tuple[str, str, str], tuple[int, int]] = {}
        for measure, text, area, unit in owed():
            parts = {
                term.part
                for term in TERMS
                if term.measure == measure
                and falls_under(text, term)
                and (measure not in PARTS or text == ("k=x" if term.where else ""))
            }
            is_given = (measure, text, area, unit) in given or bool(self.covering(measure, area, unit))
            for part in parts:
                for up in above(area, self.tree):
                    expected, known = found.get((part, up, unit), (0, 0))
                    found[part, up, unit] = (expected + 1, known + is_given)
        return found


def terms_of(fact: Mapping[str, Any]) -> Iterator[TermRow]:
    yield from (t for t in TERMS if t.measure == fact["measure"] and falls_under(fact["dimensions"], t))


def falls_under(dimensions: str, term: TermRow) -> bool:
    held = dict(pair.split("=") for pair in dimensions.split(";") if pair)
    return all(held.get(name) in values for name, values in term.where)


def whose(fact: Mapping[str, Any]) -> set[str]:
    """Everybody, the unit, its groups, the kind of the place."""
    groups = {group for unit, group in GROUPS if unit == fact["unit"]}
    kind = fact["place"].split(":")[0]
    return {"", fact["unit"], *groups, *([f"place:{kind}"] if kind else [])}


def estimated(entities: Iterable[str]) -> int:
    """The estimate, from registers that are filled bit by bit."""
    registers: dict[int, int] = {}
    for entity in entities:
        bits = f"{int(md5(entity.encode(), usedforsecurity=False).hexdigest(), 16):0128b}"
        register, place = int(bits[:12], 2), (bits[12:60] + "1").index("1") + 1
        registers[register] = max(place, registers.get(register, 0))
    return sketch.estimate(len(registers), sum(sketch.power(place) for place in registers.values()))
