"""
Writes of places: a new one, a new term, its end, its hours, a base list.

Which kinds there are, and what may lie in what, is the pilots' business: their actions ask the roster and call these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.evidence.actions import FileError, store_file
from diem06.core.evidence.models import FileKind
from diem06.core.organisation.queries import units_on
from diem06.core.places.models import BaseList, BaseListEntry, OpeningHours, Place, PlaceTerm
from vnlib.text import fold, format_date, normalise, sort_key

CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_CODE: Final = 32
LIST_FILES: Final = (FileKind.PDF, FileKind.WORD, FileKind.EXCEL)


class PlaceError(ValueError):
    """A place or list that is not taken; the text tells the person what to change."""


@dataclass(frozen=True, kw_only=True)
class TermValues:
    """What holds of a place from a day on. `document`: number and day of the paper behind it."""

    name: str
    area: str
    unit: str
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One opening of a day of the week (0 Monday)."""

    weekday: int
    opens: time
    closes: time


@transaction.atomic
def add_place(
    *, kind: str, code: str, parent: Place | None, from_day: date, values: TermValues, at: datetime, by: int | None
) -> Place:
    """Record a place that is there from a day on. Raises PlaceError."""
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        raise PlaceError(_("Mã chỉ có chữ thường không dấu, chữ số, gạch nối; dài nhất 32 ký tự."))
    if Place.objects.filter(kind=kind, code=code).exists():
        raise PlaceError(_("Mã %(code)s đã có. Chọn mã khác.") % {"code": code})
    if parent is not None and not _is_there(parent, from_day):
        raise PlaceError(_("Nơi chứa nó chưa có hoặc đã kết thúc vào ngày này. Chọn ngày khác."))
    place = Place.objects.create(kind=kind, code=code, parent=parent, valid_from=from_day)
    _add_term(place, from_day, values, at=at, by=by)
    details = {"from": from_day, "in": parent.key if parent else "", **_plain(values)}
    record(by=by, action="place.add", object_type="place", object_id=place.key, details=details, at=at)
    return place


@transaction.atomic
def change_place(*, place: Place, from_day: date, values: TermValues, at: datetime, by: int | None) -> PlaceTerm:
    """Record what holds of a place from a day on; what held before stays. Raises PlaceError."""
    place = Place.objects.select_for_update().get(pk=place.pk)
    if not _is_there(place, from_day):
        raise PlaceError(
            _("Chọn ngày từ %(first)s và trước ngày kết thúc, nếu đã kết thúc.")
            % {"first": format_date(place.valid_from)}
        )
    if place.terms.filter(from_day=from_day).exists():
        raise PlaceError(_("Đã có thay đổi từ ngày %(day)s. Chọn ngày khác.") % {"day": format_date(from_day)})
    term = _add_term(place, from_day, values, at=at, by=by)
    details = {"from": from_day, **_plain(values)}
    record(by=by, action="place.change", object_type="place", object_id=place.key, details=details, at=at)
    return term


@transaction.atomic
def close_place(*, place: Place, valid_to: date, reason: str, at: datetime, by: int | None) -> Place:
    """End a place and all that lies in it: it is no more from the day `valid_to` on. Raises PlaceError."""
    place = Place.objects.select_for_update().get(pk=place.pk)
    if place.valid_to is not None:
        raise PlaceError(_("Nơi này đã kết thúc từ ngày %(day)s.") % {"day": format_date(place.valid_to)})
    if valid_to <= place.valid_from:
        raise PlaceError(_("Ngày kết thúc phải sau ngày bắt đầu %(day)s.") % {"day": format_date(place.valid_from)})
    if not reason.strip():
        raise PlaceError(_("Ghi lý do, số và ngày văn bản."))
    for part in place.parts.filter(valid_to=None):
        if part.valid_from >= valid_to:
            raise PlaceError(_("%(part)s bên trong bắt đầu sau ngày này. Kết thúc nó trước.") % {"part": part.code})
        close_place(place=part, valid_to=valid_to, reason=reason, at=at, by=by)
    place.valid_to = valid_to
    place.save(update_fields=["valid_to"])
    details = {"from": valid_to, "reason": reason}
    record(by=by, action="place.close", object_type="place", object_id=place.key, details=details, at=at)
    return place


