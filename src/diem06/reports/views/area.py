"""The list of areas, the page of one, and two side by side."""

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
from diem06.core.areas.queries import AreaOn, first_days_of
from diem06.core.ui.tables import sort_of
from diem06.reports.screens.area import (
    AREA_SORTS,
    AreasChoice,
    AreasPage,
    area_choices,
    area_page,
    areas_note,
    areas_page,
    comparison,
    indicator_choices,
)
from diem06.reports.screens.maps import MovedPage, map_states, moved_page
from diem06.reports.screens.outlook import Outlook
from diem06.reports.screens.place_workbooks import area_workbook, areas_workbook, compare_workbook
from diem06.reports.views.files import excel, issued
from diem06.reports.views.maps import on_map
from diem06.reports.views.reading import reads_figures

ROWS_A_PAGE = 25


class Filter(forms.Form):
    """What the list of areas shows. It lives in the URL."""

    indicator = forms.ChoiceField(label=gettext_lazy("Chỉ tiêu"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("Cấp"),
        required=False,
        choices=[
            ("", gettext_lazy("Rộng nhất")),
            ("district", gettext_lazy("Huyện, thành phố")),
            ("commune", gettext_lazy("Xã, phường, thị trấn")),
        ],
    )
    q = forms.CharField(label=gettext_lazy("Tìm địa bàn"), required=False, max_length=100)
    period = forms.CharField(required=False, widget=forms.HiddenInput)
    map = forms.CharField(required=False, widget=forms.HiddenInput)
    map_day = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, outlook: Outlook, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["indicator"].choices = indicator_choices(outlook)  # type: ignore[attr-defined]


class PairForm(forms.Form):
    """The two areas to put side by side. They live in the URL."""

    a = forms.ChoiceField(label=gettext_lazy("Địa bàn thứ nhất"))
    b = forms.ChoiceField(label=gettext_lazy("Địa bàn thứ hai"))
    period = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, outlook: Outlook, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [("", _("Chọn địa bàn")), *area_choices(outlook)]
        for name in ("a", "b"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, str]:
        """Two areas are two."""
        data: dict[str, str] = super().clean() or {}
        if data.get("a") and data.get("a") == data.get("b"):
            self.add_error("b", _("Chọn hai địa bàn khác nhau."))
        return data


@access.rule(access.province_wide)
@reads_figures
def areas(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """
    Show one indicator in every area: map and list. Indicator, level, filter, order and page live in the URL, and so does the day of
    the map.
    """
    outlook = on_map(request, outlook)
    sort = sort_of(request.GET, AREA_SORTS, "-gap")
    form, page = _areas(request, outlook, sort)
    context: dict[str, object] = {
        "outlook": outlook,
        "form": form,
        "page": page,
        "sort": sort,
        "maps": map_states(outlook),
        "note": areas_note(outlook, page),
    }
    if page is not None:
        context |= {
            "rows": Paginator(page.listed, ROWS_A_PAGE).get_page(request.GET.get("page")),
            "total": len(page.listed),
            "is_filtered": bool(request.GET.get("q")),
            "as_tiles": request.GET.get("map") == "tiles",
        }
    return render(request, "reports/areas.html", context)


@access.rule(access.province_wide)
@reads_figures
def areas_file(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """The list of areas as it is narrowed and ordered, as an Excel file."""
    outlook = on_map(request, issued(request, outlook))
    _form, page = _areas(request, outlook, sort_of(request.GET, AREA_SORTS, "-gap"))
    if page is None:
        raise Http404(_("Không có chỉ tiêu nào có số liệu theo địa bàn."))
    return excel(areas_workbook(outlook, page), f"dia-ban-{page.row.code}-{outlook.period.code}.xlsx")


@access.rule(access.with_role)
@reads_figures
def area(request: AccessRequest, outlook: Outlook, code: str) -> HttpResponse:
    """
    Show one area: every indicator that has figures there. `?indicator=` chooses what its map shows, `?map_day=` the map of another
    day; an area that this map does not have leads to those that hold it.
    """
    outlook = on_map(request, outlook)
    if (moved := _moved(outlook, code)) is not None:
        return render(
            request, "reports/area_moved.html", {"outlook": outlook, "page": moved, "maps": map_states(outlook)}
        )
    found = _seen(outlook, code)
    try:
        page = area_page(outlook, found, indicator=request.GET.get("indicator", ""))
    except LookupError as unknown:
        raise Http404(_("Kế hoạch không có chỉ tiêu này.")) from unknown
    return render(request, "reports/area.html", {"outlook": outlook, "page": page})


@access.rule(access.with_role)
@reads_figures
def area_file(request: AccessRequest, outlook: Outlook, code: str) -> HttpResponse:
    """The figures of one area as an Excel file, each with its key."""
    _seen(on_map(request, outlook), code)
    outlook = on_map(request, issued(request, outlook))
    return excel(area_workbook(outlook, _seen(outlook, code)), f"dia-ban-{code}-{outlook.period.code}.xlsx")


@access.rule(access.province_wide)
@reads_figures
def compare(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Show two areas side by side: `?a=` and `?b=`; without them a form to choose."""
    is_asked = "a" in request.GET or "b" in request.GET
    form = PairForm(outlook, request.GET if is_asked else None, initial={"period": outlook.period.code})
    context: dict[str, object] = {"outlook": outlook, "form": form}
    if is_asked and form.is_valid():
        tree = outlook.tree
        context["page"] = comparison(outlook, tree.get(form.cleaned_data["a"]), tree.get(form.cleaned_data["b"]))
    return render(request, "reports/areas_compare.html", context, status=422 if form.errors else 200)


@access.rule(access.province_wide)
@reads_figures
def compare_file(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Two areas side by side as an Excel file."""
    form = PairForm(outlook, request.GET)
    if not form.is_valid():
        raise Http404(_("Chọn hai địa bàn khác nhau."))
    first, second = form.cleaned_data["a"], form.cleaned_data["b"]
    outlook = issued(request, outlook)
    page = comparison(outlook, outlook.tree.get(first), outlook.tree.get(second))
    return excel(compare_workbook(outlook, page), f"so-sanh-{first}-{second}-{outlook.period.code}.xlsx")


def _areas(request: AccessRequest, outlook: Outlook, sort: str) -> tuple[Filter, AreasPage | None]:
    form = Filter(outlook, {"period": outlook.period.code, **request.GET.dict()})
    choice = AreasChoice(
        indicator=request.GET.get("indicator", ""),
        level=request.GET.get("level", ""),
        words=request.GET.get("q", ""),
        sort=sort,
    )
    try:
        page = areas_page(outlook, choice)
    except LookupError as unknown:
        raise Http404(_("Chỉ tiêu này không có số liệu theo địa bàn.")) from unknown
    if page is not None and not choice.indicator:
        form = Filter(outlook, {"period": outlook.period.code, **request.GET.dict(), "indicator": page.row.code})
    return form, page


def _moved(outlook: Outlook, code: str) -> MovedPage | None:
    """Return what became of an area that this map does not have, as far as the person may see it; None where it has it."""
    if code in outlook.tree or outlook.map_day is None:
        return None
    page = moved_page(outlook, code, first_days_of(code))
    if page is not None and not page.heirs:
        raise PermissionDenied(_("Bạn chỉ xem được số liệu của đơn vị và địa bàn mình."))
    return page


def _seen(outlook: Outlook, code: str) -> AreaOn:
    """Return an area inside the plan's that the person may see. Another one is 403 or, where there is none, 404."""
    root = outlook.plan.area
    is_inside = code in outlook.tree and (
        code == root or any(above.code == root for above in outlook.tree.ancestors(code))
    )
    if not is_inside:
        raise Http404(_("Kỳ này không có địa bàn %(code)s.") % {"code": code})
    if not outlook.sees_area(code):
        raise PermissionDenied(_("Bạn chỉ xem được số liệu của đơn vị và địa bàn mình."))
    return outlook.tree.get(code)
