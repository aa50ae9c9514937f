"""
The annexes of a report as an Excel file, a sheet each, and the figures of the communes.

A number is a number, rounded as the report prints it; the last sheet says under which key each cell's figure is found.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from decimal import Decimal

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from diem06.core.plans.queries import Loaded
from diem06.cube.board import Board
from diem06.reports.word.annex import write_communes
from diem06.reports.word.content import month_words
from diem06.reports.word.material import Material
from diem06.reports.word.tree import Annex, Cell, Content, Mark, Paragraph, Row, Run, Table, text_of
from vnlib.text import NumberTextError, parse_number

KEYS = "Khóa số liệu"
_FORMATS = {"share": "0.0%", "count": "#,##0"}
_MM_PER_CHARACTER = 2.2


def annexes_workbook(loaded: Loaded, material: Material, content: Content, here: Board | None) -> bytes:
    """Return the workbook: a sheet for each annex, one of the communes of the window of `here`, and the keys."""
    return _Book(loaded, material, content).written(here)


class _Book:
    def __init__(self, loaded: Loaded, material: Material, content: Content) -> None:
        self._buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self._buffer, {**options, "strings_to_numbers": False})
        self.loaded, self.material, self.content = loaded, material, content
        self.bold = self.book.add_format({"bold": True})
        self.words = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.head = self.book.add_format(
            {"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"}
        )
        self.numbers = {
            name: self.book.add_format({"num_format": form, "valign": "top"}) for name, form in _FORMATS.items()
        }
        self.keys: list[tuple[str, str, str]] = []
        properties = {
            "diem06.plan": loaded.plan.id,
            "diem06.bundle": loaded.hash,
            "diem06.period": content.period,
            "diem06.kind": content.kind,
            "diem06.revision": str(material.windows.now.revision),
        }
        for name, value in properties.items():
            self.book.set_custom_property(name, value)

    def written(self, here: Board | None) -> bytes:
        for annex in self.content.annexes:
            self._annex(annex)
        if here is not None:
            write_communes(self.book, self.loaded, here, revision=self.material.windows.now.revision)
        sheet = self.book.add_worksheet(KEYS)
        for column, (title, width) in enumerate((("Trang", 14), ("Ô", 8), ("Khóa số liệu", 48))):
            sheet.write_string(0, column, title, self.head)
            sheet.set_column(column, column, width)
        for row, (name, cell, tag) in enumerate(self.keys, start=1):
            for column, text in enumerate((name, cell, tag)):
                sheet.write_string(row, column, text)
        sheet.freeze_panes(1, 0)
        self.book.close()
        return self._buffer.getvalue()

    def _annex(self, annex: Annex) -> None:
        name = f"Phụ lục {annex.number}"
        sheet = self.book.add_worksheet(name)
        period = self.material.period
        sheet.write_string(0, 0, f"{name}. {annex.title}", self.bold)
        sheet.write_string(1, 0, f"{self.loaded.plan.report.title} {month_words(period.code)}")
        if self.content.notice:
            sheet.write_string(2, 0, self.content.notice, self.bold)
        row = 4
        for block in annex.blocks:
            match block:
                case Table():
                    row = self._table(sheet, name, block, row) + 1
                case Paragraph():
                    sheet.write_string(row, 0, text_of(block.runs))
                    row += 1
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if self.content.notice:
            sheet.set_footer(f"&L{self.content.notice}&R&P/&N")

    def _table(self, sheet: xlsxwriter.worksheet.Worksheet, name: str, table: Table, top: int) -> int:
        split = {place for place in range(len(table.head)) if _is_fraction(table.rows, place)}
        titles: list[tuple[str, float]] = []
        for place, (title, width) in enumerate(zip(table.head, table.widths, strict=True)):
            if place in split:
                titles += [(part[:1].upper() + part[1:], width / 2) for part in title.split("/", 1)]
            else:
                titles.append((title, width))
        for column, (title, width) in enumerate(titles):
            sheet.write_string(top, column, title, self.head)
            sheet.set_column(column, column, max(8.0, width / _MM_PER_CHARACTER))
        row = top
        for each in table.rows:
            row += 1
            if each.is_group:
                sheet.write_string(row, 0, text_of(each.cells[0].runs), self.bold)
                continue
            column = 0
            for place, cell in enumerate(each.cells):
                for runs in _halves(cell) if place in split else (cell.runs,):
                    self._cell(sheet, name, row, column, Cell(runs=runs))
                    column += 1
        return row + 1

    def _cell(self, sheet: xlsxwriter.worksheet.Worksheet, name: str, row: int, column: int, cell: Cell) -> None:
        for run in cell.runs:
            if isinstance(run, Mark):
                self.keys.append((name, xl_rowcol_to_cell(row, column), run.tag))
        number = _number(cell)
        if number is None:
            sheet.write_string(row, column, text_of(cell.runs), self.words)
        else:
            value, look = number
            sheet.write_number(row, column, float(value), self.numbers[look])


def _is_fraction(rows: Iterable[Row], place: int) -> bool:
    return any(not row.is_group and len(row.cells[place].runs) == 3 and _halves(row.cells[place])[1] for row in rows)


def _halves(cell: Cell) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Part «141/220» into its two numbers; anything else stands in the first half alone."""
    runs = cell.runs
    if len(runs) == 3 and isinstance(runs[0], Mark) and isinstance(runs[2], Mark) and runs[1].text == "/":
        return (runs[:1], runs[2:])
    return (runs, ())


def _number(cell: Cell) -> tuple[Decimal, str] | None:
    """Return the number that a cell holds, and how it is shown; None for words."""
    if len(cell.runs) != 1 or not isinstance(cell.runs[0], Mark):
        return None
    text = cell.runs[0].text
    try:
        number = parse_number(text.removesuffix("%"), dot="thousands")
    except NumberTextError:
        return None
    return (number / 100, "share") if text.endswith("%") else (number, "count")
