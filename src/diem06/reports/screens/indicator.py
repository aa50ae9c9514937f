"""The page of one indicator, and the list of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaOn
from diem06.core.plans.models import Period
from diem06.core.ui import numbers
from diem06.core.ui.charts import (
    Contribution,
    ContributionChart,
    LineChart,
    Milestone,
    contributions,
    line_chart,
    month_points,
)
from diem06.cube.figures import Figure
from diem06.cube.pace import Pace, Split
from diem06.cube.standing import Standing
from diem06.plan.formula import parse
from diem06.plan.model import Clause, Indicator, Level, Pilot, Plan, Reading, Target
from diem06.plan.periods import code_on, following
from diem06.reports.screens.dashboard import IndicatorRow, row_of, undecided_row
from diem06.reports.screens.formulas import Dictionary, TermWords
from diem06.reports.screens.gaps import DueBy, Gap, due_by, gap_of, pace_of_course, pace_sentence, part_name
from diem06.reports.screens.maps import MapNote, MapState, map_note, map_states
from diem06.reports.screens.outlook import (
    UNDECIDED,
    Outlook,
    codes_of,
    counted_of,
    is_english,
    is_undecided,
    name_of,
    period_name,
    reading_words,
)
from diem06.reports.screens.places import Places, levels_of, places
from vnlib.text import fold


# -- the list ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Choice:
    """How the list is narrowed and ordered; empty: not at all. `sort` may begin with «-»."""

    words: str = ""
    pilot: str = ""
    standing: str = ""
    sort: str = "code"


PERIODS_AHEAD = 12
SORTS = ("code", "name", "value", "gap", "standing")
_ORDER = {str(standing): place for place, standing in enumerate(
    (Standing.MISSED, Standing.AT_RISK, Standing.BELOW, Standing.ON_TRACK, Standing.MET)
)}  # fmt: skip


def listed(outlook: Outlook, choice: Choice) -> list[IndicatorRow]:
    """Return the indicators that the choice leaves, in its order; each reading of an undecided one has its own row."""
    rows = [row for indicator in outlook.indicators for row in _rows(outlook, indicator)]
    sought = fold(choice.words)
    pilots = pilots_by_code(outlook)
    kept = [
        row
        for row in rows
        if (not sought or sought in fold(f"{row.code} {row.name} {row.indicator.name}"))
        and (not choice.pilot or pilots.get(row.indicator.code) == choice.pilot)
        and (not choice.standing or row.standing == choice.standing)
    ]
    return _sorted(kept, choice.sort)


def _rows(outlook: Outlook, indicator: Indicator) -> list[IndicatorRow]:
    if is_undecided(indicator, outlook):
        return [row for _words, row in undecided_row(outlook, indicator).readings]
    return [row_of(outlook, indicator)]


def _sorted(rows: list[IndicatorRow], sort: str) -> list[IndicatorRow]:
    """Order by a column; what has no number comes last either way."""
    key, is_falling = sort.removeprefix("-"), sort.startswith("-")
    if key == "name":
        return sorted(rows, key=lambda row: fold(row.name), reverse=is_falling)
    if key == "standing":
        return sorted(rows, key=lambda row: _ORDER.get(row.standing, len(_ORDER)), reverse=is_falling)
    if key in ("value", "gap"):
        number = {row.code: row.figure.value if key == "value" else row.figure.gap for row in rows}
        known = [row for row in rows if number[row.code] is not None]
        known.sort(key=lambda row: number[row.code] or Decimal(0), reverse=is_falling)
        return known + [row for row in rows if number[row.code] is None]
    return rows[::-1] if is_falling else rows


def pilots_by_code(outlook: Outlook) -> dict[str, str]:
    """Return the pilot of each indicator: that of its main clause; none for the clauses of no pilot."""
    clauses = {clause.id: clause.pilot for clause in outlook.plan.clauses}
    return {indicator.code: clauses.get(indicator.clauses[0], "") for indicator in outlook.plan.indicators}


# -- one indicator -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class TargetWords:
    """A target with the words of the plan that state it."""

    target: Target
    clause: str


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One part of the whole: an area or a unit."""

    name: str
    code: str
    figure: Figure
    pace: Decimal | None  # change since the period before: of a ratio as a ratio, of a count in things


