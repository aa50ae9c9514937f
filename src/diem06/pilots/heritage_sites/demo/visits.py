"""
Made-up visits at the communes of the named relics: a year with weekends and festivals, groups, foreigners, hand counts and forgotten exits.

The department declares how many came in each commune and month; what the gates counted tells the same, day by day, so that both can be
laid side by side. Where nothing is declared of a relic's commune, its gates have counted since the spring.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from diem06.core.places.models import Place
from diem06.core.places.queries import PlaceOn, area_now, places_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import loaded_plan, period
from diem06.core.residents.sealing import digest, seal
from diem06.core.roster import Grade, as_known, installed_sources
from diem06.cube.actions import facts_changed
from diem06.cube.leaves import leaf_of
from diem06.pilots.heritage_sites.actions import closing
from diem06.pilots.heritage_sites.actions.counting import see_to_alarm
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE
from diem06.pilots.heritage_sites.demo.register import RELICS, SEED
from diem06.pilots.heritage_sites.models import (
    ClosedBy,
    DailyEntries,
    DayReset,
    Festival,
    HandCount,
    HourTally,
    How,
    Occupancy,
    Visit,
)
from diem06.pilots.heritage_sites.queries.register import Rules, capacity_of, days_of, rules_of
from diem06.pilots.heritage_sites.queries.spots import Spot, spot_of
from diem06.pilots.heritage_sites.visit_rules import ONE_DAY, VIETNAM, last_reset

BATCH = 1000
DEVICE = "TB-001"
OPENING_HOURS = ((7, 2), (8, 5), (9, 8), (10, 8), (11, 4), (12, 2), (13, 4), (14, 7), (15, 6), (16, 3))
"""Hours of the day with their weight."""
SPRING = "2024-03"
"""From this period on, relics of whose commune nothing is declared have counted too."""
UNDECLARED = (380, 260)
"""Entries scanned and counted in such a month."""
STAY_MINUTES = (25, 150)
SMALL = 60
"""People that a building holds which is filled for the demo's alarm."""
TYPED = 0.03
"""Documents that are typed, to each that is scanned."""
FORGOTTEN = 0.3
"""Share of those who do not scan out."""
_PROVINCES = (("024", 55), ("027", 10), ("001", 14), ("019", 6), ("030", 5), ("022", 4), ("020", 4), ("079", 2))
_FOREIGN = ("KOR", "CHN", "JPN", "USA", "FRA")
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Giáp", "Thân", "Nông")
_GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hương",
    "Khánh",
    "Lan",
    "Minh",
    "Nga",
    "Phong",
    "Thảo",
    "Yến",
)


@dataclass(frozen=True, kw_only=True)
class _Share:
    """Entries of one site in one period."""

    site: Place
    gates: tuple[Spot, ...]
    period: Period
    scanned: int
    counted: int
    rules: Rules
    feasts: frozenset[date]


@dataclass(kw_only=True)
class _Made:
    """What is to be written, all at once."""

    now: datetime
    visits: list[Visit] = field(default_factory=list)
    counts: list[HandCount] = field(default_factory=list)
    tallies: dict[tuple[int, date, int], HourTally] = field(default_factory=dict)
    typed: dict[tuple[int, date], int] = field(default_factory=lambda: defaultdict(int))  # site, day

    def tally(self, spot: Spot, at: datetime) -> HourTally:
        local = at.astimezone(VIETNAM)
        key = (spot.gate.pk, local.date(), local.hour)
        if key not in self.tallies:
            self.tallies[key] = HourTally(
                site=spot.site, point=spot.point, gate=spot.gate, day=key[1], hour=key[2], is_unpublished=False
            )
        return self.tallies[key]


def build(months: Sequence[str]) -> None:
    """Make the visits of `months` (codes of periods), up to the clock of the demo."""
    plan = loaded_plan().plan
    periods = [found for code in months if (found := period(plan, code)) is not None]
    now = settings.DIEM06_CLOCK()
    if not periods:
        return
    with transaction.atomic():
        made = _Made(now=now)
        for here in periods:
            for share in _shares(here):
                _make_days(share, made)
        _running_day(made)
        Visit.objects.bulk_create(made.visits, batch_size=BATCH)
        HandCount.objects.bulk_create(made.counts, batch_size=BATCH)
        HourTally.objects.bulk_create(made.tallies.values(), batch_size=BATCH)
        _publish(made)
        _occupancy(now)


