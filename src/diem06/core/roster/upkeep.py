"""
What time asks of an app: what is to be done every few minutes, and what may be kept only for so long. In its `upkeep.py`:

    TURNS = (close_forgotten,)                                   # turn(at) does it, and yields a line for each thing done
    RETENTION = (Retention(what="visitors", remove=...),)        # remove(at) does the same for what is over its time

`diem06 cycle` takes the turns and removes what is over its time; `diem06 retention run` does the latter alone and says more.
Both are idempotent: done again at the same time, they change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from diem06.core.declarations import modules_named

Turn = Callable[[datetime], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Retention:
    """A kind of record that is kept only for a time: `what` names it for the operator."""

    what: str
    remove: Turn


def installed_turns() -> Iterator[Turn]:
    """Yield what the cycle does for the installed apps."""
    for module in modules_named("upkeep"):
        yield from getattr(module, "TURNS", ())


def installed_retention() -> Iterator[Retention]:
    """Yield what the installed apps keep only for a time."""
    for module in modules_named("upkeep"):
        yield from getattr(module, "RETENTION", ())
