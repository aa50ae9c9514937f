"""
Sightings: that a document was read somewhere, of which the rules for odd numbers ask. In an app's `sightings.py`:

    SIGHTINGS = (Sightings(code="heritage_visits", between=..., records=...),)

Whose document it was is a pseudonym by which two readings are known to be of one person; it is never kept with what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from diem06.core.declarations import modules_named


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """
    One reading: of whom (a pseudonym, empty: not known or not kept any more), at which place (its key) and device, when, and the record.

    `unit` and `area` are those that the place had on that day; `latitude` and `longitude` are None where nobody has entered them.
    """

    person: str
    place: str
    device: str
    unit: str
    area: str
    at: datetime
    record: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """
    A source of sightings. `between(first, last)` yields those from `first` to before `last`; `records(...)` those of some records,
    without their persons.
    """

    code: str
    between: Callable[[datetime, datetime], Iterable[Sighting]]
    records: Callable[[Collection[str]], Iterable[Sighting]]


def installed_sightings() -> Iterator[Sightings]:
    """Yield the sources of sightings of the installed apps."""
    for module in modules_named("sightings"):
        yield from module.SIGHTINGS
