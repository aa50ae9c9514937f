"""
A plan that nobody wrote as data: a Word document of an invented district is read, decided on, loaded, and ends its month in
pages and a Word report that verifies, with no code changed.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import docx
import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diem06.core.access import Role
from diem06.core.areas.actions import load_areas
from diem06.core.organisation.actions import give_role
from diem06.core.organisation.models import User
from diem06.core.plans.actions import check_draft, load_plan
from diem06.core.plans.drafts import item_as_decided, review
from diem06.core.plans.forms import ItemForm
from diem06.core.plans.models import DraftedPlan, LoadedPlan, Period
from diem06.core.plans.queries import cells_owed, loaded_plan, obligations_of, owing_units, period
from diem06.cube.board import board, forget_boards
from diem06.cube.standing import Standing
from diem06.plan.drafting import from_json
from diem06.reports.actions import Entry, open_reports, record_approval, save_narrative, save_values
from diem06.reports.models import Heading, Report
from diem06.reports.word.actions import issue_report
from diem06.reports.word.verify import verify
from vnlib.documents import read

DATA = Path(__file__).parent / "data" / "plans"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2024, 3, 4, 8, 0, tzinfo=VIETNAM)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def document() -> bytes:
    """A plan on household waste, in the official form: headings, targets, a table of tasks, duties, recipients."""
    file = docx.Document()
    head = file.add_table(rows=1, cols=2).rows[0].cells
    for cell, lines in zip(
        head,
        (
            ("ỦY BAN NHÂN DÂN", "HUYỆN SÔNG MÂY", "Số: 45/KH-UBND"),
            (
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                "Độc lập - Tự do - Hạnh phúc",
                "Sông Mây, ngày 20 tháng 02 năm 2024",
            ),
        ),
        strict=True,
    ):
        cell.text = lines[0]
        for line in lines[1:]:
            cell.add_paragraph(line)
    for words in (
        "KẾ HOẠCH",
        "Phân loại rác thải sinh hoạt tại hộ gia đình trên địa bàn huyện Sông Mây năm 2024",
        "Thực hiện Nghị quyết số 12/NQ-HĐND ngày 15/12/2023, UBND huyện Sông Mây ban hành Kế hoạch như sau:",
        "I. MỤC ĐÍCH, YÊU CẦU",
        "1. Giảm lượng rác phải chôn lấp, tạo thói quen phân loại rác tại nguồn.",
        "II. MỤC TIÊU",
        "- 80% hộ gia đình phân loại rác tại nguồn.",
        "- 100% thôn, tổ dân phố có điểm thu gom rác trước ngày 30/9/2024.",
        "III. NHIỆM VỤ",
    ):
        file.add_paragraph(words)
    rows = [
        ("TT", "Nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Kết quả", "Thời hạn"),
        ("1", "Hướng dẫn hộ gia đình phân loại rác tại nguồn", "Phòng Tài nguyên và Môi trường",
         "UBND các xã, thị trấn", "Tài liệu hướng dẫn", "30/4/2024"),
        ("2", "Bố trí điểm thu gom rác tại thôn, tổ dân phố", "Phòng Kinh tế và Hạ tầng",
         "Phòng Tài nguyên và Môi trường", "Điểm thu gom", "30/9/2024"),
    ]  # fmt: skip
    table = file.add_table(rows=0, cols=6)
    for row in rows:
        cells = table.add_row().cells
        for cell, words in zip(cells, row, strict=True):
            cell.text = words
    for words in (
        "IV. TỔ CHỨC THỰC HIỆN",
        "1. Phòng Tài nguyên và Môi trường là cơ quan thường trực, theo dõi, đôn đốc, tổng hợp báo cáo UBND huyện.",
        "2. Các đơn vị báo cáo kết quả hằng tháng trước ngày 05 tháng sau.",
        "Nơi nhận:",
        "- Như mục IV;",
        "- Lưu: VT.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Lê Văn Mây",
    ):
        file.add_paragraph(words)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


@pytest.fixture
def clerk(db: None, tmp_path: Path, settings: Any) -> Client:
    """The areas of the district, the clock, and an administrator who has signed in."""
    settings.DIEM06_CLOCK = lambda: AT
    for name in ("areas", "parents"):
        (tmp_path / f"{name}.csv").write_bytes((DATA / f"song_may_2024_{name}.csv").read_bytes())
    (tmp_path / "succession.csv").write_text(
        "effective,old_code,old_valid_from,new_code,new_valid_from,share_population,share_area,basis\n",
        encoding="utf-8",
    )
    load_areas(tmp_path)
    forget_boards()
    return client_of("quan-tri", Role.ADMINISTRATOR)


def client_of(name: str, role: Role, unit: str = "") -> Client:
    user = User.objects.create(username=name, full_name="Nguyễn Văn Mẫu", sort_key=name)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    give_role(user=user, role=role, unit=unit, from_day=date(2024, 2, 1))
    client = Client()
    client.force_login(user)
    return client


def read_in(clerk: Client) -> DraftedPlan:
    """Upload the document."""
    file = SimpleUploadedFile("ke-hoach-rac.docx", document(), content_type=WORD)
    answer = clerk.post("/plan/drafts/", {"documents": [file]})
    assert answer.status_code == 302, answer.content.decode()
    return DraftedPlan.objects.get(bundle=None)


def at(drafted: DraftedPlan, more: str = "") -> str:
    return f"/plan/drafts/{drafted.pk}/{more}"


def form_of(drafted: DraftedPlan, item: str, **changed: Any) -> dict[str, Any]:
    """What a browser sends of the form of one item, with what the person changed in it."""
    form = ItemForm(draft=from_json(drafted.draft), item=item_as_decided(drafted, item))
    sent = {form.add_prefix(name): form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    for name, value in changed.items():
        sent[form.add_prefix(name)] = value
    days = {name: f"{value:%d/%m/%Y}" for name, value in sent.items() if isinstance(value, date)}
    return {"mend": item} | {name: value for name, value in (sent | days).items() if value not in (None, False)}


def decide_all(clerk: Client, drafted: DraftedPlan) -> DraftedPlan:
    """Say whose result each indicator is, accept the rest paragraph by paragraph."""
    draft = from_json(drafted.draft)
    units = {unit.name: unit.id for unit in draft.units}
    whose = {"hộ gia đình": "Phòng Tài nguyên và Môi trường", "thôn": "Phòng Kinh tế và Hạ tầng"}
    for indicator in draft.indicators:
        owner = next(unit for counted, unit in whose.items() if indicator.counted.startswith(counted))
        answer = clerk.post(at(drafted), form_of(drafted, indicator.id, units=[units[owner]]))
        assert answer.status_code == 302, answer.content.decode()
        drafted.refresh_from_db()
    for row in review(drafted).rows:
        if row.cards:
            clerk.post(at(drafted), {"verdict": f"accepted @{row.address}"})
    drafted.refresh_from_db()
    return drafted


def load(clerk: Client, drafted: DraftedPlan, **ticked: str) -> Any:
    return clerk.post(at(drafted, "load/"), {"revision": drafted.revision, **ticked})


def test_a_plan_runs_its_month_from_a_document_to_a_report_that_verifies(clerk: Client) -> None:
    """Read, reviewed, checked, loaded; values typed and approved; figures, pages and the Word report are the plan's own."""
    drafted = decide_all(clerk, read_in(clerk))
    page = clerk.get(at(drafted)).content.decode()
    assert "Đã xem hết các mục" in page
    assert "Kế hoạch không có lỗi." in clerk.get(at(drafted, "load/")).content.decode()
    assert load(clerk, drafted).status_code == 302
    loaded = loaded_plan()
    assert (loaded.plan.id, loaded.plan.number, loaded.plan.area) == ("song-may-2024", "45/KH-UBND", "991")

    february = period(loaded.plan, "2024-02")
    assert february is not None
    open_reports(period=february, plan=loaded.plan, at=AT)
    values = {"phong-tai-nguyen-va-moi-truong": (60, 80), "phong-kinh-te-va-ha-tang": (9, 12)}
    assert set(Report.objects.values_list("unit", flat=True)) == set(values)
    for unit, (reached, whole) in values.items():
        report = Report.objects.get(period=february, unit=unit)
        owed = cells_owed(obligations_of(unit, february), plan=loaded.plan, on=february.last_day)
        numerators = {indicator.numerator for indicator in loaded.plan.indicators}
        entries = [Entry(cell=cell, value=reached if cell.measure in numerators else whole) for cell in owed]
        assert len(entries) == 2
        save_values(report=report, plan=loaded.plan, entries=entries, at=AT, by=None)
        save_narrative(report=report, heading=Heading.GOOD, text="Hộ dân hưởng ứng.", at=AT, by=None)
        report.refresh_from_db()
        record_approval(
            report=report, plan=loaded.plan, number="7/BC", approved_at=AT - timedelta(hours=1), at=AT, by=None
        )
    first, second = (board(loaded, "2024-02").figure(indicator.code) for indicator in loaded.plan.indicators)
    assert (first.value, first.target, first.standing) == (Decimal("0.75"), Decimal("0.8"), Standing.BELOW)
    assert (second.value, second.deadline, second.standing) == (
        Decimal("0.75"),
        date(2024, 9, 30),
        Standing.ON_TRACK,
    )

    reader = client_of("lanh-dao", Role.CHAIRMAN_OFFICE, unit=loaded.plan.issuer)
    for url in ("/dashboard/?period=2024-02", "/plan/?period=2024-02", "/reports/", "/my-work/"):
        answer = reader.get(url)
        assert answer.status_code == 200, url
        assert "Bắc Giang" not in answer.content.decode(), url
    assert "80%" in reader.get("/plan/?period=2024-02").content.decode()

    issued = issue_report(loaded=loaded, period=february, kind=loaded.plan.report.kinds[-1], at=AT, by=None)
    found = read(issued.file)
    assert "75,0%" in found.text
    assert "Hộ dân hưởng ứng." in found.text
    assert verify(issued.file, loaded).is_right


