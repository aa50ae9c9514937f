"""What came in over days and hours, from where, how old: each figure with how it was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from diem06.core.places.models import Place
from diem06.pilots.heritage_sites.models import DailyEntries, HandCount, HourTally, RetentionRun, Visit
from diem06.pilots.heritage_sites.models.visits import OPEN
from diem06.pilots.heritage_sites.visit_rules import AGE_BANDS, age_band
from vnlib.identity.number import birth_provinces
from vnlib.text import format_date

BY_SCAN, BY_HAND = "counted_by=scan", "counted_by=hand"
"""The dimensions of the facts of M6.2."""
BY = ("hour", "day", "province", "age", "sex")
"""What a history can be taken apart by."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Entries of one hour, day, province, age band or sex. `counted`: without a document, so of nobody known."""

    key: str
    label: str
    identified: int
    counted: int = 0

    @property
    def total(self) -> int:
        return self.identified + self.counted


@dataclass(frozen=True, kw_only=True)
class History:
    """Entries of a site in some days, taken apart by one thing."""

    by: str
    rows: tuple[Row, ...]

    @property
    def identified(self) -> int:
        return sum(row.identified for row in self.rows)

    @property
    def counted(self) -> int:
        return sum(row.counted for row in self.rows)

    @property
    def total(self) -> int:
        return self.identified + self.counted

    @property
    def most(self) -> Row | None:
        return max(self.rows, key=lambda row: row.total, default=None)


def history(site: Place, *, first: date, last: date, by: str, gate: int | None = None) -> History:
    """Return who came into a site from `first` to `last`, by one of BY; through one gate (its id) alone if given. Two queries, by age one more and one for each year."""
    tallies = HourTally.objects.filter(site=site, day__gte=first, day__lte=last)
    visits = Visit.objects.standing().filter(site=site, day__gte=first, day__lte=last)
    if gate is not None:
        tallies, visits = tallies.filter(gate=gate), visits.filter(gate=gate)
    if by in ("hour", "day"):
        return History(by=by, rows=_without_quiet_ends(list(_by_time(tallies, by))))
    counted = tallies.aggregate(n=Sum("counted_in", default=0))["n"]
    rows = [*_by_person(visits, by)]
    if counted:
        rows.append(Row(key="", label=_("Không có giấy tờ: đếm"), identified=0, counted=counted))
    return History(by=by, rows=tuple(rows))


def _without_quiet_ends(rows: list[Row]) -> tuple[Row, ...]:
    """Drop hours or days before the first entry and after the last one: people only left then."""
    busy = [number for number, row in enumerate(rows) if row.total]
    return tuple(rows[busy[0] : busy[-1] + 1]) if busy else ()


def _by_time(tallies: QuerySet[HourTally], by: str) -> Iterable[Row]:
    sums = tallies.values_list(by).annotate(scanned=Sum("scanned_in"), counted=Sum("counted_in")).order_by(by)
    for value, scanned, counted in sums:
        label = format_date(value) if isinstance(value, date) else f"{value:02d}:00"
        yield Row(key=str(value), label=label, identified=scanned, counted=counted)


def _by_person(visits: QuerySet[Visit], by: str) -> Iterable[Row]:
    match by:
        case "sex":
            yield from _sexes(visits)
        case "province":
            yield from _provinces(visits)
        case _:
            yield from _ages(visits)


def _sexes(visits: QuerySet[Visit]) -> Iterable[Row]:
    words = {"female": _("Nữ"), "male": _("Nam"), "": _("Không rõ")}
    found = dict(visits.values_list("sex").annotate(n=Count("*")).order_by())
    for sex, label in words.items():
        if sex in found:
            yield Row(key=sex, label=label, identified=found[sex])


def _provinces(visits: QuerySet[Visit]) -> Iterable[Row]:
    names = birth_provinces()
    found: dict[str, tuple[str, int]] = {}
    groups = visits.values_list("birth_province", "nationality").annotate(n=Count("*")).order_by()
    for province, nationality, number in groups:
        key, label = province, names.get(province, "")
        if not label:
            is_foreign = nationality not in ("", "VNM")
            key, label = ("foreign", _("Nước ngoài")) if is_foreign else ("", _("Không rõ"))
        found[key] = (label, found.get(key, ("", 0))[1] + number)
    for key, (label, number) in sorted(found.items(), key=lambda pair: (-pair[1][1], pair[1][0])):
        yield Row(key=key, label=label, identified=number)


