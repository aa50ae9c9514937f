"""A unit's own plan has a document and tasks; each task has an owner and a last day, and every change is in the trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.organisation import queries as organisation
from diem06.core.organisation.models import Unit, User
from diem06.core.plans.queries import Loaded
from diem06.reports.models import TaskState, UnitPlan, UnitTask
from diem06.reports.tests.factories import AT, UNIT, made_up_months, of_unit, signed_in, whole_province
from diem06.reports.unit_plans import actions, demo, queries
from diem06.reports.unit_plans.actions import TaskError, TaskWords

TODAY = AT.date()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    return made_up_months(prepared, months=("2023-07",))


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any, tmp_path: Path) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    settings.MEDIA_ROOT = tmp_path
    return made


@pytest.fixture
def office(loaded: Loaded) -> Client:
    return whole_province()


@pytest.fixture
def reporter(loaded: Loaded) -> Client:
    return of_unit()


def task(loaded: Loaded, **others: Any) -> UnitTask:
    words = {"text": "Tập huấn cán bộ một cửa", "due_on": date(2023, 9, 30), "owner_name": "Bộ phận một cửa", **others}
    return actions.add_task(plan=loaded.plan, unit=UNIT, words=TaskWords(**words), at=AT, by=None)


def test_a_task_is_added_changed_and_done_and_the_trail_tells_each_step(loaded: Loaded) -> None:
    made = task(loaded)
    actions.change_task(
        task=made,
        plan=loaded.plan,
        words=TaskWords(text="Tập huấn", due_on=date(2023, 10, 15), owner_name="Bộ phận một cửa"),
        at=AT,
        by=None,
    )
    done = actions.report_progress(task=made, state=TaskState.DONE, percent=30, at=AT, by=None)
    assert (done.state, done.progress_percent, done.done_on) == (TaskState.DONE, 100, TODAY)
    told = list(Entry.objects.filter(object_type="unit_task", object_id=str(made.pk)).order_by("id"))
    assert [entry.action for entry in told] == ["unit_task.add", "unit_task.change", "unit_task.progress"]
    assert told[1].details["before"]["due_on"] == "2023-09-30"


def test_saving_what_stands_there_leaves_no_trace(loaded: Loaded) -> None:
    made = task(loaded)
    actions.report_progress(task=made, state=TaskState.TODO, percent=0, at=AT, by=None)
    assert Entry.objects.filter(action="unit_task.progress", object_id=str(made.pk)).count() == 0


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"text": "  "}, "text"),
        ({"due_on": date(2023, 6, 1)}, "due_on"),
        ({"clause": "Z.9"}, "clause"),
        ({"owner_name": ""}, "owner"),
    ],
)
def test_a_task_that_says_too_little_is_refused_at_its_field(loaded: Loaded, words: dict[str, Any], field: str) -> None:
    with pytest.raises(TaskError) as refused:
        task(loaded, **words)
    assert refused.value.field == field


def test_a_person_of_another_unit_cannot_own_a_task(loaded: Loaded) -> None:
    signed_in(Role.UNIT_REPORTER, "so-y-te")
    stranger = User.objects.get(username="unit-reporter-so-y-te")
    with pytest.raises(TaskError, match="owner"):
        task(loaded, owner=stranger.pk, owner_name="")


@pytest.mark.parametrize(
    ("progress", "field"),
    [
        ({"state": TaskState.DOING, "percent": 101}, "progress_percent"),
        ({"state": TaskState.DONE, "percent": 100, "done_on": TODAY + timedelta(days=1)}, "done_on"),
        ({"state": TaskState.DROPPED, "percent": 0}, "note"),
    ],
)
def test_progress_that_cannot_be_is_refused_at_its_field(loaded: Loaded, progress: dict[str, Any], field: str) -> None:
    with pytest.raises(TaskError) as refused:
        actions.report_progress(task=task(loaded), at=AT, by=None, **progress)
    assert refused.value.field == field


def test_the_database_refuses_a_done_task_without_its_day(loaded: Loaded) -> None:
    made = task(loaded)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitTask.objects.filter(pk=made.pk).update(state=TaskState.DONE)


def test_a_task_is_overdue_the_day_after_its_last_day(loaded: Loaded) -> None:
    made = task(loaded, due_on=TODAY)
    assert not made.is_overdue(TODAY)
    assert made.is_overdue(TODAY + timedelta(days=1))
    counts = queries.task_counts(loaded.plan, on=TODAY + timedelta(days=1))[UNIT]
    assert (counts.total, counts.done, counts.overdue) == (1, 0, 1)


def test_a_task_given_up_is_in_no_count_and_keeps_its_row(loaded: Loaded) -> None:
    actions.report_progress(task=task(loaded), state=TaskState.DROPPED, percent=0, note="Ghép", at=AT, by=None)
    assert queries.task_counts(loaded.plan, on=TODAY) == {}
    assert queries.tasks_of(loaded.plan, UNIT).count() == 1


def test_units_without_a_plan_come_first_and_are_overdue_after_the_day_of_the_plan(loaded: Loaded) -> None:
    UnitPlan.objects.filter(unit=UNIT).delete()
    lines = queries.plan_lines(loaded.plan, on=TODAY)
    assert lines[0].unit.code == UNIT
    assert lines[0].is_overdue
    assert sum(line.plan is None for line in lines) == 1
    assert not queries.plan_lines(loaded.plan, on=date(2023, 6, 20))[0].is_overdue


def test_a_unit_of_another_plan_owes_no_plan_here(loaded: Loaded) -> None:
    """Another plan was loaded once; its units are still known, and are nobody's debtors in this one."""
    before = [line.unit.code for line in queries.plan_lines(loaded.plan, on=TODAY)]
    other = Unit.objects.create(
        code="don-vi-khac", key="khac", plan_id="ke-hoach-khac", order=999, reports="yes", area_code="24"
    )
    other.names.create(name="Đơn vị khác", short="Đơn vị khác")
    organisation.forget()
    assert "don-vi-khac" in organisation.units_on(TODAY)
    assert [line.unit.code for line in queries.plan_lines(loaded.plan, on=TODAY)] == before


