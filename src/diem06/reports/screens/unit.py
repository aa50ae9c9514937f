"""The pages of units: all of them in one period, and one with its figures, its reports and what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaOn
from diem06.core.organisation.queries import UnitOn
from diem06.plan.changes import assignments_on
from diem06.plan.model import Assignment, Duty
from diem06.reports.models import Report, TaskState, UnitPlan, UnitTask
from diem06.reports.queries import timeliness, unit_plans_on
from diem06.reports.screens.area import PilotRows, behind, by_pilot, counts_of, line_name, lines_of
from diem06.reports.screens.dashboard import IndicatorRow, UnitRow, row_of, units_of
from diem06.reports.screens.outlook import Outlook, is_english
from diem06.reports.unit_plans.queries import tasks_of
from vnlib.text import fold

# -- all units -----------------------------------------------------------------------------------------------------------
UNIT_SORTS = ("order", "name", "report", "behind", "met")
_TIMES = ("missing", "not_due", "late", "in_time")


@dataclass(frozen=True, kw_only=True)
class UnitsChoice:
    """How the list is narrowed and ordered; empty: not at all."""

    words: str = ""
    report: str = ""
    kind: str = ""
    sort: str = "report"


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """One unit with its report of the period and how its own indicators stand."""

    row: UnitRow
    unit: UnitOn
    counts: Mapping[str, int]
    plan: UnitPlan | None

    @property
    def behind(self) -> int:
        return sum(self.counts.get(key, 0) for key in ("missed", "at_risk", "below"))

    @property
    def met(self) -> int:
        return sum(self.counts.get(key, 0) for key in ("met", "on_track"))


def units_listed(outlook: Outlook, choice: UnitsChoice) -> list[UnitLine]:
    """Return the units that owe a report in the period, as the choice narrows and orders them."""
    plans = unit_plans_on(outlook.plan, outlook.period.last_day)
    sought = fold(choice.words)
    lines = [
        UnitLine(
            row=row,
            unit=outlook.units[row.unit],
            counts=counts_of(rows_of_unit(outlook.of_unit(row.unit))),
            plan=plans.get(row.unit),
        )
        for row in units_of(outlook)
        if row.unit in outlook.units
    ]
    kept = [
        line
        for line in lines
        if (not sought or sought in fold(f"{line.row.name} {line.unit.name}"))
        and (not choice.report or line.row.timeliness == choice.report)
        and (not choice.kind or line.unit.kind == choice.kind)
    ]
    return _sorted(outlook, kept, choice.sort)


def _sorted(outlook: Outlook, lines: list[UnitLine], sort: str) -> list[UnitLine]:
    key, is_falling = sort.removeprefix("-"), sort.startswith("-")
    places = {code: place for place, code in enumerate(outlook.units)}
    match key:
        case "name":
            return sorted(lines, key=lambda line: fold(line.row.name), reverse=is_falling)
        case "behind":
            return sorted(lines, key=lambda line: line.behind, reverse=is_falling)
        case "met":
            return sorted(lines, key=lambda line: line.met, reverse=is_falling)
        case "report":
            return sorted(lines, key=lambda line: _TIMES.index(line.row.timeliness), reverse=is_falling)
        case _:
            return sorted(lines, key=lambda line: places[line.row.unit], reverse=is_falling)


def rows_of_unit(scope: Outlook) -> list[IndicatorRow]:
    """Return a row for each line whose result is the unit's; `scope` is the outlook of that unit."""
    return [
        replace(row_of(scope, indicator, code), name=line_name(indicator, code))
        for indicator in scope.indicators
        for code in lines_of(scope, indicator)
        if scope.unit in scope.board.owners(code)
    ]


# -- one unit ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """The unit's report of one period."""

    report: Report
    timeliness: str
    late_by: timedelta | None


@dataclass(frozen=True, kw_only=True)
class AssignmentLine:
    """A pilot that the plan gives to the unit, in the plan's own words."""

    assignment: Assignment
    title: str


