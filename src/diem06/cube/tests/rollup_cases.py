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
from random import Random
from typing import Any, TypeVar

import pyarrow as pa
from hypothesis import strategies as st

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


def make_case(choose: Choose, *, facts: int) -> Case:
    """Make up a case: `choose` picks one of several. Few areas, units and texts, so that facts meet."""
    few = {
        "area": tuple(choose(AREAS) for _number in range(3)),
        "unit": tuple(choose(("u1", "u2", "u3")) for _number in range(2)),
        "dimensions": tuple(choose(("", "k=x", "k=y")) for _number in range(2)),
    }
    rows = tuple(_fact(choose, number, few) for number in range(facts))
    coverage = {_coverage(choose) for _number in range(choose(range(4)))}
    pairing = {part: choose(tuple(Pairing)) for part in ("F", "S")}
    return Case(rows, tuple(sorted(coverage, key=repr)), {"N": Pairing.NONE, "D": Pairing.NONE, **pairing})


def _fact(choose: Choose, number: int, few: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    source = choose(("records", "file", "counts", "declared"))
    measure = choose((*KINDS, "unknown"))
    area, valid_from = choose(few["area"])
    return {
        "measure": measure,
        "source": source,
        "day": choose(DAYS + LAST_DAYS),
        "recorded_at": datetime(2023, 7, 14, tzinfo=UTC) + timedelta(minutes=number),
        "area": area,
        "area_valid_from": valid_from,
        "unit": choose(few["unit"]),
        "place": choose(("", "gate:1", "gate:2", "post:1")),
        "dimensions": choose(few["dimensions"]),
        "entity": choose(("e1", "e2", "e3")) if measure == "people" and source != "declared" else "",
        "value": choose(range(10)),
        "record": choose(("r1", "r2")),
        "n": 1,
    }


def _coverage(choose: Choose) -> CoverageRow:
    return CoverageRow(
        source=choose(("records", "file")),
        measure=choose(tuple(KINDS)),
        area=choose(("", "p", "d1", "c1", "c3", "c4")),
        unit=choose(("", "", "u1")),
    )


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
        distinct_levels={f"{number}.people": DISTINCT_LEVELS for number in range(len(many))},
        groups=GROUPS,
    )


