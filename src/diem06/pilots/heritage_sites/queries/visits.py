"""Who is inside, and what came in today."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from diem06.core.places.models import Place
from diem06.core.roster.desk import DeskStatus
from diem06.pilots.heritage_sites.models import Occupancy
from diem06.pilots.heritage_sites.queries.register import capacity_of
from diem06.pilots.heritage_sites.queries.spots import site_name, spot_of


def desk_status(place: Place, at: datetime) -> DeskStatus:
    """Return what a desk at a gate shows: the whole site."""
    site = spot_of(place).site
    today = localdate(at)
    row = Occupancy.objects.filter(place=site).first()
    if row is None:
        return DeskStatus(inside=0, capacity=capacity_of(site, today), place_name=site_name(site.pk, today))
    return DeskStatus(inside=row.inside, capacity=row.capacity, alarm=row.alarm, place_name=site_name(site.pk, today))
