"""Plain tables as data, for `ui/table.html`: twins of charts and simple lists. Richer ones are written in their template."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Table:
    """
    A table of words. `head` and each row have the same length; the first cell of a row is its head.

    Columns after `words_until` hold numbers and stand to the right.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words_until: int = 1


def sort_of(query: Mapping[str, str], allowed: Collection[str], default: str) -> str:
    """
    Return the order a list is asked to have by `?sort=`: a key, with «-» in front for descending.

    What the list cannot be sorted by falls back to `default`, so an old link still opens.
    """
    wish = query.get("sort", "")
    return wish if wish.removeprefix("-") in allowed else default
