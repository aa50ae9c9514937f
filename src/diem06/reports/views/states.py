"""The steps of a report: checked and sent, approved or returned, accepted, corrected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import areas_on
from diem06.core.evidence.actions import FileError
from diem06.reports import actions, queries
from diem06.reports.entry_checks import Checked, check_report
from diem06.reports.entry_form import Words, owed_cells
from diem06.reports.models import Heading, Remark, Report
from diem06.reports.views.opening import Opened, locked_words, open_report, wrong_state_words

ACCEPTS = access.only(Role.STANDING_OFFICE, Role.LEAD_UNIT)
SHOWN_MISSING = 12
_LONGEST_RETURN = timedelta(days=3)


# -- checked and sent ------------------------------------------------------------------------------------------------
@access.rule(access.of_unit("unit"))
def submit(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show what the checks found, take reasons, and send the report to the unit's head."""
    opened = open_report(period, unit)
    if request.method != "POST":
        return _checks_page(request, opened)
    by, at, report, plan = request.subject.user_id, request.now, opened.report, opened.loaded.plan
    reasons = {name[2:]: text for name, text in request.POST.items() if name.startswith("r-") and text}
    try:
        if absent := request.POST.get("absent", "").strip():
            actions.mark_absent(report=report, plan=plan, reason=absent[:500], at=at, by=by)
        actions.explain(report=report, plan=plan, reasons={n: str(t) for n, t in reasons.items()}, at=at, by=by)
        actions.submit(report=report, plan=plan, at=at, by=by)
    except actions.NotReadyError:
        return _checks_page(request, opened, tried=True, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except actions.LockedError:
        messages.error(request, locked_words(report))
        return redirect(opened.url)
    except actions.WrongStateError as wrong:
        messages.error(request, wrong_state_words(wrong.report))
        return redirect(opened.url)
    messages.success(request, _("Đã trình người đứng đầu lúc %(time)s.") % {"time": f"{timezone.localtime(at):%H:%M}"})
    return redirect(opened.url)


def _checks_page(
    request: AccessRequest, opened: Opened, *, tried: bool = False, status: int = HTTPStatus.OK
) -> HttpResponse:
    checked = check_report(opened.report, opened.loaded.plan)
    remarks = queries.open_remarks(opened.report)
    context = {
        "opened": opened,
        "report": opened.report,
        "unit": opened.unit,
        "period": opened.report.period,
        "checked": checked,
        "missing": checked.missing[:SHOWN_MISSING],
        "missing_more": max(0, len(checked.missing) - SHOWN_MISSING),
        "remarks": remarks,
        "is_ready": not checked.in_the_way and not remarks,
        "left": _left(checked, remarks) if tried else "",
        "is_locked": not opened.report.may_be_edited(request.now),
        "locked_words": locked_words(opened.report),
    }
    return render(request, "reports/states/submit.html", context, status=status)


def _left(checked: Checked, remarks: Iterable[Remark]) -> str:
    """Say what still stands in the way."""
    told = [
        (len(checked.faults), _("%(n)s lỗi giữa các ô")),
        (len(checked.missing), _("%(n)s ô trống")),
        (len(checked.asked), _("%(n)s chỗ cần lý do")),
        (len(list(remarks)), _("%(n)s yêu cầu sửa")),
    ]
    return _("Chưa trình được: còn %(what)s.") % {"what": ", ".join(text % {"n": n} for n, text in told if n)}


@require_POST
@access.rule(access.of_unit("unit"))
def answer(request: AccessRequest, period: str, unit: str, remark: int) -> HttpResponse:
    """Answer a remark of a return without changing the cell."""
    opened = open_report(period, unit)
    row = Remark.objects.filter(pk=remark, event__report=opened.report).select_related("event").first()
    if row is None:
        raise Http404(_("Không có yêu cầu này."))
    try:
        actions.answer_remark(
            remark=row, answer=request.POST.get("answer", ""), at=request.now, by=request.subject.user_id
        )
    except actions.LockedError:
        messages.error(request, locked_words(opened.report))
    except actions.ReportError:
        messages.error(request, _("Ghi câu trả lời trước khi gửi."))
    return redirect(f"{opened.url}#remarks")


# -- the head --------------------------------------------------------------------------------------------------------
class ApprovalForm(forms.Form):
    """The head's approval: number, day and hour of the signed document, and the document itself where it is at hand."""

    number = forms.CharField(label=gettext_lazy("Số, ký hiệu văn bản đã ký"), max_length=64)
    day = forms.DateField(label=gettext_lazy("Ngày duyệt"), help_text=gettext_lazy("Ví dụ 14/07/2023"))
    hour = forms.TimeField(label=gettext_lazy("Giờ duyệt"), help_text=gettext_lazy("Ví dụ 16:30"))
    pdf = forms.FileField(
        label=gettext_lazy("Văn bản đã ký (PDF)"),
        required=False,
        allow_empty_file=True,  # what is wrong with it is told in our words
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )

    def approved_at(self) -> datetime:
        """Return the moment of the approval."""
        both = datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"])
        return timezone.make_aware(both, timezone.get_default_timezone())

    def content(self) -> tuple[str, bytes] | None:
        """Return name and bytes of the signed document; None where none was given."""
        file: UploadedFile | None = self.cleaned_data["pdf"]
        return (file.name or "", file.read()) if file else None


def approval_form(report: Report, at: datetime, *, is_head: bool) -> ApprovalForm:
    """Return the form as it is shown: what was recorded, or for a head who approves on screen the hour of now."""
    if report.approved_at is not None:
        local = timezone.localtime(report.approved_at)
        return ApprovalForm(initial={"number": report.approval_number, "day": local.date(), "hour": local.time()})
    here = timezone.localtime(at)
    return ApprovalForm(initial={"day": here.date(), "hour": here.time().replace(second=0)} if is_head else None)


def approve(request: AccessRequest, opened: Opened) -> tuple[ApprovalForm, list[str]]:
    """Record the approval that was posted; return the form with what is wrong, and the checks that stand in the way."""
    form = ApprovalForm(request.POST, request.FILES)
    in_the_way: list[str] = []
    if not form.is_valid():
        return form, in_the_way
    try:
        actions.approve(
            report=opened.report,
            plan=opened.loaded.plan,
            number=form.cleaned_data["number"],
            approved_at=form.approved_at(),
            pdf=form.content(),
            at=request.now,
            by=request.subject.user_id,
        )
    except actions.NotReadyError as refused:
        in_the_way = [found.text for found in refused.findings]
        count = len(refused.findings) + refused.remarks
        form.add_error(None, _("Còn %(n)s chỗ phải sửa hoặc cần lý do. Mở «Kiểm tra và trình».") % {"n": count})
    except actions.LockedError:
        form.add_error(None, locked_words(opened.report))
    except FileError as fault:
        form.add_error("pdf", str(fault))
    except actions.ReportError:
        form.add_error("day", _("Ngày giờ duyệt phải sau khi kỳ mở và không ở tương lai."))
    return form, in_the_way


# -- returned --------------------------------------------------------------------------------------------------------
class ReturnForm(forms.Form):
    """Why a report is given back; after the lock, until when it may be edited."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do trả lại"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Đơn vị thấy câu này trước tiên. Ghi rõ phải sửa gì."),
    )
    until = forms.DateField(
        label=gettext_lazy("Cho sửa đến hết ngày"),
        required=False,
        help_text=gettext_lazy("Cần ghi khi hạn sửa số liệu đã qua."),
    )

    def moment(self) -> datetime | None:
        """Return the end of the day until which the unit may edit."""
        day = self.cleaned_data.get("until")
        if day is None:
            return None
        return timezone.make_aware(
            datetime.combine(day + timedelta(days=1), datetime.min.time()), timezone.get_default_timezone()
        )


@access.rule(access.of_unit("unit", Role.UNIT_HEAD))
def return_by_head(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """The head gives back what was submitted."""
    return _return(request, open_report(period, unit), by_office=False)


@access.rule(ACCEPTS)
def return_by_office(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """The standing office or the lead unit gives back what was approved."""
    return _return(request, open_report(period, unit), by_office=True)


def _return(request: AccessRequest, opened: Opened, *, by_office: bool) -> HttpResponse:
    """`cell` and `heading` name the places to remark on, chosen on the page that reads the report; `m-` is each remark."""
    report = opened.report
    data = request.POST if request.method == "POST" else request.GET
    places = _places(opened, data.getlist("cell"), data.getlist("heading"))
    is_locked = not report.is_within_time(request.now)
    until = timezone.localtime(request.now + _LONGEST_RETURN).date()
    form = ReturnForm(request.POST if request.method == "POST" else None, initial={"until": until})
    if not (by_office and is_locked):
        del form.fields["until"]
    if form.is_bound and form.is_valid():
        remarks = [
            actions.NewRemark(text=request.POST.get(f"m-{key}", ""), cell=cell, heading=heading)
            for key, cell, heading, _words in places
        ]
        try:
            actions.return_report(
                report=report,
                by_office=by_office,
                reason=form.cleaned_data["reason"],
                remarks=remarks,
                until=form.moment(),
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.WrongStateError as wrong:
            form.add_error(None, wrong_state_words(wrong.report))
        except actions.LockedError:
            form.add_error(None, locked_words(report))
        except actions.ReportError:
            form.add_error("until", _("Chọn ngày từ hôm nay, không quá 31 ngày."))
        else:
            messages.success(request, _("Đã trả lại báo cáo cho %(unit)s.") % {"unit": opened.unit.short})
            return redirect(reverse("report-queue") if by_office else opened.url)
    context: dict[str, Any] = {
        "opened": opened,
        "report": report,
        "unit": opened.unit,
        "period": report.period,
        "form": form,
        "places": [(key, words, request.POST.get(f"m-{key}", "")) for key, _cell, _heading, words in places],
        "cells": [cell for _key, cell, _heading, _words in places if cell],
        "headings": [heading for _key, _cell, heading, _words in places if heading],
        "reading_url": reverse("report-reading", args=(report.period.code, report.unit)),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "reports/states/return.html", context, status=status)


def _places(opened: Opened, cells: list[str], headings: list[str]) -> list[tuple[str, str, str, str]]:
    """Return what is remarked on: the key of its field, the cell or the heading, and the words for it."""
    owed = owed_cells(opened.report, opened.loaded.plan)
    words, tree = Words(opened.loaded.plan), areas_on(opened.report.period.last_day)
    found = []
    for name in dict.fromkeys(cells):
        if cell := owed.get(name):
            label = f"{tree.get(cell.area).name}: {words.of(cell.measure, cell.dimensions)}"
            found.append((name, name, "", label))
    known = {heading.value: heading for heading in Heading}
    found += [(value, "", value, str(known[value].label)) for value in dict.fromkeys(headings) if value in known]
    return found


# -- accepted and corrected ------------------------------------------------------------------------------------------
@require_POST
@access.rule(ACCEPTS)
def accept(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Accept what the head approved: it becomes a version."""
    opened = open_report(period, unit)
    try:
        report = actions.accept(
            report=opened.report, plan=opened.loaded.plan, at=request.now, by=request.subject.user_id
        )
    except actions.WrongStateError as wrong:
        messages.error(request, wrong_state_words(wrong.report))
    except actions.NotReadyError as refused:
        messages.error(request, _("Chưa tiếp nhận được: %(why)s") % {"why": refused.findings[0].text})
    else:
        messages.success(
            request,
            _("Đã tiếp nhận báo cáo của %(unit)s, bản %(n)s.") % {"unit": opened.unit.short, "n": report.version},
        )
    return redirect(reverse("report-queue"))


class CorrectionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Lý do sửa"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Bản đã tiếp nhận vẫn giữ nguyên. Bản sửa mang số mới và phải duyệt lại."),
    )


@access.rule(access.of_unit("unit"))
def correct(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Begin a new version of an accepted report."""
    opened = open_report(period, unit)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            report = actions.begin_correction(
                report=opened.report,
                reason=form.cleaned_data["reason"],
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.WrongStateError as wrong:
            form.add_error(None, wrong_state_words(wrong.report))
        else:
            messages.success(request, _("Đã mở bản sửa số %(n)s.") % {"n": report.version})
            return redirect(opened.url)
    context = {
        "opened": opened,
        "report": opened.report,
        "unit": opened.unit,
        "period": opened.report.period,
        "form": form,
        "is_within_time": opened.report.is_within_time(request.now),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "reports/states/correct.html", context, status=status)
