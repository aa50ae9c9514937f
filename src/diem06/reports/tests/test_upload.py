"""Facts about the Excel template of a unit's report and its upload."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from diem06.core.access import Role
from diem06.core.audit.models import Entry as AuditEntry
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.organisation.models import User
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import Loaded, loaded_plan, period
from diem06.core.sheets.models import Batch
from diem06.core.sheets.queries import tally
from diem06.core.sheets.views import batch_url
from diem06.plan.reader import bundle_path
from diem06.reports import actions
from diem06.reports.entry_form import entry_form, owed_cells
from diem06.reports.models import DeclaredValue, Heading, Narrative, Report
from diem06.reports.queries import absent_cells

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2023, 7, 13, 16, 40, tzinfo=VIETNAM)
UNIT = "ubnd-tan-yen"


@pytest.fixture
def world(july: Loaded, db: None, settings: Any, tmp_path: Path) -> Report:
    """The Bắc Giang plan in its first period, and the report of Tân Yên."""
    settings.DIEM06_CLOCK = lambda: NOW
    settings.MEDIA_ROOT = tmp_path
    return Report.objects.get(period=period(july.plan, "2023-07"), unit=UNIT)


def person(name: str, role: Role, unit: str) -> User:
    user = add_person(username=name, full_name=name.title(), password="mot-mat-khau-dai")
    give_role(user=user, role=role, unit=unit, from_day=date(2023, 6, 15))
    return user


@pytest.fixture
def reporter(world: Report) -> Client:
    client = Client()
    client.force_login(person("ha", Role.UNIT_REPORTER, UNIT))
    return client


def own(report: Report, measure: str, dimensions: str = "") -> str:
    form = entry_form(report, loaded_plan().plan)
    return next(f.name for f in form.fields() if (f.cell.measure, f.cell.dimensions) == (measure, dimensions))


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


def staged(client: Client, report: Report, content: bytes | openpyxl.Workbook) -> Batch:
    """Upload, and return the batch that waits."""
    answer = send(client, report, content, to=report.unit)
    assert answer.status_code == 302, answer.content.decode()
    return next(one for one in Batch.objects.all() if batch_url(one) == answer["Location"])


def step(batch: Batch, name: str) -> str:
    return reverse(name, args=(batch.sheet, batch.scope, batch.pk))


def load(client: Client, batch: Batch, **data: str) -> Any:
    return client.post(step(batch, "sheet-load"), data)


def with_number(client: Client, report: Report, value: int) -> openpyxl.Workbook:
    book = template(client, report)
    put(book, own(report, "workforce_members"), value)
    return book


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


def test_a_file_is_shown_before_anything_is_loaded(reporter: Client, world: Report) -> None:
    """Uploading stores nothing: the page counts what would happen; the person's word loads numbers, notes and words as one."""
    name = own(world, "workforce_members")
    book = template(reporter, world)
    put(book, name, 1200)
    put(book, name, "theo sổ", column="note")
    matrix = book["B. Theo xã, phường, thị trấn"]
    inputs = [cell for cell in matrix[matrix.max_row] if not cell.protection.locked]
    inputs[0].value = 5
    put_words(book, Heading.GOOD, "Nhiều ưu điểm")
    batch = staged(reporter, world, book)
    assert tally(batch).new == 3
    assert not DeclaredValue.objects.exists()
    assert not AuditEntry.objects.filter(action="report.values").exists()
    page = reporter.get(batch_url(batch)).content.decode()
    assert "chưa nạp gì" in page
    assert "Lưu 3 dòng" in page
    assert load(reporter, batch).status_code == 302
    assert "Đã nạp 3 dòng" in reporter.get(batch_url(batch)).content.decode()
    assert sorted((v.value, v.note) for v in DeclaredValue.objects.current()) == [(5, ""), (1200, "theo sổ")]
    assert Narrative.objects.get().text == "Nhiều ưu điểm"
    assert AuditEntry.objects.get(action="report.values").details["way"] == "sheet"
    steps = AuditEntry.objects.filter(object_type="batch").values_list("action", flat=True)
    assert set(steps) == {"sheet.stage", "sheet.load"}


