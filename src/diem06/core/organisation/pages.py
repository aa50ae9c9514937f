"""Pages about people and their wishes: handover, saved views, help and tour, weekly use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diem06.core import access
from diem06.core.access import AccessRequest, Role
from diem06.core.areas.queries import areas_on
from diem06.core.organisation import actions, handovers, queries, use
from diem06.core.organisation.handover_forms import HandoverForm
from diem06.core.organisation.models import Handover, RoleAssignment, SavedView, User
from diem06.core.ui.languages import in_this_language

MAY_HAND_OVER = (Role.ADMINISTRATOR, Role.UNIT_HEAD)
MAY_SEE_USE = (Role.ADMINISTRATOR, Role.STANDING_OFFICE)


# -- handover --------------------------------------------------------------------------------------------------------
@access.rule(access.only(*MAY_HAND_OVER))
@require_http_methods(["GET", "POST"])
def handover(request: AccessRequest) -> HttpResponse:
    """
    Pass all of a person's work to another in one step.

    A GET with both people shows what would pass and changes nothing; the POST passes it. A head does it within their units, an
    administrator everywhere.
    """
    today = localdate(request.now)
    units = None if request.subject.has(Role.ADMINISTRATOR) else request.subject.units_as(Role.UNIT_HEAD)
    sent = request.POST if request.method == "POST" else request.GET
    form = HandoverForm(sent if "from_person" in sent else None, units=units, today=today)
    preview = None
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        if request.method == "POST":
            try:
                done = actions.hand_over(
                    **values,
                    units=units,
                    with_roles="roles" in request.POST,
                    parts=request.POST.getlist("parts"),
                    by=request.user.pk,  # type: ignore[arg-type]  # who comes here has signed in
                    at=request.now,
                )
            except actions.HandoverError as fault:
                form.add_error(None, str(fault))
            else:
                names = {"from": done.from_person.full_name, "to": done.to_person.full_name}
                messages.success(request, _("Đã chuyển việc của %(from)s cho %(to)s.") % names)
                return redirect("handover")
        preview = handovers.preview(values["from_person"], units, on=values["day"])
    context = {
        "form": form,
        "preview": preview,
        "roles": [_role_words(held, today) for held in preview.roles] if preview else [],
        "history": [_past(one, today) for one in handovers.history(units)],
        "is_everywhere": units is None,
    }
    return render(request, "organisation/handover.html", context)


def _role_words(held: RoleAssignment, today: date) -> dict[str, Any]:
    return {"words": _role_in(held.role, held.unit_code, held.area_code, today), "to": held.to_day}


def _role_in(role: str, unit: str, area: str, today: date) -> str:
    units, areas = queries.units_on(today), areas_on(today)
    places = [units[unit].name if unit in units else unit, areas.get(area).name if area in areas else area]
    return ", ".join([str(Role(role).label), *(place for place in places if place)])


def _past(one: Handover, today: date) -> dict[str, Any]:
    what = [_role_in(role["role"], role["unit"], role["area"], today) for role in one.roles]
    what += [f"{in_this_language(part['title'])}: {part['count']}" for part in one.parts]
    return {"row": one, "what": what}


# -- saved views -----------------------------------------------------------------------------------------------------
@access.rule(access.signed_in)
@require_POST
def save_view(request: AccessRequest) -> HttpResponse:
    """Keep the list as it is filtered now, and return to it."""
    try:
        view = actions.save_view(
            person=request.user,  # type: ignore[arg-type]
            page=request.POST.get("page", "")[:60],
            title=request.POST.get("title", ""),
            query=request.POST.get("query", ""),
            is_default="is_default" in request.POST,
            at=request.now,
        )
    except actions.OrganisationError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("Đã lưu bộ lọc «%(title)s».") % {"title": view.title})
    return _back(request)


@access.rule(access.signed_in)
@require_POST
def delete_view(request: AccessRequest, view_id: int) -> HttpResponse:
    """Forget one of my saved views."""
    view = get_object_or_404(SavedView, pk=view_id, person_id=request.user.pk)
    actions.delete_view(view=view, at=request.now)
    messages.success(request, _("Đã xóa bộ lọc «%(title)s».") % {"title": view.title})
    return _back(request)


def _back(request: AccessRequest) -> HttpResponseRedirect:
    """Return to the page that the form names, if it is one of ours."""
    to = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return redirect(to if is_ours and to else "home")


# -- help ------------------------------------------------------------------------------------------------------------
@access.rule(access.signed_in)
@require_GET
def help_page(request: AccessRequest) -> HttpResponse:
    """Show the steps of my tour, the keys, and whom to ask. All of it without JavaScript."""
    context = {
        "may_hand_over": request.subject.has(*MAY_HAND_OVER),
        "may_see_use": request.subject.has(*MAY_SEE_USE),
    }
    return render(request, "organisation/help.html", context)


@access.rule(access.signed_in)
@require_POST
def tour_seen(request: AccessRequest) -> HttpResponse:
    """Keep that I have taken or skipped a tour."""
    user: User = request.user  # type: ignore[assignment]
    actions.note_tour_seen(user=user, tour=request.POST.get("tour", "")[:40], at=request.now)
    return _back(request) if "next" in request.POST else HttpResponse(status=204)


# -- use -------------------------------------------------------------------------------------------------------------
@access.rule(access.only(*MAY_SEE_USE))
@require_GET
def weekly_use(request: AccessRequest) -> HttpResponse:
    """Show how often each page was opened in the last weeks, by unit and by page."""
    today = localdate(request.now)
    week = use.week_of(today)
    if chosen := request.GET.get("week", ""):
        try:
            week = use.week_of(date.fromisoformat(chosen))
        except ValueError:
            return redirect("weekly-use")
    units = queries.units_on(today)
    table = use.of_week(week)
    context = {
        "week": week,
        "last_day": week + timedelta(days=6),
        "weeks": use.weeks(until=today),
        "pages": use.in_words(table.pages),
        "units": [
            (units[code].name if code in units else code or _("Cơ quan cấp tỉnh"), count) for code, count in table.units
        ],
        "silent": [
            unit.name for code, unit in units.items() if unit.reports == "yes" and code not in dict(table.units)
        ],
    }
    return render(request, "organisation/weekly_use.html", context)
