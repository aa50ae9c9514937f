"""What the rules look at, and what they find: plain data. Months count back from the one looked at, which is 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

THIS_MONTH = 0


class SeriesKind(StrEnum):
    """How a measure runs in time."""

    FLOW = "flow"
    STOCK = "stock"
    DISTINCT = "distinct"


@dataclass(frozen=True)
class Ref:
    """Leads to a row: the source that it is of (of facts or of sightings), and its record there."""

    source: str
    record: str


@dataclass(frozen=True, kw_only=True)
class Value:
    """A number as it was declared, and its row."""

    number: int
    ref: Ref


@dataclass(frozen=True, kw_only=True)
class Series:
    """
    One cell that a unit declares, month by month (0, -1, -2 ...).

    `evidenced`: what records say of the month looked at, where a source holds everything of the cell; else None.
    `is_due`: a target of the plan that rests on the measure has its deadline in this month.
    """

    unit: str
    measure: str
    kind: SeriesKind
    dimensions: str
    area: str
    area_valid_from: date
    values: Mapping[int, Value]
    evidenced: int | None = None
    is_due: bool = False

    @property
    def now(self) -> int | None:
        """The number of the month looked at."""
        value = self.values.get(THIS_MONTH)
        return None if value is None else value.number


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """
    What a unit's records of the month were worth in time, and what came `days` after the day that it speaks of or later.

    `late` is the growth by late rows, less what they replaced; `total` what stands now.
    """

    unit: str
    measure: str
    source: str
    area: str
    area_valid_from: date
    days: int
    late: int
    total: int
    refs: tuple[Ref, ...]


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """
    Somebody's document was read at a place. `person` is a pseudonym, never kept with a finding; empty: not known who.

    `district`: the area that tells places apart whose position is not known.
    """

    ref: Ref
    person: str
    place: str
    device: str
    unit: str
    area: str
    area_valid_from: date
    district: str
    at: datetime
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, kw_only=True)
class Month:
    """Everything that is looked at of one month."""

    series: tuple[Series, ...] = ()
    lateness: tuple[Lateness, ...] = ()
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """
    What a rule found. `size` orders findings of one rule: larger is graver. `facts` are the numbers of its sentence.

    `refs` are the rows, at most MOST_ROWS; `rows` counts all of them.
    """

    rule: str
    unit: str
    size: float
    facts: Mapping[str, int | str]
    refs: tuple[Ref, ...]
    rows: int
    area: str = ""
    area_valid_from: date | None = None
    measure: str = ""
    dimensions: str = ""
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one rule found in a month, and which units it could look at."""

    rule: str
    units: frozenset[str]
    found: tuple[Oddity, ...] = field(default=())

    @property
    def flagged(self) -> frozenset[str]:
        return frozenset(one.unit for one in self.found)


MOST_ROWS = 200
