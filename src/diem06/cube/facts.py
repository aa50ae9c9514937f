"""Facts for the rollup and for who opens a figure: out of the lake where it says what the database says, else out of the database."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
from django.db import connection
from django.db.models import Q

from diem06.core.roster import FACT_COLUMNS, Source, StockState, as_known
from diem06.cube import queries
from diem06.cube.engine.request import FACTS
from diem06.cube.lake import manifest as lake
from diem06.cube.lake.reading import Question, Span, of_lake

BEGINNING = date(2000, 1, 1)
"""Where sources that carry a state on are read from."""
_ATTEMPTS = 4
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts as a table with the columns of FACTS, and Parquet files with the same columns: the rows of both are the facts."""

    table: pa.Table
    files: tuple[str, ...] = ()


def read_facts(
    sources: Iterable[Source],
    *,
    first: date,
    last: date,
    known_at: datetime | None = None,
    measures: Collection[str] | None = None,
) -> pa.Table:
    """
    Return the facts of `sources` dated from `first` to `last`, as the records stand, or stood at `known_at`, each as it is.

    Of all measures, or of `measures` alone.
    """
    return _read(sources, Question(first=first, last=last, known_at=known_at, measures=measures)).table


def read_leaves(
    sources: Iterable[Source], *, first: date, last: date, known_at: datetime | None = None, kinds: Mapping[str, str]
) -> Facts:
    """
    Return what a rollup of the days from `first` to `last` needs: leaves that lie in them whole may come compacted.

    `kinds` are the kinds of measures by the plan that asks. Files may hold days outside, and are there for ten minutes at least.
    """
    return _read(sources, Question(first=first, last=last, known_at=known_at, kinds=kinds))


def _read(sources: Iterable[Source], question: Question) -> Facts:
    asked = list(sources)

    def read(counters: queries.Counters) -> Facts:
        return _together(asked, question, counters)

    return _steady(read)


_T = TypeVar("_T")


def _steady(read: Callable[[queries.Counters], _T]) -> _T:
    """
    Read while no fact changes: the counters are the same before and after, so the parts are of one state, wherever they come from.

    Where facts change all the time, the last attempt stands, and the next change of a counter has it read again.
    """
    before = queries.counters()
    for _attempt in range(_ATTEMPTS):
        found = read(before)
        after = queries.counters()
        if after == before:
            break
        before = after
    return found


def _together(sources: Iterable[Source], question: Question, counters: queries.Counters) -> Facts:
    state = _state()
    tables: list[pa.Table] = []
    files: list[str] = []
    for source in sources:
        begins = BEGINNING if source.carries or source.stock is StockState.RECORD else question.first
        mine = counters.get(source.code, {})
        answer = of_lake(source, question, begins=begins, state=state, counters=mine, vendor=connection.vendor)
        tables.append(answer.facts)
        files += answer.files
        tables += _of_database(source, question, answer.left)
    return Facts(table=pa.concat_tables([FACTS.empty_table(), *tables]), files=tuple(files))


def _state() -> lake.Manifest:
    try:
        return lake.load()
    except lake.BrokenManifestError:
        return lake.Manifest()  # `diem06 lake check` names it, and the next refresh makes it anew


def _of_database(source: Source, question: Question, spans: Collection[Span]) -> Iterator[pa.Table]:
    """Yield what the database holds, so many rows at once: as Python's objects they take five times the memory."""
    if not spans:
        return
    rows = source.facts(min(first for first, _last in spans), max(last for _first, last in spans))
    rows = rows.filter(as_known(question.known_at))
    if len(spans) > 1:
        rows = rows.filter(reduce(operator.or_, [Q(day__gte=first, day__lte=last) for first, last in spans]))
    if question.measures is not None:
        rows = rows.filter(measure__in=question.measures)
    found = rows.values_list(*FACT_COLUMNS).iterator(chunk_size=_ROWS_AT_ONCE)
    while some := list(islice(found, _ROWS_AT_ONCE)):
        yield _table(some)


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    moment = FACT_COLUMNS.index("recorded_at")
    columns[moment] = [at.astimezone(UTC) for at in columns[moment]]
    columns.append([1] * len(rows))  # each row stands for one fact
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, FACTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FACTS)
