"""What is behind one figure: how it is computed, from which facts, and the records that these lead back to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.access import Subject
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded
from diem06.cube.figures import Explanation, Figure
from diem06.cube.figures import FactRow as Fact
from diem06.plan.model import Indicator
from diem06.reports.measures import DECLARED, REPORTS, UNIT_PLANS
from diem06.reports.models import DeclaredValue
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.indicator import FormulaWords
from diem06.reports.screens.outlook import counted_of, is_english, name_of, reading_words

FACTS_A_PAGE = 100
_MONTH = re.compile(r"(\d{4})-(\d{2})")
SOURCES = {
    DECLARED: gettext_lazy("Đơn vị báo cáo"),
    UNIT_PLANS: gettext_lazy("Kế hoạch của đơn vị"),
    REPORTS: gettext_lazy("Báo cáo của đơn vị"),
}


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """One fact with the words for where it comes from; `record` is what a unit typed, where it is that."""

    fact: Fact
    side: str
    measure: str
    dimensions: str
    area: str
    source: str
    record: DeclaredValue | None
    may_open: bool  # may this person open the page where it was typed?

    @property
    def amount(self) -> int:
        """The value as it counts: taken away where the formula does so."""
        return self.fact.sign * self.fact.value


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """The facts of one unit on this page of the list."""

    unit: str
    name: str
    lines: tuple[FactLine, ...]


@dataclass(frozen=True, kw_only=True)
class SideTotal:
    """All facts of one side of the figure: they add up to it, unless it counts each entity once."""

    part: int
    side: str
    words: str
    total: Decimal
    facts: int


@dataclass(frozen=True, kw_only=True)
class FigurePage:
    figure: Figure
    indicator: Indicator
    name: str
    reading: str
    counted: str
    subject: str  # whose figure it is: an area, a unit, or a unit in an area
    is_current: bool
    formulas: tuple[FormulaWords, ...]
    totals: tuple[SideTotal, ...]
    groups: tuple[UnitFacts, ...]
    page: Page[Fact]

    @property
    def has_period_page(self) -> bool:
        """Is its window one reporting period, for which the indicator has a page?"""
        return _MONTH.fullmatch(self.figure.period) is not None

    @property
    def period_words(self) -> str:
        """«12/2023» of a period; a quarter, a year or a run keeps its code."""
        month = _MONTH.fullmatch(self.figure.period)
        return f"{int(month[2])}/{month[1]}" if month else self.figure.period


def figure_page(loaded: Loaded, explanation: Explanation, subject: Subject, *, page: str | None) -> FigurePage:
    """Return the page of a figure; `page` is the wanted page of its facts, the first where it makes no sense."""
    figure = explanation.figure
    tree, units = areas_on(figure.last_day), units_on(figure.last_day)
    dictionary = Dictionary(loaded.plan)
    indicator = explanation.line.indicator
    order = {code: place for place, code in enumerate(units)}
    facts = sorted(
        explanation.facts,
        key=lambda fact: (
            order.get(fact.unit, len(order)),
            fact.unit,
            fact.part,
            fact.side == "den",
            fact.area,
            fact.dimensions,
        ),
    )
    shown = Paginator(facts, FACTS_A_PAGE).get_page(page)
    return FigurePage(
        figure=figure,
        indicator=indicator,
        name=name_of(indicator),
        reading=reading_words(explanation.line.reading) if explanation.line.reading else "",
        counted=counted_of(indicator),
        subject=_subject(figure, tree, units),
        is_current=explanation.is_current,
        formulas=tuple(
            FormulaWords(numerator=dictionary.formula(numerator), denominator=dictionary.formula(denominator))
            for numerator, denominator in explanation.formulas
        ),
        totals=tuple(_totals(explanation)),
        groups=tuple(_groups(list(shown), dictionary, tree, units, subject)),
        page=shown,
    )


def _subject(figure: Figure, tree: AreaTree, units: Mapping[str, UnitOn]) -> str:
    named = []
    if figure.unit:
        named.append(_unit(units, figure.unit))
    if figure.area:
        named.append(tree.get(figure.area.code).name)
    return ", ".join(named)


def _unit(units: Mapping[str, UnitOn], code: str) -> str:
    unit = units.get(code)
    if unit is None:
        return code or _("Không rõ đơn vị")
    return unit.name_en if is_english() and unit.name_en else unit.name


def _totals(explanation: Explanation) -> list[SideTotal]:
    words = {"num": _("Tử số"), "den": _("Mẫu số")} if explanation.line.is_ratio else {"num": _("Giá trị")}
    parts = len(explanation.formulas)
    found = []
    for part in range(parts):
        for side, name in words.items():
            facts = [fact for fact in explanation.facts if (fact.part, fact.side) == (part, side)]
            total = sum((Decimal(fact.sign * fact.value) for fact in facts), Decimal(0))
            numbered = _("%(side)s, phần %(part)s") % {"side": name, "part": part + 1} if parts > 1 else name
            found.append(SideTotal(part=part, side=side, words=numbered, total=total, facts=len(facts)))
    return found


def _groups(
    facts: list[Fact], dictionary: Dictionary, tree: AreaTree, units: Mapping[str, UnitOn], subject: Subject
) -> list[UnitFacts]:
    records = {
        value.record: value
        for value in DeclaredValue.objects.filter(
            record__in=[fact.record for fact in facts if fact.source == DECLARED]
        ).select_related("period", "recorded_by")
    }
    sides = {"num": _("Tử số"), "den": _("Mẫu số")}
    by_unit: dict[str, list[FactLine]] = {}
    for fact in facts:
        by_unit.setdefault(fact.unit, []).append(
            FactLine(
                fact=fact,
                side=sides[fact.side],
                measure=dictionary.measure(fact.measure),
                dimensions=dictionary.dimensions(fact.dimensions),
                area=tree.get(fact.area).name if fact.area in tree else fact.area,
                source=str(SOURCES.get(fact.source, fact.source)),
                record=records.get(fact.record),
                may_open=subject.is_province_wide or fact.unit in subject.units,
            )
        )
    return [UnitFacts(unit=unit, name=_unit(units, unit), lines=tuple(lines)) for unit, lines in by_unit.items()]
