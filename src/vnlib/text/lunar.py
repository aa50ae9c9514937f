"""
The lunar calendar of Việt Nam: days at UTC+7, months from new moon to new moon, by the astronomical rules.

New moons and the sun's longitude follow Meeus, *Astronomical Algorithms*, in the shortened series that Hồ Ngọc Đức published for this
calendar (https://www.informatik.uni-leipzig.de/~duc/amlich/calrules.html). Good from 1800 to 2199. Before 1968 the civil calendar in
parts of the country was kept at UTC+8; this is the one at UTC+7 throughout.

The rules: the month with the winter solstice is the eleventh. Between two eleventh months lie twelve or thirteen; of thirteen, the
first that has no major solar term is a leap month and takes the number of the month before it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import floor, pi, sin

FIRST_YEAR, LAST_YEAR = 1800, 2199
_DAYS = 29.530588853  # of a mean synodic month
_EPOCH = 2415021.076998695  # a new moon of 1900 as a Julian day
_HOURS_EAST = 7
_FROM_ORDINAL = 1721425  # Julian day number of a date minus its ordinal


class LunarDateError(ValueError):
    """There is no such day of the lunar calendar, or it lies outside the years that the series are good for."""


@dataclass(frozen=True, order=True)
class LunarDate:
    """A day of the lunar calendar; `is_leap`: of the leap month that follows the month of this number."""

    year: int
    month: int
    is_leap: bool
    day: int


@dataclass(frozen=True)
class _Month:
    first: int  # Julian day number
    year: int
    number: int
    is_leap: bool
    length: int


def lunar_of(day: dt.date) -> LunarDate:
    """Return the lunar date of a day. Raises LunarDateError outside the years 1800 to 2199."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise LunarDateError(f"{day.year}: only the years {FIRST_YEAR} to {LAST_YEAR} are known.")
    number = day.toordinal() + _FROM_ORDINAL
    months = [*_between_solstices(day.year - 1), *_between_solstices(day.year)]
    month = next(month for month in months if month.first <= number < month.first + month.length)
    return LunarDate(month.year, month.number, month.is_leap, number - month.first + 1)


def solar_of(lunar: LunarDate) -> dt.date:
    """Return the day of a lunar date. Raises LunarDateError for a leap month, or a thirtieth day, that the year has not."""
    month = _month(lunar.year, lunar.month, is_leap=lunar.is_leap)
    if month is None:
        leap = "leap " if lunar.is_leap else ""
        raise LunarDateError(f"The lunar year {lunar.year} has no {leap}month {lunar.month}.")
    if not 1 <= lunar.day <= month.length:
        raise LunarDateError(f"Month {lunar.month} of the lunar year {lunar.year} has {month.length} days.")
    return dt.date.fromordinal(month.first + lunar.day - 1 - _FROM_ORDINAL)


def days_in_lunar_month(year: int, month: int, *, is_leap: bool = False) -> int:
    """Return 29 or 30. Raises LunarDateError for a month that the year has not."""
    found = _month(year, month, is_leap=is_leap)
    if found is None:
        raise LunarDateError(f"The lunar year {year} has no such month {month}.")
    return found.length


def leap_month_of(year: int) -> int | None:
    """Return the number of the leap month of a lunar year, None where it has none."""
    months = (*_between_solstices(year - 1), *_between_solstices(year))
    return next((month.number for month in months if month.year == year and month.is_leap), None)


def _month(year: int, number: int, *, is_leap: bool) -> _Month | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise LunarDateError(f"{year}: only the years {FIRST_YEAR} to {LAST_YEAR} are known.")
    months = (*_between_solstices(year - 1), *_between_solstices(year))
    return next((m for m in months if (m.year, m.number, m.is_leap) == (year, number, is_leap)), None)


@lru_cache(maxsize=64)
def _between_solstices(year: int) -> tuple[_Month, ...]:
    """Return the months from the eleventh of the lunar year `year` to the tenth of the next."""
    first, last = _eleventh(year), _eleventh(year + 1)
    begin = round((first - _EPOCH) / _DAYS)
    starts = [_new_moon_day(begin + index) for index in range(15)]
    starts = [start for start in starts if first <= start <= last]
    pairs = list(pairwise(starts))
    has_leap = len(pairs) == 13
    months: list[_Month] = []
    number, leap_seen = 10, False
    for index, (start, following) in enumerate(pairs):
        is_leap = has_leap and not leap_seen and index > 0 and _sector(start) == _sector(following)
        leap_seen = leap_seen or is_leap
        number += not is_leap
        months.append(
            _Month(
                first=start,
                year=year if number <= 12 else year + 1,
                number=(number - 1) % 12 + 1,
                is_leap=is_leap,
                length=following - start,
            )
        )
    return tuple(months)


def _eleventh(year: int) -> int:
    """Return the first day of the month that holds the winter solstice of a solar year."""
    off = dt.date(year, 12, 31).toordinal() + _FROM_ORDINAL - 2415021
    index = floor(off / _DAYS)
    start = _new_moon_day(index)
    return _new_moon_day(index - 1) if _sector(start) >= 9 else start


def _new_moon_day(index: int) -> int:
    """Return the Julian day number, at UTC+7, of the new moon `index` counted from 1900-01-01."""
    t = index / 1236.85
    t2, t3 = t * t, t * t * t
    jd = 2415020.75933 + 29.53058868 * index + 0.0001178 * t2 - 0.000000155 * t3
    jd += 0.00033 * _sine(166.56 + 132.87 * t - 0.009173 * t2)
    sun = 359.2242 + 29.10535608 * index - 0.0000333 * t2 - 0.00000347 * t3  # mean anomalies, in degrees
    moon = 306.0253 + 385.81691806 * index + 0.0107306 * t2 + 0.00001236 * t3
    node = 21.2964 + 390.67050646 * index - 0.0016528 * t2 - 0.00000239 * t3  # argument of latitude
    jd += (0.1734 - 0.000393 * t) * _sine(sun) + 0.0021 * _sine(2 * sun)
    jd += -0.4068 * _sine(moon) + 0.0161 * _sine(2 * moon) - 0.0004 * _sine(3 * moon)
    jd += 0.0104 * _sine(2 * node) - 0.0051 * _sine(sun + moon) - 0.0074 * _sine(sun - moon)
    jd += 0.0004 * _sine(2 * node + sun) - 0.0004 * _sine(2 * node - sun) - 0.0006 * _sine(2 * node + moon)
    jd += 0.0010 * _sine(2 * node - moon) + 0.0005 * _sine(sun + 2 * moon)
    if t < -11:
        slow = 0.001 + 0.000839 * t + 0.0002261 * t2 - 0.00000845 * t3 - 0.000000081 * t * t3
    else:
        slow = -0.000278 + 0.000265 * t + 0.000262 * t2
    return floor(jd - slow + 0.5 + _HOURS_EAST / 24)


def _sector(day_number: int) -> int:
    """Return in which of twelve parts of its path, from the spring equinox, the sun stands at the beginning of a day at UTC+7."""
    t = (day_number - 2451545.5 - _HOURS_EAST / 24) / 36525
    anomaly = 357.52910 + 35999.05030 * t - 0.0001559 * t * t - 0.00000048 * t * t * t
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t * t
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t * t) * _sine(anomaly)
    longitude += (0.019993 - 0.000101 * t) * _sine(2 * anomaly) + 0.000290 * _sine(3 * anomaly)
    return floor(longitude % 360 / 30)


def _sine(degrees: float) -> float:
    return sin(degrees * pi / 180)
