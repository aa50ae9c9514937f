"""
Reporting periods and the windows made of them, as days.

A period is one month of a calendar, coded `2023-07`. Windows are runs of periods: `2023-Q3`, `2023-H2`, `2023` and
`ptd-2023-07` (from the plan's first period to that one).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from diem06.plan.model import Calendar, Plan

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_WINDOW = re.compile(r"(ptd-)?(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-H([12]))?")


class PeriodError(ValueError):
    """A period code that this plan does not have."""


@dataclass(frozen=True, kw_only=True)
class PeriodSpan:
    """A period with its days (both included) and its moments: `due_at` and `lock_at` are the first instant that is too late."""

    code: str
    first_day: date
    last_day: date
    opens_at: datetime
    due_at: datetime
    lock_at: datetime


@dataclass(frozen=True, kw_only=True)
class Window:
    """One or more periods read as one: `months` holds their codes in order."""

    code: str
    months: tuple[str, ...]
    first_day: date
    last_day: date

    @property
    def is_period(self) -> bool:
        """Is it a reporting period itself, rather than a quarter, a year or a run from the plan's first period?"""
        return self.months == (self.code,)


def period(plan: Plan, code: str) -> PeriodSpan:
    """Return the period `code` of the plan. Raises PeriodError for a code that is malformed or before the first period."""
    window = window_of(plan, code)
    if not window.is_period:
        raise PeriodError(f"{code}: not a reporting period; write a month such as {plan.periods.first}.")
    due_at = _midnight(window.last_day + timedelta(days=1))
    return PeriodSpan(
        code=code,
        first_day=window.first_day,
        last_day=window.last_day,
        opens_at=_midnight(window.first_day),
        due_at=due_at,
        lock_at=due_at + timedelta(days=plan.periods.lock_days),
    )


def window_of(plan: Plan, code: str) -> Window:
    """Return the window `code`, cut at the plan's first period. Raises PeriodError."""
    found = _WINDOW.fullmatch(code)
    if not found or (found[1] and not found[3]):
        raise PeriodError(f"{code}: no period code; write 2023-07, 2023-Q3, 2023-H2, 2023 or ptd-2023-07.")
    year = int(found[2])
    if found[1]:
        first, last = _index(plan.periods.first), year * 12 + int(found[3]) - 1
    elif found[3]:
        first = last = year * 12 + int(found[3]) - 1
    elif found[4]:
        first = year * 12 + (int(found[4]) - 1) * 3
        last = first + 2
    elif found[5]:
        first = year * 12 + (int(found[5]) - 1) * 6
        last = first + 5
    else:
        first, last = year * 12, year * 12 + 11
    first = max(first, _index(plan.periods.first))
    if last < first:
        raise PeriodError(f"{code}: before the plan's first period {plan.periods.first}.")
    calendar = plan.periods.calendar
    return Window(
        code=code,
        months=tuple(_code(month) for month in range(first, last + 1)),
        first_day=_first_day(calendar, first),
        last_day=_last_day(calendar, last),
    )


def previous(plan: Plan, code: str) -> str | None:
    """Return the code of the period before the period `code`, or None before the plan's first."""
    index = _index(code) - 1
    return _code(index) if index >= _index(plan.periods.first) else None


def following(code: str) -> str:
    """Return the code of the period after the period `code`."""
    return _code(_index(code) + 1)


def code_on(plan: Plan, day: date) -> str | None:
    """Return the code of the period that holds `day`, or None before the plan's first."""
    index = day.year * 12 + day.month - 1
    if plan.periods.calendar is Calendar.ND09 and day.day >= 15:
        index += 1
    return _code(index) if index >= _index(plan.periods.first) else None


def codes_until(plan: Plan, day: date) -> tuple[str, ...]:
    """Return the codes of all periods that have begun on `day`, in order."""
    last = code_on(plan, day)
    if last is None:
        return ()
    return tuple(_code(month) for month in range(_index(plan.periods.first), _index(last) + 1))


def _index(code: str) -> int:
    year, month = code.split("-")
    return int(year) * 12 + int(month) - 1


def _code(index: int) -> str:
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def _first_day(calendar: Calendar, index: int) -> date:
    if calendar is Calendar.MONTH:
        return date(index // 12, index % 12 + 1, 1)
    return date((index - 1) // 12, (index - 1) % 12 + 1, 15)


def _last_day(calendar: Calendar, index: int) -> date:
    if calendar is Calendar.MONTH:
        return date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)
    return date(index // 12, index % 12 + 1, 14)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
