"""The plan's own text as the page: beside each clause its figures, who owes them, what is behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core.organisation.queries import successor_of
from diem06.core.plans.queries import owing
from diem06.core.plans.words import ChangeWords, words_of
from diem06.core.ui import numbers
from diem06.core.ui.figure import LiveFigure
from diem06.core.ui.words import STANDINGS
from diem06.cube.figures import Figure
from diem06.cube.standing import Standing
from diem06.plan.changes import assignments_on, changes, deadlines_on, newest_target
from diem06.plan.model import Clause, Document, Indicator
from diem06.reports.models import Narrative, Report
from diem06.reports.queries import unit_plans
from diem06.reports.screens.beside import short_words
from diem06.reports.screens.dashboard import UNITS_NAMED, owed_by
from diem06.reports.screens.indicator import no_data_words
from diem06.reports.screens.outlook import (
    UNDECIDED,
    Outlook,
    code_of,
    codes_of,
    counted_of,
    is_english,
    is_undecided,
    name_of,
    reading_words,
    short_name_of,
)
from diem06.reports.screens.plan_text import ParagraphText, PlanText, Section, plan_text, targets_of, without_number

ALL, ANSWERED, AMENDED = "all", "answered", "amended"
NAMES_SHOWN = 3
PLACED_IN_TOC = (Standing.MISSED, Standing.AT_RISK, Standing.BELOW)


@dataclass(frozen=True, kw_only=True)
class Owing:
    """Who owes and who has not given: `missing` are names."""

    words: str
    missing: tuple[str, ...] = ()
    is_complete: bool = False

    @property
    def missing_words(self) -> str:
        """Name who is missing while they are few, else say how many; the page lists the names below."""
        if not self.missing:
            return ""
        if len(self.missing) <= NAMES_SHOWN:
            return _("thiếu %(names)s") % {"names": ", ".join(self.missing)}
        return ngettext("thiếu %(count)s đơn vị", "thiếu %(count)s đơn vị", len(self.missing)) % {
            "count": len(self.missing)
        }

    @property
    def is_long(self) -> bool:
        return len(self.missing) > NAMES_SHOWN


@dataclass(frozen=True, kw_only=True)
class SideFigure:
    """One indicator beside the words that ask for it."""

    indicator: Indicator
    live: LiveFigure
    url: str  # of the indicator's page
    standing: str
    owing: Owing | None
    milestone: SideMilestone | None = None
    beside: str = ""  # what another source says


@dataclass(frozen=True, kw_only=True)
class SideMilestone:
    """A milestone of the standing office that the figure is on its way to, with how it stands to that alone."""

    value: str
    day: date
    standing: str


@dataclass(frozen=True, kw_only=True)
class SideReading:
    words: str
    value: Decimal | None
    is_share: bool
    count: str
    url: str  # of the figure's page


@dataclass(frozen=True, kw_only=True)
class SideReadings:
    """An indicator whose reading is not decided: all of them, none judged."""

    indicator: Indicator
    name: str
    url: str
    readings: tuple[SideReading, ...]
    owing: Owing | None


@dataclass(frozen=True, kw_only=True)
class SideReference:
    """An indicator that stands at another clause."""

    code: str
    clause: str
    words: str


@dataclass(frozen=True, kw_only=True)
class SideRecord:
    """A document or text that units owe for the clause: how many have given it, who has not."""

    words: str
    owing: Owing


@dataclass(frozen=True, kw_only=True)
class SideChange:
    """What a document changed of the clause: the old is struck through. `is_ahead`: it does not hold yet in the period shown."""

    words: ChangeWords
    from_day: date
    document: str
    is_ahead: bool


@dataclass(kw_only=True)
class Side:
    """What stands beside a paragraph."""

    figures: list[SideFigure] = field(default_factory=list)
    readings: list[SideReadings] = field(default_factory=list)
    references: list[SideReference] = field(default_factory=list)
    records: list[SideRecord] = field(default_factory=list)
    changes: list[SideChange] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ShownParagraph:
    text: ParagraphText
    addresses: tuple[str, ...]  # clause ids in the margin
    has_side: bool


@dataclass(frozen=True, kw_only=True)
class Block:
    """Paragraphs with what stands beside the first one of them."""

    paragraphs: tuple[ShownParagraph, ...]
    side: Side | None
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class TocEntry:
    title: str
    is_of_the_plan: bool  # its words are the plan's, always Vietnamese
    anchor: str
    is_inner: bool
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class DeadlineLine:
    day: date
    codes: tuple[str, ...]
    clause: str


@dataclass(frozen=True, kw_only=True)
class LivingPlan:
    outlook: Outlook
    blocks: tuple[Block, ...]
    toc: tuple[TocEntry, ...]
    counts: Mapping[str, int]
    documents: tuple[Document, ...]
    deadlines: tuple[DeadlineLine, ...]
    changed: int  # how many changes a document made

    @property
    def ordered_counts(self) -> list[tuple[str, int]]:
        """Worst first."""
        return [(name, self.counts[name]) for name in STANDINGS if self.counts.get(name)]


def living_plan(outlook: Outlook, *, show: str = ALL) -> LivingPlan:
    """
    Return the page. `show` ANSWERED keeps only what something stands beside, AMENDED only what a document changed; both
    under their headings.
    """
    text = plan_text(outlook.loaded)
    sides = _sides(outlook, text)
    standings = {address: [each.standing for each in side.figures] for address, side in sides.items()}
    for address, side in sides.items():
        standings[address] += [UNDECIDED] * len(side.readings)
    kept = {paragraph.address for paragraph in text.paragraphs}
    if show != ALL:
        kept = _kept(text, {address for address, side in sides.items() if show == ANSWERED or side.changes})
    return LivingPlan(
        outlook=outlook,
        blocks=tuple(_blocks(text, sides, kept)),
        toc=tuple(_toc(outlook, text, standings, kept)),
        counts=_counts(outlook),
        documents=outlook.plan.documents if show == ALL else (),
        deadlines=tuple(_deadlines(outlook)),
        changed=sum(len(side.changes) for side in sides.values()),
    )


def _kept(text: PlanText, wanted: set[str]) -> set[str]:
    kept = set(wanted)
    for section in text.sections:
        if not kept.isdisjoint(section.addresses):
            kept.add(section.address)
    return kept


def _blocks(text: PlanText, sides: Mapping[str, Side], kept: set[str]) -> Iterable[Block]:
    """Begin a block at each paragraph that something stands beside."""
    shown: list[ShownParagraph] = []
    side: Side | None = None
    is_first = True
    for paragraph in text.paragraphs:
        if paragraph.address not in kept:
            continue
        here = sides.get(paragraph.address)
        if here and shown:
            yield Block(paragraphs=tuple(shown), side=side, is_first=is_first)
            shown, is_first = [], False
        if here:
            side = here
        inside = tuple(code for run in paragraph.runs for code in run.begins)
        names = (*paragraph.begins, *inside, *(here.clauses if here else ()))
        shown.append(ShownParagraph(text=paragraph, addresses=tuple(dict.fromkeys(names)), has_side=here is not None))
        if not here and len(shown) == 1:
            side = None
    if shown:
        yield Block(paragraphs=tuple(shown), side=side, is_first=is_first)


# -- what stands beside ------------------------------------------------------------------------------------------------
def _sides(outlook: Outlook, text: PlanText) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    clauses = {clause.id: clause for clause in outlook.plan.clauses}
    counted = {indicator.code for indicator in outlook.counted}
    for indicator in outlook.indicators:
        main, *others = indicator.clauses
        side = _side(sides, text.places[indicator.code], main)
        if indicator.code not in counted:
            side.references.append(_reference(outlook, indicator, _clause_of(outlook, indicator.same_as), is_same=True))
        elif is_undecided(indicator, outlook):
            side.readings.append(_readings(outlook, indicator))
        else:
            side.figures.append(_figure(outlook, indicator))
        for other in others:
            place = text.homes[other]
            _side(sides, place, other).references.append(_reference(outlook, indicator, main, is_same=False))
    records = _Records(outlook)
    for clause in clauses.values():
        if clause.information:
            continue
        for record in records.of(clause):
            _side(sides, text.homes[clause.id], clause.id).records.append(record)
    for change in changes(outlook.plan):
        if change.document and change.clause in clauses:
            _side(sides, text.homes[change.clause], change.clause).changes.append(
                SideChange(
                    words=words_of(change, outlook.plan),
                    from_day=change.from_day,
                    document=change.document,
                    is_ahead=change.from_day > outlook.period.last_day,
                )
            )
    return {address: _named(side) for address, side in sides.items()}


def _side(sides: dict[str, Side], address: str, clause: str) -> Side:
    side = sides.setdefault(address, Side())
    if clause not in side.clauses:
        side.clauses.append(clause)
    return side


def _named(side: Side) -> Side:
    """Drop the name of a figure that stands alone beside the very words that it is about."""
    if len(side.figures) + len(side.readings) == 1 and side.figures and targets_of(side.figures[0].indicator):
        alone = side.figures[0]
        side.figures = [replace(alone, live=replace(alone.live, name=""))]
    return side


def live_figure(outlook: Outlook, indicator: Indicator, figure: Figure, *, name: str = "") -> LiveFigure:
    """Return a figure as the component shows it; its value leads to its own page."""
    return LiveFigure(
        label=figure.code,
        url=reverse("figure", args=[figure.key]),
        value=figure.value,
        standing=str(figure.standing),
        name=name,
        is_count=not figure.is_ratio,
        target=figure.target,
        deadline=figure.deadline,
        numerator=figure.numerator,
        denominator=figure.denominator,
        counted=counted_of(indicator),
        gap=figure.gap,
        grade=str(figure.grade) if figure.grade else "",
        reported=figure.reported if figure.expected and outlook.is_whole else None,
        expected=figure.expected if figure.expected and outlook.is_whole else None,
        is_stale=figure.is_stale,
        is_approximate=figure.is_approximate,
        reason=no_data_words(figure) if figure.standing is Standing.NO_DATA else "",
    )


def _figure(outlook: Outlook, indicator: Indicator) -> SideFigure:
    figure = outlook.figure(code_of(indicator, outlook))
    return SideFigure(
        indicator=indicator,
        live=live_figure(outlook, indicator, figure, name=short_name_of(indicator)),
        url=_page(outlook, indicator),
        standing=str(figure.standing),
        owing=_owing(outlook, figure),
        milestone=_milestone(figure),
        beside=short_words(figure),
    )


def _milestone(figure: Figure) -> SideMilestone | None:
    if figure.milestone is None:
        return None
    value = figure.milestone.value
    return SideMilestone(
        value=numbers.percent(value, None) if figure.is_ratio else numbers.number(value),
        day=figure.milestone.day,
        standing=str(figure.milestone.standing),
    )


def _readings(outlook: Outlook, indicator: Indicator) -> SideReadings:
    figures = {reading.code: outlook.figure(reading.code) for reading in indicator.readings}
    return SideReadings(
        indicator=indicator,
        name=name_of(indicator),
        url=_page(outlook, indicator),
        readings=tuple(
            SideReading(
                words=reading_words(reading),
                value=figures[reading.code].value,
                is_share=figures[reading.code].is_ratio,
                count=live_figure(outlook, indicator, figures[reading.code]).count_words,
                url=reverse("figure", args=[figures[reading.code].key]),
            )
            for reading in indicator.readings
        ),
        owing=_owing(outlook, figures[indicator.readings[0].code]),
    )


def _page(outlook: Outlook, indicator: Indicator) -> str:
    return f"{reverse('indicator', args=[indicator.code])}?period={outlook.period.code}"


def _reference(outlook: Outlook, indicator: Indicator, clause: str, *, is_same: bool) -> SideReference:
    if is_same:
        words = _("như %(code)s, đếm một lần: xem") % {"code": indicator.same_as}
    else:
        words = _("%(name)s: xem") % {"name": short_name_of(indicator)}
    return SideReference(
        code=codes_of(indicator)[0] if is_undecided(indicator, outlook) else indicator.code, clause=clause, words=words
    )


def _clause_of(outlook: Outlook, code: str) -> str:
    return next(indicator.clauses[0] for indicator in outlook.plan.indicators if indicator.code == code)


def _owing(outlook: Outlook, figure: Figure) -> Owing | None:
    """Say who must report for a figure and who has not. A figure that nobody declares has no such line."""
    if not figure.expected:
        return None
    missing = outlook.seen_missing(figure)
    if not outlook.is_whole:
        is_whole = not figure.missing
        words = _("Đơn vị bạn phải báo cáo") if missing or is_whole else _("Số liệu do đơn vị khác báo cáo")
        return Owing(words=words, missing=(_("số liệu kỳ này"),) if missing else (), is_complete=is_whole)
    owners = owed_by(outlook, figure.code)
    count = ngettext("%(count)s đơn vị phải báo cáo", "%(count)s đơn vị phải báo cáo", figure.expected)
    words = count % {"count": figure.expected}
    if figure.expected == len(outlook.board.owners(figure.code)) == 1:
        words = _("%(unit)s báo cáo") % {"unit": owners}
    elif len(outlook.board.owners(figure.code)) <= UNITS_NAMED:
        words = f"{owners} · {words}"
    return Owing(
        words=words, missing=tuple(outlook.unit_short(unit) for unit in missing), is_complete=not figure.missing
    )


class _Records:
    """What units gave of the documents and texts that clauses ask for; read once for the page."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        plan = outlook.plan
        self._plans = {self._now(unit) for unit in unit_plans(plan.id)}
        self._reports = {report.unit: report for report in Report.objects.filter(period=outlook.period)}
        self._writers = set(
            Narrative.objects.filter(report__period=outlook.period)
            .exclude(text="")
            .values_list("report__unit", flat=True)
            .distinct()
        )

    def of(self, clause: Clause) -> Iterable[SideRecord]:
        """Yield one line for each record type of the clause, about its units that report."""
        units = [unit for unit in self._units(clause) if self._outlook.is_whole or unit == self._outlook.unit]
        if not units:
            return
        for kind in clause.record_types:
            match kind:
                case "unit_plan":
                    yield self._line(_("Kế hoạch của đơn vị"), units, self._plans)
                case "report":
                    sent = {unit for unit, report in self._reports.items() if report.first_approved_at}
                    yield self._line(_("Báo cáo kỳ này"), units, sent)
                case "narrative":
                    yield self._line(_("Nội dung báo cáo kỳ này"), units, self._writers)

    def _line(self, words: str, units: list[str], given: set[str]) -> SideRecord:
        missing = [unit for unit in units if unit not in given]
        done = len(units) - len(missing)
        if not self._outlook.is_whole:
            state = _("chưa có") if missing else _("đã có")
            return SideRecord(words=words, owing=Owing(words=state, is_complete=not missing))
        count = _("%(done)s/%(all)s đơn vị") % {"done": done, "all": len(units)}
        return SideRecord(
            words=words,
            owing=Owing(
                words=count,
                missing=tuple(self._outlook.unit_short(unit) for unit in missing),
                is_complete=not missing,
            ),
        )

    def _units(self, clause: Clause) -> list[str]:
        """Return who serves the clause: those assigned by it, else those with a lead duty in it, else all that report."""
        plan, on = self._outlook.plan, self._outlook.period.last_day
        named = [row.unit for row in assignments_on(plan, on) if row.clause == clause.id]
        if not named:
            named = [row.owed_by for row in plan.duties if row.clause == clause.id and row.role == "lead"]
        if not named or "report" in clause.record_types:
            return list(self._reports)
        return [unit for unit in owing(named, plan, on=on) if unit in self._reports]

    def _now(self, unit: str) -> str:
        return successor_of(unit, self._outlook.period.last_day) or unit


