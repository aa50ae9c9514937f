"""A unit's tasks go out to Excel and come back: new ones are added, others changed, and a batch can be undone."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from diem06.core.plans.queries import Loaded
from diem06.core.sheets import actions as sheets
from diem06.core.sheets.models import Batch, BatchRow
from diem06.reports.models import TaskState, UnitTask
from diem06.reports.tests.factories import AT, UNIT, made_up_months
from diem06.reports.unit_plans import actions
from diem06.reports.unit_plans.actions import TaskWords
from diem06.reports.unit_plans.sheet import TASKS


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    return made_up_months(prepared, months=("2023-07",))


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any, tmp_path: Path) -> Loaded:
    settings.MEDIA_ROOT = tmp_path
    UnitTask.objects.filter(unit=UNIT).delete()
    return made


def filled(content: bytes, *rows: tuple[Any, ...]) -> bytes:
    """Write rows below the head of the list."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page: Any = book.worksheets[0]
    head = next(row for row in range(1, 20) if str(page.cell(row, 1).value or "").startswith("Nhiệm vụ *"))
    for at, row in enumerate(rows, head + 1):
        for column, value in enumerate(row, 1):
            page.cell(at, column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def staged(*rows: tuple[Any, ...], at: datetime = AT) -> Batch:
    content = filled(TASKS.template(UNIT, at=at), *rows)
    return sheets.stage_file(sheet=TASKS, scope=UNIT, content=content, name="viec.xlsx", at=at, by=None)


def loaded_batch(batch: Batch, at: datetime = AT) -> Batch:
    return sheets.load(batch=batch, confirmed=sheets.Confirmed(), at=at, by=None)


def test_rows_become_tasks_and_undoing_takes_them_back(loaded: Loaded) -> None:
    batch = loaded_batch(
        staged(
            ("Tập huấn cán bộ một cửa", "30/09/2023", "Bộ phận một cửa", "II.6.1a"),
            ("Mua đầu đọc", "31/10/2023", "Văn phòng", None),
        )
    )
    tasks = list(UnitTask.objects.filter(unit=UNIT).order_by("due_on"))
    assert [(task.text, task.due_on, task.owner_name, task.clause) for task in tasks] == [
        ("Tập huấn cán bộ một cửa", date(2023, 9, 30), "Bộ phận một cửa", "II.6.1a"),
        ("Mua đầu đọc", date(2023, 10, 31), "Văn phòng", ""),
    ]
    sheets.undo(batch=batch, at=AT + timedelta(minutes=1), by=None)
    assert not UnitTask.objects.filter(unit=UNIT).exists()


def test_a_task_that_is_known_is_changed_and_undoing_restores_it(loaded: Loaded) -> None:
    words = TaskWords(text="Mua đầu đọc", due_on=date(2023, 10, 31), owner_name="Văn phòng")
    task = actions.add_task(plan=loaded.plan, unit=UNIT, words=words, at=AT - timedelta(days=1), by=None)
    batch = loaded_batch(staged(("Mua đầu đọc", "15/11/2023", "Phòng Văn hoá", "A.6")))
    task.refresh_from_db()
    assert (task.due_on, task.owner_name, task.clause) == (date(2023, 11, 15), "Phòng Văn hoá", "A.6")
    sheets.undo(batch=batch, at=AT + timedelta(minutes=1), by=None)
    task.refresh_from_db()
    assert (task.due_on, task.owner_name, task.clause) == (date(2023, 10, 31), "Văn phòng", "")


def test_a_batch_is_not_undone_once_somebody_went_on_with_its_task(loaded: Loaded) -> None:
    batch = loaded_batch(staged(("Mua đầu đọc", "31/10/2023", "Văn phòng", None)))
    task = UnitTask.objects.get(unit=UNIT)
    actions.report_progress(task=task, state=TaskState.DOING, percent=40, at=AT + timedelta(hours=1), by=None)
    with pytest.raises((sheets.NotUndoneError, sheets.SheetRefusedError)):
        sheets.undo(batch=batch, at=AT + timedelta(hours=2), by=None)
    assert UnitTask.objects.filter(unit=UNIT).exists()


def test_each_wrong_cell_is_told_with_why(loaded: Loaded) -> None:
    batch = staged(("Việc một", "01/06/2023", "Văn phòng", None), ("Việc hai", "31/02/2024", "", "Z.9"))
    reasons = " ".join(str(row.cells) for row in BatchRow.objects.filter(batch=batch, verdict="wrong"))
    assert "trước ngày" in reasons
    assert "Z.9" in reasons
    assert BatchRow.objects.filter(batch=batch, verdict="wrong").count() == 2


def test_what_was_written_out_comes_back_as_the_same(loaded: Loaded) -> None:
    words = TaskWords(text="Mua đầu đọc", due_on=date(2023, 10, 31), owner_name="Văn phòng", clause="A.6")
    actions.add_task(plan=loaded.plan, unit=UNIT, words=words, at=AT, by=None)
    content = TASKS.export(UNIT, at=AT)
    batch = sheets.stage_file(sheet=TASKS, scope=UNIT, content=content, name="viec.xlsx", at=AT, by=None)
    assert list(BatchRow.objects.filter(batch=batch).values_list("verdict", flat=True)) == ["same"]
