"""
Which number of a report belongs into which cell, by the words around it. Nothing is sure before a person says so.

A number is given a cell only where its words name the measure and each of its dimensions, its area is named, nothing says that
it is another period's or a target, and no other cell fits nearly as well. Else the cell stays open and `why` tells the reason.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from diem06.reports.mailed.numbers import Mention, MentionKind, mentions
from diem06.reports.mailed.words import features, plain
from vnlib.text import fold, plain_number

LOWEST: Final = 0.56
"""The least score for which a cell is proposed."""
MARGIN: Final = 0.08
"""How far the best cell must be ahead of the next."""
_INHERITED: Final = 0.8
"""What a word counts that stands earlier in the sentence or in the line above the list."""
_PART_MARGIN: Final = 0.65
"""The words before «11/28» often name its whole too: there the next cell must be further behind."""
MOST_OTHERS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWords:
    """
    A cell that the unit owes, in words: of its measure, of its dimension values, of what is counted, and the area's name.

    `area` is empty for the unit's own cells. `whole` names the cell that is the denominator to it. `aliases` are other names
    of the same number, such as the indicator's.
    """

    name: str
    measure: str
    dimensions: tuple[str, ...] = ()
    counted: str = ""
    area: str = ""
    is_flow: bool = False
    whole: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A number in a table cell: where it stands in the row's text, and the words of its row and column."""

    starts: int
    ends: int
    words: str
    head: str
    is_scaled: bool = False  # given in thousands or millions: only the person can say the number


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """
    A sentence, or a table row with its `spots`. `parent` is the line that the list it stands in hangs under. `skips`: what is
    said here is no result of the period (next month's tasks, proposals).
    """

    text: str
    parent: str = ""
    spots: tuple[Spot, ...] | None = None
    skips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    A number of a sentence (`sentence` is its index) and the cell it seems to belong into; `cell` is empty where only the
    person can say. `others` are the next likely cells. `why` are codes with their words: «words:hồ sơ, số hóa».
    """

    sentence: int
    starts: int
    ends: int
    value: int
    cell: str
    score: float
    why: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scored:
    cell: CellWords
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What is said about one number: its own words, what comes before it, and the words right before and behind it."""

    own: str
    lead: str
    before: str
    counted: str


# -- what a number is not ------------------------------------------------------------------------------------------
_BEFORE_OTHER: Final = re.compile(
    r"(?:tăng|giảm|vượt|thêm|thiếu|hơn so với|dự kiến|phấn đấu|chỉ tiêu|mục tiêu|kế hoạch|được giao|bình quân|trung bình)"
    r"(?:\s+(?:là|thêm|được|giao|năm|tháng|đạt|có|khoảng|so với|kỳ|trước|cùng))*\s*:?\s*\(?$"
)
_ABOUT: Final = re.compile(r"(?:khoảng|gần|hơn|trên|ước|ước tính|ước đạt|xấp xỉ|dưới|tối thiểu|ít nhất)\s*:?\s*$")
_OTHER_PERIOD: Final = re.compile(
    r"(?:tháng|kỳ|quý|năm) (?:trước|ngoái|liền kề)|cùng kỳ|so với|tháng sau|kỳ sau|tháng tới|thời gian tới|chỉ tiêu|mục tiêu|"
    r"phấn đấu|dự kiến|kế hoạch giao|được giao|đăng ký phấn đấu"
)
_CUMULATIVE: Final = re.compile(
    r"l[ũu]y kế|luỹ kế|cộng dồn|từ đầu năm|đầu năm đến|từ khi triển khai|đến nay|\d+ tháng đầu năm"
)
_NOT_YET: Final = re.compile(r"\bchưa\b|\bkhông (?:có|đăng|dùng|được|phát)\b|\btừ chối\b|\bcòn lại\b")
_STRONG_CUT: Final = re.compile(r";|\.\s|\btrong đó\b|\bbao gồm\b|\bgồm\b|\btr(?:ên|ong) tổng(?: số)?\b|\(|\)|\n")
_CUT: Final = re.compile(r",|\bvà\b|\bcòn\b|\s[-–]\s|\|")
_NEUTRAL_HEAD: Final = re.compile(
    r"^(?:kết quả|số liệu|số lượng|trong (?:kỳ|tháng)|thực hiện|kết quả thực hiện|tổng số|giá trị)", re.IGNORECASE
)


