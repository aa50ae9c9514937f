"""
Read what a .docx file says, as its reader sees it: paragraphs with the numbers that Word makes, tables as grids, notes.

Deleted and moved-away text of tracked changes, hidden text, field codes and tables of contents are left out. Text boxes follow
the paragraph that holds them. Old fonts (.VnTime, VNI-Times) are converted run by run, by the font of the run.
"""

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from lxml import etree

from vnlib.documents.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, NotADocumentError
from vnlib.documents.names import MC, PACKAGE_RELS, W
from vnlib.documents.reading import LARGEST_FILE, main_part_of, open_docx, parse_part
from vnlib.text import convert_legacy, detect_legacy, normalise

LARGEST_PART = 40 * 1024**2
MOST_PARAGRAPHS = 20_000
DEEPEST = 60  # text boxes and tables within one another
_WIDEST = 200  # columns of a table
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"  # the namespace of «Strict Open XML», else alike

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml has no public name for it


@dataclass(frozen=True, slots=True, kw_only=True)
class TextParagraph:
    """
    One paragraph that is not empty. `text` is in NFC with single blanks; a line break in it is kept.

    `label` is the number or bullet that Word makes for it («II.», «1.1.», «a)», «-»; not in `text`), `level` its depth in
    that list from 0, None outside lists. `outline` is the level of a heading from 1, 0: no heading. `notes` are the marks of
    its footnotes and endnotes, which stand in `text` as raised figures.
    """

    text: str
    label: str = ""
    level: int | None = None
    outline: int = 0
    is_bold: bool = False
    is_centred: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """A cell from `column` (from 0) over `span` columns. `continues`: it is merged into the cell above it."""

    column: int
    span: int
    paragraphs: tuple[TextParagraph, ...]
    continues: bool = False

    @property
    def text(self) -> str:
        """Its paragraphs with their labels, a line each."""
        return "\n".join(f"{each.label} {each.text}".strip() for each in self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """`rows` hold the cells in order. `is_ruled`: it shows lines, so it is a table and no way to lay out a page."""

    rows: tuple[tuple[TableCell, ...], ...]
    is_ruled: bool


Block: TypeAlias = TextParagraph | TextTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadParagraphs:
    """`blocks` in reading order; `notes` are footnotes and endnotes by their mark («¹»); `sides` headers and footers."""

    blocks: tuple[Block, ...]
    notes: Mapping[str, str]
    sides: tuple[str, ...]


def read_paragraphs(source: str | os.PathLike[str] | bytes) -> ReadParagraphs:
    """
    Return what a .docx file says, from its path or its bytes.

    Raises DocumentTooLargeError (20 MB, 200 MB unzipped, 40 MB one part, 20,000 paragraphs), NotADocumentError for any other
    kind of file, DamagedDocumentError for a broken one; OSError if the path cannot be opened.
    """
    content = source if isinstance(source, bytes) else _file_bytes(Path(source))
    if len(content) > LARGEST_FILE:
        raise DocumentTooLargeError("Tệp lớn quá 20 MB. Hãy bớt ảnh trong tệp rồi gửi lại.")
    try:
        with open_docx(content) as archive:
            return _Reader(archive).read()
    except DocumentError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        OSError,
        etree.XMLSyntaxError,
        RecursionError,
        ValueError,  # offsets that lie outside the file, letters that are none
        KeyError,
        OverflowError,
    ) as error:
        raise DamagedDocumentError(
            "Tệp Word bị hỏng, không đọc được. Hãy mở bằng Word, lưu lại thành .docx rồi gửi lại."
        ) from error


def _file_bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise DocumentTooLargeError("Tệp lớn quá 20 MB. Hãy bớt ảnh trong tệp rồi gửi lại.")
    return path.read_bytes()


def raised(number: int) -> str:
    """Return a note's number as raised figures: 12 as «¹²»."""
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


# --- Names.


def _w(name: str) -> str:
    return f"{{{W}}}{name}"


def _attr(element: Element | None, name: str = "val") -> str:
    return "" if element is None else str(element.get(_w(name), ""))


