"""Facts about the list of indicators and the page of one."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from diem06.core.plans.queries import Loaded
from diem06.cube.models import Revision
from diem06.plan.model import Level
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.indicator import Choice, IndicatorPage, indicator_of, indicator_page, listed
from diem06.reports.tests.factories import UNIT, of_unit, person_of, seen, whole_province

pytestmark = pytest.mark.django_db
URL = "/indicators/"


def page_of(code: str, *, area: str = "", unit: str = "") -> IndicatorPage:
    outlook = seen(person_of(unit)) if unit else seen()
    return indicator_page(outlook, indicator_of(outlook, code), area=area)


# -- the list ------------------------------------------------------------------------------------------------------------
def test_a_search_needs_no_accents(loaded: Loaded) -> None:
    """«cong dan» finds «công dân»; a code finds its indicator."""
    found = listed(seen(), Choice(words="cong dan"))
    assert {"P8", "P9", "M3.2"} <= {row.code for row in found}
    assert all("công dân" in row.indicator.name.lower() for row in found)
    assert [row.code for row in listed(seen(), Choice(words="p12"))] == ["P12"]


def test_the_list_narrows_by_pilot_and_standing(loaded: Loaded) -> None:
    """Pilot 7 has M7.1 to M7.4; undecided readings have a standing of their own."""
    assert [row.code for row in listed(seen(), Choice(pilot="M7"))] == ["M7.1", "M7.2", "M7.3", "M7.4"]
    open_ones = [row.code for row in listed(seen(), Choice(standing="undecided"))]
    assert open_ones == ["P3a", "P3b", "M1.2a", "M1.2b", "M3.3a", "M3.3b", "M3.3c"]


@pytest.mark.parametrize("sort", ["value", "-value", "gap", "-gap"])
def test_what_has_no_number_comes_last(loaded: Loaded, sort: str) -> None:
    """Sorting by a number, either way, puts those without one at the end."""
    key = sort.removeprefix("-")
    numbers = [getattr(row.figure, key) for row in listed(seen(), Choice(sort=sort))]
    known = [number for number in numbers if number is not None]
    assert numbers[: len(known)] == known == sorted(known, reverse=sort.startswith("-"))
    assert len(known) < len(numbers)


def test_filter_order_and_page_live_in_the_url(loaded: Loaded) -> None:
    """The second page of the list in order of value is a link, with the order kept."""
    text = whole_province().get(f"{URL}?sort=-value&period=2023-09").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', text)
    assert following
    assert "sort=-value" in following[1]
    assert "page=2" in following[1]
    assert 'aria-sort="descending"' in text


def test_nothing_found_says_so_and_offers_to_clear(loaded: Loaded) -> None:
    """No match is told apart from no indicator, with one way out."""
    text = whole_province().get(f"{URL}?q=khong-co-gi-dau").content.decode()
    assert "Không có kết quả phù hợp" in text
    assert "0 kết quả" in text


# -- one indicator -------------------------------------------------------------------------------------------------------
def test_contributions_add_up_to_the_gap(loaded: Loaded) -> None:
    """Of P2, P8, M3.2 (with surplus): the signed parts and what lies in no district are the province's gap, exactly."""
    for code in ("P2", "P8", "P9", "M3.2", "M4.1"):
        (reading,) = page_of(code).readings
        assert reading.contributions is not None
        assert reading.districts is not None
        parts = sum((row.figure.gap for row in reading.districts.rows if row.figure.gap is not None), Decimal(0))
        assert reading.rest is not None
        assert parts + reading.rest == reading.figure.gap


def test_distinct_counts_have_no_contributions(loaded: Loaded) -> None:
    """People received in several districts are one person in the province: M7.2 shows districts, and no sum of them."""
    (reading,) = page_of("M7.2").readings
    assert reading.districts is not None
    assert reading.contributions is None


def test_the_target_stands_with_the_words_of_the_plan(loaded: Loaded) -> None:
    """P9: 100%, by 31/07/2023, in the plan's own words, with its clause and why it is missed."""
    text = whole_province().get(f"{URL}P9/").content.decode()
    assert "«đảm bảo 100% công dân trong độ tuổi trên địa bàn được cấp CCCD gắn chip" in text
    assert "«xong trong tháng 7/2023»" in text
    assert "Đã qua thời hạn 31/07/2023 mà chưa tới mục tiêu." in text
    assert 'href="/plan/?period=2023-09#II.6.2a"' in text


def test_the_same_count_under_another_target_is_seen_beside(loaded: Loaded) -> None:
    """M3.2 and P9 count the same citizens; P1 is M5.1."""
    assert [each.indicator.code for each in page_of("M3.2").beside] == ["P9"]
    assert [each.indicator.code for each in page_of("P9").beside] == ["M3.2"]
    assert [each.indicator.code for each in page_of("P1").beside] == ["M5.1"]


