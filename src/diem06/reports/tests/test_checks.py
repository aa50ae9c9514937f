"""Facts about what is checked before a report is sent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.plans.cells import Cell
from diem06.reports.checks import MOST_ASKED, Asked, Code, asked_first, findings

CELL = Cell(measure="m", dimensions="", area="24", area_valid_from=date(2023, 1, 1), unit="u", day=date(2023, 7, 14))


def asked(value: int | None, *earlier: int, is_flow: bool = True, is_absent: bool = False, name: str = "v|m") -> Asked:
    return Asked(
        cell=CELL,
        name=name,
        label="Số hồ sơ",
        place="",
        is_flow=is_flow,
        value=value,
        is_absent=is_absent,
        last=earlier[-1] if earlier else None,
        earlier=earlier,
    )


def codes(*cells: Asked) -> list[Code]:
    return [found.code for found in findings(cells)]


def test_an_empty_cell_is_missing_unless_the_unit_says_that_there_is_no_number() -> None:
    """No data with a reason is an answer; silence is not."""
    assert codes(asked(None)) == [Code.MISSING]
    assert codes(asked(None, is_absent=True)) == []
    assert codes(asked(0)) == []


@pytest.mark.parametrize(
    ("value", "earlier"),
    [
        (4386, (430, 451, 438, 442)),  # a zero too many
        (0, (430, 451, 438, 442)),  # left at nought
        (900, (430, 451, 438, 442)),
        (500, (50,)),  # ten times the only value before
        (4, (400, 400)),
    ],
)
def test_what_the_past_does_not_explain_is_a_jump(value: int, earlier: tuple[int, ...]) -> None:
    """Judged by the cell's own history, told with both numbers."""
    (found,) = findings([asked(value, *earlier, is_flow=False)])
    assert found.code is Code.JUMP
    assert not found.is_hard
    assert f"{value:,}".replace(",", ".") in found.text


@pytest.mark.parametrize(
    ("value", "earlier"),
    [
        (470, (430, 451, 438, 442)),
        (610, (430, 451, 438, 442)),  # within half the median
        (3, (1, 1, 2, 1)),  # small numbers leap by nature
        (900, (100, 900, 250, 1200)),  # it always swung
        (499, (50,)),  # less than ten times
        (1_000_000, ()),  # nothing to compare with
    ],
)
def test_a_change_that_happens_is_no_jump(value: int, earlier: tuple[int, ...]) -> None:
    """A small history, small numbers and a history that swings ask nothing."""
    assert codes(asked(value, *earlier, is_flow=False)) == []


def test_a_flow_equal_to_last_period_is_asked_and_a_stock_is_not() -> None:
    """A stock that does not move is no fault; a flow of a few things repeats by chance."""
    assert codes(asked(2904, 2800, 2850, 2904)) == [Code.SAME_FLOW]
    assert codes(asked(2904, 2800, 2850, 2904, is_flow=False)) == []
    assert codes(asked(3, 3)) == []


def test_a_number_that_is_suddenly_round_is_asked() -> None:
    """Where earlier ones were round too, roundness says nothing."""
    assert codes(asked(5000, 4812, 4906, 5036)) == [Code.ROUND]
    assert codes(asked(5100, 4812, 4906, 5036)) == []
    assert codes(asked(5000, 4800, 4906, 5036)) == []
    assert codes(asked(5000, 4812)) == []


def test_the_gravest_five_are_asked() -> None:
    """Jumps before repeated flows before round numbers, the largest first; what was explained this month counts."""
    cells = [
        asked(5000, 4812, 4906, 5036, name="round"),
        *(asked(100 + n, 90, 80, 100 + n, name=f"same{n}") for n in range(6)),
        asked(9000, 430, 451, 438, name="far"),
        asked(1200, 430, 451, 438, name="near"),
    ]
    found = list(findings(cells))
    assert [one.field for one in asked_first(found)] == ["far", "near", "same5", "same4", "same3"]
    assert [one.field for one in asked_first(found, explained=3)] == ["far", "near"]
    assert asked_first(found, explained=MOST_ASKED) == []


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=6), st.integers(0, 10**6))
def test_a_value_that_was_seen_before_in_the_middle_is_never_a_jump(earlier: list[int], value: int) -> None:
    """The median itself, and whatever lies within the past of a constant cell, is usual; and no cell is found twice."""
    middle = sorted(earlier)[len(earlier) // 2]
    assert Code.JUMP not in codes(
        asked(middle, *earlier[: len(earlier) // 2 * 2 + len(earlier) % 2], is_flow=False)
    ) or (len(earlier) % 2 == 0)
    assert len(list(findings([asked(value, *earlier)]))) <= 1
