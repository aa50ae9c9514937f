"""A figure as the screen shows it: never a bare number."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from diem06.core.ui import numbers


@dataclass(frozen=True, kw_only=True)
class LiveFigure:
    """
    A value with its target, standing, count, gap and origin, for `ui/figure.html`.

    `value` and `target` are ratios unless `is_count`. `gap` is in counted things: above 0 they are missing, below 0
    exceeded. `reported` of `expected` units have reported. `reason` stands beside a missing value: why, until when.
    """

    label: str  # code of the indicator
    url: str
    value: Decimal | None
    standing: str
    name: str = ""
    is_count: bool = False
    target: Decimal | None = None
    deadline: date | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    counted: str = ""  # «bộ phận»
    gap: Decimal | None = None
    grade: str = ""
    reported: int | None = None
    expected: int | None = None
    is_stale: bool = False  # carried over from an earlier period
    is_approximate: bool = False  # an estimate: «≈» stands before it
    reason: str = ""

    @property
    def value_words(self) -> str:
        words = numbers.number(self.value) if self.is_count else numbers.percent(self.value)
        return f"≈ {words}" if self.is_approximate and self.value is not None else words

    @property
    def target_words(self) -> str:
        """«trên 70%», with its deadline; empty without a target."""
        if self.target is None:
            return ""
        target = numbers.number(self.target) if self.is_count else numbers.percent(self.target, None)
        if self.deadline is None:
            return _("trên %(target)s") % {"target": target}
        return _("trên %(target)s đến %(day)s") % {"target": target, "day": f"{self.deadline:%d/%m/%Y}"}

    @property
    def count_words(self) -> str:
        """«141/220»; a count shows no fraction."""
        if self.numerator is None or self.denominator is None or self.is_count:
            return ""
        return f"{numbers.number(self.numerator)}/{numbers.number(self.denominator)}"

    @property
    def gap_words(self) -> str:
        """«thiếu 41.515 công dân» or «vượt 31 bộ phận», in whole things; a gap that rounds to none is left out."""
        if self.gap is None or not (things := numbers.rounded(self.gap, 0)):
            return ""
        words = {"number": numbers.number(abs(things)), "counted": self.counted}
        if self.gap > 0:
            return (_("thiếu %(number)s %(counted)s") % words).strip()
        return (_("vượt %(number)s %(counted)s") % words).strip()

    @property
    def is_part_reported(self) -> bool:
        return self.reported is not None and self.expected is not None and self.reported < self.expected
