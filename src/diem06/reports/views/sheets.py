"""
The Excel template of a unit's report, its upload, and blocks pasted into its page. What is brought is staged and shown before
anything is stored: the pages of a batch are those of `core/sheets`.

A page that takes a paste calls `entry-paste`:

    POST /my-work/<period>/<unit>/paste/
    {"cells": [{"name": "<form name of the cell>", "text": "1.234", "seen": "<record that the page shows, may be left out>"}]}

(or a form with `name` and `text` given once for each cell). Nothing is saved. Asked for JSON it answers

    {"batch": 12, "url": "...", "load_url": "...", "drop_url": "...",
     "counts": {"new": 3, "changed": 1, "removed": 0, "same": 2, "wrong": 1, "conflicts": 0},
     "rows": [{"name", "label", "text", "value", "shown", "before", "verdict", "reason", "conflict"}]}

`value` is null where the text is wrong, `before` the number that stands there now, null for none. A request of htmx gets the
preview as HTML, with the form that saves. Saving is a POST to `load_url` (CSRF token; `only_good=1` leaves wrong cells out,
`overwrites=1` takes those that others changed meanwhile): it redirects to the batch, or answers {"loaded", "url", "undo_url"}
where JSON is asked for, or 409 with {"message", "url"}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import units_on
from diem06.core.sheets.actions import BatchError, stage_block
from diem06.core.sheets.declared import SheetRefusedError
from diem06.core.sheets.models import Batch
from diem06.core.sheets.queries import tally
from diem06.core.sheets.views import batch_url, shown_columns, shown_row, upload_page
from diem06.reports.sheets import EntrySheet
from diem06.reports.views.files import excel

SHEET = EntrySheet()
PREVIEWED = 300


@access.rule(access.own_unit("unit"))
def template(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Hand out the template made for this unit and period, with what is known so far."""
    return excel(SHEET.template(f"{period}:{unit}", at=request.now), f"{period}_{unit}.xlsx")


@access.rule(access.of_unit("unit"))
def upload(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Take a filled-in template to be looked at; nothing of it is stored before the person says so."""
    report = SHEET.report_of(f"{period}:{unit}")
    context = {"unit": units_on(report.period.last_day)[unit], "period": report.period}
    return upload_page(request, SHEET, f"{period}:{unit}", "reports/upload.html", context)


@require_POST
@access.rule(access.of_unit("unit"))
def paste(request: AccessRequest, period: str, unit: str) -> HttpResponseBase:
    """Stage a pasted block and say what it would do. Nothing is stored."""
    SHEET.report_of(f"{period}:{unit}")
    try:
        block = _block(request)
    except (ValueError, KeyError, TypeError):
        return _refusal(request, _("Yêu cầu không đọc được. Tải lại trang."), HTTPStatus.BAD_REQUEST)
    try:
        batch = stage_block(
            sheet=SHEET, scope=f"{period}:{unit}", block=block, at=request.now, by=request.subject.user_id
        )
    except SheetRefusedError as refused:
        return _refusal(request, str(refused), HTTPStatus.LOCKED)
    except BatchError as fault:
        return _refusal(request, str(fault), HTTPStatus.BAD_REQUEST)
    if request.headers.get("HX-Request"):
        return render(request, "sheets/_preview.html", _preview(batch))
    return JsonResponse(_answer(batch))


def _block(request: AccessRequest) -> list[dict[str, str]]:
    if request.content_type == "application/json":
        cells = json.loads(request.body)["cells"]
        return [_pasted(cell) for cell in cells]
    names, texts = request.POST.getlist("name"), request.POST.getlist("text")
    return [{"name": name, "text": text} for name, text in zip(names, texts, strict=True)]


def _pasted(cell: Mapping[str, Any]) -> dict[str, str]:
    found = {"name": str(cell["name"])[:300], "text": str(cell["text"])[:100]}
    return found | ({"seen": str(cell["seen"])[:64]} if cell.get("seen") is not None else {})


def _refusal(request: AccessRequest, words: str, status: int) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "ui/notice.html", {"tone": "bad", "text": words}, status=status)
    return JsonResponse({"message": words}, status=status)


def _preview(batch: Batch) -> dict[str, Any]:
    rows = list(batch.rows.all()[:PREVIEWED])
    columns = shown_columns(SHEET, rows)
    return {
        "batch": batch,
        "tally": tally(batch),
        "columns": columns,
        "rows": [shown_row(row, columns) for row in rows],
        "url": batch_url(batch),
        "load_url": reverse("sheet-load", args=(batch.sheet, batch.scope, batch.pk)),
    }


def _answer(batch: Batch) -> dict[str, Any]:
    counted = tally(batch)
    rows = []
    for row in batch.rows.all():
        (cell,) = row.cells
        rows.append(
            {
                "name": row.key,
                "label": row.label,
                "text": cell.get("text", ""),
                "value": (row.values or {}).get("value"),
                "shown": cell.get("shown", ""),
                "before": (row.before or {}).get("values", {}).get("value"),
                "verdict": row.verdict,
                "reason": cell.get("reason", "") or row.reason,
                "conflict": row.conflict,
            }
        )
    names = ("new", "changed", "removed", "same", "wrong", "conflicts")
    return {
        "batch": batch.pk,
        "url": batch_url(batch),
        "load_url": reverse("sheet-load", args=(batch.sheet, batch.scope, batch.pk)),
        "drop_url": reverse("sheet-drop", args=(batch.sheet, batch.scope, batch.pk)),
        "counts": {name: getattr(counted, name) for name in names},
        "rows": rows,
    }
