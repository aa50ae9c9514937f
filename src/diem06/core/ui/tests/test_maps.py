"""Facts about the shading of maps and the grid of squares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.ui.maps import STEPS, MapChart, Place, bounds_of, map_chart, step_of, tile_chart

values = st.lists(st.none() | st.decimals(min_value=0, max_value=1, places=3), min_size=1, max_size=60)


@dataclass(frozen=True)
class Outline:
    code: str
    path: str = "M0 0l10 0 0 10z"
    x: int = 5
    y: int = 5


@dataclass(frozen=True)
class Square:
    code: str
    row: int
    column: int


def place(name: str, value: str | None, number: int = 1) -> Place:
    return Place(
        name=f"Huyện {name}",
        short=name,
        value=None if value is None else Decimal(value),
        words="—" if value is None else value,
        url=f"/areas/{name}/",
        number=number,
    )


def chart(*pairs: tuple[str, str | None]) -> MapChart:
    return map_chart(
        [Outline(name) for name, _value in pairs],
        {name: place(name, value, number) for number, (name, value) in enumerate(pairs, start=1)},
        title="Bản đồ",
        box=(0, 0, 100, 50),
        notices=["Ranh giới tham khảo."],
    )


@given(values)
def test_a_larger_value_is_never_lighter(values: list[Decimal | None]) -> None:
    """Shades rise with the values, equal values share one, no value has none."""
    bounds = bounds_of(values)
    known = sorted(value for value in values if value is not None)
    steps = [step_of(value, bounds) for value in known]
    assert steps == sorted(steps)
    assert all(1 <= step <= STEPS for step in steps)
    assert len(bounds) <= STEPS
    assert step_of(None, bounds) == 0


def test_shades_hold_about_as_many_areas() -> None:
    """Ten different values in five shades: two each."""
    numbers = [Decimal(number) for number in range(10)]
    bounds = bounds_of(numbers)
    assert [step_of(number, bounds) for number in numbers] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_the_key_names_the_values_of_each_shade() -> None:
    found = chart(("a", "0.1"), ("b", "0.5"), ("c", "0.9"))
    assert [(step.step, step.words) for step in found.steps] == [(1, "10,0%"), (3, "50,0%"), (5, "90,0%")]


def test_an_area_is_a_link_with_its_value_and_bears_its_number() -> None:
    """Name and value are said to a screen reader; the number is that of the list; no style, no script in it."""
    html = render_to_string("ui/map.html", {"chart": chart(("a", "0.1"), ("b", None)), "twin": "list", "css": ""})
    assert '<a href="/areas/a/" aria-label="Huyện a: 0.1">' in html
    assert "<title>Huyện a: 0.1</title>" in html
    assert ">1</text>" in html
    assert 'href="#list"' in html
    assert "Ranh giới tham khảo." in html
    assert " style=" not in html
    assert "data:" not in html


def test_no_value_is_hatched_and_stands_in_the_key() -> None:
    html = render_to_string("ui/map.html", {"chart": chart(("a", "0.1"), ("b", None)), "twin": "list", "css": ""})
    assert 'fill="url(#list-none)"' in html
    assert "chưa có số liệu" in html
    html = render_to_string("ui/map.html", {"chart": chart(("a", "0.1")), "twin": "list", "css": ""})
    assert "-none" not in html


def test_many_areas_bear_no_number() -> None:
    found = chart(*((str(number), "0.5") for number in range(40)))
    assert not any(area.lines for area in found.areas)


def test_a_square_says_name_and_value_and_a_long_name_takes_two_lines() -> None:
    squares = [Square("TP Bắc Giang", 1, 1), Square("Yên Thế", 1, 2)]
    places = {name: place(name, "0.5") for name in ("TP Bắc Giang", "Yên Thế")}
    found = tile_chart(squares, places, title="Ô vuông")
    assert [[line.words for line in area.lines] for area in found.areas] == [
        ["TP Bắc", "Giang", "0.5"],
        ["Yên Thế", "0.5"],
    ]
    assert found.areas[0].path != found.areas[1].path
