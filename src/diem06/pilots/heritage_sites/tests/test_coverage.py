"""Which communes are whole in what their gates counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from diem06.core.places.models import Place
from diem06.core.roster import installed_sources
from diem06.pilots.heritage_sites.measures import VISITS
from diem06.pilots.heritage_sites.models import DailyEntries
from diem06.pilots.heritage_sites.tests.sites import TIEN_SON, TRI_YEN, a_site, loaded_in_use

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 8, 15), date(2023, 9, 14)
AT = datetime(2023, 9, 15, 0, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def counted(site: Place, area: str, *days: date, superseded_at: datetime | None = None) -> None:
    DailyEntries.objects.bulk_create(
        DailyEntries(
            measure="site_entries",
            source=VISITS,
            day=day,
            recorded_at=AT,
            area=area,
            area_valid_from=date(2023, 4, 10),
            unit="so-vhttdl",
            place=site.key,
            dimensions="counted_by=scan",
            value=1,
            record=f"heritage_day:{site.code}:{day}",
            superseded_at=superseded_at,
        )
        for day in days
    )


def whole() -> set[str]:
    """Return the communes that are whole in the period."""
    source = next(source for source in installed_sources() if source.code == VISITS)
    return {row.area for row in source.coverage(FIRST, LAST)}


def test_a_commune_is_whole_where_each_of_its_sites_counts_before_and_to_the_end() -> None:
    """One site that began inside the period, or fell silent, or never counted, and its commune is not; superseded days are none."""
    loaded_in_use()
    one, other = a_site("mot", area=TRI_YEN), a_site("hai", area=TRI_YEN)
    third = a_site("ba", area=TIEN_SON)
    counted(one, TRI_YEN, FIRST - timedelta(days=9), LAST)
    counted(other, TRI_YEN, FIRST + timedelta(days=1), LAST)
    counted(third, TIEN_SON, FIRST, LAST - timedelta(days=7), LAST + timedelta(days=60))
    assert whole() == {TIEN_SON}
    counted(other, TRI_YEN, FIRST, superseded_at=AT)
    assert whole() == {TIEN_SON}
    DailyEntries.objects.update(superseded_at=None)
    assert whole() == {TIEN_SON, TRI_YEN}
    DailyEntries.objects.filter(place=third.key, day=LAST - timedelta(days=7)).delete()
    assert whole() == {TRI_YEN}


def test_no_day_is_read_to_tell_which_communes_are_whole(django_assert_num_queries: Any) -> None:
    """The first and last day of each site are looked up in the index: two questions, however many days there are."""
    loaded_in_use()
    site = a_site(area=TRI_YEN)
    counted(site, TRI_YEN, *(FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)))
    whole()
    with django_assert_num_queries(2):
        assert whole() == {TRI_YEN}