@dataclass(frozen=True, kw_only=True)
class PartTable:
    """The parts of one kind, lowest first, with the whole as the last row."""

    head: str
    rows: tuple[PartRow, ...]
    inherits: bool  # their target is the whole's


def _in_force(targets: Iterable[Target], on: date) -> list[Target]:
    """Return the targets of a day, the last one for each place: an amended one no longer stands."""
    found: dict[tuple[str, str, Level | None], Target] = {}
    for target in sorted(targets, key=lambda target: target.from_day):
        if target.from_day <= on:
            found[target.unit, target.area, target.level] = target
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class FormulaWords:
    numerator: tuple[TermWords, ...]
    denominator: tuple[TermWords, ...]


@dataclass(frozen=True, kw_only=True)
class ReadingPage:
    """All about one line: the indicator, or one reading of it."""

    code: str
    reading: Reading | None
    words: str  # of the reading; empty for the indicator itself
    figure: Figure
    standing: str
    reason: str
    change: str
    targets: tuple[TargetWords, ...]
    missing: tuple[str, ...]
    formulas: tuple[FormulaWords, ...]
    course: LineChart | None
    history: tuple[PartRow, ...]
    contributions: ContributionChart | None  # by area
    by_unit: ContributionChart | None
    rest: Decimal | None  # of the gap, that lies in no part
    pace: Pace | None
    pace_words: str
    due: DueBy | None
    levels: tuple[Level, ...]  # of the areas below that have figures
    map: Places | None
    districts: PartTable | None
    units: PartTable | None
    communes: PartTable | None
    communes_exist: bool


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Another indicator that is read beside this one, with why."""

    indicator: Indicator
    name: str
    figure: Figure
    standing: str
    why: str


@dataclass(frozen=True, kw_only=True)
class IndicatorPage:
    outlook: Outlook
    indicator: Indicator
    name: str
    counted: str
    pilot: Pilot | None
    clauses: tuple[Clause, ...]
    is_undecided: bool
    readings: tuple[ReadingPage, ...]  # one, or all of an undecided indicator
    beside: tuple[Beside, ...]
    owners: tuple[str, ...]
    area: AreaOn | None  # the district whose communes are shown
    maps: tuple[MapState, ...] = ()  # to choose from; none for a unit, whose figures no map changes
    note: MapNote | None = None


def indicator_of(outlook: Outlook, code: str) -> Indicator:
    """Return the indicator `code`, or the one of the reading `code`. Raises LookupError."""
    for indicator in outlook.plan.indicators:
        if code == indicator.code or code in codes_of(indicator):
            return indicator
    raise LookupError(code)


def indicator_page(
    outlook: Outlook, indicator: Indicator, *, area: str = "", level: Level | None = None
) -> IndicatorPage:
    """
    Return the page of an indicator, with the communes of the district `area`; its map shows the areas of `level`, the widest
    without one. Raises LookupError for another area.
    """
    district = _district(outlook, area) if area else None
    is_open = is_undecided(indicator, outlook)
    dictionary = Dictionary(outlook.plan)
    chosen = list(indicator.readings) if indicator.readings else [None]
    if indicator.readings and not is_open:
        chosen = [reading for reading in indicator.readings if _is_decided(outlook, reading)]
    clauses = {clause.id: clause for clause in outlook.plan.clauses}
    pilot = pilots_by_code(outlook)[indicator.code]
    owners = sorted(
        {unit for code in codes_of(indicator) for unit in outlook.board.owners(code)}, key=list(outlook.units).index
    )
    readings = tuple(_reading_page(outlook, indicator, reading, district, dictionary, level) for reading in chosen)
    has_drawing = all(reading.map for reading in readings if reading.levels)
    return IndicatorPage(
        outlook=outlook,
        indicator=indicator,
        name=name_of(indicator),
        counted=counted_of(indicator),
        pilot=next((each for each in outlook.plan.pilots if each.code == pilot), None),
        clauses=tuple(clauses[code] for code in indicator.clauses),
        is_undecided=is_open,
        readings=readings,
        beside=tuple(_beside(outlook, indicator)),
        owners=tuple(outlook.unit_short(unit) for unit in owners if outlook.is_whole or unit == outlook.unit),
        area=district,
        maps=map_states(outlook) if outlook.is_whole else (),
        note=map_note(outlook, [figure for each in readings for figure in _in_areas(each)], has_drawing=has_drawing),
    )


def _in_areas(reading: ReadingPage) -> Iterable[Figure]:
    """Yield the figures of a page that are of areas."""
    yield from (row.figure for row in reading.history)
    for table in (reading.districts, reading.communes):
        yield from (row.figure for row in table.rows) if table else ()
    yield from (row.figure for row in reading.map.rows) if reading.map else ()


def _district(outlook: Outlook, code: str) -> AreaOn:
    """Return a district by code. Raises LookupError, also for an area of another level."""
    area = outlook.tree.get(code)
    if area.level is not Level.DISTRICT:
        raise LookupError(code)
    return area


def _is_decided(outlook: Outlook, reading: Reading) -> bool:
    return any(decision.from_day <= outlook.period.last_day for decision in reading.decisions)


def _reading_page(
    outlook: Outlook,
    indicator: Indicator,
    reading: Reading | None,
    district: AreaOn | None,
    dictionary: Dictionary,
    level: Level | None,
) -> ReadingPage:
    code = reading.code if reading else indicator.code
    figure = outlook.figure(code)
    history = outlook.history(code)
    before = history[-2][1] if len(history) > 1 else None
    gap = gap_of(outlook, code)
    if outlook.map_day:
        gap = Gap(areas=None, units=gap.units)  # what was apportioned has no gap, so the others would not add up
    course: list[Figure | None] = [*outlook.course(code, over=outlook.recent[:-1]), figure]
    rate, due = pace_of_course(outlook, code, course), due_by(figure)
    return ReadingPage(
        code=code,
        reading=reading,
        words=reading_words(reading) if reading else "",
        figure=figure,
        standing=UNDECIDED if is_undecided(indicator, outlook) else str(figure.standing),
        reason=reason_of(figure, indicator, is_open=is_undecided(indicator, outlook)),
        change=change_words(figure, before, history[-2][0].code if before else ""),
        targets=tuple(
            TargetWords(target=target, clause=target.clause)
            for target in _in_force(reading.targets if reading else indicator.targets, outlook.period.last_day)
            if not outlook.unit or not target.unit or target.unit == outlook.unit
        ),
        missing=tuple(outlook.unit_short(unit) for unit in outlook.seen_missing(figure)),
        formulas=tuple(
            FormulaWords(numerator=dictionary.formula(numerator), denominator=dictionary.formula(denominator))
            for numerator, denominator in _formulas(indicator, reading)
        ),
        course=course_chart(outlook.plan, code, indicator, figure, history, due),
        history=tuple(
            PartRow(name=period_name(period), code=period.code, figure=each, pace=pace(each, earlier))
            for (period, each), earlier in zip(history, [None, *(each for _period, each in history)], strict=False)
        )[::-1],
        contributions=_contributions(
            outlook,
            indicator,
            code,
            gap.areas,
            part_head=_("Huyện, thành phố"),
            rest_label=_("Cấp tỉnh"),
        ),
        by_unit=_contributions(
            outlook, indicator, code, gap.units, part_head=_("Đơn vị"), rest_label=_("Không rõ đơn vị")
        ),
        rest=gap.split.rest if gap.split else None,
        pace=rate,
        pace_words=pace_sentence(rate, figure, is_milestone=bool(due and due.is_milestone)),
        due=due,
        levels=levels_of(outlook, code) if outlook.is_whole else (),
        map=_map(outlook, code, level),
        districts=_areas(outlook, code, Level.DISTRICT, None) if outlook.is_whole else None,
        units=_units(outlook, code) if outlook.is_whole else None,
        communes=_areas(outlook, code, Level.COMMUNE, district)
        if outlook.is_whole and _with_communes(outlook, district)
        else None,
        communes_exist=Level.COMMUNE in outlook.board.levels(code),
    )


def _with_communes(outlook: Outlook, district: AreaOn | None) -> bool:
    """Are communes listed: those of a district, or all where there are no districts?"""
    return district is not None or not outlook.tree.descendants(outlook.plan.area, Level.DISTRICT)


def _map(outlook: Outlook, code: str, level: Level | None) -> Places | None:
    """Return the areas of `level`, else of the widest one, with their map; None where there is no drawing of them."""
    there = levels_of(outlook, code) if outlook.is_whole else ()
    if not there:
        return None
    shown = level if level in there else there[0]
    found = places(outlook, code, shown, title=_("Bản đồ theo chỉ tiêu %(code)s") % {"code": code})
    return found if found.map or found.tiles else None


def _formulas(indicator: Indicator, reading: Reading | None) -> list[tuple[str, str]]:
    parts = reading.parts if reading else (indicator.own_part,)
    return [(part.numerator, part.denominator) for part in parts]


def _beside(outlook: Outlook, indicator: Indicator) -> Iterable[Beside]:
    """Find what is the same as this one, or counts the same things against another target."""
    values = {
        (measure.code, dimension.name): frozenset(dimension.values)
        for measure in outlook.plan.measures
        for dimension in measure.dimensions
        if dimension.values
    }

    def counting(each: Indicator) -> tuple[frozenset[object], ...]:
        return tuple(_counted_things(formula, values) for formula in (each.numerator, each.denominator))

    for other in outlook.indicators:
        if other.code == indicator.code or is_undecided(other, outlook):
            continue
        if indicator.same_as == other.code or other.same_as == indicator.code:
            why = _("cùng một chỉ tiêu, đếm một lần")
        elif not indicator.readings and not other.readings and counting(other) == counting(indicator):
            why = _("cùng phép đếm, mục tiêu khác")
        else:
            continue
        figure = outlook.figure(other.code)
        yield Beside(indicator=other, name=name_of(other), figure=figure, standing=str(figure.standing), why=why)


def _counted_things(formula: str, values: Mapping[tuple[str, str], frozenset[str]]) -> frozenset[object]:
    """Return what a formula counts; a filter that lets every value of its dimension pass is no filter."""
    if not formula:
        return frozenset()
    return frozenset(
        (
            term.sign,
            term.measure,
            frozenset(
                (name, frozenset(allowed))
                for name, allowed in term.where
                if frozenset(allowed) != values.get((term.measure, name))
            ),
        )
        for term in parse(formula).terms
    )


# -- words about a figure ------------------------------------------------------------------------------------------------
def reason_of(figure: Figure, indicator: Indicator, *, is_open: bool = False) -> str:  # noqa: PLR0911  one sentence a standing
    """Say why the figure stands as it does."""
    if is_open:
        return _("Kế hoạch có thể hiểu nhiều cách. Các cách đặt cạnh nhau, chưa so với mục tiêu.")
    day = f"{figure.deadline:%d/%m/%Y}" if figure.deadline else ""
    match figure.standing:
        case Standing.MET:
            return _("Bằng hoặc hơn mục tiêu.") if indicator.direction == "up" else _("Bằng hoặc dưới mức cho phép.")
        case Standing.BELOW:
            return _("Dưới mục tiêu. Kế hoạch không ghi thời hạn nên không tính là muộn.")
        case Standing.MISSED:
            return _("Đã qua thời hạn %(day)s mà chưa tới mục tiêu.") % {"day": day}
        case Standing.AT_RISK:
            return _("Dưới đường thẳng tới mục tiêu vào ngày %(day)s.") % {"day": day}
        case Standing.ON_TRACK:
            return _("Bằng hoặc trên đường thẳng tới mục tiêu vào ngày %(day)s.") % {"day": day}
        case Standing.NOT_APPLICABLE:
            return _("Trong kỳ không phát sinh: mẫu số bằng 0.")
        case Standing.NO_TARGET:
            return _("Kế hoạch không ghi mục tiêu bằng số.")
    return no_data_words(figure)


def no_data_words(figure: Figure) -> str:
    """Say why there is no value to judge."""
    if figure.value is not None and figure.deadline:
        return _("Chưa có số liệu tính đến ngày %(day)s để kết luận.") % {"day": f"{figure.deadline:%d/%m/%Y}"}
    if figure.missing:
        return _("Đơn vị phải báo cáo chưa gửi đủ số liệu.")
    if figure.expected:
        return _("Số liệu của các đơn vị không cộng được: đếm theo người, hoặc đếm một lần trong kỳ.")
    return _("Chưa có nguồn số liệu.")


def pace(now: Figure, before: Figure | None) -> Decimal | None:
    """Return the change since the figure before: of a ratio as a ratio, of a count in things."""
    if before is None or now.value is None or before.value is None:
        return None
    return now.value - before.value


def change_words(now: Figure, before: Figure | None, period: str) -> str:
    """Say «tăng 0,6 điểm so với kỳ 11/2023»; empty where one of the two is unknown."""
    step = pace(now, before)
    if step is None:
        return ""
    year, month = period.split("-")
    named = f"{int(month)}/{year}"
    amount = numbers.number(abs(step) * 100, 1) if now.is_ratio else numbers.number(abs(step), 0)
    words = {"amount": amount, "period": named}
    if not numbers.rounded(step * 100 if now.is_ratio else step, 1):
        return _("như kỳ %(period)s") % words
    if now.is_ratio:
        found = (
            _("tăng %(amount)s điểm so với kỳ %(period)s")
            if step > 0
            else _("giảm %(amount)s điểm so với kỳ %(period)s")
        )
    else:
        found = _("tăng %(amount)s so với kỳ %(period)s") if step > 0 else _("giảm %(amount)s so với kỳ %(period)s")
    return found % words


# -- charts --------------------------------------------------------------------------------------------------------------
def course_chart(
    plan: Plan, code: str, indicator: Indicator, figure: Figure, history: list[tuple[Period, Figure]], due: DueBy | None
) -> LineChart | None:
    """Draw a line's values over its periods, on to a milestone that lies ahead; None without any value."""
    values: list[tuple[str, Decimal | None]] = [(each.period, each.value) for _period, each in history]
    known = [(period, value) for period, value in values if value is not None]
    if not known:
        return None
    show = numbers.percent if figure.is_ratio else numbers.number
    words = {"first": show(known[0][1]), "last": show(known[-1][1]), "count": len(known)}
    if len(known) == 1:
        caption = _("Mới có một kỳ: %(last)s.") % words
    elif known[-1][1] > known[0][1]:
        caption = _("Tăng từ %(first)s lên %(last)s qua %(count)s kỳ.") % words
    elif known[-1][1] < known[0][1]:
        caption = _("Giảm từ %(first)s xuống %(last)s qua %(count)s kỳ.") % words
    else:
        caption = _("Giữ ở %(last)s qua %(count)s kỳ.") % words
    target_label = ""
    if figure.target is not None:
        target = numbers.percent(figure.target, None) if figure.is_ratio else numbers.number(figure.target)
        target_label = _("Mục tiêu %(target)s") % {"target": target}
    stones = []
    if due and due.is_milestone:
        values += _ahead(figure.period, code_on(plan, due.day) or "")
        label = _("mốc theo dõi %(day)s") % {"day": f"{due.day:%d/%m}"}
        stones = [Milestone(at=len(values) - 1, value=due.value, label=label)]
    return line_chart(
        month_points(values),
        milestones=stones,
        title=f"{code} · {name_of(indicator)}",
        caption=caption,
        target=figure.target,
        target_label=target_label,
        is_share=figure.is_ratio,
    )


