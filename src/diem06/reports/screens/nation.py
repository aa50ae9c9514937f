"""«Số liệu các tỉnh»: packets of provinces, and the indicators of all of them beside the country's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.roster import source_title
from diem06.core.ui import numbers
from diem06.core.ui.words import STANDINGS
from diem06.cube.behind import Choice, FactRow, GroupedFacts
from diem06.cube.models import Packet
from diem06.cube.packets import national, queries
from diem06.cube.packets.behind import facts_behind
from diem06.cube.packets.content import Content, FigureRow
from diem06.cube.packets.definitions import Definitions, LineDefinition
from diem06.cube.packets.months import months_of
from diem06.cube.packets.result import COUNTED_EACH_MONTH, COUNTED_ONCE, NOT_JUDGED, ResultRow
from diem06.plan.model import Level
from diem06.reports.screens.formulas import Labels
from diem06.reports.screens.outlook import is_english
from diem06.reports.screens.workbooks import Cell, Share, Sheet, written

T = TypeVar("T")

COUNTRY = ""
"""The column and place of the country, before those of provinces."""
PLAN = "plan"
NAME, VALUE, REPORTED = "name", "value", "reported"
ROWS_A_PAGE = 50
PLACE_SORTS = (NAME, VALUE, REPORTED)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The country, or a province whose packet is loaded."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class NationFigure:
    """A figure in words. `reason` says why there is no number or no standing."""

    place: Place
    row: ResultRow
    is_ratio: bool
    reason: str

    @property
    def value_words(self) -> str:
        value = self.row.number()
        return numbers.percent(value) if self.is_ratio else numbers.number(value)

    @property
    def count_words(self) -> str:
        if not self.is_ratio or self.row.numerator is None:
            return ""
        return f"{numbers.number(self.row.numerator)}/{numbers.number(self.row.denominator)}"

    @property
    def target_words(self) -> str:
        if self.row.target is None:
            return ""
        target = Decimal(self.row.target)
        return numbers.percent(target, None) if self.is_ratio else numbers.number(target)


@dataclass(frozen=True, kw_only=True)
class NationLine:
    """One indicator or reading with its figures, the country's first; None where a province has none."""

    line: LineDefinition
    name: str
    reading: str
    figures: tuple[NationFigure | None, ...]


@dataclass(frozen=True, kw_only=True)
class Nation:
    """What is shown of a period."""

    period: str  # a month, quarter, half-year or year
    packets: tuple[Packet, ...]
    places: tuple[Place, ...]
    lines: tuple[NationLine, ...]
    definitions: Definitions
    left_out: tuple[tuple[str, str], ...] = ()  # (province, why) of those whose months do not make the window

    @property
    def is_month(self) -> bool:
        return len(months_of(self.period)) == 1

    @property
    def is_made_up(self) -> bool:
        return any(packet.is_made_up for packet in self.packets)

    @property
    def provinces(self) -> tuple[Place, ...]:
        return self.places[1:]

    def line(self, code: str) -> NationLine | None:
        return next((line for line in self.lines if line.line.code == code), None)

    def sorted_by(self, sort: str) -> list[NationLine]:
        """Return the lines in the order of the plan, or by the value in one place (`VN` or a province); what has none last."""
        key = sort.removeprefix("-")
        if key == PLAN:
            return list(reversed(self.lines)) if sort.startswith("-") else list(self.lines)
        at = next((n for n, place in enumerate(self.places) if column_of(place) == key), 0)
        return _by_number(self.lines, lambda line: _number(line.figures[at]), descending=sort.startswith("-"))


def column_of(place: Place) -> str:
    """Return what the column of a place is sorted by."""
    return place.code or "VN"


def period_words(period: str) -> str:
    """«07/2023», «quý 3/2023», «6 tháng cuối năm 2023», «năm 2023»."""
    year, _dash, rest = period.partition("-")
    if not rest:
        return _("năm %(year)s") % {"year": year}
    if rest.startswith("Q"):
        return _("quý %(quarter)s/%(year)s") % {"quarter": rest[1:], "year": year}
    if rest.startswith("H"):
        words = _("6 tháng đầu năm %(year)s") if rest == "H1" else _("6 tháng cuối năm %(year)s")
        return words % {"year": year}
    return f"{rest}/{year}"


