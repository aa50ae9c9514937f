"""
Lists as Excel files: one row for each thing, the same columns out and in.

A list is found again by the words over its columns, in either language of the screens, so columns may be moved, added or left
out; what stands in no declared column is not read. The hidden sheet of the template says which list it is; a file without
one, from another system, is read as well.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.sheets import templates
from diem06.core.sheets.bulk import read_bulk
from diem06.core.sheets.columns import (
    NUMBERS,
    Answers,
    Column,
    Context,
    Kind,
    name_key,
    python_value,
    read_cell,
    shown_value,
)
from diem06.core.sheets.declared import SEPARATOR, ListSheet, ReadCell, Reading, ReadRow, WrongFileError
from diem06.core.sheets.reading import Cell, Sheet, Workbook, read_workbook
from vnlib.text import fold

TEMPLATE: Final = "diem06-list"
VERSION: Final = "1"
INPUT_ROWS: Final = 5_000  # rows of a template that have their drop-downs and checks
HEAD_WITHIN: Final = 30
SHOWN_TEXT: Final = 300
_REQUIRED: Final = " *"
_A4: Final = 9
_LONGEST_DROP_DOWN: Final = 255  # Excel's own, of all its words together


# -- out -------------------------------------------------------------------------------------------------------------
def written_list(sheet: ListSheet, rows: Iterable[Mapping[str, Any]], *, scope: str, at: datetime) -> bytes:
    """
    Return the list as a workbook that can be filled in: A4 landscape, its head on every page and always in view.

    Texts are written as texts, whatever they begin with. Without rows it is the template to begin with.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    page = book.add_worksheet(templates.sheet_name(str(sheet.title)))
    formats = _formats(book)
    lines = [line for line in (str(sheet.title), sheet.words(scope), _("Cột có dấu * bắt buộc nhập.")) if line]
    for row, line in enumerate(lines):
        page.write_string(row, 0, line, formats["title" if row == 0 else "line"])
    head = len(lines)
    for at_column, column in enumerate(sheet.columns):
        page.set_column(at_column, at_column, column.width, formats[_format_of(column)])
        page.write_string(head, at_column, str(column.head) + (_REQUIRED if column.required else ""), formats["head"])
        if column.help:
            page.write_comment(head, at_column, str(column.help), {"author": "diem06"})
        if rule := _rule_of(column):
            page.data_validation(head + 1, at_column, head + INPUT_ROWS, at_column, rule)
    for row, values in enumerate(rows, start=head + 1):
        for at_column, column in enumerate(sheet.columns):
            _write(page, row, at_column, column, values.get(column.key), formats)
    page.freeze_panes(head + 1, 0)
    page.repeat_rows(head)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.protect(
        "",
        {
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "insert_rows": True,
            "delete_rows": True,
            "sort": True,
            "autofilter": True,
        },
    )
    hidden = book.add_worksheet(templates.META)
    meta = {"template": TEMPLATE, "version": VERSION, "sheet": sheet.code, "scope": scope, "made_at": at.isoformat()}
    for row, (name, value) in enumerate(meta.items()):
        hidden.write_string(row, 0, name)
        hidden.write_string(row, 1, value)
    hidden.very_hidden()
    book.close()
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    entry = {**font, "locked": False, "border": 1, "border_color": "#C9C9C4", "bg_color": "#FFFBE6"}
    return {
        "title": book.add_format({**font, "bold": True, "font_size": 14}),
        "line": book.add_format({**font, "italic": True}),
        "head": book.add_format(
            {**font, "bold": True, "text_wrap": True, "bg_color": "#EFEFEA", "align": "center", "border": 1}
        ),
        "number": book.add_format({**entry, "num_format": "#,##0"}),
        "date": book.add_format({**entry, "num_format": "dd/mm/yyyy"}),
        "words": book.add_format({**entry, "num_format": "@", "text_wrap": True, "valign": "top"}),
    }


def _format_of(column: Column) -> str:
    if column.kind in NUMBERS:
        return "number"
    return "date" if column.kind is Kind.DATE else "words"


def _rule_of(column: Column) -> dict[str, Any] | None:
    told = {"error_title": _("Chưa đúng"), "ignore_blank": True}
    if column.kind in NUMBERS:
        words = _("Nhập số nguyên từ 0 trở lên, không nhập công thức hay chữ.")
        return {"validate": "integer", "criteria": ">=", "value": 0, "error_message": words, **told}
    if column.kind is Kind.DATE:
        words = _("Nhập ngày như 05/06/2024.")
        return {
            "validate": "date",
            "criteria": ">=",
            "value": date(1900, 1, 1),
            "error_message": words,
            **told,
        }
    choices = [str(words) for _value, words in column.choices]
    if column.kind is Kind.CHOICE and len(",".join(choices)) <= _LONGEST_DROP_DOWN:
        return {"validate": "list", "source": choices, "error_message": _("Chọn trong danh sách."), **told}
    return None


def _write(page: Any, row: int, at: int, column: Column, value: Any, formats: Mapping[str, Any]) -> None:
    look = formats[_format_of(column)]
    if value is None or value == "":
        page.write_blank(row, at, None, look)
    elif column.kind in NUMBERS:
        page.write_number(row, at, value, look)
    elif column.kind is Kind.DATE:
        page.write_datetime(row, at, datetime.combine(value, datetime.min.time()), look)
    else:
        page.write_string(row, at, shown_value(column, value) if column.kind is Kind.CHOICE else str(value), look)


