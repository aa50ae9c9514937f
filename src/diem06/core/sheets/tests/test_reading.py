"""Facts about reading an Excel file that a stranger sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from diem06.core.sheets import reading
from diem06.core.sheets.reading import (
    CorruptError,
    Kind,
    MacroError,
    NotAWorkbookError,
    ProtectedError,
    TooLargeError,
    WorkbookError,
    check_size,
    read_workbook,
)


def a_workbook() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Số liệu"
    page["A1"] = 12
    page["B1"] = "12a"
    page["C1"] = "=A1*2"
    page["D1"] = "#N/A"
    page["E1"] = datetime(2024, 2, 29)  # noqa: DTZ001  Excel knows no zones
    page["F1"] = True
    page["G1"] = 1.5
    page["A2"] = "Céng an tØnh"
    page["A2"].font = Font(name=".VnTime")
    page["B2"] = "   "
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, edit: Callable[[str, bytes], bytes] = lambda _name, part: part, **more: bytes) -> bytes:
    """Return the file with parts changed or added; a part's name is written with `__` for «/»."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, edit(name, before.read(name)))
        for name, part in more.items():
            after.writestr(name.replace("__", "/"), part)
    return buffer.getvalue()


def test_each_cell_is_what_it_is() -> None:
    """Formulas, errors and dates are told apart from numbers, with their coordinate and font; blanks are empty."""
    (sheet,) = read_workbook(a_workbook()).sheets
    found = {cell.coordinate: (cell.kind, cell.value) for cell in sheet.cells.values()}
    assert found == {
        "A1": (Kind.NUMBER, Decimal(12)),
        "B1": (Kind.TEXT, "12a"),
        "C1": (Kind.FORMULA, "=A1*2"),
        "D1": (Kind.ERROR, "#N/A"),
        "E1": (Kind.DATE, datetime(2024, 2, 29)),  # noqa: DTZ001
        "F1": (Kind.BOOLEAN, True),
        "G1": (Kind.NUMBER, Decimal("1.5")),
        "A2": (Kind.TEXT, "Céng an tØnh"),
    }
    assert sheet.cells[2, 1].font == ".VnTime"
    assert sheet.name == "Số liệu"


def test_a_formula_with_a_stored_result_is_still_a_formula() -> None:
    """The stored result may be as old as the file."""

    def with_result(name: str, part: bytes) -> bytes:
        return part.replace(b"<v></v>", b"<v>24</v>").replace(b"<v/>", b"<v>24</v>") if "sheet1" in name else part

    (sheet,) = read_workbook(repacked(a_workbook(), with_result)).sheets
    assert sheet.cells[1, 3].kind is Kind.FORMULA


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", NotAWorkbookError, "rỗng"),
        (b"MZ\x90\x00 a program", NotAWorkbookError, "chương trình"),
        (b"%PDF-1.7", NotAWorkbookError, "PDF"),
        (b"a;b;c\n1;2;3\n", NotAWorkbookError, "không phải Excel"),
        (b"<html><table><tr><td>1</td></tr></table></html>", NotAWorkbookError, "không phải Excel"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 512, NotAWorkbookError, ".xls"),
        (
            bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"),
            ProtectedError,
            "mật khẩu",
        ),
        (b"PK\x03\x04 and then nothing of the kind", CorruptError, "hỏng"),
    ],
)
def test_what_is_no_workbook_is_named(content: bytes, error: type[WorkbookError], words: str) -> None:
    """The first bytes tell, whatever the name says; each refusal says what the file is and what to send instead."""
    with pytest.raises(error, match=words):
        read_workbook(content)


