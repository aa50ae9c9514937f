"""Facts about closing a period: what is kept, what refuses, what is guarded, what shows as restated."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry as AuditEntry
from diem06.core.jobs import actions as jobs
from diem06.core.jobs import running
from diem06.core.jobs.models import Job, JobState
from diem06.core.jobs.queries import unread_count
from diem06.core.organisation.models import User
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded, cells_owed, loaded_plan, obligations_of
from diem06.core.residents.sealing import digest
from diem06.cube import queries
from diem06.cube.board import board
from diem06.cube.closing import actions, triggers
from diem06.cube.closing.actions import (
    AlreadyClosedError,
    ClockError,
    NotLockedError,
    OutOfOrderError,
    close_period,
)
from diem06.cube.closing.canonical import LATE_FIELDS, decode
from diem06.cube.closing.changes import late_facts
from diem06.cube.closing.export import export
from diem06.cube.closing.keys import signing_key
from diem06.cube.closing.queries import closed_figures, faults_of_plan
from diem06.cube.closing.record import board_of_record
from diem06.cube.closing.restatements import Restatement, restatements
from diem06.cube.models import ClosedFigure, ClosedMeasure, Closing, SealedRestatement
from diem06.reports import demo
from diem06.reports.actions import Entry, open_reports, save_values
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.screens import closing as screen
from diem06.reports.templatetags.figures import size_words
from diem06.reports.tests.factories import AT, month, of_unit, seen, signed_in, whole_province
from tests.prepared import with_plan

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    """A month that is closed, and the next one with its reports open and nothing typed."""

    def build() -> Loaded:
        loaded = loaded_plan()
        demo.make_month(plan=loaded.plan, period=month(loaded, "2023-07"), month=0, people={}, seed=demo.SEED)
        close(loaded, "2023-07")
        of = month(loaded, "2023-08")
        open_reports(period=of, plan=loaded.plan, at=of.opens_at)
        return loaded

    closed: Loaded = prepared("a closed month and an open one", build, on=with_plan(AT))
    return closed


def close(loaded: Loaded, code: str, **changes: Any) -> Closing:
    of = month(loaded, code)
    return close_period(loaded=loaded, period=of, **{"at": of.lock_at + timedelta(hours=9), "by": None} | changes)


def first(loaded: Loaded) -> Closing:
    return Closing.objects.get(plan=loaded.plan.id, number=1)


def correct(loaded: Loaded, *, by: int = 1) -> DeclaredValue:
    """Type another number into a cell of the closed month; return what stood there."""
    row = (
        DeclaredValue.objects.current()
        .filter(period__code="2023-07", unit="so-tttt", measure="service_points_guiding", value__gt=0)
        .order_by("pk")[0]
    )
    cell = Cell(
        measure=row.measure, dimensions=row.dimensions, area=row.area, area_valid_from=row.area_valid_from,
        unit=row.unit, day=row.day,
    )  # fmt: skip
    report = Report.objects.get(period__code="2023-07", unit="so-tttt")
    report.open_until = LATER + timedelta(days=1)
    report.save()
    save_values(report=report, plan=loaded.plan, entries=[Entry(cell=cell, value=row.value - by)], at=LATER, by=None)
    return row


# -- what is kept ----------------------------------------------------------------------------------------------------
def test_every_figure_of_the_period_is_kept_as_it_is(loaded: Loaded) -> None:
    """Of every indicator, area and unit: the numbers, target, grade and standing that the board has."""
    here = board(loaded, "2023-07")
    kept = closed_figures(first(loaded))
    wanted = {
        (code, area.code, "")
        for code in here.lines
        for level in ("province", "district", "commune")
        for area in here.areas(code, level)
    } | {(code, "", unit) for code in here.lines for unit in here.owners(code)}
    assert kept.keys() == wanted
    for (code, area, unit), row in kept.items():
        figure = here.figure(code, area=area, unit=unit)
        assert (row.numerator, row.denominator, row.standing) == (
            figure.numerator,
            figure.denominator,
            figure.standing.value,
        )
        assert row.value == (None if figure.value is None else f"{figure.value:f}")
        assert row.key == figure.key


def test_a_closing_says_who_and_when_takes_what_is_new_and_follows_the_one_before(loaded: Loaded) -> None:
    """
    The seal holds a pseudonym, the row the person, the audit entry the hash. It takes the facts since the one before: none is in
    two seals, none in none. A moment before the lock it is refused; the next one cannot be dated before it.
    """
    of, one = month(loaded, "2023-08"), first(loaded)
    with pytest.raises(NotLockedError):
        close(loaded, "2023-08", at=of.lock_at - timedelta(microseconds=1))
    user = User.objects.create(username="tt")
    two = close(loaded, "2023-08", at=of.lock_at, by=user.pk)
    assert (two.person, two.closed_by) == (user, digest(f"closing/{user.pk}"))
    assert (two.number, two.previous) == (2, one.hash)
    entry = AuditEntry.objects.get(action="period.close", object_id=f"{loaded.plan.id}/2023-08")
    assert (entry.by_id, entry.details["hash"]) == (user.pk, two.hash)
    assert two.facts_from == one.last_day + timedelta(days=1)
    assert one.facts > 10_000
    assert list(faults_of_plan(loaded.plan.id)) == []
    last = month(loaded, "2023-09")
    last.lock_at = of.lock_at
    with pytest.raises(ClockError):
        close_period(loaded=loaded, period=last, at=of.lock_at, by=None)


# -- what refuses ----------------------------------------------------------------------------------------------------
def test_periods_close_in_order(loaded: Loaded) -> None:
    """The error names the period that comes first; nothing is written."""
    of = month(loaded, "2023-09")
    with pytest.raises(OutOfOrderError) as refused:
        close_period(loaded=loaded, period=of, at=of.lock_at, by=None)
    assert refused.value.period == month(loaded, "2023-08")
    assert Closing.objects.count() == 1


def test_a_period_closes_once_and_says_so_each_time(loaded: Loaded) -> None:
    """The second and the third time the answer is the same: the closing that is there."""
    words = []
    for _each in range(2):
        with pytest.raises(AlreadyClosedError) as refused:
            close(loaded, "2023-07", at=AT)
        words.append((str(refused.value), refused.value.closing.hash))
    assert words[0] == words[1]
    assert first(loaded).hash == words[0][1]


def test_a_fact_that_comes_while_facts_are_read_is_taken_along(loaded: Loaded, monkeypatch: Any) -> None:
    """What was read is thrown away and read again: the closing is of one state."""
    freeze, turns = actions._freeze, list[int]()

    def meanwhile(*arguments: Any) -> Any:
        frozen = freeze(*arguments)
        if not turns:
            of = month(loaded, "2023-08")
            report = Report.objects.get(period=of, unit="so-tttt")
            report.open_until = of.lock_at + timedelta(days=1)
            report.save()
            cell = cells_owed(obligations_of("so-tttt", of), plan=loaded.plan, on=of.last_day)[0]
            at = of.lock_at + timedelta(hours=1)
            save_values(report=report, plan=loaded.plan, entries=[Entry(cell=cell, value=7)], at=at, by=None)
        turns.append(1)
        return frozen

    monkeypatch.setattr(actions, "_freeze", meanwhile)
    before = seen(period_code="2023-08").board.changes
    closing = close(loaded, "2023-08")
    assert len(turns) == 2
    assert closing.facts > 0
    assert queries.revision(loaded.plan.id, "2023-08", closing.revision).changes > before
    assert list(faults_of_plan(loaded.plan.id)) == []
    assert restatements(loaded, closing).all == ()


# -- what is guarded -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [Closing, ClosedMeasure, ClosedFigure])
def test_the_database_refuses_change_and_deletion(loaded: Loaded, model: Any) -> None:
    """By SQL as by the ORM; and the check tells when a trigger is gone."""
    name, first_field = model._meta.db_table, {"Closing": "period"}.get(model.__name__, "closing_id")
    for statement in (f"UPDATE {name} SET {first_field} = {first_field}", f"DELETE FROM {name}"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            connection.cursor().execute(statement)
    triggers.drop(connection, "update")
    assert {fault.what.split("trigger ")[1] for fault in faults_of_plan(loaded.plan.id, with_facts=False)} == {
        f"{table}_no_update is gone" for table in triggers.TABLES
    }
    triggers.create(connection)
    assert list(faults_of_plan(loaded.plan.id, with_facts=False)) == []


def without_guard() -> None:
    triggers.drop(connection)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: ClosedFigure.objects.filter(code="P4").order_by("pk")[:1], "closed figures"),
        (lambda: ClosedMeasure.objects.filter(facts__gt=0).order_by("pk")[:1], "digests of"),
    ],
)
def test_the_check_finds_what_the_owner_of_the_database_changed(loaded: Loaded, change: Any, words: str) -> None:
    """A closed figure, a digest: named by what it is."""
    without_guard()
    row = change()[0]
    type(row).objects.filter(pk=row.pk).update(
        **({"numerator": 1} if isinstance(row, ClosedFigure) else {"root": "0" * 64})
    )
    triggers.create(connection)
    found = list(faults_of_plan(loaded.plan.id, with_facts=False))
    assert found
    assert any(words in fault.what for fault in found)


def test_the_check_finds_a_fact_that_was_changed_in_place(loaded: Loaded) -> None:
    """The measure and the area are named; a correction by the rules is no fault."""
    correct(loaded)
    assert list(faults_of_plan(loaded.plan.id)) == []
    row = DeclaredValue.objects.current().filter(period__code="2023-07", unit="so-tttt").order_by("pk")[5]
    DeclaredValue.objects.filter(pk=row.pk).update(value=row.value + 1)
    (fault,) = faults_of_plan(loaded.plan.id)
    assert fault.what.startswith(f"{row.measure}, area {row.area} of ")


# -- restatements ----------------------------------------------------------------------------------------------------
def test_without_a_change_nothing_is_restated(loaded: Loaded) -> None:
    assert restatements(loaded, first(loaded)).all == ()
    assert seen(period_code="2023-07").restated == 0


def test_a_late_fact_restates_the_figures_that_count_it_and_no_other(loaded: Loaded) -> None:
    """
    P4 of the province, the district and the unit: size and reason are the corrected cell. The closed numbers stay, and are what
    the board of record and the outlook of every page have, under their key.
    """
    closed = board_of_record(loaded, "2023-07").figure("P4")
    before = {key: row.value for key, row in closed_figures(first(loaded)).items()}
    old = correct(loaded)
    every = restatements(loaded, first(loaded))
    here = board(loaded, "2023-07")
    different = {
        (row.code, row.area, row.unit)
        for row in closed_figures(first(loaded)).values()
        if here.figure(row.code, area=row.area, unit=row.unit).numerator != row.numerator
    }
    found = {
        (one.closed.code, one.closed.area.code if one.closed.area else "", one.closed.unit or "") for one in every.all
    }
    assert different
    assert different <= found
    for one in every.all:
        assert one.now.numerator - one.closed.numerator == -1
        (fact,) = one.facts
        assert (fact.unit, fact.measure, fact.before, fact.after) == (old.unit, old.measure, old.value, old.value - 1)
        assert fact.changed_at == LATER
    assert {key: row.value for key, row in closed_figures(first(loaded)).items()} == before
    record, now = board_of_record(loaded, "2023-07").figure("P4"), here.figure("P4")
    outlook = seen(period_code="2023-07")
    for figure in (record, outlook.figure("P4"), next(one.closed for one in every.all if one.closed.code == "P4")):
        assert (figure.numerator, figure.key) == (closed.numerator, closed.key)
    assert (now.numerator, now.revision) == (closed.numerator - 1, closed.revision + 1)
    assert outlook.restated == len(every.all)


def test_the_next_seal_holds_what_was_restated_until_then(loaded: Loaded) -> None:
    """
    Every restated figure of the month before, with what it was and what it is, and the late fact itself; what comes after is in
    none. Another row, or another late fact, is found.
    """
    old = correct(loaded)
    every = restatements(loaded, first(loaded)).all
    two = close(loaded, "2023-08", at=LATER + timedelta(hours=1))
    rows = {row.key: row for row in two.sealed_restatements.all()}
    assert rows.keys() == {one.closed.key for one in every}
    for one in every:
        row = rows[one.closed.key]
        assert (row.period, row.reason) == ("2023-07", "facts")
        assert (row.was[0], row.now[0]) == (str(one.closed.numerator), str(one.now.numerator))
    assert (two.restatements, two.late_facts) == (len(every), 1)
    (record,) = late_facts(first(loaded), until=two.closed_at)
    late = dict(zip(LATE_FIELDS, decode(record)[1:], strict=True))
    assert (late["before"], late["after"], late["unit"]) == (str(old.value), str(old.value - 1), old.unit)
    same = {name: getattr(old, name) for name in ("measure", "dimensions", "area", "unit", "day", "period")}
    again = DeclaredValue.objects.current().get(**same)
    report = Report.objects.get(period__code="2023-07", unit="so-tttt")
    cell = Cell(
        measure=again.measure, dimensions=again.dimensions, area=again.area, area_valid_from=again.area_valid_from,
        unit=again.unit, day=again.day,
    )  # fmt: skip
    after = LATER + timedelta(hours=2)
    save_values(report=report, plan=loaded.plan, entries=[Entry(cell=cell, value=again.value + 5)], at=after, by=None)
    assert list(faults_of_plan(loaded.plan.id)) == []
    DeclaredValue.objects.filter(pk=again.pk).update(value=again.value + 7)
    assert [fault.what for fault in faults_of_plan(loaded.plan.id) if fault.period == "2023-08"] == [
        "1 late facts of earlier periods were sealed, 1 are found; they are not the same"
    ]
    without_guard()
    SealedRestatement.objects.filter(closing=two).order_by("pk")[:1].get().delete()
    found = [fault.what for fault in faults_of_plan(loaded.plan.id, with_facts=False) if fault.period == "2023-08"]
    assert found == ["the restatements of earlier periods are not those that were sealed"]


def test_a_seal_of_version_1_holds_and_the_next_one_follows_it(loaded: Loaded, tmp_path: Any) -> None:
    """As closings from before restatements were sealed are: neither the row nor its export has them."""
    without_guard()
    row = first(loaded)
    row.restatements = row.restatements_root = row.late_facts = row.late_facts_root = None
    row.hash, row.signature = row.seal.hash, row.seal.signed(signing_key())
    row.save()
    triggers.create(connection)
    two = close(loaded, "2023-08")
    assert (row.seal.version, two.seal.version, two.previous) == (1, 2, row.hash)
    assert list(faults_of_plan(loaded.plan.id)) == []
    export(row, to=tmp_path / "one")
    assert not list((tmp_path / "one").glob("restatements*"))
    assert '"version"' not in (tmp_path / "one/seal.json").read_text()


def test_pages_say_what_a_closed_figure_would_be_now(loaded: Loaded, django_assert_max_num_queries: Any) -> None:
    """
    The closed number stands large; beside it today's, by how much, since when; each leads to the other. The list is narrowed by
    unit and indicator, and leaves as a workbook with the facts behind it. Both lists ask the database a fixed number of times.
    """
    client = whole_province()
    closed = board_of_record(loaded, "2023-07").figure("P4")
    page = client.get(reverse("figure", args=[closed.key])).content.decode()
    assert "đã chốt số liệu 21/07/2023" in page
    assert "Từ đó đến nay không điều chỉnh" in page
    old = correct(loaded)
    page = client.get(reverse("figure", args=[closed.key])).content.decode()
    now = board(loaded, "2023-07").figure("P4")
    assert f"{closed.numerator} / " in page.replace("\n", " ")
    assert "Điều chỉnh sau chốt." in page
    assert "1 số liệu ghi sau chốt, lúc 11:12 15/09/2023." in page
    assert reverse("figure", args=[now.key]) in page
    later = client.get(reverse("figure", args=[now.key])).content.decode()
    assert "Số đã chốt là" in later
    assert reverse("figure", args=[closed.key]) in later
    url = reverse("closing", args=["2023-07"])
    every = restatements(loaded, first(loaded)).all
    page = client.get(url).content.decode()
    assert f"{len(every)} kết quả" in page
    assert "11:12 15/09/2023" in page
    one = every[0].closed.indicator
    wanted = sum(1 for each in every if each.closed.indicator == one)
    assert f"{wanted} kết quả" in client.get(f"{url}?indicator={one}&unit=so-tttt").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("restated-workbook", args=["2023-07"])).content))
    keys = [row[10].value for row in book.worksheets[0].iter_rows() if str(row[10].value).startswith("bg23:")]
    assert keys == [each.closed.key for each in every]
    (fact,) = [row for row in book.worksheets[1].iter_rows(values_only=True) if row[7] == "11:12 15/09/2023"]
    assert fact[5:7] == (old.value, old.value - 1)
    for listed in (reverse("closings"), url):
        with django_assert_max_num_queries(32):
            client.get(listed)


def test_a_unit_sees_that_its_figure_is_closed_and_no_list_of_all(loaded: Loaded) -> None:
    """The list of every unit's restatements is for who sees the province."""
    key = board_of_record(loaded, "2023-07").figure("P1", unit="ubnd-tan-yen").key
    page = of_unit().get(reverse("figure", args=[key])).content.decode()
    assert "đã chốt số liệu 21/07/2023" in page
    assert reverse("closing", args=["2023-07"]) not in page
    assert of_unit().get(reverse("closing", args=["2023-07"])).status_code == 403


