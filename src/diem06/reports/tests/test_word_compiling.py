"""Compiling what units wrote, sending and taking back, the letter that urges: on a month whose reports are open."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.queries import content_of
from diem06.core.jobs import running
from diem06.core.jobs.models import Job
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.plans.queries import period as period_of
from diem06.plan.periods import VIETNAM
from diem06.reports import actions as cycle
from diem06.reports.compiling import actions
from diem06.reports.compiling.actions import CompilingConflictError, CompilingError
from diem06.reports.compiling.files import month_zip
from diem06.reports.models import CompiledText, Heading, IssuedDocument, Narrative, NarrativeUse, Report, Use
from diem06.reports.tests.factories import signed_in
from diem06.reports.word.making import make
from diem06.reports.word.material import Signing, kind_of
from diem06.reports.word.open_data import report_json
from diem06.reports.word.tree import plain_text
from diem06.reports.word.verify import verify
from tests.prepared import with_plan
from vnlib.documents import read

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 7, 13, 9, 12, tzinfo=VIETNAM)
PDF = b"%PDF-1.4 ban ky %%EOF"
SIGNING = Signing(number="12", day=date(2023, 7, 13), signer="Nguyễn Văn Mẫu")
DIFFICULT = {
    "so-y-te": "Thiết bị tại một số điểm đã cũ, đường truyền chập chờn vào giờ cao điểm.",
    "so-xay-dung": "Thiết bị ở một số điểm đã cũ; đường truyền chập chờn giờ cao điểm.",
    "ubnd-tan-yen": "Người cao tuổi khó kích hoạt tài khoản.",
}


@pytest.fixture(scope="module")
def difficult(prepared: Callable[..., Any]) -> Loaded:
    """The plan in its first period; three units have written of their difficulties."""

    def build() -> Loaded:
        cycle.open_reports(period=of(loaded_plan()), plan=loaded_plan().plan, at=NOW)
        for unit, text in DIFFICULT.items():
            write(unit, text)
        return loaded_plan()

    made: Loaded = prepared("difficulties", build, on=with_plan(NOW))
    return made


@pytest.fixture
def loaded(difficult: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: NOW
    return difficult


def of(loaded: Loaded) -> Period:
    found = period_of(loaded.plan, "2023-07")
    assert found is not None
    return found


def write(unit: str, text: str, heading: Heading = Heading.DIFFICULTIES, at: datetime = NOW) -> Narrative:
    report = Report.objects.get(unit=unit, period__code="2023-07")
    return cycle.save_narrative(report=report, heading=heading, text=text, at=at, by=None)


def narrative(unit: str, heading: Heading = Heading.DIFFICULTIES) -> Narrative:
    return Narrative.objects.get(report__unit=unit, heading=heading)


def content(loaded: Loaded, kind: str = "police") -> Any:
    return make(loaded=loaded, period=of(loaded), kind=kind_of(loaded.plan, kind), at=NOW)[1]


def difficulties(loaded: Loaded, kind: str = "police") -> str:
    found = plain_text(content(loaded, kind))
    return found[found.index("3. Khó khăn") : found.index("4. Nguyên nhân")]


def choose(loaded: Loaded, units: list[str], use: Use, into: str = "") -> list[NarrativeUse]:
    return actions.choose(
        period=of(loaded),
        narratives=[narrative(unit).pk for unit in units],
        use=use,
        into=narrative(into).pk if into else None,
        seen=[narrative(unit).pk for unit in DIFFICULT],
        at=NOW,
        by=None,
    )


def compose(loaded: Loaded, text: str, seen: int = 0, **given: Any) -> CompiledText | None:
    return actions.write_text(
        loaded=loaded, period=of(loaded), section="difficulties", text=text, seen_version=seen, at=NOW, by=None, **given
    )


def approve(unit: str, at: datetime = NOW) -> None:
    Report.objects.filter(unit=unit, period__code="2023-07").update(
        state="approved", approval_number="1/BC", approved_at=at, approval_recorded_at=at, first_approved_at=at
    )


def send(loaded: Loaded, kind: str = "police", **given: Any) -> IssuedDocument:
    signing = given.pop("signing", SIGNING)
    return actions.send_report(
        loaded=loaded, period=of(loaded), kind=kind_of(loaded.plan, kind), signing=signing, at=NOW, by=None, **given
    )


# -- choosing ------------------------------------------------------------------------------------------------------------
def test_units_whose_head_has_not_approved_are_marked(loaded: Loaded):
    """In the report, behind the name; after the approval no more."""
    assert "- Sở Y tế (chưa duyệt): Thiết bị tại" in difficulties(loaded)
    approve("so-y-te")
    assert "- Sở Y tế: Thiết bị tại" in difficulties(loaded)


def test_folded_texts_stand_once_with_both_names_in_every_form(loaded: Loaded):
    """Word, text and JSON; the annex keeps each unit's own words."""
    choose(loaded, ["so-xay-dung"], Use.FOLDED, "so-y-te")
    found = difficulties(loaded)
    assert "- Sở Y tế (chưa duyệt), Sở Xây dựng (chưa duyệt): Thiết bị tại" in found
    assert "Thiết bị ở một số điểm" not in found
    material, made = make(loaded=loaded, period=of(loaded), kind=kind_of(loaded.plan, "section"), at=NOW)
    told = json.loads(report_json(loaded, material, made, at=NOW))
    assert "Sở Y tế (chưa duyệt), Sở Xây dựng (chưa duyệt)" in json.dumps(told["content"], ensure_ascii=False)
    annex = plain_text(content(loaded)).split("Phụ lục IV")[1]
    assert "Thiết bị ở một số điểm" in annex


