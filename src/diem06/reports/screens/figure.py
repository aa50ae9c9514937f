"""What is behind one figure: how it is computed, from which facts, and the records that these lead back to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Self, overload

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from diem06.core.access import Subject
from diem06.core.areas.queries import AreaOn, AreaTree, areas_on
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.places.queries import places_on
from diem06.core.plans.queries import Loaded
from diem06.core.roster import NamedRecord, Source, installed_sources
from diem06.cube.behind import Behind, Choice, Group, SideSum
from diem06.cube.behind import FactRow as Fact
from diem06.cube.closing.queries import closed_figure, closing_of
from diem06.cube.closing.record import as_closed
from diem06.cube.closing.restatements import Restatement, restatements
from diem06.cube.figures import Figure, board
from diem06.cube.models import Closing
from diem06.plan.model import Indicator
from diem06.reports.measures import DECLARED
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.screens import beside as other_sources
from diem06.reports.screens.beside import Beside, Rule, beside_of, rules_of
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.indicator import FormulaWords
from diem06.reports.screens.outlook import counted_of, is_english, name_of, reading_words
from vnlib.text import fold, sort_key

FACTS_A_PAGE = 100
EXPORTED_AT_MOST = 100_000
"""Rows of one Excel file: what a computer of an office still opens."""
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
    unit: str
    area: str
    source: str
    record: DeclaredValue | None
    named: NamedRecord | None
    may_open: bool  # may this person open the page where it was typed?
    versions: tuple[VersionLine, ...] = ()  # newest first; only where there are several


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
    """All facts of one side of the figure: they add up to it, unless it counts each entity once (`is_distinct`)."""

    part: int
    side: str
    words: str
    total: Decimal | None
    facts: int
    is_distinct: bool = False


@dataclass(frozen=True, kw_only=True)
class FactChoice:
    """
    How the list is narrowed and ordered; empty: not at all. `unit` None: of every unit, empty: of no known one. `side` is `num` or
    `den`, of a reading in parts `num-2`.

    `is_said`: all that the sources say which stand beside the figure, instead of what counts.
    """

    words: str = ""
    unit: str | None = None
    area: str = ""
    side: str = ""
    source: str = ""
    sort: str = "unit"
    is_said: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.unit is not None or self.area or self.side or self.source)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the list can be narrowed to: (value, words)."""

    units: tuple[tuple[str, str], ...]
    areas: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]


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
    choice: FactChoice
    options: Options
    chosen: tuple[SideTotal, ...]  # what the facts in the list come to
    groups: tuple[UnitFacts, ...]
    page: Page[Fact]
    beside: tuple[Beside, ...]
    rules: tuple[Rule, ...]
    closed: ClosedWords | None = None

    @property
    def facts(self) -> int:
        """How many facts the list has, over all its pages."""
        return sum(total.facts for total in self.chosen)

    @property
    def is_by_unit(self) -> bool:
        return self.choice.sort == "unit"

    @property
    def may_export(self) -> bool:
        return self.facts <= EXPORTED_AT_MOST

    @property
    def has_period_page(self) -> bool:
        """Is its window one reporting period, for which the indicator has a page?"""
        return _MONTH.fullmatch(self.figure.period) is not None

    @property
    def period_words(self) -> str:
        """«12/2023» of a period; a quarter, a year or a run keeps its code."""
        month = _MONTH.fullmatch(self.figure.period)
        return f"{int(month[2])}/{month[1]}" if month else self.figure.period


def figure_page(
    loaded: Loaded, behind: Behind, subject: Subject, *, choice: FactChoice | None = None, page: str | None
) -> FigurePage:
    """
    Return the page of a figure; `page` is the wanted page of its facts, the first where it makes no sense.

    `behind` is entered. Of its facts only those of the page are read.
    """
    choice = choice or FactChoice()
    figure, line = behind.figure, behind.line
    closed = _closed(loaded, figure, subject)
    if closed and closed.is_of_record:
        figure = closed.record
    words = Words.of(loaded, figure, subject)
    indicator = line.indicator
    facts = Listed(behind, words, choice)
    shown: Page[Fact] = Paginator(facts, FACTS_A_PAGE).get_page(page)
    return FigurePage(
        figure=figure,
        indicator=indicator,
        name=name_of(indicator),
        reading=reading_words(line.reading) if line.reading else "",
        counted=counted_of(indicator),
        subject=_subject(figure, words.tree, words.units),
        is_of_province=bool(figure.area and figure.area.code == loaded.plan.area),
        may_open_indicator=subject.is_province_wide
        or any(unit in subject.units for unit in board(loaded, figure.period).owners(line.code)),
        is_current=behind.is_current,
        formulas=tuple(
            FormulaWords(
                numerator=words.dictionary.formula(numerator), denominator=words.dictionary.formula(denominator)
            )
            for numerator, denominator in behind.formulas
        ),
        totals=_totals(behind, behind.sums()),
        choice=choice,
        options=facts.options,
        chosen=facts.totals,
        groups=tuple(words.groups(list(shown), is_by_unit=choice.sort == "unit")),
        page=shown,
        beside=beside_of(figure),
        rules=rules_of(loaded.plan, figure) if figure.sources_beside else (),
        closed=closed,
    )


