"""
Read a .docx file back, whoever saved it last: Word, LibreOffice or another editor.

LibreOffice drops w:tag, and version 7 renumbers w:id too; the alias then tells the short id, and the
custom properties the tag of that id. The XML is read itself, for python-docx's `paragraph.text` leaves
out what stands in a control.
"""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize

from lxml import etree

from vnlib.documents.errors import DamagedDocumentError, DocumentTooLargeError, NotADocumentError
from vnlib.documents.names import CONTROL_PROPERTY, CUSTOM, FIRST_CONTINUATION, HANDLE, MC, PACKAGE_RELS, R, W

LARGEST_FILE = 20 * 1024**2
LARGEST_UNZIPPED = 200 * 1024**2

_MAIN_PART = "word/document.xml"
_SIDE_PARTS = ("word/header", "word/footer", "word/footnotes", "word/endnotes")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Control:
    """
    One content control, or all paragraphs of one narrative.

    `tag` is its w:tag, None when an editor dropped it. `short_id` is the id that its author gave it, as
    alias or w:id tell. `listed_tag` is what the custom properties say of that id. `text` is empty when
    only the placeholder is shown; the lines of a narrative are parted by a line break.
    """

    tag: str | None
    short_id: int | None
    text: str
    listed_tag: str | None

    @property
    def any_tag(self) -> str | None:
        """The tag, or the listed one if the tag was dropped; None: the key is lost."""
        return self.tag or self.listed_tag


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """
    `text` is the main part as plain text: a line for each paragraph and table row, cells parted by tabs.

    `text_outside_controls` is the same without what stands in any control; `side_text` is that of
    headers, footers and notes. `properties` are the custom properties without the list of tags, which
    is in `listed_tags` by short id. Order of `controls`: as in the text.
    """

    controls: tuple[Control, ...]
    properties: Mapping[str, str]
    listed_tags: Mapping[int, str]
    text: str
    text_outside_controls: str
    side_text: str


def read(source: str | os.PathLike[str] | bytes) -> ReadDocument:
    """
    Return what a .docx file holds, from its path or its bytes.

    Raises DocumentTooLargeError above 20 MB (200 MB unzipped), NotADocumentError for any other kind of
    file, DamagedDocumentError for a broken one; OSError if the path cannot be opened.
    """
    content = source if isinstance(source, bytes) else _file_bytes(Path(source))
    if len(content) > LARGEST_FILE:
        raise _too_large()
    try:
        with open_docx(content) as archive:
            return _read_archive(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        etree.XMLSyntaxError,
        RecursionError,
    ) as error:
        raise DamagedDocumentError(
            "Tệp Word bị hỏng, không đọc được. Hãy mở bằng Word, lưu lại thành .docx rồi gửi lại."
        ) from error


def _file_bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise _too_large()
    return path.read_bytes()


def _too_large() -> DocumentTooLargeError:
    return DocumentTooLargeError("Tệp lớn quá 20 MB. Hãy bớt ảnh trong tệp rồi gửi lại.")


