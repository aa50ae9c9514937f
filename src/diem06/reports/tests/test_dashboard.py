"""Facts about the dashboard."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from diem06.core.plans.queries import Loaded
from diem06.cube.figures import board
from diem06.cube.models import Revision
from diem06.reports.actions import open_reports
from diem06.reports.screens.dashboard import WORST_FIRST, Dashboard, dashboard
from diem06.reports.tests.factories import AT, UNIT, month, of_unit, person_of, seen, whole_province

pytestmark = pytest.mark.django_db
URL = "/dashboard/"


@pytest.fixture
def screen(loaded: Loaded) -> Dashboard:
    return dashboard(seen())


def test_each_indicator_stands_once(screen: Dashboard, loaded: Loaded) -> None:
    """Every indicator has one row in one table, but M5.1 and M5.2, which are counted with P1 and P2."""
    rows = [row for group in screen.groups for row in group.rows] + list(screen.without_target)
    codes = [row.code for row in rows] + [row.indicator.code for row in screen.undecided]
    expected = [each.code for each in loaded.plan.indicators if not each.same_as]
    assert sorted(codes) == sorted(expected)
    assert {row.code: row.same for row in rows if row.same} == {"P1": ("M5.1",), "P2": ("M5.2",)}


def test_what_has_a_target_is_what_the_plan_gives_one(screen: Dashboard, loaded: Loaded) -> None:
    """25 indicators have a target in force, 3 wait for a reading to be chosen, 25 have none."""
    assert (screen.with_target, len(screen.undecided), len(screen.without_target)) == (25, 3, 25)


def test_worst_comes_first(screen: Dashboard) -> None:
    """Groups follow the order of standings; in a group the farthest from its target comes first."""
    order = [str(standing) for standing in WORST_FIRST]
    assert [group.standing for group in screen.groups] == [name for name in order if name in screen.by_standing]
    assert len(screen.groups) >= 3
    for group in screen.groups:
        shares = [row.figure.value / row.figure.target for row in group.rows if row.figure.value is not None]
        assert shares == sorted(shares)


def test_the_page_shows_the_figures_of_the_cube(loaded: Loaded) -> None:
    """The value of P9 on the page is the cube's, and leads to the page of that figure."""
    figure = board(loaded, "2023-09").figure("P9")
    text = whole_province().get(URL).content.decode()
    shown = re.search(rf'href="{re.escape(reverse("figure", args=[figure.key]))}"[^>]*>([^<]+)<', text)
    assert shown
    assert shown[1] == f"{figure.value * 100:.1f}%".replace(".", ",")
    assert "Số liệu giả định" in text


def test_who_has_not_sent_comes_first_by_name(screen: Dashboard) -> None:
    """Sở Ngoại vụ sent nothing in September; it stands first, with its last three periods."""
    first = screen.not_in_time[0]
    assert (first.unit, first.timeliness, first.past) == ("so-ngoai-vu", "missing", ("in_time", "in_time", "missing"))
    assert first.detail == "chưa mở biểu"
    assert screen.by_timeliness == {"missing": 1, "late": 0, "in_time": 30, "not_due": 0}


def test_late_units_are_named_with_how_late(loaded: Loaded) -> None:
    """In July two units were late: both are listed, nobody is missing."""
    july = dashboard(seen(period_code="2023-07"))
    assert {row.unit for row in july.not_in_time} == {"so-tu-phap", "ubnd-luc-ngan"}
    assert all(row.timeliness == "late" and row.late_by is not None for row in july.not_in_time)


def test_by_area_shows_every_district_the_largest_gap_first(loaded: Loaded) -> None:
    """P8 by district: ten of them, their gaps falling and adding up to the province's, numbered as on the map."""
    found = dashboard(seen(), area_indicator="P8").by_area
    assert found is not None
    gaps = [area.figure.gap for area in found.areas]
    assert len(gaps) == 10
    assert gaps == sorted(gaps, reverse=True)
    assert sum(gaps) == found.row.figure.gap
    assert [area.number for area in found.areas] == list(range(1, 11))
    assert {each.lines[0].words: each.code for each in found.places.map.areas} == {
        str(area.number): area.code for area in found.areas
    }


@pytest.mark.parametrize(
    "query", ["period=2022-01", "period=x", "tab=other", "area_indicator=P12", "area_indicator=no"]
)
def test_what_does_not_exist_is_not_found(loaded: Loaded, query: str) -> None:
    """A period, a table or an indicator by district that is not there gives 404."""
    assert whole_province().get(f"{URL}?{query}").status_code == 404


def test_a_unit_sees_itself_alone(loaded: Loaded) -> None:
    """The page of a unit's person is about that unit: its figures, its report, and no other unit's name or figure."""
    outlook = seen(person_of(UNIT))
    text = "".join(of_unit().get(f"{URL}?tab={tab}").content.decode() for tab in ("target", "undecided", "no-target"))
    main = text.split("<main")[1]
    assert "UBND huyện Tân Yên: tháng 9/2023" in text
    others = [unit for unit in outlook.units.values() if unit.code != UNIT]
    assert not [unit.short for unit in others if unit.reports == "yes" and f">{unit.short}<" in main]
    keys = set(re.findall(r"/figures/([^/\"]+)/", text))
    assert keys
    assert {key.split(":")[3] for key in keys} == {outlook.units[UNIT].key}
    assert "Sở Ngoại vụ" not in main


def test_the_workbook_holds_what_the_page_holds(loaded: Loaded, screen: Dashboard) -> None:
    """One row an indicator or reading, its value and its key; the keys stay valid; words are never formulas."""
    answer = whole_province().get(reverse("dashboard-workbook"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if "Mã số liệu" in row)
    columns = {name: place for place, name in enumerate(rows[head])}
    body = {row[columns["Mã"]]: row for row in rows[head + 1 :]}
    readings = [row for each in screen.undecided for _words, row in each.readings]
    shown = [row for group in screen.groups for row in group.rows] + readings + list(screen.without_target)
    assert list(body) == [row.code for row in shown]
    assert body["P9"][columns["Mã số liệu"]] == "bg23:P9:24:-:2023-09:1"
    assert body["P9"][columns["Giá trị"]] == pytest.approx(float(seen().figure("P9").value))
    assert any("Số liệu giả định" in str(row[0]) for row in rows[:head])
    assert Revision.objects.filter(window="2023-09", number=1).exists()
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_before_anybody_types_the_page_says_so(loaded: Loaded) -> None:
    """A period that is open and empty has its page, with the words that there is no data."""
    open_reports(period=month(loaded, "2023-10"), plan=loaded.plan, at=AT)
    text = whole_province().get(f"{URL}?period=2023-10").content.decode()
    assert "Chưa có số liệu kỳ 10/2023" in text
    assert "Chưa đến hạn" in text


def test_a_warm_page_asks_the_database_a_fixed_number_of_times(loaded: Loaded, django_assert_num_queries: Any) -> None:
    """However many indicators there are: session, person, roles, plan twice, periods, closings, states of the boards, reports, values."""
    client = whole_province()
    client.get(URL)
    with django_assert_num_queries(17):
        client.get(URL)