def find(sentences: Sequence[Sentence], cells: Sequence[CellWords]) -> list[Found]:
    """Return every number that may be a value, in reading order, each with the cell proposed or left open."""
    finder = _Finder(cells)
    found = [each for index, sentence in enumerate(sentences) for each in finder.of(index, sentence)]
    return _each_cell_once(found)


@dataclass(slots=True)
class _Finder:
    cells: Sequence[CellWords]
    phrases: dict[str, list[frozenset[str]]] = field(init=False)
    allowed: dict[str, frozenset[str]] = field(init=False)
    weights: dict[str, float] = field(init=False)
    areas: dict[str, re.Pattern[str]] = field(init=False)
    commas: re.Pattern[str] = field(init=False)
    by_name: Mapping[str, CellWords] = field(init=False)
    counted: frozenset[str] = field(init=False)
    used: Mapping[str, int] = field(init=False)  # in how many measures a word stands
    variants: Mapping[str, int] = field(init=False)
    _by_folded: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {cell.name: cell for cell in self.cells}
        self.phrases = {}
        self.allowed = {}
        kinds: set[frozenset[str]] = set()
        for cell in self.cells:
            texts = [_without_brackets(cell.measure), *cell.aliases]
            self.phrases[cell.name] = [features(text) for text in texts if features(text)]
            in_brackets = features(cell.measure) | {f for alias in cell.aliases for f in features(alias)}
            self.allowed[cell.name] = frozenset(in_brackets | {f for words in cell.dimensions for f in features(words)})
            kinds |= {*self.phrases[cell.name], *(features(words) for words in cell.dimensions)}
        count = Counter(feature for kind in kinds for feature in kind)
        # A pair of words tells more than the two apart.
        self.weights = {
            feature: math.log(1 + len(kinds) / number) * (1.0 if " " in feature else 0.6)
            for feature, number in count.items()
        }
        self.used = Counter(
            word for measure in {cell.measure for cell in self.cells} for word in features(measure) if " " not in word
        )
        self.variants = Counter(measure for measure, _ in {(cell.measure, cell.dimensions) for cell in self.cells})
        names = {cell.area for cell in self.cells if cell.area}
        self.areas = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in names}
        folded = Counter(_bare_area(name) for name in names)
        self._by_folded = {_bare_area(name): name for name in names if folded[_bare_area(name)] == 1}
        self.counted = frozenset(fold(cell.counted) for cell in self.cells if cell.counted)
        pairs = {
            (left.lower(), right.lower())
            for cell in self.cells
            for text in (cell.measure, *cell.aliases)
            for left, right in re.findall(r"([^\W\d_]+),\s*([^\W\d_]+)", text)
        }
        pairs |= {("bộ", "công"), ("chức", "viên"), ("bộ", "đảng"), ("viên", "công"), ("khám", "chữa")}
        inside = (rf"(?<=\b{re.escape(left)}),(?=\s*{re.escape(right)}\b)" for left, right in sorted(pairs))
        self.commas = re.compile("|".join(inside), re.IGNORECASE)

    def of(self, index: int, sentence: Sentence) -> list[Found]:
        if sentence.skips:
            return []
        if sentence.spots is not None:
            return [found for spot in sentence.spots for found in self._of_spot(index, sentence, spot)]
        return self._of_text(index, sentence)

    # -- running text ------------------------------------------------------------------------------------------------
    def _of_text(self, index: int, sentence: Sentence) -> list[Found]:
        text = sentence.text
        masked = self.commas.sub(" ", text)
        numbers = mentions(text)
        counts = [each for each in numbers if each.kind is not MentionKind.PERCENT]
        groups = _groups(counts)
        cuts = [
            0,
            *(_cut(masked, left[-1], right[0]) for left, right in pairwise(groups)),
            len(text),
        ]
        found = []
        for number, group in enumerate(groups):
            starts, ends = _clause(masked, group, cuts[number], cuts[number + 1])
            own = _blanked(masked, starts, ends, numbers)
            behind = group[-1].ends - starts
            own = own[:behind] + _SHARE_OF.sub("", own[behind:])
            place = _Place(
                own=own,
                lead=f"{sentence.parent} {_blanked(masked, 0, starts, numbers)}",
                before=text[starts : group[0].starts].lower(),
                counted=group[0].counted,
            )
            beside = [each for each in numbers if each.kind is MentionKind.PERCENT and starts <= each.starts < ends]
            found += self._of_group(index, group, place, beside)
        return found

    # -- tables ------------------------------------------------------------------------------------------------------
    def _of_spot(self, index: int, sentence: Sentence, spot: Spot) -> list[Found]:
        text = sentence.text[spot.starts : spot.ends]
        numbers = [each for each in mentions(text) if each.kind is not MentionKind.PERCENT]
        if not numbers:
            return []
        if spot.is_scaled:
            numbers = [replace(each, kind=MentionKind.DOUBTFUL) for each in numbers]
        head = "" if _NEUTRAL_HEAD.match(spot.head) else spot.head
        place = _Place(
            own=f"{self._area_words(spot.words)} . {head}", lead=f"{sentence.parent} {spot.head}", before="", counted=""
        )
        moved = [replace(each, starts=each.starts + spot.starts, ends=each.ends + spot.starts) for each in numbers]
        return [one for group in _groups(moved) for one in self._of_group(index, group, place, [])]

    # -- one number, or a part with its whole --------------------------------------------------------------------------
    def _of_group(
        self, index: int, group: tuple[Mention, ...], place: _Place, percents: Sequence[Mention]
    ) -> list[Found]:
        first = group[0]
        ranked = self._ranked(place, first)
        others = tuple(each.cell.name for each in ranked[:MOST_OTHERS])
        open_why = self._why_open(place, first, ranked)
        best = ranked[0] if ranked else None
        ratio = _ratio(group, percents)
        if ratio == "ratio_wrong":
            open_why = ratio
        if best is None or open_why:
            left = _found(first, index, why=(open_why or "unknown",), others=others)
            rest = [_found(each, index, why=("whole",), others=()) for each in group[1:]]
            return [left, *rest]
        why = [f"words:{', '.join(best.matched)}"]
        if best.cell.area:
            why.append(f"area:{best.cell.area}")
        if ratio:
            why.append(ratio)
        result = [_found(first, index, cell=best.cell.name, score=best.score, why=tuple(why), others=others[1:])]
        for each in group[1:]:
            whole = best.cell.whole
            known = "whole_of" if whole else "whole"
            result.append(_found(each, index, cell=whole, score=best.score if whole else 0.0, why=(known,), others=()))
        return result

    def _why_open(self, place: _Place, number: Mention, ranked: Sequence[_Scored]) -> str:
        """Return the first reason why the best cell is not proposed, as a code; nothing where it is."""
        best = ranked[0] if ranked else None
        reasons = {
            "doubtful": number.kind is MentionKind.DOUBTFUL,
            "unknown": best is None or best.score < LOWEST,
            "about": number.kind is not MentionKind.PART and _ABOUT.search(place.before),
            "other_period": _BEFORE_OTHER.search(place.before) or _OTHER_PERIOD.search(place.own.lower()),
            "cumulative": best and best.cell.is_flow and _CUMULATIVE.search(f"{place.lead} {place.own}".lower()),
            "sum": best and self._is_sum(best.cell, place),
            "two_cells": best and self._is_near(number, ranked),
        }
        return next((code for code, holds in reasons.items() if holds), "")

    def _is_near(self, number: Mention, ranked: Sequence[_Scored]) -> bool:
        """Does another cell fit nearly as well as the best?"""
        best = ranked[0]
        if number.kind is not MentionKind.PART:
            return len(ranked) > 1 and ranked[1].score > best.score - MARGIN
        # Its own whole may well be named beside it.
        rivals = [each for each in ranked[1:] if each.cell.name != best.cell.whole]
        return bool(rivals) and rivals[0].score > best.score * _PART_MARGIN

    def _is_sum(self, cell: CellWords, place: _Place) -> bool:
        """Do the words name more than one of the kinds that a measure is split into? Then the number is of both together."""
        if not cell.dimensions:
            return False
        own = features(self._without_areas(place.own))
        kinds = {other.dimensions for other in self.cells if other.measure == cell.measure and other.dimensions}
        return sum(1 for kind in kinds if all(self._names(words, own) for words in kind)) > 1

    def _ranked(self, place: _Place, number: Mention) -> list[_Scored]:
        here = self._areas_in(place.own)
        above = self._areas_in(place.lead)
        own_text, lead_text = self._without_areas(place.own), self._without_areas(place.lead)
        own, lead = features(own_text), features(lead_text)
        is_denied = bool(_NOT_YET.search(plain(own_text)))
        known = [feature for feature in own if feature in self.weights]
        all_known = sum(self.weights[feature] for feature in known)
        scored = []
        for cell in self.cells:
            if not _fits_area(cell, here, above):
                continue
            if is_denied and not _NOT_YET.search(plain(" ".join((cell.measure, *cell.dimensions)))):
                continue
            one = self._score(
                cell, own, lead, known, all_known, is_share=number.kind is MentionKind.PART, is_area_here=bool(here)
            )
            if one is None:
                continue
            score = one.score * self._counted_factor(cell, number.counted or place.counted)
            if score > 0.3:
                scored.append(replace(one, score=score))
        scored.sort(key=lambda each: (-each.score, each.cell.name))
        return scored

    def _score(
        self,
        cell: CellWords,
        own: frozenset[str],
        lead: frozenset[str],
        known: Sequence[str],
        all_known: float,
        *,
        is_share: bool,
        is_area_here: bool,
    ) -> _Scored | None:
        for words in cell.dimensions:
            wanted = features(words)
            if not self._names(words, own) and not (
                self.variants[cell.measure] == 1 and wanted & own & self.phrases[cell.name][0]
            ):
                return None
        best_cover, best_own = 0.0, 0.0
        matched: frozenset[str] = frozenset()
        for number, wanted in enumerate(self.phrases[cell.name]):
            cover = self._covered(wanted, own, lead)
            if number and not is_share and cover < 0.85:
                continue  # the name of a ratio names its whole too
            if self._covered(self._telling(wanted), own, lead) < 0.4:
                continue  # «hồ sơ» alone names none of the numbers of dossiers
            if cover > best_cover:
                best_cover, best_own = cover, self._covered(wanted, own, frozenset())
                matched = wanted & (own | lead)
        if best_own < 0.25 and not cell.dimensions and not (cell.area and is_area_here):
            return None
        allowed = self.allowed[cell.name]
        strange = sum(
            self.weights[each] for each in known if not allowed.issuperset(each.split()) and each not in allowed
        )
        extra = strange / all_known if all_known else 0.0
        for words in cell.dimensions:
            matched |= features(words) & own
        return _Scored(cell=cell, score=best_cover * (1 - 0.75 * extra), matched=_shown(matched))

    def _telling(self, wanted: frozenset[str]) -> frozenset[str]:
        """Return the words of a phrase that stand in the fewest measures: without one of them it is not named."""
        words = {word: self.used[word] for word in wanted if self.used[word]}
        fewest = min(words.values(), default=0)
        return frozenset(word for word, number in words.items() if number == fewest)

    def _names(self, words: str, own: frozenset[str]) -> bool:
        """Do the words beside a number name a dimension's value? «tiếp nhận trực tuyến» does not name «trực tiếp»."""
        wanted = features(words)
        pairs = frozenset(feature for feature in wanted if " " in feature)
        return (not pairs or bool(pairs & own)) and self._covered(wanted, own, frozenset()) >= 0.5

    def _covered(self, wanted: frozenset[str], own: frozenset[str], lead: frozenset[str]) -> float:
        whole = sum(self.weights[feature] for feature in wanted)
        if not whole:
            return 0.0
        got = sum(
            self.weights[feature] * (1.0 if feature in own else _INHERITED if feature in lead else 0.0)
            for feature in wanted
        )
        return got / whole

    def _counted_factor(self, cell: CellWords, behind: str) -> float:
        """What is counted stands behind the number: «12 lớp» is no number of people."""
        if not behind:
            return 1.0
        counted = fold(cell.counted)
        if counted and (behind == counted or behind.split(maxsplit=1)[0] == counted or counted.startswith(behind)):
            return 1.06
        named = plain(behind)
        if any(fold(feature) in (named, named.split()[0]) for feature in self.allowed[cell.name]):
            return 1.0
        # Another thing that this report counts, or a thing that no cell counts.
        return 0.55 if behind in self.counted or behind.split(maxsplit=1)[0] in _THINGS or behind in _THINGS else 0.9

    def _area_words(self, words: str) -> str:
        """Return a row's words with an area written as the list writes it: «XÃ NGỌC THIỆN», «Ngoc Thien» -> «Ngọc Thiện»."""
        parts = words.split(" . ")
        return " . ".join(self._by_folded.get(_bare_area(part), part) for part in parts)

    def _areas_in(self, text: str) -> list[str]:
        found = [(match.start(), name) for name, pattern in self.areas.items() if (match := pattern.search(text))]
        return [name for _, name in sorted(found)]

    def _without_areas(self, text: str) -> str:
        for pattern in self.areas.values():
            text = pattern.sub(" ", text)
        return text


