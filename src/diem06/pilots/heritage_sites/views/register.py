"""The register of sites: the list, a site, what is added or changed, the base list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import areas_on
from diem06.core.evidence.queries import DamagedFileError, download
from diem06.core.organisation.queries import units_on
from diem06.core.places.access import KEEPERS, keeper_reach, keeps_all, keeps_place, keeps_some, sees_place, sees_places
from diem06.core.places.actions import PlaceError
from diem06.core.places.models import BaseList, Place, PlaceTerm
from diem06.core.places.queries import (
    base_list_on,
    base_lists,
    compared,
    listed_in,
    lists_taken_back,
    names_of_areas,
    place_of,
    place_on,
    places_on,
    reach_to_see,
    terms_of,
    terms_on,
)
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.core.roster import place_kinds
from diem06.core.ui.shell import Crumb
from diem06.core.ui.tables import sort_of
from diem06.pilots.heritage_sites import register_forms as forms
from diem06.pilots.heritage_sites import register_screen as screen
from diem06.pilots.heritage_sites.actions import register as actions
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE, HeritageSitesConfig
from diem06.pilots.heritage_sites.models import EquipmentStep, Festival
from diem06.pilots.heritage_sites.queries import register
from diem06.pilots.heritage_sites.queries.history import last_removal
from diem06.pilots.heritage_sites.queries.register import MEASURES
from diem06.plan.model import Plan
from vnlib.text import fold, format_date

ROWS_A_PAGE = 25
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SEES = sees_places(MEASURES)
SEES_SITE = sees_place("site", kind=SITE, measures=MEASURES)
KEEPS_SITE = keeps_place("site", kind=SITE, measures=MEASURES)
FORM = require_http_methods(["GET", "HEAD", "POST"])


# -- the list --------------------------------------------------------------------------------------------------------
@access.rule(SEES)
@require_safe
def home(request: AccessRequest) -> HttpResponse:
    """Show the sites that the person may see. Filter, order and page live in the URL."""
    rows, choice = _chosen(request)
    day = localdate(request.now)
    found = screen.narrowed(rows, choice)
    keeper = keeper_reach(request.subject, measures=MEASURES, on=day)
    form = forms.FilterForm(request.GET, areas=screen.area_choices(rows, day))
    context = {
        "form": form,
        "day": day,
        "rows": Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "total": len(found),
        "has_sites": bool(rows),
        "sort": choice.sort,
        "filters": ", ".join(filter(None, (choice.words, *_shown_choices(form, request)))),
        "counts": _counts(rows),
        "crowded": screen.crowded([row.site.id for row in rows if row.alarm], request.now),
        "now": request.now,
        "counting": sum(1 for row in rows if row.crowd),
        "may_add": keeper.is_all or bool(keeper.areas),
        "keeper_units": _keeper_units(request, day),
    }
    return render(request, "heritage_sites/home.html", context)


@access.rule(SEES)
@require_safe
def home_file(request: AccessRequest) -> HttpResponse:
    """The list as it is narrowed and ordered, as an Excel file."""
    rows, choice = _chosen(request)
    name = f"di-tich-{localdate(request.now):%Y-%m-%d}.xlsx"
    return HttpResponse(
        screen.workbook(screen.narrowed(rows, choice), request.now),
        content_type=EXCEL,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chosen(request: AccessRequest) -> tuple[list[screen.SiteRow], screen.Choice]:
    day = localdate(request.now)
    rows = screen.site_rows(reach_to_see(request.subject, measures=MEASURES, plan=_plan(), on=day), request.now)
    choice = screen.Choice(
        words=request.GET.get("q", "")[:100],
        area=request.GET.get("area", ""),
        step=request.GET.get("step", ""),
        scope=request.GET.get("scope", ""),
        crowd=request.GET.get("crowd", ""),
        sort=sort_of(request.GET, screen.SORTS, "name"),
    )
    return rows, choice


def _shown_choices(form: forms.FilterForm, request: AccessRequest) -> list[str]:
    shown = []
    for name in ("area", "step", "scope", "crowd"):
        words = {str(value): str(label) for value, label in form.fields[name].choices}  # type: ignore[attr-defined]
        if request.GET.get(name):
            shown.append(words.get(request.GET[name], request.GET[name]))
    return shown


def _counts(rows: list[screen.SiteRow]) -> list[tuple[str, int]]:
    listed = [row for row in rows if row.is_listed]
    steps = (screen.NO_STEP, *(step.value for step in register.STEPS_IN_ORDER))
    return [(screen.step_words(step), sum(1 for row in listed if row.step == step)) for step in steps] if listed else []


def _keeper_units(request: AccessRequest, day: date) -> list[tuple[str, str]]:
    """Return the units for which the person may bring Excel files, with their words."""
    units = units_on(day)
    return [
        (code, units[code].short)
        for code in sorted(request.subject.units_as(*KEEPERS))
        if code in units and keeps_some(MEASURES)(request.subject)
    ]


# -- one site --------------------------------------------------------------------------------------------------------
@access.rule(SEES_SITE)
@require_safe
def site(request: AccessRequest, site: str) -> HttpResponse:
    """Show everything that is recorded of a site."""
    here, day = _site(site), localdate(request.now)
    shown = place_on(here, day)
    parts = screen.parts_of(here, day)
    plan = _plan()
    base_list = base_list_on(plan.id, HeritageSitesConfig.pilot.scope_list, day) if plan else None
    units, tree = units_on(day), areas_on(day)
    steps = register.steps_of(here)
    context = {
        "row": here,
        "shown": shown,
        "day": day,
        "area": names_of_areas([shown], day)[shown.id],
        "unit": units[shown.unit_code].name if shown.unit_code in units else shown.unit_code,
        "removed": last_removal(here),
        "terms": [
            (term, tree.get(term.area_code).name if term.area_code in tree else term.area_code)
            for term in terms_of(here)
        ],
        "parts": parts,
        "capacities": screen.capacities_of(here, parts, day),
        "rules": register.rules_of(here, day),
        "week": [(forms.WEEKDAYS[weekday], words) for weekday, words in screen.week_of(here, day)],
        "festivals": screen.festivals_of(here, day),
        "steps": steps,
        "step": register.highest(steps, day),
        "step_words": screen.step_words(register.highest(steps, day)),
        "base_list": base_list,
        "is_listed": here.pk in listed_in(base_list),
        "may_keep": KEEPS_SITE(request.subject, site=site),
        "crumbs": _crumbs(shown.name),
    }
    return render(request, "heritage_sites/site.html", context)


@access.rule(keeps_some(MEASURES))
@FORM
def add_site(request: AccessRequest) -> HttpResponse:
    """Record a new site."""
    day = localdate(request.now)
    reach = keeper_reach(request.subject, measures=MEASURES, on=day)
    areas = None if reach.is_all else reach.areas
    form = forms.NewPlaceForm(
        request.POST or None,
        areas=forms.commune_choices(day, areas),
        units=forms.unit_choices(day, areas or ()),
        initial={"from_day": day},
    )

    def act() -> str:
        data = form.cleaned_data
        actions.add_place(
            kind=SITE,
            code=data["code"],
            from_day=data["from_day"],
            values=form.values(),
            at=request.now,
            by=_by(request),
        )
        return reverse("heritage_sites:site", args=[data["code"]])

    return _form_page(request, form, act, heading=_("Thêm di tích"), button=_("Thêm"), done=_("Đã thêm di tích."))


@access.rule(KEEPS_SITE)
@FORM
def change(request: AccessRequest, site: str) -> HttpResponse:
    """Record what changes of a site from a day on."""
    return _change(request, _site(site), _site(site))


@access.rule(KEEPS_SITE)
@FORM
def change_part(request: AccessRequest, site: str, part: int) -> HttpResponse:
    """Record what changes of a point or gate from a day on."""
    here = _site(site)
    return _change(request, here, _part(here, part))


def _change(request: AccessRequest, here: Place, place: Place) -> HttpResponse:
    day = localdate(request.now)
    shown = place_on(place, day)
    reach = keeper_reach(request.subject, measures=MEASURES, on=day)
    areas = None if reach.is_all else reach.areas
    names = ("name", "address", "latitude", "longitude")
    initial = {name: getattr(shown, name) for name in names}
    initial |= {"from_day": day, "area": shown.area_now, "unit": shown.unit_code}
    form = forms.TermForm(
        request.POST or None,
        areas=forms.commune_choices(day, areas),
        units=forms.unit_choices(day, {shown.area_now, *(areas or ())}),
        initial=initial,
    )

    def act() -> None:
        actions.change_place(
            place=place, from_day=form.cleaned_data["from_day"], values=form.values(), at=request.now, by=_by(request)
        )

    heading = _("Thay đổi từ một ngày: %(name)s") % {"name": shown.name}
    return _form_page(
        request, form, act, site=here, heading=heading, button=_("Ghi thay đổi"), done=_("Đã ghi thay đổi.")
    )


@access.rule(KEEPS_SITE)
@FORM
def take_back_term(request: AccessRequest, site: str, term: int) -> HttpResponse:
    """Take back the newest change of a site that was recorded by mistake."""
    here = _site(site)
    row = get_object_or_404(PlaceTerm, pk=term, place=here)
    form = forms.TakeBackForm(request.POST or None)

    def act() -> None:
        actions.take_back_term(term=row, reason=form.cleaned_data["reason"], at=request.now, by=_by(request))

    return _form_page(
        request,
        form,
        act,
        site=here,
        heading=_("Thu hồi thay đổi từ ngày %(day)s") % {"day": format_date(row.from_day)},
        button=_("Thu hồi thay đổi"),
        done=_("Đã thu hồi thay đổi."),
        words=_("Những gì ghi trước ngày đó có hiệu lực trở lại."),
    )


@access.rule(KEEPS_SITE)
@FORM
def close(request: AccessRequest, site: str) -> HttpResponse:
    """End a site and what lies in it."""
    return _close(request, _site(site), _site(site))


@access.rule(KEEPS_SITE)
@FORM
def close_part(request: AccessRequest, site: str, part: int) -> HttpResponse:
    """End a point or gate."""
    here = _site(site)
    return _close(request, here, _part(here, part))


def _close(request: AccessRequest, here: Place, place: Place) -> HttpResponse:
    form = forms.CloseForm(request.POST or None, initial={"valid_to": localdate(request.now)})

    def act() -> None:
        actions.close_place(place=place, **form.cleaned_data, at=request.now, by=_by(request))

    heading = _("Kết thúc %(name)s") % {"name": place_on(place, localdate(request.now)).name}
    return _form_page(request, form, act, site=here, heading=heading, button=_("Kết thúc"), done=_("Đã kết thúc."))


@access.rule(KEEPS_SITE)
@FORM
def add_part(request: AccessRequest, site: str) -> HttpResponse:
    """Record a new point, or a gate of the site or of one of its points."""
    here, day = _site(site), localdate(request.now)
    shown = place_on(here, day)
    reach = keeper_reach(request.subject, measures=MEASURES, on=day)
    areas = None if reach.is_all else {shown.area_now, *reach.areas}
    form = forms.NewPartForm(
        request.POST or None,
        within=screen.places_to_choose(here, day),
        kinds=screen.kinds_to_choose({code: kind.title for code, kind in place_kinds().items()}),
        areas=forms.commune_choices(day, areas),
        units=forms.unit_choices(day, {shown.area_now, *(areas or ())}),
        initial={
            "from_day": day,
            "area": shown.area_now,
            "unit": shown.unit_code,
            "kind": request.GET.get("kind", POINT),
        },
    )

    def act() -> None:
        data = form.cleaned_data
        actions.add_place(
            kind=data["kind"],
            code=data["code"],
            parent=Place.objects.get(pk=data["within"]),
            from_day=data["from_day"],
            values=form.values(),
            at=request.now,
            by=_by(request),
        )

    heading = _("Thêm điểm hoặc cổng")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Thêm"), done=_("Đã thêm."))


@access.rule(KEEPS_SITE)
@FORM
def capacity(request: AccessRequest, site: str) -> HttpResponse:
    """Record the capacity of a site or point from a day on."""
    here, day = _site(site), localdate(request.now)
    initial = {"from_day": day, "place": request.GET.get("place", str(here.pk))}
    form = forms.CapacityForm(request.POST or None, places=screen.places_to_choose(here, day), initial=initial)

    def act() -> None:
        data = form.cleaned_data
        place = Place.objects.get(pk=data["place"])
        actions.set_capacity(
            place=place, from_day=data["from_day"], values=form.values(), at=request.now, by=_by(request)
        )

    heading = _("Ghi sức chứa")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Ghi"), done=_("Đã ghi sức chứa."))


@access.rule(KEEPS_SITE)
@FORM
def rule(request: AccessRequest, site: str) -> HttpResponse:
    """Record how a site is run from a day on."""
    here, day = _site(site), localdate(request.now)
    now = register.rules_of(here, day)
    initial = {
        "from_day": day,
        "retention_days": now.retention_days,
        "default_stay_minutes": now.default_stay_minutes,
        "reset_at": now.reset_at,
    }
    form = forms.RuleForm(request.POST or None, initial=initial)

    def act() -> None:
        actions.set_rule(site=here, **form.cleaned_data, at=request.now, by=_by(request))

    heading = _("Đặt quy định của di tích")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Ghi"), done=_("Đã ghi quy định."))


@access.rule(KEEPS_SITE)
@FORM
def hours(request: AccessRequest, site: str) -> HttpResponse:
    """Record the opening hours of a site or point from a day on."""
    here, day = _site(site), localdate(request.now)
    initial: dict[str, Any] = {"from_day": day, "place": str(here.pk)}
    initial |= {f"day{weekday}": words for weekday, words in screen.week_of(here, day)}
    form = forms.HoursForm(request.POST or None, places=screen.places_to_choose(here, day), initial=initial)

    def act() -> None:
        data = form.cleaned_data
        place = Place.objects.get(pk=data["place"])
        actions.set_hours(
            place=place, from_day=data["from_day"], openings=data["openings"], at=request.now, by=_by(request)
        )

    heading = _("Ghi giờ mở cửa")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Ghi"), done=_("Đã ghi giờ mở cửa."))


@access.rule(KEEPS_SITE)
@FORM
def add_festival(request: AccessRequest, site: str) -> HttpResponse:
    """Record a festival of a site."""
    here = _site(site)
    form = forms.FestivalForm(request.POST or None)

    def act() -> None:
        actions.add_festival(site=here, values=form.values(), at=request.now, by=_by(request))

    heading = _("Thêm lễ hội")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Thêm"), done=_("Đã thêm lễ hội."))


@access.rule(KEEPS_SITE)
@FORM
def end_festival(request: AccessRequest, site: str, festival: int) -> HttpResponse:
    """Say that a festival is no longer held."""
    here = _site(site)
    row = get_object_or_404(Festival, pk=festival, place=here)
    form = forms.EndFestivalForm(request.POST or None, initial={"ended_on": localdate(request.now)})

    def act() -> None:
        actions.end_festival(festival=row, ended_on=form.cleaned_data["ended_on"], at=request.now, by=_by(request))

    heading = _("Thôi tổ chức %(name)s") % {"name": row.name}
    return _form_page(request, form, act, site=here, heading=heading, button=_("Ghi"), done=_("Đã ghi."))


# -- equipment -------------------------------------------------------------------------------------------------------
@access.rule(KEEPS_SITE)
@FORM
def add_step(request: AccessRequest, site: str) -> HttpResponse:
    """Record a step of equipment."""
    here = _site(site)
    form = forms.StepForm(request.POST or None, initial={"day": localdate(request.now)})

    def act() -> None:
        actions.record_step(site=here, values=form.values(), at=request.now, by=_by(request))

    heading = _("Ghi bước trang bị")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Ghi"), done=_("Đã ghi bước trang bị."))


@access.rule(KEEPS_SITE)
@FORM
def correct_step(request: AccessRequest, site: str, step: int) -> HttpResponse:
    """Correct or withdraw a step that was recorded wrong; the old row stays with its reason."""
    here = _site(site)
    row = get_object_or_404(EquipmentStep, pk=step, place=here)
    names = ("step", "day", "quantity", "supplier", "make", "serial", "document")
    form = forms.CorrectStepForm(request.POST or None, initial={name: getattr(row, name) for name in names})

    def act() -> None:
        values = None if form.cleaned_data["withdraw"] else form.values()
        reason = form.cleaned_data["reason"]
        actions.correct_step(row=row, values=values, reason=reason, at=request.now, by=_by(request))

    heading = _("Sửa bước trang bị")
    return _form_page(request, form, act, site=here, heading=heading, button=_("Sửa"), done=_("Đã sửa bước trang bị."))


# -- base list -------------------------------------------------------------------------------------------------------
@access.rule(SEES)
@require_safe
def base_list(request: AccessRequest) -> HttpResponse:
    """Show the list of sites in scope with its document, and what each list changed against the one before."""
    plan, day = _plan(), localdate(request.now)
    lists = base_lists(plan.id, HeritageSitesConfig.pilot.scope_list) if plan else []
    members = {row.pk: listed_in(row) for row in lists[:LISTS_SHOWN]}
    reach = reach_to_see(request.subject, measures=MEASURES, plan=plan, on=day)
    ids = {place for listed in members.values() for place in listed}
    shown = {place: found for place, found in terms_on(ids, day).items() if reach.covers(found)}
    where = names_of_areas(shown.values(), day)
    may_adopt = keeps_all(MEASURES)(request.subject)
    entries = []
    for row, before in zip(lists[:LISTS_SHOWN], [*lists[1:LISTS_SHOWN], None], strict=False):
        changes = compared(members[row.pk], members[before.pk] if before else [])
        entries.append(
            {
                "row": row,
                "total": len(members[row.pk]),
                "before": before,
                "added": [shown[place] for place in changes.added if place in shown] if before else [],
                "removed": [shown[place] for place in changes.removed if place in shown],
                "may_take_back": may_adopt and row == lists[0],
            }
        )
    current = base_list_on(plan.id, HeritageSitesConfig.pilot.scope_list, day) if plan else None
    listed = [shown[place] for place in (members.get(current.pk, []) if current else []) if place in shown]
    words = request.GET.get("q", "").strip()[:100]
    found = [
        (number, place, where[place.id])
        for number, place in enumerate(listed, start=1)
        if fold(words) in fold(f"{place.name} {where[place.id]}")
    ]
    context = {
        "entries": entries,
        "taken_back": lists_taken_back(plan.id, HeritageSitesConfig.pilot.scope_list) if plan else [],
        "current": current,
        "form": forms.ListedForm(request.GET),
        "has_sites": bool(listed),
        "total": len(found),
        "words": words,
        "sites": Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "title": next((one.title for one in plan.scope_lists if one.code == HeritageSitesConfig.pilot.scope_list), "")
        if plan
        else "",
        "may_adopt": may_adopt,
        "crumbs": _crumbs(_("Danh mục")),
    }
    return render(request, "heritage_sites/base_list.html", context)


LISTS_SHOWN = 10


@access.rule(keeps_all(MEASURES))
@FORM
def adopt_list(request: AccessRequest) -> HttpResponse:
    """Adopt a base list with its document."""
    plan, day = _plan(), localdate(request.now)
    if plan is None:
        raise Http404(_("Chưa nạp kế hoạch."))
    sites = places_on(day, kinds=(SITE,))
    known = listed_in(base_list_on(plan.id, HeritageSitesConfig.pilot.scope_list, day))
    form = forms.BaseListForm(
        request.POST or None,
        request.FILES or None,
        sites=sites,
        where=names_of_areas(sites, day),
        initial={"signed_on": day, "from_day": day, "sites": known or [site.id for site in sites]},
    )

    def act() -> str:
        data = dict(form.cleaned_data)
        file, chosen = data.pop("file"), data.pop("sites")
        actions.adopt_list(
            plan=plan,
            **data,
            sites=Place.objects.filter(pk__in=chosen).order_by("code"),
            content=file.read() if file else None,
            file_name=file.name if file else "",
            at=request.now,
            by=_by(request),
        )
        return reverse("heritage_sites:base-list")

    return _form_page(
        request,
        form,
        act,
        heading=_("Ghi danh mục mới"),
        button=_("Ghi danh mục"),
        done=_("Đã ghi danh mục."),
        back=reverse("heritage_sites:base-list"),
    )


@access.rule(keeps_all(MEASURES))
@FORM
def take_back_list(request: AccessRequest, base_list: int) -> HttpResponse:
    """Take back a base list that was adopted by mistake; the one before it holds again."""
    row = get_object_or_404(BaseList.objects.standing(), pk=base_list, scope_list=HeritageSitesConfig.pilot.scope_list)
    form = forms.TakeBackForm(request.POST or None)
    back = reverse("heritage_sites:base-list")

    def act() -> str:
        actions.take_back_list(row=row, reason=form.cleaned_data["reason"], at=request.now, by=_by(request))
        return back

    lists = base_lists(row.plan_id, row.scope_list)
    before = lists[1] if len(lists) > 1 else None
    words = (
        _(
            "Danh mục số %(number)s có hiệu lực trở lại. Số liệu M6.1 tính lại từ ngày %(day)s; báo cáo đã gửi không đổi."
        )
        % {"number": before.number, "day": format_date(row.from_day)}
        if before
        else _("Không còn danh mục nào. Tỷ lệ trang bị lại lấy theo số đơn vị báo cáo; báo cáo đã gửi không đổi.")
    )
    return _form_page(
        request,
        form,
        act,
        heading=_("Thu hồi danh mục số %(number)s") % {"number": row.number},
        button=_("Thu hồi danh mục"),
        done=_("Đã thu hồi danh mục số %(number)s.") % {"number": row.number},
        words=words,
        back=back,
    )


@access.rule(SEES)
@require_safe
def list_file(request: AccessRequest, base_list: int) -> HttpResponse:  # noqa: ARG001
    """Hand out the document of a base list: it is public within the plan."""
    row = get_object_or_404(BaseList, pk=base_list, scope_list=HeritageSitesConfig.pilot.scope_list, file__isnull=False)
    assert row.file is not None
    try:
        return download(row.file)
    except DamagedFileError as lost:
        raise Http404(_("Tệp đã gỡ hoặc hỏng. Báo quản trị hệ thống.")) from lost


# -- common ----------------------------------------------------------------------------------------------------------
def _form_page(
    request: AccessRequest,
    form: Form,
    act: Callable[[], str | None],
    *,
    heading: str,
    button: str,
    done: str,
    site: Place | None = None,
    words: str = "",
    back: str = "",
) -> HttpResponse:
    """
    Show a form; posted and right, do what it asks and go where `act` says, or to the site.

    What the action refuses stands over the form.
    """
    back = back or (reverse("heritage_sites:site", args=[site.code]) if site else reverse("heritage_sites:home"))
    if request.method == "POST" and form.is_valid():
        try:
            to = act()
        except PlaceError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect(to or back)
    crumbs = [Crumb(title=_("Di tích"), url=reverse("heritage_sites:home"))]
    if site:
        crumbs.append(Crumb(title=place_on(site, localdate(request.now)).name, url=back))
    context = {"form": form, "heading": heading, "button": button, "back": back, "crumbs": crumbs, "words": words}
    return render(request, "heritage_sites/form.html", context, status=422 if form.errors else 200)


def _crumbs(title: str) -> list[Crumb]:
    return [Crumb(title=_("Di tích"), url=reverse("heritage_sites:home")), Crumb(title=title)]


def _plan() -> Plan | None:
    try:
        return loaded_plan().plan
    except NoPlanError:
        return None


def _by(request: AccessRequest) -> int | None:
    return request.subject.user_id


def _site(code: str) -> Place:
    found = place_of(SITE, code)
    if found is None:
        raise Http404(_("Không có di tích %(code)s.") % {"code": code})
    return found


def _part(site: Place, part: int) -> Place:
    found = get_object_or_404(Place.objects.select_related("parent__parent"), pk=part, kind__in=(POINT, GATE))
    if register.site_of(found) != site:
        raise Http404(_("Điểm này không thuộc di tích."))
    return found
