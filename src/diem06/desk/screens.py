"""What the pages about devices show."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import xlsxwriter
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core.places.models import PlaceTerm
from diem06.core.roster.desk import DeskService
from diem06.desk.models import Device, Event, EventState
from diem06.desk.queries import is_skewed
from diem06.desk.words import words_of
from vnlib.text import fold

DEVICE_SORTS: Final = ("code", "place", "seen", "queue", "missing")
EVENT_SORTS: Final = ("sequence", "occurred_at", "received_at")
SILENT_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """One device in the list."""

    device: Device
    place: str
    unit: str
    is_silent: bool  # in use, and not heard of for a day

    @property
    def is_skewed(self) -> bool:
        return is_skewed(self.device.skew_ms)

    @property
    def skew(self) -> str:
        return skew_words(self.device.skew_ms)


def device_lines(
    devices: Iterable[tuple[Device, PlaceTerm | None]],
    names: Mapping[int, str],
    *,
    now: datetime,
) -> list[DeviceLine]:
    return [
        DeviceLine(
            device=device,
            place=names[device.place_id],
            unit=term.unit_code if term else "",
            is_silent=not device.is_revoked
            and (device.last_seen_at is None or now - device.last_seen_at > SILENT_AFTER),
        )
        for device, term in devices
    ]


def narrowed(lines: Sequence[DeviceLine], *, words: str, state: str) -> list[DeviceLine]:
    """Return the lines that have all the words (folded) and the state."""
    wanted = fold(words).split()
    tests: dict[str, Any] = {
        "": lambda _line: True,
        "in_use": lambda line: not line.device.is_revoked,
        "waiting": lambda line: line.device.queue_length > 0,
        "missing": lambda line: line.device.missing > 0,
        "skewed": lambda line: line.is_skewed,
        "revoked": lambda line: line.device.is_revoked,
    }
    holds = tests.get(state, tests[""])
    return [
        line
        for line in lines
        if holds(line) and all(word in fold(f"{line.device.code} {line.device.name} {line.place}") for word in wanted)
    ]


def ordered(lines: Sequence[DeviceLine], sort: str) -> list[DeviceLine]:
    keys: dict[str, Any] = {
        "code": lambda line: line.device.pk,
        "place": lambda line: fold(line.place),
        "seen": lambda line: line.device.last_seen_at or line.device.enrolled_at,
        "queue": lambda line: line.device.queue_length,
        "missing": lambda line: line.device.missing,
    }
    return sorted(lines, key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))


def skew_words(skew_ms: int | None) -> str:
    """Say how far a clock is off: «nhanh 6 phút», «chậm 2 giây», «đúng giờ»."""
    if skew_ms is None:
        return _("chưa biết")
    seconds = abs(round(skew_ms / 1000))
    if seconds == 0:
        return _("đúng giờ")
    span = _span(seconds)
    return (_("chậm %(span)s") if skew_ms > 0 else _("nhanh %(span)s")) % {"span": span}


def _span(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(n)s giây", "%(n)s giây", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("%(n)s phút", "%(n)s phút", seconds // 60) % {"n": seconds // 60}
    if seconds < 86400:
        return ngettext("%(n)s giờ", "%(n)s giờ", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)s ngày", "%(n)s ngày", seconds // 86400) % {"n": seconds // 86400}


# -- events ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One event in the list."""

    event: Event
    act: str
    words: str
    flags: tuple[str, ...]
    skew: str
    is_skewed: bool


def event_lines(events: Iterable[Event], service: DeskService | None) -> list[EventLine]:
    return [_event_line(event, service) for event in events]


def _event_line(event: Event, service: DeskService | None) -> EventLine:
    act = service.act(event.act) if service else None
    words = service.words if service else {}
    return EventLine(
        event=event,
        act=str(act.title) if act else event.act,
        words=words_of(event.code, words) if event.code else "",
        flags=tuple(words_of(flag, words) for flag in event.flag_list),
        skew=skew_words(event.skew_ms),
        is_skewed=is_skewed(event.skew_ms),
    )


def events_narrowed(device: Device, wanted: Mapping[str, Any], sort: str) -> QuerySet[Event]:
    """Return the events of a device that a filter lets through, in the order of `sort`."""
    events = Event.objects.filter(device=device)
    if wanted.get("state"):
        events = events.filter(state=wanted["state"])
    if wanted.get("act"):
        events = events.filter(act=wanted["act"])
    if wanted.get("day"):
        events = events.filter(occurred_at__date=wanted["day"])
    return events.order_by(sort, "sequence")


def events_workbook(device: Device, lines: Iterable[EventLine]) -> bytes:
    """Return the events as an Excel file; times as times, no person in it."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet(device.code)
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
    time = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    titles = (
        (_("Số thứ tự"), 8),
        (_("Giờ trên máy"), 19),
        (_("Giờ nhận"), 19),
        (_("Lệch giờ"), 12),
        (_("Việc"), 16),
        (_("Số người"), 8),
        (_("Kết quả"), 20),
        (_("Lý do"), 40),
        (_("Ghi chú"), 40),
        (_("Mã bản ghi"), 38),
        (_("Hủy bản ghi"), 38),
    )
    for column, (title, width) in enumerate(titles):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, width)
    for row, line in enumerate(lines, start=1):
        event = line.event
        sheet.write_number(row, 0, event.sequence)
        sheet.write_datetime(row, 1, localtime(event.occurred_at).replace(tzinfo=None), time)
        sheet.write_datetime(row, 2, localtime(event.received_at).replace(tzinfo=None), time)
        sheet.write_string(row, 3, line.skew)
        sheet.write_string(row, 4, line.act)
        sheet.write_number(row, 5, event.count)
        sheet.write_string(row, 6, str(EventState(event.state).label))
        sheet.write_string(row, 7, line.words)
        sheet.write_string(row, 8, "; ".join(line.flags))
        sheet.write_string(row, 9, str(event.pk))
        sheet.write_string(row, 10, str(event.annuls or ""))
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
