"""
The facts behind a figure, however many: which of them count is decided for groups of like facts, and only what is shown is read.

    with Behind(loaded, key) as behind:
        behind.sums()                       # of each side: they are the figure
        behind.rows(Choice(source="declared"), offset=100, limit=100)

`tests/by_row.py` says the same row by row, in Python; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from diem06.core.plans.queries import Loaded
from diem06.core.roster import StockState
from diem06.cube.board import Board, Line, parts_of, terms_of
from diem06.cube.engine.rollup import DECLARED_RANK, matches
from diem06.cube.engine.runner import areas_in
from diem06.cube.facts import read_facts
from diem06.cube.figures import figure_at
from diem06.cube.trace import Counted, Side, Tracing

SORTS = ("unit", "area", "side", "measure", "value", "day", "recorded", "source")
_SHOWN = ("measure", "source", "day", "recorded_at", "area", "unit", "place", "dimensions", "value", "record", "n")


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """A fact behind a figure, with the record that it leads back to."""

    part: int  # of a reading in parts; 0 for others
    side: str  # num | den
    sign: int
    measure: str
    source: str
    day: date
    recorded_at: datetime
    area: str
    unit: str
    place: str
    dimensions: str
    value: int
    record: str
    n: int = 1  # how many facts it stands for: a packet has sums

    @property
    def amount(self) -> int:
        """The value as it counts: taken away where the formula does so."""
        return self.sign * self.value


@dataclass(frozen=True, kw_only=True)
class SideSum:
    """One side of one part: how many facts, and what they come to; a side that counts named entities counts each once."""

    part: int
    side: str  # num | den
    facts: int
    total: int | None  # None: no fact
    is_distinct: bool = False

    @property
    def value(self) -> Decimal | None:
        return None if self.total is None else Decimal(self.total)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    Which of the facts, in which order; empty: all. `areas`: one of these areas. `groups`: of one of these groups.

    `sort` is one of SORTS, with «-» in front for descending; ties keep the order of units, areas and sides.
    """

    unit: str | None = None
    areas: frozenset[str] | None = None
    side: str = ""
    part: int | None = None
    source: str = ""
    groups: frozenset[int] | None = None
    sort: str = "unit"
    is_said: bool = False  # all that the sources say which stand beside the figure, whether it counts or not


@dataclass(frozen=True, kw_only=True)
class Group:
    """Facts that are alike to the rules: they count together or not at all."""

    id: int
    measure: str
    source: str
    area: str
    unit: str
    dimensions: str
    place: str


