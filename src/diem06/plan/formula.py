"""
Formulas over measures: `measure[dimension=a|b;other=c] - another[...]`.

`|` is or, `;` is and. A formula without brackets takes the whole measure. Spaces do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diem06.plan.model import Measure

_HOW = "Write a measure such as service_points[point_kind=post|vnpt], joined by + or -."

_CODE = r"[a-z][a-z0-9_]*"
_TERM = re.compile(rf"\s*(?P<measure>{_CODE})\s*(?:\[(?P<where>[^\[\]]*)\])?\s*")
_CONDITION = re.compile(rf"\s*(?P<dimension>{_CODE})\s*=(?P<values>.*)", re.DOTALL)
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class FormulaError(ValueError):
    """A formula that cannot be read or computed; `wrong` says what is wrong, `write` what to write instead."""

    def __init__(self, wrong: str, write: str = _HOW) -> None:
        super().__init__(f"{wrong} {write}")
        self.wrong = wrong
        self.write = write


@dataclass(frozen=True)
class Term:
    """
    One measure of a formula, added (`sign` 1) or taken away (-1).

    `where` holds (dimension, allowed values) in the order written; empty: all of the measure.
    """

    sign: int
    measure: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        """Print the term as it is written in a formula, without its sign."""
        if not self.where:
            return self.measure
        conditions = ";".join(dimension + "=" + "|".join(values) for dimension, values in self.where)
        return f"{self.measure}[{conditions}]"


@dataclass(frozen=True)
class Formula:
    """The sum of one or more terms; the first one is never taken away."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        """Print the formula so that `parse` reads the same one back."""
        first, *rest = self.terms
        return str(first) + "".join(f" {'+' if term.sign > 0 else '-'} {term}" for term in rest)


def parse(text: str) -> Formula:
    """Read a formula; raise `FormulaError` on the first thing that cannot be read."""
    terms: list[Term] = []
    position, sign = 0, 1
    while True:
        match = _TERM.match(text, position)
        if match is None:
            raise FormulaError(_expected("a measure", text, position))
        terms.append(Term(sign, match["measure"], _conditions(match["where"], match["measure"])))
        position = match.end()
        if position == len(text):
            return Formula(tuple(terms))
        if text[position] not in "+-":
            raise FormulaError(_expected("+ or -", text, position))
        sign = 1 if text[position] == "+" else -1
        position += 1


def expand(formula: Formula, measures: Mapping[str, Measure]) -> Formula:
    """
    Replace each derived measure by its formula, until only recorded measures are left.

    Raise `FormulaError` for an unknown measure, a filter on a derived one, or one derived from itself.
    """
    return Formula(tuple(_expanded(formula, measures, ())))


def _expanded(formula: Formula, measures: Mapping[str, Measure], above: tuple[str, ...]) -> list[Term]:
    terms: list[Term] = []
    for term in formula.terms:
        measure = measures.get(term.measure)
        if measure is None:
            raise FormulaError(f"there is no measure {term.measure!r}.", "Write the code of a measure of this plan.")
        if not measure.derived:
            terms.append(term)
            continue
        if term.where:
            raise FormulaError(
                f"{term.measure} is derived and cannot be filtered.", "Filter the measures that it is derived from."
            )
        if term.measure in above:
            raise FormulaError(f"{term.measure} is derived from itself.", "Derive it from measures that are recorded.")
        inner = _expanded(parse(measure.derived), measures, (*above, term.measure))
        terms.extend(Term(term.sign * each.sign, each.measure, each.where) for each in inner)
    return terms


def _conditions(where: str | None, measure: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if where is None:
        return ()
    found: dict[str, tuple[str, ...]] = {}
    for condition in where.split(";"):
        match = _CONDITION.fullmatch(condition)
        values = tuple(value.strip() for value in match["values"].split("|")) if match else ()
        if match is None or not all(_VALUE.fullmatch(value) for value in values):
            raise FormulaError(
                f"{measure} has the filter {condition.strip()!r}.",
                "Write a filter as dimension=value or dimension=a|b.",
            )
        if match["dimension"] in found or len(set(values)) != len(values):
            raise FormulaError(
                f"{measure} names {condition.strip()!r} twice.", "Name each dimension and each value once."
            )
        found[match["dimension"]] = values
    return tuple(found.items())


def _expected(what: str, text: str, position: int) -> str:
    rest = text[position:].strip()
    return f"expected {what} at {rest!r}." if rest else f"expected {what} at the end of {text.strip()!r}."