class Listed(Sequence[Fact]):
    """The facts of a choice, as a sequence that reads only what is asked of it."""

    def __init__(self, behind: Behind, words: Words, choice: FactChoice) -> None:
        self._behind = behind
        self._words = words
        self._groups = list(behind.groups(is_said=choice.is_said))
        self.choice = self._narrowed(choice)
        self.totals = _totals(behind, behind.sums(self.choice))

    def __len__(self) -> int:
        return sum(total.facts for total in self.totals)

    @overload
    def __getitem__(self, wanted: int) -> Fact: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Fact]: ...
    def __getitem__(self, wanted: int | slice) -> Fact | list[Fact]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        first, last, _step = wanted.indices(len(self))
        return self._behind.rows(self.choice, orders=self._orders, offset=first, limit=max(last - first, 0))

    def _narrowed(self, choice: FactChoice) -> Choice:
        tree = self._words.tree
        areas = None
        if choice.area:
            areas = frozenset({choice.area, *(area.code for area in tree.descendants(choice.area))})
        groups = None
        if choice.words:
            sought = fold(choice.words).split()
            groups = frozenset(group.id for group in self._groups if all(word in self._text(group) for word in sought))
        part, side = self._sides.get(choice.side, (None, ""))
        return Choice(
            unit=choice.unit,
            areas=areas,
            side=side,
            part=part,
            source=choice.source,
            groups=groups,
            sort=choice.sort,
            is_said=choice.is_said,
        )

    def _text(self, group: Group) -> str:
        """Return the words of a group of facts by which it is found, folded."""
        return self._words.text(group)

    @cached_property
    def _orders(self) -> dict[str, list[str]]:
        """Areas, measures and sources by their names, as a list in Vietnamese has them."""
        words = self._words
        areas = {group.area for group in self._groups}
        measures = {group.measure for group in self._groups}
        sources = {group.source for group in self._groups}
        return {
            "area": sorted(areas, key=lambda code: sort_key(words.area(code))),
            "measure": sorted(measures, key=lambda code: sort_key(words.dictionary.measure(code))),
            "source": sorted(sources, key=lambda code: sort_key(words.source(code))),
        }

    @property
    def _sides(self) -> dict[str, tuple[int, str]]:
        """Each part and side by its code in the address."""
        return sides_of(self._behind)

    @cached_property
    def options(self) -> Options:
        """What the list has, so that no choice leads to nothing by itself."""
        words, tree = self._words, self._words.tree
        present = {group.unit for group in self._groups}
        areas = {group.area for group in self._groups if group.area in tree}
        around = areas | {above.code for area in areas for above in tree.ancestors(area)}
        sides = side_words(self._behind)
        sources = {group.source for group in self._groups}
        return Options(
            units=tuple(
                (unit, _unit(words.units, unit))
                for unit in (*words.units, *sorted(present - set(words.units)))
                if unit in present
            ),
            areas=tuple(
                (area.code, f"{'— ' if area.level == 'commune' else ''}{area.name}")
                for area in in_order(tree)
                if area.code in around and area.parent
            ),
            sides=tuple((code, sides[side]) for code, side in self._sides.items()),
            sources=tuple(sorted((code, words.source(code)) for code in sources)),
        )


def in_order(tree: AreaTree, inside: str = "") -> Iterator[AreaOn]:
    """Yield the areas of a tree, each followed by those in it."""
    for area in tree.children(inside):
        yield area
        yield from in_order(tree, area.code)


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


def sides_of(behind: Behind) -> dict[str, tuple[int, str]]:
    """Return each part and side of a figure by its code in an address: `num`, of a reading in parts `num-2`."""
    parts = len(behind.formulas)
    sides = ("num", "den") if behind.line.is_ratio else ("num",)
    return {other_sources.side_code(side, part, parts=parts): (part, side) for part in range(parts) for side in sides}


