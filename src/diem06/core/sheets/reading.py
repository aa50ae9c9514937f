"""
Read an .xlsx that a stranger sent: limits first, then the cells as they are.

A cell keeps what an import must see: that it holds a formula, an error, a date or a text in place of a number, and in which
font. calamine would turn `#N/A` and formulas without a stored result into empty cells; here they stay what they are.
"""

from __future__ import annotations

import enum
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

import openpyxl
from django.utils.translation import gettext as _

from vnlib.text import plain_number

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_UNZIPPED_BYTES: Final = 100 * 1024 * 1024
MAX_PARTS: Final = 2_000
MAX_ROWS: Final = 20_000  # of all sheets together
MAX_COLUMNS: Final = 1_000
MAX_CELLS: Final = 200_000  # of all sheets together, empty ones between filled ones included
MAX_SHEETS: Final = 50
MAX_TAGS: Final = 5 * MAX_CELLS  # of sheets and shared texts together, closing ones included
MAX_FORMULAS: Final = 2_500  # each is named to the person; one shared by many cells is worked out for each of them
MAX_FORMULA_LENGTH: Final = 8_192  # Excel's own
MAX_SMALL_PART_BYTES: Final = 1024 * 1024  # of every other part, and of what a sheet holds beside its cells

Value: TypeAlias = str | Decimal | bool | date | datetime | time | timedelta | None


# -- why a file is not read ------------------------------------------------------------------------------------------
class WorkbookError(ValueError):
    """A file that is not read at all. `str(error)` tells the person what to change."""


class TooLargeError(WorkbookError):
    """More than the limits: bytes, unzipped bytes, rows, columns, cells."""


class NotAWorkbookError(WorkbookError):
    """Another kind of file, whatever its name says."""


class ProtectedError(WorkbookError):
    """Opens with a password only."""


class MacroError(WorkbookError):
    """Holds macros."""


class CorruptError(WorkbookError):
    """An .xlsx by its looks that cannot be read."""


# -- what a file holds -----------------------------------------------------------------------------------------------
class Kind(enum.StrEnum):
    """What stands in a cell. A formula is a formula whether or not a result is stored with it."""

    NUMBER = "number"
    TEXT = "text"
    FORMULA = "formula"
    ERROR = "error"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell that is not empty. `value` is the formula or the error's name for those kinds; a number is exact as stored."""

    sheet: str
    row: int  # from 1
    column: int  # from 1
    coordinate: str  # «E3»
    kind: Kind
    value: Value
    font: str

    @property
    def text(self) -> str:
        """What stands there as text: to show the person, and for cells that hold words."""
        if isinstance(self.value, Decimal):
            return plain_number(self.value)
        if isinstance(self.value, bool):
            return str(self.value).upper()  # as Excel shows it
        return str(self.value)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    name: str
    is_visible: bool
    cells: dict[tuple[int, int], Cell]  # (row, column), both from 1; empty cells left out
    hidden_rows: frozenset[int] = frozenset()

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell as text, "" where it is empty."""
        cell = self.cells.get((row, column))
        return cell.text if cell else ""


@dataclass(frozen=True, kw_only=True)
class Workbook:
    sheets: tuple[Sheet, ...]

    def sheet(self, name: str) -> Sheet | None:
        """Return a sheet by its name, visible or not."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def read_workbook(content: bytes) -> Workbook:
    """Return the sheets of an .xlsx file. Raises a WorkbookError that tells the person what to change; never anything else."""
    check_size(len(content))
    _check_signature(content)
    try:
        check_parts(content)
        # Row by row: nothing but cells is built. A merge or a link over a whole sheet would else fill it with cells.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = _sheets(book.worksheets)
    except WorkbookError:
        raise
    except Exception as fault:
        raise CorruptError(corrupt()) from fault
    if not sheets:
        raise CorruptError(corrupt())
    return Workbook(sheets=sheets)


