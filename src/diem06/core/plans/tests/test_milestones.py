"""Facts about milestones of the standing office: they are set ahead, ended, never changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from diem06.core.audit.models import Entry
from diem06.core.organisation.models import User
from diem06.core.plans.actions import MilestoneError, end_milestone, set_milestone
from diem06.core.plans.models import Milestone
from diem06.core.plans.queries import Loaded, loaded_plan, milestones
from diem06.core.plans.tests.conftest import AT

DAY = date(2023, 12, 14)


def milestone(loaded: Loaded, officer: User, **named: object) -> Milestone:
    values: dict = {"indicator": "P1", "value": Decimal("0.4"), "day": DAY, "reason": "Sơ kết năm."} | named
    return set_milestone(loaded=loaded, at=AT, by=officer.pk, **values)


def test_it_counts_from_the_day_it_was_set_until_it_is_ended(loaded: Loaded, officer: User) -> None:
    """The months before never had it; who ended it and why is kept."""
    row = milestone(loaded, officer)
    later = AT + timedelta(days=30)
    end_milestone(milestone=row, reason="Đã có mốc mới.", at=later, by=officer.pk)
    end_milestone(milestone=row, reason="Lần nữa.", at=later + timedelta(days=1), by=officer.pk)
    row.refresh_from_db()
    assert (row.end_reason, row.ended_on) == ("Đã có mốc mới.", later.date())
    counted = [
        milestones(loaded.plan, on=day, indicator="P1").exists()
        for day in (date(2023, 9, 14), date(2023, 9, 15), date(2023, 10, 14), date(2023, 10, 15))
    ]
    assert counted == [False, True, True, False]
    assert list(Entry.objects.filter(object_type="milestone").values_list("action", flat=True).order_by("pk")) == [
        "milestone.set",
        "milestone.end",
    ]


def test_the_plan_in_use_tells_that_its_milestones_changed(loaded: Loaded, officer: User) -> None:
    """Figures that are kept in memory must be made anew after each."""
    row = milestone(loaded, officer)
    assert loaded_plan().milestones == 1
    end_milestone(milestone=row, reason="Thôi.", at=AT, by=officer.pk)
    assert loaded_plan().milestones == 2


def test_an_area_or_unit_has_only_its_own(loaded: Loaded, officer: User) -> None:
    """Nothing is inherited; the area of the plan itself is the whole."""
    milestone(loaded, officer, area="24")
    milestone(loaded, officer, unit="ubnd-tan-yen", value=Decimal("0.6"))
    assert [row.value for row in milestones(loaded.plan, unit="ubnd-tan-yen")] == [Decimal("0.6")]
    assert [row.area for row in milestones(loaded.plan, indicator="P1")] == ["", ""]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"indicator": "X1"}, "indicator"),
        ({"day": AT.date()}, "day"),
        ({"value": Decimal(0)}, "value"),
        ({"value": Decimal("1.01")}, "value"),
        ({"unit": "khong-co"}, "unit"),
        ({"area": "999"}, "area"),
        ({"area": "213", "unit": "so-y-te"}, "unit"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(loaded: Loaded, officer: User, wrong: dict, field: str) -> None:
    """And nothing is set."""
    with pytest.raises(MilestoneError) as refused:
        milestone(loaded, officer, **wrong)
    assert refused.value.field == field
    assert not Milestone.objects.exists()


def test_two_on_one_day_are_refused_until_the_first_ends(loaded: Loaded, officer: User) -> None:
    """By the action in words, and by the database."""
    row = milestone(loaded, officer)
    with pytest.raises(MilestoneError):
        milestone(loaded, officer, value=Decimal("0.5"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.create(
            plan_id=row.plan_id, indicator="P1", value=1, day=DAY, reason="x", set_on=row.set_on, set_at=AT
        )
    end_milestone(milestone=row, reason="Nâng mốc.", at=AT, by=officer.pk)
    assert milestone(loaded, officer, value=Decimal("0.5")).pk


def test_a_count_may_be_above_one(loaded: Loaded, officer: User) -> None:
    """P11 has no denominator."""
    assert milestone(loaded, officer, indicator="P11", value=Decimal(5000)).value == 5000
