"""The facts of a packet that count in one of its figures, by the rules of the rollup for one line (`cube/trace.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from diem06.core.areas.queries import AreaOn, AreaTree
from diem06.core.roster import Coverage, Source
from diem06.cube.board import RANKS
from diem06.cube.engine.request import Pairing
from diem06.cube.packets.content import Content, FigureRow
from diem06.cube.packets.definitions import LineDefinition, TermDefinition
from diem06.cube.trace import Counted, Side, Tracing
from diem06.plan.formula import Term
from diem06.plan.model import Kind, Level


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A sum of `n` facts that counts in a side of a part of a figure; `sign` -1 where it is taken away."""

    part: int
    side: str
    sign: int
    measure: str
    dimensions: str
    source: str
    area: str
    unit: str
    day: date
    value: int
    n: int


def tree_of(content: Content) -> AreaTree:
    """Return the areas of a packet as a tree."""
    return AreaTree(
        AreaOn(code=a.code, valid_from=a.valid_from, level=Level(a.level), type="", name=a.name, parent=a.parent)
        for a in content.areas
    )


def facts_behind(content: Content, figure: FigureRow) -> list[Behind]:
    """Return the facts that count in a figure: of one that adds up, they add up to it. Of people counted once there are none."""
    line = content.definitions.line_of[figure.code]
    if not content.definitions.is_additive(line):
        return []
    facts = content.facts.filter(pc.is_in(content.facts["measure"], pa.array(sorted(line.measures), pa.string())))
    rows = [{**row, "entity": "", "record": "", "recorded_at": content.seal.closed_at} for row in facts.to_pylist()]
    counted = _tracing(content, line).counted(rows, area=figure.cell_area, unit=figure.cell_unit)
    found = [_behind(each) for each in counted]
    return sorted(found, key=lambda each: (each.part, each.side, each.measure, each.dimensions, each.area, each.unit))


def _behind(each: Counted) -> Behind:
    row = each.row
    return Behind(
        part=each.part,
        side=each.side,
        sign=each.sign,
        measure=row["measure"],
        dimensions=row["dimensions"],
        source=row["source"],
        area=row["area"],
        unit=row["unit"],
        day=row["day"],
        value=row["value"],
        n=row["n"],
    )


def _tracing(content: Content, line: LineDefinition) -> Tracing:
    definitions = content.definitions
    used = {code: Kind(kind) for code, kind in definitions.kinds.items() if code in line.measures}
    return Tracing(
        sides=tuple(
            Side(part=number, side=side, terms=tuple(map(_term, terms)))
            for number, part in enumerate(line.parts)
            for side, terms in (("num", part.numerator), ("den", part.denominator))
            if terms
        ),
        kinds=used,
        pairing=Pairing(line.pairing),
        sources={source.code: _source(content, source.code) for source in content.sources},
        ranks={source.code: source.rank for source in content.sources},
        tree=tree_of(content),
        first_day=content.seal.first_day,
        last_day=content.seal.last_day,
        stock_from=content.seal.first_day,
        owed={},
        distinct_levels={},
        precedence={measure.code: measure.order for measure in definitions.measures},
    )


def _term(term: TermDefinition) -> Term:
    return Term(sign=term.sign, measure=term.measure, where=term.where)


def _source(content: Content, code: str) -> Source:
    """Return a source of the province as the rules ask it: how strong it is, and what it holds all of."""
    source = next(one for one in content.sources if one.code == code)
    return Source(
        code=code,
        title=code,  # type: ignore[arg-type]  # its name is the province's
        grade=RANKS[source.rank],
        facts=_none,  # type: ignore[arg-type]  # they are in the packet
        coverage=partial(_coverage, content, code),
        carries=source.carries,
    )


def _coverage(content: Content, code: str, _first: date, _last: date) -> Iterable[Coverage]:
    return tuple(
        Coverage(measure=row.measure, area=row.area, unit=row.unit) for row in content.coverage if row.source == code
    )


def _none(_first: date, _last: date) -> object:
    raise LookupError("The facts of a packet are in the packet.")
