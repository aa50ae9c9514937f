"""Facts about the Excel template of a unit's report and its upload."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from diem06.core.access import Role
from diem06.core.audit.models import Entry as AuditEntry
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.plan.reader import bundle_path
from diem06.reports import actions
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import DeclaredValue, Heading, Narrative, Report
from diem06.reports.tests.test_entry import NOW, UNIT, own, person, reporter, world

__all__ = ["reporter", "world"]


def template(client: Client, report: Report) -> openpyxl.Workbook:
    answer = client.get(reverse("entry-template", args=(report.period.code, report.unit)))
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def content_of(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def send(client: Client, report: Report, content: bytes | openpyxl.Workbook, *, to: str = UNIT) -> Any:
    content = content if isinstance(content, bytes) else content_of(content)
    file = SimpleUploadedFile("mau.xlsx", content)
    return client.post(reverse("entry-upload", args=(report.period.code, to)), {"file": file})


def list_page(book: openpyxl.Workbook) -> Worksheet:
    return book["A. Số liệu của đơn vị"]


def row_of(page: Worksheet, key: str) -> int:
    return next(row for row in range(2, page.max_row + 1) if page.cell(row=row, column=1).value == key)


def column_of(page: Worksheet, key: str) -> int:
    return next(column for column in range(2, page.max_column + 1) if page.cell(row=1, column=column).value == key)


def put(book: openpyxl.Workbook, name: str, value: object, *, font: str = "", column: str = "value") -> str:
    """Write into the input of a cell; return its coordinate."""
    page = list_page(book)
    cell = page.cell(row=row_of(page, name), column=column_of(page, column))
    cell.value = value
    if font:
        cell.font = Font(name=font)
    return cell.coordinate


def put_words(book: openpyxl.Workbook, heading: Heading, text: str, font: str = "Times New Roman") -> None:
    page = book["D. Lời văn"]
    cell = page.cell(row=row_of(page, f"n|{heading.value}"), column=column_of(page, "text"))
    cell.value, cell.font = text, Font(name=font)


def test_every_owed_cell_has_its_input(reporter: Client, world: Report) -> None:
    """The template asks for each cell once: lists by unit, matrices by commune, and a line for each heading."""
    book = template(reporter, world)
    asked = []
    for page in book.worksheets:
        if page.title == "_meta":
            continue
        for row in range(2, page.max_row + 1):
            key = page.cell(row=row, column=1).value
            for column in range(2, page.max_column + 1):
                head = page.cell(row=1, column=column).value
                if key and head and not page.cell(row=row, column=column).protection.locked:
                    asked.append((key, head))
    names = set()
    for key, head in asked:
        if head == "value":
            names.add(key)
        elif head not in ("note", "text"):
            measure, dimensions, day = head.split("|")
            names.add(f"v|{measure}|{dimensions}|{key}|{day}")
    assert names == set(owed_cells(world, loaded_plan().plan))
    assert sum(head == "text" for _, head in asked) == len(Heading)


def test_the_template_says_that_its_figures_are_made_up(reporter: Client, world: Report) -> None:
    """Each sheet that is shown carries the line."""
    for page in template(reporter, world).worksheets:
        if page.sheet_state == "visible":
            words = [str(cell.value) for row in page.iter_rows(max_row=8) for cell in row if cell.value]
            assert "Số liệu giả định, không phải báo cáo thật" in words


def test_dated_cells_have_a_sheet_of_their_own(world: Report) -> None:
    """The police owe the values of 31/7 once, in the period that the day lies in."""
    later = NOW.replace(month=8)
    load_plan(folder=bundle_path("bac-giang-2023"), at=later, is_made_up=True)
    august = period(loaded_plan().plan, "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=loaded_plan().plan, at=later)
    client = Client()
    client.force_login(person("canh", Role.UNIT_REPORTER, "cong-an-tinh"))
    book = template(client, Report.objects.get(period=august, unit="cong-an-tinh"))
    (title,) = [name for name in book.sheetnames if name.startswith("C.")]
    assert title == "C. Tại thời hạn 31-07-2023"
    heads = [str(cell.value) for cell in book[title][1] if cell.value]
    assert heads
    assert all(head.endswith("|2023-07-31") for head in heads)


def test_a_filled_template_is_loaded_and_counted(reporter: Client, world: Report) -> None:
    """Numbers, notes and words come in as one action; the page says what was new; the trail says that a sheet brought it."""
    name = own(world, "workforce_members")
    book = template(reporter, world)
    put(book, name, 1200)
    put(book, name, "theo sổ", column="note")
    matrix = book["B. Theo xã, phường, thị trấn"]
    inputs = [cell for cell in matrix[matrix.max_row] if not cell.protection.locked]
    inputs[0].value = 5
    put_words(book, Heading.GOOD, "Nhiều ưu điểm")
    answer = send(reporter, world, book)
    assert answer.status_code == 302, answer.content.decode()
    page = reporter.get(answer["Location"]).content.decode()
    assert "2 ô mới, 0 ô đổi, 0 ô xóa, 0 ô giữ nguyên, 1 mục lời văn" in page
    assert sorted((v.value, v.note) for v in DeclaredValue.objects.current()) == [(5, ""), (1200, "theo sổ")]
    assert Narrative.objects.get().text == "Nhiều ưu điểm"
    assert AuditEntry.objects.get(action="report.values").details["way"] == "sheet"


def test_the_same_file_twice_changes_nothing(reporter: Client, world: Report) -> None:
    """A second upload is told as such; no new version, no new line in the trail."""
    book = template(reporter, world)
    put(book, own(world, "workforce_members"), 1200)
    put_words(book, Heading.GOOD, "Nhiều ưu điểm")
    content = content_of(book)
    send(reporter, world, content)
    lines = AuditEntry.objects.count()
    answer = send(reporter, world, content)
    assert "không có gì mới: 1 ô giữ nguyên" in reporter.get(answer["Location"]).content.decode()
    assert (DeclaredValue.objects.count(), AuditEntry.objects.count()) == (1, lines)
    assert Narrative.objects.get().version == 1


WRONG = [
    ("12a", "", "«12a» không phải số"),
    ("1234", "", "là chữ, không phải số"),
    ("1.234", "", "là chữ, không phải số"),
    ("=1+1", "", "là công thức"),
    ("#N/A", "", "là lỗi của Excel"),
    (-3, "", "nhỏ hơn 0"),
    (1.5, "", "có phần lẻ"),
    (datetime(2023, 7, 1, tzinfo=UTC).replace(tzinfo=None), "", "ngày"),
    (True, "", "đúng/sai"),
    (10**17, "", "quá lớn"),
]


@pytest.mark.parametrize(("value", "font", "words"), WRONG)
def test_a_wrong_cell_is_named_and_nothing_is_loaded(
    reporter: Client,
    world: Report,
    value: object,
    font: str,
    words: str,
) -> None:
    """Sheet, cell, what stands there and what to do; the right cells beside it wait too."""
    book = template(reporter, world)
    at = put(book, own(world, "workforce_members"), value, font=font)
    put(book, own(world, "dossiers_digitised"), 7)
    put_words(book, Heading.GOOD, "Tốt")
    answer = send(reporter, world, book)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Chưa nạp ô nào" in page
    assert f'<th scope="row" class="tnum">{at}</th>' in page
    assert words in page
    assert not DeclaredValue.objects.exists()
    assert not Narrative.objects.exists()


def test_every_wrong_cell_is_named_at_once(reporter: Client, world: Report) -> None:
    """The person mends the file once."""
    book = template(reporter, world)
    places = [put(book, own(world, "workforce_members"), "12a"), put(book, own(world, "dossiers_digitised"), -1)]
    page = send(reporter, world, book).content.decode()
    assert "Có 2 ô phải sửa" in page
    assert all(f">{at}</th>" in page for at in places)


def test_words_in_an_old_font_are_shown_as_they_would_be(reporter: Client, world: Report) -> None:
    """«C«ng an tØnh» in .VnTime is refused with «Công an tỉnh» beside it."""
    book = template(reporter, world)
    put_words(book, Heading.GOOD, "C«ng an tØnh", ".VnTime")
    page = send(reporter, world, book).content.decode()
    assert "Công an tỉnh" in page
    assert ".VnTime" in page
    assert not Narrative.objects.exists()


def test_a_part_above_its_whole_is_refused(reporter: Client, world: Report) -> None:
    """109 trained of 98 officials, named at the part's cell; a file that does not touch the pair is not held up by it."""
    whole, part = own(world, "officials", "post=one_stop"), own(world, "officials_trained_on_portal", "post=one_stop")
    book = template(reporter, world)
    put(book, whole, 98)
    at = put(book, part, 109)
    answer = send(reporter, world, book)
    assert answer.status_code == 422
    assert f">{at}</th>" in answer.content.decode()
    assert not DeclaredValue.objects.exists()
    owed = owed_cells(world, loaded_plan().plan)
    entries = [actions.Entry(cell=owed[whole], value=98), actions.Entry(cell=owed[part], value=109)]
    actions.save_values(report=world, plan=loaded_plan().plan, entries=entries, at=NOW, by=None)
    book = template(reporter, world)
    put(book, own(world, "dossiers_digitised"), 7)
    assert send(reporter, world, book).status_code == 302


