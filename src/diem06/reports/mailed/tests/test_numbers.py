"""Numbers in running text, and what only looks like one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.reports.mailed.numbers import MentionKind, mentions
from vnlib.text import format_number


def _values(text: str) -> list[int]:
    return [each.value for each in mentions(text) if each.value is not None]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tiếp nhận 1.234 hồ sơ", [1234]),
        ("1,5 triệu lượt", [1_500_000]),
        ("350 triệu đồng và 1,2 tỷ đồng", [350_000_000, 1_200_000_000]),
        ("ba mươi hai hồ sơ; hai trăm linh năm người; mười lăm lớp", [32, 205, 15]),
        ("một nghìn hai trăm bốn mươi lăm hồ sơ", [1245]),
        ("05 buổi", [5]),
        ("Trong kỳ 45 (bốn mươi lăm) hồ sơ", [45]),
        ("1. Tiếp nhận 45 hồ sơ", [45]),
        ("1.2. Tiếp nhận 45 hồ sơ", [45]),
        ("quý II năm 2023 có 12 tin", [12]),
        ("12/15 đơn vị", [12, 15]),
        ("hướng dẫn 1.234 lượt người", [1234]),
    ],
)
def test_values_are_read(text: str, values: list[int]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "ngày 14/7/2023", "ngày 14 tháng 7 năm 2023", "từ 15/6 đến 14/7", "tháng 7/2023", "năm 2023", "giai đoạn 2021-2025",
        "Báo cáo số 123/BC-UBND", "Quyết định số 06/QĐ-TTg", "Nghị định 30/2020/NĐ-CP", "Đề án 06", "Công văn số 1123/UBND-VP",
        "khoản 2 Điều 5", "Phụ lục 3", "điểm 2 mục 5", "Mô hình 3", "mức 2", "nhiệm vụ theo Chỉ thị 13",
        "Điện thoại: 0204.3854.123", "0912 345 678", "0987654321", "CCCD 024090001234", "van-thu@bacgiang.gov.vn",
        "https://a.vn/2023/45", "8 giờ 30", "17h00", "24/7", "ba cấp", "một cửa", "6 tháng đầu năm", "trong 15 ngày", "C06, PC06",
        "12a", "3,5 điểm", "14 tuổi",
    ],
)  # fmt: skip
def test_what_is_no_value(text: str) -> None:
    """Dates, documents, laws, telephones, times, durations, ages, decimals and single words are no values."""
    assert _values(text) == []


def test_a_percentage_is_kept_apart_and_a_pair_is_a_part_of_a_whole() -> None:
    found = mentions("đạt 85% (1.020/1.200 hồ sơ)")
    assert [each.kind for each in found] == [MentionKind.PERCENT, MentionKind.PART, MentionKind.WHOLE]
    assert found[0].share == Decimal("0.85")
    assert (found[1].value, found[2].value) == (1020, 1200)


@pytest.mark.parametrize(("text", "value"), [("1,234 thẻ", 1234), ("số: 1 234 hồ sơ", 1234)])
def test_what_reads_in_two_ways_is_doubtful(text: str, value: int) -> None:
    found = mentions(text)
    assert [(each.kind, each.value) for each in found] == [(MentionKind.DOUBTFUL, value)]


@given(st.integers(min_value=0, max_value=10**12))
def test_any_whole_number_in_vietnamese_writing_is_read_where_it_stands(number: int) -> None:
    written = format_number(number)
    text = f"Đã tiếp nhận {written} hồ sơ."
    (found,) = mentions(text)
    assert found.value == number
    assert text[found.starts : found.ends] == written


@given(st.text(max_size=200))
def test_any_text_is_read_without_fault_and_places_hold(text: str) -> None:
    """Whatever is written: no fault, places inside the text, in order, none over another."""
    last = 0
    for each in mentions(text):
        assert last <= each.starts < each.ends <= len(text)
        last = each.ends
