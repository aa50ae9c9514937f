"""The sources that the monthly cycle supplies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.roster import Coverage, Grade, NamedRecord, Source, StockState
from diem06.core.roster.facts import FactQuerySet
from diem06.reports.models import DeclaredValue, UnitFact

DECLARED = "declared"
UNIT_PLANS = "unit_plans"
REPORTS = "reports"

UNITS_OF_PLAN = "units_of_plan"
UNIT_PLANS_IN_TIME = "unit_plans_in_time"
REPORTS_DUE = "reports_due"


def _declared(first: date, last: date) -> FactQuerySet:
    return DeclaredValue.objects.between(first, last)


def _unit_plans(first: date, last: date) -> FactQuerySet:
    return UnitFact.objects.filter(source=UNIT_PLANS).between(first, last)


def _reports(first: date, last: date) -> FactQuerySet:
    return UnitFact.objects.filter(source=REPORTS).between(first, last)


def _plans_named(records: Collection[str]) -> dict[str, NamedRecord]:
    """`unit-plan/PLAN/UNIT` leads to the unit's plan."""
    parts = {record: record.split("/") for record in records}
    return {
        record: NamedRecord(name=_("Xem kế hoạch"), url=reverse("unit-plan", args=[unit]))
        for record, (_kind, _plan, unit) in parts.items()
    }


def _reports_named(records: Collection[str]) -> dict[str, NamedRecord]:
    """`report/PLAN/PERIOD/UNIT` leads to the unit's report of the period."""
    parts = {record: record.split("/") for record in records}
    return {
        record: NamedRecord(name=_("Xem báo cáo"), url=reverse("entry", args=[period, unit]))
        for record, (_kind, _plan, period, unit) in parts.items()
    }


SOURCES = (
    Source(code=DECLARED, title=gettext_lazy("Đơn vị báo cáo"), grade=Grade.DECLARED, facts=_declared),
    Source(
        code=UNIT_PLANS,
        title=gettext_lazy("Kế hoạch của đơn vị"),
        grade=Grade.EVIDENCED,
        facts=_unit_plans,
        measures=(UNITS_OF_PLAN, UNIT_PLANS_IN_TIME),
        stock=StockState.RECORD,
        coverage=lambda _first, _last: (Coverage(measure=UNITS_OF_PLAN), Coverage(measure=UNIT_PLANS_IN_TIME)),
        records=_plans_named,
    ),
    Source(
        code=REPORTS,
        title=gettext_lazy("Báo cáo của đơn vị"),
        grade=Grade.EVIDENCED,
        facts=_reports,
        measures=(REPORTS_DUE,),
        coverage=lambda _first, _last: (Coverage(measure=REPORTS_DUE),),
        records=_reports_named,
    ),
)