_AREA_TYPE: Final = re.compile(r"^(?:xa|phuong|thi tran|huyen|thanh pho|thi xa|tt|tp|tx|p|x|h)\.?\s+")


def _bare_area(text: str) -> str:
    return _AREA_TYPE.sub("", fold(text).strip(" .:-"))


_THINGS: Final = frozenset(
    (
        "buoi", "lop", "hoi nghi", "cuoc", "van ban", "ke hoach", "to", "to cong tac", "may", "may tinh", "bo", "thiet bi",
        "dong", "tieu chi", "nhiem vu", "don vi", "xa", "phuong", "thi tran", "thon", "lan", "dot", "phan anh", "chuyen",
        "video", "tin", "bai", "giay moi", "cong van", "nguoi", "ho so", "truong", "co so", "diem", "luot", "lượt", "thu tuc",
        "giao dich", "tai khoan", "the", "hoc sinh", "sinh vien", "doan vien", "can bo", "cong dan",
    )
)  # fmt: skip


def _found(
    number: Mention,
    index: int,
    *,
    why: tuple[str, ...],
    others: tuple[str, ...],
    cell: str = "",
    score: float = 0.0,
) -> Found:
    return Found(
        sentence=index,
        starts=number.starts,
        ends=number.ends,
        value=number.value or 0,
        cell=cell,
        score=round(score, 3),
        why=why,
        others=others,
    )


