"""Facts about files that are small to send and would take long to build."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from diem06.core.sheets import reading
from diem06.core.sheets.reading import TooLargeError, read_workbook

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
WORKBOOK = "xl/workbook.xml"


def file_with(part: str, before: bytes, more: bytes) -> bytes:
    """Return a workbook with 7 in A1, and with `more` written into a part before the given text."""
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = 7
    plain, changed = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                assert before in content
                content = content.replace(before, more + before, 1)
            new.writestr(name, content)
    return changed.getvalue()


@pytest.mark.parametrize(
    "more",
    [
        b'<mergeCells><mergeCell ref="B2:XFD1048576"/></mergeCells>',
        b'<hyperlinks><hyperlink ref="B2:XFD1048576" location="A1"/></hyperlinks>',
    ],
    ids=["merge", "link"],
)
def test_what_lies_over_a_whole_sheet_makes_no_cells(more: bytes) -> None:
    """One merge or link over seventeen thousand million cells: only the cell that is filled is read."""
    content = file_with(SHEET, b"<pageMargins", more)
    (sheet,) = read_workbook(content).sheets
    assert [cell.coordinate for cell in sheet.cells.values()] == ["A1"]


@pytest.mark.parametrize(
    ("part", "before", "more"),
    [
        (STYLES, b"</cellXfs>", b"<xf/>" * 250_000),
        (WORKBOOK, b"</sheets>", b'<sheet name="x" sheetId="9" r:id="rId1"/>' * reading.MAX_SHEETS),
        (SHEET, b"<pageMargins", b'<dataValidation sqref="A1"/>' * 60_000),
        (SHEET, b"<sheetData>", b"<cols>" + b'<col min="1" max="2"/>' * 60_000 + b"</cols>"),
        (SHEET, b"</sheetData>", b"<a>" * (reading.MAX_TAGS + 1)),
        (SHEET, b"</sheetData>", b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>'),
    ],
    ids=["styles", "sheets", "validations", "columns", "nested tags", "one row far down"],
)
def test_what_takes_long_to_build_is_refused(part: str, before: bytes, more: bytes) -> None:
    """Everything beside the cells is held small, and the cells are counted; the person is told to copy into a new file."""
    content = file_with(part, before, more)
    assert len(content) < 200_000
    with pytest.raises(TooLargeError, match="mẫu mới"):
        read_workbook(content)


def test_formulas_shared_by_many_cells_are_not_worked_out() -> None:
    """A formula that thousands of cells share is written out for each of them; Excel lets none be longer than 8192."""
    first = b'<row r="5"><c r="A5"><f t="shared" si="0" ref="A5:A9000">A1</f></c></row>'
    others = b"".join(
        b'<row r="%d"><c r="A%d"><f t="shared" si="0"/></c></row>' % (row, row)
        for row in range(6, reading.MAX_FORMULAS + 7)
    )
    with pytest.raises(TooLargeError, match="công thức"):
        read_workbook(file_with(SHEET, b"</sheetData>", first + others))
    long = b'<row r="5"><c r="A5"><f>' + b"1+" * reading.MAX_FORMULA_LENGTH + b"1</f></c></row>"
    with pytest.raises(TooLargeError, match="công thức"):
        read_workbook(file_with(SHEET, b"</sheetData>", long))


def test_a_sheet_under_another_name_is_held_to_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may keep its sheets where it likes: rows are counted again as they are read."""
    book = openpyxl.Workbook()
    for row in range(1, 12):
        book.worksheets[0].cell(row=row, column=1, value=row)
    plain, moved = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(moved, "w") as new:
        for name in old.namelist():
            new.writestr(
                name.replace(SHEET, "xl/other/a.xml"), old.read(name).replace(b"worksheets/sheet1", b"other/a")
            )
    monkeypatch.setattr(reading, "MAX_ROWS", 11)
    assert len(read_workbook(moved.getvalue()).sheets[0].cells) == 11
    monkeypatch.setattr(reading, "MAX_ROWS", 10)
    with pytest.raises(TooLargeError):
        read_workbook(moved.getvalue())
