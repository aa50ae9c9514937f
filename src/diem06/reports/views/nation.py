"""«Số liệu các tỉnh»: the list, one packet, one figure of a packet."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.ui.tables import sort_of
from diem06.cube.models import Packet
from diem06.cube.packets import national, queries
from diem06.cube.packets.months import months_of
from diem06.reports.screens.nation import (
    NAME,
    PLACE_SORTS,
    PLAN,
    Nation,
    NationLine,
    column_of,
    figure_page,
    nation_of,
    nation_workbook,
    period_words,
    places_sorted,
    window_figure_page,
)
from diem06.reports.views.files import excel

OPTION_LENGTH = 34
"""Characters of an option: a longer one makes the list wider than a telephone."""


class NationFilter(forms.Form):
    """Which month or longer window, and one indicator or all; it lives in the URL."""

    period = forms.ChoiceField(label=gettext_lazy("Kỳ"), required=False)
    indicator = forms.ChoiceField(label=gettext_lazy("Chỉ tiêu"), required=False)


@access.rule(access.province_wide)
@require_safe
def nation(request: AccessRequest) -> HttpResponse:
    """List the packets of a month or a longer window, and the indicators of all provinces beside the country's."""
    periods = national.windows()
    if not periods:
        return render(request, "reports/nation/empty.html")
    seen, form, chosen = _seen(request, periods)
    columns = [column_of(place) for place in seen.places]
    sort = sort_of(request.GET, PLACE_SORTS, NAME) if chosen else sort_of(request.GET, (PLAN, *columns), PLAN)
    context = {
        "nation": seen,
        "period": period_words(seen.period),
        "form": form,
        "sort": sort,
        "chosen": chosen,
        "figures": places_sorted(chosen, sort) if chosen else [],
        "lines": [] if chosen else seen.sorted_by(sort),
        "columns": list(zip(columns, seen.places, strict=True)),
        "total": len(seen.places) if chosen else len(seen.lines),
    }
    return render(request, "reports/nation/nation.html", context)


@access.rule(access.province_wide)
@require_safe
def workbook(request: AccessRequest) -> HttpResponse:
    """The indicators of a month or a longer window as they are narrowed, as an Excel file."""
    periods = national.windows()
    if not periods:
        raise Http404(_("Chưa nạp gói số liệu nào."))
    seen, _form, chosen = _seen(request, periods)
    return excel(nation_workbook(seen, [chosen] if chosen else seen.lines), f"so-lieu-cac-tinh-{seen.period}.xlsx")


@access.rule(access.province_wide)
@require_safe
def packet(request: AccessRequest, period: str, province: str) -> HttpResponse:
    """Show a packet: what it holds, by whom it is signed, what was checked, and what it replaced."""
    row = _packet(period, province)
    earlier = []
    before = row.replaces
    while before is not None:
        earlier.append(before)
        before = before.replaces
    context = {"packet": row, "period": period_words(row.period), "earlier": earlier, "checks": _checks(row)}
    return render(request, "reports/nation/packet.html", context)


@access.rule(access.province_wide)
@require_safe
def figure(request: AccessRequest, period: str, province: str, code: str) -> HttpResponse:
    """
    Show a figure of a packet with the sums behind it: the province's, or that of `?area=` or `?unit=`. Of several months, those that
    make it.
    """
    if len(months_of(period)) > 1:
        return _of_months(request, period, province, code)
    row = _packet(period, province)
    unit = request.GET.get("unit", "")
    area = "" if unit else request.GET.get("area", "") or row.province
    page = figure_page(row, code, area=area, unit=unit, page=request.GET.get("page"))
    if page is None:
        raise Http404(_("Gói số liệu không có con số này."))
    context = {
        "page": page,
        "period": period_words(row.period),
        "is_of_province": page.figure.area == row.province,
    }
    return render(request, "reports/nation/figure.html", context)


def _of_months(request: AccessRequest, period: str, province: str, code: str) -> HttpResponse:
    page = window_figure_page(period, province, code)
    if page is None:
        raise Http404(_("Không có con số này."))
    months = [(period_words(packet.period), packet, shown) for packet, shown in page.months]
    context = {"page": page, "period": period_words(period), "months": months}
    return render(request, "reports/nation/window_figure.html", context)


def _packet(period: str, province: str) -> Packet:
    row = queries.packet(province, period)
    if row is None:
        raise Http404(_("Chưa nạp gói số liệu này."))
    return row


def _seen(request: AccessRequest, periods: Sequence[str]) -> tuple[Nation, NationFilter, NationLine | None]:
    wanted = request.GET.get("period", "") or periods[0]
    seen = nation_of(wanted)
    if seen is None:
        raise Http404(_("Chưa nạp gói số liệu nào của kỳ này."))
    data = request.GET.copy()
    data["period"] = wanted
    form = NationFilter(data)
    every = [("", gettext_lazy("Tất cả"))]
    form.fields["period"].choices = [(code, period_words(code)) for code in periods]  # type: ignore[attr-defined]  # a ChoiceField
    form.fields["indicator"].choices = every + [  # type: ignore[attr-defined]
        (line.line.code, Truncator(f"{line.line.code} · {line.reading or line.name}").chars(OPTION_LENGTH))
        for line in seen.lines
    ]
    chosen = seen.line(request.GET.get("indicator", ""))
    return seen, form, chosen


_CHECKS = {
    "form": gettext_lazy("Đúng dạng gói, trong giới hạn"),
    "members": gettext_lazy("Từng tệp bên trong còn nguyên"),
    "signature": gettext_lazy("Chữ ký khớp"),
    "seal": gettext_lazy("Niêm phong và các con số đã chốt khớp"),
    "content": gettext_lazy("Địa bàn, đơn vị, số đo có đủ trong gói"),
    "personal data": gettext_lazy("Không có dữ liệu cá nhân"),
    "figures": gettext_lazy("Tính lại từ số liệu gốc ra đúng các con số"),
    "key": gettext_lazy("Khóa ký là khóa đã tin cậy của tỉnh"),
    "definitions": gettext_lazy("Cùng cách tính với các tỉnh khác"),
    "period": gettext_lazy("Đúng kỳ, không trùng địa bàn"),
}


def _checks(row: Packet) -> list[tuple[str, str]]:
    return [(str(_CHECKS.get(name, name)), counted) for name, counted in row.checks]
