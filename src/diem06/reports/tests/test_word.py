"""The official report: its figures, its words, its Word file, and checking one that comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, cast

import docx
import pytest
from django.core.management import call_command
from django.utils.html import strip_tags

from diem06.core.audit.models import Entry
from diem06.core.plans.queries import Loaded
from diem06.cube.board import Board, Figure, board, forget_boards
from diem06.cube.figures import figure_at
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.cube.models import Revision
from diem06.cube.standing import Standing
from diem06.plan.model import Indicator, Level
from diem06.reports import actions, queries
from diem06.reports.models import DeclaredValue, Heading, IssuedDocument, Narrative, Report, ReportState, UnitPlan
from diem06.reports.tests.word_months import AT, control, edited, issue, issue_of_unit, month, two_months
from diem06.reports.word import html, sentences
from diem06.reports.word.annex import communes
from diem06.reports.word.content import NOBODY, build, subject
from diem06.reports.word.material import Signing, gather, kind_of
from diem06.reports.word.printed import change, gap, short_date, target
from diem06.reports.word.tree import Chart, Content, Mark, plain_text, runs, text_of
from diem06.reports.word.verify import Verdict, verify
from vnlib.documents import read

pytestmark = pytest.mark.django_db
KINDS = ("section", "police", "committee")


@pytest.fixture(scope="module")
def made(prepared) -> Loaded:
    return two_months(prepared)


@pytest.fixture
def loaded(made: Loaded, db: None) -> Loaded:
    return made


@pytest.fixture
def changing(loaded: Loaded) -> Iterator[Loaded]:
    """For tests that change facts: the boards count changes, and a rolled back change would count twice."""
    forget_boards()
    yield loaded
    forget_boards()


def content(loaded: Loaded, kind: str = "police", code: str = "2023-08", signing: Signing | None = None) -> Content:
    material = gather(loaded=loaded, period=month(loaded, code), kind=kind_of(loaded.plan, kind), at=AT)
    return build(material, signing)


def text(loaded: Loaded, kind: str = "police") -> str:
    return plain_text(content(loaded, kind))


def figure_keys(marks: list[Mark]) -> set[str]:
    found = set()
    for mark in marks:
        try:
            parse_key(mark.tag.partition("#")[0])
        except FigureKeyError:
            continue
        found.add(mark.tag.partition("#")[0])
    return found


def part(whole: str, first: str, after: str) -> str:
    return whole[whole.index(first) : whole.index(after)]


# -- figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_the_word_file_holds_the_figures_that_it_should_and_no_other(loaded: Loaded, kind: str):
    """Every line of the month, of the month before and of the run so far that has a number, and each district's."""
    expected: set[str] = set()
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures}
    now = board(loaded, "2023-08")
    for code, line in now.lines.items():
        figure = now.figure(code)
        if (
            figure.value is not None
            or figure.target is not None
            or figure.missing
            or (line.reading and "%" in line.reading.text)
        ):
            expected.add(figure.key)
        windows = ["2023-07"]
        if all(kinds[measure] == "flow" for side in line.measures for measure in side):
            windows.append("ptd-2023-08")
        for window in windows:
            other = board(loaded, window).figure(code)
            if other.value is not None:
                expected.add(other.key)
        if Level.DISTRICT in now.levels(code):
            for area in now.tree.descendants("24", Level.DISTRICT):
                if now.figure(code, area=area.code).value is not None:
                    expected.add(now.figure(code, area=area.code).key)
    issued = issue(loaded, kind)
    in_file = {control.tag for control in read(issued.file).controls if control.tag}
    found = {tag.partition("#")[0] for tag in in_file if tag.count(":") == 5}
    assert found == expected
    assert len(expected) > 500


def test_every_number_in_the_word_file_is_that_of_the_figures(loaded: Loaded):
    """Value, numerator, denominator, target and gap, each rounded once, half up."""
    checked = 0
    for control_ in read(issue(loaded).file).controls:
        assert control_.tag
        key, _, what = control_.tag.partition("#")
        if what not in {"val", "num", "den", "target", "gap"} or key.count(":") != 5:
            continue
        figure, _here, is_current = figure_at(loaded, key)
        assert is_current
        exact = {
            "val": figure.value,
            "num": figure.numerator,
            "den": figure.denominator,
            "target": figure.target,
            "gap": figure.gap,
        }[what]
        assert exact is not None
        is_share = figure.is_ratio and what in {"val", "target"}
        digits = Decimal("0.1") if what == "val" and is_share else Decimal(1)
        wanted = (exact * 100 if is_share else exact).quantize(digits, ROUND_HALF_UP)
        shown = control_.text.rstrip("%").replace(".", "").replace(",", ".")
        assert Decimal(shown) == wanted, control_.tag
        assert control_.text.endswith("%") == is_share
        checked += 1
    assert checked > 900


