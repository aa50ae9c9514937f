"""Two at the same moment: with real transactions, on both databases."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection

from diem06.desk import actions
from diem06.desk.models import Device, Event
from diem06.desk.tests.conftest import NOW
from tests.device import Key, event
from tests.toy.models import ToyFact

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Any) -> list[Any]:
    """Make the calls in threads that start together; return what each returned or raised."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Any) -> None:
        try:
            start.wait(10)
            results[number] = call()
        except Exception as raised:  # noqa: BLE001 -- it is the result
            results[number] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_one_event_sent_by_four_requests_at_once_is_carried_out_once(desk) -> None:
    """One is new, the others are told the same; the pilot has done it once."""
    for number in range(1, 6):
        sent = event(number)
        answers = at_once(*[partial(desk.put, sent)] * 4)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
        assert len({answer.json()["record"] for answer in answers}) == 1
    assert Event.objects.count() == ToyFact.objects.count() == 5


def test_one_id_with_two_bodies_at_once_is_one_event_and_one_conflict(desk) -> None:
    for number in range(1, 6):
        sent = event(number)
        answers = at_once(partial(desk.put, sent), partial(desk.put, {**sent, "count": 7}))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Event.objects.count() == ToyFact.objects.count() == 5


def test_batches_that_overlap_at_once_lose_nothing_and_double_nothing(desk) -> None:
    events = [event(number) for number in range(1, 31)]
    answers = at_once(lambda: desk.post(*events[:20]), lambda: desk.post(*events[10:]))
    assert {one["http"] for answer in answers for one in answer.json()["receipts"]} <= {200, 201}
    assert Event.objects.count() == ToyFact.objects.count() == 30


def test_an_event_annulled_twice_at_once_is_annulled_once(make_desk) -> None:
    one, two = make_desk(), make_desk()
    for number in range(1, 6):
        sent = event(number)
        one.put(sent)
        answers = at_once(
            partial(one.put, event(100 + number, annuls=sent["id"])),
            partial(two.put, event(number, annuls=sent["id"])),
        )
        assert sorted(answer.json()["code"] for answer in answers) == ["", "annulled_already"]


def test_a_code_shown_by_two_at_once_lets_one_in(gate) -> None:
    _row, code = actions.make_enrolment(place=gate, by=None, at=NOW)

    def enrol() -> Device:
        return actions.enrol(code=code, key=Key().public, name="Máy", version="", user_agent="", at=NOW)

    results = at_once(enrol, enrol, enrol)
    assert sum(isinstance(result, Device) for result in results) == 1
    assert {result.code for result in results if isinstance(result, actions.EnrolError)} == {"code_used"}


def test_two_devices_at_once_have_two_codes(make_desk) -> None:
    desks = at_once(make_desk, make_desk, make_desk)
    assert len({desk.device.code for desk in desks}) == 3
