"""
Made-up months of honest units with frauds planted in some of them. Imports no rule: it does not know what is looked for.

An honest unit counts, with the seasons, a campaign now and then, a holiday, noise, and the habits of people: one measure that somebody
estimates in tens, a gate that was out for days, a device that sends weeks later, a class of pupils at one gate, a clock that is wrong.
A fraud is one of four: the month is copied from an earlier one, its numbers are padded, people are made up at a desk, or records are
dated back into a month that is over. Each hits one unit in one month, and each comes in mild and in gross forms.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import exp, sqrt

UNITS = 30
MONTHS = 18
JUDGED = range(12, MONTHS)
"""The months that are looked at; those before are their past."""
FRAUDS_OF_A_KIND = 6
COPIED, PADDED, GHOSTS, BACKDATED = "copied month", "padded numbers", "ghost people", "late back-dating"
KINDS = (PADDED, GHOSTS, BACKDATED, COPIED)
"""In the order of planting: what is copied is what stood there in the end."""
DAY = 86_400
MONTH_DAYS = 30
_FLOWS, _STOCKS = 14, 5
_RECORDED = 3  # of the flows, those with records behind them
_KM_A_DEGREE = 111.0


@dataclass(frozen=True, kw_only=True)
class Fraud:
    kind: str
    unit: str
    month: int
    how: str


@dataclass(frozen=True, kw_only=True)
class Declared:
    unit: str
    measure: str
    is_stock: bool
    month: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """`count` things that happened in `month` and were recorded `lag` days later."""

    unit: str
    measure: str
    month: int
    lag: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A document read at a place; `at` in seconds since the first month began."""

    id: int
    unit: str
    place: str
    device: str
    person: str
    at: float
    latitude: float
    longitude: float


@dataclass(kw_only=True)
class World:
    """What was declared, recorded and seen, and which of it is a fraud."""

    declared: list[Declared] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    seen: dict[int, list[Seen]] = field(default_factory=dict)
    frauds: list[Fraud] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class _Desk:
    place: str
    latitude: float
    longitude: float
    a_day: float


@dataclass(kw_only=True)
class _Unit:
    code: str
    means: list[float]
    trends: list[float]
    swing: float
    rounds: int | None  # the flow that somebody estimates in tens
    has_records: bool
    desk: _Desk | None
    months: dict[int, list[int]] = field(default_factory=dict)
    stocks: dict[int, list[int]] = field(default_factory=dict)
    records: dict[int, list[dict[int, int]]] = field(default_factory=dict)  # by flow: lag -> count


def world(seed: int) -> World:
    """Return the months of one seed, always the same."""
    chance = random.Random(f"planted/{seed}")
    units = [_unit(chance, number) for number in range(UNITS)]
    for unit in units:
        for month in range(MONTHS):
            _honest(chance, unit, month)
    made = World(units=[unit.code for unit in units])
    crowd = _Crowd(chance)
    for month in JUDGED:
        made.seen[month] = [event for unit in units if unit.desk for event in crowd.month(unit, month, units)]
    _plant(chance, units, made, crowd)
    for unit in units:
        _tell(unit, made)
    return made


# -- honest months -------------------------------------------------------------------------------------------------------
def _unit(chance: random.Random, number: int) -> _Unit:
    means = [exp(chance.uniform(2.2, 7.8)) for _ in range(_FLOWS)]
    desk = None
    if number % 3 == 0:
        desk = _Desk(
            place=f"place-{number}",
            latitude=21.1 + chance.uniform(0, 0.5),
            longitude=106.0 + chance.uniform(0, 0.9),
            a_day=chance.uniform(12, 45),
        )
    return _Unit(
        code=f"unit-{number:02}",
        means=means,
        trends=[chance.uniform(-0.01, 0.03) for _ in means],
        swing=chance.uniform(0.03, 0.15),
        rounds=chance.randrange(_FLOWS) if chance.random() < 0.2 else None,
        has_records=chance.random() < 0.7,
        desk=desk,
    )


