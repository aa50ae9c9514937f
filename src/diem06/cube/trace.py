"""
Which facts a figure counts: the rules of the rollup for one line, so that what is listed adds up to the figure.

The rollup adds leaves up in SQL and forgets rows; this decides for rows of one line, each of which may stand for a group of like
facts (`behind.py`). A test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from diem06.core.areas.queries import AreaTree
from diem06.core.roster import Grade, Source, StockState
from diem06.cube.engine.request import CoverageRow, Pairing
from diem06.cube.engine.rollup import DECLARED_RANK, matches
from diem06.plan.formula import Term
from diem06.plan.model import Kind

Row = Mapping[str, Any]
"""A fact, or facts that are alike to the rules; its `area` brought to that of the window's last day."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of one part of the line."""

    part: int
    side: str  # num | den
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A fact that counts in one term of one side."""

    part: int
    side: str
    sign: int
    row: Row


@dataclass(frozen=True, kw_only=True)
class Tracing:
    """
    What decides which facts of a line count in a window; `owed` are (area, unit) by distinct measure.

    `precedence` are, by measure, the ranks of sources in the order in which they count.
    """

    sides: tuple[Side, ...]
    kinds: Mapping[str, Kind]
    pairing: Pairing
    sources: Mapping[str, Source]
    ranks: Mapping[str, int]
    tree: AreaTree
    first_day: date
    last_day: date
    stock_from: date
    owed: Mapping[str, frozenset[tuple[str, str]]]
    distinct_levels: Mapping[str, tuple[str, ...]]
    precedence: Mapping[str, tuple[int, ...]]
    coverage: tuple[CoverageRow, ...]

    def counted(self, rows: Iterable[Row], *, area: str, unit: str) -> list[Counted]:
        """
        Return what counts in the cell (area, unit); unit empty: of all units.

        `rows` are those that `valid_rows` keeps: flows and entities of the window, the state of stocks at its end.
        """
        valid = list(rows)
        winners = self._winners(valid)
        additive = [
            Counted(part=side.part, side=side.side, sign=term.sign, row=row)
            for side in self.sides
            for term in side.terms
            if self.kinds[term.measure] is not Kind.DISTINCT
            for row in valid
            if row["measure"] == term.measure and winners(row) and matches(row["dimensions"], term.where)
        ]
        inside = {area, *(node.code for node in self.tree.descendants(area))}
        found = [
            each for each in self._paired(additive) if each.row["area"] in inside and unit in ("", each.row["unit"])
        ]
        return found + list(self._distinct(valid, area, unit, inside))

    # -- additive ----------------------------------------------------------------------------------------------------
    def _winners(self, rows: list[Row]) -> Callable[[Row], bool]:
        """
        Return whether a row's source is the one that counts in its cell: of the grades that are whole there (a source holds
        everything, or a value is declared) the first; where none is, the first that speaks.
        """
        speaking: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for row in rows:
            speaking[_cell(row)].add(self.ranks[row["source"]])

        first: dict[tuple[str, str, str], int | None] = {}

        def counts(row: Row) -> bool:
            cell = _cell(row)
            if cell not in first:
                whole = self._covering(*cell) | (speaking[cell] & {DECLARED_RANK})
                first[cell] = self._first(row["measure"], whole or speaking[cell])
            return self.ranks[row["source"]] == first[cell]

        return counts

    def _first(self, measure: str, ranks: Collection[int]) -> int | None:
        """Return the rank that counts first among some."""
        return next((rank for rank in self.precedence[measure] if rank in ranks), None)

    def _strongest(self, measure: str, area: str, unit: str) -> int | None:
        """Return the rank that counts first among the sources that hold all of the cell."""
        return self._first(measure, self._covering(measure, area, unit))

    def _covering(self, measure: str, area: str, unit: str) -> frozenset[int]:
        """Return the ranks of the sources that hold all of the cell; unit empty: of all units alike."""
        cell = (measure, area, unit)
        if cell not in self._cells_covered:
            above = [node.code for node in self.tree.ancestors(area)] if area in self.tree else []
            self._cells_covered[cell] = frozenset(
                self.ranks[row.source]
                for place in ("", area, *above)
                for row in self._held.get((measure, place), ())
                if row.unit in ("", unit)
            )
        return self._cells_covered[cell]

    @cached_property
    def _cells_covered(self) -> dict[tuple[str, str, str], frozenset[int]]:
        """What was asked of cells before: many facts lie in one."""
        return {}

    @cached_property
    def _held(self) -> Mapping[tuple[str, str], list[CoverageRow]]:
        """What sources hold all of, by measure and area."""
        found: dict[tuple[str, str], list[CoverageRow]] = defaultdict(list)
        for row in self.coverage:
            found[row.measure, row.area].append(row)
        return found

    def _paired(self, counted: list[Counted]) -> Iterator[Counted]:
        """Leave out what has no partner on the other side, as `Pairing` says."""
        if self.pairing is Pairing.NONE:
            yield from counted
            return
        here: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)
        for each in counted:
            here[each.part, each.side].add(self._leaf(each.row))
        for each in counted:
            other = "den" if each.side == "num" else "num"
            if self._leaf(each.row) in here[each.part, other] or self._is_covered(each, other):
                yield each

    def _leaf(self, row: Row) -> tuple[str, str]:
        match self.pairing:
            case Pairing.UNIT:
                return "", row["unit"]
            case Pairing.AREA:
                return row["area"], ""
        return row["area"], row["unit"]

    def _is_covered(self, each: Counted, side: str) -> bool:
        """Is the other side known here because a source holds all of it?"""
        return any(
            self._strongest(term.measure, each.row["area"], each.row["unit"]) is not None
            for other in self.sides
            if (other.part, other.side) == (each.part, side)
            for term in other.terms
        )

    # -- distinct ----------------------------------------------------------------------------------------------------
    def _distinct(self, rows: list[Row], area: str, unit: str, inside: set[str]) -> Iterator[Counted]:
        """
        Yield the facts of a distinct side: those that name their entity (each counts once), or the one declared cell that stands
        for (area, unit), unless a source that counts before it holds everything there (and, of a unit, names somebody).

        Where a source holds everything, entities that others name do not count.
        """
        for side in self.sides:
            for term in side.terms:
                if self.kinds[term.measure] is not Kind.DISTINCT:
                    continue
                mine = [
                    row for row in rows if row["measure"] == term.measure and matches(row["dimensions"], term.where)
                ]
                named = [
                    row
                    for row in mine
                    if row["entity"]
                    and row["area"] in inside
                    and unit in ("", row["unit"])
                    and self._strongest(*_cell(row)) in (None, self.ranks[row["source"]])
                ]
                stated = self._declared_cell(mine, term, area, unit, inside)
                order, covering = self.precedence[term.measure], self._covering(term.measure, area, unit)
                is_outdone = any(order.index(rank) < order.index(DECLARED_RANK) for rank in covering)
                is_silenced = is_outdone and bool(named or not unit)
                for row in stated if stated and not is_silenced else named:
                    yield Counted(part=side.part, side=side.side, sign=term.sign, row=row)

    def _declared_cell(self, rows: list[Row], term: Term, area: str, unit: str, inside: set[str]) -> list[Row]:
        if any(len(values) > 1 for _name, values in term.where):
            return []
        text = ";".join(f"{name}={values[0]}" for name, values in sorted(term.where))
        stated = {
            (row["area"], row["unit"]): row
            for row in rows
            if not row["entity"] and row["dimensions"] == text and row["day"] == self.last_day
        }
        owed = self.owed.get(term.measure, frozenset())
        if unit:
            cells = {pair for pair in owed if pair[1] == unit and pair[0] in inside}
            exact = {pair for pair in cells if pair[0] == area}
            cells = exact or self._widest(cells)
        else:
            cells = {pair for pair in owed if pair[0] in inside}
            level = self.tree.get(area).level
            exact = {pair for pair in cells if pair[0] == area and level in self.distinct_levels.get(term.measure, ())}
            cells = exact or self._widest(cells)
            if len(cells) != 1:
                return []
        return [stated[cell] for cell in sorted(cells) if cell in stated][:1]

    def _widest(self, pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Keep the pairs whose area lies in no other pair's area of the same unit."""
        return {
            (area, unit)
            for area, unit in pairs
            if not any((above.code, unit) in pairs for above in self.tree.ancestors(area))
        }


