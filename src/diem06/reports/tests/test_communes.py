"""Facts about a district's grid in the hands of its communes."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.organisation.queries import units_on
from diem06.reports import actions
from diem06.reports.communes import is_commune_of
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.tests.test_entry import NOW, UNIT, page, person, reporter, world  # noqa: F401  fixtures
from diem06.reports.tests.test_states import plan


@pytest.fixture
def commune(world: Report) -> str:  # noqa: F811
    """The committee of the first commune of the district."""
    return next(code for code, unit in units_on(world.period.last_day).items() if is_commune_of(unit, world))


@pytest.fixture
def clerk(world: Report, commune: str) -> Client:  # noqa: F811
    client = Client()
    client.force_login(person("xa", Role.UNIT_REPORTER, commune))
    return client


def row(report: Report, commune: str) -> str:
    return reverse("commune", args=(report.period.code, report.unit, commune))


def switch(client: Client, report: Report, to: str) -> Any:
    return client.post(reverse("communes", args=(report.period.code, report.unit)), {"switch": to})


def test_communes_owe_nothing_until_the_district_hands_out(
    reporter: Client,  # noqa: F811
    clerk: Client,
    world: Report,  # noqa: F811
    commune: str,
) -> None:
    """Off by default; on, the commune's people find their row; off again, what they typed stays."""
    assert not Report.objects.filter(unit=commune).exists()
    assert clerk.get(row(world, commune)).status_code == 404
    assert "Huyện giao nhập" not in clerk.get(reverse("my-work")).content.decode()
    switch(reporter, world, "on")
    assert row(world, commune) in clerk.get(reverse("my-work")).content.decode()
    name = _names(world, commune)[0]
    answer = clerk.post(row(world, commune), {name: "3", f"s{name[1:]}": ""})
    assert answer.status_code == 302
    switch(reporter, world, "off")
    assert clerk.get(row(world, commune)).status_code == 404
    value = DeclaredValue.objects.current().get()
    assert (value.value, value.unit, value.recorded_by.username) == (3, UNIT, "xa")


def test_a_commune_sees_and_saves_its_own_row_alone(
    reporter: Client,  # noqa: F811
    clerk: Client,
    world: Report,  # noqa: F811
    commune: str,
) -> None:
    """No other cell is on the page, none is saved, and the district's report stays closed."""
    switch(reporter, world, "on")
    text = clerk.get(row(world, commune)).content.decode()
    mine = _names(world, commune)
    assert all(f'name="{name}"' in text for name in mine)
    others = [name for name in owed_cells(world, plan()) if name not in mine]
    assert not any(f'name="{name}"' in text for name in others)
    body = {"key": str(uuid.uuid4()), "values": [{"name": others[0], "text": "1", "seen": ""}]}
    values = reverse("commune-values", args=(world.period.code, UNIT, commune))
    assert clerk.post(values, json.dumps(body), content_type="application/json").status_code == 400
    assert clerk.get(page(world)).status_code == 403
    other = next(code for code, unit in units_on(NOW.date()).items() if is_commune_of(unit, world) and code != commune)
    assert clerk.get(row(world, other)).status_code == 403
    assert switch(clerk, world, "off").status_code == 403


def test_the_district_sees_who_filled_in_what(
    reporter: Client,  # noqa: F811
    clerk: Client,
    world: Report,  # noqa: F811
    commune: str,
    django_assert_max_num_queries: Any,
) -> None:
    """How many cells, how many by the commune itself, by whom and when; no query a commune."""
    switch(reporter, world, "on")
    name = _names(world, commune)[0]
    clerk.post(row(world, commune), {name: "3", f"s{name[1:]}": ""})
    communes = reverse("communes", args=(world.period.code, UNIT))
    with django_assert_max_num_queries(25):
        text = reporter.get(communes).content.decode()
    assert f"1/{len(_names(world, commune))}" in text
    assert "Xa, 16:40 13/07/2023" in text


def test_a_switch_pressed_twice_is_pressed_once(world: Report) -> None:  # noqa: F811
    """On and off do nothing where that is so already."""
    first = actions.hand_out(plan=plan(), unit=UNIT, at=NOW, by=None)
    assert actions.hand_out(plan=plan(), unit=UNIT, at=NOW, by=None) == first
    assert actions.take_back(plan=plan(), unit=UNIT, at=NOW, by=None) == first
    assert actions.take_back(plan=plan(), unit=UNIT, at=NOW, by=None) is None


def _names(report: Report, commune: str) -> list[str]:
    area = units_on(report.period.last_day)[commune].area
    return [name for name, cell in owed_cells(report, plan()).items() if cell.area == area]
