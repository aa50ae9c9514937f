"""What the pages about visits show."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from diem06.core.places.models import Place
from diem06.core.places.queries import place_on, terms_on
from diem06.core.ui.charts import LineChart, Point, line_chart
from diem06.core.ui.numbers import number, percent
from diem06.core.ui.tables import Table
from diem06.pilots.heritage_sites.alarms import MARKS
from diem06.pilots.heritage_sites.models import AlarmChange, ClosedBy, DayReset, Occupancy, Recount
from diem06.pilots.heritage_sites.queries.history import (
    GateDay,
    History,
    Published,
    Row,
    children,
    closings,
    gates_on,
    history,
    published,
)
from diem06.pilots.heritage_sites.queries.register import capacity_of, festivals_on, gates_of_site, points_of
from vnlib.text import format_date

BAR_WIDTH = 1000
BAR_HOLDS = 110
"""Percent of the capacity at the right end of the bar."""


@dataclass(frozen=True, kw_only=True)
class CrowdBar:
    """The bar of who is inside, with a mark for each level of the alarm; in units of its viewBox."""

    filled: int
    marks: tuple[tuple[int, int], ...]  # x, percent
    tone: str


@dataclass(frozen=True, kw_only=True)
class Inside:
    """Who is inside a place now, and how that is known. `percent` None: its capacity is not known."""

    people: int
    identified: int
    counted: int
    estimated: int
    capacity: int | None
    alarm: int
    changed_at: datetime | None

    @property
    def percent(self) -> int | None:
        return self.people * 100 // self.capacity if self.capacity else None

    @property
    def bar(self) -> CrowdBar | None:
        if self.percent is None:
            return None
        unit = BAR_WIDTH / BAR_HOLDS
        return CrowdBar(
            filled=round(min(self.percent, BAR_HOLDS) * unit),
            marks=tuple((round(mark * unit), mark) for mark in MARKS),
            tone=self.tone,
        )

    @property
    def tone(self) -> str:
        return {0: "met", 70: "on", 85: "risk"}.get(self.alarm, "miss")

    @property
    def icon(self) -> str:
        return {0: "circle-check", 70: "trending-up"}.get(self.alarm, "alert-triangle")

    @property
    def words(self) -> str:
        """What the alarm level asks for."""
        return {
            0: _("Bình thường"),
            70: _("Đông: theo dõi các cổng"),
            85: _("Rất đông: điều tiết lối vào"),
            95: _("Sắp đầy: tạm dừng từng cổng"),
            100: _("Đã đầy: dừng cho vào"),
        }[self.alarm]


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """A point or gate on the live page."""

    name: str
    is_gate: bool
    inside: Inside
    day: GateDay | None

    @property
    def out(self) -> int:
        return self.day.scanned_out + self.day.counted_out if self.day else 0


@dataclass(frozen=True, kw_only=True)
class AlarmLine:
    """An alarm that rose or fell. `name`: of the point where it was a point's, empty for the site's own."""

    change: AlarmChange
    name: str


@dataclass(frozen=True, kw_only=True)
class Live:
    """A site now. `alarm`: the highest of the site and its points."""

    name: str
    now: datetime
    inside: Inside
    parts: tuple[PartLine, ...]
    today: History
    chart: LineChart | None
    alarms: tuple[AlarmLine, ...]
    alarm: int
    published: Published
    recount: Recount | None
    reset: DayReset | None
    festivals: tuple[str, ...]


def inside_of(site: Place, row: Occupancy | None, on: date) -> Inside:
    if row is None:
        return replace(NOBODY, capacity=capacity_of(site, on))
    return inside_from(row)


NOBODY = Inside(people=0, identified=0, counted=0, estimated=0, capacity=None, alarm=0, changed_at=None)


def inside_from(row: Occupancy) -> Inside:
    return Inside(
        people=row.inside,
        identified=row.identified,
        counted=row.counted,
        estimated=row.estimated,
        capacity=row.capacity,
        alarm=row.alarm,
        changed_at=row.changed_at,
    )


def live(site: Place, *, at: datetime) -> Live:
    """Return what the live page and the big screen show of a site."""
    today = localdate(at)
    rows = {row.place_id: row for row in Occupancy.objects.filter(site=site)}
    hours = history(site, first=today, last=today, by="hour")
    own = rows.get(site.pk)
    since = own.began_at if own else at
    parts = tuple(_parts(site, rows, today))
    festivals = festivals_on(today, sites=[site.pk])
    return Live(
        name=place_on(site, today).name,
        now=at,
        inside=inside_of(site, own, today),
        parts=parts,
        today=hours,
        chart=hours_chart(hours, today) if len(hours.rows) > 1 else None,
        alarms=tuple(alarm_lines(site, first_at=since, last_at=at, on=today)[:10]),
        alarm=max((row.alarm for row in rows.values()), default=0),
        published=published(site, first=today, last=today),
        recount=Recount.objects.filter(site=site, at__gte=since, annulled_at=None).select_related("by").last(),
        reset=DayReset.objects.filter(site=site).order_by("-began_at").first(),
        festivals=tuple(each.festival.name for each in festivals),
    )


def alarm_lines(site: Place, *, first_at: datetime, last_at: datetime, on: date) -> list[AlarmLine]:
    """Return the alarms of a site and its points in a window, the last one first. Three queries."""
    changes = list(AlarmChange.objects.filter(site=site, at__gte=first_at, at__lte=last_at).order_by("-at", "-pk"))
    names = terms_on({one.place_id for one in changes} - {site.pk}, on)
    return [AlarmLine(change=one, name=names[one.place_id].name if one.place_id in names else "") for one in changes]


def _parts(site: Place, rows: dict[int, Occupancy], today: date) -> list[PartLine]:
    days = gates_on(site, today)
    gates, points = gates_of_site(site, today), points_of(site, today)
    # A gate that was closed since still has its people of today.
    gone = terms_on(days.keys() - {gate.id for gate in gates}, today).values()
    lines = []
    for place in (*points, *gates, *gone):
        row = rows.get(place.id)
        is_gate = place.id not in {point.id for point in points}
        inside = inside_from(row) if row else NOBODY
        lines.append(PartLine(name=place.name, is_gate=is_gate, inside=inside, day=days.get(place.id)))
    return lines


# -- charts and tables -----------------------------------------------------------------------------------------------
def hours_chart(hours: History, day: date) -> LineChart:
    """Draw the entries of a day hour by hour; an hour in which nobody came is 0."""
    known = {int(row.key): row for row in hours.rows}
    whole = [
        known.get(hour, Row(key=str(hour), label=f"{hour:02d}:00", identified=0))
        for hour in range(min(known), max(known) + 1)
    ]
    return _chart(
        replace(hours, rows=tuple(whole)), title=_("Lượt vào theo giờ, ngày %(day)s") % {"day": format_date(day)}
    )


def history_chart(found: History, *, first: date, last: date) -> LineChart | None:
    """Draw a history by hour or day; the others are tables with bars."""
    if found.by not in ("hour", "day") or len(found.rows) < 2:
        return None
    title = _("Lượt vào từ %(first)s đến %(last)s") % {"first": format_date(first), "last": format_date(last)}
    return _chart(found, title=title)


def _chart(found: History, *, title: str) -> LineChart:
    most = found.most
    caption = _("%(total)s lượt vào. Đông nhất: %(most)s, %(count)s lượt.") % {
        "total": number(found.total),
        "most": most.label if most else "",
        "count": number(most.total if most else 0),
    }
    points = [
        Point(label=row.label, tick=row.label[:5].lstrip("0") or "0", value=Decimal(row.total)) for row in found.rows
    ]
    chart = line_chart(points, title=title, caption=caption, is_share=False, value_head=_("Lượt vào"))
    return replace(chart, twin=table_of(found, caption=title))


def head_of(by: str) -> str:
    return {
        "hour": _("Giờ"),
        "day": _("Ngày"),
        "province": _("Nơi đăng ký khai sinh"),
        "age": _("Nhóm tuổi"),
        "sex": _("Giới tính"),
    }[by]


def table_of(found: History, *, caption: str) -> Table:
    """Return a history as a table, each row with how it was counted."""
    return Table(
        caption=caption,
        head=(head_of(found.by), _("Định danh"), _("Đếm"), _("Tổng")),
        rows=tuple((row.label, number(row.identified), number(row.counted), number(row.total)) for row in found.rows),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of a history with its share of all, and its bar: against the largest row, or in a year of days nothing would be seen."""

    row: Row
    share: Decimal
    bar: Decimal