@pytest.mark.parametrize("kind", KINDS)
def test_no_percentage_stands_outside_a_control(loaded: Loaded, kind: str):
    """Not even one that a unit wrote, nor one in the words of a reading."""
    narrative = Narrative.objects.filter(report__period=month(loaded), heading=Heading.SHORTCOMINGS).first()
    assert narrative
    narrative.text = "Mới đạt 41,5% kế hoạch.\nCòn 3 xã dưới 20 %."
    narrative.save()
    given = read(issue(loaded, kind).file)
    assert "%" not in given.text_outside_controls
    assert "41,5%" in given.text
    assert "%" not in given.side_text


def test_issuing_gives_each_window_its_revision_and_leaves_a_trace(loaded: Loaded):
    """What stands in the file is what is kept, and the same state has the same revision."""
    issued = issue(loaded)
    assert {row.window for row in Revision.objects.all()} == {"2023-07", "2023-08", "ptd-2023-08"}
    assert {int(number): tag for number, (tag, _text) in issued.document.tags.items()} == read(issued.file).listed_tags
    entry = Entry.objects.filter(action="report.issue").latest("pk")
    assert entry.object_id == str(issued.document.pk)
    assert issue(loaded).document.revision == issued.document.revision
    assert IssuedDocument.objects.count() == 2
    properties = read(issued.file).properties
    assert properties["diem06.bundle"] == loaded.hash
    assert properties["diem06.document"] == str(issued.document.pk)


# -- words -----------------------------------------------------------------------------------------------------------
def test_the_parts_stand_in_the_order_that_officials_write(loaded: Loaded):
    """Head, title, addressee, opening, period, parts I to V, closing, signature, annexes."""
    found = text(loaded)
    wanted = (
        "Số liệu giả định, không phải báo cáo thật", "BỘ CÔNG AN", "CÔNG AN TỈNH BẮC GIANG", "Số: …/BC-CAT-PC06",
        "Bắc Giang, ngày … tháng 8 năm 2023", "BÁO CÁO\n",
        "Kết quả triển khai các mô hình điểm Đề án 06 tháng 8, nhiệm vụ trọng tâm tháng 9 năm 2023",
        "Kính gửi: Chủ tịch UBND tỉnh Bắc Giang.", "Thực hiện Kế hoạch số …/KH-UBND ngày …/6/2023",
        "(Số liệu từ ngày 15/7/2023 đến hết ngày 14/8/2023)", "I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO",
        "II. KẾT QUẢ THỰC HIỆN", "1. Mô hình cấp tỉnh", "2. Mô hình 1: ", "9. Mô hình 8: ", "III. ĐÁNH GIÁ CHUNG",
        "1. Ưu điểm", "2. Tồn tại, hạn chế", "3. Khó khăn, vướng mắc", "4. Nguyên nhân",
        "IV. NHIỆM VỤ TRỌNG TÂM THÁNG TIẾP THEO", "V. KIẾN NGHỊ, ĐỀ XUẤT", "1. Đối với bộ, ngành Trung ương",
        "2. Đối với Chủ tịch UBND tỉnh", "Trên đây là báo cáo của Công an tỉnh", "./.\n", "GIÁM ĐỐC", "Nơi nhận:",
        "Lưu: VT, PC06", "Phụ lục I\n", "Phụ lục II\n", "Phụ lục III\n", "Phụ lục IV\n", "Phụ lục V\n",
    )  # fmt: skip
    places: list[int] = []
    for words in wanted:
        places.append(found.index(words, places[-1] if places else 0))
    assert places == sorted(places)


