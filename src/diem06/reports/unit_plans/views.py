"""The units' own plans: all of them at a glance, and one with its tasks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.queries import download
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.ui.shell import Crumb, Tab
from diem06.core.ui.tables import sort_of
from diem06.reports import actions as cycle
from diem06.reports.models import OPEN_TASK_STATES, TaskState, UnitTask
from diem06.reports.queries import line_of, unit_plans_on
from diem06.reports.screens.workbooks import Sheet, written
from diem06.reports.unit_plans import actions, queries
from diem06.reports.unit_plans.forms import DocumentForm, ProgressForm, TaskForm, progress_initial, task_initial
from diem06.reports.views.files import excel
from diem06.reports.views.periods import loaded_or_404

ROWS_A_PAGE = 25
_SORTS = {"due": "due_on", "text": "text", "state": "state"}


@access.rule(access.province_wide)
@require_safe
def unit_plans(request: AccessRequest) -> HttpResponse:
    """List who has a plan of its own and how far its tasks are; those without one first."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    lines = queries.plan_lines(loaded.plan, on=timezone.localdate(request.now))
    show = request.GET.get("show", "")
    kept = [line for line in lines if _is_shown(line, show)]
    tabs = [
        (_("Tất cả"), "", len(lines)),
        (_("Chưa có Kế hoạch"), "missing", sum(_is_shown(line, "missing") for line in lines)),
        (_("Có việc quá hạn"), "overdue", sum(_is_shown(line, "overdue") for line in lines)),
    ]
    context = {
        "lines": kept,
        "deadline": cycle.unit_plan_deadline(loaded.plan),
        "tabs": [Tab(title=title, url=f"?show={key}", current=show == key, count=n) for title, key, n in tabs],
        "have": sum(line.plan is not None for line in lines),
        "total": len(lines),
        "show": show,
    }
    return render(request, "reports/unit_plans/all.html", context)


def _is_shown(line: queries.PlanLine, show: str) -> bool:
    if show == "missing":
        return line.plan is None
    return line.counts.overdue > 0 if show == "overdue" else True


@access.rule(access.province_wide)
@require_safe
def workbook(request: AccessRequest) -> HttpResponse:
    """Every unit's own plan and every task as an Excel file."""
    loaded = loaded_or_404()
    today = timezone.localdate(request.now)
    lines = queries.plan_lines(loaded.plan, on=today)
    names = {line.unit.code: line.unit.short for line in lines}
    tasks = UnitTask.objects.filter(plan_id=loaded.plan.id).select_related("owner").order_by("unit", "due_on", "id")
    about = _("Đến ngày %(day)s") % {"day": f"{today:%d/%m/%Y}"}
    sheets = [
        Sheet(
            name=_("Kế hoạch của đơn vị"),
            lines=(_("Kế hoạch triển khai của các đơn vị"), about),
            head=(
                _("Đơn vị"),
                _("Số, ký hiệu"),
                _("Ngày ban hành"),
                _("Đúng hạn"),
                _("Số việc"),
                _("Đã xong"),
                _("Quá hạn"),
            ),
            rows=[
                (
                    line.unit.short,
                    line.plan.number if line.plan else None,
                    line.plan.issued_on if line.plan else None,
                    None if line.is_in_time is None else (_("có") if line.is_in_time else _("không")),
                    line.counts.total,
                    line.counts.done,
                    line.counts.overdue,
                )
                for line in lines
            ],
            widths=(36, 22, 14, 10, 10, 10, 10),
        ),
        Sheet(
            name=_("Danh sách việc"),
            lines=(_("Việc theo Kế hoạch của các đơn vị"), about),
            head=(
                _("Đơn vị"),
                _("Việc phải làm"),
                _("Người làm"),
                _("Hạn xong"),
                _("Tình hình"),
                _("Ngày xong"),
                _("Ghi chú"),
            ),
            rows=[
                (
                    names.get(task.unit, task.unit),
                    task.text,
                    _owner(task),
                    task.due_on,
                    str(TaskState(task.state).label),
                    task.done_on,
                    task.note or None,
                )
                for task in tasks
            ],
            widths=(30, 60, 26, 12, 14, 12, 40),
        ),
    ]
    return excel(written(sheets, is_made_up=loaded.is_made_up), f"ke-hoach-don-vi-{today:%Y-%m-%d}.xlsx")


