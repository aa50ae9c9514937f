"""What the register says: capacity, rules, points and gates, festivals, equipment."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time

from diem06.core.places.models import Place, PlaceTerm
from diem06.core.places.queries import PlaceOn, base_list_on, listed_in, places_on
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE, HeritageSitesConfig
from diem06.pilots.heritage_sites.capacity import Computed, computed
from diem06.pilots.heritage_sites.models import (
    Capacity,
    EquipmentStep,
    Festival,
    FestivalCalendar,
    SiteRule,
    Step,
)
from diem06.pilots.heritage_sites.models.register import NO_STEP
from vnlib.text import LunarDate, days_in_lunar_month, lunar_of, solar_of

MEASURES = ("heritage_sites", "site_entries")
"""The measures that the pilot supplies: who owes them sees and keeps every site."""
STEPS_IN_ORDER = tuple(Step)


# -- places ----------------------------------------------------------------------------------------------------------
def site_of(place: Place) -> Place:
    """Return the site that a point or gate belongs to; a site is its own."""
    here = place
    while here.parent is not None:
        here = here.parent
    return here


def names_of_sites(codes: Collection[str]) -> dict[str, str]:
    """Return the newest name of each site, by code, also of sites that are no more. One query."""
    terms = PlaceTerm.objects.filter(place__kind=SITE, place__code__in=codes).order_by("from_day")
    return dict(terms.values_list("place__code", "name"))


def points_of(site: Place, on: date) -> list[PlaceOn]:
    """Return the points of a site on a day, by name."""
    return places_on(on, kinds=(POINT,), parent=site.pk)


def gates_of(place: Place, on: date) -> list[PlaceOn]:
    """Return the gates that lie directly in a site or point on a day, by name."""
    return places_on(on, kinds=(GATE,), parent=place.pk)


def gates_of_site(site: Place, on: date) -> list[PlaceOn]:
    """Return all gates of a site on a day, those of its points too: first the site's own, then point by point. Two queries."""
    points = points_of(site, on)
    inside = [site.pk, *(point.id for point in points)]
    ids = list(Place.objects.filter(kind=GATE, parent_id__in=inside).values_list("pk", flat=True))
    gates = places_on(on, ids=ids)
    return sorted(gates, key=lambda gate: inside.index(gate.parent_id or site.pk))


def sites_in_scope(on: date) -> list[int]:
    """Return the ids of the sites of the base list in force on a day, in its order; none without a plan or a list."""
    try:
        plan = loaded_plan().plan
    except NoPlanError:
        return []
    return listed_in(base_list_on(plan.id, HeritageSitesConfig.pilot.scope_list, on))


# -- capacity --------------------------------------------------------------------------------------------------------
def capacity_row(place: Place, on: date) -> Capacity | None:
    """Return the capacity recorded for a site or point that holds on a day."""
    return capacity_rows([place.pk], on).get(place.pk)


def capacity_rows(places: Collection[int], on: date) -> dict[int, Capacity]:
    """Return the capacity that holds on a day of each site or point that has one; by id. Two queries."""
    rows = Capacity.objects.filter(place_id__in=places, from_day__lte=on).prefetch_related("exits")
    return {row.place_id: row for row in rows.order_by("from_day")}


def arithmetic(row: Capacity) -> Computed | None:
    """Return how a capacity is computed; None for a declared one."""
    if row.usable_area_m2 is None:
        return None
    return computed(
        usable_area_m2=row.usable_area_m2,
        persons_per_m2=row.persons_per_m2,
        exit_widths_m=[one.width_m for one in row.exits.all()],
        flow_per_metre_minute=row.flow_per_metre_minute,
        escape_minutes=row.escape_minutes,
    )


def capacity_of(place: Place, on: date) -> int | None:
    """Return how many people a site or point holds on a day; None: not known. A gate holds nobody."""
    row = capacity_row(place, on)
    if row is None:
        return None
    found = arithmetic(row)
    return found.people if found else row.declared


# -- rules -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a site is run on a day."""

    retention_days: int = 30
    default_stay_minutes: int = 120
    reset_at: time = time(0, 0)


def rules_of(site: Place, on: date) -> Rules:
    """Return the rules of a site on a day; the defaults where none are recorded."""
    row = SiteRule.objects.filter(place=site, from_day__lte=on).order_by("-from_day").first()
    if row is None:
        return Rules()
    return Rules(
        retention_days=row.retention_days, default_stay_minutes=row.default_stay_minutes, reset_at=row.reset_at
    )


# -- festivals -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class FestivalDays:
    """A festival as it falls in one year: first and last day included."""

    festival: Festival
    first: date
    last: date


def days_of(festival: Festival, year: int) -> FestivalDays:
    """
    Return the days of a festival that begins in `year` of its own calendar.

    A thirtieth (or thirty-first) day that the month of that year has not is its last one.
    """
    ends_in = year + 1 if festival.last_month < festival.first_month else year
    return FestivalDays(
        festival=festival,
        first=_day(festival.calendar, year, festival.first_month, festival.first_day),
        last=_day(festival.calendar, ends_in, festival.last_month, festival.last_day),
    )


def festivals_on(day: date, *, sites: Collection[int] | None = None) -> list[FestivalDays]:
    """Return the festivals that are held on a day (of `sites`, ids, or of all), by first day. One query."""
    rows = Festival.objects.select_related("place")
    if sites is not None:
        rows = rows.filter(place_id__in=sites)
    found = []
    for festival in rows:
        if festival.ended_on is not None and festival.ended_on <= day:
            continue
        year = lunar_of(day).year if festival.calendar == FestivalCalendar.LUNAR else day.year
        # One that began at the end of the year before may still go on.
        falls = [days_of(festival, each) for each in (year - 1, year)]
        found += [each for each in falls if each.first <= day <= each.last]
    return sorted(found, key=lambda each: (each.first, each.festival.pk))


def _day(calendar: str, year: int, month: int, day: int) -> date:
    if calendar == FestivalCalendar.SOLAR:
        return date(year, month, min(day, monthrange(year, month)[1]))
    return solar_of(LunarDate(year, month, False, min(day, days_in_lunar_month(year, month))))


# -- equipment -------------------------------------------------------------------------------------------------------
def steps_of(site: Place) -> list[EquipmentStep]:
    """Return every step recorded for a site, the superseded too, the newest day first."""
    return list(site.equipment_steps.select_related("recorded_by", "replaced_by").order_by("-day", "-id"))


def highest(steps: Iterable[EquipmentStep], on: date) -> str:
    """Return the highest step reached by a day, of steps that nothing has superseded; `none` without any."""
    return _highest({step.step for step in steps if step.day <= on and step.superseded_at is None})


def _highest(reached: Collection[str]) -> str:
    return next((step.value for step in reversed(STEPS_IN_ORDER) if step.value in reached), NO_STEP)


def steps_on(sites: Collection[int], on: date) -> dict[int, str]:
    """Return the highest step of each site by a day, `none` without any; by id. One query."""
    reached: dict[int, set[str]] = {}
    for site, step in EquipmentStep.objects.current().filter(day__lte=on).values_list("place_id", "step"):
        reached.setdefault(site, set()).add(step)
    return {site: _highest(reached.get(site, set())) for site in sites}


def point_counts(sites: Collection[int], on: date) -> dict[int, int]:
    """Return how many points each site has on a day; by id. One query."""
    counts = dict.fromkeys(sites, 0)
    for place in places_on(on, kinds=(POINT,)):
        if place.parent_id in counts:
            counts[place.parent_id] += 1
    return counts
