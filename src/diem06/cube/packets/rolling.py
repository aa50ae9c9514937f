"""Packets as one question to the rollup, and its answers read by line, area and unit. Knows no plan and no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from diem06.cube.engine import request as engine
from diem06.cube.engine.rollup import Rolled
from diem06.cube.packets.content import FACTS, Content
from diem06.cube.packets.definitions import Definitions, LineDefinition, TargetDefinition
from diem06.cube.packets.months import Months
from diem06.cube.standing import Ratio, Standing, lowest_part, standing_of

COUNTRY = "VN"
"""The root above the provinces: no code of an area has letters."""
SEPARATOR = "/"


def of_province(province: str, code: str) -> str:
    """Return the code of a unit or source of a province among those of all: `24/so-y-te`; nobody stays nobody."""
    return f"{province}{SEPARATOR}{code}" if code else ""


# -- asking --------------------------------------------------------------------------------------------------------------
def wide(content: Content, facts: pa.Table) -> pa.Table:
    """Return facts of a packet as the rollup reads them: units and sources by province, no entity and no record."""
    since = {area.code: area.valid_from for area in content.areas}
    moment = pa.scalar(content.seal.closed_at, pa.timestamp("us", tz="UTC"))
    columns = {
        **{name: facts[name] for name in FACTS.names},
        "source": _prefixed(content.province, facts["source"]),
        "unit": _prefixed(content.province, facts["unit"]),
        "area_valid_from": _mapped(facts["area"], since),
        "recorded_at": pa.repeat(moment, facts.num_rows),
        "entity": pa.repeat("", facts.num_rows),
        "record": pa.repeat("", facts.num_rows),
    }
    return pa.table([columns[name] for name in engine.FACTS.names], schema=engine.FACTS)


def _prefixed(province: str, codes: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(codes, ""), "", pc.binary_join_element_wise(f"{province}{SEPARATOR}", codes, ""))


def _mapped(areas: pa.ChunkedArray, since: dict[str, date]) -> pa.Array:
    encoded = areas.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    days = pa.array([since[code] for code in encoded.dictionary.to_pylist()], pa.date32())
    return days.take(encoded.indices)


def request_of(provinces: Sequence[Months], *, files: tuple[str, ...] = ()) -> engine.Request:
    """
    Return what the rollup is asked of a window of these provinces, which must have equal definitions and days, none twice.

    `files` are the facts of all of them in Parquet, as `wide` gives them; without files the facts go along.
    """
    definitions = provinces[0].definitions
    tables = [] if files else [wide(*given) for each in provinces for given in each.facts()]
    return engine.Request(
        facts=pa.concat_tables([engine.FACTS.empty_table(), *tables]),
        files=files,
        sources=tuple(
            engine.SourceRow(
                code=of_province(each.last.province, source.code),
                rank=source.rank,
                is_record_stock=False,  # a packet holds the state at the window's end, however it was kept
                carries=source.carries,
            )
            for each in provinces
            for source in each.sources
        ),
        kinds=definitions.kinds,
        terms=definitions.terms(),
        root=COUNTRY,
        spans=(_span(provinces),),
    )


def _span(provinces: Sequence[Months]) -> engine.Span:
    window = provinces[0]
    closure = [(COUNTRY, COUNTRY)]
    for each in provinces:
        above = {area.code: area.parent for area in each.areas}
        for code in above:
            at = code
            while at:
                closure.append((code, at))
                at = above[at]
            closure.append((code, COUNTRY))
    return engine.Span(
        code=window.window,
        first_day=window.first_day,
        last_day=window.last_day,
        stock_from=window.last.seal.first_day,
        is_period=window.is_month,
        closure=tuple(closure),
        levels={COUNTRY: "country", **{area.code: area.level for each in provinces for area in each.areas}},
        coverage=tuple(
            replace(
                row,
                source=of_province(each.last.province, row.source),
                area=row.area or each.last.province,
                unit=of_province(each.last.province, row.unit),
            )
            for each in provinces
            for row in each.coverage
        ),
        expected=tuple(
            replace(row, unit=of_province(each.last.province, row.unit)) for each in provinces for row in each.expected
        ),
        pairing=window.definitions.pairing(),
        distinct_levels={row.code: row.levels for row in window.definitions.measures if row.levels},
        precedence={row.code: row.order for row in window.definitions.measures},
    )


# -- reading -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Asked:
    """A cell that is read: a line in an area, of one unit (its code among all provinces) or of everybody."""

    line: str
    area: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Numbers of a cell; `reported` of `expected` units gave all that they owe for it."""

    numerator: int | None
    denominator: int | None
    expected: int
    reported: int

    def ratio(self, line: LineDefinition, day: date) -> Ratio:
        return Ratio(
            day=day,
            numerator=None if self.numerator is None else Decimal(self.numerator),
            denominator=None if self.denominator is None else Decimal(self.denominator),
            is_ratio=line.is_ratio,
        )