def side_words(behind: Behind) -> dict[tuple[int, str], str]:
    """Return what each side of each part is called: «Giá trị», «Tử số», «Mẫu số, phần 2»."""
    parts, is_ratio = len(behind.formulas), behind.line.is_ratio
    return {
        (part, side): other_sources.side_words(side, part, parts=parts, is_ratio=is_ratio)
        for part, side in sides_of(behind).values()
    }


def _totals(behind: Behind, sums: Iterable[SideSum]) -> tuple[SideTotal, ...]:
    words = side_words(behind)
    return tuple(
        SideTotal(
            part=each.part,
            side=each.side,
            words=words[each.part, each.side],
            total=each.value,
            facts=each.facts,
            is_distinct=each.is_distinct,
        )
        for each in sums
        if (each.part, each.side) in words
    )


@dataclass(frozen=True, kw_only=True)
class Words:
    """What codes are called on the figure's last day, and what this person may know of records."""

    dictionary: Dictionary
    tree: AreaTree
    units: Mapping[str, UnitOn]
    sources: Mapping[str, Source]
    subject: Subject
    day: date
    _folded: dict[Group, str] = field(default_factory=dict)

    @classmethod
    def of(cls, loaded: Loaded, figure: Figure, subject: Subject) -> Self:
        return cls(
            dictionary=Dictionary(loaded.plan),
            tree=areas_on(figure.last_day),
            units=units_on(figure.last_day),
            sources={source.code: source for source in installed_sources()},
            subject=subject,
            day=figure.last_day,
        )

    @cached_property
    def _places(self) -> Mapping[str, str]:
        """Names of places by key, «heritage_site:chua-bo-da»: thousands, which only a search reads."""
        return {place.key: place.name for place in places_on(self.day)}

    def area(self, code: str) -> str:
        return self.tree.get(code).name if code in self.tree else code

    def source(self, code: str) -> str:
        return str(self.sources[code].title) if code in self.sources else code

    def text(self, group: Group) -> str:
        """Return the words by which a group of facts is found: unit, area and those around it, measure, filters, source, place."""
        if group not in self._folded:
            around = [area.name for area in self.tree.ancestors(group.area)] if group.area in self.tree else []
            self._folded[group] = fold(
                " ".join(
                    (
                        _unit(self.units, group.unit),
                        self.area(group.area),
                        *around,
                        self.dictionary.measure(group.measure),
                        self.dictionary.dimensions(group.dimensions),
                        self.source(group.source),
                        self._places.get(group.place, "") if group.place else "",
                    )
                )
            )
        return self._folded[group]

    def may_open(self, unit: str) -> bool:
        """May this person open what the unit typed?"""
        return self.subject.is_province_wide or unit in self.subject.units

    def lines(self, facts: list[Fact]) -> list[FactLine]:
        """Return facts in words, in their order, with the records that they lead back to."""
        records = {
            value.record: value
            for value in DeclaredValue.objects.filter(
                record__in=[fact.record for fact in facts if fact.source == DECLARED]
            )
            .select_related("period", "recorded_by")
            .prefetch_related("explanations")
        }
        named: dict[str, NamedRecord] = {}
        for code in {fact.source for fact in facts}:
            named |= self.sources[code].records({fact.record for fact in facts if fact.source == code})
        versions = _versions(list(records.values()))
        sides = {"num": _("Tử số"), "den": _("Mẫu số")}
        found = []
        for fact in facts:
            record = records.get(fact.record)
            may_open = self.may_open(fact.unit)
            found.append(
                FactLine(
                    fact=fact,
                    side=sides[fact.side],
                    measure=self.dictionary.measure(fact.measure),
                    dimensions=self.dictionary.dimensions(fact.dimensions),
                    unit=_unit(self.units, fact.unit),
                    area=self.area(fact.area),
                    source=self.source(fact.source),
                    record=record,
                    named=named.get(fact.record),
                    may_open=may_open,
                    versions=_version_lines(versions.get(_cell(record), []), may_open=may_open) if record else (),
                )
            )
        return found

    def groups(self, facts: list[Fact], *, is_by_unit: bool) -> list[UnitFacts]:
        """Return facts by unit, or all of them in one group where they are ordered otherwise."""
        lines = self.lines(facts)
        if not is_by_unit:
            return [UnitFacts(unit="", name="", lines=tuple(lines), may_open=False)] if lines else []
        by_unit: dict[str, list[FactLine]] = {}
        for line in lines:
            by_unit.setdefault(line.fact.unit, []).append(line)
        reports = _reports([line.record for line in lines if line.record])
        return [
            UnitFacts(
                unit=unit,
                name=_unit(self.units, unit),
                lines=tuple(mine),
                may_open=self.may_open(unit),
                reports=tuple(reports.get(unit, ())),
            )
            for unit, mine in by_unit.items()
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