def lines_of(found: History) -> list[Line]:
    total = found.total or 1
    most = max((row.total for row in found.rows), default=0) or 1
    return [Line(row=row, share=Decimal(row.total) / total, bar=Decimal(row.total) / most) for row in found.rows]


def method_notes(site: Place, *, first: date, last: date) -> list[str]:
    """Say how sure the figures of some days are: how many left by a scan, and what was only presumed."""
    ended = closings(site, first=first, last=last)
    total = sum(count for how, count in ended.items() if how != ClosedBy.ANNULLED)
    notes = [
        _("Định danh: đã đọc giấy tờ của từng người. Đếm: người đi cùng đoàn, trẻ em không thẻ, đếm tay tại cổng."),
        _(
            "M6.2 chỉ coi là quét mã khi mã của chính người đó được quét; "
            "người đi cùng đoàn và giấy tờ nhập tay tính là đếm tay."
        ),
    ]
    if total:
        share = percent(Decimal(ended.get(ClosedBy.EXIT, 0)) / total)
        notes.append(
            _("%(share)s lượt có quét ra; các lượt khác tự kết thúc, không tính là lượt ra.") % {"share": share}
        )
    if young := children(site, first=first, last=last):
        notes.append(_("%(count)s trẻ em không thẻ trong số đếm.") % {"count": number(young)})
    return notes


