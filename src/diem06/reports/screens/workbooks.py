"""
Tables as Excel files: the same columns as on screen, each figure with its key.

Numbers are numbers, words are strings (never a formula), and made-up figures say so on every sheet.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.ui.words import GRADES, STANDINGS
from diem06.cube.figures import Figure
from diem06.plan.model import Indicator, Level
from diem06.reports.screens.beside import approximate_words, beside_of
from diem06.reports.screens.dashboard import IndicatorRow, dashboard
from diem06.reports.screens.indicator import units_with
from diem06.reports.screens.maps import about_map, map_cells, map_head
from diem06.reports.screens.outlook import (
    UNDECIDED,
    Outlook,
    codes_of,
    counted_of,
    is_undecided,
    name_of,
    period_name,
    reading_words,
)
from diem06.reports.spreadsheet import BOLD, TITLE, height, looks_of, put_on_paper, write_above


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A day and time, shown as that of the province."""

    at: datetime


Cell = str | Decimal | int | date | Moment | None
MADE_UP: Final = "Số liệu giả định, không phải báo cáo thật"
_NAME_LENGTH = 31  # of a sheet, in Excel
_NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\")


@dataclass(frozen=True, kw_only=True)
class Share:
    """A ratio, shown as a percentage with one decimal."""

    value: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """
    One sheet: `lines` above the table say what it is; `widths` are in characters.

    `frozen`: how many columns stay on screen. `unprinted`: how many of the last ones are left out on paper, where they would make
    the rest too small to read. `is_record`: two columns, a name and what is said of it, so numbers stand at the left as words do.
    """

    name: str
    lines: tuple[str, ...]
    head: tuple[str, ...]
    rows: Iterable[tuple[Cell | Share, ...]]
    widths: tuple[int, ...] = field(default=())
    frozen: int = 0
    unprinted: int = 0
    is_record: bool = False


def written(sheets: Sequence[Sheet], *, is_made_up: bool, is_long: bool = False) -> bytes:
    """
    Return the workbook: A4 landscape as wide as the page, the head repeated on each page and frozen on screen, pages numbered.

    `is_long`: rows are written as they come, and wait on the disk instead of in memory.
    """
    buffer = io.BytesIO()
    keeping = {"constant_memory": True} if is_long else {"in_memory": True}
    book = xlsxwriter.Workbook(buffer, {**keeping, "strings_to_formulas": False, "strings_to_urls": False})
    formats, of_record = looks_of(book), looks_of(book, align="left")
    notice = MADE_UP if is_made_up else ""
    for sheet in sheets:
        page = book.add_worksheet(sheet.name.translate(_NOT_IN_NAMES)[:_NAME_LENGTH])
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        lines = (*sheet.lines, *((notice,) if notice else ()))
        printed = len(sheet.head) - sheet.unprinted
        for row, line in enumerate(lines):
            look, wider = ("line", 1.0) if row else ("title", TITLE)
            write_above(page, row, line, sheet.widths[:printed], formats[look], wider)
        top = len(lines) + 1
        page.set_row(top, height(sheet.head, sheet.widths, BOLD))
        for column, head in enumerate(sheet.head):
            page.write_string(top, column, head, formats["head"])
        row = top
        for row, cells in enumerate(sheet.rows, start=top + 1):
            page.set_row(row, height(cells, sheet.widths))
            for column, cell in enumerate(cells):
                _write(page, row, column, cell, of_record if sheet.is_record else formats)
        page.freeze_panes(top + 1, sheet.frozen)
        page.repeat_rows(top)
        page.print_area(0, 0, row, printed - 1)
        put_on_paper(page, notice=notice)
    book.close()
    return buffer.getvalue()