def test_a_text_that_was_left_out_stands_nowhere(loaded: Loaded):
    """Not even in the annexes; the choice leaves a trace and can be taken back."""
    choose(loaded, ["ubnd-tan-yen"], Use.LEFT_OUT)
    assert "Người cao tuổi" not in plain_text(content(loaded))
    assert Entry.objects.filter(action="compile.choose").count() == 1
    choose(loaded, ["ubnd-tan-yen"], Use.OWN)
    assert "Người cao tuổi" in difficulties(loaded)


def test_a_fold_into_what_was_folded_or_of_another_heading_is_refused(loaded: Loaded):
    """One step is enough: what was folded into a text goes along when that one is folded."""
    choose(loaded, ["so-xay-dung"], Use.FOLDED, "so-y-te")
    with pytest.raises(CompilingError):
        choose(loaded, ["ubnd-tan-yen"], Use.FOLDED, "so-xay-dung")
    with pytest.raises(CompilingError):
        choose(loaded, ["so-y-te"], Use.FOLDED, "so-y-te")
    choose(loaded, ["so-y-te"], Use.FOLDED, "ubnd-tan-yen")
    assert {row.folded_into_id for row in NarrativeUse.objects.all()} == {narrative("ubnd-tan-yen").pk}
    other = write("so-y-te", "Phối hợp tốt.", Heading.GOOD)
    with pytest.raises(CompilingError):
        actions.choose(
            period=of(loaded),
            narratives=[narrative("so-xay-dung").pk],
            use=Use.FOLDED,
            into=other.pk,
            seen=[],
            at=NOW,
            by=None,
        )


def test_a_choice_on_words_that_a_unit_changed_meanwhile_is_refused(loaded: Loaded):
    """What the person saw is no longer what stands there."""
    old = narrative("so-y-te").pk
    write("so-y-te", "Lời mới.", at=NOW + timedelta(minutes=1))
    with pytest.raises(CompilingConflictError):
        actions.choose(period=of(loaded), narratives=[old], use=Use.LEFT_OUT, into=None, seen=[old], at=NOW, by=None)
    assert not NarrativeUse.objects.exists()


