"""
Keeping count: who is inside a site, its points and gates, and how many came and went in an hour.

All that changes the count of a site holds the row of the site first (`hold`), so two gates wait for each other and not the whole province.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.jobs.notices import notify
from diem06.core.organisation.queries import people_of
from diem06.core.places.models import Place
from diem06.core.roster import rows
from diem06.pilots.heritage_sites.alarms import alarm_after
from diem06.pilots.heritage_sites.models import AlarmChange, ClosedBy, DayReset, HourTally, Occupancy, Visit
from diem06.pilots.heritage_sites.queries.register import capacity_of, rules_of
from diem06.pilots.heritage_sites.queries.spots import Spot, site_name, site_unit
from diem06.pilots.heritage_sites.visit_rules import ONE_DAY, last_reset

_COLUMNS = frozenset(field.name for field in Occupancy._meta.concrete_fields)  # noqa: SLF001


@dataclass(frozen=True, kw_only=True)
class Held:
    """The counts of a spot, held until the end of the transaction."""

    spot: Spot
    rows: Mapping[int, Occupancy]

    @property
    def site(self) -> Occupancy:
        return self.rows[self.spot.site.pk]


def hold(spot: Spot, *, at: datetime) -> Held:
    """Hold the counts of a spot. Where a day of the site has ended meanwhile, the new one begins first."""
    held = _held(spot)
    if len(held.rows) < len(set(spot.ids)):
        _make_rows(spot, at=at)
        held = _held(spot)
    if at - held.site.began_at >= ONE_DAY and begin_day(site=spot.site, at=at):
        held = _held(spot)
    return held


def _held(spot: Spot) -> Held:
    for_update = " FOR UPDATE" if connection.features.has_select_for_update else ""
    end = f"WHERE place_id IN ({rows.marks(spot.ids)}) ORDER BY id{for_update}"
    found = rows.fetch(Occupancy, _COLUMNS, end, spot.ids)
    return Held(spot=spot, rows={row.place_id: row for row in found})


def _make_rows(spot: Spot, *, at: datetime) -> None:
    """Make the rows that are missing, that of the site first: it is the one that all gates wait for."""
    began_at = last_reset(at, rules_of(spot.site, localdate(at)).reset_at)
    site = Occupancy.objects.filter(place=spot.site).first()
    if site is not None:
        began_at = site.began_at
    for place in dict.fromkeys(place for place in (spot.site, spot.point, spot.gate) if place is not None):
        Occupancy.objects.get_or_create(
            place=place,
            defaults={
                "site": spot.site,
                "began_at": began_at,
                "counted_since": began_at,
                "capacity": capacity_of(place, localdate(at)),
                "changed_at": at,
            },
        )


def tally(spot: Spot, *, at: datetime, **more: int) -> None:
    """Count `scanned_in`, `counted_in`, `scanned_out`, `counted_out` of the hour; below zero takes back."""
    local = localtime(at)
    changes: dict[str, Any] = {name: F(name) + number for name, number in more.items()}
    hour = {"gate": spot.gate, "day": local.date(), "hour": local.hour}
    if not HourTally.objects.filter(**hour).update(**changes, is_unpublished=True):
        HourTally.objects.get_or_create(**hour, defaults={"site": spot.site, "point": spot.point})
        HourTally.objects.filter(**hour).update(**changes, is_unpublished=True)


# -- alarms ----------------------------------------------------------------------------------------------------------
def see_to_alarm(row: Occupancy, *, at: datetime) -> None:
    """Raise or lower the alarm of a place whose count has changed. People of the unit are told once a day of each level that is reached."""
    after = alarm_after(row.alarm, inside=row.inside, capacity=row.capacity)
    before = row.alarm
    if after == before:
        return
    row.alarm = after
    Occupancy.objects.filter(pk=row.pk).update(alarm=after)
    AlarmChange.objects.create(
        place_id=row.place_id,
        site_id=row.site_id,
        at=at,
        before=before,
        after=after,
        inside=row.inside,
        capacity=row.capacity or 0,
    )
    if after > before:
        _tell(row, at=at)


def _tell(row: Occupancy, *, at: datetime) -> None:
    today = localdate(at)
    name, unit = site_name(row.place_id, today), site_unit(row.site_id, today)
    if row.place_id != row.site_id:  # a point or gate: many sites have a «Đền Hạ»
        name = f"{name} ({site_name(row.site_id, today)})"
    values = {"site": name, "level": row.alarm, "inside": row.inside, "capacity": row.capacity}
    notify(
        people=[person.user_id for person in people_of(unit, today)],
        kind="crowd",
        words=lambda: _("%(site)s: %(inside)s người, sức chứa %(capacity)s. Đã tới mức %(level)s%%.") % values,
        url=reverse("heritage_sites:live", args=[row.site.code]),
        unit=unit,
        key=f"heritage:{row.place_id}:{today}:{row.alarm}",
        at=at,
        by=None,
    )


# -- the end of a day ------------------------------------------------------------------------------------------------
@transaction.atomic
def begin_day(*, site: Place, at: datetime) -> DayReset | None:
    """
    Begin the day of a site that runs at `at` with nobody inside; None where it has begun already.

    Visits that are still open are closed as `reset`: nobody knows when those people left.
    """
    began_at = last_reset(at, rules_of(site, localdate(at)).reset_at)
    rows = {row.place_id: row for row in Occupancy.objects.select_for_update().filter(site=site).order_by("pk")}
    own = rows.get(site.pk)
    if own is None or began_at <= own.began_at:
        return None
    closed = Visit.objects.open().filter(site=site).update(closed_by=ClosedBy.RESET, closed_at=at)
    done = DayReset.objects.create(
        site=site,
        began_at=began_at,
        done_at=at,
        visits_closed=closed,
        identified=own.identified,
        counted=own.counted,
        estimated=own.estimated,
    )
    empty = {"identified": 0, "counted": 0, "corrected": 0, "presumed_gone": 0}
    Occupancy.objects.filter(site=site).update(**empty, began_at=began_at, counted_since=began_at, changed_at=at)
    for row in rows.values():
        row.identified = row.counted = row.corrected = row.presumed_gone = 0
        row.capacity = capacity_of(row.place, localdate(at))
        Occupancy.objects.filter(pk=row.pk).update(capacity=row.capacity)
        see_to_alarm(row, at=at)
    details = {"began_at": began_at.isoformat(), "visits_closed": closed, "left_over": own.inside}
    record(
        by=None, action="heritage_day.begin", object_type="heritage_site", object_id=site.code, details=details, at=at
    )
    return done


def leave_behind(*, site: Place, visits: Any, closed_by: ClosedBy, at: datetime) -> int:
    """Close open visits of a site as inferred, and take their people out of its counts; return how many visits."""
    rows = {row.place_id: row for row in Occupancy.objects.select_for_update().filter(site=site).order_by("pk")}
    open_visits = visits.open().filter(site=site)
    groups = list(open_visits.values_list("point", "gate").annotate(n=Count("pk"), people=Sum("people")).order_by())
    closed: int = open_visits.update(closed_by=closed_by, closed_at=at)
    for point, gate, visit_count, people in groups:
        places = {place for place in (site.pk, point, gate) if place is not None}
        with_them = people - visit_count
        Occupancy.objects.filter(place_id__in=places).update(
            identified=F("identified") - visit_count, counted=F("counted") - with_them, changed_at=at
        )
        for place in places & rows.keys():
            rows[place].identified -= visit_count
            rows[place].counted -= with_them
    for row in rows.values():
        see_to_alarm(row, at=at)
    return closed
