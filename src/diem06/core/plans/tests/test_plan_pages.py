"""Facts about the pages of amendments and milestones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from diem06.core.organisation.models import User
from diem06.core.plans.models import LoadedPlan, Milestone
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.plan.changes import ChangeKind, changes

DOCUMENT = {"title": "Quyết định", "number": "55/QĐ-UBND", "issued_on": "10/09/2023"}
NEW = "/plan/amendments/new"


@pytest.fixture
def office(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.mark.parametrize(
    ("kind", "typed", "made"),
    [
        ("reading", {"reading": "P3a", "decided_by": "Công an tỉnh", "from_day": "20/09/2023"}, ChangeKind.READING),
        (
            "target",
            {"indicator": "P1", "value": "67,5%", "quote": "đạt 67,5%", "from_day": "20/09/2023"},
            ChangeKind.TARGET,
        ),
        (
            "deadline",
            {"indicator": "P9", "day": "30/09/2023", "quote": "xong trước 30/9", "from_day": "20/09/2023"},
            ChangeKind.DEADLINE,
        ),
        (
            "assignment",
            {"task": "III.7|M7|so-y-te", "unit": "ubnd-yen-the", "from_day": "2023-10-15"},
            ChangeKind.ASSIGNMENT,
        ),
        ("name", {"unit": "so-y-te", "name": "Sở Y tế mới", "short": "SYT", "from_day": "20/09/2023"}, ChangeKind.NAME),
        (
            "unit",
            {"unit": "so-ngoai-vu", "successor": "vp-ubnd-tinh", "from_day": "20/09/2023"},
            ChangeKind.UNIT,
        ),
        ("precedence", {"order": "declared>evidenced>imported", "from_day": "20/09/2023"}, ChangeKind.PRECEDENCE),
    ],
)
def test_each_form_makes_its_change(office: Client, loaded: Loaded, kind: str, typed: dict, made: ChangeKind) -> None:
    """What is typed becomes a dated row with the document, and stands in the list."""
    answer = office.post(f"{NEW}/{kind}/", typed | DOCUMENT)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    before = {change.key for change in changes(loaded.plan)}
    new = [change for change in changes(loaded_plan().plan) if change.key not in before]
    assert {change.kind for change in new} == {made}
    assert {change.document for change in new} == {"Quyết định số 55/QĐ-UBND ngày 10/09/2023"}
    page = office.get("/plan/amendments/").content.decode()
    assert "Trần Thị Thường ghi 09:12 15/09/2023" in page


def test_what_is_refused_stands_at_its_field_with_what_was_typed(office: Client, loaded: Loaded) -> None:
    """A locked day and a share above 100%: one fault at a time from the plan, each linked to its field."""
    typed = {"indicator": "P1", "value": "120", "quote": "đạt 120%", "from_day": "20/09/2023"} | DOCUMENT
    answer = office.post(f"{NEW}/target/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_value"' in page
    assert "không phải tỷ lệ" in page
    assert 'value="120"' in page
    locked = office.post(f"{NEW}/target/", typed | {"value": "70", "from_day": "01/08/2023"})
    assert 'href="#id_from_day"' in locked.content.decode()
    assert LoadedPlan.objects.count() == 1


def test_the_english_form_writes_the_document_in_vietnamese(office: Client, loaded: Loaded) -> None:
    """The plan data cites a document as it is called, whatever language the page speaks."""
    office.cookies["django_language"] = "en"
    assert 'value="Quyết định"' in office.get(f"{NEW}/target/").content.decode()


def test_an_unknown_kind_is_not_found(office: Client) -> None:
    """And nothing is guessed."""
    assert office.get(f"{NEW}/everything/").status_code == 404


def test_a_milestone_is_set_and_ended_on_the_page(office: Client, loaded: Loaded) -> None:
    """A share is typed in percent, a count as it is; the page calls neither a target of the plan."""
    typed = {"indicator": "P1", "value": "40", "day": "14/12/2023", "reason": "Sơ kết."}
    assert office.post("/plan/milestones/new/", typed).status_code == 302
    assert office.post("/plan/milestones/new/", typed | {"indicator": "P11", "value": "5000"}).status_code == 302
    assert dict(Milestone.objects.values_list("indicator", "value")) == {"P1": Decimal("0.4"), "P11": Decimal(5000)}
    assert office.post("/plan/milestones/new/", typed).status_code == 422
    row = Milestone.objects.get(indicator="P1")
    assert office.post(f"/plan/milestones/{row.pk}/end/", {"reason": ""}).status_code == 422
    assert office.post(f"/plan/milestones/{row.pk}/end/", {"reason": "Đã đạt."}).status_code == 302
    assert office.get(f"/plan/milestones/{row.pk}/end/").status_code == 404
    page = office.get("/plan/milestones/").content.decode()
    assert "40%" in page
    assert "5.000" in page
    assert "quá hạn" not in page.lower()


@pytest.mark.parametrize("url", ["/plan/amendments/", "/plan/milestones/"])
def test_the_lists_ask_the_database_a_fixed_number_of_times(
    office: Client, loaded: Loaded, url: str, django_assert_max_num_queries: Any
) -> None:
    """However many rows there are."""
    for number in range(3):
        day = date(2023, 10, 1 + number)
        Milestone.objects.create(
            plan_id=loaded.plan.id, indicator="P1", value=1, day=day, reason="x", set_on=date(2023, 9, 15),
            set_at=loaded.loaded_at,
        )  # fmt: skip
    office.get(url)
    with django_assert_max_num_queries(9):
        office.get(url)
