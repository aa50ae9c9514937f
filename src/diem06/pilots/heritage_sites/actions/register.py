"""
Writes of the register: sites, points and gates; capacity, rules, hours, festivals, equipment; the base list.

Whatever decides the facts of `heritage_sites` (base list, term, end, equipment step) brings them up to date in its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, models, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.places import actions as places
from diem06.core.places.actions import Opening, PlaceError, TermValues
from diem06.core.places.models import BaseList, OpeningHours, Place, PlaceTerm
from diem06.core.places.queries import base_list_on, base_lists, listed_in
from diem06.core.roster import place_kinds
from diem06.pilots.heritage_sites.apps import GATE, SITE, HeritageSitesConfig
from diem06.pilots.heritage_sites.facts import refresh
from diem06.pilots.heritage_sites.models import (
    Capacity,
    EquipmentStep,
    Exit,
    Festival,
    FestivalCalendar,
    SiteFact,
    SiteRule,
    Step,
)
from diem06.plan.model import Plan
from vnlib.text import format_date


class RegisterError(PlaceError):
    """Something that the register does not take; the text tells the person what to change."""


# -- places ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_place(
    *,
    kind: str,
    code: str,
    parent: Place | None = None,
    from_day: date,
    values: TermValues,
    at: datetime,
    by: int | None,
) -> Place:
    """Record a site, a point of a site, or a gate of either. Raises PlaceError."""
    parents = place_kinds()[kind].parents
    if (parent.kind if parent else "") not in (parents or ("",)):
        raise RegisterError(_("Chọn nơi chứa nó: điểm thành phần nằm trong di tích, cổng nằm trong điểm hoặc di tích."))
    return places.add_place(kind=kind, code=code, parent=parent, from_day=from_day, values=values, at=at, by=by)


@transaction.atomic
def change_place(*, place: Place, from_day: date, values: TermValues, at: datetime, by: int | None) -> PlaceTerm:
    """Record a change of a site, point or gate from a day on. Raises PlaceError."""
    term = places.change_place(place=place, from_day=from_day, values=values, at=at, by=by)
    refresh([place.pk], at=at)
    return term


@transaction.atomic
def close_place(*, place: Place, valid_to: date, reason: str, at: datetime, by: int | None) -> Place:
    """End a site, point or gate, and what lies in it. Raises PlaceError."""
    closed = places.close_place(place=place, valid_to=valid_to, reason=reason, at=at, by=by)
    refresh([place.pk], at=at)
    return closed


@transaction.atomic
def take_back_place(*, place: Place, at: datetime, by: int | None) -> None:
    """Remove a place that was recorded by mistake, while nothing is built on it. Raises PlaceError."""
    if SiteFact.objects.filter(record=place.key).exists():
        raise RegisterError(_("%(place)s đã có trong số liệu nên không gỡ được.") % {"place": place.code})
    try:
        with transaction.atomic():
            places.take_back_place(place=place, at=at, by=by)
    except models.ProtectedError as used:
        raise RegisterError(
            _("Đã có dữ liệu ghi tiếp vào %(place)s nên không gỡ được.") % {"place": place.code}
        ) from used


@transaction.atomic
def take_back_term(*, term: PlaceTerm, at: datetime, by: int | None, reason: str = "") -> None:
    """Remove the newest change of a place that was recorded by mistake. Raises PlaceError."""
    place = term.place_id
    places.take_back_term(term=term, reason=reason, at=at, by=by)
    refresh([place], at=at)


@transaction.atomic
def set_hours(
    *, place: Place, from_day: date, openings: Sequence[Opening], at: datetime, by: int | None
) -> list[OpeningHours]:
    """Record the opening hours of a site or point from a day on. Raises PlaceError."""
    return places.set_hours(place=place, from_day=from_day, openings=openings, at=at, by=by)


# -- base list -------------------------------------------------------------------------------------------------------
@transaction.atomic
def adopt_list(
    *,
    plan: Plan,
    number: str,
    signed_on: date,
    from_day: date,
    title: str,
    sites: Iterable[Place],
    content: bytes | None = None,
    file_name: str = "",
    at: datetime,
    by: int | None,
) -> BaseList:
    """Adopt the list of sites in scope of the pilot from a day on, by its document. Raises PlaceError."""
    listed = list(sites)
    if any(site.kind != SITE for site in listed):
        raise RegisterError(_("Danh mục chỉ gồm di tích, không gồm điểm thành phần hay cổng."))
    scope_list = HeritageSitesConfig.pilot.scope_list
    before = listed_in(base_list_on(plan.id, scope_list, from_day))
    row = places.adopt_base_list(
        plan_id=plan.id,
        scope_list=scope_list,
        number=number,
        signed_on=signed_on,
        from_day=from_day,
        title=title,
        places=listed,
        content=content,
        file_name=file_name,
        at=at,
        by=by,
    )
    refresh({site.pk for site in listed} | set(before), at=at)
    return row


@transaction.atomic
def take_back_list(*, row: BaseList, reason: str, at: datetime, by: int | None) -> BaseList:
    """Take back the newest base list, adopted by mistake; the one before it holds again, and the facts follow. Raises PlaceError."""
    before = base_lists(row.plan_id, row.scope_list)
    row = places.take_back_base_list(row=row, reason=reason, at=at, by=by)
    refresh({place for one in before for place in listed_in(one)}, at=at)
    return row


@transaction.atomic
def refresh_facts(*, at: datetime) -> int:
    """Bring the facts of all sites to what register and plan say now: an amended plan may have passed the duty on. Returns the new rows."""
    changed = refresh(Place.objects.filter(kind=SITE).values_list("pk", flat=True), at=at)
    if changed:
        details = {"facts": changed}
        record(
            by=None,
            action="heritage.refresh",
            object_type="measure",
            object_id="heritage_sites",
            details=details,
            at=at,
        )
    return changed


# -- capacity, rules -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class WayOut:
    """An exit with its width in metres."""

    name: str = ""
    width_m: Decimal


@dataclass(frozen=True, kw_only=True)
class CapacityValues:
    """Either `declared` with its document, or `usable_area_m2` with the exits."""

    declared: int | None = None
    document: str = ""
    usable_area_m2: int | None = None
    persons_per_m2: Decimal = Decimal(2)
    flow_per_metre_minute: int = 82
    escape_minutes: Decimal = Decimal(5)
    exits: tuple[WayOut, ...] = field(default=())


@transaction.atomic
def set_capacity(*, place: Place, from_day: date, values: CapacityValues, at: datetime, by: int | None) -> Capacity:
    """
    Record how many people a site or point holds from a day on. What was recorded for that very day is replaced, as a mistake: the
    trail keeps both. Raises RegisterError.
    """
    if place.kind == GATE:
        raise RegisterError(_("Sức chứa ghi cho di tích hoặc điểm thành phần, không ghi cho cổng."))
    if (values.declared is None) == (values.usable_area_m2 is None):
        raise RegisterError(_("Ghi diện tích sử dụng để tính, hoặc ghi sức chứa đã công bố; không ghi cả hai."))
    if values.declared is not None and not values.document.strip():
        raise RegisterError(_("Ghi số và ngày văn bản công bố sức chứa."))
    if not 0 < values.persons_per_m2 <= 4:
        raise RegisterError(_("Mật độ từ 0,1 đến 4 người một mét vuông. Trên 4 là nguy hiểm."))
    if not place.valid_from <= from_day:
        raise RegisterError(_("Nơi này có từ ngày %(day)s. Chọn ngày sau đó.") % {"day": format_date(place.valid_from)})
    mistaken = Capacity.objects.filter(place=place, from_day=from_day).prefetch_related("exits").first()
    replaced = _capacity_details(mistaken) if mistaken else None
    if mistaken:
        mistaken.delete()
    row = Capacity.objects.create(
        place=place,
        from_day=from_day,
        usable_area_m2=values.usable_area_m2,
        persons_per_m2=values.persons_per_m2,
        flow_per_metre_minute=values.flow_per_metre_minute,
        escape_minutes=values.escape_minutes,
        declared=values.declared,
        document=values.document.strip(),
        recorded_at=at,
        recorded_by_id=by,
    )
    Exit.objects.bulk_create(Exit(capacity=row, name=one.name, width_m=one.width_m) for one in values.exits)
    details = _capacity_details(row) | ({"instead_of": replaced} if replaced else {})
    record(by=by, action="heritage.capacity", object_type="place", object_id=place.key, details=details, at=at)
    return row


def _capacity_details(row: Capacity) -> dict[str, object]:
    return {
        "from": row.from_day,
        "declared": row.declared,
        "area_m2": row.usable_area_m2,
        "per_m2": row.persons_per_m2,
        "flow": row.flow_per_metre_minute,
        "escape_minutes": row.escape_minutes,
        "exits_m": [one.width_m for one in row.exits.all()],
        "document": row.document,
    }


@transaction.atomic
def set_rule(
    *,
    site: Place,
    from_day: date,
    retention_days: int = 30,
    default_stay_minutes: int = 120,
    reset_at: time = time(0, 0),
    document: str = "",
    at: datetime,
    by: int | None,
) -> SiteRule:
    """
    Record how a site is run from a day on. What was recorded for that very day is replaced, as a mistake: the trail keeps both.

    Raises RegisterError.
    """
    if site.kind != SITE:
        raise RegisterError(_("Quy định ghi cho cả di tích."))
    if not 1 <= retention_days <= 365 or not 1 <= default_stay_minutes <= 1440:
        raise RegisterError(_("Lưu danh tính từ 1 đến 365 ngày; thời gian tham quan từ 1 đến 1.440 phút."))
    mistaken = SiteRule.objects.filter(place=site, from_day=from_day).first()
    replaced = _rule_details(mistaken) if mistaken else None
    if mistaken:
        mistaken.delete()
    row = SiteRule.objects.create(
        place=site,
        from_day=from_day,
        retention_days=retention_days,
        default_stay_minutes=default_stay_minutes,
        reset_at=reset_at,
        document=document.strip(),
        recorded_at=at,
        recorded_by_id=by,
    )
    details = _rule_details(row) | ({"instead_of": replaced} if replaced else {})
    record(by=by, action="heritage.rule", object_type="place", object_id=site.key, details=details, at=at)
    return row


def _rule_details(row: SiteRule) -> dict[str, object]:
    return {
        "from": row.from_day,
        "retention_days": row.retention_days,
        "stay_minutes": row.default_stay_minutes,
        "reset_at": f"{row.reset_at:%H:%M}",
        "document": row.document,
    }


# -- equipment -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class StepValues:
    """A step that the equipment of a site reached on a day. Any supplier; `serial` may list several."""

    step: str
    day: date
    quantity: int = 1
    supplier: str = ""
    make: str = ""
    serial: str = ""
    document: str = ""


@transaction.atomic
def record_steps(*, steps: Sequence[tuple[Place, StepValues]], at: datetime, by: int | None) -> list[EquipmentStep]:
    """Record steps of several sites at once. Raises RegisterError for the first one that is not taken; then none is."""
    rows = []
    for site, values in steps:
        _check_step(site, values, at)
        rows.append(_step_row(site, values, at=at, by=by))
    try:
        with transaction.atomic():
            made = EquipmentStep.objects.bulk_create(rows)
    except IntegrityError as twice:
        raise RegisterError(_("Bước này đã ghi. Sửa bước đã ghi, không ghi thêm.")) from twice
    for site, values in steps:
        details = {key: value for key, value in asdict(values).items() if value != ""}
        record(by=by, action="heritage.step", object_type="place", object_id=site.key, details=details, at=at)
    refresh({site.pk for site, _values in steps}, at=at)
    return made


def record_step(*, site: Place, values: StepValues, at: datetime, by: int | None) -> EquipmentStep:
    """Record one step. Raises RegisterError."""
    return record_steps(steps=[(site, values)], at=at, by=by)[0]


@transaction.atomic
def correct_step(
    *, row: EquipmentStep, values: StepValues | None, reason: str, at: datetime, by: int | None
) -> EquipmentStep | None:
    """
    Replace a step that was recorded wrong, or withdraw it (`values` None). The row stays, with the reason.

    Raises RegisterError.
    """
    row = EquipmentStep.objects.select_for_update().get(pk=row.pk)
    if row.superseded_at is not None:
        raise RegisterError(_("Bước này đã được sửa hoặc thu hồi. Tải lại trang."))
    if not reason.strip():
        raise RegisterError(_("Ghi lý do sửa."))
    site = row.place
    if values is not None:
        _check_step(site, values, at)
    row.superseded_at, row.supersede_reason = at, reason.strip()
    row.save(update_fields=["superseded_at", "supersede_reason"])
    new = None
    if values is not None:
        new = _step_row(site, values, at=at, by=by)
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError as twice:
            raise RegisterError(_("Bước này đã ghi. Sửa bước đã ghi, không ghi thêm.")) from twice
        row.replaced_by = new
        row.save(update_fields=["replaced_by"])
    details = {
        "row": row.pk,
        "reason": reason,
        "before": {"step": row.step, "day": row.day},
        "after": {key: value for key, value in asdict(values).items() if value != ""} if values else None,
    }
    record(by=by, action="heritage.step_correct", object_type="place", object_id=site.key, details=details, at=at)
    refresh([site.pk], at=at)
    return new


def _check_step(site: Place, values: StepValues, at: datetime) -> None:
    if site.kind != SITE:
        raise RegisterError(_("Trang bị ghi cho di tích, không ghi cho điểm thành phần hay cổng."))
    if values.step not in Step.values:
        raise RegisterError(_("Chọn bước trang bị."))
    if values.day > localdate(at):
        raise RegisterError(_("Chỉ ghi bước đã làm xong: ngày không sau hôm nay."))
    if values.day < site.valid_from or (site.valid_to is not None and values.day >= site.valid_to):
        raise RegisterError(
            _("Di tích %(code)s chưa có hoặc đã kết thúc vào ngày %(day)s.")
            % {"code": site.code, "day": format_date(values.day)}
        )
    if values.quantity < 1:
        raise RegisterError(_("Số lượng từ 1 trở lên."))


def _step_row(site: Place, values: StepValues, *, at: datetime, by: int | None) -> EquipmentStep:
    return EquipmentStep(place=site, **asdict(values), recorded_at=at, recorded_by_id=by)


# -- festivals -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class FestivalValues:
    """A festival and its days, by one of the calendars."""

    name: str
    calendar: str = FestivalCalendar.LUNAR
    first_day: int
    first_month: int
    last_day: int
    last_month: int


@transaction.atomic
def add_festival(*, site: Place, values: FestivalValues, at: datetime, by: int | None) -> Festival:
    """Record a festival of a site. Raises RegisterError."""
    if site.kind != SITE:
        raise RegisterError(_("Lễ hội ghi cho cả di tích."))
    if not values.name.strip():
        raise RegisterError(_("Ghi tên lễ hội."))
    longest = 30 if values.calendar == FestivalCalendar.LUNAR else 31
    days, months = (values.first_day, values.last_day), (values.first_month, values.last_month)
    if not all(1 <= day <= longest for day in days) or not all(1 <= month <= 12 for month in months):
        raise RegisterError(_("Ngày từ 1 đến %(longest)s, tháng từ 1 đến 12.") % {"longest": longest})
    turns = (values.first_month, values.last_month) == (12, 1)
    if not turns and (values.last_month, values.last_day) < (values.first_month, values.first_day):
        raise RegisterError(_("Ngày cuối không được trước ngày đầu."))
    row = Festival.objects.create(
        place=site,
        **{**asdict(values), "name": values.name.strip()},
        recorded_at=at,
        recorded_by_id=by,
    )
    details = asdict(values) | {"id": row.pk, "calendar": str(values.calendar)}
    record(by=by, action="heritage.festival", object_type="place", object_id=site.key, details=details, at=at)
    return row


@transaction.atomic
def end_festival(*, festival: Festival, ended_on: date, at: datetime, by: int | None) -> Festival:
    """Say that a festival is no longer held from a day on. Raises RegisterError."""
    festival = Festival.objects.select_for_update().get(pk=festival.pk)
    if festival.ended_on is not None:
        raise RegisterError(_("Lễ hội đã thôi tổ chức từ ngày %(day)s.") % {"day": format_date(festival.ended_on)})
    festival.ended_on = ended_on
    festival.save(update_fields=["ended_on"])
    key = festival.place.key
    details = {"id": festival.pk, "name": festival.name, "from": ended_on}
    record(by=by, action="heritage.festival_end", object_type="place", object_id=key, details=details, at=at)
    return festival
