"""A unit's own implementation plan (O.1)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.plan.model import Plan
from diem06.reports import measures
from diem06.reports.actions.errors import ReportError
from diem06.reports.actions.unit_facts import state_fact
from diem06.reports.models import UnitPlan


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
    state_fact(
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
