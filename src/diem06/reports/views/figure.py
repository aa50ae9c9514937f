"""The page of one figure: where it comes from. And its facts as an Excel file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.ui import numbers
from diem06.core.ui.tables import sort_of
from diem06.cube.behind import SORTS, Behind
from diem06.cube.closing.record import revision_of_record
from diem06.cube.figures import Board, Figure
from diem06.cube.keys import FigureKeyError
from diem06.reports.screens.figure import EXPORTED_AT_MOST, FactChoice, FigurePage, Options, figure_page, sides_of
from diem06.reports.screens.figure_workbook import figure_workbook
from diem06.reports.screens.outlook import is_in_own_area
from diem06.reports.views.files import excel

_UNKNOWN = "-"  # the unit of facts that name none
SAID = "said"


class Filter(forms.Form):
    """How the list of facts is narrowed. It lives in the URL; what would leave no choice is left out."""

    q = forms.CharField(label=gettext_lazy("Tìm trong số liệu"), required=False, max_length=100)
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Địa bàn"), required=False)
    side = forms.ChoiceField(label=gettext_lazy("Phần"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Nguồn"), required=False)
    show = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, options: Options, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = [(unit or _UNKNOWN, words) for unit, words in options.units]
        for name, choices in (
            ("unit", units),
            ("area", options.areas),
            ("side", options.sides),
            ("source", options.sources),
        ):
            if len(choices) < 2 and not self.data.get(name):
                del self.fields[name]
            else:
                self.fields[name].choices = [("", _("Tất cả")), *choices]  # type: ignore[attr-defined]


@access.rule(access.with_role)
def figure(request: AccessRequest, key: str) -> HttpResponse:
    """
    Explain a figure by its key. Who is bound to a unit sees the figures of that unit and of its own area alone.

    `?show=said` lists all that the sources say which stand beside it; filter, order and page live in the URL.
    """
    loaded, behind = _seen(request, key)
    with behind:
        page = _page(loaded, behind, request)
        form = Filter(page.options, request.GET)
        context = {
            "page": page,
            "form": form,
            "sort": page.choice.sort,
            "clear": f"{request.path}?show={SAID}" if page.choice.is_said else request.path,
            "exported_at_most": EXPORTED_AT_MOST,
        }
        return render(request, "reports/figure.html", context)


@access.rule(access.with_role)
def figure_file(request: AccessRequest, key: str) -> HttpResponse:
    """The facts behind a figure as an Excel file: those of the page, under its filters, in its order."""
    loaded, behind = _seen(request, key)
    if behind.is_current:  # a key that leaves in a file is found again
        revision_of_record(loaded=loaded, window=behind.board.window, at=request.now)
        behind = Behind(loaded, key)
    with behind:
        page = _page(loaded, behind, request)
        if not page.may_export:
            most = numbers.number(EXPORTED_AT_MOST)
            messages.error(request, _("Tệp Excel có nhiều nhất %(most)s dòng. Lọc bớt rồi tải.") % {"most": most})
            return HttpResponseRedirect(f"{reverse('figure', args=[key])}?{request.GET.urlencode()}#facts")
        content = figure_workbook(loaded, behind, page, request.subject)
    return excel(content, f"{key.replace(':', '_')}.xlsx")


def _seen(request: AccessRequest, key: str) -> tuple[Loaded, Behind]:
    """Return the figure of a key, its facts not yet read. Raises Http404 and PermissionDenied."""
    try:
        loaded = loaded_plan()
        behind = Behind(loaded, key)
    except (FigureKeyError, NoPlanError) as unknown:
        raise Http404(_("Không có số liệu này.")) from unknown
    access.check(
        request.subject.is_province_wide or is_own(behind.figure, behind.board, request.subject.units),
        _("Bạn chỉ xem được số liệu của đơn vị và địa bàn mình."),
    )
    return loaded, behind


def _page(loaded: Loaded, behind: Behind, request: AccessRequest) -> FigurePage:
    choice = choice_of(request.GET, behind)
    return figure_page(loaded, behind, request.subject, choice=choice, page=request.GET.get("page"))


def choice_of(query: QueryDict, behind: Behind) -> FactChoice:
    """Read the choice out of the URL; what names nothing that there is, is not asked for."""
    unit, area = query.get("unit", ""), query.get("area", "")
    side = query.get("side", "")
    return FactChoice(
        words=query.get("q", "").strip()[:100],
        unit=None if not unit else "" if unit == _UNKNOWN else unit,
        area=area if area in behind.board.tree else "",
        side=side if side in sides_of(behind) else "",
        source=query.get("source", ""),
        sort=sort_of(query, SORTS, "unit"),
        is_said=query.get("show") == SAID and bool(behind.figure.sources_beside),
    )


def is_own(figure: Figure, board: Board, units: frozenset[str]) -> bool:
    """Is it a figure of one of these units, or of the area of one?"""
    if figure.unit is not None:
        return figure.unit in units
    return figure.area is not None and is_in_own_area(
        figure.area.code, units=units, known=board.units, tree=board.tree, plan=board.plan
    )
