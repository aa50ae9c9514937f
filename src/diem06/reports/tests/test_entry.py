"""Facts about the page on which a unit types what it owes."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from diem06.core.access import Role
from diem06.core.organisation.actions import add_person, give_role, new_totp_secret, set_totp
from diem06.core.organisation.models import User
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import Loaded, loaded_plan, period
from diem06.cube.figures import board
from diem06.plan.reader import bundle_path
from diem06.reports import actions, queries
from diem06.reports.entry_form import EntryError, entry_form, field_name, parse_value
from diem06.reports.models import DeclaredValue, Heading, Narrative, Report

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2023, 7, 13, 16, 40, tzinfo=VIETNAM)
UNIT = "ubnd-tan-yen"


@pytest.fixture
def world(july: Loaded, db: None, settings: Any) -> Report:
    """The Bắc Giang plan in its first period, and the report of Tân Yên."""
    settings.DIEM06_CLOCK = lambda: NOW
    return Report.objects.get(period=period(july.plan, "2023-07"), unit=UNIT)


def person(name: str, role: Role, unit: str) -> User:
    user = add_person(username=name, full_name=name.title(), password="mot-mat-khau-dai")
    give_role(user=user, role=role, unit=unit, from_day=date(2023, 6, 15))
    return user


@pytest.fixture
def reporter(world: Report) -> Client:
    client = Client()
    client.force_login(person("ha", Role.UNIT_REPORTER, UNIT))
    return client


def page(report: Report) -> str:
    return reverse("entry", args=(report.period.code, report.unit))


def own(report: Report, measure: str, dimensions: str = "") -> str:
    form = entry_form(report, loaded_plan().plan)
    return next(f.name for f in form.fields() if (f.cell.measure, f.cell.dimensions) == (measure, dimensions))


def save(client: Client, report: Report, values: list[dict[str, Any]], key: str = "") -> Any:
    body = json.dumps({"key": key or str(uuid.uuid4()), "values": values})
    return client.post(
        reverse("entry-values", args=(report.period.code, report.unit)), body, content_type="application/json"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), (" 12 ", 12), ("1.234", 1234), ("1.234.567", 1_234_567), ("0", 0), ("9223372036854775807", 2**63 - 1)],
)
def test_what_is_a_value(text: str, value: int | None) -> None:
    """Whole numbers from 0, with or without thousands separators; nothing typed is nothing given."""
    assert parse_value(text) == value


@pytest.mark.parametrize("text", ["12a", "-3", "1,5", "#N/A", "=1+1", "mười", "9223372036854775808", "1.23"])
def test_what_is_no_value_says_why(text: str) -> None:
    """Every refusal names the text and says what to write."""
    with pytest.raises(EntryError, match="«"):
        parse_value(text)


def test_a_comma_before_three_digits_is_never_taken_for_a_decimal_mark() -> None:
    """«1,000» would read as 1: asked again in Vietnamese, a thousand on an English page, where numbers are shown so."""
    with pytest.raises(EntryError, match="1000"):
        parse_value("1,000")
    with translation.override("en"):
        assert parse_value("1,000") == 1000
        assert parse_value("1,234,567") == 1_234_567


def test_an_english_page_reads_back_what_it_shows(reporter: Client, world: Report) -> None:
    """A plain post of the form as it stands changes nothing, in either language."""
    name = own(world, "workforce_members")
    saved = save(reporter, world, [{"name": name, "text": "1000", "seen": ""}]).json()["records"][name]
    for language, shown in (("vi", "1.000"), ("en", "1,000")):
        headers = {"accept-language": language}
        assert f'value="{shown}"' in reporter.get(page(world), headers=headers).content.decode()
        answer = reporter.post(page(world), {name: shown, f"s{name[1:]}": saved}, headers=headers)
        assert answer.status_code == 302
    assert [value.value for value in DeclaredValue.objects.all()] == [1000]


def test_cells_are_saved_as_they_are_left(reporter: Client, world: Report) -> None:
    """A typed number is in the figures at once, and the answer tells the record that stands behind it."""
    total, part = own(world, "workforce_members"), own(world, "workforce_with_card_and_vneid")
    answer = save(
        reporter, world, [{"name": total, "text": "1.200", "seen": ""}, {"name": part, "text": "900", "seen": ""}]
    )
    assert answer.status_code == 200, answer.content
    assert set(answer.json()["records"]) == {total, part}
    assert board(loaded_plan(), "2023-07").figure("M3.1", unit=UNIT).value == pytest.approx(900 / 1200)


def test_a_text_that_is_no_number_is_named_and_the_others_are_saved(reporter: Client, world: Report) -> None:
    """One slip does not hold up the rest."""
    good, bad = own(world, "workforce_members"), own(world, "dossiers_digitised")
    answer = save(reporter, world, [{"name": good, "text": "12", "seen": ""}, {"name": bad, "text": "12a", "seen": ""}])
    assert "12a" in answer.json()["errors"][bad]
    assert DeclaredValue.objects.current().count() == 1


def test_a_note_stands_beside_its_number(reporter: Client, world: Report) -> None:
    """It is saved with the number, shown again, kept by a save that says nothing of it; without a number it says why."""
    name = own(world, "workforce_members")
    first = save(reporter, world, [{"name": name, "text": "5", "note": "theo sổ", "seen": ""}])
    assert 'value="theo sổ"' in reporter.get(page(world)).content.decode()
    second = save(reporter, world, [{"name": name, "text": "6", "seen": first.json()["records"][name]}])
    assert [(v.value, v.note) for v in DeclaredValue.objects.current()] == [(6, "theo sổ")]
    reporter.post(page(world), {name: "6", f"t{name[1:]}": "", f"s{name[1:]}": second.json()["records"][name]})
    assert [(v.value, v.note) for v in DeclaredValue.objects.current()] == [(6, "")]
    empty = own(world, "dossiers_digitised")
    before = save(reporter, world, []).json()["filled"]
    answer = save(reporter, world, [{"name": empty, "text": "", "note": "chưa có sổ", "seen": ""}])
    assert answer.json()["filled"] == before + 1
    assert queries.absent_cells(world)[empty].reason == "chưa có sổ"
    assert "Không có số liệu." in reporter.get(page(world)).content.decode()


def test_what_is_wrong_is_named_beside_the_cell(reporter: Client, world: Report) -> None:
    """A part above its whole marks its cell and stands in the list of checks with a link to it."""
    whole, part = own(world, "officials", "post=one_stop"), own(world, "officials_trained_on_portal", "post=one_stop")
    save(reporter, world, [{"name": whole, "text": "98", "seen": ""}, {"name": part, "text": "109", "seen": ""}])
    text = reporter.get(page(world)).content.decode()
    assert f'<td colspan="7" id="why{part[1:]}">' in text
    assert f'aria-describedby="why{part[1:]}"' in text
    assert f'<a href="#{part}">' in text


def test_a_flow_equal_to_last_period_is_worth_a_second_look(reporter: Client, world: Report, settings: Any) -> None:
    """It is a hint, never a fault; a stock may stay as it was."""
    plan = loaded_plan().plan
    flow, stock = own(world, "dossiers_digitised"), own(world, "workforce_members")
    save(reporter, world, [{"name": name, "text": "77", "seen": ""} for name in (flow, stock)])
    later = NOW.replace(month=8)
    settings.DIEM06_CLOCK = lambda: later
    load_plan(folder=bundle_path("bac-giang-2023"), at=later, is_made_up=True)
    august = period(plan, "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=plan, at=later)
    report = Report.objects.get(period=august, unit=UNIT)
    flow, stock = own(report, "dossiers_digitised"), own(report, "workforce_members")
    answer = save(reporter, report, [{"name": name, "text": "77", "seen": ""} for name in (flow, stock)])
    assert answer.json()["faults"] == []
    repeated = [field.name for field in entry_form(report, plan).fields() if field.repeats]
    assert repeated == [flow]
    assert reporter.get(page(report)).content.decode().count("Bằng đúng kỳ trước.</span>") == 1


def test_the_cells_of_a_deadline_are_a_table_of_their_own(world: Report, settings: Any) -> None:
    """The police owe the values of 31/7 in August's report, by commune of the district that is open."""
    later = NOW.replace(month=8)
    settings.DIEM06_CLOCK = lambda: later
    load_plan(folder=bundle_path("bac-giang-2023"), at=later, is_made_up=True)
    august = period(loaded_plan().plan, "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=loaded_plan().plan, at=later)
    client = Client()
    client.force_login(person("canh", Role.UNIT_REPORTER, "cong-an-tinh"))
    answer = client.get(reverse("entry", args=("2023-08", "cong-an-tinh")))
    assert "C. Số liệu tại thời hạn 31/07/2023" in answer.content.decode()


def test_a_reader_is_told_that_they_only_read(world: Report) -> None:
    """No input can be typed in, nothing saves, and the page says why."""
    client = Client()
    user = person("xem", Role.AUDITOR, "ubnd-tinh")
    set_totp(user, new_totp_secret())
    client.force_login(user)
    text = client.get(page(world)).content.decode()
    assert "Bạn chỉ xem được" in text
    assert text.count(" readonly>") == text.count('inputmode="numeric"') + text.count('class="entry-note"') + len(
        Heading
    )
    assert "save-bar" not in text


def test_a_repeated_request_is_saved_once(reporter: Client, world: Report) -> None:
    """The same key and body give the same answer; the same key with another body is refused."""
    name, key = own(world, "workforce_members"), str(uuid.uuid4())
    first = save(reporter, world, [{"name": name, "text": "5", "seen": ""}], key)
    again = save(reporter, world, [{"name": name, "text": "5", "seen": ""}], key)
    other = save(reporter, world, [{"name": name, "text": "6", "seen": ""}], key)
    assert first.json() == again.json()
    assert other.status_code == 409
    assert [value.value for value in DeclaredValue.objects.all()] == [5]


def test_two_people_in_one_cell_see_each_other_before_overwriting(reporter: Client, world: Report) -> None:
    """The second one to save is shown the first one's number and name; nothing is overwritten."""
    other = Client()
    other.force_login(person("lan", Role.UNIT_HEAD, UNIT))
    name = own(world, "workforce_members")
    save(reporter, world, [{"name": name, "text": "98", "seen": ""}])
    answer = save(other, world, [{"name": name, "text": "109", "seen": ""}])
    assert answer.status_code == 409
    (conflict,) = answer.json()["conflicts"]
    assert conflict["theirs"] == 98
    assert "Ha" in conflict["text"]
    kept = save(other, world, [{"name": name, "text": "109", "seen": conflict["seen"]}])
    assert kept.status_code == 200
    assert [(v.version, v.value) for v in DeclaredValue.objects.order_by("version")] == [(1, 98), (2, 109)]


def test_the_form_works_without_javascript(reporter: Client, world: Report) -> None:
    """A plain post saves values and words; a wrong one comes back with everything that was typed and links to the field."""
    name = own(world, "workforce_members")
    wrong = reporter.post(page(world), {name: "12a", f"s{name[1:]}": "", "n-good": "Tốt"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert 'value="12a"' in text
    assert f'href="#{name}"' in text
    assert ">Tốt</textarea>" in text
    assert not DeclaredValue.objects.exists()
    right = reporter.post(page(world), {name: "12", f"s{name[1:]}": "", "n-good": "Tốt", "nv-good": "0"})
    assert right.status_code == 302
    assert DeclaredValue.objects.get().value == 12
    assert Narrative.objects.get(heading=Heading.GOOD).text == "Tốt"


def test_a_cell_that_the_unit_does_not_owe_is_refused(reporter: Client, world: Report) -> None:
    """Nobody types into another unit's cells."""
    plan = loaded_plan().plan
    other = Report.objects.get(period=world.period, unit="so-y-te")
    strange = next(entry_form(other, plan).fields()).name
    assert save(reporter, world, [{"name": strange, "text": "1", "seen": ""}]).status_code == 400


def test_a_part_above_its_whole_stops_the_approval(reporter: Client, world: Report) -> None:
    """109 trained of 98 officials: the draft is kept, the approval waits."""
    whole, part = own(world, "officials", "post=one_stop"), own(world, "officials_trained_on_portal", "post=one_stop")
    answer = save(
        reporter, world, [{"name": whole, "text": "98", "seen": ""}, {"name": part, "text": "109", "seen": ""}]
    )
    (fault,) = answer.json()["faults"]
    assert fault["field"] == part
    url = reverse("entry-approval", args=(world.period.code, world.unit))
    asked = {"number": "12/BC-UBND", "day": "13/07/2023", "hour": "16:30"}
    assert reporter.post(url, asked).status_code == 422
    save(reporter, world, [{"name": part, "text": "91", "seen": answer.json()["records"][part]}])
    assert reporter.post(url, asked).status_code == 422  # every other cell is still empty
    actions.mark_absent(report=world, plan=loaded_plan().plan, reason="Chưa thu thập", at=NOW, by=None)
    assert reporter.post(url, asked).status_code == 302
    world.refresh_from_db()
    assert (world.state, world.approval_number, world.is_late) == ("approved", "12/BC-UBND", False)


def test_an_approval_in_the_future_is_refused(reporter: Client, world: Report) -> None:
    """The hour of the signed document cannot lie ahead."""
    url = reverse("entry-approval", args=(world.period.code, world.unit))
    answer = reporter.post(url, {"number": "12/BC-UBND", "day": "14/07/2023", "hour": "16:30"})
    assert answer.status_code == 422
    assert "tương lai" in answer.content.decode()


def test_after_the_lock_nothing_is_saved(reporter: Client, world: Report, settings: Any) -> None:
    """The page says who can open it again; the standing office's reopening lets the unit save."""
    settings.DIEM06_CLOCK = lambda: NOW.replace(day=22)
    name = own(world, "workforce_members")
    answer = save(reporter, world, [{"name": name, "text": "5", "seen": ""}])
    assert answer.status_code == 423
    assert "cơ quan thường trực" in answer.json()["message"]
    actions.reopen(
        report=world, until=NOW.replace(day=25), reason="Sửa số liệu một cửa", at=NOW.replace(day=22), by=None
    )
    assert save(reporter, world, [{"name": name, "text": "5", "seen": ""}]).status_code == 200


def test_an_expired_session_loses_nothing(world: Report) -> None:
    """The page gets 401 and a place to sign in, and keeps what was typed."""
    answer = Client().post(
        reverse("entry-values", args=(world.period.code, world.unit)),
        "{}",
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 401


def test_every_owed_cell_is_on_one_of_the_pages(world: Report) -> None:
    """Nothing that is owed can be forgotten: the pages of all districts together ask for each cell once."""
    plan = loaded_plan().plan
    police = Report.objects.get(period=world.period, unit="cong-an-tinh")
    first = entry_form(police, plan)
    names = {field.name for code, *_ in first.districts for field in entry_form(police, plan, district=code).fields()}
    assert len(names) == first.owed
    assert len(first.districts) == 10


def test_last_period_stands_beside(world: Report) -> None:
    """August shows July's value, of the same cell."""
    plan = loaded_plan().plan
    cell = next(f.cell for f in entry_form(world, plan).fields() if f.cell.measure == "workforce_members")
    actions.save_values(report=world, plan=plan, entries=[actions.Entry(cell=cell, value=77)], at=NOW, by=None)
    later = NOW.replace(month=8)
    load_plan(folder=bundle_path("bac-giang-2023"), at=later, is_made_up=True)
    august = period(plan, "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=plan, at=later)
    form = entry_form(Report.objects.get(period=august, unit=UNIT), plan)
    assert [field.last for field in form.own if field.cell.measure == "workforce_members"] == [77]
    assert field_name(cell) not in {field.name for field in form.fields()}  # another day, another cell
