"""Boards of many windows come from one reading of the facts, and say what each window's own board says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diem06.core.plans.queries import Loaded
from diem06.cube.board import board, boards
from diem06.cube.figures import FigureQuery, figures
from tests.test_second_plan import declare, load, toy
from tests.toy.measures import COUNTER, FILE
from tests.toy.models import ToyFact

WINDOWS = ("2024-01", "2024-02", "2024-03", "2024-Q1", "2024-H1", "2024", "ptd-2024-02")


@pytest.fixture
def loaded(db: None, tmp_path: Path) -> Loaded:
    """A plan with typed values in January, and facts of the toy app in two months."""
    loaded = load(tmp_path)
    declare(
        loaded,
        "phong-gddt",
        {
            ("meals_served", "paid_by=state", "99101"): 60,
            ("meals_served", "paid_by=family", "99101"): 20,
            ("pupils_eating", "", "991"): 90,
        },
    )
    for day in (date(2024, 1, 31), date(2024, 2, 10), date(2024, 2, 20)):
        toy(COUNTER, "pupils_eating", "99102", entity="an", day=day, place="school:1")
        toy(COUNTER, "meals_served", "99102", 7, dimensions="paid_by=state", day=day, place="school:1")
        toy(FILE, "schools", "99103", 3, dimensions="kitchen=standard", day=day)
    return loaded


def test_one_rollup_gives_the_figures_of_each_window(loaded: Loaded) -> None:
    together = boards(loaded, WINDOWS)
    assert tuple(together) == WINDOWS
    for window in WINDOWS:
        alone = board(loaded, window)
        listed = list(figures(FigureQuery(loaded=loaded, windows=(window,))))
        assert any(figure.value is not None for figure in listed)
        for figure in listed:
            asked = {"area": figure.area.code if figure.area else "", "unit": figure.unit or ""}
            assert together[window].figure(figure.code, **asked) == alone.figure(figure.code, **asked) == figure


def test_facts_are_read_as_often_for_many_windows_as_for_one(loaded: Loaded) -> None:
    """Each table of facts is asked as often for seven windows as for one."""
    asked = []
    for windows in (WINDOWS[:1], WINDOWS):
        with CaptureQueriesContext(connection) as queries:
            boards(loaded, windows)
        asked.append(sum(f'FROM "{ToyFact._meta.db_table}"' in query["sql"] for query in queries))
    assert asked[0] == asked[1] > 0


def test_kinds_of_units_and_of_places_have_numbers_of_their_own(loaded: Loaded) -> None:
    here = board(loaded, "2024-02")
    kind = here.units["phong-gddt"].kind
    (by_kind,) = here.counted_by("B1", f"kind:{kind}")
    (by_place,) = here.counted_by("B1", "place:school")
    (in_commune,) = here.counted_by("B1", "place:school", area="99102")
    assert by_kind.numerator == by_place.numerator == in_commune.numerator == 14
    assert here.counted_by("B1", "place:gate")[0].numerator is None
    (pupils,) = here.counted_by("B3", "place:school")
    assert pupils.numerator == 1
    assert [each.numerator for each in here.counted_by("B1", f"under:{here.units['phong-gddt'].parent}")] == [14]
