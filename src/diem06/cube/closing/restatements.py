"""Restatements («điều chỉnh sau chốt»): figures of a closed period that facts of today would give another number, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from diem06.core.plans.queries import Loaded
from diem06.core.roster import Grade
from diem06.cube import queries
from diem06.cube.board import Board, Figure, Line, board, lines_of, parts_of, terms_of
from diem06.cube.closing.changes import ChangedFact, changes
from diem06.cube.closing.queries import closed_figures
from diem06.cube.closing.reading import measures_of
from diem06.cube.closing.record import as_closed
from diem06.cube.engine.inputs import matches
from diem06.cube.models import ClosedFigure, Closing, Revision
from diem06.plan.model import Kind


@dataclass(frozen=True, kw_only=True)
class Restatement:
    """
    A figure that was closed, and as it would be now.

    `facts` are the changed facts that it counts, the newest first; none where the plan was amended instead.
    """

    closed: Figure
    now: Figure
    facts: tuple[ChangedFact, ...]

    @property
    def size(self) -> Decimal | None:
        """By how much the value grew: a share from 0 to 1, or things counted; None where one of the two is not known."""
        if self.now.value is None or self.closed.value is None:
            return None
        return self.now.value - self.closed.value

    @property
    def relative(self) -> Decimal | None:
        """`size` as a share of the closed value; None where that is 0 or not known."""
        return self.size / self.closed.value if self.size is not None and self.closed.value else None

    @property
    def is_of_plan(self) -> bool:
        """Does it come from the plan alone: a target or a definition that was amended?"""
        return not self.facts


@dataclass(frozen=True, kw_only=True)
class _Reach:
    """Which facts a line can count: flows and distinct counts those of the window, stocks what came before it too."""

    terms: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]

    flows_from: date
    stocks: frozenset[str]

    def counts(self, fact: ChangedFact) -> bool:
        if fact.day < self.flows_from and fact.measure not in self.stocks:
            return False
        return any(fact.measure == measure and matches(fact.dimensions, where) for measure, where in self.terms)


class Restatements:
    """The restatements of one closed period in one state of the facts: as they stand, or as they were known at `known_at`."""

    def __init__(self, loaded: Loaded, closing: Closing, *, known_at: datetime | None = None) -> None:
        self.loaded = loaded
        self.closing = closing
        self.known_at = known_at
        self.state = (closing.hash, queries.changes_until(closing.last_day), loaded.bundle)

    @cached_property
    def board(self) -> Board:
        """The figures as they would be now."""
        return board(self.loaded, self.closing.period, known_at=self.known_at)

    @cached_property
    def facts(self) -> tuple[ChangedFact, ...]:
        """The cells of facts that changed since the closing, the newest first."""
        return changes(self.closing, measures_of(self.loaded.plan), until=self.known_at)

    @cached_property
    def all(self) -> tuple[Restatement, ...]:
        """Every restated figure, in the order of the plan."""
        if not self.is_possible:
            return ()
        rows = [row for row in closed_figures(self.closing).values() if row.code in self._touched]
        found = [one for one in map(self._of, rows) if one is not None]
        order = {code: place for place, code in enumerate(self.lines)}
        return tuple(sorted(found, key=lambda one: order.get(one.closed.code, len(order))))

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """The lines of the plan on the period's last day."""
        return lines_of(self.loaded.plan, self.closing.last_day)

    @cached_property
    def _touched(self) -> frozenset[str]:
        """The lines that can have another figure: those that count a changed fact; all, where another bundle is in use."""
        kept = self._kept
        if kept is None or kept.bundle != self.loaded.bundle:
            return frozenset(self.lines)
        return frozenset(
            code for code, line in self.lines.items() if any(self._reach(line).counts(fact) for fact in self.facts)
        )

    @cached_property
    def _kept(self) -> Revision | None:
        return queries.revision(self.loaded.plan.id, self.closing.period, self.closing.revision)

    @cached_property
    def is_possible(self) -> bool:
        """Has a fact changed since, or the plan? Without either no figure is read."""
        kept = self._kept
        return self.known_at is not None or kept is None or (self.closing.hash, kept.changes, kept.bundle) != self.state

    def of(self, row: ClosedFigure) -> Restatement | None:
        """Return the restatement of one closed figure, or None where it still is what it was."""
        return self._of(row) if self.is_possible and row.code in self._touched else None

    def _of(self, row: ClosedFigure) -> Restatement | None:
        try:
            now = self.board.figure(row.code, area=row.area, unit=row.unit)
        except LookupError:  # the plan was amended: it has no such line any more
            return None
        if _same(row, now):
            return None
        closed = as_closed(now, row)
        return Restatement(closed=closed, now=now, facts=self._behind(self.lines[row.code], row))

    def _behind(self, line: Line, row: ClosedFigure) -> tuple[ChangedFact, ...]:
        reach = self._reach(line)
        area, unit = self.board.cell_of(line, row.area, row.unit)
        tree = self.board.tree
        inside = {area, *(node.code for node in tree.descendants(area))} if area in tree else set()
        return tuple(
            fact for fact in self.facts if fact.area_now in inside and unit in ("", fact.unit) and reach.counts(fact)
        )

    def _reach(self, line: Line) -> _Reach:
        known = self._reaches.get(line.code)
        if known is None:
            known = self._reaches[line.code] = _Reach(
                terms=tuple(
                    (term.measure, term.where)
                    for part in parts_of(line)
                    for formula in (part.numerator, part.denominator)
                    if formula
                    for term in terms_of(self.loaded.plan, formula)
                ),
                flows_from=self.closing.first_day,
                stocks=frozenset(row.code for row in self.loaded.plan.measures if row.kind is Kind.STOCK),
            )
        return known

    @cached_property
    def _reaches(self) -> dict[str, _Reach]:
        return {}


def _same(row: ClosedFigure, now: Figure) -> bool:
    def number(text: int | str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    kept: Mapping[str, Decimal | None] = {
        "numerator": number(row.numerator),
        "denominator": number(row.denominator),
        "value": number(row.value),
        "target": number(row.target),
    }
    grade = Grade(row.grade) if row.grade else None
    return (
        all(getattr(now, name) == value for name, value in kept.items())
        and now.grade == grade
        and now.standing.value == row.standing
    )


def restatements(loaded: Loaded, closing: Closing) -> Restatements:
    """Return what was restated of a closed period: kept as long as neither a fact nor the plan changes."""
    now = Restatements(loaded, closing)
    known = _kept.get(closing.pk)
    if known is not None and known.state == now.state:
        return known
    _kept[closing.pk] = now
    return now


_kept: dict[int, Restatements] = {}
