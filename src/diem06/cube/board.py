"""
All figures of one window, from one rollup: built once per state of the facts, then only looked up.

A `Board` answers for any indicator or reading, area and unit. It is kept in memory until a fact up to its last day changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from django.db.models import F, Q

from diem06.core.areas.queries import AreaOn, AreaTree, areas_on, stands_for
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.models import Milestone, Obligation
from diem06.core.plans.queries import Loaded, cells_owed, milestones, owing
from diem06.core.roster import Grade, Source, StockState, installed_sources
from diem06.cube import queries
from diem06.cube.engine.request import (
    Cells,
    CoverageRow,
    ExpectedRow,
    Pairing,
    Reported,
    Request,
    Side,
    SourceRow,
    Span,
    TermRow,
)
from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.runner import Runner, areas_in
from diem06.cube.facts import Facts, read_leaves
from diem06.cube.kept import Kept
from diem06.cube.keys import FigureKey
from diem06.cube.map_layout import Undivided
from diem06.cube.standing import Ratio, Standing, lowest_part, standing_of, standing_to_milestone
from diem06.cube.trace import Side as TracedSide
from diem06.cube.trace import Tracing
from diem06.plan.changes import chosen_reading, clauses_of, precedence_on
from diem06.plan.formula import Term, expand, parse
from diem06.plan.model import Grain, Indicator, Kind, Level, ObligationRule, Part, Plan, Reading, Target
from diem06.plan.periods import Window, window_of

_DEPTH = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2}
RANKS = (Grade.EVIDENCED, Grade.IMPORTED, Grade.DECLARED)


@dataclass(frozen=True, kw_only=True)
class AreaRef:
    """An area: its code and the first day of this row of it."""

    code: str
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class PartValue:
    """One part of a reading that is read in parts: its numbers, and what another source says of them (side, source, value)."""

    numerator: Decimal | None
    denominator: Decimal | None
    beside: tuple[tuple[str, str, int], ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class MilestoneMark:
    """The milestone of the standing office that a figure is on its way to: `standing` says how it stands to that alone."""

    value: Decimal
    day: date
    reason: str
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Apportioned:
    """What of an area's figure came to an area of another day's map: `share` of its people, and so of its numbers."""

    area: AreaRef  # of the period's own map
    share: Decimal
    basis: str  # of the share: official, press, derived or assumed
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass(frozen=True, kw_only=True)
class NotDivided:
    """An area, of the period's own map, that lies in the figure's area only in part, and whose figure cannot be divided."""

    area: AreaRef
    why: Undivided


@dataclass(frozen=True, kw_only=True)
class Figure:
    """
    One figure with all that must stand beside it.

    `numerator` and `denominator` are exact; a ratio is 0 to 1 and is rounded only where it is shown. `gap` is target x
    denominator - numerator, in counted things: above 0 is what is missing. `shares` says what part each grade gave.
    `reported` of `expected` units have given all that they owe for it; `missing` are the others.
    """

    key: str
    plan: str
    indicator: str
    reading: str | None
    area: AreaRef | None
    unit: str | None
    period: str
    revision: int
    first_day: date
    last_day: date
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    target: Decimal | None
    deadline: date | None
    gap: Decimal | None
    grade: Grade | None
    shares: Mapping[Grade, Decimal]
    standing: Standing
    expected: int
    reported: int
    missing: tuple[str, ...]
    is_ratio: bool
    is_stale: bool = False
    milestone: MilestoneMark | None = None
    parts: tuple[PartValue, ...] = ()
    beside: tuple[tuple[str, str, int], ...] = ()  # (side, source, value): what another source says of these numbers
    is_approximate: bool = False  # an estimate, with the error of `sketch.STANDARD_ERROR`
    map_day: date | None = None  # of a map of another day; None: that of the period's last day
    apportioned: tuple[Apportioned, ...] = ()  # what came of areas that lie here only in part
    not_divided: tuple[NotDivided, ...] = ()  # why it has no value on that map

    @property
    def code(self) -> str:
        """The reading's code where it has one, else the indicator's: the code in the key."""
        return self.reading or self.indicator

    @property
    def sources_beside(self) -> frozenset[str]:
        """The sources that speak beside it, or beside one of its parts."""
        rows = (*self.beside, *(row for part in self.parts for row in part.beside))
        return frozenset(source for _side, source, _value in rows)

    @property
    def is_partial(self) -> bool:
        """Do some units still owe a part of it?"""
        return 0 < self.reported < self.expected or (self.numerator is not None and self.reported < self.expected)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One computable line of the plan: an indicator, or one reading of it, with its parts as terms."""

    code: str
    indicator: Indicator
    reading: Reading | None
    kind: Kind
    parts: tuple[str, ...]
    targets: tuple[Target, ...]
    is_ratio: bool
    measures: tuple[frozenset[str], frozenset[str]]  # of all numerators, of all denominators


