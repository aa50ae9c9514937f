"""A Word report by the pages: read, confirmed, moved, refused; nothing is saved before a word of the reporter."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry as AuditEntry
from diem06.core.plans.queries import Loaded
from diem06.reports import actions as report_actions
from diem06.reports.actions import Entry, current_values, save_values
from diem06.reports.entry_form import field_name, owed_cells
from diem06.reports.mailed import actions
from diem06.reports.mailed.documents import read_mailed
from diem06.reports.mailed.finding import find
from diem06.reports.mailed.queries import cell_words, choices
from diem06.reports.mailed.tests.made_reports import REPORTS
from diem06.reports.models import DeclaredValue, Heading, MailedReport, Narrative, Proposal, ProposalState, Report
from diem06.reports.tests.factories import AT, of_unit, signed_in
from diem06.reports.views.word import _of_unit
from diem06.reports.word.actions import issue_report

pytestmark = pytest.mark.django_db

UNIT = "ubnd-tan-yen"
PERIOD = "2023-09"
OFFICIAL = next(report for report in REPORTS if report.name == "official")


@pytest.fixture
def report(loaded: Loaded) -> Report:
    return Report.objects.select_related("period").get(unit=UNIT, period__code=PERIOD)


@pytest.fixture
def mailed(report: Report, loaded: Loaded) -> MailedReport:
    return actions.read_report(
        report=report, words=cell_words(report, loaded.plan), content=OFFICIAL.content, name="bc.docx", at=AT, by=None
    )


def _url(name: str, *more: Any) -> str:
    return reverse(name, args=(PERIOD, UNIT, *more))


def _send(client: Any, content: bytes = OFFICIAL.content) -> Any:
    return client.post(_url("mailed-upload"), {"file": SimpleUploadedFile("Báo cáo tháng.docx", content)})


def _values(report: Report) -> dict[str, int]:
    return {f"{cell.measure}|{cell.dimensions}|{cell.area}": row.value for cell, row in current_values(report).items()}


def _proposal(mailed: MailedReport, value: int) -> Proposal:
    return mailed.proposals.get(value=value)


def _take(mailed: MailedReport, loaded: Loaded, *values: int) -> dict[str, Any]:
    """Return what the page would send to take these numbers as proposed."""
    known = choices(mailed.report, loaded.plan)
    data: dict[str, Any] = {}
    for value in values:
        one = _proposal(mailed, value)
        choice = known[one.cell]
        data |= {
            f"d-{one.pk}": "take",
            f"c-{one.pk}": choice.label,
            f"sc-{one.pk}": choice.name,
            f"s-{one.pk}": choice.record,
        }
    return data


def test_reading_saves_nothing(report: Report, loaded: Loaded) -> None:
    """After the upload every proposal waits and no value, word or state of the report has changed."""
    values, words = _values(report), list(Narrative.objects.filter(report=report).values_list("heading", "text"))
    facts = DeclaredValue.objects.count()
    answer = _send(of_unit(UNIT))
    assert answer.status_code == 302
    assert of_unit(UNIT).get(answer["Location"]).status_code == 200

    report.refresh_from_db()
    assert _values(report) == values
    assert DeclaredValue.objects.count() == facts
    assert list(Narrative.objects.filter(report=report).values_list("heading", "text")) == words
    assert set(Proposal.objects.values_list("state", flat=True)) == {ProposalState.OPEN}


def test_what_is_confirmed_is_saved_and_the_rest_waits(mailed: MailedReport, report: Report, loaded: Loaded) -> None:
    client = of_unit(UNIT)
    answer = client.post(_url("mailed-review", mailed.pk), _take(mailed, loaded, 3870, 3944))

    assert answer.status_code == 302
    values = _values(report)
    assert values["dossiers_received|channel=online|216"] == 3870
    assert values["dossiers_digitised||216"] == 3944
    assert values["dossiers_settled|timeliness=late|216"] != 22
    assert _proposal(mailed, 3870).state == ProposalState.CONFIRMED
    assert _proposal(mailed, 3100).state == ProposalState.OPEN
    saved = AuditEntry.objects.filter(action="report.values").last()
    assert saved.details["way"] == "word"
    assert AuditEntry.objects.filter(action="report.mailed_decided").exists()


def test_a_number_is_put_into_another_cell(mailed: MailedReport, report: Report, loaded: Loaded) -> None:
    """The reporter chooses the cell by its name; a cell with another number asks once more, its number shown."""
    client = of_unit(UNIT)
    known = {f"{c.cell.measure}|{c.cell.dimensions}|{c.cell.area}": c for c in choices(report, loaded.plan).values()}
    target = known["dossiers_with_lookup||216"]
    one = _proposal(mailed, 3944)
    data = {f"d-{one.pk}": "take", f"c-{one.pk}": target.label}
    first = client.post(_url("mailed-review", mailed.pk), data)
    assert first.status_code == 409
    assert _values(report)["dossiers_with_lookup||216"] == target.value
    data |= {f"sc-{one.pk}": target.name, f"s-{one.pk}": target.record}
    assert client.post(_url("mailed-review", mailed.pk), data).status_code == 302
    assert _values(report)["dossiers_with_lookup||216"] == 3944
    one.refresh_from_db()
    assert one.cell == target.name


def test_a_refused_number_is_not_saved_and_not_asked_again(
    mailed: MailedReport, report: Report, loaded: Loaded
) -> None:
    before = _values(report)
    one = _proposal(mailed, 3944)
    assert of_unit(UNIT).post(_url("mailed-review", mailed.pk), {f"d-{one.pk}": "refuse"}).status_code == 302

    assert _values(report) == before
    page = of_unit(UNIT).get(_url("mailed-review", mailed.pk))
    assert one.pk not in [shown.proposal.pk for shown, _choice in page.context["placed"]]
    again = of_unit(UNIT).post(_url("mailed-review", mailed.pk), {f"d-{one.pk}": "take"})
    assert _values(report) == before
    assert again.status_code == 302


def test_a_number_that_another_person_typed_meanwhile_is_not_overwritten(
    mailed: MailedReport, report: Report, loaded: Loaded
) -> None:
    """All or nothing: the page shows who typed what."""
    data = _take(mailed, loaded, 3870, 3944)
    cell = next(c for c in owed_cells(report, loaded.plan).values() if c.measure == "dossiers_digitised")
    save_values(report=report, plan=loaded.plan, entries=[Entry(cell=cell, value=7)], at=AT, by=None)
    before = _values(report)
    answer = of_unit(UNIT).post(_url("mailed-review", mailed.pk), data)

    assert answer.status_code == 409
    assert _values(report) == before
    wrong = [shown for shown, _choice in answer.context["placed"] if shown.error]
    assert [shown.proposal.value for shown in wrong] == [3944]


def test_two_numbers_into_one_cell_are_refused_together(mailed: MailedReport, report: Report, loaded: Loaded) -> None:
    data = _take(mailed, loaded, 3870)
    other = _proposal(mailed, 3944)
    known = choices(report, loaded.plan)
    label = known[_proposal(mailed, 3870).cell].label
    answer = of_unit(UNIT).post(
        _url("mailed-review", mailed.pk), data | {f"d-{other.pk}": "take", f"c-{other.pk}": label}
    )

    assert answer.status_code == 422
    assert mailed.proposals.exclude(state=ProposalState.OPEN).count() == 0


def test_a_cell_that_does_not_exist_is_told(mailed: MailedReport) -> None:
    one = _proposal(mailed, 4512)
    for label in ("", "ô nào đó"):
        answer = of_unit(UNIT).post(_url("mailed-review", mailed.pk), {f"d-{one.pk}": "take", f"c-{one.pk}": label})
        assert answer.status_code == 422


@pytest.mark.parametrize(("how", "kept"), [("append", True), ("replace", False)])
def test_a_passage_is_added_or_replaces(how: str, kept: bool, mailed: MailedReport, report: Report) -> None:
    report_actions.save_narrative(report=report, heading=Heading.DIFFICULTIES, text="Điều đã viết.", at=AT, by=None)
    one = mailed.proposals.get(heading="difficulties")
    version = Narrative.objects.get(report=report, heading="difficulties").version
    answer = of_unit(UNIT).post(_url("mailed-review", mailed.pk), {f"d-{one.pk}": how, "nv-difficulties": str(version)})

    assert answer.status_code == 302
    text = Narrative.objects.get(report=report, heading="difficulties").text
    assert ("Điều đã viết." in text) is kept
    assert "Đường truyền tại 4 xã chậm" in text


def test_a_passage_over_words_written_meanwhile_is_not_saved(mailed: MailedReport, report: Report) -> None:
    one = mailed.proposals.get(heading="difficulties")
    report_actions.save_narrative(report=report, heading=Heading.DIFFICULTIES, text="Mới.", at=AT, by=None)
    answer = of_unit(UNIT).post(_url("mailed-review", mailed.pk), {f"d-{one.pk}": "replace", "nv-difficulties": "0"})

    assert answer.status_code == 409
    assert Narrative.objects.get(report=report, heading="difficulties").text == "Mới."


def test_the_same_file_twice_says_so_and_reads_nothing_new(report: Report, loaded: Loaded) -> None:
    client = of_unit(UNIT)
    content = OFFICIAL.content
    first, second = _send(client, content), _send(client, content)

    assert first["Location"] == second["Location"]
    assert MailedReport.objects.count() == 1
    page = client.get(second["Location"])
    assert [str(message) for message in page.context["messages"]]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\xd0\xcf\x11\xe0 old", b"PK\x03\x04 broken"])
def test_another_kind_of_file_is_told_in_words(content: bytes, report: Report) -> None:
    answer = _send(of_unit(UNIT), content)
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_after_the_lock_nothing_is_read_or_saved(
    mailed: MailedReport, report: Report, loaded: Loaded, settings: Any
) -> None:
    data = _take(mailed, loaded, 3870)
    settings.DIEM06_CLOCK = lambda: report.period.lock_at
    before = _values(report)

    assert of_unit(UNIT).post(_url("mailed-review", mailed.pk), data).status_code == 409
    assert _values(report) == before
    assert _send(of_unit(UNIT)).status_code == 422


def test_another_unit_and_province_wide_readers_are_refused(mailed: MailedReport) -> None:
    for client in (of_unit("so-y-te"), signed_in(Role.STANDING_OFFICE, "cong-an-tinh")):
        for name, more in (("mailed-upload", ()), ("mailed-review", (mailed.pk,)), ("mailed-file", (mailed.pk,))):
            assert client.get(_url(name, *more)).status_code == 403
    assert of_unit("so-y-te").get(reverse("mailed-review", args=(PERIOD, "so-y-te", mailed.pk))).status_code == 404


def test_the_page_of_many_proposals_asks_the_database_as_often(
    mailed: MailedReport, django_assert_max_num_queries: Any
) -> None:
    client = of_unit(UNIT)
    client.get(_url("mailed-review", mailed.pk))
    with django_assert_max_num_queries(24):
        assert client.get(_url("mailed-review", mailed.pk)).status_code == 200


def test_the_real_cells_of_a_district_are_found_as_in_the_made_ones(report: Report, loaded: Loaded) -> None:
    """With all 2,000 communes' cells in play the official report still gives what a person reads."""
    found = find(read_mailed(OFFICIAL.content).sentences, cell_words(report, loaded.plan))
    got = {"|".join(each.cell.split("|")[1:4]): each.value for each in found if each.cell}
    right = [key for key, value in got.items() if OFFICIAL.expected.get(tuple(key.split("|"))) == value]

    assert len(right) / len(got) >= 0.95
    assert len(right) / len(OFFICIAL.expected) >= 0.7


@pytest.mark.parametrize("unit", [UNIT, "so-y-te", "so-xay-dung", "cong-an-tinh"])
def test_the_word_report_that_the_product_makes_reads_back_its_own_numbers(unit: str, loaded: Loaded) -> None:
    """Every number that is proposed out of a unit's own printed report is the one that the unit declared."""
    row = Report.objects.select_related("period").get(unit=unit, period__code="2023-07")
    of, kind = _of_unit(loaded, "2023-07", unit)
    issued = issue_report(loaded=loaded, period=of, kind=kind, at=AT, by=None, unit=unit)
    found = find(read_mailed(issued.file).sentences, cell_words(row, loaded.plan))
    declared = {field_name(cell): value.value for cell, value in current_values(row).items()}
    proposed = {each.cell: each.value for each in found if each.cell}

    assert len(proposed) >= 5
    assert {cell: declared[cell] for cell in proposed} == proposed
