"""A unit's report as sentences, table rows and passages under the headings that officials write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from diem06.reports.mailed.finding import Sentence, Spot
from vnlib.documents.paragraphs import Block, TableCell, TextParagraph, TextTable, read_paragraphs
from vnlib.documents.reading import read
from vnlib.text import detect_legacy, fold

MOST_SENTENCES: Final = 2_000
MOST_PASSAGE: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What stands under one heading (`heading`: a code of `reports.models.Heading`); `title` is the heading as written."""

    heading: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A line that was typed in a font of before Unicode, as it stood and as it is read."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """A report that was read. `cut`: it is longer than what was read."""

    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    conversions: tuple[Conversion, ...] = ()
    cut: bool = False


def read_mailed(content: bytes) -> Mailed:
    """Read a .docx. Raises the DocumentErrors of `vnlib.documents`, whose words are for the person."""
    found = read_paragraphs(content)
    return replace(read_blocks(found.blocks), conversions=_conversions(content, found.blocks))


def read_blocks(blocks: Sequence[Block]) -> Mailed:
    """Read the blocks of a document: what stands before its title and after its recipients is left out."""
    reader = _Reader()
    for block in _body(blocks):
        reader.take(block)
    reader.close()
    return Mailed(
        sentences=tuple(reader.sentences[:MOST_SENTENCES]),
        passages=tuple(reader.passages),
        cut=len(reader.sentences) > MOST_SENTENCES,
    )


# -- headings --------------------------------------------------------------------------------------------------------
_HEADINGS: Final = (
    ("next_month", r"nhiem vu trong tam|phuong huong|nhiem vu (?:thang|ky|thoi gian|tiep theo)|ke hoach thang (?:toi|sau)|nhiem vu, giai phap"),
    ("proposals", r"kien nghi|de xuat|de nghi"),
    ("causes", r"nguyen nhan"),
    ("shortcomings", r"ton tai|han che|thieu sot|khuyet diem|mat chua duoc"),
    ("difficulties", r"kho khan|vuong mac"),
    ("good", r"uu diem|mat duoc|mat lam duoc|thuan loi|ket qua noi bat"),
    ("done", r"ket qua|cong tac lanh dao|cong tac chi dao|tinh hinh (?:thuc hien|trien khai)|viec da lam"),
)  # fmt: skip
_LABEL: Final = re.compile(
    r"^\s*(?:(?:[IVX]{1,5}|[A-Z]|\d{1,2}(?:\.\d{1,2})*|[a-zđ])\s*[.)/-]\s*|[-+*•–]\s*|\d{1,2}\.\d{1,2}\s+)+"
)
_ROMAN: Final = re.compile(r"^\s*(?:[IVX]{1,5}|[A-H])\s*[.)/-]\s*\S")
_LEADING_WORDS: Final = re.compile(r"^(?:ve|mot so|nhung|cac|danh gia|cac mat|phan tich)\s+")
_MOST_WORDS: Final = 14


def heading_of(paragraph: TextParagraph) -> tuple[str, str, str] | None:
    """
    Return (code, title, what follows in the same paragraph) where a paragraph is, or begins with, a heading; code «» for one
    that this report has no place for.
    """
    bare = _LABEL.sub("", paragraph.text).strip()
    title, colon, rest = bare.partition(":")
    has_label = bool(paragraph.label or _LABEL.match(paragraph.text))
    looks_so = paragraph.is_bold or paragraph.outline or bare.isupper() or has_label
    if len(title.split()) > _MOST_WORDS or not title or (title.endswith((";", ",")) and not colon):
        return None
    folded = _LEADING_WORDS.sub("", fold(title))
    first = _first_heading(folded)
    if first is not None and (looks_so or colon):
        if not colon and rest == "" and title.endswith(".") and len(title.split()) > 8:
            return None  # a sentence that happens to begin so
        code, position = first
        if position == 0:
            return code, title.strip(" ."), rest.strip()
    if (_ROMAN.match(paragraph.text) or _ROMAN.match(f"{paragraph.label} x")) and (bare.isupper() or paragraph.is_bold):
        code = first[0] if first else ""
        return code, title.strip(" ."), rest.strip()
    return None


def _first_heading(folded: str) -> tuple[str, int] | None:
    found = [(match.start(), code) for code, pattern in _HEADINGS if (match := re.search(pattern, folded))]
    if not found:
        return None
    position, code = min(found)
    return code, position


# -- reading ---------------------------------------------------------------------------------------------------------
_TITLE: Final = re.compile(r"^bao cao\b")
_END: Final = re.compile(r"^(?:noi nhan|tren day la bao cao|tren day la ket qua)")
_BULLETS: Final = {"-": 1, "–": 1, "•": 1, "*": 1, "+": 2, "o": 2, "": 2}
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZĐÀ-Ỵ+\-])|\n")
_ABBREVIATION: Final = re.compile(r"(?:^|\s)(?:TP|TT|P|Q|H|X|Tx|TX|ThS|TS|GS|BS|KT|TM|TL|tr|Đ/c|đ/c|St)\.$")


def _body(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield what stands between the title «BÁO CÁO» and the recipients; all of it where there is no title."""
    titles = [
        index
        for index, block in enumerate(blocks)
        if isinstance(block, TextParagraph) and _TITLE.match(fold(block.text))
    ]
    start = titles[0] + 1 if titles and titles[0] < 25 else 0
    for block in blocks[start:]:
        if isinstance(block, TextParagraph) and _END.match(fold(block.text)):
            return
        if isinstance(block, TextTable) and any(_END.match(fold(cell.text)) for row in block.rows[:2] for cell in row):
            return
        yield block


