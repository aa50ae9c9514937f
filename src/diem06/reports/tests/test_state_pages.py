"""Facts about the pages on which a report goes from its unit to the standing office and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.jobs.models import Notice
from diem06.core.organisation.actions import new_totp_secret, set_totp
from diem06.core.plans.queries import loaded_plan
from diem06.cube.figures import board
from diem06.reports import actions, queries
from diem06.reports.entry_form import entry_form, owed_cells
from diem06.reports.models import DeclaredValue, Explanation, Heading, Report
from diem06.reports.tests.test_entry import NOW, UNIT, own, page, person, reporter, save, world  # noqa: F401  fixtures
from diem06.reports.tests.test_states import PDF, accepted, approved, fill, plan, submitted
from diem06.reports.versions import word_difference


@pytest.fixture
def head(world: Report) -> Client:  # noqa: F811
    client = Client()
    client.force_login(person("lanh", Role.UNIT_HEAD, UNIT))
    return client


@pytest.fixture
def office(world: Report) -> Client:  # noqa: F811
    client = Client()
    user = person("truc", Role.STANDING_OFFICE, "cong-an-tinh")
    set_totp(user, new_totp_secret())
    client.force_login(user)
    return client


def url(name: str, report: Report) -> str:
    return reverse(name, args=(report.period.code, report.unit))


def test_the_page_says_what_keeps_a_report_back(reporter: Client, world: Report) -> None:  # noqa: F811
    """Empty cells are counted and linked; one reason for all of them sends the report."""
    save(reporter, world, [{"name": own(world, "workforce_members"), "text": "5", "seen": ""}])
    text = reporter.get(url("entry-submit", world)).content.decode()
    left = len(owed_cells(world, plan())) - 1
    assert f"{left} ô chưa có số" in text
    refused = reporter.post(url("entry-submit", world))
    assert refused.status_code == 422
    assert "Chưa trình được" in refused.content.decode()
    assert reporter.post(url("entry-submit", world), {"absent": "Chưa có sổ"}).status_code == 302
    world.refresh_from_db()
    assert world.state == "submitted"
    assert "người đứng đầu duyệt" in reporter.get(page(world)).content.decode()


def test_who_is_next_is_told(reporter: Client, head: Client, office: Client, world: Report) -> None:  # noqa: F811
    """The head of what was submitted, the office of what was approved, the unit of what was returned."""
    fill(world)
    reporter.post(url("entry-submit", world))
    asked = {"number": "12/BC-UBND", "day": "13/07/2023", "hour": "16:30"}
    head.post(url("entry-approval", world), asked)
    office.post(url("report-return", world), {"reason": "Sai số"})
    told = [(notice.person.username, notice.words["vi"]) for notice in Notice.objects.order_by("pk")]
    assert [name for name, _words in told] == ["lanh", "truc", "ha", "lanh"]
    assert "bị trả lại" in told[-1][1]


def test_a_signed_pdf_is_uploaded_and_handed_out(head: Client, world: Report, settings: Any, tmp_path: Any) -> None:  # noqa: F811
    """Its bytes are kept and given to who may read the report, to nobody else; what is no PDF is refused."""
    submitted(world)
    asked = {"number": "12/BC-UBND", "day": "13/07/2023", "hour": "16:30"}
    wrong = {**asked, "pdf": SimpleUploadedFile("a.pdf", b"kein pdf")}
    assert head.post(url("entry-approval", world), wrong).status_code == 422
    right = {**asked, "pdf": SimpleUploadedFile(*PDF)}
    assert head.post(url("entry-approval", world), right).status_code == 302
    world.refresh_from_db()
    link = reverse("report-file", args=(world.period.code, UNIT, world.approval_file_id))
    assert link in head.get(page(world)).content.decode()
    assert head.get(link).content == PDF[1]
    stranger = Client()
    stranger.force_login(person("la", Role.UNIT_HEAD, "so-y-te"))
    assert stranger.get(link).status_code == 403


def test_a_returned_cell_opens_with_its_remark(office: Client, reporter: Client, world: Report) -> None:  # noqa: F811
    """Chosen on the reading page, written on the next, shown beside the cell with a link, gone when the cell changes."""
    approved(world)
    name = own(world, "workforce_members")
    reading = office.get(url("report-reading", world)).content.decode()
    assert f'name="cell" value="{name}"' in reading
    asked = office.get(url("report-return", world), {"cell": name, "heading": "good"}).content.decode()
    assert f'name="m-{name}"' in asked
    answer = office.post(
        url("report-return", world),
        {"reason": "Hai chỗ phải sửa", "cell": name, "heading": "good", f"m-{name}": "Khác sổ", "m-good": "Ghi rõ"},
    )
    assert answer["Location"] == reverse("report-queue")
    text = reporter.get(page(world)).content.decode()
    assert "Hai chỗ phải sửa" in text
    assert f'<a href="#{name}">' in text
    assert 'class="in back"' in text
    work = reporter.get(reverse("my-work")).content.decode()
    assert work.index("Hai chỗ phải sửa") < work.index('id="due"')
    record = queries.current_values(world)[owed_cells(world, plan())[name]].record
    save(reporter, world, [{"name": name, "text": "101", "seen": record}])
    (left,) = queries.open_remarks(world)
    reporter.post(reverse("entry-answer", args=(world.period.code, UNIT, left.pk)), {"answer": "Đã đủ"})
    assert queries.open_remarks(world) == []


def test_the_queue_lists_what_waits_for_the_office(office: Client, world: Report) -> None:  # noqa: F811
    """Approved reports first; filters stand in the URL; accepting takes a report out; the number of queries stays."""
    approved(world)
    other = Report.objects.get(period=world.period, unit="so-y-te")
    submitted(other)
    text = office.get(reverse("report-queue")).content.decode()
    assert text.index("Tân Yên</a>") < text.index("Sở Y tế</a>")
    narrowed = office.get(reverse("report-queue"), {"unit": "so-y-te"}).content.decode()
    assert "Tân Yên</a>" not in narrowed
    assert office.post(url("report-accept", world)).status_code == 302
    assert "Tân Yên</a>" not in office.get(reverse("report-queue")).content.decode()
    world.refresh_from_db()
    assert world.state == "accepted"


def test_the_queue_asks_no_more_for_more_reports(
    office: Client,
    world: Report,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    """One query for each thing that is counted, however many reports wait."""
    for unit in ("so-y-te", "so-tu-phap", "so-xay-dung", UNIT):
        approved(Report.objects.get(period=world.period, unit=unit))
    office.get(reverse("report-queue"))
    with django_assert_max_num_queries(24):
        office.get(reverse("report-queue"))


def test_an_accepted_version_is_read_whole_and_compared(reporter: Client, world: Report) -> None:  # noqa: F811
    """Version 1 keeps its number and its words after a correction; the difference is one click, word by word."""
    actions.save_narrative(report=world, heading=Heading.GOOD, text="Chỉ đạo tốt, rõ việc", at=NOW, by=None)
    accepted(world, at=NOW)
    later = NOW + timedelta(hours=2)
    assert reporter.post(url("entry-correct", world), {"reason": "Đếm trùng"}).status_code == 302
    name = own(world, "workforce_members")
    entry = actions.Entry(cell=owed_cells(world, plan())[name], value=4711)
    actions.save_values(report=world, plan=plan(), entries=[entry], at=later, by=None)
    actions.save_narrative(report=world, heading=Heading.GOOD, text="Chỉ đạo sát, rõ việc", at=later, by=None)
    old = reporter.get(url("report-reading", world), {"version": "1"}).content.decode()
    assert "4.711" not in old
    assert "Chỉ đạo tốt, rõ việc" in old
    assert "4.711" in reporter.get(url("report-reading", world)).content.decode()
    told = reporter.get(url("report-differences", world), {"from": "1"}).content.decode()
    assert "4.711" in told
    assert "<del>tốt</del><ins>sát</ins>" in told
    assert reporter.get(url("report-reading", world), {"version": "9"}).status_code == 404


def test_cells_changed_after_the_approval_are_one_click_away(reporter: Client, world: Report, settings: Any) -> None:  # noqa: F811
    """The badge counts each cell once and leads to the difference."""
    approved(world)
    later = NOW + timedelta(hours=1)
    settings.DIEM06_CLOCK = lambda: later
    for number in ("101", "102"):
        name = own(world, "workforce_members")
        record = queries.current_values(world)[owed_cells(world, plan())[name]].record
        save(reporter, world, [{"name": name, "text": number, "seen": record}])
    text = reporter.get(page(world)).content.decode()
    assert "1 ô sửa sau duyệt" in text
    told = reporter.get(url("report-differences", world), {"from": "approved"}).content.decode()
    assert ">100<" in told
    assert ">102<" in told


def test_words_are_compared_word_by_word() -> None:
    """What stayed and what went give the old text, what stayed and what came the new one."""
    pieces = list(word_difference("Họp giao ban, phân công.", "Họp giao ban; phân công lại."))
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == "Họp giao ban, phân công."
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "Họp giao ban; phân công lại."
    assert [piece.text for piece in pieces if piece.kind == "gone"] == [","]


def test_what_others_changed_is_told_and_what_one_changed_oneself_is_not(
    reporter: Client,  # noqa: F811
    head: Client,
    world: Report,  # noqa: F811
    settings: Any,
) -> None:
    """Numbers, emptied cells and words since the page was made, with who and when."""
    since = NOW.isoformat()
    settings.DIEM06_CLOCK = lambda: NOW + timedelta(minutes=5)
    name = own(world, "workforce_members")
    save(reporter, world, [{"name": name, "text": "98", "seen": ""}])
    text = {"heading": "good", "text": "Tốt", "seen_version": "0"}
    reporter.post(url("entry-narratives", world), text)
    told = head.get(url("entry-changes", world), {"since": since}).json()
    assert [(one["name"], one["value"]) for one in told["values"]] == [(name, "98")]
    assert "Ha" in told["values"][0]["words"]
    assert [one["text"] for one in told["narratives"]] == ["Tốt"]
    assert head.get(url("entry-changes", world), {"since": told["now"]}).json()["values"] == []
    assert reporter.get(url("entry-changes", world), {"since": since}).json()["values"] == []
    assert reporter.get(url("entry-changes", world), {"since": since, "mine": "1"}).json()["values"]
    assert head.get(url("entry-changes", world), {"since": "gestern"}).status_code == 400


def test_files_are_attached_and_taken_out(reporter: Client, world: Report) -> None:  # noqa: F811
    """By name on the page; a program is refused in words."""
    reporter.post(url("entry-attach", world), {"file": SimpleUploadedFile(*PDF), "title": "Biên bản"})
    (row,) = world.attachments.all()
    assert "Biên bản</a>" in reporter.get(page(world)).content.decode()
    bad = reporter.post(url("entry-attach", world), {"file": SimpleUploadedFile("a.exe", b"MZ\0\0\xff")}, follow=True)
    assert "không đúng loại" in bad.content.decode()
    reporter.post(reverse("entry-detach", args=(world.period.code, UNIT, row.pk)))
    assert "Biên bản</a>" not in reporter.get(url("report-reading", world)).content.decode()


def test_my_work_leads_straight_to_the_first_empty_cell(reporter: Client, world: Report) -> None:  # noqa: F811
    """One click, and the cursor is where the number goes; a full draft leads to the checks."""
    text = reporter.get(reverse("my-work")).content.decode()
    first = next(entry_form(world, plan()).fields())
    assert f"{page(world)}#{quote(first.name)}" in text
    fill(world)
    assert url("entry-submit", world) in reporter.get(reverse("my-work")).content.decode()


def test_the_head_finds_what_waits_for_them(head: Client, reporter: Client, world: Report) -> None:  # noqa: F811
    """Submitted: the head's to read and approve, the reporter's to look at."""
    submitted(world)
    assert "Đọc và duyệt" in head.get(reverse("my-work")).content.decode()
    assert "Đang ở người khác" in reporter.get(reverse("my-work")).content.decode()


def test_a_reason_is_read_with_its_number(office: Client, world: Report, settings: Any) -> None:  # noqa: F811
    """On the figure's page and on the page that the office reads."""
    actions.save_values(
        report=world,
        plan=plan(),
        entries=[actions.Entry(cell=cell, value=77) for cell in owed_cells(world, plan()).values()],
        at=NOW,
        by=None,
    )
    value = DeclaredValue.objects.current().get(unit=UNIT, measure="workforce_members")
    Explanation.objects.create(
        report=world, value=value, check_code="jump", text="Sáp nhập hai đơn vị", explained_at=NOW
    )
    key = board(loaded_plan(), "2023-07").figure("M3.1", unit=UNIT).key
    assert "Sáp nhập hai đơn vị" in office.get(reverse("figure", args=(key,))).content.decode()
    assert "Sáp nhập hai đơn vị" in office.get(url("report-reading", world)).content.decode()