def _fits_area(cell: CellWords, here: Sequence[str], above: Sequence[str]) -> bool:
    if here:
        return len(here) == 1 and cell.area == here[0]
    return cell.area == (above[-1] if above else "")


def _groups(counts: Sequence[Mention]) -> list[tuple[Mention, ...]]:
    groups: list[tuple[Mention, ...]] = []
    for each in counts:
        if each.kind is MentionKind.WHOLE and groups and groups[-1][-1].kind is MentionKind.PART:
            groups[-1] = (*groups[-1], each)
        else:
            groups.append((each,))
    return groups


def _cut(text: str, left: Mention, right: Mention) -> int:
    """Return where the words of one number end and those of the next begin."""
    between = text[left.ends : right.starts]
    # A bracket right before the number belongs to it, as «85% (1.020/1.200 hồ sơ)».
    for pattern in (_STRONG_CUT, _CUT):
        cuts = list(pattern.finditer(between))
        if cuts:
            return left.ends + cuts[-1].start()
    behind = re.match(r"\s*[^\W\d_]+(?:\s+[^\W\d_]+)?", between)
    return left.ends + (behind.end() if behind else 0)


_AFTER: Final = re.compile(r"[,;](?!\d)|\.\s")
_SHARE_OF: Final = re.compile(r"\b(?:đạt|bằng|chiếm|tương ứng|tỷ lệ)\s{2,}.*$", re.DOTALL)


