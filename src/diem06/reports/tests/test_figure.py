"""Facts about the page of a figure and what it lists."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from diem06.core.organisation.actions import add_person
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import issue_revision
from diem06.cube.behind import Behind, Choice, FactRow
from diem06.cube.board import PartValue
from diem06.cube.engine.sketch import STANDARD_ERROR
from diem06.cube.figures import Figure, board
from diem06.cube.tests.by_row import Explanation, explain
from diem06.reports.actions import Entry, save_values
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.screens.beside import approximate_words, beside_of, short_words
from diem06.reports.screens.places import value_words
from diem06.reports.screens.unit_kinds import by_unit_kind
from diem06.reports.screens.workbooks import figure_cells, figure_head
from diem06.reports.tests.factories import AT, UNIT, of_unit, person_of, seen, whole_province

pytestmark = pytest.mark.django_db


def url(key: str) -> str:
    return reverse("figure", args=[key])


def sums(explanation: Explanation) -> list[tuple[int | None, int | None]]:
    """Numerator and denominator of each part, as the listed facts add up; None where none is listed."""
    found = []
    for part in range(len(explanation.formulas)):
        sides = []
        for side in ("num", "den"):
            facts = [fact for fact in explanation.facts if (fact.part, fact.side) == (part, side)]
            sides.append(sum(fact.sign * fact.value for fact in facts) if facts else None)
        found.append((sides[0], sides[1]))
    return found


def test_what_is_listed_adds_up_to_the_figure(loaded: Loaded) -> None:
    """
    Of every line, for the province, a district, a commune and two units: in a month with a missing unit, with values
    that lack a partner, with readings in parts, with declared distinct counts.
    """
    here = board(loaded, "2023-09")
    checked = 0
    for code in here.lines:
        where: list[dict[str, str]] = [{}]
        where += [{"area": area.code} for level in ("district", "commune") for area in here.areas(code, level)[:1]]
        where += [{"unit": unit} for unit in here.owners(code)[:2]]
        for cell in where:
            figure = here.figure(code, **cell)
            found = sums(explain(loaded, figure.key))
            wanted = [(part.numerator, part.denominator) for part in figure.parts] or [
                (figure.numerator, figure.denominator)
            ]
            for (numerator, denominator), (num, den) in zip(wanted, found, strict=True):
                assert numerator is None or numerator == (num or 0), figure.key
                assert denominator is None or denominator == (den or 0), figure.key
            checked += 1
    assert checked > 180


def test_facts_come_a_hundred_a_page_by_unit(loaded: Loaded) -> None:
    """P1 of the province rests on 420 values: five pages, each value with its area, day and the person's page."""
    key = board(loaded, "2023-09").figure("P1").key
    client = whole_province()
    first = client.get(url(key)).content.decode()
    last = client.get(f"{url(key)}?page=5").content.decode()
    assert "1 đến 100 trong 420" in first
    assert "401 đến 420 trong 420" in last
    assert first.count('scope="rowgroup"') >= 2
    assert 'href="/my-work/2023-09/ubnd-luc-ngan/"' in first
    assert "Loại điểm: Bộ phận một cửa" in first


def test_the_totals_on_the_page_are_the_figure(loaded: Loaded) -> None:
    """Numerator and denominator in the head and in the sum are the same numbers."""
    figure = board(loaded, "2023-09").figure("P4")
    text = whole_province().get(url(figure.key)).content.decode()
    table = text.split("<h2>Cộng lại</h2>")[1].split("</table>")[0]
    assert [int(number.replace(".", "")) for number in re.findall(r'class="num val">([\d.]+)<', table)] == [
        figure.numerator,
        figure.denominator,
    ]


def test_a_unit_opens_the_figures_of_itself_and_its_area_only(loaded: Loaded) -> None:
    """Its own, of the district where it lies, of a commune there: 200. Another unit's or district's, the province's: 403."""
    here = board(loaded, "2023-09")
    client = of_unit()
    own = here.units[UNIT].area
    commune = here.tree.descendants(own, "commune")[0].code
    assert client.get(url(here.figure("P1", unit=UNIT).key)).status_code == 200
    assert client.get(url(here.figure("P1", area=own).key)).status_code == 200
    assert client.get(url(here.figure("P1", area=commune).key)).status_code == 200
    assert client.get(url(here.figure("P1", unit="ubnd-luc-ngan").key)).status_code == 403
    assert client.get(url(here.figure("P1", area="219").key)).status_code == 403
    assert client.get(url(here.figure("P1").key)).status_code == 403