@dataclass(slots=True)
class _Reader:
    sentences: list[Sentence] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    heading: str = ""
    title: str = ""
    lines: list[str] = field(default_factory=list)
    above: list[tuple[int, str]] = field(default_factory=list)  # (depth, line) that the next lines may hang under

    def take(self, block: Block) -> None:
        if isinstance(block, TextTable):
            if block.is_ruled or _has_numbers(block):
                self.sentences += _rows(block, parent=self._parent(99), skips=self._skips)
            else:
                for row in block.rows:
                    for cell in row:
                        for paragraph in cell.paragraphs:
                            self._paragraph(paragraph)
            return
        self._paragraph(block)

    @property
    def _skips(self) -> bool:
        return self.heading in {"next_month", "proposals"}

    def _paragraph(self, paragraph: TextParagraph) -> None:
        found = heading_of(paragraph)
        text = paragraph.text
        if found is not None:
            code, title, rest = found
            inside = code == "done" and self.heading == "done" and not _ROMAN.match(f"{paragraph.label} {text}".strip())
            if not inside:
                self.close()
                self.heading, self.title = code, title
                self.above = []
                if not rest:
                    return
                text = rest
        depth = _depth(paragraph, text)
        self.above = [(other, line) for other, line in self.above if other < depth]
        parent = self._parent(depth)
        for sentence in _split(text):
            self.sentences.append(Sentence(text=sentence, parent=parent, skips=self._skips))
        if self.heading:
            self.lines.append(f"{paragraph.label} {text}".strip())
        if text.rstrip().endswith(":") or _is_title(paragraph):
            self.above.append((depth, text))

    def _parent(self, depth: int) -> str:
        return " . ".join(line for other, line in self.above if other < depth)

    def close(self) -> None:
        """End the passage that is being read."""
        text = "\n".join(self.lines).strip()
        before = next((each for each in self.passages if each.heading == self.heading), None)
        if before is not None and text:
            joined = f"{before.text}\n{text}"[:MOST_PASSAGE]
            self.passages[self.passages.index(before)] = replace(before, text=joined)
        elif self.heading and text:
            self.passages.append(Passage(heading=self.heading, title=self.title, text=text[:MOST_PASSAGE]))
        self.heading, self.title, self.lines = "", "", []


