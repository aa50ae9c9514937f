"""Facts out of the operational database, as one Arrow table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from diem06.core.roster import FACT_COLUMNS, Source, StockState
from diem06.cube.engine.request import FACTS

BEGINNING = date(2000, 1, 1)
"""Where sources that carry a state on are read from."""


def read_facts(
    sources: Iterable[Source],
    *,
    first: date,
    last: date,
    known_at: datetime | None = None,
    measures: Collection[str] | None = None,
) -> pa.Table:
    """
    Return the facts of `sources` dated from `first` to `last`, as the records stand, or stood at `known_at`.

    Of all measures, or of `measures` alone.
    """
    rows: list[tuple[Any, ...]] = []
    for source in sources:
        begins = BEGINNING if source.carries or source.stock is StockState.RECORD else first
        facts = source.facts(begins, last, known_at)
        if measures is not None:
            facts = facts.filter(measure__in=measures)
        rows += facts.values_list(*FACT_COLUMNS)
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in FACT_COLUMNS]
    moment = FACT_COLUMNS.index("recorded_at")
    columns[moment] = [at.astimezone(UTC) for at in columns[moment]]
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, FACTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FACTS)
