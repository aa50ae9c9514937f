"""
The measures of Nghị định 30/2020/NĐ-CP, Phụ lục I: page, styles, and the length of the rules.

Where the decree gives a span, its own printed examples decide (sizes) or common practice (margins).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Literal

FONT = "Times New Roman"

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
MARGIN_TOP_MM = MARGIN_BOTTOM_MM = 20.0
MARGIN_LEFT_MM, MARGIN_RIGHT_MM = 30.0, 15.0
HEADER_MM = 7.0
"""From the page's edge to the page number: it stands in the middle of the top margin."""

FIRST_LINE_MM = 12.7
PORTRAIT_TEXT_MM = PAGE_WIDTH_MM - MARGIN_LEFT_MM - MARGIN_RIGHT_MM
LANDSCAPE_TEXT_MM = PAGE_HEIGHT_MM - MARGIN_LEFT_MM - MARGIN_RIGHT_MM

HEAD_LEFT_MM, HEAD_RIGHT_MM = 75.0, 90.0
SIGNATURE_LEFT_MM, SIGNATURE_RIGHT_MM = 80.0, 85.0
SIGNATURE_SPACE_PT = 78.0

QUOC_HIEU = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
TIEU_NGU = "Độc lập - Tự do - Hạnh phúc"

PARTIAL_RULE = 0.4
"""Length of the rule under agency and subject, of their text: the decree wants 1/3 to 1/2."""

