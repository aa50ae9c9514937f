"""
What the lake may answer of a question about facts, and what only the database can.

A month of a source is read from the lake where its counters stand as when it was read: then both say the same. The others, and
whatever the lake cannot give, are left to the database.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from diem06.core.roster import Source
from diem06.cube.engine.request import FACTS
from diem06.cube.lake import manifest as lake
from diem06.cube.lake.extraction import HISTORY, asks
from diem06.cube.lake.manifest import Counter, LakeFile, Manifest, Month, SourceFiles
from diem06.cube.lake.refreshing import keeps_records, moved
from diem06.cube.leaves import leaves_of, month_after, month_of

logger = logging.getLogger(__name__)
ROWS_OF_A_FILE = 40
"""Opening a file takes as long as reading so many rows from the database: the lake is asked where it saves time."""
_ONE_DAY = timedelta(days=1)
Span = tuple[date, date]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which facts of a source: days, the moment at which they were known (None: now), and measures (None: all)."""

    first: date
    last: date
    known_at: datetime | None = None
    measures: Collection[str] | None = None
    kinds: Mapping[str, str] | None = None  # where whole leaves may be compacted, by these kinds of measures


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the lake gives: facts, files of compacted facts with the columns of FACTS, and the days that the database is asked for."""

    facts: pa.Table
    files: tuple[str, ...]
    left: tuple[Span, ...]


def of_lake(
    source: Source,
    question: Question,
    *,
    begins: date,
    state: Manifest,
    counters: Mapping[date, Counter],
    vendor: str,
) -> Answer:
    """
    Return what the lake has of a source at its counters of now. A file that cannot be read is told to the log, and the database asked.

    `begins`: from which day on the facts themselves must be read, which may be long before the question's days.
    """
    from_facts = replace(question, first=begins)
    nothing = Answer(facts=FACTS.empty_table(), files=(), left=((begins, question.last),))
    known = state.sources.get(source.code)
    if known is None or known.asks != asks(source, vendor):
        return nothing
    dirty = {month_of(leaf) for leaf in moved(known.counters, counters)}
    chosen = (keeps_records(source) and _by_balances(known, dirty, question)) or _by_months(known, dirty, from_facts)
    if chosen.saved < ROWS_OF_A_FILE * (len(chosen.exact) + len(chosen.few)):
        return nothing
    try:
        if lost := [file.path for file in (*chosen.exact, *chosen.few) if not lake.is_there(file)]:
            raise FileNotFoundError(f"{len(lost)} files are lost or cut off, the first is {lost[0]}")
        facts = _facts(chosen.exact, from_facts) if chosen.exact else FACTS.empty_table()
    except (OSError, pa.ArrowInvalid):
        logger.exception(
            "The lake cannot be read; the database is asked instead. Say what is wrong by: diem06 lake check"
        )
        return nothing
    files = tuple(str(lake.folder() / file.path) for file in chosen.few)
    return Answer(facts=facts, files=files, left=tuple(_spans(dirty, from_facts)) if chosen.is_left else ())


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """Files of the lake: of facts as they are, and of few rows; how many rows the database need not give; does it give the rest?"""

    exact: Sequence[LakeFile]
    few: Sequence[LakeFile]
    saved: int
    is_left: bool


def _by_months(known: SourceFiles, dirty: Collection[str], question: Question) -> _Chosen:
    """Choose the files of each month that is clean; the others are left to the database."""
    months = {code: month for code, month in known.months.items() if code not in dirty and _touches(code, question)}
    compacted = {code for code, month in months.items() if _is_compacted(code, month, question)}
    exact = [file for code, month in months.items() if code not in compacted for file in _asked(month, question)]
    few = [file for code in compacted for file in (months[code].leaves, months[code].records) if file]
    saved = sum(months[code].rows for code in compacted) + sum(file.rows for file in exact)
    return _Chosen(exact=exact, few=few, saved=saved, is_left=True)


def _by_balances(known: SourceFiles, dirty: Collection[str], question: Question) -> _Chosen | None:
    """
    Choose the files of the question's months alone, where balances tell what records of all months before are worth.

    None where that does not hold: a month until the question's end has changed since, or is not compacted.
    """
    begins, ends = month_of(question.first), month_of(question.last)
    until = {code: month for code, month in known.months.items() if code <= ends}
    if any(code <= ends for code in dirty) or not all(_is_compacted(*each, question) for each in until.items()):
        return None
    asked = [code for code in until if code >= begins]
    # Balances of a month are whole; where the first month has no fact, those of the last one before go on.
    standing = max((code for code in until if code <= begins), default="")
    few = [until[code].leaves for code in asked] + [until[code].balances for code in {standing, *asked} if code]
    saved = sum(month.rows for month in until.values())
    return _Chosen(exact=(), few=[file for file in few if file], saved=saved, is_left=False)


def _touches(month: str, question: Question) -> bool:
    return month_of(question.first) <= month <= month_of(question.last)


def _is_compacted(code: str, month: Month, question: Question) -> bool:
    """May the compacted leaves of a month stand for its facts? Not where the window cuts one, or asks what was known before a change."""
    if question.kinds is None or question.measures is not None:
        return False
    if question.known_at is not None and question.known_at < datetime.fromisoformat(month.settled_at):
        return False
    if any(question.kinds.get(measure, "") != kind for measure, kind in month.kinds.items()):
        return False
    first, second = leaves_of(code)
    cuts = [day for day in (question.first, question.last + _ONE_DAY) if first < day < month_after(first)]
    return all(day == second for day in cuts)


def _asked(month: Month, question: Question) -> Iterable[LakeFile]:
    return (file for file in month.facts if question.measures is None or file.measure in question.measures)


def _facts(files: Iterable[LakeFile], question: Question) -> pa.Table:
    """Read facts out of files as they were known."""
    days = (pc.field("day") >= question.first) & (pc.field("day") <= question.last)
    held = pc.field("superseded_at").is_null()
    if question.known_at is not None:
        at = pa.scalar(question.known_at, type=HISTORY.field("recorded_at").type)
        held = (pc.field("recorded_at") <= at) & (held | (pc.field("superseded_at") > at))
    columns = [name for name in FACTS.names if name != "n"]
    paths = [str(lake.folder() / file.path) for file in files]
    rows = ds.dataset(paths, schema=HISTORY, format="parquet").to_table(columns=columns, filter=days & held)
    return rows.append_column(FACTS.field("n"), pa.repeat(pa.scalar(1, pa.int64()), rows.num_rows)).cast(FACTS)


def _spans(months: Iterable[str], question: Question) -> Iterator[Span]:
    """Yield the days of the question that lie in these months, months in a row as one span."""
    begins = ends = None
    for code in sorted(code for code in months if _touches(code, question)):
        first, _second = leaves_of(code)
        if ends is not None and begins is not None and first > ends:
            yield max(begins, question.first), min(ends - _ONE_DAY, question.last)
            begins = None
        begins, ends = begins or first, month_after(first)
    if begins is not None and ends is not None:
        yield max(begins, question.first), min(ends - _ONE_DAY, question.last)
