"""
Templates to be filled in: locked sheets whose input cells carry keys, and a hidden sheet that says what the file is.

Keys stand in the file itself, in a hidden first column (of each row) and a hidden first row (of each column): a file whose
rows were sorted or whose columns were moved is still read rightly. Protection helps the person; it protects nothing, so what
comes back is checked as any stranger's file.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import xlsxwriter
from django.utils.translation import gettext as _

from diem06.core.sheets.reading import Cell, Sheet, Workbook

META: Final = "_meta"
_NAME_LENGTH: Final = 31  # of a sheet, in Excel
_NOT_IN_NAMES: Final = str.maketrans("", "", "[]:*?/\\'")
_KEY_ROW = _KEY_COLUMN = 1
_A4: Final = 9
_PAGE_WIDTH: Final = 180  # in characters: A4 landscape at some four fifths of the size on screen
_FIRST_ROW: Final = 1  # below the hidden row of keys, as xlsxwriter counts


# -- what a template holds -------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class WholeNumber:
    """An input for a whole number from 0, filled in with `value` where one is known."""

    value: int | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """An input for a text."""

    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """`key` names the column to the reader of the file; columns without one hold no input."""

    head: str
    width: int  # in characters
    key: str = ""


TemplateCell: TypeAlias = str | int | WholeNumber | Words | None


@dataclass(frozen=True, kw_only=True)
class TemplateRow:
    key: str
    cells: tuple[TemplateCell, ...]
    height: int | None = None  # in points


@dataclass(frozen=True, kw_only=True)
class TemplateSheet:
    """`lines` stand above the table: what the sheet is, and how it is filled in."""

    name: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[TemplateRow]
    frozen_columns: int = 1


def sheet_name(text: str) -> str:
    """Return a text as Excel lets a sheet be called."""
    return text.translate(_NOT_IN_NAMES)[:_NAME_LENGTH]


def written(
    sheets: Sequence[TemplateSheet], *, meta: Mapping[str, str], records: Mapping[str, str] | None = None
) -> bytes:
    """
    Return the workbook. `meta` says what the file is; `records`, by key, what stood in its cells when it was made.

    Both come back by `meta_of` and `records_of`, from a sheet that Excel offers nobody to unhide.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    formats = _formats(book)
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet_name(sheet.name)), sheet, formats)
    hidden = book.add_worksheet(META)
    for row, (name, value) in enumerate(meta.items()):
        hidden.write_string(row, 0, name)
        hidden.write_string(row, 1, value)
    for row, (key, value) in enumerate((records or {}).items()):
        hidden.write_string(row, 3, key)
        hidden.write_string(row, 4, value)
    hidden.protect()
    hidden.very_hidden()
    book.close()
    return buffer.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    box = {"border": 1, "border_color": "#C9C9C4"}
    return {
        "title": book.add_format({**font, "bold": True, "font_size": 14}),
        "line": book.add_format({**font, "italic": True}),
        "head": book.add_format(
            {**font, **box, "bold": True, "text_wrap": True, "bg_color": "#EFEFEA", "align": "center"}
        ),
        "text": book.add_format({**font, **box, "text_wrap": True}),
        "number": book.add_format({**font, **box, "num_format": "#,##0", "font_color": "#5B5B57"}),
        "whole": book.add_format({**font, **box, "num_format": "#,##0", "locked": False, "bg_color": "#FFFBE6"}),
        "words": book.add_format(
            {
                **font,
                **box,
                "text_wrap": True,
                "locked": False,
                "bg_color": "#FFFBE6",
                "valign": "top",
                "num_format": "@",
            }
        ),
        "key": book.add_format({"font_color": "#8A8A85"}),
    }


