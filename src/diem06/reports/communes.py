"""The rows of a district's grid that its communes fill in themselves, where the district lets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import DISTRICT_COMMITTEE, UnitOn, roles_on, units_on
from diem06.core.plans.cells import Cell
from diem06.plan.model import Plan
from diem06.reports import queries
from diem06.reports.cell_names import field_name
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import DeclaredValue, Report


@dataclass(frozen=True, kw_only=True)
class CommuneRow:
    """How far one commune's row is: who filled in what, and when last."""

    unit: UnitOn
    filled: int
    owed: int
    by_commune: int  # cells whose number the commune's own people typed
    last_by: str
    last_at: datetime | None
    people: int  # who can sign in for it


def cells_of_commune(report: Report, plan: Plan, commune: UnitOn) -> Mapping[str, Cell]:
    """Return the cells of a district's report that lie in a commune, by form name."""
    return {name: cell for name, cell in owed_cells(report, plan).items() if cell.area == commune.area}


def is_commune_of(commune: UnitOn, report: Report) -> bool:
    """Does the commune lie in the district whose report it is?"""
    district = units_on(report.period.last_day)[report.unit]
    tree = areas_on(report.period.last_day)
    return (
        district.kind == DISTRICT_COMMITTEE
        and commune.area in tree
        and tree.get(commune.area).level == "commune"
        and tree.get(commune.area).parent == district.area
    )


def commune_rows(report: Report, plan: Plan, *, at: datetime) -> list[CommuneRow]:
    """Return the communes that the district's grid has rows for, in the order of the grid."""
    by_area = {unit.area: unit for unit in units_on(report.period.last_day).values() if is_commune_of(unit, report)}
    values = {
        queries.cell_of(value): value
        for value in DeclaredValue.objects.current()
        .filter(period=report.period, unit=report.unit)
        .select_related("recorded_by")
    }
    absent = queries.absent_cells(report)
    cells: dict[str, list[Cell]] = {}
    for cell in owed_cells(report, plan).values():
        if cell.area in by_area:
            cells.setdefault(cell.area, []).append(cell)
    working: dict[str, set[int]] = {}
    here = roles_on(at.date()).filter(unit_code__in=[unit.code for unit in by_area.values()], user__is_active=True)
    for code, person in here.values_list("unit_code", "user_id"):
        working.setdefault(code, set()).add(person)
    rows = []
    for area, owed in cells.items():
        unit = by_area[area]
        people = working.get(unit.code, set())
        typed = [values[cell] for cell in owed if cell in values]
        last = max(typed, key=lambda value: value.recorded_at, default=None)
        rows.append(
            CommuneRow(
                unit=unit,
                filled=sum(1 for cell in owed if cell in values or field_name(cell) in absent),
                owed=len(owed),
                by_commune=sum(1 for value in typed if value.recorded_by_id in people),
                last_by=last.recorded_by.full_name if last and last.recorded_by else "",
                last_at=last.recorded_at if last else None,
                people=len(people),
            )
        )
    return rows


def grids_of(units: frozenset[str], plan: Plan, *, at: datetime) -> list[tuple[Report, UnitOn]]:
    """Return the districts' reports into which `units`, committees of communes, may type now, with the commune."""
    here = units_on(at.date())
    mine = [here[code] for code in sorted(units) if code in here and here[code].parent]
    open_to = queries.handed_out(plan.id, {unit.parent for unit in mine})
    found = []
    for unit in mine:
        if unit.parent in open_to:
            reports = Report.objects.filter(
                period__plan_id=plan.id, unit=unit.parent, period__opens_at__lte=at
            ).select_related("period")
            found += [
                (report, unit)
                for report in reports.order_by("period__due_at")
                if report.may_be_edited(at) and is_commune_of(unit, report)
            ]
    return found