@transaction.atomic
def take_back_place(*, place: Place, at: datetime, by: int | None) -> None:
    """Remove a place that was recorded by mistake and that nothing refers to. Raises PlaceError."""
    key = place.key
    if place.parts.exists() or place.base_lists.exists() or place.terms.count() > 1:
        raise PlaceError(_("Đã có dữ liệu ghi tiếp vào %(place)s nên không gỡ được.") % {"place": place.code})
    place.delete()
    record(by=by, action="place.take_back", object_type="place", object_id=key, details={}, at=at)


@transaction.atomic
def take_back_term(*, term: PlaceTerm, at: datetime, by: int | None, reason: str = "") -> None:
    """Remove the newest change of a place, recorded by mistake. Raises PlaceError."""
    newest = term.place.terms.order_by("-from_day").first()
    if newest != term or term.place.terms.count() == 1:
        raise PlaceError(_("Đã có thay đổi sau đó của %(place)s nên không gỡ được.") % {"place": term.place.code})
    details = {"from": term.from_day, "name": term.name, "area": term.area_code, "unit": term.unit_code}
    if reason.strip():
        details["reason"] = reason.strip()
    key = term.place.key
    term.delete()
    record(by=by, action="place.take_back_change", object_type="place", object_id=key, details=details, at=at)


@transaction.atomic
def set_hours(
    *, place: Place, from_day: date, openings: Sequence[Opening], at: datetime, by: int | None
) -> list[OpeningHours]:
    """Record the opening hours of a week from a day on; what was set for that very day is replaced. Raises PlaceError."""
    if not openings:
        raise PlaceError(_("Ghi giờ mở cửa của ít nhất một ngày trong tuần."))
    ordered = sorted(openings, key=lambda one: (one.weekday, one.opens))
    for first, second in zip(ordered, [*ordered[1:], None], strict=True):
        if first.closes <= first.opens:
            raise PlaceError(_("Giờ đóng cửa phải sau giờ mở cửa."))
        if second is not None and second.weekday == first.weekday and second.opens < first.closes:
            raise PlaceError(_("Hai khoảng giờ của một ngày không được chồng nhau."))
    place.hours.filter(from_day=from_day).delete()
    rows = OpeningHours.objects.bulk_create(
        OpeningHours(place=place, from_day=from_day, weekday=one.weekday, opens=one.opens, closes=one.closes)
        for one in ordered
    )
    details = {"from": from_day, "hours": [f"{one.weekday} {one.opens:%H:%M}-{one.closes:%H:%M}" for one in ordered]}
    record(by=by, action="place.hours", object_type="place", object_id=place.key, details=details, at=at)
    return rows


