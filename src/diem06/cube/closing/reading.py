"""The facts behind a closing, streamed out of the sources in the order of their bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

from diem06.core.roster import FACT_COLUMNS, HISTORY_COLUMNS, as_known, installed_sources
from diem06.cube.closing.canonical import FACT, FACT_FIELDS, encode, text_of
from diem06.cube.closing.sorting import sorted_records
from diem06.cube.facts import BEGINNING
from diem06.plan.model import Plan

_ROWS_AT_ONCE = 5_000
_ORDER = tuple(FACT_COLUMNS.index(name) for name in FACT_FIELDS)


def measures_of(plan: Plan) -> tuple[str, ...]:
    """Return the measures of a plan that facts are recorded of."""
    return tuple(measure.code for measure in plan.measures if not measure.derived)


def sealed_facts(
    *,
    first: date,
    last: date,
    at: datetime,
    measures: Collection[str],
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> AbstractContextManager[Iterator[bytes]]:
    """
    Hand out the bytes of the facts dated from `first` to `last` as they were known at `at`, in their order, a few in memory.

    `told` hears how many have been read, and of how many, while the block is entered.
    """
    return sorted_records(_records(first, last, at, measures, told))


def _records(
    first: date, last: date, at: datetime, measures: Collection[str], told: Callable[[int, int], None]
) -> Iterator[bytes]:
    known = [
        source.facts(first, last).filter(as_known(at), measure__in=measures).order_by()
        for source in installed_sources()
    ]
    total, done = sum(rows.count() for rows in known), 0
    for rows in known:
        for row in rows.values_list(*FACT_COLUMNS).iterator(chunk_size=_ROWS_AT_ONCE):
            if done % _ROWS_AT_ONCE == 0:
                told(done, total)
            yield encode([FACT, *(text_of(row[place]) for place in _ORDER)])
            done += 1


def changed_facts(
    *, last: date, since: datetime, measures: Collection[str], first: date = BEGINNING, until: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """
    Yield the facts dated from `first` to `last` that were recorded or superseded after `since`, by the columns of
    `HISTORY_COLUMNS`: up to now, or up to `until`.

    A fact that came and went in between is none. One that was there at `since` is one that has gone.
    """
    for source in installed_sources():
        known = source.facts(first, last).filter(measure__in=measures).order_by()
        added = known.filter(as_known(until), recorded_at__gt=since)
        gone = known.filter(recorded_at__lte=since, superseded_at__gt=since)
        if until is not None:
            gone = gone.filter(superseded_at__lte=until)
        for rows in (gone, added):
            for row in rows.values_list(*HISTORY_COLUMNS).iterator(chunk_size=_ROWS_AT_ONCE):
                yield dict(zip(HISTORY_COLUMNS, row, strict=True))
