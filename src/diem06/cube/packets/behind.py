"""The facts of a packet that count in one of its figures, by the rules of the rollup for one line (`cube/trace.py`)."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from diem06.core.areas.queries import AreaOn, AreaTree
from diem06.core.roster import Source
from diem06.cube.behind import GroupedFacts, moved_of
from diem06.cube.board import RANKS
from diem06.cube.engine.request import FACTS, Pairing
from diem06.cube.packets.content import Content, FigureRow
from diem06.cube.packets.definitions import LineDefinition, TermDefinition
from diem06.cube.trace import Side, Tracing
from diem06.plan.formula import Term
from diem06.plan.model import Kind, Level


def tree_of(content: Content) -> AreaTree:
    """Return the areas of a packet as a tree."""
    return AreaTree(
        AreaOn(code=a.code, valid_from=a.valid_from, level=Level(a.level), type="", name=a.name, parent=a.parent)
        for a in content.areas
    )


def facts_behind(content: Content, figure: FigureRow) -> GroupedFacts | None:
    """
    Return the sums that count in a figure as the list `listed`: they add up to it. Close it. None for people counted once, of whom
    a packet holds nobody.
    """
    line = content.definitions.line_of[figure.code]
    if not content.definitions.is_additive(line):
        return None
    given = content.facts.filter(pc.is_in(content.facts["measure"], pa.array(sorted(line.measures), pa.string())))
    since = {area.code: area.valid_from for area in content.areas}
    more = {
        "recorded_at": [content.seal.closed_at] * given.num_rows,
        "area_valid_from": [since[area] for area in given["area"].to_pylist()],
        "entity": [""] * given.num_rows,
        "record": [""] * given.num_rows,
    }
    columns = [more[f.name] if f.name in more else given[f.name] for f in FACTS]
    facts = GroupedFacts(_tracing(content, line), pa.table(columns, schema=FACTS), moved_of())
    facts.choose("listed", facts.counted(area=figure.cell_area, unit=figure.cell_unit))
    return facts


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
        coverage=content.coverage,
    )


def _term(term: TermDefinition) -> Term:
    return Term(sign=term.sign, measure=term.measure, where=term.where)


def _source(content: Content, code: str) -> Source:
    """Return a source of the province as the rules ask it: how strong it is."""
    source = next(one for one in content.sources if one.code == code)
    return Source(
        code=code,
        title=code,  # type: ignore[arg-type]  # its name is the province's
        grade=RANKS[source.rank],
        facts=_none,  # type: ignore[arg-type]  # they are in the packet
        carries=source.carries,
    )


def _none(_first: date, _last: date) -> object:
    raise LookupError("The facts of a packet are in the packet.")
