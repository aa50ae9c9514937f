"""The tables of areas and units as Excel files."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaOn
from diem06.core.ui.words import REPORT_STATES, STANDINGS, TIMELINESS
from diem06.reports.screens.area import AreasPage, Comparison, PilotRows, by_pilot, rows_in
from diem06.reports.screens.dashboard import IndicatorRow
from diem06.reports.screens.maps import MapFigurePage, map_cells, map_head
from diem06.reports.screens.outlook import Outlook, counted_of, period_name
from diem06.reports.screens.unit import UnitLine, UnitPage
from diem06.reports.screens.workbooks import (
    FIGURE_WIDTHS,
    UNPRINTED,
    Cell,
    Share,
    Sheet,
    about,
    figure_cells,
    figure_head,
    written,
)

Row = tuple[Cell | Share, ...]


def areas_workbook(outlook: Outlook, page: AreasPage) -> bytes:
    """Return the list of areas for one indicator, in the order of the page."""
    counted = counted_of(page.row.indicator)
    sheet = Sheet(
        name=_("Địa bàn"),
        lines=(f"{page.row.code} · {page.row.name}", *about(outlook)),
        head=(_("Mã địa bàn"), _("Địa bàn"), _("Thuộc"), *figure_head(), *map_head(outlook)),
        rows=[
            (
                row.code,
                row.name,
                row.parent,
                *figure_cells(row.figure, counted, _standing(page.row, row.figure)),
                *map_cells(outlook, row.figure),
            )
            for row in page.listed
        ],
        widths=(9, 30, 20, *FIGURE_WIDTHS, *(40 for _each in map_head(outlook))),
        frozen=2,
        unprinted=UNPRINTED + len(map_head(outlook)),
    )
    return written([sheet], is_made_up=outlook.loaded.is_made_up)


def _standing(whole: IndicatorRow, figure: object) -> str:
    """An undecided indicator has no standing in any area."""
    return whole.standing if whole.standing == "undecided" else str(getattr(figure, "standing", ""))


def map_figure_workbook(page: MapFigurePage) -> bytes:
    """Return the parts of a figure on another day's map, and their sum."""
    rows: list[Row] = [
        (
            line.part.area.code,
            line.name,
            line.lies_in,
            Share(value=line.part.figure.value) if line.part.figure.is_ratio else line.part.figure.value,
            line.part.numerator,
            line.part.denominator,
            line.part.share,
            line.part.taken.numerator if line.part.taken else None,
            line.part.taken.denominator if line.part.taken else None,
            line.basis,
            line.days,
            line.why or line.scope,
            line.part.figure.key,
        )
        for line in page.lines
    ]
    if page.is_sum:
        rows.append((None, _("Cộng"), None, None, None, None, None, page.numerator, page.denominator, *[None] * 4))
    sheet = Sheet(
        name=_("Các phần"),
        lines=(f"{page.figure.code} · {page.name}: {page.area.name}", *about(page.outlook)),
        head=(
            _("Mã địa bàn"),
            _("Địa bàn của kỳ"),
            _("Thuộc"),
            _("Giá trị"),
            _("Tử số"),
            _("Mẫu số"),
            _("Tỷ lệ dân số thuộc về"),
            _("Tử số tính vào"),
            _("Mẫu số tính vào"),
            _("Căn cứ của tỷ lệ"),
            _("Ngày thay đổi"),
            _("Ghi chú"),
            _("Mã số liệu"),
        ),
        rows=rows,
        widths=(9, 24, 18, 9, 12, 12, 12, 12, 12, 28, 18, 36, 34),
        frozen=2,
        unprinted=1,
    )
    return written([sheet], is_made_up=page.outlook.loaded.is_made_up)


def area_workbook(outlook: Outlook, area: AreaOn) -> bytes:
    """Return every figure of an area, by pilot."""
    groups = by_pilot(outlook, rows_in(outlook, area))
    return written([_rows_sheet(outlook, area.name, groups)], is_made_up=outlook.loaded.is_made_up)


