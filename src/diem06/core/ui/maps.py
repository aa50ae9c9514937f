"""
Maps and tile grids: pure functions from outlines and numbers to what the SVG templates draw.

Areas are shaded in up to five steps from light to dark, each with as many areas as the next, so the map reads in grey; an
area without a value is hatched. A number on an area is its place in the list that stands beside the map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from diem06.core.ui import numbers

STEPS = 5
DARK_FROM = 4  # steps on which words are light
NAMED_UNTIL = 25  # so many areas bear their number; more would cover the map
TILE = 100
ROOM = 6
TILE_WORDS = 17
TILE_LINE = 22
LONGEST_LINE = 9  # characters on a line of a tile


class Outline(Protocol):
    """An area's outline: an SVG path and the place of a label."""

    @property
    def code(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...


class Square(Protocol):
    """An area's place in a grid of squares, from 1."""

    @property
    def code(self) -> str: ...
    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is shown of one area: `words` say its value («67,5%», or why there is none); `number` is its place in the list."""

    name: str
    short: str
    value: Decimal | None
    words: str
    url: str
    number: int = 0
    is_current: bool = False


@dataclass(frozen=True)
class Line:
    """A line of words, its middle at (x, y)."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One area as it is drawn. `step` is 1 to 5, 0 without a value."""

    code: str
    path: str
    lines: tuple[Line, ...]  # words on it
    step: int
    said: str
    url: str
    is_current: bool

    @property
    def is_dark(self) -> bool:
        return self.step >= DARK_FROM


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of the key: the values of one shade."""

    step: int
    words: str


@dataclass(frozen=True, kw_only=True)
class MapChart:
    """A map or a tile grid with its key. `view_box` is of the SVG, `size` the height of its words."""

    title: str
    view_box: str
    size: float
    areas: tuple[Drawn, ...]
    steps: tuple[Step, ...]
    notices: tuple[str, ...]
    is_grid: bool = False

    @property
    def lacks_values(self) -> bool:
        return any(area.step == 0 for area in self.areas)


def map_chart(
    outlines: Sequence[Outline],
    places: Mapping[str, Place],
    *,
    title: str,
    box: tuple[int, int, int, int],
    notices: Sequence[str] = (),
    is_share: bool = True,
) -> MapChart:
    """Draw the outlines that have a place, shaded by its value. `box` is what the drawing shows: left, top, right, bottom."""
    shown = [outline for outline in outlines if outline.code in places]
    bounds = bounds_of([places[outline.code].value for outline in shown])
    left, top, right, bottom = box
    width, height = max(right - left, 1), max(bottom - top, 1)
    edge = max(width, height) / 100
    return MapChart(
        title=title,
        view_box=f"{_one(left - edge)} {_one(top - edge)} {_one(width + 2 * edge)} {_one(height + 2 * edge)}",
        size=_one(max(width, height * 1.4) / 27),
        areas=tuple(
            _drawn(
                outline.code,
                places[outline.code],
                bounds,
                path=outline.path,
                lines=_numbered(outline, places[outline.code]) if len(shown) <= NAMED_UNTIL else (),
            )
            for outline in shown
        ),
        steps=_key(bounds, [places[outline.code].value for outline in shown], is_share=is_share),
        notices=tuple(notices),
    )


def tile_chart(
    squares: Sequence[Square],
    places: Mapping[str, Place],
    *,
    title: str,
    notices: Sequence[str] = (),
    is_share: bool = True,
) -> MapChart:
    """Draw each area as a square of one size, so that a small one is as easy to see and to touch as a large one."""
    shown = [square for square in squares if square.code in places]
    bounds = bounds_of([places[square.code].value for square in shown])
    top, left = min((s.row for s in shown), default=1), min((s.column for s in shown), default=1)
    areas = []
    for square in shown:
        x, y = (square.column - left) * TILE, (square.row - top) * TILE
        side = TILE - ROOM
        areas.append(
            _drawn(
                square.code,
                places[square.code],
                bounds,
                path=f"M{x} {y}h{side}v{side}h-{side}z",
                lines=_named(x + side / 2, y + side / 2, places[square.code]),
            )
        )
    width = (max((s.column for s in shown), default=1) - left + 1) * TILE - ROOM
    height = (max((s.row for s in shown), default=1) - top + 1) * TILE - ROOM
    return MapChart(
        title=title,
        view_box=f"-2 -2 {width + 4} {height + 4}",
        size=TILE_WORDS,
        areas=tuple(areas),
        steps=_key(bounds, [places[square.code].value for square in shown], is_share=is_share),
        notices=tuple(notices),
        is_grid=True,
    )


def bounds_of(values: Sequence[Decimal | None]) -> tuple[Decimal, ...]:
    """
    Return the lowest value of each shade, rising: at most STEPS, each holding about as many areas.

    Equal values are never parted, so there are fewer shades than steps where many areas are alike.
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        return ()
    steps = min(STEPS, len(set(known)))
    return tuple(dict.fromkeys(known[len(known) * step // steps] for step in range(steps)))


def step_of(value: Decimal | None, bounds: Sequence[Decimal]) -> int:
    """Return the shade of a value, 1 to STEPS; fewer shades are spread over them. 0 without a value."""
    if value is None:
        return 0
    place = sum(bound <= value for bound in bounds)
    return shade(place, len(bounds))


def shade(place: int, count: int) -> int:
    """Return the shade of the `place`-th of `count` steps: the first is 1, the last STEPS, one alone the middle."""
    if count == 1:
        return (STEPS + 1) // 2
    return 1 + round((place - 1) * (STEPS - 1) / (count - 1))


def _numbered(outline: Outline, place: Place) -> tuple[Line, ...]:
    return (Line(outline.x, outline.y, str(place.number)),) if place.number else ()


def _named(x: float, y: float, place: Place) -> tuple[Line, ...]:
    """Write the name, in two lines where it is long, and the value under it."""
    first, _blank, rest = place.short.rpartition(" ") if len(place.short) > LONGEST_LINE else ("", "", place.short)
    words = [line for line in (first, rest, place.words) if line]
    top = y - TILE_LINE * (len(words) - 1) / 2
    return tuple(Line(_one(x), _one(top + TILE_LINE * number), line) for number, line in enumerate(words))


def _drawn(code: str, place: Place, bounds: Sequence[Decimal], *, path: str, lines: tuple[Line, ...]) -> Drawn:
    return Drawn(
        code=code,
        path=path,
        lines=lines,
        step=step_of(place.value, bounds),
        said=f"{place.name}: {place.words}",
        url=place.url,
        is_current=place.is_current,
    )


def _key(bounds: Sequence[Decimal], values: Sequence[Decimal | None], *, is_share: bool) -> tuple[Step, ...]:
    show = numbers.percent if is_share else numbers.number
    known = sorted(value for value in values if value is not None)
    steps = []
    for place, low in enumerate(bounds, start=1):
        high = bounds[place] if place < len(bounds) else None
        inside = [value for value in known if low <= value and (high is None or value < high)]
        first, last = show(inside[0]), show(inside[-1])
        words = first if first == last else _("%(first)s đến %(last)s") % {"first": first, "last": last}
        steps.append(Step(step=shade(place, len(bounds)), words=words))
    return tuple(steps)


def _one(number: float) -> float:
    return round(number, 1)