@dataclass(frozen=True, kw_only=True)
class LateLine:
    """Something that is late, and where it is put right."""

    tone: str
    icon: str
    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class UnitPage:
    """One unit on the last day of the period. `scope` is the outlook of the unit itself."""

    outlook: Outlook
    scope: Outlook
    unit: UnitOn
    name: str
    parent: str
    area: AreaOn | None
    sees_area: bool
    groups: tuple[PilotRows, ...]
    counts: Mapping[str, int]
    behind: tuple[IndicatorRow, ...]
    reports: tuple[ReportLine, ...]  # newest first
    plan: UnitPlan | None
    tasks: tuple[UnitTask, ...]  # that are open, nearest first
    tasks_done: int
    assignments: tuple[AssignmentLine, ...]
    duties: tuple[Duty, ...]
    late: tuple[LateLine, ...]

    @property
    def in_time(self) -> int:
        return sum(line.timeliness == "in_time" for line in self.reports)

    @property
    def due(self) -> int:
        return sum(line.timeliness != "not_due" for line in self.reports)

    @property
    def course(self) -> tuple[str, ...]:
        """Whether each of the last six reports came in time, oldest first."""
        return tuple(line.timeliness for line in self.reports[:6][::-1])


def unit_page(outlook: Outlook, unit: UnitOn) -> UnitPage:
    """Return the page of a unit of the period's last day. Whoever calls it has asked who may see it."""
    scope = outlook.of_unit(unit.code)
    rows = rows_of_unit(scope)
    reports = _reports(outlook, unit.code)
    plan = unit_plans_on(outlook.plan, outlook.period.last_day).get(unit.code)
    tasks = list(tasks_of(outlook.plan, unit.code))
    pilots = {pilot.code: pilot for pilot in outlook.plan.pilots}
    day = outlook.period.last_day
    area = outlook.tree.get(unit.area) if unit.area in outlook.tree else None
    assignments = tuple(
        AssignmentLine(
            assignment=each,
            title=pilots[each.pilot].short_title_en if is_english() else pilots[each.pilot].short_title,
        )
        for each in assignments_on(outlook.plan, day)
        if each.unit == unit.code
    )
    open_tasks = tuple(task for task in tasks if task.is_open)
    return UnitPage(
        outlook=outlook,
        scope=scope,
        unit=unit,
        name=unit.name_en if is_english() and unit.name_en else unit.name,
        parent=outlook.unit_short(unit.parent) if unit.parent else "",
        area=area,
        sees_area=bool(area) and outlook.sees_area(unit.area),
        groups=by_pilot(scope, rows),
        counts=counts_of(rows),
        behind=behind(rows),
        reports=reports,
        plan=plan,
        tasks=open_tasks,
        tasks_done=sum(task.state == TaskState.DONE for task in tasks),
        assignments=assignments,
        duties=tuple(each for each in outlook.plan.duties if each.owed_by == unit.code and each.from_day <= day),
        late=tuple(_late(outlook, unit, reports, plan, open_tasks, owes_plan=bool(assignments))),
    )


def _reports(outlook: Outlook, unit: str) -> tuple[ReportLine, ...]:
    found = Report.objects.filter(unit=unit, period__in=[period.pk for period in outlook.until]).select_related(
        "period", "approval_file"
    )
    lines = []
    for report in sorted(found, key=lambda each: each.period.first_day, reverse=True):
        sent_at = report.first_approved_at or outlook.at
        lines.append(
            ReportLine(
                report=report,
                timeliness=timeliness(report, at=outlook.at),
                late_by=sent_at - report.period.due_at if sent_at >= report.period.due_at else None,
            )
        )
    return tuple(lines)


def _late(
    outlook: Outlook,
    unit: UnitOn,
    reports: tuple[ReportLine, ...],
    plan: UnitPlan | None,
    tasks: tuple[UnitTask, ...],
    *,
    owes_plan: bool,
) -> list[LateLine]:
    found = [
        LateLine(
            tone="miss",
            icon="circle-x",
            words=_("Chưa gửi báo cáo tháng %(period)s") % {"period": f"{line.report.period.last_day:%m/%Y}"},
            url=reverse("entry", args=[line.report.period.code, unit.code]),
        )
        for line in reports
        if line.timeliness == "missing"
    ]
    if plan is None and owes_plan:
        found.append(
            LateLine(
                tone="risk",
                icon="alert-triangle",
                words=_("Chưa ghi Kế hoạch triển khai của đơn vị"),
                url=f"{reverse('living-plan')}?period={outlook.period.code}#O.1",
            )
        )
    found += [
        LateLine(
            tone="risk",
            icon="alert-triangle",
            words=_("Việc quá hạn %(day)s: %(text)s") % {"day": f"{task.due_on:%d/%m/%Y}", "text": task.text},
            url="#tasks",
        )
        for task in tasks
        if task.is_overdue(outlook.at.date())
    ]
    return found
