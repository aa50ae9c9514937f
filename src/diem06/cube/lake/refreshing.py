"""
Bringing the lake up to the database: the months of a source whose counter moved are read and written anew, the others stay, but for
the balances of records, which a fact changes from its month on.

First away with what no manifest names; then new files, forced to the disk; then the manifest, in one step. Killed anywhere, the
state before or the state after is there.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.core.roster import Grade, Source, StockState, installed_sources
from diem06.cube import queries
from diem06.cube.engine.balance import balances
from diem06.cube.engine.compact import compact
from diem06.cube.engine.request import FACTS, SourceRow
from diem06.cube.engine.runner import in_files
from diem06.cube.lake import manifest as lake
from diem06.cube.lake.extraction import HISTORY, Snapshot, asks, snapshot
from diem06.cube.lake.manifest import Counter, LakeFile, Manifest, Month, SourceFiles
from diem06.cube.leaves import leaves_of, month_after, month_of

GRACE_SECONDS = 600
"""A file that was replaced stays so long for whoever is reading it."""
_SHOWN_MONTHS = 6
_MOMENTS = ("recorded_at", "superseded_at")
_HELD = tuple(name for name in HISTORY.names if name != "superseded_at")
_ROWS_AT_ONCE = 100_000
"""Rows of a month held in memory at once: some 25 MB."""


class RefreshingError(RuntimeError):
    """Another refresh is at work."""


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What a refresh did: the months of each source that were written anew, and the rows and bytes of them."""

    months: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()  # sources that are no longer installed
    rows: int = 0
    bytes: int = 0

    def __bool__(self) -> bool:
        return bool(self.months or self.gone)

    def lines(self) -> Iterator[str]:
        """Yield a line for each source that had something new, and one for all."""
        for code, months in self.months.items():
            if months:
                yield f"lake: {code}: {len(months)} months written anew: {_shown(months)}"
        for code in self.gone:
            yield f"lake: {code}: no longer a source, its files are let go"
        if any(self.months.values()):
            yield f"lake: {self.rows} rows, {self.bytes} bytes"


def refresh(*, at: datetime, everything: bool = False, wait: bool = True) -> Rewritten:
    """
    Bring the lake up to the database as it is now: all of it with `everything`, else what changed since it was read.

    `at` is noted as the time of reading. Raises RefreshingError where another refresh is at work and `wait` is not asked.
    """
    with lake.alone(wait=wait) as is_alone:
        if not is_alone:
            raise RefreshingError("Another refresh of the lake is at work.")
        try:
            before = lake.swept(lake.load(), now=time.time(), grace=GRACE_SECONDS)
        except lake.BrokenManifestError:
            before = Manifest(serial=time.time_ns())  # nobody can say which numbers it had given
            everything = True
        _sweep(before)
        if not everything and _is_current(before):
            return Rewritten()
        now, done = _Refresh(before, at=at, everything=everything).run()
        if done:
            lake.save(now)
        return done


def _is_current(state: Manifest) -> bool:
    """Does the lake say what the database says? A cheap question, for most refreshes find that nothing has changed."""
    counters, kinds = queries.counters(), _kinds()
    sources = {source.code: source for source in installed_sources()}
    return sources.keys() == state.sources.keys() and not any(
        known.asks != asks(sources[code], connection.vendor)
        or moved(known.counters, counters.get(code, {}))
        or any(_is_out_of_date(month, kinds) for month in known.months.values())
        for code, known in state.sources.items()
    )


def _is_out_of_date(month: Month, kinds: Mapping[str, str]) -> bool:
    """Were its leaves compacted by other kinds of measures, or is a file of it lost or cut off?"""
    is_otherwise = any(kinds.get(measure, "") != kind for measure, kind in month.kinds.items())
    return is_otherwise or not all(map(lake.is_there, month.files))


