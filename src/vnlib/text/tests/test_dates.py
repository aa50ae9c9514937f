import datetime as dt

import pytest

from vnlib import text


@pytest.mark.parametrize(
    ("day", "month", "words"),
    [
        (5, 1, "ngày 05 tháng 01 năm 2023"),
        (15, 2, "ngày 15 tháng 02 năm 2023"),
        (9, 3, "ngày 09 tháng 3 năm 2023"),
        (31, 10, "ngày 31 tháng 10 năm 2023"),
        (None, 7, "ngày … tháng 7 năm 2023"),
        (None, None, "ngày … tháng … năm 2023"),
    ],
)
def test_only_days_below_ten_and_months_one_and_two_get_a_zero(day, month, words):
    assert text.date_in_words(day, month, 2023) == words


def test_day_that_does_not_exist_is_refused():
    with pytest.raises(ValueError):
        text.date_in_words(31, 2, 2024)


def test_short_date_has_two_digits_each():
    assert text.format_date(dt.date(2023, 1, 5)) == "05/01/2023"
