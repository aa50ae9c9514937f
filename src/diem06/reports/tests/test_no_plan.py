"""What the pages that read figures say while there is nothing to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404, HttpResponse

from diem06.core.plans.actions import load_plan
from diem06.core.plans.models import Obligation, Period
from diem06.plan.reader import bundle_path
from diem06.reports.tests.factories import AT, asked
from diem06.reports.views.dashboard import dashboard
from diem06.reports.views.figure import figure
from diem06.reports.views.indicator import indicators
from diem06.reports.views.living_plan import living_plan

pytestmark = pytest.mark.django_db
PAGES = [dashboard, living_plan, indicators]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_plan_the_page_says_what_to_do(page: Callable[..., HttpResponse]) -> None:
    """The person learns that a plan has to be loaded, and by which command."""
    text = page(asked("/")).content.decode()
    assert "Hệ thống chưa có kế hoạch nào" in text
    assert "diem06 plan load" in text


@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_period_the_page_says_so(page: Callable[..., HttpResponse]) -> None:
    """A plan without any opened period has no figures; the page says when they come."""
    load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
    Obligation.objects.all().delete()
    Period.objects.all().delete()
    assert "Chưa mở kỳ báo cáo nào" in page(asked("/")).content.decode()


def test_without_a_plan_there_is_no_figure(db: Any) -> None:
    """A key leads nowhere before a plan is loaded."""
    with pytest.raises(Http404):
        figure(asked("/"), key="bg23:P1:24:-:2023-09:1")
