"""The charts of the report: numbers of its own tables, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from diem06.core.areas.queries import AreaOn
from diem06.cube.board import Figure, Line
from diem06.cube.keys import Printed
from diem06.cube.standing import Standing
from diem06.plan.model import Level
from diem06.reports.word import printed
from diem06.reports.word.material import Material
from diem06.reports.word.printed import Figures
from diem06.reports.word.sentences import printed_lines
from diem06.reports.word.tree import Align, Block, Chart, Row, Series, Table, cell

MOST_LINES = 3
"""So many courses are told apart in one chart."""


def against_target(material: Material) -> Iterator[Block]:
    """Yield the chart of all shares that have a target, beside it: a column each, in the order of the table."""
    figures = [figure for figure in _shares(material) if figure.value is not None]
    if not figures:
        return
    met = sum(figure.standing is Standing.MET for figure in figures)
    yield Chart(
        kind="column",
        title="Biểu đồ 1. Kết quả các chỉ tiêu so với mục tiêu",
        alt=f"Biểu đồ cột: {met}/{len(figures)} chỉ tiêu đạt mục tiêu. Số liệu như bảng trên.",
        categories=tuple(figure.code for figure in figures),
        series=(
            _series("Kết quả", figures, Printed.VALUE),
            _series("Mục tiêu", figures, Printed.TARGET),
        ),
        part_head="Chỉ tiêu",
    )


def course(material: Material) -> Iterator[Block]:
    """Yield the last months of the shares that lack most to their target: a table, and its chart."""
    months = material.windows.course
    lines = [figure for figure in _farthest(material) if figure.value is not None][:MOST_LINES]
    if len(months) < 2 or not lines:
        return
    courses = {now.code: [figures.known(now.code) for figures in months] for now in lines}
    heads = tuple(_month(figures) for figures in months)
    width = 150 / len(months)
    yield Table(
        caption="Diễn biến các tháng",
        head=("Mã", "Chỉ tiêu còn xa mục tiêu nhất", *heads),
        widths=(15, 80, *([width] * len(months))),
        rows=tuple(
            Row(
                cells=(
                    cell(code, align=Align.CENTER),
                    cell(_line(material, code).indicator.name),
                    *(
                        cell(printed.value(figure) if figure else printed.NO_NUMBER, align=Align.RIGHT)
                        for figure in figures
                    ),
                )
            )
            for code, figures in courses.items()
        ),
    )
    yield Chart(
        kind="line",
        title="Biểu đồ 2. Diễn biến các tháng của chỉ tiêu còn xa mục tiêu nhất",
        alt=f"Biểu đồ đường: {', '.join(courses)}, từ tháng {heads[0]} đến tháng {heads[-1]}. Số liệu như bảng trên.",
        categories=heads,
        series=tuple(_series(code, figures, Printed.VALUE) for code, figures in courses.items()),
        part_head="Tháng",
    )


def by_area(material: Material, areas: Sequence[AreaOn]) -> Iterator[Block]:
    """Yield the chart of the share that lacks most to its target, area by area."""
    now = material.windows.now
    level = Level(areas[0].level)
    for whole in _farthest(material):
        if level not in now.board.levels(whole.code):
            continue
        figures = [now.figure(whole.code, area=area.code) for area in areas]
        shown = [(area, figure) for area, figure in zip(areas, figures, strict=True) if figure.value is not None]
        if len(shown) < 2:
            continue
        name = _line(material, whole.code).indicator.name
        yield Chart(
            kind="column",
            title=f"Biểu đồ 3. {name} ({whole.code}), theo địa bàn",
            alt=f"Biểu đồ cột: {whole.code} của {len(shown)} địa bàn, so với mục tiêu. Số liệu như bảng trên.",
            categories=tuple(area.short_name for area, _figure in shown),
            series=(
                _series("Kết quả", [figure for _area, figure in shown], Printed.VALUE),
                # The table of indicators prints the target of the whole; an area mostly has the same one.
                _series(
                    "Mục tiêu",
                    [whole if figure.target == whole.target else figure for _area, figure in shown],
                    Printed.TARGET,
                ),
            ),
            part_head="Địa bàn",
        )
        return


def _shares(material: Material) -> list[Figure]:
    """Return the shares with a target, in the order of the plan; one that repeats another is left out."""
    now = material.windows.now
    found = []
    for indicator in material.plan.indicators:
        lines, is_undecided = printed_lines(now, indicator)
        if is_undecided or indicator.same_as:
            continue
        for line in lines:
            if material.unit and material.unit not in now.board.owners(line.code):
                continue
            figure = now.figure(line.code)
            if figure.is_ratio and figure.target is not None:
                found.append(figure)
    return found


def _farthest(material: Material) -> list[Figure]:
    """Return the shares that did not meet their target, the one that lacks most first."""

    def lacking(figure: Figure) -> Decimal:
        assert figure.value is not None
        assert figure.target is not None
        return figure.target - figure.value

    rising = {indicator.code for indicator in material.plan.indicators if indicator.direction == "up"}
    known = [
        figure
        for figure in _shares(material)
        if figure.indicator in rising and figure.value is not None and lacking(figure) > 0
    ]
    return sorted(known, key=lacking, reverse=True)


def _series(name: str, figures: Sequence[Figure | None], part: Printed) -> Series:
    def number(figure: Figure | None) -> Decimal | None:
        if figure is None:
            return None
        if part is Printed.TARGET:
            return figure.target
        return printed.shown_amount(figure, figure.value)

    return Series(
        name=name,
        values=tuple(number(figure) for figure in figures),
        tags=tuple(f"{figure.key}#{part}" if figure else "" for figure in figures),
        is_target=part is Printed.TARGET,
    )


def _line(material: Material, code: str) -> Line:
    return material.windows.now.board.lines[code]


def _month(figures: Figures) -> str:
    year, month = figures.board.window.code.split("-")
    return f"{int(month)}/{year}"
