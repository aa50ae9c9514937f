"""Facts about the way of a report from open to accepted, and to the next version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from diem06.core.audit.models import Entry as AuditEntry
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.plan.reader import bundle_path
from diem06.reports import actions, queries
from diem06.reports.checks import Code
from diem06.reports.entry_checks import check_report
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import DeclaredValue, Explanation, Heading, Report, ReportEvent, ReportVersion
from diem06.reports.tests.test_entry import NOW, UNIT, own, world  # noqa: F401  a fixture

PDF = ("ký.pdf", b"%PDF-1.4 da ky\n%%EOF\n")


def plan() -> Any:
    return loaded_plan().plan


def fill(report: Report, value: int = 100, at: datetime = NOW, **changes: int) -> None:
    """Give every owed cell a number: `value`, or by measure another."""
    entries = [
        actions.Entry(cell=cell, value=changes.get(cell.measure, value)) for cell in owed_cells(report, plan()).values()
    ]
    actions.save_values(report=report, plan=plan(), entries=entries, at=at, by=None)


def submitted(report: Report, at: datetime = NOW) -> Report:
    fill(report)
    return actions.submit(report=report, plan=plan(), at=at, by=None)


def approved(report: Report, at: datetime = NOW) -> Report:
    submitted(report)
    return actions.approve(report=report, plan=plan(), number="12/BC-UBND", approved_at=at, at=at, by=None)


def accepted(report: Report, at: datetime = NOW) -> Report:
    approved(report)
    return actions.accept(report=report, plan=plan(), at=at, by=None)


def save(report: Report, measure: str, value: int | None, at: datetime = NOW, note: str = "") -> None:
    cell = owed_cells(report, plan())[own(report, measure)]
    entry = actions.Entry(cell=cell, value=value, note=note)
    actions.save_values(report=report, plan=plan(), entries=[entry], at=at, by=None)


def test_a_report_with_empty_cells_is_not_sent(world: Report) -> None:  # noqa: F811
    """Each empty cell is named; marked as without data, with a reason, it is answered and stays no data."""
    with pytest.raises(actions.NotReadyError) as refused:
        actions.submit(report=world, plan=plan(), at=NOW, by=None)
    assert {found.code for found in refused.value.findings} == {Code.MISSING}
    assert len(refused.value.findings) == len(owed_cells(world, plan()))
    count = actions.mark_absent(report=world, plan=plan(), reason="Chưa có sổ theo dõi", at=NOW, by=None)
    assert count == len(owed_cells(world, plan()))
    report = actions.submit(report=world, plan=plan(), at=NOW, by=None)
    assert report.state == "submitted"
    assert not DeclaredValue.objects.exists()


def test_a_number_ends_what_was_said_of_its_absence(world: Report) -> None:  # noqa: F811
    """An empty cell with a note says why; the number typed later supersedes it, and what was said stays readable."""
    name = own(world, "workforce_members")
    save(world, "workforce_members", None, note="chưa có sổ")
    assert queries.absent_cells(world)[name].reason == "chưa có sổ"
    save(world, "workforce_members", 5, at=NOW + timedelta(hours=1))
    assert name not in queries.absent_cells(world)
    assert queries.absent_cells(world, NOW)[name].reason == "chưa có sổ"


def test_the_whole_way_is_told_by_its_events(world: Report) -> None:  # noqa: F811
    """Submitted, approved with a signed PDF, accepted: each with its hour, each in the audit trail, next actor named."""
    report = submitted(world)
    assert queries.next_actor(report, at=NOW).actor == "head"
    report = actions.approve(report=report, plan=plan(), number="12/BC-UBND", approved_at=NOW, at=NOW, by=None, pdf=PDF)
    assert report.approval_file is not None
    assert queries.next_actor(report, at=NOW).actor == "office"
    report = actions.accept(report=report, plan=plan(), at=NOW + timedelta(hours=2), by=None)
    assert not queries.next_actor(report, at=NOW)
    assert [event.kind for event in report.events.all()] == ["submitted", "approved", "accepted"]
    version = ReportVersion.objects.get()
    assert (version.number, version.approval_number, version.approval_file) == (1, "12/BC-UBND", report.approval_file)
    kinds = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"report.submit", "report.approve", "report.accept", "file.store"} <= kinds


def test_a_step_done_twice_is_one_step(world: Report) -> None:  # noqa: F811
    """A double click submits, approves, returns, accepts, corrects once."""
    submitted(world)
    actions.submit(report=world, plan=plan(), at=NOW, by=None)
    for _ in range(2):
        actions.return_report(report=world, by_office=False, reason="Sai", at=NOW, by=None)
    submitted(world)
    for _ in range(2):
        actions.approve(report=world, plan=plan(), number="1", approved_at=NOW, at=NOW, by=None)
    for _ in range(2):
        actions.accept(report=world, plan=plan(), at=NOW, by=None)
    for _ in range(2):
        actions.begin_correction(report=world, reason="Đếm trùng", at=NOW, by=None)
    kinds = [event.kind for event in ReportEvent.objects.all()]
    assert kinds == ["submitted", "returned_head", "submitted", "approved", "accepted", "correction"]


def test_a_part_above_its_whole_is_never_approved(world: Report) -> None:  # noqa: F811
    """Not on screen, and not by recording a paper that was signed."""
    fill(world, officials_trained_on_portal=200)
    with pytest.raises(actions.NotReadyError):
        actions.submit(report=world, plan=plan(), at=NOW, by=None)
    with pytest.raises(actions.NotReadyError):
        actions.record_approval(report=world, plan=plan(), number="1", approved_at=NOW, at=NOW, by=None)


def test_a_return_names_the_cell_and_keeps_the_first_approval(world: Report) -> None:  # noqa: F811
    """The remark stands until the cell changes; the report that comes back is still in time."""
    report = approved(world)
    name = own(world, "workforce_members")
    remarks = [actions.NewRemark(cell=name, text="Khác sổ"), actions.NewRemark(heading="good", text="Ghi rõ")]
    with pytest.raises(actions.ReportError):
        actions.return_report(report=report, by_office=True, reason=" ", at=NOW, by=None)
    report = actions.return_report(
        report=report, by_office=True, reason="Hai chỗ phải sửa", at=NOW, by=None, remarks=remarks
    )
    assert (report.state, report.approval_number, report.first_approved_at) == ("returned", "", NOW)
    assert queries.timeliness(report, at=NOW + timedelta(days=9)) == "in_time"
    with pytest.raises(actions.NotReadyError) as refused:
        actions.submit(report=report, plan=plan(), at=NOW, by=None)
    assert refused.value.remarks == 2
    save(report, "workforce_members", 101)
    (left,) = queries.open_remarks(report)
    actions.answer_remark(remark=left, answer="Đã đủ", at=NOW, by=None)
    report = actions.submit(report=report, plan=plan(), at=NOW, by=None)
    late = report.period.due_at + timedelta(hours=3)
    report = actions.approve(report=report, plan=plan(), number="13", approved_at=late, at=late, by=None)
    assert (report.approved_at, report.first_approved_at, report.is_late) == (late, NOW, False)


def test_writing_under_a_heading_answers_its_remark(world: Report) -> None:  # noqa: F811
    """Words are put right as cells are."""
    report = submitted(world)
    remark = actions.NewRemark(heading="good", text="Ghi rõ")
    actions.return_report(report=report, by_office=False, reason="Sai", at=NOW, by=None, remarks=[remark])
    actions.save_narrative(report=report, heading=Heading.GOOD, text="Rõ rồi", at=NOW, by=None)
    assert queries.open_remarks(report) == []


def test_a_correction_leaves_the_accepted_version_readable(world: Report) -> None:  # noqa: F811
    """In August July's version 1 says what it said, version 2 what was corrected, and July stays in time."""
    report = accepted(world)
    later = NOW + timedelta(days=30)
    report = actions.begin_correction(report=report, reason="Đếm trùng", at=later, by=None)
    assert (report.state, report.version) == ("draft", 2)
    assert queries.next_actor(report, at=later).actor == "office"
    with pytest.raises(actions.LockedError):
        save(report, "workforce_members", 90, at=later)
    actions.reopen(report=report, until=later + timedelta(days=2), reason="Cho sửa", at=later, by=None)
    save(report, "workforce_members", 100, at=later)
    cell = owed_cells(report, plan())[own(report, "workforce_members")]
    entry = actions.Entry(cell=cell, value=110)
    actions.save_values(report=report, plan=plan(), entries=[entry], at=later, by=None)
    actions.approve(report=report, plan=plan(), number="30/BC-UBND", approved_at=later, at=later, by=None)
    report = actions.accept(report=report, plan=plan(), at=later + timedelta(hours=1), by=None)
    first, second = report.versions.all()
    assert (second.number, second.reason) == (2, "Đếm trùng")
    assert queries.values_at(report, first.as_of)[cell].value == 100
    assert queries.values_at(report, second.as_of)[cell].value == 110
    assert report.first_approved_at == NOW
    assert "reopened" in {event.kind for event in report.events.all()}


