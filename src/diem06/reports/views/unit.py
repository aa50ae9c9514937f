"""The list of units and the page of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import UnitOn
from diem06.core.ui.tables import sort_of
from diem06.core.ui.words import TIMELINESS
from diem06.reports.screens.outlook import Outlook
from diem06.reports.screens.place_workbooks import unit_workbook, units_workbook
from diem06.reports.screens.unit import UNIT_SORTS, UnitLine, UnitsChoice, unit_page, units_listed
from diem06.reports.screens.unit_kinds import KIND_WORDS, kind_words
from diem06.reports.views.files import excel, issued
from diem06.reports.views.reading import reads_figures

ROWS_A_PAGE = 40


class Filter(forms.Form):
    """How the list is narrowed. It lives in the URL."""

    q = forms.CharField(label=gettext_lazy("Tìm đơn vị"), required=False, max_length=100)
    report = forms.ChoiceField(
        label=gettext_lazy("Báo cáo tháng"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *((code, mark.words) for code, mark in TIMELINESS.items())],
    )
    kind = forms.ChoiceField(label=gettext_lazy("Loại đơn vị"), required=False)
    period = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, outlook: Outlook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = {unit.kind for unit in outlook.units.values()}
        kinds = [*(kind for kind in KIND_WORDS if kind in there), *sorted(there - set(KIND_WORDS))]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("Tất cả")),
            *((kind, kind_words(kind)) for kind in kinds),
        ]


@access.rule(access.province_wide)
@reads_figures
def units(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """List the units that owe a report; filter, order and page live in the URL."""
    form, sort, lines = _listed(request, outlook)
    context = {
        "outlook": outlook,
        "form": form,
        "sort": sort,
        "page": Paginator(lines, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "total": len(lines),
        "is_filtered": any(request.GET.get(name) for name in ("q", "report", "kind")),
    }
    return render(request, "reports/units.html", context)


@access.rule(access.province_wide)
@reads_figures
def units_file(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """The list of units as it is narrowed and ordered, as an Excel file."""
    _form, _sort, lines = _listed(request, outlook)
    return excel(units_workbook(outlook, lines), f"don-vi-{outlook.period.code}.xlsx")


@access.rule(access.own_unit("unit"))
@reads_figures
def unit(request: AccessRequest, outlook: Outlook, unit: str) -> HttpResponse:
    """Show one unit: its figures, its reports, its plan, what is late."""
    return render(request, "reports/unit.html", {"outlook": outlook, "page": unit_page(outlook, _found(outlook, unit))})


@access.rule(access.own_unit("unit"))
@reads_figures
def unit_file(request: AccessRequest, outlook: Outlook, unit: str) -> HttpResponse:
    """The figures and reports of one unit as an Excel file, each figure with its key."""
    found = _found(outlook, unit)
    page = unit_page(issued(request, outlook), found)
    return excel(unit_workbook(page), f"don-vi-{found.key}-{outlook.period.code}.xlsx")


def _listed(request: AccessRequest, outlook: Outlook) -> tuple[Filter, str, list[UnitLine]]:
    form = Filter(outlook, {"period": outlook.period.code, **request.GET.dict()})
    wanted = form.cleaned_data if form.is_valid() else {}
    sort = sort_of(request.GET, UNIT_SORTS, "report")
    choice = UnitsChoice(
        words=wanted.get("q", ""), report=wanted.get("report", ""), kind=wanted.get("kind", ""), sort=sort
    )
    return form, sort, units_listed(outlook, choice)


def _found(outlook: Outlook, code: str) -> UnitOn:
    found = outlook.units.get(code)
    if found is None:
        raise Http404(_("Kỳ này không có đơn vị %(code)s.") % {"code": code})
    return found
