"""The tasks of a unit's own plan as an Excel list: one row a task, found again by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.organisation.queries import people_of, units_on
from diem06.core.plans.queries import loaded_plan
from diem06.core.sheets.columns import Column, Kind
from diem06.core.sheets.declared import Key, Known, ListSheet, RowToLoad, SheetRefusedError
from diem06.reports.models import UnitTask
from diem06.reports.unit_plans import actions, queries
from diem06.reports.unit_plans.actions import TaskWords


def _is_a_clause(value: Any) -> str:
    if value and value not in {clause.id for clause in loaded_plan().plan.clauses}:
        return _("Kế hoạch không có điểm «%(code)s». Ghi như II.6.1a hoặc bỏ trống.") % {"code": value}
    return ""


def _not_before_the_plan(value: Any) -> str:
    first = loaded_plan().plan.in_force_from
    if value and value < first:
        return _("Hạn xong không được trước ngày %(day)s của Kế hoạch.") % {"day": f"{first:%d/%m/%Y}"}
    return ""


def known_tasks(*, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
    """Return the tasks of the unit `scope` by their words; of two with the same words the newer one."""
    tasks = (
        queries.tasks_of(loaded_plan().plan, scope).select_related("owner", "changed_by").order_by("created_at", "pk")
    )
    wanted = None if keys is None else set(keys)
    return {
        (task.text,): Known(
            values={
                "text": task.text,
                "due_on": task.due_on,
                "owner": task.owner.full_name if task.owner else task.owner_name,
                "clause": task.clause or None,
            },
            record=f"{task.pk}@{task.changed_at.isoformat()}",
            by=task.changed_by_id,
            at=task.changed_at,
        )
        for task in tasks
        if wanted is None or (task.text,) in wanted
    }


@transaction.atomic
def load_tasks(*, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
    """Add or change the tasks. Who is a person of the unit by name becomes the owner; another name stands as it is written."""
    plan = loaded_plan().plan
    people = {person.full_name: person.user_id for person in people_of(scope, timezone.localdate(at))}
    there = known_tasks(scope=scope, keys=[(row.values["text"],) for row in rows])
    undo: dict[str, list[Any]] = {"added": [], "changed": []}
    for row in rows:
        owner = people.get(row.values["owner"])
        words = TaskWords(
            text=row.values["text"],
            due_on=row.values["due_on"],
            owner=owner,
            owner_name="" if owner else row.values["owner"],
            clause=row.values.get("clause") or "",
        )
        known = there.get((row.values["text"],))
        if known is None:
            undo["added"].append(actions.add_task(plan=plan, unit=scope, words=words, at=at, by=by).pk)
            continue
        task = UnitTask.objects.get(pk=int(known.record.partition("@")[0]))
        before = [task.pk, task.due_on.isoformat(), task.owner_id, task.owner_name, task.clause]
        if actions.change_task(task=task, plan=plan, words=words, at=at, by=by).changed_at == at:
            undo["changed"].append(before)
    return {**undo, "at": at.isoformat()}


@transaction.atomic
def take_back_tasks(*, scope: str, undo: Any, at: datetime, by: int | None) -> None:
    """Remove what was added and restore what was changed. Raises SheetRefusedError where somebody went on with one of them."""
    plan, loaded_at = loaded_plan().plan, datetime.fromisoformat(undo["at"])
    tasks = {
        task.pk: task
        for task in UnitTask.objects.select_for_update().filter(
            pk__in=[*undo["added"], *(row[0] for row in undo["changed"])], unit=scope
        )
    }
    for task in tasks.values():
        if task.changed_at != loaded_at:
            raise SheetRefusedError(
                _("Nhiệm vụ «%(text)s» đã có người sửa tiếp, không hoàn tác được.") % {"text": task.text[:80]}
            )
    for key in undo["added"]:
        actions.remove_task(task=tasks[key], at=at, by=by)
    for key, due_on, owner, owner_name, clause in undo["changed"]:
        words = TaskWords(
            text=tasks[key].text, due_on=date.fromisoformat(due_on), owner=owner, owner_name=owner_name, clause=clause
        )
        actions.change_task(task=tasks[key], plan=plan, words=words, at=at, by=by)


def _unit_words(scope: str) -> str:
    unit = units_on(timezone.localdate()).get(scope)
    return unit.short if unit else ""


TASKS = ListSheet(
    code="reports.unit_tasks",
    title=gettext_lazy("Nhiệm vụ trong kế hoạch của đơn vị"),
    columns=(
        Column(key="text", head=gettext_lazy("Nhiệm vụ"), kind=Kind.TEXT, required=True, most=500, width=60),
        Column(
            key="due_on", head=gettext_lazy("Hạn xong"), kind=Kind.DATE, required=True, checks=(_not_before_the_plan,)
        ),
        Column(key="owner", head=gettext_lazy("Người làm"), kind=Kind.TEXT, required=True, most=100, width=28),
        Column(key="clause", head=gettext_lazy("Điểm của Kế hoạch"), kind=Kind.CODE, checks=(_is_a_clause,)),
    ),
    key=("text",),
    access=access.of_unit("scope"),
    known_rows=known_tasks,
    load_rows=load_tasks,
    undo_rows=take_back_tasks,
    scope_words=_unit_words,
)