class Board:
    """The figures of one window in one state of the facts. Immutable once built."""

    def __init__(
        self,
        loaded: Loaded,
        window: Window,
        *,
        changes: int,
        known_at: datetime | None = None,
        cells: Cells | None = None,
    ) -> None:
        self.loaded = loaded
        self.plan = loaded.plan
        self.window = window
        self.changes = changes
        self.known_at = known_at
        self.tree: AreaTree = areas_on(window.last_day)
        self.units: Mapping[str, UnitOn] = units_on(window.last_day)
        self.lines = lines_of(self.plan, window.last_day)
        self._owners = _owners(self.plan, window.last_day)
        self._covered: dict[date, tuple[CoverageRow, ...]] = {}
        self._cells = self._rolled_up(window.last_day, extra=False) if cells is None else cells
        self._milestones = _next_milestones(milestones(self.plan, on=window.last_day), window)
        self._figures: dict[tuple[str, str, str, int], Figure] = {}
        self._areas: dict[tuple[str, Level], tuple[AreaOn, ...]] = {}
        self._accountable: dict[str, tuple[str, ...]] = {}

    def take(self, cells: Cells) -> None:
        """Stand on these cells: of a rollup of many windows."""
        self._cells = cells

    @property
    def revision(self) -> int:
        """The number of the revision of this state, or the one that it would get."""
        return queries.revision_number(self.plan.id, self.window.code, changes=self.changes, bundle=self.loaded.bundle)

    # -- what is asked -----------------------------------------------------------------------------------------------
    def figure(self, code: str, *, area: str = "", unit: str = "", revision: int | None = None) -> Figure:
        """
        Return one figure. With neither area nor unit it is the figure of the plan's whole area.

        Raises KeyError for a code, an area or a unit that does not exist on the window's last day.
        """
        line = self.lines[code]
        if not area and not unit:
            area = self.plan.area
        number = self.revision if revision is None else revision
        known = self._figures.get((code, area, unit, number))
        if known is None:
            known = self._figures[code, area, unit, number] = self._figure(line, area, unit, number)
        return known

    def counted_by(self, code: str, who: str, *, area: str = "") -> tuple[PartValue, ...]:
        """
        Return each part of a line as counted by a group: `kind:police`, `under:UNIT`, or a kind of place `place:heritage_gate`.

        Numbers only: a group owes nothing, so it has no target, standing or key. Raises KeyError for an unknown code.
        """
        line = self.lines[code]
        sides = [self._sides(part, area or self.plan.area, who, self._of_groups) for part in line.parts]
        ratios = [
            _ratio(self.window.last_day, numerator, denominator, line.is_ratio) for numerator, denominator in sides
        ]
        return tuple(PartValue(numerator=ratio.numerator, denominator=ratio.denominator) for ratio in ratios)

    def levels(self, code: str) -> tuple[Level, ...]:
        """Return the levels at which the line has figures: those of the plan that some source reaches with every side."""
        line = self.lines[code]
        reach = min(self._reach(measure) for side in line.measures for measure in side)
        return tuple(level for level in line.indicator.levels if _DEPTH[level] <= reach)

    def areas(self, code: str, level: Level) -> list[AreaOn]:
        """Return the areas of `level` for which the line has figures, in the order of the area list."""
        if (code, level) not in self._areas:
            self._areas[code, level] = self._areas_of(code, level)
        return list(self._areas[code, level])

    def _areas_of(self, code: str, level: Level) -> tuple[AreaOn, ...]:
        if level not in self.levels(code):
            return ()
        root = self.tree.get(self.plan.area)
        if root.level == level:
            return (root,)
        inside = self.tree.descendants(self.plan.area, level)
        return tuple(area for area in inside if self._is_reached(self.lines[code], area.code))

    def owners(self, code: str) -> tuple[str, ...]:
        """Return the codes of the units whose result the line is, on the window's last day."""
        if code not in self._accountable:
            indicator = self.lines[code].indicator
            owners = owing(indicator.owed_by, self.plan, on=self.window.last_day, clauses=indicator.clauses)
            self._accountable[code] = tuple(owners)
        return self._accountable[code]

    # -- assembling a figure -----------------------------------------------------------------------------------------
    def _figure(self, line: Line, area: str, unit: str, revision: int) -> Figure:
        cell_area, cell_unit = self.cell_of(line, area, unit)
        parts = [self._sides(part, cell_area, cell_unit) for part in line.parts]
        ratios = [
            _ratio(self.window.last_day, numerator, denominator, line.is_ratio) for numerator, denominator in parts
        ]
        reported = [_of_unit(self._reported(part, cell_area), cell_unit) for part in line.parts]
        shown = lowest_part(ratios, [bool(owed) for owed in reported])
        numerator, denominator = parts[shown]
        now = ratios[shown]
        target = self._target(line, area, unit)
        value = target.value if target else None
        beside = [self._beside(part, cell_area, cell_unit) for part in line.parts]
        owed = _merged(reported)
        given = [code for code, cells in owed.items() if cells.given >= cells.expected]
        standing = self._standing(line, now, target, cell_area, cell_unit, (area, unit))
        mark = self._mark(line, now, area, unit)
        if mark and standing is Standing.BELOW and mark.day > self.window.last_day:
            standing = mark.standing  # on track or at risk on the way to the milestone; the plan's target stays apart
        key = FigureKey(
            plan=self.plan.key,
            code=line.code,
            area=area,
            unit=self.units[unit].key if unit else "",
            window=self.window.code,
            revision=revision,
        )
        return Figure(
            key=str(key),
            plan=self.plan.id,
            indicator=line.indicator.code,
            reading=line.reading.code if line.reading else None,
            area=AreaRef(code=area, valid_from=self.tree.get(area).valid_from) if area else None,
            unit=unit or None,
            period=self.window.code,
            revision=revision,
            first_day=self.window.first_day,
            last_day=self.window.last_day,
            numerator=now.numerator if now.is_known else None,
            denominator=now.denominator if now.is_known else None,
            value=now.value,
            target=value,
            deadline=target.deadline if target else None,
            gap=_gap(now, value),
            grade=_grade((numerator, denominator)) if now.is_known else None,
            shares=_shares(numerator, denominator) if now.is_known else {},
            standing=standing,
            milestone=mark,
            expected=len(owed),
            reported=len(given),
            missing=tuple(code for code in owed if code not in given),
            is_ratio=line.is_ratio,
            is_stale=numerator.is_stale or denominator.is_stale,
            is_approximate=numerator.is_approximate or denominator.is_approximate,
            parts=tuple(
                PartValue(numerator=ratio.numerator, denominator=ratio.denominator, beside=said)
                for ratio, said in zip(ratios, beside, strict=True)
            )
            if len(ratios) > 1
            else (),
            beside=beside[shown],
        )

    def cell_of(self, line: Line, area: str, unit: str) -> tuple[str, str]:
        """
        Return (area, unit) of the cell that a figure reads.

        A unit's figure is made of its own facts where it gives all sides, or where nobody declares them (then the facts are
        about it); where it gives only some or none of them, or types a total for all (M2.1), of the facts in its area.
        """
        if not unit:
            return area, ""
        if area:
            return area, unit
        declared = [side for side in line.measures if side and any(self._owners.get(measure) for measure in side)]
        if not declared:
            return self.plan.area, unit
        gives_all = all(any(unit in self._owners.get(measure, ()) for measure in side) for side in declared)
        if gives_all and not _is_total_for_all(self.plan, line, self._owners):
            return self.plan.area, unit
        return self.units[unit].area or self.plan.area, ""

    def _sides(self, part: str, area: str, unit: str, cells: Cells | None = None) -> tuple[Counted, Counted]:
        sides = (cells or self._cells).sides
        return sides.get((part, "num", area, unit), Side()), sides.get((part, "den", area, unit), Side())

    def _reported(self, part: str, area: str) -> Mapping[str, Reported]:
        """Return, by unit, how many of the owed cells of a part were given in an area."""
        return self._cells.reported.get((part, area), {})

    def _beside(self, part: str, area: str, unit: str) -> tuple[tuple[str, str, int], ...]:
        """Return (side, source, value): what each source says of which something does not count."""
        return tuple(
            (side, source, number)
            for side in ("num", "den")
            for source, number in self._cells.beside.get((part, side, area, unit), ())
        )

    def _target(self, line: Line, area: str, unit: str) -> Target | None:
        """Return the target in force for a figure."""
        return target_of(
            line.targets, self.window.last_day, area, unit, self._level(area, unit), is_ratio=line.is_ratio
        )

    def _standing(
        self, line: Line, now: Ratio, target: Target | None, area: str, unit: str, named: tuple[str, str]
    ) -> Standing:
        deadline = target.deadline if target else None
        at_deadline = first = None
        if deadline and self.window.first_day <= deadline <= self.window.last_day:
            cells = self._at_deadline(deadline)
            dated = [_ratio(deadline, *self._sides(part, area, unit, cells), line.is_ratio) for part in line.parts]
            at_deadline = dated[lowest_part(dated, [True] * len(dated))]
        elif deadline and deadline > self.window.last_day:
            first = self._first_known(line, *named)
        return standing_of(
            now,
            target=target.value if target else None,
            direction=line.indicator.direction,
            deadline=deadline,
            first=first,
            at_deadline=at_deadline,
            window_first_day=self.window.first_day,
        )

    def _mark(self, line: Line, now: Ratio, area: str, unit: str) -> MilestoneMark | None:
        """Return the milestone of this very figure: that of the whole is not handed down."""
        whole = "" if area == self.plan.area else area
        row = self._milestones.get((line.indicator.code, whole, unit))
        if row is None:
            return None
        first = self._first_known(line, area, unit) if row.day > self.window.last_day else None
        standing = standing_to_milestone(
            now, value=row.value, day=row.day, direction=line.indicator.direction, first=first
        )
        return MilestoneMark(value=row.value, day=row.day, reason=row.reason, standing=standing)

    def _at_deadline(self, day: date) -> Cells:
        if day not in self._deadlines:
            self._deadlines[day] = self._rolled_up(day, extra=True)
        return self._deadlines[day]

    @cached_property
    def _of_groups(self) -> Cells:
        """The cells of groups too: few ask for them, and they would cost every board half as much again."""
        return self._rolled_up(self.window.last_day, extra=False, by_group=True)

    @cached_property
    def _deadlines(self) -> dict[date, Cells]:
        return {}

    def _first_known(self, line: Line, area: str, unit: str) -> Ratio | None:
        """Return the earliest known value of this figure, this window's included."""
        for code in window_of(self.plan, f"ptd-{self.window.months[-1]}").months[:-1]:
            try:
                figure = self._figure_of(code, line, area, unit)
            except LookupError:  # the area or unit did not exist then
                continue
            if figure.value is not None:
                return Ratio(
                    day=figure.last_day,
                    numerator=figure.numerator,
                    denominator=figure.denominator,
                    is_ratio=line.is_ratio,
                )
        return None

    def _figure_of(self, period: str, line: Line, area: str, unit: str) -> Figure:
        """Return this figure of an earlier period, as that stands to this board. Raises LookupError."""
        return board(self.loaded, period, known_at=self.known_at).figure(line.code, area=area, unit=unit, revision=0)

    def _level(self, area: str, unit: str) -> Level:
        return Level(self.tree.get(area).level) if area else Level(self.units[unit].level)

    def _reach(self, measure: str) -> int:
        """Return how deep the obligations of a measure go; facts that nobody declares may go all the way."""
        rules = [rule for rule in self.plan.obligations if rule.measure == measure and rule.on is None]
        if not rules:
            return _DEPTH[Level.COMMUNE]
        return max(self._depth(rule) for rule in rules)

    def _depth(self, rule: ObligationRule) -> int:
        if rule.levels:
            return max(_DEPTH[level] for level in rule.levels)
        if rule.grain is not Grain.UNIT:
            return _DEPTH[Level(rule.grain.value)]
        owners = owing(rule.owed_by, self.plan, on=self.window.last_day, clauses=clauses_of(rule, self.plan))
        return max((_DEPTH[Level(self.tree.get(self.units[code].area).level)] for code in owners), default=0)

    def _is_reached(self, line: Line, area: str) -> bool:
        """Does anyone owe, or has anyone given, something in this area for the line?"""
        return any(
            (part, area) in self._cells.reported or (part, "num", area, "") in self._cells.sides for part in line.parts
        )

    def tracing(self, line: Line, sides: tuple[TracedSide, ...]) -> Tracing:
        """Return what decides which facts count in the figures of a line."""
        kinds = {measure.code: measure.kind for measure in self.plan.measures}
        used = {term.measure for side in sides for term in side.terms}
        distinct = {code for code in used if kinds[code] is Kind.DISTINCT}
        owed: dict[str, set[tuple[str, str]]] = {}
        obligations = (
            self._obligations(extra=False, on=self.window.last_day) if distinct and self.window.is_period else []
        )
        rows = [row for row in obligations if row.measure in distinct]
        for cell in cells_owed(rows, plan=self.plan, on=self.window.last_day, tree=self.tree):
            owed.setdefault(cell.measure, set()).add((cell.area, cell.unit))
        sources = {source.code: source for source in installed_sources()}
        period = self.window if self.window.is_period else window_of(self.plan, self.window.months[-1])
        return Tracing(
            sides=sides,
            kinds={code: kinds[code] for code in used},
            pairing=_pairing(self.plan, line, self._owners),
            sources=sources,
            ranks={code: RANKS.index(source.grade) for code, source in sources.items()},
            tree=self.tree,
            first_day=self.window.first_day,
            last_day=self.window.last_day,
            stock_from=period.first_day,
            owed={code: frozenset(pairs) for code, pairs in owed.items()},
            distinct_levels={
                rule.measure: tuple(level.value for level in rule.levels)
                for rule in self.plan.obligations
                if rule.levels
            },
            precedence=orders_of(self.plan, self.window.last_day),
            coverage=self._coverage(self.window.last_day),
        )

    # -- asking the engine -------------------------------------------------------------------------------------------
    def _rolled_up(self, last_day: date, *, extra: bool, by_group: bool = False) -> Cells:
        sources = tuple(installed_sources())
        facts = read_leaves(
            sources, first=self.window.first_day, last=last_day, known_at=self.known_at, kinds=kinds_of(self.plan)
        )
        areas = areas_in(facts.table, facts.files)
        span = self.span(areas, last_day=last_day, extra=extra)
        if by_group:
            span = replace(span, groups=groups_of(self.units.values()))
        return roll_up(request_of(self.plan, facts, sources, (span,), by_place=by_group))[span.code]

    def span(self, areas: Iterable[tuple[str, date]], *, last_day: date, extra: bool) -> Span:
        """
        Return the window, or its part until a deadline inside it (`extra`), with all that depends on its days.

        `areas` are those in which facts lie, by code and first day.
        """
        plan = self.plan
        obligations = self._obligations(extra=extra, on=last_day)
        period = self.window if self.window.is_period else window_of(plan, self.window.months[-1])
        return Span(
            code=self.window.code,
            first_day=self.window.first_day,
            last_day=last_day,
            stock_from=period.first_day,
            is_period=self.window.is_period,
            closure=tuple(
                (area.code, above)
                for area in self.tree
                for above in (area.code, *(node.code for node in self.tree.ancestors(area.code)))
            ),
            levels={area.code: area.level for area in self.tree},
            taken_over=self.taken_over(areas),
            coverage=self._coverage(last_day),
            expected=tuple(
                ExpectedRow(
                    measure=cell.measure,
                    dimensions=cell.dimensions,
                    area=cell.area,
                    unit=cell.unit,
                    day=cell.day,
                )
                for cell in cells_owed(obligations, plan=plan, on=self.window.last_day, tree=self.tree)
            ),
            pairing={part: _pairing(plan, line, self._owners) for line in self.lines.values() for part in line.parts},
            distinct_levels={
                rule.measure: tuple(level.value for level in rule.levels) for rule in plan.obligations if rule.levels
            },
            precedence=orders_of(plan, last_day),
        )

    def _coverage(self, last_day: date) -> tuple[CoverageRow, ...]:
        """Return what the sources hold all of, from the first day of the window to `last_day`; asked once of a board."""
        if last_day not in self._covered:
            self._covered[last_day] = tuple(
                CoverageRow(source=source.code, measure=row.measure, area=row.area, unit=row.unit)
                for source in installed_sources()
                for row in source.coverage(self.window.first_day, last_day)
            )
        return self._covered[last_day]

    def _obligations(self, *, extra: bool, on: date) -> list[Obligation]:
        """Return what is owed in the window: flows in each of its periods, the rest in the last one; extra cells apart."""
        months = self.window.months
        owed = Obligation.objects.filter(period__plan_id=self.plan.id, period__code__in=months)
        if extra:
            owed = owed.filter(day=on)
        else:
            flows = [measure.code for measure in self.plan.measures if measure.kind is Kind.FLOW]
            owed = owed.filter(Q(measure__in=flows) | Q(period__code=months[-1]), day=F("period__last_day"))
        return [row for row in owed if row.unit in self.units]

    def taken_over(self, areas: Iterable[tuple[str, date]]) -> tuple[tuple[str, date, str], ...]:
        """Bring areas of facts, by code and first day, to those that stand for them on the window's last day."""
        found = []
        for code, valid_from in sorted(areas):
            if code in self.tree and self.tree.get(code).valid_from == valid_from:
                continue
            if now := stands_for(code, valid_from, self.window.last_day):
                found.append((code, valid_from, now))
        return tuple(found)


