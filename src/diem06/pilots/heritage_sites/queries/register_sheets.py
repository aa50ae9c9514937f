"""What is there, by the keys of the Excel lists of the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.places.access import plan_in_use
from diem06.core.places.models import Place, PlaceTerm
from diem06.core.places.queries import PlaceOn, Reach, places_on, reach_to_write
from diem06.core.sheets.declared import Key, Known
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE
from diem06.pilots.heritage_sites.models import EquipmentStep
from diem06.pilots.heritage_sites.queries.register import MEASURES
from vnlib.text import format_date


def today() -> date:
    """The day by the product's clock: a sheet is asked what is there without being told when."""
    day: date = localdate(settings.DIEM06_CLOCK())
    return day


def reach_of(scope: str) -> Reach:
    """Return which places people bring lists for who act for the unit `scope`."""
    return reach_to_write([scope], measures=MEASURES, plan=plan_in_use(), on=today())


def unit_words(scope: str) -> str:
    unit = units_on(today()).get(scope)
    return unit.name if unit else ""


def sites_of(scope: str) -> dict[str, PlaceOn]:
    """Return the sites that the unit keeps, by code."""
    return _places(scope, (SITE,))


def parts_of(scope: str) -> dict[str, PlaceOn]:
    """Return the points and gates that the unit keeps, by code with the kind before it."""
    return {f"{place.kind}:{place.code}": place for place in _kept(scope, (POINT, GATE))}


def _places(scope: str, kinds: tuple[str, ...]) -> dict[str, PlaceOn]:
    return {place.code: place for place in _kept(scope, kinds)}


def _kept(scope: str, kinds: tuple[str, ...]) -> list[PlaceOn]:
    reach = reach_of(scope)
    return [place for place in places_on(today(), kinds=kinds) if reach.covers(place)]


def known_sites(*, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
    """Return the sites of the unit under their codes."""
    sites = sites_of(scope)
    terms = _newest([place.id for place in sites.values()])
    return {
        (code,): Known(
            values={
                "code": code,
                "name": term.name,
                "area": place.area_now or term.area_code,
                "unit": term.unit_code,
                "address": term.address or None,
                "from_day": term.from_day,
                "document": term.document or None,
            },
            record=str(term.pk),
            by=term.recorded_by_id,
            at=term.recorded_at,
        )
        for code, place in sites.items()
        if (keys is None or (code,) in keys) and (term := terms.get(place.id))
    }


def known_parts(*, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
    """Return the points and gates of the unit under kind and code."""
    parts = parts_of(scope)
    terms = _newest([place.id for place in parts.values()])
    above = dict(Place.objects.filter(parts__in=[place.id for place in parts.values()]).values_list("pk", "code"))
    return {
        (place.kind, place.code): Known(
            values={
                "kind": place.kind,
                "code": place.code,
                "within": above.get(place.parent_id or 0, ""),
                "name": term.name,
                "from_day": term.from_day,
                "document": term.document or None,
            },
            record=str(term.pk),
            by=term.recorded_by_id,
            at=term.recorded_at,
        )
        for place in parts.values()
        if (keys is None or (place.kind, place.code) in keys) and (term := terms.get(place.id))
    }


def known_steps(*, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
    """Return the steps of the unit's sites under code and step."""
    sites = {place.id: code for code, place in sites_of(scope).items()}
    wanted = None if keys is None else set(keys)
    found: dict[Key, Known] = {}
    for row in EquipmentStep.objects.current().filter(place_id__in=sites):
        key = (sites[row.place_id], row.step)
        if wanted is None or key in wanted:
            found[key] = Known(
                values={
                    "code": key[0],
                    "step": row.step,
                    "day": row.day,
                    "quantity": row.quantity,
                    "supplier": row.supplier or None,
                    "make": row.make or None,
                    "serial": row.serial or None,
                    "document": row.document or None,
                },
                record=str(row.pk),
                by=row.recorded_by_id,
                at=row.recorded_at,
            )
    return found


def _newest(ids: Sequence[int]) -> dict[int, PlaceTerm]:
    return {term.place_id: term for term in PlaceTerm.objects.filter(place_id__in=ids).order_by("from_day")}


# -- what a row may not say, whoever brings it -----------------------------------------------------------------------
def fault_of_site(values: Mapping[str, Any]) -> str:
    """Return what is wrong with a row of sites as a whole: what was not there on its day, or a day that is taken; empty: nothing."""
    day: date = values["from_day"]
    if values["area"] not in areas_on(day):
        return _("Ngày %(day)s chưa có, hoặc không còn địa bàn này.") % {"day": format_date(day)}
    if values["unit"] not in units_on(day):
        return _("Ngày %(day)s chưa có, hoặc không còn đơn vị này.") % {"day": format_date(day)}
    said = {"name": values["name"], "area_code": values["area"], "unit_code": values["unit"]}
    said |= {name: values.get(name) or "" for name in ("address", "document")}
    return _fault_of_term(SITE, values["code"], day, said)


def fault_of_part(values: Mapping[str, Any]) -> str:
    """Return what is wrong with a row of points and gates as a whole; empty: nothing. What it lies in may stand in the same file."""
    said = {"name": values["name"], "document": values.get("document") or ""}
    return _fault_of_term(values["kind"], values["code"], values["from_day"], said)


def _fault_of_term(kind: str, code: str, day: date, said: Mapping[str, str]) -> str:
    known = Place.objects.filter(kind=kind, code=code).first()
    if known is None:
        return ""
    if day < known.valid_from or (known.valid_to is not None and day >= known.valid_to):
        return _("%(code)s chưa có hoặc đã kết thúc vào ngày %(day)s.") % {"code": code, "day": format_date(day)}
    there = known.terms.filter(from_day=day).first()
    # A list that is exported and brought back says again what stands there: that is no change.
    if there is not None and any(getattr(there, name) != value for name, value in said.items()):
        return _("Đã có thay đổi từ ngày %(day)s. Chọn ngày khác.") % {"day": format_date(day)}
    return ""


def fault_of_step(values: Mapping[str, Any]) -> str:
    """Return what is wrong with a row of steps as a whole; empty: nothing."""
    day: date = values["day"]
    site = Place.objects.filter(kind=SITE, code=values["code"]).first()
    if site is None:
        return _("Không có di tích mã %(code)s.") % {"code": values["code"]}
    if day > today():
        return _("Chỉ ghi bước đã làm xong: ngày không sau hôm nay.")
    if day < site.valid_from or (site.valid_to is not None and day >= site.valid_to):
        return _("Di tích %(code)s chưa có hoặc đã kết thúc vào ngày %(day)s.") % {
            "code": site.code,
            "day": format_date(day),
        }
    return ""