@access.rule(access.own_unit("unit"))
@require_safe
def unit_plan(request: AccessRequest, unit: str) -> HttpResponse:
    """Show a unit's own plan: its document, its tasks by last day."""
    return _page(request, unit)


@access.rule(access.of_unit("unit"))
@require_POST
def document(request: AccessRequest, unit: str) -> HttpResponse:
    """Record number, day and file of the unit's plan."""
    loaded = loaded_or_404()
    _unit(request, unit)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            row = cycle.record_unit_plan(
                plan=loaded.plan,
                unit=unit,
                number=form.cleaned_data["plan_number"],
                issued_on=form.cleaned_data["issued_on"],
                at=request.now,
                by=request.subject.user_id,
            )
            if (file := form.cleaned_data["file"]) is not None:
                actions.attach_plan_file(
                    unit_plan=row, content=file.read(), name=file.name or "", at=request.now, by=request.subject.user_id
                )
        except cycle.ReportError:
            form.add_error("issued_on", _("Ngày ban hành không thể ở tương lai."))
        except FileError as fault:
            form.add_error("file", str(fault))
    if form.errors:
        return _page(request, unit, document=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Đã ghi Kế hoạch của đơn vị, số %(n)s.") % {"n": form.cleaned_data["plan_number"]})
    return redirect("unit-plan", unit=unit)


@access.rule(access.own_unit("unit"))
@require_safe
def file(request: AccessRequest, unit: str) -> HttpResponse:
    """Hand out the document of the unit's plan."""
    row = unit_plans_on(loaded_or_404().plan, timezone.localdate(request.now)).get(unit)
    if row is None or row.file is None:
        raise Http404(_("Đơn vị chưa gửi tệp Kế hoạch."))
    return download(row.file)


@access.rule(access.of_unit("unit"))
@require_POST
def add(request: AccessRequest, unit: str) -> HttpResponse:
    """Add a task."""
    loaded = loaded_or_404()
    _unit(request, unit)
    form = _task_form(request, loaded, unit, request.POST)
    if form.is_valid():
        try:
            actions.add_task(
                plan=loaded.plan, unit=unit, words=form.words(), at=request.now, by=request.subject.user_id
            )
        except actions.TaskError as fault:
            _refuse(form, fault)
    if form.errors:
        return _page(request, unit, new=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Đã thêm việc, hạn %(day)s.") % {"day": f"{form.cleaned_data['due_on']:%d/%m/%Y}"})
    return redirect("unit-plan", unit=unit)


@access.rule(access.of_unit("unit"))
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: AccessRequest, unit: str, task: int) -> HttpResponse:
    """Say how far a task is, or change what it says (`part=words`)."""
    loaded = loaded_or_404()
    here = _unit(request, unit)
    row = queries.tasks_of(loaded.plan, unit).filter(pk=task).first()
    if row is None:
        raise Http404(_("Đơn vị không có việc này."))
    changes_words = request.POST.get("part") == "words"
    words = _task_form(request, loaded, unit, request.POST if changes_words else None, initial=task_initial(row))
    progress = ProgressForm(
        request.POST if request.method == "POST" and not changes_words else None, initial=progress_initial(row)
    )
    if request.method == "POST":
        form: TaskForm | ProgressForm = words if changes_words else progress
        if form.is_valid() and _saved(request, loaded, row, form):
            messages.success(request, _("Đã lưu việc."))
            return redirect("unit-plan", unit=unit)
    context = {
        "unit": here,
        "task": row,
        "words": words,
        "progress": progress,
        "is_overdue": row.is_overdue(timezone.localdate(request.now)),
        "crumbs": [
            Crumb(title=_("Kế hoạch của đơn vị"), url=reverse("unit-plan", args=[unit])),
            Crumb(title=_("Chi tiết việc")),
        ],
    }
    is_wrong = words.errors or progress.errors
    return render(request, "reports/unit_plans/task.html", context, status=422 if is_wrong else 200)


def _saved(request: AccessRequest, loaded: Loaded, row: UnitTask, form: TaskForm | ProgressForm) -> bool:
    try:
        if isinstance(form, TaskForm):
            actions.change_task(
                task=row, plan=loaded.plan, words=form.words(), at=request.now, by=request.subject.user_id
            )
        else:
            actions.report_progress(
                task=row,
                state=TaskState(form.cleaned_data["state"]),
                percent=form.cleaned_data["progress_percent"] or 0,
                done_on=form.cleaned_data["done_on"],
                note=form.cleaned_data["note"],
                at=request.now,
                by=request.subject.user_id,
            )
    except actions.TaskError as fault:
        _refuse(form, fault)
        return False
    return True


# -- parts of the pages ----------------------------------------------------------------------------------------------
_TASK_FAULTS = {
    "text": lambda: _("Ghi việc phải làm."),
    "due_on": lambda: _("Hạn xong phải từ ngày Kế hoạch tỉnh có hiệu lực trở đi."),
    "clause": lambda: _("Kế hoạch tỉnh không có điểm này."),
    "owner": lambda: _("Chọn người đang có vai trò trong đơn vị, hoặc ghi tên người làm."),
    "progress_percent": lambda: _("Ghi số từ 0 đến 100."),
    "done_on": lambda: _("Ngày xong không thể ở tương lai."),
    "note": lambda: _("Ghi lý do không làm nữa."),
}


def _refuse(form: TaskForm | ProgressForm, fault: actions.TaskError) -> None:
    form.add_error(fault.field, _TASK_FAULTS[fault.field]())


def _page(
    request: AccessRequest,
    unit: str,
    *,
    document: DocumentForm | None = None,
    new: TaskForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    loaded = loaded_or_404()
    here = _unit(request, unit)
    today = timezone.localdate(request.now)
    recorded = unit_plans_on(loaded.plan, today).get(unit)
    every = queries.tasks_of(loaded.plan, unit)
    show = request.GET.get("show", "")
    narrowed = {
        "overdue": every.filter(state__in=OPEN_TASK_STATES, due_on__lt=today),
        "done": every.filter(state=TaskState.DONE),
        "all": every,
    }
    shown = narrowed.get(show, every.filter(state__in=OPEN_TASK_STATES))
    sort = sort_of(request.GET, _SORTS, "due")
    column = _SORTS[sort.removeprefix("-")]
    page = Paginator(shown.order_by(f"-{column}" if sort.startswith("-") else column, "id"), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    counted = queries.task_counts(loaded.plan, on=today)
    counts = queries.TaskCounts.together(counted.get(code) for code in line_of(loaded.plan, unit))
    initial = {"plan_number": recorded.number, "issued_on": recorded.issued_on} if recorded else None
    context: dict[str, Any] = {
        "unit": here,
        "recorded": recorded,
        "deadline": cycle.unit_plan_deadline(loaded.plan),
        "page": page,
        "tasks": [(row, _owner(row), row.is_overdue(today)) for row in page.object_list],
        "total": page.paginator.count,
        "counts": counts,
        "sort": sort,
        "is_filtered": show in narrowed,
        "tabs": [
            Tab(title=title, url=f"?show={key}" if key else "?", current=show == key, count=n)
            for title, key, n in (
                (_("Đang mở"), "", counts.open),
                (_("Quá hạn"), "overdue", counts.overdue),
                (_("Đã xong"), "done", counts.done),
                (_("Tất cả"), "all", every.count()),
            )
        ],
        "may_write": access.of_unit("unit")(request.subject, unit=unit),
        "document": document or DocumentForm(initial=initial),
        "new": new or _task_form(request, loaded, unit, None),
        "today": today,
    }
    return render(request, "reports/unit_plans/one.html", context, status=status)


def _task_form(
    request: AccessRequest, loaded: Loaded, unit: str, data: Any, *, initial: dict[str, Any] | None = None
) -> TaskForm:
    return TaskForm(data, plan=loaded.plan, unit=unit, on=timezone.localdate(request.now), initial=initial)


def _owner(task: UnitTask) -> str:
    return task.owner.full_name if task.owner else task.owner_name


def _unit(request: AccessRequest, unit: str) -> UnitOn:
    found = units_on(timezone.localdate(request.now)).get(unit)
    if found is None:
        raise Http404(_("Không có đơn vị này."))
    return found