def _ahead(code: str, until: str) -> list[tuple[str, Decimal | None]]:
    """Return the periods after `code` up to `until`, none with a value yet; a year at the most."""
    ahead: list[tuple[str, Decimal | None]] = []
    while code < until and len(ahead) < PERIODS_AHEAD:
        code = following(code)
        ahead.append((code, None))
    return ahead


def _contributions(
    outlook: Outlook, indicator: Indicator, code: str, split: Split | None, *, part_head: str, rest_label: str
) -> ContributionChart | None:
    """Draw the parts of a gap, the most lacking first, those with surplus last; what lies in no part stands at the end."""
    if split is None:
        return None
    bars = []
    for figure in split.parts:
        part = part_name(outlook, figure)
        bars.append(Contribution(label=part.name, amount=part.gap, detail=numbers.percent(figure.value)))
    if split.rest:
        bars.append(Contribution(label=rest_label, amount=split.rest))
    missing = [bar for bar in bars if bar.amount > 0]
    over = [bar for bar in bars if bar.amount < 0]
    counted = counted_of(indicator)
    return contributions(
        bars,
        title=_("Phần góp vào khoảng thiếu: %(code)s") % {"code": code},
        caption=_contribution_caption(missing, over, counted),
        counted=counted,
        part_head=part_head,
    )


