"""What the checks find in a report: gathers what `checks` looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.plan.model import Kind, Plan
from diem06.plan.periods import previous
from diem06.reports import checks, queries
from diem06.reports.cell_names import field_name
from diem06.reports.checks import Asked, Code, Finding
from diem06.reports.entry_form import Words, earlier_values, faults, owed_cells
from diem06.reports.models import Explanation, Report
from diem06.reports.queries import Number


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A soft finding with the reason that its value carries."""

    finding: Finding
    explanation: Explanation


@dataclass(frozen=True, kw_only=True)
class Checked:
    """
    What the checks found in a report.

    `asked` are the soft findings that want a reason now, `let_go` the ones beyond five a month: shown, not asked.
    """

    missing: tuple[Finding, ...]
    faults: tuple[Finding, ...]
    asked: tuple[Finding, ...]
    explained: tuple[Explained, ...]
    let_go: tuple[Finding, ...]
    rows: dict[str, int]  # id of the value that stands in a cell, by form name

    @property
    def hard(self) -> tuple[Finding, ...]:
        return self.faults + self.missing

    @property
    def in_the_way(self) -> tuple[Finding, ...]:
        """What keeps the report from being sent."""
        return self.hard + self.asked


def check_report(report: Report, plan: Plan) -> Checked:
    """Run every check over a report as it stands."""
    values = queries.current_numbers(report)
    by_name = {field_name(cell): number.row for cell, number in values.items()}
    found = [*part_above_whole(report, plan, values), *checks.findings(_asked(report, plan, values))]
    wrong = {one.field for one in found if one.code is Code.PART_ABOVE_WHOLE}
    soft = [one for one in found if not one.is_hard and one.field not in wrong]
    reasons = {
        (row.value_id, row.check_code): row
        for rows in queries.explanations_of([by_name[one.field] for one in soft]).values()
        for row in rows
    }
    explained = [
        Explained(finding=one, explanation=reasons[key])
        for one in soft
        if (key := (by_name[one.field], one.code.value)) in reasons
    ]
    told = {one.finding.field for one in explained}
    waiting = [one for one in soft if one.field not in told]
    asked = checks.asked_first(waiting, explained=queries.explained_this_period(report))
    chosen = {one.field for one in asked}
    return Checked(
        missing=tuple(one for one in found if one.code is Code.MISSING),
        faults=tuple(one for one in found if one.code is Code.PART_ABOVE_WHOLE),
        asked=tuple(asked),
        explained=tuple(explained),
        let_go=tuple(one for one in waiting if one.field not in chosen),
        rows=by_name,
    )


def part_above_whole(report: Report, plan: Plan, values: Mapping[Cell, Number]) -> list[Finding]:
    """Return the cells where a part is larger than its whole."""
    numbers = {cell: value.value for cell, value in values.items()}
    tree = areas_on(report.period.last_day)
    return [
        Finding(code=Code.PART_ABOVE_WHOLE, field=fault.field, words="", text=fault.text)
        for fault in faults(plan, numbers, tree)
    ]


def _asked(report: Report, plan: Plan, values: Mapping[Cell, Number]) -> list[Asked]:
    """Return every owed cell with what the checks want to know of it."""
    period = report.period
    tree = areas_on(period.last_day)
    own_area = units_on(period.last_day)[report.unit].area
    words = Words(plan)
    flows = {measure.code for measure in plan.measures if measure.kind is Kind.FLOW}
    absent = queries.absent_cells(report)
    earlier = earlier_values(report, plan)
    last = earlier[-1] if earlier and earlier[-1].code == previous(plan, period.code) else None
    found = []
    for name, cell in owed_cells(report, plan).items():
        key = (cell.measure, cell.dimensions, cell.area)
        is_usual = cell.day == period.last_day  # a value dated a deadline has no past of its own
        found.append(
            Asked(
                cell=cell,
                name=name,
                label=words.of(cell.measure, cell.dimensions),
                place="" if cell.area == own_area else tree.get(cell.area).name,
                is_flow=cell.measure in flows,
                value=values[cell].value if cell in values else None,
                is_absent=name in absent,
                last=last.values.get(key) if last and is_usual else None,
                earlier=tuple(one.values[key] for one in earlier if key in one.values) if is_usual else (),
            )
        )
    return found
