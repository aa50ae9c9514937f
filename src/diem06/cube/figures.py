"""
The one interface for every reader of figures: `figures(query)`, and `figure_at(key)`, whose facts `behind` opens.

    figures(FigureQuery(loaded=loaded, windows=("2023-07",), levels=(Level.DISTRICT,)))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from diem06.core.plans.queries import Loaded
from diem06.cube import queries
from diem06.cube.board import AreaRef, Board, Figure, board
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.plan.model import Level
from diem06.plan.periods import PeriodError

__all__ = ["AreaRef", "Board", "Figure", "FigureQuery", "board", "figure_at", "figures"]


@dataclass(frozen=True, kw_only=True)
class FigureQuery:
    """
    Which figures. Empty `codes`: every indicator, or each of its readings. Figures of areas come for `levels`, those of units
    for `units` (None: all that own the indicator; empty: none).
    """

    loaded: Loaded
    windows: tuple[str, ...]
    codes: tuple[str, ...] = ()
    levels: tuple[Level, ...] = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    units: tuple[str, ...] | None = None
    revision: int | None = None
    known_at: datetime | None = None


def figures(query: FigureQuery) -> Iterator[Figure]:
    """Yield the figures of each window in the plan's order: areas from the widest to the narrowest, then units."""
    for window in query.windows:
        here = board(query.loaded, window, known_at=query.known_at)
        revision = here.revision if query.revision is None else query.revision
        for code in query.codes or tuple(here.lines):
            for level in query.levels:
                for area in here.areas(code, level):
                    yield here.figure(code, area=area.code, revision=revision)
            owners = here.owners(code)
            for unit in owners if query.units is None else [unit for unit in owners if unit in query.units]:
                yield here.figure(code, unit=unit, revision=revision)


def figure_at(loaded: Loaded, key: str) -> tuple[Figure, Board, bool]:
    """
    Return the figure of `key`, its board, and whether its revision is the present one.

    An earlier revision is computed from the records as they were known when it was handed out. Raises FigureKeyError.
    """
    wanted = parse_key(key)
    if wanted.plan != loaded.plan.key:
        raise FigureKeyError(f"{key}: a figure of another plan ({wanted.plan}).")
    try:
        here = board(loaded, wanted.window)
    except PeriodError as fault:
        raise FigureKeyError(f"{key}: {fault}") from fault
    is_current = here.revision == wanted.revision
    if not is_current:
        row = queries.revision(loaded.plan.id, wanted.window, wanted.revision)
        if row is None:
            raise FigureKeyError(f"{key}: revision {wanted.revision} was never handed out.")
        here = board(loaded, wanted.window, known_at=row.known_at)
    unit = next((code for code, known in here.units.items() if known.key == wanted.unit), None)
    if (
        (wanted.unit and unit is None)
        or wanted.code not in here.lines
        or (wanted.area and wanted.area not in here.tree)
    ):
        raise FigureKeyError(f"{key}: no such indicator, area or unit on {here.window.last_day:%d/%m/%Y}.")
    figure = here.figure(wanted.code, area=wanted.area, unit=unit or "", revision=wanted.revision)
    return figure, here, is_current
