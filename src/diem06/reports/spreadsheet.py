"""How every Excel file of the reports looks: cells, rows in which no word is cut, and the page on paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LINE: Final = 15
"""Points: the height of a line of text."""
TITLE, BOLD = 1.3, 1.1
"""How much wider these letters are than plain ones."""
_LETTERS = 1.15
"""Letters of running text that are as wide as a digit, with something to spare: fonts put there by Excel and LibreOffice take 1.2."""

_CELL: Final = {"valign": "top", "text_wrap": True, "bottom": 1, "bottom_color": "#D9D9D9"}
# The space after a number keeps it off the words of the next column. [$-42A]: as Vietnamese writes it, where the program can.
_LOOKS: Final[Mapping[str, Mapping[str, object]]] = {
    "title": {"bold": True, "font_size": 13, "bottom": 0},
    "line": {"italic": True, "bottom": 0},
    "head": {"bold": True, "bottom_color": "#000000", "align": "center", "valign": "vcenter"},
    "group": {"bold": True},
    "text": {},
    "none": {"align": "center"},
    "share": {"num_format": "[$-42A]0.0%_)", "text_wrap": False},
    "number": {"num_format": "[$-42A]#,##0.##_)", "text_wrap": False},
    "whole": {"num_format": "[$-42A]#,##0_)", "text_wrap": False},
    "date": {"num_format": "dd/mm/yyyy_)", "text_wrap": False},
    "moment": {"num_format": "hh:mm dd/mm/yyyy_)", "text_wrap": False},
}


def looks_of(book: xlsxwriter.Workbook, **more: object) -> dict[str, Format]:
    """Return the looks of cells by name; `more` goes for all of them."""
    return {name: book.add_format({**_CELL, **looks, **more}) for name, looks in _LOOKS.items()}


def height(cells: Iterable[object], widths: Sequence[float], wider: float = 1) -> float:
    """
    Return the height of a row in which no text is cut: not every program makes rows fit when a file is opened.

    Words are put on lines as a program does; a column is as wide as so many digits, and so takes more letters.
    """
    lines = [
        len(textwrap.wrap(cell, max(int(width * _LETTERS / wider), 1)))
        for cell, width in zip(cells, widths, strict=False)
        if isinstance(cell, str) and len(cell) * wider > width
    ]
    return LINE * wider * max([1, *lines])


def write_above(page: Worksheet, row: int, text: str, widths: Sequence[float], look: Format, wider: float = 1) -> None:
    """Write a text across a table of these widths, over as many lines as it takes."""
    page.set_row(row, height([text], [sum(widths) or len(text)], wider))
    page.merge_range(row, 0, row, max(len(widths), 2) - 1, "", look)
    page.write_string(row, 0, text, look)


def put_on_paper(page: Worksheet, *, notice: str = "") -> None:
    """Set the page up: A4 landscape, as wide as the paper and as long as it takes, pages numbered, `notice` at each foot."""
    page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L&8{notice}&R&8&P/&N")
