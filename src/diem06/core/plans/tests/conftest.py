"""The real plan, loaded on the morning after its third month was due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from diem06.core.access import Role
from diem06.core.organisation.actions import give_role, new_totp_secret, set_totp
from diem06.core.organisation.models import User
from diem06.core.plans.actions import Basis
from diem06.core.plans.queries import Loaded
from tests.prepared import real_plan

AT = datetime(2023, 9, 15, 9, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
BASIS = Basis(title="Quyết định", number="55/QĐ-UBND", issued_on=date(2023, 9, 10))


@pytest.fixture(scope="module")
def plan_of_module(prepared: Callable[..., Any]) -> Loaded:
    return real_plan(prepared, at=AT)


@pytest.fixture
def loaded(plan_of_module: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return plan_of_module


@pytest.fixture
def officer(db: None, loaded: Loaded) -> User:
    """A person of the standing office."""
    user = User.objects.create(username="thuong-truc", full_name="Trần Thị Thường", sort_key="thuong")
    give_role(user=user, role=Role.STANDING_OFFICE, unit="cong-an-tinh", from_day=date(2023, 6, 15))
    set_totp(user, new_totp_secret())
    return user
