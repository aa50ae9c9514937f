"""Which places there are on a day, where they lie, what a base list holds, and who may see a place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery

from diem06.core.access import Subject
from diem06.core.areas.queries import AreaTree, AreaUnknown, areas_on, stands_for
from diem06.core.organisation.queries import units_on
from diem06.core.places.models import BaseList, BaseListEntry, OpeningHours, Place, PlaceTerm
from diem06.core.plans.queries import owing
from diem06.plan.changes import clauses_of
from diem06.plan.model import Plan


@dataclass(frozen=True, kw_only=True)
class PlaceOn:
    """A place as it is on a day. `area_now` is the area of that day that stands for the one of the term, empty where none does."""

    id: int
    kind: str
    code: str
    parent_id: int | None
    valid_from: date
    valid_to: date | None
    from_day: date  # of the term
    name: str
    search_key: str
    sort_key: str
    area_code: str
    area_valid_from: date
    area_now: str
    unit_code: str
    address: str
    latitude: Decimal | None
    longitude: Decimal | None
    document: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"


_COLUMNS = {
    "id": "place_id",
    "kind": "place__kind",
    "code": "place__code",
    "parent_id": "place__parent_id",
    "valid_from": "place__valid_from",
    "valid_to": "place__valid_to",
    **{
        name: name
        for name in (
            *("from_day", "name", "search_key", "sort_key", "area_code", "area_valid_from"),
            *("unit_code", "address", "latitude", "longitude", "document"),
        )
    },
}
"""Of a term, for each field of a `PlaceOn` that is read and not found out."""


# -- places of a day -------------------------------------------------------------------------------------------------
def places_on(
    day: date, *, kinds: Collection[str] = (), ids: Collection[int] | None = None, parent: int | None = None
) -> list[PlaceOn]:
    """Return the places that are there on a day with their terms of the day, by name. One query."""
    there = Q(place__valid_to__isnull=True) | Q(place__valid_to__gt=day)
    terms = _terms_on(day).filter(there, place__valid_from__lte=day)
    if kinds:
        terms = terms.filter(place__kind__in=kinds)
    if ids is not None:
        terms = terms.filter(place_id__in=ids)
    if parent is not None:
        terms = terms.filter(place__parent_id=parent)
    rows = terms.order_by("sort_key", "place_id").values_list(*_COLUMNS.values())  # as objects they cost twice as much
    found = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
    return [PlaceOn(**row, area_now=area_now(row["area_code"], row["area_valid_from"], day)) for row in found]


def place_on(place: Place, day: date) -> PlaceOn:
    """
    Return a place with the term that holds on a day, whether or not it is still there.

    Before its first term the first one holds: a place that opens next month has a name today.
    """
    return terms_on([place.pk], day)[place.pk]


def terms_on(ids: Collection[int], day: date) -> dict[int, PlaceOn]:
    """Return places by id as `place_on` does. Two queries."""
    found = {term.place_id: term for term in _terms_on(day).filter(place_id__in=ids)}
    if missing := set(ids) - found.keys():
        later = PlaceTerm.objects.filter(place_id__in=missing).select_related("place").order_by("-from_day")
        found |= {term.place_id: term for term in later}
    return {place_id: _place_on(term, day) for place_id, term in found.items()}


def place_of(kind: str, code: str) -> Place | None:
    """Return a place by its kind and code, with its parents."""
    return Place.objects.select_related("parent__parent").filter(kind=kind, code=code).first()


def path_of(place: Place) -> list[Place]:
    """Return what a place lies in, the widest first, without itself."""
    found: list[Place] = []
    above = place.parent
    while above is not None:
        found.insert(0, above)
        above = above.parent
    return found


def terms_of(place: Place) -> list[PlaceTerm]:
    """Return everything that ever held of a place, the newest first."""
    return list(place.terms.select_related("recorded_by").order_by("-from_day"))


def hours_on(place: Place, day: date) -> dict[int, list[OpeningHours]] | None:
    """Return opening hours by day of the week (0 Monday); a day without any is closed. None: not known."""
    rows = list(place.hours.filter(from_day__lte=day).order_by("-from_day", "weekday", "opens"))
    if not rows:
        return None
    week: dict[int, list[OpeningHours]] = {weekday: [] for weekday in range(7)}
    for row in rows:
        if row.from_day == rows[0].from_day:
            week[row.weekday].append(row)
    return week


def _terms_on(day: date) -> QuerySet[PlaceTerm]:
    newest = PlaceTerm.objects.filter(place_id=OuterRef("place_id"), from_day__lte=day).order_by("-from_day")
    return PlaceTerm.objects.filter(pk=Subquery(newest.values("pk")[:1])).select_related("place")


def _place_on(term: PlaceTerm, day: date) -> PlaceOn:
    place = term.place
    return PlaceOn(
        id=place.pk,
        kind=place.kind,
        code=place.code,
        parent_id=place.parent_id,
        valid_from=place.valid_from,
        valid_to=place.valid_to,
        from_day=term.from_day,
        name=term.name,
        search_key=term.search_key,
        sort_key=term.sort_key,
        area_code=term.area_code,
        area_valid_from=term.area_valid_from,
        area_now=area_now(term.area_code, term.area_valid_from, day),
        unit_code=term.unit_code,
        address=term.address,
        latitude=term.latitude,
        longitude=term.longitude,
        document=term.document,
    )


def area_now(code: str, valid_from: date, day: date) -> str:
    """Return the area of a day that stands for an area: itself, or what took over most of its people. Empty: none does."""
    tree = areas_on(day)
    if code in tree and tree.get(code).valid_from == valid_from:
        return code
    try:
        return stands_for(code, valid_from, day)
    except (AreaUnknown, ValueError):  # an area that begins later, or one of a list that is not loaded
        return ""


# -- base lists ------------------------------------------------------------------------------------------------------
def base_lists(plan_id: str, scope_list: str) -> list[BaseList]:
    """Return the base lists of a plan's scope list, the newest first; those that were taken back are not among them."""
    rows = BaseList.objects.standing().filter(plan_id=plan_id, scope_list=scope_list)
    return list(rows.select_related("file", "recorded_by").order_by("-from_day"))


