"""
The one interface for every reader of figures: `figures(query)` and `explain(key)`.

    figures(FigureQuery(loaded=loaded, windows=("2023-07",), levels=(Level.DISTRICT,)))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from diem06.core.plans.queries import Loaded
from diem06.cube import queries
from diem06.cube.board import AreaRef, Board, Figure, Line, board, parts_of, terms_of
from diem06.cube.engine.runner import areas_in
from diem06.cube.facts import read_facts
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.cube.trace import Side
from diem06.plan.model import Level
from diem06.plan.periods import PeriodError

__all__ = ["AreaRef", "Board", "Explanation", "Figure", "FigureQuery", "board", "explain", "figure_at", "figures"]


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
        for code in query.codes or tuple(here.lines):
            for level in query.levels:
                for area in here.areas(code, level):
                    yield here.figure(code, area=area.code, revision=query.revision)
            owners = here.owners(code)
            for unit in owners if query.units is None else [unit for unit in owners if unit in query.units]:
                yield here.figure(code, unit=unit, revision=query.revision)


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """A fact behind a figure, with the record that it leads back to."""

    part: int  # of a reading in parts; 0 for others
    side: str  # num | den
    sign: int
    measure: str
    source: str
    day: date
    recorded_at: datetime
    area: str
    unit: str
    place: str
    dimensions: str
    value: int
    record: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A figure, how it is computed, and the facts behind it."""

    figure: Figure
    line: Line
    formulas: tuple[tuple[str, str], ...]  # numerator and denominator of each part
    facts: tuple[FactRow, ...] = field(repr=False)
    is_current: bool


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


def explain(loaded: Loaded, key: str) -> Explanation:
    """
    Return a figure with the facts behind it: those that count in it, so they add up to each part's numerator and denominator,
    unless it counts named entities once. Raises FigureKeyError.
    """
    figure, here, is_current = figure_at(loaded, key)
    line = here.lines[figure.code]
    area, unit = here.cell_of(line, figure.area.code if figure.area else "", figure.unit or "")
    formulas = tuple((part.numerator, part.denominator) for part in parts_of(line))
    sides = tuple(
        Side(part=number, side=side, terms=terms_of(here.plan, formula))
        for number, formulas_of_part in enumerate(formulas)
        for side, formula in zip(("num", "den"), formulas_of_part, strict=True)
        if formula
    )
    tracing = here.tracing(line, sides)
    table = read_facts(
        tracing.sources.values(),
        first=here.window.first_day,
        last=here.window.last_day,
        known_at=here.known_at,
        measures=tuple(tracing.kinds),
    )
    moved = {(code, first): to for code, first, to in here.taken_over(areas_in(table, ()))}
    rows = table.to_pylist()
    for row in rows:
        row["area"] = moved.get((row["area"], row["area_valid_from"]), row["area"])
    facts = tuple(
        FactRow(
            part=each.part,
            side=each.side,
            sign=each.sign,
            **{name: each.row[name] for name in _SHOWN},
        )
        for each in tracing.counted(rows, area=area, unit=unit)
    )
    return Explanation(figure=figure, line=line, formulas=formulas, facts=facts, is_current=is_current)


_SHOWN = ("measure", "source", "day", "recorded_at", "area", "unit", "place", "dimensions", "value", "record")