def check_size(size: int) -> None:
    """Raise a WorkbookError for a file of `size` bytes that is too large, or empty: to be asked before it is read at all."""
    if size > MAX_BYTES:
        raise TooLargeError(
            _("Tệp lớn hơn %(limit)s MB. Xóa hình ảnh và trang thừa, rồi tải lên lại.") % {"limit": MAX_BYTES // 2**20}
        )
    if size == 0:
        raise NotAWorkbookError(_("Tệp rỗng. Chọn lại tệp Excel (.xlsx)."))


# -- before anything is parsed ---------------------------------------------------------------------------------------
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def is_old_excel(content: bytes) -> bool:
    """Is it an Excel file of before 2007, by its bytes? Raises ProtectedError for one that opens with a password only."""
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise ProtectedError(_("Tệp có mật khẩu. Bỏ mật khẩu trong Excel, lưu, rồi tải lên lại."))
    return content.startswith(_OLE)


def _check_signature(content: bytes) -> None:
    """Tell by the first bytes what the file is; its name may say anything."""
    if content.startswith(_ZIP):
        return
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise ProtectedError(_("Tệp có mật khẩu. Bỏ mật khẩu trong Excel, lưu, rồi tải lên lại."))
        raise NotAWorkbookError(_("Tệp là Excel 97-2003 (.xls). Lưu lại dạng .xlsx, rồi tải lên."))
    if content.startswith(b"MZ"):
        raise NotAWorkbookError(_("Tệp là chương trình đổi tên, không phải Excel. Không tải lên tệp này."))
    if content.startswith(b"%PDF"):
        raise NotAWorkbookError(_("Tệp là PDF. Hãy tải lên tệp Excel (.xlsx)."))
    raise NotAWorkbookError(_("Tệp không phải Excel (.xlsx). Tải mẫu của kỳ này, điền rồi tải lên."))


def check_parts(content: bytes) -> None:
    """
    Hold the zip and its sheets to the limits without unpacking more than they allow.

    Raises a WorkbookError, NotAWorkbookError for what is no zip.
    """
    if not content.startswith(_ZIP):
        raise NotAWorkbookError(_("Tệp không phải Excel (.xlsx). Tải mẫu của kỳ này, điền rồi tải lên."))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = file.infolist()
        names = {part.filename for part in parts}
        # zipfile never hands out more than the size that a part states, so the stated sizes bound what is unpacked.
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNZIPPED_BYTES:
            raise TooLargeError(_unzipped_too_large())
        if any(part.flag_bits & 0x1 for part in parts):
            raise ProtectedError(_("Tệp có mật khẩu. Bỏ mật khẩu trong Excel, lưu, rồi tải lên lại."))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise MacroError(_("Tệp có macro. Lưu lại dạng .xlsx không có macro, rồi tải lên."))
        if "xl/workbook.bin" in names:
            raise NotAWorkbookError(_("Tệp là Excel nhị phân (.xlsb). Lưu lại dạng .xlsx, rồi tải lên."))
        if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
            raise NotAWorkbookError(_("Tệp không phải Excel (.xlsx). Tải mẫu của kỳ này, điền rồi tải lên."))
        seen = _Seen()
        for part in parts:
            seen.look_at(file, part)


_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_LONG_FORMULA: Final = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<]{%d}" % (MAX_FORMULA_LENGTH + 1))
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_CELLS_BEGIN: Final = re.compile(rb"<(?:\w+:)?sheetData[\s/>]")
_CELLS_END: Final = re.compile(rb"</(?:\w+:)?sheetData\s*>")
# A document type can define entities that grow without end, or fetch files; a workbook never has one.
_DOCTYPE: Final = tuple("<!DOCTYPE".encode(coding) for coding in ("ascii", "utf-16-le", "utf-16-be"))
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 2 * MAX_FORMULA_LENGTH  # longer than any tag that is looked for