def valid_rows(
    rows: Iterable[Row],
    *,
    kinds: Mapping[str, Kind],
    sources: Mapping[str, Source],
    first_day: date,
    last_day: date,
    stock_from: date,
) -> Iterator[Row]:
    """
    Keep flows of the window, the state of stocks at its end, distinct facts of the window.

    `kinds` by measure, `sources` by code; a snapshot of a day before `stock_from` counts only where its source carries it on.
    """
    snapshots: dict[tuple[Any, ...], date] = {}
    states: dict[tuple[str, str, str], Row] = {}
    stocks = []
    for row in rows:
        kind, source = kinds[row["measure"]], sources[row["source"]]
        if row["day"] > last_day:
            continue
        if kind is not Kind.STOCK:
            if row["day"] >= first_day:
                yield row
            continue
        if source.grade is Grade.DECLARED and row["day"] != last_day:
            continue
        if source.stock is StockState.RECORD:
            key = (row["measure"], row["source"], row["record"])
            known = states.get(key)
            if known is None or (row["day"], row["recorded_at"]) > (known["day"], known["recorded_at"]):
                states[key] = row
        elif source.carries or row["day"] >= stock_from:
            snapshots[_snapshot(row)] = max(row["day"], snapshots.get(_snapshot(row), row["day"]))
            stocks.append(row)
    yield from states.values()
    yield from (row for row in stocks if row["day"] == snapshots[_snapshot(row)])


def _snapshot(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("measure", "source", "area", "unit", "dimensions", "place"))


def _cell(row: Row) -> tuple[str, str, str]:
    return row["measure"], row["area"], row["unit"]