def line_words(line: LineDefinition) -> tuple[str, str]:
    """Return name and reading of a line in the language of the screen."""
    if is_english():
        return line.name_en or line.name, line.reading_en or line.reading
    return line.name, line.reading


def reason_words(reason: str) -> str:
    """Say why there is no number or no standing."""
    if reason == COUNTED_ONCE:
        return _(
            "Mỗi tỉnh đếm mỗi người một lần. Một người có thể có ở nhiều tỉnh mà không nhận ra được, nên không cộng các tỉnh."
        )
    if reason == COUNTED_EACH_MONTH:
        return _("Mỗi tháng đếm mỗi người một lần. Một người có thể có ở nhiều tháng, nên không cộng các tháng.")
    if reason == NOT_JUDGED:
        return _(
            "Mục tiêu có thời hạn. Chưa xét được tiến độ: gói số liệu không có số của ngày đó, hoặc không có kỳ trước."
        )
    return ""


_LEFT_OUT = {
    national.MISSING: gettext_lazy("chưa đủ gói của mọi tháng"),
    national.AREAS_CHANGED: gettext_lazy("địa giới thay đổi giữa các tháng"),
    national.COUNTED_OTHERWISE: gettext_lazy("cách tính thay đổi giữa các tháng"),
}


def nation_of(period: str) -> Nation | None:
    """Return what is shown of a month or a longer window; None where no province has every month of it."""
    found = national.members(period)
    if not found.taken:
        return None
    packets = found.packets
    definitions = queries.content_of(packets[-1]).definitions
    places = (
        Place(code=COUNTRY, name=_("Cả nước")),
        *(Place(code=months[-1].province, name=months[-1].name) for months in found.taken),
    )
    rows: dict[tuple[str, str], ResultRow] = {(row.code, row.province): row for row in national.rows(period)}
    lines = []
    for line in definitions.lines:
        name, reading = line_words(line)
        figures = tuple(_figure(place, line, rows.get((line.code, place.code))) for place in places)
        lines.append(NationLine(line=line, name=name, reading=reading, figures=figures))
    return Nation(
        period=period,
        packets=packets,
        places=places,
        lines=tuple(lines),
        definitions=definitions,
        left_out=tuple((packet.name, str(_LEFT_OUT[reason])) for packet, reason in found.left_out),
    )


def _figure(place: Place, line: LineDefinition, row: ResultRow | None) -> NationFigure | None:
    if row is None:
        return None
    return NationFigure(place=place, row=row, is_ratio=line.is_ratio, reason=reason_words(row.reason))


def places_sorted(line: NationLine, sort: str) -> list[NationFigure]:
    """Return the figures of a line, the country first, then provinces by name, value or who reported."""
    country, *provinces = [figure for figure in line.figures if figure is not None]
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key == VALUE:
        found = _by_number(provinces, _number, descending=descending)
    elif key == REPORTED:
        found = _by_number(provinces, lambda one: Decimal(one.row.reported), descending=descending)
    else:
        found = sorted(provinces, key=lambda one: one.place.name, reverse=descending)
    return [country, *found]


def _number(figure: NationFigure | None) -> Decimal | None:
    return None if figure is None else figure.row.number()


def _by_number(rows: Collection[T], number: Callable[[T], Decimal | None], *, descending: bool) -> list[T]:
    """Sort rows by a number; those without one stand last."""
    found = [(value, row) for row in rows if (value := number(row)) is not None]
    ordered = [row for _value, row in sorted(found, key=lambda each: each[0], reverse=descending)]
    return [*ordered, *(row for row in rows if number(row) is None)]


# -- one figure ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class BehindLine:
    """A sum of facts behind a figure, in words."""

    fact: FactRow
    side: str
    measure: str
    dimensions: str
    area: str
    unit: str
    source: str


