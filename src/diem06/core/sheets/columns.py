"""
What one cell of an upload may hold, and what is read from it: numbers, money, dates, words, choices, codes, areas, units.

Nothing is guessed. What can be read in two ways (`1.234`, words in a font of before Unicode) is asked once for the whole file:
`Answers` holds what the person said.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.sheets.reading import Cell
from diem06.core.sheets.reading import Kind as CellKind
from diem06.core.ui.numbers import NO_VALUE, number
from vnlib.text import (
    AmbiguousNumberError,
    NumberTextError,
    convert_legacy,
    detect_legacy,
    format_date,
    normalise,
    parse_number,
    unify_tone_placement,
)

MAX_IN_EXCEL: Final = (
    999_999_999_999_999  # Excel keeps fifteen digits of a number and rounds the rest away without a word
)
SHOWN: Final = 40
_COMMA_GROUP = re.compile(r"[0-9]{1,3},[0-9]{3}")
_DATE_TEXT = re.compile(r"(?P<day>[0-9]{1,2})[/.\-](?P<month>[0-9]{1,2})[/.\-](?P<year>[0-9]{4})")
_ISO_TEXT = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")

Check: TypeAlias = Callable[[Any], str]
"""Takes a value and returns what is wrong with it, a sentence for the person; "" if nothing is."""
Words: TypeAlias = str | Promise


class Kind(enum.StrEnum):
    """What a column holds."""

    WHOLE = "whole"  # a whole number from 0
    MONEY = "money"  # đồng, a whole number from 0
    DATE = "date"
    TEXT = "text"
    CODE = "code"  # text of digits and letters that keeps its zeros
    CHOICE = "choice"
    AREA = "area"  # the code of an area of the day, or its name where only one area has it
    UNIT = "unit"  # the code of a unit of the day, or one of its names


NUMBERS: Final = (Kind.WHOLE, Kind.MONEY)


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    A column of a declared sheet. `head` stands over it in the file and finds it again, in either language of the screens.

    `choices`: value and words of each. `length`: of a code, in characters (0: any). `most`: the longest text. `level`: of an
    area. `checks` are asked of each value that could be read.
    """

    key: str
    head: Words
    kind: Kind = Kind.TEXT
    required: bool = False
    checks: tuple[Check, ...] = ()
    help: Words = ""
    width: int = 16
    choices: tuple[tuple[str, Words], ...] = ()
    length: int = 0
    most: int = 500
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the person said about the whole file: how the dot of «1.234» is meant, and that old fonts may be converted."""

    dot: Literal["", "thousands", "decimal"] = ""
    converts_fonts: bool = False


@dataclass(frozen=True, kw_only=True)
class Read:
    """
    What was read from a cell. `value` is plain JSON (a date as text); `reason` says what is wrong.

    `asks`: "dot" or "fonts" where an answer about the file would settle it. `proposal`: the words in Unicode.
    """

    value: Any = None
    reason: str = ""
    asks: str = ""
    proposal: str = ""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of areas or units to their codes; a name that two share leads nowhere."""

    codes: frozenset[str]
    by_name: dict[str, str] = field(repr=False)

    def find(self, text: str) -> str:
        """Return the code that `text` is or names, "" for none."""
        return text if text in self.codes else self.by_name.get(name_key(text), "")


class Context:
    """What all cells of a file are read by: the person's answers, and the names of areas and units of the day `on`."""

    def __init__(self, *, answers: Answers, on: date) -> None:
        self.answers = answers
        self.on = on
        self._areas: dict[str, Names] = {}
        self._units: Names | None = None

    def areas(self, level: str = "") -> Names:
        """Return the areas of the day, all or those of one level."""
        if level not in self._areas:
            areas = [area for area in areas_on(self.on) if not level or area.level == level]
            self._areas[level] = _names((area.code, (area.name, area.short_name)) for area in areas)
        return self._areas[level]

    def units(self) -> Names:
        """Return the units of the day."""
        if self._units is None:
            self._units = _names((code, (unit.name, unit.short)) for code, unit in units_on(self.on).items())
        return self._units


def name_key(text: str) -> str:
    """Return what two spellings of one name share: case, blanks and the place of the tone differ, marks never do."""
    return " ".join(unify_tone_placement(tidied(text)).lower().split())


def _names(named: Iterable[tuple[str, tuple[str, ...]]]) -> Names:
    codes = set()
    by_name: dict[str, str] = {}
    shared = set()
    for code, names in named:
        codes.add(code)
        for name in {name_key(name) for name in names if name}:
            if by_name.setdefault(name, code) != code:
                shared.add(name)
    return Names(codes=frozenset(codes), by_name={name: code for name, code in by_name.items() if name not in shared})