def test_pressing_twice_loads_once(reporter: Client, world: Report) -> None:
    """The second press leads to the same page and writes nothing."""
    batch = staged(reporter, world, with_number(reporter, world, 1200))
    assert load(reporter, batch).status_code == 302
    lines = AuditEntry.objects.count()
    assert load(reporter, batch).status_code == 302
    assert (DeclaredValue.objects.count(), AuditEntry.objects.count()) == (1, lines)


def test_the_same_file_twice_changes_nothing(reporter: Client, world: Report) -> None:
    """Waiting, it is the same batch; loaded, the page says when, that nothing is new, and offers nothing to load."""
    book = with_number(reporter, world, 1200)
    put_words(book, Heading.GOOD, "Nhiều ưu điểm")
    content = content_of(book)
    first = staged(reporter, world, content)
    assert staged(reporter, world, content) == first
    load(reporter, first)
    again = staged(reporter, world, content)
    assert again != first
    page = reporter.get(batch_url(again)).content.decode()
    assert "Đúng tệp này đã nạp lúc 16:40 13/07/2023" in page
    assert "Không có gì mới: 2 ô giữ nguyên" in page
    assert load(reporter, again).status_code == 409
    assert DeclaredValue.objects.count() == 1
    assert Narrative.objects.get().version == 1


WRONG = [
    ("12a", "", "«12a» không phải số"),
    ("=1+1", "", "là công thức"),
    ("#N/A", "", "là lỗi của Excel"),
    (-3, "", "nhỏ hơn 0"),
    (1.5, "", "có phần lẻ"),
    (datetime(2023, 7, 1, tzinfo=UTC).replace(tzinfo=None), "", "ngày"),
    ("31/02/2024", "", "«31/02/2024» không phải số"),
    (True, "", "đúng/sai"),
    (10**17, "", "quá lớn"),
]


@pytest.mark.parametrize(("value", "font", "words"), WRONG)
def test_a_wrong_cell_is_named_and_the_good_ones_wait_to_be_asked_for(
    reporter: Client,
    world: Report,
    value: object,
    font: str,
    words: str,
) -> None:
    """Sheet, cell, what stands there and what to do; loading all is refused, loading the good rows leaves the wrong one out."""
    book = template(reporter, world)
    at = put(book, own(world, "workforce_members"), value, font=font)
    put(book, own(world, "dossiers_digitised"), 7)
    put_words(book, Heading.GOOD, "Tốt")
    batch = staged(reporter, world, book)
    page = reporter.get(batch_url(batch)).content.decode()
    assert "Có 1 dòng phải sửa" in page
    assert f">{at}</a>" in page
    assert words in page
    assert "Lưu 2 dòng hợp lệ" in page
    assert load(reporter, batch).status_code == 409
    assert not DeclaredValue.objects.exists()
    assert load(reporter, batch, only_good="1").status_code == 302
    assert [v.measure for v in DeclaredValue.objects.current()] == ["dossiers_digitised"]
    assert Narrative.objects.get().text == "Tốt"


def test_numbers_written_as_text_are_taken_where_only_one_reading_is_left(reporter: Client, world: Report) -> None:
    """«1234» and «1.234.567» are numbers; the page shows which."""
    book = template(reporter, world)
    put(book, own(world, "workforce_members"), "1234")
    put(book, own(world, "dossiers_digitised"), "1.234.567")
    load(reporter, staged(reporter, world, book))
    assert {v.value for v in DeclaredValue.objects.current()} == {1234, 1_234_567}


@pytest.mark.parametrize(("text", "dot", "value"), [("1.234", "thousands", 1234), ("1,234", "thousands", 1234)])
def test_what_can_be_read_in_two_ways_is_asked_once(
    reporter: Client, world: Report, text: str, dot: str, value: int
) -> None:
    """The question stands on the page; the answer holds for the whole file."""
    book = template(reporter, world)
    put(book, own(world, "workforce_members"), text)
    put(book, own(world, "dossiers_digitised"), "2.345")
    batch = staged(reporter, world, book)
    page = reporter.get(batch_url(batch)).content.decode()
    assert tally(batch).wrong == 2
    assert "trong tệp này là số nào?" in page
    reporter.post(step(batch, "sheet-answer"), {"dot": dot})
    assert tally(batch).wrong == 0
    load(reporter, batch)
    assert {v.value for v in DeclaredValue.objects.current()} == {value, 2345}


