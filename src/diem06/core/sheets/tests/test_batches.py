"""Facts about lists that an app declares: read, judged, loaded, taken back, written out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl.styles import Font

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.jobs.models import Job
from diem06.core.jobs.running import run
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.sheets import actions
from diem06.core.sheets.models import Batch, BatchState
from diem06.core.sheets.queries import tally, wrong_of
from diem06.core.sheets.tests.conftest import AT, CAO_THUONG, HEADS, UNIT, content_of, listed, send, step
from diem06.core.sheets.views import batch_url
from tests.toy.models import ToyFact

DAY = datetime(2023, 7, 3)  # noqa: DTZ001  Excel knows no zone
Stage = Callable[..., Batch]


def reasons(batch: Batch) -> dict[str, str]:
    return {wrong.coordinate: wrong.reason for row in batch.rows.filter(verdict="wrong") for wrong in wrong_of(row)}


def test_a_list_is_found_by_its_heads_and_loaded_when_confirmed(reporter: Client, staged: Stage) -> None:
    """Columns in another order, one more, one missing; an area by code or by name."""
    book = listed(
        [[10, "thừa", CAO_THUONG, DAY], [12, "thừa", "xã  việt ngọc", "04/07/2023"]],
        heads=("Số suất", "Cột lạ", "Xã, phường", "NGÀY"),
    )
    batch = staged(book)
    assert (tally(batch).new, tally(batch).total) == (2, 2)
    assert not ToyFact.objects.exists()
    assert reporter.post(step(batch, "sheet-load")).status_code == 302
    assert [(f.day, f.value) for f in ToyFact.objects.order_by("day")] == [
        (date(2023, 7, 3), 10),
        (date(2023, 7, 4), 12),
    ]


def test_rows_are_new_changed_or_the_same_by_their_key(reporter: Client, staged: Stage) -> None:
    """The same file again changes nothing; another number for the same day and area changes one row."""
    first = staged(listed([[DAY, CAO_THUONG, 10, "a"], [DAY, "07342", 11, None]]))
    reporter.post(step(first, "sheet-load"))
    again = staged(listed([[DAY, CAO_THUONG, 10, "a"], [DAY, "07342", 12, None], [DAY, "07345", 1, None]]))
    assert (tally(again).same, tally(again).changed, tally(again).new) == (1, 1, 1)
    page = reporter.get(batch_url(again)).content.decode()
    assert "đang là 11" in page


def test_every_wrong_cell_of_a_list_is_named(staged: Stage) -> None:
    """Ten kinds of fault in ten rows, each at its cell, and the two good rows beside them."""
    book = listed(
        [
            [DAY, CAO_THUONG, 1, None],
            ["31/02/2024", CAO_THUONG, 1, None],
            [45000, CAO_THUONG, 1, None],
            [DAY, 7342, 1, None],
            [DAY, "Xã Không Có", 1, None],
            [DAY, "07342", "12a", None],
            [DAY, "07342", "=1+1", None],
            [DAY, "07342", "#N/A", None],
            [DAY, "07342", 60_000, None],
            [None, "07342", 3, None],
            [DAY, "07342", 3, "x" * 61],
            [DAY, "07345", 3, None],
            [DAY, CAO_THUONG, 2, None],
        ]
    )
    batch = staged(book)
    found = reasons(batch)
    assert (tally(batch).new, tally(batch).wrong) == (2, 11)
    for place, words in {
        "A4": "«31/02/2024» không có trong lịch",
        "A5": "không phải ngày",
        "B6": "có lẽ là 07342",
        "B7": "không có địa bàn này",
        "C8": "«12a» không phải số",
        "C9": "là công thức",
        "C10": "là lỗi của Excel",
        "C11": "nhiều hơn 50000 suất",
        "A12": "cột bắt buộc",
        "D13": "nhiều nhất 60",
        "A15": "trùng với dòng 3",
    }.items():
        assert words in found[place], place


def test_hidden_rows_and_sheets_are_told(reporter: Client, staged: Stage) -> None:
    """A hidden row is read and marked; a hidden sheet is named and not read."""
    book = listed([[DAY, CAO_THUONG, 1, None], [DAY, "07342", 2, None]])
    book.active.row_dimensions[4].hidden = True
    hidden = book.create_sheet("Nháp")
    hidden.append(list(HEADS))
    hidden.append([DAY, "07345", 9, None])
    hidden.sheet_state = "hidden"
    batch = staged(book)
    assert [(row.at, row.hint) for row in batch.rows.all()] == [("3", ""), ("4", "dòng đang ẩn trong tệp")]
    page = reporter.get(batch_url(batch)).content.decode()
    assert "1 dòng ẩn" in page
    assert "Không đọc trang ẩn: Nháp" in page


def test_old_fonts_and_dots_are_asked_once_for_a_file(reporter: Client, staged: Stage) -> None:
    """Both questions on one page; both answers in one step."""
    book = listed([[DAY, CAO_THUONG, "1.234", "b÷a tr­a"], [DAY, "07342", 2, "C«ng an"]])
    for row in (3, 4):
        book.active.cell(row=row, column=4).font = Font(name=".VnTime")
    batch = staged(book)
    page = reporter.get(batch_url(batch)).content.decode()
    assert tally(batch).wrong == 2
    assert "«1.234» trong tệp này là số nào?" in page
    assert "Công an" in page
    reporter.post(step(batch, "sheet-answer"), {"dot": "thousands", "converts_fonts": "1"})
    reporter.post(step(batch, "sheet-load"))
    assert sorted((f.value, f.place) for f in ToyFact.objects.all())[1][0] == 1234
    assert ToyFact.objects.get(value=2).place == "Công an"


def test_a_loaded_list_is_taken_back(reporter: Client, staged: Stage) -> None:
    """What was changed has its earlier number, what was new is gone; the trail tells each step."""
    first = staged(listed([[DAY, CAO_THUONG, 10, "a"]]))
    reporter.post(step(first, "sheet-load"))
    second = staged(listed([[DAY, CAO_THUONG, 20, "b"], [DAY, "07342", 5, None]]))
    reporter.post(step(second, "sheet-load"))
    assert ToyFact.objects.count() == 2
    reporter.post(step(second, "sheet-undo"))
    assert [(f.value, f.place) for f in ToyFact.objects.all()] == [(10, "a")]
    second.refresh_from_db()
    assert second.state == BatchState.UNDONE
    told = Entry.objects.filter(object_type="batch", object_id=str(second.pk)).values_list("action", flat=True)
    assert sorted(told) == ["sheet.load", "sheet.stage", "sheet.undo"]


def test_a_list_that_another_batch_built_upon_is_not_taken_back(reporter: Client, staged: Stage) -> None:
    """The later batch has changed one of its rows: the page names the row."""
    first = staged(listed([[DAY, CAO_THUONG, 10, None]]))
    reporter.post(step(first, "sheet-load"))
    later = staged(listed([[DAY, CAO_THUONG, 11, None]]))
    reporter.post(step(later, "sheet-load"))
    answer = reporter.post(step(first, "sheet-undo"))
    assert answer.status_code == 409
    assert "Thị trấn Cao Thượng" in answer.content.decode()
    assert ToyFact.objects.get().value == 11


def test_an_export_comes_back_unchanged(reporter: Client, staged: Stage) -> None:
    """Out and in: the same columns, nothing new; A4 landscape, the head in view and on each page, text never a formula."""
    rows = [[DAY, CAO_THUONG, 10, "a"], [DAY, "07342", 11, "@cong"]]
    reporter.post(step(staged(listed(rows)), "sheet-load"))
    ToyFact.objects.filter(value=10).update(place="=1+1")
    answer = reporter.get(reverse("sheet-export", args=("toy.meals", UNIT)))
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.freeze_panes == "A4"
    assert page.print_title_rows == "$3:$3"
    assert {cell.value: cell.data_type for cell in page["D"][3:5]} == {"=1+1": "s", "@cong": "s"}
    again = staged(answer.content)
    assert (tally(again).same, tally(again).total) == (2, 2)


def test_an_export_without_rows_is_the_entry_template(reporter: Client) -> None:
    """Heads, checks and drop-downs, no rows; the title is locked, the inputs are not."""
    for name in ("sheet-export", "sheet-template"):
        answer = reporter.get(reverse(name, args=("toy.meals", UNIT)))
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        page = book.worksheets[0]
        assert [cell.value for cell in page[3]] == list(HEADS)
        assert page.max_row == 3
        assert {rule.type for rule in page.data_validations.dataValidation} == {"date", "whole"}
        assert page["B3"].comment.text == "Mã hoặc tên đầy đủ"
        assert page.protection.sheet
        assert page["A1"].protection.locked
        assert not page.column_dimensions["A"].protection.locked
        assert book["_meta"].sheet_state == "veryHidden"


def test_a_template_of_another_list_is_refused(reporter: Client) -> None:
    """And so is a file without the columns; the refusal stands at the file field, and nothing is kept."""
    other = reporter.get(reverse("sheet-template", args=("toy.bulk", UNIT))).content
    answer = send(reporter, other)
    assert answer.status_code == 422
    assert "mẫu của nội dung khác" in answer.content.decode()
    answer = send(reporter, listed([[1]], heads=("Tên",)))
    assert "phải có các cột: Ngày, Xã, phường, Số suất" in answer.content.decode()
    assert not Batch.objects.exists()


def test_over_two_hundred_rows_a_worker_loads(reporter: Client, staged: Stage) -> None:
    """Pressing leads to the page of the work, pressing again to the same; then the batch says how many it loaded."""
    rows = [[date(2023, 1 + n // 28, 1 + n % 28), CAO_THUONG, n, None] for n in range(201)]
    batch = staged(listed(rows))
    first, second = (reporter.post(step(batch, "sheet-load"))["Location"] for _ in range(2))
    job = Job.objects.get()
    assert first == second == job.get_absolute_url()
    assert reporter.get(batch_url(batch))["Location"] == first
    assert not ToyFact.objects.exists()
    run(job.pk)
    run(job.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.loaded_rows, ToyFact.objects.count()) == (BatchState.LOADED, 201, 201)


def test_work_that_was_stopped_leaves_the_batch_to_be_confirmed_again(reporter: Client, staged: Stage) -> None:
    """Nothing is half loaded."""
    from diem06.core.jobs import actions as jobs

    rows = [[date(2023, 1 + n // 28, 1 + n % 28), CAO_THUONG, n, None] for n in range(201)]
    batch = staged(listed(rows))
    reporter.post(step(batch, "sheet-load"))
    jobs.cancel(job=Job.objects.get(), by=None, at=AT)
    assert "Lưu 201 dòng" in reporter.get(batch_url(batch)).content.decode()
    batch.refresh_from_db()
    assert batch.state == BatchState.STAGED


def test_an_app_that_refuses_keeps_the_batch_waiting(reporter: Client, staged: Stage, monkeypatch: Any) -> None:
    """An error of the app's in the middle undoes all of it."""
    batch = staged(listed([[DAY, CAO_THUONG, 10, None]]))

    def breaks(*_args: Any, **_kwargs: Any) -> Any:
        ToyFact.objects.update(value=99)
        raise RuntimeError("in the middle")

    monkeypatch.setattr("diem06.core.sheets.actions._record", breaks)
    with pytest.raises(RuntimeError):
        actions.load(batch=batch, confirmed=actions.Confirmed(), at=AT, by=None)
    batch.refresh_from_db()
    assert batch.state == BatchState.STAGED
    assert not ToyFact.objects.exists()