def test_newer_numbers_of_others_are_not_overwritten(reporter: Client, world: Report) -> None:
    """What the person left alone stays as others changed it; where both typed, the file is refused with the other's number."""
    plan, owed = loaded_plan().plan, owed_cells(world, loaded_plan().plan)
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")

    def on_page(name: str, value: int) -> None:
        entries = [actions.Entry(cell=owed[name], value=value)]
        actions.save_values(
            report=world, plan=plan, entries=entries, at=NOW, by=person(f"p{value}", Role.UNIT_HEAD, UNIT).pk
        )

    on_page(first, 10)
    book = template(reporter, world)
    on_page(first, 11)
    put(book, second, 20)
    assert send(reporter, world, book).status_code == 302
    now = {v.measure: v.value for v in DeclaredValue.objects.current()}
    assert now == {"workforce_members": 11, "dossiers_digitised": 20}
    at = put(book, first, 12)
    answer = send(reporter, world, book)
    assert answer.status_code == 422
    assert f">{at}</th>" in answer.content.decode()
    assert "thành 11" in answer.content.decode()
    assert DeclaredValue.objects.current().get(measure="workforce_members").value == 11


def test_an_emptied_input_empties_the_cell_and_a_blank_one_does_not(reporter: Client, world: Report) -> None:
    """A number that stood in the template and was deleted there is taken back; a cell never filled in says nothing."""
    owed = owed_cells(world, loaded_plan().plan)
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    blank = template(reporter, world)
    entries = [actions.Entry(cell=owed[name], value=3) for name in (first, second)]
    actions.save_values(report=world, plan=loaded_plan().plan, entries=entries, at=NOW, by=None)
    send(reporter, world, blank)
    assert DeclaredValue.objects.current().count() == 2
    book = template(reporter, world)
    put(book, first, None)
    send(reporter, world, book)
    assert [v.measure for v in DeclaredValue.objects.current()] == ["dossiers_digitised"]


