"""The pages of areas: all of them for one indicator, one of them for all indicators, and two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaOn
from diem06.core.plans.models import Period
from diem06.core.ui import numbers
from diem06.core.ui.charts import LineChart
from diem06.cube.figures import Figure
from diem06.plan.model import Indicator, Level
from diem06.reports.screens.dashboard import (
    WORST_FIRST,
    IndicatorRow,
    UnitRow,
    owner_words,
    row_of,
    units_of,
)
from diem06.reports.screens.indicator import PartRow, course_chart, pace, pilots_by_code, reason_of
from diem06.reports.screens.maps import MapNote, MapState, map_note, map_states
from diem06.reports.screens.outlook import (
    UNDECIDED,
    Outlook,
    codes_of,
    is_english,
    is_undecided,
    period_name,
    reading_words,
    short_name_of,
)
from diem06.reports.screens.places import AreaRow, Places, levels_of, places
from vnlib.text import fold


@dataclass(frozen=True, kw_only=True)
class PilotRows:
    """The rows of one pilot; of what belongs to none, `title` says so."""

    code: str
    title: str
    rows: tuple[IndicatorRow, ...]


def by_pilot(outlook: Outlook, rows: Iterable[IndicatorRow]) -> tuple[PilotRows, ...]:
    """Group rows by pilot in the order of the plan, what belongs to no pilot last."""
    pilots = pilots_by_code(outlook)
    found: dict[str, list[IndicatorRow]] = {}
    for row in rows:
        found.setdefault(pilots.get(row.indicator.code, ""), []).append(row)
    titles = {pilot.code: pilot.short_title_en if is_english() else pilot.short_title for pilot in outlook.plan.pilots}
    order = [*titles, ""]
    return tuple(
        PilotRows(code=code, title=titles.get(code) or _("Tổ chức thực hiện"), rows=tuple(found[code]))
        for code in order
        if code in found
    )


def counts_of(rows: Iterable[IndicatorRow]) -> dict[str, int]:
    """Count the standings of rows that have a target, worst first."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.figure.target is not None:
            counts[row.standing] = counts.get(row.standing, 0) + 1
    return {str(standing): counts[str(standing)] for standing in WORST_FIRST if str(standing) in counts}


def behind(rows: Iterable[IndicatorRow]) -> tuple[IndicatorRow, ...]:
    """Keep what is missed, at risk or below its target, worst first."""
    order = {str(standing): place for place, standing in enumerate(WORST_FIRST[:3])}
    return tuple(sorted((row for row in rows if row.standing in order), key=lambda row: order[row.standing]))


# -- one area ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class AreaPage:
    """
    One area on the last day of the period, with every indicator that has figures there.

    `places` is one of them in the areas inside, or in the neighbours of a commune.
    """

    outlook: Outlook
    area: AreaOn
    parent: AreaOn | None
    groups: tuple[PilotRows, ...]
    counts: Mapping[str, int]
    behind: tuple[IndicatorRow, ...]
    units: tuple[UnitRow, ...]  # that lie in it, as far as the person may see them
    places: Places | None
    choices: tuple[tuple[str, str], ...]
    indicator: IndicatorRow | None  # the one on the map
    maps: tuple[MapState, ...] = ()  # to choose from
    note: MapNote | None = None
    series: AreaSeries | None = None  # of the indicator on the map


@dataclass(frozen=True, kw_only=True)
class AreaSeries:
    """One line in one area over every period, all on the map of the page; named as the parts of an indicator's page read it."""

    code: str
    figure: Figure
    course: LineChart | None
    history: tuple[PartRow, ...]
    reason: str


