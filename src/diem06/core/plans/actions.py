"""Loading a plan, opening its periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from diem06.core.areas.actions import load_areas
from diem06.core.areas.models import Area
from diem06.core.audit.actions import record
from diem06.core.organisation.actions import load_units
from diem06.core.plans.bundles import bundle_files, digest
from diem06.core.plans.models import LoadedPlan, Obligation, Period
from diem06.core.plans.queries import known_areas, owing
from diem06.plan.checks import check
from diem06.plan.faults import PlanErrors
from diem06.plan.model import ObligationRule, Plan
from diem06.plan.periods import codes_until
from diem06.plan.periods import period as period_span
from diem06.plan.reader import read_plan


class PlanChangeError(ValueError):
    """A new version of the plan changes what may not change."""


@transaction.atomic
def load_plan(*, folder: Path, at: datetime, by: int | None = None, is_made_up: bool = False) -> LoadedPlan:
    """
    Load the bundle in `folder`: check all of it, then its units, periods and obligations. Loading the same again changes nothing.

    Raises PlanErrors with every fault at once, and PlanChangeError where the calendar of a plan with periods would change.
    """
    plan = read_plan(folder)
    files = bundle_files(folder)
    if not Area.objects.exists():
        load_areas(by=by)
    if faults := check(plan, known_areas()):
        raise PlanErrors(faults)
    if Period.objects.filter(plan_id=plan.id).exclude(calendar=plan.periods.calendar.value).exists():
        raise PlanChangeError(f"{plan.id}: its periods follow another calendar; a plan keeps its calendar.")
    loaded, is_new = LoadedPlan.objects.get_or_create(
        plan_id=plan.id,
        hash=digest(files),
        defaults={"key": plan.key, "version": plan.version, "files": files, "loaded_at": at, "is_made_up": is_made_up},
    )
    if is_new:
        load_units(plan, by=by)
        details = {"version": plan.version, "hash": loaded.hash}
        record(by=by, action="plan.load", object_type="plan", object_id=plan.id, details=details, at=at)
    open_periods(plan=plan, bundle=loaded, at=at, by=by)
    return loaded


@transaction.atomic
def open_periods(*, plan: Plan, bundle: LoadedPlan, at: datetime, by: int | None = None) -> list[Period]:
    """Open every period that has begun by `at`, with the obligations of its last day. Returns the newly opened ones."""
    opened = []
    known = set(Period.objects.filter(plan_id=plan.id).values_list("code", flat=True))
    for code in codes_until(plan, at.date()):
        if code in known:
            continue
        span = period_span(plan, code)
        period = Period.objects.create(
            plan_id=plan.id,
            calendar=plan.periods.calendar.value,
            code=code,
            first_day=span.first_day,
            last_day=span.last_day,
            opens_at=span.opens_at,
            due_at=span.due_at,
            lock_at=span.lock_at,
        )
        Obligation.objects.bulk_create(_obligations(plan, bundle, period))
        record(by=by, action="period.open", object_type="period", object_id=f"{plan.id}/{code}", details={}, at=at)
        opened.append(period)
    return opened


def _obligations(plan: Plan, bundle: LoadedPlan, period: Period) -> Iterable[Obligation]:
    for position, rule in enumerate(plan.obligations):
        if not _applies(rule, period):
            continue
        for unit in owing(rule.owed_by, plan, on=period.last_day):
            yield Obligation(
                period=period,
                unit=unit,
                measure=rule.measure,
                grain=rule.grain.value,
                where={name: list(values) for name, values in rule.where.items()},
                split_by=list(rule.split_by),
                levels=[level.value for level in rule.levels],
                day=rule.on or period.last_day,
                rule=position,
                bundle=bundle,
            )


def _applies(rule: ObligationRule, period: Period) -> bool:
    if rule.on is not None:
        return period.first_day <= rule.on <= period.last_day
    return rule.from_day <= period.last_day and (rule.until is None or rule.until >= period.last_day)
