"""The parts that a document is made of."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from vnlib.documents.errors import ControlError

LONGEST_TAG = 64
"""Word cuts a longer w:tag off when it saves."""

LARGEST_ID = 10**9 - 1
"""Larger ids are for the further paragraphs of a narrative."""

# What XML 1.0 cannot hold; it comes with text pasted from old programs.
_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """NFC (the decree: TCVN 6909, precomposed), one kind of line break, nothing that XML refuses."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Italic:
    text: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """
    A short text (a figure) in a plain-text content control.

    `short_id` is unique in the document: Word renumbers a second control of the same id. A figure
    that stands in two places has one tag and two ids. `label` is what Word shows on the control's
    handle, before the id.
    """

    tag: str
    short_id: int
    text: str
    label: str = ""
    bold: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.tag) <= LONGEST_TAG:
            raise ControlError(f"Mã thẻ «{self.tag}» dài {len(self.tag)} ký tự. Hãy dùng 1 đến {LONGEST_TAG} ký tự.")
        if not 1 <= self.short_id <= LARGEST_ID:
            raise ControlError(f"Số hiệu thẻ {self.short_id} không hợp lệ. Hãy dùng số từ 1 đến {LARGEST_ID}.")

    @property
    def lines(self) -> list[str]:
        """The text as the file holds it: a figure stays on one line."""
        return [" ".join(clean(self.text).split())]

    @property
    def written_text(self) -> str:
        """The text as `read` gives it back from an unchanged file: compare with this."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class TaggedBlock(Tagged):
    """
    A narrative: each of its lines becomes a paragraph with a control, and `read` puts them together again.

    (One control with line breaks in it looks right in Word alone.) Empty lines are left out.
    """

    @property
    def lines(self) -> list[str]:
        lines = (" ".join(line.split()) for line in clean(self.text).split("\n"))
        return [line for line in lines if line] or [""]


Run = str | Bold | Italic | Tagged
Cell = Run | Sequence[Run]


@dataclass(frozen=True, slots=True)
class Head:
    """
    The top of page 1: ô số 1 to 4 of the decree.

    `superior` may be empty; a line break in `superior` or `issuer` is kept. `number_and_symbol` is
    what follows «Số: »; `date_line` is «ngày … tháng … năm …». `about` is the subject of a letter («công văn»), which has no
    name of its kind: «V/v …» stands under its number.
    """

    superior: str
    issuer: str
    number_and_symbol: str
    place: str
    date_line: str
    about: str = ""


def number_and_symbol(number: int | None, symbol: str) -> str:
    """Return «05/BC-UBND»; a number not given yet is «…», for the clerk of documents."""
    return f"{'…' if number is None else f'{number:02}'}/{symbol}"


@dataclass(frozen=True, slots=True)
class Signer:
    """`lines` are capacity and post («KT. GIÁM ĐỐC», «PHÓ GIÁM ĐỐC»); `name` bears no academic title."""

    lines: Sequence[str]
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """`width_mm` is a share: the columns of a table are stretched to the width of the text."""

    title: str
    width_mm: float
    align: Literal["left", "center", "right", "both"] = "left"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A row of one bold cell across the table, as a title of the rows below it."""

    content: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """A bordered table whose header row is repeated on each page. `size_pt` is 11 to 13."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell] | GroupRow]
    size_pt: float = 12
    title: str = ""
    note: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not 11 <= self.size_pt <= 13:
            raise ValueError(f"a table is set in 11 to 13 pt, got {self.size_pt}")
        for number, row in enumerate(self.rows, start=1):
            if not isinstance(row, GroupRow) and len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells for {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers of a chart, None where there is none. `is_line`: a mark over the columns (a target)."""

    name: str
    values: Sequence[float | None]
    is_line: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """
    A chart as Word's own, over the whole width of the text. `title` stands over it, `alt` is said in its place.

    `number_format` is Excel's; the default is a share as Vietnam writes it («64,1%»); `largest` ends the axis, None: as the numbers want.
    """

    kind: Literal["column", "line"]
    title: str
    alt: str
    categories: Sequence[str]
    series: Sequence[Series]
    number_format: str = "[$-42A]0.0%"
    height_mm: float = 75
    largest: float | None = None
    label_pt: float = 9

    def __post_init__(self) -> None:
        if not self.series or len(self.series) > 20:
            raise ValueError(f"a chart has 1 to 20 series, got {len(self.series)}")
        for series in self.series:
            if len(series.values) != len(self.categories):
                raise ValueError(f"{series.name}: {len(series.values)} values for {len(self.categories)} categories")


def runs_of(content: Cell) -> tuple[Run, ...]:
    """Return a cell's or paragraph's runs, whether one was given or several."""
    if isinstance(content, str | Bold | Italic | Tagged):
        return (content,)
    return tuple(content)
