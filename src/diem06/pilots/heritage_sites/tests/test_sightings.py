"""Facts about the readings at gates as the rules for odd numbers see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diem06.core.areas.queries import areas_on
from diem06.core.places.models import Place
from diem06.core.plans.actions import open_periods
from diem06.core.plans.models import LoadedPlan, Period
from diem06.core.plans.queries import Loaded, period
from diem06.core.roster.sightings import installed_sightings
from diem06.cube.anomalies.actions import find
from diem06.cube.anomalies.queries import sightings_behind
from diem06.cube.models import Anomaly
from diem06.pilots.heritage_sites.models import Visit
from diem06.pilots.heritage_sites.sightings import SIGHTINGS
from diem06.pilots.heritage_sites.tests.gates import JOHN, LAN, MINH, NOON, UNIT, Gates, minutes

(VISITS,) = SIGHTINGS


@pytest.fixture
def two_sites(loaded: Loaded) -> tuple[Gates, Gates]:
    """Two sites 50 km apart; three people are scanned at both within half an hour."""
    here, there = Gates(), Gates("vinh-nghiem")
    for gates, latitude, longitude in ((here, 21.18, 106.72), (there, 21.22, 106.24)):
        _put_down(gates.site, latitude, longitude)
    for who in (LAN, MINH, JOHN):
        here.do("enter", who)
        there.do("enter", who, at=NOON + minutes(30))
    return here, there


def _put_down(site: Place, latitude: float, longitude: float) -> None:
    site.terms.update(latitude=latitude, longitude=longitude)


def march(loaded: Loaded) -> Period:
    open_periods(plan=loaded.plan, bundle=LoadedPlan.objects.get(pk=loaded.bundle), at=NOON)
    found = period(loaded.plan, "2024-03")
    assert found is not None
    return found


def test_a_reading_says_when_and_where_and_knows_a_person_again(two_sites: tuple[Gates, Gates]):
    rows = list(VISITS.between(NOON - timedelta(hours=1), NOON + timedelta(hours=1)))

    assert VISITS in list(installed_sightings())
    assert len(rows) == 6
    assert len({row.person for row in rows}) == 3
    assert all(LAN.number not in row.person for row in rows)
    assert {row.place for row in rows} == {site.site.key for site in two_sites}
    assert {row.unit for row in rows} == {UNIT}
    assert rows[0].area in areas_on(NOON.date())


def test_rows_of_a_finding_name_nobody(two_sites: tuple[Gates, Gates]):
    events = [str(event) for event in Visit.objects.values_list("event_id", flat=True)]

    assert {row.person for row in VISITS.records(events)} == {""}


def test_people_at_two_sites_at_once_are_found_and_stay_found_when_identities_go(
    loaded: Loaded, two_sites: tuple[Gates, Gates]
):
    """Retention empties the digests: that the rule sees nobody any more is no reason for a finding to go."""
    of = march(loaded)
    find(loaded=loaded, period=of, at=of.due_at)
    row = Anomaly.objects.get(rule="distant_places")
    assert (row.facts["people"], row.facts["minutes"], row.unit) == (3, 30, UNIT)
    assert [one.place for one in sightings_behind(row)].count(two_sites[0].site.key) == 3

    Visit.objects.update(digest="", sealed=None)
    find(loaded=loaded, period=of, at=of.due_at + minutes(60))
    row.refresh_from_db()
    assert row.gone_at is None


def test_a_finding_goes_when_the_readings_were_taken_back(loaded: Loaded, two_sites: tuple[Gates, Gates]):
    of = march(loaded)
    find(loaded=loaded, period=of, at=of.due_at)
    Visit.objects.filter(site=two_sites[1].site).update(closed_by="annulled", closed_at=NOON)
    find(loaded=loaded, period=of, at=of.due_at + minutes(60))

    assert Anomaly.objects.get(rule="distant_places").gone_why == "changed"
