"""Answers that a process keeps."""

import pytest

from diem06.cube.kept import Kept


def test_what_was_not_asked_for_longest_is_given_up():
    kept, built = Kept[str](2), []

    def ask(key: str) -> str:
        return kept.get(key, lambda: built.append(key) or key)

    for key in ("a", "b", "a", "c", "a", "b"):
        assert ask(key) == key

    assert built == ["a", "b", "c", "b"]


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
