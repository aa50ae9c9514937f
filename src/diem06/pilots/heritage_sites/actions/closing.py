"""What time does to visits: forgotten exits, the end of a day, facts of what was counted, identities that are no longer kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.timezone import localdate

from diem06.core.audit.actions import record
from diem06.core.places.models import Place, PlaceTerm
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.actions import facts_changed
from diem06.cube.leaves import leaf_of
from diem06.pilots.heritage_sites.actions.counting import begin_day, leave_behind, see_to_alarm
from diem06.pilots.heritage_sites.facts import Owers
from diem06.pilots.heritage_sites.models import (
    ClosedBy,
    DailyEntries,
    HandCount,
    HourTally,
    How,
    LoneExit,
    Occupancy,
    RetentionRun,
    Visit,
)
from diem06.pilots.heritage_sites.queries.history import BY_HAND, BY_SCAN
from diem06.pilots.heritage_sites.queries.register import capacity_of, rules_of
from diem06.plan.model import Plan

MEASURE = "site_entries"
SOURCE = "heritage_visits"
BY_METHOD = {"scan": BY_SCAN, "hand": BY_HAND}


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What was closed at one site."""

    site: Place
    by_timeout: int
    is_new_day: bool


def close_forgotten(*, at: datetime) -> list[Closed]:
    """
    Close at every site what nobody scanned out: by a new day, or when the usual stay is over since the last sign of the person.

    Each site in a transaction of its own, so that gates wait for none but their own. Done again, it changes nothing.
    """
    sites = Place.objects.filter(pk__in=Occupancy.objects.values("site")).order_by("pk")
    return [closed for site in sites if (closed := _close_at(site=site, at=at)) is not None]


@transaction.atomic
def _close_at(*, site: Place, at: datetime) -> Closed | None:
    is_new_day = begin_day(site=site, at=at) is not None
    own = Occupancy.objects.select_for_update().get(place=site)
    since = at - timedelta(minutes=rules_of(site, localdate(at)).default_stay_minutes)
    forgotten = Visit.objects.open().filter(site=site, seen_at__lt=since)
    count = leave_behind(site=site, visits=forgotten, closed_by=ClosedBy.TIMEOUT, at=at) if forgotten.exists() else 0
    _presume_gone(site, counted_since=own.counted_since, before=since, at=at)
    if not count and not is_new_day:
        return None
    if count:
        details = {"visits": count, "seen_before": since.isoformat()}
        record(
            by=None,
            action="heritage_visits.close_forgotten",
            object_type="heritage_site",
            object_id=site.code,
            details=details,
            at=at,
        )
    return Closed(site=site, by_timeout=count, is_new_day=is_new_day)


def _presume_gone(site: Place, *, counted_since: datetime, before: datetime, at: datetime) -> None:
    """
    Reckon how many of those counted in by hand are gone though nobody counted them out, place by place; and ask the register anew
    how many the place holds.
    """
    counts = HandCount.objects.filter(site=site, at__gte=counted_since, annulled_at=None, was_counted_inside=True)
    for row in Occupancy.objects.filter(site=site).select_related("place"):
        here = counts if row.place_id == site.pk else counts.filter(Q(gate=row.place_id) | Q(point=row.place_id))
        sums = here.aggregate(
            long_ago=Sum("people", filter=Q(is_in=True, at__lt=before), default=0),
            out=Sum("people", filter=Q(is_in=False), default=0),
        )
        gone, capacity = max(0, sums["long_ago"] - sums["out"]), capacity_of(row.place, localdate(at))
        if (gone, capacity) != (row.presumed_gone, row.capacity):
            row.presumed_gone, row.capacity = gone, capacity
            Occupancy.objects.filter(pk=row.pk).update(presumed_gone=gone, capacity=capacity, changed_at=at)
            see_to_alarm(row, at=at)


# -- facts -----------------------------------------------------------------------------------------------------------
def publish(*, at: datetime) -> int:
    """
    Make facts of the tallies that have changed, one for each site, day and method; return how many facts are new.

    M6.2 asks for «visits scanned»: by scan is who was scanned in person. Who came along with them, children without a card, and
    whoever's document was typed for want of a scanner are by hand.

    A fact that said something else is superseded at `at`. Scans at a gate do not wait for this, and boards are built anew only when
    it has run.
    """
    changed = HourTally.objects.filter(is_unpublished=True).values_list("site", flat=True).distinct().order_by()
    try:
        publisher = Publisher(loaded_plan().plan)
    except NoPlanError:
        return 0
    return sum(_publish_site(site=Place.objects.get(pk=pk), publisher=publisher, at=at) for pk in changed)