def _next_milestones(rows: Iterable[Milestone], window: Window) -> dict[tuple[str, str, str], Milestone]:
    """Return for each indicator, area and unit the milestone ahead, the nearest first, else the last one that passed."""
    found: dict[tuple[str, str, str], Milestone] = {}
    for row in sorted(rows, key=lambda row: (row.day < window.first_day, abs((row.day - window.first_day).days))):
        found.setdefault((row.indicator, row.area, row.unit), row)
    return found


# -- the plan as lines and terms -------------------------------------------------------------------------------------
def lines_of(plan: Plan, on: date) -> dict[str, Line]:
    """Return what can be computed of a plan on a day, by code: each indicator, or each of its readings, in the plan's order."""
    lines: dict[str, Line] = {}
    for indicator in plan.indicators:
        if not indicator.readings:
            lines[indicator.code] = _line(plan, indicator, None, indicator.parts, indicator.targets)
        chosen = chosen_reading(indicator, on)
        for reading in indicator.readings:
            targets = reading.targets if reading is chosen else ()
            lines[reading.code] = _line(plan, indicator, reading, reading.parts, targets)
    return lines


def _line(
    plan: Plan, indicator: Indicator, reading: Reading | None, parts: tuple[Part, ...], targets: tuple[Target, ...]
) -> Line:
    code = reading.code if reading else indicator.code
    return Line(
        code=code,
        indicator=indicator,
        reading=reading,
        kind=reading.kind if reading else indicator.kind,
        parts=tuple(f"{code}/{number}" for number in range(len(parts))),
        targets=targets,
        is_ratio=bool(parts[0].denominator),
        measures=(
            frozenset(measure for part in parts for measure in _measures(plan, part.numerator)),
            frozenset(measure for part in parts for measure in _measures(plan, part.denominator)),
        ),
    )


