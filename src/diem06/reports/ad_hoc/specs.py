"""What a cell of a form is tied to, as a person chooses it: a figure or a sum, its part, area, unit and window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diem06.core.plans.cells import canonical, parsed
from diem06.cube.board import lines_of
from diem06.cube.keys import Printed
from diem06.plan.model import Indicator, Measure, Plan, Reading
from diem06.plan.periods import previous
from diem06.reports.entry_form import Words
from diem06.reports.models import AdHocCell

SUM: Final = "sum"
_MARK: Final = "|"


class SpecError(ValueError):
    """A choice that the plan does not have; the text says which."""


class Window(StrEnum):
    THIS = "this"
    BEFORE = "before"
    TO_DATE = "ptd"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class Scale(StrEnum):
    RATIO = "ratio"
    HUNDRED = "hundred"


def window_choices() -> list[tuple[str, str]]:
    return [
        (Window.THIS.value, _("kỳ này")),
        (Window.BEFORE.value, _("kỳ trước")),
        (Window.TO_DATE.value, _("lũy kế từ đầu Kế hoạch")),
        (Window.QUARTER.value, _("quý của kỳ")),
        (Window.HALF.value, _("nửa năm của kỳ")),
        (Window.YEAR.value, _("năm của kỳ")),
    ]


def part_choices() -> list[tuple[str, str]]:
    return [
        (Printed.VALUE.value, _("giá trị (tỷ lệ hoặc số)")),
        (Printed.NUMERATOR.value, _("tử số")),
        (Printed.DENOMINATOR.value, _("mẫu số")),
        (Printed.TARGET.value, _("mục tiêu")),
        (Printed.GAP.value, _("còn thiếu so với mục tiêu")),
    ]


def window_code(plan: Plan, period: str, window: str) -> str | None:
    """Return the code of the window that a cell reads when the form is filled for `period`; None before the first period."""
    year, month = int(period[:4]), int(period[5:7])
    match window:
        case Window.BEFORE:
            return previous(plan, period)
        case Window.TO_DATE:
            return f"ptd-{period}"
        case Window.QUARTER:
            return f"{year}-Q{(month - 1) // 3 + 1}"
        case Window.HALF:
            return f"{year}-H{(month - 1) // 6 + 1}"
        case Window.YEAR:
            return f"{year}"
        case _:
            return period


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A cell with what belongs into it. `what`: «i:P19» for a figure, «m:dossiers_received[channel=online]» for a sum."""

    coordinate: str
    what: str
    part: str = Printed.VALUE.value
    area: str = ""
    area_from: date | None = None
    unit: str = ""
    window: str = Window.THIS.value
    scale: str = Scale.RATIO.value

    def encoded(self) -> str:
        """Return the spec as one text for a form."""
        day = self.area_from.isoformat() if self.area_from else ""
        return _MARK.join((self.coordinate, self.what, self.part, self.area, day, self.unit, self.window, self.scale))


def decoded(text: str) -> Spec:
    """Read a spec back. Raises SpecError for what is none."""
    parts = text.split(_MARK)
    if len(parts) != 8:
        raise SpecError(_("Lựa chọn không đọc được. Tải lại trang rồi chọn lại."))
    coordinate, what, part, area, day, unit, window, scale = parts
    try:
        area_from = date.fromisoformat(day) if day else None
    except ValueError:
        raise SpecError(_("Lựa chọn không đọc được. Tải lại trang rồi chọn lại.")) from None
    return Spec(
        coordinate=coordinate,
        what=what,
        part=part,
        area=area,
        area_from=area_from,
        unit=unit,
        window=window,
        scale=scale,
    )


def spec_of(cell: AdHocCell) -> Spec:
    return Spec(
        coordinate=cell.coordinate,
        what=what_of(cell),
        part=cell.part,
        area=cell.area,
        area_from=cell.area_from,
        unit=cell.unit,
        window=cell.window,
        scale=cell.scale,
    )