def test_the_other_answer_leaves_a_fraction_that_no_cell_takes(reporter: Client, world: Report) -> None:
    """«1.234» as one and a bit is no count."""
    book = template(reporter, world)
    put(book, own(world, "workforce_members"), "1.234")
    batch = staged(reporter, world, book)
    reporter.post(step(batch, "sheet-answer"), {"dot": "decimal"})
    assert "có phần lẻ" in reporter.get(batch_url(batch)).content.decode()


def test_every_wrong_cell_is_named_on_the_page_and_in_the_file_that_goes_back(reporter: Client, world: Report) -> None:
    """The person mends the file once; the mended file has no comment left after the next round."""
    book = template(reporter, world)
    places = {
        put(book, own(world, "workforce_members"), "12a"): "không phải số",
        put(book, own(world, "dossiers_digitised"), -1): "nhỏ hơn 0",
    }
    batch = staged(reporter, world, book)
    page = reporter.get(batch_url(batch)).content.decode()
    assert "Có 2 dòng phải sửa" in page
    answer = reporter.get(step(batch, "sheet-commented"))
    back = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = list_page(back)
    for place, words in places.items():
        assert words in sheet[place].comment.text
        assert sheet[place].fill.fgColor.rgb == "FFF3D3D3"
        assert f">{place}</a>" in page
    assert back["_meta"].sheet_state == "veryHidden"
    assert sum(1 for row in sheet.iter_rows() for cell in row if cell.comment) == 2
    put(back, own(world, "workforce_members"), 12)
    again = staged(reporter, world, back)
    assert (tally(again).new, tally(again).wrong) == (1, 1)
    later = openpyxl.load_workbook(io.BytesIO(reporter.get(step(again, "sheet-commented")).content))
    left = [cell.coordinate for row in list_page(later).iter_rows() for cell in row if cell.comment]
    assert left == [place for place, words in places.items() if words == "nhỏ hơn 0"]


def test_words_in_an_old_font_are_shown_before_and_after_and_converted_when_allowed(
    reporter: Client, world: Report
) -> None:
    """«C«ng an tØnh» in .VnTime waits with «Công an tỉnh» beside it; one tick for the file converts it."""
    book = template(reporter, world)
    put_words(book, Heading.GOOD, "C«ng an tØnh", ".VnTime")
    put_words(book, Heading.DONE, "Coâng an tænh", "VNI-Times")
    batch = staged(reporter, world, book)
    page = reporter.get(batch_url(batch)).content.decode()
    assert page.count("Công an tỉnh") == 2
    assert ".VnTime" in page
    assert tally(batch).wrong == 2
    reporter.post(step(batch, "sheet-answer"), {"converts_fonts": "1"})
    load(reporter, batch)
    assert {row.text for row in Narrative.objects.all()} == {"Công an tỉnh"}


def test_a_part_above_its_whole_is_refused(reporter: Client, world: Report) -> None:
    """109 trained of 98 officials, named at the part's cell; a file that does not touch the pair is not held up by it."""
    whole, part = own(world, "officials", "post=one_stop"), own(world, "officials_trained_on_portal", "post=one_stop")
    book = template(reporter, world)
    put(book, whole, 98)
    at = put(book, part, 109)
    batch = staged(reporter, world, book)
    assert f">{at}</a>" in reporter.get(batch_url(batch)).content.decode()
    assert (tally(batch).new, tally(batch).wrong) == (1, 1)
    owed = owed_cells(world, loaded_plan().plan)
    entries = [actions.Entry(cell=owed[whole], value=98), actions.Entry(cell=owed[part], value=109)]
    actions.save_values(report=world, plan=loaded_plan().plan, entries=entries, at=NOW, by=None)
    book = template(reporter, world)
    put(book, own(world, "dossiers_digitised"), 7)
    assert load(reporter, staged(reporter, world, book)).status_code == 302