def owed() -> Iterator[tuple[str, str, str, str]]:
    """Yield what is owed on the last day of each window: (measure, dimensions, area, unit)."""
    for text in ("", "k=x"):
        yield "people", text, "p", "u1"
        yield "people", text, "d1", "u1"
        yield "people", text, "d2", "u2"
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
    beside: list[dict[tuple[str, str, str, str], int]] = [{} for _case in many]
    for (part, side, area, who), found in cells.sides.items():
        number, name = part.split(".")
        sides[int(number)][name, side, area, who] = (found.value, found.weights, found.facts, found.is_stale)
    for (part, area), units in cells.reported.items():
        number, name = part.split(".")
        for unit, each in units.items():
            reported[int(number)][name, area, unit] = (each.expected, each.given)
    for (part, side, area), rows in cells.beside.items():
        number, name = part.split(".")
        for source, value in rows:
            beside[int(number)][name, side, area, source] = value
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
    def strongest(self, measure: str, area: str, unit: str | None) -> int | None:
        """The rank of the strongest source that covers a measure in an area: for a unit; None: for all units alike."""
        if area not in self.tree:
            return None
        return min(
            (
                RANK[row.source]
                for row in self.case.coverage
                if row.measure == measure
                and row.area in ("", *above(area, self.tree))
                and (row.unit == "" or (unit is not None and row.unit == unit))
            ),
            default=None,
        )

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
            here = [f for f in rows if all(f[k] == fact[k] for k in ("measure", "area", "unit"))]
            winner = self.strongest(fact["measure"], fact["area"], fact["unit"])
            rank = RANK[fact["source"]]
            if winner is not None:
                yield fact, rank == winner
            else:
                yield fact, rank == 2 or all(RANK[f["source"]] != 2 for f in here)

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

    def sides(self) -> dict[Key, tuple[int, tuple[int, int, int], int, bool]]:
        """Every side of every cell: value, weights by rank, number of facts, is it stale."""
        parts: dict[Key, list[tuple[TermRow, dict[str, Any]]]] = defaultdict(list)
        for term, fact in self.counted:
            if fact["area"] in self.tree and self.is_paired(term.part, term.side, fact["area"], fact["unit"]):
                for up in above(fact["area"], self.tree):
                    for who in whose(fact):
                        parts[term.part, term.side, up, who].append((term, fact))
        found = {key: self._summed(rows) for key, rows in parts.items()}
        for part, side, area, unit in self.covered_sides:
            if part != "D":
                for up in above(area, self.tree):
                    for who in {"", unit, *(group for one, group in GROUPS if one == unit)}:
                        found.setdefault((part, side, up, who), (0, (0, 0, 0), 0, False))
        return found | self.distinct()

    def _summed(self, rows: Iterable[tuple[TermRow, dict[str, Any]]]) -> tuple[int, tuple[int, int, int], int, bool]:
        leaves: dict[tuple[str, str, int], int] = defaultdict(int)
        count, is_stale = 0, False
        for term, fact in rows:
            leaves[fact["area"], fact["unit"], RANK[fact["source"]]] += term.sign * fact["value"]
            count += 1
            is_snapshot = KINDS[fact["measure"]] == "stock" and fact["source"] != "records"
            is_stale = is_stale or (is_snapshot and fact["day"] < self.stock_from)
        weights = [sum(abs(v) for (_a, _u, rank), v in leaves.items() if rank == each) for each in range(3)]
        return sum(leaves.values()), (weights[0], weights[1], weights[2]), count, is_stale

    def beside(self) -> dict[tuple[str, str, str, str], int]:
        found: dict[tuple[str, str, str, str], int] = {}
        for fact, counts in self.additive:
            for term in () if counts or fact["area"] not in self.tree else terms_of(fact):
                for up in above(fact["area"], self.tree):
                    key = (term.part, term.side, up, fact["source"])
                    found[key] = found.get(key, 0) + term.sign * fact["value"]
        return found

    # -- distinct counts
    def distinct(self) -> dict[Key, tuple[int, tuple[int, int, int], int, bool]]:
        seen: dict[Key, set[tuple[str, int]]] = defaultdict(set)
        for fact in self.facts:
            if fact["measure"] == "people" and fact["entity"] and fact["day"] >= self.first:
                for term in terms_of(fact) if fact["area"] in self.tree else ():
                    for up in above(fact["area"], self.tree):
                        for who in whose(fact):
                            seen[term.part, term.side, up, who].add((fact["entity"], RANK[fact["source"]]))
        named = {
            key: (len({entity for entity, _rank in rows}), of_ranks([rank for _entity, rank in rows]), 0, False)
            for key, rows in seen.items()
        }
        stated = self.stated(named)
        zero = {
            ("D", side, area, ""): (0, (0, 0, 0), 0, False)
            for side in ("num", "den")
            for area in self.tree
            if self.strongest("people", area, None) is not None
        }
        return zero | named | {key: (value, (0, 0, value), 0, False) for key, value in stated.items()}

    def stated(self, named: Mapping[Key, Any]) -> dict[Key, int]:
        """Declared counts, read from the one cell that speaks for an area or a unit."""
        if not self.is_period:
            return {}
        given: dict[tuple[str, str, str], int] = {}
        for fact in self.facts:
            if fact["measure"] == "people" and not fact["entity"] and fact["day"] == self.last:
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
        return {
            ("D", side, area, who): given[text, *cell]
            for side, text in (("num", "k=x"), ("den", ""))
            for (area, who), cell in speaking.items()
            if (text, *cell) in given
            and (self.strongest("people", area, None) is None if not who else ("D", side, area, who) not in named)
        }

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
                and (measure != "people" or text == ("k=x" if term.where else ""))
            }
            is_given = (measure, text, area, unit) in given or self.strongest(measure, area, unit) is not None
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


def of_ranks(ranks: Sequence[int]) -> tuple[int, int, int]:
    return ranks.count(0), ranks.count(1), ranks.count(2)
