"""Geometry: everything lies inside its drawing, in the order and proportion of the numbers."""

from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from diem06.core.ui import charts

RATIO = st.decimals(min_value=0, max_value=1, places=4)
MAYBE = st.none() | RATIO
COURSE = st.lists(MAYBE, min_size=1, max_size=24)
KEYS = ("missed", "at_risk", "below", "on_track", "met", "undecided")


@pytest.fixture(autouse=True, scope="module")
def _vietnamese():
    """Hypothesis runs its examples inside one test, so one language for the module."""
    with translation.override("vi"):
        yield


def coordinates(points):
    return [tuple(float(number) for number in pair.split(",")) for pair in points.split()]


@given(COURSE, MAYBE)
def test_a_sparkline_lies_inside_its_box(values, target):
    """Points and target stay inside; each run goes from left to right."""
    chart = charts.sparkline(values, target=target)

    drawn = [point for run in chart.lines for point in coordinates(run)] + ([chart.last] if chart.last else [])
    assert all(0 <= x <= chart.width and 0 <= y <= chart.height for x, y in drawn)
    assert chart.target_y is None or 0 <= chart.target_y <= chart.height
    for run in chart.lines:
        assert all(a[0] < b[0] for a, b in pairwise(coordinates(run)))


@given(st.lists(RATIO, min_size=2, max_size=12), RATIO)
def test_a_larger_value_is_never_drawn_lower(values, target):
    """In a sparkline y falls where the value rises, the target included."""
    chart = charts.sparkline(values, target=target)
    pairs = [*zip(values, (y for _x, y in coordinates(chart.lines[0])), strict=True), (target, chart.target_y)]

    for (a, ya), (b, yb) in pairwise(sorted(pairs)):
        assert a == b or ya >= yb


def test_a_gap_in_the_values_is_a_gap_in_the_line():
    """No line bridges a period without data, and a lone value keeps its dot."""
    chart = charts.sparkline([Decimal("0.1"), Decimal("0.2"), None, Decimal("0.4")])

    assert [len(coordinates(run)) for run in chart.lines] == [2]
    assert chart.last is not None
    assert chart.last[0] == pytest.approx(92, abs=0.1)


def test_a_sparkline_says_its_numbers():
    """A screen reader hears how many periods, from where to where, and the target."""
    chart = charts.sparkline([Decimal("0.581"), Decimal("0.675")], target=Decimal(1))

    assert chart.words == "2 kỳ, từ 58,1% đến 67,5%, mục tiêu 100%"
    assert charts.sparkline([None]).words == "Chưa có số liệu"


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=12))
def test_ticks_enclose_the_values(values):
    """The lowest tick lies at or under every value, the highest at or over; they are evenly spaced and few."""
    ticks = charts.nice_ticks(values)

    assert ticks[0] <= min(values)
    assert ticks[-1] >= max(values)
    assert len({b - a for a, b in pairwise(ticks)}) == 1
    assert 2 <= len(ticks) <= 7


@given(COURSE, MAYBE, st.lists(MAYBE, max_size=24))
def test_a_line_chart_lies_inside_both_drawings(values, target, before):
    """Dots, lines and target stay inside; each known value has its dot, the last one marked."""
    before = [*before, *[None] * len(values)][: len(values)]
    points = [
        charts.Point(label=f"{i}", value=value, before=earlier)
        for i, (value, earlier) in enumerate(zip(values, before, strict=True))
    ]
    chart = charts.line_chart(points, title="P", caption="c", target=target, target_label="Mục tiêu")
    known = [value for value in values if value is not None]

    for drawing in (chart.wide, chart.narrow):
        assert len(drawing.dots) == len(known)
        assert [dot.is_last for dot in drawing.dots] == [False] * (len(known) - 1) + [True] * bool(known)
        assert all(0 <= dot.x <= drawing.width and 0 <= dot.y <= drawing.height for dot in drawing.dots)
        assert all(0 < dot.label.y < drawing.height for dot in drawing.dots if dot.label)
        assert drawing.target_y is None or 0 <= drawing.target_y <= drawing.height
        assert (drawing.target_label is None) == (target is None)


def test_the_twin_of_a_line_chart_holds_its_numbers():
    """The table beside the chart names each period, its value, last year's and the target; what is not known is «—»."""
    points = [
        charts.Point(label="7/2023", value=Decimal("0.569"), before=Decimal("0.4")),
        charts.Point(label="8/2023", value=None),
    ]
    twin = charts.line_chart(points, title="M3.2", caption="c", target=Decimal("0.7")).twin

    assert twin.head == ("Kỳ", "7/2023", "8/2023")
    assert twin.rows == (
        ("Tỷ lệ", "56,9%", "—"),
        ("Cùng kỳ năm trước", "40,0%", "—"),
        ("Mục tiêu", "70%", "70%"),
    )


