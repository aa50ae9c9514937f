"""Facts about pace, the day a target is reached, and the parts of a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.cube.board import Figure
from diem06.cube.pace import Aim, mean_gap, mean_step, pace_of, periods_ahead, periods_left, split_gap
from diem06.cube.standing import Standing
from diem06.plan.model import Kind, Plan
from diem06.plan.reader import bundle_path, read_plan

TENTH = Decimal("0.1")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(bundle_path("bac-giang-2023"))


def figure(numerator: int, denominator: int, *, target: Decimal | None = Decimal(1), period: str = "2023-09") -> Figure:
    """A share, with its gap as the cube computes it."""
    over = Decimal(denominator)
    return Figure(
        key="bg23:P9:24:-:2023-09:1", plan="bac-giang-2023", indicator="P9", reading=None, area=None, unit=None,
        period=period, revision=1, first_day=date(2023, 8, 15), last_day=date(2023, 9, 14),
        numerator=Decimal(numerator), denominator=over, value=Decimal(numerator) / over if denominator else None,
        target=target, deadline=None, gap=None if target is None else target * over - numerator, grade=None, shares={},
        standing=Standing.BELOW, expected=0, reported=0, missing=(), is_ratio=True,
    )  # fmt: skip


# -- pace ----------------------------------------------------------------------------------------------------------------
def test_the_step_is_the_mean_of_the_last_three() -> None:
    """Of 0.1, 0.2, 0.3, 0.5, 0.6 the last three steps cover 0.4 in three periods."""
    values = [Decimal(text) for text in ("0.1", "0.2", "0.3", "0.5", "0.6")]
    assert mean_step(values) == Decimal("0.4") / 3


def test_a_period_without_a_value_is_time_that_passed() -> None:
    """From 0.2 to 0.6 over an unknown period are two steps of 0.2; without a value now there is no step."""
    assert mean_step([Decimal("0.2"), None, Decimal("0.6")]) == Decimal("0.2")
    assert mean_step([Decimal("0.2"), Decimal("0.6"), None]) is None
    assert mean_step([None, None, None, Decimal("0.6")]) is None


def test_a_flow_has_the_mean_gap_of_three_and_no_date(plan: Plan) -> None:
    """Gaps of 10, 20, 30, 40: the mean of the last three is 30."""
    course = [figure(100 - gap, 100) for gap in (10, 20, 30, 40)]
    found = pace_of(course, plan=plan, kind=Kind.FLOW)
    assert found is not None
    assert (found.mean_gap, found.step, found.reached_on) == (Decimal(30), None, None)
    assert mean_gap([None, None]) is None


def test_what_counts_each_entity_once_has_no_pace(plan: Plan) -> None:
    assert pace_of([figure(1, 10), figure(2, 10)], plan=plan, kind=Kind.DISTINCT) is None


def test_the_day_at_todays_pace_is_the_end_of_the_period_that_reaches_the_target(plan: Plan) -> None:
    """From 50% at 10 points a period, 100% are five periods away: the fifth after 2023-09 ends on 14/02/2024."""
    found = pace_of([figure(40, 100), figure(50, 100)], plan=plan, kind=Kind.STOCK)
    assert found is not None
    assert (found.step, found.reached_in, found.reached_on) == (TENTH, "2024-02", date(2024, 2, 14))
    assert (found.needed, found.by) == (None, None)


def test_a_pace_away_from_the_target_reaches_it_never(plan: Plan) -> None:
    found = pace_of([figure(60, 100), figure(50, 100)], plan=plan, kind=Kind.STOCK)
    assert found is not None
    assert found.reached_on is None


def test_the_needed_pace_is_shared_among_the_periods_that_are_left(plan: Plan) -> None:
    """By 31/12/2023 four periods begin (15/9, 15/10, 15/11, 15/12): 50 points in four are 12.5, or 12.5 of 100 things."""
    found = pace_of(
        [figure(40, 100), figure(50, 100)],
        plan=plan,
        kind=Kind.STOCK,
        aim=Aim(value=Decimal(1), day=date(2023, 12, 31)),
    )
    assert found is not None
    assert (found.periods_left, found.needed, found.needed_things) == (4, Decimal("0.125"), Decimal("12.5"))
    assert found.is_enough is False


def test_a_milestone_aims_lower_than_the_target(plan: Plan) -> None:
    """70% by 14/11/2023, two periods on: 10 points each, which today's pace gives; the target itself stays five away."""
    aim = Aim(value=Decimal("0.7"), day=date(2023, 11, 14))
    found = pace_of([figure(40, 100), figure(50, 100)], plan=plan, kind=Kind.STOCK, aim=aim)
    assert found is not None
    assert (found.needed, found.is_enough, found.reached_in) == (TENTH, True, "2024-02")


