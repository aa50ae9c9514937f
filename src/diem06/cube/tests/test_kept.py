"""Answers that a process keeps."""

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


def test_all_can_be_forgotten():
    kept = Kept[int](2)
    kept.get("key", lambda: 1)
    kept.forget()
    assert kept.get("key", lambda: 2) == 2
