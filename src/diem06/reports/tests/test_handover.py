"""Tasks of the units' own plans in a handover."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from diem06.core.audit.models import Entry
from diem06.core.jobs.models import Notice
from diem06.core.organisation.actions import add_person
from diem06.core.organisation.handovers import installed_parts
from diem06.reports import handover
from diem06.reports.models import TaskState, UnitTask

AT = datetime(2023, 7, 13, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def people(db):
    names = [("an", "Nguyễn Văn An"), ("binh", "Lê Thị Bình")]
    return [add_person(username=key, full_name=name, password="con-suoi-xanh-7") for key, name in names]


@pytest.fixture
def make_task(people):
    def make(unit="so-y-te", **values):
        given = {
            "plan_id": "bac-giang-2023",
            "unit": unit,
            "text": "Tập huấn",
            "owner": people[0],
            "due_on": date(2023, 8, 1),
            "created_at": AT,
            "changed_at": AT,
        }
        return UnitTask.objects.create(**given | values)

    return make


def test_tasks_are_part_of_a_handover():
    assert "reports.tasks" in {part.key for part in installed_parts()}


def test_open_tasks_of_the_units_pass_and_the_others_stay(people, make_task):
    """What is done keeps its owner; the other is told, once; the trail names each task."""
    an, binh = people
    passing = [make_task(), make_task(state=TaskState.DOING)]
    staying = [make_task(state=TaskState.DONE, done_on=date(2023, 7, 1)), make_task(unit="so-khdt")]

    assert handover.count(an, None) == 3
    assert handover.count(an, ["so-y-te"]) == 2
    assert handover.hand_over(from_=an, to=binh, units=["so-y-te"], at=AT, by=an.pk) == 2
    assert set(UnitTask.objects.filter(owner=binh)) == set(passing)
    assert set(UnitTask.objects.filter(owner=an)) == set(staying)
    assert Notice.objects.get().person == binh
    assert Entry.objects.get(action="unit_task.hand_over").details["tasks"] == [task.pk for task in passing]


def test_nobody_is_told_where_nothing_passes(people):
    an, binh = people

    assert handover.hand_over(from_=an, to=binh, units=None, at=AT, by=an.pk) == 0
    assert not Notice.objects.exists()
