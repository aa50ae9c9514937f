"""What the product itself knows about a unit, as facts."""

from __future__ import annotations

from datetime import date, datetime

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.cube.actions import facts_changed
from diem06.cube.leaves import leaf_of
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
    before = UnitFact.objects.current().filter(measure=measure, record=record)
    changed = {leaf_of(known) for known in before.values_list("day", flat=True)} | {leaf_of(day)}
    before.update(superseded_at=at)
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
    for leaf in sorted(changed):
        facts_changed(source=source, day=leaf)
