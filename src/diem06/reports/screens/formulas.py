"""Formulas of the plan in words: «Điểm có video [loại điểm: bộ phận một cửa]»."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diem06.core.plans.cells import parsed
from diem06.plan.formula import Term, parse
from diem06.plan.model import Label, Measure, Plan
from diem06.reports.screens.outlook import is_english


@dataclass(frozen=True, kw_only=True)
class TermWords:
    """One term: `sign` is + or −, empty for the first one; `filters` are «loại điểm: bưu điện, VNPT»."""

    sign: str
    measure: str
    name: str
    filters: tuple[str, ...]


class Dictionary:
    """The words of one plan for its measures and dimension values."""

    def __init__(self, plan: Plan) -> None:
        self._measures: dict[str, Measure] = {measure.code: measure for measure in plan.measures}
        self._labels = Labels(plan.labels)

    def formula(self, text: str) -> tuple[TermWords, ...]:
        """Return the terms of a formula as the plan writes them: a derived measure stays one."""
        return tuple(self._term(term, place) for place, term in enumerate(parse(text).terms)) if text else ()

    def measure(self, code: str) -> str:
        measure = self._measures.get(code)
        if measure is None:
            return code
        return measure.name_en if is_english() and measure.name_en else measure.name

    def dimensions(self, canonical: str) -> str:
        """Return the words for dimension values as facts carry them: «kênh: trực tuyến»."""
        return self._labels.dimensions(canonical)

    def _term(self, term: Term, place: int) -> TermWords:
        return TermWords(
            sign="" if place == 0 else "+" if term.sign > 0 else "−",
            measure=term.measure,
            name=self.measure(term.measure),
            filters=tuple(self._labels.pair(name, values) for name, values in term.where),
        )


class Labels:
    """Words for dimensions and their values; what has none stays a code."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self._labels = {(label.dimension, label.value): label for label in labels}

    def dimensions(self, canonical: str) -> str:
        """Return the words for dimension values as facts carry them: «kênh: trực tuyến»."""
        return "; ".join(self.pair(name, (value,)) for name, value in parsed(canonical).items())

    def pair(self, dimension: str, values: tuple[str, ...]) -> str:
        """Return a dimension with some of its values: «loại điểm: bưu điện, VNPT»."""
        named = ", ".join(self._word(dimension, value) for value in values)
        return f"{self._word(dimension, '')}: {named}"

    def _word(self, dimension: str, value: str) -> str:
        label = self._labels.get((dimension, value))
        if label is None:
            return value or dimension
        return label.en if is_english() else label.vi
