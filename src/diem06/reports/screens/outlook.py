"""Whose figures of which period a person looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from django.utils.translation import get_language

from diem06.core.access import Subject
from diem06.core.areas.queries import AreaTree
from diem06.core.organisation.queries import UnitOn
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan, periods
from diem06.cube.closing.queries import closings
from diem06.cube.closing.record import closed_board
from diem06.cube.closing.restatements import restatements
from diem06.cube.figures import Board, Figure, board
from diem06.cube.maps import MapBoard, map_board
from diem06.cube.models import Closing
from diem06.plan.model import Indicator, Plan, Reading

PERIODS_SHOWN = 6
UNDECIDED = "undecided"


class PeriodUnknown(LookupError):
    """The plan has no such opened period, or none at all."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """
    The figures that one person may see of one period.

    `unit` is empty for whoever sees the whole area of the plan; else every figure is that unit's own, and nothing of another
    unit is named. `map_day`: figures of areas are laid on the map of that day; None: each period is on the map of its last day.
    """

    loaded: Loaded
    period: Period
    opened: tuple[Period, ...]
    board: Board
    revision: int
    unit: str
    at: datetime
    closed: Mapping[str, Closing] = field(default_factory=dict)  # by period
    map_day: date | None = None

    @property
    def closing(self) -> Closing | None:
        """How the period was closed; None while it is open."""
        return self.closed.get(self.period.code)

    @cached_property
    def restated(self) -> int:
        """How many closed figures of the period facts of today would give another number."""
        return len(restatements(self.loaded, self.closing).all) if self.closing else 0

    @property
    def plan(self) -> Plan:
        return self.loaded.plan

    @property
    def tree(self) -> AreaTree:
        return self.board.tree

    @property
    def units(self) -> Mapping[str, UnitOn]:
        return self.board.units

    @property
    def is_whole(self) -> bool:
        """Does the person see the whole area of the plan?"""
        return not self.unit

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators in sight, in the order of the plan: all, or those whose result is the unit's."""
        return tuple(indicator for indicator in self.plan.indicators if self.sees(indicator))

    @cached_property
    def counted(self) -> tuple[Indicator, ...]:
        """The indicators in sight that count: one that is the same as another in sight is counted with that one."""
        codes = {indicator.code for indicator in self.indicators}
        return tuple(indicator for indicator in self.indicators if indicator.same_as not in codes)

    def sees_area(self, code: str) -> bool:
        """May the person see the figures of this area of the period's last day, or of all that makes it up on another map?"""
        if code not in self.tree:
            return False
        if self.is_whole:
            return True
        own, codes = self.board, {code}
        if isinstance(own, MapBoard):
            codes, own = own.layout.sources(code), own.own
        return bool(codes) and all(
            is_in_own_area(each, units=(self.unit,), known=self.units, tree=own.tree, plan=self.plan) for each in codes
        )

    def on_map(self, day: date) -> Outlook:
        """Return the same figures on the map of another day. Raises AreaUnknown where that map lacks the plan's area."""
        return replace(self, board=map_board(self.board, day), map_day=day)

    def of_unit(self, unit: str) -> Outlook:
        """Return the same period as that unit sees it. Whoever calls it has asked who may."""
        scope = replace(self, unit=unit)
        scope.__dict__["_earlier"] = self._earlier  # the same boards: asked for once for all units of a page
        return scope

    def sees(self, indicator: Indicator) -> bool:
        return self.is_whole or any(self.unit in self.board.owners(code) for code in codes_of(indicator))

    def figure(self, code: str, *, area: str = "", unit: str = "") -> Figure:
        """Return a figure of the period. Without area and unit: the one that this person's pages are about."""
        return self.board.figure(
            code, area=area, unit=self.unit if not area and not unit else unit, revision=self.revision
        )

    @property
    def newest_first(self) -> tuple[Period, ...]:
        """The periods to choose from."""
        return self.opened[::-1]

    @cached_property
    def recent(self) -> tuple[Period, ...]:
        """The last periods up to this one, oldest first."""
        return self.until[-PERIODS_SHOWN:]

    @cached_property
    def until(self) -> tuple[Period, ...]:
        """Every period from the plan's first one to this one."""
        return tuple(period for period in self.opened if period.first_day <= self.period.first_day)

    @cached_property
    def _earlier(self) -> dict[str, Board]:
        return {}

    def board_of(self, period: Period) -> Board:
        """Return the board of a period, asked for once."""
        if period.code == self.period.code:
            return self.board
        if period.code not in self._earlier:
            found = _of_record(self.loaded, period.code, self.closed)
            self._earlier[period.code] = map_board(found, self.map_day) if self.map_day else found
        return self._earlier[period.code]

    def course(self, code: str, *, over: tuple[Period, ...], area: str = "") -> list[Figure | None]:
        """
        Return the figure of each period in `over`; None where the line, the area or the unit was not there.

        Their revision is 0: they are shown as a course and lead nowhere.
        """
        course: list[Figure | None] = []
        for period in over:
            try:
                course.append(self.board_of(period).figure(code, area=area, unit="" if area else self.unit, revision=0))
            except LookupError:
                course.append(None)
        return course

    def history(self, code: str) -> list[tuple[Period, Figure]]:
        """Return the figure of each period so far, under the revision that its page shows."""
        found = []
        for period in self.until:
            here = self.board_of(period)
            try:
                revision = self.revision if here is self.board else here.revision
                found.append((period, here.figure(code, unit=self.unit, revision=revision)))
            except LookupError:
                continue
        return found

    @cached_property
    def has_data(self) -> bool:
        """Has anybody given something for the period, of what units must give for the indicators in sight?"""
        figures = [self.figure(code) for indicator in self.indicators for code in codes_of(indicator)]
        owed = [figure for figure in figures if figure.expected] or figures
        return any(figure.numerator is not None for figure in owed)

    # -- words -------------------------------------------------------------------------------------------------------
    def unit_short(self, code: str) -> str:
        """Return how a unit is called in a list: its short name, or the English one."""
        unit = self.units.get(code)
        if unit is None:
            return code
        return (unit.name_en if is_english() else "") or unit.short or unit.name

    @property
    def scope_name(self) -> str:
        """Return what the page's figures are about: the plan's area as it is in the period, or the unit."""
        if self.unit:
            return self.unit_short(self.unit)
        tree = self.board.own.tree if isinstance(self.board, MapBoard) else self.tree
        return tree.get(self.plan.area).name

    def seen_missing(self, figure: Figure) -> tuple[str, ...]:
        """Return who still owes values for the figure, as far as this person may know."""
        return tuple(code for code in figure.missing if self.is_whole or code == self.unit)


