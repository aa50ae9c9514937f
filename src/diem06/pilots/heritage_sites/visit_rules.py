"""Times and ages of visits: plain functions, with the reasons in /docs/decisions/0028."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK_AHEAD = timedelta(minutes=5)
"""A device may be so much ahead; what says a later time has a wrong clock."""
OLDEST = timedelta(days=30)
"""No queue is older: what says an earlier time has a wrong clock."""
AT_ONCE = timedelta(minutes=2)
"""Nobody comes in at two gates within this time."""
ONLINE = timedelta(seconds=3)
"""What arrives within this time was sent at once: nothing that happened after it can be known yet."""
ONE_DAY = timedelta(days=1)

AGE_BANDS = ((0, 5), (6, 15), (16, 29), (30, 44), (45, 59), (60, 120))
"""Ages from first to last, in whole years of the calendar."""


def taken_as(occurred_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """
    Return the time that an event is taken to have happened at, and whether that is in doubt.

    The device's word, unless its clock cannot be right: then the time of arrival. A clock that is a little ahead is cut to the arrival.
    """
    if not received_at - OLDEST <= occurred_at <= received_at + CLOCK_AHEAD:
        return received_at, True
    return min(occurred_at, received_at), False


def last_reset(at: datetime, reset_at: time) -> datetime:
    """Return when the day that runs at `at` began, for a site that begins its days at `reset_at`."""
    local = at.astimezone(VIETNAM)
    began = datetime.combine(local.date(), reset_at, tzinfo=VIETNAM)
    return began if began <= local else began - ONE_DAY


def day_begins(day: date) -> datetime:
    """Return midnight at the beginning of a day of the calendar, in Vietnam."""
    return datetime.combine(day, time(0), tzinfo=VIETNAM)


def age_band(birth_year: int | None, year: int) -> int | None:
    """Return the place in AGE_BANDS of somebody born in `birth_year`; None where it is not known or cannot be."""
    if birth_year is None:
        return None
    age = year - birth_year
    return next((number for number, (first, last) in enumerate(AGE_BANDS) if first <= age <= last), None)