# -- pages -----------------------------------------------------------------------------------------------------------
def test_a_reporter_adds_a_task_and_says_how_far_it_is(reporter: Client) -> None:
    answer = reporter.post(
        f"/unit-plans/{UNIT}/tasks/",
        {"text": "Lập tổ hướng dẫn", "due_on": "30/09/2023", "owner": "", "owner_name": "Văn phòng", "clause": ""},
    )
    assert answer.status_code == 302
    made = UnitTask.objects.get(unit=UNIT)
    reporter.post(
        f"/unit-plans/{UNIT}/tasks/{made.pk}/",
        {"part": "progress", "state": "doing", "progress_percent": "40", "note": "", "done_on": ""},
    )
    made.refresh_from_db()
    assert (made.state, made.progress_percent) == ("doing", 40)
    assert "40 %" in reporter.get(f"/unit-plans/{UNIT}/").content.decode()


def test_a_task_without_owner_comes_back_with_what_was_typed(reporter: Client) -> None:
    answer = reporter.post(f"/unit-plans/{UNIT}/tasks/", {"text": "Lập tổ", "due_on": "31/02/2024", "owner_name": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Lập tổ" in page
    assert "31/02/2024" in page
    assert "Chọn người làm" in page
    assert not UnitTask.objects.exists()


def test_the_document_is_kept_and_handed_out_as_it_came(reporter: Client, office: Client) -> None:
    sent = {
        "plan_number": "45/KH-UBND",
        "issued_on": "28/06/2023",
        "file": SimpleUploadedFile("Kế hoạch.pdf", PDF, content_type="application/pdf"),
    }
    assert reporter.post(f"/unit-plans/{UNIT}/document/", sent).status_code == 302
    assert office.get(f"/unit-plans/{UNIT}/document/download/").content == PDF
    wrong = SimpleUploadedFile("a.pdf", b"MZ", content_type="application/pdf")
    answer = reporter.post(f"/unit-plans/{UNIT}/document/", {**sent, "file": wrong})
    assert answer.status_code == 422
    assert "không đúng loại" in answer.content.decode()


def test_another_unit_and_the_province_cannot_write(office: Client, loaded: Loaded) -> None:
    made = task(loaded)
    other = signed_in(Role.UNIT_REPORTER, "so-y-te")
    for client in (office, other):
        assert client.post(f"/unit-plans/{UNIT}/tasks/", {}).status_code == 403
        assert client.post(f"/unit-plans/{UNIT}/tasks/{made.pk}/", {}).status_code == 403
    assert other.get(f"/unit-plans/{UNIT}/").status_code == 403


def test_a_task_is_not_reached_through_another_unit(reporter: Client, loaded: Loaded) -> None:
    foreign = actions.add_task(
        plan=loaded.plan,
        unit="so-y-te",
        words=TaskWords(text="Của Sở Y tế", due_on=date(2023, 9, 30), owner_name="P1"),
        at=AT,
        by=None,
    )
    assert reporter.get(f"/unit-plans/{UNIT}/tasks/{foreign.pk}/").status_code == 404


def test_the_lists_ask_as_few_questions_for_many_tasks_as_for_one(
    office: Client, loaded: Loaded, django_assert_max_num_queries: Any
) -> None:
    demo.make_tasks(plan=loaded.plan, until=AT, people={}, seed=1)
    office.get("/unit-plans/")
    with django_assert_max_num_queries(12):
        answer = office.get("/unit-plans/")
    assert answer.status_code == 200
    with django_assert_max_num_queries(18):
        assert office.get(f"/unit-plans/{UNIT}/?show=all").status_code == 200


def test_the_workbook_holds_every_unit_and_task(office: Client, loaded: Loaded) -> None:
    import io

    import openpyxl

    demo.make_tasks(plan=loaded.plan, until=AT, people={}, seed=1)
    book = openpyxl.load_workbook(io.BytesIO(office.get("/unit-plans/unit-plans.xlsx").content))
    first, second = book.worksheets
    assert sum(1 for row in second.iter_rows(values_only=True) if row[3] and isinstance(row[3], datetime)) == (
        UnitTask.objects.count()
    )
    assert "Sở Y tế" in [row[0] for row in first.iter_rows(values_only=True)]


def test_the_demo_gives_tasks_of_every_state_and_is_the_same_each_time(loaded: Loaded) -> None:
    demo.make_tasks(plan=loaded.plan, until=AT, people={}, seed=1)
    first = list(UnitTask.objects.order_by("id").values_list("unit", "text", "state", "done_on"))
    assert {state for _unit, _text, state, _day in first} >= {"done", "doing", "todo", "dropped"}
    UnitTask.objects.all().delete()
    demo.make_tasks(plan=loaded.plan, until=AT, people={}, seed=1)
    assert list(UnitTask.objects.order_by("id").values_list("unit", "text", "state", "done_on")) == first


def test_a_unit_that_took_over_another_one_goes_on_with_its_plan(loaded: Loaded) -> None:
    """The town of Việt Yên has the plan of the district that it was until January 2024."""
    former, now = "ubnd-viet-yen", "ubnd-tx-viet-yen"
    day = date(2024, 6, 15)
    number = UnitPlan.objects.get(plan_id=loaded.plan.id, unit=former).number

    line = next(line for line in queries.plan_lines(loaded.plan, on=day) if line.unit.code == now)

    assert line.plan is not None
    assert line.plan.number == number
    assert not line.is_overdue
    assert former not in {line.unit.code for line in queries.plan_lines(loaded.plan, on=day)}


def test_a_successor_goes_on_with_the_tasks_of_the_unit_before_it(loaded: Loaded) -> None:
    """Việt Yên became a town in February 2024: what its committee had to do stays with the committee that followed."""
    words = TaskWords(text="Lắp đầu đọc", due_on=date(2024, 3, 31), owner_name="Phòng Văn hoá")
    made = actions.add_task(plan=loaded.plan, unit="ubnd-viet-yen", words=words, at=AT, by=None)
    heir = next(unit.successor for unit in loaded.plan.units if unit.code == "ubnd-viet-yen")
    assert made in queries.tasks_of(loaded.plan, heir)
    assert made in queries.open_tasks(loaded.plan, units=[heir])
    line = next(line for line in queries.plan_lines(loaded.plan, on=date(2024, 4, 1)) if line.unit.code == heir)
    assert (line.counts.total, line.counts.overdue) == (1, 1)