def compare_workbook(outlook: Outlook, page: Comparison) -> bytes:
    """Return two areas side by side."""
    first, second = page.first.name, page.second.name
    rows: list[Row] = [
        (
            group.title,
            pair.code,
            pair.name,
            _value(pair.first),
            _value(pair.second),
            Share(value=pair.difference) if pair.first.is_share else pair.difference,
            pair.first.figure.gap,
            pair.second.figure.gap,
            pair.counted,
            str(STANDINGS[pair.first.standing].words),
            str(STANDINGS[pair.second.standing].words),
            pair.first.figure.key,
            pair.second.figure.key,
        )
        for group in page.groups
        for pair in group.pairs
    ]
    sheet = Sheet(
        name=_("So sánh"),
        lines=(_("%(first)s và %(second)s") % {"first": first, "second": second}, *about(outlook)),
        head=(
            _("Nhóm"),
            _("Mã"),
            _("Chỉ tiêu"),
            first,
            second,
            _("Chênh lệch"),
            _("Còn thiếu: %(area)s") % {"area": first},
            _("Còn thiếu: %(area)s") % {"area": second},
            _("Đếm theo"),
            _("Trạng thái: %(area)s") % {"area": first},
            _("Trạng thái: %(area)s") % {"area": second},
            _("Mã số liệu: %(area)s") % {"area": first},
            _("Mã số liệu: %(area)s") % {"area": second},
        ),
        rows=rows,
        widths=(20, 7, 50, 13, 13, 11, 13, 13, 14, 16, 16, 34, 34),
        frozen=3,
        unprinted=2,
    )
    return written([sheet], is_made_up=outlook.loaded.is_made_up)


def units_workbook(outlook: Outlook, lines: Sequence[UnitLine]) -> bytes:
    """Return the list of units with their report of the period and how their indicators stand."""
    rows: list[Row] = [
        (
            line.row.name,
            str(TIMELINESS[line.row.timeliness].words),
            line.row.report.approval_number,
            line.row.report.approved_at.date() if line.row.report.approved_at else None,
            *(line.counts.get(key, 0) for key in _COUNTED),
            line.plan.number if line.plan else None,
            line.plan.issued_on if line.plan else None,
        )
        for line in lines
    ]
    sheet = Sheet(
        name=_("Đơn vị"),
        lines=(_("Đơn vị, kỳ %(period)s") % {"period": period_name(outlook.period)}, *about(outlook)),
        head=(
            _("Đơn vị"),
            _("Báo cáo tháng"),
            _("Số văn bản duyệt"),
            _("Ngày duyệt"),
            *(str(STANDINGS[key].words) for key in _COUNTED),
            _("Kế hoạch của đơn vị"),
            _("Ngày ban hành"),
        ),
        rows=rows,
        widths=(36, 14, 18, 12, *(11 for _key in _COUNTED), 20, 12),
        frozen=1,
    )
    return written([sheet], is_made_up=outlook.loaded.is_made_up)


_COUNTED = ("missed", "at_risk", "below", "on_track", "met", "no_data")


def unit_workbook(page: UnitPage) -> bytes:
    """Return a unit's figures by pilot, and its reports."""
    reports = Sheet(
        name=_("Báo cáo tháng"),
        lines=(page.name, *about(page.outlook)),
        head=(_("Kỳ"), _("Trạng thái"), _("Đúng hạn"), _("Số văn bản duyệt"), _("Ngày duyệt")),
        rows=[
            (
                period_name(line.report.period),
                str(REPORT_STATES[line.report.state].words),
                str(TIMELINESS[line.timeliness].words),
                line.report.approval_number,
                line.report.approved_at.date() if line.report.approved_at else None,
            )
            for line in page.reports
        ],
        widths=(10, 16, 14, 20, 12),
    )
    figures = _rows_sheet(page.scope, page.name, page.groups)
    return written([figures, reports], is_made_up=page.outlook.loaded.is_made_up)


def _rows_sheet(outlook: Outlook, title: str, groups: Sequence[PilotRows]) -> Sheet:
    return Sheet(
        name=_("Chỉ tiêu"),
        lines=(title, *about(outlook)),
        head=(_("Nhóm"), _("Mã"), _("Chỉ tiêu"), *figure_head(), *map_head(outlook)),
        rows=[
            (
                group.title,
                row.code,
                row.name,
                *figure_cells(row.figure, row.counted, row.standing),
                *map_cells(outlook, row.figure),
            )
            for group in groups
            for row in group.rows
        ],
        widths=(20, 7, 50, *FIGURE_WIDTHS, *(40 for _each in map_head(outlook))),
        frozen=3,
        unprinted=UNPRINTED + len(map_head(outlook)),
    )


def _value(row: IndicatorRow) -> Cell | Share:
    return Share(value=row.figure.value) if row.is_share else row.figure.value
