"""The plan on the afternoon before its first report is due; what a test changes is undone after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diem06.core.plans.queries import Loaded
from diem06.pilots.heritage_sites.tests.sites import AT
from tests.prepared import real_plan


@pytest.fixture(scope="module")
def plan_of_module(prepared: Callable[..., Any]) -> Loaded:
    return real_plan(prepared, at=AT)


@pytest.fixture
def loaded(plan_of_module: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return plan_of_module
