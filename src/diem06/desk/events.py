"""
What a device sends, as typed data. Plain functions: no database, no clock.

A body that has another shape than the protocol's is refused with the field that is wrong. What has the right shape is kept as an
event, whatever comes of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from diem06.desk.models import How
from diem06.desk.times import read_time

MOST_IN_A_BATCH: Final = 200
LONGEST_RAW: Final = 4000
LONGEST_TEXT: Final = 300
LONGEST_CODE: Final = 40
MOST_PEOPLE: Final = 100_000
_LARGEST: Final = 2**53  # beyond it JavaScript cannot count
_KNOWN: Final = frozenset(
    {"id", "sequence", "act", "occurred_at", "offset_ms", "read", "typed", "count", "reason", "annuls", "refused"}
)


class BadBody(ValueError):
    """A body that is no event, or no batch of them. `field` says where."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a scanner or a camera read."""

    how: How  # card_qr or mrz
    raw: str


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What an operator typed, and why."""

    number: str
    name: str
    birth_year: int | None
    sex: str
    nationality: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SentEvent:
    """One event as a device sent it. `content` is its canonical JSON, by which the same body is known again."""

    id: UUID
    sequence: int
    act: str
    occurred_at: datetime
    offset_ms: int | None
    read: Read | None
    typed: Typed | None
    count: int
    reason: str
    annuls: UUID | None
    refused: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a device had in its queue when it sent, and the events that it sent; a bad one in place of an event says its field."""

    queue_length: int | None
    queue_oldest_at: datetime | None
    events: tuple[SentEvent | BadEvent, ...]


@dataclass(frozen=True, kw_only=True)
class BadEvent:
    """An element of a batch that is no event. `id` where it has one."""

    id: UUID | None
    field: str


def parse_json(body: bytes) -> Any:
    """Return what a body holds. Raises BadBody for what is no JSON, also where it is nested beyond measure."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise BadBody("body") from fault


def _no_number(_name: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def parse_event(sent: object) -> SentEvent:
    """Return the event of a JSON object. Raises BadBody."""
    if not isinstance(sent, dict):
        raise BadBody("event")
    if unknown := next((name for name in sent if name not in _KNOWN), None):
        raise BadBody(unknown[:LONGEST_CODE] if unknown.isascii() and unknown.isprintable() else "event")
    if (occurred_at := read_time(sent.get("occurred_at"))) is None:
        raise BadBody("occurred_at")
    read, typed = _read(sent.get("read")), _typed(sent.get("typed"))
    if read and typed:
        raise BadBody("typed")
    refused = _code(sent, "refused", is_needed=False)
    if refused and (read or typed):
        raise BadBody("refused")  # of a refused read only the reason is kept
    number = _uuid(sent, "id")
    annuls = None if sent.get("annuls") is None else _uuid(sent, "annuls")
    if number is None or annuls == number:
        raise BadBody("annuls" if number else "id")
    return SentEvent(
        id=number,
        sequence=_whole(sent, "sequence", least=1, most=_LARGEST),
        act=_code(sent, "act", is_needed=True),
        occurred_at=occurred_at,
        offset_ms=None if sent.get("offset_ms") is None else _whole(sent, "offset_ms", least=-_LARGEST, most=_LARGEST),
        read=read,
        typed=typed,
        count=_whole(sent, "count", least=1, most=MOST_PEOPLE, default=1),
        reason=_text(sent, "reason"),
        annuls=annuls,
        refused=refused,
        content=json.dumps(sent, sort_keys=True, separators=(",", ":"), ensure_ascii=True),
    )


def parse_batch(sent: object) -> Batch:
    """Return the batch of a JSON object. Raises BadBody for what is no batch; a bad event in it stands for itself."""
    if not isinstance(sent, dict):
        raise BadBody("body")
    queue, events = sent.get("queue") or {}, sent.get("events")
    if not isinstance(queue, dict):
        raise BadBody("queue")
    if not isinstance(events, list) or len(events) > MOST_IN_A_BATCH:
        raise BadBody("events")
    oldest = queue.get("oldest_at")
    if oldest is not None and read_time(oldest) is None:
        raise BadBody("queue.oldest_at")
    length = queue.get("length")
    return Batch(
        queue_length=None if length is None else _whole(queue, "length", least=0, most=2**31 - 1),
        queue_oldest_at=read_time(oldest),
        events=tuple(_event_or_fault(event) for event in events),
    )


def _event_or_fault(sent: object) -> SentEvent | BadEvent:
    try:
        return parse_event(sent)
    except BadBody as fault:
        try:
            number = _uuid(sent, "id") if isinstance(sent, dict) else None
        except BadBody:
            number = None
        return BadEvent(id=number, field=fault.field)


# -- fields ----------------------------------------------------------------------------------------------------------
def _read(sent: object) -> Read | None:
    if sent is None:
        return None
    if not isinstance(sent, dict) or set(sent) - {"how", "raw"}:
        raise BadBody("read")
    how, raw = sent.get("how"), sent.get("raw")
    if how not in (How.CARD_QR.value, How.MRZ.value):
        raise BadBody("read.how")
    if not isinstance(raw, str) or len(raw) > LONGEST_RAW or not _can_be_kept(raw):
        raise BadBody("read.raw")
    return Read(how=How(how), raw=raw)


def _typed(sent: object) -> Typed | None:
    if sent is None:
        return None
    if not isinstance(sent, dict) or set(sent) - {"number", "name", "birth_year", "sex", "nationality", "reason"}:
        raise BadBody("typed")
    try:
        year = None if sent.get("birth_year") is None else _whole(sent, "birth_year", least=1850, most=2200)
        texts = {name: _text(sent, name) for name in ("number", "name", "sex", "nationality", "reason")}
    except BadBody as fault:
        raise BadBody(f"typed.{fault.field}") from fault
    if texts["sex"] not in ("", "male", "female", "M", "F", "Nam", "Nữ"):
        raise BadBody("typed.sex")
    return Typed(birth_year=year, **texts)


def _uuid(sent: Mapping[str, Any], name: str) -> UUID | None:
    text = sent.get(name)
    try:
        # Its plain form alone: UUID() also takes braces, and two spellings of one id would be two bodies.
        if isinstance(text, str) and str(found := UUID(text)) == text:
            return found
    except ValueError:
        pass
    raise BadBody(name)


def _whole(sent: Mapping[str, Any], name: str, *, least: int, most: int, default: int | None = None) -> int:
    number = sent.get(name, default)
    if type(number) is not int or not least <= number <= most:
        raise BadBody(name)
    return number


def _text(sent: Mapping[str, Any], name: str) -> str:
    text = sent.get(name)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or "\x00" in text or not _can_be_kept(text):
        raise BadBody(name)
    return text.strip()


def _code(sent: Mapping[str, Any], name: str, *, is_needed: bool) -> str:
    code = sent.get(name) or ""
    is_word = (
        isinstance(code, str) and len(code) <= LONGEST_CODE and code.isascii() and code.replace("_", "a").isalnum()
    )
    if code and not is_word:
        raise BadBody(name)
    if is_needed and not code:
        raise BadBody(name)
    return str(code)


def _can_be_kept(text: str) -> bool:
    """Tell whether a text is made of whole characters: JSON can hold half of one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
