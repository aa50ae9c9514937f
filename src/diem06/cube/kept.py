"""What a process keeps of its last answers, the longest unasked given up first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Event, Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """
    At most `most` answers by key. The key holds all that an answer depends on, so that none is ever stale.

    Of those who ask at once for what is not there, one builds it and the others wait for it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._building: dict[Hashable, Event] = {}
        self._lock = Lock()

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is kept under `key`, else what `build` returns, which is kept from then on. What fails is not kept."""
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                is_built = self._building.get(key)
                if is_built is None:
                    is_built = self._building[key] = Event()
                    break
            is_built.wait()  # and look again: who built it may have failed
        try:
            built = build()
            with self._lock:
                self._kept[key] = built
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        finally:
            with self._lock:
                del self._building[key]
            is_built.set()
        return built

    def forget(self) -> None:
        """Give up all of it: the test suite does, whose databases repeat their counters."""
        with self._lock:
            self._kept.clear()