def lists_taken_back(plan_id: str, scope_list: str) -> list[BaseList]:
    """Return the base lists that were adopted by mistake and taken back, the last one first."""
    rows = BaseList.objects.filter(plan_id=plan_id, scope_list=scope_list, withdrawn_at__isnull=False)
    return list(rows.select_related("withdrawn_by").order_by("-withdrawn_at"))


def base_list_on(plan_id: str, scope_list: str, day: date) -> BaseList | None:
    """Return the base list in force on a day."""
    rows = BaseList.objects.standing().filter(plan_id=plan_id, scope_list=scope_list, from_day__lte=day)
    return rows.order_by("-from_day").first()


def listed_in(base_list: BaseList | None) -> list[int]:
    """Return the ids of the places of a base list, in its order; of none, nothing."""
    if base_list is None:
        return []
    return list(BaseListEntry.objects.filter(base_list=base_list).order_by("order").values_list("place_id", flat=True))


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A base list against the one before it: ids of places."""

    added: tuple[int, ...]
    removed: tuple[int, ...]
    kept: int


def compared(new: Sequence[int], old: Sequence[int]) -> Compared:
    """Return what a list of places adds to another and leaves out of it."""
    return Compared(
        added=tuple(place for place in new if place not in set(old)),
        removed=tuple(place for place in old if place not in set(new)),
        kept=len(set(new) & set(old)),
    )


# -- who may see -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which places of a pilot a person reaches on a day."""

    is_all: bool
    units: frozenset[str]
    areas: frozenset[str]  # of the day: those of the units, and all inside them

    def covers(self, place: PlaceOn) -> bool:
        return self.is_all or place.unit_code in self.units or place.area_now in self.areas


def owers_of(measures: Collection[str], plan: Plan, *, on: date) -> dict[str, None]:
    """Return the units that owe one of `measures` by the plan on a day, in order."""
    return {
        unit: None
        for rule in plan.obligations
        if rule.measure in measures
        for unit in owing(rule.owed_by, plan, on=on, clauses=clauses_of(rule, plan))
    }


def reach_to_see(subject: Subject, *, measures: Collection[str], plan: Plan | None, on: date) -> Reach:
    """
    Return which places the person may see.

    Province-wide roles and the units that owe one of `measures` see all; others the places of their units, and those in
    the areas of their units, unless such an area is the whole plan's.
    """
    if subject.is_province_wide:
        return _ALL
    return _reach(subject.units, measures=measures, plan=plan, on=on)


def reach_to_write(units: Iterable[str], *, measures: Collection[str], plan: Plan | None, on: date) -> Reach:
    """Return which places are kept by people who act for `units`: as they see them, no province-wide role counts."""
    return _reach(frozenset(units), measures=measures, plan=plan, on=on)


_ALL = Reach(is_all=True, units=frozenset(), areas=frozenset())


def _reach(units: frozenset[str], *, measures: Collection[str], plan: Plan | None, on: date) -> Reach:
    if plan is not None and not units.isdisjoint(owers_of(measures, plan, on=on)):
        return _ALL
    tree, here = areas_on(on), units_on(on)
    root = plan.area if plan else ""
    own = {here[unit].area for unit in units if unit in here} - {"", root}
    return Reach(is_all=False, units=units, areas=frozenset(_inside(own, tree)))


def _inside(areas: Iterable[str], tree: AreaTree) -> set[str]:
    found: set[str] = set()
    for code in areas:
        if code in tree:
            found |= {code, *(node.code for node in tree.descendants(code))}
    return found


def names_of_areas(places: Iterable[PlaceOn], day: date) -> Mapping[int, str]:
    """Return the words for where each place lies on a day: «Xã Trí Yên, Huyện Yên Dũng»; by id."""
    tree = areas_on(day)
    found = {}
    for place in places:
        if place.area_now in tree:
            above = [area.name for area in tree.ancestors(place.area_now)[:-1]]
            found[place.id] = ", ".join([tree.get(place.area_now).name, *above])
        else:
            found[place.id] = ""
    return found