# -- the whole -----------------------------------------------------------------------------------------------------------
def _counts(outlook: Outlook) -> dict[str, int]:
    """Count the indicators with a target by standing, and those not decided."""
    counts: Counter[str] = Counter()
    for indicator in outlook.counted:
        if is_undecided(indicator, outlook):
            counts[UNDECIDED] += 1
        else:
            figure = outlook.figure(code_of(indicator, outlook))
            if figure.target is not None:
                counts[str(figure.standing)] += 1
    return dict(counts)


def _deadlines(outlook: Outlook) -> Iterable[DeadlineLine]:
    """List the days that hold in the period shown: those of targets in force, and those without a number."""
    found: dict[tuple[date, str], list[str]] = {}
    on = outlook.period.last_day
    for indicator in outlook.indicators:
        for targets in (indicator.targets, *(reading.targets for reading in indicator.readings)):
            scopes = dict.fromkeys((each.unit, each.area, each.level) for each in targets)
            for target in (newest_target(targets, on, scope) for scope in scopes):
                if target and target.deadline:
                    found.setdefault((target.deadline, target.clause), []).append(indicator.code)
        for deadline in deadlines_on(indicator, on):
            found.setdefault((deadline.day, deadline.clause), []).append(indicator.code)
    for (day, clause), codes in sorted(found.items()):
        yield DeadlineLine(day=day, codes=tuple(dict.fromkeys(codes)), clause=clause)