def test_what_was_accepted_is_fixed(world: Report) -> None:  # noqa: F811
    """Nobody types into it, and a return needs an approval that waits."""
    report = accepted(world)
    with pytest.raises(actions.LockedError):
        save(report, "workforce_members", 90)
    with pytest.raises(actions.WrongStateError):
        actions.return_report(report=report, by_office=True, reason="Sai", at=NOW, by=None)


def test_a_return_after_the_lock_says_until_when(world: Report) -> None:  # noqa: F811
    """Else the unit could not mend what it was asked to."""
    report = approved(world)
    later = report.period.lock_at + timedelta(hours=1)
    with pytest.raises(actions.ReportError, match="until"):
        actions.return_report(report=report, by_office=True, reason="Sai", at=later, by=None)
    until = later + timedelta(days=2)
    report = actions.return_report(report=report, by_office=True, reason="Sai", at=later, by=None, until=until)
    assert report.may_be_edited(later)


def test_a_reason_travels_with_its_value(world: Report, settings: Any) -> None:  # noqa: F811
    """A flow equal to last month's is asked; the reason lets the report go, and says nothing of the next number."""
    fill(world, 77)
    later = NOW.replace(month=8)
    settings.DIEM06_CLOCK = lambda: later
    load_plan(folder=bundle_path("bac-giang-2023"), at=later, is_made_up=True)
    august = period(plan(), "2023-08")
    assert august is not None
    actions.open_reports(period=august, plan=plan(), at=later)
    report = Report.objects.get(period=august, unit=UNIT)
    fill(report, 77, at=later)
    checked = check_report(report, plan())
    assert {found.code for found in checked.asked} == {Code.SAME_FLOW}
    assert len(checked.asked) == 5
    assert checked.let_go
    with pytest.raises(actions.NotReadyError):
        actions.submit(report=report, plan=plan(), at=later, by=None)
    reasons = {found.field: "Trùng ngẫu nhiên, đã đối chiếu sổ" for found in checked.asked}
    actions.explain(report=report, plan=plan(), reasons=reasons, at=later, by=None)
    assert Explanation.objects.count() == 5
    assert check_report(report, plan()).asked == ()
    actions.submit(report=report, plan=plan(), at=later, by=None)
    name = checked.asked[0].field
    cell = owed_cells(report, plan())[name]
    entry = actions.Entry(cell=cell, value=78)
    actions.save_values(report=report, plan=plan(), entries=[entry], at=later, by=None)
    assert queries.explanations([queries.current_values(report)[cell]]) == {}


def test_files_go_with_the_report(world: Report) -> None:  # noqa: F811
    """The same file twice is one; what was taken out keeps its row; a program is refused."""
    kept = actions.attach(report=world, name="a.pdf", content=PDF[1], title="Biên bản", at=NOW, by=None)
    again = actions.attach(report=world, name="a.pdf", content=PDF[1], title="Biên bản", at=NOW, by=None)
    assert kept == again
    actions.detach(attachment=kept, at=NOW, by=None)
    assert world.attachments.get().removed_at == NOW
    with pytest.raises(ValueError, match="không đúng loại"):
        actions.attach(report=world, name="a.pdf", content=b"\x7fELF\0\0", title="", at=NOW, by=None)
