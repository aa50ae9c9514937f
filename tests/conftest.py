"""What the tests of the whole product share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.one_month import SET_UP
from tests.server import python


@pytest.fixture(scope="session")
def one_month(made_once: Callable[[str, Callable[[Path], Any]], Path], copy_migrated: Callable[[Path], Path]) -> Path:
    """The data folder of a diem06 with one open month and one reporter (tests/one_month.py); a test works on a copy."""
    return made_once("one-month", lambda data: python(copy_migrated(data), SET_UP))
