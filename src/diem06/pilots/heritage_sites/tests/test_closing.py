"""What time does to visits: closing by rule, facts, retention; and two gates at the same moment."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.utils import timezone

from diem06.core.audit.models import Entry
from diem06.core.roster.desk import State
from diem06.cube.board import board, forget_boards
from diem06.cube.queries import changes_until
from diem06.cube.tests.by_row import explain
from diem06.pilots.heritage_sites.actions import closing
from diem06.pilots.heritage_sites.models import (
    ClosedBy,
    DailyEntries,
    HourTally,
    LoneExit,
    Occupancy,
    Rescan,
    RetentionRun,
    Visit,
)
from diem06.pilots.heritage_sites.tests.gates import LAN, MINH, NOON, Gates, hours, minutes
from diem06.pilots.heritage_sites.tests.sites import commune, loaded_in_use


@pytest.fixture
def gates(db: None) -> Gates:
    return Gates()


# -- forgotten exits -------------------------------------------------------------------------------------------------
def test_a_forgotten_exit_is_closed_after_the_usual_stay_and_is_no_exit(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("enter", MINH, at=NOON + minutes(90))

    closing.close_forgotten(at=NOON + minutes(121))

    visit = Visit.objects.get(birth_year=1990)
    assert (visit.closed_by, visit.left_at) == (ClosedBy.TIMEOUT, None)
    assert gates.inside == 1
    assert gates.tallied() == {"scanned_in": 2}


def test_a_prolonged_visit_is_closed_from_the_last_scan_on(gates: Gates) -> None:
    gates.do("enter", LAN)
    gates.do("enter", LAN, at=NOON + minutes(100))

    closing.close_forgotten(at=NOON + minutes(190))

    assert gates.inside == 1


def test_who_was_counted_in_and_never_out_is_presumed_gone_after_the_usual_stay(gates: Gates) -> None:
    gates.do("count_in", count=40)
    gates.do("count_out", count=15, at=NOON + minutes(60))
    gates.do("count_in", count=5, at=NOON + minutes(100))

    closing.close_forgotten(at=NOON + minutes(130))

    row = gates.row()
    assert (row.counted, row.estimated, row.inside) == (30, -25, 5)
    assert gates.row(gates.a).inside == 5


def test_closing_again_changes_nothing(gates: Gates) -> None:
    gates.do("enter", LAN)
    later = NOON + timedelta(days=1)
    assert [closed.is_new_day for closed in closing.close_forgotten(at=later)] == [True]
    entries = Entry.objects.count()

    assert closing.close_forgotten(at=later) == []
    assert Entry.objects.count() == entries


# -- facts -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def loaded(db, settings):
    settings.DIEM06_CLOCK = lambda: NOON
    return loaded_in_use()


def _gates_at(area: str, code: str = "tay-yen-tu") -> Gates:
    from diem06.core.areas.queries import areas_on
    from diem06.core.places.models import PlaceTerm

    gates = Gates(code)
    PlaceTerm.objects.update(area_code=area, area_valid_from=areas_on(NOON.date()).get(area).valid_from)
    return gates


def test_a_day_becomes_one_fact_for_each_method_and_a_later_event_supersedes_it(loaded) -> None:
    gates = _gates_at(commune("Xã Trí Yên", NOON.date()))
    gates.do("group", LAN, count=10)
    gates.do("enter", MINH)
    assert closing.publish(at=NOON + hours(1)) == 2
    assert closing.publish(at=NOON + hours(1)) == 0
    before = changes_until(NOON.date())

    gates.do("count_in", count=4, at=NOON, arrives=NOON + hours(2))
    assert changes_until(NOON.date()) == before, "scans at a gate build no board anew"
    assert closing.publish(at=NOON + hours(3)) == 1

    def known(at):
        return dict(DailyEntries.objects.known_at(at).values_list("dimensions", "value"))

    assert known(None) == {"counted_by=scan": 2, "counted_by=hand": 13}
    assert known(NOON + hours(2)) == {"counted_by=scan": 2, "counted_by=hand": 9}
    assert changes_until(NOON.date()) > before
    assert set(DailyEntries.objects.values_list("unit", flat=True)) == {"so-vhttdl"}


def test_m6_2_is_the_share_that_was_scanned_of_those_who_came_in(loaded) -> None:
    gates = _gates_at(commune("Xã Trí Yên", NOON.date()))
    gates.do("enter", MINH, at=NOON - timedelta(days=25), arrives=NOON)  # it counted before the period began, 15/2
    for number in range(3):
        gates.do("count_in", count=2, at=NOON + minutes(number))
    gates.do("enter", LAN)
    closing.publish(at=NOON + hours(1))
    forget_boards()

    figure = board(loaded, "2024-03").figure("M6.2")

    assert (figure.numerator, figure.denominator, figure.grade) == (1, 7, "evidenced")
    facts = explain(loaded, figure.key).facts
    assert {(fact.source, fact.place, fact.record) for fact in facts} == {
        ("heritage_visits", "heritage_site:tay-yen-tu", "heritage_day:tay-yen-tu:2024-02-20")
    }


# -- retention -------------------------------------------------------------------------------------------------------
def test_identities_go_after_the_days_of_the_site_and_statistics_stay(gates: Gates, settings) -> None:
    gates.do("enter", LAN)
    gates.do("leave", MINH)
    gates.do("enter", MINH, at=NOON + timedelta(days=20))
    later = NOON + timedelta(days=31)
    closing.close_forgotten(at=later)
    settings.DIEM06_CLOCK = lambda: later
    out = StringIO()

    call_command("retention", "run", stdout=out)

    old = Visit.objects.get(birth_year=1990)
    assert (old.sealed, old.digest, old.birth_province, old.sex) == (None, "", "024", "female")
    assert Visit.objects.get(birth_year=1985).sealed is not None
    assert LoneExit.objects.get().digest == ""
    assert gates.tallied()["scanned_in"] == 2
    assert out.getvalue() == (
        "identities of visitors: tay-yen-tu: who came before 2024-02-21 was removed from 1 visits; the counts stay.\n"
    )
    assert Entry.objects.filter(action="heritage_identities.remove").count() == 1
    assert RetentionRun.objects.get().until_day == date(2024, 2, 21)

    out = StringIO()
    call_command("retention", "run", stdout=out)
    assert out.getvalue() == "identities of visitors: nothing is over its time.\n"


# -- at the same moment ----------------------------------------------------------------------------------------------
def _at_once(*deeds) -> list:
    """Do all deeds in threads of their own, begun at the same moment; return what each gave."""
    barrier = threading.Barrier(len(deeds))
    results: list = [None] * len(deeds)

    def run(number, deed):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            results[number] = deed()
        except BaseException as fault:  # noqa: BLE001  shown by the assertion
            results[number] = fault
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_gates_that_scan_one_person_at_once_make_one_visit_and_one_conflict() -> None:
    gates = Gates()
    outcomes = _at_once(
        lambda: gates.do("enter", LAN, gate=gates.a),
        lambda: gates.do("enter", LAN, gate=gates.b),
    )

    assert sorted(outcome.state for outcome in outcomes) == [State.ACCEPTED, State.CONFLICT], outcomes
    assert Visit.objects.count() == 1
    assert Rescan.objects.filter(is_conflict=True).count() == 1
    assert gates.inside == 1


@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_when_gates_count_at_once() -> None:
    gates = Gates(capacity=10_000)

    def many(gate):
        for number in range(10):
            gates.do("count_in", count=3, gate=gate, event=uuid4(), at=NOON + minutes(number))

    faults = _at_once(*(lambda gate=gate: many(gate) for gate in (gates.a, gates.b, gates.a, gates.b)))

    assert faults == [None] * 4
    assert gates.inside == 120
    assert gates.tallied() == {"counted_in": 120}
    assert Occupancy.objects.get(place=gates.a).inside == 60
    assert HourTally.objects.filter(gate=gates.b).get().counted_in == 60


def test_the_command_says_what_it_closed(gates: Gates, settings) -> None:
    gates.do("enter", LAN)
    settings.DIEM06_CLOCK = lambda: NOON + hours(3)
    out = StringIO()

    call_command("visits", "close-forgotten", stdout=out)

    assert out.getvalue() == "tay-yen-tu: 1 forgotten visits closed.\n"
    assert timezone.localtime(gates.visit().closed_at) == NOON + hours(3)


def test_the_cycle_closes_what_was_forgotten_and_publishes_by_itself(loaded, settings) -> None:
    gates = _gates_at(commune("Xã Trí Yên", NOON.date()))
    gates.do("enter", LAN)
    settings.DIEM06_CLOCK = lambda: NOON + hours(3)

    call_command("cycle", stdout=StringIO())

    assert gates.visit().closed_by == ClosedBy.TIMEOUT
    assert DailyEntries.objects.current().get(dimensions="counted_by=scan").value == 1
