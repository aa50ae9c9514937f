"""People who start long work, and the toy kinds of tests/toy/jobs.py."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from diem06.core.jobs import actions
from diem06.core.organisation.actions import add_person

AT = datetime(2023, 7, 13, 16, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def person(db, settings):
    settings.DIEM06_CLOCK = lambda: AT
    return add_person(username="an", full_name="Nguyễn Văn An", password="con-suoi-xanh-7")


@pytest.fixture
def other(person):
    return add_person(username="binh", full_name="Lê Thị Bình", password="con-suoi-xanh-7")


@pytest.fixture
def start(person, tmp_path):
    """`start("toy.count", to=3)` starts a toy job of the person."""

    def started(kind="toy.count", *, key="", at=AT, **arguments):
        made = {"folder": str(tmp_path), "to": 3, **arguments}
        return actions.start(kind=kind, title="Đếm thử", arguments=made, by=person.pk, at=at, key=key)

    return started
