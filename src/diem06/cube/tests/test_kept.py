"""Answers that a process keeps."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from diem06.cube.kept import Kept


def test_what_was_not_asked_for_longest_is_given_up():
    kept = Kept[int](2)
    built = count(1)

    answers = [kept.get(key, lambda: next(built)) for key in ("a", "b", "a", "c", "a", "b")]

    assert answers == [1, 2, 1, 3, 1, 4]


def test_what_fails_is_not_kept():
    kept = Kept[int](2)

    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)

    assert kept.get("key", lambda: 1) == 1


def test_of_those_who_ask_at_once_one_builds_and_the_others_wait():
    kept, begun, may_end = Kept[int](2), threading.Event(), threading.Event()
    built = count(1)

    def slowly() -> int:
        begun.set()
        assert may_end.wait(30)
        return next(built)

    with ThreadPoolExecutor(3) as people:
        first = people.submit(kept.get, "key", slowly)
        assert begun.wait(30)
        others = [people.submit(kept.get, "key", lambda: next(built)) for _each in range(2)]
        other_key = kept.get("other", lambda: 0)  # nobody else waits
        may_end.set()
        answers = [first.result(30), *(each.result(30) for each in others)]

    assert (answers, other_key) == ([1, 1, 1], 0)


def test_who_waited_for_what_failed_builds_it():
    kept, begun, may_fail = Kept[int](2), threading.Event(), threading.Event()

    def failing() -> int:
        begun.set()
        assert may_fail.wait(30)
        raise OSError

    with ThreadPoolExecutor(2) as people:
        first = people.submit(kept.get, "key", failing)
        assert begun.wait(30)
        second = people.submit(kept.get, "key", lambda: 2)
        may_fail.set()
        with pytest.raises(OSError):
            first.result(30)
        assert second.result(30) == 2


def test_all_can_be_forgotten():
    kept = Kept[int](2)
    kept.get("key", lambda: 1)
    kept.forget()
    assert kept.get("key", lambda: 2) == 2
