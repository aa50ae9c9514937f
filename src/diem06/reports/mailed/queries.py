"""Reads of a mailed report: its cells in words, and its proposals as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.plan.model import Plan
from diem06.reports.actions import current_values
from diem06.reports.entry_form import Words, owed_cells
from diem06.reports.mailed.cells import words_of_cells
from diem06.reports.mailed.finding import CellWords
from diem06.reports.models import Report


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A cell of the report as the page names it, with what stands in it now. `record` is empty for an empty cell."""

    name: str
    cell: Cell
    label: str
    value: int | None
    record: str


def cell_words(report: Report, plan: Plan) -> list[CellWords]:
    """Return the words of every cell that the unit owes on the period's last day; those of a deadline are chosen by hand."""
    period = report.period
    tree = areas_on(period.last_day)
    cells = {name: cell for name, cell in owed_cells(report, plan).items() if cell.day == period.last_day}
    return words_of_cells(
        cells,
        plan,
        own_area=units_on(period.last_day)[report.unit].area,
        areas={code: tree.get(code).short_name for code in {cell.area for cell in cells.values()}},
    )


def choices(report: Report, plan: Plan) -> Mapping[str, Choice]:
    """Return every cell that the unit owes, by form name, each with a label that no other has."""
    period = report.period
    tree = areas_on(period.last_day)
    own = units_on(period.last_day)[report.unit].area
    words = Words(plan)
    values = current_values(report)
    found: dict[str, Choice] = {}
    taken: set[str] = set()
    for name, cell in owed_cells(report, plan).items():
        parts = [words.of(cell.measure, cell.dimensions)]
        if cell.area != own:
            parts.append(tree.get(cell.area).short_name)
        if cell.day != period.last_day:
            parts.append(f"{cell.day:%d/%m/%Y}")
        label = " · ".join(parts)
        if label in taken:
            label = f"{label} · {cell.area}"
        taken.add(label)
        value = values.get(cell)
        found[name] = Choice(
            name=name,
            cell=cell,
            label=label,
            value=value.value if value else None,
            record=value.record if value else "",
        )
    return found