def on_page(report: Report, name: str, value: int, by: int | None = None) -> None:
    plan, owed = loaded_plan().plan, owed_cells(report, loaded_plan().plan)
    entries = [actions.Entry(cell=owed[name], value=value)]
    actions.save_values(report=report, plan=plan, entries=entries, at=NOW, by=by)


def test_newer_numbers_of_others_are_kept_unless_the_person_says_otherwise(reporter: Client, world: Report) -> None:
    """What the person left alone stays as others changed it; where both typed, the page names the other and asks."""
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    head = person("ong-head", Role.UNIT_HEAD, UNIT)
    on_page(world, first, 10)
    book = template(reporter, world)
    on_page(world, first, 11, by=head.pk)
    put(book, second, 20)
    load(reporter, staged(reporter, world, book))
    now = {v.measure: v.value for v in DeclaredValue.objects.current()}
    assert now == {"workforce_members": 11, "dossiers_digitised": 20}
    put(book, first, 12)
    batch = staged(reporter, world, book)
    page = reporter.get(batch_url(batch) + "?verdict=conflicts").content.decode()
    assert "Ong-Head sửa thành 11 lúc 16:40 13/07" in page
    assert load(reporter, batch).status_code == 409
    assert DeclaredValue.objects.current().get(measure="workforce_members").value == 11
    assert load(reporter, batch, overwrites="1").status_code == 302
    assert DeclaredValue.objects.current().get(measure="workforce_members").value == 12


def test_what_others_change_after_the_preview_is_shown_again(reporter: Client, world: Report) -> None:
    """The load is refused as a whole, the page names who and what, and only a second word overwrites."""
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    book = template(reporter, world)
    put(book, first, 12)
    put(book, second, 20)
    batch = staged(reporter, world, book)
    on_page(world, first, 11, by=person("ong-head", Role.UNIT_HEAD, UNIT).pk)
    answer = load(reporter, batch)
    assert answer.status_code == 409
    assert "Người khác vừa sửa một số ô" in answer.content.decode()
    assert DeclaredValue.objects.current().count() == 1
    assert (tally(batch).changed, tally(batch).new, tally(batch).conflicts) == (1, 1, 1)
    load(reporter, batch)
    assert {v.value for v in DeclaredValue.objects.current()} == {11, 20}


def test_an_emptied_input_empties_the_cell_and_a_blank_one_does_not(reporter: Client, world: Report) -> None:
    """A number that stood in the template and was deleted there is taken back; a cell never filled in says nothing."""
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    blank = template(reporter, world)
    on_page(world, first, 3)
    on_page(world, second, 3)
    assert tally(staged(reporter, world, blank)).total == 0
    book = template(reporter, world)
    put(book, first, None)
    batch = staged(reporter, world, book)
    assert (tally(batch).removed, tally(batch).same) == (1, 1)
    load(reporter, batch)
    assert [v.measure for v in DeclaredValue.objects.current()] == ["dossiers_digitised"]


# -- taking back -----------------------------------------------------------------------------------------------------
def test_a_batch_is_taken_back_to_what_stood_there(reporter: Client, world: Report) -> None:
    """New cells are empty again, changed ones have their earlier number and note, words their earlier text."""
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    on_page(world, first, 3)
    actions.save_narrative(report=world, heading=Heading.GOOD, text="Trước", at=NOW, by=None)
    book = template(reporter, world)
    put(book, first, 30)
    put(book, second, 7)
    put_words(book, Heading.GOOD, "Sau")
    batch = staged(reporter, world, book)
    load(reporter, batch)
    assert Narrative.objects.get().text == "Sau"
    assert reporter.post(step(batch, "sheet-undo")).status_code == 302
    assert [(v.measure, v.value) for v in DeclaredValue.objects.current()] == [("workforce_members", 3)]
    assert Narrative.objects.get().text == "Trước"
    assert DeclaredValue.objects.count() == 4, "nothing is rewritten: undoing adds versions"
    lines = AuditEntry.objects.count()
    assert reporter.post(step(batch, "sheet-undo")).status_code == 302
    assert AuditEntry.objects.count() == lines


