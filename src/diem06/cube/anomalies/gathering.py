"""From the facts of a period, and those of the year before, to what the rules look at."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from django.db.models import Q, Sum

from diem06.core.areas.queries import AreaTree, areas_on, stands_for
from diem06.core.plans.cells import parsed
from diem06.core.plans.models import Period
from diem06.core.plans.queries import periods
from diem06.core.roster import Coverage, Grade, Source, as_known, installed_sources
from diem06.core.roster.sightings import installed_sightings
from diem06.cube.anomalies.observed import (
    MOST_ROWS,
    THIS_MONTH,
    Lateness,
    Month,
    Ref,
    Series,
    SeriesKind,
    Sighting,
    Value,
)
from diem06.cube.anomalies.rulebook import LooksAt, Rule
from diem06.cube.board import terms_of
from diem06.plan.model import Kind, Level, Plan
from diem06.plan.periods import VIETNAM

MONTHS_BACK = 12
_GRACE = timedelta(days=15)
"""A deadline so soon after a period is one that the period runs up to."""
_ONE_DAY = timedelta(days=1)
_KINDS = {Kind.FLOW: SeriesKind.FLOW, Kind.STOCK: SeriesKind.STOCK, Kind.DISTINCT: SeriesKind.DISTINCT}

CellKey = tuple[str, str, str, str, date]
"""Unit, measure, dimensions, area, first day of the area."""


def gather(plan: Plan, period: Period, rules: Iterable[Rule]) -> Month:
    """Read what these rules need to see of a period; what none of them looks at is not read."""
    chosen = list(rules)
    looks = {rule.looks_at for rule in chosen}
    late = next((rule["days_late"] for rule in chosen if "days_late" in rule.thresholds), None)
    tree = areas_on(period.last_day)
    return Month(
        series=tuple(_series(plan, period, tree, with_evidence=LooksAt.BOTH in looks))
        if looks & {LooksAt.DECLARED, LooksAt.BOTH}
        else (),
        lateness=() if late is None else tuple(_lateness(plan, period, late)),
        sightings=tuple(_sightings(period, tree)) if LooksAt.EVENTS in looks else (),
    )


# -- what was declared ---------------------------------------------------------------------------------------------------
def _series(plan: Plan, period: Period, tree: AreaTree, *, with_evidence: bool) -> Iterator[Series]:
    kinds = {measure.code: measure.kind for measure in plan.measures}
    values = _declared(plan, period)
    records = _Records(plan, period, tree) if with_evidence else None
    due = _due(plan, period)
    for (unit, measure, dimensions, area, valid_from), by_month in values.items():
        if THIS_MONTH not in by_month or measure not in kinds:
            continue
        is_flow = kinds[measure] is Kind.FLOW
        yield Series(
            unit=unit,
            measure=measure,
            kind=_KINDS[kinds[measure]],
            dimensions=dimensions,
            area=area,
            area_valid_from=valid_from,
            values=by_month,
            evidenced=records.of(unit, measure, dimensions, area) if records and is_flow else None,
            is_due=measure in due,
        )


def _declared(plan: Plan, period: Period) -> dict[CellKey, dict[int, Value]]:
    """Return what stands in each declared cell, by month back. Values dated a day of their own have no past and are left out."""
    past = [row for row in periods(plan) if row.last_day <= period.last_day][-MONTHS_BACK - 1 :]
    months = {row.last_day: place - len(past) + 1 for place, row in enumerate(past)}
    found: dict[CellKey, dict[int, Value]] = defaultdict(dict)
    if not past:
        return found
    for source in installed_sources():
        if source.grade is not Grade.DECLARED:
            continue
        rows = source.facts(past[0].first_day, period.last_day).filter(as_known(None), day__in=list(months))
        for unit, measure, dimensions, area, valid_from, day, value, record in rows.values_list(
            "unit", "measure", "dimensions", "area", "area_valid_from", "day", "value", "record"
        ).iterator(chunk_size=5000):
            cell = found[unit, measure, dimensions, area, valid_from]
            cell[months[day]] = Value(number=value, ref=Ref(source.code, record))
    return found


def _due(plan: Plan, period: Period) -> frozenset[str]:
    """Return the measures behind indicators whose target has its deadline in the period, or days after it."""
    found = set()
    for indicator in plan.indicators:
        targets = [*indicator.targets, *(target for reading in indicator.readings for target in _targets(reading))]
        if any(
            target.deadline and period.first_day <= target.deadline <= period.last_day + _GRACE for target in targets
        ):
            for part in indicator.parts:
                found |= {term.measure for term in terms_of(plan, part.numerator)}
    return frozenset(found)


def _targets(reading: Any) -> tuple[Any, ...]:
    return tuple(getattr(reading, "targets", ()))


# -- what was recorded ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class _Sum:
    unit: str
    areas: frozenset[str]  # the area of the day and all above it
    dimensions: Mapping[str, str]
    value: int


class _Records:
    """What sources of records say of declared cells, the strongest source first."""

    def __init__(self, plan: Plan, period: Period, tree: AreaTree) -> None:
        self._tree = tree
        self._sources: list[tuple[list[Coverage], dict[str, list[_Sum]]]] = []
        flows = {measure.code for measure in plan.measures if measure.kind is Kind.FLOW}
        for source in sorted(installed_sources(), key=lambda each: list(Grade).index(each.grade)):
            measures = flows.intersection(source.measures)
            if source.grade is Grade.DECLARED or not measures:
                continue
            held = [row for row in source.coverage(period.first_day, period.last_day) if row.measure in measures]
            if held:
                self._sources.append((held, self._sums(source, measures, period)))

    def of(self, unit: str, measure: str, dimensions: str, area: str) -> int | None:
        """Return what is recorded of a cell of which a source holds everything; None: no source does."""
        above = self._above(area)
        for held, sums in self._sources:
            if any(
                row.measure == measure and row.unit in ("", unit) and (not row.area or row.area in above)
                for row in held
            ):
                wanted = parsed(dimensions).items()
                return sum(
                    row.value
                    for row in sums.get(measure, ())
                    if row.unit == unit and area in row.areas and wanted <= row.dimensions.items()
                )
        return None

    def _sums(self, source: Source, measures: Iterable[str], period: Period) -> dict[str, list[_Sum]]:
        rows = source.facts(period.first_day, period.last_day).filter(as_known(None), measure__in=list(measures))
        found: dict[str, list[_Sum]] = defaultdict(list)
        for measure, unit, area, valid_from, dimensions, value in (
            rows.values_list("measure", "unit", "area", "area_valid_from", "dimensions")
            .annotate(total=Sum("value"))
            .order_by()
        ):
            here = stands_for(area, valid_from, period.last_day) or area
            found[measure].append(_Sum(unit=unit, areas=self._above(here), dimensions=parsed(dimensions), value=value))
        return found

    def _above(self, area: str) -> frozenset[str]:
        above = [one.code for one in self._tree.ancestors(area)] if area in self._tree else []
        return frozenset([area, *above])


def _lateness(plan: Plan, period: Period, days: int) -> Iterator[Lateness]:
    """
    Yield, of each unit, measure and area, how much of the period's flow came `days` after its day or later.

    A late row that replaces one that came in time counts for the difference.
    """
    flows = {measure.code for measure in plan.measures if measure.kind is Kind.FLOW}
    after = _each_day(period, "recorded_at__gte", days)
    in_time = _each_day(period, "recorded_at__lt", days)
    gone_late = _each_day(period, "superseded_at__gte", days)
    for source in installed_sources():
        measures = flows if source.grade is Grade.DECLARED else flows.intersection(source.measures)
        if not measures:
            continue
        rows = source.facts(period.first_day, period.last_day).filter(measure__in=list(measures))
        totals = _sums(rows.filter(as_known(None)))
        grown = _sums(rows.filter(as_known(None)).filter(after))
        lost = _sums(rows.filter(in_time & gone_late)) if grown else {}
        for key, total in sorted(totals.items()):
            unit, measure, area, valid_from = key
            late = grown.get(key, 0) - lost.get(key, 0)
            yield Lateness(
                unit=unit,
                measure=measure,
                source=source.code,
                area=area,
                area_valid_from=valid_from,
                days=days,
                late=late,
                total=total,
                refs=_late_refs(source.code, rows, key, after) if late > 0 else (),
            )


def _late_refs(source: str, rows: Any, key: tuple[str, str, str, date], after: Q) -> tuple[Ref, ...]:
    unit, measure, area, valid_from = key
    late = rows.filter(as_known(None), after, unit=unit, measure=measure, area=area, area_valid_from=valid_from)
    records = late.order_by("day", "record").values_list("record", flat=True)
    return tuple(Ref(source, one) for one in records[:MOST_ROWS])


def _sums(rows: Any) -> dict[tuple[str, str, str, date], int]:
    by = rows.values_list("unit", "measure", "area", "area_valid_from").annotate(total=Sum("value")).order_by()
    return {(unit, measure, area, valid_from): total for unit, measure, area, valid_from, total in by}


def _each_day(period: Period, lookup: str, days: int) -> Q:
    """Return the filter by a moment that lies `days` after the end of a fact's own day."""
    span = range((period.last_day - period.first_day).days + 1)
    return reduce(
        operator.or_,
        (
            Q(day=day, **{lookup: _end_of(day) + days * _ONE_DAY})
            for day in (period.first_day + n * _ONE_DAY for n in span)
        ),
    )


def _end_of(day: date) -> datetime:
    return _begin_of(day + _ONE_DAY)


def _begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)


# -- events --------------------------------------------------------------------------------------------------------------
def _sightings(period: Period, tree: AreaTree) -> Iterator[Sighting]:
    districts = {area.code: _district(area.code, tree) for area in tree}
    valid_from = {area.code: area.valid_from for area in tree}
    for source in installed_sightings():
        for one in source.between(_begin_of(period.first_day), _end_of(period.last_day)):
            yield Sighting(
                ref=Ref(source.code, one.record),
                person=one.person,
                place=one.place,
                device=one.device,
                unit=one.unit,
                area=one.area,
                area_valid_from=valid_from.get(one.area, period.last_day),
                district=districts.get(one.area, one.area),
                at=one.at,
                latitude=one.latitude,
                longitude=one.longitude,
            )


def _district(code: str, tree: AreaTree) -> str:
    """Return the district that an area lies in; where there are none any more, the area itself."""
    above = [tree.get(code), *tree.ancestors(code)]
    return next((area.code for area in above if area.level is Level.DISTRICT), code)
