"""Loading the Excel lists of the register, and taking them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.places.actions import PlaceError, TermValues
from diem06.core.places.models import Place, PlaceTerm
from diem06.core.places.queries import Reach, place_of, place_on
from diem06.core.sheets.declared import RowToLoad, SheetRefusedError, StaleError
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.actions.register import StepValues
from diem06.pilots.heritage_sites.apps import POINT, SITE
from diem06.pilots.heritage_sites.models import EquipmentStep
from diem06.pilots.heritage_sites.queries.register_sheets import reach_of

FROM_FILE = "Sửa theo tệp Excel"
TAKEN_BACK = "Thu hồi tệp Excel"


@transaction.atomic
def load_sites(*, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
    """Add new sites, and record the changes of known ones from the day of the row. Raises SheetRefusedError."""
    reach = reach_of(scope)
    return _load(SITE, scope, rows, lambda row: (None, _site_values(row.values, reach)), at=at, by=by)


@transaction.atomic
def load_parts(*, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
    """Add points before gates, so that a file may hold both; record the changes of known ones. Raises SheetRefusedError."""
    reach = reach_of(scope)
    ordered = sorted(rows, key=lambda row: row.values["kind"] != POINT)
    return _load("", scope, ordered, lambda row: _part_values(row.values, reach), at=at, by=by)


def _load(kind: str, scope: str, rows: Sequence[RowToLoad], parse: Any, *, at: datetime, by: int | None) -> Any:
    added, changed = [], []
    for row in rows:
        values, here = row.values, kind or row.values["kind"]
        code, from_day = values["code"], values["from_day"]
        try:
            parent, term = parse(row)
            known = place_of(here, code)
            if known is None:
                place = register.add_place(
                    kind=here, code=code, parent=parent, from_day=from_day, values=term, at=at, by=by
                )
                added.append(place.pk)
            else:
                _check_fresh(row, known.terms.order_by("-from_day").values_list("pk", flat=True).first())
                new = register.change_place(place=known, from_day=from_day, values=term, at=at, by=by)
                changed.append(new.pk)
        except PlaceError as refused:
            raise SheetRefusedError(f"{code}: {refused}") from refused
    details = {"scope": scope, "added": len(added), "changed": len(changed)}
    record(by=by, action="heritage.load_places", object_type="unit", object_id=scope, details=details, at=at)
    return {"added": added, "changed": changed}


def _check_fresh(row: RowToLoad, now: int | None) -> None:
    """Raise StaleError where what stands there is not what the person saw."""
    if row.before is None or row.before["record"] != str(now):
        raise StaleError


@transaction.atomic
def take_back_places(*, scope: str, undo: Any, at: datetime, by: int | None) -> None:
    """Take back what a file added or changed, the last first. Raises SheetRefusedError where something is built on it."""
    try:
        for pk in reversed(undo["changed"]):
            register.take_back_term(term=PlaceTerm.objects.select_related("place").get(pk=pk), at=at, by=by)
        for pk in reversed(undo["added"]):
            register.take_back_place(place=Place.objects.get(pk=pk), at=at, by=by)
    except PlaceError as refused:
        raise SheetRefusedError(str(refused)) from refused
    except (Place.DoesNotExist, PlaceTerm.DoesNotExist) as gone:
        raise SheetRefusedError(_("Một phần đã được gỡ trước đó.")) from gone
    details = {"added": len(undo["added"]), "changed": len(undo["changed"])}
    record(by=by, action="heritage.undo_places", object_type="unit", object_id=scope, details=details, at=at)


def _site_values(values: Mapping[str, Any], reach: Reach) -> TermValues:
    if not (reach.is_all or values["area"] in reach.areas):
        raise register.RegisterError(_("Địa bàn này ngoài phạm vi của đơn vị."))
    known = place_of(SITE, values["code"])
    if known is not None and not reach.covers(place_on(known, values["from_day"])):
        raise register.RegisterError(_("Mã này là của di tích đơn vị khác quản lý. Chọn mã khác."))
    return TermValues(
        name=values["name"],
        area=values["area"],
        unit=values["unit"],
        address=values.get("address") or "",
        document=values.get("document") or "",
        **_position(known, values),
    )


def _position(known: Place | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """The list has no columns for the position: what was known of it stays."""
    if known is None:
        return {}
    before = place_on(known, values["from_day"])
    return {"latitude": before.latitude, "longitude": before.longitude}


def _part_values(values: Mapping[str, Any], reach: Reach) -> tuple[Place, TermValues]:
    kinds = (SITE,) if values["kind"] == POINT else (POINT, SITE)
    parent = next((found for kind in kinds if (found := place_of(kind, values["within"]))), None)
    if parent is None:
        raise register.RegisterError(_("Không có nơi mã %(code)s để chứa nó.") % {"code": values["within"]})
    above = place_on(parent, values["from_day"])
    if not reach.covers(above):
        raise register.RegisterError(_("Di tích này do đơn vị khác quản lý."))
    known = place_of(values["kind"], values["code"])
    if known is not None and known.parent_id != parent.pk:
        raise register.RegisterError(_("Mã này đã dùng ở nơi khác. Chọn mã khác."))
    before = place_on(known, values["from_day"]) if known else above
    area = before.area_now or before.area_code
    if area not in areas_on(values["from_day"]):
        raise register.RegisterError(_("Ngày này không có địa bàn mã %(code)s.") % {"code": area})
    return parent, TermValues(
        name=values["name"],
        area=area,
        unit=before.unit_code,
        address=before.address if known else "",
        latitude=before.latitude if known else None,
        longitude=before.longitude if known else None,
        document=values.get("document") or "",
    )


# -- equipment -------------------------------------------------------------------------------------------------------
@transaction.atomic
def load_steps(*, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
    """Record new steps, and correct known ones: the old row stays. Raises SheetRefusedError."""
    reach = reach_of(scope)
    new: list[tuple[Place, StepValues]] = []
    corrected = []
    try:
        for row in rows:
            site = place_of(SITE, row.values["code"])
            if site is None or not reach.covers(place_on(site, row.values["day"])):
                raise register.RegisterError(
                    _("Đơn vị không quản lý di tích mã %(code)s.") % {"code": row.values["code"]}
                )
            values = _step_values(row.values)
            known = EquipmentStep.objects.current().filter(place=site, step=values.step).first()
            if known is None:
                new.append((site, values))
            else:
                _check_fresh(row, known.pk)
                made = register.correct_step(row=known, values=values, reason=FROM_FILE, at=at, by=by)
                corrected.append([known.pk, made.pk if made else None])
        added = [row.pk for row in register.record_steps(steps=new, at=at, by=by)] if new else []
    except PlaceError as refused:
        raise SheetRefusedError(str(refused)) from refused
    details = {"added": len(added), "corrected": len(corrected)}
    record(by=by, action="heritage.load_steps", object_type="unit", object_id=scope, details=details, at=at)
    return {"added": added, "corrected": corrected}


@transaction.atomic
def take_back_steps(*, scope: str, undo: Any, at: datetime, by: int | None) -> None:
    """Withdraw what a file recorded, and put back what it corrected. Raises SheetRefusedError where that was changed since."""
    try:
        for pk in undo["added"]:
            register.correct_step(row=EquipmentStep.objects.get(pk=pk), values=None, reason=TAKEN_BACK, at=at, by=by)
        for before, after in undo["corrected"]:
            old = EquipmentStep.objects.get(pk=before)
            names = ("step", "day", "quantity", "supplier", "make", "serial", "document")
            values = StepValues(**{name: getattr(old, name) for name in names})
            register.correct_step(
                row=EquipmentStep.objects.get(pk=after), values=values, reason=TAKEN_BACK, at=at, by=by
            )
    except PlaceError as refused:
        raise SheetRefusedError(str(refused)) from refused
    details = {"added": len(undo["added"]), "corrected": len(undo["corrected"])}
    record(by=by, action="heritage.undo_steps", object_type="unit", object_id=scope, details=details, at=at)


def _step_values(values: Mapping[str, Any]) -> StepValues:
    texts = {name: values.get(name) or "" for name in ("supplier", "make", "serial", "document")}
    return StepValues(step=values["step"], day=values["day"], quantity=values.get("quantity") or 1, **texts)