class _Seen:
    """
    What the parts of a file hold, counted by their tags in pieces, so that no tree of a huge part is ever built.

    Only sheets and shared texts may be large. What else is in a file takes far longer to build than to send: a megabyte
    of empty styles is a hundred thousand objects.
    """

    def __init__(self) -> None:
        self.rows = self.cells = self.formulas = self.tags = self.sheets = 0

    def look_at(self, file: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Count a part in. Raises TooLargeError, CorruptError."""
        is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
        if not is_sheet and part.filename != "xl/sharedStrings.xml" and part.file_size > MAX_SMALL_PART_BYTES:
            raise TooLargeError(_unzipped_too_large())
        kept = b""
        done, begin, end = 0, None, None  # bytes of the part so far; where its cells begin and end
        with file.open(part) as stream:
            while piece := stream.read(_CHUNK):
                text = kept + piece
                if any(mark in text for mark in _DOCTYPE):
                    raise CorruptError(corrupt())
                # Only tags that end in the new piece: what ended in the old one was counted then.
                self.tags += piece.count(b"<")
                self.sheets += _ending_after(len(kept), _SHEET, text)
                self.formulas += _ending_after(len(kept), _FORMULA, text)
                if _LONG_FORMULA.search(text):
                    raise TooLargeError(_too_many_formulas())
                if is_sheet:
                    self.rows += _ending_after(len(kept), _ROW, text)
                    self.cells += _ending_after(len(kept), _CELL, text)
                    start = done - len(kept)
                    if begin is None and (found := _CELLS_BEGIN.search(text)):
                        begin = start + found.end()
                    if end is None and (found := _CELLS_END.search(text)):
                        end = start + found.start()
                self._check()
                done += len(piece)
                kept = text[-_OVERLAP:]
        if is_sheet:
            begin = done if begin is None else begin
            beside = begin + (done - end if end is not None else 0)
            if beside > MAX_SMALL_PART_BYTES:
                raise TooLargeError(_unzipped_too_large())

    def _check(self) -> None:
        if self.rows > MAX_ROWS or self.cells > MAX_CELLS:
            raise TooLargeError(too_many_rows())
        if self.formulas > MAX_FORMULAS:
            raise TooLargeError(_too_many_formulas())
        if self.tags > MAX_TAGS or self.sheets > MAX_SHEETS:
            raise TooLargeError(_unzipped_too_large())


def _ending_after(position: int, tag: re.Pattern[bytes], text: bytes) -> int:
    return sum(1 for match in tag.finditer(text) if match.end() > position)


# -- cells -----------------------------------------------------------------------------------------------------------
def _sheets(pages: Iterable[Any]) -> tuple[Sheet, ...]:
    """Read the sheets, holding the limits again: a file may call its sheets what it likes, and one cell may lie far down."""
    sheets = []
    rows = width = 0
    for page in pages:
        page.reset_dimensions()  # the file's own word on its size may be anything
        found: dict[tuple[int, int], Cell] = {}
        for row in page.rows:
            rows, width = rows + 1, width + len(row)
            if rows > MAX_ROWS or len(row) > MAX_COLUMNS or width > MAX_CELLS:
                raise TooLargeError(too_many_rows())
            found |= {(cell.row, cell.column): cell for cell in _filled(page.title, row)}
        is_visible = page.sheet_state == "visible"
        sheets.append(Sheet(name=page.title, is_visible=is_visible, cells=found, hidden_rows=_hidden_rows(page)))
    return tuple(sheets)


_HIDDEN_ROW: Final = re.compile(
    rb"""<(?:\w+:)?row\b(?=[^<>]*\shidden=["'](?:1|true)["'])[^<>]*\sr=["'](\d{1,7})["']|"""
    rb"""<(?:\w+:)?row\b[^<>]*\sr=["'](\d{1,7})["'][^<>]*\shidden=["'](?:1|true)["']"""
)


def _hidden_rows(page: Any) -> frozenset[int]:
    """Return the rows that the file hides. The reader of rows drops this, so the sheet's own text is asked, in pieces."""
    found: set[int] = set()
    kept = b""
    with page.parent._archive.open(page._worksheet_path) as stream:  # noqa: SLF001  openpyxl offers no other way
        while piece := stream.read(_CHUNK):
            text = kept + piece
            found |= {int(match[1] or match[2]) for match in _HIDDEN_ROW.finditer(text)}
            kept = text[-1024:]
    return frozenset(found)


def _filled(sheet: str, row: Iterable[Any]) -> Iterator[Cell]:
    for cell in row:
        if cell.value is None:
            continue
        kind, value = _read(cell)
        if kind is Kind.TEXT and not str(value).strip():
            continue
        yield Cell(
            sheet=sheet,
            row=cell.row,
            column=cell.column,
            coordinate=cell.coordinate,
            kind=kind,
            value=value,
            font=cell.font.name or "",
        )


def _read(cell: Any) -> tuple[Kind, Value]:
    value = cell.value
    if cell.data_type == "f":
        return Kind.FORMULA, str(getattr(value, "text", value))
    if cell.data_type == "e":
        return Kind.ERROR, str(value)
    if isinstance(value, bool):
        return Kind.BOOLEAN, value
    if isinstance(value, (date, time, timedelta)):
        return Kind.DATE, value
    if isinstance(value, (int, float)):
        number = Decimal(repr(value))
        return (Kind.NUMBER, number) if number.is_finite() else (Kind.ERROR, str(value))
    return Kind.TEXT, str(value)


def _unzipped_too_large() -> str:
    return _("Tệp giải nén ra quá lớn. Chép số liệu sang mẫu mới, rồi tải lên lại.")


def _too_many_formulas() -> str:
    return _("Tệp có quá nhiều công thức, hoặc công thức quá dài. Dán giá trị thay cho công thức, rồi tải lên lại.")


def too_many_rows() -> str:
    """Say that a file has too many rows or columns."""
    return _(
        "Tệp có quá nhiều dòng hoặc cột (nhiều nhất %(rows)s dòng). Chép số liệu sang mẫu mới, rồi tải lên lại."
    ) % {"rows": f"{MAX_ROWS:,}".replace(",", ".")}


def corrupt() -> str:
    """Say that a file cannot be read."""
    return _("Tệp Excel hỏng, không đọc được. Mở bằng Excel, lưu lại dạng .xlsx, rồi tải lên lại.")