class _Refresh:
    """One refresh, on the way from one state to the next."""

    def __init__(self, before: Manifest, *, at: datetime, everything: bool) -> None:
        self.before, self.at, self.everything = before, at, everything
        self.serial = before.serial + 1
        self.kinds = _kinds()
        self.written: list[Path] = []
        self.touched: set[Path] = set()

    def run(self) -> tuple[Manifest, Rewritten]:
        sources = {source.code: source for source in installed_sources()}
        now: dict[str, SourceFiles] = {}
        months: dict[str, tuple[str, ...]] = {}
        with snapshot() as database, duckdb.connect(":memory:", config={"threads": 2}) as engine:
            counters = database.counters()
            for code, source in sources.items():
                known = self.before.sources.get(code)
                now[code], months[code] = self._source(database, engine, source, known, counters.get(code, {}))
        # All are written, then all are forced to the disk, their folders last: faster than one by one.
        for path in (*self.written, *sorted(self.touched, key=lambda path: len(path.parts), reverse=True)):
            lake.force(path)
        gone = tuple(sorted(set(self.before.sources) - set(sources)))
        written = [
            now[code].months[month] for code, each in months.items() for month in each if month in now[code].months
        ]
        after = Manifest(serial=self.serial, sources=now)
        replaced = {file.path for file in self.before.files()} - {file.path for file in after.files()}
        after = replace(after, retired={**dict.fromkeys(sorted(replaced), time.time()), **self.before.retired})
        done = Rewritten(
            months={code: each for code, each in months.items() if each or code not in self.before.sources},
            gone=gone,
            rows=sum(month.rows for month in written),
            bytes=sum(file.bytes for month in written for file in month.files),
        )
        return after, done

    def _source(
        self,
        database: Snapshot,
        engine: duckdb.DuckDBPyConnection,
        source: Source,
        known: SourceFiles | None,
        counters: Mapping[date, Counter],
    ) -> tuple[SourceFiles, tuple[str, ...]]:
        """Return the state of a source now, and the months that were written anew for it."""
        asked = asks(source, database.vendor)
        if known is None or self.everything or known.asks != asked:
            changed = {month_of(day) for day in database.days(source.facts)} | set(known.months if known else ())
            kept: Mapping[str, Month] = {}
        else:
            changed = {month_of(leaf) for leaf in moved(known.counters, counters)}
            changed |= {code for code, month in known.months.items() if _is_out_of_date(month, self.kinds)}
            kept = {code: month for code, month in known.months.items() if code not in changed}
        written = {code: self._month(database, engine, source, code) for code in sorted(changed)}
        months = {**kept, **{code: month for code, month in written.items() if month.facts}}
        if changed and keeps_records(source):
            months |= self._balanced(engine, source, months, since=min(changed))
        return SourceFiles(asks=asked, counters=dict(counters), months=months), tuple(sorted(changed))

    def _month(self, database: Snapshot, engine: duckdb.DuckDBPyConnection, source: Source, month: str) -> Month:
        first, _second = leaves_of(month)
        last = month_after(first) - timedelta(days=1)
        writing: dict[str, _Writing] = {}
        settled_at, whole = datetime.min.replace(tzinfo=UTC), HISTORY.empty_table()
        for table in _gathered(database.history(source.facts, first, last)):
            settled_at = max(settled_at, *(moment for name in _MOMENTS if (moment := pc.max(table[name]).as_py())))
            for measure, rows in _by_measure(table):
                if measure not in writing:
                    path = lake.facts_path(measure=measure, month=month, source=source.code, serial=self.serial)
                    writing[measure] = self._begin(path, HISTORY, measure)
                writing[measure].write(rows)
            whole = table
        facts = tuple(writing[measure].end() for measure in sorted(writing))
        rows_in_all = sum(file.rows for file in facts)
        # A month that came in one piece is compacted as it lies in memory, a larger one out of its files.
        if whole.num_rows == rows_in_all:
            engine.register("history", whole)
            relation = "history"
        else:
            relation = in_files(str(lake.folder() / file.path) for file in facts)
        kinds = {file.measure: self.kinds.get(file.measure, "") for file in facts}
        stocks = [code for code, kind in kinds.items() if kind == "stock" and keeps_records(source)]
        return Month(
            read_at=self.at.isoformat(),
            settled_at=settled_at.isoformat(),
            facts=facts,
            leaves=self._compacted(engine, source, month, "leaves", relation, sorted(kinds.keys() - stocks)),
            records=self._compacted(engine, source, month, "records", relation, stocks),
            kinds=kinds,
        )

    def _compacted(
        self,
        engine: duckdb.DuckDBPyConnection,
        source: Source,
        month: str,
        part: str,
        history: str,
        measures: Collection[str],
    ) -> LakeFile | None:
        """Write what holds of some measures, compacted; None where nothing holds."""
        if not measures:
            return None
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in measures)
        held = f"(SELECT {', '.join(_HELD)} FROM {history} WHERE superseded_at IS NULL AND measure IN ({listed}))"  # noqa: S608  our own columns, paths and codes
        return self._write(engine, source, month, part, compact(engine, held, [source_row(source)], self.kinds))

    def _balanced(
        self, engine: duckdb.DuckDBPyConnection, source: Source, months: Mapping[str, Month], *, since: str
    ) -> dict[str, Month]:
        """Return the months from `since` on with their balances, written anew."""
        later = sorted(code for code in months if code >= since)
        if not later:
            return {}
        earlier = sorted(code for code in months if code < since)
        changed = _relation(months[code].records for code in later)
        past = _relation(months[code].records for code in earlier)
        before = _relation(months[code].balances for code in earlier[-1:])
        engine.register("no_fact", FACTS.empty_table())
        engine.execute(f"CREATE OR REPLACE TEMP TABLE balance AS {balances(later, changed, past, before)}")
        columns = ", ".join(FACTS.names)
        return {
            code: replace(
                months[code],
                balances=self._write(
                    engine, source, code, "balances", f"SELECT {columns} FROM balance WHERE month = '{code}'"  # noqa: S608  our own columns
                ),
            )
            for code in later
        }  # fmt: skip

    def _write(
        self, engine: duckdb.DuckDBPyConnection, source: Source, month: str, part: str, select: str
    ) -> LakeFile | None:
        """Write rows to a file of a part of the lake; None where there is none."""
        writing: _Writing | None = None
        for batch in engine.sql(select).to_arrow_reader(_ROWS_AT_ONCE):
            if batch.num_rows:
                path = lake.compacted_path(part=part, month=month, source=source.code, serial=self.serial)
                writing = writing or self._begin(path, FACTS)
                writing.write(pa.Table.from_batches([batch]).cast(FACTS))
        return writing.end() if writing else None

    def _begin(self, path: str, schema: pa.Schema, measure: str = "") -> _Writing:
        file = lake.folder() / path
        # A folder that stands is on the disk already: what an interrupted refresh left was swept away.
        is_new = (above for above in file.parents if not above.exists())
        self.touched |= {file.parent, *(above.parent for above in is_new)}
        file.parent.mkdir(parents=True, exist_ok=True)
        self.written.append(file)
        return _Writing(path, schema, measure)