# -- writing -------------------------------------------------------------------------------------------------------------
def test_what_the_office_wrote_stands_in_place_of_the_units_words_and_outlives_their_edits(loaded: Loaded):
    """In all three kinds; a unit's edit is flagged, keeping it makes a version, dropping it lets the units speak again."""
    compose(loaded, "Thiết bị cũ, mạng yếu.\nNgười cao tuổi khó dùng.")
    for kind in ("section", "police", "committee"):
        assert "Thiết bị cũ, mạng yếu.\nNgười cao tuổi khó dùng.\n" in difficulties(loaded, kind)
        assert "Sở Y tế" not in difficulties(loaded, kind)
    write("so-y-te", "Lời mới của Sở.", at=NOW + timedelta(minutes=1))
    assert "Thiết bị cũ, mạng yếu." in difficulties(loaded)
    sections = actions._sections(loaded, of(loaded))
    assert [said.unit for said in sections["difficulties"].changed_since] == ["so-y-te"]
    compose(loaded, "Thiết bị cũ, mạng yếu.\nNgười cao tuổi khó dùng.", 1, keep=True)
    assert actions._sections(loaded, of(loaded))["difficulties"].changed_since == ()
    compose(loaded, "", 2)
    assert "Lời mới của Sở." in difficulties(loaded)
    assert [row.version for row in CompiledText.objects.order_by("version")] == [1, 2, 3]


def test_two_who_write_at_once_see_each_other(loaded: Loaded):
    """The second one gets the first one's words; nothing is overwritten. Saving the same words again is no conflict."""
    compose(loaded, "Của người thứ nhất.")
    with pytest.raises(CompilingConflictError) as fault:
        compose(loaded, "Của người thứ hai.")
    assert fault.value.theirs
    assert fault.value.theirs.text == "Của người thứ nhất."
    assert compose(loaded, "Của người thứ nhất.")
    assert CompiledText.objects.count() == 1


def test_a_figure_in_the_offices_words_is_a_figure_of_the_system(loaded: Loaded):
    """`{P9:target}` prints the number under its key and passes the check; an unknown code is refused."""
    compose(loaded, "Mục tiêu {P9:target} công dân, mới đạt 12% theo sổ.")
    row = send(loaded)
    given = read(content_of(row.file))
    assert "Mục tiêu 100% công dân, mới đạt 12% theo sổ." in given.text
    tags = {control.text: control.tag for control in given.controls}
    assert tags["công dân, mới đạt 12% theo sổ."].startswith("bg23:words:difficulties:2023-07:v1.")
    assert any(c.tag == "bg23:P9:24:-:2023-07:1#target" and c.text == "100%" for c in given.controls)
    assert "%" not in given.text_outside_controls
    assert verify(content_of(row.file), loaded).is_right
    with pytest.raises(CompilingError, match="X9"):
        compose(loaded, "Đạt {X9}.", 1)
    with pytest.raises(CompilingError):
        actions.write_text(
            loaded=loaded, period=of(loaded), section="no-such", text="x", seen_version=0, at=NOW, by=None
        )


# -- sending -------------------------------------------------------------------------------------------------------------
def test_a_sent_report_is_frozen_byte_for_byte(loaded: Loaded):
    """Later words and figures do not touch it; the check knows the file; making it again is another file."""
    row = send(loaded)
    assert (row.number, row.signed_on, row.sent_at) == ("12/BC-CAT-PC06", date(2023, 7, 13), NOW)
    before = content_of(row.file)
    write("so-y-te", "Lời sau khi gửi.", at=NOW + timedelta(hours=1))
    row.refresh_from_db()
    assert content_of(row.file) == before
    assert row.file.sha256 == row.sha256
    assert "Lời sau khi gửi" not in read(before).text
    assert "Lời sau khi gửi" in difficulties(loaded)
    found = verify(before, loaded)
    assert found.is_right
    assert found.is_untouched
    assert Entry.objects.get(action="document.send").details["sha256"] == row.sha256


