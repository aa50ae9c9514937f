"""
The areas of one day laid on the map of another, and what a rollup of that map is asked and answers.

Each area of the window's own day is a node of its own («07549@2023-04-10») below the smallest area of the map that holds all of
it. The rollup adds nodes up exactly; a node that lies in several areas gives each a share of its sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from diem06.core.areas.queries import AreaOn, AreaTree, laid
from diem06.core.areas.redrawing import Laid, Piece
from diem06.cube.engine.request import CoverageRow, Side, Span


class Layout:
    """The areas of one day, `own`, laid on the map of another, `tree`. Immutable."""

    def __init__(
        self,
        own: AreaTree,
        own_day: date,
        tree: AreaTree,
        day: date,
        *,
        lay: Callable[[str, date, date], Laid] = laid,
    ) -> None:
        self.own = own
        self.tree = tree
        self._lay = lay
        self.laid: Mapping[str, Laid] = {area.code: lay(area.code, area.valid_from, day) for area in own}
        self.whole: dict[str, set[str]] = {}
        self.cut: dict[str, list[tuple[str, Piece]]] = {}
        for code, lying in self.laid.items():
            held_by = self._up(lying.holder) if lying.holder else ()
            for each in held_by:
                self.whole.setdefault(each, set()).add(code)
            for each, piece in lying.shares.items():
                if each not in held_by:
                    self.cut.setdefault(each, []).append((code, piece))
        self.alone = {area.code: only for area in tree if (only := self._only(area.code))}
        self.same = {
            area: only for area, only in self.alone.items() if self._is_same(tree.get(area), own.get(only), own_day)
        }

    def node(self, code: str) -> str:
        """The name of an area of the own day among the nodes of the rollup; no code of an area has an @."""
        return f"{code}@{self.own.get(code).valid_from}"

    def sources(self, area: str) -> set[str]:
        """Return the areas of the own day that lie in an area of the map, in whole or in part."""
        return self.whole.get(area, set()) | {code for code, _piece in self.cut.get(area, ())}

    def inside(self, code: str) -> set[str]:
        """Return an area of the own day with all that lies in it."""
        return {code, *(area.code for area in self.own.descendants(code))}

    @cached_property
    def outside(self) -> tuple[AreaOn, ...]:
        """The areas of the own day of which nothing, or not all, lies on the map."""
        return tuple(self.own.get(code) for code, lying in self.laid.items() if lying.is_partly_outside)

    def _up(self, code: str) -> tuple[str, ...]:
        return (code, *(area.code for area in self.tree.ancestors(code)))

    def _only(self, area: str) -> str:
        """Return the one area of the own day that, with all in it, is all that lies in `area`; empty where there is none."""
        whole = self.whole.get(area, set())
        if area in self.cut or not whole:
            return ""
        widest = [code for code in whole if not any(up.code in whole for up in self.own.ancestors(code))]
        return widest[0] if len(widest) == 1 and whole == self.inside(widest[0]) else ""

    def _is_same(self, area: AreaOn, own: AreaOn, own_day: date) -> bool:
        """Is it one area, with another name or number at most? Then all of each is all of the other."""
        back = self._lay(area.code, area.valid_from, own_day)
        return (
            area.level is own.level
            and [piece.identity for piece in self.laid[own.code].pieces] == [(area.code, area.valid_from)]
            and [piece.identity for piece in back.pieces] == [(own.code, own.valid_from)]
            and back.outside == 0
        )

    # -- the rollup ------------------------------------------------------------------------------------------------------
    def span(self, own: Span, areas: Iterable[tuple[str, date]]) -> Span:
        """
        Return a window of the own map with its areas as nodes of this map.

        `areas` are those in which facts lie, by code and first day; a fact outside of the map is in no node that counts.
        """
        moved = {(code, since): to for code, since, to in own.taken_over}
        nodes = {
            self.node(code): (self.node(code), *(self._up(lying.holder) if lying.holder else ()))
            for code, lying in self.laid.items()
        }
        on_map = {area.code: self._up(area.code) for area in self.tree}
        return replace(
            own,
            closure=tuple((node, up) for node, chain in {**on_map, **nodes}.items() for up in chain),
            levels={
                **{area.code: area.level.value for area in self.tree},
                **{self.node(area.code): area.level.value for area in self.own},
            },
            taken_over=tuple((code, since, self._node_of(code, since, moved)) for code, since in sorted(areas)),
            coverage=tuple(self._coverage(own.coverage)),
            expected=tuple(replace(cell, area=self.node(cell.area)) for cell in own.expected if cell.area in self.own),
        )

    def _node_of(self, code: str, since: date, moved: Mapping[tuple[str, date], str]) -> str:
        is_own = code in self.own and self.own.get(code).valid_from == since
        here = code if is_own else moved.get((code, since), "")
        return self.node(here) if here in self.own else f"{code}@{since}"

    def _coverage(self, rows: Iterable[CoverageRow]) -> Iterator[CoverageRow]:
        """
        Say of each area by itself what is covered: the areas above it on this map are not those of its own.

        An area of this map is covered where all that lies in it is, and there is something in each of its parts.
        """
        covered: dict[CoverageRow, set[str]] = {}
        for row in rows:
            if row.area and row.area not in self.own:
                continue
            inside = self.inside(row.area) if row.area else {area.code for area in self.own}
            covered.setdefault(replace(row, area=""), set()).update(inside)
        for row, codes in covered.items():
            for code in sorted(codes):
                yield replace(row, area=self.node(code))
            for area, sources in self._filled.items():
                if sources <= codes:
                    yield replace(row, area=area)

    @cached_property
    def _filled(self) -> Mapping[str, set[str]]:
        """The areas of the map in each of whose parts some area of the own day lies, with all that lie there."""
        found = {}
        for area in self.tree:
            inside = [area.code, *(each.code for each in self.tree.descendants(area.code))]
            sources = [self.sources(each) for each in inside]
            if all(sources):
                found[area.code] = set().union(*sources)
        return found

    def side(
        self, area: str, whole: Iterable[Side], of_area: Callable[[str], Side], *, is_distinct: bool
    ) -> Side | MapSide:
        """
        Return one side of a cell of this map: what lies in it whole, and shares of what lies in it in part.

        `whole` are the sides of what lies in it whole, `of_area` gives that of an area of the own day without its parts. Without a
        value where something cannot be divided: entities that are counted once, or a share that is not known. 0 can.
        """
        sides = [(side, Decimal(1)) for side in whole]
        is_known = True
        for code, piece in self.cut.get(area, ()):
            side = of_area(code)
            if why_not(piece, side, is_distinct=is_distinct):
                is_known = False
            else:
                sides.append((side, piece.share or Decimal()))
        is_one = len(sides) == 1 and area not in self.cut
        return sides[0][0] if is_one else _added(sides, is_known=is_known)

    def without_parts(self, code: str, sides: Callable[[str], Side]) -> Side:
        """
        Return the side of an area of the own day without what lies in its parts: itself less these. For sums alone.

        `rows` counts what it was added up from, so that 0 is told from nothing.
        """
        whole = sides(code)
        parts = [sides(area.code) for area in self.own.children(code)]
        rows = _less(whole.rows, [part.rows for part in parts])
        if whole.value is None or not any(rows):
            return Side()
        return Side(
            value=whole.value - sum(part.value or 0 for part in parts),
            weights=_less(whole.weights, [part.weights for part in parts]),
            rows=rows,
            is_stale=whole.is_stale,
            facts=whole.facts - sum(part.facts for part in parts),
            is_approximate=whole.is_approximate,
        )


def _less(whole: tuple[int, int, int], parts: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    first, second, third = (number - sum(part[rank] for part in parts) for rank, number in enumerate(whole))
    return first, second, third


@dataclass(frozen=True, kw_only=True)
class MapSide:
    """One side of a cell on another map: whole areas and shares of others."""

    value: Decimal | None
    weights: tuple[Decimal, ...]
    rows: tuple[Decimal, ...]
    is_stale: bool
    is_approximate: bool


class Undivided(StrEnum):
    """Why the number of an area cannot be divided."""

    DISTINCT = "distinct"  # it counts each entity once: a share of persons is no count
    SHARE_UNKNOWN = "share_unknown"  # nobody knows how many lived in which part


def why_not(piece: Piece, side: Side, *, is_distinct: bool) -> Undivided | None:
    """Say why a number cannot be divided; 0 can, whatever it counts."""
    if not side.value:
        return None
    if is_distinct:
        return Undivided.DISTINCT
    return Undivided.SHARE_UNKNOWN if piece.share is None else None


def _added(parts: list[tuple[Side, Decimal]], *, is_known: bool) -> MapSide:
    """Add up sides, each times its share: exact, for shares have six decimals."""
    known = [(side, share) for side, share in parts if side.value is not None]
    value = sum((Decimal(side.value or 0) * share for side, share in known), Decimal())

    def total(rows: Callable[[Side], tuple[int, ...]]) -> tuple[Decimal, ...]:
        columns = zip(*([Decimal(number) * share for number in rows(side)] for side, share in known), strict=True)
        return tuple(sum(column, Decimal()) for column in columns) or (Decimal(),) * 3

    return MapSide(
        value=value if known and is_known else None,
        weights=total(lambda side: side.weights),
        rows=total(lambda side: side.rows),
        is_stale=any(side.is_stale for side, _share in known),
        is_approximate=any(side.is_approximate for side, _share in known),
    )
