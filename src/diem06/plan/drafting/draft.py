"""
What was read out of a plan's document, as frozen data: a draft that a person accepts, mends or drops item by item.

Every item tells where it was read (`at`, the address of a paragraph) and the words that say it. What a person decided is kept
apart, as `Decisions`: a draft is never changed by a decision, so it can be read again and compared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError

from vnlib.text import plain_number

VERSION = 1
LIST_MARK = ";"  # parts the values of a list in `Verdict.changes`


class DraftError(ValueError):
    """A file that cannot be drafted, or a draft that cannot be read back. `str(error)` says what to do, in Vietnamese."""


class DecisionError(DraftError):
    """A decision that does not fit its item: `item` is the id, `field` what was to be changed ("" for the whole)."""

    def __init__(self, item: str, field_name: str, message: str) -> None:
        super().__init__(message)
        self.item = item
        self.field = field_name


class State(StrEnum):
    """What a person said of an item. `PROPOSED`: nothing yet."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MENDED = "mended"
    DROPPED = "dropped"


class Every(StrEnum):
    """How often a duty comes back; `ALWAYS` is «thường xuyên»."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    WEEK = "week"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True)
class DraftParagraph:
    """
    A paragraph of the document, or one row of a table.

    `number` is its mark («II», «1.1», «a)», «-»), written or made by Word; `above` the headings over it, outermost first.
    `cells` are the cells of a table row: `text` then is these cells joined by « | ». `table` counts tables from 1, 0: in none.
    """

    address: str  # p001, p002, ... in reading order
    style: str  # one of STYLES in plan/checks.py
    text: str
    file: str = ""  # the name of the file that it was read from
    number: str = ""
    above: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    table: int = 0


@dataclass(frozen=True, kw_only=True)
class Day:
    """
    A deadline. `day` is None where the words tell no single day («thường xuyên», «đầu năm»).

    `at` is where the words stand: the item's own paragraph, or a heading over it. `year_at` is where the year was read when
    the words leave it out («trước ngày 30/9»); empty: the words hold it.
    """

    words: str
    at: str
    day: date | None = None
    every: Every | None = None
    year_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What all items have: an id that is theirs alone in the draft, a place, and the words there."""

    id: str
    at: str
    words: str


@dataclass(frozen=True, kw_only=True)
class FoundUnit(Item):
    """
    A body that the document names. `words` is the name as first read, `also` the other spellings of it.

    `is_group`: the words mean many («các sở, ban, ngành»); `code` then is that of a group. `area` is the code of its area,
    empty while nobody knows it; `area_name` the place in its name («huyện Lục Nam»). `named` are the paragraphs that name it.
    """

    code: str
    key: str
    name: str
    short: str
    is_group: bool
    kind: str  # one of UNIT_KINDS in plan/checks.py
    level: str  # province | district | commune
    area: str = ""
    area_name: str = ""
    also: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # of a group: codes of units; the document seldom says them


@dataclass(frozen=True, kw_only=True)
class DraftClause(Item):
    """What the plan asks. `words` is how it begins, `spans` the paragraphs that it takes, in order."""

    kind: str  # one of CLAUSE_KINDS in plan/checks.py
    also_kinds: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    starts: str = ""  # the part of the only span that it takes; empty: all of it
    ends: str = ""
    pilot: str = ""  # code of a pilot