# -- pages and command -------------------------------------------------------------------------------------------------
def office() -> Client:
    return signed_in(Role.STANDING_OFFICE, "cong-an-tinh")


def at(settings: Any, moment: Any) -> None:
    settings.DIEM06_CLOCK = lambda: moment


def test_the_page_says_what_is_missing_and_closes_after_a_tick(loaded: Loaded, settings: Any, monkeypatch: Any) -> None:
    """Without the tick it asks for it; with it the month is closed by this person; again it says that it was."""
    quick(monkeypatch, loaded)
    at(settings, AT)
    client, url = office(), reverse("closing", args=["2023-08"])
    page = client.get(url).content.decode()
    assert "Còn thiếu" in page
    assert "31 đơn vị chưa gửi báo cáo" in page
    assert reverse("closing-close", args=["2023-08"]) in page
    refused = client.post(reverse("closing-close", args=["2023-08"]))
    assert refused.status_code == 422
    assert Closing.objects.count() == 1
    done = client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"})
    assert (done.status_code, done["Location"]) == (302, url)
    running.run(Job.objects.get().pk)
    assert Closing.objects.get(number=2).person.username.startswith("standing-office")
    again = client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"}, follow=True)
    assert "đã chốt trước đó" in again.content.decode()


def test_while_a_period_is_being_closed_its_page_says_how_far(loaded: Loaded, settings: Any, monkeypatch: Any) -> None:
    """
    The page asks again by itself, has a link for who has no script, and shows the progress to whoever sees the province. A second press
    starts nothing. When it has ended, what asks is told to open the page anew: the closed one, and the notice of the end is read.
    """
    quick(monkeypatch, loaded)
    at(settings, AT)
    client, url = office(), reverse("closing", args=["2023-08"])
    client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"})
    job = Job.objects.get()
    jobs.begin(job_id=job.pk, at=AT)
    jobs.note_progress(job_id=job.pk, done=40, total=100, words="Đang đọc số liệu gốc")
    for reader in (client, whole_province()):
        page = reader.get(url).content.decode()
        assert 'hx-trigger="every 2s"' in page
        assert 'aria-valuenow="40"' in page
        assert "Đang đọc số liệu gốc" in page
        assert reverse("closing-close", args=["2023-08"]) not in page
    assert reverse("job", args=[job.pk]) in client.get(url).content.decode()
    at(settings, AT + timedelta(seconds=5))
    again = client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"}, follow=True).content.decode()
    assert "đang được chốt, không chốt lần thứ hai" in again
    assert Job.objects.get() == job
    Job.objects.filter(pk=job.pk).update(state=JobState.WAITING, begun_at=None)
    running.run(job.pk)
    ended = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, finished_at=None, keep_until=None
    )  # closed, a moment before the work says so
    assert client.get(url, headers={"HX-Request": "true", "HX-Target": "closing-progress"})["HX-Refresh"] == "true"
    Job.objects.filter(pk=job.pk).update(state=ended.state, finished_at=ended.finished_at, keep_until=ended.keep_until)
    assert unread_count(job.started_by_id) == 1
    assert client.get(url, headers={"HX-Request": "true", "HX-Target": "closing-progress"})["HX-Refresh"] == "true"
    assert "Số niêm phong" in client.get(url).content.decode()
    assert unread_count(job.started_by_id) == 0


