"""Plans of other provinces, districts, communes and a ministry, in other forms; what is expected was written down by hand."""

from __future__ import annotations

import pytest

from diem06.plan.drafting import Draft
from diem06.plan.drafting.tests import plans
from diem06.plan.drafting.tests.conftest import DATA, drafted
from diem06.plan.drafting.tests.truth import not_in_the_words
from vnlib.text import plain_number

FILES = (
    "chuyen-doi-so-huyen.txt",
    "phan-chuong.md",
    "lon-xon.txt",
    "bo-y-te.txt",
    "cchc-thanh-pho.txt",
    "giam-ngheo.md",
    "quyet-dinh.txt",
)
MADE = ("task_table", "auto_numbered", "target_table", "old_fonts", "units_and_targets")

# (comparison, value, unit, day or None)
TARGETS = {
    "chuyen-doi-so-huyen.txt": [
        (">=", "80", "%", None), (">", "90", "%", None), ("=", "100", "%", "2024-09-30"), (">=", "500", "người dân", "2024-09-30"),
        (">=", "75", "%", None), (">", "0.75", "", "2024-12-31"), ("=", "20", "%", None),
    ],
    "phan-chuong.md": [
        (">=", "2500000", "lượt khách", "2025-12-31"), ("=", "8", "%", "2025-12-31"), (">=", "15", "dự án", "2025-12-31"),
        ("=", "100", "%", "2026-12-31"), ("=", "85", "%", "2026-12-31"), (">=", "2", "hội nghị", None), ("=", "300", "lao động", "2026-12-31"),
    ],
    "lon-xon.txt": [
        ("=", "100", "%", "2025-12-31"), ("=", "95", "%", "2025-12-31"), ("=", "0", "%", "2025-12-31"), (">=", "90", "%", "2025-12-31"),
        ("<=", "2", "%", "2025-12-31"),
    ],
    "bo-y-te.txt": [
        ("=", "100", "%", None), (">=", "60", "%", None), ("=", "80", "%", "2024-12-31"), ("=", "100", "%", "2025-12-31"),
        (">", "30", "triệu người", None), (">=", "20", "%", None), ("=", "85", "%", None), ("=", "50", "%", None),
    ],
    "cchc-thanh-pho.txt": [
        (">=", "92", "%", None), ("=", "100", "%", None), ("<=", "3", "%", "2023-12-31"), ("<", "1.5", "%", None),
        ("=", "65", "triệu đồng", None), ("=", "1200", "ha", None), ("=", "0.8", "", None), (">=", "2", "tin", None),
    ],
    "task_table": [("=", "100", "%", None), (">=", "70", "%", None), ("=", "100", "%", "2024-06-30")],
    "auto_numbered": [("=", "75", "%", "2025-12-31"), ("=", "100", "%", "2025-12-31"), (">=", "20", "câu lạc bộ", "2025-12-31"), ("=", "90", "%", None)],
    "target_table": [
        ("=", "92", "%", "2024-12-31"), (">=", "95", "%", "2025-12-31"), ("=", "45", "Phòng", "2024-12-31"), ("=", "60", "Phòng", "2025-12-31"),
        ("<", "5", "%", "2024-12-31"), ("=", "4", "%", "2025-12-31"),
    ],
    "old_fonts": [("=", "95", "%", None)],
    "quyet-dinh.txt": [
        ("=", "90", "%", "2025-12-31"), ("=", "80", "%", "2025-12-31"), ("=", "60", "%", "2025-12-31"),
        ("=", "20", "%", "2025-12-31"), (">=", "10", "%", "2025-12-31"),
    ],
    "units_and_targets": [
        ("=", "80", "%", None), ("=", "60", "%", None), ("=", "75", "%", None), ("=", "55", "%", None),
        ("=", "120", "cán bộ", "2024-05-15"), ("=", "90", "%", "2024-12-31"),
    ],
    "giam-ngheo.md": [
        ("=", "3.5", "%", "2025-12-31"), ("=", "3", "%", "2025-12-31"), ("=", "100", "%", "2025-12-31"), (">", "95", "%", "2025-12-31"),
        ("=", "5", "mô hình", "2025-12-31"), ("=", "1500", "lượt", "2025-12-31"), (">=", "2000", "lao động", "2025-11-30"),
        ("=", "70", "%", "2025-12-31"), ("=", "32", "%", "2025-12-31"),
    ],
}  # fmt: skip
# (lead, co-ordinating, day or None)
ASSIGNMENTS = {
    "chuyen-doi-so-huyen.txt": [
        ("Phòng Văn hóa và Thông tin", "Phòng Nội vụ; Văn phòng HĐND và UBND huyện; UBND các xã, thị trấn", None),
        ("Phòng Văn hóa và Thông tin", "", "2024-03-31"),
        ("Phòng Tài chính - Kế hoạch", "các đơn vị liên quan", "2024-03-31"),
        ("Công an huyện", "UBND các xã, thị trấn", None),
        ("Ủy ban MTTQ Việt Nam huyện; các tổ chức chính trị - xã hội", "", None),
        ("UBND các xã, thị trấn", "", None),
        ("UBND các xã, thị trấn", "", None),
    ],
    "phan-chuong.md": [
        ("Sở Văn hóa, Thể thao và Du lịch", "Sở Nông nghiệp và Phát triển nông thôn; UBND các huyện, thành phố", "2024-06-30"),
        ("Sở Thông tin và Truyền thông", "Sở Văn hóa, Thể thao và Du lịch; Bảo tàng tỉnh", "2025-12-31"),
        ("Trung tâm Xúc tiến Đầu tư, Thương mại và Du lịch", "", None),
        ("Sở Tài chính", "Sở Kế hoạch và Đầu tư", None),
        ("Trường Cao đẳng nghề tỉnh", "Sở Lao động - Thương binh và Xã hội; các doanh nghiệp", "2026-12-31"),
    ],
    "lon-xon.txt": [
        ("Công chức Văn phòng - Thống kê", "", "2025-02-28"),
        ("Công chức Tài chính - Kế toán", "", None),
        ("Trạm Y tế xã; các trường học, các thôn", "", None),
        ("Công an xã", "Đoàn Thanh niên xã; Hội Liên hiệp Phụ nữ xã", None),
        ("Bộ phận Một cửa", "", "2025-12-05"),
    ],
    "bo-y-te.txt": [
        ("Cục Công nghệ thông tin", "Vụ Pháp chế; Cục Quản lý Khám, chữa bệnh", "2024-09-30"),
        ("Cục Công nghệ thông tin", "Cục Cơ sở hạ tầng và Thiết bị y tế", "2024-08-15"),
        ("Văn phòng Bộ", "Cục Công nghệ thông tin; Vụ Kế hoạch - Tài chính", "2024-12-31"),
        ("Bệnh viện Bạch Mai; Bệnh viện Chợ Rẫy", "", "2024-06-30"),
        ("Cục Công nghệ thông tin", "", None),
        ("Cục Công nghệ thông tin", "Vụ Kế hoạch - Tài chính; các đơn vị có liên quan", None),
        ("Các Vụ, Cục, Tổng cục; Văn phòng Bộ; Thanh tra Bộ", "", "2024-03-31"),
        ("Sở Y tế các tỉnh, thành phố trực thuộc Trung ương", "", None),
        ("Bảo hiểm xã hội Việt Nam", "", None),
    ],
    "cchc-thanh-pho.txt": [
        ("Phòng Nội vụ", "", "2023-12-31"),
        ("UBND các phường, xã", "", None),
        ("Văn phòng HĐND&UBND thành phố", "", "2023-06-20"),
        ("Phòng Nội vụ", "", None),
        ("Phòng Nội vụ", "", None),
        ("Phòng Tài chính - Kế hoạch", "", None),
        ("Đài Truyền thanh - Truyền hình thành phố; Trung tâm VH-TT&TT", "", None),
        ("Các cơ quan chuyên môn; UBND các xã, phường", "", "2023-02-28"),
    ],
    "task_table": [
        ("Công an huyện", "", None),
        ("Các phòng, ban, ngành; UBND các xã, thị trấn", "", None),
        ("Văn phòng HĐND và UBND huyện", "Phòng Nội vụ; Phòng Tư pháp", "2024-03-31"),
        ("Văn phòng HĐND và UBND huyện", "UBND các xã, thị trấn", None),
        ("Phòng Tài chính - Kế hoạch", "Phòng Văn hóa và Thông tin; VNPT Đông Hải", "2024-06-30"),
        ("Công an huyện", "Trạm Y tế các xã", "2024-06-30"),
        ("Công an huyện", "Phòng GD&ĐT; các trường học", "2024-11-30"),
    ],
    "auto_numbered": [
        ("Sở Y tế", "Sở Tài chính; Hội Người cao tuổi tỉnh; UBND cấp huyện", None),
        ("Sở Y tế", "", "2025-06-30"),
        ("Sở Tài chính", "", None),
        ("Bảo hiểm xã hội tỉnh", "", None),
        ("Bảo hiểm xã hội tỉnh", "", None),
    ],
    "target_table": [
        ("Phòng Giáo dục Mầm non", "", None),
        ("Phòng Kế hoạch - Tài chính", "", None),
        ("Phòng Giáo dục Mầm non", "", None),
        ("Phòng Tổ chức cán bộ", "Sở Nội vụ", "2024-09-30"),
        ("Phòng Giáo dục Mầm non", "Các phòng GDĐT; các trường mầm non", None),
    ],
    "old_fonts": [("Phòng Y tế", "Trung tâm Y tế huyện", None)],
    "quyet-dinh.txt": [
        ("Chánh Văn phòng UBND tỉnh; Giám đốc các sở; Chủ tịch UBND các huyện, thị xã, thành phố", "", None),
        ("Sở Thông tin và Truyền thông", "các ngành, địa phương", "2021-12-31"),
        ("Sở Thông tin và Truyền thông", "", "2021-12-31"),
        ("Các sở, ban, ngành cấp tỉnh; UBND các huyện, thị xã, thành phố", "", "2020-11-30"),
        ("Các sở, ban, ngành cấp tỉnh; UBND các huyện, thị xã, thành phố", "", None),
    ],
    "units_and_targets": [
        ("Phòng Nội vụ", "", "2024-02-29"),
        ("Phòng Nội vụ", "", "2024-05-15"),
        ("Trung tâm Y tế quận; Phòng Y tế", "", "2024-12-31"),
    ],
    "giam-ngheo.md": [
        ("Sở LĐ-TB&XH", "Sở TT&TT; Báo Ninh Lâm", "2025-02-28"),
        ("Sở TT&TT", "UBND các huyện", "2025-06-30"),
        ("Sở NN&PTNT; UBND các huyện, thị xã", "", "2025-12-31"),
        ("Sở Lao động - Thương binh và Xã hội", "các sở, ngành, đoàn thể; UBND các huyện, thị xã, thành phố", None),
        ("Sở Tài chính", "", None),
        ("Sở Y tế; Sở Giáo dục và Đào tạo", "", None),
        ("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh; Tỉnh đoàn; Hội LHPN tỉnh", "", None),
        ("Chủ tịch UBND các huyện, thị xã, thành phố", "", "2025-02-28"),
        ("Các cơ quan thông tấn, báo chí", "", None),
    ],
}  # fmt: skip


