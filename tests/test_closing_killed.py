"""A process is killed while it closes periods: each period is closed whole, or not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.closing import kill_closings, set_up

pytestmark = pytest.mark.once


def test_kill_9_while_periods_are_closed(copy_migrated: Callable[[Path], Path], tmp_path: Path) -> None:
    """Five times: seals, figures, digests and the trail are those of before or those of after; what was said to be closed is."""
    set_up(copy_migrated(tmp_path), years=1)
    outcome = kill_closings(tmp_path, kills=5, chance=random.Random(6))
    assert outcome.faults == []
    assert outcome.kills == 5
    assert outcome.inside >= 1, "none fell inside a closing"