def test_who_typed_for_another_unit_is_not_named_to_a_district(loaded: Loaded) -> None:
    """P8 of a district is counted by the police: the district's people see the numbers and no name of another unit's person."""
    key = board(loaded, "2023-09").figure("P8", area=board(loaded, "2023-09").units[UNIT].area).key
    text = of_unit().get(url(key)).content.decode()
    assert "Công an tỉnh" in text
    assert 'href="/units/cong-an-tinh/' not in text
    assert 'href="/my-work/2023-09/cong-an-tinh/"' not in text


@pytest.mark.parametrize(
    "key",
    ["x", "bg23:P1:24:-:2023-09:77", "bg23:P77:24:-:2023-09:1", "bg23:P1:99:-:2023-09:1", "zz:P1:24:-:2023-09:1",
     "bg23:P1:24:-:2022-01:1", "bg23:P1:-:nobody:2023-09:1"],
)  # fmt: skip
def test_a_key_that_means_nothing_is_not_found(loaded: Loaded, key: str) -> None:
    """A malformed key, a revision never handed out, an unknown indicator, area, unit, plan or period: 404."""
    assert whole_province().get(url(key)).status_code == 404


def test_an_earlier_revision_still_opens_to_what_it_said(loaded: Loaded) -> None:
    """After a correction the old key shows the old value and says that it is an earlier revision."""
    window = board(loaded, "2023-09").window
    issue_revision(loaded=loaded, window=window, at=AT)
    old = board(loaded, "2023-09").figure("P4")
    value = DeclaredValue.objects.current().filter(
        period__code="2023-09", unit="so-tttt", measure="service_points_guiding"
    )
    row = value.filter(value__gt=0).order_by("pk")[0]
    report = Report.objects.get(period__code="2023-09", unit="so-tttt")
    cell = Cell(
        measure=row.measure, dimensions=row.dimensions, area=row.area, area_valid_from=row.area_valid_from,
        unit=row.unit, day=row.day,
    )  # fmt: skip
    entries = [Entry(cell=cell, value=0)]
    save_values(report=report, plan=loaded.plan, entries=entries, at=AT.replace(hour=10), by=None)
    new = board(loaded, "2023-09").figure("P4")
    assert new.numerator == old.numerator - row.value
    client = whole_province()
    before = client.get(url(old.key)).content.decode()
    assert "bản trước, như đã phát hành" in before
    assert f"{old.numerator} / " in before.replace("\n", " ")
    after = client.get(url(new.key)).content.decode()
    assert "bản hiện nay" in after
    assert "2 lần ghi" in after
    versions = after.split('class="versions"')[1].split("</details>")[0]
    assert versions.index("Lần 2: <b>0</b>") < versions.index(f"Lần 1: <b>{row.value}</b>")
    assert "đã thay" in versions.split("Lần 1")[1]


def test_a_page_of_facts_asks_the_database_a_fixed_number_of_times(
    loaded: Loaded, django_assert_max_num_queries: Any
) -> None:
    """A hundred facts are read with their records at once."""
    client = whole_province()
    key = board(loaded, "2023-09").figure("P1").key
    client.get(url(key))
    with django_assert_max_num_queries(31):
        client.get(url(key))


# -- narrowed and ordered ------------------------------------------------------------------------------------------------
def of_record(fact: FactRow) -> tuple[object, ...]:
    return fact.part, fact.side, fact.source, fact.measure, fact.area, fact.unit, fact.dimensions, fact.record


