"""A district's switch: its communes fill in their own rows of its grid."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.plan.model import Plan
from diem06.reports.models import Handout
from diem06.reports.queries import handout_of


@transaction.atomic
def hand_out(*, plan: Plan, unit: str, at: datetime, by: int | None) -> Handout:
    """Let the communes of a district type into its report. Done twice it changes nothing."""
    known = handout_of(plan.id, unit)
    if known is not None:
        return known
    row = Handout.objects.create(plan_id=plan.id, unit=unit, handed_out_at=at, handed_out_by_id=by)
    record(by=by, action="handout.on", object_type="unit", object_id=unit, details={}, at=at)
    return row


@transaction.atomic
def take_back(*, plan: Plan, unit: str, at: datetime, by: int | None) -> Handout | None:
    """Let only the district type again; what its communes filled in stays. Done twice it changes nothing."""
    row = handout_of(plan.id, unit)
    if row is None:
        return None
    row.taken_back_at, row.taken_back_by_id = at, by
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    record(by=by, action="handout.off", object_type="unit", object_id=unit, details={}, at=at)
    return row
