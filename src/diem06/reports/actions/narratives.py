"""What a unit writes, heading by heading."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.reports.actions.errors import ConflictError, check_editable
from diem06.reports.actions.progress import answer_changed, begin_draft
from diem06.reports.models import Heading, Narrative, Report


@transaction.atomic
def save_narrative(
    *, report: Report, heading: Heading, text: str, at: datetime, by: int | None, seen_version: int | None = None
) -> Narrative:
    """
    Save what a unit writes under one heading. Raises LockedError, and ReportError where somebody else wrote there meanwhile.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    narrative = Narrative.objects.filter(report=report, heading=heading).first()
    version = narrative.version if narrative else 0
    text = text.replace("\r\n", "\n").strip()
    if narrative and narrative.text == text:
        return narrative
    if seen_version is not None and seen_version != version:
        raise ConflictError([])
    before = narrative.text if narrative else ""
    Narrative.objects.filter(report=report, heading=heading).update(superseded_at=at)
    narrative = Narrative.objects.create(
        report=report, heading=heading, text=text, version=version + 1, saved_at=at, saved_by_id=by
    )
    begin_draft(report, at)
    answer_changed(report, headings={heading.value}, at=at)
    record(
        by=by,
        action="report.narrative",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={"heading": heading.value, "before": before, "after": text},
        at=at,
    )
    return narrative
