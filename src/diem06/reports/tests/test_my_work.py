"""Facts about where a person lands and what they owe by when."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.organisation.actions import give_role, new_totp_secret, set_totp
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.plan.reader import bundle_path
from diem06.reports import actions
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
from diem06.reports.tests.test_entry import NOW, UNIT, VIETNAM, own, person, reporter, world  # noqa: F401  fixtures
from diem06.reports.unit_plans.actions import TaskWords, add_task

AUGUST = datetime(2023, 8, 10, 9, 0, tzinfo=VIETNAM)


def sections(client: Client) -> dict[str, str]:
    """Return the text of each section of the list by the id of its heading."""
    html = client.get(reverse("my-work")).content.decode()
    main = html.partition("<main")[2]
    parts = re.split(r'<section[^>]*aria-labelledby="(\w+)">', main)
    return {
        name: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def open_august(settings: Any) -> Report:
    settings.DIEM06_CLOCK = lambda: AUGUST
    load_plan(folder=bundle_path("bac-giang-2023"), at=AUGUST, is_made_up=True)
    august = period(loaded_plan().plan, "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=loaded_plan().plan, at=AUGUST)
    return Report.objects.get(period=august, unit=UNIT)


def approve(report: Report, at: datetime) -> None:
    actions.record_approval(report=report, plan=loaded_plan().plan, number="7/BC-UBND", approved_at=at, at=at, by=None)


def test_each_person_lands_where_their_work_is(reporter: Client, world: Report) -> None:  # noqa: F811
    """Unit people at what they owe, province-wide roles at the dashboard, strangers at the sign-in page."""
    assert reporter.get("/")["Location"] == reverse("my-work")
    assert Client().get("/")["Location"].startswith(reverse("account_login"))
    steering = Client()
    steering.force_login(person("truc", Role.AUDITOR, "cong-an-tinh"))
    assert steering.get("/").status_code == 302


def test_what_is_late_stays_first_until_it_is_done(reporter: Client, world: Report, settings: Any) -> None:  # noqa: F811
    """July is late in August and stands before what is due; once approved it moves to what is done, late."""
    open_august(settings)
    found = sections(reporter)
    assert list(found)[:2] == ["late", "due"]
    assert "07/2023" in found["late"]
    assert "08/2023" in found["due"]
    assert "done" not in found
    actions.reopen(report=world, until=AUGUST.replace(day=12), reason="gửi muộn", at=AUGUST, by=None)
    approve(world, AUGUST)
    found = sections(reporter)
    assert "late" not in found
    assert "07/2023" in found["done"]
    assert "Gửi muộn" in found["done"]
    assert "7/BC-UBND" in found["done"]


def test_an_owed_report_says_how_far_it_is_and_who_is_next(reporter: Client, world: Report) -> None:  # noqa: F811
    """Due and lock days, cells and headings filled, what is missing, and the next person."""
    due = sections(reporter)["due"]
    owed = owed_cells(world, loaded_plan().plan)
    assert f"0/{len(owed)} ô · 0/7 mục lời văn" in due
    assert "hạn nộp 24:00 ngày 14/07" in due
    assert "hạn sửa số liệu 24:00 ngày 20/07" in due
    assert "cán bộ báo cáo nhập" in due
    assert "Chưa ghi Kế hoạch triển khai của đơn vị" in due
    assert "Bắt đầu nhập" in due
    entries = [actions.Entry(cell=cell, value=1) for cell in owed.values()]
    actions.save_values(report=world, plan=loaded_plan().plan, entries=entries, at=NOW, by=None)
    actions.record_unit_plan(
        plan=loaded_plan().plan, unit=UNIT, number="5/KH-UBND", issued_on=date(2023, 6, 28), at=NOW, by=None
    )
    due = sections(reporter)["due"]
    assert f"{len(owed)}/{len(owed)} ô" in due
    assert "cán bộ báo cáo trình" in due
    assert "Chưa ghi Kế hoạch" not in due


def test_a_locked_report_names_who_can_open_it(reporter: Client, world: Report, settings: Any) -> None:  # noqa: F811
    """Nothing can be typed any more; the standing office is named, and the button only looks."""
    settings.DIEM06_CLOCK = lambda: NOW.replace(day=22)
    late = sections(reporter)["late"]
    assert "cơ quan thường trực mở lại" in late
    assert "Nhập tiếp" not in late
    assert "Bắt đầu nhập" not in late


def test_a_person_of_two_units_sees_both(reporter: Client, world: Report) -> None:  # noqa: F811
    """Each line names its unit."""
    client = Client()
    user = person("kiem", Role.UNIT_REPORTER, UNIT)
    give_role(user=user, role=Role.UNIT_REPORTER, unit="so-y-te", from_day=date(2023, 6, 15))
    client.force_login(user)
    due = sections(client)["due"]
    assert "Tân Yên" in due
    assert "Sở Y tế" in due
    assert "Sở Y tế" not in sections(reporter)["due"]


def test_the_units_own_figures_stand_beside(reporter: Client, world: Report, settings: Any) -> None:  # noqa: F811
    """Of the last period that was due, with target and standing: what the unit gains from typing."""
    total, part = own(world, "workforce_members"), own(world, "workforce_with_card_and_vneid")
    owed = owed_cells(world, loaded_plan().plan)
    entries = [actions.Entry(cell=owed[total], value=200), actions.Entry(cell=owed[part], value=150)]
    actions.save_values(report=world, plan=loaded_plan().plan, entries=entries, at=NOW, by=None)
    open_august(settings)
    beside = sections(reporter)["own"]
    assert "kỳ 07/2023" in beside
    assert re.search(r"M3\.1\s+75,0%\s+100%\s+Chưa đạt", beside), beside


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_a_person_without_reports_is_told_so(world: Report, role: Role) -> None:  # noqa: F811
    """An explanation and one way on, never an empty page."""
    client = Client()
    user = person("xem", role, "ubnd-tinh")
    set_totp(user, new_totp_secret())
    client.force_login(user)
    page = client.get(reverse("my-work")).content.decode()
    assert "Không có báo cáo nào đến lượt bạn" in page
    assert f'href="{reverse("dashboard")}"' in page


@pytest.mark.parametrize("role", [Role.UNIT_REPORTER, Role.AUDITOR])
def test_a_task_leads_to_where_the_person_may_go(world: Report, role: Role) -> None:  # noqa: F811
    """Who writes for the unit changes the task; who only reads opens the plan in which it stands."""
    plan = loaded_plan().plan
    words = TaskWords(text="Tập huấn cán bộ một cửa", due_on=date(2023, 9, 30), owner_name="Bộ phận một cửa")
    task = add_task(plan=plan, unit=UNIT, words=words, at=NOW, by=None)
    client = Client()
    user = person("xem", role, UNIT)
    set_totp(user, new_totp_secret())
    client.force_login(user)

    page = client.get(reverse("my-work")).content.decode()

    link = re.search(r'<a href="([^"]+)"[^>]*>Tập huấn cán bộ một cửa', page)
    assert link is not None
    own = role == Role.UNIT_REPORTER
    assert link[1] == (reverse("unit-task", args=(UNIT, task.pk)) if own else reverse("unit-plan", args=(UNIT,)))
    assert client.get(link[1]).status_code == 200
