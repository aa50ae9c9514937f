"""What the rollup is asked: plain rows, named as in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pyarrow as pa

FACTS = pa.schema(
    [
        ("measure", pa.string()),
        ("source", pa.string()),
        ("day", pa.date32()),
        ("recorded_at", pa.timestamp("us", tz="UTC")),
        ("area", pa.string()),
        ("area_valid_from", pa.date32()),
        ("unit", pa.string()),
        ("place", pa.string()),
        ("dimensions", pa.string()),
        ("entity", pa.string()),
        ("value", pa.int64()),
        ("record", pa.string()),
        ("n", pa.int64()),
    ]
)
"""A fact as the rollup reads it: `roster.FACT_COLUMNS` and `n`, how many facts the row stands for (1 unless compacted)."""


DECLARED_RANK = 2

ORDER = (0, 1, 2)
"""The ranks in the order in which they count, unless a window says otherwise of a measure."""


class Pairing(StrEnum):
    """
    Which leaves of a ratio count, so that numerator and denominator speak of the same parts when some are missing.

    CELL: those where one unit gave both in one area; UNIT: units that gave both; AREA: areas where both are known, whoever
    gave them; NONE: all.
    """

    CELL = "cell"
    UNIT = "unit"
    AREA = "area"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    code: str
    rank: int  # 0 evidenced, 1 imported, 2 declared
    is_record_stock: bool
    carries: bool


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """`source` holds everything of `measure` in `area` (empty: everywhere) for `unit` (empty: all)."""

    source: str
    measure: str
    area: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class TermRow:
    """One term of one side (`num` or `den`) of a part; `where` is a filter on dimensions."""

    part: str
    side: str
    sign: int
    measure: str
    where: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class ExpectedRow:
    """A cell that a unit owes by declaration; `day` is the day of its fact, and tells the months of a longer window apart."""

    measure: str
    dimensions: str
    area: str
    unit: str
    day: date


@dataclass(frozen=True, kw_only=True)
class Span:
    """
    One window. Areas are those of its last day; `closure` maps each area to itself and its ancestors, `taken_over` the areas of
    earlier facts (by code and first day) to the areas that stand for them.

    `stock_from` is the first day of the window's last period: a snapshot of an earlier day is stale. `groups` are (unit, group).
    `precedence` says, by measure, which rank counts first where several speak of one cell; of measures that it leaves out: ORDER.
    """

    code: str
    first_day: date
    last_day: date
    stock_from: date
    is_period: bool
    closure: tuple[tuple[str, str], ...]
    levels: Mapping[str, str]  # area -> level
    taken_over: tuple[tuple[str, date, str], ...] = ()  # (old code, old first day, code of the window's last day)
    coverage: tuple[CoverageRow, ...] = ()
    expected: tuple[ExpectedRow, ...] = ()
    pairing: Mapping[str, Pairing] = field(default_factory=dict)
    # measure -> levels at which a declared count is owed; () by unit only
    distinct_levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: tuple[tuple[str, str], ...] = ()
    precedence: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def order_of(self, measure: str) -> tuple[int, ...]:
        """Return the ranks in the order in which they count in a measure."""
        return self.precedence.get(measure, ORDER)


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    Facts, what is asked of them, and the windows for which it is asked. `files` are Parquet files with the columns of FACTS.

    `approximate` are distinct measures whose entities are estimated: see `sketch`.
    """

    facts: pa.Table
    files: tuple[str, ...] = ()
    sources: tuple[SourceRow, ...]
    kinds: Mapping[str, str]
    terms: tuple[TermRow, ...]
    root: str
    spans: tuple[Span, ...]
    by_place: bool = False
    approximate: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Side:
    """
    One side of one part in one cell. `value` None: nothing known. `weights` by rank: what share each grade gave.

    `is_approximate`: the value is an estimate, with the error of `sketch.STANDARD_ERROR`.
    """

    value: int | None = None
    weights: tuple[int, int, int] = (0, 0, 0)
    rows: tuple[int, int, int] = (0, 0, 0)
    is_stale: bool = False
    facts: int = 0
    is_approximate: bool = False


@dataclass(frozen=True, kw_only=True)
class Reported:
    """How many of the owed cells of a part one unit has given in one area."""

    expected: int
    given: int


@dataclass(frozen=True, kw_only=True)
class Cells:
    """
    The result: sides by (part, side, area, unit), unit "" for all units; reported by (part, area, unit).

    `beside` by (part, side, area, unit): (source, value) of each source of which something does not count there; the value is
    all that the source says of the cell, so it stands against the side's own.
    """

    sides: dict[tuple[str, str, str, str], Side]
    beside: dict[tuple[str, str, str, str], list[tuple[str, int]]]
    reported: dict[tuple[str, str], dict[str, Reported]]  # (part, area) -> unit -> cells
