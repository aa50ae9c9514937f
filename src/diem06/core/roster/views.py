"""The one page of the roster: the pilots."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.core.roster.offered import OfferedPilot, offered_pilots


@access.rule(access.with_role)
@require_safe
def pilots(request: AccessRequest) -> HttpResponse:
    """List the pilots of the plan that have pages of their own here."""
    try:
        found = list(offered_pilots(loaded_plan().plan))
    except NoPlanError:
        found = []
    return render(request, "roster/pilots.html", {"pilots": [_line(each) for each in found]})


def _line(each: OfferedPilot) -> dict[str, str]:
    in_english = get_language() == "en"
    return {
        "url": reverse(f"{each.config.label}:home"),
        "icon": each.config.pilot.icon,
        "title": each.named.title_en if in_english else each.named.title,
        "short": each.named.short_title_en if in_english else each.named.short_title,
        "code": each.named.code,
        "clause": each.named.annex_clause or each.named.clause,
    }
