"""Part II: the sentence of each indicator, from its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diem06.cube.board import Figure, Line
from diem06.cube.standing import Standing
from diem06.plan.model import Indicator, Kind, Plan
from diem06.reports.word import printed
from diem06.reports.word.printed import Figures, short_date
from diem06.reports.word.tree import Paragraph, Run, paragraph, runs


@dataclass(frozen=True, kw_only=True)
class Windows:
    """The windows of a report: the month, the month before (None for the plan's first), and from the first month on."""

    now: Figures
    before: Figures | None
    so_far: Figures
    first_day: str  # of the run so far, as it is printed
    course: tuple[Figures, ...] = ()  # the last months up to this one, oldest first

    def all(self) -> tuple[Figures, ...]:
        return (*self.course, self.so_far)


def printed_lines(figures: Figures, indicator: Indicator) -> tuple[list[Line], bool]:
    """
    Return the lines of an indicator that a report prints, and whether its readings stand undecided side by side.

    Once a reading was decided only that one is printed.
    """
    lines = [line for line in figures.board.lines.values() if line.indicator.code == indicator.code]
    last_day = figures.board.window.last_day
    decided = [
        line
        for line in lines
        if line.reading and any(decision.from_day <= last_day for decision in line.reading.decisions)
    ]
    if decided:
        return decided, False
    return lines, bool(indicator.readings)


def adds_up(line: Line, plan: Plan) -> bool:
    """Do the months of this line add up: is it made of flows alone? Things counted once in a period do not."""
    kinds = {measure.code: measure.kind for measure in plan.measures}
    return all(kinds[measure] is Kind.FLOW for side in line.measures for measure in side)


def sentences(windows: Windows, indicator: Indicator, plan: Plan) -> Iterator[Paragraph]:
    """Yield what the report says of an indicator: one sentence, or one for each reading that stands undecided."""
    lines, is_undecided = printed_lines(windows.now, indicator)
    if not is_undecided:
        for line in lines:
            yield paragraph("- ", _sentence(windows, line, plan), ".")
        return
    yield paragraph(f"- {indicator.name} (chưa chọn cách hiểu, các cách nêu cạnh nhau, không so với mục tiêu):")
    for number, line in enumerate(lines, start=1):
        assert line.reading is not None
        figure = windows.now.figure(line.code)
        lead = runs(f"+ Cách {number} (“", printed.words(figure, line.reading.text), "”): ")
        yield paragraph(lead, _known(windows, line, plan, verb=""), ".")


def _sentence(windows: Windows, line: Line, plan: Plan) -> tuple[Run, ...]:
    indicator = line.indicator
    figure = windows.now.figure(line.code)
    name = _name(line)
    if indicator.same_as:
        name = (
            indicator.name
            if "như Mô hình" in indicator.name
            else f"{indicator.name} (như chỉ tiêu {indicator.same_as})"
        )
        if figure.value is not None:
            return runs(f"{name} đạt " if figure.is_ratio else f"{name}: ", printed.value(figure))
    verb = " đạt " if figure.is_ratio and figure.value is not None else ": "
    return runs(name, _known(windows, line, plan, verb=verb))


def _name(line: Line) -> str:
    """The indicator's name; a decided reading stands behind it."""
    return f"{line.indicator.name} (theo cách hiểu đã chọn)" if line.reading else line.indicator.name


def _known(windows: Windows, line: Line, plan: Plan, *, verb: str) -> tuple[Run, ...]:
    figure = windows.now.figure(line.code)
    if figure.standing is Standing.NOT_APPLICABLE or (figure.is_ratio and figure.denominator == 0):
        return runs(verb and ": ", "không phát sinh trong kỳ")
    if figure.value is None:
        return runs(verb and ": ", _unknown(figure, line, plan))
    return runs(
        verb,
        _number(figure, line.indicator),
        _against_target(figure, line.indicator),
        _against_last_month(windows, figure, line),
        _so_far(windows, figure, line, plan),
        _partial(figure),
    )


def _unknown(figure: Figure, line: Line, plan: Plan) -> tuple[Run, ...]:
    kinds = {measure.code: measure.kind for measure in plan.measures}
    if figure.unit:
        return runs("chưa có số liệu")  # its own report: it is the one unit that owes it
    if figure.reported and any(kinds[measure] is Kind.DISTINCT for side in line.measures for measure in side):
        return runs(
            f"chưa có số chung, vì số của các đơn vị không cộng được (mỗi {line.indicator.counted} chỉ tính một lần)"
        )
    if figure.missing:
        return runs("chưa có số liệu (", printed.missing(figure), " đơn vị chưa gửi)")
    return runs("chưa có số liệu")


def _number(figure: Figure, indicator: Indicator) -> tuple[Run, ...]:
    if not figure.is_ratio:
        return runs(printed.value(figure), f" {indicator.counted}")
    share = runs(printed.numerator(figure), "/", printed.denominator(figure), f" {indicator.counted}")
    return runs(printed.value(figure), " (", share, ")")


def _against_target(figure: Figure, indicator: Indicator) -> tuple[Run, ...]:
    if figure.target is None or figure.value is None:
        return ()
    target = printed.target(figure)
    by_day = f" đến ngày {short_date(figure.deadline)}" if figure.deadline else ""
    lacking = (
        runs(", còn thiếu ", printed.gap(figure), f" {indicator.counted}")
        if printed.is_lacking(figure) and indicator.direction == "up"
        else ()
    )
    if figure.standing is Standing.MET:
        verb = "vượt" if _is_beyond(figure, indicator) else "đạt"
        return runs(f", {verb} mục tiêu ", target, by_day)
    if (
        figure.standing is Standing.NO_DATA
    ):  # the day of the deadline lies in this month, and nobody dated a value there
        return runs(", mục tiêu ", target, by_day, lacking, "; chưa có số liệu của ngày đó để đánh giá")
    verb = {
        Standing.BELOW: "chưa đạt",
        Standing.MISSED: "không đạt",
        Standing.ON_TRACK: "đúng tiến độ so với",
        Standing.AT_RISK: "có nguy cơ không đạt",
    }[figure.standing]
    return runs(f", {verb} mục tiêu ", target, by_day, lacking)


def _is_beyond(figure: Figure, indicator: Indicator) -> bool:
    assert figure.value is not None
    assert figure.target is not None
    return figure.value > figure.target if indicator.direction == "up" else figure.value < figure.target


def _against_last_month(windows: Windows, figure: Figure, line: Line) -> tuple[Run, ...]:
    if windows.before is None:
        return ()
    before = windows.before.known(line.code)
    if before is None:
        return runs("; tháng trước chưa có số liệu")
    verb, difference = printed.change(figure, before)
    unit = "điểm phần trăm" if figure.is_ratio else line.indicator.counted
    amount = runs(" ", difference, f" {unit}") if difference else ()
    return runs(f"; {verb}", amount, " so với tháng trước (", printed.value(before), ")")


def _so_far(windows: Windows, figure: Figure, line: Line, plan: Plan) -> tuple[Run, ...]:
    if windows.before is None or not adds_up(line, plan):
        return ()
    so_far = windows.so_far.known(line.code)
    if so_far is None:
        return ()
    verb = " đạt " if figure.is_ratio else " là "
    return runs(f"; lũy kế từ ngày {windows.first_day}{verb}", _number(so_far, line.indicator))


def _partial(figure: Figure) -> tuple[Run, ...]:
    if not figure.is_partial or figure.unit:
        return ()
    return runs("; theo số liệu của ", printed.reported(figure), "/", printed.expected(figure), " đơn vị")
