"""Who asks for all figures of a period, as the page that closes it does, asks the database as often as for one."""

from __future__ import annotations

from typing import Any

import pytest

from diem06.core.plans.queries import Loaded
from diem06.cube.figures import FigureQuery, figures

pytestmark = pytest.mark.django_db


def test_all_figures_of_a_period_cost_the_questions_of_one(loaded: Loaded, django_assert_max_num_queries: Any) -> None:
    """The state of the facts and the revision: once for thousands of figures, which all have that revision."""
    query = FigureQuery(loaded=loaded, windows=("2023-09",))
    list(figures(query))
    with django_assert_max_num_queries(4):
        found = list(figures(query))
    assert len(found) > 1000
    assert {figure.revision for figure in found} == {found[0].revision}
