"""Capacity and festivals: plain rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.pilots.heritage_sites.capacity import SINGLE_EXIT_LIMIT, computed
from diem06.pilots.heritage_sites.models import Festival
from diem06.pilots.heritage_sites.queries.register import days_of


def people(area: int, *widths: str, flow: int = 82, minutes: int = 5) -> int:
    return computed(
        usable_area_m2=area,
        persons_per_m2=Decimal(2),
        exit_widths_m=[Decimal(width) for width in widths],
        flow_per_metre_minute=flow,
        escape_minutes=Decimal(minutes),
    ).people


def test_capacity_is_the_lower_of_space_and_exits() -> None:
    assert people(100, "5", "4") == 200  # space
    assert people(10_000, "5", "4") == 1640  # 4 m x 82 x 5


def test_largest_exit_is_left_out() -> None:
    assert people(10_000, "1", "2", "3") == people(10_000, "30", "1", "2") == 1230


def test_single_exit_serves_sixty_at_most_and_no_exit_recorded_leaves_space_alone() -> None:
    assert people(10_000, "8") == SINGLE_EXIT_LIMIT
    assert people(10_000) == 20_000


@given(
    st.integers(1, 100_000),
    st.lists(st.decimals("0.5", "20", places=2), max_size=6),
    st.decimals("0.5", "20", places=2),
)
def test_another_exit_never_lowers_the_capacity_of_a_place_with_two(
    area: int, widths: list[Decimal], more: Decimal
) -> None:
    two = [*map(str, widths), "1.2", "1.2"]

    assert people(area, *two, str(more)) >= people(area, *two)


def festival(first: tuple[int, int], last: tuple[int, int], calendar: str = "lunar") -> Festival:
    return Festival(calendar=calendar, first_day=first[0], first_month=first[1], last_day=last[0], last_month=last[1])


@pytest.mark.parametrize(
    ("given_", "year", "first", "last"),
    [
        (festival((6, 1), (7, 1)), 2024, date(2024, 2, 15), date(2024, 2, 16)),  # Xương Giang
        (
            festival((30, 3), (2, 4)),
            2024,
            date(2024, 5, 7),
            date(2024, 5, 9),
        ),  # the third month has 29 days: its last day
        (festival((23, 12), (2, 1)), 2023, date(2024, 2, 2), date(2024, 2, 11)),  # over the new year
        (festival((16, 3), (16, 3), "solar"), 2024, date(2024, 3, 16), date(2024, 3, 16)),
    ],
)
def test_festival_falls_on_the_days_of_its_calendar(given_: Festival, year: int, first: date, last: date) -> None:
    found = days_of(given_, year)

    assert (found.first, found.last) == (first, last)
