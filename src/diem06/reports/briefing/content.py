"""What the briefing says of a period. Every number in it is a figure of the cube or a count of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core.ui import numbers
from diem06.core.ui.words import STANDINGS, TIMELINESS
from diem06.cube.figures import Figure
from diem06.cube.keys import Printed, parse_key
from diem06.reports.screens.dashboard import Dashboard, IndicatorRow, dashboard, owner_words
from diem06.reports.screens.gaps import PartName
from diem06.reports.screens.outlook import Outlook, period_name

GAPS = 6  # rows of the table
NAMES = 10  # units named among those that have not sent
DECISIONS = 3
LACKING = 2  # parts named in a row


@dataclass(frozen=True, kw_only=True)
class Number:
    """A printed number of a figure: it leads back to the figure, and stands under `tag` in the Word file."""

    text: str
    key: str
    part: Printed

    @property
    def tag(self) -> str:
        return parse_key(self.key).tag(self.part)


Words = tuple["str | Number", ...]


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many stand so; `tone` and `icon` are those of the word."""

    key: str
    count: int
    words: str
    tone: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class GapRow:
    """One indicator far from its target."""

    code: str
    name: str
    owner: str
    value: Number
    target: Number
    gap: Number
    counted: str
    standing: str
    lacking: Words  # «Lục Ngạn 73.167, Lục Nam 64.376»


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """One page. `days` is the span of the period, `known_at` the moment of the figures."""

    period: str
    whose: str
    days: str
    known_at: str
    is_made_up: bool
    reports: tuple[Count, ...]
    units: int
    standings: tuple[Count, ...]
    targets: int
    missing: tuple[str, ...]  # units that have not sent
    late: tuple[str, ...]
    gaps: tuple[GapRow, ...]
    decisions: tuple[Words, ...]

    @property
    def missing_words(self) -> str:
        return _named(self.missing) or _("không có")

    @property
    def late_words(self) -> str:
        return _named(self.late) or _("không có")

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number of a figure, in reading order."""
        found: list[str | Number] = []
        for row in self.gaps:
            found += [row.value, row.target, row.gap, *row.lacking]
        for words in self.decisions:
            found += words
        return tuple(each for each in found if isinstance(each, Number))


def briefing(outlook: Outlook) -> Briefing:
    """Return the briefing of the outlook's period; the outlook sees the whole province."""
    screen = dashboard(outlook)
    rows = _worst(screen)
    reports = screen.by_timeliness
    return Briefing(
        period=period_name(outlook.period),
        whose=outlook.scope_name,
        days=_("từ %(first)s đến hết %(last)s")
        % {"first": f"{outlook.period.first_day:%d/%m/%Y}", "last": f"{outlook.period.last_day:%d/%m/%Y}"},
        known_at=f"{outlook.at:%H:%M %d/%m/%Y}",
        is_made_up=outlook.loaded.is_made_up,
        reports=tuple(
            _count(key, reports[key], TIMELINESS[key])
            for key in ("missing", "not_due", "late", "in_time")
            if reports[key] or key != "not_due"
        ),
        units=len(screen.units),
        standings=tuple(
            _count(key, count, STANDINGS[key])
            for key, count in (
                *screen.by_standing.items(),
                *((("undecided", len(screen.undecided)),) if screen.undecided else ()),
            )
        ),
        targets=screen.with_target + len(screen.undecided),
        missing=tuple(unit.name for unit in screen.units if unit.timeliness == "missing"),
        late=tuple(unit.name for unit in screen.units if unit.timeliness == "late"),
        gaps=tuple(_gap_row(outlook, row) for row in rows[:GAPS]),
        decisions=tuple(_decisions(outlook, screen, rows))[:DECISIONS],
    )


def _worst(screen: Dashboard) -> list[IndicatorRow]:
    """Return what is not met and lacks something, worst standing first and then the farthest from its target."""
    groups = [group for group in screen.groups if group.standing in {"missed", "at_risk", "below"}]
    return [row for group in groups for row in group.rows if row.figure.gap is not None and row.figure.gap > 0]


