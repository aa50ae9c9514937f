"""A change of the plan in words: what was changed, from what to what, as screens write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from diem06.core.ui import numbers
from diem06.plan.changes import Change, ChangeKind, Said
from diem06.plan.model import Level, Plan

KINDS: Mapping[ChangeKind, Promise] = {
    ChangeKind.READING: _("Cách hiểu"),
    ChangeKind.TARGET: _("Mục tiêu"),
    ChangeKind.DEADLINE: _("Thời hạn"),
    ChangeKind.ASSIGNMENT: _("Đơn vị thực hiện"),
    ChangeKind.NAME: _("Tên đơn vị"),
    ChangeKind.UNIT: _("Đơn vị hợp nhất"),
    ChangeKind.PRECEDENCE: _("Nguồn được tính trước"),
}
_GRADES = {
    "evidenced": _("bản ghi gốc"),
    "imported": _("dữ liệu từ hệ thống khác"),
    "declared": _("số đơn vị báo cáo"),
}
_LEVELS = {Level.PROVINCE.value: _("cấp tỉnh"), Level.DISTRICT.value: _("cấp huyện"), Level.COMMUNE.value: _("cấp xã")}


@dataclass(frozen=True, kw_only=True)
class ChangeWords:
    """A change as it is read: `old` is empty where there was nothing. `is_vietnamese`: old and new are words of the plan."""

    kind: ChangeKind
    label: Promise
    about: str
    old: str
    new: str
    is_vietnamese: bool


def words_of(change: Change, plan: Plan) -> ChangeWords:
    """Return a change in words; units and readings by their names in the plan."""
    is_text = change.kind not in (ChangeKind.TARGET, ChangeKind.DEADLINE, ChangeKind.PRECEDENCE)
    return ChangeWords(
        kind=change.kind,
        label=KINDS[change.kind],
        about=_about(change, plan),
        old=_said(change.old, change, plan),
        new=_said(change.new, change, plan) or numbers.NO_VALUE,
        is_vietnamese=is_text,
    )


ORDER_MARK = ">"
"""Stands between grades in the code of an order."""


def order_code(order: Iterable[str]) -> str:
    """Return an order of grades as one word, as a change of the plan holds it."""
    return ORDER_MARK.join(order)


def order_words(order: Iterable[str]) -> str:
    """Return in which order sources count: «bản ghi gốc, rồi dữ liệu từ hệ thống khác, rồi số đơn vị báo cáo»."""
    first, second, third = (str(_GRADES[grade]) for grade in order)
    return gettext("%(first)s, rồi %(second)s, rồi %(third)s") % {"first": first, "second": second, "third": third}


def unit_name(plan: Plan, code: str, on: date | None = None) -> str:
    """Return how the plan calls a unit on a day; its code where it knows none."""
    for unit in plan.units:
        if unit.code == code:
            names = [name for name in unit.names if on is None or name.from_day is None or name.from_day <= on]
            return (names or list(unit.names))[-1].short
    return code


def _about(change: Change, plan: Plan) -> str:
    about = change.about
    if change.kind in (ChangeKind.NAME, ChangeKind.UNIT):
        return unit_name(plan, about, change.from_day)
    if change.kind is ChangeKind.PRECEDENCE:
        return next((row.name for row in plan.measures if row.code == about), str(_("mọi số liệu")))
    narrowed = [_part(word, plan) for word in change.part.split(":") if word]
    return " · ".join([about, *narrowed])


def _part(word: str, plan: Plan) -> str:
    return str(_LEVELS[word]) if word in _LEVELS else unit_name(plan, word)


def _said(value: Said, change: Change, plan: Plan) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return numbers.percent(value, None)
        case date():
            return f"{value:%d/%m/%Y}"
    if change.kind is ChangeKind.PRECEDENCE:
        return order_words(value.split(ORDER_MARK))
    if change.kind is ChangeKind.READING:
        is_english = (get_language() or "").startswith("en")
        for indicator in plan.indicators:
            for reading in indicator.readings:
                if reading.code == value:
                    return f"{value}: {(is_english and reading.text_en) or reading.text}"
    return value if change.kind is ChangeKind.NAME else unit_name(plan, value, change.from_day)