@dataclass(frozen=True, kw_only=True)
class FigurePage:
    """A figure of a packet with what is behind it."""

    packet: Packet
    content: Content
    line: LineDefinition
    name: str
    reading: str
    figure: FigureRow
    subject: str
    is_additive: bool
    rows: Page[int]  # numbers of the sums on this page of the list
    lines: tuple[BehindLine, ...]
    districts: tuple[tuple[str, str, NationFigure], ...]  # code, name, figure

    @property
    def shown(self) -> NationFigure:
        return _of_packet(self.packet, self.line, self.figure, self.subject)

    @property
    def counted(self) -> str:
        return (self.line.counted_en if is_english() else "") or self.line.counted


def figure_page(packet: Packet, code: str, *, area: str, unit: str, page: str | None) -> FigurePage | None:
    """
    Return the page of a figure of a packet; None where it has no such figure. `page` is the wanted page of the sums behind it.
    """
    content = queries.content_of(packet)
    by_cell = {(row.area, row.unit): row for row in content.figures if row.code == code}
    figure = by_cell.get((area, unit))
    if figure is None:
        return None
    line = content.definitions.line_of[code]
    name, reading = line_words(line)
    areas = {one.code: one for one in content.areas}
    units = _unit_names(content)
    rows, found = _listed(facts_behind(content, figure), page)
    districts = [] if area != packet.province else [one for one in content.areas if one.level == Level.DISTRICT]
    return FigurePage(
        packet=packet,
        content=content,
        line=line,
        name=name,
        reading=reading,
        figure=figure,
        subject=units.get(unit, unit) if unit else areas[area].name,
        is_additive=content.definitions.is_additive(line),
        rows=rows,
        lines=tuple(_behind_lines(content, found, units)),
        districts=tuple(
            (one.code, one.name, _of_packet(packet, line, by_cell[one.code, ""], one.name))
            for one in districts
            if (one.code, "") in by_cell
        ),
    )


def _listed(facts: GroupedFacts | None, page: str | None) -> tuple[Page[int], list[FactRow]]:
    """Return a page of the list of sums, and those on it."""
    if facts is None:
        return Paginator(range(0), ROWS_A_PAGE).get_page(1), []
    with facts:
        total = sum(each.facts for each in facts.sums("listed", Choice()))
        rows: Page[int] = Paginator(range(total), ROWS_A_PAGE).get_page(page)
        first = max(rows.start_index() - 1, 0)
        return rows, facts.page("listed", Choice(sort="side"), orders={}, offset=first, limit=ROWS_A_PAGE)


@dataclass(frozen=True, kw_only=True)
class WindowFigurePage:
    """A province's figure of several months with the months that make it: (packet, its signed figure)."""

    period: str
    line: LineDefinition
    name: str
    reading: str
    figure: NationFigure
    months: tuple[tuple[Packet, NationFigure], ...]
    kinds: frozenset[str]  # of its measures

    @property
    def counted(self) -> str:
        return (self.line.counted_en if is_english() else "") or self.line.counted


def window_figure_page(period: str, province: str, code: str) -> WindowFigurePage | None:
    """Return the page of a province's figure of a quarter, half-year or year; None where it has none."""
    months = next((months for months in national.members(period).taken if months[0].province == province), ())
    row = next((row for row in national.rows(period) if (row.code, row.province) == (code, province)), None)
    if not months or row is None:
        return None
    definitions = queries.content_of(months[-1]).definitions
    line = definitions.line_of[code]
    place = Place(code=province, name=months[-1].name)
    found = []
    for packet in months:
        signed = next((f for f in queries.content_of(packet).figures if (f.code, f.area) == (code, province)), None)
        if signed is not None:
            found.append((packet, _of_packet(packet, line, signed, packet.name)))
    name, reading = line_words(line)
    return WindowFigurePage(
        period=period,
        line=line,
        name=name,
        reading=reading,
        figure=NationFigure(place=place, row=row, is_ratio=line.is_ratio, reason=reason_words(row.reason)),
        months=tuple(found),
        kinds=frozenset(definitions.kinds[measure] for measure in line.measures),
    )


