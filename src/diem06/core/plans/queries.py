"""What is loaded, which periods there are, who owes what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from diem06.core.areas.models import Area
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import COMMUNE_COMMITTEE, COMMUNE_RULE, units_on
from diem06.core.plans.bundles import plan_from_files
from diem06.core.plans.cells import Cell, cells
from diem06.core.plans.models import DraftedPlan, LoadedChange, LoadedPlan, Milestone, Obligation, Period
from diem06.plan.changes import Change, changes, heir_of
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
    milestones: int = 0  # grows with every milestone of the plan that is set or ended


def loaded_plan(plan_id: str | None = None) -> Loaded:
    """Return the bundle in use: the newest of `plan_id`, or of the plan that was taken into use last. Raises NoPlanError."""
    bundles = LoadedPlan.objects.all() if plan_id is None else LoadedPlan.objects.filter(plan_id=plan_id)
    row = _with_milestones(bundles).first()
    if row is None:
        known = sorted(set(LoadedPlan.objects.values_list("plan_id", flat=True))) if plan_id else []
        if known:
            raise NoPlanError(f"No plan {plan_id} is loaded. Loaded are: {', '.join(known)}.")
        raise NoPlanError("No plan is loaded. Run `diem06 plan load FOLDER` first.")
    return _loaded(row)


def loaded_bundle(bundle: int) -> Loaded:
    """Return one loaded bundle by its id, current or not. Raises NoPlanError."""
    row = _with_milestones(LoadedPlan.objects.filter(pk=bundle)).first()
    if row is None:
        raise NoPlanError(f"No bundle {bundle} is loaded.")
    return _loaded(row)


def _with_milestones(bundles: QuerySet[LoadedPlan]) -> QuerySet[LoadedPlan]:
    """Leave out the files, and count what was done to the plan's milestones."""
    done = (
        Milestone.objects.filter(plan_id=OuterRef("plan_id"))
        .order_by()
        .values("plan_id")
        .annotate(done=Count("pk") + Count("ended_at"))
        .values("done")
    )
    return bundles.defer("files").annotate(milestones_done=Coalesce(Subquery(done), 0, output_field=IntegerField()))


def _loaded(row: LoadedPlan) -> Loaded:
    return Loaded(
        plan=_plan(row.pk, row.hash),
        hash=row.hash,
        bundle=row.pk,
        loaded_at=row.loaded_at,
        is_made_up=row.is_made_up,
        milestones=getattr(row, "milestones_done", 0),
    )


def plans_loaded() -> list[LoadedPlan]:
    """Return the newest bundle of each plan, the one in use first; their files are left out."""
    newest: dict[str, LoadedPlan] = {}
    for row in LoadedPlan.objects.defer("files"):
        newest.setdefault(row.plan_id, row)
    return list(newest.values())


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
    """Return the codes of the units that owe a report for the period, whether or not they type values."""
    return reporting_units(loaded_plan(period.plan_id).plan, on=period.last_day)


def reporting_units(plan: Plan, *, on: date) -> list[str]:
    """Return the codes of the units of a plan that must report on a day. Units of another plan that was loaded owe nothing here."""
    named = {unit.code: unit.reports for unit in plan.units}
    of_communes = next((unit.reports for unit in plan.units if unit.kind == COMMUNE_RULE), "no")
    return [
        code
        for code, unit in units_on(on).items()
        if (of_communes if unit.kind == COMMUNE_COMMITTEE else named.get(code)) == "yes"
    ]


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


def owing(owed_by: Iterable[str], plan: Plan, *, on: date, clauses: Iterable[str] = ()) -> list[str]:
    """
    Return the codes of the units named by `owed_by` (units and groups) on the day `on`, each once, in order.

    A unit that is gone by then hands its duty to its successor; the bodies of `members_if_listed` count once listed. What is
    owed for one pilot alone passes with an assignment that passed: a group by its own clauses, a unit by `clauses`, those
    that the obligation or indicator serves.
    """
    groups: dict[str, Group] = {group.code: group for group in plan.groups}
    listed = {listing.unit for listing in plan.listings if listing.from_day <= on}
    serves = tuple(clauses)
    named: list[str] = []
    for code in owed_by:
        if code in groups:
            group = groups[code]
            members = [*group.members, *(member for member in group.members_if_listed if member in listed)]
            named += [heir_of(member, plan, clauses=group.clauses, on=on) for member in members]
        else:
            named.append(heir_of(code, plan, clauses=serves, on=on) if serves else code)
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


# -- what changed --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Amended:
    """A change of the plan, with when it was loaded and by whom; None: with the plan itself."""

    change: Change
    loaded_at: datetime
    loaded_by: str


def amendments(loaded: Loaded) -> list[Amended]:
    """Return every change of the plan after it was issued, the newest day first."""
    rows = LoadedChange.objects.filter(plan_id=loaded.plan.id).select_related("bundle__loaded_by")
    brought = {row.key: row.bundle for row in rows.defer("bundle__files")}
    return [
        Amended(
            change=change,
            loaded_at=brought[change.key].loaded_at if change.key in brought else loaded.loaded_at,
            loaded_by=_name(brought.get(change.key)),
        )
        for change in reversed(changes(loaded.plan))
    ]


def _name(bundle: LoadedPlan | None) -> str:
    return bundle.loaded_by.full_name if bundle and bundle.loaded_by else ""


def first_day_to_change(plan: Plan, *, at: datetime) -> date:
    """
    Return the first day from which a change may hold: after every period whose figures can no longer be edited.

    So a figure of an earlier period keeps the target of its day.
    """
    locked = periods(plan).filter(lock_at__lte=at).last()
    after = locked.last_day + timedelta(days=1) if locked else plan.in_force_from
    return max(after, plan.in_force_from + timedelta(days=1))


# -- milestones ----------------------------------------------------------------------------------------------------------
def milestones(
    plan: Plan, *, on: date | None = None, indicator: str = "", area: str = "", unit: str = ""
) -> QuerySet[Milestone]:
    """
    Return the milestones of the standing office, by indicator and day. They are never the plan's targets.

    `on`: those that count on that day (set by then, not ended). `indicator`, `area`, `unit`: of that one alone; an area or
    unit has only its own, nothing is inherited.
    """
    found = Milestone.objects.filter(plan_id=plan.id)
    if indicator:
        found = found.filter(indicator=indicator)
    if area or unit:
        found = found.filter(area=area, unit=unit)
    if on is not None:
        found = found.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), set_on__lte=on)
    return found


# -- drafts --------------------------------------------------------------------------------------------------------------
def open_drafts() -> QuerySet[DraftedPlan]:
    """Return the drafts that wait for decisions, the newest first, without what was read."""
    return DraftedPlan.objects.filter(dropped_at=None, bundle=None).defer("draft").select_related("uploaded_by")
