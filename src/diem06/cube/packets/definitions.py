"""
What the figures of a packet mean: measures and lines with their terms, targets and pairing. Plain data.

Packets are only rolled up together where these are the same, to the byte. So what is one province's own stays out: targets of a
unit or an area, who owes what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from diem06.cube.engine.request import ORDER, Pairing, TermRow
from diem06.cube.packets.plain import as_json
from diem06.plan.model import Label


@dataclass(frozen=True, kw_only=True)
class MeasureDefinition:
    """
    `levels`: those at which a distinct count is declared with a total of its own. `order`: the ranks of sources in the order in
    which they count where several speak of one cell. `approximate`: who is counted once is estimated.
    """

    code: str
    kind: str
    name: str
    name_en: str
    dimensions: tuple[tuple[str, tuple[str, ...]], ...]
    levels: tuple[str, ...]
    order: tuple[int, ...]
    approximate: bool


@dataclass(frozen=True, kw_only=True)
class TermDefinition:
    sign: int
    measure: str
    where: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class PartDefinition:
    """A numerator and a denominator as terms of recorded measures; no denominator: a count."""

    numerator: tuple[TermDefinition, ...]
    denominator: tuple[TermDefinition, ...]


@dataclass(frozen=True, kw_only=True)
class TargetDefinition:
    """A target in force from a day on. `level` empty: the plan's, which a share hands down."""

    value: Decimal
    from_day: date
    deadline: date | None
    level: str


@dataclass(frozen=True, kw_only=True)
class LineDefinition:
    """An indicator, or one reading of it. `direction` is `up` where more is better."""

    code: str
    indicator: str
    name: str
    name_en: str
    reading: str
    reading_en: str
    kind: str
    direction: str
    counted: str
    counted_en: str
    pairing: str
    parts: tuple[PartDefinition, ...]
    targets: tuple[TargetDefinition, ...]

    @property
    def is_ratio(self) -> bool:
        return bool(self.parts[0].denominator)

    @property
    def part_codes(self) -> tuple[str, ...]:
        """The parts as the rollup calls them."""
        return tuple(f"{self.code}/{number}" for number in range(len(self.parts)))

    @property
    def measures(self) -> frozenset[str]:
        return frozenset(term.measure for part in self.parts for term in (*part.numerator, *part.denominator))


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """All that must be equal in packets that are added up."""

    calendar: str
    measures: tuple[MeasureDefinition, ...]
    lines: tuple[LineDefinition, ...]
    labels: tuple[Label, ...]  # words for the measures' dimensions and their values

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the bytes as they stand in a packet."""
        return hashlib.sha256(as_json(self)).hexdigest()

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        return {measure.code: measure.kind for measure in self.measures}

    @cached_property
    def flows(self) -> frozenset[str]:
        return frozenset(measure.code for measure in self.measures if measure.kind == "flow")

    @cached_property
    def line_of(self) -> Mapping[str, LineDefinition]:
        return {line.code: line for line in self.lines}

    def is_additive(self, line: LineDefinition) -> bool:
        """Does the line count nobody once? Only such lines add up over provinces."""
        return all(self.kinds[measure] != "distinct" for measure in line.measures)

    def terms(self) -> tuple[TermRow, ...]:
        """Return the terms as the rollup wants them."""
        return tuple(
            TermRow(part=part, side=side, sign=term.sign, measure=term.measure, where=term.where)
            for line in self.lines
            for part, sides in zip(line.part_codes, line.parts, strict=True)
            for side, terms in (("num", sides.numerator), ("den", sides.denominator))
            for term in terms
        )

    def pairing(self) -> dict[str, Pairing]:
        return {part: Pairing(line.pairing) for line in self.lines for part in line.part_codes}


def faults(definitions: Definitions) -> Iterator[str]:
    """Yield, in words, what cannot be computed by these definitions."""
    if len(definitions.kinds) != len(definitions.measures) or len(definitions.line_of) != len(definitions.lines):
        yield "a measure or an indicator stands twice"
    for measure in definitions.measures:
        if measure.kind not in {"flow", "stock", "distinct"}:
            yield f"measure {measure.code} has the unknown kind {measure.kind}"
        if tuple(sorted(measure.order)) != ORDER:
            yield f"measure {measure.code} has no order of sources"
    for line in definitions.lines:
        if not line.parts or any(bool(part.denominator) != line.is_ratio or not part.numerator for part in line.parts):
            yield f"{line.code} has no parts, or parts of two kinds"
        elif missing := sorted(line.measures - definitions.kinds.keys()):
            yield f"{line.code} asks for {missing[0]}, which is not defined"
        if line.pairing not in set(Pairing):
            yield f"{line.code} is paired in an unknown way"


def differences(one: Definitions, other: Definitions) -> Iterator[str]:
    """Yield, in words, each measure or line by which two definitions differ."""
    if one.calendar != other.calendar:
        yield f"the calendar is {other.calendar} in place of {one.calendar}"
    for what, ours, theirs in (
        ("measure", {row.code: row for row in one.measures}, {row.code: row for row in other.measures}),
        ("indicator", one.line_of, other.line_of),
    ):
        for code in sorted(ours.keys() | theirs.keys()):
            mine, its = ours.get(code), theirs.get(code)
            if mine is None or its is None:
                yield f"{what} {code} is only in {'this packet' if its is None else 'the other packets'}"
            elif mine != its:
                fields = [name for name in vars(mine) if getattr(mine, name) != getattr(its, name)]
                yield f"{what} {code} differs in {', '.join(fields)}"
    if one.labels != other.labels:
        yield "words of dimensions differ"
    if one != other and [*map(_code, one.lines), *map(_code, one.measures)] != [
        *map(_code, other.lines),
        *map(_code, other.measures),
    ]:
        yield "the order of measures or indicators is another one"


def _code(row: MeasureDefinition | LineDefinition) -> str:
    return row.code