def test_what_is_met_needs_nothing(plan: Plan) -> None:
    found = pace_of(
        [figure(90, 100), figure(100, 100)],
        plan=plan,
        kind=Kind.STOCK,
        aim=Aim(value=Decimal(1), day=date(2023, 12, 31)),
    )
    assert found is not None
    assert (found.needed, found.reached_in) == (None, "")


def test_a_period_that_holds_the_day_is_left(plan: Plan) -> None:
    """After 2023-07, which ends on 14/7, one period begins by 31/7; none by 14/7."""
    assert periods_left(plan, "2023-07", by=date(2023, 7, 31)) == 1
    assert periods_left(plan, "2023-07", by=date(2023, 7, 14)) == 0


@given(
    lacking=st.decimals(min_value=Decimal("0.001"), max_value=1, places=3),
    step=st.decimals(min_value=Decimal("0.01"), max_value=1, places=3),
)
def test_so_many_steps_reach_the_target_and_one_less_does_not(lacking: Decimal, step: Decimal) -> None:
    ahead = periods_ahead(lacking, step)
    assert ahead * step >= lacking
    assert (ahead - 1) * step < lacking
    assert periods_ahead(-lacking, -step) == ahead
    assert periods_ahead(lacking, -step) == 0


# -- contributions -------------------------------------------------------------------------------------------------------
counts = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(sorted)


@given(
    parts=st.lists(counts, min_size=2, max_size=12), rest=counts, target=st.sampled_from(["0.5", "0.7", "0.975", "1"])
)
def test_contributions_and_the_rest_add_up_to_the_gap(parts: list[list[int]], rest: list[int], target: str) -> None:
    """Whatever the parts are: signed, exactly, those with surplus apart from those that lack."""
    share = Decimal(target)
    whole = figure(sum(p[0] for p in parts) + rest[0], sum(p[1] for p in parts) + rest[1], target=share)
    found = split_gap(whole, [figure(*part, target=share) for part in parts], kind=Kind.STOCK)
    assert found is not None
    assert sum(part.gap for part in found.parts) + found.rest == whole.gap
    assert all(part.gap > 0 for part in found.missing)
    assert all(part.gap < 0 for part in found.surplus)
    assert len(found.missing) + len(found.surplus) + sum(part.gap == 0 for part in found.parts) == len(parts)
    gaps = [part.gap for part in found.missing]
    assert gaps == sorted(gaps, reverse=True)


def test_parts_that_overlap_or_differ_have_no_contributions() -> None:
    """More in the parts than in the whole, another target in a part, one known part, distinct counts, no gap: none."""
    whole, parts = figure(50, 100), [figure(20, 50), figure(30, 50)]
    assert split_gap(whole, parts, kind=Kind.STOCK) is not None
    assert split_gap(whole, [*parts, figure(0, 1)], kind=Kind.STOCK) is None
    assert split_gap(whole, [parts[0], figure(30, 50, target=Decimal("0.5"))], kind=Kind.STOCK) is None
    assert split_gap(whole, [parts[0], replace(parts[1], gap=None)], kind=Kind.STOCK) is None
    assert split_gap(whole, parts, kind=Kind.DISTINCT) is None
    assert split_gap(replace(whole, gap=None), parts, kind=Kind.STOCK) is None
    assert split_gap(replace(whole, is_ratio=False), parts, kind=Kind.STOCK) is None
