"""Why a value that looks odd is right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.plan.model import Plan
from diem06.reports.actions.errors import check_editable
from diem06.reports.checks import Finding
from diem06.reports.entry_checks import check_report
from diem06.reports.models import Explanation, Report


@transaction.atomic
def explain(
    *, report: Report, plan: Plan, reasons: Mapping[str, str], at: datetime, by: int | None
) -> list[Explanation]:
    """
    Keep the reasons given for soft findings, by the form name of their cells; each is bound to the value that stands there.

    Reasons for cells of which nothing is asked are left out: the value changed meanwhile. An empty reason says nothing.
    Raises LockedError after the lock.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    checked = check_report(report, plan)
    open_to_reasons: dict[str, Finding] = {one.field: one for one in checked.asked}
    open_to_reasons |= {one.finding.field: one.finding for one in checked.explained}
    kept = []
    for name, text in reasons.items():
        finding = open_to_reasons.get(name)
        if finding is None or not (text := text.strip()[:500]):
            continue
        row, _ = Explanation.objects.update_or_create(
            value_id=checked.rows[name],
            check_code=finding.code.value,
            defaults={"report": report, "text": text, "explained_at": at, "explained_by_id": by},
        )
        kept.append(row)
    if kept:
        record(
            by=by,
            action="report.explain",
            object_type="report",
            object_id=f"{report.period}/{report.unit}",
            details={"reasons": [[row.value_id, row.check_code, row.text] for row in kept]},
            at=at,
        )
    return kept
