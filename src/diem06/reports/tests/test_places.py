"""Facts about the pages of areas and units, and of two areas side by side."""

from __future__ import annotations

import gzip
import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from diem06.core.plans.queries import Loaded
from diem06.cube.figures import board
from diem06.cube.models import Revision
from diem06.plan.model import Level
from diem06.reports.models import UnitPlan
from diem06.reports.screens.area import AreasChoice, area_page, areas_page, comparison
from diem06.reports.screens.outlook import Outlook
from diem06.reports.screens.unit import UnitsChoice, unit_page, units_listed
from diem06.reports.tests.factories import AT, UNIT, of_unit, person_of, seen, whole_province

pytestmark = pytest.mark.django_db
TAN_YEN, LUC_NGAN, CITY = "216", "219", "213"


def area(outlook: Outlook, code: str, indicator: str = "") -> Any:
    return area_page(outlook, outlook.tree.get(code), indicator=indicator)


def keys_in(text: str) -> set[str]:
    return set(re.findall(r"/figures/([^/\"]+)/", text))


# -- one area ------------------------------------------------------------------------------------------------------------
def test_an_area_shows_the_cubes_figures_of_that_area(loaded: Loaded) -> None:
    """Every row is the figure of Lục Ngạn; the page leads to each."""
    page = area(seen(), LUC_NGAN)
    rows = [row for group in page.groups for row in group.rows]
    here = board(loaded, "2023-09")
    assert len(rows) > 30
    assert all(row.figure == here.figure(row.code, area=LUC_NGAN) for row in rows)
    assert {row.figure.key for row in rows} <= keys_in(
        whole_province().get(f"/areas/{LUC_NGAN}/?period=2023-09").content.decode()
    )


def test_an_area_leaves_out_what_has_no_figures_there(loaded: Loaded) -> None:
    """P12, which departments owe for the province, has no row in a district."""
    codes = [row.code for group in area(seen(), LUC_NGAN).groups for row in group.rows]
    assert "P9" in codes
    assert "P12" not in codes


def test_the_map_of_a_district_has_its_communes_by_gap(loaded: Loaded) -> None:
    """P9 in the communes of Lục Ngạn, which add up to it; the map is of these communes, and says that it is a schematic."""
    page = area(seen(), LUC_NGAN, "P9")
    places = page.places
    communes = seen().tree.descendants(LUC_NGAN, Level.COMMUNE)
    assert {row.code for row in places.rows} == {each.code for each in communes}
    gaps = [row.figure.gap for row in places.rows]
    assert gaps == sorted(gaps, reverse=True)
    assert sum(row.figure.numerator for row in places.rows) == seen().figure("P9", area=LUC_NGAN).numerator
    assert {each.code for each in places.map.areas} == {each.code for each in communes}
    assert any("Sơ đồ" in notice for notice in places.map.notices)


def test_a_commune_stands_out_among_its_neighbours(loaded: Loaded) -> None:
    commune = seen().tree.descendants(LUC_NGAN, Level.COMMUNE)[0].code
    places = area(seen(), commune, "P9").places
    assert [each.code for each in places.map.areas if each.is_current] == [commune]
    assert len(places.map.areas) > 20


def test_people_of_a_district_see_their_own_area_alone(loaded: Loaded) -> None:
    """Tân Yên and its communes open; another district, its communes and the province do not."""
    client = of_unit()
    tree = seen().tree
    own, other = tree.descendants(TAN_YEN, Level.COMMUNE)[0].code, tree.descendants(LUC_NGAN, Level.COMMUNE)[0].code
    assert [client.get(f"/areas/{code}/").status_code for code in (TAN_YEN, own)] == [200, 200]
    assert [client.get(f"/areas/{code}/").status_code for code in (LUC_NGAN, other, "24")] == [403, 403, 403]
    assert client.get(f"/areas/{LUC_NGAN}/workbook.xlsx").status_code == 403
    text = client.get(f"/areas/{TAN_YEN}/").content.decode()
    areas = {key.split(":")[2] for key in keys_in(text)}
    assert areas <= {TAN_YEN, *(area.code for area in tree.descendants(TAN_YEN))}


def test_people_of_a_department_have_no_area_of_their_own(loaded: Loaded) -> None:
    """A department works in the whole province: its people do not see the province's figures by that."""
    assert not seen(person_of("so-y-te")).sees_area("24")
    assert not seen(person_of("so-y-te")).sees_area(TAN_YEN)
    assert of_unit("so-y-te").get("/areas/24/").status_code == 403


@pytest.mark.parametrize("path", ["999/", "27/", "216/?indicator=P99", "216/?period=1999-01"])
def test_an_area_that_is_not_there_is_not_found(loaded: Loaded, path: str) -> None:
    assert whole_province().get(f"/areas/{path}").status_code == 404


