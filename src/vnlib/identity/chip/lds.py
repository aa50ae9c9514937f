"""
Files of the chip's logical data structure: EF.COM, DG1, DG2 and the Vietnamese DG13 (ICAO Doc 9303-10).

DG13 is read as DER by its tags. Zeros after a group are padding of the chip and belong to no group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

from vnlib.identity.chip import der
from vnlib.identity.chip.errors import DataGroupError, EncodingError

LARGEST_FILE = 4 * 1024**2
GROUP_TAGS = {
    1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68,
    9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70,
}  # fmt: skip
COM_TAG = 0x60
SOD_TAG = 0x77

_GROUP_OF_TAG = {tag: number for number, tag in GROUP_TAGS.items()}
_MRZ = 0x5F1F
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_JPEG, _JP2, _J2K = b"\xff\xd8\xff", b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"
_DG13_NAMES = {
    1: "number", 2: "name", 3: "dob", 4: "sex", 5: "nationality", 6: "ethnicity", 7: "religion", 8: "origin",
    9: "address", 10: "marks", 11: "issued", 12: "expiry", 15: "old_id",
}  # fmt: skip
_DG13_DATES = frozenset({"dob", "issued", "expiry"})
_FAMILY, _SPOUSE = 13, 14


@dataclass(frozen=True)
class Com:
    """What EF.COM says is on the chip; unsigned, so nothing may hang on it."""

    lds_version: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Photo:
    """The picture of DG2: its bytes and the ending of its kind: jpg, jp2 or j2k."""

    format: str
    picture: bytes = field(repr=False)


def file_of(content: bytes, tag: int) -> bytes:
    """Return the file without the padding after it. Raises DataGroupError: other tag, cut off, more than zeros after it."""
    if len(content) > LARGEST_FILE:
        raise DataGroupError("Tệp của chip lớn quá 4 MB.")
    try:
        found = der.expect(der.element(content), tag)
    except EncodingError as error:
        raise DataGroupError(f"Tệp của chip không đúng dạng: {error}") from error
    if content[found.end :].strip(b"\x00"):
        raise DataGroupError("Tệp của chip có dữ liệu thừa phía sau.")
    return content[: found.end]


def read_com(content: bytes) -> Com:
    """Read EF.COM. Raises DataGroupError."""
    try:
        parts = {part.tag: part.content for part in der.children(der.element(file_of(content, COM_TAG)), 8)}
        version = parts[0x5F01].decode("ascii")
        groups = tuple(_GROUP_OF_TAG[tag] for tag in parts[0x5C])
    except (EncodingError, KeyError, UnicodeDecodeError) as error:
        raise DataGroupError("EF.COM không đúng dạng.") from error
    if not (len(version) == 4 and version.isdigit()):
        raise DataGroupError("EF.COM ghi phiên bản không đúng dạng.")
    return Com(f"{int(version[:2])}.{int(version[2:])}", groups)


def read_dg1(content: bytes) -> str:
    """Return the machine-readable zone of DG1, 90, 72 or 88 characters without line breaks. Raises DataGroupError."""
    try:
        (zone,) = der.children(der.element(file_of(content, GROUP_TAGS[1])), 1)
        text = der.expect(zone, _MRZ).content.decode("ascii")
    except (ValueError, EncodingError) as error:
        raise DataGroupError("DG1 không chứa dòng máy đọc.") from error
    if len(text) not in {72, 88, 90} or not re.fullmatch(r"[A-Z0-9<]+", text, re.ASCII):
        raise DataGroupError("Dòng máy đọc trong DG1 không đúng dạng.")
    return text


def read_dg2(content: bytes) -> Photo:
    """Return the first photo of DG2, by what its bytes begin with, not by what its header says. Raises DataGroupError."""
    try:
        (group,) = der.children(der.element(file_of(content, GROUP_TAGS[2])), 1)
        count, *templates = der.children(der.expect(group, 0x7F61), 10)
        if der.expect(count, der.INTEGER).content == b"\x00":
            templates = []
        block = next(
            part
            for template in templates[:1]
            for part in der.children(der.expect(template, 0x7F60), 8)
            if part.tag in {0x5F2E, 0x7F2E}
        ).content
    except (ValueError, EncodingError, StopIteration) as error:
        raise DataGroupError("DG2 không đúng dạng.") from error
    # ISO 19794-5: a header whose length depends on the marked points of the face, then the picture to the end.
    for kind, magic in (("jpg", _JPEG), ("jp2", _JP2), ("j2k", _J2K)):
        place = block.find(magic, 0, 4096)
        if place >= 0:
            return Photo(kind, block[place:])
    raise DataGroupError("Ảnh trong DG2 không phải JPEG hay JPEG 2000.")


def read_dg13(content: bytes) -> dict[str, str]:
    """
    Return the citizen's particulars of DG13: dates in ISO form, an expiry that is words as it is, names of the family.

    Keys: number, name, dob, sex, nationality, ethnicity, religion, origin, address, marks, issued, expiry, father, mother,
    spouse, old_id; those that the chip leaves out are not there. Raises DataGroupError.
    """
    try:
        (sequence,) = der.children(der.element(file_of(content, GROUP_TAGS[13])), 1)
        found: dict[str, str] = {}
        seen: set[int] = set()
        for entry in der.children(der.expect(sequence, der.SEQUENCE), 64):
            index_element, *values = der.children(der.expect(entry, der.SEQUENCE), 16)
            index = der.integer(index_element)
            if index in seen:
                _fail("DG13 ghi một mục hai lần.")
            seen.add(index)
            name = _DG13_NAMES.get(index)
            if name is not None:
                text = der.text(values[0]) if values else ""
                found[name] = _day(name, text) if name in _DG13_DATES else text
            elif index in {_FAMILY, _SPOUSE}:
                members = ("father", "mother") if index == _FAMILY else ("spouse",)
                for member, value in zip(members, values, strict=False):
                    inside = der.children(der.expect(value, der.SEQUENCE), 4)
                    found[member] = der.text(inside[0]) if inside else ""
    except DataGroupError:
        raise
    except (ValueError, EncodingError) as error:
        raise DataGroupError("DG13 không đúng dạng.") from error
    return found


def _fail(why: str) -> NoReturn:
    raise DataGroupError(why)


def _day(name: str, text: str) -> str:
    matched = _DATE.fullmatch(text)
    if matched:
        return date(int(matched[3]), int(matched[2]), int(matched[1])).isoformat()
    if name in {"dob", "issued"} and text:
        raise DataGroupError("DG13 ghi ngày không đúng dạng.")
    return text
