"""What stands in the cells of a form for a period: each from the cube, by the rules of every other page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaUnknown, areas_on, became
from diem06.core.organisation.queries import UnitOn
from diem06.core.plans.queries import Loaded
from diem06.core.ui.numbers import NO_VALUE, number, percent
from diem06.cube.board import Board, board, terms_of
from diem06.cube.figures import Figure
from diem06.cube.keys import Printed
from diem06.cube.standing import Standing
from diem06.plan.model import Indicator, Level, Measure, Plan
from diem06.plan.periods import PeriodError, window_of
from diem06.reports.ad_hoc.specs import Catalogue, Spec, window_code


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    A cell with its value. `value` is exact, a share 0 to 1; None with `why`. `key`: the figure's, empty for a sum. `window` is
    the code that was read. `note` tells what a reader should know beside the number.
    """

    sheet: str
    spec: Spec
    what: str
    where: str
    window: str
    value: Decimal | None
    is_share: bool
    key: str
    why: str
    note: str

    @property
    def shown(self) -> str:
        """The value as the page shows it."""
        if self.value is None:
            return NO_VALUE
        return percent(self.value, None) if self.is_share else number(self.value)


def answers(
    specs: Iterable[tuple[str, Spec]],
    loaded: Loaded,
    period: str,
    *,
    revision_of: Callable[[str], int | None] = lambda _window: None,
    only_unit: str = "",
) -> list[Answer]:
    """
    Return what belongs into each (sheet, spec), in their order. `only_unit` holds every figure to one unit's own.

    `revision_of` gives the revision under which a window's figures leave; None: the present one.
    """
    specs = list(specs)
    reader = _Reader(loaded, period, [spec for _sheet, spec in specs], revision_of, only_unit)
    return [reader.answer(sheet, spec) for sheet, spec in specs]


class _Reader:
    def __init__(
        self,
        loaded: Loaded,
        period: str,
        specs: Sequence[Spec],
        revision_of: Callable[[str], int | None],
        only_unit: str,
    ) -> None:
        self._loaded = loaded
        self._period = period
        self._revision_of = revision_of
        self._only_unit = only_unit
        self._sums = with_sums(loaded, sorted({spec.what for spec in specs if spec.what.startswith("m:")}))

    def answer(self, sheet: str, spec: Spec) -> Answer:
        window = window_code(self._loaded.plan, self._period, spec.window)
        if self._only_unit:
            spec = replace(spec, unit=self._only_unit)
        empty = Answer(
            sheet=sheet, spec=spec, what=self._label(spec), where="", window=window or "", value=None, is_share=False, key="",
            why="", note="",
        )  # fmt: skip
        if window is None:
            return replace(empty, why=_("Kế hoạch chưa có kỳ trước."))
        is_sum = spec.what.startswith("m:")
        try:
            here = board(self._sums[0] if is_sum else self._loaded, window)
        except PeriodError:
            return replace(empty, why=_("Kế hoạch không có kỳ này."))
        empty = replace(empty, where=_where(spec, here))
        code = self._sums[1].get(spec.what, "") if is_sum else spec.what[2:]
        if why := _unknown(spec, here, code):
            return replace(empty, why=why)
        try:
            figure = here.figure(code, area=spec.area, unit=spec.unit, revision=self._revision_of(window))
        except (KeyError, AreaUnknown):
            return replace(empty, why=_("Không có số ở nơi này trong kỳ."))
        value, is_share = _part(figure, "val" if is_sum else spec.part)
        return replace(
            empty,
            value=value,
            is_share=is_share,
            key="" if is_sum else figure.key,
            why="" if value is not None else _why_empty(figure, spec.part, here),
            note=_note(figure, here.units),
        )

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self._loaded.plan, window_of(self._loaded.plan, self._period).last_day)

    def _label(self, spec: Spec) -> str:
        return self._catalogue.label(spec.what)


def with_sums(loaded: Loaded, wanted: Sequence[str]) -> tuple[Loaded, Mapping[str, str]]:
    """
    Return the plan with one indicator for each sum of a measure, and their codes by `what`.

    So a sum goes through the same rollup as every figure: strongest source, areas of the last day, stocks at the end.
    """
    measures = {measure.code: measure for measure in loaded.plan.measures}
    codes: dict[str, str] = {}
    indicators = []
    for position, what in enumerate(wanted):
        formula = what[2:]
        code = formula.partition("[")[0]
        if code not in measures:
            continue
        codes[what] = f"SUM{position}"
        indicators.append(_sum_indicator(codes[what], formula, measures[code], loaded.plan))
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:16]
    plan = replace(loaded.plan, indicators=tuple(indicators))
    return replace(loaded, plan=plan, hash=f"{loaded.hash}+{digest}"), codes


