"""The page on which a unit types what it owes: values, words, approval, and its own plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.models import User
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.ui.numbers import number as shown
from diem06.core.ui.templatetags.ui import FieldError
from diem06.reports import actions, queries
from diem06.reports.entry_form import (
    EntryError,
    EntryForm,
    Field,
    Matrix,
    Row,
    entry_form,
    faults,
    field_name,
    owed_cells,
    parse_value,
)
from diem06.reports.models import Heading, Report, ReportState, UnitPlan

MAX_TEXT = 20_000
MAX_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The report that a URL names."""

    loaded: Loaded
    report: Report
    unit: UnitOn

    @property
    def url(self) -> str:
        return reverse("entry", args=(self.report.period.code, self.report.unit))


def open_report(period: str, unit: str) -> Opened:
    """Return the report of a unit for a period. Raises Http404."""
    try:
        loaded = loaded_plan()
    except NoPlanError as fault:
        raise Http404(str(fault)) from fault
    report = (
        Report.objects.select_related("period")
        .filter(period__plan_id=loaded.plan.id, period__code=period, unit=unit)
        .first()
    )
    if report is None:
        raise Http404(_("Đơn vị không phải báo cáo kỳ này."))
    return Opened(loaded=loaded, report=report, unit=units_on(report.period.last_day)[unit])