def area_page(outlook: Outlook, area: AreaOn, *, indicator: str = "") -> AreaPage:
    """Return the page of an area; `indicator` chooses what the map shows. Raises LookupError for one without figures there."""
    rows = rows_in(outlook, area)
    shown = _shown(outlook, area, rows, indicator)
    parent = outlook.tree.get(area.parent) if area.parent in outlook.tree else None
    around = None
    if shown is not None:
        around = _around(outlook, area, shown)
    series = _series(outlook, area, shown) if shown else None
    figures = [row.figure for row in rows] + [row.figure for row in series.history] if series else []
    return AreaPage(
        outlook=outlook,
        area=area,
        parent=parent,
        groups=by_pilot(outlook, rows),
        counts=counts_of(rows),
        behind=behind(rows),
        units=_units_in(outlook, area),
        places=around,
        choices=tuple((row.code, f"{row.code} · {row.name}") for row in rows if _around_area(outlook, area, row.code)),
        indicator=shown,
        maps=map_states(outlook),
        note=map_note(
            outlook,
            [*figures, *(row.figure for row in around.rows)] if around else figures,
            has_drawing=_is_drawn(around),
        ),
        series=series,
    )


def _is_drawn(shown: Places | None) -> bool:
    return shown is None or bool(shown.map or shown.tiles)


def _series(outlook: Outlook, area: AreaOn, row: IndicatorRow) -> AreaSeries | None:
    """
    Return the line in every period so far; None where fewer than two know it.

    Without a map of another day an area is followed by its code, as long as it is the area that it is now.
    """
    history: list[tuple[Period, Figure]] = []
    for period in outlook.until:
        board = outlook.board_of(period)
        if area.code not in board.tree or board.tree.get(area.code).valid_from != area.valid_from:
            continue
        revision = outlook.revision if board is outlook.board else board.revision
        if row.code in board.lines:
            history.append((period, board.figure(row.code, area=area.code, revision=revision)))
    if sum(figure.value is not None for _period, figure in history) < 2:
        return None
    figure = row.figure
    earlier = [None, *(each for _period, each in history)]
    return AreaSeries(
        code=row.code,
        figure=figure,
        course=course_chart(outlook.plan, row.code, row.indicator, figure, history, None),
        history=tuple(
            PartRow(name=period_name(period), code=period.code, figure=each, pace=pace(each, before))
            for (period, each), before in zip(history, earlier, strict=False)
        )[::-1],
        reason=reason_of(figure, row.indicator, is_open=is_undecided(row.indicator, outlook)),
    )


def rows_in(outlook: Outlook, area: AreaOn) -> list[IndicatorRow]:
    """Return a row for each line that has figures in the area; the readings of an undecided indicator each have one."""
    rows = []
    for indicator in outlook.plan.indicators:
        for code in lines_of(outlook, indicator):
            if area.level in outlook.board.levels(code) and has_figures(outlook, code, area):
                row = row_of(outlook, indicator, code, area=area.code)
                rows.append(replace(row, name=line_name(indicator, code), owed_by=owner_words(outlook, code)))
    return rows


def lines_of(outlook: Outlook, indicator: Indicator) -> tuple[str, ...]:
    """Return the codes that stand for the indicator: the reading in force, or all while none is chosen."""
    if is_undecided(indicator, outlook):
        return codes_of(indicator)
    return tuple(code for code in codes_of(indicator) if code in _decided(outlook, indicator))


def _decided(outlook: Outlook, indicator: Indicator) -> tuple[str, ...]:
    chosen = tuple(
        reading.code
        for reading in indicator.readings
        if any(decision.from_day <= outlook.period.last_day for decision in reading.decisions)
    )
    return chosen[-1:] if indicator.readings else (indicator.code,)


def line_name(indicator: Indicator, code: str) -> str:
    """Return the short name, with the words of the reading where there are several."""
    reading = next((reading for reading in indicator.readings if reading.code == code), None)
    name = short_name_of(indicator)
    return f"{name} ({reading_words(reading)})" if reading else name


def has_figures(outlook: Outlook, code: str, area: AreaOn) -> bool:
    """Does anyone owe, or has anyone given, something for the line in the area?"""
    figure = outlook.figure(code, area=area.code)
    return bool(figure.expected) or figure.numerator is not None


def _around_area(outlook: Outlook, area: AreaOn, code: str) -> tuple[str, Level] | None:
    """Return what the map of this area shows: the areas inside, or those beside a commune, as far as the person sees them."""
    inside = levels_of(outlook, code, within=area.code)
    if inside:
        return area.code, inside[0]
    if area.level is Level.COMMUNE and outlook.sees_area(area.parent):
        return area.parent, Level.COMMUNE
    return None


