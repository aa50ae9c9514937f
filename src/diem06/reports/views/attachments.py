"""The files of a report: attached, taken out, handed out."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.models import StoredFile
from diem06.core.evidence.queries import DamagedFileError, download
from diem06.reports import actions
from diem06.reports.models import Attachment, ReportEvent, ReportVersion
from diem06.reports.views.opening import locked_words, open_report


class AttachmentForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Tệp đính kèm"),
        help_text=gettext_lazy("PDF, Word, Excel hoặc ảnh; nhiều nhất 20 MB."),
        allow_empty_file=True,  # what is wrong with it is told in our words
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx,.xls,.png,.jpg,.jpeg"}),
    )
    title = forms.CharField(label=gettext_lazy("Tên gọi"), max_length=200, required=False)


@require_POST
@access.rule(access.of_unit("unit"))
def attach(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Keep a file with the report."""
    opened = open_report(period, unit)
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Chọn một tệp trước khi đính kèm."))
        return redirect(f"{opened.url}#files")
    file = form.cleaned_data["file"]
    try:
        row = actions.attach(
            report=opened.report,
            name=file.name or "",
            content=file.read(),
            title=form.cleaned_data["title"],
            at=request.now,
            by=request.subject.user_id,
        )
    except FileError as fault:
        messages.error(request, str(fault))
    except actions.LockedError:
        messages.error(request, locked_words(opened.report))
    except actions.ReportError:
        messages.error(request, _("Báo cáo đã có 20 tệp. Bỏ bớt một tệp rồi đính kèm."))
    else:
        messages.success(request, _("Đã đính kèm «%(title)s».") % {"title": row.title})
    return redirect(f"{opened.url}#files")


@require_POST
@access.rule(access.of_unit("unit"))
def detach(request: AccessRequest, period: str, unit: str, attachment: int) -> HttpResponse:
    """Take a file out of the report."""
    opened = open_report(period, unit)
    row = Attachment.objects.filter(pk=attachment, report=opened.report).select_related("file").first()
    if row is None:
        raise Http404(_("Báo cáo không có tệp này."))
    try:
        actions.detach(attachment=row, at=request.now, by=request.subject.user_id)
    except actions.LockedError:
        messages.error(request, locked_words(opened.report))
    else:
        messages.success(request, _("Đã bỏ «%(title)s» khỏi báo cáo.") % {"title": row.title})
    return redirect(f"{opened.url}#files")


@access.rule(access.own_unit("unit"))
def file(request: AccessRequest, period: str, unit: str, file: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Hand out a file of the report: an attachment, or a signed document."""
    report = open_report(period, unit).report
    is_here = (
        Attachment.objects.filter(report=report, file=file).exists()
        or ReportEvent.objects.filter(report=report, file=file).exists()
        or ReportVersion.objects.filter(Q(approval_file=file), report=report).exists()
    )
    row = StoredFile.objects.filter(pk=file).first() if is_here else None
    if row is None:
        raise Http404(_("Báo cáo không có tệp này."))
    try:
        return download(row)
    except DamagedFileError as damaged:
        raise Http404(_("Tệp không còn đọc được.")) from damaged
