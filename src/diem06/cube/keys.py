"""
The stable key of a figure, and the tags by which it stands in files.

`bg23:P9:24:-:2023-07:3` is plan, indicator or reading, area, unit, window, revision; `-` for none. At most 48 ASCII
characters. The area is the one that the code means on the window's last day, so the code is enough. A tag adds the part
that is printed: `...#val`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_LENGTH = 48
_NONE = "-"


class FigureKeyError(ValueError):
    """A text that is no figure key."""


class Printed(StrEnum):
    """Which number of a figure is printed."""

    VALUE = "val"
    NUMERATOR = "num"
    DENOMINATOR = "den"
    TARGET = "target"
    GAP = "gap"


@dataclass(frozen=True, kw_only=True)
class FigureKey:
    plan: str
    code: str  # of the indicator, or of its reading
    area: str  # empty: none
    unit: str  # the unit's short key; empty: none
    window: str
    revision: int

    def __str__(self) -> str:
        text = ":".join((self.plan, self.code, self.area or _NONE, self.unit or _NONE, self.window, str(self.revision)))
        if len(text) > MAX_LENGTH or not text.isascii():
            raise FigureKeyError(f"{text}: a figure key has at most {MAX_LENGTH} ASCII characters.")
        return text

    def tag(self, part: Printed) -> str:
        """Return the tag under which `part` of this figure stands in a file."""
        return f"{self}#{part}"


def parse_key(text: str) -> FigureKey:
    """Read a key. Raises FigureKeyError with what a key looks like."""
    parts = text.split(":")
    if len(parts) != 6 or not all(parts) or not parts[5].isdecimal():
        raise FigureKeyError(f"{text}: no figure key; one looks like bg23:P9:24:-:2023-07:3.")
    plan, code, area, unit, window, revision = parts
    return FigureKey(
        plan=plan,
        code=code,
        area="" if area == _NONE else area,
        unit="" if unit == _NONE else unit,
        window=window,
        revision=int(revision),
    )
