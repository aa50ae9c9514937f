"""The pages of the report: who sent when, preview, files, checking, reopening, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.plans.queries import Loaded
from diem06.reports.models import IssuedDocument, Report
from diem06.reports.tests.word_months import AT, control, edited, issue, month, two_months
from vnlib.documents import read

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
PREVIEW = ("report-preview", ["2023-08", "police"])
DOCUMENT = ("report-document", ["2023-08", "police"])
COMMUNES = ("report-communes", ["2023-08", "police"])
REOPEN = ("report-reopen", ["2023-08", "so-y-te"])


@pytest.fixture(scope="module")
def made(prepared) -> Loaded:
    return two_months(prepared)


@pytest.fixture
def loaded(made: Loaded, db: None, settings) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return made


@pytest.fixture
def sign_in(loaded: Loaded, client: Client) -> SignIn:
    def enter(role: Role, unit: str = "cong-an-tinh") -> Client:
        user = add_person(
            username=f"person-{role.value.replace('_', '-')}",
            full_name="Nguyễn Văn Mẫu",
            password="rất-dài-để-thử-4711",
        )
        give_role(user=user, role=role, unit=unit, from_day=date(2023, 6, 15))
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        client.force_login(user)
        return client

    return enter


def at(place: tuple[str, list[str]]) -> str:
    return reverse(place[0], args=place[1])


def test_the_pages_are_for_the_whole_province(sign_in: SignIn, client: Client):
    """Without signing in: to the sign-in page; people of one unit are refused; whoever reads the province is let in."""
    places = [reverse("reports"), reverse("report-verify"), at(PREVIEW), at(COMMUNES)]
    assert {client.get(place).status_code for place in places} == {302}
    sign_in(Role.UNIT_HEAD, "so-y-te")
    assert {client.get(place).status_code for place in (*places, at(DOCUMENT), at(REOPEN))} == {403}
    assert client.post(at(DOCUMENT)).status_code == 403
    client.logout()
    sign_in(Role.AUDITOR)
    assert {client.get(place).status_code for place in places} == {200}


def test_the_list_leads_to_the_queue_who_accepts_and_nobody_else(sign_in: SignIn, client: Client):
    """No link ends in a refusal."""
    for role, leads in ((Role.STANDING_OFFICE, True), (Role.LEAD_UNIT, True), (Role.AUDITOR, False)):
        sign_in(role)
        page = client.get(reverse("reports")).content.decode()
        assert (f'href="{reverse("report-queue")}"' in page) is leads, role
        assert client.get(reverse("report-queue")).status_code == (200 if leads else 403)
        client.logout()


def test_a_document_is_made_by_a_form_alone_and_not_by_who_only_reads(sign_in: SignIn, client: Client):
    """A link leads to the preview; the auditor may not hand a report out."""
    sign_in(Role.AUDITOR)
    answer = client.get(at(DOCUMENT))
    assert (answer.status_code, answer["Location"]) == (302, at(PREVIEW))
    assert client.post(at(DOCUMENT)).status_code == 403
    assert not IssuedDocument.objects.exists()
    assert "word-file" not in client.get(at(PREVIEW)).content.decode()


def test_the_word_file_comes_with_what_the_clerk_filled_in(sign_in: SignIn, client: Client):
    """Number, day, way of signing and signer; the row names who made it."""
    sign_in(Role.STANDING_OFFICE)
    answer = client.post(at(DOCUMENT), {"number": "12", "day": "17/08/2023", "signs": "1", "signer": "Nguyễn Văn Mẫu"})
    assert answer.status_code == 200
    assert (
        answer["Content-Disposition"]
        == 'attachment; filename="bao-cao-cua-cong-an-tinh-gui-chu-tich-ubnd-tinh-2023-08-r1.docx"'
    )
    words = read(answer.content).text
    assert "Số: 12/BC-CAT-PC06" in words
    assert "ngày 17 tháng 8 năm 2023" in words
    assert "KT. GIÁM ĐỐC" in words
    row = IssuedDocument.objects.get()
    assert row.made_by
    assert row.made_by.username == "person-standing-office"
    assert client.post(at(DOCUMENT), {"day": "31/02/2023"}).status_code == 422


def test_making_a_document_wants_the_token(sign_in: SignIn):
    """Cross-site forms make no document."""
    inside = sign_in(Role.STANDING_OFFICE)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = inside.cookies
    assert strict.post(at(DOCUMENT)).status_code == 403


def test_the_preview_shows_the_paper_and_what_to_look_at_before_signing(sign_in: SignIn, client: Client):
    """Figures lead to their pages; missing units by name; readings that nobody decided."""
    loaded_month = Report.objects.filter(period__code="2023-08", unit="so-y-te")
    loaded_month.update(
        state="draft", approval_number="", approved_at=None, approval_recorded_at=None, first_approved_at=None
    )
    sign_in(Role.CHAIRMAN_OFFICE, "ubnd-tinh")
    page = client.get(at(PREVIEW)).content.decode()
    assert 'href="/figures/bg23:P9:24:-:2023-08:1/"' in page
    rail = page[page.index('<aside class="rail') : page.index("</aside>")]
    assert "1 đơn vị chưa gửi" in rail
    assert "Sở Y tế." in rail
    assert "P3, M1.2, M3.3" in rail
    assert page.count('<article class="paper') == 6
    assert "style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "place",
    [
        ("report-preview", ["2023-99", "police"]),
        ("report-preview", ["2023-08", "letter"]),
        ("report-reopen", ["2023-08", "ubnd-tinh"]),
    ],
)
def test_what_there_is_not_is_404(sign_in: SignIn, client: Client, place: tuple[str, list[str]]):
    """A period, a kind, a unit that owes no report."""
    sign_in(Role.STANDING_OFFICE)
    assert client.get(at(place)).status_code == 404


def test_the_list_says_who_sent_when(sign_in: SignIn, client: Client):
    """Of the last month that was due; every kind of report of the plan is linked."""
    sign_in(Role.LEAD_UNIT, "so-tttt")
    page = client.get(reverse("reports")).content.decode()
    assert "UBND huyện Sơn Động" in page
    assert "Gửi muộn" in page
    for kind in ("section", "police", "committee"):
        assert reverse("report-preview", args=["2023-08", kind]) in page
    assert client.get(reverse("reports"), {"period": "2023-99"}).status_code == 404


def test_the_standing_office_reopens_a_report_after_the_lock(sign_in: SignIn, client: Client, loaded: Loaded, settings):
    """Until the end of a day, for a reason; the trail has it; a day too far is refused with words at the field."""
    later = month(loaded).lock_at + timedelta(days=1)
    settings.DIEM06_CLOCK = lambda: later
    sign_in(Role.STANDING_OFFICE)
    assert at(REOPEN) in client.get(reverse("reports"), {"period": "2023-08"}).content.decode()
    assert client.post(at(REOPEN), {"until": "31/12/2023", "reason": "Sai số"}).status_code == 422
    assert client.post(at(REOPEN), {"until": "25/08/2023", "reason": ""}).status_code == 422
    answer = client.post(at(REOPEN), {"until": "25/08/2023", "reason": "Công văn 12/SYT ngày 20/08/2023"})
    assert answer.status_code == 302
    report = Report.objects.select_related("period").get(period__code="2023-08", unit="so-y-te")
    assert report.may_be_edited(later)
    assert Entry.objects.filter(action="report.reopen", object_id=f"{report.period}/so-y-te").exists()


def test_a_file_is_checked_on_its_page(sign_in: SignIn, client: Client, loaded: Loaded):
    """A right file, an edited one by its key with both numbers, one that is no Word file."""
    sign_in(Role.AUDITOR)
    issued = issue(loaded)

    def send(file: bytes) -> tuple[int, str]:
        answer = client.post(reverse("report-verify"), {"file": SimpleUploadedFile("bao-cao.docx", file)})
        return answer.status_code, answer.content.decode()

    status, page = send(issued.file)
    assert status == 200
    assert "Tệp chưa sửa gì từ khi tải về" in page
    assert "đều đúng" in page
    key = "bg23:P9:24:-:2023-08:1#val"
    _status, page = send(edited(issued.file, lambda xml: control(key).sub(r"\g<1>99,9%\g<3>", xml, count=1)))
    assert key in page
    assert "Đã sửa tay" in page
    assert "99,9%" in page
    status, page = send(b"no Word file")
    assert status == 422
    assert "Tệp không phải .docx" in page


def test_the_excel_annex_comes_as_a_file(sign_in: SignIn, client: Client):
    """Under the revision of the figures' state."""
    from openpyxl import load_workbook

    sign_in(Role.ADMINISTRATOR)
    answer = client.get(at(COMMUNES))
    assert answer["Content-Disposition"] == 'attachment; filename="phu-luc-cap-xa-2023-08-r1.xlsx"'
    assert load_workbook(BytesIO(answer.content), read_only=True).sheetnames == ["Cấp xã"]