def _sum_indicator(code: str, formula: str, measure: Measure, plan: Plan) -> Indicator:
    used = {term.measure for term in terms_of(plan, formula)}
    owed_by = dict.fromkeys(unit for rule in plan.obligations if rule.measure in used for unit in rule.owed_by)
    return Indicator(
        code=code,
        clauses=plan.indicators[0].clauses,
        name=measure.name,
        name_en=measure.name_en,
        entity=measure.entity,
        kind=measure.kind,
        numerator=formula,
        owed_by=tuple(owed_by),
        levels=tuple(Level),
        usual_sources=(),
        counted="",
        counted_en="",
    )


def _unknown(spec: Spec, here: Board, code: str) -> str:
    if code not in here.lines:
        return _("Kế hoạch không còn nội dung này. Gắn lại ô.")
    if spec.unit and spec.unit not in here.units:
        return _("Đơn vị không có trong kỳ này. Gắn lại ô.")
    if spec.area and spec.area not in here.tree:
        return _("Địa bàn không có trong kỳ này. Gắn lại ô.")
    # A code alone is no identity: after a reform it may be another area.
    if spec.area and spec.area_from and not _is_same(spec.area, spec.area_from, here.tree.get(spec.area).valid_from):
        return _("Địa bàn đã thay đổi từ khi gắn. Gắn lại ô.")
    return ""


@lru_cache(maxsize=2_000)
def _is_same(code: str, meant: date, there: date) -> bool:
    """
    Is the area with `code` that begins on `there` the one that was meant, which begins on `meant`?

    A district that became a town is; a commune that took in others under its old code is not.
    """
    if meant == there:
        return True
    older, newer = min(meant, there), max(meant, there)
    tree = areas_on(older)
    level = tree.get(code).level
    parts = [
        area.code
        for area in tree
        if area.level == level and any(share.area_code == code for share in became(area.code, area.valid_from, newer))
    ]
    after = became(code, older, newer)
    return parts == [code] and [(share.area_code, share.valid_from) for share in after] == [(code, newer)]


def _part(figure: Figure, part: str) -> tuple[Decimal | None, bool]:
    match part:
        case Printed.NUMERATOR:
            return figure.numerator, False
        case Printed.DENOMINATOR:
            return figure.denominator, False
        case Printed.TARGET:
            return figure.target, figure.is_ratio
        case Printed.GAP:
            return figure.gap, False
        case _:
            return figure.value, figure.is_ratio


def _why_empty(figure: Figure, part: str, here: Board) -> str:
    if part == Printed.TARGET or (part == Printed.GAP and figure.target is None):
        return _("Chưa có mục tiêu.")
    if figure.standing is Standing.NOT_APPLICABLE:
        return _("Mẫu số bằng 0.")
    if not here.window.is_period and not figure.reported:
        return _("Chưa có số của kỳ cuối trong %(window)s.") % {"window": here.window.code}
    missing = [here.units[code].short for code in figure.missing if code in here.units]
    if missing:
        named = ", ".join(missing[:3]) + ("…" if len(missing) > 3 else "")
        return _("Chưa có số: chưa nhận của %(units)s.") % {"units": named}
    return _("Chưa có số.")


def _note(figure: Figure, units: Mapping[str, UnitOn]) -> str:
    notes = []
    if figure.value is not None and figure.is_partial:
        missing = ", ".join(units[code].short for code in figure.missing[:3] if code in units)
        notes.append(
            _("Một phần: %(reported)s/%(expected)s đơn vị; thiếu %(missing)s.")
            % {"reported": figure.reported, "expected": figure.expected, "missing": missing or "—"}
        )
    if figure.is_stale:
        notes.append(_("Số của kỳ trước."))
    return " ".join(notes)


def _where(spec: Spec, here: Board) -> str:
    parts = []
    if spec.area and spec.area in here.tree:
        parts.append(here.tree.get(spec.area).short_name)
    if spec.unit and spec.unit in here.units:
        parts.append(here.units[spec.unit].short)
    if not spec.area and not spec.unit:
        parts.append(here.tree.get(here.plan.area).name if here.plan.area in here.tree else "")
    return ", ".join(parts)