def test_a_batch_that_was_built_upon_says_who_and_where(reporter: Client, world: Report) -> None:
    """One cell that another person changed since keeps the whole batch."""
    name = own(world, "workforce_members")
    batch = staged(reporter, world, with_number(reporter, world, 30))
    load(reporter, batch)
    on_page(world, name, 31, by=person("ong-head", Role.UNIT_HEAD, UNIT).pk)
    answer = reporter.post(step(batch, "sheet-undo"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Không hoàn tác được" in page
    assert "Ong-Head sửa thành 31 lúc 16:40 13/07" in page
    assert DeclaredValue.objects.current().get().value == 31


def test_an_approved_or_locked_report_keeps_its_batch(reporter: Client, world: Report, settings: Any) -> None:
    """The page says by which document, or since when."""
    batch = staged(reporter, world, with_number(reporter, world, 30))
    load(reporter, batch)
    Report.objects.filter(pk=world.pk).update(
        state="approved",
        approval_number="12/BC-UBND",
        approved_at=NOW,
        first_approved_at=NOW,
        approval_recorded_at=NOW,
    )
    assert "đã được duyệt: số 12/BC-UBND" in reporter.post(step(batch, "sheet-undo")).content.decode()
    Report.objects.filter(pk=world.pk).update(
        state="draft", approval_number="", approved_at=None, approval_recorded_at=None
    )
    settings.DIEM06_CLOCK = lambda: NOW.replace(day=22)
    assert "Hạn sửa số liệu đã qua" in reporter.post(step(batch, "sheet-undo")).content.decode()
    assert DeclaredValue.objects.current().get().value == 30


def test_a_dropped_batch_loads_nothing(reporter: Client, world: Report) -> None:
    """Neither then nor later."""
    batch = staged(reporter, world, with_number(reporter, world, 30))
    assert reporter.post(step(batch, "sheet-drop")).status_code == 302
    assert load(reporter, batch).status_code == 409
    assert not DeclaredValue.objects.exists()


# -- pasting ---------------------------------------------------------------------------------------------------------
def paste(client: Client, report: Report, cells: list[dict[str, str]], **headers: str) -> Any:
    url = reverse("entry-paste", args=(report.period.code, report.unit))
    return client.post(url, json.dumps({"cells": cells}), content_type="application/json", headers=headers or None)


def test_a_pasted_block_is_judged_and_stored_only_when_confirmed(reporter: Client, world: Report) -> None:
    """Counts and rows come as JSON; the load answers how many; a cell of another unit is wrong, not stored."""
    first, second = own(world, "workforce_members"), own(world, "dossiers_digitised")
    on_page(world, first, 3)
    cells = [
        {"name": first, "text": "1.234"},
        {"name": second, "text": "12a"},
        {"name": "v|workforce_members||24|2023-07-14", "text": "5"},
    ]
    told = paste(reporter, world, cells).json()
    assert told["counts"] == {"new": 0, "changed": 1, "removed": 0, "same": 0, "wrong": 2, "conflicts": 0}
    assert [(row["value"], row["before"], row["verdict"]) for row in told["rows"]] == [
        (1234, 3, "changed"),
        (None, None, "wrong"),
        (None, None, "wrong"),
    ]
    assert DeclaredValue.objects.current().get().value == 3
    assert paste(reporter, world, cells).json()["batch"] == told["batch"], "pasting again is the same batch"
    headers = {"Accept": "application/json"}
    assert reporter.post(told["load_url"], {}, headers=headers).status_code == 409
    loaded = reporter.post(told["load_url"], {"only_good": "1"}, headers=headers).json()
    assert loaded["loaded"] == 1
    assert DeclaredValue.objects.current().get().value == 1234
    assert AuditEntry.objects.filter(action="report.values").last().details["way"] == "paste"
    assert reporter.post(loaded["undo_url"]).status_code == 302
    assert DeclaredValue.objects.current().get().value == 3


def test_a_pasted_cell_that_another_changed_is_told(reporter: Client, world: Report) -> None:
    """`seen` is the record that the page showed."""
    name = own(world, "workforce_members")
    on_page(world, name, 3)
    (row,) = paste(reporter, world, [{"name": name, "text": "4", "seen": "declared/earlier"}]).json()["rows"]
    assert "sửa thành 3" in row["conflict"]


def test_htmx_gets_the_preview_as_a_fragment(reporter: Client, world: Report) -> None:
    """With the form that saves; a form post of names and texts will do as well."""
    url = reverse("entry-paste", args=(world.period.code, world.unit))
    data = {"name": [own(world, "workforce_members")], "text": ["12"]}
    page = reporter.post(url, data, headers={"HX-Request": "true"}).content.decode()
    assert "Lưu 1 ô" in page
    assert "<html" not in page


@pytest.mark.parametrize("body", ["", "{}", '{"cells": 3}', '{"cells": []}', '{"cells": [{"name": "x"}]}'])
def test_a_paste_that_is_none_is_refused(reporter: Client, world: Report, body: str) -> None:
    """With words, and nothing staged."""
    url = reverse("entry-paste", args=(world.period.code, world.unit))
    answer = reporter.post(url, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert not Batch.objects.exists()


# -- files that are not this report's template ------------------------------------------------------------------------
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
    text = reporter.get(batch_url(staged(reporter, world, book))).content.decode()
    assert "đã có ở A. Số liệu của đơn vị" in text
    assert "không phải nhập ô này" in text
    assert str(row) in text
    assert not DeclaredValue.objects.exists()


def say(book: openpyxl.Workbook, name: str, value: str) -> None:
    """Change what the hidden sheet says of the file."""
    meta = book["_meta"]
    row = next(row for row in range(1, 12) if meta.cell(row=row, column=1).value == name)
    meta.cell(row=row, column=2).value = value


def test_a_template_of_before_the_plan_changed_is_read_as_far_as_it_goes(reporter: Client, world: Report) -> None:
    """The page says that it is old; what is still owed is good, what is no longer owed is named."""
    book = with_number(reporter, world, 5)
    say(book, "plan_hash", "of an earlier bundle")
    page = list_page(book)
    page.cell(row=page.max_row + 1, column=1).value = "v|workforce_members||24|2023-07-14"
    page.cell(row=page.max_row, column=column_of(page, "value")).value = 6
    batch = staged(reporter, world, book)
    assert (tally(batch).new, tally(batch).wrong) == (1, 1)
    text = reporter.get(batch_url(batch)).content.decode()
    assert "làm trước khi kế hoạch thay đổi" in text
    assert "không còn phải nhập ô này" in text


def test_a_template_of_another_plan_is_refused_with_both_names(reporter: Client, world: Report) -> None:
    """The other plan's and this one's."""
    book = with_number(reporter, world, 5)
    say(book, "plan", "song-may-2024")
    text = send(reporter, world, book).content.decode()
    assert "Mẫu này của kế hoạch song-may-2024" in text
    assert "bac-giang-2023" in text


def test_numbers_in_hidden_rows_are_named(reporter: Client, world: Report) -> None:
    """They are read, and the person is told where they stand."""
    book = template(reporter, world)
    at = put(book, own(world, "workforce_members"), 5)
    list_page(book).row_dimensions[row_of(list_page(book), own(world, "workforce_members"))].hidden = True
    batch = staged(reporter, world, book)
    assert tally(batch).new == 1
    assert f"1 ô nằm ở dòng ẩn của tệp, vẫn được đọc: {at}" in reporter.get(batch_url(batch)).content.decode()


def test_a_note_without_a_number_says_why_there_is_none(reporter: Client, world: Report) -> None:
    """As on the page; taking the batch back takes the reason back."""
    name = own(world, "workforce_members")
    book = template(reporter, world)
    put(book, name, "chưa thống kê được", column="note")
    batch = staged(reporter, world, book)
    load(reporter, batch)
    assert absent_cells(world)[name].reason == "chưa thống kê được"
    reporter.post(step(batch, "sheet-undo"))
    assert absent_cells(world) == {}


def test_pasted_signs_that_no_database_keeps_do_no_harm(reporter: Client, world: Report) -> None:
    """NUL and half a character are dropped."""
    told = paste(reporter, world, [{"name": own(world, "workforce_members"), "text": "1\0" + "2\ud800"}]).json()
    assert told["rows"][0]["value"] == 12


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
