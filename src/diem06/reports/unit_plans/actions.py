"""Every write to a unit's own plan and its tasks, each with its audit entry in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.organisation.queries import people_of
from diem06.plan.model import Plan
from diem06.reports.models import TaskState, UnitPlan, UnitTask

FILE_KINDS = (FileKind.PDF, FileKind.WORD)


class TaskError(ValueError):
    """Something about a task that the person must change first; `field` names the form field."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class TaskWords:
    """What a task says: what, who, by when. `owner` is a person's id, None where `owner_name` does it."""

    text: str
    due_on: date
    owner: int | None = None
    owner_name: str = ""
    clause: str = ""


@transaction.atomic
def attach_plan_file(*, unit_plan: UnitPlan, content: bytes, name: str, at: datetime, by: int | None) -> UnitPlan:
    """Keep the document of a unit's plan. Raises evidence.FileError for what is neither PDF nor Word."""
    unit_plan = UnitPlan.objects.select_for_update().get(pk=unit_plan.pk)
    file = store_file(content=content, name=name, allowed=FILE_KINDS, at=at, by=by)
    unit_plan.file = file
    unit_plan.save(update_fields=["file"])
    details = {"sha256": file.sha256, "name": file.name}
    record(by=by, action="unit_plan.file", object_type="unit", object_id=unit_plan.unit, details=details, at=at)
    return unit_plan


@transaction.atomic
def add_task(*, plan: Plan, unit: str, words: TaskWords, at: datetime, by: int | None) -> UnitTask:
    """Add a task to a unit's own plan. Raises TaskError."""
    _check(plan, unit, words, on=timezone.localdate(at))
    task = UnitTask.objects.create(
        plan_id=plan.id,
        unit=unit,
        text=words.text.strip(),
        clause=words.clause,
        owner_id=words.owner,
        owner_name=words.owner_name.strip(),
        due_on=words.due_on,
        created_at=at,
        created_by_id=by,
        changed_at=at,
        changed_by_id=by,
    )
    _audit(task, "unit_task.add", _told(task), at=at, by=by)
    return task


@transaction.atomic
def change_task(*, task: UnitTask, plan: Plan, words: TaskWords, at: datetime, by: int | None) -> UnitTask:
    """Change what a task says; a moved last day stays in the trail with the one before. Raises TaskError."""
    task = UnitTask.objects.select_for_update().get(pk=task.pk)
    _check(plan, task.unit, words, on=timezone.localdate(at))
    before = _told(task)
    task.text, task.clause, task.due_on = words.text.strip(), words.clause, words.due_on
    task.owner_id, task.owner_name = words.owner, words.owner_name.strip()
    if (after := _told(task)) != before:
        task.changed_at, task.changed_by_id = at, by
        task.save()
        _audit(task, "unit_task.change", {"before": before, "after": after}, at=at, by=by)
    return task


@transaction.atomic
def remove_task(*, task: UnitTask, at: datetime, by: int | None) -> None:
    """Remove a task that an Excel list brought by mistake; the trail keeps what it said. Others are given up with a note."""
    _audit(task, "unit_task.remove", _told(task), at=at, by=by)
    task.delete()


@transaction.atomic
def report_progress(
    *,
    task: UnitTask,
    state: TaskState,
    percent: int,
    at: datetime,
    by: int | None,
    done_on: date | None = None,
    note: str = "",
) -> UnitTask:
    """
    Say how far a task is. Done is 100 % on `done_on` (today without it); to give a task up takes a note.

    Raises TaskError for a percentage outside 0 to 100, a day that lies ahead, a missing note.
    """
    task = UnitTask.objects.select_for_update().get(pk=task.pk)
    today = timezone.localdate(at)
    if not 0 <= percent <= 100:
        raise TaskError("progress_percent")
    if done_on is not None and done_on > today:
        raise TaskError("done_on")
    note = note.strip()
    if state == TaskState.DROPPED and not note:
        raise TaskError("note")
    before = _told(task)
    task.state, task.note = state, note
    task.done_on = (done_on or today) if state == TaskState.DONE else None
    task.progress_percent = {TaskState.DONE: 100, TaskState.TODO: 0}.get(state, percent)
    if (after := _told(task)) != before:
        task.changed_at, task.changed_by_id = at, by
        task.save()
        _audit(task, "unit_task.progress", {"before": before, "after": after}, at=at, by=by)
    return task


def _check(plan: Plan, unit: str, words: TaskWords, *, on: date) -> None:
    if not words.text.strip():
        raise TaskError("text")
    if words.due_on < plan.in_force_from:
        raise TaskError("due_on")
    if words.clause and words.clause not in {clause.id for clause in plan.clauses}:
        raise TaskError("clause")
    if words.owner is None and not words.owner_name.strip():
        raise TaskError("owner")
    if words.owner is not None and words.owner not in {person.user_id for person in people_of(unit, on)}:
        raise TaskError("owner")


def _told(task: UnitTask) -> dict[str, str | int | None]:
    return {
        "text": task.text,
        "clause": task.clause,
        "owner": task.owner_id,
        "owner_name": task.owner_name,
        "due_on": task.due_on.isoformat(),
        "state": str(task.state),
        "percent": task.progress_percent,
        "done_on": task.done_on.isoformat() if task.done_on else None,
        "note": task.note,
    }


def _audit(task: UnitTask, action: str, details: Mapping[str, object], *, at: datetime, by: int | None) -> None:
    told = {"unit": task.unit, **details}
    record(by=by, action=action, object_type="unit_task", object_id=str(task.pk), details=told, at=at)
