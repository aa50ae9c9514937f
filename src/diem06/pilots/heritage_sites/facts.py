"""From the register to the facts of `heritage_sites`: the state of each site in scope, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.places.models import BaseList, BaseListEntry, Place, PlaceTerm
from diem06.core.places.queries import area_now, owers_of
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.actions import facts_changed
from diem06.cube.leaves import leaf_of
from diem06.pilots.heritage_sites.apps import HeritageSitesConfig
from diem06.pilots.heritage_sites.models import EquipmentStep, SiteFact
from diem06.pilots.heritage_sites.queries.register import highest
from diem06.plan.model import Plan

MEASURE = "heritage_sites"
SOURCE = "heritage_register"
BATCH = 400
_COLUMNS = ("area", "area_valid_from", "unit", "dimensions", "value")


@dataclass(frozen=True)
class State:
    """What holds of a site in scope from a day on; value 0: it is out of scope, or no more."""

    area: str
    area_valid_from: date
    unit: str
    dimensions: str
    value: int


class Owers:
    """Which unit owes the measure for a place by the plan, day by day."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[date, list[str]] = {}
        passed = {row.from_day for row in plan.assignments if row.replaces}
        self.days = passed | {unit.valid_from for unit in plan.units if unit.valid_from is not None}
        """The days on which the plan, or the units, may give the duty to somebody else."""

    def of(self, term: PlaceTerm, day: date) -> str:
        """Return, of the units that owe the measure, the one with the nearest area; where none owes it, the site's own unit."""
        if day not in self._known:
            self._known[day] = list(owers_of((MEASURE,), self._plan, on=day))
        owers = self._known[day]
        if len(owers) < 2:
            return owers[0] if owers else term.unit_code
        tree, units = areas_on(day), units_on(day)
        here = area_now(term.area_code, term.area_valid_from, day)
        above = [here, *(area.code for area in tree.ancestors(here))] if here in tree else []
        near = [above.index(units[code].area) if units[code].area in above else len(above) for code in owers]
        return owers[near.index(min(near))]


def timeline(
    site: Place,
    *,
    terms: Sequence[PlaceTerm],
    steps: Sequence[EquipmentStep],
    lists: Sequence[tuple[date, Collection[int]]],
    owers: Owers,
) -> Iterator[tuple[date, State]]:
    """
    Yield the states of a site with the day from which each holds, earliest first.

    `lists`: the base lists with their places, earliest first. A site is in scope from the list that names it until one that
    does not; its step is the highest one reached. Its facts belong to the unit that owes the measure where it lies.
    """
    days = {first for first, _listed in lists} | {term.from_day for term in terms} | {step.day for step in steps}
    days |= {site.valid_from} | ({site.valid_to} if site.valid_to else set()) | owers.days
    last: State | None = None
    for day in sorted(days):
        listed: Collection[int] = next((places for first, places in reversed(lists) if first <= day), ())
        is_there = site.valid_from <= day and (site.valid_to is None or day < site.valid_to)
        term = next(
            (term for term in sorted(terms, key=lambda t: t.from_day, reverse=True) if term.from_day <= day), None
        )
        if is_there and site.pk in listed and term is not None:
            state = State(
                area=term.area_code,
                area_valid_from=term.area_valid_from,
                unit=owers.of(term, day),
                dimensions=f"equipment_step={highest(steps, day)}",
                value=1,
            )
        elif last is not None:
            state = State(last.area, last.area_valid_from, last.unit, last.dimensions, 0)
        else:
            continue
        if state != last:
            yield day, state
        last = state


def refresh(sites: Iterable[int], *, at: datetime) -> int:
    """
    Bring the facts of sites (ids) to what the register says now, and tell the cube which days changed. Returns how many rows are new.

    Belongs in the transaction that changed the register. Rows that no longer hold are superseded at `at`, never removed.
    """
    try:
        plan = loaded_plan().plan
    except NoPlanError:
        return 0
    places = list(Place.objects.filter(pk__in=set(sites)))
    ids = [place.pk for place in places]
    lists, owers = _lists(plan, ids), Owers(plan)
    terms: dict[int, list[PlaceTerm]] = defaultdict(list)
    for term in PlaceTerm.objects.filter(place_id__in=ids):
        terms[term.place_id].append(term)
    steps: dict[int, list[EquipmentStep]] = defaultdict(list)
    for step in EquipmentStep.objects.current().filter(place_id__in=ids):
        steps[step.place_id].append(step)
    facts: dict[str, dict[date, SiteFact]] = {place.key: {} for place in places}
    for fact in SiteFact.objects.current().filter(record__in=facts):
        facts[fact.record][fact.day] = fact
    new: list[SiteFact] = []
    gone: list[SiteFact] = []
    for place in places:
        known = facts[place.key]
        wanted = dict(timeline(place, terms=terms[place.pk], steps=steps[place.pk], lists=lists, owers=owers))
        gone += [row for day, row in known.items() if day not in wanted or _state(row) != wanted[day]]
        new += [
            _row(place, day, state, at)
            for day, state in wanted.items()
            if day not in known or _state(known[day]) != state
        ]
    SiteFact.objects.filter(pk__in=[row.pk for row in gone]).update(superseded_at=at)
    SiteFact.objects.bulk_create(new, batch_size=BATCH)
    for leaf in sorted({leaf_of(row.day) for row in (*new, *gone)}):
        facts_changed(source=SOURCE, day=leaf)
    return len(new)


def _state(row: SiteFact) -> State:
    return State(*(getattr(row, name) for name in _COLUMNS))


def _row(place: Place, day: date, state: State, at: datetime) -> SiteFact:
    return SiteFact(
        measure=MEASURE,
        source=SOURCE,
        day=day,
        recorded_at=at,
        area=state.area,
        area_valid_from=state.area_valid_from,
        unit=state.unit,
        place=place.key,
        dimensions=state.dimensions,
        value=state.value,
        record=place.key,
    )


def _lists(plan: Plan, ids: Collection[int]) -> list[tuple[date, Collection[int]]]:
    rows = BaseList.objects.standing().filter(plan_id=plan.id, scope_list=HeritageSitesConfig.pilot.scope_list)
    listed: dict[int, set[int]] = {}
    for base_list, place in BaseListEntry.objects.filter(base_list__in=rows, place_id__in=ids).values_list(
        "base_list_id", "place_id"
    ):
        listed.setdefault(base_list, set()).add(place)
    return [(row.from_day, listed.get(row.pk, set())) for row in rows.order_by("from_day")]
