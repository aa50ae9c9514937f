"""The lunar calendar of Việt Nam."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib.text.lunar import LunarDate, LunarDateError, days_in_lunar_month, leap_month_of, lunar_of, solar_of


@pytest.mark.parametrize(
    "new_year",
    [
        dt.date(1968, 1, 29),  # in the north a day before the Chinese one
        dt.date(1985, 1, 21),  # a whole month before the Chinese one
        dt.date(2000, 2, 5),
        dt.date(2007, 2, 17),  # a day before the Chinese one
        dt.date(2023, 1, 22),
        dt.date(2024, 2, 10),
        dt.date(2025, 1, 29),
        dt.date(2026, 2, 17),
        dt.date(2030, 2, 2),  # a day before the Chinese one
    ],
)
def test_new_year_falls_on_the_day_of_the_almanac(new_year):
    assert lunar_of(new_year) == LunarDate(new_year.year, 1, False, 1)
    assert solar_of(LunarDate(new_year.year, 1, False, 1)) == new_year


@pytest.mark.parametrize(
    ("year", "month"), [(1984, None), (1985, 2), (1987, 7), (2017, 6), (2020, 4), (2023, 2), (2024, None), (2025, 6)]
)
def test_leap_months_are_those_of_the_almanac(year, month):
    assert leap_month_of(year) == month


def test_hung_kings_day_is_the_tenth_of_the_third_month():
    assert solar_of(LunarDate(2023, 3, False, 10)) == dt.date(2023, 4, 29)
    assert solar_of(LunarDate(2024, 3, False, 10)) == dt.date(2024, 4, 18)


def test_day_after_the_last_of_a_year_begins_the_next_year():
    assert lunar_of(dt.date(2024, 2, 9)) == LunarDate(2023, 12, False, 30)
    assert lunar_of(dt.date(2023, 3, 22)) == LunarDate(2023, 2, True, 1)


@pytest.mark.parametrize(
    "missing",
    [
        LunarDate(2024, 2, True, 1),
        LunarDate(2023, 13, False, 1),
        LunarDate(2024, 1, False, 30),
        LunarDate(1799, 1, False, 1),
    ],
)
def test_day_that_the_calendar_has_not_is_refused(missing):
    with pytest.raises(LunarDateError):
        solar_of(missing)


def test_days_outside_the_known_years_are_refused():
    with pytest.raises(LunarDateError):
        lunar_of(dt.date(2200, 1, 1))


@given(st.dates(dt.date(1801, 1, 1), dt.date(2198, 12, 31)))
def test_there_and_back_is_the_same_day(day):
    lunar = lunar_of(day)

    assert solar_of(lunar) == day
    assert lunar.day <= days_in_lunar_month(lunar.year, lunar.month, is_leap=lunar.is_leap) in (29, 30)
