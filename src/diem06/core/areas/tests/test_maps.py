"""Facts about the outlines: which map holds on a day, and that its shapes are whole."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from django.db import transaction

from diem06.core.areas import queries
from diem06.core.areas.actions import load_areas
from diem06.core.areas.maps import AreaMap, map_on, tiles_on
from diem06.plan.model import Level

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_list")]
OLD, GAP, NEW, LAST = date(2023, 7, 14), date(2025, 2, 14), date(2025, 7, 1), date(2026, 10, 14)


@pytest.fixture(scope="module")
def own_list(django_db_setup, django_db_blocker):
    """The own list, loaded once for the module and taken away afterwards."""
    queries.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        load_areas()
        yield
        transaction.set_rollback(True)
    queries.forget()


def of(day: date, level: Level) -> AreaMap | None:
    return map_on(day, level=level, province="24", tree=queries.areas_on(day))


def area_of(path: str) -> float:
    """The size of a path, from its own numbers."""
    total = 0.0
    for part in path.split("z"):
        numbers = [int(each) for each in re.findall(r"-?\d+", part)]
        if not numbers:
            continue
        points = [(numbers[0], numbers[1])]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        points.append(points[0])
        total += abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))) / 2
    return total


@pytest.mark.parametrize(
    ("day", "level", "count"),
    [(OLD, Level.DISTRICT, 10), (OLD, Level.COMMUNE, 209), (NEW, Level.COMMUNE, 99), (LAST, Level.COMMUNE, 99)],
)
def test_each_area_of_the_day_has_a_shape(day: date, level: Level, count: int) -> None:
    """10 districts and 209 communes of 2023, 99 communes of 2025 and of 2026: the codes are those of the area list."""
    found = of(day, level)
    assert found is not None
    codes = {area.code for area in queries.areas_on(day).descendants("24", level)}
    assert {shape.code for shape in found.shapes} == codes
    assert len(codes) == count
    assert all(area_of(shape.path) > 0 for shape in found.shapes)


@pytest.mark.parametrize("level", [Level.DISTRICT, Level.COMMUNE])
def test_there_is_no_map_of_the_first_half_of_2025(level: Level) -> None:
    """Between two area reforms no file has the areas, and none that is nearly right is shown."""
    assert of(GAP, level) is None
    assert tiles_on(GAP, province="24", tree=queries.areas_on(GAP)) == ()


def test_a_new_name_of_a_district_keeps_its_shape() -> None:
    """Việt Yên became a town on 01/02/2024: the same code, another row, the same extent."""
    before, after = of(OLD, Level.DISTRICT), of(date(2024, 2, 14), Level.DISTRICT)
    assert before is not None
    assert before == after


def test_districts_are_their_communes_joined() -> None:
    """The size of the districts is that of the communes: no arc was lost when they were joined."""
    districts, communes = of(OLD, Level.DISTRICT), of(OLD, Level.COMMUNE)
    assert districts is not None
    assert communes is not None
    tree = queries.areas_on(OLD)
    by_code = {shape.code: area_of(shape.path) for shape in communes.shapes}
    for shape in districts.shapes:
        inside = sum(by_code[area.code] for area in tree.descendants(shape.code, Level.COMMUNE))
        assert area_of(shape.path) == pytest.approx(inside, rel=0.01)


def test_the_schematic_says_so_and_the_others_say_what_they_are() -> None:
    """Under the communes of 2023: no borders. Under the others: for reference. Under all: whose outlines."""
    for day, level, words in (
        (OLD, Level.COMMUNE, "Sơ đồ, không phải ranh giới"),
        (OLD, Level.DISTRICT, "Ranh giới tham khảo"),
        (NEW, Level.COMMUNE, "Ranh giới tham khảo"),
    ):
        found = of(day, level)
        assert found is not None
        assert found.is_schematic == words.startswith("Sơ đồ")
        assert str(found.notices[0]).startswith(words)
        assert "MIT" in str(found.notices[1])


def test_a_label_lies_in_the_box_of_its_shape() -> None:
    found = of(OLD, Level.COMMUNE)
    assert found is not None
    for shape in found.shapes:
        left, top, right, bottom = shape.box
        assert left <= shape.x <= right
        assert top <= shape.y <= bottom


def test_a_part_of_a_map_has_its_own_box() -> None:
    """The communes of Hiệp Hòa lie in the west: their box is narrower than the province."""
    found = of(OLD, Level.COMMUNE)
    assert found is not None
    tree = queries.areas_on(OLD)
    part = found.within(area.code for area in tree.descendants("223", Level.COMMUNE))
    assert len(part.shapes) == len(tree.descendants("223", Level.COMMUNE))
    assert part.box[2] < found.box[2] / 4


def test_the_grid_has_each_district_of_2023_in_a_place_of_its_own() -> None:
    tiles = tiles_on(OLD, province="24", tree=queries.areas_on(OLD))
    assert len({(tile.row, tile.column) for tile in tiles}) == len(tiles) == 10
    assert tiles_on(NEW, province="24", tree=queries.areas_on(NEW)) == ()


def test_another_province_has_no_map() -> None:
    assert map_on(OLD, level=Level.DISTRICT, province="27", tree=queries.areas_on(OLD)) is None
