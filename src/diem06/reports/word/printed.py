"""How each number of a figure is printed, and the tag under which it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from diem06.cube.board import Board, Figure
from diem06.cube.keys import Printed
from diem06.reports.word.tree import Mark, Run, Words
from vnlib.text import format_number, format_percent, parse_number

NO_NUMBER = "—"


class Beside(StrEnum):
    """What else of a figure is printed, beside the numbers that `figures` lists."""

    CHANGE = "change"  # against the period before: points of a share, else counted things
    REPORTED = "reported"  # units that gave all they owe for it
    EXPECTED = "expected"
    MISSING = "missing"
    TEXT = "txt"  # words of the plan, or of a unit, that hold a number


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one window under the revision that the report prints; with `unit`, that unit's own."""

    board: Board
    revision: int
    unit: str = ""

    def figure(self, code: str, *, area: str = "") -> Figure:
        return self.board.figure(code, area=area, unit="" if area else self.unit, revision=self.revision)

    def known(self, code: str, *, area: str = "") -> Figure | None:
        """Return the figure, or None where its indicator or unit did not exist in this window, or nobody gave a number."""
        if code not in self.board.lines or (self.unit and self.unit not in self.board.units):
            return None
        figure = self.figure(code, area=area)
        return figure if figure.value is not None else None


def mark(figure: Figure, part: Printed | Beside, text: str) -> Mark:
    return Mark(text=text, tag=f"{figure.key}#{part}")


def value(figure: Figure) -> Run:
    """Print the value: «67,5%», or a count."""
    if figure.value is None:
        return Words(text=NO_NUMBER)
    return mark(figure, Printed.VALUE, _amount(figure.value, is_ratio=figure.is_ratio))


def numerator(figure: Figure) -> Run:
    return _count(figure, Printed.NUMERATOR, figure.numerator)


def denominator(figure: Figure) -> Run:
    return _count(figure, Printed.DENOMINATOR, figure.denominator)


def target(figure: Figure) -> Run:
    """Print the target: «50%» without decimals where it has none."""
    if figure.target is None:
        return Words(text=NO_NUMBER)
    if not figure.is_ratio:
        return mark(figure, Printed.TARGET, format_number(figure.target, 0))
    whole = figure.target * 100 == (figure.target * 100).to_integral_value()
    return mark(figure, Printed.TARGET, format_percent(figure.target, 0 if whole else 1))


def part_of(figures: Figures, code: str, part: str) -> Run:
    """Print one number of the figure of a code, by the name of its part; «—» where there is none, or no such code."""
    if code not in figures.board.lines:
        return Words(text=NO_NUMBER)
    how = {"val": value, "num": numerator, "den": denominator, "target": target, "gap": gap}
    return how[part](figures.figure(code))


def gap(figure: Figure) -> Run:
    """Print how many counted things the target still wants, in whole things, half up as on every screen."""
    return _count(figure, Printed.GAP, figure.gap)


def is_lacking(figure: Figure) -> bool:
    """Does it lack at least one whole thing to its target?"""
    return figure.gap is not None and figure.gap >= Decimal("0.5")


def change(now: Figure, before: Figure) -> tuple[str, Mark | None]:
    """
    Return «tăng», «giảm» or «không đổi», and the difference.

    The difference is that of the two numbers as they are printed, so that a reader who subtracts finds the same.
    """
    difference = _shown(now) - _shown(before)
    if difference == 0:
        return "không đổi", None
    text = format_number(abs(difference), 1 if now.is_ratio else 0)
    return "tăng" if difference > 0 else "giảm", mark(now, Beside.CHANGE, text)


def reported(figure: Figure) -> Mark:
    return mark(figure, Beside.REPORTED, str(figure.reported))


def expected(figure: Figure) -> Mark:
    return mark(figure, Beside.EXPECTED, str(figure.expected))


def missing(figure: Figure) -> Mark:
    return mark(figure, Beside.MISSING, str(len(figure.missing)))


def words(figure: Figure, text: str) -> Run:
    """Print words of the plan; under a tag where they hold a percentage, for none stands outside one."""
    return mark(figure, Beside.TEXT, text) if "%" in text else Words(text=text)


def shown_amount(figure: Figure, number: Decimal | None) -> Decimal | None:
    """Return a number as it is printed, for a chart beside the table: a share with three decimals, a count whole."""
    if number is None:
        return None
    printed_number = parse_number(_amount(number, is_ratio=figure.is_ratio).rstrip("%"), dot="thousands")
    return printed_number / 100 if figure.is_ratio else printed_number


def _amount(number: Decimal, *, is_ratio: bool) -> str:
    return format_percent(number, 1) if is_ratio else format_number(number, 0)


def _count(figure: Figure, part: Printed, number: Decimal | None) -> Run:
    return Words(text=NO_NUMBER) if number is None else mark(figure, part, format_number(number, 0))


def _shown(figure: Figure) -> Decimal:
    assert figure.value is not None
    return parse_number(_amount(figure.value, is_ratio=figure.is_ratio).rstrip("%"), dot="thousands")


def short_date(day: date) -> str:
    """Print 15/6/2023 and 05/02/2023: days under 10 and months 1 and 2 get a 0, as in an official document."""
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"{day.day:02}/{month}/{day.year}"