def test_each_kind_has_its_own_head_signer_and_annexes(loaded: Loaded):
    """The section has no head and no signer; only the version to the chairman says who sent when."""
    section, police, committee = (content(loaded, kind) for kind in KINDS)
    assert section.head is None
    assert section.signature is None
    assert section.type_name == ""
    assert committee.head
    assert committee.head.issuer == "ỦY BAN NHÂN DÂN\nTỈNH BẮC GIANG"
    assert committee.signature
    assert committee.signature.lines == ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert [len(kind.annexes) for kind in (section, police, committee)] == [4, 5, 4]
    assert "Phụ lục V" not in plain_text(committee)


def test_number_day_and_signer_are_filled_in_or_left_open(loaded: Loaded):
    """A number under 10 and months 1 and 2 get a 0."""
    given = content(
        loaded, signing=Signing(number="7", day=date(2023, 8, 17), signer="Nguyễn Văn Mẫu", signs=("KT. GIÁM ĐỐC",))
    )
    assert given.head
    assert given.head.number == "Số: 07/BC-CAT-PC06"
    assert given.head.place_and_day == "Bắc Giang, ngày 17 tháng 8 năm 2023"
    assert given.signature
    assert (given.signature.lines, given.signature.name) == (("KT. GIÁM ĐỐC",), "Nguyễn Văn Mẫu")
    left_open = content(loaded).signature
    assert left_open
    assert left_open.name == "…"
    assert short_date(date(2024, 2, 5)) == "05/02/2024"


def test_a_december_report_names_both_years(loaded: Loaded):
    """«tháng 12 năm 2023, nhiệm vụ trọng tâm tháng 01 năm 2024»."""
    material = gather(loaded=loaded, period=month(loaded), kind=kind_of(loaded.plan, "police"), at=AT)
    december = replace(material, period=type(material.period)(code="2023-12"))
    assert subject(december).endswith("tháng 12 năm 2023,\nnhiệm vụ trọng tâm tháng 01 năm 2024")


def test_the_first_month_compares_with_no_month_before(loaded: Loaded):
    """2023-07 is the plan's first period."""
    found = plain_text(content(loaded, code="2023-07"))
    assert "so với tháng trước" not in found
    assert "tháng trước chưa có số liệu" not in found
    assert "đạt" in part(found, "II. KẾT QUẢ", "III. ĐÁNH GIÁ")


def test_readings_that_nobody_decided_stand_side_by_side_without_target(loaded: Loaded):
    """P3, M1.2 and M3.3: no «mục tiêu» is judged, no target is printed in the annex."""
    whole = content(loaded)
    marks = {mark.tag for mark in whole.marks()}
    assert not [tag for tag in marks if re.match(r"bg23:(P3|M1\.2|M3\.3)[abc]:.*#(target|gap)", tag)]
    found = plain_text(whole)
    assert found.count("(chưa chọn cách hiểu, các cách nêu cạnh nhau, không so với mục tiêu):") == 3
    assert "+ Cách 3 (“Hai bước: trước hết 50%" in found


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def on_paper(content_: Content) -> str:
    """The words of the preview, without what it adds to the paper: tags of figures, captions, drawn charts."""
    pages = [str(page) for page in html.pages(content_, lambda key: f"/figures/{key}/")]
    added = (
        r'<span class="tag">.*?</span>|<caption.*?</caption>|<h2 class="vh">.*?</h2>|'
        rf"{re.escape(html.CHART_BEGINS)}.*?{re.escape(html.CHART_ENDS)}"
    )
    return unescape(strip_tags(re.sub(added, "", "".join(pages), flags=re.DOTALL)))


@pytest.mark.parametrize(("kind", "unit"), [*((kind, "") for kind in KINDS), ("", "ubnd-tan-yen"), ("", "so-y-te")])
def test_the_plain_text_the_page_and_the_word_file_say_the_same(loaded: Loaded, kind: str, unit: str):
    """One tree feeds all three: the same words and numbers in the same order, in every kind and in a unit's own."""
    issued = issue_of_unit(loaded, unit) if unit else issue(loaded, kind)
    word, page = flat(read(issued.file).text), flat(on_paper(issued.content))
    plain = plain_text(issued.content)
    body = part(plain, "(Số liệu từ ngày", "Nơi nhận:") if "Nơi nhận:" in plain else plain.split("(Số liệu từ ngày")[1]
    signature = issued.content.signature
    body = body.removesuffix("\n".join([*signature.lines, signature.name]) + "\n") if signature else body
    annexes = plain[plain.index("Phụ lục I\n") :]
    for wanted in (flat(body.split("Phụ lục I\n")[0]), flat(annexes)):
        assert len(wanted) > 200
        assert wanted in word
        assert wanted in page.replace(flat(issued.content.notice), "")
    assert page.count("%") == word.count("%")
    numbers = re.compile(r"\d+")
    assert sorted(numbers.findall(page)) == sorted(numbers.findall(word))