# -- all areas -----------------------------------------------------------------------------------------------------------
def test_the_list_of_areas_narrows_orders_and_pages_by_the_url(loaded: Loaded) -> None:
    """209 communes, nine pages; «luc ngan» leaves those of one district; the order of values is kept."""
    everything = areas_page(seen(), AreasChoice(indicator="P9", level="commune"))
    some = areas_page(seen(), AreasChoice(indicator="P9", level="commune", words="luc ngan", sort="value"))
    assert everything is not None
    assert some is not None
    assert len(everything.listed) == 209
    assert len(some.listed) == len(seen().tree.descendants(LUC_NGAN, Level.COMMUNE))
    values = [row.figure.value for row in some.listed]
    assert values == sorted(values)
    text = whole_province().get("/areas/?indicator=P9&level=commune&sort=-gap&page=9").content.decode()
    assert "201 đến 209 trong 209" in text
    assert 'aria-sort="descending"' in text


@pytest.mark.parametrize("level", ["district", "commune"])
def test_the_page_of_all_areas_stays_small(loaded: Loaded, level: str) -> None:
    """With the outlines of 209 communes it is under 60 KB gzipped, and no outline has a style."""
    content = whole_province().get(f"/areas/?indicator=P9&level={level}").content
    assert len(gzip.compress(content)) < 60_000
    text = content.decode()
    assert " style=" not in text
    assert text.count("<path class=") >= 10


def test_squares_can_be_chosen(loaded: Loaded) -> None:
    text = whole_province().get("/areas/?indicator=P9&map=tiles").content.decode()
    assert text.count('class="map map-grid"') == 1
    assert 'class="map"' not in text


@pytest.mark.parametrize("path", ["?indicator=P99", "?indicator=P12", "?period=x"])
def test_what_no_area_has_is_not_found(loaded: Loaded, path: str) -> None:
    assert whole_province().get(f"/areas/{path}").status_code == 404


# -- two areas -----------------------------------------------------------------------------------------------------------
def test_two_areas_stand_side_by_side(loaded: Loaded) -> None:
    """Every line that both have, with both values and the exact difference; the better one by the indicator's direction."""
    outlook = seen()
    page = comparison(outlook, outlook.tree.get(LUC_NGAN), outlook.tree.get(CITY))
    pairs = {pair.code: pair for group in page.groups for pair in group.pairs}
    here = board(loaded, "2023-09")
    for code, pair in pairs.items():
        first, second = here.figure(code, area=LUC_NGAN), here.figure(code, area=CITY)
        assert (pair.first.figure, pair.second.figure) == (first, second)
        if first.value is not None and second.value is not None:
            assert pair.difference == first.value - second.value
    assert pairs["P9"].better == ("first" if pairs["P9"].difference > 0 else "second")
    assert sum(page.ahead) <= page.size


def test_the_form_asks_for_two_different_areas(loaded: Loaded) -> None:
    """Without a choice the form alone; the same area twice is an error at its field; another code is none."""
    client = whole_province()
    assert "Địa bàn thứ nhất" in client.get("/areas/compare/").content.decode()
    same = client.get(f"/areas/compare/?a={CITY}&b={CITY}")
    assert same.status_code == 422
    assert "Chọn hai địa bàn khác nhau." in same.content.decode()
    assert client.get(f"/areas/compare/?a={CITY}&b=999").status_code == 422
    assert of_unit().get(f"/areas/compare/?a={TAN_YEN}&b={CITY}").status_code == 403


# -- units ---------------------------------------------------------------------------------------------------------------
def test_units_are_listed_with_who_has_not_sent_first(loaded: Loaded) -> None:
    """31 units; Sở Ngoại vụ, which sent nothing, stands first; «luc ngan» finds one."""
    lines = units_listed(seen(), UnitsChoice())
    assert len(lines) == 31
    assert (lines[0].row.unit, lines[0].row.timeliness) == ("so-ngoai-vu", "missing")
    assert [line.row.unit for line in units_listed(seen(), UnitsChoice(words="luc ngan"))] == ["ubnd-luc-ngan"]
    assert [line.row.unit for line in units_listed(seen(), UnitsChoice(report="missing"))] == ["so-ngoai-vu"]
    most = units_listed(seen(), UnitsChoice(sort="-behind"))
    assert [line.behind for line in most] == sorted((line.behind for line in lines), reverse=True)


def test_a_unit_shows_its_own_figures(loaded: Loaded) -> None:
    """Its rows are the cube's figures of that unit; so are the keys on its page."""
    outlook = seen()
    page = unit_page(outlook, outlook.units[UNIT])
    here = board(loaded, "2023-09")
    rows = [row for group in page.groups for row in group.rows]
    assert rows
    assert all(row.figure == here.figure(row.code, unit=UNIT) for row in rows)
    text = of_unit().get(f"/units/{UNIT}/?period=2023-09").content.decode()
    assert {key.split(":")[3] for key in keys_in(text)} == {outlook.units[UNIT].key}