def test_a_closing_that_was_killed_after_its_end_ends_well_and_one_that_is_refused_says_why(
    loaded: Loaded, settings: Any, monkeypatch: Any
) -> None:
    """Done again, it finds its period closed and closes no other. What has become impossible meanwhile is told on the page, in words."""
    quick(monkeypatch, loaded)
    at(settings, AT)
    client, of = office(), month(loaded, "2023-08")
    client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"})
    job = Job.objects.get()
    monkeypatch.setattr(actions, "check", refuse(NotLockedError()))
    running.run(job.pk)
    page = client.get(reverse("closing", args=["2023-08"])).content.decode()
    assert "Lần chốt trước không xong:" in page
    assert "Chốt được sau hạn sửa số liệu" in page
    monkeypatch.undo()
    quick(monkeypatch, loaded)
    at(settings, AT)
    client.post(reverse("closing-close", args=["2023-08"]), {"has_read": "on"})
    second = Job.objects.exclude(pk=job.pk).get()
    close_period(loaded=loaded, period=of, at=AT, by=None)
    running.run(second.pk)
    second.refresh_from_db()
    assert (second.state, second.url) == (JobState.DONE, reverse("closing", args=["2023-08"]))
    assert Closing.objects.count() == 2


def refuse(fault: Exception) -> Callable[..., None]:
    def check(*_arguments: Any) -> None:
        raise fault

    return check


