"""Facts about the pages of many provinces: hidden without packets, the country first, each figure down to its facts."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from diem06.cube.packets import form, national
from diem06.cube.packets.actions import load_packet, trust_key
from diem06.cube.packets.tests import made_up
from diem06.reports.screens.nation import nation_of, places_sorted
from diem06.reports.tests.factories import AT, FIRST_DUE, first_reports, of_unit, whole_province

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PROVINCES = made_up.five(seed=8, size=60)[:3]


@cache
def packets() -> tuple[bytes, ...]:
    """Their packets, made once and not while tests are collected."""
    return tuple(made_up.packet_of(province) for province in PROVINCES)


@pytest.fixture(scope="module")
def plan(prepared: Callable[..., Any]) -> None:
    """The units in which people have their roles."""
    first_reports(prepared, at=FIRST_DUE)


@pytest.fixture
def nation(plan: None) -> Iterator[None]:
    """A national instance with three provinces."""
    for packet in packets():
        about = form.opened(packet).about
        trust_key(province=about.province, public_key=about.seal.public_key, at=AT, by=None)
        load_packet(content=packet, at=AT, by=None)
    national.national("2023-07")
    yield
    shutil.rmtree(national.folder(), ignore_errors=True)


@pytest.fixture
def office(plan: None) -> Client:
    return whole_province()


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_without_packets_the_menu_is_silent_and_the_page_says_what_to_do(office: Client) -> None:
    """The menu has no entry; who comes by the address reads the two commands."""
    page = text_of(office.get(reverse("nation")))
    assert "Chưa nạp gói số liệu nào" in page
    assert "diem06 packet load" in page
    assert f'href="{reverse("nation")}"' not in page
    assert office.get(reverse("nation-workbook")).status_code == 404


def test_with_packets_the_menu_leads_there_for_province_wide_roles_alone(nation: None, office: Client) -> None:
    assert f'href="{reverse("nation")}"' in text_of(office.get(reverse("nation")))
    reporter = of_unit()
    assert reporter.get(reverse("nation")).status_code == 403
    assert reporter.get(reverse("nation-figure", args=["2023-07", "90", "F1"])).status_code == 403


def test_the_table_has_the_country_first_and_each_figure_leads_to_its_packet(nation: None, office: Client) -> None:
    page = text_of(office.get(reverse("nation")))
    heads = [page.index(f">{name}<svg") for name in ("Cả nước", "Tỉnh 90", "Tỉnh 91", "Tỉnh 92")]
    assert heads == sorted(heads)
    for province in PROVINCES:
        assert reverse("nation-figure", args=["2023-07", province.code, "F1"]) in page
    assert "không cộng các tỉnh" in page
    assert "số liệu giả định" in page
    assert (page.count("đạt 9 mục"), page.count("đạt 10 mục")) == (1, 2), (
        "the first had no definitions to be compared with"
    )


def test_one_indicator_lists_provinces_sorted(nation: None, office: Client) -> None:
    """By name, value or who reported; the country stays first, and says why it has no number where people are counted once."""
    seen = nation_of("2023-07")
    line = seen.line("F1")
    down = places_sorted(line, "-value")
    values = [figure.row.number() for figure in down]
    assert [down[0].place.code, *sorted(values[1:], reverse=True)] == ["", *values[1:]]
    assert [figure.place.code for figure in places_sorted(line, "-name")] == ["", "92", "91", "90"]
    page = text_of(office.get(reverse("nation"), {"indicator": "D1"}))
    assert "Mỗi tỉnh đếm mỗi người một lần" in page
    assert 'aria-sort="descending"' in text_of(office.get(reverse("nation"), {"indicator": "F1", "sort": "-value"}))


def test_the_matrix_sorts_by_the_column_of_a_province(nation: None) -> None:
    """What has no number there stands last, in either direction."""
    seen = nation_of("2023-07")
    for sort in ("91", "-91", "VN"):
        column = [place.code or "VN" for place in seen.places].index(sort.removeprefix("-"))
        found = [line.figures[column].row.number() for line in seen.sorted_by(sort)]
        known = [value for value in found if value is not None]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert found[len(known) :] == [None] * (len(found) - len(known))


def test_a_figure_shows_its_facts_seal_and_districts(nation: None, office: Client) -> None:
    """The sums behind it add up to it; of people counted once the page says why there is nothing to list."""
    content = form.content_of(form.opened(packets()[0]))
    figure = next(f for f in content.figures if (f.code, f.area) == ("F2", "90"))
    page = text_of(office.get(reverse("nation-figure", args=["2023-07", "90", "F2"])))
    assert content.seal.hash in page
    assert figure.key in page
    assert "Huyện 901" in page
    assert "Số liệu gốc trong gói" in page
    assert "không mang dữ liệu từng người" in text_of(
        office.get(reverse("nation-figure", args=["2023-07", "90", "D1"]))
    )
    assert "Huyện 901" in text_of(office.get(reverse("nation-figure", args=["2023-07", "90", "F2"]), {"area": "901"}))
    assert "Sở A" in text_of(office.get(reverse("nation-figure", args=["2023-07", "90", "F2"]), {"unit": "so-a"}))
    for wrong in ({"area": "nowhere"}, {"unit": "nobody"}):
        assert office.get(reverse("nation-figure", args=["2023-07", "90", "F2"]), wrong).status_code == 404
    assert office.get(reverse("nation-figure", args=["2023-07", "90", "X"])).status_code == 404
    assert office.get(reverse("nation-figure", args=["2023-08", "90", "F2"])).status_code == 404


def test_a_packet_shows_its_checks_and_what_it_replaced(nation: None, office: Client) -> None:
    other = made_up.packet_of(made_up.make_province("90", seed=99, size=60))
    load_packet(content=other, at=AT, by=None, replace="Tỉnh gửi lại")
    page = text_of(office.get(reverse("nation-packet", args=["2023-07", "90"])))
    assert "Tính lại từ số liệu gốc ra đúng các con số" in page
    assert "Tỉnh gửi lại" in page
    assert form.opened(packets()[0]).sha256 in page
    assert office.get(reverse("nation-packet", args=["2023-07", "99"])).status_code == 404


def test_the_workbook_has_each_figure_with_its_key_and_seal(nation: None, office: Client) -> None:
    """The matrix as on screen, and a line for each figure; made-up data says so."""
    book = openpyxl.load_workbook(io.BytesIO(office.get(reverse("nation-workbook")).content))
    matrix, each = book.worksheets
    assert [cell.value for cell in matrix[5]][:4] == ["Mã", "Chỉ tiêu", "Cả nước", "Tỉnh 90"]
    assert matrix["A3"].value == "Số liệu giả định, không phải báo cáo thật"
    rows = list(each.iter_rows(min_row=6, values_only=True))
    assert len(rows) == 6 * 4
    assert rows[1][11] == "k90:F1:90:-:2023-07:1"
    assert rows[1][12] == form.opened(packets()[0]).about.seal_hash
    narrowed = openpyxl.load_workbook(io.BytesIO(office.get(reverse("nation-workbook"), {"indicator": "F1"}).content))
    assert narrowed.worksheets[1].max_row == 5 + 4


def test_a_quarter_is_offered_and_opened_down_to_its_months(nation: None, office: Client) -> None:
    """
    Tỉnh 90 has all three months: the quarter is of it alone, the others are named with the reason; each number opens to the three
    signed months; people counted once have none. The file has the same figures, with the three seals.
    """
    province = made_up.lasting(PROVINCES[0], seed=8, size=40)
    for month in made_up.MONTHS[1:]:
        load_packet(content=made_up.packet_of(province, month), at=AT, by=None)
    assert '<option value="2023-Q3">quý 3/2023</option>' in text_of(office.get(reverse("nation")))
    page = text_of(office.get(reverse("nation"), {"period": "2023-Q3"}))
    assert "của <b>1 tỉnh</b>" in page
    assert "Không tính <b>Tỉnh 91</b>: chưa đủ gói của mọi tháng." in page
    assert "không cộng các tháng" in page
    (quarter,) = nation_of("2023-Q3").line("F2").figures[1:]
    months = [nation_of(month.code).line("F2").figures[1].row.numerator for month in made_up.MONTHS]
    assert quarter.row.numerator == sum(months)
    figure = reverse("nation-figure", args=["2023-Q3", "90", "F2"])
    assert figure in page
    opened = text_of(office.get(figure))
    assert "Số phát sinh của các tháng cộng lại." in opened
    for month in made_up.MONTHS:
        assert reverse("nation-figure", args=[month.code, "90", "F2"]) in opened
    assert "mỗi tháng đếm mỗi người một lần" in text_of(
        office.get(reverse("nation-figure", args=["2023-Q3", "90", "D1"]))
    )
    assert office.get(reverse("nation-figure", args=["2023-Q3", "91", "F2"])).status_code == 404
    answer = office.get(reverse("nation-workbook"), {"period": "2023-Q3"})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[1].iter_rows(values_only=True))
    (row,) = [row for row in rows if row[0] == "F2" and row[2] == "Tỉnh 90"]
    assert row[4] == sum(months)
    assert len(row[12].split()) == 3
    assert office.get(reverse("nation"), {"period": "2023-Q2"}).status_code == 404


def test_the_list_asks_the_database_as_often_for_many_provinces(
    nation: None, office: Client, django_assert_max_num_queries: Any
) -> None:
    """Once warm, whatever the number of packets: the roll-up is kept."""
    office.get(reverse("nation"))
    with django_assert_max_num_queries(16):
        office.get(reverse("nation"))