def _depth(paragraph: TextParagraph, text: str) -> int:
    mark = paragraph.label or text.lstrip()[:1]
    if mark in _BULLETS:
        return 2 + _BULLETS[mark] + (paragraph.level or 0)
    if paragraph.label or _LABEL.match(text):
        dots = re.match(r"\s*\d+((?:\.\d+)*)", paragraph.label or text)
        return 0 if _ROMAN.match(f"{paragraph.label} {text}") else 1 if not dots or not dots[1] else 2
    return 2


def _is_title(paragraph: TextParagraph) -> bool:
    text = paragraph.text.rstrip()
    numbered = bool(paragraph.label or re.match(r"^\s*(?:\d{1,2}(?:\.\d{1,2})*|[IVX]+|[a-zđ])[.)]", text))
    return (numbered or paragraph.is_bold) and len(text.split()) <= 15 and not text.endswith((".", ";", ","))


def _split(text: str) -> Iterator[str]:
    kept = ""
    for piece in _SENTENCE_END.split(text):
        joined = f"{kept} {piece}".strip() if kept else piece.strip()
        if _ABBREVIATION.search(joined) or re.fullmatch(r"(?:[IVX]+|\d{1,2}(?:\.\d{1,2})*|[a-zđ])[.)]", joined):
            kept = joined
            continue
        kept = ""
        if joined:
            yield joined
    if kept:
        yield kept


# -- tables ----------------------------------------------------------------------------------------------------------
_VALUE: Final = re.compile(
    r"[-–]|\d[\d.,\s\u00a0]*(?:\s*/\s*\d[\d.,]*)?\s*%?|\d[\d.]*\s*/\s*\d[\d.]*\s*\([\d.,]+\s*%\)"
)
_NUMBERING: Final = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?(?:\s*=.*)?")
_SERIAL: Final = re.compile(r"^(?:stt|tt|so tt|so thu tu|#)$")
_UNIT_HEAD: Final = re.compile(r"don vi tinh|^dvt$|^don vi$")
_NO_VALUE_HEAD: Final = re.compile(
    r"%|\b(?:ty le|ti le|ghi chu|so sanh|tang|giam|thang truoc|ky truoc|cung ky|chi tieu|muc tieu|ke hoach|nam truoc|uoc|du kien)\b"
)
_SCALED: Final = re.compile(r"(?:nghin|ngan|trieu|ty)(?: dong)?\b")


def _has_numbers(table: TextTable) -> bool:
    return sum(1 for row in table.rows for cell in row if _is_value(cell.text)) >= 2 and len(table.rows) > 1


def _is_value(text: str) -> bool:
    return bool(_VALUE.fullmatch(text.strip()))


def _rows(table: TextTable, *, parent: str, skips: bool) -> Iterator[Sentence]:
    grid = _grid(table)
    width = max((len(row) for row in grid), default=0)
    first = next((index for index, row in enumerate(grid) if _is_data(row, width)), len(grid))
    heads = [_head(grid[:first], column) for column in range(width)]
    folded = [fold(head) for head in heads]
    group = ""
    above = _RowsAbove()
    for row, cells in zip(grid[first:], table.rows[first:], strict=True):
        values = [column for column in range(width) if _starts_here(cells, column) and _is_value(row[column])]
        labels = [
            text
            for column, text in enumerate(row)
            if text and not _is_value(text) and (column == 0 or text != row[column - 1])
            and not _SERIAL.match(folded[column]) and not re.search("ghi chu", folded[column])
            and not re.fullmatch(r"[IVX]+|[a-zđA-Z]|\d+(?:\.\d+)+", text)
        ]  # fmt: skip
        values = [column for column in values if not _SERIAL.match(folded[column]) and not (column == 0 and labels)]
        over = above.over(row[0], labels)
        if not values:
            group = labels[0] if labels else group  # «A. Cấp huyện» over the rows that follow
            continue
        here = " . ".join(part for part in (parent, group, over) if part)
        yield _row_sentence(row, cells, values, labels, heads, folded, parent=here, skips=skips)