def _relation(files: Iterable[LakeFile | None]) -> str:
    """Return what may stand after FROM for files of the lake that may be."""
    paths = [str(lake.folder() / file.path) for file in files if file]
    return in_files(paths) if paths else "no_fact"


class _Writing:
    """A file of the lake while it is written."""

    def __init__(self, path: str, schema: pa.Schema, measure: str) -> None:
        self.path, self.measure, self.rows = path, measure, 0
        self.file = lake.folder() / path
        self.writer = pq.ParquetWriter(self.file, schema, compression="zstd")

    def write(self, rows: pa.Table) -> None:
        self.writer.write_table(rows)
        self.rows += rows.num_rows

    def end(self) -> LakeFile:
        self.writer.close()
        with self.file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        size = self.file.stat().st_size
        return LakeFile(path=self.path, rows=self.rows, bytes=size, sha256=digest, measure=self.measure)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the batches as tables of some size: a month need not lie in memory whole, and its files have few row groups."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= _ROWS_AT_ONCE:
            yield pa.Table.from_batches(held)
            held = []
    if any(batch.num_rows for batch in held):
        yield pa.Table.from_batches(held)


def moved(before: Mapping[date, Counter], now: Mapping[date, Counter]) -> set[date]:
    """Return the leaves whose counters are not the same."""
    return {leaf for leaf in {*before, *now} if before.get(leaf) != now.get(leaf)}


def keeps_records(source: Source) -> bool:
    """Are its stocks states of records, that add up to balances? What is declared counts on its day alone."""
    return source.stock is StockState.RECORD and source.grade is not Grade.DECLARED


def source_row(source: Source) -> SourceRow:
    """Return a source as the engine knows it."""
    return SourceRow(
        code=source.code,
        rank=list(Grade).index(source.grade),
        is_record_stock=source.stock is StockState.RECORD,
        carries=source.carries,
    )


def _shown(months: Sequence[str]) -> str:
    return ", ".join(months) if len(months) <= _SHOWN_MONTHS else f"{months[0]} to {months[-1]}"


def _kinds() -> dict[str, str]:
    """Return the kinds of measures by the plan in use; without one nothing is compacted."""
    try:
        return {measure.code: measure.kind.value for measure in loaded_plan().plan.measures if not measure.derived}
    except NoPlanError:
        return {}


def _by_measure(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    measures: Collection[str] = table["measure"].unique().to_pylist()
    for measure in sorted(measures):
        yield measure, table if len(measures) == 1 else table.filter(pc.equal(table["measure"], measure))


def _sweep(manifest: Manifest) -> None:
    """Remove what the manifest does not name."""
    kept = manifest.named()
    for part in lake.PARTS:
        for directory, _folders, files in os.walk(lake.folder() / part, topdown=False):
            here = Path(directory)
            for name in files:
                if str((here / name).relative_to(lake.folder())) not in kept:
                    (here / name).unlink(missing_ok=True)
            if not any(here.iterdir()):
                here.rmdir()
