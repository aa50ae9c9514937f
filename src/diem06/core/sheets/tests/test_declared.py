"""Facts about what an app declares, and about single values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.sheets.bulk import _number
from diem06.core.sheets.checks import faults_of, sheets_are_whole
from diem06.core.sheets.columns import Answers, Column, Context, Kind, read_cell, read_whole
from diem06.core.sheets.declared import sheet_of
from diem06.core.sheets.reading import Cell
from diem06.core.sheets.reading import Kind as CellKind
from diem06.core.sheets.templates import letters
from tests.toy.sheets import COLUMNS, SHEETS

LIST = SHEETS[0]


def cell(value: object, kind: CellKind = CellKind.TEXT, font: str = "") -> Cell:
    return Cell(sheet="A", row=1, column=1, coordinate="A1", kind=kind, value=value, font=font)


def test_an_app_needs_only_its_sheets_file() -> None:
    """The toy's list is found by its code; the checks find nothing wrong with what is installed."""
    assert sheet_of("toy.meals") is LIST
    assert sheet_of("reports.entry") is not None
    assert sheet_of("nothing") is None
    assert sheets_are_whole() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": ()}, "has no columns"),
        ({"key": ()}, "has a key that is not all of required columns"),
        ({"key": ("note",)}, "has a key that is not all of required columns"),
        ({"columns": (*COLUMNS, COLUMNS[0])}, "has 2 columns 'day'"),
        ({"columns": (*COLUMNS, Column(key="x", head="X", kind=Kind.CHOICE))}, "has no choices for 'x'"),
        ({"columns": (*COLUMNS, Column(key="x", head=" "))}, "has no head over 'x'"),
        ({"load_rows": None}, "has no load_rows"),
        ({"access": None}, "names no access rule"),
    ],
)
def test_a_sheet_that_lacks_a_part_is_refused(changes: dict, words: str) -> None:
    """sheets.E003 says which, before the product starts."""
    told = [fault.msg for fault in faults_of(replace(LIST, **changes))]
    assert any(words in one for one in told), told
    assert all(fault.id == "sheets.E003" for fault in faults_of(replace(LIST, **changes)))


def test_two_sheets_of_one_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """sheets.E002."""
    monkeypatch.setattr("tests.toy.sheets.SHEETS", (LIST, LIST))
    assert [fault.id for fault in sheets_are_whole()] == ["sheets.E002"]


def test_a_sheets_file_without_sheets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """sheets.E001."""
    monkeypatch.delattr("tests.toy.sheets.SHEETS")
    assert [fault.id for fault in sheets_are_whole()] == ["sheets.E001"]


@given(st.integers(min_value=0, max_value=999_999_999_999_999))
def test_a_whole_number_is_read_however_it_is_written(value: int) -> None:
    """As a number, as digits, and grouped once the person has said what the mark means."""
    grouped = f"{value:,}"
    answers = Answers(dot="thousands")
    assert read_whole(cell(Decimal(value), CellKind.NUMBER), Answers()).value == value
    assert read_whole(cell(str(value)), Answers()).value == value
    assert read_whole(cell(grouped), answers).value == value
    assert read_whole(cell(grouped.replace(",", ".")), answers).value == value


@given(st.text(max_size=40))
def test_no_text_is_both_a_value_and_wrong(text: str) -> None:
    """Whatever a stranger types is a whole number from 0, or named; nothing raises."""
    read = read_whole(cell(text or "x"), Answers())
    assert (read.value is None) == bool(read.reason)
    assert read.value is None or read.value >= 0


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_a_date_is_read_as_it_is_written_here(day: date) -> None:
    """Day first, with or without zeros, and as ISO."""
    context = Context(answers=Answers(), on=day)
    column = Column(key="d", head="Ngày", kind=Kind.DATE)
    for text in (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day.day}-{day.month}-{day.year}", str(day)):
        assert read_cell(column, cell(text), context).value == day.isoformat()


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ("07210", CellKind.TEXT, "07210"),
        (Decimal(72100), CellKind.NUMBER, "72100"),
        (Decimal(7210), CellKind.NUMBER, "mất số 0 ở đầu"),
        ("0721", CellKind.TEXT, "không đủ 5 ký tự"),
        (True, CellKind.BOOLEAN, "không phải mã"),
    ],
)
def test_codes_keep_their_zeros(value: object, kind: CellKind, told: str) -> None:
    """A code that Excel took for a number is named, not padded in silence."""
    context = Context(answers=Answers(), on=date(2023, 7, 1))
    read = read_cell(Column(key="c", head="Mã", kind=Kind.CODE, length=5), cell(value, kind), context)
    assert told in (read.reason or read.value)


def test_a_choice_is_read_by_value_or_words_and_marks_count() -> None:
    """«Nam» and «Năm» are two choices."""
    column = Column(key="c", head="X", kind=Kind.CHOICE, choices=(("m", "Nam"), ("y", "Năm")))
    context = Context(answers=Answers(), on=date(2023, 7, 1))
    assert [read_cell(column, cell(text), context).value for text in ("nam", "NĂM", "m")] == ["m", "y", "m"]
    assert "chọn: Nam, Năm" in read_cell(column, cell("nấm"), context).reason


@given(st.integers(min_value=1, max_value=16_384))
def test_letters_of_columns_are_read_back(column: int) -> None:
    assert _number(letters(column).encode()) == column
