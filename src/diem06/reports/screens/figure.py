"""What is behind one figure: how it is computed, from which facts, and the records that these lead back to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from diem06.core.access import Subject
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded
from diem06.core.roster import NamedRecord, installed_sources
from diem06.cube.closing.queries import closed_figure, closing_of
from diem06.cube.closing.record import as_closed
from diem06.cube.closing.restatements import Restatement, restatements
from diem06.cube.figures import Explanation, Figure, board
from diem06.cube.figures import FactRow as Fact
from diem06.cube.models import Closing
from diem06.plan.model import Indicator
from diem06.reports.measures import DECLARED
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.indicator import FormulaWords
from diem06.reports.screens.outlook import counted_of, is_english, name_of, reading_words

FACTS_A_PAGE = 100
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """One version of a typed value: `who` is empty where this person may not know it, or a program wrote it."""

    value: int
    version: int
    recorded_at: datetime
    who: str
    note: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """
    One fact with the words for where it comes from; `record` is what a unit typed, where it is that, `named` any other record.
    """

    fact: Fact
    side: str
    measure: str
    dimensions: str
    area: str
    source: str
    record: DeclaredValue | None
    named: NamedRecord | None
    may_open: bool  # may this person open the page where it was typed?
    versions: tuple[VersionLine, ...] = ()  # newest first; only where there are several

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
    may_open: bool
    reports: tuple[Report, ...] = ()  # in which the values were declared, with the document that approved each


@dataclass(frozen=True, kw_only=True)
class SideTotal:
    """All facts of one side of the figure: they add up to it, unless it counts each entity once."""

    part: int
    side: str
    words: str
    total: Decimal
    facts: int


@dataclass(frozen=True, kw_only=True)
class ClosedWords:
    """
    What the page of a figure says where its period was closed: the figure of record, and what the facts would give now.

    `is_of_record`: the page shows the closed figure itself, not a later one.
    """

    closing: Closing
    record: Figure
    restated: Restatement | None
    is_of_record: bool
    may_open_list: bool


@dataclass(frozen=True, kw_only=True)
class FigurePage:
    figure: Figure
    indicator: Indicator
    name: str
    reading: str
    counted: str
    subject: str  # whose figure it is: an area, a unit, or a unit in an area
    is_of_province: bool
    may_open_indicator: bool
    is_current: bool
    formulas: tuple[FormulaWords, ...]
    totals: tuple[SideTotal, ...]
    groups: tuple[UnitFacts, ...]
    page: Page[Fact]
    closed: ClosedWords | None = None

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
    closed = _closed(loaded, figure, subject)
    if closed and closed.is_of_record:
        figure = closed.record
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
        is_of_province=bool(figure.area and figure.area.code == loaded.plan.area),
        may_open_indicator=subject.is_province_wide
        or any(unit in subject.units for unit in board(loaded, figure.period).owners(explanation.line.code)),
        is_current=explanation.is_current,
        formulas=tuple(
            FormulaWords(numerator=dictionary.formula(numerator), denominator=dictionary.formula(denominator))
            for numerator, denominator in explanation.formulas
        ),
        totals=tuple(_totals(explanation)),
        groups=tuple(_groups(list(shown), dictionary, tree, units, subject)),
        page=shown,
        closed=closed,
    )


def _closed(loaded: Loaded, figure: Figure, subject: Subject) -> ClosedWords | None:
    """Return what was closed of the figure; None while its period is open, or where it was not a figure then."""
    closing = closing_of(loaded.plan.id, figure.period)
    area = figure.area.code if figure.area else ""
    row = closed_figure(closing, code=figure.code, area=area, unit=figure.unit or "") if closing else None
    if closing is None or row is None:
        return None
    return ClosedWords(
        closing=closing,
        record=as_closed(figure, row),
        restated=restatements(loaded, closing).of(row),
        is_of_record=figure.revision == closing.revision,
        may_open_list=subject.is_province_wide,
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
        for value in DeclaredValue.objects.filter(record__in=[fact.record for fact in facts if fact.source == DECLARED])
        .select_related("period", "recorded_by")
        .prefetch_related("explanations")
    }
    sources = {source.code: source for source in installed_sources()}
    named: dict[str, NamedRecord] = {}
    for code in {fact.source for fact in facts}:
        named |= sources[code].records({fact.record for fact in facts if fact.source == code})
    versions = _versions(list(records.values()))
    reports = _reports(list(records.values()))
    sides = {"num": _("Tử số"), "den": _("Mẫu số")}
    by_unit: dict[str, list[FactLine]] = {}
    for fact in facts:
        record = records.get(fact.record)
        may_open = subject.is_province_wide or fact.unit in subject.units
        by_unit.setdefault(fact.unit, []).append(
            FactLine(
                fact=fact,
                side=sides[fact.side],
                measure=dictionary.measure(fact.measure),
                dimensions=dictionary.dimensions(fact.dimensions),
                area=tree.get(fact.area).name if fact.area in tree else fact.area,
                source=str(sources[fact.source].title),
                record=record,
                named=named.get(fact.record),
                may_open=may_open,
                versions=_version_lines(versions.get(_cell(record), []), may_open=may_open) if record else (),
            )
        )
    return [
        UnitFacts(
            unit=unit,
            name=_unit(units, unit),
            lines=tuple(lines),
            may_open=subject.is_province_wide or unit in subject.units,
            reports=tuple(reports.get(unit, ())),
        )
        for unit, lines in by_unit.items()
    ]


def _cell(value: DeclaredValue) -> tuple[object, ...]:
    return value.period_id, value.unit, value.measure, value.dimensions, value.area, value.day


def _versions(values: list[DeclaredValue]) -> dict[tuple[object, ...], list[DeclaredValue]]:
    """Return all versions of the cells of `values`, the superseded ones too, newest first."""
    found: dict[tuple[object, ...], list[DeclaredValue]] = {}
    if not values:
        return found
    wanted = {_cell(value) for value in values}
    rows = (
        DeclaredValue.objects.filter(
            period__in={value.period_id for value in values},
            unit__in={value.unit for value in values},
            measure__in={value.measure for value in values},
            area__in={value.area for value in values},
        )
        .select_related("recorded_by")
        .order_by("-version")
    )
    for row in rows:
        if _cell(row) in wanted:
            found.setdefault(_cell(row), []).append(row)
    return found


def _version_lines(rows: list[DeclaredValue], *, may_open: bool) -> tuple[VersionLine, ...]:
    if len(rows) < 2:
        return ()
    return tuple(
        VersionLine(
            value=row.value,
            version=row.version,
            recorded_at=row.recorded_at,
            who=row.recorded_by.full_name if row.recorded_by and may_open else "",
            note=row.note,
            is_current=row.superseded_at is None,
        )
        for row in rows
    )


def _reports(values: list[DeclaredValue]) -> dict[str, list[Report]]:
    """Return the reports in which the values were declared, by unit, oldest period first."""
    wanted = {(value.period_id, value.unit) for value in values}
    found: dict[str, list[Report]] = {}
    if not wanted:
        return found
    rows = Report.objects.filter(
        period__in={period for period, _unit in wanted}, unit__in={unit for _period, unit in wanted}
    ).select_related("period", "approval_file")
    for row in sorted(rows, key=lambda each: each.period.first_day):
        if (row.period_id, row.unit) in wanted:
            found.setdefault(row.unit, []).append(row)
    return found
