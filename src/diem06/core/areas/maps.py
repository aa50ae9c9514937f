"""
The outlines of areas, for maps that the server draws: which map holds on a day, and its shapes as SVG paths.

The files in data/maps/ are TopoJSON: neighbours share their lines (arcs), so what is made simpler stays without gaps. A map
fits a day if each area of its level has a shape on it; where none does, there is no map and only lists are shown.
Coordinates are whole units of a drawing WIDTH wide, y downwards.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diem06.core.areas.queries import AreaTree
from diem06.plan.model import Level

FOLDER = Path(__file__).parent / "data" / "maps"
WIDTH = 640
SMALLEST_BEND = 0.9  # in square units: a bend of a line that spans less is left out

REFERENCE = _("Ranh giới tham khảo, không dùng để xác định địa giới hành chính.")
SCHEMATIC = _("Sơ đồ, không phải ranh giới: đường chia giữa các xã được vẽ theo điểm trung tâm.")
ORIGIN = _("Nguồn hình: vietnamese-provinces-database, © 2021 Thang Le Quoc, giấy phép MIT.")

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One area: its SVG path, the place of a label inside it, and its box (left, top, right, bottom)."""

    code: str
    path: str
    x: int
    y: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One area as a square of a grid; rows and columns begin at 1."""

    code: str
    row: int
    column: int


@dataclass(frozen=True, kw_only=True)
class AreaMap:
    """
    The areas of one level within one province.

    `is_schematic`: its lines are no borders, and nothing may be measured on it. `notices` must be shown under it.
    """

    id: str
    level: Level
    shapes: tuple[Shape, ...]
    is_schematic: bool
    notices: tuple[Promise, ...]

    def within(self, codes: Iterable[str]) -> AreaMap:
        """Return the map of only these areas."""
        kept = frozenset(codes)
        return AreaMap(
            id=self.id,
            level=self.level,
            shapes=tuple(shape for shape in self.shapes if shape.code in kept),
            is_schematic=self.is_schematic,
            notices=self.notices,
        )

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The box around all shapes: left, top, right, bottom."""
        boxes = [shape.box for shape in self.shapes] or [(0, 0, 1, 1)]
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A map of the files: for which province, level and days [from_day, to_day). `group`: shapes are joined by it."""

    id: str
    file: str
    province: str
    level: Level
    from_day: date
    to_day: date | None
    is_schematic: bool = False
    group: str = ""


_SOURCES = (
    _Source(
        id="bac-giang-2023-districts",
        file="bac_giang_2023_communes_schematic.topojson",
        province="24",
        level=Level.DISTRICT,
        from_day=date(2023, 4, 10),
        to_day=date(2025, 1, 1),
        group="district",
    ),
    _Source(
        id="bac-giang-2023-communes",
        file="bac_giang_2023_communes_schematic.topojson",
        province="24",
        level=Level.COMMUNE,
        from_day=date(2023, 4, 10),
        to_day=date(2025, 1, 1),
        is_schematic=True,
    ),
    _Source(
        id="bac-ninh-2025-communes",
        file="bac_ninh_2025_communes_small.topojson",
        province="24",
        level=Level.COMMUNE,
        from_day=date(2025, 7, 1),
        to_day=None,
    ),
)


def map_on(day: date, *, level: Level, province: str, tree: AreaTree) -> AreaMap | None:
    """
    Return the map of the areas of `level` in `province` as they are on the day; None where no file has them all.

    `tree` are the areas of that day.
    """
    for source in _SOURCES:
        if source.level is not level or source.province != province:
            continue
        if not source.from_day <= day < (source.to_day or date.max):
            continue
        found = _drawn(source)
        if province in tree and {area.code for area in tree.descendants(province, level)} == {
            shape.code for shape in found.shapes
        }:
            return found
    return None


def tiles_on(day: date, *, province: str, tree: AreaTree) -> tuple[Tile, ...]:
    """Return the districts of the day as a grid of squares, our own layout; empty where there is none for them."""
    here = {area.code for area in tree.descendants(province, Level.DISTRICT)} if province in tree else set()
    grid = _grid()
    is_there = province == "24" and day < date(2025, 1, 1) and here == {tile.code for tile in grid}
    return grid if is_there else ()


@lru_cache(maxsize=1)
def _grid() -> tuple[Tile, ...]:
    with (FOLDER / "bac_giang_2023_tilegrid.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Tile(code=row["code"], row=int(row["row"]), column=int(row["col"])) for row in csv.DictReader(file)
        )


# -- from TopoJSON to paths ----------------------------------------------------------------------------------------------
@lru_cache(maxsize=8)
def _drawn(source: _Source) -> AreaMap:
    topology = json.loads((FOLDER / source.file).read_text(encoding="utf-8"))
    lines = [_simple(line) for line in _projected(topology)]
    (collection,) = topology["objects"].values()
    rings: dict[str, list[list[int]]] = defaultdict(list)
    for geometry in collection["geometries"]:
        code = geometry["properties"][source.group or "code"]
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        rings[code] += [ring for polygon in polygons for ring in polygon]
    shapes = [_shape(code, _outer(found) if source.group else found, lines) for code, found in sorted(rings.items())]
    return AreaMap(
        id=source.id,
        level=source.level,
        shapes=tuple(shapes),
        is_schematic=source.is_schematic,
        notices=(SCHEMATIC, ORIGIN) if source.is_schematic else (REFERENCE, ORIGIN),
    )


def _projected(topology: dict[str, Any]) -> list[Line]:
    """Return the arcs in units of the drawing: degrees of longitude are shortened as they are at this latitude."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[list[tuple[float, float]]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((left + x * scale_x, bottom + y * scale_y))
        arcs.append(points)
    longitudes = [point[0] for arc in arcs for point in arc]
    latitudes = [point[1] for arc in arcs for point in arc]
    shrink = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    unit = WIDTH / ((max(longitudes) - min(longitudes)) * shrink)
    west, north = min(longitudes), max(latitudes)
    return [tuple(((lon - west) * shrink * unit, (north - lat) * unit) for lon, lat in arc) for arc in arcs]


