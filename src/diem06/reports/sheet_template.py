"""The Excel template of a unit's report: every cell that it owes, filled in with what is known so far."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded
from diem06.core.sheets import templates
from diem06.core.sheets.columns import tidied
from diem06.core.sheets.templates import Column, TemplateCell, TemplateRow, TemplateSheet, WholeNumber
from diem06.reports.cell_names import field_name
from diem06.reports.entry_form import Words, last_values, owed_cells
from diem06.reports.models import Heading, Report
from diem06.reports.queries import absent_cells, current_values

TEMPLATE: Final = "diem06-entry"
VERSION: Final = "1"
VALUE, NOTE, TEXT = "value", "note", "text"


def template_of(report: Report, loaded: Loaded, *, at: datetime) -> bytes:
    """Return the template of a report, filled in with what is known so far; sheets in the language of the screen."""
    maker = _Maker(report, loaded)
    return templates.written(
        list(maker.sheets()),
        meta={
            "template": TEMPLATE,
            "version": VERSION,
            "plan": loaded.plan.id,
            "plan_hash": loaded.hash,
            "unit": report.unit,
            "period": report.period.code,
            "made_at": at.isoformat(),
        },
        records=maker.records(),
    )


class _Maker:
    def __init__(self, report: Report, loaded: Loaded) -> None:
        self._report = report
        self._loaded = loaded
        self._unit = units_on(report.period.last_day)[report.unit]
        self._tree = areas_on(report.period.last_day)
        self._cells = list(owed_cells(report, loaded.plan).values())
        self._values = current_values(report)
        self._absent = absent_cells(report)
        self._last = last_values(report, loaded.plan)
        self._words = Words(loaded.plan)
        self._narratives = {row.heading: row for row in report.narratives.all()}

    def records(self) -> dict[str, str]:
        """Return what stood in each filled cell: record and value; for words, version and digest."""
        kept = {field_name(cell): f"{value.record}|{value.value}" for cell, value in self._values.items()}
        return kept | {
            f"n|{heading}": f"{row.version}|{digest(row.text)}" for heading, row in self._narratives.items() if row.text
        }

    def sheets(self) -> Iterator[TemplateSheet]:
        """Yield the sheets in the order of the page."""
        usual = self._report.period.last_day
        own = [cell for cell in self._cells if cell.day == usual and not self._is_commune(cell)]
        communes = [cell for cell in self._cells if cell.day == usual and self._is_commune(cell)]
        if own:
            yield self._list(_("A. Số liệu của đơn vị"), own)
        if communes:
            yield self._matrix(_("B. Theo xã, phường, thị trấn"), communes)
        dated = sorted((cell for cell in self._cells if cell.day != usual), key=lambda cell: cell.day)
        for day, cells in groupby(dated, key=lambda cell: cell.day):
            yield from self._dated(day, list(cells))
        yield self._narrative()

    def _dated(self, day: date, cells: list[Cell]) -> Iterator[TemplateSheet]:
        title = _("C. Tại thời hạn %(day)s") % {"day": f"{day:%d-%m-%Y}"}
        by_area = [cell for cell in cells if self._is_commune(cell)]
        rest = [cell for cell in cells if not self._is_commune(cell)]
        if rest:
            yield self._list(title, rest)
        if by_area:
            yield self._matrix(f"{title} ({_('xã')})" if rest else title, by_area)

    def _is_commune(self, cell: Cell) -> bool:
        return self._tree.get(cell.area).level == "commune"

    def _lines(self, title: str, *more: str) -> tuple[str, ...]:
        period = self._report.period
        about = _("%(unit)s · kỳ %(month)s, từ %(first)s đến hết %(last)s") % {
            "unit": self._unit.short,
            "month": f"{period.last_day:%m/%Y}",
            "first": f"{period.first_day:%d/%m/%Y}",
            "last": f"{period.last_day:%d/%m/%Y}",
        }
        made_up = (_("Số liệu giả định, không phải báo cáo thật"),) if self._loaded.is_made_up else ()
        return (title, about, *more, *made_up)

    def _list(self, title: str, cells: Sequence[Cell]) -> TemplateSheet:
        return TemplateSheet(
            name=title,
            lines=self._lines(
                title,
                _(
                    "Nhập số nguyên vào ô vàng. Ô để trống không đổi số đang có. Chi tiết cần nói thêm ghi ở cột ghi chú."
                ),
            ),
            columns=(
                Column(head=_("Số liệu"), width=58),
                Column(head=_("Địa bàn"), width=20),
                Column(head=_("Đơn vị tính"), width=14),
                Column(head=_("Dùng cho"), width=12),
                Column(head=_("Kỳ trước"), width=12),
                Column(head=_("Kỳ này"), width=14, key=VALUE),
                Column(head=_("Ghi chú"), width=36, key=NOTE),
            ),
            rows=[self._row(cell) for cell in cells],
        )

    def _row(self, cell: Cell) -> TemplateRow:
        value, absent = self._values.get(cell), self._absent.get(field_name(cell))
        note = value.note if value else absent.reason if absent else ""
        return TemplateRow(
            key=field_name(cell),
            cells=(
                self._words.of(cell.measure, cell.dimensions),
                self._tree.get(cell.area).name,
                self._words.counted(cell.measure),
                ", ".join(self._words.used_for(cell.measure)),
                self._last_of(cell),
                WholeNumber(value=value.value if value else None),
                templates.Words(value=note),
            ),
        )

    def _matrix(self, title: str, cells: Sequence[Cell]) -> TemplateSheet:
        keys = list(dict.fromkeys((cell.measure, cell.dimensions, cell.day) for cell in cells))
        by_place = {(cell.area, cell.measure, cell.dimensions, cell.day): cell for cell in cells}
        columns = [Column(head=_("Huyện, thành phố"), width=18), Column(head=_("Xã, phường, thị trấn"), width=22)]
        for measure, dimensions, day in keys:
            columns.append(
                Column(
                    head=self._words.of(measure, dimensions), width=17, key=f"{measure}|{dimensions}|{day.isoformat()}"
                )
            )
            columns.append(Column(head=_("Kỳ trước"), width=9))
        rows = []
        for area in dict.fromkeys(cell.area for cell in cells):
            here = self._tree.get(area)
            filled: list[TemplateCell] = [self._tree.get(here.parent).short_name, here.name]
            for key in keys:
                filled += self._pair(by_place.get((area, *key)))
            rows.append(TemplateRow(key=area, cells=tuple(filled)))
        return TemplateSheet(
            name=title,
            lines=self._lines(title, _("Nhập số nguyên vào ô vàng. Ô để trống không đổi số đang có.")),
            columns=tuple(columns),
            rows=rows,
            frozen_columns=2,
        )

    def _pair(self, cell: Cell | None) -> list[TemplateCell]:
        if cell is None:
            return [None, None]
        value = self._values.get(cell)
        return [WholeNumber(value=value.value if value else None), self._last_of(cell)]

    def _last_of(self, cell: Cell) -> int | None:
        return self._last.get((cell.measure, cell.dimensions, cell.area))

    def _narrative(self) -> TemplateSheet:
        title = _("D. Lời văn")
        written = {Heading(heading): row.text for heading, row in self._narratives.items()}
        return TemplateSheet(
            name=title,
            lines=self._lines(title, _("Mỗi mục một đoạn, phông chữ Unicode. Đoạn này vào thẳng báo cáo tổng hợp.")),
            columns=(Column(head=_("Mục"), width=36), Column(head=_("Nội dung"), width=110, key=TEXT)),
            rows=[
                TemplateRow(
                    key=f"n|{heading.value}",
                    cells=(str(heading.label), templates.Words(value=written.get(heading, ""))),
                    height=72,
                )
                for heading in Heading
            ],
        )


def digest(text: str) -> str:
    """Return by what a text is told from another: the words themselves do not go into the hidden sheet."""
    return hashlib.sha256(tidied(text).encode()).hexdigest()[:16]
