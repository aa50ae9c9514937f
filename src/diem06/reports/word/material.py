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
from diem06.plan.model import Plan, ReportKind
from diem06.plan.periods import previous, window_of
from diem06.reports import queries
from diem06.reports.actions import unit_plan_deadline
from diem06.reports.models import Heading, UnitPlan
from diem06.reports.word.printed import Figures, short_date
from diem06.reports.word.sentences import Windows


class ReportKindError(LookupError):
    """The plan has no report of this kind; the text names those that it has."""


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What the clerk of documents fills in; empty or None stays «…»."""

    number: str = ""
    day: date | None = None
    signer: str = ""
    signs: tuple[str, ...] = ()  # authority and post, top down; empty: as the plan has it


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
    texts: Mapping[Heading, tuple[tuple[str, str], ...]]  # (unit, what it wrote), in the units' order
    unit_plans: Mapping[str, UnitPlan]  # by the unit of today
    unit_plan_deadline: date | None

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


def windows_of(plan: Plan, period: str) -> tuple[str, ...]:
    """Return the codes of the windows that a report of `period` prints."""
    before = previous(plan, period)
    return tuple(code for code in (period, before, f"ptd-{period}") if code)


def gather(
    *, loaded: Loaded, period: Period, kind: ReportKind, at: datetime, revisions: Mapping[str, int] | None = None
) -> Material:
    """
    Read what a report needs as it stands at `at`.

    `revisions` holds the revision that was issued for each window; without it each window has the one that it would get.
    """
    plan = loaded.plan
    codes = windows_of(plan, period.code)
    figures = {}
    for code in codes:
        here = board(loaded, code)
        figures[code] = Figures(board=here, revision=here.revision if revisions is None else revisions[code])
    so_far = window_of(plan, codes[-1])
    units = units_on(period.last_day)
    order = {unit: place for place, unit in enumerate(units)}
    last = len(order)
    return Material(
        plan=plan,
        is_made_up=loaded.is_made_up,
        kind=kind,
        period=period,
        windows=Windows(
            now=figures[period.code],
            before=figures[codes[1]] if len(codes) == 3 else None,
            so_far=figures[codes[-1]],
            first_day=short_date(so_far.first_day),
        ),
        units=units,
        tree=areas_on(period.last_day),
        tasks=tuple(
            Task(pilot=row.pilot, unit=unit)
            for row in plan.assignments
            if row.from_day <= period.last_day
            for unit in owing((row.unit,), plan, on=period.last_day)
        ),
        sendings=sorted(queries.sendings(period, at=at), key=lambda sending: order.get(sending.report.unit, last)),
        texts={
            heading: tuple(
                (row.report.unit, row.text.strip())
                for row in sorted(queries.narratives(period, heading), key=lambda row: order.get(row.report.unit, last))
                if row.text.strip()
            )
            for heading in Heading
        },
        unit_plans=_plans_of_today(plan, units),
        unit_plan_deadline=unit_plan_deadline(plan),
    )


def _plans_of_today(plan: Plan, units: Mapping[str, UnitOn]) -> dict[str, UnitPlan]:
    """Return the units' own plans; a unit that took over another one's tasks goes on with that one's plan."""
    rows = queries.unit_plans(plan.id)
    successors = {unit.code: unit.successor for unit in plan.units if unit.successor}
    found: dict[str, UnitPlan] = {}
    for code, row in rows.items():
        heir = code
        while heir not in units and heir in successors:
            heir = successors[heir]
        if heir in units and (heir not in found or heir == code):
            found[heir] = row
    return found
