"""
Geometry of the charts: pure functions from numbers to what the SVG templates draw.

Each chart carries its sentence (`caption`) and its numbers as a table (`twin`). Line charts and contributions come in
two drawings, `wide` and `narrow` (a phone), of which CSS shows one. Coordinates are in units of the `viewBox`, one
decimal; y grows downwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.utils.translation import gettext as _

from diem06.core.ui import numbers
from diem06.core.ui.tables import Table

Show = Callable[[Decimal | None], str]
CHARACTER = 7.2  # width of a semi-bold character at 12 units, on the generous side
ONE_POINT = Decimal("0.01")


# -- sparkline -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """`lines` are runs of known values, each an SVG `points` string; a gap in the values is a gap in the drawing."""

    width: int
    height: int
    lines: tuple[str, ...]
    last: tuple[float, float] | None
    target_y: float | None
    words: str


def sparkline(values: Sequence[Decimal | None], *, target: Decimal | None = None, is_share: bool = True) -> Sparkline:
    """Draw the last periods of one indicator, oldest first; the target always lies inside."""
    width, height = 96, 30
    show = _show(is_share=is_share)
    known = [value for value in values if value is not None]
    y = _scale(known if target is None else [*known, target], top=3, bottom=height - 3)
    step = (width - 6) / max(len(values) - 1, 1)
    points = [None if value is None else (_one(2 + i * step), y(value)) for i, value in enumerate(values)]
    if not known:
        words = _("Chưa có số liệu")
    elif target is None:
        words = _("%(count)s kỳ, từ %(first)s đến %(last)s") % _span(values, known, show)
    else:
        words = _("%(count)s kỳ, từ %(first)s đến %(last)s, mục tiêu %(target)s") % {
            **_span(values, known, show),
            "target": _target_words(target, is_share=is_share),
        }
    return Sparkline(
        width=width,
        height=height,
        lines=tuple(_svg_points(run) for run in _runs(points) if len(run) > 1),
        last=next((point for point in reversed(points) if point is not None), None),
        target_y=None if target is None else y(target),
        words=words,
    )


def _span(values: Sequence[Decimal | None], known: Sequence[Decimal], show: Show) -> dict[str, object]:
    return {"count": len(values), "first": show(known[0]), "last": show(known[-1])}


# -- line chart ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Point:
    """
    A period. `label` stands in the table («7/2023»), `tick` on the axis («7»; empty: the label).

    A period that lies ahead has no value yet. `before` is the value of the same period a year ago.
    """

    label: str
    value: Decimal | None
    tick: str = ""
    before: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A milestone of the steering office at period `at` (index of a point), with its own words; never the plan's target."""

    at: int
    value: Decimal
    label: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    words: str
    anchor: str = "middle"  # start | middle | end


@dataclass(frozen=True)
class GridLine:
    y: float
    label: Text


@dataclass(frozen=True, kw_only=True)
class Dot:
    x: float
    y: float
    is_last: bool
    label: Text | None


@dataclass(frozen=True, kw_only=True)
class Diamond:
    x: float
    y: float
    label: Text


@dataclass(frozen=True, kw_only=True)
class LineDrawing:
    width: int
    height: int
    left: float
    right: float
    grid: tuple[GridLine, ...]
    ticks: tuple[Text, ...]
    lines: tuple[str, ...]
    before: tuple[str, ...]
    before_label: Text | None
    dots: tuple[Dot, ...]
    target_y: float | None
    target_label: Text | None
    diamonds: tuple[Diamond, ...]


@dataclass(frozen=True, kw_only=True)
class LineChart:
    title: str
    caption: str
    wide: LineDrawing
    narrow: LineDrawing
    twin: Table


