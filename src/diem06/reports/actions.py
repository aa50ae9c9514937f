"""Every write of the monthly cycle, each with its audit entry in the same transaction."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.models import Period
from diem06.core.plans.queries import cells_owed, obligations_of, owing_units
from diem06.cube.actions import facts_changed
from diem06.plan.model import Plan
from diem06.reports import measures
from diem06.reports.models import (
    DeclaredValue,
    Heading,
    Narrative,
    Report,
    ReportState,
    SavedRequest,
    UnitFact,
    UnitPlan,
)


class ReportError(ValueError):
    """Something that the person must change first; the text says what, in their language."""


class LockedError(ReportError):
    """The report may no longer be edited."""


class NotOwedError(ReportError):
    """A value for a cell that the unit does not owe in this period."""


class RepeatedRequestError(ReportError):
    """The same idempotency key came with another request."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    A number that somebody typed for a cell; `value` None empties it.

    `seen` is the record that the person saw in the cell when they began ("" for an empty cell, None where it is not known:
    then the last one to save wins).
    """

    cell: Cell
    value: int | None
    note: str = ""
    seen: str | None = None


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


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a save did: the current record of each entry's cell, and which cells changed."""

    report: Report
    records: dict[Cell, str] = field(default_factory=dict)
    changed: tuple[Cell, ...] = ()