def _number(text: str, default: int) -> int:
    """An attribute as a small whole number; files of strangers hold anything."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else default


def _is_on(element: Element | None) -> bool:
    return element is not None and _attr(element) not in {"0", "false", "off", "none"}


_DELETED = {_w("del"), _w("moveFrom")}
_SKIPPED = _DELETED | {
    _w(tag) for tag in ("pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "tcPr", "trPr", "instrText")
}
_SKIPPED.add(f"{{{MC}}}Fallback")
_CHARACTERS = {_w("tab"): " ", _w("ptab"): " ", _w("br"): "\n", _w("cr"): "\n", _w("noBreakHyphen"): "-"}
_BLANKS = re.compile(r"[^\S\n]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\x00"))
_TOC = re.compile(r"^(toc|mucluc|tableoffigures)", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Return `text` in NFC, blanks of any kind as one space, without soft hyphens and characters of no width."""
    text = normalise(text.translate(_INVISIBLE).replace("\r", "\n"))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


# --- Numbering made by Word.


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    restart: int  # the level whose turn restarts it; -1: never
    is_legal: bool


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    found = ""
    for value, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                           (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        while number >= value:
            found += letters
            number -= value
    return found


def _letter(number: int) -> str:
    """a, ..., z, aa, bb as Word counts."""
    if number < 1:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 5)


def _counted(number: int, form: str) -> str:  # noqa: PLR0911  one return for each form of Word's
    match form:
        case "upperRoman":
            return _roman(number)
        case "lowerRoman":
            return _roman(number).lower()
        case "upperLetter":
            return _letter(number).upper()
        case "lowerLetter":
            return _letter(number)
        case "decimalZero":
            return f"{number:02}"
        case "none":
            return ""
        case _:
            return str(number)


