"""The pages of forms from elsewhere: kept, tied to figures cell by cell or in blocks, filled for a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from diem06.core import access
from diem06.core.access import Predicate, Subject
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.queries import content_of, download
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, NoPlanError, last_due_period, loaded_plan, periods
from diem06.core.plans.queries import period as period_of
from diem06.core.sheets.reading import WorkbookError, check_size
from diem06.core.ui.shell import Tab
from diem06.reports.ad_hoc import actions, workbook
from diem06.reports.ad_hoc.areas import recognise
from diem06.reports.ad_hoc.figures import answers
from diem06.reports.ad_hoc.forms import KeepForm, ListFilter, TieForm
from diem06.reports.ad_hoc.queries import PROVINCE, PROVINCE_ROLES, UNIT_ROLES, forms_of, owners_of
from diem06.reports.ad_hoc.specs import (
    Catalogue,
    Scale,
    Spec,
    SpecError,
    decoded,
    part_choices,
    spec_of,
    window_choices,
)
from diem06.reports.ad_hoc.suggest import areas_of_columns, areas_of_rows, suggestions
from diem06.reports.ad_hoc.workbook import CellError, Grid, GridCell, cells_in
from diem06.reports.models import AdHocCell, AdHocFill, AdHocForm

PER_PAGE = 25
MOST_SUGGESTED = 400


def works_with_forms(subject: Subject, **url: object) -> bool:  # noqa: ARG001  the signature of every rule
    """Whoever keeps forms: of the province or of a unit."""
    return bool(owners_of(subject))


def of_owner(kwarg: str) -> Predicate:
    """Working with the forms of the owner that the URL names: the province's offices, or the people of the very unit."""

    def predicate(subject: Subject, **url: object) -> bool:
        if url[kwarg] == PROVINCE:
            return subject.has(*PROVINCE_ROLES)
        return url[kwarg] in subject.units_as(*UNIT_ROLES)

    predicate.__name__ = f"of_owner({kwarg})"
    return predicate


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A form that a URL names, with the day on which it is looked at."""

    owner: str
    form: AdHocForm
    loaded: Loaded
    on: date

    @property
    def tree(self) -> AreaTree:
        return areas_on(self.on)

    @property
    def units(self) -> Mapping[str, UnitOn]:
        return units_on(self.on)

    def url(self, name: str = "ad-hoc-form", **query: str) -> str:
        asked = f"?{urlencode(query)}" if query else ""
        return reverse(name, args=(self.owner, self.form.pk)) + asked


def _loaded() -> Loaded:
    try:
        return loaded_plan()
    except NoPlanError as fault:
        raise Http404(str(fault)) from fault


def _open(request: AccessRequest, owner: str, form: int) -> Opened:
    """Return the form of an owner. Raises Http404: a form of another owner is none."""
    loaded = _loaded()
    found = (
        AdHocForm.objects.select_related("file")
        .filter(pk=form, plan_id=loaded.plan.id, unit="" if owner == PROVINCE else owner)
        .first()
    )
    if found is None:
        raise Http404(_("Không có biểu này."))
    period = last_due_period(loaded.plan, at=request.now)
    return Opened(owner=owner, form=found, loaded=loaded, on=period.last_day if period else request.now.date())


# -- the list --------------------------------------------------------------------------------------------------------
@require_safe
@access.rule(works_with_forms)
def home(request: AccessRequest) -> HttpResponse:
    """Go to the forms that this person works with first."""
    return redirect("ad-hoc-list", owners_of(request.subject)[0])


@require_safe
@access.rule(of_owner("owner"))
def forms_list(request: AccessRequest, owner: str) -> HttpResponse:
    """List the forms of an owner."""
    loaded = _loaded()
    wanted = ListFilter(request.GET)
    wanted.is_valid()
    found = forms_of(
        owner, loaded.plan.id, state=wanted.cleaned_data.get("state", ""), text=wanted.cleaned_data.get("text", "")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "owner": owner,
        "owner_words": owner_words(owner, request.now.date()),
        "tabs": _owner_tabs(request, owner),
        "filter": wanted,
        "is_filtered": bool(request.GET.get("text") or request.GET.get("state")),
        "page": page,
    }
    return render(request, "reports/ad_hoc/list.html", context)


def owner_words(owner: str, on: date) -> str:
    """Return whose forms they are, in words."""
    if owner == PROVINCE:
        return _("Biểu của tỉnh")
    unit = units_on(on).get(owner)
    return unit.short if unit else owner


def _owner_tabs(request: AccessRequest, owner: str) -> list[Tab]:
    owners = owners_of(request.subject)
    return [
        Tab(
            title=owner_words(each, request.now.date()), url=reverse("ad-hoc-list", args=(each,)), current=each == owner
        )
        for each in owners
        if len(owners) > 1
    ]


@access.rule(of_owner("owner"))
def keep(request: AccessRequest, owner: str) -> HttpResponse:
    """Keep a blank form."""
    loaded = _loaded()
    form = KeepForm(request.POST or None, request.FILES or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                check_size(file.size or 0)
                kept = actions.keep_form(
                    plan_id=loaded.plan.id,
                    title=form.cleaned_data["title"],
                    asked_by=form.cleaned_data["asked_by"],
                    content=file.read(),
                    name=file.name,
                    unit="" if owner == PROVINCE else owner,
                    at=request.now,
                    by=request.subject.user_id,
                )
            except (WorkbookError, FileError) as fault:
                form.add_error("file", str(fault))
            except actions.AdHocError as fault:
                form.add_error(None, str(fault))
            else:
                messages.success(request, _("Đã giữ biểu. Gắn từng ô hoặc cả khối với số liệu."))
                return redirect("ad-hoc-form", owner, kept.pk)
    context = {"owner": owner, "owner_words": owner_words(owner, request.now.date()), "form": form}
    return render(request, "reports/ad_hoc/keep.html", context, status=status)


# -- tying cells -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """A place of the grid with what it is tied to."""

    cell: GridCell
    tied: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a list to confirm: a cell and what it would be tied to; `why` says why it cannot be."""

    coordinate: str
    head: str
    what: str
    part: str
    area: str
    window: str
    value: str
    why: str = ""
    is_tied: bool = False