def test_only_the_sheets_own_people_come_in(reporter: Client, staged: Stage) -> None:
    """The rule that the sheet names is asked with the scope, for every page of it."""
    batch = staged(listed([[DAY, CAO_THUONG, 10, None]]))
    user = add_person(username="yen", full_name="Yên", password="mot-mat-khau-dai")
    give_role(user=user, role=Role.UNIT_REPORTER, unit="ubnd-yen-the", from_day=date(2023, 6, 15))
    stranger = Client()
    stranger.force_login(user)
    pages = ["sheet", "sheet-template", "sheet-export"]
    for name in pages:
        assert stranger.get(reverse(name, args=("toy.meals", UNIT))).status_code == 403
    for name in ("sheet-batch", "sheet-commented"):
        assert stranger.get(step(batch, name)).status_code == 403
    for name in ("sheet-answer", "sheet-load", "sheet-undo", "sheet-drop"):
        assert stranger.post(step(batch, name)).status_code == 403
    # The batch of one scope is not found under another, even by who may open that one.
    assert stranger.get(reverse("sheet-batch", args=("toy.meals", "ubnd-yen-the", batch.pk))).status_code == 404
    assert stranger.get(reverse("sheet", args=("toy.nothing", "ubnd-yen-the"))).status_code == 403
    assert not ToyFact.objects.exists()


