"""
The way of a report: open, draft, submitted, returned, approved, accepted, and a new version after that.

Every step locks the report, is an event with who and when, stands in the audit trail, tells whoever is next, and done twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind, StoredFile
from diem06.core.plans.models import Period
from diem06.core.plans.queries import owing_units
from diem06.plan.model import Plan
from diem06.reports import measures
from diem06.reports.actions.errors import LockedError, NotReadyError, ReportError, WrongStateError, check_editable
from diem06.reports.actions.telling import tell_next, tell_unit
from diem06.reports.actions.unit_facts import state_fact
from diem06.reports.entry_checks import check_report, part_above_whole
from diem06.reports.models import (
    EventKind,
    Remark,
    Report,
    ReportEvent,
    ReportState,
    ReportVersion,
    UnitFact,
)
from diem06.reports.queries import changed_since, current_numbers, open_remarks

LONGEST_REOPENING: Final = timedelta(days=31)
_SENDABLE: Final = (ReportState.OPEN, ReportState.DRAFT, ReportState.RETURNED)


@dataclass(frozen=True, kw_only=True)
class NewRemark:
    """What to put right, in one cell (its form name), under one heading, or in the report as a whole."""

    text: str
    cell: str = ""
    heading: str = ""


@transaction.atomic
def open_reports(*, period: Period, plan: Plan, at: datetime, by: int | None = None) -> list[Report]:
    """Open the report of every unit that owes one for the period, and record that it is due. Repeating it changes nothing."""
    owing = owing_units(period)
    known = set(Report.objects.filter(period=period).values_list("unit", flat=True))
    new = [Report(period=period, unit=unit) for unit in owing if unit not in known]
    Report.objects.bulk_create(new)
    for report in new:
        state_fact(
            measure=measures.REPORTS_DUE,
            source=measures.REPORTS,
            record=f"report/{plan.id}/{period.code}/{report.unit}",
            unit=report.unit,
            day=period.last_day,
            dimensions="timeliness=missing",
            at=at,
        )
        if not _owes_plan_already(plan, report.unit):
            state_fact(
                measure=measures.UNITS_OF_PLAN,
                source=measures.UNIT_PLANS,
                record=f"unit-plan/{plan.id}/{report.unit}",
                unit=report.unit,
                day=max(plan.in_force_from, period.first_day),
                dimensions="",
                at=at,
            )
    if new:
        details = {"units": [report.unit for report in new]}
        record(by=by, action="report.open", object_type="period", object_id=str(period), details=details, at=at)
    return new


def _owes_plan_already(plan: Plan, unit: str) -> bool:
    """Does the unit, or for a unit that came later the one before it, stand among those that owe a plan of their own?"""
    came_later = any(other.code == unit and other.valid_from for other in plan.units)
    line = {unit, *(other.code for other in plan.units if came_later and other.successor == unit)}
    records = [f"unit-plan/{plan.id}/{code}" for code in line]
    return UnitFact.objects.filter(measure=measures.UNITS_OF_PLAN, record__in=records).exists()


@transaction.atomic
def submit(*, report: Report, plan: Plan, at: datetime, by: int | None) -> Report:
    """
    Send a report to the unit's head. Who sends what was sent already changes nothing.

    Raises NotReadyError where a check or a remark of a return stands in the way, LockedError after the lock, WrongStateError
    where the head has approved it.
    """
    report = _locked(report)
    if report.state == ReportState.SUBMITTED:
        return report
    check_editable(report, at)
    if report.state not in _SENDABLE:
        raise WrongStateError(report)
    checked, remarks = check_report(report, plan), open_remarks(report)
    if checked.in_the_way or remarks:
        raise NotReadyError(checked.in_the_way, len(remarks))
    report.state, report.submitted_at = ReportState.SUBMITTED, at
    report.save(update_fields=["state", "submitted_at"])
    details = {"explained": len(checked.explained), "let_go": len(checked.let_go)}
    _happened(report, EventKind.SUBMITTED, "report.submit", at=at, by=by, details=details)
    tell_next(report, at=at, by=by)
    return report


@transaction.atomic
def record_approval(
    *,
    report: Report,
    plan: Plan,
    number: str,
    approved_at: datetime,
    at: datetime,
    by: int | None,
    file: StoredFile | None = None,
) -> Report:
    """
    Record the head's approval: number, day and hour of the signed document, and the document. Lateness is judged by that hour.

    A report that was not sent on screen may be approved too: the head signed it on paper. The same approval recorded again
    changes nothing; another one replaces it. Raises ReportError for an empty number or an hour that lies ahead,
    NotReadyError where a part is larger than its whole, LockedError after the lock.
    """
    report = _locked(report)
    number = number.strip()
    known = (report.approval_number, report.approved_at, report.approval_file_id)
    if report.is_approved and known == (number, approved_at, file.pk if file else report.approval_file_id):
        return report
    check_editable(report, at)
    _check_document(report, number, approved_at, at)
    _check_parts(report, plan, since=report.submitted_at)
    report.state = ReportState.APPROVED
    report.approval_number, report.approved_at = number, approved_at
    report.first_approved_at = report.first_approved_at or approved_at
    report.approval_recorded_at, report.approval_recorded_by_id = at, by
    report.approval_file = file
    report.save()
    state_fact(
        measure=measures.REPORTS_DUE,
        source=measures.REPORTS,
        record=f"report/{plan.id}/{report.period.code}/{report.unit}",
        unit=report.unit,
        day=report.period.last_day,
        dimensions="timeliness=late" if report.is_late else "timeliness=on_time",
        at=at,
    )
    details = {"number": number, "approved_at": approved_at.isoformat(), "file": file.sha256 if file else ""}
    _happened(
        report,
        EventKind.APPROVED,
        "report.approve",
        at=at,
        by=by,
        details=details,
        number=number,
        approved_at=approved_at,
        file=file,
    )
    tell_next(report, at=at, by=by)
    return report


@transaction.atomic
def approve(
    *,
    report: Report,
    plan: Plan,
    number: str,
    approved_at: datetime,
    at: datetime,
    by: int | None,
    pdf: tuple[str, bytes] | None = None,
) -> Report:
    """
    Approve a report with the signed PDF (its name and bytes) or the number, day and hour of the document.

    What was not sent before is sent first, so every check holds. Raises what `submit` and `record_approval` raise, and
    `evidence.actions.FileError` for a file that is no PDF.
    """
    fresh = _locked(report)
    _check_document(fresh, number, approved_at, at)
    if fresh.state in _SENDABLE:
        submit(report=fresh, plan=plan, at=at, by=by)
    file = None
    if pdf is not None:
        name, content = pdf
        file = store_file(content=content, name=name, allowed={FileKind.PDF}, at=at, by=by)
    return record_approval(report=report, plan=plan, number=number, approved_at=approved_at, at=at, by=by, file=file)


@transaction.atomic
def return_report(
    *,
    report: Report,
    by_office: bool,
    reason: str,
    at: datetime,
    by: int | None,
    remarks: Iterable[NewRemark] = (),
    until: datetime | None = None,
) -> Report:
    """
    Give a report back to be mended: the head what was submitted, the standing office or lead unit what was approved.

    The first approval stays. After the lock the office says until when the unit may edit. Raises ReportError without a reason,
    or (`until`) without that moment; WrongStateError where there is nothing to return.
    """
    report = _locked(report)
    kind = EventKind.RETURNED_BY_OFFICE if by_office else EventKind.RETURNED_BY_HEAD
    if not (reason := reason.strip()):
        raise ReportError("reason")
    if report.state == ReportState.RETURNED and _is_repeated(report, kind, reason):
        return report
    if report.state != (ReportState.APPROVED if by_office else ReportState.SUBMITTED):
        raise WrongStateError(report)
    if not report.is_within_time(at):
        if not by_office:
            raise LockedError(f"locked since {report.period.lock_at.isoformat()}")
        if until is None:
            raise ReportError("until")
        _open_until(report, until, at)
    _take_approval_away(report)
    report.state = ReportState.RETURNED
    report.save()
    told = [remark for remark in remarks if remark.text.strip()]
    details = {"reason": reason, "remarks": [[one.cell or one.heading, one.text] for one in told]}
    event = _happened(report, kind, "report.return", at=at, by=by, details=details, reason=reason)
    Remark.objects.bulk_create(
        Remark(event=event, cell=one.cell, heading=one.heading, text=one.text.strip()[:500]) for one in told
    )
    tell_unit(report, at=at, by=by)
    return report


@transaction.atomic
def answer_remark(*, remark: Remark, answer: str, at: datetime, by: int | None) -> Remark:
    """Answer a remark without changing what it is about. Raises ReportError without an answer, LockedError."""
    report = _locked(remark.event.report)
    check_editable(report, at)
    if not (answer := answer.strip()):
        raise ReportError("answer")
    remark.answer, remark.answered_at = answer[:500], at
    remark.save(update_fields=["answer", "answered_at"])
    details = {"remark": remark.pk, "place": remark.cell or remark.heading, "answer": remark.answer}
    _record(report, "report.answer", at=at, by=by, details=details)
    return remark


@transaction.atomic
def accept(*, report: Report, plan: Plan, at: datetime, by: int | None) -> Report:
    """
    Accept what the head approved: what stands now is fixed as a version that can be read for ever.

    Accepting what was accepted changes nothing. Raises WrongStateError without an approval, NotReadyError where a part is
    larger than its whole since then.
    """
    report = _locked(report)
    if report.state == ReportState.ACCEPTED:
        return report
    if report.state != ReportState.APPROVED or report.approved_at is None:
        raise WrongStateError(report)
    _check_parts(report, plan, since=report.approval_recorded_at)
    report.state, report.accepted_at, report.open_until = ReportState.ACCEPTED, at, None
    report.save(update_fields=["state", "accepted_at", "open_until"])
    ReportVersion.objects.create(
        report=report,
        number=report.version,
        as_of=at,
        accepted_by_id=by,
        approval_number=report.approval_number,
        approved_at=report.approved_at,
        approval_file=report.approval_file,
        reason=_why_corrected(report),
    )
    details = {"version": report.version, "number": report.approval_number}
    _happened(report, EventKind.ACCEPTED, "report.accept", at=at, by=by, details=details)
    tell_unit(report, at=at, by=by)
    return report


@transaction.atomic
def begin_correction(*, report: Report, reason: str, at: datetime, by: int | None) -> Report:
    """
    Begin a new version of an accepted report, for a reason. The accepted one stays readable, and the first approval counts on.

    After the lock the standing office opens it before anything can be typed. Raises ReportError without a reason,
    WrongStateError where nothing was accepted.
    """
    report = _locked(report)
    if not (reason := reason.strip()):
        raise ReportError("reason")
    if report.state == ReportState.DRAFT and _is_repeated(report, EventKind.CORRECTION, reason):
        return report
    if report.state != ReportState.ACCEPTED:
        raise WrongStateError(report)
    _take_approval_away(report)
    report.state, report.version, report.accepted_at = ReportState.DRAFT, report.version + 1, None
    report.submitted_at = None
    report.save()
    details = {"version": report.version, "reason": reason}
    _happened(report, EventKind.CORRECTION, "report.correct", at=at, by=by, details=details, reason=reason)
    if not report.is_within_time(at):
        tell_next(report, at=at, by=by)
    return report


@transaction.atomic
def reopen(*, report: Report, until: datetime, reason: str, at: datetime, by: int | None) -> Report:
    """Let a unit edit after the lock, until a moment, for a reason (the standing office does this). Raises ReportError."""
    report = _locked(report)
    if not (reason := reason.strip()):
        raise ReportError("reason")
    _open_until(report, until, at)
    report.save(update_fields=["open_until"])
    details = {"until": until.isoformat(), "reason": reason}
    _happened(report, EventKind.REOPENED, "report.reopen", at=at, by=by, details=details, reason=reason)
    tell_unit(report, at=at, by=by)
    return report


def _locked(report: Report) -> Report:
    """Read the report anew and keep others from it until the step is done."""
    return Report.objects.select_for_update(of=("self",)).select_related("period", "approval_file").get(pk=report.pk)


def _check_parts(report: Report, plan: Plan, *, since: datetime | None) -> None:
    """Raise NotReadyError where a part is larger than its whole; what was checked at `since` is not checked again."""
    if since is not None and not changed_since(report, since):
        return
    if wrong := part_above_whole(report, plan, current_numbers(report)):
        raise NotReadyError(wrong)


def _check_document(report: Report, number: str, approved_at: datetime, at: datetime) -> None:
    if not number.strip():
        raise ReportError("number")
    if approved_at > at or approved_at < report.period.opens_at:
        raise ReportError("approved_at")


def _open_until(report: Report, until: datetime, at: datetime) -> None:
    if until <= at or until > at + LONGEST_REOPENING:
        raise ReportError("until")
    report.open_until = until


def _take_approval_away(report: Report) -> None:
    """The head approved something else than what will be sent next; when it was first approved stays."""
    report.approval_number, report.approved_at, report.approval_file = "", None, None
    report.approval_recorded_at, report.approval_recorded_by_id = None, None


def _is_repeated(report: Report, kind: EventKind, reason: str) -> bool:
    last = report.events.last()
    return last is not None and last.kind == kind and last.reason == reason[:1000]


def _why_corrected(report: Report) -> str:
    event = report.events.filter(kind=EventKind.CORRECTION, version=report.version).last()
    return event.reason if event else ""


def _happened(
    report: Report,
    kind: EventKind,
    action: str,
    *,
    at: datetime,
    by: int | None,
    details: Mapping[str, Any],
    reason: str = "",
    **columns: Any,
) -> ReportEvent:
    event = ReportEvent.objects.create(
        report=report, version=report.version, kind=kind, at=at, by_id=by, reason=reason[:1000], **columns
    )
    _record(report, action, at=at, by=by, details=details)
    return event


def _record(report: Report, action: str, *, at: datetime, by: int | None, details: Mapping[str, Any]) -> None:
    record(
        by=by,
        action=action,
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details=dict(details),
        at=at,
    )