def _write_sheet(page: Any, sheet: TemplateSheet, formats: Mapping[str, Any]) -> None:
    for row, line in enumerate(sheet.lines, start=_FIRST_ROW):
        page.write_string(row, 1, line, formats["title" if row == _FIRST_ROW else "line"])
    head = _FIRST_ROW + len(sheet.lines)
    page.set_row(0, None, None, {"hidden": True})
    page.set_column(0, 0, 4, None, {"hidden": True})
    for column, told in enumerate(sheet.columns, start=1):
        page.set_column(column, column, told.width)
        page.write_string(head, column, told.head, formats["head"])
        if told.key:
            page.write_string(0, column, told.key, formats["key"])
    for row, told_row in enumerate(sheet.rows, start=head + 1):
        page.write_string(row, 0, told_row.key, formats["key"])
        if told_row.height:
            page.set_row(row, told_row.height)
        for column, cell in enumerate(told_row.cells, start=1):
            _write_cell(page, row, column, cell, formats)
    for column in range(len(sheet.columns)):
        numbers = [
            at for at, row in enumerate(sheet.rows, start=head + 1) if isinstance(row.cells[column], WholeNumber)
        ]
        if numbers:
            page.data_validation(numbers[0], column + 1, numbers[-1], column + 1, _whole_number_rule())
    page.freeze_panes(head + 1, 1 + sheet.frozen_columns)
    page.repeat_rows(head)
    page.set_landscape()
    page.set_paper(_A4)
    page.repeat_columns(0, sheet.frozen_columns)
    page.fit_to_pages(_pages_across(sheet), 0)
    page.protect(
        "", {"format_cells": True, "format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
    )


def _pages_across(sheet: TemplateSheet) -> int:
    """Return how many pages a sheet takes side by side, the frozen columns on each, so that its print can be read."""
    widths = [column.width for column in sheet.columns]
    repeated = sum(widths[: sheet.frozen_columns])
    return max(1, math.ceil((sum(widths) - repeated) / (_PAGE_WIDTH - repeated)))


def _write_cell(page: Any, row: int, column: int, cell: TemplateCell, formats: Mapping[str, Any]) -> None:
    match cell:
        case WholeNumber():
            if cell.value is None:
                page.write_blank(row, column, None, formats["whole"])
            else:
                page.write_number(row, column, cell.value, formats["whole"])
        case Words():
            if cell.value:
                page.write_string(row, column, cell.value, formats["words"])
            else:
                page.write_blank(row, column, None, formats["words"])
        case int():
            page.write_number(row, column, cell, formats["number"])
        case None:
            page.write_string(row, column, "", formats["text"])
        case str():
            page.write_string(row, column, cell, formats["text"])


def _whole_number_rule() -> dict[str, Any]:
    return {
        "validate": "integer",
        "criteria": ">=",
        "value": 0,
        "ignore_blank": True,
        "error_title": _("Chưa đúng"),
        "error_message": _("Nhập số nguyên từ 0 trở lên, không nhập công thức hay chữ."),
    }


# -- what comes back -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A cell of a template that came back: `row` and `column` are the keys; `cell` None where it was left empty."""

    sheet: str
    row: str
    column: str
    coordinate: str
    cell: Cell | None = field(default=None)


def meta_of(book: Workbook) -> dict[str, str]:
    """Return what the hidden sheet says the file is; nothing for a file that is no template."""
    sheet = book.sheet(META)
    return _pairs(sheet, 1) if sheet else {}


def records_of(book: Workbook) -> dict[str, str]:
    """Return, by key, what stood in the cells when the template was made."""
    sheet = book.sheet(META)
    return _pairs(sheet, 4) if sheet else {}


def _pairs(sheet: Sheet, column: int) -> dict[str, str]:
    rows = sorted(row for row, at in sheet.cells if at == column)
    return {sheet.text(row, column): sheet.text(row, column + 1) for row in rows}


def keyed_cells(book: Workbook) -> Iterator[Keyed]:
    """Yield the cells of every visible sheet that stand under a column key and beside a row key, empty ones included."""
    for sheet in book.sheets:
        if not sheet.is_visible:
            continue
        columns = {column: sheet.text(row, column) for row, column in sheet.cells if row == _KEY_ROW and column > 1}
        rows = sorted(
            (row, sheet.text(row, column)) for row, column in sheet.cells if column == _KEY_COLUMN and row > 1
        )
        for row, row_key in rows:
            for column, column_key in sorted(columns.items()):
                yield Keyed(
                    sheet=sheet.name,
                    row=row_key,
                    column=column_key,
                    coordinate=f"{letters(column)}{row}",
                    cell=sheet.cells.get((row, column)),
                )


def letters(column: int) -> str:
    """Return what Excel calls a column: 1 is A, 28 is AB."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
