"""
The one interface for every reader of figures: `figures(query)` and `explain(key)`.

    figures(FigureQuery(loaded=loaded, windows=("2023-07",), levels=(Level.DISTRICT,)))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from diem06.core.plans.queries import Loaded
from diem06.core.roster import installed_sources
from diem06.cube import queries
from diem06.cube.board import AreaRef, Board, Figure, Line, board, parts_of, terms_of
from diem06.cube.engine.rollup import matches
from diem06.cube.facts import read_facts
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.plan.model import Kind, Level
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
    if (wanted.unit and unit is None) or wanted.code not in here.lines or (wanted.area and wanted.area not in here.tree):
        raise FigureKeyError(f"{key}: no such indicator, area or unit on {here.window.last_day:%d/%m/%Y}.")
    figure = here.figure(wanted.code, area=wanted.area, unit=unit or "", revision=wanted.revision)
    return figure, here, is_current


def explain(loaded: Loaded, key: str) -> Explanation:
    """Return a figure with the facts behind it: same filter, same areas, same unit. Raises FigureKeyError."""
    figure, here, is_current = figure_at(loaded, key)
    line = here.lines[figure.code]
    area, unit = here.cell_of(line, figure.area.code if figure.area else "", figure.unit or "")
    inside = {area, *(node.code for node in here.tree.descendants(area))}
    table = read_facts(
        installed_sources(), first=here.window.first_day, last=here.window.last_day, known_at=here.known_at
    )
    kinds = {measure.code: measure.kind for measure in here.plan.measures}
    now = dict.fromkeys(inside)
    moved = {(code, first): to for code, first, to in here.taken_over(table)}
    formulas = tuple((part.numerator, part.denominator) for part in parts_of(line))
    wanted: dict[str, list[tuple[str, int, tuple[tuple[str, tuple[str, ...]], ...]]]] = {}
    for numerator, denominator in formulas:
        for side, formula in (("num", numerator), ("den", denominator)):
            for term in terms_of(here.plan, formula) if formula else ():
                wanted.setdefault(term.measure, []).append((side, term.sign, term.where))
    rows = []
    for fact in table.to_pylist():
        place = moved.get((fact["area"], fact["area_valid_from"]), fact["area"])
        if fact["measure"] not in wanted or place not in now or (unit and fact["unit"] != unit):
            continue
        if kinds[fact["measure"]] is not Kind.FLOW and not fact["entity"] and fact["day"] != here.window.last_day:
            if fact["source"] == "declared":
                continue
        for side, sign, where in wanted[fact["measure"]]:
            if matches(fact["dimensions"], where):
                rows.append(
                    FactRow(
                        side=side,
                        sign=sign,
                        measure=fact["measure"],
                        source=fact["source"],
                        day=fact["day"],
                        recorded_at=fact["recorded_at"],
                        area=place,
                        unit=fact["unit"],
                        place=fact["place"],
                        dimensions=fact["dimensions"],
                        value=fact["value"],
                        record=fact["record"],
                    )
                )
    return Explanation(figure=figure, line=line, formulas=formulas, facts=tuple(rows), is_current=is_current)
