"""The small tables that the program reads beside the facts: the request as rows, windows and sides by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import pyarrow as pa

from diem06.cube.engine import sketch
from diem06.cube.engine.request import DECLARED_RANK, Pairing, Request, Span, TermRow

MASK_BITS = 63
"""Bits of a mask: a 64-bit integer without its sign."""

RANKS = 3
"""How many ranks there are: a strength is the place of a rank in the order of a measure, times this, plus the rank."""

WHOLE, OF_RANK, SAID = 0, 1, 4
"""Facets of a sketch: what counts, what counts of a rank (1-3), what a rank says whether or not it counts (4-6)."""

Row = tuple[Any, ...]
Text = tuple[str, str, str, bool]
"""(measure, dimensions, source, does a fact name its entity?) as it occurs among the facts."""

_TEXT, _NUMBER, _DAY, _YES = pa.string(), pa.int64(), pa.date32(), pa.bool_()


@dataclass(frozen=True)
class Bits:
    """
    Where the sides on distinct measures stand in the masks: each in a slot of a block, each slot one bit per rank.

    Sides that count the same (a denominator that several lines share) share their slot. `may_mute`: a rank may not count where
    another is whole, so each rank has a second bit, which stays: what the rank says, counted or not.
    """

    ranks: tuple[int, ...]
    counted: tuple[tuple[Any, ...], ...]  # what each slot counts: the terms
    slot_of: Mapping[int, int]  # side -> slot, counted over all blocks
    may_mute: bool = False

    @property
    def width(self) -> int:
        """How many bits a slot takes."""
        return len(self.ranks) * (2 if self.may_mute else 1)

    @property
    def slots(self) -> int:
        """How many slots one block holds."""
        return MASK_BITS // max(self.width, 1)

    @property
    def blocks(self) -> int:
        """How many masks an entity has."""
        return -(-len(self.counted) // self.slots)

    def place(self, side: int) -> tuple[int, int]:
        """Return block and slot of a side."""
        return divmod(self.slot_of[side], self.slots)

    def bit(self, slot: int, rank: int) -> int:
        """Return the bit of a rank in a slot; 0 where no fact has the rank."""
        return 1 << (slot * self.width + self.ranks.index(rank)) if rank in self.ranks else 0

    def said(self, slot: int, rank: int) -> int:
        """Return the bit of what a rank says, counted or not."""
        return self.bit(slot, rank) << len(self.ranks) if self.may_mute else self.bit(slot, rank)


@dataclass(frozen=True)
class Inputs:
    """The request and the texts that occur among its facts: what must be known before facts are read slice by slice."""

    request: Request
    texts: tuple[Text, ...]

    @cached_property
    def sides(self) -> tuple[tuple[str, str], ...]:
        """The sides by number: (part, side)."""
        return tuple(dict.fromkeys((term.part, term.side) for term in self.request.terms))

    @cached_property
    def side_number(self) -> Mapping[tuple[str, str], int]:
        return {side: number for number, side in enumerate(self.sides)}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts by number."""
        return tuple(dict.fromkeys(part for part, _side in self.sides))

    @cached_property
    def measures(self) -> Mapping[str, tuple[str, ...]]:
        """The measures that some side uses, by kind."""
        used = dict.fromkeys(term.measure for term in self.request.terms)
        found: dict[str, list[str]] = defaultdict(list)
        for code in used:
            found[self.request.kinds[code]].append(code)
        return {kind: tuple(codes) for kind, codes in found.items()}

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """The ranks of the sources."""
        return tuple(sorted({source.rank for source in self.request.sources}))

    @cached_property
    def depth(self) -> int:
        """How many levels lie below the widest areas of any window."""
        return max((depth for span in self.request.spans for _area, _parent, depth in _tree(span)), default=0)

    @cached_property
    def cuts(self) -> tuple[date, ...]:
        """The first days of the slices of time of which every window is made, and the day after the last one."""
        days = {day for span in self.request.spans for day in (span.first_day, span.stock_from)}
        return tuple(sorted(days | {span.last_day + timedelta(days=1) for span in self.request.spans}))

    @cached_property
    def bits(self) -> Bits:
        """The masks' layout: only ranks of sources that name entities have bits."""
        return self._layout(self.distinct_sides - self.estimated_sides)

    @cached_property
    def sketches(self) -> Bits:
        """The same for sides that are estimated; their slots are no bits."""
        return self._layout(self.estimated_sides)

    @cached_property
    def may_mute(self) -> bool:
        """May a rank that names entities not count, where another one holds everything?"""
        return self.bits.may_mute or self.sketches.may_mute

    def _layout(self, sides: frozenset[int]) -> Bits:
        counted: dict[tuple[Any, ...], int] = {}
        slot_of: dict[int, int] = {}
        for side in sorted(sides):
            its = tuple(
                sorted(
                    (term.measure, tuple(sorted(term.where)))
                    for term in self.request.terms
                    if self.side_number[term.part, term.side] == side and self.request.kinds[term.measure] == "distinct"
                )
            )
            slot_of[side] = counted.setdefault(its, len(counted))
        measures = {measure for its in counted for measure, _where in its}
        ranks = {self.rank[source] for measure, _, source, named in self.texts if named and measure in measures}
        covering = {
            self.rank[row.source]
            for span in self.request.spans
            for row in span.coverage
            if ranks and row.measure in measures
        }
        may_mute = bool(covering) and len(covering | ranks) > 1
        return Bits(tuple(sorted(ranks)), tuple(counted), slot_of, may_mute)

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """The rank of each source."""
        return {source.code: source.rank for source in self.request.sources}

    @cached_property
    def is_one_order(self) -> bool:
        """Do the same ranks count first in every measure of every window?"""
        codes = dict.fromkeys(term.measure for term in self.request.terms)
        return len({span.order_of(code) for span in self.request.spans for code in codes}) <= 1

    def strength(self, span: Span, measure: str, rank: int) -> int:
        """Return how soon a rank counts, the rank itself in it: the lowest counts."""
        return span.order_of(measure).index(rank) * RANKS + rank

    @cached_property
    def estimated_sides(self) -> frozenset[int]:
        """The sides whose entities are estimated."""
        return frozenset(
            self.side_number[term.part, term.side]
            for term in self.request.terms
            if term.measure in self.request.approximate
        )

    @cached_property
    def distinct_sides(self) -> frozenset[int]:
        """The sides on measures that count entities."""
        return frozenset(
            self.side_number[term.part, term.side]
            for term in self.request.terms
            if self.request.kinds[term.measure] == "distinct"
        )

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield what the facts are read with: the slice of each day, the bit of each text."""
        yield "day_slice", _table({"day": _DAY, "slice": _NUMBER}, self._days())
        yield (
            "entity_bit",
            _table(
                {"measure": _TEXT, "dimensions": _TEXT, "source": _TEXT, "block": _NUMBER, "mask": _NUMBER},
                self._bits(),
            ),
        )
        if self.sketches.ranks:
            yield (
                "sketch_text",
                _table(
                    {"measure": _TEXT, "dimensions": _TEXT, "source": _TEXT, "slot": _NUMBER, "source_rank": _NUMBER},
                    self._sketched(),
                ),
            )

    def slice_of(self, day: date) -> int:
        """Return the number of the slice that begins on a day."""
        return self.cuts.index(day) + 1

    def _days(self) -> Iterator[Row]:
        """Number the slices from 1; days before the first have none."""
        for number, (first, after) in enumerate(pairwise(self.cuts), 1):
            for offset in range((after - first).days):
                yield first + timedelta(days=offset), number

    def _bits(self) -> Iterator[Row]:
        masks: dict[tuple[str, str, str, int], int] = defaultdict(int)
        for measure, dimensions, source, number in self._texts_of(self.bits):
            block, slot = divmod(number, self.bits.slots)
            rank = self.rank[source]
            masks[measure, dimensions, source, block] |= self.bits.bit(slot, rank) | self.bits.said(slot, rank)
        yield from ((*key, mask) for key, mask in masks.items())

    def _sketched(self) -> Iterator[Row]:
        for measure, dimensions, source, slot in self._texts_of(self.sketches):
            yield measure, dimensions, source, slot, self.rank[source]

    def _texts_of(self, layout: Bits) -> Iterator[tuple[str, str, str, int]]:
        """Yield (measure, dimensions, source) whose entities are counted in a slot, counted over all blocks."""
        for measure, dimensions, source, named in self.texts:
            if named and self.request.kinds.get(measure) == "distinct":
                for number, its in enumerate(layout.counted):
                    if any(code == measure and matches(dimensions, where) for code, where in its):
                        yield measure, dimensions, source, number


@dataclass(frozen=True)
class Codes:
    """
    All names as numbers: what comes after the slices joins and groups numbers alone.

    A `node` is an area in a window, and so says both; `loc` an area of facts (code and first day); `what` a measure with
    dimension values; `who` everybody (0), a unit, a group of units or a kind of place.
    """

    inputs: Inputs
    found: tuple[
        tuple[str, date, str, str], ...
    ]  # (area, its first day, unit, kind of place) as they occur among the facts

    @cached_property
    def measures(self) -> Mapping[str, int]:
        return {code: number for number, code in enumerate(self.inputs.request.kinds)}

    @cached_property
    def whats(self) -> Mapping[tuple[str, str], int]:
        """Number (measure, dimensions): those of facts, and those that are owed."""
        kinds = self.inputs.request.kinds
        texts = {(measure, text) for measure, text, _source, _named in self.inputs.texts if measure in kinds}
        for span in self.inputs.request.spans:
            texts |= {(cell.measure, cell.dimensions) for cell in span.expected}
        return {text: number for number, text in enumerate(sorted(texts))}

    @cached_property
    def locs(self) -> Mapping[tuple[date, str], int]:
        return {loc: number for number, loc in enumerate(sorted({(day, area) for area, day, _, _ in self.found}))}

    @cached_property
    def whos(self) -> Mapping[str, int]:
        """Number units, groups and kinds of places; 0 is everybody."""
        spans = self.inputs.request.spans
        units = {unit for _, _, unit, _ in self.found}
        units |= {cell.unit for span in spans for cell in span.expected}
        units |= {row.unit for span in spans for row in span.coverage}
        units |= {unit for span in spans for unit, _group in span.groups}
        groups = {group for span in spans for _unit, group in span.groups}
        places = {f"place:{kind}" for _, _, _, kind in self.found if kind}
        names = [*sorted(units - {""}), *sorted(groups), *sorted(places)]
        return {"": 0, **{name: number for number, name in enumerate(names, 1)}}

    @cached_property
    def nodes(self) -> Mapping[tuple[int, str], int]:
        """Number (window, area): the areas of each window, and others in which facts lie."""
        pairs = [
            (number, area)
            for number, span in enumerate(self.inputs.request.spans)
            for area in dict.fromkeys((*span.levels, *(area for area, _ in span.closure), *self._elsewhere(span)))
        ]
        return {pair: number for number, pair in enumerate(pairs)}

    def _elsewhere(self, span: Span) -> list[str]:
        moved = {(since, old): now for old, since, now in span.taken_over}
        return sorted({moved.get((since, area), area) for since, area in self.locs})

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield each table with its name."""
        spans = list(enumerate(self.inputs.request.spans))
        inputs, request = self.inputs, self.inputs.request
        yield (
            "source",
            _table(
                {
                    "id": _NUMBER, "code": _TEXT, "source_rank": _NUMBER, "strength": _NUMBER,
                    "record_stock": _YES, "carries": _YES,
                },
                self._sources(),
            ),
        )  # fmt: skip
        yield (
            "what",
            _table(
                {"id": _NUMBER, "measure": _NUMBER, "measure_code": _TEXT, "dimensions": _TEXT},
                [(number, self.measures[code], code, text) for (code, text), number in self.whats.items()],
            ),
        )
        yield (
            "loc",
            _table(
                {"id": _NUMBER, "valid_from": _DAY, "area": _TEXT},
                [(number, *loc) for loc, number in self.locs.items()],
            ),
        )
        yield (
            "who",
            _table(
                {"id": _NUMBER, "code": _TEXT, "is_group": _YES},
                [(number, code, ":" in code) for code, number in self.whos.items()],
            ),
        )
        yield "side", _table({"id": _NUMBER, "part": _NUMBER, "other": _NUMBER, "is_distinct": _YES}, self._sides())
        yield (
            "side_measure",
            _table(
                {"side": _NUMBER, "measure": _NUMBER},
                sorted({(inputs.side_number[t.part, t.side], self.measures[t.measure]) for t in request.terms}),
            ),
        )
        yield "term", _table({"side": _NUMBER, "sign": _NUMBER, "what": _NUMBER, "is_asked": _YES}, self._terms())
        yield (
            "span",
            _table(
                {"id": _NUMBER, "last_day": _DAY, "is_period": _YES}, [(n, s.last_day, s.is_period) for n, s in spans]
            ),
        )
        yield "span_slice", _table({"span": _NUMBER, "slice": _NUMBER}, self._slices())
        yield (
            "span_until",
            _table({"span": _NUMBER, "slice": _NUMBER, "last_slice": _NUMBER, "stock_slice": _NUMBER}, self._until()),
        )
        yield (
            "node",
            _table(
                {"id": _NUMBER, "span": _NUMBER, "parent": _NUMBER, "depth": _NUMBER},
                [
                    (self.nodes[n, area], n, self.nodes[n, parent] if parent else -1, depth)
                    for n, s in spans
                    for area, parent, depth in _tree(s)
                ],
            ),
        )
        yield (
            "closure",
            _table(
                {"node": _NUMBER, "ancestor": _NUMBER},
                [(self.nodes[n, area], self.nodes[n, above]) for n, s in spans for area, above in s.closure],
            ),
        )
        yield "node_of", _table({"span": _NUMBER, "loc": _NUMBER, "node": _NUMBER}, self._located())
        yield (
            "unit_group",
            _table(
                {"span": _NUMBER, "unit": _NUMBER, "who": _NUMBER},
                [(n, self.whos[unit], self.whos[group]) for n, s in spans for unit, group in s.groups],
            ),
        )
        yield (
            "coverage",
            _table(
                {"span": _NUMBER, "strength": _NUMBER, "measure": _NUMBER, "node": _NUMBER, "unit": _NUMBER},
                self._coverage(),
            ),
        )
        if not inputs.is_one_order:
            yield (
                "node_span",
                _table({"node": _NUMBER, "span": _NUMBER}, [(n, span) for (span, _area), n in self.nodes.items()]),
            )
            yield (
                "standing",
                _table(
                    {"span": _NUMBER, "measure": _NUMBER, "source_rank": _NUMBER, "strength": _NUMBER},
                    [
                        (n, self.measures[code], rank, inputs.strength(s, code, rank))
                        for n, s in spans
                        for code in self.measures
                        for rank in inputs.ranks
                    ],
                ),
            )
        yield "pairing", _table({"span": _NUMBER, "side": _NUMBER, "mode": _TEXT}, self._pairings())
        yield (
            "expected",
            _table(
                {"node": _NUMBER, "what": _NUMBER, "measure": _NUMBER, "unit": _NUMBER, "day": _DAY}, self._expected()
            ),
        )
        yield (
            "distinct_side",
            _table(
                {"side": _NUMBER, "block": _NUMBER, "slot": _NUMBER},
                [(side, *inputs.bits.place(side)) for side in sorted(inputs.bits.slot_of)],
            ),
        )
        yield (
            "entity_muted",
            _table({"measure": _NUMBER, "source_rank": _NUMBER, "block": _NUMBER, "mask": _NUMBER}, self._muted()),
        )
        yield "named_by", _table({"side": _NUMBER, "source_rank": _NUMBER, "source": _NUMBER}, self._named_by())
        if inputs.sketches.ranks:
            yield from self._sketch_tables()
        yield "speaks", _table(
            {
                "node": _NUMBER, "side": _NUMBER, "who": _NUMBER, "measure": _NUMBER, "what": _NUMBER,
                "cell_node": _NUMBER, "cell_unit": _NUMBER, "place_in_line": _NUMBER, "strength": _NUMBER,
            },
            self._speaking(),
        )  # fmt: skip

    # -- sources ---------------------------------------------------------------------------------------------------------
    def _sources(self) -> Iterator[Row]:
        """Yield the sources with their strength, where that is the same everywhere."""
        spans, terms = self.inputs.request.spans, self.inputs.request.terms
        for number, source in enumerate(self.inputs.request.sources):
            strength = self.inputs.strength(spans[0], terms[0].measure, source.rank) if spans and terms else source.rank
            yield number, source.code, source.rank, strength, source.is_record_stock, source.carries

    def _muted(self) -> Iterator[Row]:
        """
        Yield the bits of a rank that go where another rank holds everything of the measure.

        A slot that counts entities of two measures together has no bits to go; the plan's check refuses such a sum.
        """
        bits = self.inputs.bits
        masks: dict[tuple[str, int, int], int] = defaultdict(int)
        for number, its in enumerate(bits.counted):
            block, slot = divmod(number, bits.slots)
            if len(measures := {measure for measure, _where in its}) == 1:
                for rank in bits.ranks:
                    masks[(*measures, rank, block)] |= bits.bit(slot, rank)
        for (measure, rank, block), mask in masks.items():
            yield self.measures[measure], rank, block, mask

    def _named_by(self) -> Iterator[Row]:
        """Yield the source that stands for each rank in a side that counts entities: the first that names some."""
        request, inputs = self.inputs.request, self.inputs
        named = {(measure, source) for measure, _text, source, is_named in inputs.texts if is_named}
        for side in sorted(inputs.distinct_sides):
            its = {term.measure for term in request.terms if inputs.side_number[term.part, term.side] == side}
            first: dict[int, int] = {}
            for number, source in enumerate(request.sources):
                if any((measure, source.code) in named for measure in its):
                    first.setdefault(source.rank, number)
            yield from ((side, rank, number) for rank, number in first.items())

    def _sketch_tables(self) -> Iterator[tuple[str, pa.Table]]:
        layout = self.inputs.sketches
        yield (
            "sketch_slot",
            _table(
                {"slot": _NUMBER, "measure": _NUMBER},
                [
                    (slot, self.measures[its[0][0]] if len({measure for measure, _ in its}) == 1 else -1)
                    for slot, its in enumerate(layout.counted)
                ],
            ),
        )
        yield (
            "sketch_facet",
            _table({"facet": _NUMBER, "source_rank": _NUMBER, "is_said": _YES}, self._facets()),
        )
        yield (
            "sketch_power",
            _table(
                {"place": _NUMBER, "power": _NUMBER},
                [(place, sketch.power(place)) for place in range(1, sketch.HIGHEST + 1)],
            ),
        )

    def _facets(self) -> Iterator[Row]:
        """Yield which registers a fact of a rank fills: those of the whole, of its rank, of what the rank says."""
        for rank in self.inputs.sketches.ranks:
            yield WHOLE, rank, False
            yield OF_RANK + rank, rank, False
            yield SAID + rank, rank, True

    # -- sides and terms -------------------------------------------------------------------------------------------------
    def _sides(self) -> Iterator[Row]:
        for number, (part, side) in enumerate(self.inputs.sides):
            partner = self.inputs.side_number.get((part, "den" if side == "num" else "num"), -1)
            yield number, self.inputs.parts.index(part), partner, number in self.inputs.distinct_sides

    def _terms(self) -> Iterator[Row]:
        """
        Resolve each term's filter to the dimension texts that occur: there are few of them, and text matching stays out of SQL.

        `is_asked`: a cell with this text is one that the side asks for. Of a distinct count only the text that is the filter
        itself, and not one of several values under it.
        """
        texts: dict[str, list[str]] = defaultdict(list)
        for measure, text in self.whats:
            texts[measure].append(text)
        for term in self.inputs.request.terms:
            is_distinct = self.inputs.request.kinds[term.measure] == "distinct"
            for text in texts[term.measure]:
                if matches(text, term.where):
                    side = self.inputs.side_number[term.part, term.side]
                    yield side, term.sign, self.whats[term.measure, text], not is_distinct or text == own_text(term)

    def _pairings(self) -> Iterator[Row]:
        for number, span in enumerate(self.inputs.request.spans):
            for side, (part, _side) in enumerate(self.inputs.sides):
                if (mode := span.pairing.get(part, Pairing.NONE)) is not Pairing.NONE:
                    yield number, side, mode.value

    # -- time and place --------------------------------------------------------------------------------------------------
    def _slices(self) -> Iterator[Row]:
        inputs = self.inputs
        for number, span in enumerate(inputs.request.spans):
            for each in range(inputs.slice_of(span.first_day), inputs.slice_of(span.last_day + timedelta(days=1))):
                yield number, each

    def _until(self) -> Iterator[Row]:
        for number, span in enumerate(self.inputs.request.spans):
            last = self.inputs.slice_of(span.last_day + timedelta(days=1)) - 1
            for each in range(last + 1):
                yield number, each, last, self.inputs.slice_of(span.stock_from)

    def _located(self) -> Iterator[Row]:
        for number, span in enumerate(self.inputs.request.spans):
            moved = {(since, old): now for old, since, now in span.taken_over}
            for (since, area), loc in self.locs.items():
                yield number, loc, self.nodes[number, moved.get((since, area), area)]

    # -- who covers, who owes --------------------------------------------------------------------------------------------
    def _coverage(self) -> Iterator[Row]:
        """Yield coverage with its node; -1: every area. What names an area that is not there covers nothing."""
        inputs = self.inputs
        for number, span in enumerate(inputs.request.spans):
            for row in span.coverage:
                if row.measure in self.measures and (not row.area or row.area in span.levels):
                    node = self.nodes[number, row.area] if row.area else -1
                    strength = inputs.strength(span, row.measure, inputs.rank[row.source])
                    yield number, strength, self.measures[row.measure], node, self.whos[row.unit]

    def _expected(self) -> Iterator[Row]:
        for number, span in enumerate(self.inputs.request.spans):
            for cell in span.expected:
                if (number, cell.area) in self.nodes:
                    what = self.whats[cell.measure, cell.dimensions]
                    yield (
                        self.nodes[number, cell.area],
                        what,
                        self.measures[cell.measure],
                        self.whos[cell.unit],
                        cell.day,
                    )

    def _speaking(self) -> Iterator[Row]:
        """
        Say which declared cell is read for each area and unit: the cell itself, never a sum of cells.

        Where the only part of an area that owes the count is one smaller area of one unit, its count is the whole's.
        """
        for number, span in enumerate(self.inputs.request.spans):
            if not span.is_period:
                continue
            owed = _owed_distinct(span, self.inputs.request.kinds)
            below = _below(span)
            for term in self.inputs.request.terms:
                what = self.whats.get((term.measure, own_text(term) or ""))
                if own_text(term) is None or what is None or not owed[term.measure]:
                    continue
                side, measure = self.inputs.side_number[term.part, term.side], self.measures[term.measure]
                strength = self.inputs.strength(span, term.measure, DECLARED_RANK)
                for area, who, place, (cell_area, unit) in self._cells(span, owed[term.measure], below, term.measure):
                    cell = self.nodes[number, cell_area], self.whos[unit]
                    yield self.nodes[number, area], side, self.whos[who], measure, what, *cell, place, strength

    def _cells(
        self, span: Span, owed: set[tuple[str, str]], below: Mapping[str, set[str]], measure: str
    ) -> Iterator[tuple[str, str, int, tuple[str, str]]]:
        """Yield area, who, place in line and the declared cell."""
        root = self.inputs.request.root
        for area, unit in owed:
            yield area, unit, 0, (area, unit)
        for unit in {unit for _area, unit in owed}:
            own = {pair for pair in owed if pair[1] == unit}
            if (root, unit) not in own and root in span.levels:
                for place, pair in enumerate(sorted(_widest(own, below)), 1):
                    yield root, unit, place, pair
        levels = span.distinct_levels.get(measure, ())
        for area, level in span.levels.items():
            for pair in _speaking_for(area, owed, below, is_owed=level in levels):
                yield area, "", 0, pair