def _around(outlook: Outlook, area: AreaOn, row: IndicatorRow) -> Places | None:
    found = _around_area(outlook, area, row.code)
    if found is None:
        return None
    within, level = found
    title = _("Bản đồ theo chỉ tiêu %(code)s") % {"code": row.code}
    is_whole = within == outlook.plan.area
    return places(outlook, row.code, level, within="" if is_whole else within, current=area.code, title=title)


def _shown(outlook: Outlook, area: AreaOn, rows: list[IndicatorRow], code: str) -> IndicatorRow | None:
    drawn = [row for row in rows if _around_area(outlook, area, row.code)]
    if code:
        found = next((row for row in drawn if row.code == code), None)
        # A link from a list keeps its indicator; here it may have no figures.
        if found is None and not any(code in codes_of(each) for each in outlook.plan.indicators):
            raise LookupError(code)
        if found is not None:
            return found
    worst = [row for row in behind(drawn) if row.figure.value is not None]
    return next(iter([*worst, *drawn]), None)


def _units_in(outlook: Outlook, area: AreaOn) -> tuple[UnitRow, ...]:
    """Return the reports of the units whose own area this is; areas of another day's map have no units of the period."""
    if outlook.map_day:
        return ()
    return tuple(
        row
        for row in units_of(outlook)
        if row.unit in outlook.units and outlook.units[row.unit].area == area.code and area.code != outlook.plan.area
    )


# -- all areas -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class AreasChoice:
    """What the list of areas shows; empty: what has figures, of the widest level. `sort` may begin with «-»."""

    indicator: str = ""
    level: str = ""
    words: str = ""
    sort: str = "-gap"


AREA_SORTS = ("name", "value", "gap", "standing")


@dataclass(frozen=True, kw_only=True)
class AreasPage:
    """One line in every area of a level: the map with all of them, the list as it was narrowed and ordered."""

    row: IndicatorRow
    levels: tuple[Level, ...]
    places: Places
    listed: tuple[AreaRow, ...]


def indicator_choices(outlook: Outlook) -> tuple[tuple[str, str], ...]:
    """Return the lines that have figures below the province: code, «P9 · Công dân …»."""
    return tuple(
        (code, f"{code} · {line_name(indicator, code)}")
        for indicator in outlook.plan.indicators
        for code in lines_of(outlook, indicator)
        if levels_of(outlook, code)
    )


def areas_page(outlook: Outlook, choice: AreasChoice) -> AreasPage | None:
    """Return the areas for one line; None where no line has figures below the province. Raises LookupError for a wrong choice."""
    choices = [code for code, _words in indicator_choices(outlook)]
    if not choices:
        return None
    code = choice.indicator or _worst_of(outlook, choices)
    if code not in choices:
        raise LookupError(code)
    indicator = next(each for each in outlook.plan.indicators if code in codes_of(each))
    levels = levels_of(outlook, code)
    level = next((each for each in levels if each == choice.level), levels[0])
    shown = places(outlook, code, level, title=_("Bản đồ theo chỉ tiêu %(code)s") % {"code": code})
    sought = fold(choice.words)
    kept = [row for row in shown.rows if not sought or sought in fold(f"{row.name} {row.parent} {row.code}")]
    row = replace(row_of(outlook, indicator, code), name=line_name(indicator, code))
    return AreasPage(row=row, levels=levels, places=shown, listed=tuple(_sorted(kept, choice.sort)))


def areas_note(outlook: Outlook, page: AreasPage | None) -> MapNote | None:
    """Return what the list says of the map that it is on; None on the period's own."""
    if page is None:
        return map_note(outlook, ())
    return map_note(outlook, [row.figure for row in page.places.rows], has_drawing=_is_drawn(page.places))