def test_a_period_that_cannot_be_closed_says_why_and_has_no_button(
    loaded: Loaded, settings: Any, monkeypatch: Any
) -> None:
    """2023-09 is within its time of edits; a reader of the province has no button at all."""
    quick(monkeypatch, loaded)
    at(settings, AT)
    page = office().get(reverse("closing", args=["2023-09"])).content.decode()
    assert "Chốt được sau hạn sửa số liệu, hết ngày 20/09/2023." in page
    assert reverse("closing-close", args=["2023-09"]) not in page
    assert (
        reverse("closing-close", args=["2023-08"])
        not in whole_province().get(reverse("closing", args=["2023-08"])).content.decode()
    )


def quick(monkeypatch: Any, loaded: Loaded) -> None:
    """Let the next closing be of one measure and one figure: what it keeps is not the question."""
    monkeypatch.setattr(actions, "measures_of", lambda _plan: ("reports_due",))
    for reader in (actions, screen):
        monkeypatch.setattr(reader, "figures", lambda _query: iter([board(loaded, "2023-08").figure("P4")]))


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("seal", *arguments, stdout=out, stderr=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code)
    return out.getvalue(), 0


def test_the_command_closes_lists_and_checks(loaded: Loaded, settings: Any, monkeypatch: Any) -> None:
    """Exit codes: 0 done, 1 refused or broken, 2 no such period or closing."""
    at(settings, AT)
    assert run("close", "2023-09")[1] == 1
    assert run("close", "2023-07") == (f"{AlreadyClosedError(first(loaded))}\n", 1)
    assert run("close", "2022-01")[1] == 2
    quick(monkeypatch, loaded)
    words, code = run("close", "2023-08")
    assert (code, Closing.objects.get(number=2).hash in words) == (0, True)
    assert [line.split()[:2] for line in run("list")[0].splitlines()] == [["1", "2023-07"], ["2", "2023-08"]]
    assert run("check")[1] == 0
    assert run("check", "2023-09")[1] == 2
    assert run("export", "2023-07")[1] == 2
    assert first(loaded).public_key in run("key")[0]
    without_guard()
    ClosedFigure.objects.filter(closing=first(loaded)).order_by("-pk")[:1].get().delete()
    triggers.create(connection)
    words, code = run("check", "--quick")
    assert (code, "BROKEN 2023-07: the closed figures" in words) == (1, True)


@pytest.mark.parametrize(
    ("closed", "now", "words"),
    [
        ("0.676", "0.681", "+0,50 điểm phần trăm, +0,7%"),
        ("0.5", "0.49996", "chưa đến 0,01 điểm phần trăm"),
        ("0", "0.5", "+50,00 điểm phần trăm"),
        ("0.9", "0.9001", "+0,01 điểm phần trăm"),
        ("0.5", "0.5", "giá trị không đổi"),
    ],
)
def test_the_size_of_a_restatement_in_words(loaded: Loaded, closed: str, now: str, words: str) -> None:
    """In points, and relative where that says something; nothing is written as +0,00."""
    figure = board(loaded, "2023-07").figure("P4")
    one = Restatement(closed=replace(figure, value=Decimal(closed)), now=replace(figure, value=Decimal(now)), facts=())
    assert size_words(one) == words
