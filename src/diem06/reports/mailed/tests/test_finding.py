"""Which number belongs into which cell: held against reports read by hand."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.plan.model import Plan
from diem06.plan.reader import bundle_path, read_plan
from diem06.reports.mailed.documents import read_blocks, read_mailed
from diem06.reports.mailed.finding import CellWords, Found, Sentence, find
from diem06.reports.mailed.tests.made_reports import REPORTS, MadeReport, cells_of
from vnlib.documents.paragraphs import TextParagraph

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(bundle_path("bac-giang-2023"))


def _proposed(report: MadeReport, plan: Plan) -> dict[tuple[str, str, str], int]:
    found = find(read_mailed(report.content).sentences, cells_of(plan, report.unit))
    return {_cell(each): each.value for each in found if each.cell}


def _cell(found: Found) -> tuple[str, str, str]:
    measure, dimensions, area = found.cell.split("|")
    return measure, dimensions, area


def test_precision_and_recall_over_the_made_reports(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    """At least 95 of 100 proposed cells are right and at least 70 of 100 that a person finds are proposed."""
    proposed = right = wanted = 0
    lines = []
    for report in REPORTS:
        got = _proposed(report, plan)
        good = sum(1 for cell, value in got.items() if report.expected.get(cell) == value)
        proposed, right, wanted = proposed + len(got), right + good, wanted + len(report.expected)
        lines.append(
            f"{report.name:18} {report.unit:14} {good:3} right of {len(got):3} proposed, {len(report.expected):3} wanted"
        )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
        sys.stdout.write(
            f"precision {right / proposed:.3f}, recall {right / wanted:.3f} ({right}/{proposed}, {right}/{wanted})\n"
        )

    assert len(REPORTS) >= 8
    assert right / proposed >= 0.95
    assert right / wanted >= 0.7


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_headings_lead_to_passages(report: MadeReport, plan: Plan) -> None:
    assert tuple(passage.heading for passage in read_mailed(report.content).passages) == report.headings


def _one(text: str, plan: Plan, unit: str = "ubnd-tan-yen", parent: str = "") -> list[Found]:
    return find([Sentence(text=text, parent=parent)], cells_of(plan, unit))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tiếp nhận khoảng 300 hồ sơ trực tuyến", "about"),
        ("Tiếp nhận 300 hồ sơ trực tuyến so với tháng trước", "other_period"),
        ("Lũy kế từ đầu năm tiếp nhận 1.980 hồ sơ trực tuyến", "cumulative"),
        ("Chỉ tiêu tiếp nhận trực tuyến: 500 hồ sơ", "other_period"),
        ("Có 12 máy tính mới", "unknown"),
        ("Hoạt động, tin, bài tuyên truyền tiện ích và kết quả thực hiện: 44 hoạt động", "sum"),
        ("Số hồ sơ đã giải quyết trước hạn, đúng hạn: 4.355 hồ sơ", "sum"),
        ("Tiếp nhận trực tuyến 1,234 hồ sơ", "doubtful"),
    ],
)
def test_what_is_not_sure_stays_open_with_its_reason(text: str, why: str, plan: Plan) -> None:
    found = _one(text, plan)
    assert [(each.cell, each.why[0]) for each in found] == [("", why)]


def test_a_percentage_beside_two_numbers_is_held_against_them(plan: Plan) -> None:
    """It confirms them, or opens both; it is itself no value."""
    text = "Hồ sơ trực tuyến đăng nhập bằng VNeID: 410/640 hồ sơ ({})"
    good, bad = _one(text.format("64,1%"), plan), _one(text.format("70%"), plan)

    assert [each.value for each in good] == [410, 640]
    assert "ratio:64.1" in good[0].why
    assert good[1].cell == "dossiers_received|channel=online|216"
    assert [each.cell for each in bad] == ["", ""]
    assert bad[0].why == ("ratio_wrong",)


def test_two_numbers_for_one_cell_open_both(plan: Plan) -> None:
    sentences = [Sentence(text=f"Số hồ sơ được số hóa: {number} hồ sơ") for number in ("100", "120")]
    found = find(sentences, cells_of(plan, "ubnd-tan-yen"))

    assert [(each.cell, each.why) for each in found] == [("", ("twice",)), ("", ("twice",))]
    assert found[0].others[0] == "dossiers_digitised||216"


def test_the_same_number_said_twice_is_proposed_once(plan: Plan) -> None:
    found = find([Sentence(text="Số hồ sơ được số hóa: 100 hồ sơ")] * 2, cells_of(plan, "ubnd-tan-yen"))
    assert [each.cell for each in found] == ["dossiers_digitised||216"]


def test_another_areas_number_is_not_the_units_own(plan: Plan) -> None:
    """A commune's number goes to the commune's cell, or stays open: never to the district's own."""
    found = _one("Xã Ngọc Thiện: số hồ sơ được số hóa 12 hồ sơ", plan)
    assert [each.cell for each in found] == [""]


