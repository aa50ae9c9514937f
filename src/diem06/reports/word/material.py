"""All that a report is made of, gathered once: the plan, the figures and the rows that units wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, owing
from diem06.cube.board import board
from diem06.cube.closing.record import board_of_record
from diem06.plan.changes import assignments_on
from diem06.plan.model import Plan, ReportKind
from diem06.plan.periods import previous, window_of
from diem06.reports import queries
from diem06.reports.actions import unit_plan_deadline
from diem06.reports.compiling.queries import OF_UNIT, compiled, said_in
from diem06.reports.compiling.sections import Said, Section
from diem06.reports.models import Heading, UnitPlan
from diem06.reports.word.printed import Figures, short_date
from diem06.reports.word.sentences import Windows


class ReportKindError(LookupError):
    """The plan has no report of this kind; the text names those that it has."""


MONTHS_OF_COURSE = 6
"""So many months a report looks back."""


@dataclass(frozen=True, kw_only=True)
class Signing:
    """
    What the clerk of documents fills in; empty or None stays «…».

    `takes_place_of` names the sent document that this one replaces: «Báo cáo số 12/BC-CAT-PC06 ngày 17/8/2023».
    """

    number: str = ""
    day: date | None = None
    signer: str = ""
    signs: tuple[str, ...] = ()  # authority and post, top down; empty: as the plan has it
    takes_place_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """An assignment of the plan with the unit that carries it out on the report's last day."""

    pilot: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything is read before the report is built, so that building is pure."""

    plan: Plan
    is_made_up: bool
    kind: ReportKind
    period: Period
    windows: Windows
    units: Mapping[str, UnitOn]
    tree: AreaTree
    tasks: tuple[Task, ...]
    sendings: Sequence[queries.Sending]
    texts: Mapping[
        Heading, tuple[tuple[str, str], ...]
    ]  # (unit, what it wrote), in the units' order; without what the office left out
    said: tuple[Said, ...]
    sections: Mapping[str, Section]  # as the office compiled them; empty in a unit's own report
    unit_plans: Mapping[str, UnitPlan]  # by the unit of today
    unit_plan_deadline: date | None
    unit: str = ""  # whose own report it is

    def short(self, unit: str) -> str:
        return self.units[unit].short if unit in self.units else unit

    def key(self, unit: str) -> str:
        return self.units[unit].key if unit in self.units else unit


def kind_of(plan: Plan, code: str) -> ReportKind:
    """Return a kind of report by its code. Raises ReportKindError."""
    for kind in plan.report.kinds:
        if kind.code == code:
            return kind
    known = ", ".join(kind.code for kind in plan.report.kinds)
    raise ReportKindError(f"{code}: the plan has no report of this kind; it has {known}.")


def kind_of_unit(plan: Plan, unit: UnitOn, units: Mapping[str, UnitOn]) -> ReportKind:
    """Return the kind that a unit's own report is: to the chairman, through the standing office and the committee's office."""

    def short(code: str) -> str:
        return units[code].short if code in units else code

    chairman = f"{units[plan.issuer].head_title.capitalize()} {short(plan.issuer)}"
    through = ", ".join(short(code) for code in (plan.steering_unit, plan.office_unit) if code != unit.code)
    return ReportKind(
        code=OF_UNIT,
        name=f"Báo cáo của {unit.short}",
        name_en=f"Report of {unit.name_en}",
        issuer=unit.code,
        symbol=f"BC-{unit.symbol}",
        signs=unit.signs[0] if unit.signs else (unit.head_title,),
        addressees=(f"{chairman} (qua {through})",),
        recipients=("Như trên", "Lưu: VT"),
    )


def windows_of(plan: Plan, period: str) -> tuple[str, ...]:
    """Return the codes of the windows that a report of `period` prints: the month, those before it, and the run so far."""
    course = [period]
    while len(course) < MONTHS_OF_COURSE and (before := previous(plan, course[-1])):
        course.append(before)
    return (*course, f"ptd-{period}")


def gather(
    *,
    loaded: Loaded,
    period: Period,
    kind: ReportKind,
    at: datetime,
    revisions: Mapping[str, int] | None = None,
    unit: str = "",
) -> Material:
    """
    Read what a report needs as it stands at `at`; with `unit`, what that unit's own report needs.

    `revisions` holds the revision that was issued for each window; without it each window has the one that it would get.
    """
    plan = loaded.plan
    codes = windows_of(plan, period.code)
    figures = {}
    for code in codes:
        # A unit's own report says what the unit says now, a corrected number too; the province's says what was closed.
        here = board(loaded, code) if unit else board_of_record(loaded, code)
        figures[code] = Figures(board=here, revision=here.revision if revisions is None else revisions[code], unit=unit)
    so_far = window_of(plan, codes[-1])
    units = units_on(period.last_day)
    order = {code: place for place, code in enumerate(units)}
    last = len(order)
    said = [each for each in said_in(period, order) if not unit or each.unit == unit]
    found = {} if unit else compiled(period, plan, said)
    kept = {each.narrative for section in found.values() for passage in section.passages for each in passage.all}
    return Material(
        plan=plan,
        is_made_up=loaded.is_made_up,
        kind=kind,
        period=period,
        windows=Windows(
            now=figures[period.code],
            before=figures[codes[1]] if len(codes) > 2 else None,
            so_far=figures[codes[-1]],
            first_day=short_date(so_far.first_day),
            course=tuple(figures[code] for code in reversed(codes[:-1])),
        ),
        units=units,
        tree=areas_on(period.last_day),
        tasks=tuple(
            Task(pilot=row.pilot, unit=code)
            for row in assignments_on(plan, period.last_day)
            for code in owing((row.unit,), plan, on=period.last_day)
        ),
        sendings=sorted(queries.sendings(period, at=at), key=lambda sending: order.get(sending.report.unit, last)),
        texts={
            heading: tuple(
                (each.unit, each.text) for each in said if each.heading is heading and (unit or each.narrative in kept)
            )
            for heading in Heading
        },
        said=tuple(said),
        sections=found,
        unit_plans=queries.unit_plans_on(plan, period.last_day),
        unit_plan_deadline=unit_plan_deadline(plan),
        unit=unit,
    )