def _honest(chance: random.Random, unit: _Unit, month: int) -> None:
    season = 0.75 if month % 12 == 7 else 1.0  # the new year's holidays
    campaign = chance.uniform(1.3, 2.2) if chance.random() < 0.04 else 1.0
    flows = []
    for flow, mean in enumerate(unit.means):
        level = mean * season * (1 + unit.trends[flow]) ** month * (campaign if flow < 4 else 1.0)
        number = max(0, round(chance.gauss(level, sqrt(level) + unit.swing * level)))
        if flow == unit.rounds:
            number = 10 * round(number / 10)
        flows.append(number)
    if chance.random() < 0.02:  # a row that somebody forgot to change
        last = unit.months.get(month - 1)
        flow = chance.randrange(_FLOWS)
        flows[flow] = last[flow] if last else flows[flow]
    unit.months[month] = flows
    before = unit.stocks.get(month - 1)
    unit.stocks[month] = [
        round(mean * 5) if before is None else before[stock] + max(0, round(chance.gauss(1, 2)))
        for stock, mean in enumerate(unit.means[:_STOCKS])
    ]
    unit.records[month] = [_lags(chance, flows[flow]) if unit.has_records else {} for flow in range(_RECORDED)]


def _lags(chance: random.Random, number: int) -> dict[int, int]:
    """Return what was recorded of `number` things, by days late: not all of it, and not all at once."""
    recorded = number * chance.uniform(0.9, 1.0)
    if chance.random() < 0.03:  # a gate that was out for days
        recorded *= chance.uniform(0.72, 0.92)
    lags = {0: recorded * 0.95, 2: recorded * 0.03, 8: recorded * 0.02}
    if chance.random() < 0.02:  # a device that was without network for weeks
        share = chance.uniform(0.01, 0.06)
        lags = {lag: count * (1 - share) for lag, count in lags.items()} | {chance.randint(12, 30): recorded * share}
    return {lag: round(count) for lag, count in lags.items() if round(count)}