def line_chart(
    points: Sequence[Point],
    *,
    title: str,
    caption: str,
    target: Decimal | None = None,
    target_label: str = "",
    milestones: Sequence[Milestone] = (),
    is_share: bool = True,
    value_head: str = "",
) -> LineChart:
    """
    Draw the course of one indicator, oldest period first.

    `target_label` are the words on the target's line («Mục tiêu 70% (Kế hoạch)»; a phone shows them up to the bracket); `value_head` the head of the row of values in
    the table. The vertical axis does not start at zero: a line shows change, and its numbers stand on it.
    """
    show = _show(is_share=is_share)
    chart = _LineChart(points, target, target_label, milestones, show, is_share=is_share)
    head = value_head or (_("Tỷ lệ") if is_share else _("Giá trị"))
    rows = [(head, *(show(point.value) for point in points))]
    if any(point.before is not None for point in points):
        rows.append((_("Cùng kỳ năm trước"), *(show(point.before) for point in points)))
    if target is not None:
        rows.append((_("Mục tiêu"), *(_target_words(target, is_share=is_share) for _point in points)))
    return LineChart(
        title=title,
        caption=caption,
        wide=chart.draw(700, 250, left=52, right=40, is_narrow=False),
        narrow=chart.draw(344, 232, left=44, right=16, is_narrow=True),
        twin=Table(caption=title, head=(_("Kỳ"), *(point.label for point in points)), rows=tuple(rows)),
    )


