"""One indicator in the areas of a place: the list, and the map or the grid of squares that stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.areas.maps import map_on, tiles_on
from diem06.core.areas.queries import AreaOn
from diem06.core.ui import numbers
from diem06.core.ui.maps import MapChart, Place, map_chart, tile_chart
from diem06.cube.figures import Figure
from diem06.plan.model import Level
from diem06.reports.screens.outlook import Outlook

LEVELS = (Level.DISTRICT, Level.COMMUNE)


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """An area with its figure; `number` is its place in the list and on the map, `parent` its district if it lies in one."""

    name: str
    short: str
    code: str
    parent: str
    figure: Figure
    number: int


@dataclass(frozen=True, kw_only=True)
class Places:
    """
    One line in the areas of one level: the largest gap first.

    `map` and `tiles` show the same areas; each is None where there is no drawing of the areas of that day.
    """

    code: str
    level: Level
    rows: tuple[AreaRow, ...]
    map: MapChart | None
    tiles: MapChart | None

    @property
    def has_gap(self) -> bool:
        return any(row.figure.gap is not None for row in self.rows)


def places(outlook: Outlook, code: str, level: Level, *, within: str = "", current: str = "", title: str) -> Places:
    """
    Return the line `code` in the areas of `level`, all of the plan's or those in `within`, with the map of the period's last day.

    `current` is the area that the page is about; its outline stands out.
    """
    areas = outlook.board.areas(code, level)
    if within:
        inside = {area.code for area in outlook.tree.descendants(within, level)}
        areas = [area for area in areas if area.code in inside]
    rows = rows_of(outlook, code, areas)
    shown = {row.code: _place(outlook, row, code=code, is_current=row.code == current) for row in rows}
    is_share = outlook.board.lines[code].is_ratio
    return Places(
        code=code,
        level=level,
        rows=rows,
        map=drawn_map(outlook, level, shown, within=within, title=title, is_share=is_share),
        tiles=drawn_tiles(outlook, level, shown, title=title, is_share=is_share) if not within else None,
    )


def rows_of(outlook: Outlook, code: str, areas: Iterable[AreaOn]) -> tuple[AreaRow, ...]:
    """Return the areas with the largest gap first, then those without a gap by value, those without a value last."""
    found = [(area, outlook.figure(code, area=area.code)) for area in areas]
    found.sort(key=lambda pair: _urgency(pair[1]))
    return tuple(
        AreaRow(
            name=area.name,
            short=area.short_name,
            code=area.code,
            parent="" if area.parent in ("", outlook.plan.area) else outlook.tree.get(area.parent).short_name,
            figure=figure,
            number=number,
        )
        for number, (area, figure) in enumerate(found, start=1)
    )


def _urgency(figure: Figure) -> tuple[bool, bool, Decimal, Decimal]:
    gap = figure.gap if figure.gap is not None else Decimal(0)
    return figure.value is None, figure.gap is None, -gap, figure.value or Decimal(0)


def drawn_map(
    outlook: Outlook, level: Level, shown: Mapping[str, Place], *, within: str = "", title: str, is_share: bool
) -> MapChart | None:
    """Return the map of the areas shown, cut to `within`; None where the day has no map of that level."""
    day = outlook.map_day or outlook.period.last_day
    found = map_on(day, level=level, province=outlook.plan.area, tree=outlook.tree)
    if found is None or not shown:
        return None
    if within:
        found = found.within(shown)
        if not found.shapes:
            return None
    return map_chart(
        found.shapes,
        shown,
        title=title,
        box=found.box,
        notices=[str(notice) for notice in found.notices],
        is_share=is_share,
    )


def drawn_tiles(
    outlook: Outlook, level: Level, shown: Mapping[str, Place], *, title: str, is_share: bool
) -> MapChart | None:
    """Return the grid of squares of the districts; None for another level or day."""
    day = outlook.map_day or outlook.period.last_day
    squares = tiles_on(day, province=outlook.plan.area, tree=outlook.tree)
    if level is not Level.DISTRICT or not squares or not shown:
        return None
    notice = _("Mỗi ô vuông là một địa bàn, đặt gần đúng vị trí.")
    return tile_chart(squares, shown, title=title, notices=[notice], is_share=is_share)


def _place(outlook: Outlook, row: AreaRow, *, code: str, is_current: bool) -> Place:
    return Place(
        name=row.name,
        short=row.short,
        value=row.figure.value,
        words=value_words(row.figure),
        url=f"{reverse('area', args=[row.code])}?period={outlook.period.code}&indicator={code}{map_query(outlook)}",
        number=row.number,
        is_current=is_current,
    )


def map_query(outlook: Outlook) -> str:
    """Return what keeps the map of another day in a link."""
    return f"&map_day={outlook.map_day}" if outlook.map_day else ""


def value_words(figure: Figure) -> str:
    """Return «67,5%», «1.234», «≈ 1.234» of an estimate, or that there is no value."""
    if figure.value is None:
        return numbers.NO_VALUE
    words = numbers.percent(figure.value) if figure.is_ratio else numbers.number(figure.value)
    return f"≈ {words}" if figure.is_approximate else words


def levels_of(outlook: Outlook, code: str, *, within: str = "") -> tuple[Level, ...]:
    """Return the levels below the province, or below `within`, at which the line has figures in some area."""
    found: list[Level] = []
    for level in LEVELS:
        areas: Sequence[AreaOn] = outlook.board.areas(code, level)
        if within:
            inside = {area.code for area in outlook.tree.descendants(within, level)}
            areas = [area for area in areas if area.code in inside]
        if areas:
            found.append(level)
    return tuple(found)
