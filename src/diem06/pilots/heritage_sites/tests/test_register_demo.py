"""The made-up register tells what the department declares, from below."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Any

from diem06.core.access import Role
from diem06.core.jobs.models import Notice
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.places.models import Place
from diem06.core.plans.actions import load_plan
from diem06.pilots.heritage_sites.demo import register, visits
from diem06.pilots.heritage_sites.models import AlarmChange, Occupancy, Visit
from diem06.pilots.heritage_sites.tests.sites import AT, KEEPER, VIETNAM
from diem06.plan.reader import bundle_path


def test_without_declared_numbers_the_named_relics_stand_alone(db: None) -> None:
    load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
    register.build(["2023-07"])

    assert set(Place.objects.filter(kind="heritage_site").values_list("code", flat=True)) == {
        relic.code for relic in register.RELICS
    }


def test_crowd_of_the_demo_raises_an_alarm_that_its_page_and_its_people_are_told(db: None, settings: Any) -> None:
    """One building that a paper declares for 45 people; the morning's visitors bring it to the second mark, and people are told."""
    now = datetime(2024, 6, 15, 9, 12, tzinfo=VIETNAM)
    settings.DIEM06_CLOCK = lambda: now
    load_plan(folder=bundle_path("bac-giang-2023"), at=now, is_made_up=True)
    person = add_person(username="bc", full_name="Người Báo Cáo", password="mot-mat-khau-dai")
    give_role(user=person, role=Role.UNIT_REPORTER, unit=KEEPER, from_day=date(2023, 6, 15))
    register.build(["2024-06"])
    visits.build(["2024-06"])

    row = Occupancy.objects.get(place__code="den-suoi-mo-1")
    changes = list(AlarmChange.objects.filter(place=row.place).order_by("at").values_list("before", "after"))
    assert (row.capacity, row.alarm) == (45, changes[-1][1])
    assert row.alarm == 85
    assert changes[0][0] == 0
    assert all(before == after for (_b, before), (after, _a) in pairwise(changes))
    told = Notice.objects.filter(kind="crowd", person__username="bc")
    assert any("Đền Hạ (" in notice.words["vi"] for notice in told), "a point is named with its site"
    assert told.count() == sum(1 for b, a in changes if a > b)
    # Nobody is inside of whom the counts do not know.
    assert row.identified == Visit.objects.open().filter(point=row.place).count()