def outlook(subject: Subject, *, period: str, at: datetime) -> Outlook:
    """
    Return what `subject` sees of `period` (empty: the last one that is due). Raises NoPlanError, PeriodUnknown, and
    PermissionDenied for a person without a role.
    """
    loaded = loaded_plan()
    opened = tuple(each for each in periods(loaded.plan) if each.opens_at <= at)
    chosen = _chosen(opened, period, at)
    if chosen is None:
        raise PeriodUnknown(period)
    closed = {closing.period: closing for closing in closings(loaded.plan.id)}
    here = _of_record(loaded, chosen.code, closed)
    return Outlook(
        loaded=loaded,
        period=chosen,
        opened=opened,
        board=here,
        revision=here.revision,
        unit=subject.scope.unit or "",
        at=at,
        closed=closed,
    )


def _of_record(loaded: Loaded, code: str, closed: Mapping[str, Closing]) -> Board:
    """Return the figures of a period as they were closed, else as the facts stand now."""
    return closed_board(loaded, closed[code]) if code in closed else board(loaded, code)


def is_in_own_area(code: str, *, units: Iterable[str], known: Mapping[str, UnitOn], tree: AreaTree, plan: Plan) -> bool:
    """
    Is the area that of one of these units, or a part of it?

    A unit of the whole province has no area of its own in this sense: its people see their unit's figures alone.
    """
    own = {known[unit].area for unit in units if unit in known} - {"", plan.area}
    return code in tree and any(each in own for each in (code, *(area.code for area in tree.ancestors(code))))


def _chosen(opened: tuple[Period, ...], code: str, at: datetime) -> Period | None:
    if code:
        return next((each for each in opened if each.code == code), None)
    due = [each for each in opened if each.due_at <= at]
    return due[-1] if due else (opened[0] if opened else None)


# -- the plan's lines and words -----------------------------------------------------------------------------------------
def codes_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the codes by which an indicator is computed: its own, or those of its readings."""
    return tuple(reading.code for reading in indicator.readings) or (indicator.code,)


def decided(indicator: Indicator, outlook: Outlook) -> Reading | None:
    """Return the reading in force on the period's last day: the one decided last."""
    on = outlook.period.last_day
    in_force = [
        (decision.from_day, reading)
        for reading in indicator.readings
        for decision in reading.decisions
        if decision.from_day <= on
    ]
    return max(in_force, key=lambda pair: pair[0])[1] if in_force else None


def is_undecided(indicator: Indicator, outlook: Outlook) -> bool:
    return bool(indicator.readings) and decided(indicator, outlook) is None


def code_of(indicator: Indicator, outlook: Outlook) -> str:
    """Return the code whose figure stands for the indicator. An undecided one has none: see `is_undecided`."""
    reading = decided(indicator, outlook)
    return reading.code if reading else indicator.code


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def name_of(indicator: Indicator) -> str:
    return indicator.name_en if is_english() and indicator.name_en else indicator.name


def short_name_of(indicator: Indicator) -> str:
    """Return the name as tables write it: without «Tỷ lệ» in front, which the column says, and never cut off."""
    name = name_of(indicator)
    for prefix in ("Tỷ lệ ", "Share of "):
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            return rest[:1].upper() + rest[1:]
    return name


def counted_of(indicator: Indicator) -> str:
    return indicator.counted_en if is_english() and indicator.counted_en else indicator.counted


def reading_words(reading: Reading) -> str:
    return reading.text_en if is_english() and reading.text_en else reading.text


def period_name(period: Period) -> str:
    """Return «12/2023»."""
    return f"{int(period.code[5:])}/{period.code[:4]}"