def open_docx(content: bytes) -> zipfile.ZipFile:
    if content.startswith(_OLE_MAGIC):
        raise NotADocumentError("Tệp là .doc kiểu cũ hoặc có mật khẩu. Hãy bỏ mật khẩu và lưu thành .docx.")
    if not content.startswith(b"PK"):
        raise NotADocumentError("Tệp không phải .docx. Hãy chọn tệp Word có đuôi .docx.")
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > LARGEST_UNZIPPED:
        raise DocumentTooLargeError("Tệp giải nén ra quá 200 MB nên không được mở. Hãy kiểm tra lại tệp.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotADocumentError("Tệp có mật khẩu. Hãy bỏ mật khẩu rồi gửi lại.")
    return archive


def _read_archive(archive: zipfile.ZipFile) -> ReadDocument:
    names = set(archive.namelist())
    main_part = main_part_of(archive, names)
    if main_part not in names:
        raise NotADocumentError("Tệp nén này không phải tài liệu Word. Hãy chọn tệp Word có đuôi .docx.")
    body = parse_part(archive.read(main_part)).find(f"{{{W}}}body")
    if body is None:
        raise NotADocumentError("Tệp không phải tài liệu Word. Hãy chọn tệp Word có đuôi .docx.")

    every_property = _properties(archive, names)
    listed = _listed_tags(every_property)
    pieces = list(_pieces(body, inside=False))
    sides = sorted(name for name in names if name.startswith(_SIDE_PARTS) and name.endswith(".xml"))
    return ReadDocument(
        controls=tuple(_controls(body, listed)),
        properties=MappingProxyType(
            {name: value for name, value in every_property.items() if not name.startswith(CONTROL_PROPERTY)}
        ),
        listed_tags=MappingProxyType(listed),
        text=_joined(text for text, _ in pieces),
        text_outside_controls=_joined(text for text, inside in pieces if not inside),
        side_text="\n".join(
            _joined(text for text, _ in _pieces(parse_part(archive.read(name)), inside=False)) for name in sides
        ),
    )


def main_part_of(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Word names the main part as it likes; the package's relations say which it is."""
    if "_rels/.rels" not in names:
        return _MAIN_PART
    for relation in parse_part(archive.read("_rels/.rels")).iter(f"{{{PACKAGE_RELS}}}Relationship"):
        if relation.get("Type") == f"{R}/officeDocument":
            return str(relation.get("Target", "")).lstrip("/")
    return _MAIN_PART


def parse_part(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        raise DamagedDocumentError("Tệp Word chứa phần khai báo lạ (DOCTYPE) nên không được mở.")
    return root


def _properties(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    if "docProps/custom.xml" not in names:
        return {}
    found = {}
    for entry in parse_part(archive.read("docProps/custom.xml")).iter(f"{{{CUSTOM}}}property"):
        found[str(entry.get("name", ""))] = "".join(entry.itertext()).strip()
    return found


def _listed_tags(properties: Mapping[str, str]) -> dict[int, str]:
    listed = {}
    for name, tag in properties.items():
        short_id = name.removeprefix(CONTROL_PROPERTY)
        if name.startswith(CONTROL_PROPERTY) and short_id.isascii() and short_id.isdigit():
            listed[int(short_id[:10])] = tag
    return listed


def _controls(body: etree._Element, listed: Mapping[int, str]) -> list[Control]:
    controls: list[Control] = []
    for element in body.iter(f"{{{W}}}sdt"):
        control, is_continuation = _control(element, listed)
        if is_continuation and controls and controls[-1].any_tag == control.any_tag:
            before = controls.pop()
            control = replace(before, text=f"{before.text}\n{control.text}".strip("\n"))
        controls.append(control)
    return controls


def _control(element: etree._Element, listed: Mapping[int, str]) -> tuple[Control, bool]:
    """Return the control, and whether it is the second or a further paragraph of a narrative."""
    tag = _value(element, "tag") or None
    short_id, part = _identity(element)
    is_placeholder = element.find(f"{{{W}}}sdtPr/{{{W}}}showingPlcHdr") is not None
    content = element.find(f"{{{W}}}sdtContent")
    text = "" if content is None or is_placeholder else _joined(text for text, _ in _pieces(content, inside=True))
    listed_tag = None if short_id is None else listed.get(short_id)
    return Control(tag=tag, short_id=short_id, text=text, listed_tag=listed_tag), part > 1


def _identity(element: etree._Element) -> tuple[int | None, int]:
    """Return short id and number of the paragraph; the alias goes before w:id, which editors renumber."""
    found = HANDLE.search(_value(element, "alias"))
    if found:
        return int(found[1]), int(found[2] or 1)
    try:
        word_id = int(_value(element, "id"))
    except ValueError:
        return None, 1
    if word_id < FIRST_CONTINUATION:
        return word_id, 1
    short_id, number = divmod(word_id - FIRST_CONTINUATION, 1000)
    return short_id, number + 1


def _value(element: etree._Element, name: str) -> str:
    found = element.find(f"{{{W}}}sdtPr/{{{W}}}{name}")
    return "" if found is None else str(found.get(f"{{{W}}}val", ""))


def _joined(texts: Iterator[str]) -> str:
    # A tab follows each cell, the last one of its row too.
    return normalize("NFC", "".join(texts)).replace("\t\n", "\n").strip("\n")


_Piece = tuple[str, bool]
"""A bit of text, and whether it stands in a control."""

_LEFT_OUT = {f"{{{W}}}{tag}" for tag in ("del", "moveFrom", "sdtPr", "sdtEndPr", "pPr", "rPr", "tblPr", "tcPr", "trPr")}
_LEFT_OUT.add(f"{{{MC}}}Fallback")
_CHARACTERS = {
    f"{{{W}}}{tag}": text for tag, text in (("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"))
}


def _pieces(node: etree._Element, *, inside: bool) -> Iterator[_Piece]:
    for child in node:
        if child.tag in _LEFT_OUT or not isinstance(child.tag, str):
            continue
        if child.tag == f"{{{W}}}t":
            yield child.text or "", inside
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag], inside
        elif child.tag == f"{{{W}}}tc":
            yield from _cell_pieces(child, inside=inside)
        else:
            is_control = child.tag == f"{{{W}}}sdt"
            yield from _pieces(child, inside=inside or is_control)
            if child.tag in {f"{{{W}}}p", f"{{{W}}}tr"}:
                yield "\n", inside


def _cell_pieces(cell: etree._Element, *, inside: bool) -> Iterator[_Piece]:
    """A table row is one line: line ends within its cells become blanks."""
    pieces = list(_pieces(cell, inside=inside))
    while pieces and pieces[-1][0] == "\n":
        pieces.pop()
    yield from ((text.replace("\n", " ").replace("\t", " "), is_inside) for text, is_inside in pieces)
    yield "\t", inside