# -- rows ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("heading", "first", "after"),
    [
        (Heading.GOOD, "1. Ưu điểm", "2. Tồn tại"),
        (Heading.SHORTCOMINGS, "2. Tồn tại", "3. Khó khăn"),
        (Heading.DIFFICULTIES, "3. Khó khăn", "4. Nguyên nhân"),
        (Heading.CAUSES, "4. Nguyên nhân", "IV. NHIỆM VỤ"),
        (Heading.NEXT_MONTH, "IV. NHIỆM VỤ", "V. KIẾN NGHỊ"),
        (Heading.PROPOSALS, "V. KIẾN NGHỊ", "Trên đây"),
        (Heading.DONE, "I. CÔNG TÁC", "II. KẾT QUẢ"),
    ],
)
def test_a_heading_follows_the_rows_that_units_wrote(loaded: Loaded, heading: Heading, first: str, after: str):
    """Changed, the words change; deleted, the heading says that nobody wrote."""
    rows = Narrative.objects.filter(report__period=month(loaded), heading=heading)
    changed = rows.get(report__unit="cong-an-tinh") if heading is Heading.DONE else rows.first()
    assert changed
    changed.text = "Câu chỉ có trong phép thử này."
    changed.save()
    assert f"{changed.text}\n" in part(text(loaded), first, after)
    rows.delete()
    assert f"{NOBODY}." in part(text(loaded), first, after)


def test_alike_words_stand_once_with_all_who_wrote_them(loaded: Loaded):
    """Two units that wrote the same are named together."""
    rows = Narrative.objects.filter(report__period=month(loaded), heading=Heading.GOOD)
    rows.update(text="Cùng một câu.")
    found = part(text(loaded), "1. Ưu điểm", "2. Tồn tại")
    assert found.count("Cùng một câu.") == 1
    assert rows.count() > 1
    assert found.count(", ") >= rows.count() - 1


def test_proposals_to_the_centre_stand_apart(loaded: Loaded):
    """A proposal that names a ministry goes to the centre."""
    rows = Narrative.objects.filter(report__period=month(loaded), heading=Heading.PROPOSALS)
    first, second = rows[:2]
    rows.exclude(pk__in=(first.pk, second.pk)).delete()
    Narrative.objects.filter(pk=first.pk).update(text="Đề nghị Bộ Công an hướng dẫn.")
    Narrative.objects.filter(pk=second.pk).update(text="Đề nghị UBND tỉnh bố trí kinh phí.")
    found = text(loaded)
    assert "Đề nghị Bộ Công an" in part(found, "1. Đối với bộ, ngành", "2. Đối với Chủ tịch")
    assert "Đề nghị UBND tỉnh" in part(found, "2. Đối với Chủ tịch", "Trên đây")


def test_part_i_and_annexes_ii_and_v_follow_plans_and_reports(loaded: Loaded):
    """A unit plan that goes, and a report that was not approved, are missing in the Word text at once."""
    before = text(loaded)
    assert "31/31 đơn vị đã ban hành Kế hoạch triển khai, trong đó 29 đơn vị" in before
    own = UnitPlan.objects.get(unit="so-y-te")
    assert f"{own.number}, ngày" in part(before, "Phụ lục II\n", "Phụ lục III\n")
    own.delete()
    report = Report.objects.get(period=month(loaded), unit="so-y-te")
    number = report.approval_number
    assert number in part(before, "Phụ lục V\n", before[-30:])
    Report.objects.filter(pk=report.pk).update(
        state=ReportState.DRAFT,
        approval_number="",
        approved_at=None,
        approval_recorded_at=None,
        first_approved_at=None,
    )
    after = text(loaded)
    assert "30/31 đơn vị đã ban hành Kế hoạch triển khai, trong đó 28 đơn vị" in after
    assert "chưa ban hành: Sở Y tế" in after
    assert "30/31 đơn vị đã gửi báo cáo" in after
    assert "01 đơn vị chưa gửi: Sở Y tế" in after
    assert "Chưa ban hành" in part(after, "Phụ lục II\n", "Phụ lục III\n")
    assert "Chưa gửi" in after[after.index("Phụ lục V\n") :]


