"""The made-up months of `factories.py`, for whoever asks for `loaded`; made once for each module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from diem06.core.plans.queries import Loaded
from diem06.reports.tests.factories import AT, made_up_months


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    yield from made_up_months(django_db_blocker)


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return made