def _worst_of(outlook: Outlook, codes: list[str]) -> str:
    """Return the first line, worst standing first, that has a value."""
    order = {standing: place for place, standing in enumerate(WORST_FIRST)}
    figures = [(code, outlook.figure(code)) for code in codes]
    known = [(order.get(figure.standing, len(order)), code) for code, figure in figures if figure.value is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else codes[0]


def _sorted(rows: list[AreaRow], sort: str) -> list[AreaRow]:
    """Order by a column; what has no number comes last either way."""
    key, is_falling = sort.removeprefix("-"), sort.startswith("-")
    if key == "name":
        return sorted(rows, key=lambda row: fold(f"{row.short} {row.parent}"), reverse=is_falling)
    if key == "standing":
        order = {standing: place for place, standing in enumerate(WORST_FIRST)}
        return sorted(rows, key=lambda row: order.get(row.figure.standing, len(order)), reverse=is_falling)

    def number(row: AreaRow) -> Decimal | None:
        return row.figure.value if key == "value" else row.figure.gap

    known = [row for row in rows if number(row) is not None]
    known.sort(key=lambda row: number(row) or Decimal(0), reverse=is_falling)
    return known + [row for row in rows if number(row) is None]


# -- two areas -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Pair:
    """One line in two areas. `difference` is the first value less the second; None where one is unknown."""

    code: str
    name: str
    indicator: Indicator
    counted: str
    first: IndicatorRow
    second: IndicatorRow

    @property
    def difference(self) -> Decimal | None:
        first, second = self.first.figure.value, self.second.figure.value
        return None if first is None or second is None else first - second

    @property
    def difference_words(self) -> str:
        """«+3,2 điểm» of ratios, «+12» of counts."""
        if self.difference is None:
            return numbers.NO_VALUE
        if self.first.is_share:
            return _("%(step)s điểm") % {"step": numbers.signed(self.difference * 100, 1)}
        return numbers.signed(self.difference, 0)

    @property
    def better(self) -> str:
        """Which one stands better: first, second, or empty where they are even or unknown."""
        if not self.difference:
            return ""
        is_first = (self.difference > 0) == (self.indicator.direction == "up")
        return "first" if is_first else "second"


@dataclass(frozen=True, kw_only=True)
class PairGroup:
    title: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two areas of one day, line by line, grouped by pilot."""

    first: AreaOn
    second: AreaOn
    groups: tuple[PairGroup, ...]
    ahead: tuple[int, int]  # in how many lines each stands better
    counts: tuple[Mapping[str, int], Mapping[str, int]]

    @property
    def size(self) -> int:
        return sum(len(group.pairs) for group in self.groups)


def comparison(outlook: Outlook, first: AreaOn, second: AreaOn) -> Comparison:
    """Return two areas side by side: every line that has figures in both."""
    left, right = rows_in(outlook, first), {row.code: row for row in rows_in(outlook, second)}
    both = [row for row in left if row.code in right]
    groups = tuple(
        PairGroup(
            title=group.title,
            pairs=tuple(
                Pair(
                    code=row.code,
                    name=row.name,
                    indicator=row.indicator,
                    counted=row.counted,
                    first=row,
                    second=right[row.code],
                )
                for row in group.rows
            ),
        )
        for group in by_pilot(outlook, both)
    )
    pairs = [pair for group in groups for pair in group.pairs if pair.first.standing != UNDECIDED]
    return Comparison(
        first=first,
        second=second,
        groups=groups,
        ahead=(
            sum(pair.better == "first" for pair in pairs),
            sum(pair.better == "second" for pair in pairs),
        ),
        counts=(
            counts_of(pair.first for pair in pairs),
            counts_of(pair.second for pair in pairs),
        ),
    )


def area_choices(outlook: Outlook) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the areas to choose from: districts first, then the communes of each, for a form."""
    tree, root = outlook.tree, outlook.plan.area
    districts = tree.descendants(root, Level.DISTRICT)
    groups = []
    if districts:
        groups.append((_("Huyện, thành phố"), [(area.code, area.name) for area in districts]))
        groups += [
            (area.name, [(commune.code, commune.name) for commune in tree.descendants(area.code, Level.COMMUNE)])
            for area in districts
        ]
    else:
        groups.append((_("Xã, phường"), [(area.code, area.name) for area in tree.descendants(root, Level.COMMUNE)]))
    return groups
