"""
Numbers in running Vietnamese text, and what only looks like one.

Dates, document numbers, laws, telephone numbers, durations and list numbers are no values. A percentage is none either: it is
kept to check the two numbers beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from vnlib.text import NumberTextError, fold, parse_number

LARGEST: Final = 2**63 - 1


class MentionKind(StrEnum):
    COUNT = "count"
    PART = "part"  # the 12 of «12/15»
    WHOLE = "whole"  # the 15 of «12/15»
    PERCENT = "percent"
    DOUBTFUL = "doubtful"  # a number that can be read in two ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A number in a text, at [`starts`, `ends`). `value` is a whole number; None for a percentage, whose `share` is 0 to 1."""

    starts: int
    ends: int
    kind: MentionKind
    value: int | None = None
    share: Decimal | None = None
    counted: str = ""  # the word behind it, folded, where there is one
    places: int = 0  # decimals that a percentage was written with


_I: Final = re.IGNORECASE
_UNIT_END: Final = r"(?![^\W_])"

# Each of these is blanked before numbers are looked for.
_NO_VALUES: Final = tuple(
    re.compile(pattern, _I)
    for pattern in (
        r"\b[\w.+-]+@[\w.-]+\b",
        r"\b(?:https?://|www\.)\S+",
        r"(?:\b(?:đt|sđt|tel|fax|hotline)\b|\bđiện thoại)[\s:.]*(?:số)?[\s:.]*\+?[\d(][\d.\s()-]{6,}\d",
        r"(?<![\d.,])\(?0\d{2,3}\)?[.\s-]?\d{3,4}[.\s-]\d{3,4}(?!\d)",
        r"(?<![\d.,])0\d{9,10}(?![\d.,])",
        r"(?<![\d.,])0\d{11}(?![\d.,])",  # a citizen's number
        # documents: 123/BC-UBND, 45/2020/NĐ-CP; «Quyết định số 06», «Đề án 06»
        r"(?<![\d.,])\d+(?:/\d{4})?/[A-ZĐ]{1,8}\d*(?:[-–.][A-ZĐ]+\d*)*(?![a-zà-ỹ])",
        r"\b(?:quyết định|nghị định|nghị quyết|thông tư|chỉ thị|luật|đề án|công điện)\s+(?:liên tịch\s+)?(?:số\s*:?\s*)?\d+(?:/\S*)?",
        r"\b(?:kế hoạch|công văn|văn bản|báo cáo|thông báo|hướng dẫn|tờ trình|chương trình|giấy mời|kết luận|số)\s+số\s*:?\s*\d+(?:/\S*)?",
        r"\bđiểm\s+\d{1,3}\s*,?\s*(?=khoản|điều|mục)",
        r"\b(?:điều|khoản|phụ lục|mục|phần|chương|biểu|mẫu|mẫu số|bảng|mô hình(?: số)?|tiêu chí|nhóm|mức|mức độ|giai đoạn|loại|hạng|vòng|đợt|lần(?: thứ)?|thứ|cách|phương án|bước)\s+\d{1,3}"
        + _UNIT_END,
        # days and times
        r"(?<![\d.,])\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*(?:19|20)\d{2}(?!\d)",
        r"\bngày\s+\d{1,2}(?:\s*[/-]\s*\d{1,2})?(?:\s+tháng\s+\d{1,2}(?:\s+năm\s+\d{4})?)?",
        r"\b(?:từ|đến|hết|trước|sau|sáng|chiều)\s+\d{1,2}/\d{1,2}(?![\d/.])",
        r"\btháng\s+(?:0?[1-9]|1[0-2])(?:\s*[/-]\s*(?:19|20)\d{2})?(?![\d/]|[.,]\d)",
        r"\bquý\s+[1-4](?:\s*[/-]\s*(?:19|20)\d{2})?(?![\d/]|[.,]\d)",
        r"\b(?:năm|khóa|khoá|kỳ|nhiệm kỳ)\s+(?:19|20)\d{2}(?![\d/]|[.,]\d)",
        r"(?<![\d.,])(?:19|20)\d{2}\s*[-–]\s*(?:19|20)\d{2}(?!\d)",
        r"(?<![\d.,])\d{1,2}/(?:19|20)\d{2}(?!\d)",
        r"(?<![\d.,])\d{1,2}\s*(?:h|g|giờ)\s*\d{0,2}" + _UNIT_END,
        r"(?<![\d.,])\d{1,3}\s*(?:tháng|tuần|ngày(?! công)|giờ|phút|giây|năm)" + _UNIT_END,
        r"\b24/(?:7|24)\b",
        r"(?<![\d.,/])\d\s*cấp" + _UNIT_END,
        r"(?<![\d.,/])\d+\s*(?:tuổi|°|km|m2|m²|mm|cm)" + _UNIT_END,
    )
)
# «1.2. », «II. », «3) », «1.2 Kết quả» at the beginning: the number of a list.
_LIST_NUMBER: Final = re.compile(r"^\s*(?:[-+*•]\s*)?\d{1,2}(?:\.\d{1,2})*(?:[.)/]\s|\.?\s(?=[A-ZĐÀ-Ỵ]))")

