"""What a packet holds, as frozen rows: sums, and no person, record or place by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from diem06.cube.closing.seal import Seal
from diem06.cube.engine.request import ORDER, CoverageRow, ExpectedRow
from diem06.cube.packets.definitions import Definitions
from diem06.plan.model import Level

FACTS = pa.schema(
    [
        ("measure", pa.string()),
        ("source", pa.string()),
        ("day", pa.date32()),
        ("area", pa.string()),
        ("unit", pa.string()),
        ("place", pa.string()),
        ("dimensions", pa.string()),
        ("value", pa.int64()),
        ("n", pa.int64()),
    ]
)
"""
A sum of `n` facts. There is no column in which a person or a record could stand; `place` is a kind of place.

`day` is the window's last day; an earlier one within the window where units declared a flow for that day; the day before the
window where a snapshot is carried on from earlier.
"""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NUMBER_OF_A_PERSON = re.compile(r"\d{9,}")
"""Citizen numbers have 12 digits, older ones 9, telephones 10, health insurance 10 after two letters."""


class PersonalDataError(ValueError):
    """Something that looks like a person's data would leave the province."""


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """An area as it is on the window's last day."""

    code: str
    valid_from: date
    level: str
    name: str
    parent: str


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    code: str
    name: str
    name_en: str
    kind: str
    parent: str


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """`rank`: 0 evidenced, 1 imported, 2 declared. `carries`: its last snapshot holds on into later windows."""

    code: str
    rank: int
    carries: bool


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """
    A closed figure. The first seven fields are those that were sealed; `cell_area` and `cell_unit` say of which cell of the
    rollup it is (a unit's figure may be made of all that lies in its area).
    """

    key: str
    numerator: int | None
    denominator: int | None
    value: str | None
    target: str | None
    grade: str | None
    standing: str
    code: str
    area: str
    unit: str
    cell_area: str
    cell_unit: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that a packet says, beside digests and the signature. `seal_signature` is the closing's own."""

    province: str  # area code
    name: str
    is_made_up: bool
    seal: Seal
    seal_signature: str
    definitions: Definitions
    areas: tuple[AreaRow, ...]
    units: tuple[UnitRow, ...]
    sources: tuple[SourceRow, ...]
    coverage: tuple[CoverageRow, ...]
    expected: tuple[ExpectedRow, ...]
    facts: pa.Table
    figures: tuple[FigureRow, ...]


def unresolved(content: Content) -> Iterator[str]:
    """Yield, in words, each area, unit, source, measure or indicator that is named and not listed, and what is odd in the lists."""
    yield from _odd_lists(content)
    known = {
        "area": {area.code for area in content.areas},
        "unit": {unit.code for unit in content.units},
        "source": {source.code for source in content.sources},
        "measure": set(content.definitions.kinds),
        "indicator": set(content.definitions.line_of),
    }
    seen: set[tuple[str, str]] = set()
    for what, code, by in _names(content):
        if code not in known[what] and (what, code) not in seen:
            seen.add((what, code))
            yield f"{what} {code or '(empty)'}: named by {by} and not listed"


def _odd_lists(content: Content) -> Iterator[str]:
    above = {area.code: area.parent for area in content.areas}
    roots = [code for code, parent in above.items() if not parent]
    if roots != [content.province]:
        yield f"the areas have the roots {', '.join(roots) or 'none'} in place of {content.province}"
    lists = {
        "areas": [area.code for area in content.areas],
        "units": [unit.code for unit in content.units],
        "sources": [source.code for source in content.sources],
    }
    yield from (
        f"a code stands twice among the {name}" for name, codes in lists.items() if len(set(codes)) != len(codes)
    )
    levels = {level.value for level in Level}
    yield from (f"area {a.code} has the unknown level {a.level[:20]}" for a in content.areas if a.level not in levels)
    yield from (f"source {s.code} has no rank" for s in content.sources if s.rank not in ORDER)
    for code, parent in above.items():
        if parent and parent not in above:
            yield f"area {code}: its parent {parent} is missing"
        elif _is_in_a_circle(code, above):
            yield f"area {code} lies in itself"


def _is_in_a_circle(code: str, above: Mapping[str, str]) -> bool:
    seen, at = {code}, above[code]
    while at in above and at not in seen:
        seen.add(at)
        at = above[at]
    return at in seen


def _names(content: Content) -> Iterator[tuple[str, str, str]]:
    """Yield (what, code, by whom) for each name that must be listed."""
    for what in ("area", "unit", "source", "measure"):
        for code in content.facts[what].unique().to_pylist():
            if code or what != "unit":
                yield what, code, "a fact"
    for row in content.coverage:
        yield "source", row.source, "a coverage"
        yield from _place(row.area, row.unit, "a coverage")
    for owed in content.expected:
        yield "measure", owed.measure, "an owed cell"
        yield from _place(owed.area, owed.unit, "an owed cell")
    for figure in content.figures:
        by = f"figure {figure.key}"
        yield "indicator", figure.code, by
        yield from _place(figure.area, figure.unit, by)
        yield "area", figure.cell_area, by
        yield from _place("", figure.cell_unit, by)


def _place(area: str, unit: str, by: str) -> Iterator[tuple[str, str, str]]:
    if area:
        yield "area", area, by
    if unit:
        yield "unit", unit, by


def personal(content: Content) -> Iterator[str]:
    """
    Yield, in words, each text of the facts that could tell of a person: not of the few that codes may be.

    A place is the code of a kind; dimensions are `name=value` with names of the plan and, where the plan lists them, its values.
    The text itself is not repeated: it must not stand in a log either.
    """
    dimensions = {measure.code: dict(measure.dimensions) for measure in content.definitions.measures}
    facts = content.facts
    for measure, place in _pairs(facts, "measure", "place"):
        if place and not is_plain(place):
            yield f"facts of {measure}: a place that is not the code of a kind"
    for measure, text in _pairs(facts, "measure", "dimensions"):
        if (words := odd_dimension(text, dimensions.get(measure, {}))) is not None:
            yield f"facts of {measure}: {words}"
    for row in content.expected:
        if (words := odd_dimension(row.dimensions, dimensions.get(row.measure, {}))) is not None:
            yield f"owed cells of {row.measure}: {words}"
    for name in ("unit", "source", "area"):
        if any(code and not is_plain(code) for code in facts[name].unique().to_pylist()):
            yield f"facts: a text in the column {name} that is no code"


def is_plain(text: str) -> bool:
    """Is this a code: ASCII without spaces, and without a run of digits as long as a person's number?"""
    return bool(_CODE.fullmatch(text)) and not _NUMBER_OF_A_PERSON.search(text)


def odd_dimension(text: str, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """Say what is odd in a fact's dimension values; None: nothing. `known`: names with the values that the plan lists."""
    for pair in text.split(";") if text else ():
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            return "a dimension that the plan does not have"
        if known[name] and value not in known[name]:
            return f"{name} has a value that the plan does not list"
        if not is_plain(value):
            return f"{name} has a value that is no code"
    return None


def _pairs(facts: pa.Table, one: str, other: str) -> Iterator[tuple[str, str]]:
    found = facts.group_by([one, other]).aggregate([])
    yield from sorted(zip(found[one].to_pylist(), found[other].to_pylist(), strict=True))
