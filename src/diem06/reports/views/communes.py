"""A district's grid in the hands of its communes: the switch, who filled in what, and one commune's own row."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import DISTRICT_COMMITTEE, UnitOn, units_on
from diem06.core.ui.templatetags.ui import FieldError
from diem06.reports import actions, queries
from diem06.reports.communes import cells_of_commune, commune_rows, is_commune_of
from diem06.reports.conflict_words import conflict_words
from diem06.reports.entry_form import entry_form, field_name
from diem06.reports.views.entry import Look, Typed, read_typed, save_cells, typed_in
from diem06.reports.views.opening import Opened, locked_words, open_report


@access.rule(access.own_unit("unit"))
def communes(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show the district which commune filled in what, and when; turn the switch on or off."""
    opened = open_report(period, unit)
    if opened.unit.kind != DISTRICT_COMMITTEE:
        raise Http404(_("Đơn vị này không có xã trực thuộc."))
    may_switch = access.of_unit("unit")(request.subject, unit=unit)
    if request.method == "POST":
        access.check(may_switch, _("Chỉ người của huyện được giao biểu cho xã."))
        plan, by = opened.loaded.plan, request.subject.user_id
        if request.POST.get("switch") == "on":
            actions.hand_out(plan=plan, unit=unit, at=request.now, by=by)
            messages.success(request, _("Đã giao biểu cho xã. Người của xã thấy dòng của xã mình."))
        else:
            actions.take_back(plan=plan, unit=unit, at=request.now, by=by)
            messages.success(request, _("Đã thu biểu về huyện. Số xã đã nhập vẫn còn."))
        return redirect(request.path)
    rows = commune_rows(opened.report, opened.loaded.plan, at=request.now)
    context = {
        "opened": opened,
        "report": opened.report,
        "unit": opened.unit,
        "period": opened.report.period,
        "rows": rows,
        "done": sum(1 for row in rows if row.filled == row.owed),
        "handout": queries.handout_of(opened.loaded.plan.id, unit),
        "may_switch": may_switch,
    }
    return render(request, "reports/communes/communes.html", context)


@access.rule(access.of_unit("commune"))
def commune(request: AccessRequest, period: str, unit: str, commune: str) -> HttpResponse:
    """Show a commune its own row of the district's grid; without JavaScript, save it as a whole."""
    opened, here = _open(period, unit, commune)
    owed = cells_of_commune(opened.report, opened.loaded.plan, here)
    if request.method != "POST":
        return _page(request, opened, here)
    typed = typed_in(request, owed)
    entries, errors = read_typed(typed, owed, opened.report)
    if errors:
        return _page(request, opened, here, typed=typed, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        actions.save_values(
            report=opened.report,
            plan=opened.loaded.plan,
            entries=entries,
            at=request.now,
            by=request.subject.user_id,
            way="commune",
            among=set(owed.values()),
        )
    except actions.ConflictError as conflict:
        errors = {field_name(one.cell): conflict_words(one) for one in conflict.conflicts}
        return _page(request, opened, here, typed=typed, errors=errors, status=HTTPStatus.CONFLICT)
    except actions.LockedError:
        errors = {"": locked_words(opened.report)}
        return _page(request, opened, here, typed=typed, errors=errors, status=HTTPStatus.CONFLICT)
    messages.success(request, _("Đã lưu lúc %(time)s.") % {"time": f"{timezone.localtime(request.now):%H:%M}"})
    return redirect(request.path)


@require_POST
@access.rule(access.of_unit("commune"))
def commune_values(request: AccessRequest, period: str, unit: str, commune: str) -> HttpResponseBase:
    """Save cells of the commune's own row as they are typed: in and out as `entry.values`."""
    opened, here = _open(period, unit, commune)
    return save_cells(request, opened, cells_of_commune(opened.report, opened.loaded.plan, here), way="commune")


def _open(period: str, unit: str, commune: str) -> tuple[Opened, UnitOn]:
    """Return the district's report and the commune. Raises Http404 where the district has not handed its grid out."""
    opened = open_report(period, unit)
    here = units_on(opened.report.period.last_day).get(commune)
    is_open = queries.handout_of(opened.loaded.plan.id, unit) is not None
    if here is None or not is_open or not is_commune_of(here, opened.report):
        raise Http404(_("Huyện chưa giao biểu này cho xã."))
    return opened, here


def _page(
    request: AccessRequest,
    opened: Opened,
    here: UnitOn,
    *,
    typed: dict[str, Typed] | None = None,
    errors: dict[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    report = opened.report
    owed = cells_of_commune(report, opened.loaded.plan, here)
    form = entry_form(report, opened.loaded.plan, cells=owed)
    look = Look(typed or {}, errors or {}, form)
    fields = list(form.fields())
    labels = {field.name: field.label for field in fields}
    context = {
        "opened": opened,
        "report": report,
        "unit": opened.unit,
        "commune": here,
        "period": report.period,
        "form": form,
        "faults": [fault for fault in form.faults if fault.field in owed],
        "shown_fields": [look.of(field) for field in fields],
        "may_write": report.may_be_edited(request.now),
        "locked_words": locked_words(report),
        "error_list": [
            FieldError(text=text, label=labels.get(name, ""), anchor=name or "main")
            for name, text in (errors or {}).items()
        ],
        "url": reverse("commune", args=(report.period.code, report.unit, here.code)),
        "values_url": reverse("commune-values", args=(report.period.code, report.unit, here.code)),
    }
    return render(request, "reports/communes/commune.html", context, status=status)
