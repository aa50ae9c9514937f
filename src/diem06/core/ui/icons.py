"""The icons that the sprite holds."""

from functools import cache
from pathlib import Path

SPRITE = "vendor/icons.svg"
_LIST = Path(__file__).with_name("icons.txt")


@cache
def names() -> frozenset[str]:
    """Return the names in icons.txt; `#` begins a remark."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if (name := line.split("#")[0].strip()))
