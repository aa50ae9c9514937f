"""The plan of Bắc Giang drafted and compared with what people wrote down by hand, and five mutated copies of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from diem06.plan.drafting import Draft
from diem06.plan.drafting.tests.conftest import drafted
from diem06.plan.drafting.tests.truth import Truth, not_in_the_words, percents_of, shares
from diem06.plan.model import Plan
from vnlib.documents.tests.making import docx, p

# The assignments outside the 28, checked by hand against the text: paragraph -> who leads.
OTHERS = {
    **dict.fromkeys(("p023", "p024", "p025", "p026"), ("Sở Thông tin và Truyền thông",)),
    **dict.fromkeys(("p028", "p029"), ("Công an tỉnh",)),
    **dict.fromkeys(("p031", "p032", "p033"), ("Sở Giáo dục và Đào tạo",)),
    "p035": ("Sở Tài chính",),
    **dict.fromkeys(("p037", "p038", "p039"), ("Các sở, ban, ngành, đoàn thể tỉnh",)),
    "p040": ("Tỉnh đoàn Bắc Giang",),
    **dict.fromkeys(("p042", "p043", "p044", "p045"), ("UBND huyện, thành phố",)),
    "p066": ("các cơ quan, ban, ngành", "UBND huyện, thành phố"),
    "p067": ("Thủ trưởng các cơ quan, ban, ngành", "Chủ tịch UBND huyện, thành phố"),
    "p068": ("Công an tỉnh",),
    "p069": ("các cơ quan, sở, ban, ngành, địa phương",),
    "p091": ("Các đơn vị",),
    "p107": ("Sở Lao động Thương binh và Xã hội", "Sở Thông tin và Truyền thông"),
    "p113": ("Sở Văn hóa thể thao và du lịch",),
    "p118": ("Sở Văn hóa Thể thao và du lịch",),
}


def truth_of(plan: Plan) -> Truth:
    paragraphs = tuple(each.text for each in plan.paragraphs)
    return Truth(
        paragraphs=paragraphs,
        percents=percents_of(paragraphs),
        assigned=frozenset((each.pilot, each.unit_in_plan) for each in plan.assignments),
    )


def word_file(text: str) -> bytes:
    """The same text as Word keeps it: each line a paragraph, bold where it was marked."""
    lines = [line for line in text.split("\n") if line.strip()]
    return docx(*(p(line.replace("**", ""), bold=line.startswith("**")) for line in lines))


@pytest.mark.parametrize("form", ["text", "docx"])
def test_the_plan_drafted_equals_what_people_wrote_down(form, plan_text, by_hand):
    """95% of the paragraphs in place, every percentage, 27 of 28 assignments, nothing invented."""
    truth = truth_of(by_hand)
    draft = drafted(plan_text if form == "text" else word_file(plan_text))
    found = shares(draft, truth)
    print(found.line(form, truth))  # noqa: T201  the shares, with pytest -s

    assert found.paragraphs >= 0.95
    assert found.percents == 1.0
    assert found.assigned >= 27
    assert (found.false_assigned, found.false_percents) == ((), ())
    assert not_in_the_words(draft) == []


def test_paragraphs_have_the_style_that_people_gave_them(from_text: Draft, by_hand: Plan):
    styles = {each.text: each.style for each in by_hand.paragraphs}
    same = sum(styles.get(each.text) == each.style for each in from_text.paragraphs)

    assert same / len(by_hand.paragraphs) >= 0.95


def test_what_is_found_beside_the_28_was_checked_by_hand(from_text: Draft):
    """No task, no body and no paragraph more than the list that a person made."""
    others = {each.at: each.lead for each in from_text.assignments if not each.task.startswith("Mô hình")}

    assert others == OTHERS


def test_coordinating_units_are_those_of_the_text(from_text: Draft):
    found = {each.at: each.coordinate for each in from_text.assignments if each.coordinate}

    assert found == {
        "p024": ("các cơ quan, đơn vị liên quan",),
        "p031": ("lực lượng Công an", "Đoàn Thanh niên cùng cấp"),
        "p035": ("Công an tỉnh", "Sở Thông tin và Truyền thông"),
        "p040": ("UBND cấp huyện, xã",),
        "p068": ("Văn phòng UBND tỉnh",),
        "p091": ("các ngân hàng, tổ chức tín dụng",),
        "p107": ("lực lượng Công an",),
        "p118": ("Cục Cảnh sát QLHC về TTXH", "Bộ Công an"),
    }


def test_days_and_the_monthly_report_are_those_of_the_text(from_text: Draft):
    """The same days as the plan data has; the report is due before the 15th of each month."""
    assert {(each.at, each.deadline.day.isoformat()) for each in from_text.deadlines} == {
        ("p012", "2023-05-31"),
        ("p028", "2023-07-31"),
        ("p066", "2023-06-30"),
    }
    duty = from_text.duties[0]
    assert (duty.at, duty.every, duty.day, duty.is_report) == ("p067", "month", 15, True)


def test_pilots_are_the_eight_models_and_the_plan(from_text: Draft, by_hand: Plan):
    titles = {each.code: each.title for each in from_text.pilots}

    assert {code: titles[code].strip(" .").lower() for code in titles if code != "P"} == {
        each.code: each.title.strip(" .").lower() for each in by_hand.pilots if each.code != "P"
    }


# --- Mutations: what the document says is changed together with what should be found in it.

Mutant = tuple[str, Truth]


def _text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def other_numbers(plan: Plan) -> Mutant:
    def changed(match: re.Match[str]) -> str:
        return f"{(int(match[1]) * 7) % 89 + 3}%"

    paragraphs = tuple(re.sub(r"(\d+)%", changed, each.text) for each in plan.paragraphs)
    truth = truth_of(plan)
    return _text(list(paragraphs)), Truth(paragraphs, percents_of(paragraphs), truth.assigned)


RENAMED = (
    ("Sở Xây dựng", "Sở Quy hoạch - Kiến trúc"),
    ("Sở Nội vụ", "Sở Dân tộc và Tôn giáo"),
    ("Sở Kế hoạch và Đầu tư", "Ban Quản lý các khu công nghiệp tỉnh"),
    ("Sở Ngoại vụ", "Sở Du lịch"),
    ("Thanh tra tỉnh", "Bảo hiểm xã hội tỉnh"),
    ("Sở Y tế", "Hội Liên hiệp Phụ nữ tỉnh"),
    ("UBND huyện Lục Ngạn", "UBND thị xã Mường Lay"),
    ("UBND huyện Yên Thế", "UBND quận Ô Môn"),
    ("Văn phòng UBND tỉnh", "Văn phòng Đoàn ĐBQH và HĐND tỉnh"),
    ("Bắc Giang", "Điện Biên"),
)


def other_units(plan: Plan) -> Mutant:
    def renamed(text: str) -> str:
        for old, new in RENAMED:
            text = text.replace(old, new)
        return text

    paragraphs = tuple(renamed(each.text) for each in plan.paragraphs)
    assigned = frozenset((pilot, renamed(unit)) for pilot, unit in truth_of(plan).assigned)
    return _text(list(paragraphs)), Truth(paragraphs, percents_of(paragraphs), assigned)


def other_numbering(plan: Plan) -> Mutant:
    """Roman numbers become parts, numbers jump and stand before brackets, dashes are points."""
    words = iter(["nhất", "hai", "ba", "tư"])

    def renumbered(text: str) -> str:
        if re.match(r"[IVX]+\. ", text):
            return re.sub(r"^[IVX]+\. ", f"Phần thứ {next(words)}. ", text)
        text = re.sub(r"^(\d+)\. ", lambda match: f"{int(match[1]) * 3}) ", text)
        text = re.sub(r"^(\d)\.(\d)\. ", lambda match: f"{match[1]}.{int(match[2]) + 4} ", text)
        return re.sub(r"^- (?!\+)", "– ", text)

    paragraphs = tuple(renumbered(each.text) for each in plan.paragraphs)
    return _text(list(paragraphs)), Truth(paragraphs, percents_of(paragraphs), truth_of(plan).assigned)


def other_order(plan: Plan) -> Mutant:
    """The eight models come last to first, in section III and in the annex."""
    texts = [each.text for each in plan.paragraphs]
    starts = [at for at, text in enumerate(texts) if re.match(r"\d\. Mô hình \d:", text)]
    main, annex = starts[:8], starts[8:]
    end_of_main = next(at for at in range(main[-1], len(texts)) if texts[at].startswith("(Gợi ý"))

    def reversed_blocks(begins: list[int], end: int) -> list[str]:
        bounds = [*begins, end]
        blocks = [texts[one:two] for one, two in pairwise(bounds)]
        return [text for block in reversed(blocks) for text in block]

    mixed = [
        *texts[: main[0]],
        *reversed_blocks(main, end_of_main),
        *texts[end_of_main : annex[0]],
        *reversed_blocks(annex, len(texts)),
    ]
    return _text(mixed), Truth(tuple(mixed), percents_of(tuple(mixed)), truth_of(plan).assigned)


def one_more_pilot(plan: Plan) -> Mutant:
    texts = [each.text for each in plan.paragraphs]
    at = next(at for at, text in enumerate(texts) if text.startswith("(Gợi ý"))
    texts[at:at] = [
        "11. Mô hình 9: Du lịch thông minh",
        "Đơn vị thực hiện, triển khai (03 đơn vị): Sở Du lịch; UBND thị xã Chũ; Ban Quản lý Khu du lịch Tây Yên Tử.",
    ]
    texts += [
        "9. Mô hình 9: Du lịch thông minh",
        "- Mục tiêu: 85% điểm du lịch có mã QR; tối thiểu 45% khách đặt vé trực tuyến, hoàn thành trước ngày 20/12/2023.",
    ]
    assigned = truth_of(plan).assigned | {
        ("M9", "Sở Du lịch"),
        ("M9", "UBND thị xã Chũ"),
        ("M9", "Ban Quản lý Khu du lịch Tây Yên Tử"),
    }
    return _text(texts), Truth(tuple(texts), percents_of(tuple(texts)), assigned)


@pytest.mark.parametrize("mutate", [other_numbers, other_units, other_numbering, other_order, one_more_pilot])
@pytest.mark.parametrize("form", ["text", "docx"])
def test_a_mutated_copy_is_read_as_well(mutate: Callable[[Plan], Mutant], form: str, by_hand: Plan):
    """The reader knows the form, not this plan: shares as for the plan itself."""
    text, truth = mutate(by_hand)
    draft = drafted(text if form == "text" else word_file(text))
    found = shares(draft, truth)
    print(found.line(f"{mutate.__name__}, {form}", truth))  # noqa: T201  the shares, with pytest -s

    assert found.paragraphs >= 0.95
    assert found.percents == 1.0
    assert found.assigned >= len(truth.assigned) - 1
    assert (found.false_assigned, found.false_percents) == ((), ())
    assert not_in_the_words(draft) == []
