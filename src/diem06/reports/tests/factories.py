"""A few made-up months of the real plan, and people who sign in, for the tests of the pages that read figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client, RequestFactory

from diem06.core.access import Grant, Role, Subject
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.organisation.models import User
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan, period
from diem06.reports import demo
from diem06.reports.actions import open_reports
from diem06.reports.screens.outlook import Outlook, outlook
from tests.prepared import with_plan

MONTHS = ("2023-07", "2023-08", "2023-09")
AT = datetime(2023, 9, 15, 9, 12, tzinfo=demo.VIETNAM)
"""The morning after the third month was due. In it Sở Ngoại vụ sent nothing (`demo.MISSING`)."""
FIRST_DUE = datetime(2023, 7, 13, 16, 40, tzinfo=demo.VIETNAM)
UNIT = "ubnd-tan-yen"
WHOLE = Subject(1, "Người xem toàn tỉnh", frozenset({Grant(Role.CHAIRMAN_OFFICE, "ubnd-tinh")}))


def made_up_months(prepared: Callable[..., Any], *, months: tuple[str, ...] = MONTHS, at: datetime = AT) -> Loaded:
    """Stand on a database with the plan and these months: what a module's fixture returns."""

    def build() -> Loaded:
        loaded = loaded_plan()
        for index, code in enumerate(months):
            demo.make_month(plan=loaded.plan, period=month(loaded, code), month=index, people={}, seed=demo.SEED)
        return loaded

    made: Loaded = prepared(f"{months} at {at}", build, on=with_plan(at))
    return made


def first_reports(prepared: Callable[..., Any], *, at: datetime) -> Loaded:
    """Stand on a database with the plan, loaded at `at`, and the open reports of its first period."""

    def build() -> Loaded:
        loaded = loaded_plan()
        open_reports(period=month(loaded, "2023-07"), plan=loaded.plan, at=at)
        return loaded

    made: Loaded = prepared(f"first reports at {at}", build, on=with_plan(at))
    return made


def month(loaded: Loaded, code: str) -> Period:
    found = period(loaded.plan, code)
    assert found is not None
    return found


def person_of(unit: str) -> Subject:
    return Subject(2, "Người của đơn vị", frozenset({Grant(Role.UNIT_REPORTER, unit)}))


def seen(subject: Subject = WHOLE, period_code: str = "2023-09") -> Outlook:
    return outlook(subject, period=period_code, at=AT)


def signed_in(role: Role, unit: str) -> Client:
    """Return the browser of a person with one role."""
    name = f"{role.value.replace('_', '-')}-{unit}"
    user = User.objects.filter(username=name).first()
    if user is None:
        user = add_person(username=name, full_name="Nguyễn Văn Mẫu", password="rất-dài-để-thử-4711")
        give_role(user=user, role=role, unit=unit, from_day=date(2023, 6, 15))
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client()
    client.force_login(user)
    return client


def whole_province() -> Client:
    return signed_in(Role.CHAIRMAN_OFFICE, "ubnd-tinh")


def asked(url: str, subject: Subject = WHOLE) -> HttpRequest:
    """Return a request as the middleware hands it on, for a view that is called without a browser."""
    request = RequestFactory().get(url)
    request.subject = subject  # type: ignore[attr-defined]
    request.now = AT  # type: ignore[attr-defined]
    request.user = User(full_name=subject.name)
    return request


def of_unit(unit: str = UNIT) -> Client:
    return signed_in(Role.UNIT_REPORTER, unit)
