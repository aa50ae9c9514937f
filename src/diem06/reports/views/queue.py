"""What waits for the standing office: reports to accept, returned, sent late, to be opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan, periods
from diem06.reports import queries
from diem06.reports.models import DeclaredValue, Explanation, Report, ReportState
from diem06.reports.queries import NextStep
from diem06.reports.views.states import ACCEPTS

SHOWN = 200


class QueueFilter(forms.Form):
    """What of the queue is shown; it lives in the URL."""

    state = forms.ChoiceField(label=gettext_lazy("Bước"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("Kỳ"), required=False)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One report in the queue."""

    report: Report
    unit: UnitOn
    next: NextStep
    timeliness: str
    explained: int  # soft findings with a reason
    remarks: int  # that the unit has not answered
    changed_after: int
    url: str


@access.rule(ACCEPTS)
def queue(request: AccessRequest) -> HttpResponse:
    """List the reports by who must act, those that wait for the office first, the oldest deadline first."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    form = _form(request, loaded)
    chosen = form.cleaned_data if form.is_valid() else {}
    reports = Report.objects.filter(period__plan_id=loaded.plan.id, period__opens_at__lte=request.now)
    waits = (
        Q(state=ReportState.APPROVED)
        | Q(state__in=[ReportState.RETURNED, ReportState.SUBMITTED])
        | Q(version__gt=1, state=ReportState.DRAFT)
    )
    state = chosen.get("state", "")
    reports = reports.filter(state=state) if state else reports.filter(waits)
    if chosen.get("unit"):
        reports = reports.filter(unit=chosen["unit"])
    if chosen.get("period"):
        reports = reports.filter(period__code=chosen["period"])
    rows = list(
        reports.select_related("period")
        .annotate(
            remarks=Count("events__remarks", filter=Q(events__remarks__answered_at=None, events__remarks__isnull=False))
        )
        .order_by("period__due_at", "unit")[: SHOWN + 1]
    )
    waiting = sorted(_waiting(request, rows[:SHOWN]), key=lambda one: one.next.actor != "office")
    context = {
        "form": form,
        "waiting": waiting,
        "is_cut": len(rows) > SHOWN,
        "is_filtered": any(chosen.values()),
        "for_office": sum(1 for one in waiting if one.next.actor == "office"),
        "clear_url": reverse("report-queue"),
    }
    return render(request, "reports/states/queue.html", context)


def _waiting(request: AccessRequest, rows: Sequence[Report]) -> list[Waiting]:
    """Judge the rows; what is counted is counted for all of them at once."""
    explained = {
        row["report"]: row["n"]
        for row in Explanation.objects.filter(value__superseded_at=None, report__in=[r.pk for r in rows])
        .values("report")
        .annotate(n=Count("pk"))
    }
    changed: dict[tuple[int, str], set[tuple[object, ...]]] = {}
    approved = {(r.period_id, r.unit): r.approval_recorded_at for r in rows if r.approval_recorded_at is not None}
    if approved:
        since = min(approved.values())
        late = DeclaredValue.objects.filter(
            Q(recorded_at__gt=since) | Q(superseded_at__gt=since),
            period__in={period for period, _unit in approved},
            unit__in={unit for _period, unit in approved},
        ).values_list("period", "unit", "measure", "dimensions", "area", "day", "recorded_at", "superseded_at")
        for period, unit, *cell, recorded_at, superseded_at in late:
            moment = approved.get((period, unit))
            if moment and (recorded_at > moment or (superseded_at and superseded_at > moment)):
                changed.setdefault((period, unit), set()).add(tuple(cell))
    return [
        Waiting(
            report=report,
            unit=units_on(report.period.last_day)[report.unit],
            next=queries.next_actor(report, at=request.now),
            timeliness=queries.timeliness(report, at=request.now),
            explained=explained.get(report.pk, 0),
            remarks=getattr(report, "remarks", 0),
            changed_after=len(changed.get((report.period_id, report.unit), ())),
            url=reverse("report-reading", args=(report.period.code, report.unit)),
        )
        for report in rows
    ]


def _form(request: AccessRequest, loaded: Loaded) -> QueueFilter:
    form = QueueFilter(request.GET)
    every = [("", gettext_lazy("Tất cả"))]
    opened = list(periods(loaded.plan).filter(opens_at__lte=request.now).order_by("-last_day"))
    units = units_on(opened[0].last_day) if opened else {}
    owing = set(Report.objects.filter(period__in=opened).values_list("unit", flat=True))
    states = [("", gettext_lazy("Đang chờ")), *ReportState.choices]
    form.fields["state"].choices = states  # type: ignore[attr-defined]  # a ChoiceField
    form.fields["unit"].choices = every + [  # type: ignore[attr-defined]
        (code, unit.short) for code, unit in units.items() if code in owing
    ]
    form.fields["period"].choices = every + [  # type: ignore[attr-defined]
        (period.code, f"{period.last_day:%m/%Y}") for period in opened
    ]
    return form
