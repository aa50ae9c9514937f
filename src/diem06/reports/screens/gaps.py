"""What stands behind a gap: which areas and units make it up, how fast it closes, and when it will be closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from diem06.core.ui import numbers
from diem06.cube.figures import Figure
from diem06.cube.pace import Aim, Pace, Split, pace_of, split_gap
from diem06.plan.model import Kind, Level
from diem06.reports.screens.outlook import Outlook

NAMED = 2  # parts named in a line of a table


@dataclass(frozen=True, kw_only=True)
class PartName:
    """A part of a gap by name: an area or a unit, with what it lacks (above 0) or exceeds (below 0)."""

    name: str
    code: str
    gap: Decimal
    is_area: bool


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How a figure's gap is made up, by area and by unit. None: it does not add up that way."""

    areas: Split | None
    units: Split | None

    @property
    def split(self) -> Split | None:
        return self.areas or self.units


@dataclass(frozen=True, kw_only=True)
class DueBy:
    """The day that pace is carried to: the plan's deadline, or a milestone of the standing office, which is no target."""

    day: date
    value: Decimal
    is_milestone: bool = False


def gap_of(outlook: Outlook, code: str) -> Gap:
    """Return how the gap of a line is made up. Whoever sees one unit alone sees no parts."""
    if not outlook.is_whole:
        return Gap(areas=None, units=None)
    whole, kind = outlook.figure(code), outlook.board.lines[code].kind
    areas = [outlook.figure(code, area=area.code) for area in outlook.board.areas(code, Level.DISTRICT)]
    if not areas and not outlook.tree.descendants(outlook.plan.area, Level.DISTRICT):
        areas = [outlook.figure(code, area=area.code) for area in outlook.board.areas(code, Level.COMMUNE)]
    units = [outlook.figure(code, unit=unit) for unit in outlook.board.owners(code)]
    return Gap(areas=split_gap(whole, areas, kind=kind), units=split_gap(whole, units, kind=kind))


def most_lacking(outlook: Outlook, gap: Gap) -> tuple[PartName, ...]:
    """Return the parts that lack the most, by name."""
    split = gap.split
    return tuple(part_name(outlook, part) for part in split.missing[:NAMED]) if split else ()


def part_name(outlook: Outlook, figure: Figure) -> PartName:
    """Return an area's or a unit's figure as a part of a gap."""
    amount = figure.gap if figure.gap is not None else Decimal(0)
    if figure.unit:
        return PartName(name=outlook.unit_short(figure.unit), code=figure.unit, gap=amount, is_area=False)
    assert figure.area is not None  # a figure is of an area or of a unit
    area = outlook.tree.get(figure.area.code)
    return PartName(name=area.short_name, code=area.code, gap=amount, is_area=True)


# -- pace ----------------------------------------------------------------------------------------------------------------
def due_by(figure: Figure) -> DueBy | None:
    """
    Return the day by which a value is to be reached: the plan's deadline while it lies ahead, else the next milestone.

    None where nobody has set one.
    """
    if figure.deadline and figure.target is not None and figure.deadline > figure.last_day:
        return DueBy(day=figure.deadline, value=figure.target)
    if figure.milestone and figure.milestone.day > figure.last_day:
        return DueBy(day=figure.milestone.day, value=figure.milestone.value, is_milestone=True)
    return None


def pace_of_course(outlook: Outlook, code: str, course: Sequence[Figure | None]) -> Pace | None:
    """Return the pace of a line whose figures of the last periods are `course`, oldest first."""
    line, now = outlook.board.lines[code], course[-1]
    due = due_by(now) if now else None
    return pace_of(
        course,
        plan=outlook.plan,
        kind=line.kind,
        direction=line.indicator.direction,
        aim=Aim(value=due.value, day=due.day) if due else None,
    )


def code_name(code: str) -> str:
    """Return «4/2024» for the code of a period."""
    return f"{int(code[5:])}/{code[:4]}"


def step_words(step: Decimal, *, is_ratio: bool) -> str:
    """Return «+0,6 điểm» of a ratio, «+12» of a count."""
    if is_ratio:
        # A small step shows its first digit that is not 0, up to two decimals.
        places = 1 if numbers.rounded(step * 100, 1) else 2
        return _("%(step)s điểm") % {"step": numbers.signed(numbers.rounded(step * 100, places), places)}
    return numbers.signed(step, 0)


def pace_sentence(pace: Pace | None, figure: Figure, *, is_milestone: bool = False) -> str:
    """
    Say in a few words how fast the figure moves and where that leads; empty where there is nothing to say.

    `is_milestone`: its day is that of a milestone, and is called so.
    """
    if pace is None or figure.gap is None or figure.value is None:
        return ""
    if pace.kind is Kind.FLOW:
        if pace.mean_gap is None:
            return ""
        return _("bình quân ba kỳ thiếu %(gap)s") % {"gap": numbers.number(max(pace.mean_gap, Decimal(0)), 0)}
    if pace.step is None:
        return ""
    step = numbers.rounded(pace.step * 100, 2) if figure.is_ratio else numbers.rounded(pace.step, 0)
    words = {"step": step_words(pace.step, is_ratio=figure.is_ratio)}
    said = [_("nhịp %(step)s/kỳ") % words if step else _("không đổi qua các kỳ gần nhất")]
    if pace.needed is not None and pace.by is not None:
        needed = {"needed": step_words(pace.needed, is_ratio=figure.is_ratio), "day": f"{pace.by:%d/%m/%Y}"}
        said.append(
            _("cần %(needed)s/kỳ để tới mốc theo dõi %(day)s") % needed
            if is_milestone
            else _("cần %(needed)s/kỳ để đạt vào %(day)s") % needed
        )
    if pace.reached_in:
        said.append(_("tới mục tiêu khoảng kỳ %(period)s") % {"period": code_name(pace.reached_in)})
    elif figure.gap > 0 and step:
        said.append(_("nhịp này chưa tới mục tiêu"))
    return ", ".join(said)