def _of_packet(packet: Packet, line: LineDefinition, figure: FigureRow, subject: str) -> NationFigure:
    row = ResultRow(
        code=figure.code,
        province=packet.province,
        level="",
        area=figure.area,
        unit=figure.unit,
        key=figure.key,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=figure.value,
        target=figure.target,
        standing=figure.standing,
        expected=0,
        reported=0,
        reason="",
    )
    return NationFigure(place=Place(code=packet.province, name=subject), row=row, is_ratio=line.is_ratio, reason="")


def _unit_names(content: Content) -> Mapping[str, str]:
    return {unit.code: (unit.name_en if is_english() else "") or unit.name for unit in content.units}


def _behind_lines(content: Content, found: Iterable[FactRow], units: Mapping[str, str]) -> Iterable[BehindLine]:
    areas = {area.code: area.name for area in content.areas}
    measures = {one.code: (one.name_en if is_english() else "") or one.name for one in content.definitions.measures}
    labels = Labels(content.definitions.labels)
    titles: dict[str, str] = {}
    for each in found:
        yield BehindLine(
            fact=each,
            side=_("Tử số") if each.side == "num" else _("Mẫu số"),
            measure=measures[each.measure],
            dimensions=labels.dimensions(each.dimensions),
            area=areas[each.area],
            unit=units.get(each.unit, each.unit),
            source=titles.setdefault(each.source, source_title(each.source)),
        )


# -- Excel ---------------------------------------------------------------------------------------------------------------
def nation_workbook(nation: Nation, lines: Sequence[NationLine]) -> bytes:
    """Return the indicators by place as on screen, and each figure on a line of its own with its key and seal."""
    about = (
        _("Số liệu các tỉnh kỳ %(period)s") % {"period": period_words(nation.period)},
        _("Gói số liệu của %(n)s tỉnh, mỗi gói đã chốt và ký.") % {"n": len(nation.provinces)},
        *(_("Không tính %(name)s: %(why)s.") % {"name": name, "why": why} for name, why in nation.left_out),
    )
    head = (_("Mã"), _("Chỉ tiêu"), *(place.name for place in nation.places))
    matrix = Sheet(
        name=_("Chỉ tiêu"),
        lines=about,
        head=head,
        rows=[(line.line.code, _full_name(line), *map(_value, line.figures)) for line in lines],
        widths=(8, 50, *(14 for _place in nation.places)),
        frozen=2,
    )
    seals: dict[str, str] = {}
    for packet in nation.packets:
        seals[packet.province] = f"{seals.get(packet.province, '')} {packet.seal_hash}".strip()
    each = Sheet(
        name=_("Từng con số"),
        lines=about,
        head=(
            _("Mã"), _("Chỉ tiêu"), _("Nơi"), _("Giá trị"), _("Tử số"), _("Mẫu số"), _("Mục tiêu"), _("Trạng thái"),
            _("Đơn vị đã báo cáo"), _("Đơn vị phải báo cáo"), _("Ghi chú"), _("Mã số liệu"), _("Niêm phong"),
        ),
        rows=[
            _row(line, figure, seals.get(figure.place.code, ""))
            for line in lines
            for figure in line.figures
            if figure is not None
        ],
        widths=(8, 44, 22, 10, 14, 14, 10, 16, 9, 9, 36, 34, 66),
        frozen=3,
        unprinted=2,
    )  # fmt: skip
    return written([matrix, each], is_made_up=nation.is_made_up)


def _row(line: NationLine, figure: NationFigure, seal: str) -> tuple[Cell | Share, ...]:
    row = figure.row
    target = None if row.target is None else Decimal(row.target)
    return (
        row.code,
        _full_name(line),
        figure.place.name,
        _value(figure),
        row.numerator,
        row.denominator,
        Share(value=target) if figure.is_ratio else target,
        str(STANDINGS[row.standing].words) if row.standing else "—",
        row.reported,
        row.expected,
        figure.reason,
        row.key or "—",
        seal or "—",
    )


def _value(figure: NationFigure | None) -> Cell | Share:
    if figure is None:
        return None
    value = figure.row.number()
    return Share(value=value) if figure.is_ratio else value


def _full_name(line: NationLine) -> str:
    return f"{line.name} ({line.reading})" if line.reading else line.name
