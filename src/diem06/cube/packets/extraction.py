"""A closed period of this installation as the content of a packet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded
from diem06.core.roster import installed_sources
from diem06.cube.board import RANKS, Board, Line, kinds_of, parts_of, request_of, terms_of
from diem06.cube.closing.keys import signing_key_of
from diem06.cube.closing.queries import closing_of
from diem06.cube.closing.record import closed_board
from diem06.cube.engine.request import Span
from diem06.cube.engine.runner import areas_in
from diem06.cube.facts import read_leaves
from diem06.cube.models import ClosedFigure, Closing
from diem06.cube.packets import form
from diem06.cube.packets.checking import Checked, checked, failed
from diem06.cube.packets.content import (
    AreaRow,
    Content,
    FigureRow,
    PersonalDataError,
    SourceRow,
    UnitRow,
    personal,
)
from diem06.cube.packets.definitions import (
    Definitions,
    LineDefinition,
    MeasureDefinition,
    PartDefinition,
    TargetDefinition,
    TermDefinition,
)
from diem06.cube.packets.summing import summed
from diem06.plan.model import Measure, Plan, Target


class ExportError(ValueError):
    """No packet can be made of the period; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A packet as bytes, with the name that its file should have and what its checks found."""

    name: str
    content: bytes
    checked: Checked


def export(loaded: Loaded, period: str) -> Exported:
    """
    Return a closed period as a packet: the same bytes whenever it is asked for.

    The packet is checked as who loads it will. Raises ExportError where the period is not closed, or where its figures do not
    follow from the facts any more; KeyOfAnotherKindError where the key that sealed it is not here; PersonalDataError where
    something in the facts could tell of a person.
    """
    closing = closing_of(loaded.plan.id, period)
    if closing is None:
        raise ExportError(f"{period or 'No period'}: not closed. Close it first: `diem06 seal close {period}`.")
    key = signing_key_of(closing.public_key)  # the packet of a month is signed by the key that sealed it
    content = content_of(loaded, closing)
    if odd := list(personal(content)):
        raise PersonalDataError(f"{period}: no packet is made. {'; '.join(odd)}.")
    packet = form.write(content, key)
    found = checked(packet)
    if not found.is_good:
        raise ExportError(f"{period}: no packet is made, for nobody could load it. {'; '.join(failed(found.checks))}.")
    return Exported(name=form.file_name(content.province, period), content=packet, checked=found)


def content_of(loaded: Loaded, closing: Closing) -> Content:
    """Return what a packet of the closing holds: its figures, and the facts as they were known when it was closed."""
    plan = loaded.plan
    board = closed_board(loaded, closing)
    sources = tuple(installed_sources())
    days = {"first": closing.first_day, "last": closing.last_day}
    facts = read_leaves(sources, **days, known_at=closing.closed_at, kinds=kinds_of(plan))
    span = board.span(areas_in(facts.table, facts.files), last_day=closing.last_day, extra=False)
    sums = summed(request_of(plan, facts, sources, (span,), by_place=True))
    inside = {plan.area, *(area.code for area in board.tree.descendants(plan.area))}
    sums = sums.filter(pc.is_in(sums["area"], pa.array(sorted(inside), pa.string())))
    definitions = definitions_of(board, span)
    used = definitions.kinds
    coverage = tuple(
        row
        for row in sorted(set(span.coverage), key=lambda row: (row.source, row.measure, row.area, row.unit))
        if row.measure in used and (not row.area or row.area in inside)
    )
    expected = tuple(row for row in span.expected if row.measure in used and row.area in inside)
    figures = tuple(_figure(board, row) for row in closing.closed_figures.order_by().iterator(chunk_size=5000))
    named = {*sums["unit"].unique().to_pylist(), *(row.unit for row in coverage), *(row.unit for row in expected)}
    named |= {code for figure in figures for code in (figure.unit, figure.cell_unit)}
    root = board.tree.get(plan.area)
    return Content(
        province=root.code,
        name=root.name,
        is_made_up=loaded.is_made_up,
        seal=closing.seal,
        seal_signature=closing.signature,
        definitions=definitions,
        areas=tuple(
            AreaRow(
                code=area.code,
                valid_from=area.valid_from,
                level=str(area.level),
                name=area.name,
                parent="" if area.code == plan.area else area.parent,
            )
            for area in board.tree
            if area.code in inside
        ),
        units=tuple(_units(board, named - {""}, closing.first_day)),
        sources=tuple(
            SourceRow(code=source.code, rank=RANKS.index(source.grade), carries=source.carries) for source in sources
        ),
        coverage=coverage,
        expected=expected,
        facts=sums,
        figures=figures,
    )


def _units(board: Board, named: set[str], first_day: date) -> Iterator[UnitRow]:
    """Yield the units of the window's last day, and those that are named and ended within the window."""
    here = {**units_on(first_day), **board.units}
    for code in sorted(board.units.keys() | named):
        unit: UnitOn | None = here.get(code)
        if unit is None:
            yield UnitRow(code=code, name=code, name_en=code, kind="", parent="")
        else:
            yield UnitRow(code=code, name=unit.name, name_en=unit.name_en, kind=unit.kind, parent=unit.parent)


