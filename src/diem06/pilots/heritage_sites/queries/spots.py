"""Where a gate stands, and what its site is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from diem06.core.places.models import Place, PlaceTerm


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where something happened: a gate, the point that it leads to (None: straight into the site), and the site."""

    site: Place
    point: Place | None
    gate: Place

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(place.pk for place in (self.site, self.point, self.gate) if place is not None)


def spot_of(gate: Place) -> Spot:
    """Return the spot of a gate. One query, and none where the places above are at hand."""
    if gate.parent_id is None:
        return Spot(site=gate, point=None, gate=gate)
    if "parent" not in gate._state.fields_cache:  # noqa: SLF001  Django has no other way to ask
        gate.parent = Place.objects.select_related("parent").get(pk=gate.parent_id)
    above = gate.parent
    assert above is not None
    if above.parent_id is None:
        return Spot(site=above, point=None, gate=gate)
    assert above.parent is not None
    return Spot(site=above.parent, point=above, gate=gate)


def _term(place: int, on: date) -> PlaceTerm | None:
    return PlaceTerm.objects.filter(place_id=place, from_day__lte=on).order_by("-from_day").first()


def site_name(place: int, on: date) -> str:
    """Return the name of a place on a day; of one that has none yet, nothing."""
    term = _term(place, on)
    return term.name if term else ""


def site_unit(site: int, on: date) -> str:
    """Return the code of the unit that answers for a site on a day."""
    term = _term(site, on)
    return term.unit_code if term else ""