# -- in --------------------------------------------------------------------------------------------------------------
def read_list(sheet: ListSheet, content: bytes, *, answers: Answers, on: date) -> Reading:
    """
    Return the rows of a list. Areas and units are those of the day `on`.

    Raises a WorkbookError for a file that is not read, is another list's template, or has no line with the heads.
    """
    book = read_bulk(content) if sheet.bulk else read_workbook(content)
    meta = templates.meta_of(book)
    if meta and (meta.get("template"), meta.get("sheet")) != (TEMPLATE, sheet.code):
        raise WrongFileError(_("Tệp là mẫu của nội dung khác. Tải mẫu ở trang này, điền rồi tải lên."))
    reader = _Reader(sheet, Context(answers=answers, on=on))
    pages = [page for page in book.sheets if page.is_visible and page.name != templates.META]
    found = [(page, place) for page in pages if (place := reader.head_of(page))]
    if not found:
        wanted = ", ".join(str(column.head) for column in sheet.columns if column.required)
        raise WrongFileError(_("Không thấy dòng tiêu đề. Tệp phải có các cột: %(columns)s.") % {"columns": wanted})
    rows = [row for page, (head, places) in found for row in reader.rows(page, head, places)]
    return Reading(rows=rows, notes=tuple(_notes(book, found)))


def _notes(book: Workbook, found: Sequence[tuple[Sheet, tuple[int, dict[str, int]]]]) -> Iterable[str]:
    hidden = sum(1 for page, (head, _places) in found for row in page.hidden_rows if row > head)
    if hidden:
        yield _("Tệp có %(n)s dòng ẩn. Dòng ẩn có số liệu vẫn được đọc, xem ở danh sách dưới.") % {"n": hidden}
    if ignored := [page.name for page in book.sheets if not page.is_visible and page.name != templates.META]:
        yield _("Không đọc trang ẩn: %(names)s.") % {"names": ", ".join(ignored)[:200]}


class _Reader:
    def __init__(self, sheet: ListSheet, context: Context) -> None:
        self._sheet = sheet
        self._context = context
        self._named = {column.key: column for column in sheet.columns}
        self._heads = _heads_of(sheet.columns)
        self._seen: dict[str, tuple[str, int]] = {}

    def head_of(self, page: Sheet) -> tuple[int, dict[str, int]] | None:
        """Return the row of the heads and the place of each column, None for a page that is no list of this sheet."""
        required = {column.key for column in self._sheet.columns if column.required}
        by_row: dict[int, dict[str, int]] = {}
        for (row, column), cell in page.cells.items():
            if row <= HEAD_WITHIN and (key := self._heads.get(_head_key(cell.text))):
                by_row.setdefault(row, {}).setdefault(key, column)
        return next(((row, by_row[row]) for row in sorted(by_row) if required <= by_row[row].keys()), None)

    def rows(self, page: Sheet, head: int, places: Mapping[str, int]) -> Iterable[ReadRow]:
        """Yield the rows below the heads that hold anything in a declared column."""
        by_row: dict[int, dict[int, Cell]] = {}
        columns = set(places.values())
        for (row, column), cell in page.cells.items():
            if row > head and column in columns:
                by_row.setdefault(row, {})[column] = cell
        for row in sorted(by_row):
            yield self._row(page, row, by_row[row], places)

    def _row(self, page: Sheet, row: int, here: Mapping[int, Cell], places: Mapping[str, int]) -> ReadRow:
        cells = []
        values: dict[str, Any] = {}
        for column in self._sheet.columns:
            if column.key not in places:
                continue
            cell = here.get(places[column.key])
            read = read_cell(column, cell, self._context)
            values[column.key] = read.value
            cells.append(
                ReadCell(
                    column=column.key,
                    at=f"{templates.letters(places[column.key])}{row}",
                    text=cell.text[:SHOWN_TEXT] if cell else "",
                    shown="" if read.reason else shown_value(column, read.value),
                    reason=read.reason,
                    asks=read.asks,
                    proposal=read.proposal[:SHOWN_TEXT],
                )
            )
        is_right = not any(cell.reason for cell in cells)
        key = SEPARATOR.join(str(values.get(name)) for name in self._sheet.key) if is_right else ""
        reason = self._wrong_row(page, row, key, values) if is_right else ""
        return ReadRow(
            sheet=page.name,
            at=str(row),
            key=key,
            label=self._label(values),
            cells=tuple(cells),
            values=values if is_right and not reason else None,
            reason=reason,
            hint=_("dòng đang ẩn trong tệp") if row in page.hidden_rows else "",
        )

    def _wrong_row(self, page: Sheet, row: int, key: str, values: Mapping[str, Any]) -> str:
        if key in self._seen:
            sheet, first = self._seen[key]
            return _("trùng với dòng %(row)s của trang «%(sheet)s»; xóa một dòng") % {"row": first, "sheet": sheet}
        self._seen[key] = (page.name, row)
        typed = {name: python_value(self._named[name], value) for name, value in values.items()}
        return next((found for check in self._sheet.row_checks if (found := check(typed))), "")

    def _label(self, values: Mapping[str, Any]) -> str:
        return " · ".join(self._words(name, values.get(name)) for name in self._sheet.key)

    def _words(self, name: str, value: Any) -> str:
        column = self._named[name]
        if value is not None and column.kind is Kind.AREA and value in (tree := areas_on(self._context.on)):
            return tree.get(value).name
        if value is not None and column.kind is Kind.UNIT and (unit := units_on(self._context.on).get(value)):
            return unit.short
        return shown_value(column, value)


def _heads_of(columns: Iterable[Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {_head_key(str(column.head)): column.key for column in columns}
    return found


def _head_key(text: str) -> str:
    return fold(name_key(text.removesuffix(_REQUIRED)))
