"""A line by kind of unit: what departments, districts, the police gave of it together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.reports.models import Report
from diem06.reports.screens.outlook import Outlook

KIND_WORDS = {
    "department": gettext_lazy("Sở, ngành"),
    "body": gettext_lazy("Cơ quan cấp tỉnh khác"),
    "police": gettext_lazy("Công an"),
    "district_committee": gettext_lazy("Ủy ban nhân dân cấp huyện"),
    "commune_committee": gettext_lazy("Ủy ban nhân dân cấp xã"),
    "union": gettext_lazy("Mặt trận, đoàn thể"),
    "central_body": gettext_lazy("Cơ quan trung ương đóng tại tỉnh"),
}
"""What kinds of units are called, in the order of lists."""


@dataclass(frozen=True, kw_only=True)
class KindRow:
    """What the units of one kind gave of a line; `reporting` of them owe a report of the period: so many the list of units has."""

    kind: str
    words: str
    reporting: int
    numerator: Decimal
    denominator: Decimal | None

    @property
    def value(self) -> Decimal | None:
        """The share; of a count the count itself."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


def kind_words(kind: str) -> str:
    """Return what a kind of unit is called; of one that no list here has, its code."""
    return str(KIND_WORDS.get(kind, kind or _("Không rõ")))


def by_unit_kind(outlook: Outlook, code: str) -> tuple[KindRow, ...]:
    """
    Return a line by kind of unit, each kind's facts counted once: nothing where fewer than two kinds gave any.

    For who sees the whole area alone, on the map of the period. Of a reading in parts nothing: its number is that of one part.
    """
    if not outlook.is_whole or outlook.map_day or len(outlook.board.lines[code].parts) > 1:
        return ()
    is_ratio = outlook.board.lines[code].is_ratio
    kinds = {unit.kind for unit in outlook.units.values()}
    owing = Report.objects.filter(period=outlook.period).values_list("unit", flat=True)
    reporting = Counter(outlook.units[unit].kind for unit in owing if unit in outlook.units)
    order = {kind: place for place, kind in enumerate(KIND_WORDS)}
    rows = []
    for kind in sorted(kinds, key=lambda each: (order.get(each, len(order)), each)):
        (part,) = outlook.board.counted_by(code, f"kind:{kind}")
        if part.numerator is None or (is_ratio and part.denominator is None):
            continue
        rows.append(
            KindRow(
                kind=kind,
                words=kind_words(kind),
                reporting=reporting[kind],
                numerator=part.numerator,
                denominator=part.denominator,
            )
        )
    return tuple(rows) if len(rows) > 1 else ()
