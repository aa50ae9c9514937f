"""
The form of a unit's report as data: which cells are asked for, grouped as the page and the Excel template show them, what
stands in them, and what is wrong between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaTree, areas_on, stands_for
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell, canonical, parsed
from diem06.core.plans.models import Period
from diem06.core.plans.queries import cells_owed, obligations_of
from diem06.plan.formula import expand, parse
from diem06.plan.model import Kind, Measure, Plan
from diem06.plan.periods import previous
from diem06.reports.cell_names import field_name
from diem06.reports.checks import PERIODS_COMPARED, repeats
from diem06.reports.models import AbsentValue, DeclaredValue, Remark, Report
from diem06.reports.queries import absent_cells, current_values, open_remarks
from vnlib.text import NumberTextError, parse_number

__all__ = [
    "MAX_VALUE",
    "Column",
    "EarlierPeriod",
    "EntryError",
    "EntryForm",
    "Fault",
    "Field",
    "HowFar",
    "Matrix",
    "Row",
    "Words",
    "earlier_values",
    "entry_form",
    "faults",
    "field_name",
    "how_far",
    "last_values",
    "owed_cells",
    "parse_value",
]

MAX_VALUE = 2**63 - 1
_COMMA_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


class EntryError(ValueError):
    """A typed text that is no value; the words say what is wrong, for the person."""


def parse_value(text: str) -> int | None:
    """
    Read what somebody typed into a cell: a whole number from 0, with or without thousands separators; empty is None.

    Raises EntryError. A number cell holds whole numbers only, so `1.234` can mean nothing but 1234. `1,000` is a thousand on
    an English page, which shows it so; on a Vietnamese one it would read as 1, so it is asked again.
    """
    text = text.strip()
    if not text:
        return None
    if _COMMA_GROUPS.fullmatch(text):
        text = text.replace(",", "")
        if get_language() != "en":
            grouped = f"{int(text):,}"
            raise EntryError(
                _("«%(text)s» có dấu phẩy. Nếu là %(number)s, nhập %(number)s.")
                % {"text": grouped[:40], "number": text}
            )
    try:
        number = parse_number(text, dot="thousands")
    except NumberTextError:
        raise EntryError(_("«%(text)s» không phải số. Nhập số nguyên, ví dụ 1234.") % {"text": text[:40]}) from None
    if number != number.to_integral_value():
        raise EntryError(_("«%(text)s» có phần lẻ. Nhập số nguyên.") % {"text": text[:40]})
    if number < 0:
        raise EntryError(_("«%(text)s» nhỏ hơn 0. Nhập số từ 0 trở lên.") % {"text": text[:40]})
    if number > MAX_VALUE:
        raise EntryError(_("«%(text)s» quá lớn. Kiểm tra lại số.") % {"text": text[:40]})
    return int(number)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One cell on the page. `name` is its form name; `record` is what the person saw in it."""

    cell: Cell
    name: str
    label: str
    counted: str
    used_for: tuple[str, ...]
    value: int | None
    last: int | None
    record: str
    note: str
    area: str  # name of the cell's area, where it is not the unit's own
    is_flow: bool
    is_absent: bool = False  # the unit says that there is no number; `note` says why
    remarks: tuple[Remark, ...] = ()  # what a return asks to put right here

    @property
    def repeats(self) -> bool:
        """Is a flow exactly what it was last period? It may be so; it is worth a second look."""
        return repeats(is_flow=self.is_flow, value=self.value, last=self.last)

    @property
    def change(self) -> int | None:
        """How far the value is from last period's."""
        return None if self.value is None or self.last is None else self.value - self.last


@dataclass(frozen=True, kw_only=True)
class Column:
    measure: str
    dimensions: str
    label: str
    counted: str