def test_what_is_read_by_pages_is_what_is_explained_row_by_row(loaded: Loaded) -> None:
    """The same facts, and the same sums, of a count, a share, readings in parts, persons; of areas and units."""
    here = board(loaded, "2023-09")
    for code, cell in (
        ("P1", {}), ("P4", {"area": "219"}), ("P9", {"area": "216"}), ("M7.2", {}), ("M7.3", {"area": "213"}),
        ("P1", {"unit": UNIT}), ("M1.1", {}), ("P12", {}),
    ):  # fmt: skip
        key = here.figure(code, **cell).key
        explanation = explain(loaded, key)
        with Behind(loaded, key) as behind:
            rows = behind.rows(Choice(), limit=10_000)
            assert sorted(rows, key=of_record) == sorted(explanation.facts, key=of_record), key
            assert [each.facts for each in behind.sums()] == [
                sum((fact.part, fact.side) == (each.part, each.side) for fact in explanation.facts)
                for each in behind.sums()
            ]


def test_the_list_narrows_by_words_without_accents_by_area_and_side(loaded: Loaded) -> None:
    """«luc ngan» leaves what lies in or comes from Lục Ngạn; with the numerator alone it is half; sums go with it."""
    here = board(loaded, "2023-09")
    key, whole = here.figure("P1").key, here.figure("P1", area="219")
    client = whole_province()
    both = client.get(f"{url(key)}?q=luc+ngan").content.decode()
    half = client.get(f"{url(key)}?q=L%E1%BB%A5c+Ng%E1%BA%A1n&side=num").content.decode()
    by_area = client.get(f"{url(key)}?area=219").content.decode()
    assert f"Tử số {whole.numerator} · Mẫu số {whole.denominator}" in both
    assert f"Tử số {whole.numerator} · Mẫu số {whole.denominator}" in by_area
    assert f"Tử số {whole.numerator}</p>" in half
    assert "Không có kết quả phù hợp" in client.get(f"{url(key)}?q=khong-co-gi").content.decode()


def test_the_list_is_ordered_by_a_column_and_pages_keep_it(loaded: Loaded) -> None:
    """The largest first, with a column of units; the next page goes on under the same choice."""
    key = board(loaded, "2023-09").figure("P1").key
    text = whole_province().get(f"{url(key)}?sort=-value&side=den").content.decode()
    values = [int(each) for each in re.findall(r'class="num val">(\d+)</td><td class="nw">', text)]
    assert len(values) == 100
    assert values == sorted(values, reverse=True)
    assert 'aria-sort="descending"' in text
    assert "sort=-value&amp;side=den&amp;page=2" in text
    assert 'scope="rowgroup"' not in text


