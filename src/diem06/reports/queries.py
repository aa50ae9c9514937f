"""Reads of the monthly cycle that mean something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.models import Period
from diem06.plan.model import Plan
from diem06.reports.models import (
    AbsentValue,
    DeclaredValue,
    Explanation,
    Handout,
    Heading,
    Narrative,
    Remark,
    Report,
    ReportState,
    UnitPlan,
)


# -- values ----------------------------------------------------------------------------------------------------------
def current_values(report: Report) -> dict[Cell, DeclaredValue]:
    """Return the unit's current values of the period by cell."""
    return values_at(report, None)


def values_at(report: Report, at: datetime | None) -> dict[Cell, DeclaredValue]:
    """Return the unit's values of the period by cell as they stood at `at`; None: as they stand."""
    values = DeclaredValue.objects.known_at(at).filter(period=report.period, unit=report.unit)
    return {cell_of(value): value for value in values}


@dataclass(frozen=True, kw_only=True)
class Number:
    """A current number of a cell, and the row that it is."""

    value: int
    row: int  # id of the DeclaredValue


def current_numbers(report: Report) -> dict[Cell, Number]:
    """Return the unit's current numbers of the period by cell: what `current_values` says, without the rows' other columns."""
    rows = DeclaredValue.objects.current().filter(period=report.period, unit=report.unit)
    columns = rows.values_list("measure", "dimensions", "area", "area_valid_from", "day", "value", "pk")
    return {
        Cell(
            measure=measure, dimensions=dimensions, area=area, area_valid_from=valid_from, unit=report.unit, day=day
        ): Number(value=value, row=row)
        for measure, dimensions, area, valid_from, day, value, row in columns
    }


def cell_of(value: DeclaredValue) -> Cell:
    """Return the cell that a value stands in."""
    return Cell(
        measure=value.measure,
        dimensions=value.dimensions,
        area=value.area,
        area_valid_from=value.area_valid_from,
        unit=value.unit,
        day=value.day,
    )


def absent_cells(report: Report, at: datetime | None = None) -> dict[str, AbsentValue]:
    """Return by form name the cells of which the unit says that there is no number, as of `at`; None: now."""
    rows = AbsentValue.objects.known_at(at).filter(period=report.period, unit=report.unit)
    return {row.cell: row for row in rows}


def explanations(values: Iterable[DeclaredValue]) -> dict[int, list[Explanation]]:
    """Return the reasons that travel with values, by the value's id."""
    return explanations_of([value.pk for value in values])


def explanations_of(ids: Sequence[int]) -> dict[int, list[Explanation]]:
    """Return the reasons that travel with the values of these ids."""
    found: dict[int, list[Explanation]] = {}
    for start in range(0, len(ids), 500):
        chunk = Explanation.objects.filter(value__in=ids[start : start + 500]).select_related("explained_by")
        for row in chunk:
            found.setdefault(row.value_id, []).append(row)
    return found


def explained_this_period(report: Report) -> int:
    """Return how many reasons the unit gave in this report, for earlier versions of a value too."""
    return Explanation.objects.filter(report=report).count()


# -- where reports are -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Sending:
    """Who sent when: one unit's report of one period, judged at a moment."""

    report: Report
    timeliness: str  # a key of ui.words.TIMELINESS


def sendings(period: Period, *, at: datetime) -> list[Sending]:
    """Return every report of the period with its timeliness: missing ones first, then late, then in time."""
    order = {"missing": 0, "not_due": 0, "late": 1, "in_time": 2}
    found = [
        Sending(report=report, timeliness=timeliness(report, at=at))
        for report in Report.objects.filter(period=period).select_related("period")
    ]
    return sorted(found, key=lambda sending: (order[sending.timeliness], sending.report.unit))


def timeliness(report: Report, *, at: datetime) -> str:
    """
    Return in_time, late, missing, or not_due: the keys of ui.words.TIMELINESS.

    The first approval counts: a return or a correction makes no report late, and none punctual.
    """
    if report.first_approved_at is not None:
        return "late" if report.is_late else "in_time"
    return "missing" if at >= report.period.due_at else "not_due"


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """Who does what next. `actor`: reporter, head, office, or empty when nothing is left to do."""

    actor: str
    words: str | Promise

    def __bool__(self) -> bool:
        return bool(self.actor)