class _Numbering:
    """The lists of word/numbering.xml and how far each has counted."""

    def __init__(self, root: Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        self._overrides: dict[tuple[str, int], int] = {}
        if root is None:
            return
        abstract: dict[str, dict[int, _Level]] = {}
        for definition in root.iter(_w("abstractNum")):
            levels = {}
            for level in definition.iter(_w("lvl")):
                levels[_number(_attr(level, "ilvl"), 0)] = self._level(level)
            abstract[_attr(definition, "abstractNumId")] = levels
        for number in root.iter(_w("num")):
            name = _attr(number, "numId")
            base = _attr(number.find(_w("abstractNumId")))
            levels = dict(abstract.get(base, {}))
            for override in number.iter(_w("lvlOverride")):
                depth = _number(_attr(override, "ilvl"), 0)
                if (own := override.find(_w("lvl"))) is not None:
                    levels[depth] = self._level(own)
                if (start := override.find(_w("startOverride"))) is not None:
                    self._overrides[name, depth] = _number(_attr(start), 1)
            self._levels[name] = levels
            self._abstract[name] = base

    @staticmethod
    def _level(level: Element) -> _Level:
        depth = _number(_attr(level, "ilvl"), 0)
        restart = level.find(_w("lvlRestart"))
        return _Level(
            form=_attr(level.find(_w("numFmt"))) or "decimal",
            text=_attr(level.find(_w("lvlText"))),
            start=_number(_attr(level.find(_w("start"))), 1),
            restart=depth - 1 if restart is None else _number(_attr(restart), 0) - 1,
            is_legal=_is_on(level.find(_w("isLgl"))),
        )

    def label(self, name: str, depth: int) -> str:
        """Count one on in the list and return what Word prints; "" for a list that is not there."""
        levels = self._levels.get(name)
        if levels is None or depth not in levels:
            return ""
        level = levels[depth]
        counts = self._counts.setdefault(self._abstract[name], {})
        if (name, depth) in self._overrides and (name, depth) not in self._started:
            counts[depth] = self._overrides[name, depth]
        else:
            counts[depth] = counts.get(depth, level.start - 1) + 1
        self._started.add((name, depth))
        for below in [each for each in counts if each > depth]:
            deeper = levels.get(below)
            if deeper is None or deeper.restart >= depth:
                del counts[below]
        if level.form == "bullet":
            return _bullet(level.text)

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = levels.get(at)
            number = counts.get(at, other.start if other else 1)
            return _counted(
                number, "decimal" if level.is_legal and at != depth else (other.form if other else "decimal")
            )

        return clean_text(re.sub(r"%([1-9])", shown, level.text)).replace("\n", " ")


def _bullet(text: str) -> str:
    """Word draws bullets with symbol fonts; what matters is a dash, a plus, or a point."""
    mark = text.strip()[:1]
    if mark in {"+", "\u2795"}:
        return "+"
    return "-" if mark in {"-", "–", "—", "−", "\uf02d", "\u2010", "\u2011"} else "•"


# --- Styles: fonts, numbering and outline that a paragraph inherits.


@dataclass(frozen=True, slots=True)
class _Style:
    base: str
    font: str
    num_id: str
    depth: str
    outline: str
    is_bold: bool
    is_centred: bool
    name: str


class _Styles:
    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self.default_font = ""
        self.default_paragraph = ""
        if root is None:
            return
        self.default_font = _font_of(root.find(f"{_w('docDefaults')}/{_w('rPrDefault')}/{_w('rPr')}"))
        for style in root.iter(_w("style")):
            name = _attr(style, "styleId")
            numbering = style.find(f"{_w('pPr')}/{_w('numPr')}")
            run = style.find(_w("rPr"))
            self._styles[name] = _Style(
                base=_attr(style.find(_w("basedOn"))),
                font=_font_of(run),
                num_id="" if numbering is None else _attr(numbering.find(_w("numId"))),
                depth="" if numbering is None else _attr(numbering.find(_w("ilvl"))),
                outline=_attr(style.find(f"{_w('pPr')}/{_w('outlineLvl')}")),
                is_bold=run is not None and _is_on(run.find(_w("b"))),
                is_centred=_attr(style.find(f"{_w('pPr')}/{_w('jc')}")) == "center",
                name=_attr(style.find(_w("name"))),
            )
            if _attr(style, "type") == "paragraph" and _attr(style, "default") in {"1", "true"}:
                self.default_paragraph = name

    def chain(self, name: str) -> list[_Style]:
        """The style and those that it is based on, nearest first."""
        found: list[_Style] = []
        seen: set[str] = set()
        while name in self._styles and name not in seen and len(found) < 20:
            seen.add(name)
            found.append(self._styles[name])
            name = self._styles[name].base
        return found


def _font_of(properties: Element | None) -> str:
    fonts = None if properties is None else properties.find(_w("rFonts"))
    if fonts is None:
        return ""
    return _attr(fonts, "ascii") or _attr(fonts, "hAnsi") or _attr(fonts, "cs")


# --- The reader.


@dataclass(slots=True)
class _Taken:
    """What one paragraph gave: its runs with their fonts, the marks of its notes, and text boxes within it."""

    runs: list[tuple[str, str]]
    notes: list[str]
    boxes: list[Element]
    bold: int = 0
    letters: int = 0


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        main = main_part_of(archive, self._names)
        if main not in self._names:
            raise NotADocumentError("Tệp nén này không phải tài liệu Word. Hãy chọn tệp Word có đuôi .docx.")
        self._main = main
        self._parts = self._related()
        self._styles = _Styles(self._part("styles"))
        self._numbering = _Numbering(self._part("numbering"))
        self._count = 0
        self._note_marks: dict[tuple[str, str], str] = {}

    def read(self) -> ReadParagraphs:
        body = self._load(self._main).find(_w("body"))
        if body is None:
            raise NotADocumentError("Tệp không phải tài liệu Word. Hãy chọn tệp Word có đuôi .docx.")
        blocks = tuple(self._blocks(body, 0))
        return ReadParagraphs(blocks=blocks, notes=self._notes(), sides=tuple(self._sides()))

    def _load(self, name: str) -> Element:
        if self._archive.getinfo(name).file_size > LARGEST_PART:
            raise DocumentTooLargeError("Phần chữ của tệp quá 40 MB nên không được mở. Hãy chia tệp ra.")
        return parse_part(self._archive.read(name).replace(_STRICT, W.encode()))

    def _related(self) -> dict[str, list[str]]:
        """The parts that the main part points to, by kind: styles, numbering, footnotes, header."""
        folder = PurePosixPath(self._main).parent
        name = str(folder / "_rels" / f"{PurePosixPath(self._main).name}.rels")
        found: dict[str, list[str]] = {}
        if name in self._names:
            for relation in self._load(name).iter(f"{{{PACKAGE_RELS}}}Relationship"):
                kind = str(relation.get("Type", "")).rpartition("/")[2]
                target = str(relation.get("Target", ""))
                path = target.lstrip("/") if target.startswith("/") else str(folder / target)
                if path in self._names and relation.get("TargetMode") != "External":
                    found.setdefault(kind, []).append(path)
        for kind in ("styles", "numbering", "footnotes", "endnotes"):
            if kind not in found and str(folder / f"{kind}.xml") in self._names:
                found[kind] = [str(folder / f"{kind}.xml")]
        return found

    def _part(self, kind: str) -> Element | None:
        return self._load(self._parts[kind][0]) if kind in self._parts else None

    def _sides(self) -> Iterator[str]:
        for kind in ("header", "footer"):
            for name in sorted(set(self._parts.get(kind, ()))):
                text = "\n".join(each.text for each in self._flat(self._load(name), 0))
                if text:
                    yield text

    def _notes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for kind in ("footnote", "endnote"):
            root = self._part(f"{kind}s")
            if root is None:
                continue
            for note in root.iter(_w(kind)):
                mark = self._note_marks.get((kind, _attr(note, "id")))
                if mark:
                    found[mark] = " ".join(each.text for each in self._flat(note, 0))
        return dict(sorted(found.items(), key=lambda each: list(self._note_marks.values()).index(each[0])))

    def _blocks(self, node: Element, depth: int) -> Iterator[Block]:
        if depth > DEEPEST:
            raise DamagedDocumentError("Tệp Word lồng bảng và khung chữ quá sâu nên không được mở.")
        carried: _Taken | None = None
        for child in node:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag == _w("p"):
                taken = self._taken(child, carried)
                carried = None
                if child.find(f"{_w('pPr')}/{_w('rPr')}/{_w('del')}") is not None:
                    carried = taken  # its end was deleted: it goes on in the next paragraph
                    continue
                yield from self._paragraph(child, taken, depth)
            elif child.tag == _w("tbl"):
                table = self._table(child, depth)
                if table.rows:
                    yield table
            else:
                yield from self._blocks(child, depth + 1)
        if carried is not None:
            text = self._text(carried)
            if text:
                yield TextParagraph(text=text)

    def _flat(self, node: Element, depth: int) -> Iterator[TextParagraph]:
        """The paragraphs of a node, those of tables within it too, row by row."""
        for block in self._blocks(node, depth):
            if isinstance(block, TextParagraph):
                yield block
            else:
                for row in block.rows:
                    for cell in row:
                        yield from cell.paragraphs

    def _paragraph(self, element: Element, taken: _Taken, depth: int) -> Iterator[Block]:
        properties = element.find(_w("pPr"))
        style_name = "" if properties is None else _attr(properties.find(_w("pStyle")))
        chain = self._styles.chain(style_name or self._styles.default_paragraph)
        is_contents = any(_TOC.match(name.replace(" ", "")) for each in chain[:1] for name in (each.name, style_name))
        text = self._text(taken)
        if text and not is_contents:
            self._count += 1
            if self._count > MOST_PARAGRAPHS:
                raise DocumentTooLargeError("Tệp có quá 20.000 đoạn nên không được đọc. Hãy chia tệp ra.")
            label, level = self._label(properties, chain)
            yield TextParagraph(
                text=text,
                label=label,
                level=level,
                outline=self._outline(properties, chain),
                is_bold=taken.bold * 2 > taken.letters or any(each.is_bold for each in chain[:1]),
                is_centred=self._is_centred(properties, chain),
                notes=tuple(taken.notes),
            )
        for box in taken.boxes:
            yield from self._blocks(box, depth + 1)

    def _label(self, properties: Element | None, chain: list[_Style]) -> tuple[str, int | None]:
        own = None if properties is None else properties.find(_w("numPr"))
        num_id = "" if own is None else _attr(own.find(_w("numId")))
        level = "" if own is None else _attr(own.find(_w("ilvl")))
        if not num_id:
            styled = next((each for each in chain if each.num_id), None)
            if styled is None:
                return "", None
            num_id, level = styled.num_id, level or styled.depth
        if num_id == "0":
            return "", None
        at = _number(level, 0)
        return self._numbering.label(num_id, at), at

    @staticmethod
    def _outline(properties: Element | None, chain: list[_Style]) -> int:
        own = "" if properties is None else _attr(properties.find(_w("outlineLvl")))
        text = own or next((each.outline for each in chain if each.outline), "")
        level = _number(text, 9)
        return level + 1 if 0 <= level < 9 else 0

    @staticmethod
    def _is_centred(properties: Element | None, chain: list[_Style]) -> bool:
        own = "" if properties is None else _attr(properties.find(_w("jc")))
        return own == "center" if own else any(each.is_centred for each in chain)

    def _taken(self, element: Element, carried: _Taken | None) -> _Taken:
        taken = carried or _Taken(runs=[], notes=[], boxes=[])
        properties = element.find(_w("pPr"))
        style = "" if properties is None else _attr(properties.find(_w("pStyle")))
        chain = self._styles.chain(style or self._styles.default_paragraph)
        font = next((each.font for each in chain if each.font), self._styles.default_font)
        self._take(element, taken, font, 0)
        return taken

    def _take(self, node: Iterable[Element], taken: _Taken, font: str, depth: int) -> None:
        if depth > DEEPEST:
            raise DamagedDocumentError("Tệp Word lồng bảng và khung chữ quá sâu nên không được mở.")
        for child in node:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag == _w("txbxContent"):
                taken.boxes.append(child)
            elif child.tag == _w("r"):
                self._take_run(child, taken, font, depth)
            else:
                self._take(child, taken, font, depth + 1)

    def _take_run(self, run: Element, taken: _Taken, font: str, depth: int) -> None:
        properties = run.find(_w("rPr"))
        is_bold = False
        if properties is not None:
            if _is_on(properties.find(_w("vanish"))) or properties.find(_w("del")) is not None:
                return
            styled = self._styles.chain(_attr(properties.find(_w("rStyle"))))
            font = _font_of(properties) or next((each.font for each in styled if each.font), font)
            is_bold = _is_on(properties.find(_w("b")))
        for child in run:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag == _w("t"):
                words = child.text or ""
                taken.runs.append((words, font))
                taken.letters += len(words)
                taken.bold += len(words) if is_bold else 0
            elif child.tag in _CHARACTERS:
                taken.runs.append((_CHARACTERS[child.tag], ""))
            elif child.tag in {_w("footnoteReference"), _w("endnoteReference")}:
                self._take_note(child, taken)
            elif child.tag != _w("delText"):
                self._take([child], taken, font, depth + 1)

    def _take_note(self, element: Element, taken: _Taken) -> None:
        kind = "footnote" if element.tag == _w("footnoteReference") else "endnote"
        key = kind, _attr(element, "id")
        mark = self._note_marks.setdefault(key, raised(len(self._note_marks) + 1))
        taken.notes.append(mark)
        taken.runs.append((mark, ""))

    @staticmethod
    def _text(taken: _Taken) -> str:
        """Join the runs; neighbours of one old font are converted together, for one letter may be cut over two runs."""
        joined: list[tuple[str, str]] = []
        for words, font in taken.runs:
            if joined and joined[-1][1] == font:
                joined[-1] = joined[-1][0] + words, font
            else:
                joined.append((words, font))
        return clean_text("".join(_unicode(words, font) for words, font in joined))

    def _table(self, element: Element, depth: int) -> TextTable:
        rows = tuple(row for row in self._rows(element, depth + 1) if row)
        borders = [
            each
            for each in element.iter(_w("tblBorders"), _w("tcBorders"))
            if any(_attr(side) not in {"", "nil", "none"} for side in each)
        ]
        style = _attr(element.find(f"{_w('tblPr')}/{_w('tblStyle')}"))
        return TextTable(rows=rows, is_ruled=bool(borders) or bool(style and style != "TableNormal"))

    def _rows(self, element: Element, depth: int) -> Iterator[tuple[TableCell, ...]]:
        if depth > DEEPEST:
            raise DamagedDocumentError("Tệp Word lồng bảng và khung chữ quá sâu nên không được mở.")
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag == _w("tr"):
                if child.find(f"{_w('trPr')}/{_w('del')}") is None:
                    yield self._row(child, depth)
            else:
                yield from self._rows(child, depth + 1)

    def _row(self, element: Element, depth: int) -> tuple[TableCell, ...]:
        before = element.find(f"{_w('trPr')}/{_w('gridBefore')}")
        column = min(max(_number(_attr(before), 0), 0), _WIDEST)
        cells = []
        for cell in _cells(element, depth):
            properties = cell.find(_w("tcPr"))
            span = 1 if properties is None else _number(_attr(properties.find(_w("gridSpan"))), 1)
            merge = None if properties is None else properties.find(_w("vMerge"))
            span = min(max(span, 1), _WIDEST)
            cells.append(
                TableCell(
                    column=column,
                    span=span,
                    paragraphs=tuple(self._flat(cell, depth + 1)),
                    continues=merge is not None and _attr(merge) != "restart",
                )
            )
            column += span
            if column > _WIDEST:
                break
        return tuple(cells)


def _cells(element: Element, depth: int) -> Iterator[Element]:
    if depth > DEEPEST:
        raise DamagedDocumentError("Tệp Word lồng bảng và khung chữ quá sâu nên không được mở.")
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED:
            continue
        if child.tag == _w("tc"):
            yield child
        else:
            yield from _cells(child, depth + 1)


def _unicode(words: str, font: str) -> str:
    encoding = detect_legacy(words, font) if font else None
    return convert_legacy(words, encoding, font_name=font) if encoding else words


def with_label(paragraph: TextParagraph) -> TextParagraph:
    """Return the paragraph with its label written into the text, as a reader sees it."""
    return replace(paragraph, text=f"{paragraph.label} {paragraph.text}".strip())
