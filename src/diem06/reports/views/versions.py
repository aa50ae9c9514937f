"""A report read whole, in any of its versions, and what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.reports import queries
from diem06.reports.entry_checks import check_report
from diem06.reports.models import Report, ReportState
from diem06.reports.versions import cell_differences, read_report, text_differences
from diem06.reports.views.opening import open_report
from diem06.reports.views.states import ACCEPTS

NOW = "now"
APPROVED = "approved"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment of a report that can be read: a version, its approval, or now (`at` None)."""

    code: str  # as it stands in URLs
    words: str | Promise
    at: datetime | None


def moments(report: Report) -> list[Moment]:
    """Return what of a report can be read: now, what the head approved, then each accepted version, the newest first."""
    found = [Moment(code=NOW, words=_("Hiện nay"), at=None)]
    if report.approval_recorded_at is not None:
        found.append(Moment(code=APPROVED, words=_("Bản đã duyệt"), at=report.approval_recorded_at))
    found += [
        Moment(
            code=str(version.number),
            words=_("Bản %(n)s, tiếp nhận %(at)s")
            % {"n": version.number, "at": f"{timezone.localtime(version.as_of):%H:%M %d/%m/%Y}"},
            at=version.as_of,
        )
        for version in sorted(report.versions.all(), key=lambda version: -version.number)
    ]
    return found


def _moment(report: Report, code: str) -> Moment:
    found = next((moment for moment in moments(report) if moment.code == code), None)
    if found is None:
        raise Http404(_("Báo cáo không có bản này."))
    return found


@access.rule(access.own_unit("unit"))
def reading(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Read a report whole: as it stands, or one of its versions (`?version=`), with who did what to it."""
    opened = open_report(period, unit)
    report = opened.report
    chosen = _moment(report, request.GET.get("version", NOW))
    is_now = chosen.at is None
    is_office = ACCEPTS(request.subject)
    is_head = access.of_unit("unit", Role.UNIT_HEAD)(request.subject, unit=unit)
    may_accept = is_office and is_now and report.state == ReportState.APPROVED
    may_return = may_accept or (is_head and is_now and report.state == ReportState.SUBMITTED)
    context = {
        "opened": opened,
        "report": report,
        "unit": opened.unit,
        "period": report.period,
        "reading": read_report(report, opened.loaded.plan, chosen.at),
        "chosen": chosen,
        "is_now": is_now,
        "moments": moments(report),
        "events": report.events.select_related("by", "file").prefetch_related("remarks"),
        "next": queries.next_actor(report, at=request.now),
        "timeliness": queries.timeliness(report, at=request.now),
        "changed_after": queries.changed_after_approval(report),
        "checked": check_report(report, opened.loaded.plan) if is_now and (is_office or is_head) else None,
        "may_accept": may_accept,
        "may_return": may_return,
        "may_approve": is_head and is_now and report.state == ReportState.SUBMITTED,
        "return_url": "report-return" if is_office else "entry-return",
        "may_write": access.of_unit("unit")(request.subject, unit=unit),
        "is_office": is_office,
    }
    return render(request, "reports/states/reading.html", context)


@access.rule(access.own_unit("unit"))
def differences(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show what differs between two moments of a report: `?from=` (default: what was approved or accepted last) and `?to=`."""
    opened = open_report(period, unit)
    report = opened.report
    every = moments(report)
    before = _moment(report, request.GET.get("from") or (every[1].code if len(every) > 1 else NOW))
    after = _moment(report, request.GET.get("to") or NOW)
    context = {
        "opened": opened,
        "report": report,
        "unit": opened.unit,
        "period": report.period,
        "moments": every,
        "before": before,
        "after": after,
        "cells": list(cell_differences(report, opened.loaded.plan, before.at, after.at)),
        "texts": list(text_differences(report, before.at, after.at)),
    }
    return render(request, "reports/states/differences.html", context)
