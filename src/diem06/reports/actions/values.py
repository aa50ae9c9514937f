"""What a unit types, cell by cell."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import cells_owed, obligations_of
from diem06.cube.actions import facts_changed
from diem06.cube.leaves import leaf_of
from diem06.plan.model import Plan
from diem06.reports import measures
from diem06.reports.actions.errors import Conflict, ConflictError, NotOwedError, ReportError, check_editable
from diem06.reports.actions.narratives import save_narrative
from diem06.reports.actions.progress import answer_changed, begin_draft
from diem06.reports.cell_names import field_name
from diem06.reports.models import AbsentValue, DeclaredValue, Heading, Report
from diem06.reports.queries import absent_cells, cell_of, current_values


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    A number that somebody typed for a cell; `value` None empties it, and a note then says why there is no number.

    `seen` is the record that the person saw in the cell when they began ("" for an empty cell, None where it is not known:
    then the last one to save wins).
    """

    cell: Cell
    value: int | None
    note: str = ""
    seen: str | None = None


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a save did: the current record of each entry's cell, and which cells changed."""

    report: Report
    records: dict[Cell, str] = field(default_factory=dict)
    changed: tuple[Cell, ...] = ()


@transaction.atomic
def save_values(
    *,
    report: Report,
    plan: Plan,
    entries: Iterable[Entry],
    at: datetime,
    by: int | None,
    way: str = "page",
    among: Collection[Cell] | None = None,
) -> Saved:
    """
    Save what a unit typed: all of it or nothing. `way` says how it came (page, sheet, commune, demo).

    `among`: the cells that may be saved, where the caller has them at hand or lets in only some; None: all that the unit owes.
    A remark on a cell that changes is put right by it.

    Raises LockedError after the lock, NotOwedError for cells outside the obligation, ConflictError where somebody else
    changed a cell since it was seen.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    entries = list(entries)
    if among is None:
        among = set(cells_owed(obligations_of(report.unit, report.period), plan=plan, on=report.period.last_day))
    if strange := [entry.cell for entry in entries if entry.cell not in among]:
        raise NotOwedError(f"{len(strange)} cells are not owed: {strange[0]}")
    current = current_values(report)
    absent = absent_cells(report)
    if conflicts := [_conflict(entry, current) for entry in entries if _is_stale(entry, current)]:
        raise ConflictError(conflicts)
    changes = [entry for entry in entries if _differs(entry, current, absent)]
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
    _say_what_is_absent(report, changes, absent, at=at, by=by)
    if changes:
        for leaf in sorted({leaf_of(entry.cell.day) for entry in changes}):
            facts_changed(source=measures.DECLARED, day=leaf)
        begin_draft(report, at)
        answer_changed(report, cells={field_name(entry.cell) for entry in changes}, at=at)
        details: dict[str, Any] = {"way": way, "cells": _audited(changes, current)}
        if reasons := {field_name(e.cell): e.note for e in changes if e.value is None and e.note}:
            details["absent"] = reasons
        record(
            by=by,
            action="report.values",
            object_type="report",
            object_id=f"{report.period}/{report.unit}",
            details=details,
            at=at,
        )
    records = {cell: value.record for cell, value in current.items()} | {cell_of(value): value.record for value in new}
    emptied = {entry.cell for entry in changes if entry.value is None}
    return Saved(
        report=report,
        records={e.cell: "" if e.cell in emptied else records.get(e.cell, "") for e in entries},
        changed=tuple(entry.cell for entry in changes),
    )


def _say_what_is_absent(
    report: Report, changes: Iterable[Entry], absent: Mapping[str, AbsentValue], *, at: datetime, by: int | None
) -> None:
    """Supersede what was said of the changed cells, and keep the reason of those that are left without a number."""
    names = {field_name(entry.cell): entry for entry in changes}
    gone = [absent[name].pk for name in names if name in absent]
    AbsentValue.objects.filter(pk__in=gone).update(superseded_at=at)
    AbsentValue.objects.bulk_create(
        AbsentValue(
            period=report.period, unit=report.unit, cell=name, reason=entry.note, recorded_at=at, recorded_by_id=by
        )
        for name, entry in names.items()
        if entry.value is None and entry.note
    )


@transaction.atomic
def mark_absent(
    *, report: Report, plan: Plan, reason: str, at: datetime, by: int | None, cells: Collection[Cell] | None = None
) -> int:
    """
    Say of cells (None: of every one that is still empty) that there is no number, and why. Returns how many.

    Raises ReportError without a reason, LockedError after the lock.
    """
    if not (reason := reason.strip()):
        raise ReportError("reason")
    owed = cells_owed(obligations_of(report.unit, report.period), plan=plan, on=report.period.last_day)
    filled, absent = current_values(report), absent_cells(report)
    empty = [
        Entry(cell=cell, value=None, note=reason, seen="")
        for cell in owed
        if cell not in filled and field_name(cell) not in absent and (cells is None or cell in cells)
    ]
    save_values(report=report, plan=plan, entries=empty, at=at, by=by, among=set(owed))
    return len(empty)


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


def _differs(entry: Entry, current: dict[Cell, DeclaredValue], absent: Mapping[str, AbsentValue]) -> bool:
    before = current.get(entry.cell)
    if before is None:
        said = absent.get(field_name(entry.cell))
        return entry.value is not None or entry.note != (said.reason if said else "")
    return before.value != entry.value or (entry.value is not None and before.note != entry.note)


def _versions(report: Report, cells: set[Cell]) -> dict[Cell, int]:
    """Return the last version of cells that are empty now but may have held values before."""
    if not cells:
        return {}
    superseded = DeclaredValue.objects.filter(period=report.period, unit=report.unit).exclude(superseded_at=None)
    found: dict[Cell, int] = {}
    for value in superseded:
        cell = cell_of(value)
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
