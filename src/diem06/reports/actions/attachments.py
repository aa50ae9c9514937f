"""Files that a unit sends with its report."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.reports.actions.errors import ReportError, check_editable
from diem06.reports.models import Attachment, Report

ATTACHED: Final = frozenset(
    {FileKind.PDF, FileKind.WORD, FileKind.EXCEL, FileKind.OLD_EXCEL, FileKind.PNG, FileKind.JPEG}
)
MOST_FILES: Final = 20


@transaction.atomic
def attach(*, report: Report, name: str, content: bytes, title: str, at: datetime, by: int | None) -> Attachment:
    """
    Keep a file with the report; the same bytes again change nothing.

    Raises LockedError after the lock, ReportError beyond MOST_FILES, `evidence.actions.FileError` for a file that is not kept.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    here = list(report.attachments.filter(removed_at=None).select_related("file"))
    if len(here) >= MOST_FILES:
        raise ReportError("file")
    file = store_file(content=content, name=name, allowed=ATTACHED, at=at, by=by)
    for one in here:
        if one.file.sha256 == file.sha256:
            return one
    row = Attachment.objects.create(
        report=report, file=file, title=title.strip()[:200] or file.name, attached_at=at, attached_by_id=by
    )
    _record(report, "report.attach", row, at=at, by=by)
    return row


@transaction.atomic
def detach(*, attachment: Attachment, at: datetime, by: int | None) -> Attachment:
    """Take a file out of the report; what was accepted with it keeps it. Raises LockedError after the lock."""
    report = Report.objects.select_for_update().select_related("period").get(pk=attachment.report_id)
    check_editable(report, at)
    if attachment.removed_at is None:
        attachment.removed_at = at
        attachment.save(update_fields=["removed_at"])
        _record(report, "report.detach", attachment, at=at, by=by)
    return attachment


def _record(report: Report, action: str, row: Attachment, *, at: datetime, by: int | None) -> None:
    record(
        by=by,
        action=action,
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={"title": row.title, "sha256": row.file.sha256},
        at=at,
    )