def _count(key: str, count: int, mark: object) -> Count:
    return Count(
        key=key,
        count=count,
        words=str(getattr(mark, "words", "")),
        tone=str(getattr(mark, "tone", "")),
        icon=str(getattr(mark, "icon", "")),
    )


def _gap_row(outlook: Outlook, row: IndicatorRow) -> GapRow:
    return GapRow(
        code=row.code,
        name=row.name,
        owner=owner_words(outlook, row.code),
        value=_value(row.figure),
        target=_number(row.figure, Printed.TARGET, _target_words(row.figure)),
        gap=_gap(row.figure),
        counted=row.counted,
        standing=str(STANDINGS[row.standing].words),
        lacking=tuple(_parts(outlook, row)),
    )


def _parts(outlook: Outlook, row: IndicatorRow) -> Iterable[str | Number]:
    """Name the parts that lack the most, each with its own figure."""
    for place, part in enumerate(row.lacking[:LACKING]):
        yield f"{', ' if place else ''}{part.name} "
        yield _gap(_figure_of(outlook, row.code, part))


def _figure_of(outlook: Outlook, code: str, part: PartName) -> Figure:
    return outlook.figure(code, area=part.code) if part.is_area else outlook.figure(code, unit=part.code)


def _decisions(outlook: Outlook, screen: Dashboard, rows: list[IndicatorRow]) -> Iterable[Words]:
    """Yield what is to be decided, the most pressing first: who has not sent, the largest gaps, readings not chosen."""
    missing = [unit.name for unit in screen.units if unit.timeliness == "missing"]
    if missing:
        yield (
            ngettext(
                "Đôn đốc %(count)s đơn vị chưa gửi báo cáo: %(names)s.",
                "Đôn đốc %(count)s đơn vị chưa gửi báo cáo: %(names)s.",
                len(missing),
            )
            % {"count": len(missing), "names": _named(missing)},
        )
    yield from (_on_gap(outlook, row) for row in rows[:1])
    if screen.undecided:
        yield (
            _("Chọn cách hiểu để giao chỉ tiêu: %(codes)s.")
            % {"codes": ", ".join(each.indicator.code for each in screen.undecided)},
        )
    yield from (_on_gap(outlook, row) for row in rows[1:])
    if not rows and not missing and not screen.undecided:
        yield (_("Không có việc nào phải quyết định từ số liệu kỳ này."),)


def _on_gap(outlook: Outlook, row: IndicatorRow) -> Words:
    said: list[str | Number] = [
        _("Giao %(owner)s khắc phục %(code)s: còn thiếu ")
        % {"owner": owner_words(outlook, row.code), "code": row.code},
        _gap(row.figure),
        f" {row.counted}",
    ]
    parts = list(_parts(outlook, row))
    if parts:
        said += [_(", nhiều nhất ở "), *parts]
    return (*said, ".")


def _value(figure: Figure) -> Number:
    return _number(
        figure, Printed.VALUE, numbers.percent(figure.value) if figure.is_ratio else numbers.number(figure.value)
    )


def _gap(figure: Figure) -> Number:
    return _number(figure, Printed.GAP, numbers.number(figure.gap if figure.gap is not None else Decimal(0), 0))


def _target_words(figure: Figure) -> str:
    return numbers.percent(figure.target, None) if figure.is_ratio else numbers.number(figure.target)


def _number(figure: Figure, part: Printed, text: str) -> Number:
    return Number(text=text, key=figure.key, part=part)


def _named(names: Iterable[str]) -> str:
    """Name the first ones and say how many more there are."""
    listed = list(names)
    said = ", ".join(listed[:NAMES])
    if len(listed) > NAMES:
        said += _(" và %(count)s đơn vị khác") % {"count": len(listed) - NAMES}
    return said