# -- sentences -------------------------------------------------------------------------------------------------------
def a_figure(loaded: Loaded, **given: Any) -> Figure:
    return replace(board(loaded, "2023-08").figure("P9", revision=1), **given)


def against(loaded: Loaded, **given: Any) -> str:
    indicator = next(row for row in loaded.plan.indicators if row.code == "P9")
    return text_of(sentences._against_target(a_figure(loaded, **given), indicator))


def test_a_figure_is_set_against_its_target_in_words(loaded: Loaded):
    """vượt, đạt, chưa đạt, đúng tiến độ, có nguy cơ, không đạt; what is missing in counted things."""
    half = {"target": Decimal("0.5"), "deadline": None, "gap": Decimal(-31)}
    assert against(loaded, value=Decimal("0.641"), standing=Standing.MET, **half) == ", vượt mục tiêu 50%"
    assert against(loaded, value=Decimal("0.5"), standing=Standing.MET, **half) == ", đạt mục tiêu 50%"
    whole = {"target": Decimal(1), "gap": Decimal("41515.4"), "deadline": None}
    assert against(loaded, standing=Standing.BELOW, **whole) == ", chưa đạt mục tiêu 100%, còn thiếu 41.515 công dân"
    dated = whole | {"deadline": date(2023, 7, 31)}
    assert (
        against(loaded, standing=Standing.MISSED, **dated)
        == ", không đạt mục tiêu 100% đến ngày 31/7/2023, còn thiếu 41.515 công dân"
    )
    assert against(loaded, standing=Standing.ON_TRACK, **dated).startswith(", đúng tiến độ so với mục tiêu 100%")
    assert against(loaded, standing=Standing.AT_RISK, **dated).startswith(", có nguy cơ không đạt mục tiêu 100%")
    assert against(loaded, standing=Standing.NO_DATA, **dated).endswith("; chưa có số liệu của ngày đó để đánh giá")
    assert against(loaded, standing=Standing.NO_TARGET, target=None) == ""


def test_a_target_with_decimals_keeps_them_and_a_gap_is_whole(loaded: Loaded):
    """67,5% and 41.516."""
    figure = a_figure(loaded, target=Decimal("0.675"), gap=Decimal("41515.5"))
    assert target(figure).text == "67,5%"
    assert gap(figure).text == "41.516"


def test_the_difference_is_that_of_the_printed_numbers(loaded: Loaded):
    """66,44% after 65,76% is printed as 66,4% after 65,8%, so 0,6 points, though 0,68 lie between."""
    now, before = a_figure(loaded, value=Decimal("0.6644")), a_figure(loaded, value=Decimal("0.6576"))
    word, difference = change(now, before)
    assert difference
    assert (word, difference.text) == ("tăng", "0,6")
    assert change(before, now)[0] == "giảm"
    assert change(now, now) == ("không đổi", None)


def test_what_is_missing_is_said(changing: Loaded):
    """No data with the number of units that owe; partial with n/N."""
    loaded = changing
    values = DeclaredValue.objects.filter(period=month(loaded))
    values.filter(measure="businesses").update(superseded_at=AT)
    values.filter(measure="officials", unit="so-y-te").update(superseded_at=AT)
    forget_boards()
    found = part(text(loaded), "II. KẾT QUẢ", "III. ĐÁNH GIÁ")
    assert re.search(r"kinh doanh có điều kiện .*: chưa có số liệu \(1 đơn vị chưa gửi\)\.", found)
    assert re.search(r"được tập huấn cách thức đăng nhập.*; theo số liệu của 30/31 đơn vị\.", found)


def test_a_pilot_that_repeats_a_figure_says_so(loaded: Loaded):
    """M5.1 and M5.2 are those of the provincial pilot."""
    found = part(text(loaded), "6. Mô hình 5", "7. Mô hình 6")
    assert found.count("(như Mô hình cấp tỉnh) đạt ") == 2


def test_runs_join_plain_words():
    """Neighbouring words become one run, marks stay apart."""
    mark = Mark(text="7", tag="t")
    assert [run.text for run in runs("a", "b", mark, "", "c")] == ["ab", "7", "c"]


