"""Files that a page hands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.http import HttpResponse

from diem06.core.access.rules import AccessRequest
from diem06.core.plans.models import Period
from diem06.cube.closing.record import revision_of_record
from diem06.plan.periods import window_of
from diem06.reports.screens.outlook import Outlook, outlook

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def excel(content: bytes, name: str) -> HttpResponse:
    """Hand out an Excel file under an ASCII name."""
    return HttpResponse(content, content_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def issued(request: AccessRequest, seen: Outlook, *, also: Iterable[Period] = ()) -> Outlook:
    """
    Return the outlook under revisions that stay: what leaves in a file must be found again by its keys.

    `also` are earlier periods whose figures leave in the same file.
    """
    for period in also:
        revision_of_record(loaded=seen.loaded, window=window_of(seen.plan, period.code), at=request.now)
    revision = revision_of_record(loaded=seen.loaded, window=seen.board.window, at=request.now)
    if revision.changes != seen.board.changes:  # a fact changed since the page was begun
        return outlook(request.subject, period=seen.period.code, at=request.now)
    return replace(seen, revision=revision.number)
