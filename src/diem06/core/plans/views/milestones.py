"""Milestones of the standing office: what it wants to see by a day. They are never the plan's targets."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.actions import MilestoneError, end_milestone, set_milestone
from diem06.core.plans.forms import EndForm, MilestoneForm
from diem06.core.plans.models import Milestone
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan, milestones
from diem06.core.ui import numbers
from diem06.core.ui.shell import Crumb

SETS = access.only(Role.STANDING_OFFICE)


@dataclass(frozen=True, kw_only=True)
class MilestoneLine:
    """One milestone in the list. `of` is the area or unit that it is for, empty for the whole."""

    row: Milestone
    name: str
    value: str
    of: str
    is_over: bool


@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD"])
def milestones_page(request: AccessRequest) -> HttpResponse:
    """List the milestones: those that count first, then those that ended."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "plans/no_plan.html")
    lines = _lines(loaded, request)
    context = {
        "counting": [line for line in lines if line.row.ended_on is None],
        "ended": [line for line in lines if line.row.ended_on is not None],
        "may_set": request.subject.has(Role.STANDING_OFFICE),
        "crumbs": [Crumb(title=_("Kế hoạch"), url=reverse("living-plan")), Crumb(title=_("Mốc theo dõi"))],
    }
    return render(request, "plans/milestones.html", context)


@access.rule(SETS)
@require_http_methods(["GET", "HEAD", "POST"])
def milestone_new(request: AccessRequest) -> HttpResponse:
    """Set a milestone."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "plans/no_plan.html")
    initial = {name: request.GET.get(name, "") for name in ("indicator", "area", "unit")}
    form = MilestoneForm(request.POST or None, initial=initial, loaded=loaded, at=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            set_milestone(loaded=loaded, at=request.now, by=request.user.pk, **form.cleaned_data)
        except MilestoneError as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Đã đặt mốc theo dõi."))
            return redirect("plan-milestones")
    context = {"form": form, "heading": _("Đặt mốc theo dõi"), "button": _("Đặt mốc"), "crumbs": _crumbs(_("Đặt mốc"))}
    return render(request, "plans/milestone_form.html", context, status=422 if form.errors else 200)


@access.rule(SETS)
@require_http_methods(["GET", "HEAD", "POST"])
def milestone_end(request: AccessRequest, milestone: int) -> HttpResponse:
    """End a milestone, with the reason."""
    row = get_object_or_404(Milestone, pk=milestone, ended_at=None)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        end_milestone(milestone=row, reason=form.cleaned_data["reason"], at=request.now, by=request.user.pk)
        messages.success(request, _("Đã kết thúc mốc theo dõi."))
        return redirect("plan-milestones")
    heading = _("Kết thúc mốc của %(code)s đến %(day)s") % {"code": row.indicator, "day": f"{row.day:%d/%m/%Y}"}
    context = {"form": form, "heading": heading, "button": _("Kết thúc mốc"), "crumbs": _crumbs(_("Kết thúc mốc"))}
    return render(request, "plans/milestone_form.html", context, status=422 if form.errors else 200)


def _crumbs(last: str) -> list[Crumb]:
    return [
        Crumb(title=_("Kế hoạch"), url=reverse("living-plan")),
        Crumb(title=_("Mốc theo dõi"), url=reverse("plan-milestones")),
        Crumb(title=last),
    ]


def _lines(loaded: Loaded, request: AccessRequest) -> list[MilestoneLine]:
    today = request.now.date()
    units, tree = units_on(today), areas_on(today)
    rows = milestones(loaded.plan).select_related("set_by", "ended_by")
    known = {row.code: row for row in loaded.plan.indicators}
    lines = []
    for row in rows:
        indicator = known.get(row.indicator)
        is_share = indicator is not None and bool(indicator.parts[0].denominator)
        of = ""
        if row.area:
            of = tree.get(row.area).name if row.area in tree else row.area
        elif row.unit:
            of = units[row.unit].name if row.unit in units else row.unit
        lines.append(
            MilestoneLine(
                row=row,
                name=indicator.name if indicator else "",
                value=numbers.percent(row.value, None) if is_share else numbers.number(row.value),
                of=of,
                is_over=row.day < today,
            )
        )
    return lines
