"""Who is at a site now, who came, and the look-up of who was there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from diem06.core import access
from diem06.core.access import Role, Subject
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import units_on
from diem06.core.places.access import keeps_place, sees_place, today
from diem06.core.places.models import Place
from diem06.core.places.queries import place_of, place_on, terms_on
from diem06.core.ui.shell import Crumb
from diem06.pilots.heritage_sites import visits_screen as screen
from diem06.pilots.heritage_sites.actions import tracing
from diem06.pilots.heritage_sites.actions import visits as actions
from diem06.pilots.heritage_sites.apps import SITE
from diem06.pilots.heritage_sites.models import Trace
from diem06.pilots.heritage_sites.queries.history import history, published
from diem06.pilots.heritage_sites.queries.register import MEASURES, gates_of_site
from diem06.pilots.heritage_sites.register_forms import ListedForm
from diem06.pilots.heritage_sites.visit_rules import ONE_DAY, day_begins
from diem06.pilots.heritage_sites.visits_forms import HistoryForm, RecountForm, TraceForm
from vnlib.text import fold

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRACES_A_PAGE = 50
SEES_SITE = sees_place("site", kind=SITE, measures=MEASURES)
KEEPS_SITE = keeps_place("site", kind=SITE, measures=MEASURES)
FORM = require_http_methods(["GET", "HEAD", "POST"])
SEES_TRACES = access.only(Role.AUDITOR, Role.STANDING_OFFICE)


def traces_site(subject: Subject, **url: object) -> bool:
    """Looking up who was at a site: the standing office, and the head of the unit that answers for the site."""
    if subject.has(Role.STANDING_OFFICE):
        return True
    place = place_of(SITE, str(url["site"]))
    return place is not None and place_on(place, today()).unit_code in subject.units_as(Role.UNIT_HEAD)


# -- now -------------------------------------------------------------------------------------------------------------
@access.rule(SEES_SITE)
@require_safe
def live(request: AccessRequest, site: str) -> HttpResponse:
    """Show who is at a site now; the page asks for itself every few seconds."""
    place = _site(site)
    return render(request, "heritage_sites/live.html", _live_context(request, place, RecountForm()))


@access.rule(KEEPS_SITE)
@require_http_methods(["POST"])
def recount(request: AccessRequest, site: str) -> HttpResponse:
    """Take how many are inside, as somebody counted."""
    place, form = _site(site), RecountForm(request.POST)
    if not form.is_valid():
        return render(request, "heritage_sites/live.html", _live_context(request, place, form), status=422)
    assert request.subject.user_id is not None
    row = actions.recount(
        site=place,
        people=form.cleaned_data["people"],
        reason=form.cleaned_data["reason"],
        at=request.now,
        by=request.subject.user_id,
    )
    said = _("Đã ghi %(people)s người; hệ thống đang tính %(found)s.") % {"people": row.people, "found": row.found}
    messages.success(request, said)
    return redirect("heritage_sites:live", site)


@access.rule(SEES_SITE)
@require_safe
def screen_of(request: AccessRequest, site: str) -> HttpResponse:
    """Show a site on a big screen, to be read from ten metres."""
    place = _site(site)
    return render(request, "heritage_sites/screen.html", {"site": place, "live": screen.live(place, at=request.now)})


def _live_context(request: AccessRequest, place: Place, form: RecountForm) -> dict[str, Any]:
    shown = screen.live(place, at=request.now)
    return {
        "site": place,
        "live": shown,
        "form": form,
        "may_recount": KEEPS_SITE(request.subject, site=place.code),
        "may_trace": traces_site(request.subject, site=place.code),
        "may_see_traces": SEES_TRACES(request.subject),
        "crumbs": _crumbs(place, shown.name, _("Đang có mặt")),
    }


# -- history ---------------------------------------------------------------------------------------------------------
@access.rule(SEES_SITE)
@require_safe
def history_of(request: AccessRequest, site: str) -> HttpResponse:
    """Show who came in some days, by hour, day, province, age or sex. The choice lives in the address."""
    return render(request, "heritage_sites/history.html", _history_context(request, _site(site)))


@access.rule(SEES_SITE)
@require_safe
def history_file(request: AccessRequest, site: str) -> HttpResponse:
    """Give the chosen history as an Excel file."""
    context = _history_context(request, _site(site))
    first, last = context["first"], context["last"]
    content = screen.history_workbook(
        context["found"], site=context["name"], first=first, last=last, notes=context["notes"], at=request.now
    )
    name = f"luot-vao-{site}-{first:%Y%m%d}-{last:%Y%m%d}.xlsx"
    return HttpResponse(content, EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@access.rule(SEES_SITE)
@require_safe
def report(request: AccessRequest, site: str) -> HttpResponse:
    """Show everything of some days on one page for A4 paper."""
    place = _site(site)
    context = _history_context(request, place)
    first, last, gate = context["first"], context["last"], context["gate"]
    parts = []
    for by in ("day", "hour", "province", "age", "sex"):
        found = history(place, first=first, last=last, by=by, gate=gate)
        title = _("Theo %(what)s") % {"what": screen.head_of(by).lower()}
        parts.append((title, screen.table_of(found, caption=title)))
    unit = place_on(place, last).unit_code
    named = units_on(last).get(unit)
    context |= {"parts": parts, "unit": named.name if named else unit, "now": request.now}
    return render(request, "heritage_sites/report.html", context)


def _history_context(request: AccessRequest, place: Place) -> dict[str, Any]:
    day = localdate(request.now)
    gates = [(gate.id, gate.name) for gate in gates_of_site(place, day)]
    form = HistoryForm(request.GET or None, gates=gates, today=day)
    by, first, last, gate = form.choice() if form.is_bound else ("day", day - timedelta(days=29), day, None)
    # The form shows what is shown, not what was typed.
    shown = HistoryForm({"by": by, "first": first, "last": last, "gate": gate or ""}, gates=gates, today=day)
    found = history(place, first=first, last=last, by=by, gate=gate)
    name = place_on(place, day).name
    query = f"by={by}&first={first}&last={last}&gate={gate or ''}"
    return {
        "site": place,
        "name": name,
        "form": shown,
        "found": found,
        "lines": screen.lines_of(found),
        "head": screen.head_of(by),
        "chart": screen.history_chart(found, first=first, last=last),
        "first": first,
        "last": last,
        "gate": gate,
        "gate_name": dict(gates).get(gate, "") if gate else "",
        "notes": screen.method_notes(place, first=first, last=last),
        "published": published(place, first=first, last=last) if gate is None else None,
        "alarms": _alarms(place, first, last),
        "query": query,
        "clear_url": reverse("heritage_sites:history", args=[place.code]),
        "crumbs": _crumbs(place, name, _("Lượt vào")),
    }


def _alarms(place: Place, first: date, last: date) -> list[screen.AlarmLine]:
    first_at, last_at = day_begins(first), day_begins(last + ONE_DAY)
    return screen.alarm_lines(place, first_at=first_at, last_at=last_at, on=last)


# -- looking people up -----------------------------------------------------------------------------------------------
@access.rule(traces_site)
@FORM
@never_cache
def trace(request: AccessRequest, site: str) -> HttpResponse:
    """Look up who was at a site in a window. What is found is shown once, in answer to the form."""
    place = _site(site)
    form = TraceForm(
        request.POST or None, initial={"first_at": _hour(request.now, -2), "last_at": _hour(request.now, 0)}
    )
    traced, status = None, 200
    if request.method == "POST":
        traced = _traced(request, place, form) if form.is_valid() else None
        status = 200 if traced else 422
    name = place_on(place, localdate(request.now)).name
    context = {
        "site": place,
        "name": name,
        "form": form,
        "traced": traced,
        "may_see_traces": SEES_TRACES(request.subject),
        "past": Trace.objects.filter(site=place).select_related("by").order_by("-at")[:10],
        "crumbs": _crumbs(place, name, _("Tra cứu người đã vào")),
    }
    return render(request, "heritage_sites/trace.html", context, status=status)


def _traced(request: AccessRequest, place: Place, form: TraceForm) -> tracing.Traced | None:
    assert request.subject.user_id is not None
    asked = form.cleaned_data
    try:
        return tracing.trace_visitors(
            site=place,
            first_at=asked["first_at"],
            last_at=asked["last_at"],
            purpose=asked["purpose"],
            shows_whole=asked["is_whole"],
            at=request.now,
            by=request.subject.user_id,
        )
    except tracing.TraceError as fault:
        form.add_error(None, str(fault))
        return None


@access.rule(SEES_TRACES)
@require_safe
def traces(request: AccessRequest) -> HttpResponse:
    """List who looked up visitors, of which site and why; whom they saw stands in the trail."""
    day = localdate(request.now)
    made = list(Trace.objects.select_related("by", "site").order_by("-at", "-pk"))
    names = terms_on({one.site_id for one in made}, day)
    words = request.GET.get("q", "").strip()[:100]
    found = [
        (one, names[one.site_id].name)
        for one in made
        if fold(words) in fold(f"{names[one.site_id].name} {one.by.full_name} {one.purpose}")
    ]
    page = Paginator(found, TRACES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": page.object_list,
        "total": len(found),
        "has_any": bool(made),
        "words": words,
        "form": ListedForm(request.GET),
        "crumbs": [Crumb(title=_("Di tích"), url=reverse("heritage_sites:home")), Crumb(title=_("Các lần tra cứu"))],
    }
    return render(request, "heritage_sites/traces.html", context)


# -- parts of the above ----------------------------------------------------------------------------------------------
def _site(code: str) -> Place:
    place = place_of(SITE, code)
    if place is None:
        raise Http404
    return place


def _crumbs(place: Place, name: str, here: str) -> list[Crumb]:
    return [
        Crumb(title=_("Di tích"), url=reverse("heritage_sites:home")),
        Crumb(title=name, url=reverse("heritage_sites:site", args=[place.code])),
        Crumb(title=here),
    ]


def _hour(at: datetime, hours: int) -> datetime:
    return (at + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
