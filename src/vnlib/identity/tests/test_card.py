import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib.identity import NameMatch, expiry, is_expired, same_name
from vnlib.identity.card import parse_date
from vnlib.identity.validity import birthday_at, is_possible_expiry, may_expire


@pytest.mark.parametrize(
    ("born", "issued", "until"),
    [
        ("2016-06-15", "2024-09-10", "2030-06-15"),  # under 12: until 14
        ("2012-09-11", "2024-09-10", "2026-09-11"),
        ("2012-09-10", "2024-09-10", "2037-09-10"),  # 12: until 25
        ("1999-03-05", "2021-08-14", "2024-03-05"),
        ("1998-08-14", "2021-08-14", "2038-08-14"),  # 23: until 40
        ("1983-08-15", "2021-08-14", "2023-08-15"),
        ("1983-08-14", "2021-08-14", "2043-08-14"),  # 38: until 60
        ("1963-08-15", "2021-08-14", "2023-08-15"),
    ],
)
def test_card_is_good_until_the_next_age_but_for_two_years_of_grace(born, issued, until):
    assert expiry(dt.date.fromisoformat(born), dt.date.fromisoformat(issued)) == dt.date.fromisoformat(until)


def test_card_issued_from_58_on_never_expires():
    assert expiry(dt.date(1963, 8, 14), dt.date(2021, 8, 14)) is None
    assert not is_expired(dt.date(1963, 8, 14), dt.date(2021, 8, 14), today=dt.date(2200, 1, 1))


def test_card_counts_on_its_last_day():
    born, issued = dt.date(1990, 3, 5), dt.date(2021, 8, 14)
    assert not is_expired(born, issued, today=dt.date(2030, 3, 5))
    assert is_expired(born, issued, today=dt.date(2030, 3, 6))


def test_birthday_of_29_february_in_a_common_year_is_the_28th():
    assert birthday_at(dt.date(2000, 2, 29), 25) == dt.date(2025, 2, 28)


@given(st.dates(dt.date(1920, 1, 1), dt.date(2026, 1, 1)), st.dates(dt.date(2016, 1, 1), dt.date(2040, 1, 1)))
def test_expiry_that_follows_from_an_issue_may_be_printed_from_that_day_on_and_not_before_it(born, issued):
    """One table answers both: an issue that the law allows makes an expiry that may be, and only ages of the law are possible."""
    if issued < birthday_at(born, 14) and issued < dt.date(2024, 7, 1):
        return
    if issued < born:
        return
    last = expiry(born, issued)
    assert may_expire(born, last, today=issued)
    assert last is None or is_possible_expiry(born, last)
    assert last is None or not may_expire(born, last + dt.timedelta(days=2), today=issued)


@pytest.mark.parametrize("text", ["31021979", "1/1/1990", "01-01/1990", "٠١٠١١٩٩٠", "010119901", ""])
def test_what_is_no_date_of_a_card_is_none(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("Nguyễn Hoà", "NGUYỄN  HÒA", NameMatch.SAME),
        ("H’Thử", "H'Thử", NameMatch.SAME),
        ("Nguyen Hoa", "Nguyễn Hoà", NameMatch.SAME_WITHOUT_ACCENTS),
        ("Đông", "Đồng", NameMatch.DIFFERENT),
        ("", "", NameMatch.DIFFERENT),
    ],
)
def test_names_are_compared_without_case_and_place_of_the_tone(one, other, match):
    assert same_name(one, other) is match
