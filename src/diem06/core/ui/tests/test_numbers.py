from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.ui import numbers

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6)


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [
        (1234567, None, "1.234.567"),
        (Decimal("1234567.8"), None, "1.234.567,8"),
        (Decimal("0.125"), None, "0,13"),
        (Decimal("2.10"), None, "2,1"),
        (Decimal(1200), None, "1.200"),
        (Decimal("1.5"), 0, "2"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 0, "−3"),
        (Decimal("-0.004"), 2, "0,00"),
        (-1476, None, "−1.476"),
        (0, None, "0"),
        (None, None, "—"),
    ],
)
def test_numbers_are_written_the_vietnamese_way(value, places, words):
    """Thousands by points, decimals after a comma, half away from zero, no sign on nothing, «—» for no value."""
    assert numbers.number(value, places) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [("0.675", "67,5%"), ("0.6745", "67,5%"), ("0.67449", "67,4%"), ("1", "100,0%"), ("0", "0,0%"), ("0.0005", "0,1%")],
)
def test_percentages_round_half_up_to_one_decimal(ratio, words):
    """The exact ratio is rounded once, half up: 67,45% shows as 67,5%, 67,449% as 67,4%."""
    assert numbers.percent(Decimal(ratio)) == words


@pytest.mark.parametrize(("ratio", "words"), [("0.5", "50%"), ("0.675", "67,5%"), ("1", "100%"), ("0.66667", "66,67%")])
def test_targets_are_written_as_the_plan_writes_them(ratio, words):
    """A target carries the decimals it has, two at most."""
    assert numbers.percent(Decimal(ratio), None) == words


def test_english_pages_use_english_separators():
    """The active language decides."""
    with translation.override("en"):
        assert numbers.number(Decimal("1234567.8")) == "1,234,567.8"
        assert numbers.percent(Decimal("0.675")) == "67.5%"


@pytest.mark.parametrize(("value", "words"), [(224, "+224"), (-3, "−3"), (0, "0"), (None, "—")])
def test_changes_carry_their_sign(value, words):
    """A change of nothing has no sign."""
    assert numbers.signed(value) == words


@pytest.mark.parametrize("value", [0.5, "0.5", True])
def test_inexact_numbers_are_refused(value):
    """A float would already be rounded; text and booleans are no numbers."""
    with pytest.raises(TypeError, match="exact"):
        numbers.number(value)


@given(AMOUNTS, st.integers(0, 4))
def test_what_is_shown_is_within_half_a_place_of_the_value(value, places):
    """Reading the words back gives the value rounded, never further off than half of the last place."""
    with translation.override("vi"):
        words = numbers.number(value, places)
    back = Decimal(words.replace(".", "").replace(",", ".").replace("−", "-"))

    assert abs(back - value) <= Decimal(5).scaleb(-places - 1)
