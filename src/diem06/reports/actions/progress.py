"""What every change of a report's content does besides: it begins the draft, and puts right what was remarked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from diem06.reports.models import Remark, Report, ReportState


def begin_draft(report: Report, at: datetime) -> None:
    """The first thing saved makes an open report a draft."""
    if report.state == ReportState.OPEN:
        report.state, report.first_saved_at = ReportState.DRAFT, at
        report.save(update_fields=["state", "first_saved_at"])


def answer_changed(
    report: Report, *, cells: Collection[str] = (), headings: Collection[str] = (), at: datetime
) -> None:
    """A remark on a cell or heading that was changed is answered by the change."""
    if report.state not in (ReportState.RETURNED, ReportState.DRAFT):
        return  # only what was returned has remarks that wait
    for remark in Remark.objects.filter(event__report=report, answered_at=None):
        if (remark.cell and remark.cell in cells) or (remark.heading and remark.heading in headings):
            remark.answered_at = at
            remark.save(update_fields=["answered_at"])