def test_a_template_of_another_unit_or_period_is_refused(reporter: Client, world: Report) -> None:
    """The message names whose it is and what is wanted."""
    other = Client()
    other.force_login(person("yen", Role.UNIT_REPORTER, "ubnd-yen-the"))
    theirs = template(other, Report.objects.get(period=world.period, unit="ubnd-yen-the"))
    page = send(reporter, world, theirs).content.decode()
    assert "Yên Thế" in page
    own_book = template(reporter, world)
    meta = own_book["_meta"]
    for row in range(1, 10):
        if meta.cell(row=row, column=1).value == "period":
            meta.cell(row=row, column=2).value = "2023-06"
    assert "2023-06" in send(reporter, world, own_book).content.decode()
    plain = openpyxl.Workbook()
    assert "không phải mẫu" in send(reporter, world, plain).content.decode()
    assert not DeclaredValue.objects.exists()


def test_copied_and_foreign_rows_are_refused(reporter: Client, world: Report) -> None:
    """A row pasted twice, a row of a cell that is not owed."""
    book = template(reporter, world)
    page = list_page(book)
    name = own(world, "workforce_members")
    row = row_of(page, name)
    put(book, name, 5)
    page.cell(row=page.max_row + 1, column=1).value = name
    page.cell(row=page.max_row, column=column_of(page, "value")).value = 6
    page.cell(row=page.max_row + 1, column=1).value = "v|workforce_members||24|2023-07-14"
    page.cell(row=page.max_row, column=column_of(page, "value")).value = 6
    text = send(reporter, world, book).content.decode()
    assert "đã có ở A. Số liệu của đơn vị" in text
    assert "không phải nhập ô này" in text
    assert str(row) in text
    assert not DeclaredValue.objects.exists()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", b"\0" * (101 * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng"),
        (b"MZ program", "chương trình"),
        (b"PK\x03\x04broken", "hỏng"),
        (b"\0" * (10 * 1024 * 1024 + 1), "10 MB"),
        (bomb, "quá lớn"),
    ],
    ids=["empty", "renamed program", "corrupt", "huge", "zip bomb"],
)
def test_a_file_that_is_no_template_is_told_what_it_is(
    reporter: Client,
    world: Report,
    content: bytes | Callable[[], bytes],
    words: str,
) -> None:
    """The refusal stands at the file field, and nothing is loaded."""
    answer = send(reporter, world, content if isinstance(content, bytes) else content())
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DeclaredValue.objects.exists()


def test_no_file_at_all_is_told(reporter: Client, world: Report) -> None:
    """The form asks for one."""
    assert reporter.post(reverse("entry-upload", args=(world.period.code, UNIT)), {}).status_code == 422


def test_after_the_lock_no_file_is_taken(reporter: Client, world: Report, settings: Any) -> None:
    """The page says who can open the report again."""
    book = template(reporter, world)
    put(book, own(world, "workforce_members"), 5)
    settings.DIEM06_CLOCK = lambda: NOW.replace(day=22)
    answer = send(reporter, world, book)
    assert "cơ quan thường trực" in answer.content.decode()
    assert not DeclaredValue.objects.exists()


def test_another_units_template_is_not_handed_out(reporter: Client, world: Report) -> None:
    """Nor is a file taken for it."""
    url = reverse("entry-template", args=(world.period.code, "so-y-te"))
    assert reporter.get(url).status_code == 403
    assert send(reporter, world, b"x", to="so-y-te").status_code == 403


def test_the_name_of_the_file_is_plain(reporter: Client, world: Report) -> None:
    """Period and unit, in ASCII."""
    answer = reporter.get(reverse("entry-template", args=(world.period.code, UNIT)))
    assert answer["Content-Disposition"] == f'attachment; filename="2023-07_{UNIT}.xlsx"'
