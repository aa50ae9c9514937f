"""Reads about devices and what they sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, QuerySet, Window
from django.db.models.functions import Lag

from diem06.core.access import Role, Subject
from diem06.core.places.models import Place, PlaceTerm
from diem06.desk.models import Device, Event
from diem06.desk.services import services_by_kind

MOST_SKEW = timedelta(minutes=5)
"""Beyond this a device's clock is flagged; the time of a scan is never rewritten."""
MAY_MANAGE = (Role.UNIT_HEAD, Role.UNIT_REPORTER)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Sequence numbers of a device that never came, both ends included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def is_skewed(skew_ms: int | None) -> bool:
    return skew_ms is not None and abs(skew_ms) > MOST_SKEW / timedelta(milliseconds=1)


# -- events ----------------------------------------------------------------------------------------------------------
def gaps_of(device: Device) -> list[Gap]:
    """Return what is missing between 1 and the last sequence number that came."""
    before = Window(Lag("sequence", default=0), order_by="sequence")
    rows = Event.objects.filter(device=device).annotate(before=before).filter(sequence__gt=F("before") + 1)
    return [
        Gap(first=before + 1, last=sequence - 1)
        for before, sequence in rows.order_by("sequence").values_list("before", "sequence")
    ]


# -- places ----------------------------------------------------------------------------------------------------------
def terms_of(places: Iterable[int], *, on: date) -> dict[int, PlaceTerm]:
    """Return what holds of each place on a day, by place id; what begins later stands in where nothing began before."""
    found: dict[int, PlaceTerm] = {}
    for term in PlaceTerm.objects.filter(place__in=set(places)).order_by("place_id", "from_day"):
        if term.place_id not in found or term.from_day <= on:
            found[term.place_id] = term
    return found


def place_names(place: Place, *, on: date) -> tuple[str, str]:
    """Return the name of a place and of the place that it lies in (empty where it lies in none)."""
    wanted = [place.pk, place.parent_id] if place.parent_id else [place.pk]
    terms = terms_of(wanted, on=on)
    own, of = terms.get(place.pk), terms.get(place.parent_id or 0)
    return own.name if own else place.key, of.name if of else ""


def names_with_site(places: Iterable[Place], *, on: date) -> dict[int, str]:
    """Return «Cổng chính, Chùa Bổ Đà» by place id, in one query: a gate's own name says little."""
    here = list(places)
    terms = terms_of([*(place.pk for place in here), *(place.parent_id for place in here if place.parent_id)], on=on)
    names = {}
    for place in here:
        found = (terms.get(place.pk), terms.get(place.parent_id or 0))
        names[place.pk] = ", ".join(term.name for term in found if term) or place.key
    return names


def place_of_key(key: object) -> Place | None:
    """Return the place of an id as an address has it, if there is one."""
    return Place.objects.filter(pk=int(str(key))).first() if str(key).isdecimal() else None


def is_within(place: Place, outer: int) -> bool:
    """Tell whether a place is another one (by its id) or lies in it: a gate in its point, in the site of that."""
    above = place.parent if place.parent_id else None
    return outer in (place.pk, place.parent_id) or (above is not None and above.parent_id == outer)


def service_points(units: Iterable[str] | None, *, on: date) -> list[tuple[Place, PlaceTerm]]:
    """Return the places where a device may stand on a day, by name: those of `units`, or all (None)."""
    places = Place.objects.select_related("parent").filter(kind__in=list(services_by_kind()), valid_from__lte=on)
    places = places.exclude(valid_to__lte=on)
    by_id = {place.pk: place for place in places}
    terms = terms_of(by_id, on=on)
    wanted = None if units is None else set(units)
    found = [(by_id[pk], term) for pk, term in terms.items() if wanted is None or term.unit_code in wanted]
    return sorted(found, key=lambda pair: (pair[1].sort_key, pair[0].pk))


def units_managed(subject: Subject) -> frozenset[str] | None:
    """Return the units whose devices a person may enrol and revoke; None: all of them."""
    return None if subject.has(Role.ADMINISTRATOR) else subject.units_as(*MAY_MANAGE)


def may_manage(subject: Subject, unit: str) -> bool:
    units = units_managed(subject)
    return units is None or unit in units


def may_read(subject: Subject, unit: str) -> bool:
    return subject.is_province_wide or unit in subject.units


def visible_devices(subject: Subject, *, on: date) -> list[tuple[Device, PlaceTerm | None]]:
    """Return the devices that a person may see, by code, each with what holds of its place."""
    devices: QuerySet[Device] = Device.objects.select_related("place__parent").order_by("code")
    terms = terms_of((device.place_id for device in devices), on=on)
    pairs = [(device, terms.get(device.place_id)) for device in devices]
    return [
        (device, term)
        for device, term in pairs
        if subject.is_province_wide or (term is not None and term.unit_code in subject.units)
    ]