def _contribution_caption(missing: list[Contribution], over: list[Contribution], counted: str) -> str:
    lacking = numbers.number(sum((bar.amount for bar in missing), Decimal(0)), 0)
    surplus = numbers.number(-sum((bar.amount for bar in over), Decimal(0)), 0)
    words = {"missing": lacking, "over": surplus, "counted": counted, "places": len(missing), "others": len(over)}
    if missing and over:
        return _("%(places)s nơi thiếu %(missing)s %(counted)s; %(others)s nơi vượt %(over)s, kể riêng.") % words
    if missing:
        return _("%(places)s nơi thiếu %(missing)s %(counted)s.") % words
    return _("Không nơi nào thiếu; vượt %(over)s %(counted)s.") % words


# -- tables --------------------------------------------------------------------------------------------------------------
def _areas(outlook: Outlook, code: str, level: Level, within: AreaOn | None) -> PartTable | None:
    areas = outlook.board.areas(code, level)
    if within:
        inside = {area.code for area in outlook.tree.descendants(within.code, level)}
        areas = [area for area in areas if area.code in inside]
    if not areas:
        return None
    earlier = outlook.until[-2] if len(outlook.until) > 1 else None
    rows = []
    for area in areas:
        figure = outlook.figure(code, area=area.code)
        before = outlook.course(code, over=(earlier,), area=area.code)[0] if earlier else None
        rows.append(PartRow(name=area.name, code=area.code, figure=figure, pace=pace(figure, before)))
    head = _("Huyện, thành phố") if level is Level.DISTRICT else _("Xã, phường, thị trấn")
    return _table(head, rows, outlook.figure(code))


