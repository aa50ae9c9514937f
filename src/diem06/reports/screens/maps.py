"""Figures on the map of another day: which maps there are, what a page says of the one it shows, and what a figure is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core.areas.queries import AreaOn, areas_on, laid, name_of, states_of
from diem06.core.areas.redrawing import BASES, Piece
from diem06.core.ui import numbers
from diem06.cube.figures import Figure
from diem06.cube.map_layout import Undivided
from diem06.cube.maps import MapBoard, Part
from diem06.plan.model import Indicator, Level
from diem06.reports.screens.outlook import Outlook, codes_of, counted_of
from diem06.reports.screens.outlook import name_of as indicator_name

PARAMETER = "map_day"


class MapUnknown(LookupError):
    """There is no map of that day, or the plan's area is not on it."""


# -- which maps there are ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class MapState:
    """One state of the map. `value` is what stands in the URL: empty for the period's own."""

    day: date
    value: str
    words: str
    is_chosen: bool


def map_states(outlook: Outlook) -> tuple[MapState, ...]:
    """Return the states of the map of the plan's area to choose from, the period's own first."""
    own = _state_of(outlook, outlook.period.last_day)
    states = [
        MapState(
            day=own,
            value="",
            words=_("Bản đồ của kỳ: %(state)s") % {"state": state_words(outlook, own)},
            is_chosen=outlook.map_day is None,
        )
    ]
    for day in states_of(outlook.plan.area):
        if day != own:
            chosen = outlook.map_day == day
            states.append(MapState(day=day, value=str(day), words=state_words(outlook, day), is_chosen=chosen))
    return tuple(states)


def _state_of(outlook: Outlook, day: date) -> date:
    """Return the first day of the state of the map that holds on a day."""
    return max((each for each in states_of(outlook.plan.area) if each <= day), default=day)


def state_words(outlook: Outlook, day: date) -> str:
    """«209 xã, 10 huyện (từ 10/04/2023)»: towns and wards are counted with communes, towns and cities with districts."""
    tree, root = areas_on(day), outlook.plan.area
    communes = len(tree.descendants(root, Level.COMMUNE))
    districts = len(tree.descendants(root, Level.DISTRICT))
    said = [ngettext("%(n)s xã", "%(n)s xã", communes) % {"n": communes}]
    if districts:
        said.append(ngettext("%(n)s huyện", "%(n)s huyện", districts) % {"n": districts})
    return _("%(areas)s (từ %(day)s)") % {"areas": ", ".join(said), "day": f"{day:%d/%m/%Y}"}


def outlook_on(outlook: Outlook, wanted: str) -> Outlook:
    """
    Return what is seen on the map of the day `wanted`; empty, or a day of the period's own map: as it is.

    Raises MapUnknown for what is no day of a map of the plan's area.
    """
    if not wanted:
        return outlook
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        raise MapUnknown(wanted) from None
    states = states_of(outlook.plan.area)
    state = max((each for each in states if each <= day), default=None)
    if state is None:
        raise MapUnknown(wanted)
    return outlook if state == _state_of(outlook, outlook.period.last_day) else outlook.on_map(state)


# -- what a page says of its map -----------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class MapNote:
    """
    What stands above figures of another map: how many of those on the page were apportioned or have no value, what lies outside.

    `empty` areas of the map hold nothing of the period's own; `outside` names own areas that lie on it nowhere, or in part.
    """

    state: str
    shown: int
    apportioned: int
    not_divided: int
    empty: int
    outside: tuple[str, ...]
    outside_more: int
    has_drawing: bool
    closed_on: date | None


NAMED = 4


def map_note(outlook: Outlook, figures: Iterable[Figure], *, has_drawing: bool = True) -> MapNote | None:
    """Return the note of a page that shows these figures; None on the period's own map."""
    here = outlook.board
    if not isinstance(here, MapBoard) or outlook.map_day is None:
        return None
    shown = {(figure.code, figure.area.code, figure.period): figure for figure in figures if figure.area}
    inside = here.tree.descendants(outlook.plan.area)
    own_root = outlook.plan.area
    own_area = (
        {own_root, *(area.code for area in here.own.tree.descendants(own_root))} if own_root in here.own.tree else set()
    )
    outside = [area.name for area in here.layout.outside if area.code in own_area] if outlook.is_whole else []
    return MapNote(
        state=state_words(outlook, outlook.map_day),
        shown=len(shown),
        apportioned=sum(bool(figure.apportioned) for figure in shown.values()),
        not_divided=sum(bool(figure.not_divided) for figure in shown.values()),
        empty=sum(not here.layout.sources(area.code) for area in inside) if outlook.is_whole else 0,
        outside=tuple(outside[:NAMED]),
        outside_more=max(len(outside) - NAMED, 0),
        has_drawing=has_drawing,
        closed_on=outlook.closing.closed_at.date() if outlook.closing else None,
    )


def why_words(why: Undivided) -> str:
    """Say why a number was not divided."""
    if why is Undivided.DISTINCT:
        return _("đếm mỗi người một lần, không chia được")
    return _("không rõ bao nhiêu dân ở mỗi phần")


def basis_words(basis: str) -> str:
    """Say what a share rests on."""
    words = {
        "official": _("văn bản, danh mục chính thức"),
        "press": _("báo chí dẫn nghị quyết"),
        "derived": _("tính từ dân số, diện tích đã công bố"),
        "assumed": _("giả định"),
    }
    assert words.keys() == set(BASES)
    return words[basis] if basis else ""


def share_words(share: Decimal | None) -> str:
    """«100%», «2,8997%»: six decimals of a share are four of a percentage; unknown «—»."""
    if share is None:
        return numbers.NO_VALUE
    percent = (share * 100).normalize()
    places = max(-int(percent.as_tuple().exponent), 0)
    return f"{numbers.number(share * 100, min(places, 4))}%"