@dataclass(frozen=True, kw_only=True)
class DraftPilot(Item):
    """A model or part of the plan under which indicators show up. `units_at` is the paragraph that names who does it."""

    code: str
    title: str
    clause: str = ""
    annex_clause: str = ""
    units_at: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftTarget(Item):
    """
    A number to reach. `words` is the sentence, `value_words` the number in it («100%», «3/4», «500 người»).

    `value` is the number as written: 60 for «60%», 0.75 for «3/4»; `value_to` the other end of «80-85%». `comparison` is
    one of = >= > <= <. `counted` are the words that say what is counted. `units` are ids of found units whose result it is.
    """

    value: Decimal
    value_words: str
    unit: str  # «%», «người», ...; empty for a fraction such as 3/4
    comparison: str
    counted: str
    value_to: Decimal | None = None
    change: str = ""  # «tăng», «giảm», where the number is a difference
    deadline: Day | None = None
    clause: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DraftAssignment(Item):
    """
    A task given to somebody. `lead` and `coordinate` hold names as the document writes them.

    `lead_at` and `coordinate_at` are where these names stand: the item's own paragraph, or the heading over it.
    `lead_units` and `coordinate_units` are the ids of the found units, in the same order.
    """

    task: str
    lead: tuple[str, ...]
    lead_at: str
    coordinate: tuple[str, ...] = ()
    coordinate_at: str = ""
    lead_units: tuple[str, ...] = ()
    coordinate_units: tuple[str, ...] = ()
    deadline: Day | None = None
    result: str = ""
    clause: str = ""
    pilot: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftDuty(Item):
    """A duty that comes back: to report each month before the 15th. `who` are names as written, perhaps none."""

    every: Every
    every_words: str
    day_words: str = ""  # «trước ngày 15»
    day: int | None = None  # of the month
    who: tuple[str, ...] = ()
    is_report: bool = False
    clause: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftDeadline(Item):
    """A day that the document states, whatever it is for. `words` are those of the deadline."""

    deadline: Day
    sentence: str
    clause: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftIndicator(Item):
    """
    An indicator proposed for a target. `numerator` and `denominator` are codes of measures; no denominator: a count.

    The names of the measures are the document's words; kind and who owes them are proposals to confirm.
    """

    code: str
    target: str  # id of the target
    name: str
    counted: str
    kind: str  # stock | flow | distinct
    numerator: str
    numerator_name: str
    denominator: str = ""
    denominator_name: str = ""
    direction: str = "up"
    clause: str = ""
    pilot: str = ""
    units: tuple[str, ...] = ()  # ids of found units; none: every unit that reports


@dataclass(frozen=True, kw_only=True)
class Unsure(Item):
    """Words that may mean something, and why they were not taken. `kind`: target | assignment | deadline | unit | table | ..."""

    kind: str
    why: str  # in Vietnamese


@dataclass(frozen=True, kw_only=True)
class Question(Item):
    """
    What the plan data must hold. Its id is the key (`plan.area`). `words` are those that the proposed `answer` was read in.

    `answer` empty: the document does not say it. `is_needed`: without an answer the plan cannot be loaded.
    """

    asks: str  # in Vietnamese
    answer: str = ""
    is_needed: bool = True