@dataclass(frozen=True, kw_only=True)
class Row:
    area: str
    name: str
    fields: tuple[Field | None, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Cells by area: rows of one district, columns of measures."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A hard fault between two cells: the part is larger than the whole. It stops the approval, not the draft."""

    field: str  # form name of the cell to look at
    area: str
    text: str


@dataclass(frozen=True, kw_only=True)
class EntryForm:
    report: Report
    plan: Plan
    own: tuple[Field, ...]  # of the unit itself
    dated: tuple[Field, ...]  # dated a deadline inside the period
    matrix: Matrix | None  # of the chosen district
    dated_matrix: Matrix | None  # of the chosen district, dated a deadline inside the period
    districts: tuple[tuple[str, str, int, int], ...]  # code, name, filled, owed
    district: str
    owed: int
    filled: int
    faults: tuple[Fault, ...]

    def dated_cells(self) -> Iterator[Cell]:
        """Yield the cells shown that are dated a deadline inside the period."""
        yield from (field.cell for field in self.fields() if field.cell.day != self.report.period.last_day)

    def fields(self) -> Iterator[Field]:
        """Yield every field that the page shows."""
        yield from self.own
        yield from self.dated
        for matrix in (self.matrix, self.dated_matrix):
            for row in matrix.rows if matrix else ():
                yield from (field for field in row.fields if field)


def owed_cells(report: Report, plan: Plan) -> dict[str, Cell]:
    """Return every cell that the report's unit owes for its period, by form name."""
    owed = cells_owed(obligations_of(report.unit, report.period), plan=plan, on=report.period.last_day)
    return {field_name(cell): cell for cell in owed}


def entry_form(report: Report, plan: Plan, *, district: str = "", cells: Mapping[str, Cell] | None = None) -> EntryForm:
    """
    Build the form of a report; for a unit that answers for many districts, of one of them at a time.

    `cells`: those of `owed_cells` where the caller has them at hand, or only some of them.
    """
    period = report.period
    tree = areas_on(period.last_day)
    asked = list((owed_cells(report, plan) if cells is None else cells).values())
    values = current_values(report)
    absent = absent_cells(report)
    remarks: dict[str, list[Remark]] = {}
    for remark in open_remarks(report):
        remarks.setdefault(remark.cell, []).append(remark)
    last = last_values(report, plan)
    words = Words(plan)
    flows = {measure.code for measure in plan.measures if measure.kind is Kind.FLOW}
    own_area = units_on(period.last_day)[report.unit].area

    def field(cell: Cell) -> Field:
        name = field_name(cell)
        value, none = values.get(cell), absent.get(name)
        return Field(
            cell=cell,
            name=name,
            label=words.of(cell.measure, cell.dimensions),
            counted=words.counted(cell.measure),
            used_for=words.used_for(cell.measure),
            value=value.value if value else None,
            last=last.get((cell.measure, cell.dimensions, cell.area)),
            record=value.record if value else "",
            note=value.note if value else (none.reason if none else ""),
            area="" if cell.area == own_area else tree.get(cell.area).name,
            is_flow=cell.measure in flows,
            is_absent=none is not None,
            remarks=tuple(remarks.get(name, ())),
        )

    dated = [cell for cell in asked if cell.day != period.last_day]
    usual = [cell for cell in asked if cell.day == period.last_day]
    communes = [cell for cell in usual if tree.get(cell.area).level == "commune"]
    own = [cell for cell in usual if tree.get(cell.area).level != "commune"]
    districts = _districts(communes + [c for c in dated if tree.get(c.area).level == "commune"], values, absent, tree)
    codes = [code for code, *_rest in districts]
    district = district if district in codes else (codes[0] if codes else "")
    here = [cell for cell in communes if tree.get(cell.area).parent == district]
    dated_here = [
        cell for cell in dated if tree.get(cell.area).parent == district and tree.get(cell.area).level == "commune"
    ]
    return EntryForm(
        report=report,
        plan=plan,
        own=tuple(field(cell) for cell in own),
        dated=tuple(field(cell) for cell in dated if tree.get(cell.area).level != "commune"),
        matrix=_matrix(here, field, words, tree) if here else None,
        dated_matrix=_matrix(dated_here, field, words, tree) if dated_here else None,
        districts=tuple(districts),
        district=district,
        owed=len(asked),
        filled=sum(1 for cell in asked if cell in values or field_name(cell) in absent),
        faults=tuple(faults(plan, {cell: value.value for cell, value in values.items()}, tree)),
    )


@dataclass(frozen=True, kw_only=True)
class HowFar:
    """How many of the owed cells are answered, by a number or by why there is none, and which one is next."""

    filled: int
    owed: int
    next_name: str  # form name of the first cell without an answer; empty where all have one
    next_district: str  # whose page shows it, for a unit that answers for many districts

    @property
    def is_full(self) -> bool:
        return self.filled == self.owed


def how_far(report: Report, plan: Plan) -> HowFar:
    """Return how far a report is filled in."""
    cells = owed_cells(report, plan)
    values, absent = current_values(report), absent_cells(report)
    empty = {name: cell for name, cell in cells.items() if cell not in values and name not in absent}
    name = next(iter(_in_page_order(empty, report)), "")
    area = areas_on(report.period.last_day).get(empty[name].area) if name else None
    return HowFar(
        filled=len(cells) - len(empty),
        owed=len(cells),
        next_name=name,
        next_district=area.parent if area and area.level == "commune" else "",
    )


def _in_page_order(cells: Mapping[str, Cell], report: Report) -> list[str]:
    """Return the names as the page shows them: the unit's own, the communes', then those dated a deadline."""
    tree, last_day = areas_on(report.period.last_day), report.period.last_day
    return sorted(cells, key=lambda name: (cells[name].day != last_day, tree.get(cells[name].area).level == "commune"))


def last_values(report: Report, plan: Plan) -> Mapping[tuple[str, str, str], int]:
    """Return the unit's values of the period before, by measure, dimensions and today's area; a predecessor's where it has none."""
    code = previous(plan, report.period.code)
    before = Period.objects.filter(plan_id=plan.id, code=code).first() if code else None
    return _values_of(report, plan, before) if before else {}


@dataclass(frozen=True, kw_only=True)
class EarlierPeriod:
    """What the unit gave in a period before, by measure, dimensions and today's area."""

    code: str
    values: Mapping[tuple[str, str, str], int]


def earlier_values(report: Report, plan: Plan, *, periods: int = PERIODS_COMPARED) -> list[EarlierPeriod]:
    """Return the unit's values of up to so many periods before, the oldest first."""
    before = Period.objects.filter(plan_id=plan.id, last_day__lt=report.period.first_day).order_by("-last_day")[
        :periods
    ]
    return [EarlierPeriod(code=period.code, values=_values_of(report, plan, period)) for period in reversed(before)]


def _values_of(report: Report, plan: Plan, before: Period) -> dict[tuple[str, str, str], int]:
    line = {report.unit}
    if report.unit not in units_on(before.last_day):
        line |= {unit.code for unit in plan.units if unit.successor == report.unit}
    rows = DeclaredValue.objects.current().filter(period=before, unit__in=line, day=before.last_day)
    moved: dict[tuple[str, date], str] = {}
    found: dict[tuple[str, str, str], int] = {}
    columns = rows.values_list("measure", "dimensions", "area", "area_valid_from", "value")
    for measure, dimensions, area, valid_from, value in columns:
        here = (area, valid_from)
        if here not in moved:
            moved[here] = stands_for(*here, report.period.last_day) or area
        key = (measure, dimensions, moved[here])
        found[key] = found.get(key, 0) + value
    return found


def _districts(
    cells: Iterable[Cell], values: Mapping[Cell, DeclaredValue], absent: Mapping[str, AbsentValue], tree: AreaTree
) -> list[tuple[str, str, int, int]]:
    counts: dict[str, list[int]] = {}
    for cell in cells:
        count = counts.setdefault(tree.get(cell.area).parent, [0, 0])
        count[0] += cell in values or field_name(cell) in absent
        count[1] += 1
    return [(code, tree.get(code).short_name, filled, owed) for code, (filled, owed) in counts.items()]


def _matrix(cells: list[Cell], field: Callable[[Cell], Field], words: Words, tree: AreaTree) -> Matrix:
    keys = list(dict.fromkeys((cell.measure, cell.dimensions) for cell in cells))
    columns = tuple(Column(measure=m, dimensions=d, label=words.of(m, d), counted=words.counted(m)) for m, d in keys)
    by_place = {(cell.area, cell.measure, cell.dimensions): cell for cell in cells}
    rows = []
    for area in dict.fromkeys(cell.area for cell in cells):
        found = [by_place.get((area, measure, dimensions)) for measure, dimensions in keys]
        rows.append(
            Row(area=area, name=tree.get(area).short_name, fields=tuple(field(c) if c else None for c in found))
        )
    return Matrix(columns=columns, rows=tuple(rows))


class Words:
    """What cells are called, in the language of the screen."""

    def __init__(self, plan: Plan) -> None:
        self._english = get_language() == "en"
        self._measures = {measure.code: measure for measure in plan.measures}
        self._labels = {(label.dimension, label.value): label for label in plan.labels}
        self._used: dict[str, list[str]] = {}
        self._counted: dict[str, str] = {}
        for indicator in plan.indicators:
            for part in indicator.parts:
                for formula in (part.numerator, part.denominator):
                    for term in expand(parse(formula), self._measures).terms if formula else ():
                        codes = self._used.setdefault(term.measure, [])
                        if indicator.code not in codes:
                            codes.append(indicator.code)
                        words = indicator.counted_en if self._english else indicator.counted
                        if self._measures[term.measure].entity == indicator.entity:
                            self._counted.setdefault(term.measure, words)

    def of(self, measure: str, dimensions: str) -> str:
        """Return «Số hồ sơ tiếp nhận · trực tuyến»."""
        found = self._measures[measure]
        parts = [found.name_en if self._english else found.name]
        parts += [self.value(name, value) for name, value in parsed(dimensions).items()]
        return " · ".join(parts)

    def value(self, dimension: str, value: str) -> str:
        """Return the words for one value of a dimension."""
        label = self._labels.get((dimension, value))
        if label is None:
            return value
        text = label.en if self._english else label.vi
        return text[:1].lower() + text[1:]

    def counted(self, measure: str) -> str:
        """Return what is counted: «hồ sơ»."""
        return self._counted.get(measure, "")

    def used_for(self, measure: str) -> tuple[str, ...]:
        """Return the indicators that a measure goes into."""
        return tuple(self._used.get(measure, ()))


def faults(plan: Plan, values: Mapping[Cell, int], tree: AreaTree) -> Iterator[Fault]:
    """
    Yield the cells where a unit's own part is larger than its whole, in one area: a numerator above its denominator.

    Only ratios whose two sides the unit gives itself are judged, and only where both are filled.
    """
    measures: dict[str, Measure] = {measure.code: measure for measure in plan.measures}
    by_measure: dict[str, list[Cell]] = {}
    for cell in values:
        by_measure.setdefault(cell.measure, []).append(cell)
    words = Words(plan)
    seen: set[tuple[str, str]] = set()
    for indicator in plan.indicators:
        for part in indicator.parts:
            if not part.denominator:
                continue
            above = expand(parse(part.numerator), measures).terms
            below = expand(parse(part.denominator), measures).terms
            if len(above) != 1 or len(below) != 1 or above[0].measure == below[0].measure:
                continue
            if Kind.DISTINCT in (measures[above[0].measure].kind, measures[below[0].measure].kind):
                continue
            common = {d.name for d in measures[above[0].measure].dimensions} & {
                d.name for d in measures[below[0].measure].dimensions
            }
            whole = _sums(by_measure.get(below[0].measure, ()), below[0].where, common, values)
            part_of = _sums(by_measure.get(above[0].measure, ()), above[0].where, common, values)
            for place, (number, first) in part_of.items():
                if place in whole and number > whole[place][0] and (field_name(first), place[0]) not in seen:
                    seen.add((field_name(first), place[0]))
                    yield Fault(
                        field=field_name(first),
                        area=place[0],
                        text=_(
                            "%(code)s, %(area)s: %(part)s (%(number)s) lớn hơn %(whole)s (%(total)s). Sửa một trong hai ô."
                        )
                        % {
                            "code": indicator.code,
                            "area": tree.get(place[0]).short_name,
                            "part": words.of(above[0].measure, place[2]),
                            "number": number,
                            "whole": words.of(below[0].measure, place[2]),
                            "total": whole[place][0],
                        },
                    )


def _sums(
    cells: Iterable[Cell],
    where: tuple[tuple[str, tuple[str, ...]], ...],
    common: set[str],
    values: Mapping[Cell, int],
) -> dict[tuple[str, date, str], tuple[int, Cell]]:
    """Add up cells under a filter, apart by area, day and the dimensions that both sides have."""
    found: dict[tuple[str, date, str], tuple[int, Cell]] = {}
    for cell in cells:
        held = parsed(cell.dimensions)
        if all(held.get(name) in allowed for name, allowed in where):
            place = (cell.area, cell.day, canonical({name: held[name] for name in held if name in common}))
            number, first = found.get(place, (0, cell))
            found[place] = (number + values[cell], first)
    return found