def _clause(text: str, group: tuple[Mention, ...], starts: int, ends: int) -> tuple[int, int]:
    """Return what of [`starts`, `ends`) is said about the number: from the last «;» before it to the first comma behind its words."""
    begin = text.rfind(";", starts, group[0].starts)
    starts = max(starts, begin + 1)
    last = group[-1].ends
    for match in _AFTER.finditer(text, last, ends):
        if text[last : match.start()].strip(" )") or match.group() == ";":
            return starts, match.start()
    return starts, ends


def _blanked(text: str, starts: int, ends: int, numbers: Iterable[Mention]) -> str:
    """Return a part of `text` with its numbers taken out, so that words on both sides do not become a pair."""
    part = text[starts:ends]
    for each in numbers:
        if starts <= each.starts and each.ends <= ends:
            part = part[: each.starts - starts] + " " * (each.ends - each.starts) + part[each.ends - starts :]
    return part


def _ratio(group: Sequence[Mention], percents: Sequence[Mention]) -> str:
    """Hold a percentage beside a part and its whole against them: «ratio:85», «ratio_wrong», or nothing to hold."""
    if len(group) != 2 or not percents or not group[1].value or group[0].value is None:
        return ""
    if group[0].value > group[1].value:
        return "ratio_wrong"
    real = Decimal(group[0].value) / Decimal(group[1].value)
    nearest = min(percents, key=lambda each: abs((each.share or Decimal()) - real))
    share = nearest.share or Decimal()
    tolerance = Decimal(1).scaleb(-nearest.places) / 100
    return f"ratio:{plain_number(share * 100)}" if abs(share - real) <= tolerance else "ratio_wrong"


def _each_cell_once(found: Sequence[Found]) -> list[Found]:
    """One cell is proposed once: the same number again is left out, another number opens both."""
    by_cell: dict[str, list[int]] = {}
    for index, each in enumerate(found):
        if each.cell:
            by_cell.setdefault(each.cell, []).append(index)
    result: list[Found | None] = list(found)
    for cell, places in by_cell.items():
        if len(places) == 1:
            continue
        values = {found[place].value for place in places}
        best = max(places, key=lambda place: (found[place].score, -place))
        for place in places:
            if len(values) == 1:
                if place != best:
                    result[place] = None
            else:
                one = found[place]
                result[place] = replace(one, cell="", why=("twice",), others=(cell, *one.others)[:MOST_OTHERS])
    return [each for each in result if each is not None]


def _without_brackets(text: str) -> str:
    return re.sub(r"\([^)]*\)", " ", text)


def _shown(matched: frozenset[str]) -> tuple[str, ...]:
    """Return the matched words for the person: pairs first, and no word that stands in a pair."""
    pairs = sorted(feature for feature in matched if " " in feature)
    covered = {word for pair in pairs for word in pair.split()}
    return (*pairs, *sorted(feature for feature in matched if " " not in feature and feature not in covered))[:6]