def matches(dimensions: str, where: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    """Does a fact with these dimension values fall under the filter?"""
    held = dict(pair.split("=", 1) for pair in dimensions.split(";") if pair)
    return all(held.get(name) in values for name, values in where)


def own_text(term: TermRow) -> str | None:
    """Return the filter as one dimension text, or None where it names several values of one dimension."""
    if any(len(values) > 1 for _, values in term.where):
        return None
    return ";".join(f"{name}={values[0]}" for name, values in sorted(term.where))


def declared(request: Request) -> tuple[str, ...]:
    """Return the codes of the declared sources."""
    return tuple(source.code for source in request.sources if source.rank == DECLARED_RANK)


def _tree(span: Span) -> Iterator[tuple[str, str, int]]:
    """Yield each area of a window with its parent (empty: none) and its depth."""
    above: dict[str, list[str]] = defaultdict(list)
    for area, ancestor in span.closure:
        above[area].append(ancestor)
    for area, ancestors in above.items():
        parent = max((each for each in ancestors if each != area), key=lambda each: len(above[each]), default="")
        yield area, parent, len(ancestors) - 1


def _below(span: Span) -> Mapping[str, set[str]]:
    """Return, by area, itself and all that lies in it."""
    below: dict[str, set[str]] = defaultdict(set)
    for area, ancestor in span.closure:
        below[ancestor].add(area)
    return below


def _owed_distinct(span: Span, kinds: Mapping[str, str]) -> Mapping[str, set[tuple[str, str]]]:
    """Return, by measure, in which area which unit owes a distinct count."""
    owed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for cell in span.expected:
        if kinds[cell.measure] == "distinct" and cell.area in span.levels:
            owed[cell.measure].add((cell.area, cell.unit))
    return owed


def _speaking_for(
    area: str, owed: set[tuple[str, str]], below: Mapping[str, set[str]], *, is_owed: bool
) -> set[tuple[str, str]]:
    """Return the one cell (area, unit) that says the count of `area`; nothing where several would have to be added."""
    inside = {pair for pair in owed if pair[0] in below[area]}
    here = {pair for pair in inside if pair[0] == area} if is_owed else set()
    speaking = here or _widest(inside, below)
    return speaking if len(speaking) == 1 else set()


def _widest(pairs: set[tuple[str, str]], below: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Keep the pairs whose area lies in no other pair's area of the same unit."""
    return {
        (area, unit)
        for area, unit in pairs
        if not any(other != area and owner == unit and area in below[other] for other, owner in pairs)
    }


def _table(columns: dict[str, pa.DataType], rows: Iterable[Row]) -> pa.Table:
    listed = list(rows)
    arrays = [pa.array([row[i] for row in listed], type=kind) for i, kind in enumerate(columns.values())]
    return pa.table(arrays, names=list(columns))
