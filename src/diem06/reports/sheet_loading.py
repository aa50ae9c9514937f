"""Storing what a person confirmed of an upload or a pasted block, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from diem06.core.sheets.declared import RowToLoad
from diem06.plan.model import Plan
from diem06.reports.actions import Entry, save_narrative, save_values
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Heading, Report
from diem06.reports.sheet_reading import HEADING_PREFIX


@transaction.atomic
def load_rows(
    *, report: Report, plan: Plan, rows: Sequence[RowToLoad], way: str, at: datetime, by: int | None
) -> dict[str, Any]:
    """
    Save confirmed rows, all of them or none; return what `undo_rows` needs.

    Raises what `save_values` and `save_narrative` raise: LockedError, NotOwedError, ConflictError.
    """
    owed = owed_cells(report, plan)
    numbers = [row for row in rows if not row.key.startswith(HEADING_PREFIX)]
    words = [row for row in rows if row.key.startswith(HEADING_PREFIX)]
    entries = [
        Entry(
            cell=owed[row.key],
            value=row.values["value"],
            note=row.values["note"],
            seen=row.before["record"] if row.before else "",
        )
        for row in numbers
    ]
    saved = save_values(report=report, plan=plan, entries=entries, at=at, by=by, way=way, among=set(owed.values()))
    for row in words:
        save_narrative(
            report=report,
            heading=_heading(row.key),
            text=row.values["text"],
            at=at,
            by=by,
            seen_version=int(row.before["record"]) if row.before else 0,
        )
    return {
        "values": [[row.key, *_was(row, "value", "note"), saved.records[owed[row.key]]] for row in numbers],
        "texts": [[row.key, *_was(row, "text")] for row in words],
    }


def _was(row: RowToLoad, *names: str) -> list[Any]:
    before = row.before["values"] if row.before else {}
    return [before.get(name) for name in names]


@transaction.atomic
def undo_rows(*, report: Report, plan: Plan, undo: dict[str, Any], at: datetime, by: int | None) -> None:
    """
    Bring back what stood there before a load: earlier numbers come again as new versions, so nothing is rewritten.

    Raises LockedError, NotOwedError, ConflictError.
    """
    owed = owed_cells(report, plan)
    entries = [
        Entry(cell=owed[name], value=value, note=note or "", seen=record)
        for name, value, note, record in undo["values"]
        if name in owed
    ]
    save_values(report=report, plan=plan, entries=entries, at=at, by=by, way="undo", among=set(owed.values()))
    for key, text in undo["texts"]:
        save_narrative(report=report, heading=_heading(key), text=text or "", at=at, by=by)


def _heading(key: str) -> Heading:
    return Heading(key.removeprefix(HEADING_PREFIX))
