"""What the lake holds: which files, read when, at which counters."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings

FORMAT = 3
"""Grows with what files mean: a lake of another format is made anew."""

Counter = tuple[int, int]
"""`changes` and `stamp` of a leaf (see `models.ChangedFacts`)."""


class BrokenManifestError(ValueError):
    """The manifest cannot be read; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class LakeFile:
    """A file of the lake: its path in the folder of the lake, what is in it, and the digest of its bytes."""

    path: str
    rows: int
    bytes: int
    sha256: str
    measure: str = ""  # of a file of facts


@dataclass(frozen=True, kw_only=True)
class Month:
    """
    A source's facts of one month: as they were, and compacted. `read_at` is the clock's time, in ISO.

    `leaves` have no stocks of records: of these, `records` are the last states in each leaf, and `balances` what all records are worth
    at the end of each leaf, those of earlier months too. So balances are written anew when an earlier month changes.

    `kinds` are those by which the month was compacted: where a plan gives a measure another kind since, only its facts are read.
    `settled_at` is when the last of the facts was recorded or superseded, in ISO: who asks what was known at that time, or later, asks
    what holds.
    """

    read_at: str
    settled_at: str
    facts: tuple[LakeFile, ...]
    leaves: LakeFile | None = None
    records: LakeFile | None = None
    balances: LakeFile | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.facts)

    @property
    def files(self) -> tuple[LakeFile, ...]:
        return (*self.facts, *filter(None, (self.leaves, self.records, self.balances)))


@dataclass(frozen=True, kw_only=True)
class SourceFiles:
    """
    Everything of one source: a month that is not named had no fact. `counters` of its leaves are those at which it was read.

    `asks` is the fingerprint of the source's question; a source that asks something else since is read anew.
    """

    asks: str
    counters: Mapping[date, Counter]
    months: Mapping[str, Month]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """
    The state of the lake. `serial` numbers the refreshes that changed something. `retired` are files of earlier states, which
    whoever began to read them may end, with the time (seconds since 1970) from which nobody is offered them.
    """

    serial: int = 0
    sources: Mapping[str, SourceFiles] = field(default_factory=dict)
    retired: Mapping[str, float] = field(default_factory=dict)

    def files(self) -> Iterator[LakeFile]:
        for source in self.sources.values():
            for month in source.months.values():
                yield from month.files

    def named(self) -> set[str]:
        """Return the paths that may not be removed."""
        return {file.path for file in self.files()} | set(self.retired)


PARTS = ("facts", "leaves", "records", "balances")
"""The folders in it."""


def folder() -> Path:
    """Return the folder of the lake. Nothing but the lake lies in it."""
    return Path(settings.DIEM06_DATA) / "lake"


def is_there(file: LakeFile) -> bool:
    """Does a file lie in its place, as long as it was written? Its digest is looked at by `checking` alone."""
    try:
        return (folder() / file.path).stat().st_size == file.bytes
    except OSError:
        return False


def facts_path(*, measure: str, month: str, source: str, serial: int) -> str:
    return f"facts/{_plain(measure)}/{month}/{_plain(source)}-{serial}.parquet"


def compacted_path(*, part: str, month: str, source: str, serial: int) -> str:
    return f"{part}/{month}/{_plain(source)}-{serial}.parquet"


def _plain(code: str) -> str:
    """Return a code as one step of a path, whatever it holds."""
    return quote(code, safe="").replace(".", "%2E")


# -- read and written ------------------------------------------------------------------------------------------------
def load() -> Manifest:
    """
    Return the present state; an empty one where there is no lake, or one of another format.

    Raises BrokenManifestError for a file that is no manifest.
    """
    file = folder() / "manifest.json"
    try:
        about = file.stat()
        return _parsed(str(file), about.st_ino, about.st_mtime_ns)
    except FileNotFoundError:
        return Manifest()


@lru_cache(maxsize=2)
def _parsed(file: str, _inode: int, _changed_at: int) -> Manifest:
    """Parse a manifest, once for each one that was written: it is replaced, never changed."""
    try:
        content = json.loads(Path(file).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return Manifest(serial=content["serial"], retired=dict.fromkeys(_paths_of(content), 0.0))
        sources = {code: _source(row) for code, row in content["sources"].items()}
        return Manifest(serial=content["serial"], sources=sources, retired=content["retired"])
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BrokenManifestError(
            f"{file} is no manifest ({fault!r}). Remove the folder {Path(file).parent} and run: diem06 lake refresh"
        ) from fault


def _paths_of(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths that a manifest of another format names, as far as they can be found."""
    for key, value in content.items():
        if key == "path":
            yield value
        elif isinstance(value, dict):
            yield from _paths_of(value)
        elif isinstance(value, list):
            yield from (path for each in value if isinstance(each, dict) for path in _paths_of(each))


def _source(row: Mapping[str, Any]) -> SourceFiles:
    return SourceFiles(
        asks=row["asks"],
        counters={date.fromisoformat(day): (changes, stamp) for day, (changes, stamp) in row["counters"].items()},
        months={code: _month(month) for code, month in row["months"].items()},
    )


def _month(row: Mapping[str, Any]) -> Month:
    return Month(
        read_at=row["read_at"],
        settled_at=row["settled_at"],
        facts=tuple(LakeFile(**file) for file in row["facts"]),
        **{part: LakeFile(**row[part]) if row[part] else None for part in PARTS[1:]},
        kinds=row["kinds"],
    )


def save(manifest: Manifest) -> None:
    """Put a state in the place of the one before: readers see this one or that one, after a loss of power too."""
    sources = {
        code: {
            "asks": source.asks,
            "counters": {day.isoformat(): list(counter) for day, counter in sorted(source.counters.items())},
            "months": {code: asdict(month) for code, month in sorted(source.months.items())},
        }
        for code, source in sorted(manifest.sources.items())
    }
    content = {"format": FORMAT, "serial": manifest.serial, "sources": sources, "retired": dict(manifest.retired)}
    new = folder() / "manifest.json.new"
    new.write_text(json.dumps(content, ensure_ascii=False, indent=0), encoding="utf-8")
    force(new)
    new.replace(folder() / "manifest.json")
    force(folder())


def force(path: Path) -> None:
    """Wait until the bytes of a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swept(manifest: Manifest, *, now: float, grace: float) -> Manifest:
    """Return the state without the files that retired longer than `grace` seconds ago."""
    return replace(manifest, retired={path: since for path, since in manifest.retired.items() if now - since <= grace})


def strays(manifest: Manifest) -> list[str]:
    """Return the paths that lie in the lake and that the manifest does not name: an interrupted refresh leaves them."""
    named = manifest.named()
    found = (str(file.relative_to(folder())) for part in PARTS for file in (folder() / part).rglob("*.parquet"))
    return sorted(path for path in found if path not in named)


@contextmanager
def alone(*, wait: bool) -> Iterator[bool]:
    """Hold the lake against other refreshes; False where another one is at work and `wait` is not asked. The kernel lets go of it."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