# -- the file --------------------------------------------------------------------------------------------------------
def test_the_form_of_the_decree_holds_on_a_real_report(loaded: Loaded):
    """Page, margins, title, body, headings, recipients, annexes: rows of Nghị định 30/2020 in mm and pt."""
    file: Any = docx.Document(BytesIO(issue(loaded).file))
    first = file.sections[0]
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    for section in file.sections:
        assert 20 <= round(section.top_margin.mm, 1) <= 25
        assert 20 <= round(section.bottom_margin.mm, 1) <= 25
        assert 30 <= round(section.left_margin.mm, 1) <= 35
        assert 15 <= round(section.right_margin.mm, 1) <= 20
        assert section.different_first_page_header_footer
        assert section._sectPr.find("{*}pgNumType").get(f"{{{section._sectPr.nsmap['w']}}}start") == "1"
    assert len(file.sections) == 6
    by_text = {paragraph.text: paragraph for paragraph in file.paragraphs}

    def look(words: str) -> tuple[float, bool, bool]:
        font = by_text[words].style.font
        return font.size.pt, bool(font.bold), bool(font.italic)

    assert look("BÁO CÁO") == (14, True, False)
    assert look("I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO") == (14, True, False)
    assert look("1. Ưu điểm") == (14, True, False)
    assert look("Phụ lục V") == (14, True, False)
    body = next(paragraph for words, paragraph in by_text.items() if words.startswith("Thực hiện Kế hoạch"))
    assert body.style.font.size.pt == 14
    assert round(body.style.paragraph_format.first_line_indent.mm, 1) in (10, 12.7)
    assert body.style.paragraph_format.space_after.pt >= 6
    head, signature = file.tables[0], file.tables[1]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head.cell(0, 1).text
    assert signature.cell(0, 0).text.startswith("Nơi nhận:\n- Như trên;")
    assert signature.cell(0, 0).text.endswith("- Lưu: VT, PC06.")
    assert signature.cell(0, 1).text.startswith("GIÁM ĐỐC")
    assert [paragraph.text for paragraph in file.paragraphs if paragraph.text.endswith("./.")] != []


def test_the_annex_of_communes_has_a_row_for_each_with_its_key(loaded: Loaded):
    """More rows than a Word table holds; made-up figures say so."""
    from openpyxl import load_workbook

    here = board(loaded, "2023-08")
    sheet: Any = load_workbook(BytesIO(communes(loaded, here, revision=3)), read_only=True).active
    rows = list(sheet.iter_rows(min_row=1, values_only=True))
    assert rows[2][0] == "Số liệu giả định, không phải báo cáo thật"
    found = {row[12]: row for row in rows[5:]}
    figure = next(
        figure
        for area in here.areas("P9", Level.COMMUNE)
        if (figure := here.figure("P9", area=area.code, revision=3)).value is not None
    )
    row = found[figure.key]
    assert figure.value is not None
    assert (row[5], row[6]) == (figure.numerator, figure.denominator)
    assert row[7] == pytest.approx(float(figure.value))
    assert len(found) == len(rows) - 5 > 200


# -- checking what comes back ----------------------------------------------------------------------------------------
P9 = "bg23:P9:24:-:2023-08:1#val"


def test_an_untouched_file_is_right(loaded: Loaded):
    """All controls are there with their texts, and the bytes are those handed out."""
    issued = issue(loaded)
    found = verify(issued.file, loaded)
    assert found.is_right
    assert found.is_untouched
    assert found.right == len(issued.document.tags)
    assert found.revised == ()


def test_a_number_edited_by_hand_is_named(loaded: Loaded):
    """With what the system wrote and what the file says."""
    issued = issue(loaded)
    file = edited(issued.file, lambda xml: control(P9).sub(r"\g<1>99,9%\g<3>", xml, count=1))
    found = verify(file, loaded)
    assert not found.is_right
    (wrong,) = found.wrong
    assert (wrong.verdict, wrong.tag, wrong.found) == (Verdict.EDITED, P9, "99,9%")
    assert wrong.expected == dict(issued.document.tags.values())[P9]


