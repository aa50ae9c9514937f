"""The cells that a unit owes, as the words by which a report names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diem06.core.plans.cells import Cell, parsed
from diem06.plan.formula import Term, expand, parse
from diem06.plan.model import Kind, Plan
from diem06.reports.mailed.finding import CellWords


def words_of_cells(
    cells: Mapping[str, Cell], plan: Plan, *, own_area: str, areas: Mapping[str, str]
) -> list[CellWords]:
    """
    Return the words of `cells` (by form name). `areas` names areas by code; the unit's own area needs no name.

    Two areas of one name cannot be told apart by words: their cells are left out, and so the person chooses.
    """
    measures = {measure.code: measure for measure in plan.measures}
    labels = {(label.dimension, label.value): label.vi for label in plan.labels}
    counted: dict[str, str] = {}
    aliases: dict[tuple[str, str], list[str]] = {}
    wholes: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for indicator in plan.indicators:
        for part in indicator.parts:
            above = _single(part.numerator, plan)
            below = _single(part.denominator, plan) if part.denominator else None
            for term in (*_terms(part.numerator, plan), *(_terms(part.denominator, plan) if part.denominator else ())):
                if measures[term.measure].entity == indicator.entity:
                    counted.setdefault(term.measure, indicator.counted)
            if above is None or indicator.readings:
                continue
            key = (above.measure, _dimensions(above))
            aliases.setdefault(key, []).append(indicator.name.removeprefix("Tỷ lệ ").removeprefix("Số "))
            if below is not None:
                wholes.setdefault(key, set()).add((below.measure, _dimensions(below)))
    by_place = {(cell.measure, cell.dimensions, cell.area): name for name, cell in cells.items()}
    named = [areas.get(area, "") for area in {cell.area for cell in cells.values()} if area != own_area]
    doubled = {name for name in named if named.count(name) > 1}
    found = []
    for name, cell in cells.items():
        area = "" if cell.area == own_area else areas.get(cell.area, "")
        if cell.area != own_area and (not area or area in doubled):
            continue
        whole = {
            by_place.get((measure, where, cell.area), "")
            for measure, where in wholes.get((cell.measure, cell.dimensions), ())
        }
        found.append(
            CellWords(
                name=name,
                measure=measures[cell.measure].name.removeprefix("Số "),
                dimensions=tuple(labels.get(pair, pair[1]) for pair in parsed(cell.dimensions).items()),
                counted=counted.get(cell.measure, ""),
                area=area,
                is_flow=measures[cell.measure].kind is not Kind.STOCK,
                whole=whole.pop() if len(whole) == 1 else "",
                aliases=tuple(aliases.get((cell.measure, cell.dimensions), ())),
            )
        )
    return found


def _single(formula: str, plan: Plan) -> Term | None:
    """Return the one term of a formula that takes one cell, or the whole of a measure."""
    terms = list(_terms(formula, plan))
    if len(terms) != 1 or any(len(values) != 1 for _, values in terms[0].where):
        return None
    return terms[0]


def _terms(formula: str, plan: Plan) -> Iterator[Term]:
    yield from expand(parse(formula), {measure.code: measure for measure in plan.measures}).terms


def _dimensions(term: Term) -> str:
    return ";".join(f"{name}={values[0]}" for name, values in sorted(term.where))
