"""The made-up months of `factories.py`, for whoever asks for `loaded`; made once in a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diem06.core.plans.queries import Loaded
from diem06.reports.tests.factories import AT, FIRST_DUE, first_reports, made_up_months


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    return made_up_months(prepared)


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return made


@pytest.fixture(scope="module")
def july(prepared: Callable[..., Any]) -> Loaded:
    """The plan in its first period, whose reports are open."""
    return first_reports(prepared, at=FIRST_DUE)
