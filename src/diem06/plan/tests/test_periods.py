"""Facts about periods and windows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.plan.model import Calendar, Periods, Plan
from diem06.plan.periods import PeriodError, code_on, codes_until, following, period, previous, window_of
from diem06.plan.reader import bundle_path, read_plan

PLAN = read_plan(bundle_path("bac-giang-2023"))
BY_MONTH = replace(PLAN, periods=Periods(calendar=Calendar.MONTH, first="2023-07", lock_days=5))


def test_a_period_of_decree_09_runs_from_the_15th_to_the_14th() -> None:
    """2023-07 is 15/6 to 14/7, in time before midnight after 14/7, open for edits six days more."""
    span = period(PLAN, "2023-07")
    assert (span.first_day, span.last_day) == (date(2023, 6, 15), date(2023, 7, 14))
    assert span.due_at.isoformat() == "2023-07-15T00:00:00+07:00"
    assert span.lock_at.isoformat() == "2023-07-21T00:00:00+07:00"


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2023-Q3", date(2023, 6, 15), date(2023, 9, 14)),
        ("2023-H2", date(2023, 6, 15), date(2023, 12, 14)),
        ("2024", date(2023, 12, 15), date(2024, 12, 14)),
        ("2023", date(2023, 6, 15), date(2023, 12, 14)),  # cut at the plan's first period
        ("ptd-2024-02", date(2023, 6, 15), date(2024, 2, 14)),
    ],
)
def test_windows_are_runs_of_periods(code: str, first: date, last: date) -> None:
    """Quarters, halves, years and plan-to-date follow the same calendar."""
    window = window_of(PLAN, code)
    assert (window.first_day, window.last_day) == (first, last)


@pytest.mark.parametrize("code", ["2023-06", "2023-13", "2023-Q5", "ptd-2023", "juli", "", "2023-H1"])
def test_what_is_no_period_is_refused(code: str) -> None:
    """A malformed code, or one before the plan's first period."""
    with pytest.raises(PeriodError):
        window_of(PLAN, code)


@pytest.mark.parametrize("plan", [PLAN, BY_MONTH], ids=["nd09", "month"])
@given(day=st.dates(date(2023, 7, 1), date(2030, 12, 31)))
def test_every_day_lies_in_exactly_one_period(plan: Plan, day: date) -> None:
    """Periods follow each other without gap or overlap, on both calendars."""
    code = code_on(plan, day)
    assert code is not None
    span = period(plan, code)
    assert span.first_day <= day <= span.last_day
    assert code_on(plan, span.last_day + timedelta(days=1)) == following(code)
    assert previous(plan, following(code)) == code
    assert codes_until(plan, day)[-1] == code