class _Crowd:
    """Who comes to the desks. People are many; a few go to two places in a day, as fast as roads allow."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._id = 0

    def event(self, unit: _Unit, person: str, at: float) -> Seen:
        assert unit.desk is not None
        self._id += 1
        desk = unit.desk
        return Seen(
            id=self._id, unit=unit.code, place=desk.place, device=f"{desk.place}/1", person=person, at=at,
            latitude=desk.latitude, longitude=desk.longitude,
        )  # fmt: skip

    def month(self, unit: _Unit, month: int, units: list[_Unit]) -> list[Seen]:
        chance = self._chance
        assert unit.desk is not None
        found: list[Seen] = []
        wrong_clock = chance.uniform(-2400, 2400) if chance.random() < 0.03 else 0.0
        for day in range(MONTH_DAYS):
            if day % 7 == 6:
                continue
            begin = (month * MONTH_DAYS + day) * DAY + 8 * 3600
            skew = wrong_clock if day == 10 else 0.0
            came = max(0, round(chance.gauss(unit.desk.a_day, sqrt(unit.desk.a_day))))
            while came > 0:
                at = begin + chance.uniform(0, 8 * 3600)
                group = min(came, chance.choice((1, 1, 1, 1, 2, 2, 3, 5)))
                came -= group
                found += self._group(unit, at + skew, group)
            if chance.random() < 0.03:
                found += self._group(unit, begin + chance.uniform(0, 8 * 3600), chance.randint(18, 38))
            others = [other for other in units if other.desk and other is not unit]
            if chance.random() < 0.3 and others and found:  # somebody goes on to another place
                found.append(self._goes_on(found[-1], chance.choice(others)))
        return found

    def _group(self, unit: _Unit, at: float, people: int) -> list[Seen]:
        found = []
        for _ in range(people):
            found.append(self.event(unit, f"person-{self._chance.randrange(400_000)}", at))
            at += max(4.0, self._chance.gauss(8, 2))  # a card is taken out, held before the reader, put away
        return found

    def _goes_on(self, last: Seen, other: _Unit) -> Seen:
        assert other.desk is not None
        kilometres = distance(last, other.desk.latitude, other.desk.longitude)
        pace = self._chance.uniform(25, 60)  # kilometres an hour, on the roads of a province
        at = last.at + 1800 + (1.25 * kilometres + 1) / pace * 3600
        return self.event(other, last.person, at)


def distance(one: Seen, latitude: float, longitude: float) -> float:
    """Return kilometres, on a flat province."""
    east = (one.longitude - longitude) * 0.93
    return _KM_A_DEGREE * sqrt((one.latitude - latitude) ** 2 + east**2)


# -- frauds --------------------------------------------------------------------------------------------------------------
def _plant(chance: random.Random, units: list[_Unit], made: World, crowd: _Crowd) -> None:
    free = [(unit, month) for unit in units for month in JUDGED]
    chance.shuffle(free)
    for kind in KINDS:
        fitting = [
            (unit, month)
            for unit, month in free
            if (kind != GHOSTS or unit.desk) and (kind != BACKDATED or unit.has_records)
        ][:FRAUDS_OF_A_KIND]
        for unit, month in fitting:
            free.remove((unit, month))
            how = _commit(chance, kind, unit, month, units, made, crowd)
            made.frauds.append(Fraud(kind=kind, unit=unit.code, month=month, how=how))


def _commit(
    chance: random.Random, kind: str, unit: _Unit, month: int, units: list[_Unit], made: World, crowd: _Crowd
) -> str:
    if kind == COPIED:
        return _copy(chance, unit, month)
    if kind == PADDED:
        return _pad(chance, unit, month)
    if kind == GHOSTS:
        return _make_up(chance, unit, month, units, made, crowd)
    return _date_back(chance, unit, month)


def _copy(chance: random.Random, unit: _Unit, month: int) -> str:
    back = chance.choice((1, 1, 1, 2, 3, 12))
    changed = chance.uniform(0.0, 0.35)
    flows = []
    for number in unit.months[month - back]:
        altered = max(1, round(number * 0.03))
        flows.append(number + chance.randint(1, altered) if chance.random() < changed else number)
    unit.months[month] = flows
    return f"{back} months back, {changed:.0%} of the cells altered"


def _pad(chance: random.Random, unit: _Unit, month: int) -> str:
    factor = chance.uniform(1.25, 2.0)
    to = chance.choice((0, 0, 5, 10, 10))
    flows = []
    for number in unit.months[month]:
        padded = round(number * factor)
        flows.append(to * -(-padded // to) if to else padded)
    unit.months[month] = flows
    return f"by {factor:.2f}, rounded to {to or 1}, {'with' if unit.has_records else 'without'} records"


def _make_up(chance: random.Random, unit: _Unit, month: int, units: list[_Unit], made: World, crowd: _Crowd) -> str:
    begin = (month * MONTH_DAYS + chance.randrange(MONTH_DAYS)) * DAY + 8 * 3600
    here = made.seen[month]
    if chance.random() < 0.5:
        people, pace = chance.randint(15, 60), chance.uniform(1.0, 4.0)
        at = begin + chance.uniform(0, 8 * 3600)
        for one in range(people):
            here.append(crowd.event(unit, f"ghost-{month}-{unit.code}-{one}", at + one * pace))
        return f"{people} people typed, one each {pace:.1f} s"
    people = chance.randint(4, 20)
    others = [event for event in here if event.unit != unit.code]
    other = chance.choice(others)
    there = [event for event in others if event.place == other.place]
    start = chance.randrange(max(1, len(there) - people))
    assert unit.desk is not None
    for event in there[start : start + people]:
        here.append(crowd.event(unit, event.person, event.at + chance.uniform(60, 2400)))
    kilometres = distance(other, unit.desk.latitude, unit.desk.longitude)
    return f"{people} people of a place {kilometres:.0f} km away"


def _date_back(chance: random.Random, unit: _Unit, month: int) -> str:
    share, lag = chance.uniform(0.08, 0.5), chance.randint(18, 70)
    for flow, lags in enumerate(unit.records[month]):
        added = round(sum(lags.values()) * share)
        lags[lag] = lags.get(lag, 0) + added
        unit.months[month][flow] += added
    return f"{share:.0%} more, {lag} days late"


def _tell(unit: _Unit, made: World) -> None:
    for month in range(MONTHS):
        for flow, number in enumerate(unit.months[month]):
            made.declared.append(
                Declared(unit=unit.code, measure=f"flow-{flow:02}", is_stock=False, month=month, number=number)
            )
        for stock, number in enumerate(unit.stocks[month]):
            made.declared.append(
                Declared(unit=unit.code, measure=f"stock-{stock}", is_stock=True, month=month, number=number)
            )
        for flow, lags in enumerate(unit.records[month]):
            for lag, count in lags.items():
                made.recorded.append(
                    Recorded(unit=unit.code, measure=f"flow-{flow:02}", month=month, lag=lag, count=count)
                )
