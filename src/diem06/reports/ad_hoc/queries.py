"""Reads of forms from elsewhere."""

from __future__ import annotations

from django.db.models import Count, F, Max, Q, QuerySet

from diem06.core.access import Role, Subject
from diem06.reports.models import AdHocForm

PROVINCE = "tinh"
"""In addresses: the forms of the province itself, not of one unit."""
PROVINCE_ROLES = (Role.CHAIRMAN_OFFICE, Role.STANDING_OFFICE, Role.LEAD_UNIT)
UNIT_ROLES = (Role.UNIT_HEAD, Role.UNIT_REPORTER)


def owners_of(subject: Subject) -> list[str]:
    """Return whose forms a person works with, as they stand in addresses: the province's first."""
    province = [PROVINCE] if subject.has(*PROVINCE_ROLES) else []
    return [*province, *sorted(subject.units_as(*UNIT_ROLES))]


def forms_of(owner: str, plan_id: str, *, state: str = "", text: str = "") -> QuerySet[AdHocForm]:
    """Return the forms of an owner with the number of tied cells and fills. `state`: in_use (also empty), retired, all."""
    found = AdHocForm.objects.filter(plan_id=plan_id, unit="" if owner == PROVINCE else owner)
    if state != "all":
        found = found.filter(retired_at__isnull=state != "retired")
    if text := text.strip():
        found = found.filter(Q(title__icontains=text) | Q(asked_by__icontains=text))
    return found.annotate(
        tied=Count("cells", distinct=True), filled=Count("fills", distinct=True), last_fill=Max("fills__made_at")
    ).order_by(F("last_fill").desc(nulls_last=True), "-made_at")
