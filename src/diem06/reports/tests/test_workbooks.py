"""Facts about Excel files as an official opens and prints them: page, heads, numbers, days, and that no word is cut."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from diem06.core.plans.queries import Loaded
from diem06.cube.figures import board
from diem06.reports.screens.workbooks import MADE_UP, UNPRINTED, Moment, Share, Sheet, figure_head, written
from diem06.reports.tests.factories import UNIT, whole_province
from diem06.reports.word.annex import communes

PERIOD = "2023-09"
LONG = "Tỷ lệ cán bộ, công chức, viên chức tại bộ phận một cửa các cấp được tập huấn và thực hiện đầy đủ"
HEAD = ("Chỉ tiêu", "Giá trị", "Số đếm", "Ngày", "Lúc", "Thiếu", "Mã")


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_of(**changed: Any) -> Any:
    cells = (
        *(LONG, Share(value=Decimal("0.664")), 1234567, date(2023, 9, 14)),
        *(Moment(at=datetime(2023, 9, 14, 2, 5, tzinfo=UTC)), None, "bg23:P1"),
    )
    given: dict[str, Any] = {
        "name": "Thử", "lines": ("Tên bảng", "Kỳ 9/2023"), "head": HEAD, "rows": [cells, cells],
        "widths": (30, 9, 12, 12, 18, 9, 34),
    }  # fmt: skip
    return book_of(written([Sheet(**{**given, **changed})], is_made_up=True, is_long=True)).worksheets[0]


def test_numbers_are_numbers_and_days_are_days_in_the_form_of_vietnam() -> None:
    """A share is a number between 0 and 1, shown as a percentage; thousands are set apart; a moment is that of the province."""
    share, count, day, moment, none = list(next(sheet_of().iter_rows(min_row=6)))[1:6]
    assert (share.value, share.number_format) == (0.664, "[$-42A]0.0%_)")
    assert (count.value, count.number_format) == (1234567, "[$-42A]#,##0_)")
    assert (day.value, day.number_format) == (datetime(2023, 9, 14), "dd/mm/yyyy_)")  # noqa: DTZ001  Excel has no zones
    assert (moment.value, moment.number_format) == (datetime(2023, 9, 14, 9, 5), "hh:mm dd/mm/yyyy_)")  # noqa: DTZ001
    assert (none.value, none.alignment.horizontal) == ("—", "center")


@pytest.mark.parametrize("is_made_up", [True, False])
def test_a_page_is_a4_landscape_with_its_head_repeated_and_pages_numbered(is_made_up: bool) -> None:
    """As wide as the paper and as long as it takes; made-up numbers say so at the foot of each page."""
    rows = [("a",)] * 3
    book = book_of(
        written([Sheet(name="x", lines=("Tên",), head=("Cột",), rows=rows, widths=(20,))], is_made_up=is_made_up)
    )
    page = book.worksheets[0]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.page_setup.fitToHeight == 0
    assert page.sheet_properties.pageSetUpPr.fitToPage
    head = 4 if is_made_up else 3
    assert page.print_title_rows == f"${head}:${head}"
    assert page.freeze_panes == f"A{head + 1}"
    assert page.oddFooter.right.text == "&P/&N"
    assert (page.oddFooter.left.text or "") == (MADE_UP if is_made_up else "")


def test_a_row_is_as_high_as_its_words_need() -> None:
    """97 letters in a column of 30 take three lines; a title wider than the table takes two; a short row takes one."""
    page = sheet_of(lines=("Bảng " * 30, "Kỳ 9/2023"))
    assert page.row_dimensions[6].height >= 3 * 15
    assert page.row_dimensions[1].height > 15 * 1.3
    assert page.row_dimensions[2].height is None  # that of one line
    assert {str(each) for each in page.merged_cells.ranges} == {"A1:G1", "A2:G2", "A3:G3"}
    assert sheet_of(rows=[("a", None)]).row_dimensions[6].height is None


def test_columns_stay_on_screen_and_technical_ones_are_not_printed() -> None:
    page = sheet_of(frozen=1, unprinted=1)
    assert page.freeze_panes == "B6"
    assert page.print_area == "'Thử'!$A$1:$F$7"


def test_what_is_said_of_one_thing_stands_at_the_left() -> None:
    """A sheet of names and contents is read down: numbers begin where words do."""
    page = sheet_of(is_record=True)
    assert {cell.alignment.horizontal for cell in next(page.iter_rows(min_row=6))} == {"left"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words"),
    [("dashboard-workbook", ()), ("indicator-workbook", ("P1",)), ("areas-workbook", ()), ("area-workbook", ("219",)),
     ("units-workbook", ()), ("unit-workbook", (UNIT,))],
)  # fmt: skip
def test_every_table_is_ready_for_the_printer(loaded: Loaded, name: str, words: tuple[str, ...]) -> None:
    """
    The width of what is printed is at most 270 characters, some 55% of their size on A4; no column is without a width; the period
    stands above the table; figures end with what is not printed.
    """
    answer = whole_province().get(reverse(name, args=words), {"period": PERIOD})
    assert answer.status_code == 200
    for page in book_of(answer.content).worksheets:
        head = [cell.value for cell in page[int(page.print_title_rows.split("$")[-1])] if cell.value]
        last = page.print_area.split("$")[3]
        printed = openpyxl.utils.column_index_from_string(last)
        assert len(head) - printed in (0, UNPRINTED)
        assert head[printed:] == list(figure_head()[-UNPRINTED:] if printed < len(head) else ())
        widths = [page.column_dimensions[openpyxl.utils.get_column_letter(n + 1)].width for n in range(len(head))]
        assert all(width for width in widths)
        assert sum(widths[:printed]) <= 270, page.title
        assert page["A2"].value.startswith("Kỳ 15/08/2023 đến hết 14/09/2023")


@pytest.mark.django_db
def test_the_facts_of_a_figure_say_of_whom_and_when_on_both_sheets(loaded: Loaded) -> None:
    key = board(loaded, PERIOD).figure("P1").key
    head, facts = book_of(whole_province().get(reverse("figure-workbook", args=[key])).content).worksheets
    for page in (head, facts):
        assert page["A2"].value.startswith("Tỉnh Bắc Giang, kỳ 9/2023, 15/08/2023 đến hết 14/09/2023")
        assert page["A3"].value == MADE_UP
    assert facts.freeze_panes == "B6"
    assert facts["H6"].number_format == "dd/mm/yyyy_)"
    assert isinstance(facts["G6"].value, int)


@pytest.mark.django_db
def test_the_annex_of_communes_looks_as_other_files_do(loaded: Loaded) -> None:
    """The key of a figure stays off the paper; a long name of an indicator takes the lines that it needs."""
    page = book_of(communes(loaded, board(loaded, PERIOD), revision=1)).active
    assert page.print_title_rows == "$5:$5"
    assert page.freeze_panes == "C6"
    assert page.print_area.startswith("'Cấp xã'!$A$1:$L$")
    assert page.oddFooter.left.text.endswith(MADE_UP)
    longest = max(range(6, 200), key=lambda row: len(page.cell(row, 2).value))
    assert page.row_dimensions[longest].height >= 15 * (len(page.cell(longest, 2).value) // 58)
    assert page.cell(6, 8).number_format in {"[$-42A]0.0%_)", "General"}