Align = Literal["left", "center", "right", "both"]


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; points and millimetres. `line` is the line spacing in lines."""

    id: str
    name: str
    size_pt: float
    bold: bool = False
    italic: bool = False
    align: Align = "center"
    first_line_mm: float = 0
    left_mm: float = 0
    before_pt: float = 0
    after_pt: float = 0
    line: float = 1
    keep_next: bool = False
    outline: int | None = None
    grey: bool = False


BODY = Style("NoiDung", "Nội dung", 14, align="both", first_line_mm=FIRST_LINE_MM, after_pt=6, line=1.1)
STYLES = (
    Style("QuocHieu", "Quốc hiệu", 12, bold=True),
    Style("TieuNgu", "Tiêu ngữ", 13, bold=True),
    Style("CoQuanChuQuan", "Tên cơ quan chủ quản", 12),
    Style("CoQuanBanHanh", "Tên cơ quan ban hành", 12, bold=True),
    Style("SoKyHieu", "Số, ký hiệu", 13, before_pt=6),
    Style("TrichYeuCongVan", "Trích yếu công văn", 12, before_pt=6),
    Style("DiaDanhThoiGian", "Địa danh và thời gian", 13, italic=True, before_pt=6),
    Style("TenLoai", "Tên loại văn bản", 14, bold=True, before_pt=18, keep_next=True),
    Style("TrichYeu", "Trích yếu", 14, bold=True, keep_next=True),
    Style("KinhGui", "Kính gửi", 14, before_pt=6, after_pt=12),
    Style("KinhGuiDanhSach", "Kính gửi, danh sách", 14, align="left", left_mm=50, after_pt=3),
    BODY,
    Style(
        "Heading1",
        "heading 1",
        14,
        bold=True,
        align="both",
        first_line_mm=FIRST_LINE_MM,
        before_pt=6,
        after_pt=6,
        line=1.1,
        keep_next=True,
        outline=0,
    ),
    Style(
        "Heading2",
        "heading 2",
        14,
        bold=True,
        align="both",
        first_line_mm=FIRST_LINE_MM,
        after_pt=6,
        line=1.1,
        keep_next=True,
        outline=1,
    ),
    Style("QuyenHan", "Quyền hạn, chức vụ người ký", 14, bold=True, keep_next=True),
    Style("HoTen", "Họ tên người ký", 14, bold=True, before_pt=SIGNATURE_SPACE_PT),
    Style("NoiNhan", "Nơi nhận", 12, bold=True, italic=True, align="left", keep_next=True),
    Style("NoiNhanDanhSach", "Nơi nhận, danh sách", 11, align="left"),
    Style("PhuLuc", "Phụ lục", 14, bold=True, keep_next=True),
    Style("TenPhuLuc", "Tên phụ lục", 14, bold=True, keep_next=True),
    Style("KemTheo", "Kèm theo", 14, italic=True, keep_next=True),
    Style("TenBang", "Tên bảng", 13, bold=True, before_pt=6, after_pt=4, keep_next=True),
    Style("Bang", "Bảng", 12, align="left", before_pt=2, after_pt=2),
    Style("GhiChuBang", "Ghi chú bảng", 11, italic=True, align="left", before_pt=3, after_pt=3),
    Style("BieuDo", "Biểu đồ", 12, before_pt=3, after_pt=6),
    Style("SoTrang", "Số trang", 14),
    Style("SoLieuGiaDinh", "Dòng đánh dấu", 10, italic=True, grey=True),
    # Half of a point high: holds a rule, parts two tables, or carries the end of a section.
    Style("Vach", "Vạch", 1),
)


def twips(millimetres: float) -> int:
    """Return millimetres in twentieths of a point, rounded up: a margin is never short of the decree."""
    return ceil(round(millimetres * 1440 / 25.4, 3))


# Advance widths in thousandths of an em, of the regular and the bold face (Liberation Serif 2.1, whose
# metrics are those of Times New Roman). Accented letters are as wide as bare ones, but ơ and ư are wider.
_ASCII = (
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 "
    "564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 "
    "722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 "
    "278 500 500 722 500 500 444 480 200 480 541"
)
_ASCII_BOLD = (
    "250 333 555 500 500 1000 833 278 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 500 500 500 333 333 "
    "570 570 570 500 930 722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 722 556 667 722 722 1000 "
    "722 722 667 333 278 333 581 500 333 500 556 444 556 444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 "
    "333 556 500 722 500 500 444 394 220 394 520"
)
_HORN = "\u031b"


def _widths(ascii_widths: str) -> dict[str, int]:
    widths = {chr(code): int(width) for code, width in enumerate(ascii_widths.split(), start=32)}
    return widths | {"…": 1000, "đ": widths["d"], "Đ": widths["D"]}


_REGULAR, _BOLD = _widths(_ASCII), _widths(_ASCII_BOLD)


def text_width_mm(text: str, size_pt: float, *, bold: bool) -> float:
    """Return how long one line of Times New Roman is."""
    widths = _BOLD if bold else _REGULAR
    thousandths = 0
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        thousandths += widths.get(parts[0], 500) + (50 if _HORN in parts else 0)
    return thousandths / 1000 * size_pt * 25.4 / 72


def lines_of(text: str, size_pt: float, width_mm: float, *, bold: bool) -> list[str]:
    """Return `text` broken into lines of at most `width_mm`, where its words allow."""
    lines: list[str] = []
    for forced in text.split("\n"):
        line = ""
        # A number stays with the word before it: «tháng 7», «số 10».
        for word in re.split(r"\s+(?![0-9])", forced.strip()):
            longer = f"{line} {word}".strip()
            if line and text_width_mm(longer, size_pt, bold=bold) > width_mm:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def balanced_lines(text: str, size_pt: float, width_mm: float, *, bold: bool) -> list[str]:
    """Return `text` in as few lines as `width_mm` allows, but of about one length."""
    best: list[str] = []
    for forced in text.split("\n"):
        lines = lines_of(forced, size_pt, width_mm, bold=bold)
        narrower, narrower_mm = lines, width_mm
        while len(narrower) == len(lines) and narrower_mm > 0:
            lines = narrower
            narrower_mm -= 2
            narrower = lines_of(forced, size_pt, narrower_mm, bold=bold)
        best += lines
    return best


def longest_line_mm(lines: Iterable[str], size_pt: float, *, bold: bool) -> float:
    return max(text_width_mm(line, size_pt, bold=bold) for line in lines)
