"""A unit's own report to the chairman: its own figures, its own words, and what it typed. Pure, from `Material`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from diem06.core.plans.cells import Cell, parsed
from diem06.plan.model import Indicator, Kind, Plan
from diem06.reports.models import DeclaredValue
from diem06.reports.models import Heading as Wrote
from diem06.reports.word import charts, printed
from diem06.reports.word.content import JUDGED, NOTHING, finished, grouped, indicator_table, opening, text_mark
from diem06.reports.word.material import Material, Signing
from diem06.reports.word.printed import short_date
from diem06.reports.word.sentences import sentences
from diem06.reports.word.tree import (
    Align,
    Annex,
    Block,
    Content,
    Heading,
    Mark,
    Row,
    Table,
    UnitText,
    cell,
    paragraph,
)
from vnlib.text import format_number


@dataclass(frozen=True, kw_only=True)
class Typed:
    """
    What a unit typed under one measure and split: the sum over its areas, None where nothing was typed.

    `before` is that of the period before.
    """

    name: str
    value: int | None
    before: int | None


def build_unit(material: Material, typed: Sequence[Typed], signing: Signing | None = None) -> Content:
    """Build a unit's own report. What `signing` leaves open is printed as «…»."""
    signing = signing or Signing()
    body = [
        *opening(material, signing),
        *_part_1(material),
        *_part_2(material),
        *_part_3(material),
        Heading(level=1, text="IV. NHIỆM VỤ TRỌNG TÂM THÁNG TIẾP THEO"),
        *_own_words(material, Wrote.NEXT_MONTH),
        Heading(level=1, text="V. KIẾN NGHỊ, ĐỀ XUẤT"),
        *_own_words(material, Wrote.PROPOSALS),
    ]
    return finished(material, signing, body, _annexes(material, typed))


def _part_1(material: Material) -> Iterator[Block]:
    yield Heading(level=1, text="I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO")
    own = material.unit_plans.get(material.unit)
    name = material.short(material.unit)
    if own:
        yield paragraph(
            f"{name} đã ban hành Kế hoạch số {own.number} ngày {short_date(own.issued_on)} triển khai các mô hình điểm."
        )
    else:
        yield paragraph(f"{name} chưa ban hành Kế hoạch triển khai các mô hình điểm.")


def _part_2(material: Material) -> Iterator[Block]:
    yield Heading(level=1, text="II. KẾT QUẢ THỰC HIỆN")
    yield Heading(level=2, text="1. Việc đã làm trong kỳ")
    yield from _own_words(material, Wrote.DONE)
    yield Heading(level=2, text="2. Kết quả thực hiện chỉ tiêu")
    groups = _groups(material)
    if not groups:
        yield paragraph("Đơn vị không được giao chỉ tiêu riêng; số liệu đơn vị báo cáo: Phụ lục II.")
    for title, indicators in groups:
        yield paragraph(f"{title}:")
        for indicator in indicators:
            yield from sentences(material.windows, indicator, material.plan)


def _part_3(material: Material) -> Iterator[Block]:
    yield Heading(level=1, text="III. ĐÁNH GIÁ CHUNG")
    for number, (heading, title) in enumerate(JUDGED, start=1):
        yield Heading(level=2, text=f"{number}. {title}")
        yield from _own_words(material, heading)


def _own_words(material: Material, heading: Wrote) -> Iterator[Block]:
    """The unit speaks itself: no name stands before its words."""
    texts = [text for _unit, text in material.texts[heading]]
    if not texts:
        yield paragraph(f"{NOTHING}.")
    for text in texts:
        yield UnitText(mark=text_mark(material, heading, material.unit, text))


def _annexes(material: Material, typed: Sequence[Typed]) -> tuple[Annex, ...]:
    first: list[Block] = []
    if groups := _groups(material):
        first += [indicator_table(material, groups), *charts.against_target(material), *charts.course(material)]
    else:
        first.append(paragraph("Đơn vị không được giao chỉ tiêu riêng."))
    return (
        Annex(number="I", title="CHỈ TIÊU CỦA ĐƠN VỊ", blocks=tuple(first)),
        Annex(number="II", title="SỐ LIỆU ĐƠN VỊ BÁO CÁO", blocks=tuple(_typed(material, typed))),
    )


def _typed(material: Material, typed: Sequence[Typed]) -> Iterator[Block]:
    stem = f"{material.plan.key}:typed:{material.key(material.unit)}:{material.period.code}"

    def number(row: int, part: str, value: int | None) -> Mark | str:
        if value is None:
            return printed.NO_NUMBER
        return Mark(text=format_number(value, 0), tag=f"{stem}:r{row}#{part}")

    yield Table(
        caption="Số liệu đơn vị báo cáo",
        head=("TT", "Số liệu", "Kỳ này", "Kỳ trước"),
        widths=(12, 170, 35, 35),
        rows=tuple(
            Row(
                cells=(
                    cell(str(row), align=Align.CENTER),
                    cell(each.name),
                    cell(number(row, "now", each.value), align=Align.RIGHT),
                    cell(number(row, "before", each.before), align=Align.RIGHT),
                )
            )
            for row, each in enumerate(typed, start=1)
        ),
    )
    yield paragraph("Số theo xã, phường, thị trấn được cộng lại. Dấu — là chưa có số liệu.")


def _groups(material: Material) -> list[tuple[str, list[Indicator]]]:
    """Return the indicators whose result is the unit's, by pilot; a pilot without one is left out."""
    board = material.windows.now.board
    owned = {line.indicator.code for code, line in board.lines.items() if material.unit in board.owners(code)}
    groups = [(title, [row for row in rows if row.code in owned]) for title, rows in grouped(material)]
    return [(title, rows) for title, rows in groups if rows]


# -- what it typed -------------------------------------------------------------------------------------------------------
def typed_rows(
    plan: Plan, owed: Iterable[Cell], now: Sequence[DeclaredValue], before: Sequence[DeclaredValue], *, last_day: date
) -> list[Typed]:
    """
    Return what a unit typed: a row for each measure, split and day that it owes, in the order of the plan.

    Counts are summed over the areas. A distinct count is never summed: its widest area stands for it. Only what is dated `last_day`,
    the period's own, has a number of the period before.
    """
    measures = {measure.code: measure for measure in plan.measures}
    labels = {(label.dimension, label.value): label.vi for label in plan.labels}
    widest: dict[tuple[str, str, date], str] = {}
    for each in owed:  # the widest area comes first
        widest.setdefault((each.measure, each.dimensions, each.day), each.area)
    rows = []
    for (measure, dimensions, day), area in widest.items():
        split = [labels.get(pair, pair[1]) for pair in parsed(dimensions).items()]
        name = measures[measure].name + (f" ({', '.join(split)})" if split else "")
        is_last = day == last_day
        only = area if measures[measure].kind is Kind.DISTINCT else ""
        of_now = [row for row in now if row.day == day]
        rows.append(
            Typed(
                name=name if is_last else f"{name}, tại ngày {short_date(day)}",
                value=_total(of_now, measure, dimensions, only),
                before=_total(before, measure, dimensions, only) if is_last else None,
            )
        )
    return rows


def _total(values: Iterable[DeclaredValue], measure: str, dimensions: str, only_area: str) -> int | None:
    found = [
        row.value
        for row in values
        if (row.measure, row.dimensions) == (measure, dimensions) and (not only_area or row.area == only_area)
    ]
    return sum(found) if found else None