def _measures(plan: Plan, formula: str) -> set[str]:
    return {term.measure for term in terms_of(plan, formula)} if formula else set()


def terms_of(plan: Plan, formula: str) -> tuple[Term, ...]:
    """Return a formula of the plan as terms of recorded measures."""
    return expand(parse(formula), {measure.code: measure for measure in plan.measures}).terms


def parts_of(line: Line) -> tuple[Part, ...]:
    """Return the numerator and denominator formulas of a line."""
    return line.reading.parts if line.reading else line.indicator.parts


def _owners(plan: Plan, on: date) -> dict[str, frozenset[str]]:
    """Return the units that declare each measure on a day."""
    owners: dict[str, frozenset[str]] = {}
    for rule in plan.obligations:
        if rule.on is None:
            here = owing(rule.owed_by, plan, on=on, clauses=clauses_of(rule, plan))
            owners[rule.measure] = owners.get(rule.measure, frozenset()) | frozenset(here)
    return owners


def _terms(plan: Plan) -> tuple[TermRow, ...]:
    """Return the terms of every line; which reading is chosen on a day changes none."""
    return tuple(
        TermRow(part=code, side=side, sign=term.sign, measure=term.measure, where=term.where)
        for line in lines_of(plan, plan.in_force_from).values()
        for code, part in zip(line.parts, parts_of(line), strict=True)
        for side, formula in (("num", part.numerator), ("den", part.denominator))
        if formula
        for term in terms_of(plan, formula)
    )