@dataclass(slots=True)
class _RowsAbove:
    """The rows that others hang under: «1» over «1.1», and the last row that began with no dash over those that do."""

    by_number: dict[str, str] = field(default_factory=dict)
    last: str = ""

    def over(self, number: str, labels: Sequence[str]) -> str:
        """Return the label of the row that this one hangs under, and remember this one."""
        label = labels[0] if labels else ""
        number = number.strip(" .")
        if re.fullmatch(r"\d+(?:\.\d+)*", number):
            self.by_number[number] = label
            return self.by_number.get(number.rpartition(".")[0], "")
        if label.startswith(("-", "+", "–", "Trong đó")):
            return self.last
        self.last = label
        return ""


def _row_sentence(
    row: Sequence[str],
    cells: Sequence[TableCell],
    values: Sequence[int],
    labels: Sequence[str],
    heads: Sequence[str],
    folded: Sequence[str],
    *,
    parent: str,
    skips: bool,
) -> Sentence:
    text = ""
    spots = []
    for cell in cells:
        column = cell.column
        if column >= len(row) or not row[column]:
            continue
        text += " | " if text else ""
        starts = len(text)
        text += row[column]
        if column in values and not _NO_VALUE_HEAD.search(folded[column]) and not row[column].rstrip().endswith("%"):
            scaled = _SCALED.search(folded[column]) or any(
                _UNIT_HEAD.search(head) and _SCALED.search(fold(row[other])) for other, head in enumerate(folded)
            )
            spots.append(
                Spot(
                    starts=starts, ends=len(text), words=" . ".join(labels), head=heads[column], is_scaled=bool(scaled)
                )
            )
    return Sentence(text=text, parent=parent, spots=tuple(spots), skips=skips)


def _grid(table: TextTable) -> list[list[str]]:
    """Return the texts by row and column; what is merged stands in each place that it covers."""
    width = max((cell.column + cell.span for row in table.rows for cell in row), default=0)
    grid: list[list[str]] = []
    for row in table.rows:
        line = [""] * width
        for cell in row:
            text = " ".join(cell.text.split())
            for column in range(cell.column, min(cell.column + cell.span, width)):
                line[column] = grid[-1][column] if cell.continues and grid else text
        grid.append(line)
    return grid


def _is_data(row: Sequence[str], width: int) -> bool:
    """Does a row hold values, not heads or the numbers of columns?"""
    filled = [text for text in row if text]
    if not filled or all(_NUMBERING.fullmatch(text) for text in filled):
        return False
    return any(_is_value(text) for text in row[1 if width > 1 else 0 :])


def _head(rows: Sequence[Sequence[str]], column: int) -> str:
    parts = [row[column] for row in rows if row[column] and not _NUMBERING.fullmatch(row[column])]
    # A title over the whole table is no head of a column.
    parts = [part for part, row in zip(parts, rows, strict=False) if len(set(row)) > 1 or len(rows) == 1]
    return " . ".join(dict.fromkeys(parts))


def _starts_here(cells: Iterable[TableCell], column: int) -> bool:
    return any(cell.column == column and not cell.continues for cell in cells)


# -- old fonts -------------------------------------------------------------------------------------------------------
def _conversions(content: bytes, blocks: Sequence[Block]) -> tuple[Conversion, ...]:
    """Return the first lines that were converted from an old font, as they stood and as they are read."""
    now = [line for block in blocks for line in _lines(block)]
    known = {" ".join(line.split()) for line in now}
    raw = [" ".join(line.split()) for line in read(content).text.splitlines()]
    old = [line for line in raw if line and line not in known and "\t" not in line and detect_legacy(line)]
    if not old:
        return ()
    # Both readings keep the order of lines: the n-th line that differs is the n-th that was converted.
    plain = {line for line in raw if line}
    new = [line for line in known_in_order(now) if line not in plain]
    return tuple(Conversion(before=before, after=after) for before, after in list(zip(old, new, strict=False))[:8])


def known_in_order(lines: Iterable[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines if line.strip()]


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, TextParagraph):
        yield from block.text.split("\n")
