"""What is loaded, which periods there are, who owes what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import QuerySet

from diem06.core.areas.models import Area
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.bundles import plan_from_files
from diem06.core.plans.cells import Cell, cells
from diem06.core.plans.models import LoadedPlan, Obligation, Period
from diem06.plan.model import Group, Plan


class NoPlanError(LookupError):
    """No plan is loaded, or none by that id."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A loaded bundle with the plan it holds."""

    plan: Plan
    hash: str
    bundle: int  # id of the LoadedPlan
    loaded_at: datetime
    is_made_up: bool


def loaded_plan(plan_id: str | None = None) -> Loaded:
    """Return the newest loaded bundle of `plan_id`, or of the plan loaded last. Raises NoPlanError."""
    bundles = LoadedPlan.objects.all() if plan_id is None else LoadedPlan.objects.filter(plan_id=plan_id)
    row = bundles.defer("files").first()
    if row is None:
        raise NoPlanError("No plan is loaded. Run `diem06 plan load FOLDER` first.")
    return Loaded(
        plan=_plan(row.pk, row.hash), hash=row.hash, bundle=row.pk, loaded_at=row.loaded_at, is_made_up=row.is_made_up
    )


def loaded_bundle(bundle: int) -> Loaded:
    """Return one loaded bundle by its id, current or not. Raises NoPlanError."""
    row = LoadedPlan.objects.defer("files").filter(pk=bundle).first()
    if row is None:
        raise NoPlanError(f"No bundle {bundle} is loaded.")
    return Loaded(
        plan=_plan(row.pk, row.hash), hash=row.hash, bundle=row.pk, loaded_at=row.loaded_at, is_made_up=row.is_made_up
    )


@lru_cache(maxsize=8)
def _plan(bundle: int, bundle_hash: str) -> Plan:  # noqa: ARG001  the hash keeps test databases apart
    return plan_from_files(LoadedPlan.objects.values_list("files", flat=True).get(pk=bundle))


def periods(plan: Plan) -> QuerySet[Period]:
    """Return the opened periods of the plan, first to last."""
    return Period.objects.filter(plan_id=plan.id)


def period(plan: Plan, code: str) -> Period | None:
    """Return an opened period by its code."""
    return periods(plan).filter(code=code).first()


def current_period(plan: Plan, *, at: datetime) -> Period | None:
    """Return the period that is being reported at `at`: the newest one that is open, so its due time lies ahead."""
    return periods(plan).filter(opens_at__lte=at).last()


def last_due_period(plan: Plan, *, at: datetime) -> Period | None:
    """Return the newest period whose due time has passed, or the first one while none has."""
    return periods(plan).filter(due_at__lte=at).last() or periods(plan).first()


def obligations_of(unit: str, period: Period) -> QuerySet[Obligation]:
    """Return what `unit` owes for the period, in the order of the plan."""
    return Obligation.objects.filter(period=period, unit=unit).order_by("rule")


def owing_units(period: Period) -> list[str]:
    """Return the codes of the units that owe a report for the period: all that must report, whether or not they type values."""
    return [code for code, unit in units_on(period.last_day).items() if unit.reports == "yes"]


def cells_owed(obligations: Iterable[Obligation], *, plan: Plan, on: date, tree: AreaTree | None = None) -> list[Cell]:
    """Return every cell of `obligations` on the areas and units of the day `on`."""
    tree = tree or areas_on(on)
    units = units_on(on)
    measures = {measure.code: measure for measure in plan.measures}
    return [
        cell
        for owed in obligations
        for cell in cells(owed, measure=measures[owed.measure], unit_area=units[owed.unit].area, tree=tree)
    ]


def known_areas() -> dict[str, list[tuple[date, date | None, str]]]:
    """Return every area code with its validities and levels, as the plan's checks want to know them."""
    found: dict[str, list[tuple[date, date | None, str]]] = {}
    for code, first, last, level in Area.objects.values_list("code", "valid_from", "valid_to", "level"):
        found.setdefault(code, []).append((first, last, level))
    return found


def owing(owed_by: Iterable[str], plan: Plan, *, on: date) -> list[str]:
    """
    Return the codes of the units named by `owed_by` (units and groups) on the day `on`, each once, in order.

    A unit that is gone by then hands its duty to its successor; the bodies of `members_if_listed` count once listed.
    """
    groups: dict[str, Group] = {group.code: group for group in plan.groups}
    listed = {listing.unit for listing in plan.listings if listing.from_day <= on}
    named: list[str] = []
    for code in owed_by:
        if code in groups:
            named += groups[code].members
            named += [member for member in groups[code].members_if_listed if member in listed]
        else:
            named.append(code)
    here = units_on(on)
    successors = {unit.code: unit.successor for unit in plan.units}
    found: dict[str, None] = {}
    for code in named:
        unit: str = code
        while unit and unit not in here:
            unit = successors.get(unit, "")
        if unit and here[unit].area in areas_on(on):
            found[unit] = None
    return list(found)
