"""
How fast a figure nears its target, when it will be there, and which parts make up its gap: arithmetic of figures that are known.

Pace and date belong to stocks; a flow is judged each period, so it has this period's gap and the mean of the last three.
What counts each entity once has neither, and no contributions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from diem06.cube.board import Figure
from diem06.plan.model import Kind, Plan
from diem06.plan.periods import following, window_of

STEPS = 3
"""Periods that a pace and a mean look back."""
FARTHEST = 120
"""Periods ahead: a date farther away says nothing."""


# -- pace ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Pace:
    """
    Of a stock: `step` is its mean change a period (a ratio's as a ratio). `needed` is the change a period that reaches what is
    aimed at by the day `by`, `needed_things` the same in counted things at today's denominator, over `periods_left` periods.
    `reached_in` and `reached_on` are the period, and its last day, in which the target is reached at today's pace; None where
    it is not in sight. Of a flow: `mean_gap` over the last periods.
    """

    kind: Kind
    step: Decimal | None = None
    by: date | None = None
    periods_left: int = 0
    needed: Decimal | None = None
    needed_things: Decimal | None = None
    reached_in: str = ""
    reached_on: date | None = None
    mean_gap: Decimal | None = None

    @property
    def is_enough(self) -> bool | None:
        """Does today's pace reach the target in time? None where one of the two is unknown."""
        if self.needed is None or self.step is None:
            return None
        return self.step >= self.needed if self.needed >= 0 else self.step <= self.needed


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is to be reached by a day: the plan's target at its deadline, or a milestone, which is no target."""

    value: Decimal
    day: date


def pace_of(
    figures: Sequence[Figure | None], *, plan: Plan, kind: Kind, direction: str = "up", aim: Aim | None = None
) -> Pace | None:
    """
    Return the pace of the last of `figures`, one a period and oldest first; None in a period: there was none.

    Without an `aim` nothing is needed by a day. None where the last figure has no target or no value, or the line counts each
    entity once.
    """
    now = figures[-1] if figures else None
    if now is None or now.target is None or now.value is None or kind is Kind.DISTINCT:
        return None
    if kind is Kind.FLOW:
        return Pace(kind=kind, mean_gap=mean_gap([figure.gap if figure else None for figure in figures]))
    step = mean_step([figure.value if figure else None for figure in figures])
    ahead = 0 if _is_reached(now.value, now.target, direction) else periods_ahead(now.target - now.value, step)
    reached_in = _later(now.period, ahead) if ahead else ""
    reached_on = window_of(plan, reached_in).last_day if reached_in else None
    if aim is None or _is_reached(now.value, aim.value, direction):
        return Pace(kind=kind, step=step, reached_in=reached_in, reached_on=reached_on)
    left = periods_left(plan, now.period, by=aim.day)
    return Pace(
        kind=kind,
        step=step,
        by=aim.day,
        periods_left=left,
        needed=(aim.value - now.value) / left if left else None,
        needed_things=_things(now, aim.value) / left if left else None,
        reached_in=reached_in,
        reached_on=reached_on,
    )


def _is_reached(value: Decimal, wanted: Decimal, direction: str) -> bool:
    return value >= wanted if direction == "up" else value <= wanted


def _things(now: Figure, wanted: Decimal) -> Decimal:
    """Return the counted things that are missing at today's denominator."""
    return wanted * (Decimal(1) if now.denominator is None else now.denominator) - (now.numerator or Decimal(0))


def mean_step(values: Sequence[Decimal | None]) -> Decimal | None:
    """
    Return the mean change a period over the last STEPS periods, the last value included.

    None unless the last value and an earlier one of them are known: a period without a value counts as time that passed.
    """
    recent = values[-(STEPS + 1) :]
    known = [(place, value) for place, value in enumerate(recent) if value is not None]
    if len(known) < 2 or known[-1][0] != len(recent) - 1:
        return None
    (first, before), (last, now) = known[0], known[-1]
    return (now - before) / (last - first)


def mean_gap(gaps: Sequence[Decimal | None]) -> Decimal | None:
    """Return the mean gap of the last STEPS periods that have one."""
    known = [gap for gap in gaps[-STEPS:] if gap is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def periods_left(plan: Plan, code: str, *, by: date) -> int:
    """Return how many periods after `code` begin no later than the day `by`."""
    count, code = 0, following(code)
    while window_of(plan, code).first_day <= by:
        count, code = count + 1, following(code)
    return count


def periods_ahead(lacking: Decimal, step: Decimal | None) -> int:
    """Return in how many periods steps like `step` cover what is lacking; 0: not in sight, or nothing is lacking."""
    if not step or not lacking or (step > 0) != (lacking > 0):
        return 0
    ahead = int((lacking / step).to_integral_value(rounding=ROUND_CEILING))
    return ahead if ahead <= FARTHEST else 0


def _later(code: str, periods: int) -> str:
    for _each in range(periods):
        code = following(code)
    return code


# -- contributions -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Split:
    """
    The parts that make up a gap: `missing` lack something, the most first; `surplus` exceed, the most first; the rest of
    `parts` are even. The gaps of `parts` and `rest`, which lies in no part, add up to the gap of the whole.
    """

    parts: tuple[Figure, ...]
    missing: tuple[Figure, ...]
    surplus: tuple[Figure, ...]
    rest: Decimal


def split_gap(whole: Figure, parts: Sequence[Figure], *, kind: Kind) -> Split | None:
    """
    Return how the gap of `whole` is made up of the gaps of `parts`; a part without a gap is left out.

    None where gaps do not add up: an entity is counted once, the whole is a count or read in parts, parts have targets of
    their own, overlap, or fewer than two have a gap.
    """
    if kind is Kind.DISTINCT or whole.gap is None or not whole.is_ratio or whole.parts:
        return None
    known = [part for part in parts if part.gap is not None]
    if len(known) < 2 or any(part.target != whole.target for part in known):
        return None
    if _left(whole.denominator, [part.denominator for part in known]) < 0:
        return None
    if _left(whole.numerator, [part.numerator for part in known]) < 0:
        return None
    ordered = sorted(known, key=_gap, reverse=True)
    return Split(
        parts=tuple(ordered),
        missing=tuple(part for part in ordered if _gap(part) > 0),
        surplus=tuple(part for part in reversed(ordered) if _gap(part) < 0),
        rest=whole.gap - sum((_gap(part) for part in known), Decimal(0)),
    )


def _gap(figure: Figure) -> Decimal:
    return figure.gap if figure.gap is not None else Decimal(0)


def _left(whole: Decimal | None, parts: Sequence[Decimal | None]) -> Decimal:
    return (whole or Decimal(0)) - sum((part or Decimal(0) for part in parts), Decimal(0))
