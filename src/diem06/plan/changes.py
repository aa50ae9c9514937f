"""
What changed after the plan was issued: dated rows that a document brought, and what stands on a day.

A plan is amended by adding rows; nothing here looks at a clock, every question names its day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from diem06.plan.model import Assignment, Deadline, Indicator, ObligationRule, Plan, Precedence, Reading, Target


class ChangeKind(StrEnum):
    """What a document changed."""

    READING = "reading"
    TARGET = "target"
    DEADLINE = "deadline"
    ASSIGNMENT = "assignment"
    NAME = "name"  # a unit has another name
    UNIT = "unit"  # a unit ended; `new` took over
    PRECEDENCE = "precedence"  # another source counts first


Said = Decimal | date | str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    One change. `about` is the code of the indicator, pilot, unit or measure (empty: every measure); `clause` where the plan says what was changed, or "".

    `old` and `new` are a share, a day, the code (of a reading, a unit) or name, or grades from the first to the last
    (`declared>evidenced>imported`); None: there was none. `document` is empty
    for a dated row that came with the plan itself. `part` narrows a target: the unit, area or level that it is for, or the
    reading whose it is.
    """

    kind: ChangeKind
    about: str
    from_day: date
    old: Said
    new: Said
    document: str
    clause: str = ""
    part: str = ""

    @property
    def key(self) -> str:
        """Tell this change from every other one of the plan."""
        return "/".join((self.kind, self.about, self.part, self.from_day.isoformat(), str(self.new)))


def changes(plan: Plan) -> tuple[Change, ...]:
    """Return every dated row that is later than the plan itself, by day."""
    found = [
        *(each for indicator in plan.indicators for each in _of_indicator(plan, indicator)),
        *_of_assignments(plan),
        *_of_units(plan),
        *_of_precedence(plan),
    ]
    return tuple(sorted(found, key=lambda each: (each.from_day, each.kind, each.about)))


def _of_indicator(plan: Plan, indicator: Indicator) -> Iterator[Change]:
    yield from _readings_chosen(plan, indicator)
    yield from _of_targets(plan, indicator, indicator.targets, "")
    for reading in indicator.readings:
        yield from _of_targets(plan, indicator, reading.targets, reading.code)
    for number, deadline in enumerate(indicator.deadlines):
        if deadline.from_day:
            before = [each.day for each in indicator.deadlines[:number] if each.clause == deadline.clause]
            yield Change(
                kind=ChangeKind.DEADLINE,
                about=indicator.code,
                from_day=deadline.from_day,
                old=before[-1] if before else None,
                new=deadline.day,
                document=deadline.document,
                clause=deadline.clause,
            )


def _readings_chosen(plan: Plan, indicator: Indicator) -> Iterator[Change]:
    chosen = sorted(
        ((decision, reading) for reading in indicator.readings for decision in reading.decisions),
        key=lambda pair: pair[0].from_day,
    )
    for number, (decision, reading) in enumerate(chosen):
        if decision.from_day >= plan.in_force_from:
            yield Change(
                kind=ChangeKind.READING,
                about=indicator.code,
                from_day=decision.from_day,
                old=chosen[number - 1][1].code if number else None,
                new=reading.code,
                document=decision.document,
                clause=indicator.clauses[0] if indicator.clauses else "",
            )


def _of_targets(plan: Plan, indicator: Indicator, targets: Sequence[Target], reading: str) -> Iterator[Change]:
    for target in targets:
        if target.from_day <= plan.in_force_from:
            continue
        before = target_before(targets, target)
        scope = target.unit or target.area or (target.level or "")
        same: dict[str, str | date] = {
            "about": indicator.code,
            "from_day": target.from_day,
            "document": target.document,
            "clause": target.clause,
            "part": ":".join(word for word in (reading, str(scope)) if word),
        }
        if before is None or before.value != target.value:
            old = before.value if before else None
            yield Change(kind=ChangeKind.TARGET, old=old, new=target.value, **same)  # type: ignore[arg-type]
        old_day = before.deadline if before else None
        if target.deadline != old_day:
            yield Change(kind=ChangeKind.DEADLINE, old=old_day, new=target.deadline, **same)  # type: ignore[arg-type]


def target_before(targets: Iterable[Target], target: Target) -> Target | None:
    """Return the target of the same unit, area or level that `target` replaces."""
    return newest_target(targets, target.from_day - timedelta(days=1), (target.unit, target.area, target.level))


def newest_target(targets: Iterable[Target], on: date, scope: tuple[object, ...] = ("", "", None)) -> Target | None:
    """Return the target in force on a day for one (unit, area, level); without them: that of the whole."""
    same = [each for each in targets if each.from_day <= on and (each.unit, each.area, each.level) == scope]
    return max(same, key=lambda each: each.from_day) if same else None


