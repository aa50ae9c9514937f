"""The map of another day under the pages of areas, and the page of a figure on it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import NoPlanError
from diem06.reports.screens.maps import PARAMETER, MapFigurePage, MapUnknown, map_figure_page, outlook_on
from diem06.reports.screens.outlook import Outlook, PeriodUnknown, outlook
from diem06.reports.screens.place_workbooks import map_figure_workbook
from diem06.reports.views.files import excel, issued


def on_map(request: AccessRequest, seen: Outlook) -> Outlook:
    """Return what is seen on the map of `?map_day=`. A day without a map of the plan's area is 404."""
    return _on_map(seen, request.GET.get(PARAMETER, ""))


@access.rule(access.with_role)
def map_figure(request: AccessRequest, map_day: str, period: str, code: str, area: str) -> HttpResponse:
    """
    Show what a figure on another day's map is made of: areas of its own map, each with its share and its own figure.

    Whoever is bound to a unit sees areas that lie in the unit's own area alone.
    """
    seen = _seen(request, map_day, period, area)
    return render(request, "reports/map_figure.html", {"outlook": seen, "page": _page(seen, code, area)})


@access.rule(access.with_role)
def map_figure_file(request: AccessRequest, map_day: str, period: str, code: str, area: str) -> HttpResponse:
    """The same table as an Excel file, each part with the key of its own figure."""
    seen = _seen(request, map_day, period, area)
    seen = _on_map(issued(request, _outlook(request, period)), str(seen.map_day))
    return excel(map_figure_workbook(_page(seen, code, area)), f"ban-do-{map_day}-{code}-{area}-{period}.xlsx")


def _outlook(request: AccessRequest, period: str) -> Outlook:
    try:
        return outlook(request.subject, period=period, at=request.now)
    except (NoPlanError, PeriodUnknown) as unknown:
        raise Http404(_("Không có số liệu này.")) from unknown


def _seen(request: AccessRequest, map_day: str, period: str, area: str) -> Outlook:
    """Return the outlook on the map, for an area that the person may see there."""
    seen = _on_map(_outlook(request, period), map_day)
    if seen.map_day is None or area not in seen.tree:
        raise Http404(_("Không có số liệu này."))
    if not seen.sees_area(area):
        raise PermissionDenied(_("Bạn chỉ xem được số liệu của đơn vị và địa bàn mình."))
    return seen


def _on_map(seen: Outlook, wanted: str) -> Outlook:
    try:
        return outlook_on(seen, wanted)
    except MapUnknown as unknown:
        raise Http404(_("Không có bản đồ của ngày %(day)s.") % {"day": wanted}) from unknown


def _page(seen: Outlook, code: str, area: str) -> MapFigurePage:
    try:
        return map_figure_page(seen, code, area)
    except LookupError as unknown:
        raise Http404(_("Không có số liệu này.")) from unknown
