"""Pages of every declared sheet. Who may open them is the rule that the sheet names, asked with the scope of the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diem06.core import access
from diem06.core.access import Subject
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.models import CONTENT_TYPES, FileKind
from diem06.core.evidence.queries import DamagedFileError
from diem06.core.jobs.models import OPEN as OPEN_JOBS
from diem06.core.jobs.models import Job
from diem06.core.sheets import actions, queries
from diem06.core.sheets.columns import Column, shown_value
from diem06.core.sheets.comments import commented
from diem06.core.sheets.declared import DeclaredSheet, SheetRefusedError, sheet_of
from diem06.core.sheets.models import CHANGING, Batch, BatchRow, BatchState, Verdict, Way
from diem06.core.sheets.reading import WorkbookError, check_size
from diem06.core.ui.numbers import number as shown
from diem06.core.ui.shell import Tab

ROWS_A_PAGE: Final = 100
BATCHES_A_PAGE: Final = 20
LISTED_WRONG: Final = 30
EXCEL: Final = CONTENT_TYPES[FileKind.EXCEL]


def of_sheet(subject: Subject, *, sheet: str, scope: str, **url: object) -> bool:  # noqa: ARG001  the rest of the URL
    """Ask the rule that the sheet itself names."""
    declared = sheet_of(sheet)
    return declared is not None and declared.may(subject, scope)


of_sheet.__name__ = "of_sheet(sheet, scope)"


class UploadForm(forms.Form):
    """The file. What is wrong with it is told in our words."""

    file = forms.FileField(
        label=gettext_lazy("Tệp Excel đã điền"),
        help_text=gettext_lazy("Nhiều nhất 10 MB. Bạn xem trước rồi mới nạp."),
        allow_empty_file=True,
        widget=forms.FileInput,
    )


def excel(content: bytes, name: str) -> HttpResponse:
    """Hand out an Excel file."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=EXCEL, headers={"Content-Disposition": disposition or "attachment"})


# -- bringing a file -------------------------------------------------------------------------------------------------
@access.rule(of_sheet)
def upload(request: AccessRequest, sheet: str, scope: str) -> HttpResponse:
    """Take a file to be looked at, and list what was brought before."""
    declared = _declared(sheet)
    own = declared.upload_url(scope)
    if request.method != "POST" and own != request.path:
        return redirect(own)
    return upload_page(request, declared, scope, "sheets/upload.html", {})


