"""Facts about templates: what is locked, what is checked by Excel, and how a filled-in one is read."""

from __future__ import annotations

import io

import openpyxl
import pytest

from diem06.core.sheets.reading import read_workbook
from diem06.core.sheets.templates import (
    META,
    Column,
    TemplateRow,
    TemplateSheet,
    WholeNumber,
    Words,
    keyed_cells,
    meta_of,
    records_of,
    sheet_name,
    written,
)


@pytest.fixture
def content() -> bytes:
    sheet = TemplateSheet(
        name="A. Số liệu",
        lines=("Tên", "Cách điền"),
        columns=(
            Column(head="Số liệu", width=20),
            Column(head="Kỳ trước", width=9),
            Column(head="Kỳ này", width=9, key="value"),
            Column(head="Ghi chú", width=20, key="note"),
        ),
        rows=[
            TemplateRow(key="k1", cells=("=Một", 7, WholeNumber(value=8), Words(value="ghi"))),
            TemplateRow(key="k2", cells=("Hai", None, WholeNumber(), Words())),
        ],
    )
    return written([sheet], meta={"template": "t", "unit": "u"}, records={"k1": "r1|8"})


def test_only_inputs_can_be_typed_in(content: bytes) -> None:
    """Everything is locked but the inputs; whole numbers are checked by Excel; `_meta` can be shown by nobody."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["A. Số liệu"]
    assert page.protection.sheet
    unlocked = {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {"D5", "E5", "D6", "E6"}
    (rule,) = page.data_validations.dataValidation
    assert (rule.type, rule.operator, rule.formula1) == ("whole", "greaterThanOrEqual", "0")
    assert str(rule.sqref) == "D5:D6"
    assert book[META].sheet_state == "veryHidden"
    assert page.row_dimensions[1].hidden
    assert page.column_dimensions["A"].hidden


def test_a_word_is_never_a_formula(content: bytes) -> None:
    """«=Một» stands as text."""
    page = openpyxl.load_workbook(io.BytesIO(content))["A. Số liệu"]
    assert (page["B5"].value, page["B5"].data_type) == ("=Một", "s")


def test_a_template_is_read_by_its_keys(content: bytes) -> None:
    """Each input is found by row and column key, empty ones too; what the file is comes back."""
    book = read_workbook(content)
    found = {(k.row, k.column): (k.coordinate, k.cell.text if k.cell else None) for k in keyed_cells(book)}
    assert found == {
        ("k1", "value"): ("D5", "8"),
        ("k1", "note"): ("E5", "ghi"),
        ("k2", "value"): ("D6", None),
        ("k2", "note"): ("E6", None),
    }
    assert meta_of(book) == {"template": "t", "unit": "u"}
    assert records_of(book) == {"k1": "r1|8"}


def test_sorted_rows_are_still_read_rightly(content: bytes) -> None:
    """The key travels with its row."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["A. Số liệu"]
    for column in range(1, 6):
        first, second = page.cell(row=5, column=column), page.cell(row=6, column=column)
        first.value, second.value = second.value, first.value
    buffer = io.BytesIO()
    book.save(buffer)
    found = {(k.row, k.column): k.coordinate for k in keyed_cells(read_workbook(buffer.getvalue())) if k.cell}
    assert found[("k1", "value")] == "D6"


def test_a_file_without_meta_says_nothing() -> None:
    """A workbook of one's own has no meta and no keys."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    book = read_workbook(buffer.getvalue())
    assert (meta_of(book), list(keyed_cells(book))) == ({}, [])


def test_names_that_excel_refuses_are_bent() -> None:
    """No bracket, slash or quote, 31 characters at most."""
    assert sheet_name("C. Tại 31/07: [xã]") == "C. Tại 3107 xã"
    assert len(sheet_name("x" * 40)) == 31