@access.rule(access.own_unit("unit"))
def entry(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show the form; without JavaScript, save it as a whole."""
    opened = open_report(period, unit)
    if request.method != "POST":
        return _page(request, opened)
    access.check(access.of_unit("unit")(request.subject, unit=unit), _MAY_NOT_WRITE)
    owed = owed_cells(opened.report, opened.loaded.plan)
    typed = {
        name: Typed(text=str(text), note=request.POST.get(f"t{name[1:]}"), seen=request.POST.get(f"s{name[1:]}"))
        for name, text in request.POST.items()
        if name in owed
    }
    entries, errors = _read(typed, owed, opened.report)
    texts = {heading: request.POST.get(f"n-{heading}") for heading in Heading}
    if errors:
        return _page(request, opened, typed=typed, errors=errors, texts=texts, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        actions.save_values(
            report=opened.report, plan=opened.loaded.plan, entries=entries, at=request.now, by=request.subject.user_id
        )
        for heading, text in texts.items():
            if text is not None:
                actions.save_narrative(
                    report=opened.report,
                    heading=heading,
                    text=text[:MAX_TEXT],
                    at=request.now,
                    by=request.subject.user_id,
                    seen_version=_whole(request.POST.get(f"nv-{heading}")),
                )
    except actions.ConflictError as conflict:
        found = {field_name(c.cell): _conflict_words(c) for c in conflict.conflicts}
        if not found:
            found = {"": _("Người khác vừa sửa lời văn. Xem bản mới ở thẻ khác, rồi lưu lại.")}
        return _page(request, opened, typed=typed, errors=found, texts=texts, status=HTTPStatus.CONFLICT)
    except actions.LockedError:
        found = {"": locked_words(opened.report)}
        return _page(request, opened, typed=typed, errors=found, texts=texts, status=HTTPStatus.CONFLICT)
    messages.success(request, _("Đã lưu lúc %(time)s.") % {"time": f"{timezone.localtime(request.now):%H:%M}"})
    return redirect(f"{opened.url}?district={request.POST.get('district', '')}")


_MAY_NOT_WRITE = gettext_lazy("Chỉ cán bộ báo cáo và lãnh đạo của đơn vị được nhập. Bạn chỉ xem được.")


@require_POST
@access.rule(access.of_unit("unit"))
def values(  # noqa: PLR0911  one answer for each thing that can be wrong
    request: AccessRequest, period: str, unit: str
) -> HttpResponseBase:
    """
    Save cells as they are typed. JSON in: `key` (a UUID of this save), `values` [{name, text, note, seen}].

    200 with the records, the faults and the texts that are no numbers (the others are saved); 409 with what others typed
    meanwhile (nothing is saved); the same key and body again gets the same answer.
    """
    opened = open_report(period, unit)
    try:
        asked = json.loads(request.body)
        rows = {str(row["name"]): row for row in asked["values"]}
        key = str(asked["key"])[:64]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"message": _("Yêu cầu không đọc được. Tải lại trang.")}, status=HTTPStatus.BAD_REQUEST)
    if not key or len(rows) > 2000:
        return JsonResponse({"message": _("Yêu cầu không đọc được. Tải lại trang.")}, status=HTTPStatus.BAD_REQUEST)
    owed = owed_cells(opened.report, opened.loaded.plan)
    strange = [name for name in rows if name not in owed]
    if strange:
        return JsonResponse({"message": _("Đơn vị không phải nhập ô này.")}, status=HTTPStatus.BAD_REQUEST)
    typed = {
        name: Typed(text=str(row.get("text", "")), note=_words(row.get("note")), seen=_words(row.get("seen")))
        for name, row in rows.items()
    }
    entries, errors = _read(typed, owed, opened.report)

    def answer() -> dict[str, Any]:
        saved = actions.save_values(
            report=opened.report, plan=opened.loaded.plan, entries=entries, at=request.now, by=request.subject.user_id
        )
        now = {cell: value.value for cell, value in actions.current_values(opened.report).items()}
        found = faults(opened.loaded.plan, now, _tree(opened))
        return {
            "saved_at": f"{timezone.localtime(request.now):%H:%M:%S}",
            "records": {field_name(cell): record for cell, record in saved.records.items()},
            "errors": errors,
            "faults": [{"field": fault.field, "text": fault.text} for fault in found],
            "filled": sum(1 for cell in owed.values() if cell in now),
            "owed": len(owed),
        }

    try:
        done = actions.answer_once(
            key=key, user=request.subject.user_id or 0, request=request.body, at=request.now, answer=answer
        )
    except actions.ConflictError as conflict:
        theirs = [
            {"name": field_name(c.cell), "theirs": c.theirs, "seen": c.record, "text": _conflict_words(c)}
            for c in conflict.conflicts
        ]
        return JsonResponse({"conflicts": theirs}, status=HTTPStatus.CONFLICT)
    except actions.LockedError:
        return JsonResponse({"message": locked_words(opened.report)}, status=HTTPStatus.LOCKED)
    except actions.RepeatedRequestError:
        message = _("Yêu cầu trùng mã với một lần lưu khác. Tải lại trang.")
        return JsonResponse({"message": message}, status=HTTPStatus.CONFLICT)
    return JsonResponse(done)


@require_POST
@access.rule(access.of_unit("unit"))
def narratives(request: AccessRequest, period: str, unit: str) -> HttpResponseBase:
    """Save the text under one heading as it is written: `heading`, `text`, `seen_version`."""
    opened = open_report(period, unit)
    try:
        heading = Heading(request.POST.get("heading", ""))
    except ValueError:
        return JsonResponse({"message": _("Không có mục này.")}, status=HTTPStatus.BAD_REQUEST)
    try:
        saved = actions.save_narrative(
            report=opened.report,
            heading=heading,
            text=request.POST.get("text", "")[:MAX_TEXT],
            at=request.now,
            by=request.subject.user_id,
            seen_version=_whole(request.POST.get("seen_version")),
        )
    except actions.ConflictError:
        theirs = opened.report.narratives.get(heading=heading)
        return JsonResponse(
            {
                "message": _("Người khác vừa sửa mục này. Chọn giữ bản nào."),
                "theirs": theirs.text,
                "version": theirs.version,
            },
            status=HTTPStatus.CONFLICT,
        )
    except actions.LockedError:
        return JsonResponse({"message": locked_words(opened.report)}, status=HTTPStatus.LOCKED)
    return JsonResponse({"version": saved.version, "saved_at": f"{timezone.localtime(request.now):%H:%M:%S}"})


class ApprovalForm(forms.Form):
    """The head's approval: number, day and hour of the signed document."""

    number = forms.CharField(label=gettext_lazy("Số, ký hiệu văn bản đã ký"), max_length=64)
    day = forms.DateField(label=gettext_lazy("Ngày duyệt"), help_text=gettext_lazy("Ví dụ 14/07/2023"))
    hour = forms.TimeField(label=gettext_lazy("Giờ duyệt"), help_text=gettext_lazy("Ví dụ 16:30"))

    def approved_at(self) -> datetime:
        """Return the moment of the approval."""
        both = datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"])
        return timezone.make_aware(both, timezone.get_default_timezone())


class UnitPlanForm(forms.Form):
    """The unit's own plan (O.1): number and day."""

    plan_number = forms.CharField(label=gettext_lazy("Số, ký hiệu Kế hoạch của đơn vị"), max_length=64)
    issued_on = forms.DateField(label=gettext_lazy("Ngày ban hành"), help_text=gettext_lazy("Ví dụ 28/06/2023"))


@require_POST
@access.rule(access.of_unit("unit"))
def approval(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Record the head's approval. A hard fault between values must be mended first."""
    opened = open_report(period, unit)
    form = ApprovalForm(request.POST)
    current = {cell: value.value for cell, value in actions.current_values(opened.report).items()}
    wrong = list(faults(opened.loaded.plan, current, _tree(opened)))
    if form.is_valid():
        if wrong:
            form.add_error(None, _("Còn %(n)s chỗ phần lớn hơn tổng. Sửa trước khi ghi phê duyệt.") % {"n": len(wrong)})
        else:
            try:
                actions.record_approval(
                    report=opened.report,
                    plan=opened.loaded.plan,
                    number=form.cleaned_data["number"],
                    approved_at=form.approved_at(),
                    at=request.now,
                    by=request.subject.user_id,
                )
            except actions.LockedError:
                form.add_error(None, locked_words(opened.report))
            except actions.ReportError:
                form.add_error("day", _("Ngày giờ duyệt phải sau khi kỳ mở và không ở tương lai."))
    if form.errors:
        return _page(request, opened, approval=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Đã ghi phê duyệt số %(n)s.") % {"n": form.cleaned_data["number"]})
    return redirect(opened.url)


@require_POST
@access.rule(access.of_unit("unit"))
def unit_plan(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Record number and day of the unit's own plan."""
    opened = open_report(period, unit)
    form = UnitPlanForm(request.POST)
    if form.is_valid():
        try:
            actions.record_unit_plan(
                plan=opened.loaded.plan,
                unit=unit,
                number=form.cleaned_data["plan_number"],
                issued_on=form.cleaned_data["issued_on"],
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.ReportError:
            form.add_error("issued_on", _("Ngày ban hành không thể ở tương lai."))
    if form.errors:
        return _page(request, opened, own_plan=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Đã ghi Kế hoạch của đơn vị, số %(n)s.") % {"n": form.cleaned_data["plan_number"]})
    return redirect(opened.url)


# -- parts of the page -----------------------------------------------------------------------------------------------
def _page(
    request: AccessRequest,
    opened: Opened,
    *,
    typed: Mapping[str, Typed] | None = None,
    errors: Mapping[str, str] | None = None,
    texts: Mapping[Heading, str | None] | None = None,
    approval: ApprovalForm | None = None,
    own_plan: UnitPlanForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    report, plan = opened.report, opened.loaded.plan
    district = request.POST.get("district") or request.GET.get("district", "")
    form = entry_form(report, plan, district=district)
    written = {row.heading: row for row in report.narratives.all()}
    recorded = UnitPlan.objects.filter(plan_id=plan.id, unit=report.unit).first()
    may_write = access.of_unit("unit")(request.subject, unit=report.unit) and report.may_be_edited(request.now)
    labels = {field.name: field.label for field in form.fields()}
    look = _Look(typed or {}, errors or {}, form)
    context = {
        "opened": opened,
        "form": form,
        "report": report,
        "period": report.period,
        "unit": opened.unit,
        "may_write": may_write,
        "locked": not report.may_be_edited(request.now),
        "locked_words": locked_words(report),
        "own": [look.of(field) for field in form.own],
        "dated": [look.of(field) for field in form.dated],
        "rows": look.rows(form.matrix),
        "dated_rows": look.rows(form.dated_matrix),
        "dated_day": next((cell.day for cell in form.dated_cells()), None),
        "read_only_words": _MAY_NOT_WRITE,
        "repeated": [field for field in form.fields() if field.repeats],
        "error_list": [
            FieldError(text=text, label=labels.get(name, ""), anchor=name or "main")
            for name, text in (errors or {}).items()
        ],
        "narratives": [
            (
                heading,
                (texts or {}).get(heading) or (written[heading].text if heading in written else ""),
                written[heading].version if heading in written else 0,
            )
            for heading in Heading
        ],
        "approval": approval or ApprovalForm(initial=_approved(report)),
        "own_plan": own_plan
        or UnitPlanForm(
            initial={"plan_number": recorded.number, "issued_on": recorded.issued_on} if recorded else None
        ),
        "recorded_plan": recorded,
        "changed_after": queries.changed_after_approval(report),
        "timeliness": queries.timeliness(report, at=request.now),
        "is_approved": report.state == ReportState.APPROVED,
    }
    return render(request, "reports/entry.html", context, status=status)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What came for one cell. `note` and `seen` None: the page did not say."""

    text: str
    note: str | None
    seen: str | None


@dataclass(frozen=True, kw_only=True)
class ShownField:
    """A field with what stands in its inputs (saved, or refused and kept) and what is wrong with it."""

    field: Field
    text: str
    note: str
    error: str  # why the text was refused, or why it cannot stand beside another cell
    hint: str  # worth a second look
    is_refused: bool  # `text` is not what is saved


class _Look:
    """How fields look on this answer: as saved, or as they were typed and refused."""

    def __init__(self, typed: Mapping[str, Typed], errors: Mapping[str, str], form: EntryForm) -> None:
        self._typed = typed
        self._errors = {fault.field: fault.text for fault in form.faults} | dict(errors)

    def of(self, field: Field) -> ShownField:
        typed = self._typed.get(field.name)
        saved = "" if field.value is None else shown(field.value)
        return ShownField(
            field=field,
            text=typed.text if typed else saved,
            note=typed.note if typed and typed.note is not None else field.note,
            error=self._errors.get(field.name, ""),
            hint=_("Bằng đúng kỳ trước.") if field.repeats else "",
            is_refused=typed is not None and typed.text != saved,
        )

    def rows(self, matrix: Matrix | None) -> list[tuple[Row, list[ShownField | None]]]:
        return [
            (row, [self.of(field) if field else None for field in row.fields])
            for row in (matrix.rows if matrix else ())
        ]


def _approved(report: Report) -> dict[str, Any] | None:
    if report.approved_at is None:
        return None
    local = timezone.localtime(report.approved_at)
    return {"number": report.approval_number, "day": local.date(), "hour": local.time()}


def _read(
    typed: Mapping[str, Typed], owed: Mapping[str, Cell], report: Report
) -> tuple[list[actions.Entry], dict[str, str]]:
    """Read what was typed: the entries that can be saved, and by name what is wrong with the others."""
    current = actions.current_values(report)
    entries: list[actions.Entry] = []
    errors: dict[str, str] = {}
    for name, one in typed.items():
        cell = owed[name]
        known = current[cell].note if cell in current else ""
        note = known if one.note is None else one.note.strip()[:MAX_NOTE]
        try:
            value = parse_value(one.text)
        except EntryError as fault:
            errors[name] = str(fault)
            continue
        if value is None and note and note != known:
            errors[name] = _("Có ghi chú mà chưa có số. Nhập số, hoặc xóa ghi chú.")
            continue
        entries.append(actions.Entry(cell=cell, value=value, note=note if value is not None else "", seen=one.seen))
    return entries, errors


def _conflict_words(conflict: actions.Conflict) -> str:
    person = User.objects.filter(pk=conflict.by).first() if conflict.by else None
    return _("%(who)s vừa sửa ô này thành %(value)s lúc %(time)s.") % {
        "who": person.full_name if person else _("Người khác"),
        "value": "—" if conflict.theirs is None else shown(conflict.theirs),
        "time": f"{timezone.localtime(conflict.at):%H:%M}" if conflict.at else "—",
    }


def locked_words(report: Report) -> str:
    return _("Hạn sửa số liệu đã qua lúc %(time)s. Đề nghị cơ quan thường trực mở lại nếu còn phải sửa.") % {
        "time": f"{timezone.localtime(report.period.lock_at):%H:%M %d/%m/%Y}"
    }


def _words(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _tree(opened: Opened) -> AreaTree:
    return areas_on(opened.report.period.last_day)
