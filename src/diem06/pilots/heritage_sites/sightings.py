"""Entries whose document was read, for the rules that look for one person in two places and for crowded minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from diem06.core.places.queries import PlaceOn, terms_on
from diem06.core.roster.sightings import Sighting, Sightings
from diem06.pilots.heritage_sites.models import Visit
from diem06.pilots.heritage_sites.models.visits import VisitQuerySet

VISITS = "heritage_visits"


def _between(first: datetime, last: datetime) -> Iterator[Sighting]:
    return _read(Visit.objects.standing().filter(entered_at__gte=first, entered_at__lt=last))


def _records(records: Collection[str]) -> Iterable[Sighting]:
    wanted = [UUID(record) for record in records]
    return [Sighting(**(vars(one) | {"person": ""})) for one in _read(Visit.objects.filter(event_id__in=wanted))]


def _read(visits: VisitQuerySet) -> Iterator[Sighting]:
    terms: dict[tuple[int, int], PlaceOn] = {}
    rows = visits.order_by("entered_at", "pk").values_list(
        "site_id", "gate_id", "day", "device_code", "digest", "entered_at", "event_id"
    )
    for site, gate, day, device, digest, at, event in rows.iterator(chunk_size=2000):
        key = (site, day.toordinal())
        if key not in terms:
            terms[key] = terms_on([site], day)[site]
        term = terms[key]
        yield Sighting(
            person=digest,
            place=term.key,
            device=f"{device}/{gate}",
            unit=term.unit_code,
            area=term.area_now or term.area_code,
            at=at,
            record=str(event),
            latitude=None if term.latitude is None else float(term.latitude),
            longitude=None if term.longitude is None else float(term.longitude),
        )


SIGHTINGS = (Sightings(code=VISITS, between=_between, records=_records),)
