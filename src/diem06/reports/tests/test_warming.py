"""Pages find their boards computed: after the start of a process, and after a change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from diem06.core.plans.queries import Loaded
from diem06.cube.actions import facts_changed
from diem06.cube.board import Board, forget_boards
from diem06.reports.measures import DECLARED
from diem06.reports.tests.factories import AT, month, whole_province
from diem06.reports.warming import warm

pytestmark = pytest.mark.django_db
PAGES = ("/dashboard/", "/indicators/P9/", "/areas/219/", "/reports/2023-09/police/")


@pytest.fixture
def rollups(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, date]]:
    """The windows that were computed, each to its last day or a deadline inside it, in their order."""
    found: list[tuple[str, date]] = []
    compute = Board._rolled_up

    def noted(self: Board, last_day: date, **how: Any) -> Any:
        found.append((self.window.code, last_day))
        return compute(self, last_day, **how)

    monkeypatch.setattr(Board, "_rolled_up", noted)
    return found


def test_after_warming_no_page_computes_a_board(loaded: Loaded, rollups: list[tuple[str, date]]) -> None:
    """The newest period first, each once; then pages only look things up."""
    forget_boards()
    warm(AT)
    assert len(rollups) == len(set(rollups))
    assert {"2023-07", "2023-08", "2023-09", "ptd-2023-09"} <= {window for window, _day in rollups}
    rollups.clear()
    client = whole_province()
    assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert rollups == []


def test_only_what_has_changed_is_computed_anew(loaded: Loaded, rollups: list[tuple[str, date]]) -> None:
    """A fact of September leaves the boards of July and August as they are; without a change nothing is computed."""
    warm(AT)
    rollups.clear()
    warm(AT)
    assert rollups == []
    with transaction.atomic():
        facts_changed(source=DECLARED, day=month(loaded, "2023-09").last_day)
    warm(AT)
    computed = {window for window, _day in rollups}
    assert "2023-09" in computed
    assert not {"2023-07", "2023-08"} & computed


def test_warming_costs_little_where_nothing_changed(loaded: Loaded, django_assert_max_num_queries: Any) -> None:
    """The plan, its periods, and two questions for each board."""
    warm(AT)
    with django_assert_max_num_queries(24):
        warm(AT)
