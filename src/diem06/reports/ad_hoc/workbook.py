"""
An Excel form that somebody else made: opened within limits, looked at as a grid, and filled without changing its looks.

openpyxl writes the file back. It keeps styles, formulas, merged cells, widths, print set-up, validations and conditional
formats; it loses what `losses` names. Results of formulas are not stored: Excel computes them when the file is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.worksheet.properties import PageSetupProperties

from diem06.core.sheets.reading import CorruptError, TooLargeError, WorkbookError, read_workbook
from diem06.core.ui.numbers import number

MOST_ROWS: Final = 300
MOST_COLUMNS: Final = 60
MOST_SPREAD_CELLS: Final = 200_000  # under merged ranges and links together: openpyxl makes an object of each
MOST_PICKED: Final = 600  # cells of one block
_SPREAD: Final = re.compile(
    rb'<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?ref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"'
)
_PLACEHOLDER: Final = re.compile(r"[\s.…_\-–0]*")
SOURCES_SHEET: Final = "Nguồn số liệu"  # in the official's language, as the form is


class CellError(ValueError):
    """A cell or a range that cannot be filled; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class GridCell:
    """One place of the grid. `why_not` is empty where a number may be put."""

    coordinate: str
    row: int
    column: int
    text: str
    span: int
    depth: int
    why_not: str
    is_percent: bool
    is_bold: bool


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet as it is shown. `is_cut`: the sheet is larger than what is shown."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[GridCell, ...]], ...]
    is_cut: bool

    def at(self, row: int, column: int) -> GridCell | None:
        """Return the cell that covers a place."""
        for _number, cells in self.rows:
            for cell in cells:
                if cell.row <= row < cell.row + cell.depth and cell.column <= column < cell.column + cell.span:
                    return cell
        return None


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that was opened: its visible sheets, and what is lost when it is saved."""

    grids: tuple[Grid, ...]
    losses: tuple[str, ...]

    def grid(self, name: str) -> Grid | None:
        return next((grid for grid in self.grids if grid.name == name), None)


def open_form(content: bytes) -> Form:
    """Return a form to look at. Raises WorkbookError with what to change."""
    read_workbook(content)  # the limits of every upload
    _check_spread(content)
    book = _load(content)
    grids = tuple(_grid(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible")
    if not grids:
        raise CorruptError(_("Tệp không có trang nào hiện ra. Bỏ ẩn trang trong Excel, rồi tải lên lại."))
    return Form(grids=grids, losses=losses(content))


def losses(content: bytes) -> tuple[str, ...]:
    """Return what of a file is lost when it is filled, in words."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        drawings = b"".join(archive.read(name) for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name))
    found = []
    if re.search(rb"<xdr:(?:sp|cxnSp|grpSp)[\s>]", drawings):
        found.append(_("hình vẽ và hộp chữ"))
    if any(name.startswith("xl/media/") for name in names):
        found.append(_("ảnh"))
    if any(name.startswith("xl/charts/") for name in names):
        found.append(_("định dạng riêng của biểu đồ"))
    if any(name.startswith(("xl/pivotTables/", "xl/slicers/")) for name in names):
        found.append(_("bảng tổng hợp (PivotTable), bộ lọc Slicer"))
    if any(name.startswith(("xl/ctrlProps/", "xl/activeX/", "xl/embeddings/")) for name in names):
        found.append(_("nút bấm, ô điều khiển, tệp nhúng"))
    return tuple(found)


def _check_spread(content: bytes) -> None:
    """Refuse merged ranges and links that would fill a whole sheet with cells."""
    spread = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/worksheets/") or not part.endswith(".xml"):
                continue
            for match in _SPREAD.finditer(archive.read(part)):
                left, top, right, bottom = range_boundaries(match.group(1).decode("ascii"))
                spread += (int(right or 1) - int(left or 1) + 1) * (int(bottom or 1) - int(top or 1) + 1)
                if spread > MOST_SPREAD_CELLS:
                    raise TooLargeError(_("Tệp trộn quá nhiều ô. Bỏ trộn ô ở phần trống, rồi tải lên lại."))


def _load(content: bytes) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    except WorkbookError:
        raise
    except Exception as fault:
        raise CorruptError(
            _("Tệp Excel hỏng, không đọc được. Mở bằng Excel, lưu lại dạng .xlsx, rồi tải lên lại.")
        ) from fault


# -- the grid --------------------------------------------------------------------------------------------------------
def _grid(sheet: Any) -> Grid:
    merged = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    filled = [
        (cell.row, cell.column)
        for row in sheet.iter_rows(
            max_row=min(sheet.max_row, 2 * MOST_ROWS), max_col=min(sheet.max_column, 2 * MOST_COLUMNS)
        )
        for cell in row
        if cell.value is not None or _is_framed(cell)
    ]
    last_row = max([row for row, _column in filled] + [area.max_row for area in merged.values()], default=1)
    last_column = max([column for _row, column in filled] + [area.max_col for area in merged.values()], default=1)
    rows_shown, columns_shown = min(last_row, MOST_ROWS), min(last_column, MOST_COLUMNS)
    rows = []
    for number_of_row in range(1, rows_shown + 1):
        cells = []
        for column in range(1, columns_shown + 1):
            cell = sheet.cell(number_of_row, column)
            if isinstance(cell, MergedCell):
                continue
            area = merged.get((number_of_row, column))
            cells.append(
                GridCell(
                    coordinate=cell.coordinate,
                    row=number_of_row,
                    column=column,
                    text=_shown(cell),
                    span=min(area.max_col, columns_shown) - column + 1 if area else 1,
                    depth=min(area.max_row, rows_shown) - number_of_row + 1 if area else 1,
                    why_not=_why_not(cell),
                    is_percent="%" in (cell.number_format or ""),
                    is_bold=bool(cell.font and cell.font.b),
                )
            )
        rows.append((number_of_row, tuple(cells)))
    return Grid(
        name=sheet.title,
        columns=tuple(get_column_letter(column) for column in range(1, columns_shown + 1)),
        rows=tuple(rows),
        is_cut=last_row > rows_shown or last_column > columns_shown,
    )


