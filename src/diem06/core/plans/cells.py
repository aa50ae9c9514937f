"""The cells of an obligation: which single numbers a unit owes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Protocol

from diem06.core.areas.queries import AreaTree
from diem06.plan.model import Grain, Kind, Level, Measure


class Owed(Protocol):
    """What of an obligation decides its cells."""

    unit: str
    measure: str
    grain: str
    where: Mapping[str, Sequence[str]]
    split_by: Sequence[str]
    levels: Sequence[str]
    day: date


@dataclass(frozen=True, kw_only=True, order=True)
class Cell:
    """One number that a unit owes: of a measure, for dimension values, in an area, dated a day."""

    measure: str
    dimensions: str  # canonical: «channel=online;purpose=tuition», empty for the whole
    area: str
    area_valid_from: date
    unit: str
    day: date


def cells(owed: Owed, *, measure: Measure, unit_area: str, tree: AreaTree) -> Iterator[Cell]:
    """
    Yield the cells of `owed` on the areas of `tree`, inside `unit_area`.

    A distinct count adds its own total beside the split values, for people of two kinds count in both and once in the whole.
    """
    asked_apart = owed_dimensions(owed, measure=measure)
    for area in owed_areas(owed, measure=measure, unit_area=unit_area, tree=tree):
        node = tree.get(area)
        for dimensions in asked_apart:
            yield Cell(
                measure=owed.measure,
                dimensions=dimensions,
                area=node.code,
                area_valid_from=node.valid_from,
                unit=owed.unit,
                day=owed.day,
            )


def owed_areas(owed: Owed, *, measure: Measure, unit_area: str, tree: AreaTree) -> list[str]:
    """Return the codes of the areas that `owed` asks a number for, widest first, in the order of the area list."""
    if measure.kind is Kind.DISTINCT and owed.levels:
        return [code for level in owed.levels for code in _at_level(tree, unit_area, Level(level))]
    if owed.grain == Grain.UNIT:
        return [unit_area]
    return _at_level(tree, unit_area, Level(owed.grain))


def owed_dimensions(owed: Owed, *, measure: Measure) -> list[str]:
    """Return the canonical dimension values that `owed` asks apart, in the order of the plan; [""] where nothing is split."""
    named = {dimension.name: dimension.values for dimension in measure.dimensions}
    split = [name for name in named if name in owed.split_by or name in owed.where]
    values = [[(name, value) for value in owed.where.get(name) or named[name]] for name in split]
    combinations = [canonical(dict(pairs)) for pairs in product(*values)]
    if measure.kind is Kind.DISTINCT and split:
        return ["", *combinations]
    return combinations


def canonical(dimensions: Mapping[str, str]) -> str:
    """Return dimension values as the one text that facts carry."""
    return ";".join(f"{name}={dimensions[name]}" for name in sorted(dimensions))


def parsed(dimensions: str) -> dict[str, str]:
    """Return the dimension values of a canonical text."""
    return dict(pair.split("=", 1) for pair in dimensions.split(";") if pair)


def _at_level(tree: AreaTree, area: str, level: Level) -> list[str]:
    if tree.get(area).level == level:
        return [area]
    return [node.code for node in tree.descendants(area, level)]