# -- how many came where ---------------------------------------------------------------------------------------------
def _shares(here: Period) -> Iterator[_Share]:
    """Yield what each site of the relics' communes had in a period: what is declared of the commune, shared out."""
    declared = _declared(here.last_day)
    sites: dict[str, list[PlaceOn]] = defaultdict(list)
    for site in places_on(here.last_day, kinds=(SITE,)):
        sites[site.area_now].append(site)
    relics = {relic.code for relic in RELICS}
    for area, inside in sorted(sites.items()):
        if not any(site.code in relics for site in inside):
            continue
        wanted = declared.get(area, {})
        scanned, counted = wanted.get("counted_by=scan", 0), wanted.get("counted_by=hand", 0)
        if not scanned + counted:
            if here.code < SPRING:
                continue
            scanned, counted = UNDECLARED
        # The relic draws most of them.
        weights = [6 if site.code in relics else 1 for site in inside]
        parts = zip(_shared(scanned, weights), _shared(counted, weights), strict=True)
        for site, (by_scan, by_hand) in zip(inside, parts, strict=True):
            place = Place.objects.get(pk=site.id)
            gates = Place.objects.filter(kind=GATE).select_related("parent__parent").order_by("pk")
            spots = tuple(
                spot_of(gate) for gate in gates if place.pk in (gate.parent_id, gate.parent and gate.parent.parent_id)
            )
            if spots:
                yield _Share(
                    site=place,
                    gates=spots,
                    period=here,
                    scanned=by_scan,
                    counted=by_hand,
                    rules=rules_of(place, here.last_day),
                    feasts=_feasts(place, here),
                )