_DIGITS: Final = r"(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?!\d)|\d+)(?:,\d+)?"
_SCALES: Final = {"trăm": 100, "nghìn": 1000, "ngàn": 1000, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_NUMBER: Final = re.compile(
    rf"(?<![\w.,/–\-−])(?<![\d]\s[/])({_DIGITS})(?:\s*(%|phần trăm\b)|\s*/\s*({_DIGITS})(?![\w/%])|\s+(trăm|nghìn|ngàn|triệu|tỷ|tỉ)\b)?(?![\w/]|[.,]\d)",
    _I,
)
_GROUPS_BY_COMMA: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_WORD_BEHIND: Final = re.compile(r"\s*([^\W\d_]+(?:\s+[^\W\d_]+)?)")


def mentions(text: str) -> list[Mention]:
    """Return the numbers of `text` that may be values, and its percentages, in order."""
    bare = _without_no_values(text)
    found = [*_in_digits(bare), *_in_words(bare)]
    found.sort(key=lambda each: each.starts)
    return list(_without_repeats(found, text))


def _without_no_values(text: str) -> str:
    listed = _LIST_NUMBER.match(text)
    bare = " " * listed.end() + text[listed.end() :] if listed else text
    for pattern in _NO_VALUES:
        bare = pattern.sub(lambda match: "\x00" * len(match.group()), bare)
    return bare


def _in_digits(text: str) -> Iterator[Mention]:
    for match in _NUMBER.finditer(text):
        digits, percent, whole, scale = match.groups()
        number = _read(digits)
        if number is None:
            continue
        starts, ends = match.span()
        if percent:
            places = len(digits.partition(",")[2])
            yield Mention(starts=starts, ends=ends, kind=MentionKind.PERCENT, share=number / 100, places=places)
        elif whole:
            yield from _pair(text, match, number)
        elif scale:
            scaled = number * _SCALES[scale.lower()]
            if scaled == scaled.to_integral_value() and scaled <= LARGEST:
                yield _count(text, starts, ends, int(scaled), MentionKind.COUNT)
        elif number == number.to_integral_value() and "," not in digits:
            # «1 234» may be one number or two.
            kind = MentionKind.DOUBTFUL if " " in digits else MentionKind.COUNT
            yield _count(text, starts, ends, int(number), kind)
        elif _GROUPS_BY_COMMA.fullmatch(digits):
            yield _count(text, starts, ends, int(digits.replace(",", "")), MentionKind.DOUBTFUL)


def _pair(text: str, match: re.Match[str], part: Decimal) -> Iterator[Mention]:
    whole = _read(match.group(3))
    if whole is None or "," in match.group(1) + match.group(3):
        return
    behind = _behind(text, match.end())
    # «14/7»: a day, unless something is counted behind it.
    if part <= 31 and whole <= 12 and not behind:
        return
    yield replace(_count(text, match.start(1), match.end(1), int(part), MentionKind.PART), counted=behind)
    yield _count(text, match.start(3), match.end(3), int(whole), MentionKind.WHOLE)


def _count(text: str, starts: int, ends: int, value: int, kind: MentionKind) -> Mention:
    if value > LARGEST:
        kind, value = MentionKind.DOUBTFUL, 0
    return Mention(starts=starts, ends=ends, kind=kind, value=value, counted=_behind(text, ends))


def _behind(text: str, ends: int) -> str:
    match = _WORD_BEHIND.match(text[ends : ends + 40])
    return fold(match.group(1)) if match else ""


def _read(digits: str) -> Decimal | None:
    try:
        return parse_number(digits, dot="thousands")
    except NumberTextError:
        return None


# -- numbers in words ------------------------------------------------------------------------------------------------
_ONES: Final = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_TENS: Final = {"mười": 10, "mươi": 10}
_PLACES: Final = {"trăm": 100, "nghìn": 1000, "ngàn": 1000, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_FILLERS: Final = {"linh", "lẻ"}
_SPELT: Final = re.compile(
    r"(?<!\w)(?:"
    + "|".join(sorted({*_ONES, *_TENS, *_PLACES, *_FILLERS}, key=len, reverse=True))
    + r")(?:\s+(?:"
    + "|".join(sorted({*_ONES, *_TENS, *_PLACES, *_FILLERS}, key=len, reverse=True))
    + r"))+(?!\w)",
    _I,
)


def _in_words(text: str) -> Iterator[Mention]:
    for match in _SPELT.finditer(text):
        words = match.group().lower().split()
        # A single word («một cửa», «ba cấp») is seldom a count; a place or a ten makes it one.
        if not any(word in _TENS or word in _PLACES for word in words) or words[0] in _FILLERS or words[0] in _PLACES:
            continue
        if re.search(r"\d\s*$", text[: match.start()]):
            continue  # «5 triệu hai trăm»: read once, by its figures
        value = _spelt(words)
        if value is not None:
            yield _count(text, match.start(), match.end(), value, MentionKind.COUNT)


def _spelt(words: list[str]) -> int | None:
    """Return what «hai trăm linh năm» says; None where the words make no number."""
    total = group = ones = 0
    for word in words:
        if word in _ONES:
            ones = _ONES[word]
        elif word == "mười":
            group, ones = group + 10, 0
        elif word == "mươi":
            if not ones:
                return None
            group, ones = group + 10 * ones, 0
        elif word == "trăm":
            group, ones = group + 100 * ones, 0
        elif word in _PLACES:
            whole = group + ones
            if not whole:
                return None
            total, group, ones = total + whole * _PLACES[word], 0, 0
    return total + group + ones


def _without_repeats(found: list[Mention], text: str) -> Iterator[Mention]:
    """«45 (bốn mươi lăm)» is one number."""
    before: Mention | None = None
    for each in found:
        if (
            before is not None
            and each.value is not None
            and each.value == before.value
            and text[before.ends : each.starts].strip() == "("
        ):
            continue
        before = each
        yield each
