"""The page of one figure: where it comes from."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.figures import Board, Figure, explain, figure_at
from diem06.cube.keys import FigureKeyError
from diem06.reports.screens.figure import figure_page
from diem06.reports.screens.outlook import is_in_own_area


@access.rule(access.with_role)
def figure(request: AccessRequest, key: str) -> HttpResponse:
    """Explain a figure by its key. Who is bound to a unit sees the figures of that unit and of its own area alone."""
    try:
        loaded = loaded_plan()
        found, board, _is_current = figure_at(loaded, key)
        access.check(
            request.subject.is_province_wide or _is_own(found, board, request.subject.units),
            _("Bạn chỉ xem được số liệu của đơn vị và địa bàn mình."),
        )
        explanation = explain(loaded, key)
    except (FigureKeyError, NoPlanError) as unknown:
        raise Http404(_("Không có số liệu này.")) from unknown
    page = figure_page(loaded, explanation, request.subject, page=request.GET.get("page"))
    return render(request, "reports/figure.html", {"page": page})


def _is_own(figure: Figure, board: Board, units: frozenset[str]) -> bool:
    """Is it a figure of one of these units, or of the area of one?"""
    if figure.unit is not None:
        return figure.unit in units
    return figure.area is not None and is_in_own_area(
        figure.area.code, units=units, known=board.units, tree=board.tree, plan=board.plan
    )
