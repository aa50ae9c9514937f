"""The list of indicators and the page of one."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.ui.tables import sort_of
from diem06.core.ui.words import STANDINGS
from diem06.plan.model import Indicator, Level
from diem06.reports.screens.indicator import (
    SORTS,
    Choice,
    clause_title,
    indicator_of,
    indicator_page,
    listed,
    pilots_by_code,
)
from diem06.reports.screens.outlook import Outlook, is_english
from diem06.reports.screens.workbooks import indicator_workbook
from diem06.reports.views.files import excel, issued
from diem06.reports.views.maps import on_map
from diem06.reports.views.reading import reads_figures

ROWS_A_PAGE = 25


class Filter(forms.Form):
    """How the list is narrowed. It lives in the URL."""

    q = forms.CharField(label=gettext_lazy("Tìm theo tên hoặc mã"), required=False, max_length=100)
    pilot = forms.ChoiceField(label=gettext_lazy("Mô hình"), required=False)
    standing = forms.ChoiceField(label=gettext_lazy("Trạng thái"), required=False)
    period = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, outlook: Outlook, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        used = set(pilots_by_code(outlook).values())
        self.fields["pilot"].choices = [  # type: ignore[attr-defined]
            ("", _("Tất cả")),
            *(
                (pilot.code, f"{pilot.code} · {pilot.short_title_en if is_english() else pilot.short_title}")
                for pilot in outlook.plan.pilots
                if pilot.code in used
            ),
        ]
        self.fields["standing"].choices = [  # type: ignore[attr-defined]
            ("", _("Tất cả")),
            *((code, mark.words) for code, mark in STANDINGS.items()),
        ]


@access.rule(access.with_role)
@reads_figures
def indicators(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """List the indicators; filter, order and page live in the URL."""
    form = Filter(outlook, request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    sort = sort_of(request.GET, SORTS, "code")
    choice = Choice(
        words=wanted.get("q", ""), pilot=wanted.get("pilot", ""), standing=wanted.get("standing", ""), sort=sort
    )
    rows = listed(outlook, choice)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "outlook": outlook,
        "form": form,
        "page": page,
        "sort": sort,
        "total": len(rows),
        "is_filtered": any((choice.words, choice.pilot, choice.standing)),
    }
    return render(request, "reports/indicators.html", context)


@access.rule(access.with_role)
@reads_figures
def indicator(request: AccessRequest, outlook: Outlook, code: str) -> HttpResponse:
    """
    Show one indicator, or each reading of one that is not decided. `?area=213` adds the communes of a district, `?level=commune`
    draws communes on the map, `?map=tiles` squares; `?map_day=2025-07-01` lays all on the map of another day.
    """
    found = _found(outlook, code)
    outlook = on_map(request, outlook)
    level = {"district": Level.DISTRICT, "commune": Level.COMMUNE}.get(request.GET.get("level", ""))
    try:
        page = indicator_page(outlook, found, area=request.GET.get("area", ""), level=level)
    except LookupError as unknown:
        raise Http404(_("Không có huyện này trong kỳ.")) from unknown
    context = {
        "page": page,
        "outlook": outlook,
        "clause_title": clause_title(page),
        "as_tiles": request.GET.get("map") == "tiles",
    }
    return render(request, "reports/indicator.html", context)


@access.rule(access.with_role)
@reads_figures
def workbook(request: AccessRequest, outlook: Outlook, code: str) -> HttpResponse:
    """All tables of an indicator's page as an Excel file, each figure with its key."""
    found = _found(outlook, code)
    outlook = on_map(request, issued(request, outlook, also=outlook.until))
    return excel(indicator_workbook(outlook, found), f"{found.code}-{outlook.period.code}.xlsx")


def _found(outlook: Outlook, code: str) -> Indicator:
    try:
        found = indicator_of(outlook, code)
    except LookupError as unknown:
        raise Http404(_("Kế hoạch không có chỉ tiêu %(code)s.") % {"code": code}) from unknown
    if not outlook.sees(found):
        raise PermissionDenied(_("Chỉ tiêu này không thuộc đơn vị bạn."))
    return found