def _declared(day: date) -> dict[str, dict[str, int]]:
    """Return how many entries are declared of each commune, by method, for the period that ends on a day."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for source in installed_sources():
        if source.grade is Grade.DECLARED:
            rows = source.facts(day, day).filter(as_known(None), measure=closing.MEASURE)
            for area, valid_from, dimensions, value in rows.values_list(
                "area", "area_valid_from", "dimensions", "value"
            ):
                found[area_now(area, valid_from, day)][dimensions] = value
    return found


def _shared(whole: int, weights: Sequence[float]) -> list[int]:
    """Share a whole number out by weights, so that the parts add up to it."""
    total, given, parts = sum(weights), 0, []
    reached = 0.0
    for weight in weights:
        reached += weight
        upto = round(whole * reached / total)
        parts.append(upto - given)
        given = upto
    return parts


# -- day by day ------------------------------------------------------------------------------------------------------
def _make_days(share: _Share, made: _Made) -> None:
    days = [
        share.period.first_day + timedelta(days=n)
        for n in range((share.period.last_day - share.period.first_day).days + 1)
    ]
    days = [day for day in days if day < localdate(made.now)]
    weights = [_weight(share, day) for day in days]
    if not days:
        return
    for day, scanned, counted in zip(
        days, _shared(share.scanned, weights), _shared(share.counted, weights), strict=True
    ):
        chance = random.Random(f"{SEED}/{share.site.code}/{day}")
        _make_day(share, day, scanned, counted, chance, made)


def _weight(share: _Share, day: date) -> float:
    """More on Saturdays and Sundays, many more at a festival."""
    chance = random.Random(f"{SEED}/weight/{share.site.code}/{day}")
    usual = (2.4 if day.weekday() >= 5 else 1.0) * (0.7 + 0.6 * chance.random())
    return usual * (9 if day in share.feasts else 1)


def _feasts(site: Place, here: Period) -> frozenset[date]:
    """Return the days of a period on which a festival of the site is held."""
    found: set[date] = set()
    for festival in Festival.objects.filter(place=site, ended_on=None):
        for year in range(here.first_day.year - 1, here.last_day.year + 1):
            falls = days_of(festival, year)
            found |= {falls.first + timedelta(days=n) for n in range((falls.last - falls.first).days + 1)}
    return frozenset(found)


def _make_day(share: _Share, day: date, scanned: int, counted: int, chance: random.Random, made: _Made) -> None:
    left = counted
    for _number in range(scanned):
        group = min(left, chance.randrange(6, 40)) if left > 12 and chance.random() < 0.08 else 0
        left -= group
        made.visits.append(_visit(share, _moment(day, chance), group, chance, made))
    # For want of a scanner a document is typed now and then: by M6.2 that is no scan.
    typed = min(left, sum(1 for _number in range(scanned) if chance.random() < TYPED))
    left -= typed
    for _number in range(typed):
        made.visits.append(_visit(share, _moment(day, chance), 0, chance, made, is_typed=True))
    hours: dict[tuple[int, int], int] = defaultdict(int)
    for spot_number, part in enumerate(_shared(left, [3, *(1 for _ in share.gates[1:])])):
        for number, people in enumerate(_shared(part, [weight for _hour, weight in OPENING_HOURS])):
            if people:
                hours[spot_number, OPENING_HOURS[number][0]] += people
    for (spot_number, hour), people in hours.items():
        spot, at = share.gates[spot_number], datetime.combine(day, time(hour, 50), VIETNAM)
        made.tally(spot, at).counted_in += people
        if made.now - at < timedelta(days=60):
            made.counts.append(_hand_count(spot, at, people, chance))


def _moment(day: date, chance: random.Random) -> datetime:
    hour = chance.choices([hour for hour, _w in OPENING_HOURS], [weight for _h, weight in OPENING_HOURS])[0]
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), VIETNAM)


def _visit(
    share: _Share,
    at: datetime,
    group: int,
    chance: random.Random,
    made: _Made,
    *,
    is_typed: bool = False,
    stays: bool = False,
) -> Visit:
    spot = chance.choice(share.gates)
    visit = Visit(
        event_id=_uuid(chance),
        site=spot.site,
        point=spot.point,
        gate=spot.gate,
        entered_at=at,
        day=at.date(),
        hour=at.hour,
        recorded_at=at,
        seen_at=at,
        people=1 + group,
        device_code=DEVICE,
    )
    number, name = _person(visit, chance)
    if is_typed:
        visit.how = How.TYPED
        made.typed[visit.site_id, visit.day] += 1
    visit.how = How.GROUP if group else visit.how
    if (made.now.date() - at.date()).days <= share.rules.retention_days:
        visit.digest = digest(number)
        visit.sealed = seal(json.dumps({"name": name, "number": number}), context=visit.seal_context)
    tally = made.tally(spot, at)
    tally.scanned_in += 1
    tally.counted_in += group
    if not stays:
        _end(visit, share, chance, made)
    return visit


def _end(visit: Visit, share: _Share, chance: random.Random, made: _Made) -> None:
    """Let somebody leave by a scan, or be closed by rule; who came just now is still inside."""
    leaves_at = visit.entered_at + timedelta(minutes=chance.randrange(*STAY_MINUTES))
    stay = timedelta(minutes=share.rules.default_stay_minutes)
    if chance.random() < FORGOTTEN:
        if visit.entered_at + stay < made.now:
            visit.closed_by, visit.closed_at = ClosedBy.TIMEOUT, visit.entered_at + stay
    elif leaves_at < made.now:
        out = chance.choice(share.gates)
        visit.closed_by, visit.closed_at, visit.left_at = ClosedBy.EXIT, leaves_at, leaves_at
        visit.exit_event_id, visit.exit_gate = _uuid(chance), out.gate
        tally = made.tally(out, leaves_at)
        tally.scanned_out += 1
        tally.counted_out += visit.people - 1


def _person(visit: Visit, chance: random.Random) -> tuple[str, str]:
    """Fill in the statistics of a made-up person; return number and name."""
    visit.sex = chance.choice(("male", "female"))
    visit.birth_year = 2024 - min(88, max(14, round(chance.gauss(41, 17))))
    if chance.random() < 0.025:
        visit.how, visit.nationality = How.MRZ, chance.choice(_FOREIGN)
        return f"{visit.nationality}:M{chance.randrange(10**7):08d}", "VISITOR MADE UP"
    visit.how = How.CARD_QR
    visit.nationality = "VNM"
    visit.birth_province = chance.choices([code for code, _w in _PROVINCES], [weight for _c, weight in _PROVINCES])[0]
    century = (0 if visit.birth_year < 2000 else 2) + (visit.sex == "female")
    number = f"{visit.birth_province}{century}{visit.birth_year % 100:02d}{chance.randrange(10**6):06d}"
    middle = "Thị" if visit.sex == "female" else "Văn"
    return number, f"{chance.choice(_SURNAMES)} {middle} {chance.choice(_GIVEN)}"


def _hand_count(spot: Spot, at: datetime, people: int, chance: random.Random) -> HandCount:
    return HandCount(
        event_id=_uuid(chance),
        site=spot.site,
        point=spot.point,
        gate=spot.gate,
        at=at,
        day=at.date(),
        hour=at.hour,
        is_in=True,
        is_child=people <= 3 and chance.random() < 0.3,
        people=people,
        device_code=DEVICE,
    )


def _running_day(made: _Made) -> None:
    """This morning: somebody is inside at each relic that has counted before."""
    now = made.now
    by_site: dict[int, list[Spot]] = defaultdict(list)
    for row in made.tallies.values():
        by_site[row.site_id].append(Spot(site=row.site, point=row.point, gate=row.gate))
    period_now = Period(code="", first_day=localdate(now), last_day=localdate(now))
    for spots in by_site.values():
        gates = tuple({spot.gate.pk: spot for spot in spots}.values())
        chance = random.Random(f"{SEED}/now/{gates[0].site.code}")
        share = _Share(
            site=gates[0].site,
            gates=gates,
            period=period_now,
            scanned=0,
            counted=0,
            rules=rules_of(gates[0].site, localdate(now)),
            feasts=frozenset(),
        )
        for _number in range(chance.randrange(18, 40)):
            at = now - timedelta(minutes=chance.randrange(2, 130))
            group = chance.randrange(6, 30) if chance.random() < 0.06 else 0
            made.visits.append(_visit(share, at.replace(microsecond=0), group, chance, made))
        at = now - timedelta(minutes=20)
        people = chance.randrange(5, 30)
        made.tally(gates[0], at).counted_in += people
        made.counts.append(_hand_count(gates[0], at.astimezone(VIETNAM), people, chance))
        _fill_small_building(share, chance, made)


def _fill_small_building(share: _Share, chance: random.Random, made: _Made) -> None:
    """A group comes to a building that a paper declares for few: it stands at the second mark of the alarm."""
    for spot in share.gates:
        capacity = capacity_of(spot.point, localdate(made.now)) if spot.point else None
        if capacity is None or capacity > SMALL:
            continue
        inside = sum(visit.people for visit in made.visits if visit.gate == spot.gate and not visit.closed_by)
        inside += sum(one.people for one in made.counts if one.gate == spot.gate and one.day == localdate(made.now))
        at = made.now.replace(microsecond=0) - timedelta(minutes=9)
        if (people := capacity * 89 // 100 - inside) > 0:
            made.visits.append(_visit(replace(share, gates=(spot,)), at, people - 1, chance, made, stays=True))


# -- what follows from it --------------------------------------------------------------------------------------------
def _publish(made: _Made) -> None:
    """Make the facts, each as known in the night after its day; today's is published by the next cycle."""
    today = localdate(made.now)
    HourTally.objects.filter(day=today).update(is_unpublished=True)
    sums: dict[tuple[int, date], dict[str, int]] = defaultdict(lambda: {"scan": 0, "hand": 0})
    for row in made.tallies.values():
        if row.day < today:
            sums[row.site_id, row.day]["scan"] += row.scanned_in
            sums[row.site_id, row.day]["hand"] += row.counted_in
    for key, typed in made.typed.items():
        if key in sums:
            sums[key]["scan"] -= typed
            sums[key]["hand"] += typed
    facts, publisher = [], closing.Publisher(loaded_plan().plan)
    sites = {row.site_id: row.site for row in made.tallies.values()}
    for (site, day), counts in sorted(sums.items()):
        night = datetime.combine(day + ONE_DAY, time(0, 5), VIETNAM)
        facts += [
            publisher.fact(sites[site], day=day, method=method, value=counts[method], at=night) for method in counts
        ]
    DailyEntries.objects.bulk_create(facts, batch_size=BATCH)
    for leaf in sorted({leaf_of(fact.day) for fact in facts}):
        facts_changed(source=closing.SOURCE, day=leaf)


