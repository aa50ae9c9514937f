"""Facts about each rule: what it finds, and the honest neighbour of it that it lets pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.cube.anomalies.observed import Lateness, Looked, Month, Ref, Series, SeriesKind, Sighting, Value
from diem06.cube.anomalies.rulebook import FILE, RulebookError, read, shipped
from diem06.cube.anomalies.rules import CODES, look, tail

DAY = date(2020, 1, 1)
AT = datetime(2024, 5, 1, 8, tzinfo=UTC)


def series(measure: str, values: Mapping[int, int], **changes: object) -> Series:
    known = {
        "unit": "a",
        "measure": measure,
        "kind": SeriesKind.FLOW,
        "dimensions": "",
        "area": "24",
        "area_valid_from": DAY,
        "values": {
            month: Value(number=number, ref=Ref("declared", f"{measure}/{month}")) for month, number in values.items()
        },
    }
    return Series(**(known | changes))  # type: ignore[arg-type]


def seen(record: int, *, place: str = "p", person: str = "", after: float = 0, **changes: object) -> Sighting:
    known = {
        "ref": Ref("desk", str(record)),
        "person": person,
        "place": place,
        "device": "TB-001",
        "unit": "a",
        "area": "24",
        "area_valid_from": DAY,
        "district": place,
        "at": AT + timedelta(seconds=after),
    }
    return Sighting(**(known | changes))  # type: ignore[arg-type]


def found(code: str, month: Month) -> Looked:
    rule = shipped().get(code)
    assert rule is not None
    return next(look([rule], month))


def cells(now: list[int], before: list[int]) -> Month:
    pairs = enumerate(zip(now, before, strict=True))
    return Month(series=tuple(series(f"m{place}", {0: this, -1: last}) for place, (this, last) in pairs))


# -- the rules as data ---------------------------------------------------------------------------------------------------
def test_the_file_names_each_rule_that_there_is_and_no_other():
    assert sorted(rule.code for rule in shipped().rules) == sorted(CODES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('code = "round_numbers"', 'code = "copied_month"'),
        ("least_late = 6", "least_late = -6"),
        ('looks_at = "events"', 'looks_at = "rumours"'),
        ("[[rule]]", "[[rules]]"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(before: str, after: str):
    text = FILE.read_text(encoding="utf-8")
    assert before in text

    with pytest.raises(RulebookError):
        read(text.replace(before, after))


# -- what was declared ---------------------------------------------------------------------------------------------------
def test_a_copied_month_is_found_with_the_rows_of_both_months():
    looked = found("copied_month", cells([31, 207, 55, 1290, 83], [31, 207, 55, 1290, 84]))

    assert looked.found[0].facts == {"same": 4, "compared": 5, "months_back": 1}
    assert looked.found[0].rows == 8


def test_a_month_counted_anew_is_no_copy():
    looked = found("copied_month", cells([31, 210, 57, 1288, 90], [31, 207, 55, 1290, 84]))

    assert (looked.units, looked.found) == (frozenset({"a"}), ())


def test_small_numbers_that_repeat_are_no_copy():
    """Nine again after nine happens; a unit of small numbers alone is not even looked at."""
    assert found("copied_month", cells([9, 3, 4, 7, 1], [9, 3, 4, 7, 1])).units == frozenset()


def test_a_flow_that_stands_still_for_months_is_found_and_a_stock_is_not():
    still = dict.fromkeys(range(-5, 1), 120)

    assert found("same_for_months", Month(series=(series("m", still),))).found[0].facts == {"value": 120, "months": 6}
    stock = series("m", still, kind=SeriesKind.STOCK)
    assert found("same_for_months", Month(series=(stock,))).found == ()


def test_a_jump_counts_only_in_the_month_of_a_deadline():
    values = {-3: 100, -2: 104, -1: 99, 0: 520}

    assert found("jump_before_deadline", Month(series=(series("m", values, is_due=True),))).found
    assert not found("jump_before_deadline", Month(series=(series("m", values),))).found


def test_numbers_padded_together_are_found_unless_all_units_rose():
    """A season lifts every unit; what one unit alone does is odd."""

    def unit(code: str, factor: float) -> list[Series]:
        past = dict.fromkeys(range(-6, 0), 200)
        return [series(f"m{place}", past | {0: round(200 * factor) + place}, unit=code) for place in range(8)]

    alone = [one for code in "abcde" for one in unit(code, 1.6 if code == "a" else 1.0)]
    together = [one for code in "abcde" for one in unit(code, 1.6)]

    assert found("all_rise", Month(series=tuple(alone))).flagged == {"a"}
    assert found("all_rise", Month(series=tuple(together))).found == ()


def test_round_numbers_are_found_only_where_there_are_enough():
    round_ones = [series(f"m{place}", {0: 100 + 10 * place}) for place in range(12)]

    assert found("round_numbers", Month(series=tuple(round_ones))).found[0].facts["round"] == 12
    assert found("round_numbers", Month(series=tuple(round_ones[:7]))).units == frozenset()


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_chance_of_round_numbers_is_that_of_the_binomial(count: int, hits: int):
    """Counted by the other tail, exactly: at least `hits` is all that is not fewer."""
    row = [Fraction(1)]
    for _ in range(count):
        row = [
            (row[k] if k < len(row) else 0) * Fraction(4, 5) + (row[k - 1] if k else 0) * Fraction(1, 5)
            for k in range(len(row) + 1)
        ]

    assert tail(count, hits) == pytest.approx(float(1 - sum(row[:hits])) if hits <= count else 0.0, abs=1e-12)


@pytest.mark.parametrize(("declared", "is_found"), [(1000, False), (1250, False), (1500, True)])
def test_a_unit_that_declares_far_more_than_was_recorded_is_found(declared: int, is_found: bool):
    month = Month(series=(series("m", {0: declared}, evidenced=1000),))

    assert bool(found("above_evidence", month).found) is is_found


def test_without_records_nothing_is_compared():
    assert found("above_evidence", Month(series=(series("m", {0: 900}),))).units == frozenset()


# -- what was recorded, and events ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("late", "is_found"), [(5, False), (60, False), (80, True)])
def test_records_dated_back_are_found_beyond_a_share(late: int, is_found: bool):
    one = Lateness(
        unit="a", measure="m", source="desk", area="24", area_valid_from=DAY, days=15, late=late, total=1000, refs=()
    )

    assert bool(found("late_records", Month(lateness=(one,))).found) is is_found


HERE, THERE = {"latitude": 21.28, "longitude": 106.20}, {"latitude": 21.48, "longitude": 106.60}  # 47 km


@pytest.mark.parametrize(("minutes", "is_found"), [(20, True), (55, False), (90, False)])
def test_people_in_two_distant_places_are_found_by_the_speed_that_it_takes(minutes: int, is_found: bool):
    """47 km in 20 minutes is faster than roads allow, in 55 it is not."""
    sightings = []
    for one in range(3):
        sightings += [
            seen(2 * one, person=f"x{one}", place="p", after=one, **HERE),
            seen(2 * one + 1, person=f"x{one}", place="q", after=60 * minutes + one, **THERE),
        ]

    looked = found("distant_places", Month(sightings=tuple(sightings)))

    assert bool(looked.found) is is_found
    if is_found:
        assert looked.found[0].facts["people"] == 3
        assert looked.found[0].facts["kilometres"] == 47
        assert "x1" not in repr(looked.found), "a finding names no person"


def test_without_positions_two_districts_within_minutes_are_too_far():
    def both(gap: float, district: str) -> Month:
        return Month(
            sightings=tuple(
                seen(10 * one + place, person=f"x{one}", place=f"p{place}", after=gap * place, district=name)
                for one in range(2)
                for place, name in enumerate(("d1", district))
            )
        )

    assert found("distant_places", both(300, "d2")).found
    assert not found("distant_places", both(300, "d1")).found
    assert not found("distant_places", both(900, "d2")).found


def test_a_crowded_minute_is_found_and_a_class_of_pupils_is_not():
    typed = [seen(one, after=2 * one) for one in range(20)]
    pupils = [seen(one, after=7 * one) for one in range(40)]

    assert found("crowded_minute", Month(sightings=tuple(typed))).found[0].facts["events"] == 20
    assert found("crowded_minute", Month(sightings=tuple(pupils))).found == ()


def test_events_at_two_devices_are_not_added_up():
    two = [seen(one, after=4 * one, device=f"TB-{one % 2}") for one in range(24)]

    assert found("crowded_minute", Month(sightings=tuple(two))).found == ()