def kinds_of(plan: Plan) -> dict[str, str]:
    """Return the kind of each recorded measure."""
    return {measure.code: measure.kind.value for measure in plan.measures if not measure.derived}


def orders_of(plan: Plan, on: date) -> dict[str, tuple[int, ...]]:
    """Return, for each recorded measure, the ranks of sources in the order in which they count on a day."""
    return {code: tuple(RANKS.index(Grade(each)) for each in precedence_on(plan, code, on)) for code in kinds_of(plan)}


def request_of(
    plan: Plan, facts: Facts, sources: Iterable[Source], spans: tuple[Span, ...], *, by_place: bool = False
) -> Request:
    """Return what the engine is asked: the plan's lines in each of the windows; `by_place`: of each kind of place too."""
    return Request(
        facts=facts.table,
        files=facts.files,
        sources=tuple(
            SourceRow(
                code=source.code,
                rank=RANKS.index(source.grade),
                is_record_stock=source.stock is StockState.RECORD,
                carries=source.carries,
            )
            for source in sources
        ),
        kinds=kinds_of(plan),
        terms=_terms(plan),
        root=plan.area,
        spans=spans,
        by_place=by_place,
        approximate=frozenset(measure.code for measure in plan.measures if measure.approximate),
    )


def groups_of(units: Iterable[UnitOn]) -> tuple[tuple[str, str], ...]:
    """Return (unit, group) for the groups that have figures of their own: `kind:police`, and `under:` each unit above."""
    by_code = {unit.code: unit for unit in units}
    found = []
    for unit in by_code.values():
        found.append((unit.code, f"kind:{unit.kind}"))
        above, seen = unit.parent, {unit.code}
        while above in by_code and above not in seen:
            found.append((unit.code, f"under:{above}"))
            seen.add(above)
            above = by_code[above].parent
    return tuple(found)


