"""
The annexes of a report as an Excel file, a sheet each, and the figures of the communes.

A number is a number, rounded as the report prints it; the last sheet says under which key each cell's figure is found.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from diem06.core.plans.queries import Loaded
from diem06.cube.board import Board
from diem06.reports.spreadsheet import BOLD, TITLE, height, looks_of, put_on_paper, write_above
from diem06.reports.word.annex import write_communes
from diem06.reports.word.content import month_words
from diem06.reports.word.material import Material
from diem06.reports.word.tree import Annex, Cell, Content, Mark, Paragraph, Row, Run, Table, text_of
from vnlib.text import NumberTextError, parse_number

KEYS = "Khóa số liệu"
_MM_PER_CHARACTER = 2.2
_NARROWEST = 8.0
"""Characters."""


def annexes_workbook(loaded: Loaded, material: Material, content: Content, here: Board | None) -> bytes:
    """Return the workbook: a sheet for each annex, one of the communes of the window of `here`, and the keys."""
    return _Book(loaded, material, content).written(here)


class _Book:
    def __init__(self, loaded: Loaded, material: Material, content: Content) -> None:
        self._buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self._buffer, {**options, "strings_to_numbers": False})
        self.loaded, self.material, self.content = loaded, material, content
        self.looks = looks_of(self.book)
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
            sheet.write_string(0, column, title, self.looks["head"])
            sheet.set_column(column, column, width)
        for row, (name, cell, tag) in enumerate(self.keys, start=1):
            for column, text in enumerate((name, cell, tag)):
                sheet.write_string(row, column, text, self.looks["text"])
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        put_on_paper(sheet, notice=self.content.notice)
        self.book.close()
        return self._buffer.getvalue()

    def _annex(self, annex: Annex) -> None:
        name = f"Phụ lục {annex.number}"
        sheet = self.book.add_worksheet(name)
        tables = [_split(block) for block in annex.blocks if isinstance(block, Table)]
        widths = [max(each) for each in zip_longest(*(table.widths for table in tables), fillvalue=_NARROWEST)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        about = f"{self.loaded.plan.report.title} {month_words(self.material.period.code)}"
        write_above(sheet, 0, f"{name}. {annex.title}", widths, self.looks["title"], TITLE)
        for row, text in enumerate([about, *([self.content.notice] if self.content.notice else [])], start=1):
            write_above(sheet, row, text, widths, self.looks["line"])
        row, heads = 4, []
        for block in annex.blocks:
            match block:
                case Table():
                    heads.append(row)
                    row = self._table(sheet, name, tables[len(heads) - 1], widths, row) + 1
                case Paragraph():
                    write_above(sheet, row, text_of(block.runs), widths, self.looks["line"])
                    row += 1
        if len({table.head for table in tables}) == 1:
            sheet.freeze_panes(heads[0] + 1, 0)
            sheet.repeat_rows(heads[0])
        put_on_paper(sheet, notice=self.content.notice)

    def _table(
        self, sheet: xlsxwriter.worksheet.Worksheet, name: str, table: _Split, widths: Sequence[float], top: int
    ) -> int:
        sheet.set_row(top, height(table.head, widths, BOLD))
        for column, title in enumerate(table.head):
            sheet.write_string(top, column, title, self.looks["head"])
        row = top
        for row, cells in enumerate(table.rows, start=top + 1):
            if len(cells) == 1:
                write_above(sheet, row, text_of(cells[0].runs), widths[: len(table.head)], self.looks["group"], BOLD)
                self._keys(name, row, 0, cells[0])
                continue
            sheet.set_row(row, height([text_of(cell.runs) for cell in cells], widths))
            for column, cell in enumerate(cells):
                self._cell(sheet, name, row, column, cell)
        return row + 1

    def _keys(self, name: str, row: int, column: int, cell: Cell) -> None:
        for run in cell.runs:
            if isinstance(run, Mark):
                self.keys.append((name, xl_rowcol_to_cell(row, column), run.tag))

    def _cell(self, sheet: xlsxwriter.worksheet.Worksheet, name: str, row: int, column: int, cell: Cell) -> None:
        self._keys(name, row, column, cell)
        number = _number(cell)
        if number is not None:
            value, look = number
            sheet.write_number(row, column, float(value), self.looks[look])
            return
        text = text_of(cell.runs)
        sheet.write_string(row, column, text, self.looks["none" if text in ("–", "—", "-") else "text"])


@dataclass(frozen=True, kw_only=True)
class _Split:
    """A table with «141/220» in two columns; a row of one cell is the name of a group."""

    head: tuple[str, ...]
    widths: tuple[float, ...]  # in characters
    rows: tuple[tuple[Cell, ...], ...]


def _split(table: Table) -> _Split:
    split = {place for place in range(len(table.head)) if _is_fraction(table.rows, place)}
    titles: list[tuple[str, float]] = []
    for place, (title, width) in enumerate(zip(table.head, table.widths, strict=True)):
        if place in split:
            titles += [(part[:1].upper() + part[1:], width / 2) for part in title.split("/", 1)]
        else:
            titles.append((title, width))
    rows: list[tuple[Cell, ...]] = []
    for each in table.rows:
        if each.is_group:
            rows.append((Cell(runs=each.cells[0].runs),))
            continue
        halves = [_halves(cell) if place in split else (cell.runs,) for place, cell in enumerate(each.cells)]
        rows.append(tuple(Cell(runs=runs) for parts in halves for runs in parts))
    return _Split(
        head=tuple(title for title, _width in titles),
        widths=tuple(max(_NARROWEST, width / _MM_PER_CHARACTER) for _title, width in titles),
        rows=tuple(rows),
    )


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
    return (number / 100, "share") if text.endswith("%") else (number, "whole")
