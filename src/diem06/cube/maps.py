"""
The figures of a window on the map of another day.

Nothing is counted anew: what counts, which source is believed and what is paired is settled in the areas of the window's own
last day, and only then laid on the other map. So each of these areas is a node of its own («07549@2023-04-10») below the smallest
area of that map that holds all of it (`map_layout`). Whatever holds whole areas has exact figures, people counted once included; an area that
was divided gives each of its heirs its share, if its figure can be divided at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from diem06.core.areas.queries import AreaOn, AreaTree, areas_on
from diem06.core.areas.redrawing import Piece
from diem06.core.roster import installed_sources
from diem06.cube.board import (
    Apportioned,
    AreaRef,
    Board,
    Counted,
    Figure,
    Line,
    MilestoneMark,
    NotDivided,
    PartValue,
    board,
    request_of,
    target_of,
)
from diem06.cube.closing.record import ClosedBoard, board_of_record
from diem06.cube.engine.request import Cells, Reported, Side, Span
from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.runner import areas_in
from diem06.cube.facts import Facts, read_facts
from diem06.cube.kept import Kept
from diem06.cube.map_layout import Layout, Undivided, why_not
from diem06.cube.trace import Side as TracedSide
from diem06.cube.trace import Tracing
from diem06.plan.model import Kind, Level, Target

_SIDES = ("num", "den")
_LEVELS = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)


# -- figures -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Part:
    """
    An area of the own day and what of it lies in a figure's area.

    `figure` is its own figure, `numerator` and `denominator` are what it says on its own map, `taken` what of that counts here:
    None where it cannot be divided, for the reason `why`. `only_own`: without what lies in its own parts.
    """

    area: AreaOn
    figure: Figure
    share: Decimal | None
    basis: str
    days: tuple[date, ...]
    by_people: bool
    only_own: bool
    numerator: Decimal | None
    denominator: Decimal | None
    taken: PartValue | None
    why: Undivided | None = None


class MapBoard(Board):
    """
    The figures of a window in the areas of another day.

    An area that is the same on both maps has the figure of its own map, key and standing included. Targets and milestones of
    other areas are not handed on; a share target of the whole is, but a figure that was apportioned is judged by none.
    """

    def __init__(self, own: Board, map_day: date) -> None:
        self.own = own
        self.map_day = map_day
        self.layout = _layout(own.tree, own.window.last_day, map_day)
        super().__init__(
            own.loaded,
            own.window,
            changes=own.changes,
            known_at=own.known_at,
            cells=own._cells,  # noqa: SLF001
        )
        self.tree = self.layout.tree
        self._nodes: dict[tuple[str, str, str], Side] = {}
        self._owed: dict[tuple[str, str], Mapping[str, Reported]] = {}

    @property
    def revision(self) -> int:
        """The revision of the own map's figures."""
        return self.own.revision

    def figure(self, code: str, *, area: str = "", unit: str = "", revision: int | None = None) -> Figure:
        """
        Return one figure; one of a unit is that of the own map, for maps change no unit.

        Raises KeyError for a code or a unit that is not there, AreaUnknown for an area that this map does not have.
        """
        if unit:
            return self.own.figure(code, area=area, unit=unit, revision=revision)
        area = area or self.plan.area
        here = self.tree.get(area)
        if (same := self.layout.same.get(area)) is not None:
            figure = self.own.figure(code, area=same, revision=revision)
            return replace(figure, area=AreaRef(code=area, valid_from=here.valid_from), map_day=self.map_day)
        return super().figure(code, area=area, revision=revision)

    def counted_by(self, code: str, who: str, *, area: str = "") -> tuple[PartValue, ...]:
        """Return each part of a line as counted by a group; without numbers where the area holds another one only in part."""
        if self.layout.cut.get(area or self.plan.area):
            return tuple(PartValue(numerator=None, denominator=None) for _part in self.lines[code].parts)
        return super().counted_by(code, who, area=area)

    def levels(self, code: str) -> tuple[Level, ...]:
        """Return the levels with figures: those of the own map. Where a map has no districts, communes stand for them."""
        found = set(self.own.levels(code))
        if Level.DISTRICT in found and not self.tree.descendants(self.plan.area, Level.DISTRICT):
            found.add(Level.COMMUNE)
        return tuple(level for level in _LEVELS if level in found)

    def tracing(self, line: Line, sides: tuple[TracedSide, ...]) -> Tracing:
        """Facts count as on their own map."""
        return self.own.tracing(line, sides)

    # -- the parts of a figure ---------------------------------------------------------------------------------------
    def parts(self, code: str, area: str) -> tuple[Part, ...]:
        """
        Return the areas of the own map that make up a figure, as wide as they lie in it whole; those without numbers are left out.

        What is taken of them adds up to the figure's numerator and denominator, unless it counts entities once.
        """
        line = self.lines[code]
        part = line.parts[self._shown(line, area)]
        cut = dict(self.layout.cut.get(area, ()))
        return tuple(
            found
            for root in self.own.tree.roots
            for found in self._parts_in(root, line, part, self.layout.whole.get(area, set()), cut)
        )

    def is_sum(self, code: str) -> bool:
        """Do the parts of a line's figures add up? People who are counted once do not."""
        line = self.lines[code]
        return not any(self._is_distinct(line, side) for side in range(2))

    def _parts_in(
        self, here: AreaOn, line: Line, part: str, whole: set[str], cut: Mapping[str, Piece]
    ) -> Iterator[Part]:
        if self.layout.inside(here.code) <= whole:
            yield from self._whole_part(here, line, part)
            return
        if here.code in whole or here.code in cut:
            yield from self._own_part(here, line, part, cut.get(here.code))
        for inner in self.own.tree.children(here.code):
            yield from self._parts_in(inner, line, part, whole, cut)

    def _whole_part(self, here: AreaOn, line: Line, part: str) -> Iterator[Part]:
        value = _values(*self.own._sides(part, here.code, ""))  # noqa: SLF001  a board of the same kind
        if value is not None or self.own._reported(part, here.code):  # noqa: SLF001
            path = self._path(here.code)
            yield Part(
                area=here,
                figure=self.own.figure(line.code, area=here.code),
                share=Decimal(1),
                basis=path.basis if path else "",
                days=path.days if path else (),
                by_people=False,
                only_own=False,
                numerator=value.numerator if value else None,
                denominator=value.denominator if value else None,
                taken=value or PartValue(numerator=None, denominator=None),
            )

    def _path(self, code: str) -> Piece | None:
        """Return the piece of an area that lies in one area of the map: it says on which days that came to be."""
        lying = self.layout.laid[code]
        return lying.pieces[0] if len(lying.pieces) == 1 else lying.shares.get(lying.holder)

    def _own_part(self, here: AreaOn, line: Line, part: str, piece: Piece | None) -> Iterator[Part]:
        """Yield what lies in an area and in none of its parts."""
        value = _values(*(self._side_of(part, name, here.code) for name in _SIDES))
        if value is None:
            return
        share = piece.share if piece else Decimal(1)
        taken, why = self._taken(line, part, here.code, piece) if piece else (value, None)
        path = piece or self._path(here.code)
        yield Part(
            area=here,
            figure=self.own.figure(line.code, area=here.code),
            share=share,
            basis=path.basis if path else "",
            days=path.days if path else (),
            by_people=bool(piece and piece.by_people),
            only_own=bool(self.own.tree.children(here.code)),
            numerator=value.numerator,
            denominator=value.denominator,
            taken=taken,
            why=why,
        )

    def _shown(self, line: Line, area: str) -> int:
        """Return the number of the part that stands for a reading in parts."""
        if len(line.parts) == 1:
            return 0
        figure = self.figure(line.code, area=area)
        shown = PartValue(numerator=figure.numerator, denominator=figure.denominator)
        return figure.parts.index(shown) if shown in figure.parts else 0

    # -- assembling a figure -----------------------------------------------------------------------------------------
    def _figure(self, line: Line, area: str, unit: str, revision: int) -> Figure:
        """Sources are set beside each other where they were asked: on the own map."""
        figure = super()._figure(line, area, unit, revision)
        figure = replace(figure, key=f"{figure.key}@{self.map_day}", map_day=self.map_day)
        apportioned, not_divided = self._cuts(line, area, figure)
        parts = tuple(replace(part, beside=()) for part in figure.parts)
        return replace(figure, apportioned=apportioned, not_divided=not_divided, parts=parts, beside=())

    def _cuts(self, line: Line, area: str, figure: Figure) -> tuple[tuple[Apportioned, ...], tuple[NotDivided, ...]]:
        """Return what came in part, and what could not come; an area without anything to divide is neither."""
        shown = PartValue(numerator=figure.numerator, denominator=figure.denominator)
        part = line.parts[figure.parts.index(shown) if shown in figure.parts else 0]
        apportioned, not_divided = [], []
        for code, piece in self.layout.cut.get(area, ()):
            ref = AreaRef(code=code, valid_from=self.own.tree.get(code).valid_from)
            value, why = self._taken(line, part, code, piece)
            if why:
                not_divided.append(NotDivided(area=ref, why=why))
            elif value and (value.numerator or value.denominator):
                apportioned.append(
                    Apportioned(
                        area=ref,
                        share=piece.share or Decimal(),
                        basis=piece.basis,
                        numerator=value.numerator,
                        denominator=value.denominator,
                    )
                )
        return tuple(apportioned), tuple(not_divided)

    def _taken(self, line: Line, part: str, code: str, piece: Piece) -> tuple[PartValue | None, Undivided | None]:
        """Return what a piece of an area's own numbers is, or why there is none."""
        sides = [self._side_of(part, name, code) for name in _SIDES]
        reasons = [why_not(piece, side, is_distinct=self._is_distinct(line, which)) for which, side in enumerate(sides)]
        if why := next(filter(None, reasons), None):
            return None, why
        numerator, denominator = (_times(side, piece.share) for side in sides)
        return PartValue(numerator=numerator, denominator=denominator), None

    def _side_of(self, part: str, name: str, code: str, cells: Cells | None = None) -> Side:
        """Return a side of an area of the own day without what lies in its parts."""
        if self._is_distinct(self._line_of[part], _SIDES.index(name)):
            people = self._people if cells is None else cells
            return people.sides.get((part, name, self.layout.node(code), ""), Side())

        def own(area: str) -> Side:
            return (cells or self._cells).sides.get((part, name, area, ""), Side())

        if cells is not None:
            return self.layout.without_parts(code, own)
        if (part, name, code) not in self._nodes:
            self._nodes[part, name, code] = self.layout.without_parts(code, own)
        return self._nodes[part, name, code]

    @cached_property
    def _people(self) -> Cells:
        """The cells of this map for what counts entities once: people of two areas that are one here must be counted anew."""
        sources = tuple(installed_sources())
        window = self.window
        distinct = {code for code, kind in self._kinds.items() if kind is Kind.DISTINCT}
        facts = read_facts(
            sources,
            first=window.first_day,
            last=window.last_day,
            known_at=self.known_at,
            measures=tuple(sorted(distinct)),
        )
        span = self.span(areas_in(facts, ()), last_day=window.last_day, extra=False)
        request = request_of(
            self.plan,
            Facts(table=facts, files=()),
            sources,
            (
                replace(
                    span,
                    coverage=tuple(row for row in span.coverage if row.measure in distinct),
                    expected=tuple(cell for cell in span.expected if cell.measure in distinct),
                ),
            ),
        )
        asked = replace(request, terms=tuple(term for term in request.terms if term.measure in distinct))
        return roll_up(asked)[window.code]

    def _is_distinct(self, line: Line, side: int) -> bool:
        return any(self._kinds[measure] is Kind.DISTINCT for measure in line.measures[side])

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return {measure.code: measure.kind for measure in self.plan.measures}

    @cached_property
    def _line_of(self) -> Mapping[str, Line]:
        return {part: line for line in self.lines.values() for part in line.parts}

    def _sides(self, part: str, area: str, unit: str, cells: Cells | None = None) -> tuple[Counted, Counted]:
        if unit:
            return super()._sides(part, area, unit, cells)
        if area in self.layout.alone:
            return self.own._sides(part, self.layout.alone[area], "", cells)  # noqa: SLF001  a board of the same kind
        numerator, denominator = (self._side(part, name, area, cells) for name in _SIDES)
        return numerator, denominator

    def _side(self, part: str, name: str, area: str, cells: Cells | None) -> Counted:
        is_distinct = self._is_distinct(self._line_of[part], _SIDES.index(name))

        def of_area(code: str) -> Side:
            return self._side_of(part, name, code, cells)

        if is_distinct:
            people = self._people if cells is None else cells
            whole = [people.sides.get((part, name, area, ""), Side())]
        else:
            whole = [of_area(code) for code in sorted(self.layout.whole.get(area, ()))]
        return self.layout.side(area, whole, of_area, is_distinct=is_distinct)

    def _reported(self, part: str, area: str) -> Mapping[str, Reported]:
        """The owed cells of every area that lies here, in whole or in part."""
        if area in self.layout.alone:
            return self.own._reported(part, self.layout.alone[area])  # noqa: SLF001  a board of the same kind
        if (part, area) not in self._owed:
            self._owed[part, area] = self._owed_in(part, area)
        return self._owed[part, area]

    def _owed_in(self, part: str, area: str) -> Mapping[str, Reported]:
        found: dict[str, Reported] = {}
        for code in sorted(self.layout.sources(area)):
            _add(found, self.own._reported(part, code), 1)  # noqa: SLF001
            for inner in self.own.tree.children(code):
                _add(found, self.own._reported(part, inner.code), -1)  # noqa: SLF001
        return {unit: cells for unit, cells in found.items() if cells.expected}

    def _at_deadline(self, day: date) -> Cells:
        """The own map's cells until a day: sums are laid on this map as all others, people are not counted for a day."""
        return self.own._at_deadline(day)  # noqa: SLF001  a board of the same kind

    def _target(self, line: Line, area: str, unit: str) -> Target | None:
        """A share target that goes for all; counts are set for an area as it was, and what is apportioned is an estimate."""
        if not line.is_ratio or self._is_estimated(line, area):
            return None
        return target_of(line.targets, self.window.last_day, "", "", self._level(area, unit), is_ratio=True)

    def _is_estimated(self, line: Line, area: str) -> bool:
        """Is something of the line divided here?"""
        return any(
            self._side_of(part, name, code).value
            for part in line.parts
            for name in _SIDES
            for code, _piece in self.layout.cut.get(area, ())
        )

    def _mark(self, line: Line, now: object, area: str, unit: str) -> MilestoneMark | None:  # noqa: ARG002  as the board asks
        """A milestone is of one area as it was."""
        return None

    def _figure_of(self, period: str, line: Line, area: str, unit: str) -> Figure:
        if isinstance(self.own, ClosedBoard):
            earlier = board_of_record(self.loaded, period)
        else:
            earlier = board(self.loaded, period, known_at=self.known_at)
        return map_board(earlier, self.map_day).figure(line.code, area=area, unit=unit, revision=0)

    def _is_reached(self, line: Line, area: str) -> bool:
        return any(
            any(self._side_of(part, "num", code).value is not None for code in self.layout.sources(area))
            or self._reported(part, area)
            for part in line.parts
        )

    # -- asking the engine -------------------------------------------------------------------------------------------
    def span(self, areas: Iterable[tuple[str, date]], *, last_day: date, extra: bool) -> Span:
        """Return the window of the own map, its areas laid on this one."""
        areas = tuple(areas)
        return self.layout.span(self.own.span(areas, last_day=last_day, extra=extra), areas)


