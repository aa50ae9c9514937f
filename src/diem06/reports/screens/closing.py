"""What is closed, what a closing will freeze, and what was restated since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaTree
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, periods
from diem06.core.roster import source_title
from diem06.core.ui.words import STANDINGS
from diem06.cube.closing.changes import ChangedFact
from diem06.cube.closing.queries import closings, first_open
from diem06.cube.closing.restatements import Restatement, Restatements, restatements
from diem06.cube.figures import Figure, FigureQuery, figures
from diem06.cube.models import Closing
from diem06.reports import queries
from diem06.reports.measures import DECLARED
from diem06.reports.models import DeclaredValue, Report, ReportState
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.outlook import is_english, name_of
from diem06.reports.screens.workbooks import Cell, Share, Sheet, written


@dataclass(frozen=True, kw_only=True)
class PeriodLine:
    """One period in the list: how it was closed, or from when it can be."""

    period: Period
    closing: Closing | None
    restated: int
    is_next: bool  # nothing before it is open
    is_ripe: bool


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Units whose report is not whole, by what it lacks; and figures without a number, or of a part of those who owe it."""

    not_sent: tuple[str, ...]
    not_accepted: tuple[str, ...]
    open_again: tuple[str, ...]
    without_data: int
    partial: int

    @property
    def is_nothing(self) -> bool:
        return not (self.not_sent or self.not_accepted or self.open_again or self.without_data or self.partial)


@dataclass(frozen=True, kw_only=True)
class Outset:
    """What closing a period would freeze, and what it would freeze as missing."""

    figures: int
    indicators: int
    missing: Missing


@dataclass(frozen=True, kw_only=True)
class FactWords:
    """A changed fact in words; `who` is empty where a program wrote it."""

    fact: ChangedFact
    unit: str
    area: str
    measure: str
    dimensions: str
    source: str
    who: str
    note: str