def _write(
    page: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    cell: Cell | Share,
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    match cell:
        case None | Share(value=None):
            page.write_string(row, column, "—", formats["none"])
        case Share(value=Decimal() as ratio):
            page.write_number(row, column, ratio, formats["share"])
        case str():
            page.write_string(row, column, cell, formats["text"])
        case date():
            page.write_datetime(row, column, cell, formats["date"])
        case Moment(at=at):
            page.write_datetime(row, column, timezone.localtime(at).replace(tzinfo=None), formats["moment"])
        case Decimal() | int():
            is_whole = cell == int(cell)
            page.write_number(row, column, cell, formats["whole" if is_whole else "number"])


# -- the dashboard's table -----------------------------------------------------------------------------------------------
def indicators_workbook(outlook: Outlook) -> bytes:
    """Return every indicator of the period as on the dashboard: worst first, readings beside each other, then the rest."""
    screen = dashboard(outlook)
    rows = [_row(group.words, row) for group in screen.groups for row in group.rows]
    for each in screen.undecided:
        rows += [_row(_("Chưa chọn cách hiểu"), row, words) for words, row in each.readings]
    rows += [_row(_("Không có mục tiêu"), row) for row in screen.without_target]
    periods = tuple(_("Kỳ %(period)s") % {"period": period_name(period)} for period in outlook.recent)
    sheet = Sheet(
        name=_("Chỉ tiêu"),
        lines=(
            _("Chỉ tiêu kỳ %(period)s: %(whose)s")
            % {"period": period_name(outlook.period), "whose": outlook.scope_name},
            *about(outlook),
        ),
        head=(
            _("Nhóm"),
            _("Mã"),
            _("Chỉ tiêu"),
            _("Đơn vị"),
            *periods,
            *figure_head(),
        ),
        rows=rows,
        widths=(24, 7, 46, 19, *(8 for _period in periods), *FIGURE_WIDTHS),
        frozen=3,
        unprinted=UNPRINTED,
    )
    return written([sheet], is_made_up=outlook.loaded.is_made_up)


def _row(group: str, row: IndicatorRow, reading: str = "") -> tuple[Cell | Share, ...]:
    name = f"{name_of(row.indicator)} ({reading})" if reading else name_of(row.indicator)
    course = tuple(Share(value=value) if row.is_share else value for value in row.course)
    return (group, row.code, name, row.owed_by, *course, *figure_cells(row.figure, row.counted, row.standing))


# -- one indicator -------------------------------------------------------------------------------------------------------
def indicator_workbook(outlook: Outlook, indicator: Indicator) -> bytes:
    """Return all tables of an indicator's page, for each of its readings: districts, units, communes, course."""
    sheets = []
    for code in codes_of(indicator):
        sheets += _indicator_sheets(outlook, indicator, code)
    return written(sheets, is_made_up=outlook.loaded.is_made_up)


def _indicator_sheets(outlook: Outlook, indicator: Indicator, code: str) -> list[Sheet]:
    reading = next((reading for reading in indicator.readings if reading.code == code), None)
    title = f"{code} · {name_of(indicator)}" + (f" ({reading_words(reading)})" if reading else "")
    lines = (title, *about(outlook))
    whole = outlook.figure(code)
    sheets = [
        _sheet(outlook, f"{code} {_('Chung')}", lines, _("Phạm vi"), [(outlook.scope_name, whole)], indicator),
        _sheet(
            outlook,
            f"{code} {_('Diễn biến')}",
            lines,
            _("Kỳ"),
            [(period_name(period), figure) for period, figure in outlook.history(code)],
            indicator,
        ),
    ]
    if not outlook.is_whole:
        return sheets
    for level, name, head in (
        (Level.DISTRICT, _("Huyện"), _("Huyện, thành phố")),
        (Level.COMMUNE, _("Xã"), _("Xã, phường, thị trấn")),
    ):
        areas = [
            (area.name if level is Level.DISTRICT else f"{area.name}, {outlook.tree.get(area.parent).name}", area.code)
            for area in outlook.board.areas(code, level)
        ]
        if areas:
            figures = [(words, outlook.figure(code, area=area)) for words, area in areas]
            sheets.append(_sheet(outlook, f"{code} {name}", lines, head, figures, indicator))
    units = [(outlook.unit_short(figure.unit or ""), figure) for figure in units_with(outlook, code)]
    if units:
        sheets.append(_sheet(outlook, f"{code} {_('Đơn vị')}", lines, _("Đơn vị"), units, indicator))
    return sheets


def _sheet(
    outlook: Outlook,
    name: str,
    lines: tuple[str, ...],
    part: str,
    figures: Sequence[tuple[str, Figure]],
    indicator: Indicator,
) -> Sheet:
    counted, is_open = counted_of(indicator), is_undecided(indicator, outlook)
    return Sheet(
        name=name,
        lines=lines,
        head=(part, *figure_head(), *map_head(outlook)),
        rows=[
            (
                words,
                *figure_cells(figure, counted, UNDECIDED if is_open else str(figure.standing)),
                *map_cells(outlook, figure),
            )
            for words, figure in figures
        ],
        widths=(34, *FIGURE_WIDTHS, *(40 for _each in map_head(outlook))),
        frozen=1,
        unprinted=UNPRINTED + len(map_head(outlook)),
    )


# -- shared --------------------------------------------------------------------------------------------------------------
def about(outlook: Outlook) -> tuple[str, ...]:
    window = outlook.period
    return (
        _("Kỳ %(first)s đến hết %(last)s, số liệu lúc %(at)s")
        % {
            "first": f"{window.first_day:%d/%m/%Y}",
            "last": f"{window.last_day:%d/%m/%Y}",
            "at": f"{outlook.at:%H:%M %d/%m/%Y}",
        },
        *about_map(outlook),
    )


def figure_head() -> tuple[str, ...]:
    return (
        _("Giá trị"),
        _("Tử số"),
        _("Mẫu số"),
        _("Mục tiêu"),
        _("Thời hạn"),
        _("Còn thiếu (+), vượt (−)"),
        _("Đếm theo"),
        _("Trạng thái"),
        _("Nguồn"),
        _("Đơn vị đã gửi"),
        _("Đơn vị phải gửi"),
        _("Nguồn khác"),
        _("Cách đếm"),
        _("Mã số liệu"),
    )


FIGURE_WIDTHS = (9, 12, 12, 9, 12, 13, 12, 15, 15, 8, 8, 40, 24, 34)
UNPRINTED = 3
"""The last columns of a figure: what another source says, how it was counted, its key."""


def figure_cells(figure: Figure, counted: str, standing: str) -> tuple[Cell | Share, ...]:
    return (
        Share(value=figure.value) if figure.is_ratio else figure.value,
        figure.numerator,
        figure.denominator,
        Share(value=figure.target) if figure.is_ratio else figure.target,
        figure.deadline,
        figure.gap,
        counted,
        str(STANDINGS[standing].words),
        str(GRADES[str(figure.grade)].words) if figure.grade else None,
        figure.reported if figure.expected else None,
        figure.expected or None,
        "; ".join(f"{each.side_words}: {each.words}" for each in beside_of(figure)),
        approximate_words() if figure.is_approximate else "",
        figure.key,
    )