def test_what_a_person_drops_is_not_in_the_plan(clerk: Client) -> None:
    """A target that was read and dropped gives no indicator; taken back, it does."""
    drafted = decide_all(clerk, read_in(clerk))
    draft = from_json(drafted.draft)
    for item in (draft.targets[0].id, draft.indicators[0].id):
        clerk.post(at(drafted), {"verdict": f"dropped {item}"})
    drafted.refresh_from_db()
    assert [indicator.clauses for indicator in check_draft(drafted).plan.indicators] == [(draft.targets[1].clause,)]
    for item in (draft.targets[0].id, draft.indicators[0].id):
        clerk.post(at(drafted), {"verdict": f"proposed {item}"})
    drafted.refresh_from_db()
    assert len(check_draft(drafted).plan.indicators) == 2


def test_a_fault_of_the_check_leads_to_the_item_that_made_it(clerk: Client) -> None:
    """A unit with an area that is not there: the page names the fault in words and links to the unit."""
    drafted = decide_all(clerk, read_in(clerk))
    unit = next(each for each in from_json(drafted.draft).units if each.name == "Phòng Kinh tế và Hạ tầng")
    assert clerk.post(at(drafted), form_of(drafted, unit.id, area="99999")).status_code == 302
    page = clerk.get(at(drafted, "load/")).content.decode()
    assert "Không có địa bàn «99999»" in page
    assert f'href="{at(drafted)}#item-{unit.id}"' in page
    drafted.refresh_from_db()
    assert load(clerk, drafted).status_code == 200
    assert not LoadedPlan.objects.exists()