# -- reading a cell --------------------------------------------------------------------------------------------------
def read_cell(column: Column, cell: Cell | None, context: Context) -> Read:
    """Return what a cell holds under `column`."""
    if cell is None:
        return Read(reason=_("cột bắt buộc; nhập vào ô này")) if column.required else Read()
    if reason := _wrong_kind(cell):
        return Read(reason=reason)
    read = _READERS[column.kind](column, cell, context)
    if read.reason or read.value is None:
        return read
    reason = next((found for check in column.checks if (found := check(python_value(column, read.value)))), "")
    return Read(reason=reason) if reason else read


def python_value(column: Column, value: Any) -> Any:
    """Return a plain JSON value as the app's code takes it: dates as dates."""
    return date.fromisoformat(value) if column.kind is Kind.DATE and value is not None else value


def plain_value(value: Any) -> Any:
    """Return a value of the app's as it is compared and kept: dates as text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def read_whole(cell: Cell, answers: Answers) -> Read:
    """Read a whole number from 0, typed as a number or as an unmistakable text."""
    if reason := _wrong_kind(cell):
        return Read(reason=reason)
    told = {"text": cell.text[:SHOWN]}
    if cell.kind is CellKind.DATE:
        return Read(reason=_("là ngày hoặc giờ, không phải số; đổi định dạng ô thành số, nhập lại"))
    if cell.kind is CellKind.BOOLEAN:
        return Read(reason=_("là đúng/sai, không phải số; nhập số nguyên"))
    if isinstance(cell.value, Decimal):
        return _sized(cell.value, told)
    return _from_text(cell, answers, told)


def _from_text(cell: Cell, answers: Answers, told: dict[str, str]) -> Read:
    text = cell.text.strip()
    if _COMMA_GROUP.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return _sized(parse_number(text, dot=answers.dot or None), told)
    except AmbiguousNumberError:
        return Read(reason=_("«%(text)s» đọc được hai cách; trả lời câu hỏi về dấu chấm, phẩy") % told, asks="dot")
    except NumberTextError:
        return Read(reason=_("«%(text)s» không phải số; nhập số nguyên, ví dụ 1234") % told)


def _sized(number: Decimal, told: dict[str, str]) -> Read:
    if number != number.to_integral_value():
        return Read(reason=_("«%(text)s» có phần lẻ; nhập số nguyên") % told)
    if number < 0:
        return Read(reason=_("«%(text)s» nhỏ hơn 0; nhập số từ 0 trở lên") % told)
    if number > MAX_IN_EXCEL:
        return Read(reason=_("«%(text)s» quá lớn, Excel chỉ giữ 15 chữ số; kiểm tra lại số") % told)
    return Read(value=int(number))


def read_words(cell: Cell, answers: Answers, *, most: int) -> Read:
    """Read words. Those in a font of before Unicode are converted where the person allowed it, and else asked about."""
    if reason := _wrong_kind(cell):
        return Read(reason=reason)
    text, proposal = tidied(cell.text), ""
    if encoding := detect_legacy(cell.text, cell.font):
        proposal = tidied(convert_legacy(cell.text, encoding, font_name=cell.font))
        if not answers.converts_fonts:
            return Read(
                reason=_("chữ theo phông cũ %(font)s; xem chữ chuyển đổi ở đầu trang rồi đồng ý")
                % {"font": cell.font or encoding.value.upper()},
                asks="fonts",
                proposal=proposal,
            )
        text = proposal
    if len(text) > most:
        return Read(reason=_("dài %(n)s ký tự, nhiều nhất %(most)s; rút gọn lại") % {"n": len(text), "most": most})
    return Read(value=text, proposal=proposal)


def tidied(text: str) -> str:
    """Return words as they are stored: Unicode NFC, one kind of line end, no blanks around."""
    return normalise(text.replace("\r\n", "\n").replace("_x000D_", "")).strip()


def _wrong_kind(cell: Cell) -> str:
    """Formulas and errors are no values, whatever the column holds."""
    told = {"text": cell.text[:SHOWN]}
    if cell.kind is CellKind.FORMULA:
        return _("«%(text)s» là công thức; chép ô, dán giá trị (Paste Values), rồi tải lên lại") % told
    if cell.kind is CellKind.ERROR:
        return _("«%(text)s» là lỗi của Excel; nhập lại, hoặc xóa ô nếu chưa có") % told
    return ""


def _whole(column: Column, cell: Cell, context: Context) -> Read:  # noqa: ARG001  one signature of all readers
    return read_whole(cell, context.answers)


def _text(column: Column, cell: Cell, context: Context) -> Read:
    return read_words(cell, context.answers, most=column.most)


def _date(column: Column, cell: Cell, context: Context) -> Read:  # noqa: ARG001
    told = {"text": cell.text[:SHOWN]}
    if isinstance(cell.value, datetime):
        return Read(value=cell.value.date().isoformat())
    if isinstance(cell.value, date):
        return Read(value=cell.value.isoformat())
    found = _DATE_TEXT.fullmatch(cell.text.strip()) or _ISO_TEXT.fullmatch(cell.text.strip())
    if cell.kind is not CellKind.TEXT or not found:
        return Read(reason=_("«%(text)s» không phải ngày; nhập như 05/06/2024") % told)
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return Read(reason=_("«%(text)s» không có trong lịch; kiểm tra ngày, tháng, năm") % told)
    return Read(value=day.isoformat())


def _code(column: Column, cell: Cell, context: Context) -> Read:  # noqa: ARG001
    text = tidied(cell.text)
    told = {"text": text[:SHOWN], "n": column.length}
    if cell.kind not in {CellKind.TEXT, CellKind.NUMBER}:
        return Read(reason=_("«%(text)s» không phải mã; nhập dạng chữ") % told)
    if column.length and cell.kind is CellKind.NUMBER and len(text) < column.length:
        return Read(reason=_("«%(text)s» mất số 0 ở đầu; đổi ô thành dạng chữ, nhập đủ %(n)s ký tự") % told)
    if column.length and len(text) != column.length:
        return Read(reason=_("«%(text)s» không đủ %(n)s ký tự; kiểm tra lại mã") % told)
    return Read(value=text)


def _choice(column: Column, cell: Cell, context: Context) -> Read:
    wanted = name_key(cell.text)
    for value, words in column.choices:
        if wanted in {name_key(value), name_key(str(words))}:
            return Read(value=value)
    read = read_words(cell, context.answers, most=column.most)
    if read.asks:
        return read
    if read.proposal:
        shown = Cell(
            sheet=cell.sheet,
            row=cell.row,
            column=cell.column,
            coordinate=cell.coordinate,
            kind=CellKind.TEXT,
            value=read.proposal,
            font="",
        )
        return _choice(column, shown, context)
    told = {"text": cell.text[:SHOWN], "choices": ", ".join(str(words) for _value, words in column.choices)[:200]}
    return Read(reason=_("«%(text)s» không có trong danh sách; chọn: %(choices)s") % told)


def _area(column: Column, cell: Cell, context: Context) -> Read:
    return _named(
        context.areas(column.level), cell, context.answers, _("không có địa bàn này; nhập mã hoặc tên đầy đủ")
    )


def _unit(column: Column, cell: Cell, context: Context) -> Read:  # noqa: ARG001
    return _named(context.units(), cell, context.answers, _("không có đơn vị này; nhập tên như trong hệ thống"))


def _named(names: Names, cell: Cell, answers: Answers, unknown: str) -> Read:
    read = read_words(cell, answers, most=200)
    if read.reason:
        return read
    text = str(read.value)
    if code := names.find(text):
        return Read(value=code)
    if cell.kind is CellKind.NUMBER:
        for length in (2, 3, 5):
            if len(text) < length and text.zfill(length) in names.codes:
                told = {"text": text, "code": text.zfill(length)}
                return Read(reason=_("«%(text)s» mất số 0 ở đầu, có lẽ là %(code)s; đổi ô thành dạng chữ") % told)
    return Read(reason=f"«{text[:SHOWN]}» {unknown}")


_READERS: Final = {
    Kind.WHOLE: _whole,
    Kind.MONEY: _whole,
    Kind.DATE: _date,
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.CHOICE: _choice,
    Kind.AREA: _area,
    Kind.UNIT: _unit,
}


def shown_value(column: Column | None, value: Any) -> str:
    """Return a plain value as a page shows it."""
    if value is None or value == "":
        return NO_VALUE
    if column is not None and column.kind is Kind.DATE:
        return format_date(date.fromisoformat(value))
    if column is not None and column.kind is Kind.CHOICE:
        return str(dict(column.choices).get(value, value))
    return number(value) if isinstance(value, int) else str(value)