AnyItem = (
    FoundUnit
    | DraftClause
    | DraftPilot
    | DraftTarget
    | DraftAssignment
    | DraftDuty
    | DraftDeadline
    | DraftIndicator
    | Unsure
    | Question
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A whole draft. Lists keep the order of the document. `files` are the names of the files that were read."""

    files: tuple[str, ...] = ()
    paragraphs: tuple[DraftParagraph, ...] = ()
    clauses: tuple[DraftClause, ...] = ()
    units: tuple[FoundUnit, ...] = ()
    pilots: tuple[DraftPilot, ...] = ()
    targets: tuple[DraftTarget, ...] = ()
    assignments: tuple[DraftAssignment, ...] = ()
    duties: tuple[DraftDuty, ...] = ()
    deadlines: tuple[DraftDeadline, ...] = ()
    indicators: tuple[DraftIndicator, ...] = ()
    unsure: tuple[Unsure, ...] = ()
    questions: tuple[Question, ...] = ()
    version: int = VERSION

    def items(self) -> Iterator[AnyItem]:
        """Yield every item that can be decided, kind by kind."""
        for name in ITEM_LISTS:
            yield from getattr(self, name)

    def item(self, item_id: str) -> AnyItem:
        """Return the item of this id; raise `KeyError` if there is none."""
        for each in self.items():
            if each.id == item_id:
                return each
        raise KeyError(item_id)

    def items_at(self, address: str) -> tuple[AnyItem, ...]:
        """Return the items that were read in a paragraph."""
        return tuple(each for each in self.items() if each.at == address)

    def paragraph(self, address: str) -> DraftParagraph:
        """Return the paragraph of this address; raise `KeyError` if there is none."""
        for each in self.paragraphs:
            if each.address == address:
                return each
        raise KeyError(address)


ITEM_LISTS = (
    "clauses",
    "units",
    "pilots",
    "targets",
    "assignments",
    "duties",
    "deadlines",
    "indicators",
    "unsure",
    "questions",
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """
    What a person decided on one item. `changes` are new values by field, as typed in a form (see `apply`).

    For a question the field is `answer`.
    """

    state: State
    changes: Mapping[str, str] = field(default_factory=dict)


Decisions = Mapping[str, Verdict]
"""Item id -> verdict. Items that are not there stay proposed."""


# Fields that a person may change, with how the typed words are read.
_FIXED = {"id", "at"}


def changeable(item: AnyItem) -> tuple[str, ...]:
    """Return the names of the fields that `Verdict.changes` may hold for the item."""
    if isinstance(item, Question):
        return ("answer",)
    return tuple(each.name for each in dataclasses.fields(item) if each.name not in _FIXED)


def field_text(item: AnyItem, name: str) -> str:
    """Return a field as the person would type it, the form that `Verdict.changes` takes."""
    value = getattr(item, name)
    match value:
        case None:
            text = ""
        case tuple():
            text = f"{LIST_MARK} ".join(str(each) for each in value)
        case bool():
            text = "true" if value else "false"
        case Decimal():
            text = plain_number(value)
        case Day():
            text = value.day.isoformat() if value.day else ""
        case _:
            text = str(value)
    return text


def apply(draft: Draft, decisions: Decisions) -> Draft:
    """
    Return the draft with dropped items left out and the changes made.

    Raises DecisionError for an id that is not there, a field that cannot be changed, or a value that does not fit it.
    """
    known = {each.id for each in draft.items()}
    for item_id in decisions:
        if item_id not in known:
            raise DecisionError(item_id, "", f"Bản thảo không có mục {item_id}. Hãy tải lại trang.")
    lists: dict[str, Any] = {
        name: tuple(
            _changed(each, decisions[each.id]) if each.id in decisions else each
            for each in getattr(draft, name)
            if each.id not in decisions or decisions[each.id].state is not State.DROPPED
        )
        for name in ITEM_LISTS
    }
    return dataclasses.replace(draft, **lists)


def _changed(item: AnyItem, verdict: Verdict) -> AnyItem:
    allowed = changeable(item)
    values: dict[str, Any] = {}
    for name, typed in verdict.changes.items():
        if name not in allowed:
            raise DecisionError(item.id, name, f"Mục {item.id} không có phần {name} để sửa.")
        values[name] = _value(item, name, typed.strip())
    return dataclasses.replace(item, **values)


def _value(item: AnyItem, name: str, typed: str) -> Any:
    kind = str(next(each.type for each in dataclasses.fields(item) if each.name == name))
    if kind.startswith("tuple"):
        return tuple(part.strip() for part in typed.split(LIST_MARK) if part.strip())
    if not typed and "None" in kind:
        return None
    value: Any = typed
    try:
        if kind.startswith("Decimal"):
            value = _finite(typed)
        elif kind.startswith("bool"):
            value = {"true": True, "false": False}[typed.lower()]
        elif kind.startswith("int"):
            value = int(typed)
        elif kind.startswith("Every"):
            value = Every(typed)
        elif kind.startswith("Day"):
            before = getattr(item, name)
            value = dataclasses.replace(
                before or Day(words=typed, at=item.at), day=date.fromisoformat(typed), every=None
            )
    except (InvalidOperation, ValueError, KeyError):
        message = f"«{typed}» không hợp với {name}. Số viết 60 hoặc 60,5; ngày viết 2024-09-30."
        raise DecisionError(item.id, name, message) from None
    return value


def _finite(typed: str) -> Decimal:
    number = Decimal(typed.replace(",", "."))
    if not number.is_finite():
        raise ValueError(typed)
    return number


# --- As JSON.


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(date, lambda day: day.isoformat())
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(Decimal, plain_number)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    return converter


_CONVERTER = _converter()


def as_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as JSON values: days as ISO text, numbers as decimal strings. `from_json` reads it back equal."""
    values: dict[str, Any] = _CONVERTER.unstructure(draft)
    return values


def from_json(values: Any) -> Draft:
    """Return the draft that `as_json` wrote. Raises DraftError for anything else."""
    draft: Draft = _structured(values, Draft)
    return draft


def decisions_as_json(decisions: Decisions) -> dict[str, Any]:
    """Return decisions as JSON values."""
    return {item_id: {"state": each.state.value, "changes": dict(each.changes)} for item_id, each in decisions.items()}


def decisions_from_json(values: Any) -> dict[str, Verdict]:
    """Return the decisions that `decisions_as_json` wrote. Raises DraftError for anything else."""
    if not isinstance(values, Mapping):
        raise DraftError("Các quyết định không đúng dạng. Hãy tải lại trang.")
    return {str(item_id): _structured(each, Verdict) for item_id, each in values.items()}


def _structured(values: Any, kind: Any) -> Any:
    try:
        found = _CONVERTER.structure(values, kind)
    except (BaseValidationError, InvalidOperation, ValueError, TypeError, KeyError, AttributeError) as error:
        told = "; ".join(transform_error(error)[:3]) if isinstance(error, BaseValidationError) else str(error)
        raise DraftError(f"Bản thảo lưu không đúng dạng: {told}.") from error
    if isinstance(found, Draft) and found.version != VERSION:
        raise DraftError(f"Bản thảo lưu theo dạng {found.version}, nay là dạng {VERSION}. Hãy đọc lại tệp.")
    return found