@transaction.atomic
def adopt_base_list(
    *,
    plan_id: str,
    scope_list: str,
    number: str,
    signed_on: date,
    from_day: date,
    title: str,
    places: Iterable[Place],
    content: bytes | None,
    file_name: str,
    at: datetime,
    by: int | None,
) -> BaseList:
    """
    Record the list of places in scope from a day on, by its document; it replaces the one before it whole.

    Raises PlaceError, also for a file that is not kept.
    """
    listed = list(dict.fromkeys(places))
    if not listed:
        raise PlaceError(_("Chọn ít nhất một nơi vào danh mục."))
    if not number.strip() or not title.strip():
        raise PlaceError(_("Ghi số và trích yếu của văn bản."))
    if signed_on > from_day:
        raise PlaceError(_("Danh mục có hiệu lực từ ngày ký trở đi."))
    if BaseList.objects.standing().filter(plan_id=plan_id, scope_list=scope_list, from_day=from_day).exists():
        raise PlaceError(_("Đã có danh mục từ ngày %(day)s. Chọn ngày khác.") % {"day": format_date(from_day)})
    if gone := [place.code for place in listed if not _is_there(place, from_day)]:
        raise PlaceError(
            _("Không có vào ngày %(day)s: %(codes)s.") % {"day": format_date(from_day), "codes": ", ".join(gone[:5])}
        )
    file = None
    if content is not None:
        try:
            file = store_file(content=content, name=file_name, allowed=LIST_FILES, at=at, by=by)
        except FileError as fault:
            raise PlaceError(str(fault)) from fault
    row = BaseList.objects.create(
        plan_id=plan_id,
        scope_list=scope_list,
        from_day=from_day,
        number=number.strip(),
        signed_on=signed_on,
        title=title.strip(),
        file=file,
        recorded_at=at,
        recorded_by_id=by,
    )
    BaseListEntry.objects.bulk_create(
        BaseListEntry(base_list=row, place=place, order=order) for order, place in enumerate(listed, start=1)
    )
    details = {
        "number": row.number,
        "signed_on": signed_on,
        "from": from_day,
        "places": len(listed),
        "file": file.sha256 if file else "",
    }
    record(
        by=by,
        action="base_list.adopt",
        object_type="base_list",
        object_id=f"{plan_id}/{scope_list}",
        details=details,
        at=at,
    )
    return row


@transaction.atomic
def take_back_base_list(*, row: BaseList, reason: str, at: datetime, by: int | None) -> BaseList:
    """
    Take back the newest base list, adopted by mistake: the one before it holds again, or none. The row stays, with the reason.

    Raises PlaceError where a later list builds on it: that one is taken back first.
    """
    row = BaseList.objects.select_for_update().get(pk=row.pk)
    if row.withdrawn_at is not None:
        raise PlaceError(_("Danh mục này đã thu hồi. Tải lại trang."))
    if not reason.strip():
        raise PlaceError(_("Ghi lý do thu hồi."))
    later = BaseList.objects.standing().filter(
        plan_id=row.plan_id, scope_list=row.scope_list, from_day__gt=row.from_day
    )
    if newest := later.order_by("-from_day").first():
        raise PlaceError(_("Đã có danh mục sau đó. Thu hồi danh mục số %(number)s trước.") % {"number": newest.number})
    row.withdrawn_at, row.withdrawn_by_id, row.withdraw_reason = at, by, reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    details = {"number": row.number, "from": row.from_day, "places": row.entries.count(), "reason": row.withdraw_reason}
    record(
        by=by,
        action="base_list.take_back",
        object_type="base_list",
        object_id=f"{row.plan_id}/{row.scope_list}",
        details=details,
        at=at,
    )
    return row


def _is_there(place: Place, day: date) -> bool:
    return place.valid_from <= day and (place.valid_to is None or day < place.valid_to)


def _add_term(place: Place, from_day: date, values: TermValues, *, at: datetime, by: int | None) -> PlaceTerm:
    name = normalise(values.name).strip()
    if not name:
        raise PlaceError(_("Ghi tên."))
    tree = areas_on(from_day)
    if values.area not in tree:
        raise PlaceError(_("Ngày này không có địa bàn mã %(code)s.") % {"code": values.area})
    if values.unit not in units_on(from_day):
        raise PlaceError(_("Ngày này không có đơn vị mã %(code)s.") % {"code": values.unit})
    if (values.latitude is None) != (values.longitude is None):
        raise PlaceError(_("Ghi cả vĩ độ và kinh độ, hoặc để trống cả hai."))
    address = normalise(values.address).strip()
    return PlaceTerm.objects.create(
        place=place,
        from_day=from_day,
        name=name,
        search_key=fold(f"{name} {address}"),
        sort_key=sort_key(name),
        area_code=values.area,
        area_valid_from=tree.get(values.area).valid_from,
        unit_code=values.unit,
        address=address,
        latitude=values.latitude,
        longitude=values.longitude,
        document=values.document.strip(),
        recorded_at=at,
        recorded_by_id=by,
    )


def _plain(values: TermValues) -> dict[str, str]:
    return {key: str(value) for key, value in asdict(values).items() if value not in ("", None)}
