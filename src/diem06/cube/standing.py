"""How a figure stands to its target, by the rules of the plan (`StandingRule`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Standing(StrEnum):
    """See docs/glossary.md for the words on screen. «Late» belongs to reports, never to a figure."""

    MET = "met"
    BELOW = "below"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    MISSED = "missed"
    NO_TARGET = "no_target"
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A numerator over a denominator, dated; the denominator of a count is None."""

    day: date
    numerator: Decimal | None
    denominator: Decimal | None
    is_ratio: bool = True

    @property
    def is_known(self) -> bool:
        """Is there a number for every side?"""
        return self.numerator is not None and (not self.is_ratio or self.denominator is not None)

    @property
    def value(self) -> Decimal | None:
        """The exact value (to 28 digits), or None where a side is unknown or the denominator is 0."""
        if self.numerator is None or not self.is_known:
            return None
        if self.denominator is None:
            return self.numerator
        return None if self.denominator == 0 else self.numerator / self.denominator

    def meets(self, target: Decimal, direction: str) -> bool:
        """Judge exactly, without dividing: numerator >= target x denominator (or <= where fewer is better)."""
        if self.numerator is None:
            return False
        bar = target * (Decimal(1) if self.denominator is None else self.denominator)
        return self.numerator >= bar if direction == "up" else self.numerator <= bar


def standing_of(  # noqa: PLR0911  one return for each standing
    now: Ratio,
    *,
    target: Decimal | None,
    direction: str = "up",
    deadline: date | None = None,
    first: Ratio | None = None,
    at_deadline: Ratio | None = None,
    window_first_day: date,
) -> Standing:
    """
    Return the standing of `now`, a figure of the window that begins on `window_first_day` and ends on `now.day`.

    Without a deadline: met or below. With one, before it: met, or on track on or above the straight line from the first
    known value to the target at that day. In the window that holds the deadline the value dated that day is judged
    (`at_deadline`); without one there is no data. After it: met or missed.
    """
    judged = now
    if target is not None and deadline is not None and window_first_day <= deadline <= now.day:
        if at_deadline is None or not at_deadline.is_known:
            return Standing.NO_DATA
        judged = at_deadline
    if not judged.is_known:
        return Standing.NO_DATA
    if judged.denominator == 0:
        return Standing.NOT_APPLICABLE
    if target is None:
        return Standing.NO_TARGET
    if judged.meets(target, direction):
        return Standing.MET
    if deadline is None:
        return Standing.BELOW
    if deadline <= now.day:
        return Standing.MISSED
    return Standing.ON_TRACK if _on_the_line(now, target, direction, deadline, first) else Standing.AT_RISK


def standing_to_milestone(
    now: Ratio, *, value: Decimal, day: date, direction: str = "up", first: Ratio | None = None
) -> Standing:
    """
    Return how `now` stands to a milestone of the standing office: met, on track or at risk before its day, met or missed after.

    It says nothing of the plan's target, and is never called late.
    """
    if not now.is_known:
        return Standing.NO_DATA
    if now.denominator == 0:
        return Standing.NOT_APPLICABLE
    if now.meets(value, direction):
        return Standing.MET if day <= now.day else Standing.ON_TRACK
    if day <= now.day:
        return Standing.MISSED
    return Standing.ON_TRACK if _on_the_line(now, value, direction, day, first) else Standing.AT_RISK


def _on_the_line(now: Ratio, target: Decimal, direction: str, deadline: date, first: Ratio | None) -> bool:
    if first is None or first.value is None or first.day >= now.day or now.value is None:
        return True  # the first known value is where the line begins
    share = Decimal((now.day - first.day).days) / Decimal((deadline - first.day).days)
    wanted = first.value + (target - first.value) * share
    return now.value >= wanted if direction == "up" else now.value <= wanted


def lowest_part(parts: Sequence[Ratio], owed: Sequence[bool]) -> int:
    """Return which part stands for a reading in parts: one that is owed and unknown, else the lowest known one."""
    for number, ratio in enumerate(parts):
        if owed[number] and not ratio.is_known:
            return number
    known = [(value, number) for number, ratio in enumerate(parts) if (value := ratio.value) is not None]
    return min(known)[1] if known else 0
