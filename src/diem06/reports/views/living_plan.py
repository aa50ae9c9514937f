"""The living plan."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.reports.screens.living_plan import ALL, AMENDED, ANSWERED
from diem06.reports.screens.living_plan import living_plan as screen_of
from diem06.reports.screens.outlook import Outlook
from diem06.reports.views.reading import reads_figures

DRAFTERS = (Role.STANDING_OFFICE, Role.ADMINISTRATOR)


@access.rule(access.with_role)
@reads_figures
def living_plan(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """
    Show the plan with its figures. `?show=answered` leaves out what nothing stands beside, `?show=amended` what no document
    changed.
    """
    show = request.GET.get("show", ALL)
    if show not in (ALL, ANSWERED, AMENDED):
        raise Http404(_("Không có cách xem này."))
    context = {
        "screen": screen_of(outlook, show=show),
        "outlook": outlook,
        "show": show,
        "may_draft": request.subject.has(*DRAFTERS),
    }
    return render(request, "reports/living_plan.html", context)