def test_a_milestone_stands_at_its_period_and_value():
    """The diamond lies on the target's line where its value is the target's, and its words are its own."""
    points = charts.month_points([("2023-11", Decimal("0.6")), ("2023-12", Decimal("0.65")), ("2024-01", None)])
    stone = charts.Milestone(at=2, value=Decimal("0.7"), label="mốc theo dõi 14/1")
    drawing = charts.line_chart(points, title="t", caption="c", target=Decimal("0.7"), milestones=[stone]).wide

    assert [(d.y, d.x, d.label.words) for d in drawing.diamonds] == [(drawing.target_y, drawing.right, stone.label)]


def test_the_axis_names_the_year_where_it_begins():
    """Later months of one year stand without it; the table names each in full."""
    points = charts.month_points([("2023-11", None), ("2023-12", None), ("2024-01", None)])

    assert [point.tick for point in points] == ["11/2023", "12", "1/2024"]
    assert [point.label for point in points] == ["11/2023", "12/2023", "1/2024"]


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=12))
def test_contributions_are_proportional_and_on_their_side(amounts):
    """What is missing lies right of the axis, what exceeds left of it, with lengths in the ratio of the amounts."""
    parts = [charts.Contribution(label="Huyện", amount=Decimal(amount)) for amount in amounts]
    chart = charts.contributions(parts, title="t", caption="c", counted="người", part_head="Huyện")

    for drawing in (chart.wide, chart.narrow):
        longest = max(drawing.bars, key=lambda bar: bar.width)
        most = max(abs(amount) for amount in amounts)
        for amount, bar in zip(amounts, drawing.bars, strict=True):
            assert bar.x >= 0
            assert bar.x + bar.width <= drawing.width
            near = bar.x if amount >= 0 else bar.x + bar.width
            assert near == pytest.approx(drawing.axis_x, abs=0.11)
            assert bar.width * most == pytest.approx(longest.width * abs(amount), abs=0.11 * most)


def test_contributions_say_their_numbers():
    """Each bar carries its number; the table repeats them with the parts' own values."""
    parts = [
        charts.Contribution(label="Lục Ngạn", amount=Decimal(19761), detail="58,9%"),
        charts.Contribution(label="Việt Yên", amount=Decimal(-7600)),
    ]
    chart = charts.contributions(parts, title="t", caption="c", counted="công dân", part_head="Huyện")

    assert [bar.value.words for bar in chart.wide.bars] == ["19.761", "−7.600"]
    assert chart.twin.head == ("Huyện", "Giá trị", "Còn thiếu (công dân)")
    assert chart.twin.rows == (("Lục Ngạn", "58,9%", "19.761"), ("Việt Yên", "—", "−7.600"))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=len(KEYS)))
def test_a_stacked_bar_fills_the_whole(counts):
    """Segments and gaps fill 1000 units; every case that exists is seen; more cases are never a shorter piece."""
    assume(any(counts))
    parts = [charts.Part(key=key, count=count) for key, count in zip(KEYS, counts, strict=False)]
    segments = charts.stacked_bar(parts, title="t").segments

    assert [segment.part for segment in segments] == [part for part in parts if part.count]
    assert segments[-1].x + segments[-1].width == pytest.approx(charts.WHOLE, abs=0.2)
    assert all(segment.width >= charts.LEAST - 0.1 for segment in segments)
    assert all(b.x - a.x - a.width == pytest.approx(charts.GAP, abs=0.2) for a, b in pairwise(segments))
    by_count = sorted(segments, key=lambda segment: segment.part.count)
    assert all(a.width <= b.width + 0.1 for a, b in pairwise(by_count))


def test_what_stands_apart_is_no_piece_of_the_bar():
    """Indicators without a target are counted beside the bar."""
    parts = [charts.Part(key="met", count=1), charts.Part(key="no_target", count=25, apart=True)]
    chart = charts.stacked_bar(parts, title="t")

    assert [(segment.x, segment.width) for segment in chart.segments] == [(0, 1000)]
    assert chart.parts == tuple(parts)


@given(MAYBE, MAYBE)
def test_a_bar_never_leaves_its_box(value, target):
    """Width and tick stay inside 84 units; no value is no bar."""
    bar = charts.bar(value, target)

    assert 0 <= bar.width <= 84
    assert bar.target_x is None or 0 <= bar.target_x <= 84
    assert value is not None or bar.width == 0