def test_a_question_without_an_answer_stops_the_load(clerk: Client) -> None:
    """The area of the plan is asked for, the page says so, and the answer opens the way."""
    drafted = decide_all(clerk, read_in(clerk))
    answers = {question.id: question.answer for question in from_json(drafted.draft).questions}
    clerk.post(at(drafted), {"answers": "1", **answers, "plan.area": ""})
    drafted.refresh_from_db()
    page = clerk.get(at(drafted, "load/")).content.decode()
    assert "Còn thiếu thông tin" in page
    assert load(clerk, drafted).status_code == 200
    clerk.post(at(drafted), {"answers": "1", **answers, "plan.area": "991"})
    drafted.refresh_from_db()
    assert load(clerk, drafted).status_code == 302


def test_the_first_day_of_a_plan_is_read_and_typed_as_days_are_written(clerk: Client) -> None:
    """On the page 01/03/2024, in the plan the day; what is kept of it stays one form."""
    drafted = decide_all(clerk, read_in(clerk))
    answers = {question.id: question.answer for question in from_json(drafted.draft).questions}
    page = clerk.get(at(drafted)).content.decode()
    day = date.fromisoformat(answers["plan.in_force_from"])
    assert f'value="{day:%d/%m/%Y}"' in page
    assert day.isoformat() not in page
    clerk.post(at(drafted), {"answers": "1", **answers, "plan.in_force_from": "15/03/2024"})
    drafted.refresh_from_db()
    assert check_draft(drafted).plan.in_force_from == date(2024, 3, 15)
    assert 'value="15/03/2024"' in clerk.get(at(drafted)).content.decode()