def _add(found: dict[str, Reported], reported: Mapping[str, Reported], sign: int) -> None:
    """Add owed cells by unit, or take them away."""
    for unit, cells in reported.items():
        known = found.get(unit, Reported(expected=0, given=0))
        found[unit] = Reported(expected=known.expected + sign * cells.expected, given=known.given + sign * cells.given)


# -- numbers -------------------------------------------------------------------------------------------------------------
def _values(numerator: Counted, denominator: Counted) -> PartValue | None:
    """Return what both sides say; None where neither says anything."""
    if numerator.value is None and denominator.value is None:
        return None
    return PartValue(
        numerator=None if numerator.value is None else Decimal(numerator.value),
        denominator=None if denominator.value is None else Decimal(denominator.value),
    )


def _times(side: Side, share: Decimal | None) -> Decimal | None:
    """Return a share of a number; 0 is 0 whatever the share."""
    if side.value is None:
        return None
    return side.value * share if share is not None else Decimal()


# -- kept boards ---------------------------------------------------------------------------------------------------------
_boards: Kept[MapBoard] = Kept(72)
_layouts: Kept[Layout] = Kept(24)


def _layout(own: AreaTree, own_day: date, map_day: date) -> Layout:
    """Return the layout of two states of the map: the same for all periods of a state, whose tree is one object."""
    tree = areas_on(map_day)
    return _layouts.get((own, tree), lambda: Layout(own, own_day, tree, map_day))


def map_board(own: Board, map_day: date) -> MapBoard:
    """Return the figures of a board on the map of another day. Raises AreaUnknown where that map lacks the plan's area."""
    areas_on(map_day).get(own.plan.area)
    loaded = own.loaded
    state = (loaded.bundle, loaded.hash, loaded.milestones, own.window.code, own.changes, own.known_at, type(own))
    return _boards.get((*state, map_day), lambda: MapBoard(own, map_day))


def forget_map_boards() -> None:
    """Drop every kept board."""
    _boards.forget()
    _layouts.forget()