def upload_page(
    request: AccessRequest, sheet: DeclaredSheet, scope: str, page: str, context: dict[str, Any]
) -> HttpResponse:
    """Show `page` with the form and the batches, or stage the file that came and lead to it: for views of other rooms too."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    form.fields["file"].widget.attrs["accept"] = ",".join(f".{kind.value}" for kind in sheet.takes)
    status = HTTPStatus.OK
    if request.method == "POST":
        batch = _staged(request, sheet, scope, form) if form.is_valid() else None
        if batch is not None:
            return redirect(batch_url(batch))
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    pages = Paginator(queries.batches(sheet.code, scope), BATCHES_A_PAGE)
    shown_page = pages.get_page(request.GET.get("page"))
    told: dict[str, Any] = {
        "sheet": sheet,
        "scope": scope,
        "scope_words": sheet.words(scope),
        "form": form,
        "batches": [(batch, batch_url(batch)) for batch in shown_page],
        "batch_pages": shown_page if pages.num_pages > 1 else None,
        "closed": _closed(request, sheet, scope),
        "home": sheet.home(scope),
    }
    return render(request, page, told | context, status=status)


def _staged(request: AccessRequest, sheet: DeclaredSheet, scope: str, form: UploadForm) -> Batch | None:
    file = form.cleaned_data["file"]
    try:
        check_size(file.size or 0)
        return actions.stage_file(
            sheet=sheet,
            scope=scope,
            content=file.read(),
            name=file.name or "",
            at=request.now,
            by=request.subject.user_id,
        )
    except WorkbookError as fault:
        form.add_error("file", str(fault))
    except (SheetRefusedError, actions.BatchError) as refused:
        form.add_error(None, str(refused))
    return None


def _closed(request: AccessRequest, sheet: DeclaredSheet, scope: str) -> str:
    """Return why nothing may be brought now, "" where it may."""
    try:
        sheet.check_open(scope, at=request.now)
    except SheetRefusedError as refused:
        return str(refused)
    return ""


@require_GET
@access.rule(of_sheet)
def template(request: AccessRequest, sheet: str, scope: str) -> HttpResponse:
    """Hand out the workbook to be filled in."""
    return excel(_declared(sheet).template(scope, at=request.now), _file_name("mau", sheet, scope))


@require_GET
@access.rule(of_sheet)
def export(request: AccessRequest, sheet: str, scope: str) -> HttpResponse:
    """Hand out what is there, in the columns in which it comes in."""
    return excel(_declared(sheet).export(scope, at=request.now), _file_name("so-lieu", sheet, scope))


def _file_name(what: str, sheet: str, scope: str) -> str:
    return f"{what}_{sheet}_{scope}.xlsx".replace(":", "_").replace("/", "_")


# -- the preview -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """One cell of a row as the preview shows it."""

    coordinate: str
    text: str
    before: str  # what stands there now, where the row changes it
    reason: str


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    row: BatchRow
    cells: tuple[ShownCell | None, ...]
    tone: str
    icon: str
    words: str


_LOOKS: Final = {
    Verdict.NEW: ("met", "plus"),
    Verdict.CHANGED: ("below", "pencil"),
    Verdict.REMOVED: ("risk", "minus"),
    Verdict.SAME: ("none", "check"),
    Verdict.WRONG: ("miss", "circle-x"),
}


@require_GET
@access.rule(of_sheet)
def batch_page(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponse:
    """Show what a batch would do, or did."""
    found = _batch(sheet, scope, batch)
    if found.state == BatchState.LOADING:
        job = Job.objects.filter(kind=actions.JOB_KIND, key=str(found.pk)).order_by("-started_at").first()
        if job is not None and job.state in OPEN_JOBS:
            return redirect(job)
        actions.wait_again(batch=found)
        found.refresh_from_db()
    return _page(request, found)


def _page(
    request: AccessRequest, batch: Batch, *, errors: Sequence[str] = (), status: int = HTTPStatus.OK
) -> HttpResponse:
    sheet = _declared(batch.sheet)
    tally = queries.tally(batch)
    verdict = request.GET.get("verdict", "wrong" if tally.wrong and batch.state == BatchState.STAGED else "all")
    rows = batch.rows.all()
    if verdict == "conflicts":
        rows = rows.filter(verdict__in=CHANGING).exclude(conflict="")
    elif verdict in Verdict.values:
        rows = rows.filter(verdict=verdict)
    else:
        verdict = "all"
    pages = Paginator(rows, ROWS_A_PAGE)
    shown_page = pages.get_page(request.GET.get("page"))
    columns = shown_columns(sheet, list(shown_page))
    is_waiting = batch.state == BatchState.STAGED
    context = {
        "sheet": sheet,
        "scope": batch.scope,
        "scope_words": sheet.words(batch.scope),
        "batch": batch,
        "tally": tally,
        "tabs": _tabs(tally, verdict),
        "verdict": verdict,
        "columns": columns,
        "rows": [shown_row(row, columns) for row in shown_page],
        "row_pages": shown_page,
        "wrong": _wrong_list(batch) if is_waiting and tally.wrong else [],
        "errors": errors,
        "is_waiting": is_waiting,
        "is_loaded": batch.state == BatchState.LOADED,
        "state_words": BatchState(batch.state).label,
        "asks_dot": "dot" in batch.asks and is_waiting,
        "dot_sample": (queries.ambiguous(batch) or "1.234") if "dot" in batch.asks else "",
        "proposals": queries.proposals(batch) if "fonts" in batch.asks and is_waiting else [],
        "closed": _closed(request, sheet, batch.scope) if is_waiting else "",
        "has_comments": batch.way == Way.FILE and batch.file is not None and batch.file.kind == FileKind.EXCEL,
        "upload_url": sheet.upload_url(batch.scope),
        "home": sheet.home(batch.scope),
    }
    return render(request, "sheets/batch.html", context, status=status)


def _tabs(tally: queries.Tally, current: str) -> list[Tab]:
    counted = [
        ("all", _("Tất cả"), tally.total),
        ("wrong", str(Verdict.WRONG.label), tally.wrong),
        ("new", str(Verdict.NEW.label), tally.new),
        ("changed", str(Verdict.CHANGED.label), tally.changed),
        ("removed", str(Verdict.REMOVED.label), tally.removed),
        ("same", str(Verdict.SAME.label), tally.same),
        ("conflicts", _("Người khác vừa sửa"), tally.conflicts),
    ]
    return [
        Tab(title=title, url=f"?verdict={key}", current=key == current, count=count)
        for key, title, count in counted
        if count or key in {"all", current}
    ]


def _wrong_list(batch: Batch) -> list[tuple[queries.Wrong, str]]:
    """Return the first wrong cells, each with the address of its row in the preview."""
    found = []
    for index, row in enumerate(batch.rows.filter(verdict=Verdict.WRONG)[:LISTED_WRONG]):
        page = index // ROWS_A_PAGE + 1
        found += [(wrong, f"?verdict=wrong&page={page}#r{row.position}") for wrong in queries.wrong_of(row)]
    return found[:LISTED_WRONG]


def shown_columns(sheet: DeclaredSheet, rows: Sequence[BatchRow]) -> tuple[Column, ...]:
    """Return the columns that these rows have anything in."""
    used = {cell["column"] for row in rows for cell in row.cells}
    return tuple(column for column in sheet.columns if column.key in used)


def shown_row(row: BatchRow, columns: Sequence[Column]) -> ShownRow:
    """Return a row as the preview shows it."""
    verdict = Verdict(row.verdict)
    tone, icon = _LOOKS[verdict]
    cells = {cell["column"]: cell for cell in row.cells}
    before = (row.before or {}).get("values", {})
    return ShownRow(
        row=row,
        cells=tuple(
            _shown_cell(cells[column.key], column, row, before) if column.key in cells else None for column in columns
        ),
        tone=tone,
        icon=icon,
        words=str(verdict.label),
    )


def _shown_cell(cell: dict[str, str], column: Column, row: BatchRow, before: dict[str, Any]) -> ShownCell:
    is_changed = row.verdict in {Verdict.CHANGED, Verdict.REMOVED} and row.values is not None
    was = before.get(column.key)
    return ShownCell(
        coordinate=cell.get("at", ""),
        text=cell.get("text", "") if cell.get("reason") else cell.get("shown", "") or cell.get("text", ""),
        before=shown_value(column, was) if is_changed and was != (row.values or {}).get(column.key) else "",
        reason=cell.get("reason", ""),
    )


# -- what the person decides -----------------------------------------------------------------------------------------
class AnswerForm(forms.Form):
    """What the person says about the whole file."""

    dot = forms.ChoiceField(choices=[("", ""), ("thousands", ""), ("decimal", "")], required=False)
    converts_fonts = forms.BooleanField(required=False)


@require_POST
@access.rule(of_sheet)
def answer(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponse:
    """Keep the answers about the file, and read it again by them."""
    found = _batch(sheet, scope, batch)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, errors=[_("Chọn một cách đọc số.")], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        actions.answer(
            batch=found,
            dot=form.cleaned_data["dot"],
            converts_fonts=form.cleaned_data["converts_fonts"],
            at=request.now,
            by=request.subject.user_id,
        )
    except (actions.BatchError, SheetRefusedError, WorkbookError, DamagedFileError) as fault:
        return _page(request, found, errors=[_told(fault)], status=HTTPStatus.CONFLICT)
    return redirect(batch_url(found))


@require_POST
@access.rule(of_sheet)
def load(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponseBase:
    """
    Load what the person confirmed: `only_good`, `overwrites`. A second press changes nothing.

    Asked for JSON, it answers {loaded, url, undo_url}, or {message, url} with 409.
    """
    found = _batch(sheet, scope, batch)
    confirmed = actions.Confirmed(
        only_good=bool(request.POST.get("only_good")), overwrites=bool(request.POST.get("overwrites"))
    )
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        if found.state != BatchState.LOADED:
            rows = actions.rows_to_load(found, confirmed).count()
            if rows > actions.JOB_OVER_ROWS and not wants_json:
                return redirect(
                    actions.start_loading(batch=found, confirmed=confirmed, at=request.now, by=request.subject.user_id)
                )
            found = actions.load(batch=found, confirmed=confirmed, at=request.now, by=request.subject.user_id)
            messages.success(request, _("Đã nạp %(n)s dòng.") % {"n": shown(found.loaded_rows)})
    except (actions.BatchError, SheetRefusedError) as fault:
        found.refresh_from_db()
        if wants_json:
            return JsonResponse({"message": str(fault), "url": batch_url(found)}, status=HTTPStatus.CONFLICT)
        return _page(request, found, errors=[str(fault)], status=HTTPStatus.CONFLICT)
    if wants_json:
        undo_url = reverse("sheet-undo", args=(found.sheet, found.scope, found.pk))
        return JsonResponse({"loaded": found.loaded_rows, "url": batch_url(found), "undo_url": undo_url})
    return redirect(batch_url(found))


@require_POST
@access.rule(of_sheet)
def undo(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponse:
    """Take a batch back, or say who built on it."""
    found = _batch(sheet, scope, batch)
    try:
        found = actions.undo(batch=found, at=request.now, by=request.subject.user_id)
    except actions.NotUndoneError as fault:
        return _page(request, found, errors=[_("Không hoàn tác được."), *fault.reasons], status=HTTPStatus.CONFLICT)
    messages.success(request, _("Đã hoàn tác %(n)s dòng.") % {"n": shown(found.loaded_rows)})
    return redirect(batch_url(found))


@require_POST
@access.rule(of_sheet)
def drop(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponse:
    """Drop what is not wanted."""
    found = _batch(sheet, scope, batch)
    try:
        actions.drop(batch=found, at=request.now, by=request.subject.user_id)
    except actions.BatchError as fault:
        return _page(request, found, errors=[str(fault)], status=HTTPStatus.CONFLICT)
    messages.success(request, _("Đã bỏ lô này, chưa nạp gì."))
    return redirect(_declared(sheet).upload_url(scope))


@require_GET
@access.rule(of_sheet)
def commented_file(request: AccessRequest, sheet: str, scope: str, batch: int) -> HttpResponse:
    """Hand the file back with a comment at each wrong cell."""
    found = _batch(sheet, scope, batch)
    if found.file is None or found.file.kind != FileKind.EXCEL:
        raise Http404(_("Lô này không có tệp .xlsx."))
    try:
        content = commented(actions.content_of_batch(found), queries.wrong_cells(found))
    except (WorkbookError, DamagedFileError) as fault:
        return _page(request, found, errors=[_told(fault)], status=HTTPStatus.CONFLICT)
    return excel(content, f"{found.file.name.removesuffix('.xlsx')}_ghi-chu.xlsx")


# -- parts -----------------------------------------------------------------------------------------------------------
def batch_url(batch: Batch) -> str:
    """Return the page of a batch."""
    return reverse("sheet-batch", args=(batch.sheet, batch.scope, batch.pk))


def _told(fault: Exception) -> str:
    return _("Tệp gốc không còn trong kho. Tải tệp lên lại.") if isinstance(fault, DamagedFileError) else str(fault)


def _declared(code: str) -> DeclaredSheet:
    found = sheet_of(code)
    if found is None:
        raise Http404(code)
    return found


def _batch(sheet: str, scope: str, batch: int) -> Batch:
    """Return a batch of the very sheet and scope that the rule was asked for. Raises Http404."""
    found = Batch.objects.select_related("file", "staged_by", "loaded_by", "undone_by").filter(
        pk=batch, sheet=sheet, scope=scope
    )
    if (one := found.first()) is None:
        raise Http404(str(batch))
    return one
