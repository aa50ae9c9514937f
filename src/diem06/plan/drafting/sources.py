"""
From files to lines: paragraphs and table rows in reading order, whatever kind of file they come from.

The text of a paragraph is kept as it stands, in NFC with single blanks. A sentence that a page break or a hard line end cut is
joined again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diem06.plan.drafting.draft import DraftError
from vnlib.documents.errors import DocumentError
from vnlib.documents.paragraphs import TextParagraph, TextTable, clean_text, read_paragraphs
from vnlib.text import convert_legacy, detect_legacy

LARGEST_TEXT = 4 * 1024**2
MOST_LINES = 9_999  # addresses have at most four digits
_OTHER_KINDS = (
    (b"%PDF", "Tệp là PDF. Hãy mở bằng Word, lưu thành .docx rồi chọn lại."),
    (b"{\\rtf", "Tệp là RTF. Hãy mở bằng Word, lưu thành .docx rồi chọn lại."),
    (b"\x89PNG", "Tệp là ảnh. Hãy chọn tệp Word (.docx) hoặc tệp văn bản."),
    (b"\xff\xd8\xff", "Tệp là ảnh. Hãy chọn tệp Word (.docx) hoặc tệp văn bản."),
    (b"<!DOCTYPE", "Tệp là trang web. Hãy lưu thành .docx hoặc văn bản thuần rồi chọn lại."),
    (b"<html", "Tệp là trang web. Hãy lưu thành .docx hoặc văn bản thuần rồi chọn lại."),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid. `is_merged`: its text is that of the cell above or to its left."""

    text: str
    is_merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    A paragraph, a note, or a table row (`cells` not empty; `table` its number from 1).

    `mark` is the number or bullet at its beginning, which stands in `text` too. `rank` tells how deep that mark is.
    """

    text: str
    file: str
    mark: str = ""
    rank: float = 0.0
    is_bold: bool = False
    is_centred: bool = False
    is_note: bool = False
    cells: tuple[Cell, ...] = ()
    table: int = 0


# --- Marks at the beginning of a paragraph.

APPENDIX, PART, CHAPTER, SECTION, CAPITAL, ROMAN, ARABIC = 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0
DOTTED, LETTER, BRACKET, UNMARKED_HEADING, STAR, DASH, PLUS, TEXT = 7.1, 8.0, 8.5, 8.8, 8.9, 9.0, 10.0, 11.0

_NUMBER_WORDS = "nhất|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười"
_DIVISION = re.compile(
    rf"(?:\*\*)?(?P<word>PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục|TIỂU MỤC|Tiểu mục|ĐIỀU|Điều)\s+"
    rf"(?P<number>(?:thứ|THỨ)\s+(?:{_NUMBER_WORDS}|{_NUMBER_WORDS.upper()})|[IVXLC]+|\d{{1,3}}|[A-ZĐ])(?=[\s.:\-–*]|$)[.:]?"
)
_APPENDIX = re.compile(
    r"(?:\*\*)?(?:PHỤ LỤC|Phụ lục|PHỤ BIỂU|Phụ biểu|BIỂU|Biểu)(?:\s+(?:số\s*)?(?:[IVXLC]+|\d{1,2}|[A-ZĐ]))?\s*(?:[.:\-–*]|$|(?=[A-ZĐÀ-Ỹ(]))"
)
_ROMAN = re.compile(r"(?:\*\*)?(?P<mark>X{0,3}(?:IX|IV|V?I{0,3}))\s*[.)/\-–:]\**\s*(?=\S)")
_CAPITAL = re.compile(r"(?:\*\*)?(?P<mark>[A-HKLMNĐ])\s*[.)/\-–]\s*(?=[^\W\d_a-zà-ỹ])")
_DOTTED = re.compile(r"(?:\*\*)?(?P<mark>\d{1,2}(?:\.\d{1,2}){1,4})(?:[.)/]\**\s*|\s+)(?=[^\d\s%])")
_ARABIC = re.compile(r"(?:\*\*)?(?P<mark>\d{1,2})\s?(?:[.)]|/(?=\s)|-(?=\s[A-ZĐÀ-Ỹ]))\**(?!\d)\s*(?=\S)")
_BRACKET = re.compile(r"\((?P<mark>\d{1,2}|[ivx]{1,4}|[a-zđ])\)\s*(?=\S)")
_LETTER = re.compile(r"(?:\*\*)?(?P<mark>[a-zđ]{1,2})\s?[.)]\**\s*(?=\S)")
_LETTER_DOTTED = re.compile(r"(?P<mark>[a-zđ]\.?\d{1,2})[.)]\s*(?=\S)")
_DASH = re.compile(r"(?P<mark>[-–—−•●▪■◦∙·]|\*(?!\*)|o(?=\s)|\\-)\s*(?=\S)")
_PLUS = re.compile(r"(?P<mark>\+)\s*(?=\S)")
_NOTE = re.compile(r"(?:[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]?|\[\^?\d{1,2}\]:?)\s+(?=\S)")


def mark_of(text: str) -> tuple[str, float, int]:
    """
    Return the mark at the beginning of a paragraph, its rank (TEXT: none), and where the words after it begin.

    «1.200 người» and «8.5%» begin with a number, not with a mark.
    """
    if found := _APPENDIX.match(text):
        return found[0].strip("* .:-–"), APPENDIX, found.end()
    if found := _DIVISION.match(text):
        rank = {"PHẦN": PART, "CHƯƠNG": CHAPTER, "MỤC": SECTION}.get(found["word"].upper(), SECTION + 0.5)
        return found[0].strip("* .:"), rank, found.end()
    for pattern, rank in (
        (_ROMAN, ROMAN),
        (_CAPITAL, CAPITAL),
        (_DOTTED, DOTTED),
        (_ARABIC, ARABIC),
        (_BRACKET, BRACKET),
        (_LETTER_DOTTED, BRACKET),
        (_LETTER, LETTER),
        (_PLUS, PLUS),
        (_DASH, DASH),
    ):
        found = pattern.match(text)
        if found and found["mark"]:
            mark = found["mark"]
            if rank == DOTTED:
                return mark, ARABIC + mark.count(".") * 0.1, found.end()
            if mark == "*":
                return mark, STAR, found.end()  # «* Phòng Nội vụ:» stands over its dashes
            return mark, rank, found.end()
    return "", TEXT, 0


def words_of(text: str) -> str:
    """Return the paragraph without its mark and without the marks of bold and italic."""
    return text[mark_of(text)[2] :].replace("**", "").strip("* ").strip()


# --- Files.


def lines_of(name: str, content: bytes, first_table: int) -> list[Line]:
    """Return the lines of one file; tables are counted from `first_table`. Raises DraftError."""
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        lines = list(_docx_lines(name, content, first_table))
    else:
        lines = list(_text_lines(name, _decoded(name, content), first_table))
    if not lines:
        raise DraftError(f"{name}: tệp không có chữ nào. Hãy chọn tệp có văn bản của kế hoạch.")
    return lines


def _decoded(name: str, content: bytes) -> str:
    for magic, message in _OTHER_KINDS:
        if content.lstrip()[: len(magic)].upper() == magic.upper():
            raise DraftError(f"{name}: {message}")
    if len(content) > LARGEST_TEXT:
        raise DraftError(f"{name}: tệp văn bản lớn quá 4 MB. Hãy chia tệp ra.")
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = _without_encoding(name, content)
    except UnicodeDecodeError:
        raise DraftError(f"{name}: không đọc được bảng mã của tệp. Hãy lưu lại thành UTF-8.") from None
    odd = sum(1 for char in text if unicodedata.category(char) == "Cc" and char not in "\n\r\t\f\v")
    if odd > len(text) // 200:
        raise DraftError(f"{name}: tệp không phải văn bản. Hãy chọn tệp Word (.docx), .txt hoặc .md.")
    return text


def _without_encoding(name: str, content: bytes) -> str:
    if b"\x00" in content:
        raise DraftError(f"{name}: tệp không phải văn bản. Hãy chọn tệp Word (.docx), .txt hoặc .md.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        encoding = detect_legacy(text)
        if encoding is None:
            raise DraftError(f"{name}: không đọc được bảng mã của tệp. Hãy lưu lại thành UTF-8.") from None
        return convert_legacy(text, encoding)
    encoding = detect_legacy(text)
    return convert_legacy(text, encoding) if encoding else text


# --- Word.


def _docx_lines(name: str, content: bytes, first_table: int) -> Iterator[Line]:
    try:
        read = read_paragraphs(content)
    except DocumentError as error:
        raise DraftError(f"{name}: {error}") from error
    table = first_table
    notes = dict(read.notes)
    for block in _flowing(read.blocks):
        if isinstance(block, TextTable):
            rows = grid_of(block)
            for cells in rows:
                yield Line(text=_row_text(cells), file=name, cells=cells, table=table)
            told = [mark for row in block.rows for cell in row for each in cell.paragraphs for mark in each.notes]
            table += 1
        else:
            yield from _paragraph_lines(name, block)
            told = list(block.notes)
        for mark in told:
            if words := notes.pop(mark, ""):
                yield Line(text=f"{mark} {words}", file=name, mark=mark, rank=TEXT, is_note=True)


def _paragraph_lines(name: str, paragraph: TextParagraph) -> Iterator[Line]:
    """A paragraph whose lines begin with marks is as many paragraphs: people press Shift and Enter."""
    text = f"{paragraph.label} {paragraph.text}".strip()
    parts = [text]
    if "\n" in text:
        split = text.split("\n")
        marked = [mark_of(each)[1] for each in split[1:]]
        parts = split if any(rank < TEXT for rank in marked) else [" ".join(split)]
    for part in parts:
        mark, rank, _ = mark_of(part)
        yield Line(
            text=part,
            file=name,
            mark=mark,
            rank=rank,
            is_bold=paragraph.is_bold or 0 < paragraph.outline <= 4,
            is_centred=paragraph.is_centred,
        )


_LAYOUT = re.compile(
    r"C[ỘO]NG H[ÒO][AÀ] X[ÃA] H[ỘO]I|Nơi nhận|Độc lập\s*[-–]\s*Tự do|^(?:TM|KT|TL|TUQ)\.|^Số:",
    re.IGNORECASE | re.MULTILINE,
)


def _flowing(blocks: Sequence[TextParagraph | TextTable]) -> Iterator[TextParagraph | TextTable]:
    """Tables that only lay out a page (head, signature block, a frame around a text) become their paragraphs."""
    for block in blocks:
        if isinstance(block, TextTable) and _is_layout(block):
            for row in block.rows:
                for cell in row:
                    yield from cell.paragraphs
        else:
            yield block


def _is_layout(table: TextTable) -> bool:
    columns = max((len(row) for row in table.rows), default=0)
    if columns <= 1:
        return True
    texts = [cell.text for row in table.rows for cell in row]
    return len(table.rows) <= 6 and any(_LAYOUT.search(text) for text in texts)


def grid_of(table: TextTable) -> list[tuple[Cell, ...]]:
    """Return the table as rows of equally many cells: a merged cell stands in each place that it covers."""
    width = max((cell.column + cell.span for row in table.rows for cell in row), default=0)
    grid: list[tuple[Cell, ...]] = []
    for row in table.rows:
        cells = [Cell("")] * width
        for cell in row:
            text = clean_text(cell.text)
            if cell.continues and not text and grid:
                above = grid[-1][cell.column]
                text, is_merged = above.text, True
            else:
                is_merged = False
            for place in range(cell.column, min(cell.column + cell.span, width)):
                cells[place] = Cell(text, is_merged=is_merged or place > cell.column)
        if any(cell.text for cell in cells):
            grid.append(tuple(cells))
    return grid


def _row_text(cells: Sequence[Cell]) -> str:
    """The cells joined; one that covers several columns once, one that covers several rows in each of them."""
    own = [
        cell.text.replace("\n", " ")
        for at, cell in enumerate(cells)
        if cell.text and not (at and cell.is_merged and cell.text == cells[at - 1].text)
    ]
    return " | ".join(own)


# --- Text and Markdown.

_PAGE_NUMBER = re.compile(r"(?:-\s*)?(?:Trang\s+)?\d{1,3}(?:\s*/\s*\d{1,3})?(?:\s*-)?", re.IGNORECASE)
_RULE = re.compile(r"[-_=*~─—]{3,}|[-–—_*=\s]{5,}")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_TABLE_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_GRID_RULE = re.compile(r"[+├┼┤┌┬┐└┴┘│|]?[-=─+├┼┤┌┬┐└┴┘]{3,}[+├┼┤┌┬┐└┴┘|]?")
_ENDED = re.compile(r"[.;:!?…]['\"”»)*\]]*$|\./\.$|\.\.\.$")


# A line that begins so is a paragraph of its own, even after a full line.
_FOLLOWS = re.compile(
    r"(?:Đơn vị|Cơ quan|Thời gian|Sản phẩm|Chủ trì|Phối hợp|Kết quả|Căn cứ|Nơi nhận|Phụ lục|PHỤ LỤC)\b.{0,60}?(?::|$)|Căn cứ\s"
)
# A line that ends so is cut in the middle of a sentence, whatever the next begins with.
_UNFINISHED = re.compile(
    r"(?:[,&]|(?<!\w)(?:số|ngày|của|và|các|theo|về|tại|với|năm|tháng|là|để|cho|từ|đến|trong|trên|tỉnh|huyện|thành phố|bởi|những|quý|đạt|ít nhất|tối thiểu|Quyết định|Nghị quyết|Kế hoạch số))$"
)


def _text_lines(name: str, text: str, first_table: int) -> Iterator[Line]:
    table = first_table
    for block in _blocks(text):
        if isinstance(block, str):
            heading = _HEADING.fullmatch(block)
            words = heading[2] if heading else block
            is_note = bool(_NOTE.match(words))
            mark, rank, _ = mark_of(words)
            if is_note:
                mark, rank = words.split()[0], TEXT
            if words:
                is_bold = bool(heading) or (words.startswith("**") and words.endswith("**"))
                yield Line(text=words, file=name, mark=mark, rank=rank, is_bold=is_bold, is_note=is_note)
        else:
            for cells in block:
                yield Line(text=_row_text(cells), file=name, cells=cells, table=table)
            table += 1


def _blocks(text: str) -> Iterator[str | list[tuple[Cell, ...]]]:
    raw = [
        _blank_kept(part)
        for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")
        for part in _head_parts(line)
    ]
    widest = _usual_width(raw)
    held = last = ""
    gap = False
    at = 0
    while at < len(raw):
        rows, end = _table_at(raw, at)
        if rows:
            if held:
                yield held
            held = ""
            yield rows
            at = end
            continue
        line = clean_text(raw[at].replace("\t", " "))
        at += 1
        if not line:
            gap = True
            continue
        if _RULE.fullmatch(line) or (gap and _PAGE_NUMBER.fullmatch(line)):
            continue
        if not gap and held.startswith("**") and held.count("**") == 1 and line.endswith("**"):
            held = f"{held}\n{line}"  # one bold stretch over several lines
        elif held and _goes_on(held, last, line, gap=gap, widest=widest):
            held = f"{held} {line}"
        else:
            if held:
                yield held
            held = line
        last = line
        gap = False
    if held:
        yield held


_HEAD_LINE = re.compile(r"CỘNG H[ÒO][AÀ] X[ÃA] HỘI|Độc lập\s*[-–]\s*Tự do|Số\s*:.*\bngày\b")


def _head_parts(line: str) -> list[str]:
    """The head of a document stands in two columns: «UBND HUYỆN ...        CỘNG HÒA ...» is two lines."""
    if not _HEAD_LINE.search(line):
        return [line]
    return [part for part in re.split(r"\t+|\s{3,}|\|", line) if part.strip()] or [line]


def _blank_kept(line: str) -> str:
    return "" if not line.strip() else line


def _usual_width(lines: Sequence[str]) -> int:
    """Return the length at which the file cuts its lines, 0 if each paragraph is one line."""
    lengths = [len(clean_text(line)) for line in lines if line.strip()]
    longest = max(lengths, default=0)
    near = sum(1 for length in lengths if length > longest - 12)
    return longest if len(lengths) >= 8 and 40 <= longest <= 140 and near * 8 >= len(lengths) else 0


def _goes_on(  # noqa: PLR0911  one return for each sign
    before: str, last: str, line: str, *, gap: bool, widest: int
) -> bool:
    """Is the line the rest of the paragraph `before`, whose last line in the file is `last`?"""
    if _HEADING.match(before) or _HEADING.match(line) or _NOTE.match(line):
        return False
    rank = mark_of(line)[1]
    is_cut = not gap and bool(_UNFINISHED.search(before))
    if is_cut and rank in {TEXT, ARABIC} and not re.match(r"\d+[.)]\s", line):
        return True
    if rank < TEXT:
        return False
    is_title = before.upper() == before and any(char.isalpha() for char in before)
    is_full = bool(widest) and not gap and len(last) + 1 + len(line.split(maxsplit=1)[0]) > widest
    if is_full and not is_title and not _FOLLOWS.match(line):
        return True
    if _ENDED.search(before):
        return False
    first = line.lstrip("*“\"'(")[:1]
    if gap:  # a page break in the middle of a sentence
        return first.islower() and not is_title and len(before) > 40
    if first.islower() and not is_title:
        return True
    return is_title and line.upper() == line and mark_of(before)[1] < ARABIC and not _APPENDIX.match(before)


def _table_at(raw: Sequence[str], at: int) -> tuple[list[tuple[Cell, ...]], int]:
    """Return the rows of a table that begins at a line, and the line after it; no rows: there is none."""
    end = at
    while end < len(raw) and _is_table_line(raw[end]):
        end += 1
    taken = raw[at:end]
    if sum(1 for line in taken if not _is_rule(line)) < 2:
        return [], at
    if taken[0].count("\t") >= 2 or ("|" not in taken[0] and "│" not in taken[0] and not _is_rule(taken[0])):
        rows = [[each.strip() for each in line.split("\t")] for line in taken]
    else:
        is_grid = sum(1 for line in taken if _is_rule(line)) > 2
        rows = list(_piped(taken, is_grid=is_grid))
    width = max(len(row) for row in rows)
    if width < 2:
        return [], at
    padded = [tuple(Cell(clean_text(_plain(cell))) for cell in [*row, *[""] * (width - len(row))]) for row in rows]
    return [row for row in padded if any(cell.text for cell in row)], end


def _plain(cell: str) -> str:
    return re.sub(r"<br\s*/?>", "\n", cell).replace("**", "")


def _is_table_line(line: str) -> bool:
    plain = line.strip()
    if plain.startswith(("|", "│")) or _is_rule(plain):
        return True
    return line.count("\t") >= 2 or plain.count(" | ") >= 2


def _is_rule(line: str) -> bool:
    plain = line.strip()
    return bool(_TABLE_RULE.fullmatch(plain) and "|" in plain) or (
        bool(_GRID_RULE.fullmatch(plain)) and any(char in plain for char in "+├┼┌└|")
    )


def _piped(lines: Iterable[str], *, is_grid: bool) -> Iterator[list[str]]:
    """Rows between bars; in a drawn grid a row goes on until the next rule."""
    held: list[str] = []
    for line in lines:
        if _is_rule(line):
            if held:
                yield held
            held = []
            continue
        cells = [each.strip() for each in re.split(r"(?<!\\)[|│]", line.strip().strip("|│"))]
        if is_grid and held:
            joined = [f"{one} {two}".strip() for one, two in zip(held, cells, strict=False)]
            held = joined + cells[len(held) :] + held[len(cells) :]
        elif is_grid:
            held = cells
        else:
            yield cells
    if held:
        yield held


# --- All files together.


def all_lines(files: Iterable[tuple[str, bytes]]) -> list[Line]:
    """Return the lines of all files in order, cut sentences joined. Raises DraftError."""
    lines: list[Line] = []
    for name, content in files:
        last = max((line.table for line in lines), default=0)
        lines.extend(_joined(lines_of(name, content, last + 1)))
    if len(lines) > MOST_LINES:
        raise DraftError(f"Kế hoạch có quá {MOST_LINES} đoạn. Hãy chia tệp ra.")
    return lines


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Join a paragraph that begins with a small letter to the sentence before that did not end (converted from PDF)."""
    found: list[Line] = []
    for line in lines:
        before = found[-1] if found else None
        if (
            before
            and not (line.cells or before.cells or line.is_note or before.is_note or line.is_centred)
            and line.rank == TEXT
            and line.text[:1].islower()
            and len(before.text) > 60
            and not _ENDED.search(before.text)
            and before.text.upper() != before.text
        ):
            found[-1] = replace(before, text=f"{before.text} {line.text}")
        else:
            found.append(line)
    return found