@dataclass(frozen=True)
class _LineChart:
    points: Sequence[Point]
    target: Decimal | None
    target_label: str
    milestones: Sequence[Milestone]
    show: Show
    is_share: bool = field(kw_only=True)

    def draw(self, width: int, height: int, *, left: float, right: float, is_narrow: bool) -> LineDrawing:
        top, bottom = 24, height - 36
        ticks = nice_ticks(self._all_values(), unit=ONE_POINT if self.is_share else Decimal(1))
        y = _scale(ticks, top=top, bottom=bottom)
        step = (width - left - right) / max(len(self.points) - 1, 1)
        xs = [_one(left + i * step) for i in range(len(self.points))]
        end = _one(width - right)
        now = [None if p.value is None else (x, y(p.value)) for x, p in zip(xs, self.points, strict=True)]
        before = [None if p.before is None else (x, y(p.before)) for x, p in zip(xs, self.points, strict=True)]
        last_before = next((point for point in reversed(before) if point is not None), None)
        target_y = None if self.target is None else y(self.target)
        return LineDrawing(
            width=width,
            height=height,
            left=left,
            right=end,
            grid=tuple(
                GridLine(y(tick), Text(left - 8, _one(y(tick) + 4), self._tick_words(tick), "end"))
                for tick in ticks
                # The target's own line stands in for the grid line under it.
                if tick != self.target
            ),
            ticks=self._period_ticks(xs, height - 8, step, is_narrow=is_narrow),
            lines=tuple(_svg_points(run) for run in _runs(now) if len(run) > 1),
            before=tuple(_svg_points(run) for run in _runs(before) if len(run) > 1),
            before_label=last_before and Text(last_before[0], _one(last_before[1] + 16), _("năm trước"), "end"),
            dots=self._dots(now, target_y, step, is_narrow=is_narrow),
            target_y=target_y,
            target_label=self._target_label(now, target_y, left, end, is_narrow=is_narrow),
            diamonds=tuple(
                self._diamond(xs[stone.at], y(stone.value), stone.label, left, end, target_y)
                for stone in self.milestones
            ),
        )

    def _all_values(self) -> list[Decimal]:
        values = [value for p in self.points for value in (p.value, p.before) if value is not None]
        values += [stone.value for stone in self.milestones]
        return values if self.target is None else [*values, self.target]

    def _tick_words(self, tick: Decimal) -> str:
        return _target_words(tick, is_share=self.is_share)

    def _period_ticks(self, xs: Sequence[float], y: float, step: float, *, is_narrow: bool) -> tuple[Text, ...]:
        """Name as many periods as have room, the first always; on a phone the first may hold a year, the others do not."""
        every = max(1, -(-30 // max(int(step), 1))) if is_narrow else max(1, -(-42 // max(int(step), 1)))
        return tuple(
            Text(x, y, point.tick or point.label)
            for i, (x, point) in enumerate(zip(xs, self.points, strict=True))
            if i % every == 0
        )

    def _dots(
        self, now: Sequence[tuple[float, float] | None], target_y: float | None, step: float, *, is_narrow: bool
    ) -> tuple[Dot, ...]:
        known = [(i, point) for i, point in enumerate(now) if point is not None]
        every = 1 if step >= 40 else 2
        dots = []
        for place, (i, (x, y)) in enumerate(known):
            is_last = place == len(known) - 1
            is_named = is_last or place == 0 if is_narrow else (len(known) - 1 - place) % every == 0
            # Above the dot, unless the words would lie on the target's line or outside the drawing.
            is_below = y < 30 or (target_y is not None and -8 < y - target_y < 26)
            anchor = "middle"
            if place == 0 and not is_last:
                # Clear of the numbers in the margin, and of the line that starts here.
                anchor, is_below = "start", known[1][1][1] < y
            value = self.points[i].value
            assert value is not None
            words = Text(x, _one(y + 19 if is_below else y - 10), self.show(value), anchor)
            dots.append(Dot(x=x, y=y, is_last=is_last, label=words if is_named else None))
        return tuple(dots)

    def _target_label(
        self,
        now: Sequence[tuple[float, float] | None],
        target_y: float | None,
        left: float,
        end: float,
        *,
        is_narrow: bool,
    ) -> Text | None:
        """Stand above the target's line, at the end that is farther from the values; a phone leaves out the brackets."""
        if target_y is None or not self.target_label:
            return None
        words = self.target_label.partition(" (")[0] if is_narrow else self.target_label
        known = [point for point in now if point is not None]
        if not known or abs(known[0][1] - target_y) >= abs(known[-1][1] - target_y):
            return Text(left, _one(target_y - 7), words, "start")
        return Text(end, _one(target_y - 7), words, "end")

    @staticmethod
    def _diamond(x: float, y: float, words: str, left: float, end: float, target_y: float | None) -> Diamond:
        half = len(words) * CHARACTER / 2
        anchor = "end" if x + half > end else "start" if x - half < left else "middle"
        # Below the diamond where the target's words may stand above it.
        is_near_target = target_y is not None and abs(y - target_y) < 14
        return Diamond(x=x, y=y, label=Text(x, _one(y + 20 if is_near_target else y - 12), words, anchor))


def nice_ticks(values: Sequence[Decimal], *, unit: Decimal = Decimal(1)) -> tuple[Decimal, ...]:
    """
    Return 2 to 7 round values that enclose `values`, rising by 1, 2 or 5 times a power of ten of `unit`.

    Without values: 0 and one `unit`.
    """
    low, high = (min(values), max(values)) if values else (Decimal(0), unit)
    spread = max(high - low, unit)
    step = Decimal(10) ** ((spread / 5).adjusted())
    for factor in (1, 2, 5, 10):
        if spread / (step * factor) <= 5:
            step *= factor
            break
    first = (low / step).to_integral_value(rounding=ROUND_FLOOR)
    last = (high / step).to_integral_value(rounding=ROUND_CEILING)
    return tuple(step * n for n in range(int(first), max(int(last), int(first) + 1) + 1))


def month_points(values: Sequence[tuple[str, Decimal | None]]) -> list[Point]:
    """Make points of (period code, value), «2023-07» named «7/2023»: the axis names the year at its first period only."""
    points = []
    for place, (code, value) in enumerate(values):
        year, month = code.split("-")
        label = f"{int(month)}/{year}"
        tick = label if place == 0 or month == "01" else str(int(month))
        points.append(Point(label=label, value=value, tick=tick))
    return points


# -- contributions ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one part adds to the gap: above 0 it is missing, below 0 it exceeds. `detail` is its own value («58,9%»)."""

    label: str
    amount: Decimal
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ContributionBar:
    label: Text
    detail: Text | None
    x: float
    y: float
    width: float
    height: float
    is_missing: bool
    value: Text


@dataclass(frozen=True, kw_only=True)
class ContributionDrawing:
    width: int
    height: int
    axis_x: float
    axis_bottom: float
    bars: tuple[ContributionBar, ...]
    missing_label: Text
    over_label: Text | None


@dataclass(frozen=True, kw_only=True)
class ContributionChart:
    title: str
    caption: str
    wide: ContributionDrawing
    narrow: ContributionDrawing
    twin: Table


def contributions(
    parts: Sequence[Contribution], *, title: str, caption: str, counted: str, part_head: str
) -> ContributionChart:
    """Draw signed contributions in the order given. `counted` names the things («công dân»), `part_head` the parts («Huyện»)."""
    has_detail = any(part.detail for part in parts)
    amount_head = _("Còn thiếu (%(counted)s)") % {"counted": counted}
    return ContributionChart(
        title=title,
        caption=caption,
        wide=_contributions_wide(parts, counted),
        narrow=_contributions_narrow(parts, counted),
        twin=Table(
            caption=title,
            head=(part_head, _("Giá trị"), amount_head) if has_detail else (part_head, amount_head),
            rows=tuple(
                (part.label, part.detail or numbers.NO_VALUE, numbers.number(part.amount, 0))
                if has_detail
                else (part.label, numbers.number(part.amount, 0))
                for part in parts
            ),
        ),
    )


def _contributions_wide(parts: Sequence[Contribution], counted: str) -> ContributionDrawing:
    """A row a part: name, value, bar."""
    names = _one(min(260, max((len(part.label) for part in parts), default=0) * CHARACTER))
    details = names + 58 if any(part.detail for part in parts) else names
    zero, scale = _zero_and_scale(parts, left=details + 12, right=640)
    bars = tuple(
        _bar(
            part,
            y=8 + 28 * i,
            zero=zero,
            scale=scale,
            label=Text(names, 21 + 28 * i, part.label, "end"),
            detail=Text(details, 21 + 28 * i, part.detail, "end") if part.detail else None,
        )
        for i, part in enumerate(parts)
    )
    return _contribution_drawing(bars, parts, counted, zero, width=640, bottom=8 + 28 * len(parts))


def _contributions_narrow(parts: Sequence[Contribution], counted: str) -> ContributionDrawing:
    """Two lines a part: name and value over the bar, so that no name is cut."""
    zero, scale = _zero_and_scale(parts, left=0, right=344)
    bars = tuple(
        _bar(
            part,
            y=20 + 42 * i,
            zero=zero,
            scale=scale,
            label=Text(0, 14 + 42 * i, part.label, "start"),
            detail=Text(344, 14 + 42 * i, part.detail, "end") if part.detail else None,
        )
        for i, part in enumerate(parts)
    )
    return _contribution_drawing(bars, parts, counted, zero, width=344, bottom=8 + 42 * len(parts))


def _zero_and_scale(parts: Sequence[Contribution], *, left: float, right: float) -> tuple[float, float]:
    """Return the x of zero and the units per counted thing, with room for the numbers at both ends."""
    missing = max((part.amount for part in parts if part.amount > 0), default=Decimal(0))
    over = -min((part.amount for part in parts if part.amount < 0), default=Decimal(0))
    after = _room(missing)
    before = _room(over) if over else 4
    scale = (right - left - before - after) / float(missing + over or 1)
    return _one(left + before + float(over) * scale), scale


def _room(amount: Decimal) -> float:
    return len(numbers.number(amount, 0)) * CHARACTER + 14


def _bar(
    part: Contribution, *, y: float, zero: float, scale: float, label: Text, detail: Text | None
) -> ContributionBar:
    length = abs(float(part.amount)) * scale
    is_missing = part.amount >= 0
    x = zero if is_missing else zero - length
    value_x, anchor = (zero + length + 6, "start") if is_missing else (x - 6, "end")
    return ContributionBar(
        label=label,
        detail=detail,
        x=_one(x),
        y=y,
        width=_one(length),
        height=18,
        is_missing=is_missing,
        value=Text(_one(value_x), y + 13, numbers.number(part.amount, 0), anchor),
    )


def _contribution_drawing(
    bars: tuple[ContributionBar, ...],
    parts: Sequence[Contribution],
    counted: str,
    zero: float,
    *,
    width: int,
    bottom: int,
) -> ContributionDrawing:
    has_over = any(part.amount < 0 for part in parts)
    return ContributionDrawing(
        width=width,
        height=bottom + 20,
        axis_x=zero,
        axis_bottom=bottom,
        bars=bars,
        missing_label=Text(_one(zero + 8), bottom + 14, _("còn thiếu (%(counted)s)") % {"counted": counted}, "start"),
        over_label=Text(_one(zero - 8), bottom + 14, _("vượt"), "end") if has_over else None,
    )


# -- stacked bar -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Part:
    """
    One part of a whole. `key` names a standing or a timeliness (`words.py`).

    A part that stands `apart` is counted beside the whole and is no piece of the bar.
    """

    key: str
    count: int
    url: str = ""
    words: str = ""  # instead of the key's own
    apart: bool = False


@dataclass(frozen=True)
class Segment:
    x: float
    width: float
    part: Part


@dataclass(frozen=True, kw_only=True)
class StackedBar:
    """A whole of 1000 units; the numbers and words under it are its table twin."""

    title: str
    segments: tuple[Segment, ...]
    parts: tuple[Part, ...]


WHOLE = 1000
GAP = 4
LEAST = 8  # one case among thousands is still seen


def stacked_bar(parts: Sequence[Part], *, title: str) -> StackedBar:
    """Share 1000 units among the parts of the bar in proportion to their counts; a part of 0 gets no segment."""
    shown = [part for part in parts if part.count > 0 and not part.apart]
    widths = _shares([part.count for part in shown])
    segments = []
    x = 0.0
    for part, width in zip(shown, widths, strict=True):
        segments.append(Segment(_one(x), _one(width), part))
        x += width + GAP
    return StackedBar(title=title, segments=tuple(segments), parts=tuple(parts))


def _shares(counts: Sequence[int]) -> list[float]:
    """Split what the gaps leave of the whole; what would be thinner than LEAST gets LEAST, the others pay for it."""
    if not counts:
        return []
    room = WHOLE - GAP * (len(counts) - 1)
    thin: set[int] = set()
    while True:
        thick = [i for i in range(len(counts)) if i not in thin]
        per_case = (room - LEAST * len(thin)) / (sum(counts[i] for i in thick) or 1)
        newly = {i for i in thick if counts[i] * per_case < LEAST}
        if not newly:
            return [LEAST if i in thin else counts[i] * per_case for i in range(len(counts))]
        thin |= newly


# -- bars in a list --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Bar:
    """A bar of 84 by 8 units; `target_x` is the tick of the target."""

    width: float
    target_x: float | None


def bar(value: Decimal | None, target: Decimal | None = None, *, largest: Decimal = Decimal(1)) -> Bar:
    """Draw `value` against `largest` (1 for a ratio); what is larger fills the bar."""

    def x(number: Decimal) -> float:
        return _one(84 * float(min(max(number / largest, Decimal(0)), Decimal(1))))

    # A tick at the very end would be cut in half.
    return Bar(0 if value is None else x(value), None if target is None else min(x(target), 83.2))


@dataclass(frozen=True, kw_only=True)
class BarRow:
    label: str
    value: Decimal | None
    url: str = ""
    target: Decimal | None = None
    gap: Decimal | None = None

    @property
    def bar(self) -> Bar:
        return bar(self.value, self.target)


@dataclass(frozen=True, kw_only=True)
class BarList:
    """Parts of a place with a ratio each, as a table with bars; `total` is its last row."""

    caption: str
    part_head: str
    rows: tuple[BarRow, ...]
    total: BarRow | None = None

    @property
    def has_gap(self) -> bool:
        return any(row.gap is not None for row in self.rows)


# -- the last periods of one unit ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PeriodMark:
    x: int
    timeliness: str


def period_marks(states: Sequence[str]) -> tuple[PeriodMark, ...]:
    """Place a mark a period, oldest first; each state is a key of `words.TIMELINESS`."""
    return tuple(PeriodMark(14 * i, state) for i, state in enumerate(states))


# -- shared ----------------------------------------------------------------------------------------------------------
def _show(*, is_share: bool) -> Show:
    return numbers.percent if is_share else numbers.number


def _target_words(target: Decimal, *, is_share: bool) -> str:
    """A round number is written as the plan writes it: «50%», not «50,0%»."""
    return numbers.percent(target, None) if is_share else numbers.number(target)


def _one(number: float) -> float:
    return round(number, 1)


def _scale(values: Sequence[Decimal], *, top: float, bottom: float) -> Callable[[Decimal], float]:
    """Return the function from a value to its y: the largest at `top`, the smallest at `bottom`, a single one halfway."""
    if not values or min(values) == max(values):
        return lambda _value: _one((top + bottom) / 2)
    low, spread = min(values), max(values) - min(values)
    return lambda value: _one(bottom - (bottom - top) * float((value - low) / spread))


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the stretches of known points between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _svg_points(run: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in run)
