"""The page on which a unit types what it owes: values, words, approval, and its own plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import DISTRICT_COMMITTEE
from diem06.core.plans.cells import Cell
from diem06.core.ui.numbers import number as shown
from diem06.core.ui.templatetags.ui import FieldError
from diem06.reports import actions, queries
from diem06.reports.conflict_words import conflict_words
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
from diem06.reports.models import (
    DeclaredValue,
    EventKind,
    Heading,
    Remark,
    Report,
    ReportEvent,
    ReportState,
)
from diem06.reports.recorded import is_recorded, recorded_values
from diem06.reports.views.attachments import AttachmentForm
from diem06.reports.views.opening import Opened, locked_words, open_report
from diem06.reports.views.states import ApprovalForm, approval_form, approve

__all__ = ["Opened", "locked_words", "open_report"]

MOST_CELLS = 2000
MAX_TEXT = 20_000
MAX_NOTE = 500


@access.rule(access.own_unit("unit"))
def entry(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show the form; without JavaScript, save it as a whole."""
    opened = open_report(period, unit)
    if request.method != "POST":
        return _page(request, opened)
    access.check(access.of_unit("unit")(request.subject, unit=unit), _MAY_NOT_WRITE)
    owed = owed_cells(opened.report, opened.loaded.plan)
    typed = typed_in(request, owed)
    entries, errors = read_typed(typed, owed, opened.report)
    texts = {heading: request.POST.get(f"n-{heading}") for heading in Heading}
    if errors:
        return _page(request, opened, typed=typed, errors=errors, texts=texts, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        actions.save_values(
            report=opened.report,
            plan=opened.loaded.plan,
            entries=entries,
            at=request.now,
            by=request.subject.user_id,
            among=set(owed.values()),
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
        found = {field_name(c.cell): conflict_words(c) for c in conflict.conflicts}
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
def values(request: AccessRequest, period: str, unit: str) -> HttpResponseBase:
    """
    Save cells as they are typed. JSON in: `key` (a UUID of this save), `values` [{name, text, note, seen}].

    200 with the records, the faults and the texts that are no numbers (the others are saved); 409 with what others typed
    meanwhile (nothing is saved); the same key and body again gets the same answer. An empty text with a note says why there
    is no number.
    """
    opened = open_report(period, unit)
    return save_cells(request, opened, owed_cells(opened.report, opened.loaded.plan))


def save_cells(
    request: AccessRequest, opened: Opened, owed: Mapping[str, Cell], *, way: str = "page"
) -> HttpResponseBase:
    """Answer a save of cells, of those in `owed` alone."""
    try:
        asked = json.loads(request.body)
        rows = {str(row["name"]): row for row in asked["values"]}
        key = str(asked["key"])[:64]
    except (ValueError, KeyError, TypeError):
        rows, key = {}, ""
    if not key or len(rows) > MOST_CELLS:
        return JsonResponse({"message": _("Yêu cầu không đọc được. Tải lại trang.")}, status=HTTPStatus.BAD_REQUEST)
    if any(name not in owed for name in rows):
        return JsonResponse({"message": _("Đơn vị không phải nhập ô này.")}, status=HTTPStatus.BAD_REQUEST)
    typed = {
        name: Typed(text=str(row.get("text", "")), note=_words(row.get("note")), seen=_words(row.get("seen")))
        for name, row in rows.items()
    }
    entries, errors = read_typed(typed, owed, opened.report)

    def answer() -> dict[str, Any]:
        saved = actions.save_values(
            report=opened.report,
            plan=opened.loaded.plan,
            entries=entries,
            at=request.now,
            by=request.subject.user_id,
            way=way,
            among=set(owed.values()),
        )
        now = {cell: value.value for cell, value in queries.current_values(opened.report).items()}
        absent = queries.absent_cells(opened.report)
        found = [fault for fault in faults(opened.loaded.plan, now, _tree(opened)) if fault.field in owed]
        return {
            "saved_at": f"{timezone.localtime(request.now):%H:%M:%S}",
            "records": {field_name(cell): record for cell, record in saved.records.items()},
            "errors": errors,
            "faults": [{"field": fault.field, "text": fault.text} for fault in found],
            "filled": sum(1 for name, cell in owed.items() if cell in now or name in absent),
            "owed": len(owed),
        }

    try:
        done = actions.answer_once(
            key=key, user=request.subject.user_id or 0, request=request.body, at=request.now, answer=answer
        )
    except actions.ConflictError as conflict:
        theirs = [
            {"name": field_name(c.cell), "theirs": c.theirs, "seen": c.record, "text": conflict_words(c)}
            for c in conflict.conflicts
        ]
        return JsonResponse({"conflicts": theirs}, status=HTTPStatus.CONFLICT)
    except actions.LockedError:
        return JsonResponse({"message": locked_words(opened.report)}, status=HTTPStatus.LOCKED)
    except actions.RepeatedRequestError:
        message = _("Yêu cầu trùng mã với một lần lưu khác. Tải lại trang.")
        return JsonResponse({"message": message}, status=HTTPStatus.CONFLICT)
    return JsonResponse(done)


@access.rule(access.own_unit("unit"))
def changes(request: AccessRequest, period: str, unit: str) -> HttpResponseBase:
    """
    Tell what others changed in the report since `?since=` (an ISO moment): JSON `now`, `values`, `narratives`.

    The person's own changes are left out, for their page has them; with `?mine=1` they are told too: after a pasted block.
    """
    opened = open_report(period, unit)
    since = parse_datetime(request.GET.get("since", ""))
    if since is None or since.tzinfo is None:
        return JsonResponse({"message": _("Yêu cầu không đọc được. Tải lại trang.")}, status=HTTPStatus.BAD_REQUEST)
    report, me = opened.report, None if request.GET.get("mine") else request.subject.user_id
    touched = (
        DeclaredValue.objects.filter(period=report.period, unit=report.unit)
        .filter(Q(recorded_at__gt=since) | Q(superseded_at__gt=since))
        .select_related("recorded_by")
        .order_by("version")
    )
    last: dict[Cell, DeclaredValue] = {queries.cell_of(value): value for value in touched}
    texts = [
        text
        for text in report.narratives.filter(saved_at__gt=since).select_related("saved_by")
        if me is None or text.saved_by_id != me
    ]
    return JsonResponse(
        {
            "now": request.now.isoformat(),
            "values": [
                _changed(cell, value) for cell, value in last.items() if me is None or value.recorded_by_id != me
            ],
            "narratives": [
                {
                    "heading": text.heading,
                    "text": text.text,
                    "version": text.version,
                    "words": _("%(who)s vừa sửa mục này lúc %(time)s.")
                    % {
                        "who": text.saved_by.full_name if text.saved_by else _("Người khác"),
                        "time": f"{timezone.localtime(text.saved_at):%H:%M}",
                    },
                }
                for text in texts
            ],
        }
    )


def _changed(cell: Cell, value: DeclaredValue) -> dict[str, Any]:
    is_there = value.superseded_at is None
    number = shown(value.value) if is_there else ""
    return {
        "name": field_name(cell),
        "value": number,
        "seen": value.record if is_there else "",
        "note": value.note if is_there else "",
        "words": _("%(who)s vừa sửa ô này thành %(value)s lúc %(time)s.")
        % {
            "who": value.recorded_by.full_name if value.recorded_by else _("Người khác"),
            "value": number or "—",
            "time": f"{timezone.localtime(value.superseded_at or value.recorded_at):%H:%M}",
        },
    }


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


class UnitPlanForm(forms.Form):
    """The unit's own plan (O.1): number and day."""

    plan_number = forms.CharField(label=gettext_lazy("Số, ký hiệu Kế hoạch của đơn vị"), max_length=64)
    issued_on = forms.DateField(label=gettext_lazy("Ngày ban hành"), help_text=gettext_lazy("Ví dụ 28/06/2023"))


@require_POST
@access.rule(access.of_unit("unit"))
def approval(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Record the head's approval. What stands in the way of sending stands in its way too."""
    opened = open_report(period, unit)
    form, in_the_way = approve(request, opened)
    if form.errors:
        return _page(request, opened, approval=form, in_the_way=in_the_way, status=HTTPStatus.UNPROCESSABLE_ENTITY)
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


@require_POST
@access.rule(access.of_unit("unit"))
def records(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Fill the empty cells with what records say of them; what somebody typed stays."""
    opened = open_report(period, unit)
    found = _recorded(opened)
    try:
        actions.save_values(
            report=opened.report,
            plan=opened.loaded.plan,
            entries=[actions.Entry(cell=cell, value=value, seen="") for cell, value in found.items()],
            at=request.now,
            by=request.subject.user_id,
            way="records",
        )
    except actions.ConflictError:
        messages.error(request, _("Người khác vừa nhập vào các ô này. Xem lại rồi bấm lại."))
    except actions.LockedError:
        messages.error(request, locked_words(opened.report))
    else:
        messages.success(request, _("Đã lấy %(n)s số từ sổ gốc. Xem lại trước khi trình.") % {"n": len(found)})
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
    in_the_way: list[str] | None = None,
    own_plan: UnitPlanForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    report, plan = opened.report, opened.loaded.plan
    district = request.POST.get("district") or request.GET.get("district", "")
    form = entry_form(report, plan, district=district)
    written = {row.heading: row for row in report.narratives.all()}
    recorded = queries.unit_plans_on(plan, report.period.last_day).get(report.unit)
    may_write = access.of_unit("unit")(request.subject, unit=report.unit) and report.may_be_edited(request.now)
    is_head = access.of_unit("unit", access.Role.UNIT_HEAD)(request.subject, unit=report.unit)
    labels = {field.name: f"{field.area}: {field.label}" if field.area else field.label for field in form.fields()}
    steps = queries.next_actor(report, at=request.now)
    look = Look(typed or {}, errors or {}, form)
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
        "approval": approval or approval_form(report, request.now, is_head=is_head),
        "in_the_way": in_the_way,
        "own_plan": own_plan
        or UnitPlanForm(
            initial={"plan_number": recorded.number, "issued_on": recorded.issued_on} if recorded else None
        ),
        "recorded_plan": recorded,
        "changed_after": queries.changed_after_approval(report),
        "timeliness": queries.timeliness(report, at=request.now),
        "is_approved": report.is_approved,
        "is_head": is_head,
        "acts_for": access.of_unit("unit")(request.subject, unit=report.unit),
        "next": steps,
        "last_return": _last_return(report),
        "remarks": [_shown_remark(remark, labels) for remark in queries.open_remarks(report)],
        "attachments": report.attachments.filter(removed_at=None).select_related("file"),
        "attachment": AttachmentForm(),
        "versions": report.versions.count(),
        "is_district": opened.unit.kind == DISTRICT_COMMITTEE,
        "handout": queries.handout_of(plan.id, report.unit) if opened.unit.kind == DISTRICT_COMMITTEE else None,
        "recorded_count": len(_recorded(opened))
        if may_write and is_recorded(field.cell.measure for field in form.fields())
        else 0,
        "loaded_at": request.now.isoformat(),
    }
    return render(request, "reports/entry.html", context, status=status)


def _recorded(opened: Opened) -> dict[Cell, int]:
    """Return what records say of the cells of the report that are still empty, and of which nobody said that there is no number."""
    report, plan = opened.report, opened.loaded.plan
    given, absent = queries.current_numbers(report), queries.absent_cells(report)
    empty = [cell for name, cell in owed_cells(report, plan).items() if cell not in given and name not in absent]
    return recorded_values(empty, plan=plan, period=report.period)


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
    is_returned: bool  # a return asks to put something right here
    is_refused: bool  # `text` is not what is saved


class Look:
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
            hint=" ".join(
                [remark.text for remark in field.remarks]
                + ([_("Bằng đúng kỳ trước.")] if field.repeats else [])
                + ([_("Không có số liệu.")] if field.is_absent else [])
            ),
            is_returned=bool(field.remarks),
            is_refused=typed is not None and typed.text != saved,
        )

    def rows(self, matrix: Matrix | None) -> list[tuple[Row, list[ShownField | None]]]:
        return [
            (row, [self.of(field) if field else None for field in row.fields])
            for row in (matrix.rows if matrix else ())
        ]


@dataclass(frozen=True, kw_only=True)
class ShownRemark:
    """What a return asks to put right, and where."""

    remark: Remark
    place: str
    anchor: str


def _shown_remark(remark: Remark, labels: Mapping[str, str]) -> ShownRemark:
    if remark.heading:
        return ShownRemark(remark=remark, place=str(Heading(remark.heading).label), anchor=f"n-{remark.heading}")
    return ShownRemark(remark=remark, place=labels.get(remark.cell, ""), anchor=remark.cell)


def _last_return(report: Report) -> ReportEvent | None:
    """Return why the report was given back, while it waits to be mended."""
    if report.state != ReportState.RETURNED:
        return None
    kinds = [EventKind.RETURNED_BY_HEAD, EventKind.RETURNED_BY_OFFICE]
    return report.events.filter(kind__in=kinds).select_related("by").last()


def typed_in(request: AccessRequest, owed: Mapping[str, Cell]) -> dict[str, Typed]:
    """Return what a plain post says of the cells in `owed`."""
    return {
        name: Typed(text=str(text), note=request.POST.get(f"t{name[1:]}"), seen=request.POST.get(f"s{name[1:]}"))
        for name, text in request.POST.items()
        if name in owed
    }


def read_typed(
    typed: Mapping[str, Typed], owed: Mapping[str, Cell], report: Report
) -> tuple[list[actions.Entry], dict[str, str]]:
    """Read what was typed: the entries that can be saved, and by name what is wrong with the others."""
    current, absent = queries.current_values(report), queries.absent_cells(report)
    entries: list[actions.Entry] = []
    errors: dict[str, str] = {}
    for name, one in typed.items():
        cell = owed[name]
        known = current[cell].note if cell in current else (absent[name].reason if name in absent else "")
        note = known if one.note is None else one.note.strip()[:MAX_NOTE]
        try:
            value = parse_value(one.text)
        except EntryError as fault:
            errors[name] = str(fault)
            continue
        if value is None and cell in current and note == known:
            note = ""  # the note told of the number that goes; it does not say why there is none
        entries.append(actions.Entry(cell=cell, value=value, note=note, seen=one.seen))
    return entries, errors


def _words(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _tree(opened: Opened) -> AreaTree:
    return areas_on(opened.report.period.last_day)
