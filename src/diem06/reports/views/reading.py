"""What the pages that read figures have in common: whose figures of which period, and what they show while there are none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import NoPlanError
from diem06.reports.screens.outlook import Outlook, PeriodUnknown, outlook

P = ParamSpec("P")


def reads_figures(
    view: Callable[Concatenate[AccessRequest, Outlook, P], HttpResponse],
) -> Callable[Concatenate[AccessRequest, P], HttpResponse]:
    """
    Hand the view what the person sees of `?period=`.

    Without a plan, or before its first period, the page says so. A period that is not open is 404.
    """

    @wraps(view)
    def reading(request: AccessRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        wanted = request.GET.get("period", "")
        try:
            seen = outlook(request.subject, period=wanted, at=request.now)
        except NoPlanError:
            return render(request, "reports/no_plan.html")
        except PeriodUnknown as unknown:
            if wanted:
                raise Http404(_("Kế hoạch không có kỳ %(code)s.") % {"code": wanted}) from unknown
            return render(request, "reports/no_period.html")
        return view(request, seen, *args, **kwargs)

    return reading
