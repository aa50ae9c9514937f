"""
The rules themselves: each looks at one month and yields what is odd. Nothing here knows the database or the plan.

None proves anything: honest months are odd at times, which is why `soak/frauds.py` measures how often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import asin, cos, exp, lgamma, log, radians, sin, sqrt
from statistics import median

from diem06.cube.anomalies.observed import (
    MOST_ROWS,
    THIS_MONTH,
    Looked,
    Month,
    Oddity,
    Series,
    SeriesKind,
    Sighting,
)
from diem06.cube.anomalies.rulebook import Rule

_EXPECTED_ROUND = 0.2
"""Of the ten last digits two are round: a number that was counted ends in 0 or 5 once in five times."""
_ENOUGH_UNITS = 5
"""With so many units the month of the others says what a season does."""
_EARTH_KM = 6371.0
_MILLION = 1_000_000
_SECONDS_AN_HOUR = 3600


def look(rules: Iterable[Rule], month: Month) -> Iterator[Looked]:
    """Yield what each rule finds in the month, the gravest first."""
    for rule in rules:
        units, found = _RULES[rule.code](rule, month)
        ordered = sorted(found, key=lambda one: (-one.size, one.unit, one.measure, one.dimensions, one.area, one.place))
        yield Looked(rule=rule.code, units=frozenset(units), found=tuple(ordered))


Found = tuple[set[str], list[Oddity]]


# -- what was declared ---------------------------------------------------------------------------------------------------
def copied_month(rule: Rule, month: Month) -> Found:
    """Flows of a unit that equal those of one earlier month, cell by cell."""
    looked, found = set(), []
    for unit, every in _by_unit(month.series, SeriesKind.FLOW).items():
        best: tuple[int, int, int, list[Series]] | None = None
        for back in range(1, rule["months_back"] + 1):
            pairs = [
                one
                for one in every
                if (one.now or 0) >= rule["smallest_value"] and -back in one.values and one.values[-back].number > 0
            ]
            if len(pairs) < rule["least_cells"]:
                continue
            looked.add(unit)
            same = [one for one in pairs if one.values[-back].number == one.now]
            if best is None or len(same) * best[1] > best[0] * len(pairs):
                best = (len(same), len(pairs), back, same)
        if best and best[0] * 100 >= best[1] * rule["share_percent"]:
            same_count, compared, back, cells = best
            found.append(
                _oddity(
                    rule,
                    cells,
                    size=same_count / compared * same_count,
                    facts={"same": same_count, "compared": compared, "months_back": back},
                    months=(THIS_MONTH, -back),
                )
            )
    return looked, found


def same_for_months(rule: Rule, month: Month) -> Found:
    """One flow that stays the same for months on end."""
    looked, found = set(), []
    wanted = rule["months"]
    for one in month.series:
        if one.kind is not SeriesKind.FLOW or any(-back not in one.values for back in range(wanted)):
            continue
        looked.add(one.unit)
        if one.now is None or one.now < rule["smallest_value"]:
            continue
        run = 0
        while -run in one.values and one.values[-run].number == one.now:
            run += 1
        if run >= wanted:
            found.append(
                _oddity(
                    rule,
                    [one],
                    size=run * one.now,
                    facts={"value": one.now, "months": run},
                    months=tuple(-back for back in range(run)),
                )
            )
    return looked, found


def jump_before_deadline(rule: Rule, month: Month) -> Found:
    """A number that rises in the month of a deadline as it never rose before."""
    looked, found = set(), []
    for one in month.series:
        past = [one.values[back].number for back in sorted(one.values) if back < THIS_MONTH]
        if not one.is_due or one.now is None or len(past) < rule["least_past"]:
            continue
        looked.add(one.unit)
        if one.kind is SeriesKind.STOCK:
            usual = max((after - before for before, after in pairwise(past)), default=0)
            rise, before = one.now - past[-1], past[-1]
        else:
            usual = int(median(past))
            rise, before = one.now, usual
        if rise >= rule["smallest_rise"] and rise * 100 >= max(usual, 1) * rule["factor_percent"]:
            found.append(
                _oddity(
                    rule,
                    [one],
                    size=rise / max(usual, 1),
                    facts={"value": one.now, "before": before, "usual": max(usual, 0), "rise": rise},
                    months=(THIS_MONTH, -1),
                )
            )
    return looked, found


def all_rise(rule: Rule, month: Month) -> Found:
    """
    Most flows of a unit far above their own past months at once, beyond what the same month did to other units.

    Areas are added up: a season of one measure lifts it everywhere, and is one number that rose.
    """
    ratios: dict[str, list[tuple[float, list[Series]]]] = {}
    for unit, every in _by_unit(month.series, SeriesKind.FLOW).items():
        by_measure: dict[tuple[str, str], list[Series]] = defaultdict(list)
        for one in every:
            by_measure[one.measure, one.dimensions].append(one)
        mine = []
        for cells in by_measure.values():
            past = [_added(cells, -back) for back in range(1, rule["months"] + 1)]
            known = [number for number in past if number is not None]
            usual = median(known) if len(known) * 2 >= rule["months"] else 0
            if usual >= rule["smallest_value"]:
                mine.append(((_added(cells, THIS_MONTH) or 0) / usual, cells))
        if len(mine) >= rule["least_cells"]:
            ratios[unit] = mine
    middles = {unit: median(ratio for ratio, _cells in mine) for unit, mine in ratios.items()}
    common = median(middles.values()) if len(middles) >= _ENOUGH_UNITS else 1.0
    found = []
    for unit, mine in ratios.items():
        rising = [cells for ratio, cells in mine if ratio > max(common, 1.0)]
        if (
            middles[unit] * 100 >= max(common, 1.0) * rule["ratio_percent"]
            and len(rising) * 100 >= len(mine) * rule["share_percent"]
        ):
            facts: dict[str, int | str] = {
                "rising": len(rising),
                "compared": len(mine),
                "percent": round(middles[unit] * 100),
                "others_percent": round(common * 100),
            }
            size = middles[unit] / max(common, 1.0)
            found.append(
                _oddity(
                    rule, [one for cells in rising for one in cells], size=size, facts=facts, months=(THIS_MONTH, -1)
                )
            )
    return set(ratios), found


def round_numbers(rule: Rule, month: Month) -> Found:
    """More numbers that end in 0 or 5 than counting gives, in this month or in a few months together."""
    looked, found = set(), []
    for unit, every in _by_unit(month.series).items():
        best: tuple[float, int, int, int] | None = None
        now_round = now_all = 0
        for months in (1, rule["months"] // 2, rule["months"]):
            values = [value for one in every for value in _counted_anew(one, months) if value >= rule["smallest_value"]]
            if len(values) < rule["least_values"]:
                continue
            looked.add(unit)
            ends = sum(1 for value in values if value % 5 == 0)
            if months == 1:
                now_round, now_all = ends, len(values)
            chance = tail(len(values), ends)
            if best is None or chance < best[0]:
                best = (chance, ends, len(values), months)
        is_now = now_all > 0 and now_round * 5 >= now_all * 2  # and this month still has twice as many as expected
        if best and is_now and best[0] * _MILLION <= rule["chance_in_a_million"]:
            _chance, ends, count, months = best
            cells = [one for one in every if (one.now or 1) % 5 == 0 and (one.now or 0) >= rule["smallest_value"]]
            found.append(
                _oddity(
                    rule, cells, size=ends - count / 5, facts={"round": ends, "values": count, "months": months},
                    months=(THIS_MONTH,),
                )
            )  # fmt: skip
    return looked, found


def above_evidence(rule: Rule, month: Month) -> Found:
    """A unit that declares far more than records of the same cell say."""
    looked, found = set(), []
    for one in month.series:
        if one.evidenced is None or one.now is None or one.kind is not SeriesKind.FLOW:
            continue
        looked.add(one.unit)
        excess = one.now - one.evidenced
        if (
            excess >= rule["smallest_excess"]
            and one.now * 100 >= one.evidenced * rule["ratio_percent"]
            and excess >= rule["deviations"] * sqrt(one.evidenced + 1)
        ):
            found.append(
                _oddity(
                    rule,
                    [one],
                    size=excess / sqrt(one.evidenced + 1),
                    facts={"declared": one.now, "evidenced": one.evidenced, "excess": excess},
                    months=(THIS_MONTH,),
                )
            )
    return looked, found


# -- what was recorded ---------------------------------------------------------------------------------------------------
def late_records(rule: Rule, month: Month) -> Found:
    """Records that came so long after the day they speak of that a month which was over grew."""
    looked, found = set(), []
    for one in month.lateness:
        if one.total <= 0:
            continue
        looked.add(one.unit)
        if one.late >= rule["least_late"] and one.late * 100 >= one.total * rule["share_percent"]:
            found.append(
                Oddity(
                    rule=rule.code,
                    unit=one.unit,
                    size=one.late / one.total * one.late,
                    facts={"late": one.late, "total": one.total, "days": one.days},
                    refs=one.refs[:MOST_ROWS],
                    rows=len(one.refs),
                    area=one.area,
                    area_valid_from=one.area_valid_from,
                    measure=one.measure,
                )
            )
    return looked, found


# -- events --------------------------------------------------------------------------------------------------------------
def distant_places(rule: Rule, month: Month) -> Found:
    """One document read at two places, faster than anybody travels; one finding for each pair of places."""
    people: dict[str, list[Sighting]] = defaultdict(list)
    for one in month.sightings:
        if one.person:
            people[one.person].append(one)
    pairs: dict[tuple[str, str, str], list[tuple[Sighting, Sighting]]] = defaultdict(list)
    for seen in people.values():
        seen.sort(key=lambda one: (one.at, one.place, one.ref.record))
        for first, second in pairwise(seen):
            if _is_too_far(rule, first, second):
                place, other = sorted((first.place, second.place))
                pairs[second.unit, place, other].append((first, second))
    found = []
    for (unit, place, other), both in pairs.items():
        persons = {first.person for first, _second in both}
        if len(persons) < rule["least_people"]:
            continue
        last = both[0][1]
        gaps = [int((second.at - first.at).total_seconds() // 60) for first, second in both]
        distance = _kilometres(*both[0])
        found.append(
            Oddity(
                rule=rule.code,
                unit=unit,
                size=float(len(persons)),
                facts={
                    "people": len(persons),
                    "minutes": min(gaps),
                    "kilometres": -1 if distance is None else round(distance),
                    "place": place,
                    "other_place": other,
                },
                refs=tuple(event.ref for pair in both for event in pair)[:MOST_ROWS],
                rows=2 * len(both),
                area=last.area,
                area_valid_from=last.area_valid_from,
                place=f"{place}|{other}",
            )
        )
    return {one.unit for one in month.sightings if one.person}, found


def crowded_minute(rule: Rule, month: Month) -> Found:
    """More events within a minute at one device than one person can take; one finding for each device and place."""
    devices: dict[tuple[str, str, str], list[Sighting]] = defaultdict(list)
    for one in month.sightings:
        devices[one.unit, one.place, one.device].append(one)
    found = []
    for (unit, place, device), events in devices.items():
        events.sort(key=lambda one: (one.at, one.ref.record))
        crowded: dict[int, Sighting] = {}
        most, first = 0, 0
        for last, event in enumerate(events):
            while (event.at - events[first].at).total_seconds() >= rule["seconds"]:
                first += 1
            inside = last - first + 1
            if inside >= rule["events"]:
                most = max(most, inside)
                crowded |= {at: events[at] for at in range(first, last + 1)}
        if crowded:
            rows = [crowded[at] for at in sorted(crowded)]
            found.append(
                Oddity(
                    rule=rule.code,
                    unit=unit,
                    size=float(len(rows)),
                    facts={"most": most, "events": len(rows), "device": device, "place": place},
                    refs=tuple(event.ref for event in rows)[:MOST_ROWS],
                    rows=len(rows),
                    area=rows[0].area,
                    area_valid_from=rows[0].area_valid_from,
                    place=f"{place}|{device}",
                )
            )
    return {unit for unit, _place, _device in devices}, found


_RULES: dict[str, Callable[[Rule, Month], Found]] = {
    "copied_month": copied_month,
    "above_evidence": above_evidence,
    "late_records": late_records,
    "distant_places": distant_places,
    "crowded_minute": crowded_minute,
    "all_rise": all_rise,
    "same_for_months": same_for_months,
    "jump_before_deadline": jump_before_deadline,
    "round_numbers": round_numbers,
}
CODES = tuple(_RULES)
"""The rules that there are: `rules.toml` names each of them."""


# -- parts of them -------------------------------------------------------------------------------------------------------
def tail(count: int, hits: int) -> float:
    """Return how likely at least `hits` of `count` numbers end in 0 or 5 by chance."""
    if hits <= 0:
        return 1.0
    if hits > count:
        return 0.0
    odds = _EXPECTED_ROUND / (1 - _EXPECTED_ROUND)
    first = lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
    part = exp(first + hits * log(_EXPECTED_ROUND) + (count - hits) * log(1 - _EXPECTED_ROUND))
    whole = part
    for k in range(hits, count):
        part *= (count - k) / (k + 1) * odds
        whole += part
    return min(whole, 1.0)


def _by_unit(series: Iterable[Series], kind: SeriesKind | None = None) -> dict[str, list[Series]]:
    found: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        if one.now is not None and (kind is None or one.kind is kind):
            found[one.unit].append(one)
    return found


def _added(cells: Iterable[Series], back: int) -> int | None:
    """Return what the cells were together in a month; None: one of them was not there."""
    total = 0
    for one in cells:
        if back not in one.values:
            return None
        total += one.values[back].number
    return total


def _counted_anew(one: Series, months: int) -> Iterator[int]:
    """Yield the numbers of the last months that were counted in their month: of a stock those that changed."""
    for back in range(months):
        value = one.values.get(-back)
        if value is None:
            continue
        before = one.values.get(-back - 1)
        if one.kind is SeriesKind.FLOW or before is None or before.number != value.number:
            yield value.number


def _oddity(
    rule: Rule, cells: Sequence[Series], *, size: float, facts: dict[str, int | str], months: Iterable[int]
) -> Oddity:
    """Return a finding over one cell, or over several of one unit: then it is of none of them."""
    refs = [one.values[back].ref for one in cells for back in months if back in one.values]
    one = cells[0] if len(cells) == 1 and rule.code not in _OF_THE_UNIT else None
    return Oddity(
        rule=rule.code,
        unit=cells[0].unit,
        size=float(size),
        facts=facts,
        refs=tuple(refs[:MOST_ROWS]),
        rows=len(refs),
        area=one.area if one else "",
        area_valid_from=one.area_valid_from if one else None,
        measure=one.measure if one else "",
        dimensions=one.dimensions if one else "",
    )


_OF_THE_UNIT = frozenset({"copied_month", "all_rise", "round_numbers"})


def _is_too_far(rule: Rule, first: Sighting, second: Sighting) -> bool:
    gap = (second.at - first.at).total_seconds()
    if first.place == second.place:
        return False
    distance = _kilometres(first, second)
    if distance is None:
        return first.district != second.district and gap <= rule["minutes_without_position"] * 60
    return (
        gap <= rule["minutes"] * 60
        and distance >= rule["kilometres"]
        and distance * _SECONDS_AN_HOUR >= rule["kilometres_an_hour"] * gap
    )


def _kilometres(first: Sighting, second: Sighting) -> float | None:
    """Return the distance of two places over the ground; None where a position is not known."""
    if first.latitude is None or first.longitude is None or second.latitude is None or second.longitude is None:
        return None
    lat1, lat2 = radians(first.latitude), radians(second.latitude)
    half = sin((lat2 - lat1) / 2) ** 2
    half += cos(lat1) * cos(lat2) * sin(radians(second.longitude - first.longitude) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))
