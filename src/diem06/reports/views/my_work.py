"""Where a person lands, and what they owe by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded, NoPlanError, last_due_period, loaded_plan
from diem06.cube.figures import Figure, board
from diem06.plan.model import Indicator
from diem06.reports import queries
from diem06.reports.entry_form import progress
from diem06.reports.models import Heading, Report, ReportState, UnitPlan

SHOWN_DONE = 6


@dataclass(frozen=True, kw_only=True)
class Work:
    """One report that a unit owes, with how far it is and who is next."""

    report: Report
    unit: UnitOn
    url: str
    timeliness: str
    filled: int
    owed: int
    written: int
    headings: int
    is_locked: bool
    lacks_plan: bool
    left: str  # «còn 29 ngày», or when it was approved
    next_step: str  # who does what next; "" when it is done

    @property
    def bar(self) -> int:
        """How far the progress bar of 168 units is filled."""
        return 168 * self.filled // self.owed if self.owed else 0


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
    works = list(works_of(request.subject.units, loaded, at=request.now))
    late = [work for work in works if work.timeliness == "missing"]
    due = [work for work in works if work.timeliness == "not_due"]
    done = [work for work in works if work.timeliness in ("in_time", "late")]
    context = {
        "late": late,
        "due": due,
        "done": done[::-1][:SHOWN_DONE],
        "done_count": len(done),
        "own": own_figures(request.subject.units, loaded, at=request.now),
        "period": last_due_period(loaded.plan, at=request.now),
        "may_write": bool(request.subject.units_as(access.Role.UNIT_HEAD, access.Role.UNIT_REPORTER)),
        "now": request.now,
    }
    return render(request, "reports/my_work.html", context)


def works_of(units: frozenset[str], loaded: Loaded, *, at: datetime) -> Iterator[Work]:
    """Yield the reports of `units` that are open by now, oldest deadline first."""
    reports = Report.objects.filter(
        period__plan_id=loaded.plan.id, period__opens_at__lte=at, unit__in=units
    ).select_related("period")
    plans = set(UnitPlan.objects.filter(plan_id=loaded.plan.id, unit__in=units).values_list("unit", flat=True))
    for report in reports.order_by("period__due_at", "unit").prefetch_related("narratives"):
        # A report that is approved shows no progress: only the few that are still owed are counted cell by cell.
        filled, owed = progress(report, loaded.plan) if report.state != ReportState.APPROVED else (0, 0)
        yield Work(
            report=report,
            unit=units_on(report.period.last_day)[report.unit],
            url=reverse("entry", args=(report.period.code, report.unit)),
            timeliness=queries.timeliness(report, at=at),
            filled=filled,
            owed=owed,
            written=sum(1 for narrative in report.narratives.all() if narrative.text),
            headings=len(Heading),
            is_locked=not report.may_be_edited(at),
            lacks_plan=report.unit not in plans,
            left=_left(report, at),
            next_step=_next_step(report, at=at, is_filled=filled == owed),
        )


def _next_step(report: Report, *, at: datetime, is_filled: bool) -> str:
    if report.state == ReportState.APPROVED:
        return ""
    if not report.may_be_edited(at):
        return _("tiếp theo: cơ quan thường trực mở lại")
    return _("tiếp theo: người đứng đầu duyệt") if is_filled else _("tiếp theo: cán bộ báo cáo nhập")


def _left(report: Report, at: datetime) -> str:
    """Say how much time is left, or by how much it is over; of a report that is done, when it was approved."""
    if report.approved_at:
        return f"{timezone.localtime(report.approved_at):%H:%M %d/%m}"
    span = report.period.due_at - at
    hours = int(abs(span).total_seconds() // 3600)
    days, hours = divmod(hours, 24)
    amount = _("%(n)s ngày") % {"n": days} if days else _("%(n)s giờ") % {"n": hours}
    return (_("còn %(time)s") if span.total_seconds() > 0 else _("quá %(time)s")) % {"time": amount}


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
