"""
What a report says, before it is a Word file, a page or plain text.

Its words are Vietnamese whatever the language of the screen: an official document has one. A number that is a figure, and
a unit's own words, are a `Mark`: text under a tag, which becomes a content control in Word and a link on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of the report itself: never a figure, never a percentage."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    what: Literal["words"] = "words"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Text under a tag (`bg23:P9:24:-:2023-07:3#val`). The text may hold line breaks where a unit wrote them."""

    text: str
    tag: str
    what: Literal["mark"] = "mark"


Run = Words | Mark


@dataclass(frozen=True, kw_only=True)
class Heading:
    """`level` 1 is «I. ...», 2 is «1. ...»."""

    level: int
    text: str
    what: Literal["heading"] = "heading"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    runs: tuple[Run, ...]
    is_italic: bool = False
    is_closing: bool = False  # the last sentence, which ends in «./.»
    what: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, kw_only=True)
class UnitText:
    """What units wrote, in several lines, under one tag."""

    mark: Mark
    what: Literal["unit_text"] = "unit_text"


@dataclass(frozen=True, kw_only=True)
class Cell:
    runs: tuple[Run, ...]
    align: Align = Align.LEFT


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row; a group row has one cell over the whole width."""

    cells: tuple[Cell, ...]
    is_group: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """`widths` in mm. The head is repeated on every page."""

    caption: str
    head: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[Row, ...]
    what: Literal["table"] = "table"


@dataclass(frozen=True, kw_only=True)
class Series:
    """A row of numbers of a chart, as they are printed in the table; `tags` say which figure each is, empty where there is none."""

    name: str
    values: tuple[Decimal | None, ...]
    tags: tuple[str, ...] = ()
    is_target: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """
    A chart of numbers that a table of the same report holds. `alt` says in a sentence what it shows.

    Values of shares are fractions rounded as they are printed.
    """

    kind: Literal["column", "line"]
    title: str
    alt: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    part_head: str = ""  # what the categories are: «Chỉ tiêu»
    what: Literal["chart"] = "chart"


Block = Heading | Paragraph | UnitText | Table | Chart


@dataclass(frozen=True, kw_only=True)
class Annex:
    number: str  # Roman
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Head:
    """The national head: bodies, number, place and day, as Nghị định 30/2020 orders them."""

    superior: str  # empty: none
    issuer: str  # may hold a line break
    number: str  # «Số: …/BC-CAT-PC06»
    place_and_day: str
    about: str = ""  # of a letter, which has no name of its kind: what stands after «V/v» under the number


@dataclass(frozen=True, kw_only=True)
class Signature:
    """`lines` hold authority and post, top down; `name` is «…» until it is known."""

    lines: tuple[str, ...]
    name: str
    recipients: tuple[str, ...]  # without dash and punctuation

    def recipient_lines(self) -> tuple[str, ...]:
        last = len(self.recipients) - 1
        return tuple(f"- {name}{'.' if place == last else ';'}" for place, name in enumerate(self.recipients))


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole report. A section to merge has no head, no addressees and no signature."""

    plan: str
    kind: str
    period: str
    notice: str  # «Số liệu giả định, ...»; empty for real figures
    head: Head | None
    type_name: str  # «BÁO CÁO»; empty for a section
    subject: str
    addressees: tuple[str, ...]
    body: tuple[Block, ...]
    signature: Signature | None
    attached_to: str  # «Kèm theo Báo cáo số ...», left open as in an electronic document; empty for a section
    annexes: tuple[Annex, ...]
    unit: str = ""  # whose own report it is

    def addressee_lines(self) -> tuple[str, ...]:
        """«Kính gửi: ....» for one addressee; for several a line each, as the decree lists them."""
        if len(self.addressees) == 1:
            return (f"Kính gửi: {self.addressees[0]}.",)
        last = len(self.addressees) - 1
        listed = [f"- {name}{'.' if place == last else ';'}" for place, name in enumerate(self.addressees)]
        return ("Kính gửi:", *listed) if listed else ()

    def marks(self) -> list[Mark]:
        """Return every mark in reading order: the n-th one has the n-th short id."""
        return [run for run in self._runs() if isinstance(run, Mark)]

    def _runs(self) -> Iterator[Run]:
        for block in (*self.body, *(block for annex in self.annexes for block in annex.blocks)):
            match block:
                case Paragraph():
                    yield from block.runs
                case UnitText():
                    yield block.mark
                case Table():
                    for row in block.rows:
                        for cell in row.cells:
                            yield from cell.runs
                case Heading() | Chart():
                    pass

    def as_json(self) -> dict[str, Any]:
        """Return the tree as plain dicts and lists; decimals are texts, so that none is rounded."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value)
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case tuple() | list():
            return [_plain(each) for each in value]
        case _:
            return value


def runs(*pieces: str | Run | Iterable[Run]) -> tuple[Run, ...]:
    """Join pieces into runs: a plain text is words of the report; neighbouring plain words become one run."""
    found: list[Run] = []
    for piece in pieces:
        given: Iterable[Run] = (
            (Words(text=piece),) if isinstance(piece, str) else (piece,) if isinstance(piece, Words | Mark) else piece
        )
        for run in given:
            last = found[-1] if found else None
            if isinstance(run, Words) and not run.text:
                continue
            if (
                isinstance(run, Words)
                and isinstance(last, Words)
                and (run.is_bold, run.is_italic) == (last.is_bold, last.is_italic)
            ):
                found[-1] = Words(text=last.text + run.text, is_bold=run.is_bold, is_italic=run.is_italic)
            else:
                found.append(run)
    return tuple(found)


def paragraph(*pieces: str | Run | Iterable[Run]) -> Paragraph:
    return Paragraph(runs=runs(*pieces))


def cell(*pieces: str | Run | Iterable[Run], align: Align = Align.LEFT) -> Cell:
    return Cell(runs=runs(*pieces), align=align)


def text_of(found: Iterable[Run]) -> str:
    return "".join(run.text for run in found)


def plain_text(content: Content) -> str:
    """Return the whole report as plain text, one paragraph a line; the cells of a table row stand apart by tabs."""
    lines: list[str] = []
    if content.notice:
        lines.append(content.notice)
    if content.head:
        head = content.head
        about = f"V/v {head.about}" if head.about else ""
        lines += [
            line for line in (head.superior, *head.issuer.split("\n"), head.number, about, head.place_and_day) if line
        ]
    lines += [line for line in (content.type_name, content.subject.replace("\n", " ")) if line]
    lines += content.addressee_lines()
    lines += _lines(content.body)
    if content.signature:
        lines += [*content.signature.lines, content.signature.name, "Nơi nhận:", *content.signature.recipient_lines()]
    for annex in content.annexes:
        attached = [f"({content.attached_to})"] if content.attached_to else []
        number = f"Phụ lục {annex.number}" if len(content.annexes) > 1 else "Phụ lục"
        lines += [number, annex.title, *attached, *_lines(annex.blocks)]
    return "\n".join(lines) + "\n"


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading():
                yield block.text
            case Paragraph():
                yield text_of(block.runs)
            case UnitText():
                yield block.mark.text
            case Chart():
                yield block.title
            case Table():
                yield "\t".join(block.head)
                for row in block.rows:
                    yield "\t".join(text_of(each.runs) for each in row.cells)