@pytest.mark.parametrize(
    "signing",
    [
        Signing(day=date(2023, 7, 13), signer="A"),
        Signing(number="1", signer="A"),
        Signing(number="1", day=date(2023, 7, 13)),
        Signing(number="1", day=date(2023, 7, 14), signer="A"),
    ],
)
def test_nothing_is_sent_without_number_day_and_signer_or_with_a_day_ahead(loaded: Loaded, signing: Signing):
    with pytest.raises(CompilingError):
        send(loaded, signing=signing)
    assert not IssuedDocument.objects.exists()


def test_a_report_is_sent_once_and_replaced_for_a_reason(loaded: Loaded):
    """The new one names the old one in its text, and the old one no longer stands."""
    first = send(loaded)
    with pytest.raises(CompilingError):
        send(loaded)
    with pytest.raises(CompilingError):
        send(loaded, replaces=first)
    again = Signing(number="15", day=date(2023, 7, 13), signer="Nguyễn Văn Mẫu")
    second = send(loaded, replaces=first, reason="Sửa số của Sở Y tế", signing=again)
    text = read(content_of(second.file)).text
    assert "Báo cáo này thay thế Báo cáo số 12/BC-CAT-PC06 ngày 13/7/2023." in text
    assert actions.standing_document("bac-giang-2023", "2023-07", "police") == second
    with pytest.raises(CompilingError):
        send(loaded, replaces=first, reason="Lần nữa")


def test_a_report_is_taken_back_by_a_letter_that_names_it(loaded: Loaded):
    """In the form of a letter: no name of its kind, V/v under the number. The report stays readable."""
    row = send(loaded)
    letter = actions.withdraw(
        loaded=loaded, period=of(loaded), document=row, reason="Sai kỳ", signing=SIGNING, at=NOW, by=None
    )
    text = read(content_of(letter.file)).text
    assert "V/v thu hồi báo cáo số 12/BC-CAT-PC06 ngày 13/7/2023" in text
    assert "Lý do: Sai kỳ." in text
    assert (letter.replaces, letter.number) == (row, "12/CAT-PC06")
    assert actions.standing_document("bac-giang-2023", "2023-07", "police") is None
    assert content_of(row.file)
    with pytest.raises(CompilingError):
        actions.withdraw(loaded=loaded, period=of(loaded), document=row, reason="Lại", signing=SIGNING, at=NOW, by=None)


def test_the_signed_pdf_is_attached_once_to_what_was_sent(loaded: Loaded):
    """Only a PDF, only once, only to a sent document."""
    row = send(loaded)
    with pytest.raises(FileError):
        actions.attach_signed(document=row, content=b"khong phai pdf", name="a.pdf", at=NOW, by=None)
    row = actions.attach_signed(document=row, content=PDF, name="ban ky.pdf", at=NOW, by=None)
    assert content_of(row.signed_file) == PDF
    with pytest.raises(CompilingError):
        actions.attach_signed(document=row, content=PDF, name="b.pdf", at=NOW, by=None)
    draft = actions.draft_urging_letter(period=of(loaded), at=NOW, again=True)
    assert draft
    with pytest.raises(CompilingError):
        actions.attach_signed(document=draft, content=PDF, name="c.pdf", at=NOW, by=None)


# -- the letter that urges -----------------------------------------------------------------------------------------------
def test_the_letter_is_drafted_at_17_00_of_the_day_before_the_last_and_not_a_moment_before(loaded: Loaded):
    """For 2023-07, due before 15/7 0:00, that is 13/7 17:00; once, and no more after the last day."""
    moment = datetime(2023, 7, 13, 17, 0, tzinfo=VIETNAM)
    period = of(loaded)
    assert actions.urging_moment(period) == moment
    assert actions.draft_urging_letter(period=period, at=moment - timedelta(microseconds=1)) is None
    assert actions.draft_urging_letter(period=period, at=period.due_at) is None
    row = actions.draft_urging_letter(period=period, at=moment)
    assert row
    assert (row.kind, row.made_by_id, row.sent_at) == ("urging", None, None)
    assert actions.draft_urging_letter(period=period, at=moment + timedelta(minutes=5)) is None
    assert actions.draft_urging_letter(period=period, at=moment + timedelta(minutes=5), again=True)


