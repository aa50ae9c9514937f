"""When the crowd of a site raises an alarm, and when it is over. Plain functions."""

from __future__ import annotations

MARKS = (70, 85, 95, 100)
"""Percent of the capacity at which the alarm rises (/docs/decisions/0028)."""
HYSTERESIS = 5
"""The alarm falls only when fewer are inside than the mark less so many points: one person going to and fro changes nothing."""


def alarm_after(before: int, *, inside: int, capacity: int | None) -> int:
    """
    Return the alarm level (0 or a mark) with `inside` people, after it was `before`.

    It rises at once when a mark is reached. It falls once fewer are inside than HYSTERESIS points below the mark. Without a
    capacity there is no alarm.
    """
    if not capacity:
        return 0
    reached = max((mark for mark in MARKS if inside * 100 >= mark * capacity), default=0)
    held = max((mark for mark in MARKS if mark <= before and inside * 100 >= (mark - HYSTERESIS) * capacity), default=0)
    return max(reached, held)
