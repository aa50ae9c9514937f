"""From what a reader sent to the characters of one zone: lines, blanks, small letters, signs read for the filler."""

import re
from typing import NamedTuple

from vnlib.identity.mrz.layout import ALPHABET, FILLER, LAYOUTS, Layout

_CAPITALS = {ord("a") + place: chr(ord("A") + place) for place in range(26)}
_FULL_WIDTH = {0xFF01 + place: chr(0x21 + place) for place in range(94)}
_BREAKS = re.compile("\\r\\n|\\\\r\\\\n|\\\\n|[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]")
_BLANKS = re.compile("[^\\S\\n]+|[\\x00-\\x09\\x0e-\\x1f\\x7f\\u00ad\\u200b-\\u200f\\u2060\\ufeff]+")
_SIGNS = {"«": FILLER * 2, "‹": FILLER, "〈": FILLER, "≺": FILLER, "&lt;": FILLER, "&LT;": FILLER}
LONGEST = 1_000  # a zone has at most 90 characters; what is much longer is something else


class Zone(NamedTuple):
    layout: Layout
    text: str  # the lines put together
    flags: tuple[str, ...]


class ZoneError(ValueError):
    """The text is no zone; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_zone(text: str) -> Zone:
    """Return the zone in `text`, or raise `ZoneError`: empty, bad_chars, bad_line_count, bad_length."""
    if len(text) > LONGEST:
        raise ZoneError("bad_length")
    broken = _BREAKS.sub("\n", text)
    spelled = _spell_fillers(broken.translate(_FULL_WIDTH))
    plain = spelled.translate(_CAPITALS)
    lines = [line for line in _BLANKS.sub("", plain).split("\n") if line]
    if not lines:
        raise ZoneError("empty")
    if not ALPHABET.issuperset("".join(lines)):
        raise ZoneError("bad_chars")
    flags = []
    if "\n".join(lines) != broken.translate(_CAPITALS):
        flags.append("normalised")
    if plain != spelled:
        flags.append("case_folded")
    layout = _layout_of(lines)
    if layout is None:
        # Some readers send a blank for the filler; then no blank may be dropped.
        spaced = [line.replace(" ", FILLER) for line in plain.split("\n") if line.strip()]
        if ALPHABET.issuperset("".join(spaced)):
            layout = _layout_of(spaced)
            lines = spaced if layout else lines
    if layout is None:
        layout, lines = _joined(lines)
        flags.append("lines_rejoined")
    return Zone(layout, "".join(lines), tuple(flags))


def _spell_fillers(text: str) -> str:
    for sign, filler in _SIGNS.items():
        text = text.replace(sign, filler)
    return text


def _layout_of(lines: list[str]) -> Layout | None:
    widths = {len(line) for line in lines}
    return next((layout for layout in LAYOUTS if len(lines) == layout.lines and widths == {layout.width}), None)


def _joined(lines: list[str]) -> tuple[Layout, list[str]]:
    """Return the layout of lines that were put together or broken elsewhere: the number of characters tells."""
    joined = "".join(lines)
    half = len(joined) // 2
    if joined[:half] == joined[half:] and any(half == layout.size for layout in LAYOUTS):
        joined = joined[:half]  # read twice
    for layout in LAYOUTS:
        if len(joined) == layout.size:
            return layout, [joined]
    of_one_width = any({len(line) for line in lines} == {layout.width} for layout in LAYOUTS)
    raise ZoneError("bad_line_count" if of_one_width else "bad_length")