def test_lost_keys_are_no_edit(loaded: Loaded):
    """LibreOffice drops every w:tag: the ids lead to the figures, which are still right; an edited one is not."""
    issued = issue(loaded)

    def without_tags(xml: str) -> str:
        return re.sub(r"<w:tag w:val=\"[^\"]*\"/>", "", xml)

    found = verify(edited(issued.file, without_tags), loaded)
    assert found.is_right
    assert found.keys_lost == len(issued.document.tags)
    file = edited(issued.file, lambda xml: without_tags(control(P9).sub(r"\g<1>1,0%\g<3>", xml, count=1)))
    (wrong,) = verify(file, loaded).wrong
    assert (wrong.verdict, wrong.keys_lost, wrong.tag) == (Verdict.EDITED, True, P9)


@pytest.mark.parametrize(
    ("tag", "verdict"),
    [
        ("bg23:P9:24:-:2023-08:7#val", Verdict.OTHER_REVISION),
        ("bg23:P9:24:-:2023-12:1#val", Verdict.OTHER_PERIOD),
        ("somebody:else", Verdict.NOT_OURS),
    ],
)
def test_a_control_of_another_report_is_named(loaded: Loaded, tag: str, verdict: Verdict):
    """A foreign control in place of ours: where it comes from, and that ours is missing."""
    file = edited(issue(loaded).file, lambda xml: xml.replace(f'<w:tag w:val="{P9}"/>', f'<w:tag w:val="{tag}"/>', 1))
    found = verify(file, loaded)
    assert {wrong.verdict for wrong in found.wrong} == {verdict, Verdict.MISSING}
    assert [wrong.tag for wrong in found.wrong if wrong.verdict is Verdict.MISSING] == [P9]


def test_words_of_another_report_are_named(loaded: Loaded):
    """A unit's words from the month before, pasted into this report."""
    other = issue(loaded, code="2023-07")
    tag = next(tag for tag, _text in other.document.tags.values() if ":text:" in tag)
    file = edited(issue(loaded).file, lambda xml: xml.replace(f'<w:tag w:val="{P9}"/>', f'<w:tag w:val="{tag}"/>', 1))
    assert Verdict.OTHER_DOCUMENT in {wrong.verdict for wrong in verify(file, loaded).wrong}


def test_a_figure_typed_without_its_control_is_named(loaded: Loaded):
    """The control is gone, and a percentage stands outside any."""
    file = edited(issue(loaded).file, lambda xml: control(P9).sub("<w:r><w:t>77,7%</w:t></w:r>", xml, count=1))
    found = verify(file, loaded)
    assert {(wrong.verdict, wrong.found) for wrong in found.wrong} == {
        (Verdict.MISSING, None),
        (Verdict.NO_CONTROL, "77,7%"),
    }


def test_a_file_of_another_system_is_not_known(loaded: Loaded):
    """An ordinary Word file holds no figure of ours."""
    buffer = BytesIO()
    docx.Document().save(buffer)
    found = verify(buffer.getvalue(), loaded)
    assert found.document is None
    assert not found.is_right


def test_figures_revised_since_are_noted_and_the_file_stays_right(changing: Loaded):
    """It says what was true when it was handed out; the note says that there is a newer state."""
    loaded = changing
    issued = issue(loaded)
    report = Report.objects.get(period=month(loaded), unit="so-y-te")
    value = DeclaredValue.objects.current().filter(period=month(loaded), unit="so-y-te", measure="officials").first()
    assert value
    cell = queries.cell_of(value)
    actions.save_values(
        report=report,
        plan=loaded.plan,
        entries=[actions.Entry(cell=cell, value=value.value + 1)],
        at=AT + timedelta(hours=1),
        by=None,
    )
    found = verify(issued.file, loaded)
    assert found.is_right
    assert set(found.revised) == {"2023-08", "ptd-2023-08"}
    assert issue(loaded).document.revision == issued.document.revision + 1