@access.rule(of_owner("owner"))
def form_page(request: AccessRequest, owner: str, form: int) -> HttpResponse:
    """Show a form as a grid; take a block to look at before it is tied, and what was confirmed."""
    opened = _open(request, owner, form)
    content = workbook.open_form(content_of(opened.form.file))
    sheet = request.POST.get("sheet") or request.GET.get("sheet") or content.grids[0].name
    grid = content.grid(sheet)
    if grid is None:
        raise Http404(_("Biểu không có trang «%(sheet)s».") % {"sheet": sheet[:60]})
    catalogue = Catalogue(opened.loaded.plan, opened.on)
    if request.method != "POST":
        return _form_page(request, opened, content, grid, catalogue)
    match request.POST.get("do"):
        case "look":
            return _look(request, opened, content, grid, catalogue)
        case "tie":
            return _tie(request, opened, content, grid, catalogue)
        case "untie":
            return _untie(request, opened, content, grid, catalogue)
    return _form_page(request, opened, content, grid, catalogue, fault=_("Chọn lại việc cần làm."))


def _look(
    request: AccessRequest, opened: Opened, content: workbook.Form, grid: Grid, catalogue: Catalogue
) -> HttpResponse:
    """Show what a block would be tied to, before it is."""
    form = _tie_form(opened, catalogue, data=request.POST)
    if not form.is_valid():
        return _form_page(request, opened, content, grid, catalogue, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        lines = _block(form.cleaned_data, opened, grid, catalogue)
    except (CellError, SpecError) as fault:
        form.add_error("cells", str(fault))
        return _form_page(request, opened, content, grid, catalogue, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _form_page(request, opened, content, grid, catalogue, form=form, lines=lines)


def _block(data: Mapping[str, Any], opened: Opened, grid: Grid, catalogue: Catalogue) -> list[Line]:
    picked = cells_in(grid, data["cells"])
    plan = opened.loaded.plan
    named: dict[int, Any] = {}
    if data["area"] == "rows":
        named = areas_of_rows(grid, opened.tree, root=plan.area) or _single_areas(grid, picked, opened, by_row=True)
    elif data["area"] == "columns":
        named = areas_of_columns(grid, opened.tree, root=plan.area) or _single_areas(grid, picked, opened, by_row=False)
    tied = set(opened.form.cells.filter(sheet=grid.name).values_list("coordinate", flat=True))
    lines = []
    for cell in picked:
        spec = Spec(
            coordinate=cell.coordinate,
            what=data["what"],
            part=data["part"] if data["what"].startswith("i:") else "sum",
            unit=opened.form.unit or data.get("unit", ""),
            window=data["window"],
            scale=Scale.RATIO.value if cell.is_percent else data["scale"],
        )
        catalogue.check(spec)
        why = cell.why_not
        if data["area"] in {"rows", "columns"}:
            area = named.get(cell.row if data["area"] == "rows" else cell.column)
            if area is None:
                why = why or _("Không nhận ra địa bàn ở đầu dòng hoặc cột.")
            elif area.code != plan.area:
                spec = replace(spec, area=area.code, area_from=area.valid_from)
        elif data["area"]:
            area = opened.tree.get(data["area"])
            spec = replace(spec, area=area.code, area_from=area.valid_from)
        lines.append(_line(spec, opened, catalogue, head=cell.text, why=why, tied=tied))
    return lines


def _single_areas(grid: Grid, picked: Sequence[GridCell], opened: Opened, *, by_row: bool) -> dict[int, Any]:
    """Recognise the heads of the picked cells one by one, where they make no list of areas."""
    found: dict[int, Any] = {}
    for cell in picked:
        heads = [
            other.text
            for _row, cells in grid.rows
            for other in cells
            if other.text
            and (other.row == cell.row and other.column < cell.column if by_row else other.column == cell.column)
        ]
        known = [
            one.area for one in recognise(heads, opened.tree, root=opened.loaded.plan.area) if one.area is not None
        ]
        if len({area.code for area in known}) == 1:
            found[cell.row if by_row else cell.column] = known[0]
    return found


def _line(
    spec: Spec, opened: Opened, catalogue: Catalogue, *, head: str, why: str = "", tied: set[str] | None = None
) -> Line:
    where = opened.tree.get(spec.area).short_name if spec.area in opened.tree else spec.area
    unit = opened.units.get(spec.unit)
    return Line(
        coordinate=spec.coordinate,
        head=head,
        what=catalogue.label(spec.what),
        part=dict(part_choices()).get(spec.part, "") if spec.what.startswith("i:") else _("tổng"),
        area=", ".join(part for part in (where, unit.short if unit else "") if part) or _("Toàn tỉnh"),
        window=dict(window_choices()).get(spec.window, spec.window),
        value=spec.encoded(),
        why=why,
        is_tied=spec.coordinate in (tied or set()),
    )


def _tie(
    request: AccessRequest, opened: Opened, content: workbook.Form, grid: Grid, catalogue: Catalogue
) -> HttpResponse:
    try:
        specs = _confirmed(request.POST.getlist("spec"), opened)
        count = actions.tie_cells(
            form=opened.form,
            sheet=grid.name,
            specs=specs,
            catalogue=catalogue,
            at=request.now,
            by=request.subject.user_id,
        )
    except (CellError, SpecError, actions.AdHocError) as fault:
        return _form_page(
            request, opened, content, grid, catalogue, fault=str(fault), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    messages.success(request, _("Đã gắn %(n)s ô.") % {"n": count})
    return redirect(opened.url(sheet=grid.name))


def _confirmed(texts: Sequence[str], opened: Opened) -> list[Spec]:
    """Return what was ticked. Raises SpecError."""
    specs = [decoded(text) for text in texts]
    if not specs:
        raise SpecError(_("Chưa chọn ô nào."))
    if any(spec.area and spec.area not in opened.tree for spec in specs):
        raise SpecError(_("Địa bàn không có trong kỳ này. Gắn lại ô."))
    return specs


def _untie(
    request: AccessRequest, opened: Opened, content: workbook.Form, grid: Grid, catalogue: Catalogue
) -> HttpResponse:
    try:
        count = actions.untie_cells(
            form=opened.form,
            sheet=grid.name,
            coordinates=request.POST.getlist("cell"),
            at=request.now,
            by=request.subject.user_id,
        )
    except actions.AdHocError as fault:
        return _form_page(
            request, opened, content, grid, catalogue, fault=str(fault), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    messages.success(request, _("Đã bỏ gắn %(n)s ô.") % {"n": count})
    return redirect(opened.url(sheet=grid.name))


def _tie_form(opened: Opened, catalogue: Catalogue, *, data: Any = None, initial: Any = None) -> TieForm:
    province = opened.loaded.plan.area
    areas = (
        [
            (area.code, f"{'— ' if area.level == 'commune' else ''}{area.short_name}")
            for district in opened.tree.children(province)
            for area in (district, *opened.tree.children(district.code))
        ]
        if province in opened.tree
        else []
    )
    units = (
        [] if opened.form.unit else [(code, unit.short) for code, unit in opened.units.items() if unit.reports == "yes"]
    )
    return TieForm(data, initial=initial, catalogue=catalogue, areas=areas, units=units)


def _form_page(
    request: AccessRequest,
    opened: Opened,
    content: workbook.Form,
    grid: Grid,
    catalogue: Catalogue,
    *,
    form: TieForm | None = None,
    lines: list[Line] | None = None,
    fault: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    tied = {cell.coordinate: cell for cell in opened.form.cells.filter(sheet=grid.name)}
    chosen = request.GET.get("cell", "").upper()
    context = {
        "opened": opened,
        "form_row": opened.form,
        "owner": opened.owner,
        "owner_words": owner_words(opened.owner, request.now.date()),
        "losses": content.losses,
        "grid": grid,
        "rows": [
            (number, [_shown_cell(cell, tied, opened, grid, chosen) for cell in cells]) for number, cells in grid.rows
        ],
        "sheets": _sheet_tabs(opened, content, grid),
        "tied": [
            _line(spec_of(cell), opened, catalogue, head="") for cell in sorted(tied.values(), key=lambda c: c.pk)
        ],
        "tied_in_all": opened.form.cells.count(),
        "form": form or _tie_form(opened, catalogue, initial=_initial(chosen, tied, grid)),
        "lines": lines,
        "can_tie": sum(1 for line in lines or () if not line.why),
        "suggested": [] if lines is not None else _suggested(opened, grid, catalogue, set(tied)),
        "fault": fault,
        "fills": opened.form.fills.select_related("period", "made_by", "file")[:10],
        "periods": list(periods(opened.loaded.plan))[::-1],
    }
    return render(request, "reports/ad_hoc/form.html", context, status=status)


def _initial(chosen: str, tied: Mapping[str, AdHocCell], grid: Grid) -> dict[str, Any]:
    """Return what the form of a chosen cell begins with: what it is tied to, or how its column writes shares."""
    if not chosen:
        return {}
    if chosen in tied:
        spec = spec_of(tied[chosen])
        return {
            "cells": chosen, "what": spec.what, "part": spec.part, "area": spec.area, "unit": spec.unit,
            "window": spec.window, "scale": spec.scale,
        }  # fmt: skip
    letters = chosen.rstrip("0123456789")
    same = [cell for coordinate, cell in tied.items() if coordinate.rstrip("0123456789") == letters]
    place = next((cell for _row, cells in grid.rows for cell in cells if cell.coordinate == chosen), None)
    usual = Scale.RATIO.value if place and place.is_percent else Scale.HUNDRED.value
    return {"cells": chosen, "scale": same[-1].scale if same else usual}


def _shown_cell(cell: GridCell, tied: Mapping[str, AdHocCell], opened: Opened, grid: Grid, chosen: str) -> ShownCell:
    row = tied.get(cell.coordinate)
    words = ""
    if row is not None:
        spec = spec_of(row)
        code = spec.what[2:].partition("[")[0] if spec.what.startswith("i:") else "Σ"
        where = opened.tree.get(spec.area).short_name if spec.area in opened.tree else ""
        words = " · ".join(part for part in (code, where) if part)
    return ShownCell(
        cell=cell,
        tied=words,
        url="" if cell.why_not else f"?{urlencode({'sheet': grid.name, 'cell': cell.coordinate})}#tie",
        is_chosen=cell.coordinate == chosen,
    )


def _sheet_tabs(opened: Opened, content: workbook.Form, grid: Grid) -> list[Tab]:
    return [
        Tab(title=each.name, url=opened.url(sheet=each.name), current=each.name == grid.name) for each in content.grids
    ]


def _suggested(opened: Opened, grid: Grid, catalogue: Catalogue, tied: set[str]) -> list[Line]:
    found = suggestions(grid, catalogue, opened.tree, root=opened.loaded.plan.area, unit=opened.form.unit)
    return [_line(one.spec, opened, catalogue, head=one.head) for one in found if one.spec.coordinate not in tied][
        :MOST_SUGGESTED
    ]


@require_POST
@access.rule(of_owner("owner"))
def retire(request: AccessRequest, owner: str, form: int) -> HttpResponse:
    """Put a form away, or take it back."""
    opened = _open(request, owner, form)
    retired = request.POST.get("retired") == "yes"
    actions.retire_form(form=opened.form, retired=retired, at=request.now, by=request.subject.user_id)
    messages.success(request, _("Đã cất biểu.") if retired else _("Đã lấy lại biểu."))
    return redirect("ad-hoc-list", owner)


@require_safe
@access.rule(of_owner("owner"))
def blank(request: AccessRequest, owner: str, form: int) -> HttpResponse:
    """Hand out the form as it came."""
    return download(_open(request, owner, form).form.file)


# -- filling ---------------------------------------------------------------------------------------------------------
@access.rule(of_owner("owner"))
def fill(request: AccessRequest, owner: str, form: int) -> HttpResponse:
    """Show what a form would hold for a period; fill it when asked to."""
    opened = _open(request, owner, form)
    period = _period(request, opened.loaded)
    fault = ""
    if request.method == "POST":
        link = request.build_absolute_uri(reverse("figure", args=("KEY",))).replace("KEY", "{key}")
        try:
            made = actions.fill_form(
                form=opened.form,
                loaded=opened.loaded,
                period=period,
                link=link,
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.AdHocError as error:
            fault = str(error)
        else:
            messages.success(request, _("Đã điền biểu kỳ %(code)s. Tải tệp về.") % {"code": period.code})
            return redirect("ad-hoc-fill-made", owner, form, made.pk)
    cells = [(cell.sheet, spec_of(cell)) for cell in opened.form.cells.order_by("sheet", "id")]
    found = answers(cells, opened.loaded, period.code, only_unit=opened.form.unit)
    context = {
        "opened": opened,
        "form_row": opened.form,
        "owner": owner,
        "owner_words": owner_words(owner, request.now.date()),
        "period": period,
        "periods": list(periods(opened.loaded.plan))[::-1],
        "answers": found,
        "empty": [one for one in found if one.value is None],
        "fault": fault,
        "losses": workbook.losses(content_of(opened.form.file)),
    }
    return render(
        request, "reports/ad_hoc/fill.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    )


def _period(request: AccessRequest, loaded: Loaded) -> Period:
    code = request.POST.get("period") or request.GET.get("period") or ""
    found = period_of(loaded.plan, code) if code else last_due_period(loaded.plan, at=request.now)
    if found is None:
        raise Http404(_("Kế hoạch không có kỳ %(code)s.") % {"code": code})
    return found


def _made(request: AccessRequest, owner: str, form: int, made: int) -> tuple[Opened, AdHocFill]:
    opened = _open(request, owner, form)
    found = opened.form.fills.select_related("period", "file", "made_by").filter(pk=made).first()
    if found is None:
        raise Http404(_("Không có bản điền này."))
    return opened, found


@require_safe
@access.rule(of_owner("owner"))
def fill_made(request: AccessRequest, owner: str, form: int, made: int) -> HttpResponse:
    """Show what a filled form holds, each number to be opened, and what stayed empty."""
    opened, found = _made(request, owner, form, made)
    cells = []
    for place, kept in found.cells.items():
        value, key, why, shown, what, where, window, note = kept
        sheet, _mark, coordinate = place.rpartition("!")
        cells.append({
            "sheet": sheet, "coordinate": coordinate, "value": value, "key": key if ":" in key[2:] else "", "why": why,
            "shown": shown, "what": what, "where": where, "window": window, "note": note,
        })  # fmt: skip
    context = {
        "opened": opened,
        "form_row": opened.form,
        "owner": owner,
        "owner_words": owner_words(owner, request.now.date()),
        "fill": found,
        "cells": cells,
        "empty": sum(1 for cell in cells if cell["value"] is None),
    }
    return render(request, "reports/ad_hoc/made.html", context)


@require_safe
@access.rule(of_owner("owner"))
def fill_file(request: AccessRequest, owner: str, form: int, made: int) -> HttpResponse:
    """Hand out a filled form."""
    return download(_made(request, owner, form, made)[1].file)