def what_of(cell: AdHocCell) -> str:
    if cell.indicator:
        return f"i:{cell.indicator}"
    return f"m:{cell.measure}[{cell.dimensions}]" if cell.dimensions else f"m:{cell.measure}"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that a cell may hold. `names` are the words to know it by in a head; `is_share`: it is a ratio."""

    what: str
    label: str
    names: tuple[str, ...]
    is_share: bool


class Catalogue:
    """Everything of a plan that a cell may be tied to, on a day."""

    def __init__(self, plan: Plan, on: date) -> None:
        self.plan = plan
        self._english = get_language() == "en"
        self._words = Words(plan)
        self.figures = tuple(
            self._figure(line.code, line.indicator, line.reading, line.is_ratio) for line in lines_of(plan, on).values()
        )
        self.sums = tuple(choice for measure in plan.measures for choice in self._sums(measure))
        self._by_what = {choice.what: choice for choice in (*self.figures, *self.sums)}

    def get(self, what: str) -> Choice:
        """Return a choice. Raises SpecError."""
        try:
            return self._by_what[what]
        except KeyError:
            raise SpecError(
                _("Kế hoạch không có «%(what)s». Chọn lại trong danh sách.") % {"what": what[:60]}
            ) from None

    def label(self, what: str) -> str:
        """Return the words of a choice; its code where the plan no longer has it."""
        choice = self._by_what.get(what)
        return choice.label if choice else what[2:]

    def check(self, spec: Spec) -> Spec:
        """Return the spec where it is one that this plan can fill. Raises SpecError."""
        choice = self.get(spec.what)
        if spec.window not in set(Window):
            raise SpecError(_("Chọn lại kỳ lấy số."))
        if spec.scale not in set(Scale):
            raise SpecError(_("Chọn lại cách ghi tỷ lệ."))
        if choice in self.sums:
            if spec.part not in (SUM, Printed.VALUE.value):
                raise SpecError(_("Số khai không có phần «%(part)s».") % {"part": spec.part[:10]})
        elif spec.part not in set(Printed):
            raise SpecError(_("Chọn lại phần của chỉ tiêu."))
        return spec

    def _figure(self, code: str, indicator: Indicator, reading: Reading | None, is_ratio: bool) -> Choice:  # noqa: FBT001
        name = indicator.name_en if self._english else indicator.name
        text = "" if reading is None else f" ({reading.text_en if self._english else reading.text})"
        names = () if indicator.same_as else (indicator.name,)
        return Choice(what=f"i:{code}", label=f"{code}. {name}{text}", names=names, is_share=is_ratio)

    def _sums(self, measure: Measure) -> Iterable[Choice]:
        name = measure.name.removeprefix("Số ")
        yield Choice(what=f"m:{measure.code}", label=self._words.of(measure.code, ""), names=(name,), is_share=False)
        if measure.derived:
            return
        labels = {(label.dimension, label.value): label.vi for label in self.plan.labels}
        for dimension in measure.dimensions:
            for value in dimension.values:
                where = canonical({dimension.name: value})
                yield Choice(
                    what=f"m:{measure.code}[{where}]",
                    label=self._words.of(measure.code, where),
                    names=(f"{name} {labels.get((dimension.name, value), value)}",),
                    is_share=False,
                )


def columns_of(spec: Spec) -> dict[str, object]:
    """Return a spec as the columns of a cell's row."""
    kind, _colon, code = spec.what.partition(":")
    measure, _bracket, where = code.partition("[")
    return {
        "indicator": code if kind == "i" else "",
        "measure": measure if kind == "m" else "",
        "dimensions": canonical(parsed(where.rstrip("]"))) if kind == "m" else "",
        "part": SUM if kind == "m" else spec.part,
        "area": spec.area,
        "area_from": spec.area_from,
        "unit": spec.unit,
        "window": spec.window,
        "scale": spec.scale,
    }
