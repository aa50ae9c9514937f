"""A draft as its review page shows it: the text with the words of each item, the items beside it, what is open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from diem06.core.plans.faults import fault_words
from diem06.core.plans.models import DraftedPlan
from diem06.core.ui import numbers
from diem06.plan.drafting import (
    AnyItem,
    Day,
    Draft,
    DraftAssignment,
    DraftClause,
    DraftDeadline,
    DraftDuty,
    DraftIndicator,
    DraftParagraph,
    DraftPilot,
    DraftTarget,
    FoundUnit,
    Question,
    State,
    Unsure,
    Verdict,
    apply,
    decisions_from_json,
    from_json,
    open_questions,
)
from diem06.plan.faults import Fault
from diem06.plan.model import Plan
from diem06.plan.text import occurrences

OPEN, UNSURE, ALL = "open", "unsure", "all"
DECIDED = (State.ACCEPTED, State.MENDED, State.DROPPED)


@dataclass(frozen=True)
class ItemKind:
    """How items of one kind are called, and which of their fields a person may mend."""

    name: Promise
    fields: tuple[str, ...] = ()


KINDS: Mapping[type, ItemKind] = {
    DraftClause: ItemKind(_("Điều"), ("kind", "also_kinds", "words", "pilot", "starts", "ends")),
    FoundUnit: ItemKind(_("Đơn vị"), ("name", "short", "code", "key", "kind", "level", "area", "is_group")),
    DraftPilot: ItemKind(_("Mô hình"), ("code", "title", "clause", "annex_clause")),
    DraftTarget: ItemKind(
        _("Mục tiêu"), ("value", "unit", "comparison", "counted", "deadline", "units", "clause")
    ),
    DraftAssignment: ItemKind(
        _("Việc giao"), ("task", "lead_units", "coordinate_units", "deadline", "result", "pilot", "clause")
    ),
    DraftDuty: ItemKind(_("Việc định kỳ"), ("every", "day", "who", "is_report", "clause")),
    DraftDeadline: ItemKind(_("Thời hạn"), ("deadline", "clause")),
    DraftIndicator: ItemKind(
        _("Chỉ tiêu"),
        (
            "code", "name", "counted", "kind", "numerator", "numerator_name", "denominator", "denominator_name",
            "direction", "units", "pilot", "clause",
        ),
    ),
    Unsure: ItemKind(_("Chưa chắc")),
    Question: ItemKind(_("Câu hỏi"), ("answer",)),
}  # fmt: skip

FIELD_NAMES: Mapping[str, Promise] = {
    "also_kinds": _("Đồng thời là"),
    "annex_clause": _("Điều của phụ lục"),
    "answer": _("Trả lời"),
    "area": _("Mã địa bàn"),
    "clause": _("Thuộc điều"),
    "code": _("Mã"),
    "comparison": _("So sánh"),
    "coordinate_units": _("Phối hợp"),
    "counted": _("Đếm gì"),
    "day": _("Ngày trong tháng"),
    "deadline": _("Thời hạn"),
    "denominator": _("Mã mẫu số"),
    "denominator_name": _("Mẫu số"),
    "direction": _("Chiều tốt"),
    "ends": _("Đến chữ"),
    "every": _("Lặp lại"),
    "is_group": _("Là nhóm đơn vị"),
    "is_report": _("Là báo cáo"),
    "key": _("Mã ngắn"),
    "kind": _("Loại"),
    "lead_units": _("Chủ trì"),
    "level": _("Cấp"),
    "name": _("Tên"),
    "numerator": _("Mã tử số"),
    "numerator_name": _("Tử số"),
    "pilot": _("Mô hình"),
    "result": _("Kết quả"),
    "short": _("Tên ngắn"),
    "starts": _("Từ chữ"),
    "task": _("Việc"),
    "title": _("Tên"),
    "unit": _("Đơn vị tính"),
    "units": _("Đơn vị chịu trách nhiệm"),
    "value": _("Số"),
    "who": _("Ai làm"),
    "words": _("Câu trích"),
}

WORDS: Mapping[str, Promise] = {
    # kinds of a clause
    "purpose": _("mục đích"), "requirement": _("yêu cầu"), "target": _("mục tiêu"), "condition": _("điều kiện"),
    "assignment": _("giao việc"), "deadline": _("thời hạn"), "base": _("căn cứ"), "recipient": _("nơi nhận"),
    # kinds of a unit
    "department": _("sở, phòng"), "body": _("cơ quan"), "police": _("công an"), "union": _("đoàn thể"),
    "central_body": _("cơ quan trung ương"), "district_committee": _("UBND cấp huyện"),
    "commune_committee": _("UBND cấp xã"), "school": _("trường học"), "other": _("khác"),
    "commune_committee_rule": _("mọi UBND cấp xã"),
    # levels
    "province": _("cấp tỉnh"), "district": _("cấp huyện"), "commune": _("cấp xã"),
    # kinds of an indicator
    "flow": _("phát sinh trong kỳ"), "stock": _("có đến cuối kỳ"), "distinct": _("đếm một lần mỗi đối tượng"),
    "up": _("càng nhiều càng tốt"), "down": _("càng ít càng tốt"),
    # how often
    "month": _("hằng tháng"), "quarter": _("hằng quý"), "half_year": _("6 tháng"), "year": _("hằng năm"),
    "week": _("hằng tuần"), "always": _("thường xuyên"),
}  # fmt: skip

IN_FORCE_FROM = "plan.in_force_from"
"""The question that is answered by a day."""

STATES: Mapping[State, tuple[str, str, Promise]] = {
    State.PROPOSED: ("none", "circle-dashed", _("Chưa xem")),
    State.ACCEPTED: ("met", "circle-check", _("Chấp nhận")),
    State.MENDED: ("on", "pencil", _("Đã sửa")),
    State.DROPPED: ("none", "trash", _("Đã bỏ")),
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """Words of a paragraph; `is_read`: an item was read here."""

    text: str
    is_read: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """An item beside its paragraph, as decided so far."""

    id: str
    kind: Promise
    title: str
    lines: tuple[tuple[Promise, str], ...]
    words: str
    why: str
    tone: str
    icon: str
    state: Promise
    is_decided: bool
    is_dropped: bool
    may_mend: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """A paragraph with the items that were read in it."""

    address: str
    style: str
    runs: tuple[Run, ...]
    cards: tuple[Card, ...]

    @property
    def has_several_open(self) -> bool:
        return sum(not each.is_decided for each in self.cards) > 1


@dataclass(frozen=True, kw_only=True)
class QuestionLine:
    """What the plan data still needs: the proposal, or what was answered."""

    id: str
    asks: str
    answer: str
    words: str
    at: str
    is_needed: bool
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class KindCount:
    name: Promise
    all: int
    open: int


@dataclass(frozen=True, kw_only=True)
class Review:
    """The whole page."""

    rows: tuple[Row, ...]
    questions: tuple[QuestionLine, ...]
    unsure: tuple[Card, ...]
    places: Mapping[str, str]  # paragraph of each item
    counts: tuple[KindCount, ...]
    open: int
    open_questions: int


def review(drafted: DraftedPlan, *, show: str = ALL) -> Review:
    """Return the page of a draft. `show` OPEN keeps paragraphs with something open, UNSURE those with something unsure."""
    draft, decisions = from_json(drafted.draft), decisions_from_json(drafted.decisions)
    mended = {each.id: each for each in _without_drops(draft, decisions).items()}
    cards: dict[str, list[Card]] = {}
    kinds: dict[str, type] = {}
    for item in draft.items():
        if not isinstance(item, Question):
            cards.setdefault(item.at, []).append(card(draft, mended.get(item.id, item), decisions.get(item.id)))
            kinds[item.id] = type(item)
    rows = []
    for paragraph in draft.paragraphs:
        here = cards.get(paragraph.address, [])
        if show == OPEN and all(each.is_decided for each in here):
            continue
        if show == UNSURE and not any(kinds[each.id] is Unsure for each in here):
            continue
        items = [each for each in draft.items_at(paragraph.address) if not isinstance(each, Question)]
        rows.append(
            Row(
                address=paragraph.address,
                style=paragraph.style,
                runs=tuple(_runs(paragraph, items)),
                cards=tuple(here),
            )
        )
    every = [each for here in cards.values() for each in here]
    questions = tuple(_question(each, decisions.get(each.id)) for each in draft.questions)
    return Review(
        rows=tuple(rows),
        questions=questions,
        unsure=tuple(each for each in every if kinds[each.id] is Unsure),
        places={item.id: item.at for item in draft.items()},
        counts=tuple(_counts(every, kinds)),
        open=sum(not each.is_decided for each in every),
        open_questions=len(open_questions(draft, decisions)),
    )


def row_of(drafted: DraftedPlan, address: str) -> Row:
    """Return one paragraph as decided so far. Raises KeyError."""
    for row in review(drafted).rows:
        if row.address == address:
            return row
    raise KeyError(address)


def card_of(drafted: DraftedPlan, item_id: str) -> Card:
    """Return one item as decided so far. Raises KeyError."""
    draft, decisions = from_json(drafted.draft), decisions_from_json(drafted.decisions)
    return card(draft, item_as_decided(drafted, item_id), decisions.get(item_id))


def item_as_decided(drafted: DraftedPlan, item_id: str) -> AnyItem:
    """Return an item with what a person changed of it, dropped or not. Raises KeyError."""
    draft, decisions = from_json(drafted.draft), decisions_from_json(drafted.decisions)
    return _without_drops(draft, decisions).item(item_id)


def _without_drops(draft: Draft, decisions: Mapping[str, Verdict]) -> Draft:
    """Apply the changes; what was dropped is still shown, struck through."""
    kept = {
        name: Verdict(state=State.PROPOSED, changes=verdict.changes) if verdict.state is State.DROPPED else verdict
        for name, verdict in decisions.items()
    }
    return apply(draft, kept)


def card(draft: Draft, item: AnyItem, verdict: Verdict | None) -> Card:
    """Return an item as it is shown beside its paragraph."""
    state = verdict.state if verdict else State.PROPOSED
    tone, icon, words = STATES[state]
    kind = KINDS[type(item)]
    shown = [name for name in kind.fields if name not in _NOT_SHOWN and getattr(item, name) not in _USUAL]
    return Card(
        id=item.id,
        kind=kind.name,
        title=_title(item),
        lines=tuple((FIELD_NAMES[name], value_words(draft, item, name)) for name in shown),
        words=item.words,
        why=item.why if isinstance(item, Unsure) else "",
        tone=tone,
        icon=icon,
        state=words,
        is_decided=state in DECIDED,
        is_dropped=state is State.DROPPED,
        may_mend=bool(kind.fields),
    )


# What the title says, or what only the form shows; and values that go without saying.
_NOT_SHOWN = {
    "words", "task", "title", "name", "also_kinds", "starts", "ends", "unit", "counted", "numerator",
    "denominator",
}  # fmt: skip
_USUAL = ("", (), None, False, "=", "up")


def _title(item: AnyItem) -> str:
    words = item.words
    match item:
        case DraftClause():
            words = f"{item.id} · {item.words}"
        case FoundUnit() | DraftIndicator():
            words = item.name
        case DraftPilot():
            words = f"{item.code} · {item.title}"
        case DraftTarget():
            words = f"{item.value_words} {item.counted}".strip()
        case DraftAssignment():
            words = item.task
        case DraftDuty():
            words = f"{item.every_words} {item.day_words}".strip()
        case DraftDeadline():
            words = item.deadline.words
        case _:
            pass
    return words


def value_words(draft: Draft, item: AnyItem, name: str) -> str:  # noqa: PLR0911  one return for each kind of value
    """Return a field in words: units by name, kinds in Vietnamese."""
    value = getattr(item, name)
    match value:
        case bool():
            return translated("có") if value else translated("không")
        case Decimal():
            return numbers.number(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case Day():
            if value.day:
                return f"{value.day:%d/%m/%Y}"
            return str(WORDS[value.every]) if value.every else value.words
        case tuple():
            units = {unit.id: unit.name for unit in draft.units}
            return "; ".join(str(WORDS.get(each, units.get(each, each))) for each in value)
    return str(WORDS.get(str(value), value))


def answer_words(question: Question, answer: str) -> str:
    """Return an answer as it is read: a day, kept as 2024-01-31, as 31/01/2024."""
    return _day_as(answer, "%Y-%m-%d", "%d/%m/%Y") if question.id == IN_FORCE_FROM else answer


def typed_answer(question: Question, typed: str) -> str:
    """Return an answer as it is kept; what is no day stays as it was typed."""
    return _day_as(typed, "%d/%m/%Y", "%Y-%m-%d") if question.id == IN_FORCE_FROM else typed


def _day_as(text: str, read: str, written: str) -> str:
    try:
        return datetime.strptime(text, read).strftime(written)  # noqa: DTZ007  a day, no moment
    except ValueError:
        return text


def _question(question: Question, verdict: Verdict | None) -> QuestionLine:
    answer = (verdict.changes.get("answer") if verdict else None) or question.answer
    return QuestionLine(
        id=question.id,
        asks=question.asks,
        answer=answer_words(question, answer),
        words=question.words,
        at=question.at,
        is_needed=question.is_needed,
        is_open=question.is_needed and not answer,
    )


def _counts(cards: list[Card], kinds: Mapping[str, type]) -> Iterator[KindCount]:
    every = Counter(kinds[each.id] for each in cards)
    still = Counter(kinds[each.id] for each in cards if not each.is_decided)
    for kind, named in KINDS.items():
        if every[kind]:
            yield KindCount(name=named.name, all=every[kind], open=still[kind])


def _runs(paragraph: DraftParagraph, items: Sequence[AnyItem]) -> Iterator[Run]:
    """Cut a paragraph where words of items begin and end."""
    text = paragraph.text
    spans = [span for item in items for words in _words_of(item) if (span := next(occurrences(text, words), None))]
    cuts = sorted({0, len(text), *(edge for span in spans for edge in span)})
    for left, right in pairwise(cuts):
        is_read = any(start <= left and right <= end for start, end in spans)
        yield Run(text=text[left:right].replace("**", "").replace("*", ""), is_read=is_read)


def _words_of(item: AnyItem) -> Iterator[str]:
    """Yield the words that tell an item most closely: the number of a target, not its whole sentence."""
    match item:
        case DraftClause():
            return
        case DraftTarget():
            yield item.value_words
            if item.deadline:
                yield item.deadline.words
        case DraftIndicator():
            yield item.counted
        case DraftAssignment():
            yield from (*item.lead, *item.coordinate)
            if item.deadline:
                yield item.deadline.words
        case _:
            yield item.words


# -- from the faults of the check back to items --------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class FaultLine:
    """A fault of `plan check` in words, with the item that it comes from: `item` and its paragraph, empty where none is known."""

    words: str
    where: str
    item: str
    at: str

    @property
    def anchor(self) -> str:
        return anchor_of(self.item)


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """A question that stops the load, and where on the review page it is answered."""

    asks: str
    anchor: str


def asked_lines(questions: tuple[Question, ...]) -> list[AskedLine]:
    """Return each open question; one such as `u7.area` is answered at the item `u7`."""
    return [AskedLine(asks=each.asks, anchor=anchor_of(each.id)) for each in questions]


def anchor_of(item: str) -> str:
    """Return the place of an item or question on the review page."""
    if item.startswith(("plan.", "report.")):
        return f"q-{item}"
    return f"item-{re.sub(r'^(u[0-9]+)[.]area$', lambda found: found[1], item)}"


def fault_lines(faults: tuple[Fault, ...], plan: Plan | None, drafted: DraftedPlan) -> list[FaultLine]:
    """Return each fault with the item to mend."""
    draft = _without_drops(from_json(drafted.draft), decisions_from_json(drafted.decisions))
    places = {item.id: item.at for item in draft.items()}
    lines = []
    for fault in faults:
        item = _item_of(fault.path, plan, draft)
        lines.append(FaultLine(words=fault_words(fault), where=fault.path, item=item, at=places.get(item, "")))
    return lines


_ROW = re.compile(r"(\w+)\[(\d+)\]")
_ASKED = {
    "periods.calendar": "plan.calendar",
    "periods.first": "plan.first",
    "periods.lock_days": "plan.lock_days",
    "report.title": "report.title",
    "report.place": "plan.place",
}


def _item_of(path: str, plan: Plan | None, draft: Draft) -> str:
    asked = _ASKED.get(path, f"plan.{path}")
    if any(question.id == asked for question in draft.questions):
        return asked
    found = _ROW.match(path)
    if not found or plan is None:
        return ""
    name, index = found[1], int(found[2])
    codes: dict[str, dict[str, str]] = {
        "indicator": {each.code: each.id for each in draft.indicators},
        "unit": {each.code: each.id for each in draft.units},
        "group": {each.code: each.id for each in draft.units},
        "pilot": {each.code: each.id for each in draft.pilots},
        "clause": {each.id: each.id for each in draft.clauses},
        "measure": {code: each.id for each in draft.indicators for code in (each.denominator, each.numerator)},
    }
    rows: dict[str, list[str]] = {
        "indicator": [each.code for each in plan.indicators],
        "unit": [each.code for each in plan.units],
        "group": [each.code for each in plan.groups],
        "pilot": [each.code for each in plan.pilots],
        "clause": [each.id for each in plan.clauses],
        "measure": [each.code for each in plan.measures],
        "obligation": [each.measure for each in plan.obligations],
        "assignment": [each.clause for each in plan.assignments],
        "duty": [each.clause for each in plan.duties],
    }
    codes["obligation"] = codes["measure"]
    codes["assignment"] = {each.clause: each.id for each in draft.assignments}
    codes["duty"] = codes["assignment"] | {each.clause: each.id for each in draft.duties}
    here = rows.get(name, [])
    return codes.get(name, {}).get(here[index], "") if index < len(here) else ""
