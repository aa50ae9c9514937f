"""What scans and counts at a gate come to, whatever the order in which they arrive."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.core.jobs.models import Notice
from diem06.core.residents.sealing import open_sealed
from diem06.core.roster.desk import State
from diem06.pilots.heritage_sites.actions.visits import carry_out_many
from diem06.pilots.heritage_sites.alarms import HYSTERESIS, MARKS, alarm_after
from diem06.pilots.heritage_sites.desk import SERVICE
from diem06.pilots.heritage_sites.models import (
    AlarmChange,
    ClosedBy,
    DayReset,
    HandCount,
    How,
    LoneExit,
    Occupancy,
    Rescan,
    Visit,
)
from diem06.pilots.heritage_sites.queries.spots import spot_of
from diem06.pilots.heritage_sites.tests.gates import JOHN, LAN, MINH, NOON, Gates, desk_event, hours, minutes


@pytest.fixture
def gates(db: None) -> Gates:
    return Gates()


# -- in and out ------------------------------------------------------------------------------------------------------
def test_a_scan_opens_a_visit_with_statistics_and_a_sealed_identity(gates: Gates) -> None:
    outcome = gates.do("enter", LAN)

    visit = gates.visit()
    assert (outcome.state, outcome.code, outcome.record) == (State.ACCEPTED, "", f"heritage_visit:{visit.pk}")
    assert (visit.how, visit.birth_year, visit.sex, visit.birth_province, visit.nationality) == (
        How.CARD_QR,
        1990,
        "female",
        "024",
        "VNM",
    )
    assert json.loads(open_sealed(visit.sealed, context=visit.seal_context)) == {"name": LAN.name, "number": LAN.number}
    assert LAN.number.encode() not in bytes(visit.sealed)
    assert LAN.number not in visit.digest


def test_who_came_in_is_inside_the_gate_the_point_and_the_site_until_the_exit(gates: Gates) -> None:
    gates.do("enter", LAN, gate=gates.a)
    gates.do("enter", MINH, gate=gates.b)

    assert [gates.row(place).inside for place in (gates.site, gates.point, gates.a, gates.b)] == [2, 1, 1, 1]

    gates.do("leave", LAN, gate=gates.b, at=NOON + minutes(40))

    assert [gates.row(place).inside for place in (gates.site, gates.point, gates.a, gates.b)] == [1, 0, 0, 1]
    left = Visit.objects.get(closed_by=ClosedBy.EXIT)
    assert (left.left_at, left.exit_gate) == (NOON + minutes(40), gates.b)
    assert gates.tallied() == {"scanned_in": 2, "scanned_out": 1}


def test_who_comes_again_after_the_exit_has_a_second_visit(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("leave", LAN, at=NOON + minutes(30))
    outcome = gates.do("enter", LAN, at=NOON + minutes(60))

    assert outcome.state is State.ACCEPTED
    assert Visit.objects.count() == 2
    assert gates.inside == 1


def test_a_second_scan_while_inside_prolongs_the_visit_and_is_told(gates: Gates) -> None:
    gates.do("enter", LAN)
    outcome = gates.do("enter", LAN, at=NOON + minutes(50))

    assert (outcome.state, outcome.code) == (State.ACCEPTED, "inside_already")
    assert gates.visit().seen_at == NOON + minutes(50)
    assert gates.visit().entered_at == NOON
    assert gates.inside == 1
    assert gates.tallied() == {"scanned_in": 1}


def test_one_card_at_two_gates_within_two_minutes_is_a_conflict(gates: Gates) -> None:
    gates.do("enter", LAN, gate=gates.a)
    outcome = gates.do("enter", LAN, gate=gates.b, at=NOON + minutes(1))

    assert (outcome.state, outcome.code) == (State.CONFLICT, "at_two_gates")
    assert Rescan.objects.get().is_conflict
    assert gates.inside == 1


def test_the_database_itself_refuses_a_second_open_visit(gates: Gates) -> None:
    gates.do("enter", LAN)
    visit = gates.visit()
    visit.pk, visit.event_id = None, uuid4()

    with pytest.raises(IntegrityError), transaction.atomic():
        visit.save(force_insert=True)


def test_a_scan_at_another_site_closes_the_visit_as_inferred_not_as_an_exit(gates: Gates) -> None:
    other = Gates("chua-bo-da")
    gates.do("enter", LAN, count=3)
    other.do("enter", LAN, at=NOON + hours(1))

    here = Visit.objects.get(site=gates.site)
    assert (here.closed_by, here.left_at) == (ClosedBy.ELSEWHERE, None)
    assert (gates.inside, other.inside) == (0, 1)
    assert "scanned_out" not in gates.tallied()


def test_a_foreigner_comes_in_by_passport(gates: Gates) -> None:
    gates.do("enter", JOHN)

    assert (gates.visit().how, gates.visit().nationality, gates.visit().birth_province) == (How.MRZ, "USA", "")


def test_a_group_is_one_scan_and_a_count_and_leaves_with_its_leader(gates: Gates) -> None:
    gates.do("group", LAN, count=30)

    row = gates.row()
    assert (row.identified, row.counted, row.inside) == (1, 29, 30)
    assert gates.tallied() == {"scanned_in": 1, "counted_in": 29}

    gates.do("leave", LAN, at=NOON + minutes(90))

    assert gates.inside == 0
    assert gates.tallied() == {"scanned_in": 1, "counted_in": 29, "scanned_out": 1, "counted_out": 29}


def test_hand_counts_and_children_stand_apart_from_identified_visits(gates: Gates) -> None:
    gates.do("count_in", count=12)
    gates.do("child", count=3)
    gates.do("group", count=5)
    gates.do("count_out", count=4)

    row = gates.row()
    assert (row.identified, row.counted) == (0, 16)
    assert not Visit.objects.exists()
    assert HandCount.objects.get(is_child=True).people == 3
    assert gates.tallied() == {"counted_in": 20, "counted_out": 4}


def test_more_counted_out_than_in_never_shows_less_than_nobody(gates: Gates) -> None:
    gates.do("count_in", count=2)
    gates.do("count_out", count=5)

    assert gates.inside == 0
    assert gates.row().counted == -3


# -- exits without an entry ------------------------------------------------------------------------------------------
def test_an_exit_without_an_entry_is_a_conflict_counted_and_takes_nobody_out(gates: Gates) -> None:
    gates.do("enter", MINH)
    outcome = gates.do("leave", LAN)

    assert (outcome.state, outcome.code) == (State.CONFLICT, "no_entry")
    assert gates.inside == 1
    assert gates.tallied() == {"scanned_in": 1, "scanned_out": 1}


def test_a_second_exit_scan_within_two_minutes_is_not_counted_again(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("leave", LAN, at=NOON + minutes(10))
    outcome = gates.do("leave", LAN, at=NOON + minutes(11))

    assert outcome.code == "left_already"
    assert gates.tallied() == {"scanned_in": 1, "scanned_out": 1}


# -- late and out of order -------------------------------------------------------------------------------------------
def test_an_exit_that_arrives_before_its_entry_is_joined_to_it(gates: Gates) -> None:
    gates.do("leave", LAN, gate=gates.b, at=NOON + minutes(45))
    outcome = gates.do("enter", LAN, at=NOON, arrives=NOON + hours(3))

    visit = gates.visit()
    assert (outcome.state, outcome.code) == (State.ACCEPTED, "left_since")
    assert (visit.closed_by, visit.left_at, visit.exit_gate) == (ClosedBy.EXIT, NOON + minutes(45), gates.b)
    assert LoneExit.objects.get().visit == visit
    assert gates.inside == 0
    assert gates.tallied() == {"scanned_in": 1, "scanned_out": 1}


def test_an_entry_of_yesterday_is_counted_for_yesterday_and_nobody_is_inside_by_it(gates: Gates) -> None:
    gates.do("enter", MINH, at=NOON + timedelta(days=1))
    outcome = gates.do("enter", LAN, at=NOON, arrives=NOON + timedelta(days=1))

    visit = Visit.objects.get(birth_year=1990)
    assert (outcome.code, visit.closed_by, visit.left_at) == ("earlier_day", ClosedBy.RESET, None)
    assert visit.day == NOON.date()
    assert gates.inside == 1


def test_a_late_exit_makes_a_visit_that_was_closed_by_rule_a_real_exit(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("enter", MINH, at=NOON + timedelta(days=1))  # the new day closes the visit
    assert Visit.objects.get(birth_year=1990).closed_by == ClosedBy.RESET

    outcome = gates.do("leave", LAN, at=NOON + hours(1), arrives=NOON + timedelta(days=1, hours=1))

    visit = Visit.objects.get(birth_year=1990)
    assert (outcome.code, visit.closed_by, visit.left_at) == ("left_after_closing", ClosedBy.EXIT, NOON + hours(1))
    assert gates.inside == 1


def test_a_late_entry_while_the_person_is_at_another_site_does_not_move_them_back(gates: Gates) -> None:
    other = Gates("chua-bo-da")
    other.do("enter", LAN, at=NOON + hours(2))
    gates.do("enter", LAN, at=NOON, arrives=NOON + hours(3))

    assert (gates.inside, other.inside) == (0, 1)
    assert Visit.objects.get(site=gates.site).closed_by == ClosedBy.ELSEWHERE


def test_an_exit_at_a_gate_whose_clock_is_behind_is_still_an_exit(gates: Gates) -> None:
    gates.do("enter", LAN)
    outcome = gates.do("leave", LAN, at=NOON - minutes(3), arrives=NOON + minutes(1))

    assert outcome.state is State.ACCEPTED
    assert gates.visit().left_at == NOON


@pytest.mark.parametrize("wrong", [timedelta(days=-400), timedelta(hours=7)])
def test_a_clock_that_cannot_be_right_gives_the_time_of_arrival_and_a_conflict(gates: Gates, wrong: timedelta) -> None:
    outcome = gates.do("enter", LAN, at=NOON + wrong, arrives=NOON)

    assert (outcome.state, outcome.code) == (State.CONFLICT, "clock_wrong")
    assert gates.visit().entered_at == NOON
    assert gates.inside == 1


ACTS = ("enter", "leave", "count_in", "count_out")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.sampled_from([LAN, MINH]), st.integers(0, 2000), st.booleans()),
        min_size=1,
        max_size=10,
    ),
    st.randoms(),
)
def test_in_whatever_order_events_arrive_the_count_is_that_of_the_rows(db, events, order) -> None:
    """The counts kept by adding and taking away equal the counts made anew from the rows, place by place."""
    with transaction.atomic():
        gates = Gates(f"s{uuid4().hex[:8]}")
        order.shuffle(events)
        for act, who, minute, at_a in events:
            gates.do(
                act,
                None if act.startswith("count") else who,
                at=NOON + minutes(minute),
                arrives=NOON + minutes(2100),
                gate=gates.a if at_a else gates.b,
            )
        for row in Occupancy.objects.filter(site=gates.site):
            where = {} if row.place == gates.site else {"point" if row.place == gates.point else "gate": row.place}
            hand = HandCount.objects.filter(site=gates.site, was_counted_inside=True, **where)
            assert row.identified == Visit.objects.open().filter(site=gates.site, **where).count()
            assert row.counted == sum(one.people if one.is_in else -one.people for one in hand)
        transaction.set_rollback(True)


# -- taking back -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "bearer", "count"), [("enter", LAN, 1), ("group", LAN, 7), ("count_in", None, 5), ("child", None, 2)]
)
def test_an_annulled_event_counts_for_nothing(gates: Gates, act, bearer, count) -> None:
    event = uuid4()
    gates.do(act, bearer, count=count, event=event)
    outcome = gates.do(act, annuls=event, at=NOON + minutes(1))

    assert (outcome.state, outcome.code) == (State.ACCEPTED, "annulled")
    assert gates.inside == 0
    assert gates.tallied() == {}


def test_an_annulled_exit_puts_the_person_back_inside(gates: Gates) -> None:
    event = uuid4()
    gates.do("enter", LAN)
    gates.do("leave", LAN, at=NOON + minutes(5), event=event)
    gates.do("leave", annuls=event, at=NOON + minutes(6))

    assert gates.visit().closed_by == ""
    assert gates.inside == 1
    assert gates.tallied() == {"scanned_in": 1}


def test_an_event_cannot_be_annulled_twice_or_from_another_site(gates: Gates) -> None:
    other, event = Gates("chua-bo-da"), uuid4()
    gates.do("count_in", count=5, event=event)

    assert other.do("count_in", annuls=event).state is State.REJECTED
    assert gates.do("count_in", annuls=event).state is State.ACCEPTED
    assert gates.do("count_in", annuls=event).code == "nothing_to_annul"
    assert gates.inside == 0


# -- day reset, recount ----------------------------------------------------------------------------------------------
def test_the_first_event_of_a_new_day_finds_the_site_empty(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("count_in", count=9)
    gates.do("enter", MINH, at=NOON + timedelta(days=1))

    assert gates.inside == 1
    reset = DayReset.objects.get()
    assert (reset.visits_closed, reset.identified, reset.counted) == (1, 1, 9)


def test_a_recount_sets_who_is_inside_and_the_difference_is_called_estimated(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("count_in", count=9)
    gates.do("recount", count=25, at=NOON + minutes(5))
    gates.do("enter", MINH, at=NOON + minutes(6))

    row = gates.row()
    assert (row.identified, row.counted, row.estimated, row.inside) == (2, 9, 15, 26)


# -- alarms ----------------------------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 200))
def test_the_alarm_stands_for_a_mark_that_is_reached_or_was_and_is_near(crowd: list[int], capacity: int) -> None:
    level = 0
    for inside in crowd:
        before, level = level, alarm_after(level, inside=inside, capacity=capacity)
        reached = [mark for mark in MARKS if inside * 100 >= mark * capacity]
        assert level >= max(reached, default=0)
        if level > max(reached, default=0):
            assert level <= before
            assert inside * 100 >= (level - HYSTERESIS) * capacity


@given(st.integers(1, 2000), st.integers(0, 2400), st.lists(st.floats(0, 1), max_size=60), st.sampled_from((0, *MARKS)))
def test_a_crowd_that_swings_by_less_than_the_hysteresis_never_makes_the_alarm_flap(
    capacity, least, swings, level
) -> None:
    """After its first answer the alarm may rise, and never falls while the crowd stays within a band."""
    width = (HYSTERESIS * capacity - 1) // 100
    level = alarm_after(level, inside=least, capacity=capacity)
    for swing in swings:
        after = alarm_after(level, inside=least + int(width * swing), capacity=capacity)
        assert after >= level
        level = after


def test_without_a_capacity_there_is_no_alarm() -> None:
    assert alarm_after(100, inside=10_000, capacity=None) == 0


def test_the_alarm_rises_and_falls_with_the_crowd_and_the_desk_shows_it(gates: Gates) -> None:
    gates.do("count_in", count=69)
    assert SERVICE.status(gates.a, NOON).alarm == 0
    gates.do("count_in", count=17)
    status = SERVICE.status(gates.a, NOON)
    assert (status.inside, status.capacity, status.alarm, status.place_name) == (86, 100, 85, "Tây Yên Tử")
    gates.do("count_out", count=4)
    assert SERVICE.status(gates.a, NOON).alarm == 85
    gates.do("count_out", count=10)

    assert SERVICE.status(gates.a, NOON).alarm == 70
    assert list(AlarmChange.objects.values_list("before", "after")) == [(0, 85), (85, 70)]


# -- cost ------------------------------------------------------------------------------------------------------------
def test_a_scan_costs_few_queries_once_the_gate_is_known(gates: Gates, django_assert_num_queries) -> None:
    """Hold the counts, is the person inside, add the visit, count in, tally."""
    gates.do("enter", LAN)
    scan = desk_event("enter", MINH, gates.a)
    spot_of(scan.place)  # as a device's place is once its first scan was taken
    with transaction.atomic(), django_assert_num_queries(5):
        carry_out_many([scan])


def test_every_code_that_can_be_answered_has_its_words() -> None:
    import re
    from pathlib import Path

    from diem06.pilots.heritage_sites.actions import visits

    text = Path(visits.__file__).read_text()
    codes = set(re.findall(r'"([a-z]+(?:_[a-z]+)+|annulled)"', text))
    acts = {act.code for act in SERVICE.acts}
    known = set(SERVICE.words) - {f"{act}_done" for act in acts}
    assert known <= codes
    assert acts == set(visits._ACTS)


def test_nobody_is_told_of_a_level_twice_a_day(gates: Gates, django_user_model) -> None:
    from diem06.core.access import Role
    from diem06.core.organisation.models import RoleAssignment

    person = django_user_model.objects.create(username="ld", full_name="Lãnh đạo", sort_key="l")
    RoleAssignment.objects.create(user=person, role=Role.UNIT_HEAD, unit_code="ubnd-son-dong", from_day=NOON.date())
    gates.do("count_in", count=70)
    gates.do("count_out", count=20)
    gates.do("count_in", count=20)

    notice = Notice.objects.get()
    assert notice.words["vi"] == "Tây Yên Tử: 70 người, sức chứa 100. Đã tới mức 70%."
    assert notice.url.endswith("/tay-yen-tu/live/")
