"""
Who writes next, where the database is SQLite: one writes at a time there anyway.

SQLite lets a writer who waits sleep and ask again, ever longer; here the next one goes on as soon as the one before is done. The kernel
keeps the order between processes, and a process that is killed holds nothing. Who has the turn takes along what other threads of the
process wait to do: one transaction, and one wait for the disk, for all of them («group commit»).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import connection, transaction

T = TypeVar("T")
MOST_TOGETHER: Final = 100
"""As much work as one turn takes along; others wait meanwhile."""


@dataclass(kw_only=True, eq=False)
class _Waiting:
    """Work that waits for its turn. `results` has its result once it is done; `is_alone`: it was tried with others, which failed."""

    work: Callable[[], Any]
    size: int
    results: list[Any] = field(default_factory=list)
    is_alone: bool = False


_turn = Lock()  # of this process
_waiting: list[_Waiting] = []  # in the order in which they came; changed by single operations of a list alone


def in_turn(work: Callable[[], T], *, size: int) -> T:
    """
    Do work in a transaction and return what it returns once all is on disk.

    On SQLite it may run in another thread, with the work of others. Where one of them raises, nothing of all was done, and each is
    done again in a transaction of its own; so work must not mind being begun twice. `size` is how much it is, of MOST_TOGETHER.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return work()
    mine = _Waiting(work=work, size=size)
    _waiting.append(mine)
    with _turn:
        if not mine.results and not mine.is_alone:
            _do_together(mine)
        if not mine.results:
            with _among_processes(), transaction.atomic():
                mine.results.append(work())
    result: T = mine.results[0]
    return result


def _do_together(mine: _Waiting) -> None:
    """Do the work of who has the turn, and of those who wait, as far as it fits."""
    group, size = [mine], mine.size
    for one in _waiting:
        if one is not mine and size + one.size <= MOST_TOGETHER:
            group.append(one)
            size += one.size
    for one in group:
        _waiting.remove(one)
        one.is_alone = True  # unless all goes well
    try:
        with _among_processes(), transaction.atomic():
            results = [one.work() for one in group]
    except Exception:
        if len(group) == 1:
            raise
        return
    for one, result in zip(group, results, strict=True):
        one.results.append(result)


@contextmanager
def _among_processes() -> Iterator[None]:
    handle = _lock_file(settings.DIEM06_DATA, os.getpid())
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


@lru_cache(maxsize=4)
def _lock_file(folder: Path, _process: int) -> int:
    return os.open(folder / "desk.lock", os.O_RDWR | os.O_CREAT, 0o600)
