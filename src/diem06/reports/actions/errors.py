"""What an action refuses, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from diem06.core.plans.cells import Cell
from diem06.reports.checks import Finding
from diem06.reports.models import Report


class ReportError(ValueError):
    """Something that the person must change first; the text names the field."""


class LockedError(ReportError):
    """The report may no longer be edited."""


class NotOwedError(ReportError):
    """A value for a cell that the unit does not owe in this period."""


class RepeatedRequestError(ReportError):
    """The same idempotency key came with another request."""


class WrongStateError(ReportError):
    """The report is not where this step begins: another person took a step meanwhile."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report}: {report.state}")
        self.report = report


class NotReadyError(ReportError):
    """Checks stand in the way: hard ones, or soft ones that were asked and have no reason."""

    def __init__(self, findings: Sequence[Finding], remarks: int = 0) -> None:
        super().__init__(f"{len(findings)} findings, {remarks} remarks")
        self.findings = tuple(findings)
        self.remarks = remarks


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Somebody else changed the cell since it was read; nothing of the whole save was stored."""

    cell: Cell
    theirs: int | None
    by: int | None
    at: datetime | None
    record: str


class ConflictError(ReportError):
    """Cells were changed by another person since they were read."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} cells changed since they were read")
        self.conflicts = tuple(conflicts)


def check_editable(report: Report, at: datetime) -> None:
    """Raise LockedError where the report may no longer be edited."""
    if not report.may_be_edited(at):
        raise LockedError(f"locked since {report.period.lock_at.isoformat()}")
