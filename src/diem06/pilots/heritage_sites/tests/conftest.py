"""The plan, loaded once for each module that asks for it; what a test changes is undone after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from diem06.core.areas import queries as areas
from diem06.core.organisation import queries as organisation
from diem06.core.plans.queries import Loaded
from diem06.cube.board import forget_boards
from diem06.pilots.heritage_sites.tests.sites import AT, loaded_in_use


@pytest.fixture(scope="module")
def plan_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    with django_db_blocker.unblock(), transaction.atomic():
        _forget()
        yield loaded_in_use()
        transaction.set_rollback(True)
    _forget()


@pytest.fixture
def loaded(plan_of_module: Loaded, db: None, settings: Any) -> Loaded:
    """The real plan, with the clock on the afternoon before its first report is due."""
    settings.DIEM06_CLOCK = lambda: AT
    return plan_of_module


def _forget() -> None:
    forget_boards()
    areas.forget()
    organisation.forget()
