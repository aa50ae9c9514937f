"""The sources that the monthly cycle supplies."""

from __future__ import annotations

from datetime import date, datetime

from diem06.core.roster import Coverage, Grade, Source, StockState
from diem06.core.roster.facts import FactQuerySet
from diem06.reports.models import DeclaredValue, UnitFact

DECLARED = "declared"
UNIT_PLANS = "unit_plans"
REPORTS = "reports"

UNITS_OF_PLAN = "units_of_plan"
UNIT_PLANS_IN_TIME = "unit_plans_in_time"
REPORTS_DUE = "reports_due"


def _declared(first: date, last: date, known_at: datetime | None) -> FactQuerySet:
    return DeclaredValue.objects.known_at(known_at).between(first, last)


def _unit_plans(first: date, last: date, known_at: datetime | None) -> FactQuerySet:
    return UnitFact.objects.filter(source=UNIT_PLANS).known_at(known_at).between(first, last)


def _reports(first: date, last: date, known_at: datetime | None) -> FactQuerySet:
    return UnitFact.objects.filter(source=REPORTS).known_at(known_at).between(first, last)


SOURCES = (
    Source(code=DECLARED, grade=Grade.DECLARED, facts=_declared),
    Source(
        code=UNIT_PLANS,
        grade=Grade.EVIDENCED,
        facts=_unit_plans,
        measures=(UNITS_OF_PLAN, UNIT_PLANS_IN_TIME),
        stock=StockState.RECORD,
        coverage=lambda _first, _last: (Coverage(measure=UNITS_OF_PLAN), Coverage(measure=UNIT_PLANS_IN_TIME)),
    ),
    Source(
        code=REPORTS,
        grade=Grade.EVIDENCED,
        facts=_reports,
        measures=(REPORTS_DUE,),
        coverage=lambda _first, _last: (Coverage(measure=REPORTS_DUE),),
    ),
)