def _toc(outlook: Outlook, text: PlanText, standings: Mapping[str, list[str]], kept: set[str]) -> Iterable[TocEntry]:
    """List the main headings, and the inner ones beside which figures stand."""
    inner = {address for section in text.sections if section.level > 1 for address in section.addresses}
    for section in text.sections:
        if section.address not in kept:
            continue
        here = [standing for address in section.addresses for standing in standings.get(address, ())]
        own = [standing for address in _own(section, text) for standing in standings.get(address, ())]
        if section.level > 1 and not own:
            continue
        counts = Counter(here)
        title, is_of_the_plan = _toc_title(outlook, section)
        yield TocEntry(
            title=title,
            is_of_the_plan=is_of_the_plan,
            anchor=section.clause or section.address,
            is_inner=section.level > 1 and bool(inner),
            counts=tuple((str(name), counts[str(name)]) for name in PLACED_IN_TOC if counts[str(name)]),
        )


def _own(section: Section, text: PlanText) -> Iterable[str]:
    """Return the paragraphs of a section that lie in no section inside it."""
    inside = {
        address
        for other in text.sections
        if other.address != section.address and other.address in section.addresses
        for address in other.addresses
    }
    return [address for address in section.addresses if address not in inside]


def _toc_title(outlook: Outlook, section: Section) -> tuple[str, bool]:
    """Return the words of an entry: a pilot's or a unit's short name where the heading is its name."""
    pilot = next(
        (pilot for pilot in outlook.plan.pilots if section.clause and section.clause == pilot.annex_clause), None
    )
    if pilot:
        number = section.title.split(".")[0]
        short = pilot.short_title_en if is_english() else pilot.short_title
        return f"{number}. {short}", not is_english()
    bare = without_number(section.title)
    if section.level > 1:
        unit = next((unit for unit in outlook.units.values() if unit.name == bare), None)
        return (unit.short, True) if unit else (bare, True)
    return section.title, True
