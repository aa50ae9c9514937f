"""The demo's tasks: what each unit set itself for the assignments it was given, and how far it came by a moment."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from diem06.plan.changes import assignments_on
from diem06.plan.model import Plan
from diem06.plan.periods import VIETNAM
from diem06.reports.models import TaskState, UnitPlan, UnitTask
from diem06.reports.unit_plans.actions import TaskWords, add_task, report_progress

_TASKS = (
    ("Rà soát danh mục thuộc phạm vi mô hình {pilot}, gửi cơ quan thường trực", 21),
    ("Phân công cán bộ đầu mối theo dõi mô hình {pilot} tại từng bộ phận", 12),
    ("Tập huấn cán bộ thực hiện mô hình {pilot}", 45),
    ("Kiểm tra việc thực hiện mô hình {pilot} tại cơ sở, lập biên bản", 120),
    ("Sơ kết sáu tháng mô hình {pilot}", 200),
)
_GENERAL = (
    ("Quán triệt Kế hoạch đến toàn thể cán bộ, công chức", 14),
    ("Đăng tin tuyên truyền trên trang của đơn vị", 60),
)


def make_tasks(*, plan: Plan, until: datetime, people: Mapping[str, int], seed: int) -> None:
    """
    Give every unit with a recorded plan its tasks, and their progress until `until`. `people`: a person of the unit by unit.

    Most are done some days before or after their last day; a few are open after it, one in twenty is given up.
    """
    chance = random.Random(f"{seed}/tasks")
    titles = {pilot.code: (pilot.short_title, pilot.clause) for pilot in plan.pilots}
    for unit_plan in UnitPlan.objects.filter(plan_id=plan.id).order_by("unit"):
        pilots = list(
            dict.fromkeys(row.pilot for row in assignments_on(plan, until.date()) if row.unit == unit_plan.unit)
        )
        wanted = [
            (text.format(pilot=titles[code][0]), days, titles[code][1])
            for code in pilots[:2]
            for text, days in chance.sample(_TASKS, 3)
        ]
        wanted += [(text, days, "") for text, days in _GENERAL]
        for text, days, clause in wanted:
            _task(plan, unit_plan, text, days, clause, until=until, by=people.get(unit_plan.unit), chance=chance)


def _task(
    plan: Plan,
    unit_plan: UnitPlan,
    text: str,
    days: int,
    clause: str,
    *,
    until: datetime,
    by: int | None,
    chance: random.Random,
) -> None:
    begun = max(unit_plan.issued_on, plan.in_force_from)
    added_at = _at(begun + timedelta(days=2), 9)
    if added_at > until:
        return
    task = add_task(
        plan=plan,
        unit=unit_plan.unit,
        words=TaskWords(
            text=text,
            due_on=begun + timedelta(days=days),
            owner=by,
            owner_name="" if by else "Bộ phận tổng hợp",
            clause=clause,
        ),
        at=added_at,
        by=by,
    )
    fate, ends = chance.random(), _at(task.due_on + timedelta(days=chance.randrange(-6, 5)), 15)
    if fate < 0.05:
        _tell(
            task,
            TaskState.DROPPED,
            0,
            min(ends, until),
            by,
            note="Ghép vào việc chung của tỉnh, đơn vị không làm riêng.",
        )
    elif fate < 0.85 and ends <= until:
        _tell(task, TaskState.DONE, 100, ends, by)
    elif _at(begun + timedelta(days=days // 2), 15) <= until:
        _tell(task, TaskState.DOING, chance.choice((20, 40, 60, 80)), _at(begun + timedelta(days=days // 2), 15), by)


def _tell(task: UnitTask, state: TaskState, percent: int, at: datetime, by: int | None, *, note: str = "") -> None:
    report_progress(task=task, state=state, percent=percent, note=note, at=max(at, task.created_at), by=by)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), VIETNAM)