@transaction.atomic
def _publish_site(*, site: Place, publisher: Publisher, at: datetime) -> int:
    Occupancy.objects.select_for_update().filter(place=site).first()  # no event of the site comes in between
    tallies = HourTally.objects.filter(site=site)
    days = list(tallies.filter(is_unpublished=True).values_list("day", flat=True).distinct().order_by("day"))
    known = {
        (row.day, row.dimensions): row for row in DailyEntries.objects.current().filter(place=site.key, day__in=days)
    }
    sums = tallies.filter(day__in=days).values_list("day").order_by()
    typed = typed_in(site, days)
    new = []
    for day, read, counted in sums.annotate(Sum("scanned_in"), Sum("counted_in")):
        not_scanned = min(read, typed.get(day, 0))
        for method, value in (("scan", read - not_scanned), ("hand", counted + not_scanned)):
            fact = known.get((day, BY_METHOD[method]))
            if fact is None or fact.value != value:
                new.append(publisher.fact(site, day=day, method=method, value=value, at=at))
    gone = [known[row.day, row.dimensions].pk for row in new if (row.day, row.dimensions) in known]
    DailyEntries.objects.filter(pk__in=gone).update(superseded_at=at)
    DailyEntries.objects.bulk_create(new, batch_size=400)
    tallies.filter(day__in=days, is_unpublished=True).update(is_unpublished=False)
    for leaf in sorted({leaf_of(row.day) for row in new}):
        facts_changed(source=SOURCE, day=leaf)
    return len(new)


def typed_in(site: Place, days: Collection[date]) -> dict[date, int]:
    """Return how many came in on each day whose document was typed and not scanned. Of a group led by one, that is not known."""
    visits = Visit.objects.standing().filter(site=site, day__in=days, how=How.TYPED)
    return dict(visits.values_list("day").annotate(Count("pk")).order_by())


class Publisher:
    """Makes facts: which area a site lay in on a day, and which unit owed the measure there. Terms are read once a site."""

    def __init__(self, plan: Plan) -> None:
        self._owers = Owers(plan)
        self._terms: dict[int, list[PlaceTerm]] = {}
        self._units: dict[tuple[int, date], str] = {}

    def fact(self, site: Place, *, day: date, method: str, value: int, at: datetime) -> DailyEntries:
        if site.pk not in self._terms:
            self._terms[site.pk] = list(PlaceTerm.objects.filter(place=site).order_by("-from_day"))
        terms = self._terms[site.pk]
        term = next((term for term in terms if term.from_day <= day), terms[-1])
        return DailyEntries(
            measure=MEASURE,
            source=SOURCE,
            day=day,
            recorded_at=at,
            area=term.area_code,
            area_valid_from=term.area_valid_from,
            unit=self._unit(term, day),
            place=site.key,
            dimensions=BY_METHOD[method],
            value=value,
            record=f"heritage_day:{site.code}:{day}",
        )

    def _unit(self, term: PlaceTerm, day: date) -> str:
        since = max((change for change in self._owers.days if change <= day), default=date.min)
        if (term.pk, since) not in self._units:
            self._units[term.pk, since] = self._owers.of(term, day)
        return self._units[term.pk, since]


# -- retention -------------------------------------------------------------------------------------------------------
def remove_identities(*, at: datetime) -> list[RetentionRun]:
    """
    Remove who it was from visits older than a site keeps that; what is counted stays. Return what was done, site by site.

    Name, number and the digest that finds the number again go; year of birth, sex, province and nationality stay.
    """
    sites = Place.objects.filter(pk__in=_with_identity().values("site")) | Place.objects.filter(
        pk__in=LoneExit.objects.exclude(digest="").values("site")
    )
    return [run for site in sites.order_by("pk") if (run := _remove_at(site=site, at=at)) is not None]


@transaction.atomic
def _remove_at(*, site: Place, at: datetime) -> RetentionRun | None:
    until = localdate(at) - timedelta(days=rules_of(site, localdate(at)).retention_days)
    # One that is still open is closed by rule within a day; until then it must be found again.
    old = _with_identity().filter(site=site, day__lt=until).exclude(closed_by="")
    count = old.update(sealed=None, digest="")
    exits = LoneExit.objects.filter(site=site, at__lt=at - (localdate(at) - until)).exclude(digest="").update(digest="")
    if not count and not exits:
        return None
    run = RetentionRun.objects.create(site=site, at=at, until_day=until, visits=count)
    details = {"until_day": until.isoformat(), "visits": count, "lone_exits": exits}
    record(
        by=None,
        action="heritage_identities.remove",
        object_type="heritage_site",
        object_id=site.code,
        details=details,
        at=at,
    )
    return run


def _with_identity() -> QuerySet[Visit]:
    return Visit.objects.filter(Q(sealed__isnull=False) | ~Q(digest=""))


# -- told to the operator --------------------------------------------------------------------------------------------
def turn(at: datetime) -> Iterator[str]:
    """Do all that time asks for; yield a line for each thing that was done."""
    for closed in close_forgotten(at=at):
        day = ", a new day began" if closed.is_new_day else ""
        yield f"{closed.site.code}: {closed.by_timeout} forgotten visits closed{day}."
    if published := publish(at=at):
        yield f"site entries: {published} facts published."


def retain(at: datetime) -> Iterator[str]:
    """Remove identities over the time that they are kept; yield a line for each site."""
    for run in remove_identities(at=at):
        yield f"{run.site.code}: who came before {run.until_day} was removed from {run.visits} visits; the counts stay."