def _of_assignments(plan: Plan) -> Iterator[Change]:
    for row in plan.assignments:
        if row.replaces or row.from_day > plan.in_force_from:
            yield Change(
                kind=ChangeKind.ASSIGNMENT,
                about=row.pilot,
                from_day=row.from_day,
                old=row.replaces or None,
                new=row.unit,
                document="" if row.source in {clause.id for clause in plan.clauses} else row.source,
                clause=row.clause,
            )


def _of_units(plan: Plan) -> Iterator[Change]:
    clauses = {row.unit: row.clause for row in plan.assignments}
    for unit in plan.units:
        for number, name in enumerate(unit.names):
            if number and name.from_day and name.from_day > plan.in_force_from:
                yield Change(
                    kind=ChangeKind.NAME,
                    about=unit.code,
                    from_day=name.from_day,
                    old=unit.names[number - 1].name,
                    new=name.name,
                    document=name.document,
                    clause=clauses.get(unit.code, ""),
                )
        if unit.valid_to and unit.valid_to >= plan.in_force_from:
            yield Change(
                kind=ChangeKind.UNIT,
                about=unit.code,
                from_day=unit.valid_to + timedelta(days=1),
                old=unit.code,
                new=unit.successor or None,
                document=unit.ended_by,
                clause=clauses.get(unit.code, ""),
            )


def _of_precedence(plan: Plan) -> Iterator[Change]:
    for row in plan.precedences:
        if row.from_day <= plan.in_force_from:
            continue
        for measure in row.measures or ("",):
            yield Change(
                kind=ChangeKind.PRECEDENCE,
                about=measure,
                from_day=row.from_day,
                old=">".join(precedence_on(plan, measure, row.from_day - timedelta(days=1))),
                new=">".join(row.order),
                document="" if row.source in {clause.id for clause in plan.clauses} else row.source,
            )


# -- what stands on a day ------------------------------------------------------------------------------------------------
def assignments_on(plan: Plan, on: date) -> tuple[Assignment, ...]:
    """Return the assignments of a day: one that passed to another unit by then no longer stands."""
    begun = [row for row in plan.assignments if row.from_day <= on]
    return tuple(row for row in begun if not any(_takes_over(other, row) for other in begun))


def _takes_over(other: Assignment, row: Assignment) -> bool:
    return (
        other.replaces == row.unit
        and (other.clause, other.pilot) == (row.clause, row.pilot)
        and other.from_day > row.from_day
    )


def deadlines_on(indicator: Indicator, on: date) -> tuple[Deadline, ...]:
    """Return the days without a number that hold on a day: of each clause the one changed last."""
    held: dict[str, list[Deadline]] = {}
    for deadline in indicator.deadlines:
        if deadline.from_day is None:
            held.setdefault(deadline.clause, []).append(deadline)
        elif deadline.from_day <= on:
            held[deadline.clause] = [deadline]
    return tuple(deadline for each in held.values() for deadline in each)


def chosen_reading(indicator: Indicator, on: date) -> Reading | None:
    """Return the reading in force on a day: the one decided last."""
    in_force = [
        (decision.from_day, reading)
        for reading in indicator.readings
        for decision in reading.decisions
        if decision.from_day <= on
    ]
    return max(in_force, key=lambda pair: pair[0])[1] if in_force else None


GRADES = ("evidenced", "imported", "declared")
"""Grades of sources, the strongest first: the order in which they count where a plan says nothing of it."""


def precedence_on(plan: Plan, measure: str, on: date) -> tuple[str, ...]:
    """Return the grades in the order in which they count in a measure on a day; "": in those that no row names."""
    row = precedence_row_on(plan, measure, on)
    return row.order if row else GRADES


def precedence_row_on(plan: Plan, measure: str, on: date) -> Precedence | None:
    """Return the row in force on a day: the latest that names the measure, else the latest of those for every measure."""
    begun = [row for row in plan.precedences if row.from_day <= on]
    own = [row for row in begun if measure in row.measures]
    general = [row for row in begun if not row.measures]
    return max(own or general, key=lambda row: row.from_day, default=None)


def heir_of(unit: str, plan: Plan, *, clauses: Iterable[str], on: date) -> str:
    """
    Return who owes on a day what `unit` owed for these clauses when the plan was issued.

    What serves one pilot alone passes with its assignment. What serves several, or none, stays with the unit.
    """
    passed = [row for row in plan.assignments if row.replaces and row.from_day <= on]
    if not passed:
        return unit
    pilot_of = {clause.id: clause.pilot for clause in plan.clauses}
    pilots = {pilot_of.get(clause, "") for clause in clauses}
    if len(pilots) != 1:
        return unit
    (pilot,) = pilots
    for row in sorted(passed, key=lambda row: row.from_day):
        if row.pilot == pilot and row.replaces == unit:
            unit = row.unit
    return unit


def clauses_of(rule: ObligationRule, plan: Plan) -> tuple[str, ...]:
    """Return the clauses that the source of an obligation names, in an opinion too."""
    known = {clause.id for clause in plan.clauses}
    return tuple(word for word in re.split(r"[;:,\s]+", rule.source) if word in known)