def test_the_cycle_drafts_the_letter(loaded: Loaded, settings: Any, capsys: Any):
    """`diem06 cycle` at its moment; a second run drafts none."""
    settings.DIEM06_CLOCK = lambda: datetime(2023, 7, 13, 17, 0, tzinfo=VIETNAM)
    call_command("cycle")
    call_command("cycle")
    assert IssuedDocument.objects.filter(kind="urging").count() == 1


def test_the_letter_has_the_form_of_a_letter_and_lists_who_has_not_sent(loaded: Loaded):
    """No name of its kind, V/v, addressees, a table with how far each is, signed by the standing office."""
    units = Report.objects.filter(period=of(loaded)).values_list("unit", flat=True)
    for unit in units:
        if unit not in {"so-y-te", "so-ngoai-vu"}:
            approve(unit)
    row = actions.draft_urging_letter(period=of(loaded), at=datetime(2023, 7, 13, 17, 0, tzinfo=VIETNAM))
    assert row
    given = read(content_of(row.file))
    for words in (
        "CÔNG AN TỈNH BẮC GIANG",
        "Số: …/CAT-PC06 V/v đôn đốc gửi báo cáo tháng 7 năm 2023",
        "Bắc Giang, ngày … tháng 7 năm 2023",
        "Kính gửi:\n- Sở Ngoại vụ;\n- Sở Y tế.",
        "Đến 17:00 ngày 13/7/2023, còn 02 đơn vị chưa gửi",
        "1\tSở Ngoại vụ\tchưa nhập\n2\tSở Y tế\tđang nhập",
        "GIÁM ĐỐC",
        "Nơi nhận: - Như trên;",
    ):
        assert words in given.text, words
    assert "CÔNG VĂN" not in given.text
    assert "Sở Nội vụ" not in given.text
    assert verify(content_of(row.file), loaded).is_right
    sent = actions.send_urging_letter(loaded=loaded, period=of(loaded), signing=SIGNING, at=NOW, by=None)
    assert sent.number == "12/CAT-PC06"


def test_a_period_in_which_all_have_sent_gets_no_letter_and_says_so(loaded: Loaded):
    for unit in Report.objects.filter(period=of(loaded)).values_list("unit", flat=True):
        approve(unit)
    moment = datetime(2023, 7, 13, 17, 0, tzinfo=VIETNAM)
    assert actions.draft_urging_letter(period=of(loaded), at=moment) is None
    assert actions.draft_urging_letter(period=of(loaded), at=moment, again=True) is None
    page = signed_in(Role.STANDING_OFFICE, "cong-an-tinh").get(reverse("urging-letter", args=["2023-07"]))
    assert "Mọi đơn vị đã gửi. Không cần công văn đôn đốc." in page.content.decode()
    with pytest.raises(CompilingError):
        actions.send_urging_letter(loaded=loaded, period=of(loaded), signing=SIGNING, at=NOW, by=None)


# -- pages ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def office(loaded: Loaded) -> Client:
    return signed_in(Role.STANDING_OFFICE, "cong-an-tinh")


