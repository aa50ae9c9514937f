"""Numbers to reach in the words of a plan: «đạt 100%», «tối thiểu 60 %», «trên 3/4», «ít nhất 500 người», «từ 80% trở lên»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from diem06.plan.drafting.days import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNumber:
    """
    A number with its unit and place. `words` holds number and unit as written.

    `is_bound`: words such as «tối thiểu» or a verb such as «đạt» mark it as one to reach.
    """

    value: Decimal
    words: str
    unit: str
    comparison: str
    start: int
    end: int
    value_to: Decimal | None = None
    change: str = ""
    is_bound: bool = False
    is_past: bool = False


_N = r"\d{1,3}(?:[.\s]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_PERCENT = re.compile(
    rf"(?<![\d/.,])(?P<one>{_N})\s?%?\s?(?:[-–]|đến)\s?(?P<two>{_N})\s?(?P<unit>%|phần trăm|điểm phần trăm)"
    rf"|(?<![\d.,])(?P<single>{_N})\s?(?P<unit1>%|phần trăm|điểm phần trăm)"
)
_FRACTION = re.compile(
    r"(?<![\d/.])(?P<top>\d{1,2})/(?P<bottom>\d{1,2})(?![\d/.])(?=\s+(?:số|tổng|các|trở lên|cơ|xã|hộ|đơn|dân|người|thành|\w))"
)
# What is counted, as far as one or two words tell it: compounds first, then single words, then any two words.
_COMPOUNDS = (
    "câu lạc bộ|thủ tục hành chính|hộ gia đình|hợp tác xã|cơ sở dữ liệu|tổ dân phố|dịch vụ công|sản phẩm OCOP|lượt người|lượt khách|nghìn lượt|triệu lượt|"
    "người dân|tổ chức|tổ công|cán bộ|bác sĩ|bộ phận|bộ máy|điểm du lịch|điểm cầu|máy tính|máy quét|phòng học|trường học|nhóm hộ|con người"
)
_SINGLES = (
    "lớp|buổi|cuộc|xã|phường|hộ|ha|km|người|trường|thôn|huyện|bài|tin|đợt|ca|giường|căn|ngôi|tấn|tạ|kg|đội|tổ|nhóm|phòng|máy|bộ|cái|chiếc|video|clip|lượt|"
    "cây|con|điểm|trạm|cầu|vụ|chợ|bản|tàu|cháu|em|đồng|m2|m²|km2|MW|chương trình"
)
_UNIT = rf"(?:(?:{_COMPOUNDS})(?![^\W\d_])|(?:{_SINGLES})(?![^\W_])|[^\W\d_]+(?:\s[^\W\d_]+)?)"
_PLAIN_COUNT = re.compile(rf"(?<![\d/.,\-–])(?P<number>{_N})(?![\d/%]|[.,]\d)\s+(?P<unit>{_UNIT})")

_OF_PLACES = re.compile(
    r"\s+(?:xã|phường|thị trấn|thôn|huyện|hộ|đơn vị|trường|cơ quan|sở|chỉ tiêu|tiêu chí|bệnh viện|trạm)\b"
)

_BEFORE: tuple[tuple[str, str], ...] = (
    (
        r"(?:ít nhất|tối thiểu|thấp nhất|không dưới|không ít hơn|không thấp hơn|bằng hoặc cao hơn|tối thiểu là|≥|>=)",
        ">=",
    ),
    (r"(?:tối đa|không quá|không vượt quá|nhiều nhất|không cao hơn|không lớn hơn|≤|<=)", "<="),
    (r"(?:trên|hơn|vượt|cao hơn|lớn hơn|quá nửa|>)", ">"),
    (r"(?:dưới|thấp hơn|nhỏ hơn|còn dưới|ít hơn|<)", "<"),
)
_FILL = r"(?:\s+(?:là|đạt|có|từ|mức|được|khoảng|thêm|tỷ lệ|còn))*\s*$"
_AFTER = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}(?:trở lên|hoặc cao hơn)", re.IGNORECASE)
_AFTER_LESS = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}trở xuống", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(tăng|giảm)(?:\s+(?:ít nhất|tối thiểu|thêm|trên|bình quân|khoảng|hơn|được))*\s*$", re.IGNORECASE
)
_VERB = re.compile(
    r"(?:đạt|phấn đấu|bảo đảm|đảm bảo|hoàn thành|đạt tỷ lệ|tỷ lệ|đạt mức|đạt khoảng|tối thiểu|ít nhất|lên|thu hút|có|tổ chức|xây dựng|thành lập|đào tạo|bồi dưỡng|tập huấn|cấp|mở|lắp đặt|trang bị)(?:\s+(?:cho|được|từ|mới|khoảng|thêm|mức|trên|hơn|ít nhất|tối thiểu|thành công))*\s*$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"(?:đã (?:đạt|có|hoàn thành|thực hiện|cấp|tổ chức)|hiện (?:nay |tại )?(?:đạt|có|mới)|mới đạt|năm trước đạt|kết quả đạt)[^.;]{0,60}$",
    re.IGNORECASE,
)
# What a number counts when it is no target: numbers of documents, articles, levels, hours, names.
_NO_UNIT = frozenset(
    [
        "tháng",
        "năm",
        "ngày",
        "giờ",
        "phút",
        "tuần",
        "quý",
        "của",
        "và",
        "về",
        "là",
        "tại",
        "trong",
        "theo",
        "đến",
        "cho",
        "được",
        "có",
        "các",
        "ở",
        "từ",
        "trên",
        "với",
        "để",
        "lần",
        "cấp",
        "điều",
        "khoản",
        "điểm",
        "mục",
        "đã",
        "sẽ",
        "do",
        "hoặc",
        "nay",
        "tuổi",
    ]
)
_NO_COUNT_BEFORE = re.compile(
    r"(?:số|mô hình|mức|cấp|điều|khoản|mục|chương|phần|phụ lục|biểu|đề án|quyết định|công điện|nghị định|giai đoạn|tháng|năm|quý|ngày|"
    r"bước|nhiệm vụ|kỳ|khóa|lần|loại|nhóm|bảng|hình|đợt|trang|tổ|khu|thôn|đội|quốc lộ|tuyến|tầng|quận|phường|xã|cột|thứ|iso|chỉ thị)\s*$",
    re.IGNORECASE,
)


def number(text: str) -> Decimal:
    """Return a number written the Vietnamese way: 1.500 and 1 500 are fifteen hundred, 97,5 has a decimal comma."""
    plain = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", plain):
        plain = plain.replace(".", "")
    return Decimal(plain.replace(",", "."))


def comparison_at(text: str, start: int, end: int) -> tuple[str, str]:
    """Return how the number between start and end is compared (=, >=, >, <=, <), and «tăng» or «giảm» if it is a change."""
    before = text[max(0, start - 45) : start]
    change = _CHANGE.search(before)
    found = "="
    for pattern, sign in _BEFORE:
        if re.search(rf"(?:^|\W){pattern}{_FILL}", before, re.IGNORECASE):
            found = sign
            break
    after = text[end : end + 40]
    if _AFTER.match(after):
        found = ">="
    elif _AFTER_LESS.match(after):
        found = "<="
    return found, change[1].lower() if change else ""


@lru_cache(maxsize=512)
def percents_in(text: str) -> tuple[FoundNumber, ...]:
    """Return each percentage and each fraction such as «3/4 số hộ» in the sentence, in order."""
    plain = masked(text)
    found = []
    for match in _PERCENT.finditer(plain):
        one, two = (match["one"], match["two"]) if match["one"] else (match["single"], None)
        sign, change = comparison_at(plain, match.start(), match.end())
        found.append(
            FoundNumber(
                value=number(one),
                value_to=number(two) if two else None,
                words=text[match.start() : match.end()],
                unit=(match["unit"] or match["unit1"]),
                comparison=sign,
                change=change,
                start=match.start(),
                end=match.end(),
                is_bound=True,
                is_past=bool(_PAST.search(plain[max(0, match.start() - 120) : match.start()])),
            )
        )
    # «50%/70% mức 2» is two; 50/70 alone would be a fraction.
    for match in _FRACTION.finditer(plain):
        top, bottom = int(match["top"]), int(match["bottom"])
        if not 0 < top < bottom or any(each.start <= match.start() < each.end for each in found):
            continue
        sign, change = comparison_at(plain, match.start(), match.end())
        before = plain[max(0, match.start() - 80) : match.start()].lower()
        is_date = bottom <= 12 and re.search(r"(?:ngày|trước|tháng|đến|hết|và|,)\s*$", before)
        is_of_places = bool(_OF_PLACES.match(plain, match.end()))
        if is_date or (sign == "=" and not is_of_places and not _VERB.search(before)):
            continue
        found.append(
            FoundNumber(
                value=(Decimal(top) / Decimal(bottom)).quantize(Decimal("0.0001")).normalize(),
                words=match[0],
                unit="",
                comparison=sign,
                change=change,
                start=match.start(),
                end=match.end(),
                is_bound=True,
            )
        )
    return tuple(sorted(found, key=lambda each: each.start))


def counts_in(text: str) -> list[FoundNumber]:
    """Return each count of things («ít nhất 500 người», «12 lớp»); `is_bound` tells those that are surely to reach."""
    plain = masked(text)
    taken = [(each.start, each.end) for each in percents_in(text)]
    found = []
    for match in _PLAIN_COUNT.finditer(plain):
        start = match.start("number")
        unit = match["unit"]
        first = unit.split()[0].lower()
        before = plain[max(0, start - 120) : start]
        if any(one <= start < two for one, two in taken) or first in _NO_UNIT:
            continue
        if _NO_COUNT_BEFORE.search(before) or re.search(r"[/\-–.,]\s?$", before[-2:].strip(" ") or " "):
            continue
        if unit.split()[0][:1].isupper():
            continue
        words_of_unit = first if len(unit.split()) > 1 and unit.split()[1].lower() in _NO_UNIT else unit
        end = match.start("unit") + len(words_of_unit)
        sign, change = comparison_at(plain, start, match.end("number"))
        found.append(
            FoundNumber(
                value=number(match["number"]),
                words=text[start:end],
                unit=text[match.start("unit") : end],
                comparison=sign,
                change=change,
                start=start,
                end=end,
                is_bound=sign in {">=", "<="}
                or (sign != "=" and bool(_VERB.search(before)))
                or bool(_VERB.search(before)),
                is_past=bool(_PAST.search(before[-120:])),
            )
        )
    return found