def test_a_total_over_kinds_is_no_kinds_number(plan: Plan) -> None:
    """«812 hồ sơ» received in all goes into none of the three channels."""
    found = _one("Tiếp nhận: 812 hồ sơ (trực tuyến: 640; trực tiếp: 160; BCCI: 12).", plan)
    assert not any(each.cell for each in found if each.value == 812)
    assert {each.cell for each in found if each.value == 640} == {"dossiers_received|channel=online|216"}


def test_what_is_planned_is_no_result(plan: Plan) -> None:
    """Numbers of next month's tasks and of proposals are not looked at."""
    blocks = [
        TextParagraph(text="NHIỆM VỤ TRỌNG TÂM", is_bold=True),
        TextParagraph(text="Tiếp nhận trực tuyến 4.000 hồ sơ."),
    ]
    read = read_blocks(blocks)
    assert find(read.sentences, cells_of(plan, "ubnd-tan-yen")) == []
    assert read.passages[0].text == "Tiếp nhận trực tuyến 4.000 hồ sơ."


def test_old_fonts_are_shown_before_and_after() -> None:
    report = next(report for report in REPORTS if report.name == "tcvn3")
    conversions = read_mailed(report.content).conversions

    assert any(each.after == "Số hồ sơ được số hóa: 1.110 hồ sơ." for each in conversions)
    assert all(each.before != each.after for each in conversions)


_WORDS = st.sampled_from(
    ("hồ sơ", "trực tuyến", "tiếp nhận", "số hóa", "1.234", "45%", "12/15", "xã", "Ngọc Thiện", ",", ";", "(", ")", "tháng 7", "và")
)  # fmt: skip


@given(st.lists(_WORDS, max_size=25))
def test_any_words_are_read_without_fault_and_each_cell_is_proposed_once(words: list[str]) -> None:
    cells = [
        CellWords(name="online", measure="hồ sơ tiếp nhận", dimensions=("Trực tuyến",), counted="hồ sơ", is_flow=True),
        CellWords(name="digitised", measure="hồ sơ được số hóa", counted="hồ sơ", is_flow=True),
        CellWords(name="far", measure="hồ sơ được số hóa", counted="hồ sơ", area="Ngọc Thiện"),
    ]
    text = " ".join(words)
    found = find([Sentence(text=text)], cells)
    proposed = [each.cell for each in found if each.cell]

    assert len(proposed) == len(set(proposed))
    assert all(0 <= each.starts < each.ends <= len(text) for each in found)


def test_a_ratio_whose_words_name_two_numbers_is_left_open(plan: Plan) -> None:
    """«A trên số B: 39,3% (11/28 thủ tục)» says both names before the numbers: which is 11 is for the person."""
    text = (
        "Cách 2 (“Thủ tục có ít nhất một giao dịch trên Cổng trong kỳ trên số thủ tục có nghĩa vụ tài chính phát sinh hồ sơ "
        "trong kỳ”): 39,3% (11/28 thủ tục)"
    )
    assert [(each.value, each.cell) for each in _one(text, plan, "so-xay-dung")] == [(11, ""), (28, "")]