def test_readings_not_chosen_stand_side_by_side_without_standing(loaded: Loaded) -> None:
    """P3 and its reading P3a lead to one page with both readings, none of them judged."""
    page = page_of("P3a")
    assert page == page_of("P3")
    assert [reading.code for reading in page.readings] == ["P3a", "P3b"]
    assert {reading.standing for reading in page.readings} == {"undecided"}
    assert {reading.figure.target for reading in page.readings} == {None}


def test_communes_of_a_district(loaded: Loaded) -> None:
    """?area=213 adds that district's 16 communes, which add up to it."""
    (reading,) = page_of("P9", area="213").readings
    assert reading.communes is not None
    district = seen().figure("P9", area="213")
    assert len(reading.communes.rows) == 16
    assert sum(row.figure.numerator for row in reading.communes.rows) == district.numerator


@pytest.mark.parametrize("path", ["P99/", "P9/?area=999", "P9/?area=07201", "P9/?period=1999-01", "P99/workbook.xlsx"])
def test_what_does_not_exist_is_not_found(loaded: Loaded, path: str) -> None:
    """An indicator, a district or a period that is not there gives 404."""
    assert whole_province().get(f"{URL}{path}").status_code == 404


def test_a_unit_opens_its_own_indicators_only(loaded: Loaded) -> None:
    """Tân Yên answers for P1 and not for P8; its page has no table of others."""
    client = of_unit()
    text = client.get(f"{URL}P1/").content.decode()
    assert "UBND huyện Tân Yên" in text
    assert {key.split(":")[3] for key in re.findall(r"/figures/([^/\"]+)/", text)} == {seen().units[UNIT].key}
    assert "UBND huyện Lục Ngạn" not in text
    assert client.get(f"{URL}P8/").status_code == 403
    assert client.get(f"{URL}P8/workbook.xlsx").status_code == 403
    assert "P8" not in [row.code for row in listed(seen(person_of(UNIT)), Choice())]


def test_the_course_has_every_period_so_far(loaded: Loaded) -> None:
    """Three periods, the newest first, each with its own key; the chart's table holds the same values."""
    (reading,) = page_of("P9").readings
    assert [row.code for row in reading.history] == ["2023-09", "2023-08", "2023-07"]
    assert [row.figure.key.split(":")[4] for row in reading.history] == ["2023-09", "2023-08", "2023-07"]
    assert reading.course is not None
    assert len(reading.course.twin.rows[0]) == 4
    assert reading.history[0].pace == reading.history[0].figure.value - reading.history[1].figure.value


def test_formulas_are_said_in_words(loaded: Loaded) -> None:
    """P1's numerator: places with a video, of the kind «Bộ phận một cửa»."""
    (term,) = Dictionary(loaded.plan).formula(indicator_of(seen(), "P1").numerator)
    assert term.name == "Số điểm có video hướng dẫn"
    assert term.filters == ("Loại điểm: Bộ phận một cửa",)


def test_the_workbook_holds_every_table(loaded: Loaded) -> None:
    """Districts, communes and the course, each with values and keys of revisions that stay valid."""
    answer = whole_province().get(f"{URL}P9/workbook.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["P9 Chung", "P9 Diễn biến", "P9 Huyện", "P9 Xã", "P9 Đơn vị"]
    head = next(row for row in book["P9 Xã"].iter_rows() if row[0].value == "Xã, phường, thị trấn")
    communes = list(book["P9 Xã"].iter_rows(min_row=head[0].row + 1, values_only=True))
    assert len(communes) == len(seen().board.areas("P9", Level.COMMUNE)) == 209
    assert {str(row[-1]).split(":")[-1] for row in communes} == {"1"}
    assert set(Revision.objects.values_list("window", flat=True)) == {"2023-07", "2023-08", "2023-09"}
    assert any("Số liệu giả định" in str(row[0]) for row in book["P9 Xã"].iter_rows(values_only=True))


@pytest.mark.parametrize(("path", "queries"), [("", 15), ("P9/", 20), ("P3/", 25), ("P9/?area=213", 20)])
def test_a_warm_page_asks_the_database_a_fixed_number_of_times(
    loaded: Loaded, django_assert_max_num_queries: Any, path: str, queries: int
) -> None:
    """However many areas and communes stand on it: only periods and readings count."""
    client = whole_province()
    client.get(f"{URL}{path}")
    with django_assert_max_num_queries(queries):
        client.get(f"{URL}{path}")
