"""«Chốt số liệu»: the list of periods, closing one, and what was restated since."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.jobs import notices
from diem06.core.jobs.models import Job, JobState
from diem06.core.jobs.queries import waiting_before
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.cube.closing.actions import AlreadyClosedError, ClosingError, NotLockedError, OutOfOrderError
from diem06.cube.closing.queries import closing_of, first_open
from diem06.cube.closing.restatements import restatements
from diem06.cube.models import Closing
from diem06.reports import closing as work
from diem06.reports.screens.closing import Choice, choices, outset, period_lines, restated_lines, restated_workbook
from diem06.reports.screens.outlook import period_name
from diem06.reports.views.files import excel
from diem06.reports.views.periods import loaded_or_404, period_or_404

CLOSES = access.only(Role.STANDING_OFFICE)
"""Who may close a period: the standing office, which compiles and sends its report."""
ROWS_A_PAGE = 50
PROGRESS = "closing-progress"
"""The part of the page that asks again while a period is being closed."""


class ConfirmForm(forms.Form):
    """That the person has read what is missing and what follows."""

    has_read = forms.BooleanField(
        label=gettext_lazy("Tôi đã xem phần còn thiếu và hiểu rằng số đã chốt không sửa, không mở lại được."),
        error_messages={"required": gettext_lazy("Đánh dấu vào ô này rồi mới chốt.")},
    )


class RestatedFilter(forms.Form):
    """How the list of restatements is narrowed; it lives in the URL."""

    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị ghi số liệu"), required=False)
    indicator = forms.ChoiceField(label=gettext_lazy("Chỉ tiêu"), required=False)


@access.rule(access.province_wide)
@require_safe
def closings(request: AccessRequest) -> HttpResponse:
    """List the periods: closed when and by whom, or from when they can be closed."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    lines = period_lines(loaded, at=request.now)
    if not lines:
        return render(request, "reports/no_period.html")
    return render(request, "reports/closing/closings.html", {"lines": lines, "may_close": CLOSES(request.subject)})


@access.rule(access.province_wide)
@require_safe
def closing(request: AccessRequest, period: str) -> HttpResponse:
    """Show what closing an open period would freeze, or how far it is; of a closed one, its seal and its restatements."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    closed = closing_of(loaded.plan.id, of.code)
    last = work.last_try(loaded, of)
    ended = last if last and not last.is_open else None
    if ended:
        # Whoever sees how it ended needs no notice of it any more.
        notices.read(notices=ended.notices.filter(person_id=request.subject.user_id), at=request.now)
    # What was closed is closed a moment before the work at it says that it has ended.
    if (closed or ended) and request.headers.get("HX-Target") == PROGRESS:
        return HttpResponseClientRefresh()  # this page asked how far it is
    if closed is None:
        return _before(request, loaded, of, ConfirmForm(), last)
    form, lines = _restated(request, loaded, closed)
    context = {
        "period": of,
        "closing": closed,
        "form": form,
        "page": Paginator(lines, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "total": len(lines),
        "changed": len(restatements(loaded, closed).facts) if restatements(loaded, closed).is_possible else 0,
        "is_filtered": bool(request.GET.get("unit") or request.GET.get("indicator")),
    }
    return render(request, "reports/closing/closed.html", context)


@access.rule(CLOSES)
@require_POST
def close(request: AccessRequest, period: str) -> HttpResponse:
    """Begin to close a period; its page says how far that is."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _before(request, loaded, of, form, work.last_try(loaded, of))
    try:
        job = work.start(loaded=loaded, period=of, at=request.now, by=request.subject.user_id)
    except AlreadyClosedError:
        messages.info(request, _("Kỳ %(period)s đã chốt trước đó.") % {"period": period_name(of)})
    except ClosingError as refused:
        form.add_error(None, work.reason(refused, of))
        return _before(request, loaded, of, form, None)
    else:
        if job.started_at < request.now:
            messages.info(
                request, _("Kỳ %(period)s đang được chốt, không chốt lần thứ hai.") % {"period": period_name(of)}
            )
    return redirect("closing", period=of.code)


@access.rule(access.province_wide)
@require_safe
def restated_file(request: AccessRequest, period: str) -> HttpResponse:
    """The restatements as they are narrowed, as an Excel file."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    closed = closing_of(loaded.plan.id, of.code)
    if closed is None:
        raise Http404(_("Kỳ này chưa chốt số liệu."))
    _form, lines = _restated(request, loaded, closed)
    return excel(restated_workbook(loaded, closed, lines), f"dieu-chinh-sau-chot-{of.code}.xlsx")


def _restated(request: AccessRequest, loaded: Loaded, closed: Closing) -> tuple[RestatedFilter, list]:
    form = RestatedFilter(request.GET)
    units, indicators = choices(loaded, closed)
    every = [("", gettext_lazy("Tất cả"))]
    form.fields["unit"].choices = every + units  # type: ignore[attr-defined]  # a ChoiceField
    form.fields["indicator"].choices = every + indicators  # type: ignore[attr-defined]
    wanted = form.cleaned_data if form.is_valid() else {}
    choice = Choice(unit=wanted.get("unit", ""), indicator=wanted.get("indicator", ""))
    return form, restated_lines(loaded, closed, choice)


def _before(request: AccessRequest, loaded: Loaded, of: Period, form: ConfirmForm, last: Job | None) -> HttpResponse:
    if last and last.is_open:
        ahead = waiting_before(last) if last.state == JobState.WAITING else 0
        context = {"period": of, "job": last, "ahead": ahead, "is_mine": last.started_by_id == request.subject.user_id}
        return render(request, "reports/closing/progress.html", context)
    following = first_open(loaded.plan)
    reason = ""
    if request.now < of.lock_at:
        reason = work.reason(NotLockedError(), of)
    elif following is not None and following.code != of.code:
        reason = work.reason(OutOfOrderError(following), of)
    context = {
        "period": of,
        "outset": outset(loaded, of, at=request.now),
        "form": form,
        "reason": reason,
        "failed": last if last and last.state == JobState.FAILED else None,
        "may_close": CLOSES(request.subject),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "reports/closing/close.html", context, status=status)