def _pairing(plan: Plan, line: Line, owners: Mapping[str, frozenset[str]]) -> Pairing:
    """
    Say which leaves of a ratio speak of the same parts.

    The same units owe both sides: pair by unit and area. Others owe them, both by area: pair by area. A distinct count has no
    leaves, and a total typed by one unit for all (M2.1) has no partner leaf: then nothing is left out.
    """
    measures = {measure.code: measure for measure in plan.measures}
    used = [measures[code] for side in line.measures for code in side]
    numerators, denominators = line.measures
    if not line.is_ratio or any(measure.kind is Kind.DISTINCT for measure in used):
        return Pairing.NONE
    if line.indicator.paired_by == "unit":
        return Pairing.UNIT
    gives = [frozenset[str]().union(*(owners.get(code, frozenset()) for code in side)) for side in line.measures]
    if gives[0] == gives[1] and len({measure.grain for measure in used}) == 1:
        return Pairing.CELL
    if all(measure.grain is not Grain.UNIT for measure in used) and numerators.isdisjoint(denominators):
        return Pairing.AREA
    return Pairing.NONE


def _is_total_for_all(plan: Plan, line: Line, owners: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether one unit alone types a side of a ratio that others have parts in: its number is not of its own parts."""
    distinct = {measure.code for measure in plan.measures if measure.kind is Kind.DISTINCT}
    gives = [frozenset[str]().union(*(owners.get(code, frozenset()) for code in side)) for side in line.measures]
    return (
        line.is_ratio
        and gives[0] != gives[1]
        and any(len(units) == 1 for units in gives)
        and distinct.isdisjoint(code for side in line.measures for code in side)
        and _pairing(plan, line, owners) is Pairing.NONE
    )


# -- numbers ---------------------------------------------------------------------------------------------------------
class Counted(Protocol):
    """What was counted on one side of a figure: whole numbers, or those of a map of another day."""

    @property
    def value(self) -> int | Decimal | None: ...
    @property
    def weights(self) -> tuple[int | Decimal, ...]: ...
    @property
    def rows(self) -> tuple[int | Decimal, ...]: ...
    @property
    def is_stale(self) -> bool: ...
    @property
    def is_approximate(self) -> bool: ...


def _ratio(day: date, numerator: Counted, denominator: Counted, is_ratio: bool) -> Ratio:  # noqa: FBT001  three values of one line
    return Ratio(
        day=day,
        numerator=None if numerator.value is None else Decimal(numerator.value),
        denominator=Decimal(denominator.value) if is_ratio and denominator.value is not None else None,
        is_ratio=is_ratio,
    )


def target_of(
    targets: Iterable[Target], on: date, area: str, unit: str, level: Level, *, is_ratio: bool
) -> Target | None:
    """Return the target in force: the unit's or area's own, its level's, else the province's, which only a share hands down."""
    in_force = [target for target in targets if target.from_day <= on]
    own = [t for t in in_force if (unit and t.unit == unit) or (area and t.area == area)]
    of_level = [t for t in in_force if t.level is level and not t.unit and not t.area]
    general = [t for t in in_force if not t.unit and not t.area and t.level is None]
    if not is_ratio and level is not Level.PROVINCE:
        general = []
    for found in (own, of_level, general):
        if found:
            return max(found, key=lambda target: target.from_day)
    return None


def _gap(now: Ratio, target: Decimal | None) -> Decimal | None:
    if target is None or not now.is_known or now.numerator is None:
        return None
    return target * (Decimal(1) if now.denominator is None else now.denominator) - now.numerator


def _grade(sides: Iterable[Counted]) -> Grade | None:
    """Return the weakest grade used."""
    used = [rank for side in sides for rank in range(3) if side.weights[rank] or side.rows[rank]]
    return RANKS[max(used)] if used else None


def _shares(numerator: Counted, denominator: Counted) -> dict[Grade, Decimal]:
    """Return what share of the counted base each grade gave."""
    base = denominator if any(denominator.weights) else numerator
    weights = base.weights if any(base.weights) else base.rows
    whole = sum(weights)
    return {RANKS[rank]: Decimal(weight) / Decimal(whole) for rank, weight in enumerate(weights) if weight}


def _of_unit(reported: Mapping[str, Reported], unit: str) -> dict[str, Reported]:
    """Keep what one unit owes; all of it where no unit is named."""
    return {code: cells for code, cells in reported.items() if unit in ("", code)}


def _merged(by_part: list[dict[str, Reported]]) -> dict[str, Reported]:
    """Add up, per unit, the owed cells of the parts of a line."""
    merged: dict[str, Reported] = {}
    for reported in by_part:
        for code, cells in reported.items():
            before = merged.get(code, Reported(expected=0, given=0))
            merged[code] = Reported(expected=before.expected + cells.expected, given=before.given + cells.given)
    return dict(sorted(merged.items()))


# -- kept boards -----------------------------------------------------------------------------------------------------
_NO_CELLS = Cells(sides={}, beside={}, reported={})
_boards: Kept[Board] = Kept(48)


def board(loaded: Loaded, window: str, *, known_at: datetime | None = None) -> Board:
    """Return the board of a window for the facts as they stand now, or stood at `known_at`. Raises PeriodError."""
    span = window_of(loaded.plan, window)
    changes = queries.changes_until(span.last_day)
    key = (loaded.bundle, loaded.hash, loaded.milestones, window, changes, known_at)
    return _boards.get(key, lambda: Board(loaded, span, changes=changes, known_at=known_at))


def boards(
    loaded: Loaded, windows: Sequence[str], *, known_at: datetime | None = None, runner: Runner | None = None
) -> dict[str, Board]:
    """
    Return the boards of many windows, by code, from one rollup: facts are read once for all of them. Raises PeriodError.

    They are not kept. `runner`: the engine to use, DuckDB by default. Each window of a plan is made of whole leaves, so facts
    that come compacted serve them all.
    """
    sources = tuple(installed_sources())
    spans = [window_of(loaded.plan, code) for code in windows]
    if not spans:
        return {}
    first, last = min(span.first_day for span in spans), max(span.last_day for span in spans)
    changes = {span.code: queries.changes_until(span.last_day) for span in spans}
    facts = read_leaves(sources, first=first, last=last, known_at=known_at, kinds=kinds_of(loaded.plan))
    areas = areas_in(facts.table, facts.files)
    built = {
        span.code: Board(loaded, span, changes=changes[span.code], known_at=known_at, cells=_NO_CELLS) for span in spans
    }
    rows = tuple(each.span(areas, last_day=each.window.last_day, extra=False) for each in built.values())
    for code, cells in roll_up(request_of(loaded.plan, facts, sources, rows), runner).items():
        built[code].take(cells)
    return built


def forget_boards() -> None:
    """Drop every kept board."""
    _boards.forget()
