"""What the operator is told of the lake: how it stands month by month, and whether it is what it says."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from diem06.core.roster import Source, installed_sources
from diem06.cube.engine.request import FACTS
from diem06.cube.lake import manifest as lake
from diem06.cube.lake.extraction import HISTORY, Snapshot, asks, snapshot
from diem06.cube.lake.manifest import LakeFile, Manifest
from diem06.cube.lake.refreshing import moved
from diem06.cube.leaves import month_of


@dataclass(frozen=True, kw_only=True)
class Line:
    """One month of a measure from one source. `is_clean`: it says what the database says; measure empty: not in the lake yet."""

    measure: str
    month: str
    source: str
    rows: int
    bytes: int
    read_at: str
    is_clean: bool


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at; without faults it holds."""

    name: str
    words: str
    faults: tuple[str, ...]


def status() -> list[Line]:
    """Return how the lake stands, by measure and month. Raises BrokenManifestError."""
    state = lake.load()
    with snapshot() as database:
        dirty = _dirty(state, database)
    return sorted(_lines(state, dirty), key=lambda line: (line.measure, line.month, line.source))


def _lines(state: Manifest, dirty: Mapping[str, set[str]]) -> Iterator[Line]:
    for code, source in state.sources.items():
        for month, files in source.months.items():
            for file in files.facts:
                yield Line(
                    measure=file.measure,
                    month=month,
                    source=code,
                    rows=file.rows,
                    bytes=file.bytes,
                    read_at=files.read_at,
                    is_clean=month not in dirty[code],
                )
    for code, months in dirty.items():
        for month in months - set(state.sources[code].months if code in state.sources else ()):
            yield Line(measure="", month=month, source=code, rows=0, bytes=0, read_at="", is_clean=False)


def _dirty(state: Manifest, database: Snapshot) -> dict[str, set[str]]:
    """Return the months of each source that the lake does not hold as they are."""
    counters = database.counters()
    found: dict[str, set[str]] = {code: set() for code in state.sources}
    for source in installed_sources():
        known = state.sources.get(source.code)
        if known is None or known.asks != asks(source, database.vendor):
            found[source.code] = {month_of(day) for day in database.days(source.facts)}
        else:
            found[source.code] = {month_of(leaf) for leaf in moved(known.counters, counters.get(source.code, {}))}
    return found


# -- checks ----------------------------------------------------------------------------------------------------------
def checks() -> list[Check]:
    """Look at every file, and count what the lake holds against the database. Raises BrokenManifestError."""
    with lake.alone(wait=True):  # no refresh replaces a file while it is looked at
        state = lake.load()
        return [_digests(state), _shapes(state), _counts(state), _strays(state)]


def _digests(state: Manifest) -> Check:
    faults, count = [], 0
    for file in state.files():
        count += 1
        try:
            content = (lake.folder() / file.path).read_bytes()
        except OSError as fault:
            faults.append(f"{file.path}: {fault.strerror}")
            continue
        if hashlib.sha256(content).hexdigest() != file.sha256:
            faults.append(f"{file.path}: its bytes are not those that were written")
    return Check(name="digests", words=f"{count} files, each with its sha256", faults=tuple(faults))


def _shapes(state: Manifest) -> Check:
    faults = []
    for file in state.files():
        try:
            found = pq.read_metadata(lake.folder() / file.path)
        except (OSError, pa.ArrowInvalid) as fault:
            faults.append(f"{file.path}: {str(fault).splitlines()[0]}")
            continue
        if wrong := _wrong_shape(file, found):
            faults.append(f"{file.path}: {wrong}")
    return Check(
        name="columns", words="each file has the columns of a fact and its number of rows", faults=tuple(faults)
    )


def _wrong_shape(file: LakeFile, found: pq.FileMetaData) -> str:
    wanted = HISTORY if file.measure else FACTS
    if found.schema.to_arrow_schema().remove_metadata() != wanted:
        return "its columns are not those of a fact"
    if found.num_rows != file.rows:
        return f"{found.num_rows} rows where the manifest says {file.rows}"
    return ""


def _counts(state: Manifest) -> Check:
    """Count the rows of each month that is clean, by measure, in the database."""
    faults, months = [], 0
    with snapshot() as database:
        dirty = _dirty(state, database)
        for source in installed_sources():
            if source.code not in state.sources:
                continue
            in_lake = Counter(
                {
                    (file.measure, month): file.rows
                    for month, files in state.sources[source.code].months.items()
                    for file in files.facts
                }
            )
            in_database = _counted(database, source)
            months += len({month for _measure, month in in_lake})
            for measure, month in sorted({*in_lake, *in_database}):
                held, there = in_lake[measure, month], in_database[measure, month]
                if month not in dirty[source.code] and held != there:
                    faults.append(f"{source.code} {measure} {month}: {held} rows in the lake, {there} in the database")
    return Check(
        name="counts", words=f"{months} months of sources, as many rows as in the database", faults=tuple(faults)
    )


def _counted(database: Snapshot, source: Source) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for measure, day, count in database.counts(source.facts):
        found[measure, month_of(day)] += count
    return found


def _strays(state: Manifest) -> Check:
    """Files that nothing names do no harm: a refresh that was cut off leaves them, and the next one removes them."""
    left = len(lake.strays(state))
    words = f"{left} files of a refresh that was cut off, removed by the next one" if left else "nothing is left over"
    return Check(name="leftovers", words=words, faults=())
