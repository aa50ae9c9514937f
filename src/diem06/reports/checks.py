"""
What is checked before a report is sent, as plain rules over numbers.

Hard checks stop the sending: a cell that is neither filled nor marked as without data, and a part above its whole. Soft ones
ask the accountable unit for a reason, which travels with the value: a jump that the unit's own past does not explain, a flow
equal to last period's, a number that is suddenly round. A stock that does not move is no fault.

Of the soft ones at most `MOST_ASKED` a month are asked, the gravest first: jumps before repeated flows before round numbers;
among jumps the one furthest from what is usual, among the others the largest number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import median
from typing import Final

from django.utils.translation import gettext as _

from diem06.core.plans.cells import Cell
from diem06.core.ui.numbers import number as shown

MOST_ASKED: Final = 5
PERIODS_COMPARED: Final = 6
"""How many earlier periods a number is compared with."""
SMALLEST_REPEATED: Final = 10
"""Below it a flow repeats itself by chance too often to ask."""
_SMALLEST_JUMP: Final = 20
"""A change by fewer things is never called a jump: small numbers leap by nature."""
_ROUND: Final = 1000
_LEAST_PAST: Final = 3
"""From so many earlier values on, their spread says what is usual; with fewer only a factor of ten is asked about."""
_TEN: Final = 10


class Code(StrEnum):
    """Which rule found something. The soft ones are what `Explanation.check_code` holds."""

    MISSING = "missing"
    PART_ABOVE_WHOLE = "part_above_whole"
    JUMP = "jump"
    SAME_FLOW = "same_flow"
    ROUND = "round"

    @property
    def is_hard(self) -> bool:
        return self in (Code.MISSING, Code.PART_ABOVE_WHOLE)


_GRAVITY: Final = {Code.JUMP: 0, Code.SAME_FLOW: 1, Code.ROUND: 2}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """
    One cell that is owed, as the checks see it.

    `earlier`: the unit's values of the same cell in earlier periods, the oldest first; `last`: that of the period before,
    None where there is none.
    """

    cell: Cell
    name: str  # its form name
    label: str
    place: str  # name of its area, empty for the unit's own
    is_flow: bool
    value: int | None
    is_absent: bool = False  # the unit says that there is no number
    last: int | None = None
    earlier: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        return f"{self.place}: {self.label}" if self.place else self.label


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a check found in one cell. `size` orders findings of one code: larger is graver."""

    code: Code
    field: str  # form name of the cell
    words: str  # what the cell is
    text: str
    size: Decimal = Decimal(0)

    @property
    def is_hard(self) -> bool:
        return self.code.is_hard


def findings(cells: Iterable[Asked]) -> Iterator[Finding]:
    """Yield what is wrong or odd in single cells: at most one finding a cell, the gravest of its own."""
    for one in cells:
        if one.value is None:
            if not one.is_absent:
                yield Finding(code=Code.MISSING, field=one.name, words=one.words, text=_("Chưa có số."))
            continue
        for rule in (jump, same_flow, suddenly_round):
            if found := rule(one):
                yield found
                break


def asked_first(soft: Iterable[Finding], *, explained: int = 0) -> list[Finding]:
    """Return the soft findings that are asked now, the gravest first; `explained` counts the reasons given this month already."""
    ordered = sorted(
        (found for found in soft if not found.is_hard),
        key=lambda found: (_GRAVITY[found.code], -found.size, found.field),
    )
    return ordered[: max(0, MOST_ASKED - explained)]


def jump(one: Asked) -> Finding | None:
    """
    Find a number that the cell's own past does not explain.

    With three earlier values or more: further from their median than five times their median deviation (scaled to a standard
    deviation), than half the median, and than 20 things. With one or two: ten times the last one or more, or a tenth or less; what was nought before has begun.
    """
    value = one.value
    if value is None or not one.earlier:
        return None
    if len(one.earlier) < _LEAST_PAST:
        return _by_factor(one, value, one.earlier[-1])
    middle = Decimal(median(one.earlier))
    spread = Decimal(median(abs(each - middle) for each in one.earlier)) * Decimal("1.4826")
    usual = max(5 * spread, middle / 2, Decimal(_SMALLEST_JUMP))
    away = abs(value - middle)
    if away <= usual:
        return None
    text = _("%(value)s lệch xa mức thường: giữa %(low)s và %(high)s theo %(n)s kỳ trước.") % {
        "value": shown(value),
        "low": shown(max(0, round(middle - usual))),
        "high": shown(round(middle + usual)),
        "n": len(one.earlier),
    }
    return Finding(code=Code.JUMP, field=one.name, words=one.words, text=text, size=away / usual)


def _by_factor(one: Asked, value: int, last: int) -> Finding | None:
    if not last:
        return None  # something has begun
    high, low = max(value, last), min(value, last)
    if high - low <= _SMALLEST_JUMP or high < _TEN * max(low, 1):
        return None
    text = _("%(value)s, kỳ trước %(last)s: hơn kém từ 10 lần.") % {"value": shown(value), "last": shown(last)}
    return Finding(code=Code.JUMP, field=one.name, words=one.words, text=text, size=Decimal(high) / max(low, 1) / _TEN)


def same_flow(one: Asked) -> Finding | None:
    """Find a flow that is exactly what it was in the period before."""
    if not repeats(is_flow=one.is_flow, value=one.value, last=one.last):
        return None
    text = _("Bằng đúng kỳ trước (%(value)s).") % {"value": shown(one.value or 0)}
    return Finding(code=Code.SAME_FLOW, field=one.name, words=one.words, text=text, size=Decimal(one.value or 0))


def repeats(*, is_flow: bool, value: int | None, last: int | None) -> bool:
    """Is a flow exactly what it was last period, and large enough for that to be odd?"""
    return is_flow and value is not None and value == last and value >= SMALLEST_REPEATED


def suddenly_round(one: Asked) -> Finding | None:
    """Find a number of whole thousands where the earlier ones, three at least, were not round: an estimate, perhaps."""
    value = one.value
    if not value or value % _ROUND or len(one.earlier) < _LEAST_PAST or _were_round(one.earlier):
        return None
    text = _("%(value)s là số tròn nghìn, các kỳ trước không tròn.") % {"value": shown(value)}
    return Finding(code=Code.ROUND, field=one.name, words=one.words, text=text, size=Decimal(value))


def _were_round(earlier: Sequence[int]) -> bool:
    return any(each and each % 100 == 0 for each in earlier)
