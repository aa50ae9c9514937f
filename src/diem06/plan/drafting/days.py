"""Days and rhythms in the words of a plan: «trước ngày 30/9/2023», «quý III/2024», «đến hết năm 2025», «trước ngày 15 hằng tháng»."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from diem06.plan.drafting.draft import Every


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDay:
    """
    Words that tell a deadline, with their place in the text. `needs_year`: the day was told with the year handed in.

    `day` None: no single day can be told.
    """

    words: str
    start: int
    end: int
    day: date | None = None
    every: Every | None = None
    needs_year: bool = False


_YEAR = r"(?P<year>20\d\d)"
_LEAD_IN = (
    r"(?P<lead>(?:(?:phải |cần |xong |hoàn thành |hoàn thành xong |thực hiện xong |báo cáo |gửi )?"
    r"(?:chậm nhất(?: là)?|muộn nhất(?: là)?|trước|đến trước|xong trước|đến hết|hết|đến cuối|cuối|đến|tới|từ nay đến|kể từ nay đến|trong|xong trong|"
    r"hoàn thành trong|hoàn thành|xong|vào|thời hạn|thời gian)\s+(?:là\s+)?)+)"
)
_DAY = (
    r"(?:(?:ngày\s+)?(?P<d>\d{1,2})\s?[/.\-]\s?(?P<m>\d{1,2})(?:\s?[/.\-]\s?(?P<y>20\d\d))?(?![\d/%])"
    r"|ngày\s+(?P<d2>\d{1,2})\s+tháng\s+(?P<m2>\d{1,2})(?:\s+năm\s+(?P<y2>20\d\d))?)"
)
_MONTH = r"(?:tháng\s+(?P<month>\d{1,2})(?:(?:\s?/\s?|\s+năm\s+|-)(?P<month_year>20\d\d))?(?!\d|\s?/\s?\d))"
_QUARTER = r"(?:[Qq](?:uý|úy|uí)\s+(?P<quarter>IV|III|II|I|[1-4])\b(?:\s*(?:,|và|[-–+])\s*(?:[Qq]uý\s+)?(?P<quarter_last>IV|III|II|I)\b)*(?:(?:\s?[/\-.]\s?|\s+năm\s+|\s+)(?P<quarter_year>20\d\d))?)"
_HALF = r"(?P<half>(?:6|sáu) tháng (?P<which>đầu|cuối) năm(?:\s+(?P<half_year>20\d\d))?)"
_WHOLE = r"(?:(?:hết |cuối )?năm\s+(?P<whole>20\d\d)(?:\s?[-–]\s?(?P<whole_to>20\d\d))?)"
_SPAN = r"(?:giai đoạn\s+(?P<from>20\d\d)\s?[-–]\s?(?P<to>20\d\d))"
_THIS_YEAR = r"(?P<this_year>(?:cuối|hết|trong) năm(?! 20\d\d| \d))"
_ANY = rf"(?:{_DAY}|{_MONTH}|{_QUARTER}|{_HALF}|{_SPAN}|{_WHOLE})"
_IN_PROSE = re.compile(
    rf"{_LEAD_IN}{_ANY}(?P<deep>\s+năm\s+(?P<deep_year>20\d\d))?|(?:{_QUARTER.replace('quarter', 'q2')})|{_THIS_YEAR}",
    re.IGNORECASE,
)
_IN_CELL = re.compile(_ANY, re.IGNORECASE)
_PLAIN_YEAR = re.compile(r"(?P<first>20\d\d)(?:\s?[-–]\s?(?P<last>20\d\d))?")
_PLAIN_MONTH = re.compile(r"(?P<m>\d{1,2})\s?/\s?(?P<y>20\d\d)")

_RHYTHMS: tuple[tuple[str, Every], ...] = (
    (r"(?:h[àằ]ng|mỗi|định kỳ|theo) tuần", Every.WEEK),
    (r"(?:h[àằ]ng|mỗi|định kỳ|theo) tháng|định kỳ (?:01 |1 |một )?tháng|báo cáo tháng(?!\s*\d)", Every.MONTH),
    (r"(?:h[àằ]ng|mỗi|định kỳ|theo) qu[ýí]|tháng cuối (?:mỗi |của )?qu[ýí]|báo cáo qu[ýí](?!\s*[IVX\d])|qu[ýí]\s?/\s?lần|(?:03|3|ba) tháng(?: một)? lần", Every.QUARTER),
    (r"(?:định kỳ |h[àằ]ng )?(?:06|6|sáu) tháng(?!\s*(?:đầu|cuối) năm 20)(?:\s*(?:,|và)?\s*(?:một năm|hằng năm|hàng năm|năm))?", Every.HALF_YEAR),
    (r"(?:h[àằ]ng|mỗi|định kỳ) năm|báo cáo năm(?!\s*\d)", Every.YEAR),
    (r"[Tt]hường xuyên|[Ll]iên tục", Every.ALWAYS),
)  # fmt: skip
_RHYTHM = re.compile("|".join(f"(?P<r{at}>{pattern})" for at, (pattern, _) in enumerate(_RHYTHMS)), re.IGNORECASE)
# Days of cited documents: «Quyết định số 180/QĐ-UBND ngày 10/02/2023», «ngày 30/12/2022 của Chính phủ».
_CITED = re.compile(
    r"(?:(?:số\s*)?[\d…]*\s?[/\-][\w\-/&.…]*[A-ZĐ][\w\-/&.…]*,?\s+(?:ngày|tháng|năm)\s+[\d…]{0,2}(?:\s?[/.\-]\s?[\d…]{0,2})?(?:\s?[/.\-]\s?[\d…]{2,4})?(?:\s+tháng\s+\d{1,2})?(?:\s+năm\s+\d{4})?"
    r"|ngày\s+\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\s+của\b"
    r"|ngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}\s+của\b"
    r"|giai đoạn\s+\d{4}\s?[-–]\s?\d{4}(?:,?\s+(?:tầm nhìn|định hướng)\s+(?:đến\s+)?(?:năm\s+)?\d{4})?"
    r"|,?\s*(?:tầm nhìn|định hướng)\s+(?:đến\s+)?(?:năm\s+)?\d{4})",
    re.IGNORECASE,
)
_TITLES = re.compile(r"“[^”]{25,}”|\"[^\"]{25,}\"|«[^»]{25,}»")


@lru_cache(maxsize=512)
def masked(text: str) -> str:
    """Return the text with cited documents and quoted titles blanked out, as long as before."""
    for pattern in (_TITLES, _CITED):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _quarter(text: str) -> int:
    return {"I": 1, "II": 2, "III": 3, "IV": 4}.get(text.upper()) or int(text)


def _told(match: re.Match[str], year: int | None, *, is_before: bool) -> tuple[date | None, bool]:  # noqa: C901, PLR0911  one return for each way to write a day
    """Return the day that the words tell, and whether the year came from outside them."""
    part = match.groupdict()

    def of(name: str) -> str:
        return part.get(name) or ""

    deep = of("deep_year")
    try:
        if of("d") or of("d2"):
            own = of("y") or of("y2") or deep
            if not own and year is None:
                return None, False
            return date(int(own or year or 0), int(of("m") or of("m2")), int(of("d") or of("d2"))), not own
        if of("month"):
            own = of("month_year") or deep
            if not own and year is None:
                return None, False
            last = _last(int(own or year or 0), int(of("month")))
            return (last.replace(day=1) - timedelta(days=1) if is_before else last), not own
        if quarter := of("quarter_last") or of("q2_last") or of("quarter") or of("q2"):
            own = of("quarter_year") or of("q2_year") or deep
            if not own and year is None:
                return None, False
            last = _last(int(own or year or 0), _quarter(quarter) * 3)
            return (_last(last.year - (last.month == 3), (last.month - 4) % 12 + 1) if is_before else last), not own
        if of("half"):
            own = of("half_year") or deep
            if not own and year is None:
                return None, False
            return date(int(own or year or 0), *((6, 30) if of("which").lower() == "đầu" else (12, 31))), not own
        if of("to"):
            return date(int(of("to")), 12, 31), False
        if of("whole"):
            whole = int(of("whole_to") or of("whole"))
            return (date(whole - 1, 12, 31) if is_before else date(whole, 12, 31)), False
        if of("this_year") and year is not None:
            return date(year, 12, 31), True
    except ValueError:
        return None, False
    return None, False


@lru_cache(maxsize=512)
def days_in(text: str, year: int | None = None) -> tuple[FoundDay, ...]:
    """
    Return the deadlines in a sentence, in order. `year` is that of the plan, for days written without one.

    «trước tháng 6/2023» ends on 31/5/2023; «trước ngày 30/9» on that day. A day without words such as «trước», «đến»,
    «trong» or «hoàn thành» before it is no deadline.
    """
    return tuple(_days(_IN_PROSE, masked(text), text, year))


def _days(pattern: re.Pattern[str], plain: str, text: str, year: int | None) -> Iterator[FoundDay]:
    for match in pattern.finditer(plain):
        lead = (match.groupdict().get("lead") or "").lower()
        if re.search(r"(?:từ|bắt đầu|kể từ)\s*$", plain[: match.start()].lower()):
            continue
        is_before = bool(re.search(r"\btrước\s*$", lead.strip() + " "))
        day, needs_year = _told(match, year, is_before=is_before)
        words = text[match.start() : match.end()].strip()
        start = match.start() + (len(match[0]) - len(match[0].lstrip()))
        monthly = re.match(
            r"(?:\s*(?:,|và)\s*(?:ngày\s+)?\d{1,2}\s?/\s?\d{1,2})*\s*(?:h[àằ]ng|mỗi|của)\s+(?:tháng|quý|năm)",
            plain[match.end() :],
            re.IGNORECASE,
        )
        if monthly and (needs_year or day is None):
            continue  # «trước ngày 15/6 hằng năm» comes back each year
        yield FoundDay(words=words, start=start, end=start + len(words), day=day, needs_year=needs_year)


def cell_day(text: str, year: int | None = None) -> FoundDay | None:
    """Return the deadline that a cell or a label «Thời gian hoàn thành: ...» tells: its last day; None for an empty one."""
    words = " ".join(text.split()).strip(" .;:")
    if not words or not re.search(r"\w", words):
        return None
    found = [*_days(_IN_PROSE, words, words, year)] or [*_days(_IN_CELL, words, words, year)]
    days = [each for each in found if each.day]
    rhythm = _RHYTHM.search(words)
    every = _RHYTHMS[int((rhythm.lastgroup or "r0")[1:])][1] if rhythm else None
    day, needs_year = None, False
    if days:
        last = max(days, key=lambda each: each.day or date.min)
        day, needs_year = last.day, last.needs_year
    elif plain := _PLAIN_MONTH.fullmatch(words):
        if 1 <= int(plain["m"]) <= 12:
            day = _last(int(plain["y"]), int(plain["m"]))
    elif plain := _PLAIN_YEAR.fullmatch(words):
        day = date(int(plain["last"] or plain["first"]), 12, 31)
    if re.search(r"(?:h[àằ]ng|mỗi)\s+(?:năm|quý|tháng)", words, re.IGNORECASE) and needs_year:
        day, needs_year = None, False
    return FoundDay(words=words, start=0, end=len(words), day=day, every=every, needs_year=needs_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRhythm:
    """Words such as «hằng tháng», with the day of the month before them where there is one («trước ngày 15»)."""

    words: str
    start: int
    end: int
    every: Every
    day_words: str = ""
    day: int | None = None


_DAY_OF_MONTH = re.compile(
    r"((?:trước|chậm nhất|muộn nhất|vào|đến)?\s*(?:là\s+)?(?:trước\s+)?ngày\s+(\d{1,2})(\s?/\s?\d{1,2})?(?!\s?/\s?\d{4}))",
    re.IGNORECASE,
)


def rhythms_in(text: str) -> list[FoundRhythm]:
    """Return what comes back: «định kỳ trước ngày 15 hằng tháng», «6 tháng», «hằng quý»."""
    found = []
    plain = masked(text)
    for match in _RHYTHM.finditer(plain):
        every = _RHYTHMS[int((match.lastgroup or "r0")[1:])][1]
        near = plain[max(0, match.start() - 40) : match.end() + 45]
        offset = max(0, match.start() - 40)
        days = [each for each in _DAY_OF_MONTH.finditer(near) if 1 <= int(each[2]) <= 31]
        chosen = min(days, key=lambda each: abs(offset + each.start() - match.start()), default=None)
        found.append(
            FoundRhythm(
                words=text[match.start() : match.end()],
                start=match.start(),
                end=match.end(),
                every=every,
                day_words=chosen[1].strip() if chosen else "",
                day=int(chosen[2]) if chosen and not chosen[3] else None,
            )
        )
    return found
