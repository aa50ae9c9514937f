"""On SQLite, who has the turn takes along what others wait to do; one that fails costs the others nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection

from diem06.desk import turns
from diem06.desk.models import Event
from diem06.desk.tests.conftest import NOW
from diem06.desk.turns import in_turn
from tests.device import event
from tests.toy.models import ToyFact

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL lets many write at once"),
]


def store(name: str) -> Callable[[], tuple[str, int]]:
    """Return work that keeps a row, and tells in which thread it did."""

    def work() -> tuple[str, int]:
        ToyFact.objects.create(
            measure=name,
            source="toy",
            day=NOW.date(),
            recorded_at=NOW,
            area="219",
            area_valid_from=NOW.date(),
            unit="u",
        )
        return name, threading.get_ident()

    return work


def while_one_has_the_turn(*calls: Callable[[], Any]) -> list[Any]:
    """Make calls in threads that all wait for the turn; return what each got."""
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            results[number] = call()
        except ZeroDivisionError as raised:
            results[number] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    with turns._turn:
        for count, thread in enumerate(threads, start=1):
            thread.start()
            until = monotonic() + 30
            while len(turns._waiting) < count and monotonic() < until:
                sleep(0.001)
    for thread in threads:
        thread.join(30)
    return results


def in_turns(*works: Callable[[], Any], size: int = 1) -> list[Any]:
    return while_one_has_the_turn(*[partial(in_turn, work, size=size) for work in works])


def stored() -> list[str]:
    return sorted(ToyFact.objects.values_list("measure", flat=True))


def test_those_who_wait_are_done_in_one_transaction() -> None:
    results = in_turns(store("a"), store("b"), store("c"))
    assert [name for name, _thread in results] == ["a", "b", "c"]
    assert len({thread for _name, thread in results}) == 1
    assert stored() == ["a", "b", "c"]


def test_one_that_fails_fails_alone() -> None:
    """Its caller is told; what the others did together is done again, once."""

    def fail() -> None:
        store("never")()
        raise ZeroDivisionError

    results = in_turns(store("a"), fail, store("c"))
    assert isinstance(results[1], ZeroDivisionError)
    assert [results[0][0], results[2][0]] == ["a", "c"]
    assert stored() == ["a", "c"]
    assert not turns._waiting


def test_no_turn_takes_along_more_than_fits() -> None:
    results = in_turns(store("a"), store("b"), store("c"), size=turns.MOST_TOGETHER // 2)
    assert len({thread for _name, thread in results}) == 2
    assert stored() == ["a", "b", "c"]


def test_devices_that_wait_are_answered_each_for_itself(make_desk: Any) -> None:
    """A number that is taken, among good events of other devices."""
    desks = [make_desk() for _each in range(3)]
    desks[1].put(event(1))
    answers = while_one_has_the_turn(*[partial(desk.put, event(1)) for desk in desks])
    assert [answer.status_code for answer in answers] == [201, 409, 201]
    assert Event.objects.count() == ToyFact.objects.count() == 3
