"""Where a person lands, and what they owe by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access import Subject
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded, NoPlanError, last_due_period, loaded_plan
from diem06.cube.anomalies.queries import waiting_for
from diem06.cube.figures import Figure, board
from diem06.plan.model import Indicator, Plan
from diem06.reports import queries
from diem06.reports.ad_hoc.queries import owners_of
from diem06.reports.communes import grids_of
from diem06.reports.entry_form import HowFar, how_far
from diem06.reports.models import EventKind, Heading, Report, ReportEvent, ReportState, UnitTask
from diem06.reports.queries import NextStep, line_of
from diem06.reports.screens.anomalies import lines_of
from diem06.reports.unit_plans.queries import open_tasks

PLACES = ("returned", "late", "due", "away", "done")
_WRITERS = (access.Role.UNIT_HEAD, access.Role.UNIT_REPORTER)
SHOWN_DONE = 6
SHOWN_TASKS = 5
SHOWN_TO_CHECK = 5


@dataclass(frozen=True, kw_only=True)
class Work:
    """One report that a unit owes, with how far it is and who is next. `place`: returned, late, due, away or done."""

    place: str
    report: Report
    unit: UnitOn
    url: str  # where to go on: the first empty cell, or the page that the next step begins on
    act: str  # what the button says
    timeliness: str
    filled: int
    owed: int
    written: int
    headings: int
    is_for_me: bool
    lacks_plan: bool
    left: str  # «còn 29 ngày», or when it was approved
    next_step: NextStep
    returned: ReportEvent | None  # why it was given back, while it waits to be mended

    @property
    def bar(self) -> int:
        """How far the progress bar of 168 units is filled."""
        return 168 * self.filled // self.owed if self.owed else 0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A district's grid of which a commune fills in its own row."""

    report: Report
    commune: UnitOn
    district: UnitOn
    url: str


@dataclass(frozen=True, kw_only=True)
class OwnFigure:
    figure: Figure
    indicator: Indicator
    unit: UnitOn


@access.rule(access.anyone)
def home(request: AccessRequest) -> HttpResponse:
    """Send each person where their work is."""
    if not request.subject.is_signed_in:
        return redirect("account_login")
    if request.subject.is_province_wide or not request.subject.grants:
        return redirect("dashboard" if request.subject.grants else "account")
    return redirect("my-work")


@access.rule(access.with_role)
def my_work(request: AccessRequest) -> HttpResponse:
    """Show what the person's units owe: what is late stays first until it is done, then the nearest deadline."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    works = list(works_of(request.subject, loaded, at=request.now))
    by_place = {place: [work for work in works if work.place == place] for place in PLACES}
    done = by_place["done"]
    context = {
        **by_place,
        "done": done[::-1][:SHOWN_DONE],
        "done_count": len(done),
        "late_count": sum(1 for work in works if work.timeliness == "missing"),
        "due_count": sum(1 for work in works if work.timeliness == "not_due"),
        "grids": grids(request.subject.units, loaded, at=request.now),
        "to_check": lines_of(loaded, waiting_for(loaded.plan, request.subject.units)[:SHOWN_TO_CHECK]),
        "own": own_figures(request.subject.units, loaded, at=request.now),
        "period": last_due_period(loaded.plan, at=request.now),
        "may_write": bool(request.subject.units_as(access.Role.UNIT_HEAD, access.Role.UNIT_REPORTER)),
        "now": request.now,
        **_own_plans(request.subject, loaded, at=request.now),
    }
    context["is_empty"] = not works and not context["grids"] and not context["to_check"]
    return render(request, "reports/my_work.html", context)


def _own_plans(subject: Subject, loaded: Loaded, *, at: datetime) -> dict[str, Any]:
    """Return the nearest open tasks of the person's units' own plans, and whether they keep forms of other bodies."""
    today = timezone.localdate(at)
    tasks = open_tasks(loaded.plan, units=subject.units)
    here = units_on(today)
    return {
        "tasks": [
            (task, task.is_overdue(today), _task_url(subject, loaded.plan, task)) for task in tasks[:SHOWN_TASKS]
        ],
        "task_count": len(tasks),
        "plan_units": [code for code in sorted(subject.units) if code in here],
        "has_forms": bool(owners_of(subject)),
    }


def _task_url(subject: Subject, plan: Plan, task: UnitTask) -> str:
    """Return where a task is changed by who writes for its unit, and for others the plan in which it stands."""
    unit = next(code for code in sorted(subject.units) if task.unit in line_of(plan, code))
    if unit in subject.units_as(*_WRITERS):
        return reverse("unit-task", args=(unit, task.pk))
    return reverse("unit-plan", args=(unit,))


def works_of(subject: Subject, loaded: Loaded, *, at: datetime) -> Iterator[Work]:
    """Yield the reports of the person's units that are open by now, oldest deadline first."""
    units = subject.units
    reports = Report.objects.filter(
        period__plan_id=loaded.plan.id, period__opens_at__lte=at, unit__in=units
    ).select_related("period")
    plans = queries.unit_plans_on(loaded.plan, timezone.localdate(at))
    returns = _returns(units, loaded)
    for report in reports.order_by("period__due_at", "unit").prefetch_related("narratives"):
        # A report that is approved shows no progress: only the few that are still owed are counted cell by cell.
        far = None if report.is_approved else how_far(report, loaded.plan)
        step = queries.next_actor(report, at=at, is_full=far is not None and far.is_full)
        is_head = report.unit in subject.units_as(access.Role.UNIT_HEAD)
        is_mine = (step.actor == "head" and is_head) or (
            step.actor == "reporter" and report.unit in subject.units_as(*_WRITERS)
        )
        timeliness = queries.timeliness(report, at=at)
        yield Work(
            place=_place(report, timeliness, is_head=is_head),
            report=report,
            unit=units_on(report.period.last_day)[report.unit],
            url=_way_on(report, step, far),
            act=_act(report, step, is_mine=is_mine, has_begun=far is not None and far.filled > 0),
            timeliness=timeliness,
            filled=far.filled if far else 0,
            owed=far.owed if far else 0,
            written=sum(1 for narrative in report.narratives.all() if narrative.text),
            headings=len(Heading),
            is_for_me=is_mine,
            lacks_plan=report.unit not in plans,
            left=_left(report, at),
            next_step=step,
            returned=returns.get(report.pk) if report.state == ReportState.RETURNED else None,
        )


