"""Reads of numbers that want a second look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from diem06.core.plans.models import Period
from diem06.core.plans.queries import periods
from diem06.core.roster import installed_sources
from diem06.core.roster.sightings import Sighting, installed_sightings
from diem06.cube.anomalies.rulebook import Rule, shipped
from diem06.cube.models import Anomaly, AnomalyRun, AnomalyState, ChangedFacts, RuleSwitch
from diem06.plan.model import Plan

LOOKED_AT_AGAIN = 3
"""The cycle looks at so many periods that are due; older ones are looked at by `diem06 anomalies find PERIOD`."""
_A_YEAR = timedelta(days=400)
ROWS_AT_ONCE = 200


# -- rules ---------------------------------------------------------------------------------------------------------------
def switches() -> dict[str, RuleSwitch]:
    """Return the rules that somebody switched, by code."""
    return {row.rule: row for row in RuleSwitch.objects.select_related("changed_by")}


def rules_on() -> tuple[Rule, ...]:
    """Return the rules that are on, the gravest first."""
    switched = switches()
    return tuple(
        rule for rule in shipped().rules if (switched[rule.code].is_on if rule.code in switched else rule.is_on)
    )


def rates(plan: Plan) -> dict[str, tuple[int, int]]:
    """Return by rule, over all periods looked at: unit-months looked at, and those in which it found something."""
    looked: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for counts in AnomalyRun.objects.filter(period__plan_id=plan.id).values_list("counts", flat=True):
        for rule, (units, flagged) in counts.items():
            looked[rule][0] += units
            looked[rule][1] += flagged
    return {rule: (units, flagged) for rule, (units, flagged) in looked.items()}


# -- periods -------------------------------------------------------------------------------------------------------------
def ripe_periods(plan: Plan, *, at: datetime, codes: Collection[str] = ()) -> list[Period]:
    """Return the periods of `codes`, else the last ones that are due, the earliest first."""
    opened = periods(plan).order_by("first_day")
    if codes:
        return list(opened.filter(code__in=codes))
    return list(opened.filter(due_at__lte=at))[-LOOKED_AT_AGAIN:]


def facts_until(period: Period) -> str:
    """Return what changes with every change of a fact that a look at the period may read."""
    rows = ChangedFacts.objects.filter(first_day__gt=period.first_day - _A_YEAR, first_day__lte=period.last_day)
    return repr(list(rows.order_by("source", "first_day").values_list("source", "first_day", "changes", "stamp")))


# -- findings ------------------------------------------------------------------------------------------------------------
def of_plan(plan: Plan) -> QuerySet[Anomaly]:
    """Return all findings, the newest period first, then the gravest."""
    rows = Anomaly.objects.filter(period__plan_id=plan.id).select_related("period")
    return rows.order_by("-period__first_day", "gravity", "-size", "unit", "pk")


def put_to(plan: Plan, units: Collection[str]) -> QuerySet[Anomaly]:
    """Return what was put to these units."""
    return of_plan(plan).filter(unit__in=units, put_at__isnull=False)


def waiting_for(plan: Plan, units: Collection[str]) -> QuerySet[Anomaly]:
    """Return what these units are asked now."""
    asked = Q(state=AnomalyState.OPEN) | Q(state=AnomalyState.ASKED_BACK)
    return put_to(plan, units).filter(asked, gone_at__isnull=True)


# -- the rows behind one -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class FactBehind:
    """A row of facts that a finding rests on."""

    source: str
    record: str
    day: date
    measure: str
    dimensions: str
    area: str
    place: str
    value: int
    recorded_at: datetime
    superseded_at: datetime | None


def facts_behind(anomaly: Anomaly) -> list[FactBehind]:
    """Return the facts that a finding names, the latest day first; one that was replaced since says so."""
    named = _named(anomaly)
    found: list[FactBehind] = []
    for source in installed_sources():
        if records := named.get(source.code):
            rows = source.facts(anomaly.period.first_day - _A_YEAR, anomaly.period.last_day).filter(
                record__in=records, unit=anomaly.unit
            )
            if anomaly.rule == _LATE:  # a record of a day may stand for several rows of the same site
                rows = rows.filter(
                    day__gte=anomaly.period.first_day, measure=anomaly.measure, area=anomaly.area, superseded_at=None
                )
            found += [
                FactBehind(
                    source=source.code, record=record, day=day, measure=measure, dimensions=dimensions, area=area,
                    place=place, value=value, recorded_at=recorded_at, superseded_at=superseded_at,
                )
                for record, day, measure, dimensions, area, place, value, recorded_at, superseded_at in rows.order_by(
                    "-day", "record", "pk"
                ).values_list(
                    "record", "day", "measure", "dimensions", "area", "place", "value", "recorded_at", "superseded_at"
                )[:ROWS_AT_ONCE]
            ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.day.toordinal(), row.measure, row.dimensions, row.area, row.record))


_LATE = "late_records"


def sightings_behind(anomaly: Anomaly) -> list[Sighting]:
    """Return the readings that a finding names, by time. They say when and where, never who."""
    named = _named(anomaly)
    found = [
        one
        for source in installed_sightings()
        if (records := named.get(source.code))
        for one in source.records(records)
    ]
    return sorted(found, key=lambda one: (one.at, one.place, one.record))


def _named(anomaly: Anomaly) -> dict[str, list[str]]:
    named: dict[str, list[str]] = defaultdict(list)
    for source, record in anomaly.refs:
        named[source].append(record)
    return named