def test_the_page_shows_who_is_missing_what_is_alike_and_takes_choices(office: Client, loaded: Loaded):
    """The proposal folds with one press; without JavaScript."""
    url = reverse("compile", args=["2023-07"])
    page = office.get(url).content.decode()
    assert "31 đơn vị chưa gửi" in page
    assert "2 đoạn giống nhau" in page
    ids = {unit: narrative(unit).pk for unit in DIFFICULT}
    answer = office.post(
        url, {"section": "difficulties", "act": "folded", "pick": ids["so-xay-dung"], "into": ids["so-y-te"]}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{url}#difficulties")
    assert "đoạn giống nhau" not in office.get(url).content.decode()
    assert NarrativeUse.objects.get().folded_into_id == ids["so-y-te"]
    refused = office.post(url, {"section": "difficulties", "act": "left_out"})
    assert refused.status_code == 422
    assert "Chưa chọn đoạn nào" in refused.content.decode()


def test_a_text_is_saved_as_it_is_written_and_a_conflict_shows_the_other_one(office: Client, loaded: Loaded):
    """JSON for the page, a whole page without JavaScript; both keep what was typed."""
    url = reverse("compile-text", args=["2023-07"])
    answer = office.post(url, {"section": "difficulties", "text": "Bản một.", "version": "0"})
    assert answer.json()["version"] == 1
    answer = office.post(url, {"section": "difficulties", "text": "Bản hai.", "version": "0"})
    assert (answer.status_code, answer.json()["theirs"]) == (409, "Bản một.")
    assert office.post(url, {"section": "difficulties", "text": "{X9}", "version": "1"}).status_code == 422
    page = office.post(
        reverse("compile", args=["2023-07"]),
        {"section": "difficulties", "act": "write", "text": "Bản hai.", "version": "0"},
    )
    assert page.status_code == 409
    assert "Bản hai." in page.content.decode()
    assert "Bản một." in page.content.decode()
    history = office.get(reverse("compile", args=["2023-07"]), {"versions": "difficulties"}).content.decode()
    assert "compile-versions" in history


def test_a_unit_that_edits_after_compiling_is_flagged_with_the_difference(office: Client, loaded: Loaded):
    """On the compiling page and before signing; «Lấy lời của đơn vị» lets it speak again."""
    compose(loaded, "Viết lại.")
    write("ubnd-tan-yen", "Người cao tuổi khó kích hoạt tài khoản số.", at=NOW + timedelta(minutes=1))
    url = reverse("compile", args=["2023-07"])
    page = office.get(url).content.decode()
    assert "Đơn vị đã sửa sau khi tổng hợp" in page
    assert "<del>khoản.</del>" in page
    assert "<ins>khoản số.</ins>" in page
    preview = office.get(reverse("report-preview", args=["2023-07", "police"])).content.decode()
    assert "1 mục có đơn vị sửa sau khi tổng hợp" in preview
    office.post(url, {"section": "difficulties", "act": "drop", "version": "1"})
    assert "tài khoản số." in difficulties(loaded)


def test_auditors_read_and_only_the_office_and_the_lead_unit_write(loaded: Loaded):
    url = reverse("compile", args=["2023-07"])
    auditor = signed_in(Role.AUDITOR, "vp-ubnd-tinh")
    page = auditor.get(url)
    assert page.status_code == 200
    assert "Viết lại mục này" in page.content.decode()
    assert '<button class="b" name="act"' not in page.content.decode()
    assert auditor.post(url, {"act": "own"}).status_code == 403
    assert auditor.get(reverse("report-send", args=["2023-07", "police"])).status_code == 403
    lead = signed_in(Role.LEAD_UNIT, "so-tttt")
    assert lead.post(url, {"act": "own"}).status_code == 422


def test_sending_on_its_page_leads_to_the_document_with_its_hash(office: Client, loaded: Loaded):
    """Missing units by name first; the PDF comes later; a second sending asks for a reason and replaces."""
    url = reverse("report-send", args=["2023-07", "police"])
    page = office.get(url).content.decode()
    assert "31 đơn vị chưa gửi" in page
    assert "Sở Y tế" in page
    given = {"number": "12", "day": "13/07/2023", "signs": "0", "signer": "Nguyễn Văn Mẫu"}
    assert office.post(url, {**given, "number": ""}).status_code == 422
    answer = office.post(url, given)
    row = IssuedDocument.objects.get()
    assert answer["Location"] == reverse("document", args=[row.pk])
    page = office.get(answer["Location"]).content.decode()
    assert row.sha256 in page
    assert office.get(reverse("document-file", args=[row.pk])).content == content_of(row.file)
    assert office.get(reverse("document-signed", args=[row.pk])).status_code == 404
    from django.core.files.uploadedfile import SimpleUploadedFile

    attach = reverse("document-attach", args=[row.pk])
    assert office.post(attach, {"signed": SimpleUploadedFile("a.pdf", b"word")}).status_code == 422
    assert office.post(attach, {"signed": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    assert office.get(reverse("document-signed", args=[row.pk])).content == PDF
    assert office.post(url, {**given, "number": "13"}).status_code == 422
    assert office.post(url, {**given, "number": "13", "reason": "Sửa số"}).status_code == 302
    assert "Đã thay thế bằng văn bản số 13/BC-CAT-PC06" in office.get(answer["Location"]).content.decode()
    assert "13/BC-CAT-PC06" in office.get(reverse("reports"), {"period": "2023-07"}).content.decode()


def test_a_report_is_withdrawn_on_its_page(office: Client, loaded: Loaded):
    row = send(loaded)
    url = reverse("document-withdraw", args=[row.pk])
    given = {
        "withdraw-number": "20",
        "withdraw-day": "13/07/2023",
        "withdraw-signs": "0",
        "withdraw-signer": "Nguyễn Văn Mẫu",
    }
    assert office.post(url, given).status_code == 422
    assert office.post(url, {**given, "withdraw-reason": "Sai kỳ"}).status_code == 302
    page = office.get(reverse("document", args=[row.pk])).content.decode()
    assert "Đã thu hồi bằng văn bản số 20/CAT-PC06" in page


def test_the_number_of_queries_does_not_grow_with_the_texts(
    office: Client, loaded: Loaded, django_assert_max_num_queries: Any
):
    for unit in Report.objects.filter(period=of(loaded)).values_list("unit", flat=True):
        for heading in Heading:
            write(unit, f"Lời của {unit}, {heading}.", heading)
    office.get(reverse("compile", args=["2023-07"]))
    with django_assert_max_num_queries(30):
        office.get(reverse("compile", args=["2023-07"]))


# -- other forms ---------------------------------------------------------------------------------------------------------
def test_text_json_excel_and_open_data_are_handed_out(office: Client, loaded: Loaded):
    """Each under a plain name and of its kind; the numbers under their keys."""
    from openpyxl import load_workbook

    args = ["2023-07", "section"]
    text = office.get(reverse("report-text", args=args))
    assert text["Content-Type"].startswith("text/plain")
    assert text.content.decode() == plain_text(content(loaded, "section"))
    told = office.get(reverse("report-json", args=args)).json()
    assert (told["schema"], told["period"]["first_day"]) == ("diem06.report.1", "2023-06-15")
    assert told["figures"]["bg23:P9:24:-:2023-07:1"]["target"] == "1"
    book = load_workbook(io.BytesIO(office.get(reverse("report-annexes", args=args)).content))
    assert book.sheetnames == ["Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV", "Cấp xã", "Khóa số liệu"]
    keys = {(row[0], row[1]): row[2] for row in book["Khóa số liệu"].iter_rows(min_row=2, values_only=True)}
    (sheet, cell), _tag = next(item for item in keys.items() if item[1] == "bg23:P9:24:-:2023-07:1#target")
    assert book[sheet][cell].value == 1
    assert book[sheet][cell].number_format == "[$-42A]0.0%_)"
    data = office.get(reverse("open-data", args=["2023-07"])).json()
    assert {row["code"] for row in data["indicators"]} == {row.code for row in loaded.plan.indicators}
    assert len(data["areas"]) == 1 + 10 + 209
    assert any(figure["key"] == "bg23:P9:24:-:2023-07:1" for figure in data["figures"])


def test_all_files_of_a_month_come_in_one_zip_by_a_job(office: Client, loaded: Loaded):
    """Every kind in four forms, each unit's own report, what was sent and signed, open data."""
    row = send(loaded)
    actions.attach_signed(document=row, content=PDF, name="ban ky.pdf", at=NOW, by=None)
    answer = office.post(reverse("month-files", args=["2023-07"]))
    job = Job.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    archive = zipfile.ZipFile(io.BytesIO(content_of(job.file)))
    names = archive.namelist()
    folders = [name.split("/")[1] for name in names]
    assert folders.count("1-bao-cao-tong-hop") == 12
    assert folders.count("2-bao-cao-don-vi") == 31
    assert folders.count("3-van-ban-da-gui") == 2
    assert folders.count("4-du-lieu-mo") == 1
    police = "bao-cao-cua-cong-an-tinh-gui-chu-tich-ubnd-tinh"
    assert f"2023-07/3-van-ban-da-gui/{police}-12-BC-CAT-PC06/ban-ky-ban ky.pdf" in names
    assert any(name.startswith(f"2023-07/1-bao-cao-tong-hop/{police}/{police}-2023-07-r") for name in names)
    index = archive.read("2023-07/0-muc-luc.txt").decode("utf-8-sig")
    assert all(name.removeprefix("2023-07/") in index for name in names if name != "2023-07/0-muc-luc.txt")
    assert "Báo cáo của Công an tỉnh gửi Chủ tịch UBND tỉnh số 12/BC-CAT-PC06, bản ký" in index
    assert len(names) == len(set(names))


def test_a_kept_file_that_is_lost_does_not_keep_the_others_back(loaded: Loaded):
    """A note stands in its place."""
    from diem06.core.evidence import store

    row = send(loaded)
    store.remove(row.file.sha256)
    names = zipfile.ZipFile(io.BytesIO(month_zip(loaded=loaded, period=of(loaded), at=NOW, by=None))).namelist()
    assert any(name.endswith(".mat-tep.txt") for name in names)


# -- a unit's own report -------------------------------------------------------------------------------------------------
def test_a_units_own_report_is_made_by_its_people_and_read_by_no_other_unit(loaded: Loaded):
    """To the chairman through two offices, signed as the plan says for its kind, with its own words alone."""
    page = reverse("unit-report", args=["2023-07", "ubnd-tan-yen"])
    file = reverse("unit-report-document", args=["2023-07", "ubnd-tan-yen"])
    own, other = signed_in(Role.UNIT_REPORTER, "ubnd-tan-yen"), signed_in(Role.UNIT_REPORTER, "so-y-te")
    assert other.get(page).status_code == 403
    assert other.post(file).status_code == 403
    assert signed_in(Role.AUDITOR, "vp-ubnd-tinh").post(file).status_code == 403
    assert own.get(file)["Location"] == page
    shown = own.get(page).content.decode()
    assert "Người cao tuổi khó kích hoạt tài khoản." in shown
    assert "Thiết bị" not in shown[shown.index("III. ĐÁNH GIÁ") : shown.index("IV. NHIỆM VỤ")]
    answer = own.post(file, {"signs": "1", "signer": "Nguyễn Văn Mẫu"})
    text = read(answer.content).text
    for words in (
        "ỦY BAN NHÂN DÂN HUYỆN TÂN YÊN",
        "Số: …/BC-UBND",
        "Tân Yên, ngày … tháng 7 năm 2023",
        "Kính gửi: Chủ tịch UBND tỉnh (qua Công an tỉnh, Văn phòng UBND tỉnh).",
        "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH Nguyễn Văn Mẫu",
        "SỐ LIỆU ĐƠN VỊ BÁO CÁO",
    ):
        assert words in text, words
    row = IssuedDocument.objects.get()
    assert (row.kind, row.unit) == ("unit", "ubnd-tan-yen")
    assert verify(answer.content, loaded).is_right
    assert all(":24:" not in tag for tag, _text in row.tags.values())


@pytest.mark.parametrize(
    ("unit", "signs"),
    [
        ("so-y-te", ("GIÁM ĐỐC",)),
        ("vp-ubnd-tinh", ("CHÁNH VĂN PHÒNG",)),
        ("thanh-tra-tinh", ("CHÁNH THANH TRA",)),
        ("ban-dan-toc", ("TRƯỞNG BAN",)),
        ("ubnd-tan-yen", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
    ],
)
def test_each_kind_of_unit_signs_in_its_own_way(loaded: Loaded, unit: str, signs: tuple[str, ...]):
    from diem06.reports.word.making import unit_kind

    assert unit_kind(loaded, of(loaded), unit).signs == signs
