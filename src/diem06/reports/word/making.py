"""A report as it stands: what a preview shows and a file is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, cells_owed, obligations_of
from diem06.core.plans.queries import period as period_of
from diem06.plan.model import ReportKind
from diem06.plan.periods import previous
from diem06.reports.models import DeclaredValue
from diem06.reports.word.content import build
from diem06.reports.word.material import Material, Signing, gather, kind_of_unit
from diem06.reports.word.tree import Content
from diem06.reports.word.unit import Typed, build_unit, typed_rows


def unit_kind(loaded: Loaded, period: Period, unit: str) -> ReportKind:
    """Return the kind that a unit's own report is. Raises KeyError for a unit that is not there on the period's last day."""
    units = units_on(period.last_day)
    return kind_of_unit(loaded.plan, units[unit], units)


def make(
    *,
    loaded: Loaded,
    period: Period,
    kind: ReportKind,
    at: datetime,
    unit: str = "",
    revisions: Mapping[str, int] | None = None,
    signing: Signing | None = None,
) -> tuple[Material, Content]:
    """Return a report as it stands at `at`, and what it was made of; with `unit`, that unit's own."""
    material = gather(loaded=loaded, period=period, kind=kind, at=at, revisions=revisions, unit=unit)
    if unit:
        return material, build_unit(material, typed_by(loaded, period, unit), signing)
    return material, build(material, signing)


def typed_by(loaded: Loaded, period: Period, unit: str) -> list[Typed]:
    """Return what a unit typed for a period, beside the period before."""
    owed = cells_owed(obligations_of(unit, period), plan=loaded.plan, on=period.last_day)
    before_code = previous(loaded.plan, period.code)
    before = period_of(loaded.plan, before_code) if before_code else None
    values = DeclaredValue.objects.current().filter(unit=unit)
    return typed_rows(
        loaded.plan,
        owed,
        list(values.filter(period=period)),
        list(values.filter(period=before)) if before else [],
        last_day=period.last_day,
    )
