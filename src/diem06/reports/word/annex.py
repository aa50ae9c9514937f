"""The Excel annex: every figure of every commune, with its key. More than a Word table holds."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import xlsxwriter
from xlsxwriter.format import Format

from diem06.core.plans.queries import Loaded
from diem06.cube.board import Board, Figure, Line
from diem06.cube.standing import Standing
from diem06.plan.model import Level
from diem06.reports.spreadsheet import BOLD, TITLE, height, looks_of, put_on_paper, write_above
from diem06.reports.word.content import GRADES, NOTICE, month_words
from diem06.reports.word.printed import short_date

_HEAD = (
    ("Mã chỉ tiêu", 9), ("Chỉ tiêu", 50), ("Mã địa bàn", 10), ("Xã, phường, thị trấn", 24), ("Thuộc", 20), ("Tử số", 12),
    ("Mẫu số", 12), ("Kết quả", 10), ("Mục tiêu", 9), ("Còn thiếu", 11), ("Đánh giá", 16), ("Nguồn số liệu", 22),
    ("Khóa số liệu", 30),
)  # fmt: skip
_PRINTED = len(_HEAD) - 1
"""The key of a figure is for who looks it up, not for paper."""
_STANDINGS = {
    Standing.MET: "Đạt",
    Standing.BELOW: "Chưa đạt",
    Standing.ON_TRACK: "Đúng tiến độ",
    Standing.AT_RISK: "Có nguy cơ",
    Standing.MISSED: "Không đạt",
    Standing.NO_TARGET: "Không có mục tiêu",
    Standing.NO_DATA: "Chưa có số liệu",
    Standing.NOT_APPLICABLE: "Không phát sinh",
}


def communes(loaded: Loaded, here: Board, *, revision: int) -> bytes:
    """Return the workbook: one row for each indicator (or reading) and commune of the window of `here`."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_custom_property("diem06.plan", loaded.plan.id)
    book.set_custom_property("diem06.bundle", loaded.hash)
    book.set_custom_property("diem06.period", here.window.code)
    book.set_custom_property("diem06.revision", str(revision))
    write_communes(book, loaded, here, revision=revision)
    book.close()
    return buffer.getvalue()


def write_communes(book: xlsxwriter.Workbook, loaded: Loaded, here: Board, *, revision: int) -> None:
    """Add the sheet of the communes to a workbook."""
    sheet = book.add_worksheet("Cấp xã")
    looks = looks_of(book)
    widths = [width for _title, width in _HEAD]
    first, last = short_date(here.window.first_day), short_date(here.window.last_day)
    title = f"{loaded.plan.report.title} {month_words(here.window.months[-1])}: số liệu cấp xã"
    write_above(sheet, 0, title, widths[:_PRINTED], looks["title"], TITLE)
    days = f"Số liệu từ ngày {first} đến hết ngày {last}, bản {revision}."
    for row, text in enumerate([days, *([NOTICE] if loaded.is_made_up else [])], start=1):
        write_above(sheet, row, text, widths[:_PRINTED], looks["line"])
    sheet.set_row(4, height([title for title, _width in _HEAD], widths, BOLD))
    for column, (title, width) in enumerate(_HEAD):
        sheet.write_string(4, column, title, looks["head"])
        sheet.set_column(column, column, width)
    row = 4
    for line, figure in _figures(here, revision):
        row += 1
        _row(sheet, row, line, figure, here, looks)
    sheet.autofilter(4, 0, max(row, 5), len(_HEAD) - 1)
    sheet.freeze_panes(5, 2)
    sheet.repeat_rows(4)
    sheet.print_area(0, 0, row, _PRINTED - 1)
    put_on_paper(sheet, notice=NOTICE if loaded.is_made_up else "")


def _figures(here: Board, revision: int) -> Iterator[tuple[Line, Figure]]:
    for code, line in here.lines.items():
        for area in here.areas(code, Level.COMMUNE):
            yield line, here.figure(code, area=area.code, revision=revision)


def _row(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    line: Line,
    figure: Figure,
    here: Board,
    looks: Mapping[str, Format],
) -> None:
    assert figure.area is not None
    area = here.tree.get(figure.area.code)
    name = f"{line.indicator.name}: {line.reading.text}" if line.reading else line.indicator.name
    amount = "share" if figure.is_ratio else "whole"
    texts = (line.code, name, area.code, area.name, here.tree.get(area.parent).name if area.parent else "")
    after = (_STANDINGS[figure.standing], GRADES[figure.grade] if figure.grade else "", figure.key)
    numbers = (
        (figure.numerator if figure.is_ratio else None, "whole"),
        (figure.denominator, "whole"),
        (figure.value, amount),
        (figure.target, amount),
        (figure.gap if figure.gap is not None and figure.gap > 0 else None, "whole"),
    )
    sheet.set_row(row, height((*texts, *numbers, *after), [width for _title, width in _HEAD]))
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, looks["text"])
    for column, (number, look) in enumerate(numbers, start=len(texts)):
        if number is None:
            sheet.write_blank(row, column, None, looks["text"])
        else:
            sheet.write_number(row, column, float(number), looks[look])
    for column, text in enumerate(after, start=len(texts) + len(numbers)):
        sheet.write_string(row, column, text, looks["text"])
