"""Reads of the monthly cycle that mean something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from diem06.core.plans.models import Period
from diem06.reports.models import DeclaredValue, Heading, Narrative, Report, ReportState, UnitPlan


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Who sent when: one unit's report of one period, judged at a moment."""

    report: Report
    timeliness: str  # a key of ui.words.TIMELINESS


def sendings(period: Period, *, at: datetime) -> list[Sending]:
    """Return every report of the period with its timeliness: missing ones first, then late, then in time."""
    order = {"missing": 0, "not_due": 0, "late": 1, "in_time": 2}
    found = [
        Sending(report=report, timeliness=timeliness(report, at=at))
        for report in Report.objects.filter(period=period).select_related("period")
    ]
    return sorted(found, key=lambda sending: (order[sending.timeliness], sending.report.unit))


def timeliness(report: Report, *, at: datetime) -> str:
    """Return in_time, late, missing, or not_due: the keys of ui.words.TIMELINESS."""
    if report.state == ReportState.APPROVED:
        return "late" if report.is_late else "in_time"
    return "missing" if at >= report.period.due_at else "not_due"


def narratives(period: Period, heading: Heading) -> list[Narrative]:
    """Return what units wrote under a heading for the period, in the order of the units' codes; empty texts left out."""
    return list(
        Narrative.objects.filter(report__period=period, heading=heading)
        .exclude(text="")
        .select_related("report", "report__period")
        .order_by("report__unit")
    )


def unit_plans(plan_id: str) -> Mapping[str, UnitPlan]:
    """Return the units' own plans by unit."""
    return {row.unit: row for row in UnitPlan.objects.filter(plan_id=plan_id)}


def changed_after_approval(report: Report) -> int:
    """Return how many cells were changed after the head's approval was recorded."""
    if report.approval_recorded_at is None:
        return 0
    return DeclaredValue.objects.filter(
        Q(recorded_at__gt=report.approval_recorded_at) | Q(superseded_at__gt=report.approval_recorded_at),
        period=report.period,
        unit=report.unit,
    ).aggregate(n=Count("measure", distinct=False))["n"]
