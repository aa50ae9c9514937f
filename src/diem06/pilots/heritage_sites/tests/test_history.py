"""What came in, taken apart: each number as if the visits were counted one by one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diem06.core.places.models import Place
from diem06.pilots.heritage_sites.models import ClosedBy, How, Visit
from diem06.pilots.heritage_sites.queries.history import closings, history
from diem06.pilots.heritage_sites.visit_rules import age_band

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 12, 20), date(2024, 1, 10)


@pytest.fixture
def site() -> Place:
    return Place.objects.create(kind="heritage_site", code="mot", valid_from=date(2023, 6, 15))


def came(site: Place, day: date, born: int | None, *, closed_by: str = ClosedBy.TIMEOUT) -> Visit:
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=2)
    return Visit.objects.create(
        event_id=uuid4(),
        site=site,
        gate=site,
        entered_at=at,
        day=day,
        hour=9,
        recorded_at=at,
        seen_at=at,
        closed_by=closed_by,
        closed_at=at,
        how=How.CARD_QR,
        birth_year=born,
    )


def test_an_age_is_that_of_the_year_of_the_visit(site: Place, django_assert_num_queries: Any) -> None:
    """Over New Year somebody grows out of a band; who took a visit back, or came before, is not counted."""
    for day in (FIRST, date(2023, 12, 31), date(2024, 1, 1), LAST):
        for born in (1994, 2008, None):
            came(site, day, born)
    came(site, LAST, 2008, closed_by=ClosedBy.ANNULLED)
    came(site, FIRST - timedelta(days=1), 2008)
    with django_assert_num_queries(4):  # tallies, first and last day, each year
        found = history(site, first=FIRST, last=LAST, by="age")
    standing = Visit.objects.standing().filter(day__gte=FIRST)
    wanted = Counter(age_band(visit.birth_year, visit.day.year) for visit in standing)
    assert {row.key: row.identified for row in found.rows} == {
        "" if band is None else str(band): number for band, number in wanted.items()
    }
    assert history(site, first=date(1900, 1, 1), last=date(1999, 1, 1), by="age").rows == ()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite says whether it reads an index alone")
def test_a_year_of_a_busy_site_is_counted_in_the_index_alone(site: Place) -> None:
    """The rows of visits hold what identifies somebody, and are wide: a history reads none of them."""
    came(site, FIRST, 1994)
    with CaptureQueriesContext(connection) as asked:
        for by in ("sex", "province", "age"):
            history(site, first=FIRST, last=LAST, by=by)
        closings(site, first=FIRST, last=LAST)
    of_visits = [query["sql"] for query in asked.captured_queries if 'FROM "heritage_sites_visit"' in query["sql"]]
    assert len(of_visits) == 5
    with connection.cursor() as cursor:
        for sql in of_visits:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            assert "COVERING INDEX heritage_visit_history" in str(cursor.fetchall())