_ANSWERS = """
SELECT a.id, p.number, MAX(CASE WHEN c.side = 'num' THEN c.value END) AS num, MAX(CASE WHEN c.side = 'den' THEN c.value END) AS den,
       BOOL_OR(COALESCE(r.is_owed, FALSE)) AS is_owed
FROM asked a
JOIN parts p ON p.line = a.line
LEFT JOIN cells c ON c.part = p.part AND c.area = a.area AND c.who = a.unit
LEFT JOIN (
    SELECT part, area, '' AS unit, TRUE AS is_owed FROM owed GROUP BY part, area
    UNION ALL SELECT part, area, unit, TRUE FROM owed
) r ON r.part = p.part AND r.area = a.area AND r.unit = a.unit
GROUP BY a.id, p.number
ORDER BY a.id, p.number
"""
_REPORTED = """
WITH whole AS (
    SELECT p.line, o.area, o.unit, SUM(o.given) >= SUM(o.expected) AS is_given
    FROM owed o JOIN parts p ON p.part = o.part GROUP BY p.line, o.area, o.unit
)
SELECT a.id, COUNT(w.unit) AS expected, COUNT(CASE WHEN w.is_given THEN 1 END) AS reported
FROM asked a LEFT JOIN whole w ON w.line = a.line AND w.area = a.area AND (a.unit = '' OR w.unit = a.unit)
GROUP BY a.id
ORDER BY a.id
"""


def answers(rolled: Rolled, definitions: Definitions, asked: Sequence[Asked]) -> list[Answer]:
    """Return what the rollup says of each cell, by the rules of the board: of a reading in parts the lowest stands for it."""
    with duckdb.connect(":memory:") as connection:
        connection.register("cells", rolled.named_cells().select(["part", "side", "area", "who", "value"]))
        connection.register("owed", _owed(rolled))
        connection.register("parts", _parts(definitions))
        rows = [(number, one.line, one.area, one.unit) for number, one in enumerate(asked)]
        names = ("id", "line", "area", "unit")
        table = pa.table(
            [pa.array([row[at] for row in rows], pa.int64() if not at else pa.string()) for at in range(4)],
            names=names,
        )
        connection.register("asked", table)
        counts = connection.execute(_REPORTED).fetchall()
        found: list[list[tuple[int | None, int | None, bool]]] = [[] for _one in asked]
        for number, _part, numerator, denominator, is_owed in connection.execute(_ANSWERS).fetchall():
            found[number].append((numerator, denominator, is_owed))
    return [
        _answer(definitions.line_of[one.line], found[number], *counts[number][1:]) for number, one in enumerate(asked)
    ]


def _parts(definitions: Definitions) -> pa.Table:
    rows = [(line.code, part, n) for line in definitions.lines for n, part in enumerate(line.part_codes)]
    return pa.table(
        {
            "line": pa.array([row[0] for row in rows], pa.string()),
            "part": pa.array([row[1] for row in rows], pa.string()),
            "number": pa.array([row[2] for row in rows], pa.int64()),
        }
    )


def _owed(rolled: Rolled) -> pa.Table:
    table = rolled.table("reported")
    areas = pa.array([area for _span, area in rolled.codes.nodes], pa.string())
    parts, whos = pa.array(rolled.inputs.parts, pa.string()), pa.array(list(rolled.codes.whos), pa.string())
    return pa.table(
        {
            "part": parts.take(table["part"].combine_chunks()),
            "area": areas.take(table["node"].combine_chunks()),
            "unit": whos.take(table["unit"].combine_chunks()),
            "expected": table["expected"],
            "given": table["given"],
        }
    )


def _answer(
    line: LineDefinition, parts: Sequence[tuple[int | None, int | None, bool]], expected: int, reported: int
) -> Answer:
    found = [
        Answer(numerator=num, denominator=den if line.is_ratio else None, expected=expected, reported=reported)
        for num, den, _owed in parts
    ]
    ratios = [one.ratio(line, date.min) for one in found]
    shown = found[lowest_part(ratios, [owed for _num, _den, owed in parts])]
    if not shown.ratio(line, date.min).is_known:
        return Answer(numerator=None, denominator=None, expected=expected, reported=reported)
    return shown


# -- standing --------------------------------------------------------------------------------------------------------------
def target_of_country(line: LineDefinition, on: date) -> TargetDefinition | None:
    """Return the target of the country: a share that the plan hands down; a count that a province owes is no country's."""
    general = [target for target in line.targets if target.from_day <= on and not target.level]
    return max(general, key=lambda target: target.from_day) if general and line.is_ratio else None


def standing_to(
    line: LineDefinition, now: Ratio, target: TargetDefinition | None, *, first_day: date, first: Ratio | None = None
) -> Standing | None:
    """
    Return how a number of packets stands to a target, by the rule of the plan: before a deadline by the line from the `first`
    known value on.

    None where packets do not tell: a deadline inside the window is judged by the value of its day; the way to a later one has no
    beginning where no earlier value is known.
    """
    deadline = target.deadline if target else None
    if target and deadline and now.is_known and now.denominator != 0:
        if first_day <= deadline < now.day:
            return None
        if deadline > now.day and first is None and not now.meets(target.value, line.direction):
            return None
    return standing_of(
        now,
        target=target.value if target else None,
        direction=line.direction,
        deadline=deadline,
        first=first,
        at_deadline=now,
        window_first_day=first_day,
    )


def own_cells(content: Content) -> Iterator[Asked]:
    """Yield the cell of each figure of a packet, in the order of the packet."""
    for figure in content.figures:
        yield Asked(line=figure.code, area=figure.cell_area, unit=of_province(content.province, figure.cell_unit))