def _units(outlook: Outlook, code: str) -> PartTable | None:
    figures = units_with(outlook, code)
    if len(figures) < 2:
        return None
    rows = [
        PartRow(name=outlook.unit_short(figure.unit or ""), code=figure.unit or "", figure=figure, pace=None)
        for figure in figures
    ]
    return _table(_("Đơn vị"), rows, outlook.figure(code))


def units_with(outlook: Outlook, code: str) -> list[Figure]:
    """Return the figure of each unit whose result the line is."""
    return [outlook.figure(code, unit=unit) for unit in outlook.board.owners(code)]


def _table(head: str, rows: list[PartRow], whole: Figure) -> PartTable:
    rows.sort(key=lambda row: (row.figure.value is None, row.figure.value or Decimal(0)))
    inherits = whole.target is not None and all(row.figure.target == whole.target for row in rows)
    return PartTable(head=head, rows=tuple(rows), inherits=inherits)


def clause_title(page: IndicatorPage) -> str:
    """Return «Mô hình 3: Công dân số, điều A.3», where the indicator stands in the plan."""
    clause = page.indicator.clauses[0]
    if page.pilot is None:
        return _("Điều %(clause)s") % {"clause": clause}
    title = page.pilot.short_title_en if is_english() else page.pilot.short_title
    return _("%(pilot)s, điều %(clause)s") % {"pilot": title, "clause": clause}