@dataclass(frozen=True, kw_only=True)
class RestatedLine:
    """A restated figure in words."""

    restated: Restatement
    name: str
    subject: str
    facts: tuple[FactWords, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How the list of restatements is narrowed; empty: all."""

    unit: str = ""
    indicator: str = ""


def period_lines(loaded: Loaded, *, at: datetime) -> list[PeriodLine]:
    """Return the opened periods, the newest first."""
    closed = {closing.period: closing for closing in closings(loaded.plan.id)}
    following = first_open(loaded.plan)
    return [
        PeriodLine(
            period=period,
            closing=closed.get(period.code),
            restated=len(restatements(loaded, closed[period.code]).all) if period.code in closed else 0,
            is_next=following is not None and following.code == period.code,
            is_ripe=at >= period.lock_at,
        )
        for period in reversed([row for row in periods(loaded.plan) if row.opens_at <= at])
    ]


def outset(loaded: Loaded, period: Period, *, at: datetime) -> Outset:
    """Return what closing the period now would freeze."""
    found = list(figures(FigureQuery(loaded=loaded, windows=(period.code,))))
    units = units_on(period.last_day)
    reports = Report.objects.filter(period=period).select_related("period").order_by("unit")
    names = {report.unit: _unit(units, report.unit) for report in reports}
    timeliness = {sending.report.unit: sending.timeliness for sending in queries.sendings(period, at=at)}
    return Outset(
        figures=len(found),
        indicators=len({figure.indicator for figure in found}),
        missing=Missing(
            not_sent=tuple(
                names[report.unit] for report in reports if timeliness.get(report.unit) in {"missing", "not_due"}
            ),
            not_accepted=tuple(names[report.unit] for report in reports if report.state == ReportState.APPROVED),
            open_again=tuple(
                names[report.unit]
                for report in reports
                if report.open_until and at < report.open_until and report.state != ReportState.ACCEPTED
            ),
            without_data=sum(1 for figure in found if figure.numerator is None),
            partial=sum(1 for figure in found if figure.numerator is not None and figure.is_partial),
        ),
    )


def restated_lines(loaded: Loaded, closing: Closing, choice: Choice) -> list[RestatedLine]:
    """Return the restated figures in words: the widest area first within each indicator, as the plan lists them."""
    every = restatements(loaded, closing)
    found = [one for one in every.all if _is_chosen(one, choice)]
    words = _fact_words(loaded, every, [fact for one in found for fact in one.facts])
    units = every.board.units if found else {}
    return [
        RestatedLine(
            restated=one,
            name=name_of(every.lines[one.closed.code].indicator),
            subject=_subject(one.closed, every.board.tree, units),
            facts=tuple(words[fact] for fact in one.facts),
        )
        for one in found
    ]


def choices(loaded: Loaded, closing: Closing) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the units whose facts changed and the indicators that were restated, as (code, words), to choose from."""
    every = restatements(loaded, closing)
    units = every.board.units if every.all else {}
    codes = dict.fromkeys(one.closed.indicator for one in every.all)
    changed = sorted({fact.unit for one in every.all for fact in one.facts})
    return [(code, _unit(units, code)) for code in changed], [(code, code) for code in codes]


def _is_chosen(one: Restatement, choice: Choice) -> bool:
    return choice.indicator in ("", one.closed.indicator) and (
        not choice.unit or one.closed.unit == choice.unit or any(fact.unit == choice.unit for fact in one.facts)
    )


def _fact_words(loaded: Loaded, every: Restatements, facts: Sequence[ChangedFact]) -> dict[ChangedFact, FactWords]:
    if not facts:
        return {}
    named = {fact.record or fact.before_record for fact in facts if fact.source == DECLARED}
    records = {row.record: row for row in DeclaredValue.objects.filter(record__in=named).select_related("recorded_by")}
    dictionary, tree, units = Dictionary(loaded.plan), every.board.tree, every.board.units
    found = {}
    for fact in dict.fromkeys(facts):
        record = records.get(fact.record or fact.before_record)
        found[fact] = FactWords(
            fact=fact,
            unit=_unit(units, fact.unit),
            area=tree.get(fact.area_now).name if fact.area_now in tree else fact.area,
            measure=dictionary.measure(fact.measure),
            dimensions=dictionary.dimensions(fact.dimensions),
            source=source_title(fact.source),
            who=record.recorded_by.full_name if record and record.recorded_by and fact.record else "",
            note=record.note if record else "",
        )
    return found


def _subject(figure: Figure, tree: AreaTree, units: Mapping[str, UnitOn]) -> str:
    named = [_unit(units, figure.unit)] if figure.unit else []
    return ", ".join([*named, tree.get(figure.area.code).name] if figure.area else named)


def _unit(units: Mapping[str, UnitOn], code: str) -> str:
    unit = units.get(code)
    if unit is None:
        return code
    return (unit.name_en if is_english() else "") or unit.short or unit.name


# -- as an Excel file ----------------------------------------------------------------------------------------------------
def restated_workbook(loaded: Loaded, closing: Closing, lines: Sequence[RestatedLine]) -> bytes:
    """Return the restatements as a workbook: the figures, and the facts behind them."""
    at = timezone.localtime(closing.closed_at)
    about = (
        _("Điều chỉnh sau chốt, kỳ %(period)s") % {"period": closing.period},
        _("Chốt lúc %(at)s, niêm phong số %(number)s: %(hash)s")
        % {"at": f"{at:%H:%M %d/%m/%Y}", "number": closing.number, "hash": closing.hash},
    )
    facts = {words.fact: words for line in lines for words in line.facts}
    return written(
        (
            Sheet(
                name=_("Con số"),
                lines=about,
                head=(
                    _("Chỉ tiêu"),
                    _("Tên"),
                    _("Của"),
                    _("Đã chốt"),
                    _("Hiện nay"),
                    _("Chênh lệch"),
                    _("Chênh lệch so với số đã chốt"),
                    _("Trạng thái đã chốt"),
                    _("Trạng thái hiện nay"),
                    _("Số liệu ghi sau chốt"),
                    _("Mã số đã chốt"),
                    _("Mã số hiện nay"),
                ),
                rows=[_figure_row(line) for line in lines],
                widths=(10, 44, 30, 12, 12, 12, 14, 16, 16, 12, 28, 28),
            ),
            Sheet(
                name=_("Số liệu"),
                lines=about,
                head=(
                    _("Đơn vị"),
                    _("Địa bàn"),
                    _("Số đo"),
                    _("Phân loại"),
                    _("Ngày"),
                    _("Trước"),
                    _("Sau"),
                    _("Ghi lúc"),
                    _("Người ghi"),
                    _("Nguồn"),
                ),
                rows=[_fact_row(words) for words in facts.values()],
                widths=(28, 24, 44, 28, 12, 12, 12, 18, 24, 20),
            ),
        ),
        is_made_up=loaded.is_made_up,
    )


def _figure_row(line: RestatedLine) -> tuple[Cell | Share, ...]:
    one = line.restated

    def value(number: Decimal | None) -> Cell | Share:
        return Share(value=number) if one.closed.is_ratio else number

    return (
        one.closed.code,
        line.name,
        line.subject,
        value(one.closed.value),
        value(one.now.value),
        value(one.size),
        Share(value=one.relative),
        str(STANDINGS[one.closed.standing.value].words),
        str(STANDINGS[one.now.standing.value].words),
        len(line.facts),
        one.closed.key,
        one.now.key,
    )


def _fact_row(words: FactWords) -> tuple[Cell | Share, ...]:
    fact = words.fact
    return (
        words.unit,
        words.area,
        words.measure,
        words.dimensions,
        fact.day,
        fact.before,
        fact.after,
        f"{timezone.localtime(fact.changed_at):%H:%M %d/%m/%Y}",
        words.who,
        words.source,
    )
