"""Databases that stand ready: filled once, apart from the suite's own, and filled anew where a test committed to one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group

from tests.prepared import Prepared

# Not within a transaction of the test: databases are changed between transactions.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def build() -> Callable[[], int]:
    """A filling that fails when it is asked twice for one database, for the name is unique."""
    return lambda: Group.objects.create(name="made").pk


def names() -> list[str]:
    return sorted(Group.objects.values_list("name", flat=True))


def test_it_is_filled_once_and_the_suites_own_stays_empty(databases: Prepared, build: Callable[[], int]) -> None:
    before = databases.made
    for _ in range(2):
        with databases.standing("filled once", build) as made:
            assert Group.objects.get().pk == made
        assert names() == []
    assert databases.made == before + 1


def test_after_a_commit_it_is_filled_anew(databases: Prepared, build: Callable[[], int]) -> None:
    for _ in range(2):
        with databases.standing("committed to", build):
            assert names() == ["made"]
            Group.objects.create(name="left behind")
            databases.is_spoiled = True


def test_a_filling_that_fails_leaves_nothing(databases: Prepared, build: Callable[[], int]) -> None:
    def fail() -> None:
        build()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), databases.standing("failed", fail):
        pass
    assert names() == []
    with databases.standing("failed", build):
        assert names() == ["made"]


def test_one_may_begin_as_another(databases: Prepared, build: Callable[[], int]) -> None:
    with databases.standing("above", names, on=("below", build)) as found:
        assert found == ["made"]
        Group.objects.create(name="of the one above")
    with databases.standing("below", build):
        assert names() == ["made"]