def _occupancy(now: datetime) -> None:
    """Count who is inside each place of the sites that count, and raise the alarms that this morning's crowd has raised."""
    today = localdate(now)
    ids = set(HourTally.objects.values_list("site", flat=True).distinct().order_by())
    for site in Place.objects.filter(pk__in=ids).order_by("pk"):
        began_at = last_reset(now, rules_of(site, today).reset_at)
        parts = Place.objects.filter(kind__in=(POINT, GATE)).select_related("parent")
        inside = [place for place in parts if site.pk in (place.parent_id, place.parent and place.parent.parent_id)]
        visits = list(Visit.objects.filter(site=site, entered_at__gte=began_at))
        counts = list(HandCount.objects.filter(site=site, at__gte=began_at))
        DayReset.objects.create(
            site=site, began_at=began_at, done_at=began_at, visits_closed=0, identified=0, counted=0, estimated=0
        )
        for place in (site, *inside):
            row = Occupancy(place=place, site=site, began_at=began_at, counted_since=began_at, changed_at=now)
            row.capacity = capacity_of(place, today)
            row.save(force_insert=True)
            _replay(
                row,
                [visit for visit in visits if place.pk in (visit.site_id, visit.point_id, visit.gate_id)],
                [count for count in counts if place.pk in (count.site_id, count.point_id, count.gate_id)],
            )


def _replay(row: Occupancy, visits: Sequence[Visit], counts: Sequence[HandCount]) -> None:
    """Let the morning of a place happen again, event by event: so the alarm rises when it did, and people are told."""
    changes = [(visit.entered_at, 1, visit.people - 1) for visit in visits]
    changes += [(visit.closed_at, -1, 1 - visit.people) for visit in visits if visit.closed_at is not None]
    changes += [(count.at, 0, count.people) for count in counts]
    for at, identified, counted in sorted(changes):
        row.identified += identified
        row.counted += counted
        if row.capacity:
            see_to_alarm(row, at=at)
    row.save(update_fields=["identified", "counted"])


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