def test_items_nobody_looked_at_are_loaded_only_on_purpose(clerk: Client) -> None:
    """The form counts them and asks for a tick."""
    drafted = read_in(clerk)
    assert load(clerk, drafted).status_code == 422
    assert not LoadedPlan.objects.exists()
    assert load(clerk, drafted, as_proposed="on").status_code == 302


def test_what_was_checked_is_what_is_loaded(clerk: Client) -> None:
    """Who changes an item after the check was read makes the load fail, not another plan."""
    drafted = decide_all(clerk, read_in(clerk))
    old = drafted.revision
    clerk.post(at(drafted), {"verdict": f"dropped {from_json(drafted.draft).deadlines[0].id}"})
    answer = clerk.post(at(drafted, "load/"), {"revision": old})
    assert answer.status_code == 422
    assert not LoadedPlan.objects.exists()


def test_another_plan_takes_the_place_only_when_it_is_named_and_loses_nothing(clerk: Client) -> None:
    """The plan in use must be confirmed as replaced; its periods stay, and it is taken into use again with a click."""
    load_plan(folder=DATA / "song_may_2024", at=AT)
    old = loaded_plan()
    periods = Period.objects.filter(plan_id=old.plan.id).count()
    drafted = decide_all(clerk, read_in(clerk))
    page = clerk.get(at(drafted, "load/")).content.decode()
    assert "Đã nạp Kế hoạch mã «song-may-2024». Đặt mã khác." in page, (
        "a draft never becomes a version of a loaded plan"
    )
    answers = {question.id: question.answer for question in from_json(drafted.draft).questions}
    clerk.post(at(drafted), {"answers": "1", **answers, "plan.id": "rac-song-may-2024", "plan.key": "rsm4"})
    drafted.refresh_from_db()
    assert old.plan.title in clerk.get(at(drafted, "load/")).content.decode()
    assert load(clerk, drafted).status_code == 422
    assert loaded_plan() == old
    assert load(clerk, drafted, replaces="on").status_code == 302
    assert loaded_plan().plan.id == "rac-song-may-2024"
    assert Period.objects.filter(plan_id=old.plan.id).count() == periods

    assert clerk.post(f"/plan/drafts/take/{old.bundle}/", {}).status_code == 302
    assert loaded_plan().plan.id == "rac-song-may-2024", "without the tick nothing happens"
    clerk.post(f"/plan/drafts/take/{old.bundle}/", {"confirm": old.plan.id})
    assert loaded_plan() == old
    owed = owing_units(Period.objects.get(plan_id=old.plan.id, code="2024-02"))
    assert set(owed) == {unit.code for unit in old.plan.units if unit.reports == "yes"}


@pytest.mark.parametrize("name", ["anh.png", "so-lieu.xlsx"])
def test_a_file_that_is_no_document_is_refused_at_the_field(clerk: Client, name: str) -> None:
    """The page says what to choose; nothing is kept."""
    answer = clerk.post("/plan/drafts/", {"documents": [SimpleUploadedFile(name, b"\x89PNG\r\n\x1a\n\x00\x00")]})
    assert answer.status_code == 422
    assert 'href="#id_documents"' in answer.content.decode()
    assert not DraftedPlan.objects.exists()


def test_one_decision_by_htmx_answers_with_the_card_and_the_counts(clerk: Client) -> None:
    """Without a reload: the card as decided, the counts beside it; a wrong value keeps the form with its words."""
    drafted = read_in(clerk)
    target = from_json(drafted.draft).targets[0].id
    htmx = {"HX-Request": "true"}
    answer = clerk.post(at(drafted), {"verdict": f"accepted {target}"}, headers=htmx)
    text = answer.content.decode()
    assert f'id="item-{target}"' in text
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text
    wrong = clerk.post(at(drafted), form_of(drafted, target, value="nhiều"), headers=htmx)
    assert wrong.status_code == 422
    assert "nhiều" in wrong.content.decode()
    drafted.refresh_from_db()
    assert drafted.decisions[target] == {"state": "accepted", "changes": {}}


def test_the_review_asks_the_database_a_fixed_number_of_times(
    clerk: Client, django_assert_max_num_queries: Any
) -> None:
    """However many items there are."""
    drafted = read_in(clerk)
    clerk.get(at(drafted))
    with django_assert_max_num_queries(8):
        clerk.get(at(drafted))
