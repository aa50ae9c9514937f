"""What the product itself knows about a unit, as facts."""

from __future__ import annotations

from datetime import date, datetime

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.cube.actions import facts_changed
from diem06.reports.models import UnitFact


def state_fact(
    *,
    measure: str,
    source: str,
    record: str,
    unit: str,
    day: date,
    dimensions: str,
    at: datetime,
    value: int = 1,
) -> None:
    """Supersede what is known about a unit by what is known now."""
    UnitFact.objects.current().filter(measure=measure, record=record).update(superseded_at=at)
    here = units_on(day).get(unit) or units_on(at.date())[unit]
    area = areas_on(day).get(here.area)
    UnitFact.objects.create(
        measure=measure,
        source=source,
        day=day,
        recorded_at=at,
        area=area.code,
        area_valid_from=area.valid_from,
        unit=unit,
        dimensions=dimensions,
        value=value,
        record=record,
    )
    facts_changed(day=day)