def test_a_unit_shows_its_reports_its_plan_and_what_is_late(loaded: Loaded) -> None:
    """Sở Ngoại vụ: two reports in time, one missing and so late; its plan is named once it is recorded."""
    outlook = seen()
    page = unit_page(outlook, outlook.units["so-ngoai-vu"])
    assert [line.timeliness for line in page.reports] == ["missing", "in_time", "in_time"]
    assert (page.in_time, page.due, page.course) == (2, 3, ("in_time", "in_time", "missing"))
    assert page.late[0].words == "Chưa gửi báo cáo tháng 09/2023"
    UnitPlan.objects.filter(unit="so-ngoai-vu").delete()
    UnitPlan.objects.create(
        plan_id=loaded.plan.id, unit="so-ngoai-vu", number="77/KH-SNgV", issued_on=date(2023, 7, 3), recorded_at=AT
    )
    text = whole_province().get("/units/so-ngoai-vu/?period=2023-09").content.decode()
    assert "77/KH-SNgV" in text
    assert "03/07/2023" in text


def test_a_unit_shows_what_the_plan_assigns_to_it(loaded: Loaded) -> None:
    """Sở Xây dựng carries out pilot 1 by III.1, with a link to the clause."""
    text = whole_province().get("/units/so-xay-dung/?period=2023-09").content.decode()
    assert 'href="/plan/?period=2023-09#III.1"' in text


def test_a_unit_opens_itself_alone(loaded: Loaded) -> None:
    client = of_unit()
    assert client.get(f"/units/{UNIT}/").status_code == 200
    assert client.get("/units/ubnd-luc-ngan/").status_code == 403
    assert client.get("/units/").status_code == 403
    assert whole_province().get("/units/nobody/").status_code == 404


# -- links and files -----------------------------------------------------------------------------------------------------
def test_pages_lead_to_each_other_both_ways(loaded: Loaded) -> None:
    """Indicator to area and unit, area to indicator and unit, unit to indicator and area, figure to unit and area."""
    client = whole_province()
    here = board(loaded, "2023-09")

    def text(path: str) -> str:
        return client.get(path).content.decode()

    indicator = text("/indicators/P1/?period=2023-09")
    assert f"/areas/{LUC_NGAN}/?period=2023-09" in indicator
    assert "/units/ubnd-luc-ngan/?period=2023-09" in indicator
    of_area = text(f"/areas/{LUC_NGAN}/?period=2023-09")
    assert "/indicators/P1/?period=2023-09" in of_area
    assert "/units/ubnd-luc-ngan/?period=2023-09" in of_area
    unit = text("/units/ubnd-luc-ngan/?period=2023-09")
    assert "/indicators/P1/?period=2023-09" in unit
    assert f"/areas/{LUC_NGAN}/?period=2023-09" in unit
    assert f"/areas/{LUC_NGAN}/" in text(f"/figures/{here.figure('P1', area=LUC_NGAN).key}/")
    assert "/units/ubnd-luc-ngan/" in text(f"/figures/{here.figure('P1', unit='ubnd-luc-ngan').key}/")


@pytest.mark.parametrize(
    ("name", "args", "query", "sheet", "key"),
    [
        ("areas-workbook", [], "?indicator=P9&level=commune", "Địa bàn", "bg23:P9:07201:-:2023-09:1"),
        ("area-workbook", [LUC_NGAN], "", "Chỉ tiêu", "bg23:P9:219:-:2023-09:1"),
        ("areas-compare-workbook", [], f"?a={LUC_NGAN}&b={CITY}", "So sánh", "bg23:P9:213:-:2023-09:1"),
        ("unit-workbook", [UNIT], "", "Chỉ tiêu", "bg23:P1:-:tan-yen:2023-09:1"),
    ],
)
def test_a_workbook_holds_the_figures_with_keys_that_stay(
    loaded: Loaded, name: str, args: list[str], query: str, sheet: str, key: str
) -> None:
    answer = whole_province().get(f"{reverse(name, args=args)}{query}")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row]
    assert key in cells
    assert any("Số liệu giả định" in cell for cell in cells)
    assert Revision.objects.filter(window="2023-09", number=1).exists()


def test_the_workbook_of_units_has_a_row_each(loaded: Loaded) -> None:
    answer = whole_province().get("/units/units.xlsx?period=2023-09")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if row[0] == "Đơn vị")
    assert len(rows[head + 1 :]) == 31


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (f"/areas/{LUC_NGAN}/", 22),
        ("/areas/?indicator=P9&level=commune", 20),
        (f"/areas/compare/?a={LUC_NGAN}&b={CITY}", 20),
        ("/units/", 22),
        (f"/units/{UNIT}/", 24),
    ],
)
def test_a_warm_page_asks_the_database_a_fixed_number_of_times(
    loaded: Loaded, django_assert_max_num_queries: Any, path: str, queries: int
) -> None:
    """However many areas, units and indicators stand on it."""
    client = whole_province()
    client.get(path)
    with django_assert_max_num_queries(queries):
        client.get(path)