def test_another_zip_is_no_workbook() -> None:
    """A Word file, or any zip renamed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", "<document/>")
    with pytest.raises(NotAWorkbookError, match="không phải Excel"):
        read_workbook(buffer.getvalue())


def test_macros_and_binary_workbooks_are_refused() -> None:
    """A file with code in it is not opened, whatever it is called; .xlsb is asked for as .xlsx."""
    with pytest.raises(MacroError, match="macro"):
        read_workbook(repacked(a_workbook(), xl__vbaProject__bin=b"", **{"xl/vbaProject.bin": b"x"}))
    with pytest.raises(NotAWorkbookError, match="xlsb"):
        read_workbook(repacked(a_workbook(), **{"xl/workbook.bin": b"x"}))


def test_a_zip_bomb_is_not_unpacked() -> None:
    """A hundred and one megabytes of zeros take a hundred kilobytes to send and are refused by their stated size."""
    bomb = repacked(a_workbook(), **{"xl/media/image1.png": b"\0" * (reading.MAX_UNZIPPED_BYTES + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(TooLargeError, match="quá lớn"):
        read_workbook(bomb)


def test_a_part_that_lies_about_its_size_is_corrupt() -> None:
    """Stated sizes bound what is unpacked: a part that holds more than it says is not read on."""
    honest = repacked(a_workbook(), **{"xl/lie.xml": b"<a>" + b"x" * 5000 + b"</a>"})
    size = (5007).to_bytes(4, "little")
    assert honest.count(size) == 2, "once before the part, once in the directory"
    with pytest.raises(CorruptError):
        read_workbook(honest.replace(size, (10).to_bytes(4, "little")))


def test_too_many_rows_or_cells_are_refused_before_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet is counted by its tags in pieces; no tree of it is built."""
    monkeypatch.setattr(reading.openpyxl, "load_workbook", lambda *_a, **_k: pytest.fail("parsed"))
    rows = (
        b"<worksheet><sheetData>"
        + b'<row r="1"><c r="A1"/></row>' * (reading.MAX_ROWS + 1)
        + b"</sheetData></worksheet>"
    )
    with pytest.raises(TooLargeError, match=r"20\.000"):
        read_workbook(repacked(a_workbook(), lambda name, part: rows if name.endswith("sheet1.xml") else part))
    cells = (
        b"<worksheet><sheetData><row>" + b'<c r="A1"/>' * (reading.MAX_CELLS + 1) + b"</row></sheetData></worksheet>"
    )
    with pytest.raises(TooLargeError, match=r"20\.000"):
        read_workbook(repacked(a_workbook(), lambda name, part: cells if name.endswith("sheet1.xml") else part))


def test_one_cell_far_down_is_too_many_rows() -> None:
    """A stray blank in the last row of Excel is told, not walked to."""
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    with pytest.raises(TooLargeError):
        read_workbook(saved(book))


def test_rows_are_counted_once_whatever_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag cut by the end of a piece is counted once: the limit is exact for pieces of any size."""
    book = openpyxl.Workbook()
    for row in range(1, 51):
        book.active.cell(row=row, column=1, value=row)
    content = saved(book)
    for chunk in (65, 97, 128, 1000):
        monkeypatch.setattr(reading, "_CHUNK", chunk)
        monkeypatch.setattr(reading, "MAX_ROWS", 50)
        assert len(read_workbook(content).sheets[0].cells) == 50
        monkeypatch.setattr(reading, "MAX_ROWS", 49)
        with pytest.raises(TooLargeError):
            read_workbook(content)


def test_a_document_type_is_refused() -> None:
    """Entities that grow without end, or fetch files, need one; a workbook has none."""
    bad = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData/></worksheet>'
    with pytest.raises(CorruptError):
        read_workbook(repacked(a_workbook(), lambda name, part: bad if name.endswith("sheet1.xml") else part))


def test_size_is_asked_before_reading() -> None:
    """Ten megabytes are enough for any template."""
    check_size(reading.MAX_BYTES)
    with pytest.raises(TooLargeError, match="10 MB"):
        check_size(reading.MAX_BYTES + 1)


WHOLE = a_workbook()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_words(data: st.DataObject) -> None:
    """Whatever bytes are flipped or cut, nothing but a WorkbookError comes out."""
    content = bytearray(WHOLE)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            read_workbook(damaged)
        except WorkbookError as refused:
            assert str(refused)  # noqa: PT017  both outcomes are right
