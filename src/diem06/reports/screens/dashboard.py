"""The dashboard: who has reported, how the indicators stand, worst first, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from diem06.core.plans.models import Obligation
from diem06.core.plans.queries import cells_owed
from diem06.cube.figures import Figure
from diem06.cube.pace import Pace
from diem06.cube.standing import Standing
from diem06.plan.model import Indicator, Level
from diem06.reports.models import DeclaredValue, Report, ReportState
from diem06.reports.queries import timeliness
from diem06.reports.screens.gaps import DueBy, PartName, due_by, gap_of, most_lacking, pace_of_course, pace_sentence
from diem06.reports.screens.outlook import (
    UNDECIDED,
    Outlook,
    code_of,
    codes_of,
    counted_of,
    is_undecided,
    reading_words,
    short_name_of,
)
from diem06.reports.screens.places import AreaRow, Places, places

WORST_FIRST = (
    Standing.MISSED,
    Standing.AT_RISK,
    Standing.BELOW,
    Standing.ON_TRACK,
    Standing.MET,
    Standing.NO_DATA,
    Standing.NOT_APPLICABLE,
)
GROUP_WORDS = {
    Standing.MISSED: gettext_lazy("Không đạt: đã qua thời hạn"),
    Standing.AT_RISK: gettext_lazy("Có nguy cơ: dưới đường tới mục tiêu vào ngày hạn"),
    Standing.BELOW: gettext_lazy("Chưa đạt: dưới mục tiêu, Kế hoạch không ghi thời hạn"),
    Standing.ON_TRACK: gettext_lazy("Đúng tiến độ"),
    Standing.MET: pgettext_lazy("standing", "Đạt"),
    Standing.NO_DATA: gettext_lazy("Chưa có số liệu"),
    Standing.NOT_APPLICABLE: gettext_lazy("Không phát sinh trong kỳ"),
}
# As the components name them.
UNITS_NAMED = 2
AREAS_SHOWN = 12
BEHIND = (Standing.MISSED, Standing.AT_RISK, Standing.BELOW)


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """One indicator, or one reading of one, in a table."""

    code: str  # of the line
    indicator: Indicator
    name: str
    counted: str
    owed_by: str
    figure: Figure
    standing: str
    course: tuple[Decimal | None, ...]
    same: tuple[str, ...]  # codes that are counted with it
    pace: Pace | None = None
    due: DueBy | None = None
    lacking: tuple[PartName, ...] = ()  # the parts that lack the most; of what is not met, on the dashboard

    @property
    def is_share(self) -> bool:
        return self.figure.is_ratio

    @property
    def pace_words(self) -> str:
        return pace_sentence(self.pace, self.figure, is_milestone=bool(self.due and self.due.is_milestone))


@dataclass(frozen=True, kw_only=True)
class Group:
    standing: str
    words: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, kw_only=True)
class UndecidedRow:
    """An indicator whose reading is not decided: each reading beside the others, none judged."""

    indicator: Indicator
    name: str
    owed_by: str
    readings: tuple[tuple[str, IndicatorRow], ...]  # the words of the reading, its line


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """One unit's report of the period, with its last periods, oldest first."""

    unit: str
    name: str
    report: Report
    timeliness: str
    late_by: timedelta | None
    detail: str
    past: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ByArea:
    """One indicator in each district (in each commune where there is no district), the largest gap first."""

    row: IndicatorRow
    places: Places
    choices: tuple[tuple[str, str], ...]  # code, «P9 · Công dân …»

    @property
    def areas(self) -> tuple[AreaRow, ...]:
        return self.places.rows

    @property
    def shown(self) -> tuple[AreaRow, ...]:
        """What the panel has room for; the page of areas has them all."""
        return self.places.rows[:AREAS_SHOWN]


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    outlook: Outlook
    groups: tuple[Group, ...]
    undecided: tuple[UndecidedRow, ...]
    without_target: tuple[IndicatorRow, ...]
    units: tuple[UnitRow, ...]
    by_area: ByArea | None

    @property
    def with_target(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def by_standing(self) -> Mapping[str, int]:
        return {group.standing: len(group.rows) for group in self.groups}

    @property
    def by_timeliness(self) -> Mapping[str, int]:
        counts = dict.fromkeys(("missing", "late", "in_time", "not_due"), 0)
        for unit in self.units:
            counts[unit.timeliness] += 1
        return counts

    @property
    def not_in_time(self) -> tuple[UnitRow, ...]:
        """Who has not sent, or sent late; before the due time, who has not sent yet. A unit's own page shows its own."""
        if not self.outlook.is_whole:
            return self.units
        return tuple(unit for unit in self.units if unit.timeliness != "in_time")


def dashboard(outlook: Outlook, *, area_indicator: str = "") -> Dashboard:
    """Return the dashboard. Raises LookupError for an `area_indicator` that has no figures by district."""
    rows = {
        indicator.code: row_of(outlook, indicator)
        for indicator in outlook.counted
        if not is_undecided(indicator, outlook)
    }
    groups = grouped(_with_lacking(outlook, row) for row in rows.values())
    return Dashboard(
        outlook=outlook,
        groups=groups,
        undecided=tuple(undecided_row(outlook, each) for each in outlook.counted if is_undecided(each, outlook)),
        without_target=tuple(row for row in rows.values() if not _has_target(row)),
        units=units_of(outlook),
        by_area=by_area(outlook, groups, area_indicator) if outlook.is_whole else None,
    )


# -- indicators --------------------------------------------------------------------------------------------------------
def row_of(outlook: Outlook, indicator: Indicator, code: str = "", *, area: str = "") -> IndicatorRow:
    """Return the row of an indicator, or of the reading `code` of it; of `area`, or what the outlook is about."""
    code = code or code_of(indicator, outlook)
    figure = outlook.figure(code, area=area)
    course = [*outlook.course(code, over=outlook.recent[:-1], area=area), figure]
    return IndicatorRow(
        code=code,
        indicator=indicator,
        name=short_name_of(indicator),
        counted=counted_of(indicator),
        owed_by=owed_by(outlook, code),
        figure=figure,
        standing=UNDECIDED if is_undecided(indicator, outlook) else str(figure.standing),
        course=tuple(each.value if each else None for each in course),
        same=tuple(each.code for each in outlook.indicators if each.same_as == indicator.code),
        pace=pace_of_course(outlook, code, course),
        due=due_by(figure),
    )


def _with_lacking(outlook: Outlook, row: IndicatorRow) -> IndicatorRow:
    """Name the parts that lack the most where the target is not met."""
    if row.figure.standing not in BEHIND:
        return row
    return replace(row, lacking=most_lacking(outlook, gap_of(outlook, row.code)))


def undecided_row(outlook: Outlook, indicator: Indicator) -> UndecidedRow:
    return UndecidedRow(
        indicator=indicator,
        name=short_name_of(indicator),
        owed_by=owed_by(outlook, codes_of(indicator)[0]),
        readings=tuple(
            (reading_words(reading), row_of(outlook, indicator, reading.code)) for reading in indicator.readings
        ),
    )


def grouped(rows: Iterable[IndicatorRow]) -> tuple[Group, ...]:
    """Group what has a target, worst standing first; in a group the farthest from its target first."""
    judged = [row for row in rows if _has_target(row)]
    groups = []
    for standing in WORST_FIRST:
        here = sorted((row for row in judged if row.standing == standing), key=_nearness)
        if here:
            groups.append(Group(standing=str(standing), words=str(GROUP_WORDS[standing]), rows=tuple(here)))
    return tuple(groups)


def owed_by(outlook: Outlook, code: str) -> str:
    """Say whose result a line is: names while they are few, else how many."""
    if not outlook.is_whole:
        return outlook.unit_short(outlook.unit)
    return owner_words(outlook, code)


def owner_words(outlook: Outlook, code: str) -> str:
    """Name the units whose result a line is while they are few, else say how many: the plan says so to everybody."""
    owners = outlook.board.owners(code)
    if len(owners) <= UNITS_NAMED:
        return ", ".join(outlook.unit_short(unit) for unit in owners)
    return ngettext("%(count)s đơn vị", "%(count)s đơn vị", len(owners)) % {"count": len(owners)}


def _has_target(row: IndicatorRow) -> bool:
    return row.figure.target is not None


def _nearness(row: IndicatorRow) -> Decimal:
    figure = row.figure
    if figure.value is None or not figure.target:
        return Decimal(0)
    return figure.value / figure.target


# -- units -------------------------------------------------------------------------------------------------------------
def units_of(outlook: Outlook) -> tuple[UnitRow, ...]:
    """Return the units' reports: missing first, then late, then in time."""
    ids = [period.pk for period in outlook.recent]
    reports = Report.objects.filter(period__in=ids).select_related("period")
    if not outlook.is_whole:
        reports = reports.filter(unit=outlook.unit)
    by_unit: dict[str, dict[int, Report]] = {}
    for report in reports:
        by_unit.setdefault(report.unit, {})[report.period_id] = report
    now = {unit: mine[outlook.period.pk] for unit, mine in by_unit.items() if outlook.period.pk in mine}
    details = _details(outlook, [report for report in now.values() if report.first_approved_at is None])
    rows = [
        UnitRow(
            unit=unit,
            name=outlook.unit_short(unit),
            report=report,
            timeliness=timeliness(report, at=outlook.at),
            late_by=_late_by(outlook, report),
            detail=details.get(unit, ""),
            past=tuple(timeliness(by_unit[unit][pk], at=outlook.at) for pk in ids if pk in by_unit[unit]),
        )
        for unit, report in now.items()
    ]
    order = {"missing": 0, "not_due": 1, "late": 2, "in_time": 3}
    places = {code: place for place, code in enumerate(outlook.units)}
    return tuple(sorted(rows, key=lambda row: (order[row.timeliness], places.get(row.unit, len(places)))))


def _late_by(outlook: Outlook, report: Report) -> timedelta | None:
    """Return how long after the due time the approval came, or how long it has been missing."""
    sent_at = report.first_approved_at or outlook.at
    return sent_at - report.period.due_at if sent_at >= report.period.due_at else None


def _details(outlook: Outlook, unsent: list[Report]) -> dict[str, str]:
    """Say of each report that is not approved how far its values are."""
    if not unsent:
        return {}
    units = [report.unit for report in unsent]
    given = dict(
        DeclaredValue.objects.current()
        .filter(period=outlook.period, unit__in=units)
        .values_list("unit")
        .annotate(n=Count("pk"))
        .order_by()
    )
    owed: dict[str, int] = dict.fromkeys(units, 0)
    obligations = Obligation.objects.filter(period=outlook.period, unit__in=units).order_by("rule")
    for cell in cells_owed(obligations, plan=outlook.plan, on=outlook.period.last_day, tree=outlook.tree):
        owed[cell.unit] += 1
    return {report.unit: _detail(report, given.get(report.unit, 0), owed[report.unit]) for report in unsent}


def _detail(report: Report, given: int, owed: int) -> str:
    if report.state == ReportState.OPEN:
        return _("chưa mở biểu")
    if given < owed:
        return _("chưa nhập %(left)s/%(owed)s ô") % {"left": owed - given, "owed": owed}
    return _("đã nhập đủ, chưa duyệt")


# -- areas -------------------------------------------------------------------------------------------------------------
def by_area(outlook: Outlook, groups: tuple[Group, ...], code: str) -> ByArea | None:
    """
    Return one indicator by area: `code`, or the worst one that has figures there.

    None where no indicator has any. Raises LookupError for a `code` that has none.
    """
    level = Level.DISTRICT if outlook.tree.descendants(outlook.plan.area, Level.DISTRICT) else Level.COMMUNE
    rows = {row.code: row for group in groups for row in group.rows if level in outlook.board.levels(row.code)}
    if not rows:
        if code:
            raise LookupError(code)
        return None
    row = rows[code] if code else next((row for row in rows.values() if row.figure.value is not None), None)
    if row is None:
        return None
    return ByArea(
        row=row,
        places=places(outlook, row.code, level, title=_("Bản đồ theo chỉ tiêu %(code)s") % {"code": row.code}),
        choices=tuple(
            (each.code, f"{each.code} · {short_name_of(each)}") for each in outlook.counted if each.code in rows
        ),
    )