def _ages(visits: QuerySet[Visit]) -> Iterable[Row]:
    counts: dict[int | None, int] = defaultdict(int)
    # Year by year: SQLite would ask Python for the year of each visit.
    days = visits.aggregate(first=Min("day"), last=Max("day"))
    for year in range(days["first"].year, days["last"].year + 1) if days["first"] else ():
        of_year = visits.filter(day__gte=date(year, 1, 1), day__lte=date(year, 12, 31))
        for born, number in of_year.values_list("birth_year").annotate(n=Count("*")).order_by():
            counts[age_band(born, year)] += number
    for band, (youngest, oldest) in enumerate(AGE_BANDS):
        if band in counts:
            label = _("Từ %(age)s tuổi") % {"age": youngest} if band == len(AGE_BANDS) - 1 else f"{youngest}–{oldest}"
            yield Row(key=str(band), label=label, identified=counts[band])
    if None in counts:
        yield Row(key="", label=_("Không rõ"), identified=counts[None])


@dataclass(frozen=True, kw_only=True)
class Published:
    """
    What the figures know of a site in some days: facts of M6.2, published by the cycle. `at` None: nothing yet.

    `waiting`: entries that the gates have counted and the figures do not have yet.
    """

    scanned: int
    by_hand: int
    waiting: int
    at: datetime | None

    @property
    def total(self) -> int:
        return self.scanned + self.by_hand


def published(site: Place, *, first: date, last: date) -> Published:
    """Return what M6.2 counts of a site from `first` to `last`, and since when it is known. Two queries."""
    facts = DailyEntries.objects.current().filter(place=site.key, day__gte=first, day__lte=last)
    sums = {
        dims: (value, at)
        for dims, value, at in facts.values_list("dimensions").annotate(Sum("value"), Max("recorded_at")).order_by()
    }
    tallies = HourTally.objects.filter(site=site, day__gte=first, day__lte=last)
    counted = tallies.aggregate(n=Sum(F("scanned_in") + F("counted_in"), default=0))["n"]
    scanned, by_hand = (sums.get(dims, (0, None))[0] for dims in (BY_SCAN, BY_HAND))
    return Published(
        scanned=scanned,
        by_hand=by_hand,
        waiting=counted - scanned - by_hand,
        at=max((at for _value, at in sums.values()), default=None),
    )


@dataclass(frozen=True, kw_only=True)
class GateDay:
    """Who came and went through a gate on a day."""

    gate: int
    scanned_in: int
    counted_in: int
    scanned_out: int
    counted_out: int


def gates_on(site: Place, day: date) -> dict[int, GateDay]:
    """Return what each gate of a site counted on a day; by id of the gate. One query."""
    sums = HourTally.objects.filter(site=site, day=day).values_list("gate").order_by()
    rows = sums.annotate(Sum("scanned_in"), Sum("counted_in"), Sum("scanned_out"), Sum("counted_out"))
    return {
        gate: GateDay(
            gate=gate,
            scanned_in=scanned_in,
            counted_in=counted_in,
            scanned_out=scanned_out,
            counted_out=counted_out,
        )
        for gate, scanned_in, counted_in, scanned_out, counted_out in rows
    }


def closings(site: Place, *, first: date, last: date) -> dict[str, int]:
    """Return how the visits of some days ended, by ClosedBy; still open ones under the empty word. One query."""
    visits = Visit.objects.filter(site=site, day__gte=first, day__lte=last)
    return dict(visits.values_list("closed_by").annotate(n=Count("*")).order_by())


def last_removal(site: Place) -> RetentionRun | None:
    """Return when identities of a site were last removed, and of how many visits; None: never."""
    return RetentionRun.objects.filter(site=site).order_by("-at").first()


def children(site: Place, *, first: date, last: date) -> int:
    """Return how many children without a card were counted in."""
    counted = HandCount.objects.filter(site=site, day__gte=first, day__lte=last, is_child=True, annulled_at=None)
    return int(counted.aggregate(n=Sum("people", default=0))["n"])


def present(site: Place, *, first_at: datetime, last_at: datetime) -> QuerySet[Visit]:
    """
    Return the visits of those who were, or may have been, at a site in a window, by time of entry.

    Nobody knows when somebody left whose visit was closed by rule: until then they may have been there.
    """
    until = Visit.objects.standing().annotate(until=Coalesce("left_at", "closed_at"))
    return until.filter(Q(closed_by=OPEN) | Q(until__gte=first_at), site=site, entered_at__lte=last_at).order_by(
        "entered_at", "pk"
    )
