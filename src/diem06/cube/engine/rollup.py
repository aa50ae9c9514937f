"""
The rollup: every cell of every window of a request, by one program of named SELECTs on one engine.

    roll_up(request)["2023-07"].sides["P1/0", "num", "24", ""]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pyarrow as pa

from diem06.cube.engine.inputs import OF_RANK, RANKS, SAID, WHOLE, Codes, Inputs, matches
from diem06.cube.engine.program import TEXTS, Step, cells, found, leaves, sketched, slices
from diem06.cube.engine.request import DECLARED_RANK, Cells, Reported, Request, Side
from diem06.cube.engine.runner import DuckDBRunner, Runner
from diem06.cube.engine.sketch import estimate

__all__ = ["DECLARED_RANK", "Rolled", "matches", "roll_up", "rolled"]


Key = tuple[str, str, str, str]
"""(part, side, area, who)"""


class Rolled:
    """
    The results, still in the engine, in numbers: see `inputs.Codes`.

    `cell`: node, side, who, value, weight_0-2, rows_0-2, facts, stale, estimated. `beside`: node, side, who, source, value.
    `reported`: node, part, unit, expected, given.
    """

    def __init__(self, codes: Codes, runner: Runner) -> None:
        self.codes = codes
        self.inputs = codes.inputs
        self.runner = runner

    def table(self, name: str) -> pa.Table:
        """Return `cell`, `beside` or `reported`, its numbers as they are."""
        return self.runner.read(f"SELECT * FROM {name}")  # noqa: S608  a name of the program

    def named_cells(self) -> pa.Table:
        """Return `cell` with names: window, part, side, area, who, and the numbers measured."""
        cell = self.table("cell")
        spans = self.inputs.request.spans
        names = {
            "window": [spans[number].code for number, _area in self.codes.nodes],
            "area": [area for _number, area in self.codes.nodes],
            "part": [part for part, _side in self.inputs.sides],
            "side": [side for _part, side in self.inputs.sides],
            "who": list(self.codes.whos),
        }
        by = {"window": "node", "area": "node", "part": "side", "side": "side", "who": "who"}
        named = {name: pa.array(texts, pa.string()).take(_whole(cell[by[name]])) for name, texts in names.items()}
        rest = {name: cell[name] for name in cell.column_names if name not in by.values()}
        return pa.table({**named, **rest})

    def cells(self) -> dict[str, Cells]:
        """Return the cells of each window by its code."""
        sides = self._sides()
        beside = self._beside()
        reported = self._reported()
        return {
            span.code: Cells(sides=sides[number], beside=dict(beside[number]), reported=dict(reported[number]))
            for number, span in enumerate(self.inputs.request.spans)
        }

    @cached_property
    def _nodes(self) -> list[tuple[int, str]]:
        return list(self.codes.nodes)

    @cached_property
    def _whos(self) -> list[str]:
        return list(self.codes.whos)

    def _sides(self) -> Mapping[int, dict[tuple[str, str, str, str], Side]]:
        found: dict[int, dict[tuple[str, str, str, str], Side]] = defaultdict(dict)
        for node, side, who, value, v0, v1, v2, n0, n1, n2, facts, stale, estimated in _rows(self.table("cell")):
            span, area = self._nodes[node]
            found[span][*self.inputs.sides[side], area, self._whos[who]] = Side(
                value=value,
                weights=(v0, v1, v2),
                rows=(n0, n1, n2),
                is_stale=stale,
                facts=facts,
                is_approximate=estimated,
            )
        return found

    def _beside(self) -> Mapping[int, dict[Key, list[tuple[str, int]]]]:
        found: dict[int, dict[Key, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
        sources = [source.code for source in self.inputs.request.sources]
        rows = [(*cell, sources[source], value) for *cell, source, value in _rows(self.table("beside"))]
        for node, side, who, source, value in sorted(rows):
            span, area = self._nodes[node]
            found[span][*self.inputs.sides[side], area, self._whos[who]].append((source, value))
        return found

    def _reported(self) -> Mapping[int, dict[tuple[str, str], dict[str, Reported]]]:
        found: dict[int, dict[tuple[str, str], dict[str, Reported]]] = defaultdict(lambda: defaultdict(dict))
        for node, part, unit, expected, given in _rows(self.table("reported")):
            span, area = self._nodes[node]
            reported = Reported(expected=expected, given=given)
            found[span][self.inputs.parts[part], area][self._whos[unit]] = reported
        return found


def rolled(request: Request, runner: Runner) -> Rolled:
    """Roll the request up on an engine; its tables stay there until the engine is closed."""
    runner.load_facts(request)
    texts = tuple((measure, text, source, named == 1) for measure, text, source, named in _rows(runner.read(TEXTS)))
    inputs = Inputs(request, texts)
    _run(runner, inputs.tables(), slices(inputs))
    codes = Codes(inputs, tuple(_rows(runner.read(found(inputs)))))
    _run(runner, codes.tables(), leaves(inputs))
    if inputs.sketches.ranks:
        _run(runner, (), sketched(inputs))
        runner.load("sketch_cell", _estimated(inputs, runner.read("SELECT * FROM sketch_sum")))
    _run(runner, (), cells(inputs))
    return Rolled(codes, runner)


def _estimated(inputs: Inputs, sums: pa.Table) -> pa.Table:
    """
    Return the cells of sides that are estimated: node, side, who, value, weight_0-2, said_0-2.

    Registers come as whole numbers, so the estimates are the same whichever engine filled them.
    """
    layout = inputs.sketches
    is_simple = len(layout.ranks) == 1 and not layout.may_mute
    counts: dict[tuple[int, int, int], dict[int, int]] = defaultdict(dict)
    names = ("node", "who", "slot", "facet", "filled", "powers")
    for node, who, slot, facet, filled, powers in _rows(sums.select(names)):
        counts[node, who, slot][facet] = estimate(filled, powers)
    sides: dict[int, list[int]] = defaultdict(list)
    for side, slot in layout.slot_of.items():
        sides[slot].append(side)
    rows = []
    for (node, who, slot), by_facet in counts.items():
        value = by_facet.get(WHOLE, 0)
        facets = [by_facet.get(first + rank, 0) for first in (OF_RANK, SAID) for rank in range(RANKS)]
        if is_simple:
            facets = [value if rank in layout.ranks else 0 for rank in range(RANKS)] * 2
        rows += [(node, side, who, value, *facets) for side in sides[slot]]
    by_rank = [f"{name}_{rank}" for name in ("weight", "said") for rank in range(RANKS)]
    columns = ("node", "side", "who", "value", *by_rank)
    return pa.table({name: pa.array([row[place] for row in rows], pa.int64()) for place, name in enumerate(columns)})


def _run(runner: Runner, tables: Iterable[tuple[str, pa.Table]], steps: Iterable[Step]) -> None:
    for name, table in tables:
        runner.load(name, table)
    for step in steps:
        runner.make(step.name, step.select, kept=step.kept)


def roll_up(request: Request, runner: Runner | None = None) -> dict[str, Cells]:
    """
    Compute every cell of each window, by the window's code. Numbers are whole: counts, or đồng.

    On an engine of the caller, which stays open, or on a DuckDB of its own.
    """
    if runner is not None:
        return rolled(request, runner).cells()
    with DuckDBRunner() as own:
        return rolled(request, own).cells()


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