def division_words(figure: Figure) -> str:
    """«Xã Thanh Hải 2,8997%; …»: of which areas a part was taken, or why nothing could be; empty where all was whole."""
    parts = [
        f"{name_of(each.area.code, each.area.valid_from)} {share_words(each.share)}" for each in figure.apportioned
    ]
    parts += [f"{name_of(each.area.code, each.area.valid_from)}: {why_words(each.why)}" for each in figure.not_divided]
    return "; ".join(parts)


def about_map(outlook: Outlook) -> tuple[str, ...]:
    """Return the line of a file that says on which map its figures are; none on the period's own."""
    if outlook.map_day is None:
        return ()
    return (_("Xếp theo bản đồ %(state)s") % {"state": state_words(outlook, outlook.map_day)},)


def map_head(outlook: Outlook) -> tuple[str, ...]:
    """On another day's map a table has one more column, for what was divided."""
    return (_("Chia theo dân số"),) if outlook.map_day else ()


def map_cells(outlook: Outlook, figure: Figure) -> tuple[str, ...]:
    """Return what stands in that column."""
    return (division_words(figure),) if outlook.map_day else ()


# -- one figure ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class PartLine:
    """An area of the own map as it stands in the table of a figure's page."""

    part: Part
    name: str
    lies_in: str  # the area above it on its own map
    share: str
    basis: str
    days: str
    why: str
    scope: str  # that only numbers of the area itself are meant, where it has parts of its own


@dataclass(frozen=True, kw_only=True)
class MapFigurePage:
    """
    What a figure of another map is made of: its parts, each on the own map, and their sum, which is the figure.

    `is_sum`: parts add up; people counted once do not.
    """

    outlook: Outlook
    indicator: Indicator
    name: str
    counted: str
    area: AreaOn
    figure: Figure
    lines: tuple[PartLine, ...]
    is_sum: bool
    numerator: Decimal | None
    denominator: Decimal | None
    note: MapNote


def map_figure_page(outlook: Outlook, code: str, area: str) -> MapFigurePage:
    """Return the page of a figure on another map. Raises LookupError for a line or an area that is not there."""
    board = outlook.board
    assert isinstance(board, MapBoard)  # whoever asks has laid the outlook on a map
    indicator = next((each for each in outlook.plan.indicators if code in codes_of(each)), None)
    if indicator is None:
        raise LookupError(code)
    here = board.tree.get(area)
    figure = outlook.figure(code, area=area)
    parts = board.parts(code, area)
    taken = [part.taken for part in parts]
    is_sum = board.is_sum(code)
    note = map_note(outlook, [figure])
    assert note is not None  # it is on another map
    return MapFigurePage(
        outlook=outlook,
        indicator=indicator,
        name=indicator_name(indicator),
        counted=counted_of(indicator),
        area=here,
        figure=figure,
        lines=tuple(_line(outlook, part) for part in parts),
        is_sum=is_sum,
        numerator=_sum(each.numerator for each in taken if each) if None not in taken else None,
        denominator=_sum(each.denominator for each in taken if each) if None not in taken else None,
        note=note,
    )


def _sum(numbers_: Iterable[Decimal | None]) -> Decimal | None:
    known = [number for number in numbers_ if number is not None]
    return sum(known, Decimal()) if known else None


def _line(outlook: Outlook, part: Part) -> PartLine:
    board = outlook.board
    assert isinstance(board, MapBoard)
    above = board.own.tree.ancestors(part.area.code)
    return PartLine(
        part=part,
        name=part.area.name,
        lies_in=above[0].short_name if above and part.area.level is Level.COMMUNE else "",
        share=share_words(part.share),
        basis=basis_words(part.basis) + (", " + _("theo dân số các nơi cũ") if part.by_people else ""),
        days=", ".join(f"{day:%d/%m/%Y}" for day in part.days),
        why=why_words(part.why) if part.why else "",
        scope=_("chỉ số ghi ở chính nơi này, không kể các nơi bên trong") if part.only_own else "",
    )


# -- an area that a map does not have ------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Heir:
    """An area of the map in which some of another lies; `share` in words."""

    code: str
    name: str
    share: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class MovedPage:
    """What an area of another day is on this map."""

    outlook: Outlook
    name: str
    was: str  # since when, until when it was called so
    heirs: tuple[Heir, ...]
    state: str
    came_before: bool  # the area is of an earlier day than the map


def moved_page(outlook: Outlook, code: str, first_days: Iterable[date]) -> MovedPage | None:
    """
    Return what an area that the map does not have is on it; None where no area of that code, on any day, lies on it.

    `first_days` are those of all areas that had the code.
    """
    day = outlook.map_day or outlook.period.last_day
    tree = outlook.tree
    for valid_from in sorted(first_days, key=lambda first: abs((first - day).days)):
        pieces = [piece for piece in laid(code, valid_from, day).pieces if piece.code in tree]
        if pieces:
            return MovedPage(
                outlook=outlook,
                name=name_of(code, valid_from),
                was=f"{valid_from:%d/%m/%Y}",
                heirs=tuple(_heir(outlook, piece) for piece in pieces if outlook.sees_area(piece.code)),
                state=state_words(outlook, day if outlook.map_day else _state_of(outlook, day)),
                came_before=valid_from <= day,
            )
    return None


def _heir(outlook: Outlook, piece: Piece) -> Heir:
    return Heir(
        code=piece.code,
        name=outlook.tree.get(piece.code).name,
        share=share_words(piece.share),
        basis=basis_words(piece.basis),
    )
