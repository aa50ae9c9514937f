"""
Read BER-TLV with definite lengths, within limits set before anything is built.

Elements are places in the bytes that were given, so that what is hashed is what was signed. Tags are compared as numbers
of their bytes (0x5F1F). A reader takes one level at a time: nothing recurses over what a stranger nested.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vnlib.identity.chip.errors import EncodingError

MOST_CHILDREN = 20_000
_LONGEST_TAG = 4

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
T61_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

_TIME = re.compile(rb"(\d{10}(?:\d\d)?|\d{12}(?:\d\d)?)(?:[.,]\d{1,9})?(Z|[+-]\d{4})", re.ASCII)
_DECODERS = {
    UTF8_STRING: "utf-8",
    PRINTABLE_STRING: "ascii",
    IA5_STRING: "ascii",
    T61_STRING: "latin-1",
    BMP_STRING: "utf-16-be",
}


class Element(NamedTuple):
    """One TLV in `data`: its tag, where it begins, where its content begins and where it ends."""

    data: bytes
    tag: int
    at: int
    start: int
    end: int

    @property
    def content(self) -> bytes:
        return self.data[self.start : self.end]

    @property
    def encoded(self) -> bytes:
        """Tag, length and content as they were sent."""
        return self.data[self.at : self.end]


def element(data: bytes, at: int = 0, end: int | None = None) -> Element:
    """Return the element that begins at `at`. Raises EncodingError if it is no element or does not end by `end`."""
    limit = len(data) if end is None else end
    try:
        tag = data[at]
        place = at + 1
        if tag & 0x1F == 0x1F:
            while True:
                tag = tag << 8 | data[place]
                place += 1
                if not data[place - 1] & 0x80:
                    break
                if place - at >= _LONGEST_TAG:
                    raise EncodingError("Thẻ BER quá dài.")
        length = data[place]
        place += 1
        if length >= 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise EncodingError("Độ dài BER không xác định hoặc quá 4 byte.")
            length = int.from_bytes(data[place : place + size], "big")
            place += size
    except IndexError:
        raise EncodingError("Dữ liệu bị cụt.") from None
    if place + length > limit:
        raise EncodingError("Dữ liệu bị cụt: ngắn hơn độ dài đã ghi.")
    return tuple.__new__(Element, (data, tag, at, place, place + length))


def only(data: bytes, tag: int) -> Element:
    """Return the one element that `data` is. Raises EncodingError for another tag or bytes left over."""
    found = element(data)
    if found.tag != tag or found.end != len(data):
        raise EncodingError(f"Cần đúng một phần tử thẻ {tag:02X}.")
    return found


def children(parent: Element, most: int = MOST_CHILDREN) -> list[Element]:
    """Return the elements of a constructed one. Raises EncodingError if they do not fill it, or are more than `most`."""
    data, _, _, place, end = parent
    found: list[Element] = []
    while place < end:
        # Tags of one byte and lengths up to 64 kB here: the way through `element` takes three times as long.
        start = place + 2
        tag, length = (data[place], data[place + 1]) if start <= end else (0x1F, 0)
        if length == 0x82 and place + 4 <= end:
            start, length = place + 4, data[place + 2] << 8 | data[place + 3]
        elif length == 0x81 and place + 3 <= end:
            start, length = place + 3, data[place + 2]
        elif length >= 0x80:
            tag = 0x1F  # leave it to `element`
        if tag & 0x1F == 0x1F or start + length > end:
            one = element(data, place, end)
        else:
            one = tuple.__new__(Element, (data, tag, place, start, start + length))
        found.append(one)
        place = one[4]
        if len(found) > most:
            raise EncodingError(f"Quá {most} phần tử trong một nhóm.")
    return found


def expect(found: Element, *tags: int) -> Element:
    """Return `found`. Raises EncodingError if it has none of the tags."""
    if found.tag not in tags:
        raise EncodingError(f"Gặp thẻ {found.tag:02X}, cần {' hoặc '.join(f'{tag:02X}' for tag in tags)}.")
    return found


def integer(found: Element) -> int:
    """Return an INTEGER, which is in its shortest form. Raises EncodingError."""
    content = found.content if found.tag == INTEGER else expect(found, INTEGER).content
    if not content or (len(content) > 1 and content[0] in {0, 0xFF} and (content[0] ^ content[1]) < 0x80):
        raise EncodingError("Số nguyên không ở dạng ngắn nhất.")
    return int.from_bytes(content, "big", signed=True)


def boolean(found: Element) -> bool:
    content = expect(found, BOOLEAN).content
    if len(content) != 1:
        raise EncodingError("Giá trị đúng/sai không hợp lệ.")
    return content != b"\x00"  # one real issuer writes true as 01, against DER


def bit_string(found: Element) -> bytes:
    """Return the bytes of a BIT STRING without unused bits. Raises EncodingError."""
    content = expect(found, BIT_STRING).content
    if content[:1] != b"\x00":
        raise EncodingError("Chuỗi bit không tròn byte.")
    return content[1:]


def named_bits(found: Element) -> frozenset[int]:
    """Return the numbers of the bits that are set. Raises EncodingError."""
    content = expect(found, BIT_STRING).content
    if not 1 <= len(content) <= 5 or content[0] > 7:
        raise EncodingError("Chuỗi bit không hợp lệ.")
    return frozenset(
        place * 8 + bit for place, byte in enumerate(content[1:]) for bit in range(8) if byte & 0x80 >> bit
    )


def text(found: Element) -> str:
    """Return a character string of any usual kind. Raises EncodingError."""
    encoding = _DECODERS.get(found.tag) or _DECODERS[expect(found, *_DECODERS).tag]
    try:
        return found.content.decode(encoding)
    except UnicodeDecodeError as error:
        raise EncodingError("Chuỗi ký tự không đúng bảng mã.") from error


def time(found: Element) -> datetime:
    """Return a UTCTime (1950 to 2049) or GeneralizedTime in UTC. Raises EncodingError."""
    content = expect(found, UTC_TIME, GENERALIZED_TIME).content
    if found.tag == UTC_TIME and len(content) == 13 and content[12] == 0x5A and content[:12].isdigit():
        year, month, day, hour, minute, second = (int(content[place : place + 2]) for place in range(0, 12, 2))
        try:
            return datetime(year + (2000 if year < 50 else 1900), month, day, hour, minute, second, tzinfo=UTC)
        except ValueError as error:
            raise EncodingError("Thời điểm không hợp lệ.") from error
    matched = _TIME.fullmatch(content)
    if not matched:
        raise EncodingError("Thời điểm không hợp lệ.")
    digits, zone = matched[1].decode(), matched[2].decode()
    if found.tag == UTC_TIME:
        digits = ("20" if digits < "50" else "19") + digits
    try:
        parts = [int(digits[place : place + 2] or 0) for place in (4, 6, 8, 10, 12)]
        moment = datetime(int(digits[:4]), parts[0], parts[1], parts[2], parts[3], parts[4], tzinfo=UTC)
        if zone != "Z":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
            moment += -shift if zone[0] == "+" else shift
    except (ValueError, OverflowError) as error:
        raise EncodingError("Thời điểm không hợp lệ.") from error
    return moment


def encode(tag: int, content: bytes) -> bytes:
    """Return a DER element."""
    size = len(content)
    if size < 0x80:
        length = bytes([size])
    else:
        raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(raw)]) + raw
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length + content


def oid(dotted: str) -> bytes:
    """Return the content of the OBJECT IDENTIFIER that is written so."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return bytes(out)


def dotted(content: bytes) -> str:
    """Return how an OBJECT IDENTIFIER is written; for messages."""
    arcs: list[int] = []
    arc = 0
    for byte in content[:64]:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs:
        return "?"
    first = min(arcs[0] // 40, 2)
    return ".".join(str(part) for part in (first, arcs[0] - first * 40, *arcs[1:]))