def draft_of(name: str) -> Draft:
    return drafted((DATA / name).read_bytes() if "." in name else getattr(plans, name)())


def day_of(item) -> str | None:
    return item.deadline.day.isoformat() if item.deadline and item.deadline.day else None


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_targets_are_those_that_a_person_finds(name):
    """Number, unit, comparison and day of each; none more, none less."""
    found = [(each.comparison, plain_number(each.value), each.unit, day_of(each)) for each in draft_of(name).targets]

    assert sorted(str(each) for each in found) == sorted(str(each) for each in TARGETS[name])


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_assignments_are_those_that_a_person_finds(name):
    found = [("; ".join(each.lead), "; ".join(each.coordinate), day_of(each)) for each in draft_of(name).assignments]

    assert found == ASSIGNMENTS[name]


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_nothing_is_made_up(name):
    assert not_in_the_words(draft_of(name)) == []


def test_what_was_reached_before_is_no_target():
    """«Tỷ lệ hồ sơ trực tuyến đạt 62%» stands under the results of last year: it is told with its words."""
    draft = draft_of("chuyen-doi-so-huyen.txt")

    assert [(each.at, each.kind) for each in draft.unsure] == [("p013", "target")]
    assert "62%" in draft.unsure[0].words


def test_results_of_a_table_are_read():
    found = {each.task: each.result for each in draft_of("task_table").assignments if each.result}

    assert found == {
        "Rà soát, sửa đổi quy chế của Bộ phận Một cửa": "Quy chế sửa đổi",
        "Công khai danh mục thủ tục hành chính": "Danh mục",
        "Làm sạch dữ liệu dân cư": "Dữ liệu",
        "Cấp căn cước cho công dân đủ điều kiện": "Thẻ căn cước",
    }


