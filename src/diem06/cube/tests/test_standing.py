"""Facts about how a figure stands to its target."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.cube.standing import Ratio, Standing, standing_of

DAY = date(2023, 8, 14)
BEGIN = date(2023, 7, 15)


def ratio(numerator: int | None, denominator: int | None, day: date = DAY) -> Ratio:
    def number(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return Ratio(day=day, numerator=number(numerator), denominator=number(denominator))


def stand(now: Ratio, target: str | None = "1", **named: object) -> Standing:
    return standing_of(
        now,
        target=None if target is None else Decimal(target),
        window_first_day=BEGIN,
        **named,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "target", "standing"),
    [
        (1, 3, "0.3", Standing.MET),
        (1, 3, "0.34", Standing.BELOW),
        (0, 5, "0.5", Standing.BELOW),
        (0, 0, "0.5", Standing.NOT_APPLICABLE),
        (None, 5, "0.5", Standing.NO_DATA),
        (5, None, "0.5", Standing.NO_DATA),
        (5, 5, None, Standing.NO_TARGET),
    ],
)
def test_without_a_deadline(
    numerator: int | None, denominator: int | None, target: str | None, standing: Standing
) -> None:
    """Without a deadline a figure is met or below, never late; nothing known is no data and never 0."""
    assert stand(ratio(numerator, denominator), target) is standing


def test_met_is_judged_exactly() -> None:
    """Seven of twelve does not reach 58.34%, although both print as 58,3%."""
    assert stand(ratio(7, 12), "0.5834") is Standing.BELOW
    assert stand(ratio(5834, 10000), "0.5834") is Standing.MET


def test_before_its_deadline_a_figure_follows_the_line_from_its_first_value() -> None:
    """Halfway from 50% to 100%, 75% is on track and 74% is at risk."""
    first = ratio(50, 100, date(2023, 7, 14))
    deadline = date(2023, 9, 14)  # 62 days after the first value, 31 after today
    assert stand(ratio(75, 100), deadline=deadline, first=first) is Standing.ON_TRACK
    assert stand(ratio(74, 100), deadline=deadline, first=first) is Standing.AT_RISK
    assert stand(ratio(100, 100), deadline=deadline, first=first) is Standing.MET


def test_a_deadline_inside_the_period_is_judged_on_the_value_of_that_day() -> None:
    """The value of 14/8 does not mend what stood on 31/7, and without a value of 31/7 there is no data."""
    deadline = date(2023, 7, 31)
    full, short = ratio(100, 100), ratio(97, 100, deadline)
    assert stand(full, deadline=deadline, at_deadline=short) is Standing.MISSED
    assert stand(short, deadline=deadline, at_deadline=ratio(9, 9, deadline)) is Standing.MET
    assert stand(full, deadline=deadline, at_deadline=None) is Standing.NO_DATA


def test_after_its_deadline_a_figure_is_met_or_missed() -> None:
    """Later periods are judged on their own values."""
    deadline = date(2023, 6, 30)
    assert stand(ratio(99, 100), deadline=deadline) is Standing.MISSED
    assert stand(ratio(100, 100), deadline=deadline) is Standing.MET


@given(numerator=st.integers(0, 10**12), denominator=st.integers(1, 10**12), target=st.decimals("0.01", "1", places=4))
def test_met_agrees_with_whole_numbers(numerator: int, denominator: int, target: Decimal) -> None:
    """However large the numbers, met means numerator x 10000 >= target in hundredths of a percent x denominator."""
    wanted = numerator * 10_000 >= int(target * 10_000) * denominator
    assert (stand(ratio(numerator, denominator), str(target)) is Standing.MET) == wanted