@transaction.atomic
def open_reports(*, period: Period, plan: Plan, at: datetime, by: int | None = None) -> list[Report]:
    """Open the report of every unit that owes one for the period, and record that it is due. Repeating it changes nothing."""
    owing = owing_units(period)
    known = set(Report.objects.filter(period=period).values_list("unit", flat=True))
    new = [Report(period=period, unit=unit) for unit in owing if unit not in known]
    Report.objects.bulk_create(new)
    for report in new:
        _state_fact(
            measure=measures.REPORTS_DUE,
            source=measures.REPORTS,
            record=f"report/{plan.id}/{period.code}/{report.unit}",
            unit=report.unit,
            day=period.last_day,
            dimensions="timeliness=missing",
            at=at,
        )
        if not _owes_plan_already(plan, report.unit):
            _state_fact(
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
def save_values(
    *,
    report: Report,
    plan: Plan,
    entries: Iterable[Entry],
    at: datetime,
    by: int | None,
    way: str = "page",
) -> Saved:
    """
    Save what a unit typed: all of it or nothing. `way` says how it came (page, sheet, demo).

    Raises LockedError after the lock, NotOwedError for cells outside the obligation, ConflictError where somebody else
    changed a cell since it was seen.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    entries = list(entries)
    owed = set(cells_owed(obligations_of(report.unit, report.period), plan=plan, on=report.period.last_day))
    if strange := [entry.cell for entry in entries if entry.cell not in owed]:
        raise NotOwedError(f"{len(strange)} cells are not owed: {strange[0]}")
    current = current_values(report)
    if conflicts := [_conflict(entry, current) for entry in entries if _is_stale(entry, current)]:
        raise ConflictError(conflicts)
    changes = [entry for entry in entries if _differs(entry, current)]
    versions = _versions(report, {entry.cell for entry in changes if entry.cell not in current})
    new: list[DeclaredValue] = []
    old: list[int] = []
    for entry in changes:
        before = current.get(entry.cell)
        if before:
            old.append(before.pk)
        if (value := entry.value) is not None:
            version = (before.version if before else versions.get(entry.cell, 0)) + 1
            new.append(_declared(entry, value, report, version=version, at=at, by=by))
    _supersede(old, at)
    DeclaredValue.objects.bulk_create(new, batch_size=500)
    if changes:
        for day in {entry.cell.day for entry in changes}:
            facts_changed(day=day)
        if report.state == ReportState.OPEN:
            report.state = ReportState.DRAFT
            report.first_saved_at = at
            report.save(update_fields=["state", "first_saved_at"])
        record(
            by=by,
            action="report.values",
            object_type="report",
            object_id=f"{report.period}/{report.unit}",
            details={"way": way, "cells": _audited(changes, current)},
            at=at,
        )
    records = {cell: value.record for cell, value in current.items()} | {_cell(value): value.record for value in new}
    emptied = {entry.cell for entry in changes if entry.value is None}
    return Saved(
        report=report,
        records={e.cell: "" if e.cell in emptied else records.get(e.cell, "") for e in entries},
        changed=tuple(entry.cell for entry in changes),
    )


@transaction.atomic
def save_sheet(
    *,
    report: Report,
    plan: Plan,
    entries: Iterable[Entry],
    texts: Mapping[Heading, tuple[str, int | None]],
    at: datetime,
    by: int | None,
) -> Saved:
    """
    Save what came in an uploaded template, numbers and words, all of it or nothing. `texts`: text and the version seen.

    Raises what `save_values` and `save_narrative` raise.
    """
    saved = save_values(report=report, plan=plan, entries=entries, at=at, by=by, way="sheet")
    for heading, (text, seen_version) in texts.items():
        save_narrative(report=report, heading=heading, text=text, at=at, by=by, seen_version=seen_version)
    return saved


def check_editable(report: Report, at: datetime) -> None:
    """Raise LockedError where the report may no longer be edited."""
    if not report.may_be_edited(at):
        raise LockedError(f"locked since {report.period.lock_at.isoformat()}")


def current_values(report: Report) -> dict[Cell, DeclaredValue]:
    """Return the unit's current values of the period by cell."""
    values = DeclaredValue.objects.current().filter(period=report.period, unit=report.unit)
    return {_cell(value): value for value in values}


def _cell(value: DeclaredValue) -> Cell:
    return Cell(
        measure=value.measure,
        dimensions=value.dimensions,
        area=value.area,
        area_valid_from=value.area_valid_from,
        unit=value.unit,
        day=value.day,
    )


def _is_stale(entry: Entry, current: dict[Cell, DeclaredValue]) -> bool:
    """Did another value come in since the person looked? Their typing the same number is no conflict."""
    if entry.seen is None:
        return False
    before = current.get(entry.cell)
    here = before.record if before else ""
    return here != entry.seen and (before.value if before else None) != entry.value


def _conflict(entry: Entry, current: dict[Cell, DeclaredValue]) -> Conflict:
    theirs = current.get(entry.cell)
    return Conflict(
        cell=entry.cell,
        theirs=theirs.value if theirs else None,
        by=theirs.recorded_by_id if theirs else None,
        at=theirs.recorded_at if theirs else None,
        record=theirs.record if theirs else "",
    )


def _differs(entry: Entry, current: dict[Cell, DeclaredValue]) -> bool:
    before = current.get(entry.cell)
    if before is None:
        return entry.value is not None
    return before.value != entry.value or (entry.value is not None and before.note != entry.note)


def _versions(report: Report, cells: set[Cell]) -> dict[Cell, int]:
    """Return the last version of cells that are empty now but may have held values before."""
    if not cells:
        return {}
    superseded = DeclaredValue.objects.filter(period=report.period, unit=report.unit).exclude(superseded_at=None)
    found: dict[Cell, int] = {}
    for value in superseded:
        cell = _cell(value)
        if cell in cells:
            found[cell] = max(found.get(cell, 0), value.version)
    return found


def _declared(entry: Entry, value: int, report: Report, *, version: int, at: datetime, by: int | None) -> DeclaredValue:
    cell = entry.cell
    return DeclaredValue(
        measure=cell.measure,
        source=measures.DECLARED,
        day=cell.day,
        recorded_at=at,
        area=cell.area,
        area_valid_from=cell.area_valid_from,
        unit=cell.unit,
        dimensions=cell.dimensions,
        value=value,
        record=f"declared/{uuid.uuid4().hex}",
        period=report.period,
        version=version,
        note=entry.note,
        recorded_by_id=by,
    )


def _supersede(ids: list[int], at: datetime) -> None:
    for start in range(0, len(ids), 500):
        DeclaredValue.objects.filter(pk__in=ids[start : start + 500]).update(superseded_at=at)


def _audited(changes: list[Entry], current: dict[Cell, DeclaredValue]) -> list[list[Any]]:
    """Return up to 200 changes as [measure, dimensions, area, before, after]; a longer load is told by its count and hash."""
    rows = [
        [e.cell.measure, e.cell.dimensions, e.cell.area, current[e.cell].value if e.cell in current else None, e.value]
        for e in changes
    ]
    if len(rows) <= 200:
        return rows
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
    return [["rows", len(rows), "sha256", digest]]


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
    if report.state == ReportState.OPEN:
        report.state, report.first_saved_at = ReportState.DRAFT, at
        report.save(update_fields=["state", "first_saved_at"])
    record(
        by=by,
        action="report.narrative",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={"heading": heading.value, "before": before, "after": text},
        at=at,
    )
    return narrative


@transaction.atomic
def record_approval(
    *, report: Report, plan: Plan, number: str, approved_at: datetime, at: datetime, by: int | None
) -> Report:
    """
    Record the head's approval: number, day and hour of the signed document. Lateness is judged by that hour.

    Raises ReportError for an empty number or an hour that lies ahead, LockedError after the lock.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    number = number.strip()
    if not number:
        raise ReportError("number")
    if approved_at > at or approved_at < report.period.opens_at:
        raise ReportError("approved_at")
    report.state = ReportState.APPROVED
    report.approval_number, report.approved_at = number, approved_at
    report.first_approved_at = report.first_approved_at or approved_at
    report.approval_recorded_at, report.approval_recorded_by_id = at, by
    report.save()
    _state_fact(
        measure=measures.REPORTS_DUE,
        source=measures.REPORTS,
        record=f"report/{plan.id}/{report.period.code}/{report.unit}",
        unit=report.unit,
        day=report.period.last_day,
        dimensions="timeliness=late" if report.is_late else "timeliness=on_time",
        at=at,
    )
    record(
        by=by,
        action="report.approve",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={"number": number, "approved_at": approved_at.isoformat()},
        at=at,
    )
    return report


@transaction.atomic
def record_unit_plan(*, plan: Plan, unit: str, number: str, issued_on: date, at: datetime, by: int | None) -> UnitPlan:
    """Record number and day of a unit's own implementation plan (O.1). Raises ReportError for what cannot be."""
    number = number.strip()
    if not number:
        raise ReportError("number")
    if issued_on > at.date():
        raise ReportError("issued_on")
    unit_plan, _ = UnitPlan.objects.update_or_create(
        plan_id=plan.id,
        unit=unit,
        defaults={"number": number, "issued_on": issued_on, "recorded_at": at, "recorded_by_id": by},
    )
    deadline = unit_plan_deadline(plan)
    _state_fact(
        measure=measures.UNIT_PLANS_IN_TIME,
        source=measures.UNIT_PLANS,
        record=f"unit-plan/{plan.id}/{unit}",
        unit=unit,
        day=max(issued_on, plan.in_force_from),
        dimensions="",
        value=int(deadline is None or issued_on <= deadline),
        at=at,
    )
    details = {"number": number, "issued_on": issued_on.isoformat()}
    record(by=by, action="unit_plan.record", object_type="unit", object_id=unit, details=details, at=at)
    return unit_plan


def unit_plan_deadline(plan: Plan) -> date | None:
    """Return the day by which the plan wants the units' own plans, from the target of the indicator that counts them."""
    for indicator in plan.indicators:
        if measures.UNIT_PLANS_IN_TIME in indicator.numerator:
            return next((target.deadline for target in indicator.targets if target.deadline), None)
    return None


@transaction.atomic
def reopen(*, report: Report, until: datetime, reason: str, at: datetime, by: int | None) -> Report:
    """Let a unit edit after the lock, until a moment, for a reason (the standing office does this). Raises ReportError."""
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    if not reason.strip():
        raise ReportError("reason")
    if until <= at or until > at + timedelta(days=31):
        raise ReportError("until")
    report.open_until = until
    report.save(update_fields=["open_until"])
    record(
        by=by,
        action="report.reopen",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={"until": until.isoformat(), "reason": reason.strip()},
        at=at,
    )
    return report


def _state_fact(
    *,
    measure: str,
    source: str,
    record: str,
    unit: str,
    day: date,
    dimensions: str,
    at: datetime,
    value: int = 1,
) -> None:
    """Supersede what is known about a unit by what is known now."""
    UnitFact.objects.current().filter(measure=measure, record=record).update(superseded_at=at)
    here = units_on(day).get(unit) or units_on(at.date())[unit]
    area = areas_on(day).get(here.area)
    UnitFact.objects.create(
        measure=measure,
        source=source,
        day=day,
        recorded_at=at,
        area=area.code,
        area_valid_from=area.valid_from,
        unit=unit,
        dimensions=dimensions,
        value=value,
        record=record,
    )
    facts_changed(day=day)


@transaction.atomic
def answer_once(*, key: str, user: int, request: bytes, at: datetime, answer: Any) -> Any:
    """
    Run `answer()` once for an idempotency key, in this transaction; a repeated request gets the stored answer.

    Raises RepeatedRequestError where the key came with another request, or from another person.
    """
    digest = hashlib.sha256(request).hexdigest()
    known = SavedRequest.objects.filter(key=key).first()
    if known:
        if known.request_hash != digest or known.user_id != user:
            raise RepeatedRequestError(key)
        return known.answer
    result = answer()
    SavedRequest.objects.create(key=key, user_id=user, request_hash=digest, answer=result, saved_at=at)
    return result
