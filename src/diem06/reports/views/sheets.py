"""The Excel template of a unit's report, and its upload."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.sheets.reading import WorkbookError, check_size, read_workbook
from diem06.core.ui.numbers import number as shown
from diem06.reports import actions
from diem06.reports.sheets import (
    Counts,
    WrongCell,
    WrongCellsError,
    WrongTemplateError,
    conflicts_in,
    read_template,
    template_of,
)
from diem06.reports.views.entry import Opened, locked_words, open_report
from diem06.reports.views.files import excel

SHOWN_WRONG = 200


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Tệp mẫu đã điền (.xlsx)"),
        help_text=gettext_lazy("Nhiều nhất 10 MB. Có một ô sai thì chưa nạp ô nào."),
        allow_empty_file=True,  # what is wrong with it is told in our words
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


@access.rule(access.own_unit("unit"))
def template(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Hand out the template made for this unit and period, with what is known so far."""
    opened = open_report(period, unit)
    content = template_of(opened.report, opened.loaded, at=request.now)
    return excel(content, f"{opened.report.period.code}_{opened.report.unit}.xlsx")


@access.rule(access.of_unit("unit"))
def upload(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Load a filled-in template: all of it, or nothing and each wrong cell by name."""
    opened = open_report(period, unit)
    if request.method != "POST":
        return _page(request, opened, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    wrong: list[WrongCell] = []
    if form.is_valid():
        try:
            counts = _load(request, opened, form.cleaned_data["file"])
        except (WorkbookError, WrongTemplateError) as fault:
            form.add_error("file", str(fault))
        except WrongCellsError as fault:
            wrong = list(fault.wrong)
        except actions.LockedError:
            form.add_error(None, locked_words(opened.report))
        else:
            messages.success(request, summary(counts))
            return redirect(opened.url)
    return _page(request, opened, form, wrong=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _load(request: AccessRequest, opened: Opened, file: UploadedFile) -> Counts:
    actions.check_editable(opened.report, request.now)
    check_size(file.size or 0)
    filled = read_template(read_workbook(file.read()), opened.report, opened.loaded)
    try:
        actions.save_sheet(
            report=opened.report,
            plan=opened.loaded.plan,
            entries=filled.entries,
            texts=filled.texts,
            at=request.now,
            by=request.subject.user_id,
        )
    except actions.ConflictError as conflict:
        if not conflict.conflicts:
            raise WrongTemplateError(_("Lời văn vừa được sửa trên trang. Tải mẫu mới rồi điền lại.")) from conflict
        raise WrongCellsError(conflicts_in(filled, conflict.conflicts)) from conflict
    return filled.counts


def summary(counts: Counts) -> str:
    """Say what a file did."""
    if counts.changes_nothing:
        return _("Tệp không có gì mới: %(n)s ô giữ nguyên.") % {"n": shown(counts.same)}
    return _(
        "Đã nạp tệp Excel: %(new)s ô mới, %(changed)s ô đổi, %(emptied)s ô xóa, %(same)s ô giữ nguyên, %(texts)s mục lời văn."
    ) % {
        "new": shown(counts.new),
        "changed": shown(counts.changed),
        "emptied": shown(counts.emptied),
        "same": shown(counts.same),
        "texts": shown(counts.texts),
    }


def _page(
    request: AccessRequest,
    opened: Opened,
    form: UploadForm,
    *,
    wrong: list[WrongCell] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    wrong = wrong or []
    context = {
        "opened": opened,
        "unit": opened.unit,
        "period": opened.report.period,
        "form": form,
        "wrong": wrong[:SHOWN_WRONG],
        "wrong_count": len(wrong),
        "is_locked": not opened.report.may_be_edited(request.now),
        "locked_words": locked_words(opened.report),
    }
    return render(request, "reports/upload.html", context, status=status)