# -- Excel -----------------------------------------------------------------------------------------------------------
def history_workbook(found: History, *, site: str, first: date, last: date, notes: list[str], at: datetime) -> bytes:
    """Return a history as a workbook: A4, its head on every page, numbers as numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(_("Lượt vào"))
    bold, whole = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
    head = book.add_format({"bold": True, "bottom": 1})
    page.write_string(0, 0, site, bold)
    days = {"first": format_date(first), "last": format_date(last)}
    page.write_string(1, 0, _("Lượt vào từ %(first)s đến %(last)s") % days)
    page.write_string(2, 0, _("Lập lúc %(at)s") % {"at": f"{localtime(at):%H:%M %d/%m/%Y}"})
    columns: tuple[Any, ...] = (head_of(found.by), _("Định danh"), _("Đếm"), _("Tổng"))
    for column, words in enumerate(columns):
        page.write_string(4, column, words, head)
    line = 5
    for row in found.rows:
        page.write_string(line, 0, row.label)
        for column, value in enumerate((row.identified, row.counted, row.total), start=1):
            page.write_number(line, column, value, whole)
        line += 1
    page.write_string(line, 0, _("Cộng"), bold)
    for column, value in enumerate((found.identified, found.counted, found.total), start=1):
        page.write_number(line, column, value, whole)
    for offset, note in enumerate(notes, start=2):
        page.write_string(line + offset, 0, note)
    page.set_column(0, 0, 32)
    page.set_column(1, 3, 14)
    page.freeze_panes(5, 1)
    page.repeat_rows(4)
    page.set_paper(9)
    book.close()
    return buffer.getvalue()