def test_the_list_of_batches_costs_the_same_however_long_it_is(
    reporter: Client, staged: Stage, django_assert_num_queries: Any
) -> None:
    """Twenty batches on a page, people and files read along."""
    url = reverse("sheet", args=("toy.meals", UNIT))
    staged(listed([[DAY, CAO_THUONG, 1, None]]))
    reporter.get(url)
    queries = _queries(reporter, url)
    for value in range(2, 6):
        staged(listed([[DAY, CAO_THUONG, value, None]]))
    with django_assert_num_queries(queries):
        page = reporter.get(url).content.decode()
    assert page.count("Chờ xác nhận") == 5


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


def test_the_preview_shows_a_hundred_rows_a_page_at_one_cost(
    reporter: Client, staged: Stage, django_assert_max_num_queries: Any
) -> None:
    """And the error list links each cell to the page that has its row."""
    rows = [[date(2023, 1 + n // 28, 1 + n % 28), CAO_THUONG, n, None] for n in range(150)]
    rows += [[DAY, CAO_THUONG, f"{n}a", None] for n in range(3)]
    batch = staged(listed(rows))
    with django_assert_max_num_queries(20):
        page = reporter.get(batch_url(batch) + "?verdict=new&page=2").content.decode()
    assert "101 đến 150 trong 150" in page
    assert page.count("verdict=wrong&amp;page=1#r") == 3


def test_a_bulk_list_is_read_by_calamine_and_xls_too(reporter: Client, staged: Stage) -> None:
    """The same list, the same rows; a sheet that is no bulk list does not take .xls."""
    rows = [[DAY, CAO_THUONG, 10, "a"], [DAY, "07342", "12a", None]]
    batch = staged(listed(rows), sheet="toy.bulk")
    assert (tally(batch).new, tally(batch).wrong) == (1, 1)
    assert reasons(batch) == {"C4": "«12a» không phải số; nhập số nguyên, ví dụ 1234"}
    old = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600
    assert "Excel 97-2003" in send(reporter, old).content.decode()
    assert "hỏng" in send(reporter, old, sheet="toy.bulk").content.decode()


def test_cells_far_apart_are_not_filled_in_between(reporter: Client) -> None:
    """A bulk list with one cell at the far corner is refused before anything is laid out."""
    book = listed([[DAY, CAO_THUONG, 10, "a"]])
    book.active.cell(row=1_048_576, column=16_384).value = 1
    assert "quá nhiều dòng" in send(reporter, book, sheet="toy.bulk").content.decode()


def test_a_merge_over_a_whole_sheet_is_not_written_back(reporter: Client, staged: Stage) -> None:
    """The page says so and still lists the cells; nothing is filled."""
    whole = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content_of(listed([[DAY, CAO_THUONG, "12a", None]])))) as made,
        zipfile.ZipFile(whole, "w") as file,
    ):
        for part in made.infolist():
            merged = b'</sheetData><mergeCells count="1"><mergeCell ref="F1:XFD1048576"/></mergeCells>'
            file.writestr(part.filename, made.read(part).replace(b"</sheetData>", merged))
    batch = staged(whole.getvalue())
    answer = reporter.get(step(batch, "sheet-commented"))
    assert answer.status_code == 409
    assert "ô gộp quá rộng" in answer.content.decode()


def test_content_is_kept_as_it_came(reporter: Client, staged: Stage) -> None:
    """The kept file is the very file."""
    content = content_of(listed([[DAY, CAO_THUONG, 10, None]]))
    batch = staged(content)
    assert actions.content_of_batch(batch) == content
