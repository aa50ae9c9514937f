"""
What a run of events at one gate reads and writes: read at its beginning, kept in memory while the rules of `visits` judge one event
after another, and written at its end. So many events cost hardly more statements than one.

No rule stands here. The row of the site is held meanwhile (`counting.hold`): nobody else changes what is kept here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils.timezone import localtime

from diem06.core.roster import rows
from diem06.pilots.heritage_sites.actions.counting import Held, see_to_alarm, tally
from diem06.pilots.heritage_sites.models import HandCount, HourTally, LoneExit, Occupancy, Rescan, Visit
from diem06.pilots.heritage_sites.models.visits import ClosedBy
from diem06.pilots.heritage_sites.queries.spots import Spot

COUNTS = ("scanned_in", "counted_in", "scanned_out", "counted_out")
_CHANGING = ("exit_event_id", "exit_gate", "seen_at", "left_at", "closed_by", "closed_at")
"""What events find out about a visit after it was made."""


@dataclass(kw_only=True)
class _Shift:
    identified: int = 0
    counted: int = 0


@dataclass(kw_only=True)
class UnitOfWork:
    """Visits and exits of the people that a run of events is about, and all that the run changes."""

    held: Held
    now: datetime
    visits: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    exits: dict[str, list[LoneExit]] = field(default_factory=lambda: defaultdict(list))
    _new: dict[type, list[Visit | LoneExit | HandCount | Rescan]] = field(default_factory=lambda: defaultdict(list))
    _changed: dict[int, Visit] = field(default_factory=dict)
    _claimed: list[LoneExit] = field(default_factory=list)
    _shifts: dict[int, _Shift] = field(default_factory=lambda: defaultdict(_Shift))
    _hours: dict[tuple[int, datetime], tuple[Spot, dict[str, int]]] = field(default_factory=dict)

    # -- read --------------------------------------------------------------------------------------------------------
    def read_visits(self, people: Collection[str], *, since: datetime) -> None:
        """Read the open visits of people, wherever they are, and those at this site that began at `since` or later."""
        for visit in visits_of(people, site=self.held.spot.site.pk, since=since):
            self.visits[visit.digest].append(visit)

    def read_exits(self, people: Collection[str], *, since: datetime, until: datetime) -> None:
        """Read the exits at this site that nobody has claimed, in the order in which they happened."""
        site = self.held.spot.site.pk
        for exit_ in _exits_of(people, since=since, until=until):
            if (exit_.site_id, exit_.visit_id, exit_.annulled_at) == (site, None, None):
                self.exits[exit_.digest].append(exit_)

    # -- change ------------------------------------------------------------------------------------------------------
    def add(self, row: Visit | LoneExit | HandCount | Rescan) -> None:
        """Keep a new row. It has its key once all is written."""
        self._new[type(row)].append(row)
        if isinstance(row, Visit):
            self.visits[row.digest].append(row)
        elif isinstance(row, LoneExit):
            self.exits[row.digest].append(row)
            self.exits[row.digest].sort(key=lambda one: one.at)

    def changed(self, visit: Visit) -> None:
        """Note that something of a visit was set that is to be written."""
        if visit.pk is not None:
            self._changed[visit.pk] = visit

    def claim(self, exit_: LoneExit, visit: Visit) -> None:
        """Give an exit that waited to its visit."""
        exit_.visit = visit
        self.exits[exit_.digest].remove(exit_)
        if exit_.pk is not None:
            self._claimed.append(exit_)

    def shift(self, *, places: Collection[int], identified: int = 0, counted: int = 0) -> None:
        """Let so many more (fewer: below zero) be inside `places`, and see to the alarms of those that are held."""
        for place in dict.fromkeys(places):
            self._shifts[place].identified += identified
            self._shifts[place].counted += counted
            if (row := self.held.rows.get(place)) is not None:
                row.identified += identified
                row.counted += counted
                see_to_alarm(row, at=self.now)

    def tally(self, spot: Spot, *, at: datetime, **more: int) -> None:
        """Count `scanned_in`, `counted_in`, `scanned_out`, `counted_out` of the hour; below zero takes back."""
        hour = localtime(at).replace(minute=0, second=0, microsecond=0)
        _spot, counts = self._hours.setdefault((spot.gate.pk, hour), (spot, dict.fromkeys(COUNTS, 0)))
        for name, number in more.items():
            counts[name] += number

    # -- write -------------------------------------------------------------------------------------------------------
    def write(self) -> None:
        """Write what has changed. Visits are closed before new ones begin: a person has one that is open."""
        rows.update(Visit, list(self._changed.values()), _CHANGING)
        rows.insert(Visit, self._new[Visit], known_by="event_id")
        for row in (*self._new[Rescan], *self._new[LoneExit], *self._claimed):
            assert isinstance(row, Rescan | LoneExit)
            row.visit_id = row.visit.pk if row.visit else None  # known only now
        rows.insert(Rescan, self._new[Rescan])
        rows.insert(LoneExit, self._new[LoneExit], known_by="event_id")
        rows.update(LoneExit, self._claimed, ("visit",))
        rows.insert(HandCount, self._new[HandCount], known_by="event_id")
        self._write_shifts()
        self._write_hours()

    def _write_shifts(self) -> None:
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place, more in self._shifts.items():
            alike[more.identified, more.counted].append(place)
        now = rows.value_of(Occupancy, "changed_at", self.now)
        with connection.cursor() as cursor:
            for (identified, counted), places in alike.items():
                where = f"WHERE place_id IN ({rows.marks(places)})"
                cursor.execute(f"{_MOVE_COUNTS} {where}", [identified, counted, now, *places])

    def _write_hours(self) -> None:
        new = []
        for (_gate, hour), (spot, counts) in self._hours.items():
            if min(counts.values()) < 0:  # taken back: of an hour that is there
                tally(spot, at=hour, **counts)
            else:
                place = (spot.site.pk, spot.point.pk if spot.point else None, spot.gate.pk)
                new.append([*place, rows.value_of(HourTally, "day", hour.date()), hour.hour, *counts.values()])
        if new:
            with connection.cursor() as cursor:
                cursor.execute(_ADD_TO_HOURS.format(", ".join([_HOUR] * len(new))), [one for row in new for one in row])


_MOVE_COUNTS = (
    "UPDATE heritage_sites_occupancy SET identified = identified + %s, counted = counted + %s, changed_at = %s"
)
_HOUR = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, TRUE)"
_ADD_TO_HOURS = (
    "INSERT INTO heritage_sites_hourtally AS kept"  # noqa: S608 -- our own names
    f" (site_id, point_id, gate_id, day, hour, {', '.join(COUNTS)}, is_unpublished) VALUES {{}}"
    " ON CONFLICT (gate_id, day, hour) DO UPDATE SET is_unpublished = TRUE, "
    + ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in COUNTS)
)


# -- how people are found --------------------------------------------------------------------------------------------
# The conditions stand as they do in the indexes: SQLite takes an index with a condition only where it reads that very condition, and
# the ORM passes '' as a parameter.
_OF_A_VISIT = (
    *("id", "digest", "site", "point", "gate", "entered_at", "people"),
    *_CHANGING,
)
_OF_AN_EXIT = ("id", "event_id", "site", "gate", "at", "people", "digest", "visit", "annulled_at")


def visits_of(people: Collection[str], *, site: int, since: datetime) -> list[Visit]:
    """Return the open visits of people, wherever they are, and those at a site that began at `since` or later and stand; oldest row first."""
    return rows.fetch(
        Visit,
        _OF_A_VISIT,
        f"WHERE NOT (digest = '') AND digest IN ({rows.marks(people)})"
        " AND (closed_by = '' OR (site_id = %s AND entered_at >= %s AND closed_by <> %s)) ORDER BY id",
        [*people, site, rows.value_of(Visit, "entered_at", since), ClosedBy.ANNULLED.value],
    )


def _exits_of(people: Collection[str], *, since: datetime, until: datetime) -> list[LoneExit]:
    return rows.fetch(
        LoneExit,
        _OF_AN_EXIT,
        f"WHERE NOT (digest = '') AND digest IN ({rows.marks(people)}) AND at >= %s AND at <= %s ORDER BY at, id",
        [*people, rows.value_of(LoneExit, "at", since), rows.value_of(LoneExit, "at", until)],
    )