def next_actor(report: Report, *, at: datetime, is_full: bool = False) -> NextStep:
    """
    Return who must act on the report now. After the lock nothing moves before the standing office opens it again.

    `is_full`: every cell of a draft has its answer, so that it can be sent.
    """
    if report.state == ReportState.ACCEPTED:
        return NextStep(actor="", words="")
    if report.state == ReportState.APPROVED:
        return NextStep(actor="office", words=_("cơ quan thường trực tiếp nhận"))
    if not report.is_within_time(at):
        return NextStep(actor="office", words=_("cơ quan thường trực mở lại"))
    if report.state == ReportState.SUBMITTED:
        return NextStep(actor="head", words=_("người đứng đầu duyệt"))
    if report.state == ReportState.RETURNED:
        return NextStep(actor="reporter", words=_("cán bộ báo cáo sửa"))
    return NextStep(actor="reporter", words=_("cán bộ báo cáo trình") if is_full else _("cán bộ báo cáo nhập"))


def open_remarks(report: Report) -> list[Remark]:
    """Return the remarks that the unit has not put right or answered, the oldest first."""
    return list(Remark.objects.filter(event__report=report, answered_at=None).select_related("event", "event__by"))


# -- words and plans -------------------------------------------------------------------------------------------------
def narratives(period: Period, heading: Heading) -> list[Narrative]:
    """Return what units wrote under a heading for the period, in the order of the units' codes; empty texts left out."""
    return list(
        Narrative.objects.filter(report__period=period, heading=heading)
        .exclude(text="")
        .select_related("report", "report__period")
        .order_by("report__unit")
    )


def texts_at(report: Report, at: datetime | None) -> dict[Heading, Narrative]:
    """Return what the unit wrote, by heading, as it stood at `at`; None: as it stands."""
    rows = report.narratives.all() if at is None else Narrative.every.known_at(at).filter(report=report)
    return {Heading(row.heading): row for row in rows}


def unit_plans(plan_id: str) -> Mapping[str, UnitPlan]:
    """Return the units' own plans by unit."""
    return {row.unit: row for row in UnitPlan.objects.filter(plan_id=plan_id).select_related("file")}


def line_of(plan: Plan, unit: str) -> set[str]:
    """Return the unit and those that it took over from, one after the other: what they left open is its own."""
    line = {unit}
    while before := {row.code for row in plan.units if row.successor in line} - line:
        line |= before
    return line


def unit_plans_on(plan: Plan, on: date) -> dict[str, UnitPlan]:
    """Return the own plans of the units of a day, by unit; a unit that took over another one's tasks goes on with that one's plan."""
    here = units_on(on)
    successors = {unit.code: unit.successor for unit in plan.units if unit.successor}
    found: dict[str, UnitPlan] = {}
    for code, row in unit_plans(plan.id).items():
        heir = code
        while heir not in here and heir in successors:
            heir = successors[heir]
        if heir in here and (heir not in found or heir == code):
            found[heir] = row
    return found


def changed_after_approval(report: Report) -> int:
    """Return how many cells were changed after the head's approval was recorded."""
    return 0 if report.approval_recorded_at is None else changed_since(report, report.approval_recorded_at)


def changed_since(report: Report, moment: datetime) -> int:
    """Return how many cells were changed after a moment."""
    changed = (
        DeclaredValue.objects.filter(
            Q(recorded_at__gt=moment) | Q(superseded_at__gt=moment), period=report.period, unit=report.unit
        )
        .values("measure", "dimensions", "area", "day")
        .distinct()
    )
    return changed.count()


# -- communes --------------------------------------------------------------------------------------------------------
def handout_of(plan_id: str, unit: str) -> Handout | None:
    """Return the district's open switch: its communes fill in their own rows. None: they do not."""
    return (
        Handout.objects.filter(plan_id=plan_id, unit=unit, taken_back_at=None).select_related("handed_out_by").first()
    )


def handed_out(plan_id: str, units: Iterable[str]) -> set[str]:
    """Return those of `units` that have handed their grid to their communes."""
    return set(
        Handout.objects.filter(plan_id=plan_id, unit__in=list(units), taken_back_at=None).values_list("unit", flat=True)
    )