class GroupedFacts:
    """
    The facts that can count in one line, in groups; `moved` brings areas to those of the last day. Holds an engine: close it.

    For figures of several areas and units of the line, read once. `given` has the columns of `engine.request.FACTS`.
    """

    def __init__(self, tracing: Tracing, given: pa.Table, moved: pa.Table) -> None:
        self.tracing = tracing
        self._engine = duckdb.connect(":memory:", config={"threads": 2})
        self._read(given, moved)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._engine.close()

    def _read(self, given: pa.Table, moved: pa.Table) -> None:
        tracing, engine = self.tracing, self._engine
        engine.register("given", given)
        engine.register("moved", moved)
        engine.register("kind", _table(measure=list(tracing.kinds), kind=[k.value for k in tracing.kinds.values()]))
        sources = list(tracing.sources.values())
        engine.register(
            "source",
            _table(
                code=[source.code for source in sources],
                is_record=[source.stock is StockState.RECORD for source in sources],
                carries=[source.carries for source in sources],
                is_declared=[tracing.ranks[source.code] == DECLARED_RANK for source in sources],
            ),
        )
        days = {"first": tracing.first_day, "last": tracing.last_day, "stock_from": tracing.stock_from}
        engine.execute(_VALID, days)
        engine.execute(_GROUPS)
        engine.execute(_NUMBERED)

    @cached_property
    def groups(self) -> Mapping[int, Group]:
        rows = self._rows("SELECT id, measure, source, area, unit, dimensions, place FROM fact_group ORDER BY id")
        return {row["id"]: Group(**row) for row in rows}

    @cached_property
    def _likes(self) -> list[dict[str, Any]]:
        """Each group as one row that the rules read."""
        rows = self._rows("SELECT * FROM fact_group ORDER BY id")
        for row in rows:
            row["entity"] = "somebody" if row["is_named"] else ""
        return rows

    def _rows(self, select: str, values: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._engine.sql(select, params=dict(values or {})).to_arrow_table().to_pylist()
        return found

    def counted(self, *, area: str, unit: str) -> list[Counted]:
        """Return the groups that count in the cell (area, unit) of the board; what lies elsewhere has no say in it."""
        return self.tracing.counted(self._inside(area), area=area, unit=unit)

    def _inside(self, area: str) -> list[dict[str, Any]]:
        codes = (area, *(node.code for node in self.tracing.tree.descendants(area)))
        return [row for code in codes for row in self._by_area.get(code, ())]

    @cached_property
    def _by_area(self) -> Mapping[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._likes:
            found[row["area"]].append(row)
        return found

    def said(self, *, area: str, unit: str, sources: Collection[str]) -> list[Counted]:
        """Return the groups of these sources that speak of the cell, whether they count or not."""
        rows = self._inside(area)
        return [
            Counted(part=side.part, side=side.side, sign=term.sign, row=row)
            for side in self.tracing.sides
            for term in side.terms
            for row in rows
            if row["measure"] == term.measure
            and row["source"] in sources
            and unit in ("", row["unit"])
            and matches(row["dimensions"], term.where)
        ]

    # -- one figure ------------------------------------------------------------------------------------------------------
    def choose(self, name: str, counted: list[Counted]) -> None:
        """Keep the facts of these groups as the list `name`: `listed` or `said`."""
        chosen = _table(
            grp=[each.row["id"] for each in counted],
            part=[each.part for each in counted],
            side=[each.side for each in counted],
            sign=[each.sign for each in counted],
        ).cast(_CHOSEN)
        self._engine.register(f"chosen_{name}", chosen)
        self._engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT f.*, c.part, c.side, c.sign "  # noqa: S608  two names
            f"FROM fact f JOIN chosen_{name} c ON c.grp = f.grp"
        )

    def listed(self, name: str) -> Iterator[Group]:
        for row in self._rows(f"SELECT DISTINCT grp FROM chosen_{name} ORDER BY grp"):  # noqa: S608  a name
            yield self.groups[row["grp"]]

    def sums(self, name: str, choice: Choice) -> list[SideSum]:
        where, values = self._where(choice)
        select = f"""
            SELECT part, side, COUNT(*) AS facts, COUNT(DISTINCT CASE WHEN entity <> '' THEN entity END) AS entities,
                CAST(SUM(sign * value) AS BIGINT) AS total
            FROM {name} f WHERE {where} GROUP BY part, side
        """  # noqa: S608  names and conditions of this module
        rows = {(row["part"], row["side"]): row for row in self._rows(select, values)}
        found = []
        for side in self.tracing.sides:
            row = rows.get((side.part, side.side))
            is_distinct = bool(row and row["entities"])
            total = None if row is None else row["entities"] if is_distinct else row["total"]
            found.append(
                SideSum(
                    part=side.part,
                    side=side.side,
                    facts=row["facts"] if row else 0,
                    total=total,
                    is_distinct=is_distinct,
                )
            )
        return found

    def page(
        self, name: str, choice: Choice, *, orders: Mapping[str, Sequence[str]], offset: int, limit: int
    ) -> list[FactRow]:
        where, values = self._where(choice)
        by = _BY[choice.sort.removeprefix("-")]
        order = f"{by} {'DESC' if choice.sort.startswith('-') else 'ASC'} NULLS LAST, {_TIES}"
        for column in _ORDERED:
            codes = list(orders.get(column, ()))
            places = {"code": pa.array(codes, pa.string()), "place": pa.array(range(len(codes)), pa.int64())}
            self._engine.register(f"{column}_order", pa.table(places))
        shown = ", ".join(f"f.{each}" for each in _SHOWN)
        joins = " ".join(f"LEFT JOIN {column}_order o_{column} ON o_{column}.code = f.{column}" for column in _ORDERED)
        select = f"""
            SELECT f.part, f.side, f.sign, {shown}
            FROM {name} f {joins}
            WHERE {where} ORDER BY {order} LIMIT $limit OFFSET $offset
        """  # noqa: S608  names and conditions of this module
        return [FactRow(**row) for row in self._rows(select, {**values, "limit": limit, "offset": offset})]

    def _where(self, choice: Choice) -> tuple[str, dict[str, object]]:
        tests, values = ["TRUE"], dict[str, object]()
        for column, wanted in (
            ("side", choice.side or None),
            ("part", choice.part),
            ("source", choice.source or None),
            ("unit", choice.unit),
        ):
            if wanted is not None:
                tests.append(f"f.{column} = ${column}")
                values[column] = wanted
        for column, among in (("area", choice.areas), ("grp", choice.groups)):
            if among is not None:
                tests.append(f"list_contains(${column}s, f.{column})")
                values[f"{column}s"] = sorted(among) or [None]
        return " AND ".join(tests), values


class LineFacts(GroupedFacts):
    """The facts of a line in the window of a board, out of the lake and the database."""

    def __init__(self, here: Board, line: Line) -> None:
        self.board = here
        self.line = line
        sides = tuple(
            Side(part=number, side=side, terms=terms_of(here.plan, formula))
            for number, part in enumerate(parts_of(line))
            for side, formula in (("num", part.numerator), ("den", part.denominator))
            if formula
        )
        tracing: Tracing = here.tracing(line, sides)
        given = read_facts(
            tracing.sources.values(),
            first=here.window.first_day,
            last=here.window.last_day,
            known_at=here.known_at,
            measures=tuple(tracing.kinds),
        )
        super().__init__(tracing, given, moved_of(here.taken_over(areas_in(given, ()))))


class Behind:
    """
    One figure, how it is computed, and the facts behind it, which are read on entering. Raises FigureKeyError.

        behind = Behind(loaded, key)
        ...                 # may this person see behind.figure?
        with behind: ...
    """

    def __init__(self, loaded: Loaded, key: str) -> None:
        self.figure, self.board, self.is_current = figure_at(loaded, key)
        self.line: Line = self.board.lines[self.figure.code]
        self.formulas = tuple((part.numerator, part.denominator) for part in parts_of(self.line))
        self._facts: LineFacts | None = None

    @property
    def facts(self) -> LineFacts:
        assert self._facts is not None, "the facts are read on entering"
        return self._facts

    def __enter__(self) -> Self:
        figure = self.figure
        area, unit = self.board.cell_of(self.line, figure.area.code if figure.area else "", figure.unit or "")
        self._facts = facts = LineFacts(self.board, self.line)
        facts.choose("listed", facts.counted(area=area, unit=unit))
        beside = figure.sources_beside
        facts.choose("said", facts.said(area=area, unit=unit, sources=beside) if beside else [])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.facts.close()

    def groups(self, *, is_said: bool = False) -> Iterator[Group]:
        """Yield the groups of the list: what can be asked for in a choice."""
        name = _list(is_said=is_said)
        yield from self.facts.listed(name)

    def sums(self, choice: Choice | None = None) -> list[SideSum]:
        """Return what the facts of a choice come to, by part and side; without one they are the figure's own sides."""
        choice = choice or Choice()
        return self.facts.sums(_list(is_said=choice.is_said), choice)

    def rows(
        self, choice: Choice, *, orders: Mapping[str, Sequence[str]] | None = None, offset: int = 0, limit: int
    ) -> list[FactRow]:
        """
        Return the facts of a choice from `offset` on.

        `orders`: codes of `unit`, `area`, `measure` and `source` in the order in which a list has them, where that is not by code.
        """
        in_order = {"unit": list(self.board.units), **(orders or {})}
        return self.facts.page(_list(is_said=choice.is_said), choice, orders=in_order, offset=offset, limit=limit)


def _list(*, is_said: bool) -> str:
    return "said" if is_said else "listed"


def moved_of(rows: Sequence[tuple[str, date, str]] = ()) -> pa.Table:
    """Return (area, its first day, the area that stands for it) as a table; none: no area moved."""
    kinds = (pa.string(), pa.date32(), pa.string())
    columns = [pa.array([row[n] for row in rows], type=kind) for n, kind in enumerate(kinds)]
    return pa.table(columns, names=["area", "valid_from", "area_now"])


def _table(**columns: list[Any]) -> pa.Table:
    return pa.table(columns)


_CHOSEN = pa.schema([("grp", pa.int64()), ("part", pa.int64()), ("side", pa.string()), ("sign", pa.int64())])
_VALID = """
    CREATE TEMP TABLE valid AS
    WITH known AS (
        SELECT g.* REPLACE (COALESCE(m.area_now, g.area) AS area), k.kind, s.is_record, s.carries, s.is_declared
        FROM given g JOIN kind k ON k.measure = g.measure JOIN source s ON s.code = g.source
        LEFT JOIN moved m ON m.area = g.area AND m.valid_from = g.area_valid_from
        WHERE g.day <= $last AND (k.kind = 'stock' OR g.day >= $first)
            AND NOT (k.kind = 'stock' AND s.is_declared AND g.day <> $last)
    )
    SELECT * FROM known WHERE kind <> 'stock'
    UNION ALL
    SELECT * FROM known WHERE kind = 'stock' AND is_record
    QUALIFY ROW_NUMBER() OVER (PARTITION BY measure, source, record ORDER BY day DESC, recorded_at DESC) = 1
    UNION ALL
    SELECT * FROM known WHERE kind = 'stock' AND NOT is_record AND (carries OR day >= $stock_from)
    QUALIFY day = MAX(day) OVER (PARTITION BY measure, source, area, unit, dimensions, place)
"""
# A distinct count that a unit declared counts on its own day alone: such facts are alike only on the same day.
_LIKE = """
    measure, source, area, unit, dimensions, place, entity <> '' AS is_named,
    CASE WHEN kind = 'distinct' AND entity = '' THEN day END AS day
"""
_GROUPS = f"""
    CREATE TEMP TABLE fact_group AS
    SELECT ROW_NUMBER() OVER (ORDER BY measure, source, area, unit, dimensions, place, is_named, day) AS id, *
    FROM (SELECT {_LIKE}, COUNT(*) AS facts, CAST(SUM(value) AS BIGINT) AS total FROM valid GROUP BY ALL)
"""  # noqa: S608  constants
_NUMBERED = """
    CREATE TEMP TABLE fact AS
    SELECT v.*, g.id AS grp
    FROM valid v JOIN fact_group g
        ON g.measure = v.measure AND g.source = v.source AND g.area = v.area AND g.unit = v.unit
        AND g.dimensions = v.dimensions AND g.place = v.place AND g.is_named = (v.entity <> '')
        AND g.day IS NOT DISTINCT FROM CASE WHEN v.kind = 'distinct' AND v.entity = '' THEN v.day END
"""
_ORDERED = ("unit", "area", "measure", "source")
_TIES = "o_unit.place NULLS LAST, f.unit, f.part, f.side DESC, f.area, f.dimensions, f.day, f.record, f.measure, f.source, f.place"
_BY = {
    "unit": "o_unit.place",
    "area": "o_area.place",
    "side": "CASE f.side WHEN 'num' THEN 0 ELSE 1 END + 2 * f.part",
    "measure": "o_measure.place",
    "value": "f.sign * f.value",
    "day": "f.day",
    "recorded": "f.recorded_at",
    "source": "o_source.place",
}
