"""The workbook that goes back: the very file that came, its wrong cells red with a comment that says why."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import range_boundaries

from diem06.core.sheets.reading import MAX_CELLS, TooLargeError

AUTHOR: Final = "diem06"
_RED = PatternFill("solid", fgColor="FFF3D3D3")
_YELLOW = PatternFill("solid", fgColor="FFFFFBE6")
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 4096
# openpyxl makes a cell for each place of these, however large they are.
_RANGE: Final = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^<>]*?\sref=["']([^"'<>]{1,40})["']""")


@dataclass(frozen=True, kw_only=True)
class WrongCell:
    """What must be put right in one cell."""

    sheet: str
    coordinate: str
    reason: str


def commented(content: bytes, wrong: Iterable[WrongCell]) -> bytes:
    """
    Return the workbook with a comment at each wrong cell; comments of an earlier time are taken out again.

    Raises TooLargeError for a file whose merged cells or links reach so far that it cannot be written back.
    """
    _check_ranges(content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.comment and cell.comment.author == AUTHOR and cell.fill.fgColor.rgb == _RED.fgColor.rgb:
                    cell.comment = None
                    cell.fill = _YELLOW
    first = None
    for told in wrong:
        if told.sheet not in book.sheetnames:
            continue
        cell = book[told.sheet][told.coordinate]
        if isinstance(cell, openpyxl.cell.cell.MergedCell):
            continue
        cell.comment = Comment(told.reason, AUTHOR, height=90, width=260)
        cell.fill = _RED
        first = first or told
    if first:
        book.active = book[first.sheet]
        for page in book.worksheets:
            page.sheet_view.tabSelected = page.title == first.sheet
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _check_ranges(content: bytes) -> None:
    area = 0
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            kept = b""
            with file.open(name) as stream:
                while piece := stream.read(_CHUNK):
                    text = kept + piece
                    area += sum(_area(match[1].decode("ascii", "replace")) for match in _RANGE.finditer(text))
                    kept = text[-_OVERLAP:]
    if area > MAX_CELLS:
        raise TooLargeError(_("Tệp có ô gộp quá rộng, không ghi chú vào tệp được. Xem ô sai ở danh sách trên trang."))


def _area(reference: str) -> int:
    try:
        first_column, first_row, last_column, last_row = range_boundaries(reference)
    except (ValueError, TypeError):
        return MAX_CELLS + 1
    if None in (first_column, first_row, last_column, last_row):
        return MAX_CELLS + 1
    return (last_column - first_column + 1) * (last_row - first_row + 1)  # type: ignore[operator]  # none is None
