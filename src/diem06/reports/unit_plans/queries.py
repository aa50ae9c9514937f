"""How far the units' own plans and their tasks are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import reporting_units
from diem06.plan.model import Plan
from diem06.reports.actions import unit_plan_deadline
from diem06.reports.models import OPEN_TASK_STATES, TaskState, UnitPlan, UnitTask
from diem06.reports.queries import line_of, unit_plans_on


@dataclass(frozen=True, kw_only=True)
class TaskCounts:
    """Tasks of one unit: those given up are in none of the counts."""

    total: int = 0
    done: int = 0
    overdue: int = 0

    @classmethod
    def together(cls, counts: Iterable[TaskCounts | None]) -> TaskCounts:
        """Return the counts of a unit and of those that it took over from."""
        some = [each for each in counts if each]
        return cls(
            total=sum(each.total for each in some),
            done=sum(each.done for each in some),
            overdue=sum(each.overdue for each in some),
        )

    @property
    def open(self) -> int:
        return self.total - self.done


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One unit that owes a plan of its own, with what it has recorded."""

    unit: UnitOn
    plan: UnitPlan | None
    is_in_time: bool | None  # None: no plan yet, or the plan states no day
    is_overdue: bool  # no plan after the day that the plan states
    counts: TaskCounts


def plan_lines(plan: Plan, *, on: date) -> list[PlanLine]:
    """Return every unit that owes a plan of its own on the day `on`, in the order of the plan data: those without one first."""
    units = units_on(on)
    recorded = unit_plans_on(plan, on)
    counts = task_counts(plan, on=on)
    deadline = unit_plan_deadline(plan)
    lines = [
        PlanLine(
            unit=units[code],
            plan=(row := recorded.get(code)),
            is_in_time=row.issued_on <= deadline if row and deadline else None,
            is_overdue=row is None and deadline is not None and on > deadline,
            counts=TaskCounts.together(counts.get(each) for each in line_of(plan, code)),
        )
        for code in reporting_units(plan, on=on)
    ]
    return sorted(lines, key=lambda line: line.plan is not None)


def task_counts(plan: Plan, *, on: date) -> dict[str, TaskCounts]:
    """Return the counts of tasks by the unit that wrote them."""
    rows = (
        UnitTask.objects.filter(plan_id=plan.id)
        .exclude(state=TaskState.DROPPED)
        .values("unit")
        .annotate(
            total=Count("id"),
            done=Count("id", filter=Q(state=TaskState.DONE)),
            overdue=Count("id", filter=Q(state__in=OPEN_TASK_STATES, due_on__lt=on)),
        )
    )
    return {row["unit"]: TaskCounts(total=row["total"], done=row["done"], overdue=row["overdue"]) for row in rows}


def tasks_of(plan: Plan, unit: str) -> QuerySet[UnitTask]:
    """Return the tasks of a unit, those that it took over among them, nearest last day first."""
    return UnitTask.objects.filter(plan_id=plan.id, unit__in=line_of(plan, unit)).select_related("owner", "changed_by")


def open_tasks(plan: Plan, *, units: Iterable[str]) -> list[UnitTask]:
    """Return the open tasks of `units`, those that they took over among them, the nearest last day first."""
    lines = {code for unit in units for code in line_of(plan, unit)}
    return list(UnitTask.objects.filter(plan_id=plan.id, unit__in=lines, state__in=OPEN_TASK_STATES))
