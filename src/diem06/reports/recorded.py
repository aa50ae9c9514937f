"""What records say of the cells that a unit owes. A report is filled with it at a press, and the unit still answers for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from diem06.core.areas.queries import AreaTree, areas_on, stands_for
from diem06.core.plans.cells import Cell, parsed
from diem06.core.plans.models import Period
from diem06.core.roster import Coverage, Grade, Source, StockState, installed_sources
from diem06.cube.facts import read_facts
from diem06.cube.trace import valid_rows
from diem06.plan.model import Kind, Plan

Row = Mapping[str, Any]


def is_recorded(measures: Iterable[str]) -> bool:
    """Tell whether an installed source may have records of one of these measures: a cheap question, asked first."""
    asked = set(measures)
    return any(
        source.grade is not Grade.DECLARED and not asked.isdisjoint(source.measures) for source in installed_sources()
    )


def recorded_values(cells: Iterable[Cell], *, plan: Plan, period: Period) -> dict[Cell, int]:
    """
    Return the numbers of the cells of which a source of records holds everything; nothing recorded there is 0.

    Where two sources hold a cell, the stronger one is asked. Distinct counts and cells of another day than the period's last are
    left out: no sum of rows is their number.
    """
    kinds = {measure.code: measure.kind for measure in plan.measures}
    asked = [cell for cell in cells if kinds[cell.measure] is not Kind.DISTINCT and cell.day == period.last_day]
    found: dict[Cell, int] = {}
    measures = {cell.measure for cell in asked}
    for source in sorted(installed_sources(), key=lambda each: list(Grade).index(each.grade)):
        if source.grade is Grade.DECLARED or measures.isdisjoint(source.measures):
            continue
        held = [row for row in source.coverage(period.first_day, period.last_day) if row.measure in measures]
        if held:
            tree = areas_on(period.last_day)
            mine = [cell for cell in asked if cell not in found and _is_held(cell, held, tree)]
            found |= _counted(source, mine, kinds=kinds, period=period, tree=tree)
    return found


def _is_held(cell: Cell, held: Iterable[Coverage], tree: AreaTree) -> bool:
    above = {cell.area, *(area.code for area in tree.ancestors(cell.area))}
    return any(
        row.measure == cell.measure and row.unit in ("", cell.unit) and (not row.area or row.area in above)
        for row in held
    )


def _counted(
    source: Source, cells: Sequence[Cell], *, kinds: Mapping[str, Kind], period: Period, tree: AreaTree
) -> dict[Cell, int]:
    by_measure: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_measure[cell.measure].append(cell)
    totals = dict.fromkeys(cells, 0)
    standing: dict[tuple[str, date], set[str]] = {}
    for row in _rows_that_count(source, by_measure, kinds=kinds, period=period):
        where = (row["area"], row["area_valid_from"])
        if where not in standing:
            here = stands_for(*where, period.last_day) or row["area"]
            standing[where] = {here, *(area.code for area in tree.ancestors(here))} if here in tree else {here}
        values = parsed(row["dimensions"]).items()
        for cell in by_measure[row["measure"]]:
            if row["unit"] == cell.unit and cell.area in standing[where] and parsed(cell.dimensions).items() <= values:
                totals[cell] += row["value"]
    return totals


def _rows_that_count(
    source: Source, measures: Iterable[str], *, kinds: Mapping[str, Kind], period: Period
) -> Iterator[Row]:
    """Yield the facts that count in the cube's figures of the period; a snapshot only where it is of the last day."""
    facts = read_facts([source], first=period.first_day, last=period.last_day, measures=list(measures))
    for row in valid_rows(
        facts.to_pylist(),
        kinds=kinds,
        sources={source.code: source},
        first_day=period.first_day,
        last_day=period.last_day,
        stock_from=period.last_day,
    ):
        is_snapshot = kinds[row["measure"]] is Kind.STOCK and source.stock is StockState.SNAPSHOT
        if not is_snapshot or row["day"] == period.last_day:  # what is carried on is no news
            yield row
