from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib import text

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (1234567, None, "1.234.567"),
        (Decimal("1234567.8"), None, "1.234.567,8"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 0, "-3"),
        (Decimal("-0.04"), 1, "0,0"),
        (Decimal("1E+3"), None, "1.000"),
        (10**30, 2, "1" + ".000" * 10 + ",00"),
        (Decimal("0.005"), 2, "0,01"),
    ],
)
def test_numbers_as_officials_write_them(value, decimals, shown):
    assert text.format_number(value, decimals) == shown


@pytest.mark.parametrize(
    ("ratio", "decimals", "shown"),
    [
        ("0.675", 1, "67,5%"),
        ("0.66666", 1, "66,7%"),
        ("0.0005", 1, "0,1%"),
        ("0.12345", 2, "12,35%"),
        ("12.5", 0, "1.250%"),
    ],
)
def test_percentages_round_half_up(ratio, decimals, shown):
    assert text.format_percent(Decimal(ratio), decimals) == shown


def test_third_decimal_of_a_percentage_is_refused():
    with pytest.raises(ValueError, match="0 to 2 decimals"):
        text.format_percent(Decimal("0.5"), 3)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0"), ("1234", "1234"), ("1.234.567", "1234567"), ("1.234.567,8", "1234567.8"), ("1234567.8", "1234567.8"),
        ("67,5", "67.5"), ("1,234", "1.234"), ("1,234,567", "1234567"), ("1,234.5", "1234.5"), ("0.234", "0.234"),
        ("1234.567", "1234.567"), ("1.5", "1.5"), ("-12", "-12"), ("−12", "-12"), ("+3", "3"), ("1 234 567", "1234567"),
        ("1\u00a0234,5", "1234.5"), (" 7 ", "7"), ("007", "7"),
    ],
)  # fmt: skip
def test_vietnamese_and_plain_numbers_are_read(written, value):
    assert text.parse_number(written) == Decimal(value)


def test_one_dot_before_three_digits_has_two_readings():
    with pytest.raises(text.AmbiguousNumberError) as caught:
        text.parse_number("-1.234")

    assert caught.value.as_thousands == -1234
    assert caught.value.as_decimal == Decimal("-1.234")
    assert "-1.234 hoặc -1,234" in str(caught.value)
    assert text.parse_number("-1.234", dot="thousands") == -1234
    assert text.parse_number("-1.234", dot="decimal") == Decimal("-1.234")


@pytest.mark.parametrize(
    "written",
    ["", "  ", "12a", "1e5", "1.23.4", "1.2345.678", "1,2,3", "1.234,5,6", "1,234,5", ".5", "5.", "--1", "12 34", "½",
     "١٢", "#N/A", "1.234,", "67,5%", "nan", "Infinity", "1" * 41, "1'234", "1,,2", "1..2", "12.345.67,8"],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_vietnamese(written):
    with pytest.raises(text.NotANumberError, match="Hãy") as caught:
        text.parse_number(written)

    assert caught.value.text == written.strip()


def reading(written):
    """The number, or the error that stands for it."""
    try:
        return text.parse_number(written)
    except text.NumberTextError as error:
        return error


@given(numbers)
def test_what_we_write_we_read(value):
    """Every formatted number is read back; the ambiguous ones hold the right reading."""
    read = reading(text.format_number(value))

    assert (read.as_thousands if isinstance(read, text.AmbiguousNumberError) else read) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_plain_number_is_read_back_digit_by_digit(value):
    written = text.plain_number(value)
    assert Decimal(written) == value
    assert "E" not in written
    assert "." not in written or not written.endswith(("0", "."))


@given(st.text(alphabet="0123456789.,- ", max_size=12))
def test_reader_answers_or_refuses_and_never_breaks(written):
    read = reading(written)

    assert "Hãy" in str(read) if isinstance(read, ValueError) else read.is_finite()
