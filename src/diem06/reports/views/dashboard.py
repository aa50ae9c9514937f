"""The dashboard of the province, or of one's own unit."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.ui.charts import Part, StackedBar, stacked_bar
from diem06.core.ui.shell import Tab
from diem06.reports.screens.dashboard import Dashboard
from diem06.reports.screens.dashboard import dashboard as screen_of
from diem06.reports.screens.outlook import Outlook
from diem06.reports.screens.workbooks import indicators_workbook
from diem06.reports.views.files import excel, issued
from diem06.reports.views.reading import reads_figures

TARGET, UNDECIDED, NO_TARGET = "target", "undecided", "no-target"
TABS = (TARGET, UNDECIDED, NO_TARGET)


@access.rule(access.with_role)
@reads_figures
def dashboard(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Show how the period stands. `?tab=` chooses the table, `?area_indicator=` what is shown by district."""
    try:
        screen = screen_of(outlook, area_indicator=request.GET.get("area_indicator", ""))
    except LookupError as unknown:
        raise Http404(_("Chỉ tiêu này không có số liệu theo huyện.")) from unknown
    tab = request.GET.get("tab", TARGET)
    if tab not in TABS:
        raise Http404(_("Không có bảng này."))
    context = {
        "screen": screen,
        "outlook": outlook,
        "tab": tab,
        "tabs": _tabs(request, screen, tab),
        "as_tiles": request.GET.get("map") == "tiles",
        "reports": _reports(screen),
        "standings": _standings(request, screen),
    }
    return render(request, "reports/dashboard.html", context)


@access.rule(access.with_role)
@reads_figures
def workbook(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """The tables of the dashboard as an Excel file, each figure with its key."""
    return excel(indicators_workbook(issued(request, outlook)), f"chi-tieu-{outlook.period.code}.xlsx")


def _tabs(request: AccessRequest, screen: Dashboard, current: str) -> list[Tab]:
    counts = {TARGET: screen.with_target, UNDECIDED: len(screen.undecided), NO_TARGET: len(screen.without_target)}
    words = {TARGET: _("Có mục tiêu"), UNDECIDED: _("Chưa chọn cách hiểu"), NO_TARGET: _("Không có mục tiêu")}
    return [
        Tab(title=words[tab], url=_with(request, tab=tab), current=tab == current, count=counts[tab]) for tab in TABS
    ]


def _reports(screen: Dashboard) -> StackedBar:
    counts = screen.by_timeliness
    title = ngettext("Báo cáo tháng của %(count)s đơn vị", "Báo cáo tháng của %(count)s đơn vị", len(screen.units))
    keys = [key for key in ("missing", "not_due", "late", "in_time") if key != "not_due" or counts[key]]
    if counts["not_due"]:
        keys.remove("missing")
    parts = [Part(key=key, count=counts[key], url="#units") for key in keys]
    return stacked_bar(parts, title=title % {"count": len(screen.units)})


def _standings(request: AccessRequest, screen: Dashboard) -> StackedBar:
    counts = screen.by_standing
    whole = screen.with_target + len(screen.undecided)
    target = _with(request, tab=TARGET)
    keys = [
        key for key in ("missed", "at_risk", "below", "on_track", "met", "no_data", "not_applicable") if counts.get(key)
    ]
    parts = [Part(key=key, count=counts[key], url=f"{target}#g-{key}") for key in keys]
    if screen.undecided:
        parts.append(
            Part(key="undecided", count=len(screen.undecided), url=f"{_with(request, tab=UNDECIDED)}#indicators")
        )
    parts.append(
        Part(
            key="no_target",
            count=len(screen.without_target),
            url=f"{_with(request, tab=NO_TARGET)}#indicators",
            words=_("Theo dõi, không có mục tiêu"),
            apart=True,
        )
    )
    title = ngettext(
        "%(count)s chỉ tiêu có mục tiêu trong Kế hoạch", "%(count)s chỉ tiêu có mục tiêu trong Kế hoạch", whole
    )
    return stacked_bar(parts, title=title % {"count": whole})


def _with(request: AccessRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"{reverse('dashboard')}?{query.urlencode()}"