def _figure(board: Board, row: ClosedFigure) -> FigureRow:
    area, unit = board.cell_of(board.lines[row.code], row.area, row.unit)
    return FigureRow(
        key=row.key,
        numerator=row.numerator,
        denominator=row.denominator,
        value=row.value,
        target=row.target,
        grade=row.grade,
        standing=row.standing,
        code=row.code,
        area=row.area,
        unit=row.unit,
        cell_area=area,
        cell_unit=unit,
    )


# -- definitions ---------------------------------------------------------------------------------------------------------
def definitions_of(board: Board, span: Span) -> Definitions:
    """Return what the figures of a board mean, without what is the province's own."""
    plan, on = board.plan, board.window.last_day
    lines = tuple(_line(plan, line, span, on) for line in board.lines.values())
    used = {measure for line in lines for measure in line.measures}
    measures = [measure for measure in plan.measures if measure.code in used]
    dimensions = {dimension.name for measure in measures for dimension in measure.dimensions}
    return Definitions(
        calendar=plan.periods.calendar.value,
        measures=tuple(_measure(measure, span) for measure in measures),
        lines=lines,
        labels=tuple(label for label in plan.labels if label.dimension in dimensions),
    )


def _measure(measure: Measure, span: Span) -> MeasureDefinition:
    return MeasureDefinition(
        code=measure.code,
        kind=measure.kind.value,
        name=measure.name,
        name_en=measure.name_en,
        dimensions=tuple((dimension.name, dimension.values) for dimension in measure.dimensions),
        levels=tuple(span.distinct_levels.get(measure.code, ())),
        order=span.order_of(measure.code),
        approximate=measure.approximate,
    )


def _line(plan: Plan, line: Line, span: Span, on: date) -> LineDefinition:
    indicator, reading = line.indicator, line.reading
    return LineDefinition(
        code=line.code,
        indicator=indicator.code,
        name=indicator.name,
        name_en=indicator.name_en,
        reading=reading.text if reading else "",
        reading_en=reading.text_en if reading else "",
        kind=line.kind.value,
        direction=indicator.direction,
        counted=indicator.counted,
        counted_en=indicator.counted_en,
        pairing=span.pairing[line.parts[0]].value,
        parts=tuple(
            PartDefinition(numerator=_terms(plan, part.numerator), denominator=_terms(plan, part.denominator))
            for part in parts_of(line)
        ),
        targets=tuple(_target(target) for target in line.targets if target.from_day <= on and _is_of_all(target)),
    )


def _is_of_all(target: Target) -> bool:
    return not target.unit and not target.area


def _target(target: Target) -> TargetDefinition:
    return TargetDefinition(
        value=target.value,
        from_day=target.from_day,
        deadline=target.deadline,
        level=target.level.value if target.level else "",
    )


def _terms(plan: Plan, formula: str) -> tuple[TermDefinition, ...]:
    found = terms_of(plan, formula) if formula else ()
    return tuple(TermDefinition(sign=term.sign, measure=term.measure, where=term.where) for term in found)
