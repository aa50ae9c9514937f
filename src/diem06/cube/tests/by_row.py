"""
What is behind a figure, decided row by row in Python: the slow and plain answer that `behind` is held to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from diem06.core.plans.queries import Loaded
from diem06.cube.behind import FactRow
from diem06.cube.board import Figure, Line, parts_of, terms_of
from diem06.cube.engine.runner import areas_in
from diem06.cube.facts import read_facts
from diem06.cube.figures import figure_at
from diem06.cube.trace import Side, valid_rows


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A figure, how it is computed, and the facts behind it."""

    figure: Figure
    line: Line
    formulas: tuple[tuple[str, str], ...]  # numerator and denominator of each part
    facts: tuple[FactRow, ...] = field(repr=False)
    is_current: bool


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
    valid = valid_rows(
        rows,
        kinds=tracing.kinds,
        sources=tracing.sources,
        first_day=tracing.first_day,
        last_day=tracing.last_day,
        stock_from=tracing.stock_from,
    )
    facts = tuple(
        FactRow(
            part=each.part,
            side=each.side,
            sign=each.sign,
            **{name: each.row[name] for name in _SHOWN},
        )
        for each in tracing.counted(valid, area=area, unit=unit)
    )
    return Explanation(figure=figure, line=line, formulas=formulas, facts=facts, is_current=is_current)


_SHOWN = ("measure", "source", "day", "recorded_at", "area", "unit", "place", "dimensions", "value", "record")