# -- the command -----------------------------------------------------------------------------------------------------
def run(*words: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("report", *words, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_makes_and_verifies(loaded: Loaded, tmp_path: Path):
    """0 for made and for right, 1 for a wrong figure; progress goes to stderr."""
    file = tmp_path / "report.docx"
    code, out, err = run(
        "2023-08", "--out", str(file), "--number", "12", "--day", "17/08/2023", "--signer", "Nguyễn Văn Mẫu"
    )
    assert code == 0, err
    assert "revision 1" in out
    assert "Computing" in err
    assert "Số: 12/BC-CAT-PC06" in read(file.read_bytes()).text
    code, out, _err = run("verify", str(file))
    assert (code, "document known: ok" in out) == (0, True)
    file.write_bytes(edited(file.read_bytes(), lambda xml: control(P9).sub(r"\g<1>99,9%\g<3>", xml, count=1)))
    code, out, _err = run("verify", str(file))
    assert code == 1
    assert f"{P9}: edited by hand" in out
    assert "found «99,9%»" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2023-99", "--out", "x.docx"), "no opened period"),
        (("2023-08", "--kind", "letter", "--out", "x.docx"), "it has section, police, committee"),
        (("2023-08",), "--out FILE.docx"),
        (("2023-08", "--out", "x.pdf"), "end the file in .docx"),
        (("2023-08", "--kind", "unit", "--unit", "ubnd-tinh", "--out", "x.docx"), "owes no report"),
        (("2023-08", "--kind", "urging", "--out", "x.docx"), "every unit has sent"),
        (("2023-08", "--out", "x.docx", "--day", "17-8"), "write 2023-07-17"),
        (("verify",), "verify FILE.docx"),
        (("verify", "no-such-file.docx"), "no-such-file.docx"),
        (("verify", __file__), ".docx"),
    ],
)
def test_the_command_says_what_to_change(loaded: Loaded, words: tuple[str, ...], said: str):
    """2 where nothing could be made or read."""
    code, _out, err = run(*words)
    assert code == 2
    assert said in err


def test_the_tree_is_plain_data(loaded: Loaded):
    """It can be written as JSON."""
    assert json.loads(json.dumps(content(loaded).as_json()))["period"] == "2023-08"


def test_a_plan_with_a_decided_reading_prints_that_one_alone(loaded: Loaded):
    """Once a reading was decided the others are no longer side by side."""
    from diem06.plan.model import Decision

    here = board(loaded, "2023-08")
    p3: Indicator = here.lines["P3a"].indicator
    decision = Decision(from_day=date(2023, 7, 1), decided_by="cong-an-tinh", document="1/CV")
    reading = replace(p3.readings[0], decisions=(decision,))
    indicator = replace(p3, readings=(reading, *p3.readings[1:]))

    class Decided:
        window = here.window
        lines = {
            code: replace(line, indicator=indicator, reading=reading if code == "P3a" else line.reading)
            for code, line in here.lines.items()
            if line.indicator.code == "P3"
        }

    lines, is_undecided = sentences.printed_lines(
        sentences.Figures(board=cast("Board", Decided()), revision=1), indicator
    )
    assert ([line.code for line in lines], is_undecided) == (["P3a"], False)


def test_a_chart_draws_numbers_that_a_table_of_the_report_prints(loaded: Loaded):
    """Value and target of each point stand in the report under the same tag, in the same rounding; all three charts are there."""
    whole = content(loaded)
    blocks = [block for annex in whole.annexes for block in annex.blocks]
    charts = [block for block in blocks if isinstance(block, Chart)]
    printed = {mark.tag: mark.text for mark in whole.marks()}
    assert [chart.kind for chart in charts] == ["column", "line", "column"]
    checked = 0
    for chart in charts:
        for series in chart.series:
            for value, tag in zip(series.values, series.tags, strict=True):
                if value is None:
                    continue
                shown = printed[tag].rstrip("%").replace(".", "").replace(",", ".")
                assert Decimal(shown) == value * 100, tag
                checked += 1
    assert checked > 40
    page = "".join(html.pages(whole, lambda key: key))
    assert page.count(html.CHART_BEGINS) == 3
    assert "style=" not in page


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (("--kind", "unit", "--unit", "so-y-te", "--out", "u.docx"), b"PK"),
        (("--kind", "section", "--out", "s.txt"), "Số liệu giả định".encode()),
        (("--kind", "committee", "--out", "c.json"), b'{\n "schema": "diem06.report.1"'),
        (("--kind", "police", "--out", "p.xlsx"), b"PK"),
    ],
)
def test_the_command_makes_each_form(loaded: Loaded, tmp_path: Path, words: tuple[str, ...], begins: bytes):
    """The ending of the file says which."""
    out = tmp_path / words[-1]
    code, told, err = run("2023-08", *words[:-1], str(out))
    assert code == 0, err
    assert str(out) in told
    assert out.read_bytes().startswith(begins)
