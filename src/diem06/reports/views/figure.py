"""The page of one figure: where it comes from."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.figures import explain, figure_at
from diem06.cube.keys import FigureKeyError
from diem06.reports.screens.figure import figure_page


@access.rule(access.with_role)
def figure(request: AccessRequest, key: str) -> HttpResponse:
    """Explain a figure by its key. Who is bound to a unit sees that unit's own figures alone."""
    try:
        loaded = loaded_plan()
        found, _board, _is_current = figure_at(loaded, key)
        access.check(
            request.subject.is_province_wide or (found.unit is not None and found.unit in request.subject.units),
            _("Bạn chỉ xem được số liệu của đơn vị mình."),
        )
        explanation = explain(loaded, key)
    except (FigureKeyError, NoPlanError) as unknown:
        raise Http404(_("Không có số liệu này.")) from unknown
    page = figure_page(loaded, explanation, request.subject, page=request.GET.get("page"))
    return render(request, "reports/figure.html", {"page": page})