def _simple(line: Line) -> Line:
    """Leave out the bends that span the least (Visvalingam); the ends stay, so that neighbours still meet."""
    points = list(line)
    least = 4 if points[0] == points[-1] else 2  # a ring keeps its inside
    while len(points) > least:
        spans = [_span(*points[i - 1 : i + 2]) for i in range(1, len(points) - 1)]
        smallest = min(spans)
        if smallest >= SMALLEST_BEND:
            break
        del points[spans.index(smallest) + 1]
    return tuple((float(round(x)), float(round(y))) for x, y in points)


def _span(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def _outer(rings: Sequence[Sequence[int]]) -> list[list[int]]:
    """Join shapes: an arc that two of them share lies inside and goes; what is left is put together to rings."""
    used: dict[int, list[int]] = defaultdict(list)
    for ring in rings:
        for arc in ring:
            used[arc if arc >= 0 else ~arc].append(arc)
    left = [arcs[0] for arcs in used.values() if len(arcs) == 1]
    return [left]


def _shape(code: str, rings: Sequence[Sequence[int]], lines: Sequence[Line]) -> Shape:
    drawn = [closed for ring in rings for closed in _closed([_line(arc, lines) for arc in ring])]
    drawn = [ring for ring in drawn if len(ring) > 3] or drawn
    largest = max(drawn, key=lambda ring: abs(_area(ring)))
    x, y = _inside(largest)
    points = [point for ring in drawn for point in ring]
    return Shape(
        code=code,
        path="".join(_path(ring) for ring in drawn),
        x=x,
        y=y,
        box=(
            int(min(p[0] for p in points)),
            int(min(p[1] for p in points)),
            int(max(p[0] for p in points)),
            int(max(p[1] for p in points)),
        ),
    )


def _line(arc: int, lines: Sequence[Line]) -> Line:
    return lines[arc] if arc >= 0 else lines[~arc][::-1]


def _closed(lines: Sequence[Line]) -> list[Line]:
    """Put lines together, end to beginning, until each ring is closed."""
    begins: dict[tuple[float, float], list[Line]] = defaultdict(list)
    for line in lines:
        begins[line[0]].append(line)
    rings = []
    for line in lines:
        if line not in begins[line[0]]:
            continue
        begins[line[0]].remove(line)
        ring = list(line)
        while ring[-1] != ring[0] and begins[ring[-1]]:
            ring += begins[ring[-1]].pop()[1:]
        rings.append(tuple(ring))
    return rings


def _path(ring: Line) -> str:
    """Return «M10 20l3-4…z»: the first point, then the way from each to the next."""
    here = (int(ring[0][0]), int(ring[0][1]))
    words = [f"M{here[0]} {here[1]}l"]
    is_first = True
    for point in ring[1:-1]:
        step = (int(point[0]) - here[0], int(point[1]) - here[1])
        if step == (0, 0):
            continue
        here = (here[0] + step[0], here[1] + step[1])
        lead = "" if is_first or step[0] < 0 else " "
        words.append(f"{lead}{step[0]}{'' if step[1] < 0 else ' '}{step[1]}")
        is_first = False
    return "".join(words) + "z"


def _area(ring: Line) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _inside(ring: Line) -> tuple[int, int]:
    """Return a point well inside: the middle of the widest stretch on one of a few horizontal lines near the middle."""
    top, bottom = min(p[1] for p in ring), max(p[1] for p in ring)
    best = (0.0, ring[0][0], ring[0][1])
    for share in (0.5, 0.42, 0.58, 0.34, 0.66):
        y = top + (bottom - top) * share + 0.01
        crossings = sorted(
            a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(ring) if (a[1] > y) != (b[1] > y)
        )
        for left, right in zip(crossings[::2], crossings[1::2], strict=False):
            # The middle line wins unless another one has clearly more room.
            room = (right - left) * (1.15 if share == 0.5 else 1)
            if room > best[0]:
                best = (room, (left + right) / 2, y)
    return round(best[1]), round(best[2])