def test_the_head_tells_number_day_and_issuer():
    answers = {each.id: each.answer for each in draft_of("task_table").questions}

    assert answers["plan.number"] == "88/KH-UBND"
    assert answers["plan.in_force_from"] == "2024-02-02"
    assert answers["plan.issuer"] == "ubnd-huyen-dong-hai"
    assert answers["plan.steering_unit"] == "cong-an-huyen"


def test_duties_that_come_back_are_read_with_their_day():
    found = {(each.every.value, each.day, each.who) for each in draft_of("chuyen-doi-so-huyen.txt").duties}

    assert found == {("month", 20, ("Công an huyện",)), ("quarter", 15, ("UBND các xã, thị trấn",))}


def test_numbers_made_by_word_stand_in_the_text():
    texts = [each.text for each in draft_of("auto_numbered").paragraphs]

    assert "II. NHIỆM VỤ VÀ PHÂN CÔNG" in texts
    assert "- Tỷ lệ người cao tuổi được khám sức khỏe định kỳ đạt 75%." in texts  # 60% was deleted
    assert texts.count("Hộp chữ: 90% xã có sổ theo dõi sức khỏe.") == 1


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_lines_cut_at_a_width_are_joined_again(width, plan_text, from_text):
    """A text that was printed to 60 or 100 columns has the same paragraphs as before."""
    import textwrap

    cut = "\n".join(
        "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
        for line in plan_text.split("\n")
    )

    assert [each.text for each in drafted(cut).paragraphs] == [each.text for each in from_text.paragraphs]


def test_letters_taken_apart_and_odd_blanks_read_the_same(plan_text, from_text):
    """NFD, non-breaking spaces and soft hyphens."""
    import unicodedata

    odd = unicodedata.normalize(
        "NFD", plan_text.replace("Sở Y tế", "Sở\u00a0Y\u00adtế".replace("\u00ad", "\u00a0\u00ad"))
    )

    assert [each.lead for each in drafted(odd).assignments] == [each.lead for each in from_text.assignments]