def _is_framed(cell: Any) -> bool:
    border = getattr(cell, "border", None)
    return bool(border and (border.bottom.style or border.top.style))


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        exact = Decimal(repr(value))
        return number(exact) if exact.is_finite() else str(value)
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(getattr(value, "text", value))[:300]


def _why_not(cell: Any) -> str:
    """Return why a number cannot be put into a cell; nothing where it can."""
    if cell.data_type == "f":
        return _("Ô có công thức, Excel tự tính.")
    if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
        return ""
    if cell.value is None or _PLACEHOLDER.fullmatch(str(cell.value)):
        return ""
    return _("Ô có chữ của biểu mẫu.")


def cells_in(grid: Grid, text: str) -> list[GridCell]:
    """
    Return the cells of «C6», «C6:C15» or several parted by commas, in reading order, merged ones once.

    Raises CellError for what is no range of the sheet or is too large.
    """
    found: dict[str, GridCell] = {}
    by_place = {(cell.row, cell.column): cell for _row, cells in grid.rows for cell in cells}
    for piece in filter(None, (piece.strip().replace("$", "") for piece in re.split("[,;]", text.upper()))):
        left, top, right, bottom = _bounds(piece)
        if right > len(grid.columns) or bottom > len(grid.rows):
            raise CellError(_("«%(text)s» nằm ngoài bảng.") % {"text": piece})
        places = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        found |= {by_place[place].coordinate: by_place[place] for place in places if place in by_place}
    if len(found) > MOST_PICKED:
        raise CellError(_("Khối quá lớn. Chọn nhiều nhất %(n)s ô một lần.") % {"n": MOST_PICKED})
    if not found:
        raise CellError(_("Chưa chọn ô nào. Viết như C6 hoặc C6:C15."))
    return list(found.values())


def _bounds(text: str) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of «C6» or «C6:C15», whichever corner comes first."""
    wrong = CellError(_("«%(text)s» không phải ô. Viết như C6 hoặc C6:C15.") % {"text": text[:20]})
    if not re.fullmatch(r"[A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?", text):
        raise wrong
    try:
        left, top, right, bottom = (int(each or 0) for each in range_boundaries(text))
    except (CellCoordinatesException, ValueError) as fault:
        raise wrong from fault
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


# -- filling ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Written:
    """A value for a cell, None to leave it empty. `scale`: how a share is written where the cell's format does not say."""

    sheet: str
    coordinate: str
    value: Decimal | None
    is_share: bool
    scale: str


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """One line of the sheet that lists where each number comes from."""

    sheet: str
    coordinate: str
    what: str
    shown: str
    key: str
    url: str
    note: str


def filled(content: bytes, values: Iterable[Written], sources: Sequence[SourceLine], *, title: str) -> bytes:
    """Return the form with its numbers, and a sheet «Nguồn số liệu» at the end. Cells without a value are emptied, never 0."""
    book = _load(content)
    for each in values:
        if each.sheet not in book.sheetnames:
            continue
        cell = book[each.sheet][each.coordinate]
        if isinstance(cell, MergedCell) or cell.data_type == "f":
            continue
        cell.value = as_number(each, cell.number_format or "")
    _list_sources(book, sources, title)
    book.calculation.fullCalcOnLoad = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_number(written: Written, number_format: str) -> int | float | None:
    """Return what is put into the cell: a share as 0 to 1 where the format has «%», else as the person chose."""
    value = written.value
    if value is None:
        return None
    if written.is_share:
        is_hundred = "%" not in number_format and written.scale == "hundred"
        places = 2 if is_hundred else 6
        value = (value * 100 if is_hundred else value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if value == value.to_integral_value():
        return int(value)
    return float(value.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))


_HEADS: Final = ("Trang", "Ô", "Nội dung", "Giá trị", "Khóa số liệu", "Mở lại", "Ghi chú")
_WIDTHS: Final = (18, 8, 64, 14, 30, 48, 48)


def _list_sources(book: Any, lines: Sequence[SourceLine], title: str) -> None:
    name, number_of_name = SOURCES_SHEET, 1
    while name in book.sheetnames:
        number_of_name += 1
        name = f"{SOURCES_SHEET} {number_of_name}"
    sheet = book.create_sheet(name)
    sheet.append([title])
    sheet["A1"].font = Font(bold=True)
    sheet.append(list(_HEADS))
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for line in lines:
        sheet.append(
            [
                _safe(text)
                for text in (line.sheet, line.coordinate, line.what, line.shown, line.key, line.url, line.note)
            ]
        )
        if line.url:
            sheet.cell(sheet.max_row, 6).hyperlink = line.url
    for column, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s" if cell.value is not None else cell.data_type
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _safe(text: str) -> str:
    """A text that begins like a formula is no formula."""
    return f"'{text}" if text[:1] in "=+-@" and len(text) > 1 else text


def values_of(content: bytes) -> Mapping[tuple[str, str], Any]:
    """Return every value of a workbook by sheet and coordinate: for those who compare two fills."""
    book = _load(content)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