def _place(report: Report, timeliness: str, *, is_head: bool) -> str:
    """Return in which part of the page a report stands. What is late stays there until it is approved."""
    if report.state == ReportState.RETURNED:
        return "returned"
    if report.is_approved:
        return "done"
    if timeliness == "missing":
        return "late"
    return "away" if report.state == ReportState.SUBMITTED and not is_head else "due"


def _returns(units: frozenset[str], loaded: Loaded) -> dict[int, ReportEvent]:
    """Return the last return of each report that waits to be mended."""
    events = ReportEvent.objects.filter(
        report__period__plan_id=loaded.plan.id,
        report__unit__in=units,
        report__state=ReportState.RETURNED,
        kind__in=[EventKind.RETURNED_BY_HEAD, EventKind.RETURNED_BY_OFFICE],
    ).select_related("by")
    return {event.report_id: event for event in events.prefetch_related("remarks")}


def _way_on(report: Report, step: NextStep, far: HowFar | None) -> str:
    """Return where the next thing is done: one click, and the first empty cell has the cursor."""
    where = (report.period.code, report.unit)
    if step.actor == "head":
        return reverse("report-reading", args=where)
    page = reverse("entry", args=where)
    if report.state == ReportState.RETURNED:
        return f"{page}#remarks"
    if far is None or step.actor != "reporter":
        return page
    if far.is_full:
        return reverse("entry-submit", args=where)
    district = f"?district={far.next_district}" if far.next_district else ""
    return f"{page}{district}#{quote(far.next_name)}"


def _act(report: Report, step: NextStep, *, is_mine: bool, has_begun: bool) -> str:
    if not is_mine:
        return _("Xem")
    if step.actor == "head":
        return _("Đọc và duyệt")
    if report.state == ReportState.RETURNED:
        return _("Sửa chỗ bị trả")
    return _("Nhập tiếp") if has_begun else _("Bắt đầu nhập")


def _left(report: Report, at: datetime) -> str:
    """Say how much time is left, or by how much it is over; of a report that is done, when it was approved."""
    if report.approved_at:
        return f"{timezone.localtime(report.approved_at):%H:%M %d/%m}"
    span = report.period.due_at - at
    hours = int(abs(span).total_seconds() // 3600)
    days, hours = divmod(hours, 24)
    amount = _("%(n)s ngày") % {"n": days} if days else _("%(n)s giờ") % {"n": hours}
    return (_("còn %(time)s") if span.total_seconds() > 0 else _("quá %(time)s")) % {"time": amount}


def grids(units: frozenset[str], loaded: Loaded, *, at: datetime) -> list[Grid]:
    """Return the districts' grids of which the person's communes fill in their own row."""
    return [
        Grid(
            report=report,
            commune=commune,
            district=units_on(report.period.last_day)[report.unit],
            url=reverse("commune", args=(report.period.code, report.unit, commune.code)),
        )
        for report, commune in grids_of(units, loaded.plan, at=at)
    ]


def own_figures(units: frozenset[str], loaded: Loaded, *, at: datetime) -> list[OwnFigure]:
    """Return the units' own figures that have a target, of the last period that was due."""
    period = last_due_period(loaded.plan, at=at)
    if period is None:
        return []
    here = board(loaded, period.code)
    return [
        OwnFigure(figure=figure, indicator=line.indicator, unit=here.units[unit])
        for code, line in here.lines.items()
        for unit in here.owners(code)
        if unit in units and (figure := here.figure(code, unit=unit)).target is not None
    ]