def rows_of(content: bytes) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    head: dict[str, Any] = {str(row[0]): row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    return head, list(book.worksheets[1].iter_rows(min_row=6, values_only=True))


def test_the_excel_file_has_the_rows_of_the_page_under_its_choice(loaded: Loaded) -> None:
    """420 rows in all; of Lục Ngạn's numerator as many as the page says; sums on the head sheet are the figure."""
    figure = board(loaded, "2023-09").figure("P1")
    client = whole_province()
    head, rows = rows_of(client.get(f"{url(figure.key)}workbook.xlsx").content)
    assert len(rows) == head["Số dòng trong tệp"] == 420
    assert (head["Cộng, Tử số"], head["Cộng, Mẫu số"]) == (figure.numerator, figure.denominator)
    assert head["Mã số liệu"] == figure.key
    assert sum(row[6] for row in rows if row[3] == "Tử số") == figure.numerator
    head, rows = rows_of(client.get(f"{url(figure.key)}workbook.xlsx?q=luc+ngan&side=num").content)
    assert {row[3] for row in rows} == {"Tử số"}
    assert sum(row[6] for row in rows) == board(loaded, "2023-09").figure("P1", area="219").numerator


def test_the_excel_file_says_no_more_than_the_page_may(loaded: Loaded) -> None:
    """A district's people find in the file of P8 the police's numbers and not who typed them; the province's file is refused."""
    here = board(loaded, "2023-09")
    key = here.figure("P8", area=here.units[UNIT].area).key
    who = add_person(username="nguoi-nhap", full_name="Trần Thị Nhập", password="rất-dài-để-thử-4711")
    DeclaredValue.objects.current().filter(measure="residents_with_chip_card").update(recorded_by=who)
    _head, rows = rows_of(of_unit().get(f"{url(key)}workbook.xlsx").content)
    assert rows
    assert not any(row[9] for row in rows)
    _head, rows = rows_of(whole_province().get(f"{url(key)}workbook.xlsx").content)
    assert "Trần Thị Nhập" in {row[9] for row in rows}
    assert of_unit().get(f"{url(here.figure('P8').key)}workbook.xlsx").status_code == 403


def test_words_that_look_like_a_formula_stay_words(loaded: Loaded) -> None:
    """The note is in the file as it was typed, and the file holds no formula at all."""
    here = board(loaded, "2023-09")
    key = here.figure("P8", area=here.units[UNIT].area).key
    DeclaredValue.objects.current().filter(measure="residents_with_chip_card").update(note="=HYPERLINK(1)")
    content = whole_province().get(f"{url(key)}workbook.xlsx").content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "=HYPERLINK(1)" in sheet
    assert "<f>" not in sheet


def test_a_file_that_would_be_too_long_is_not_begun(loaded: Loaded, monkeypatch: Any) -> None:
    """The page says so instead of the button; who asks all the same is sent back with the reason."""
    monkeypatch.setattr("diem06.reports.screens.figure.EXPORTED_AT_MOST", 100)
    key = board(loaded, "2023-09").figure("P1").key
    client = whole_province()
    assert f"{key}/workbook.xlsx" not in client.get(url(key)).content.decode()
    sent = client.get(f"{url(key)}workbook.xlsx?sort=day", follow=True)
    assert sent.redirect_chain[0][0] == f"{url(key)}?sort=day#facts"
    assert "Lọc bớt rồi tải" in sent.content.decode()


# -- two sources, estimates ----------------------------------------------------------------------------------------------
def figure_of(**changed: Any) -> Figure:
    """A count of 1,234 that records gave."""
    given: dict[str, Any] = {
        "key": "bg23:X1:24:-:2023-09:1", "plan": "p", "indicator": "X1", "reading": None, "area": None, "unit": None,
        "period": "2023-09", "revision": 1, "first_day": date(2023, 8, 15), "last_day": date(2023, 9, 14),
        "numerator": Decimal(1234), "denominator": None, "value": Decimal(1234), "target": None, "deadline": None,
        "gap": None, "grade": "evidenced", "shares": {"evidenced": Decimal(1)}, "standing": "no_target", "expected": 0,
        "reported": 0, "missing": (), "is_ratio": False, "beside": (("num", "declared", 1300),),
    }  # fmt: skip
    return Figure(**{**given, **changed})


def test_both_sources_are_shown_with_the_difference() -> None:
    (both,) = beside_of(figure_of())
    assert both.words == "Bản ghi gốc: 1.234 · Đơn vị báo: 1.300 · chênh 66 (5,3%)"
    assert short_words(figure_of()) == "đơn vị báo 1.300, chênh 66 (5,3%)"


def test_sources_that_agree_say_so_and_one_alone_says_nothing() -> None:
    assert beside_of(figure_of(beside=(("num", "declared", 1234),)))[0].difference_words == "hai nguồn như nhau"
    assert beside_of(figure_of(beside=())) == ()
    assert short_words(figure_of(beside=())) == ""


def test_the_shares_of_two_sources_stand_beside_each_other() -> None:
    """1,234 of 2,000 are 61.7%; 1,300 of 2,000 by what units report, 65%."""
    share = figure_of(
        denominator=Decimal(2000), value=Decimal(1234) / 2000, is_ratio=True,
        beside=(("num", "declared", 1300), ("den", "declared", 2000)),
    )  # fmt: skip
    assert short_words(share) == "đơn vị báo 65,0%, lệch 3,3 điểm"


def in_parts(**changed: Any) -> Figure:
    """Two parts, 40 of 100 and 90 of 100; units say 45 of 90 of the first, 80 and no whole of the second."""
    first = PartValue(
        numerator=Decimal(40), denominator=Decimal(100), beside=(("num", "declared", 45), ("den", "declared", 90))
    )
    second = PartValue(numerator=Decimal(90), denominator=Decimal(100), beside=(("num", "declared", 80),))
    return figure_of(
        numerator=Decimal(40), denominator=Decimal(100), value=Decimal("0.4"), is_ratio=True, parts=(first, second),
        beside=first.beside, **changed,
    )  # fmt: skip


def test_each_part_of_a_reading_stands_beside_what_another_source_says_of_it() -> None:
    """Never a sum of parts: the lowest part is the figure, so a line of a table compares that one, and names it."""
    found = beside_of(in_parts())
    assert [(each.side_code, each.counted, each.says, each.difference) for each in found] == [
        ("num-1", 40, 45, 5), ("den-1", 100, 90, -10), ("num-2", 90, 80, -10),
    ]  # fmt: skip
    assert [each.words for each in found] == [
        "Bản ghi gốc: 40 · Đơn vị báo: 45 · chênh 5 (12,5%)",
        "Bản ghi gốc: 100 · Đơn vị báo: 90 · chênh 10 (10,0%)",
        "Số được tính: 90 · Đơn vị báo: 80 · chênh 10 (11,1%)",
    ]
    assert found[2].side_words == "Tử số, phần 2"
    assert short_words(in_parts()) == "phần 1: đơn vị báo 50,0%, lệch 10,0 điểm"
    assert in_parts().sources_beside == {"declared"}


def test_one_side_of_one_part_is_named_once() -> None:
    """A part of which another source says the numerator alone: the line compares that number."""
    figure = in_parts(period="2023-10")
    lowest = replace(figure, numerator=Decimal(90), value=Decimal("0.9"), parts=figure.parts[1:] + figure.parts[:1])
    assert short_words(lowest) == "tử số, phần 1: đơn vị báo 80, chênh 10 (11,1%)"


def test_the_facts_of_one_part_are_listed_alone(loaded: Loaded) -> None:
    """P3b is read by three kinds of points: `?side=num-2` lists the second numerator, and nothing but it; `num` names none."""
    figure = board(loaded, "2023-09").figure("P3b")
    client = whole_province()
    text = client.get(f"{url(figure.key)}?side=num-2").content.decode()
    assert f"Tử số, phần 2 {figure.parts[1].numerator}</p>" in text
    assert '<option value="den-3">Mẫu số, phần 3</option>' in text
    assert "Tử số, phần 1" not in text.split('id="facts-list"')[1]
    head, _rows = rows_of(client.get(f"{url(figure.key)}workbook.xlsx?side=den-3").content)
    assert head["Đang lọc: Cộng, Mẫu số, phần 3"] == figure.parts[2].denominator


def test_an_estimate_is_marked_in_words_on_screen_and_in_excel() -> None:
    """Its error is that of the engine's sketch; what was counted exactly has no such mark."""
    estimate = figure_of(is_approximate=True)
    assert approximate_words() == "ước lượng, sai số khoảng ±1,6%"
    assert round(STANDARD_ERROR, 3) == 0.016
    assert value_words(estimate) == "≈ 1.234"
    cells = dict(zip(figure_head(), figure_cells(estimate, "người", "no_target"), strict=True))
    assert cells["Cách đếm"] == approximate_words()
    exact = dict(zip(figure_head(), figure_cells(figure_of(), "người", "no_target"), strict=True))
    assert exact["Cách đếm"] == ""
    assert exact["Nguồn khác"] == "Giá trị: Bản ghi gốc: 1.234 · Đơn vị báo: 1.300 · chênh 66 (5,3%)"


# -- by kind of unit -----------------------------------------------------------------------------------------------------
def test_kinds_of_units_add_up_to_the_line_and_lead_to_their_units(loaded: Loaded) -> None:
    """P19 rests on departments, districts, the police: their sums are the province's, the list behind each has so many units."""
    outlook = seen()
    kinds = by_unit_kind(outlook, "P19")
    whole = outlook.figure("P19")
    assert {row.kind for row in kinds} >= {"department", "district_committee", "police"}
    assert sum(row.numerator for row in kinds) == whole.numerator
    assert sum(row.denominator or 0 for row in kinds) == whole.denominator
    client = whole_province()
    assert (
        'href="/units/?period=2023-09&amp;kind=police"'
        in client.get("/indicators/P19/?period=2023-09").content.decode()
    )
    for row in kinds:
        text = client.get(f"/units/?period=2023-09&kind={row.kind}").content.decode()
        assert f">{row.reporting} kết quả<" in text, row.kind


def test_one_kind_alone_and_who_sees_one_unit_have_no_such_table(loaded: Loaded) -> None:
    assert by_unit_kind(seen(), "P9") == ()
    assert by_unit_kind(seen(person_of(UNIT)), "P19") == ()
