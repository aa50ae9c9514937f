"""Compiling on one page, sending, documents that left, the letter that urges, and all files of a month."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.models import StoredFile
from diem06.core.evidence.queries import DamagedFileError, download
from diem06.core.jobs import actions as jobs
from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.core.ui.shell import Crumb
from diem06.reports.compiling import actions
from diem06.reports.compiling.forms import SendForm, SignedForm
from diem06.reports.compiling.jobs import MONTH_ZIP
from diem06.reports.compiling.queries import compiled, said_in, urging_letters, versions
from diem06.reports.compiling.screen import panels
from diem06.reports.models import IssuedDocument, Use
from diem06.reports.views.periods import kind_or_404, loaded_or_404, period_or_404

COMPILES = access.only(Role.STANDING_OFFICE, Role.LEAD_UNIT)
"""Who chooses and writes; whoever reads the province reads it."""
_MAY_NOT = gettext_lazy("Chỉ cơ quan thường trực và đơn vị chủ trì được tổng hợp.")


# -- compiling -----------------------------------------------------------------------------------------------------------
@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
def compile_report(request: AccessRequest, period: str) -> HttpResponse:
    """Show what units wrote, section by section, and take what the office chooses or writes (`act`)."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    if request.method != "POST":
        return _page(request, loaded, of)
    access.check(COMPILES(request.subject), _MAY_NOT)
    section = request.POST.get("section", "")
    try:
        said = _act(request, loaded, of, section)
    except actions.CompilingConflictError as fault:
        status = HTTPStatus.CONFLICT
        return _page(request, loaded, of, fault=fault, at=section, typed=request.POST.get("text"), status=status)
    except actions.CompilingError as fault:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, loaded, of, fault=fault, at=section, typed=request.POST.get("text"), status=status)
    messages.success(request, said)
    return redirect(f"{reverse('compile', args=[of.code])}#{section.replace(':', '-')}")


def _act(request: AccessRequest, loaded: Loaded, of: Period, section: str) -> str:
    act, by = request.POST.get("act", ""), request.subject.user_id
    if act in set(Use.values):
        chosen = actions.choose(
            period=of,
            narratives=_ids(request, "pick"),
            use=Use(act),
            into=next(iter(_ids(request, "into")), None),
            seen=_ids(request, "seen"),
            at=request.now,
            by=by,
        )
        return _("Đã ghi lựa chọn cho %(count)s đoạn.") % {"count": len(chosen)}
    if act not in {"write", "keep", "drop"}:
        raise actions.CompilingError(_("Không có việc này. Tải lại trang."))
    actions.write_text(
        loaded=loaded,
        period=of,
        section=section,
        text="" if act == "drop" else request.POST.get("text", ""),
        seen_version=_whole(request.POST.get("version")),
        at=request.now,
        by=by,
        keep=act == "keep",
    )
    return {
        "write": _("Đã lưu đoạn viết."),
        "keep": _("Đã giữ đoạn viết."),
        "drop": _("Mục này dùng lại lời của các đơn vị."),
    }[act]


@require_POST
@access.rule(COMPILES)
def compile_text(request: AccessRequest, period: str) -> HttpResponseBase:
    """Save the office's text of one section as it is written: `section`, `text`, `version`. Answers in JSON."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    try:
        row = actions.write_text(
            loaded=loaded,
            period=of,
            section=request.POST.get("section", ""),
            text=request.POST.get("text", ""),
            seen_version=_whole(request.POST.get("version")),
            at=request.now,
            by=request.subject.user_id,
        )
    except actions.CompilingConflictError as fault:
        theirs = fault.theirs.text if fault.theirs else ""
        return JsonResponse({"message": str(fault), "theirs": theirs}, status=HTTPStatus.CONFLICT)
    except actions.CompilingError as fault:
        return JsonResponse({"message": str(fault)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    saved_at = f"{timezone.localtime(request.now):%H:%M}"
    return JsonResponse({"version": row.version if row else 0, "message": _("Đã lưu %(at)s") % {"at": saved_at}})


def _page(
    request: AccessRequest,
    loaded: Loaded,
    of: Period,
    *,
    fault: actions.CompilingError | None = None,
    at: str = "",
    typed: str | None = None,
    status: int = 200,
) -> HttpResponse:
    units = units_on(of.last_day)
    order = {unit: place for place, unit in enumerate(units)}
    found = panels(loaded.plan, compiled(of, loaded.plan, said_in(of, order)), units)
    waiting = actions.waiting_for(of, at=request.now)
    history = request.GET.get("versions", "")
    context = {
        "period": of,
        "panels": found,
        "missing": [units[each.unit].short if each.unit in units else each.unit for each in waiting],
        "may_write": COMPILES(request.subject),
        "fault": fault,
        "fault_at": at,
        "typed": typed,
        "theirs": fault.theirs if isinstance(fault, actions.CompilingConflictError) else None,
        "history": history,
        "versions": versions(of, history) if history else [],
        "texts": sum(len(panel.lines) for panel in found),
        "first_kind": loaded.plan.report.kinds[0].code,
        "crumbs": [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=_("Tổng hợp lời văn")),
        ],
    }
    return render(request, "reports/compiling/compile.html", context, status=status)


def _ids(request: AccessRequest, name: str) -> list[int]:
    """Return the ids that a form names; what is no id is none of ours."""
    return [int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 18]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


# -- sending -------------------------------------------------------------------------------------------------------------
@access.rule(COMPILES)
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Fix number, day and signer of a report and freeze it; where one was sent already, replace it for a reason."""
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
    standing = actions.standing_document(loaded.plan.id, of.code, version.code)
    units = units_on(of.last_day)
    ways = units[version.issuer].signs if version.issuer in units else ()
    form = SendForm(request.POST or None, kind=version, ways=ways, is_replacing=standing is not None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.send_report(
                loaded=loaded,
                period=of,
                kind=version,
                signing=form.signing(),
                at=request.now,
                by=request.subject.user_id,
                replaces=standing,
                reason=form.cleaned_data.get("reason", ""),
            )
        except actions.CompilingError as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("Đã gửi và đóng băng văn bản số %(number)s.") % {"number": row.number})
            return redirect("document", document=row.pk)
    waiting = actions.waiting_for(of, at=request.now)
    context = {
        "period": of,
        "kind": version,
        "form": form,
        "standing": standing,
        "missing": [units[each.unit].short if each.unit in units else each.unit for each in waiting],
        "crumbs": [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=_("Xem trước báo cáo"), url=reverse("report-preview", args=[of.code, version.code])),
            Crumb(title=_("Gửi")),
        ],
    }
    return render(request, "reports/compiling/send.html", context, status=422 if form.errors else 200)


# -- documents -----------------------------------------------------------------------------------------------------------
@access.rule(access.province_wide)
@require_safe
def document(request: AccessRequest, document: uuid.UUID) -> HttpResponse:
    """Show a document that left: number, day, hash, what replaced it, and its files."""
    row = _document(document)
    return _document_page(request, row)


def _document_page(
    request: AccessRequest,
    row: IssuedDocument,
    *,
    signed: SignedForm | None = None,
    withdrawing: SendForm | None = None,
    status: int = 200,
) -> HttpResponse:
    loaded = loaded_or_404()
    of = period_or_404(loaded, row.period)
    kinds = {kind.code: kind.name for kind in loaded.plan.report.kinds}
    successor = row.replaced_by.first()
    may_write = COMPILES(request.subject)
    context = {
        "row": row,
        "period": of,
        "name": name_of(loaded, row),
        "successor": successor,
        "may_attach": may_write and row.sent_at is not None and row.signed_file_id is None,
        "may_withdraw": may_write and row.kind in kinds and row.sent_at is not None and successor is None,
        "signed": signed or SignedForm(),
        "withdrawing": withdrawing or _withdraw_form(loaded, of),
        "crumbs": [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=row.number or _("Văn bản chưa gửi")),
        ],
    }
    return render(request, "reports/compiling/document.html", context, status=status)


@access.rule(COMPILES)
@require_POST
def attach_signed(request: AccessRequest, document: uuid.UUID) -> HttpResponse:
    """Take the signed PDF of a sent document."""
    row = _document(document)
    form = SignedForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["signed"]
        try:
            actions.attach_signed(
                document=row, content=given.read(), name=given.name, at=request.now, by=request.subject.user_id
            )
        except (FileError, actions.CompilingError) as fault:
            form.add_error("signed", str(fault))
        else:
            messages.success(request, _("Đã đính bản ký."))
            return redirect("document", document=row.pk)
    return _document_page(request, row, signed=form, status=422)


@access.rule(COMPILES)
@require_POST
def withdraw(request: AccessRequest, document: uuid.UUID) -> HttpResponse:
    """Take a sent report back by a letter."""
    row = _document(document)
    loaded = loaded_or_404()
    of = period_or_404(loaded, row.period)
    form = _withdraw_form(loaded, of, request.POST)
    if form.is_valid():
        try:
            letter = actions.withdraw(
                loaded=loaded,
                period=of,
                document=row,
                reason=form.cleaned_data["reason"],
                signing=form.signing(),
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.CompilingError as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("Đã lập công văn thu hồi số %(number)s.") % {"number": letter.number})
            return redirect("document", document=letter.pk)
    return _document_page(request, row, withdrawing=form, status=422)


def _withdraw_form(loaded: Loaded, of: Period, data: Any = None) -> SendForm:
    office = units_on(of.last_day)[loaded.plan.steering_unit]
    kind = actions.letter_kind(loaded, of)
    return SendForm(
        data, kind=kind, ways=office.signs, is_replacing=True, reason_label=_("Lý do thu hồi"), prefix="withdraw"
    )


@access.rule(access.province_wide)
@require_safe
def document_file(request: AccessRequest, document: uuid.UUID) -> HttpResponse:  # noqa: ARG001  the rule asked it
    """Hand out the very bytes that were sent."""
    return _kept(_document(document).file)


@access.rule(access.province_wide)
@require_safe
def document_signed(request: AccessRequest, document: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Hand out the signed PDF."""
    return _kept(_document(document).signed_file)


def _kept(file: StoredFile | None) -> HttpResponse:
    if file is None:
        raise Http404(_("Văn bản không giữ tệp này."))
    try:
        return download(file)
    except DamagedFileError as fault:
        raise Http404(_("Tệp đã mất hoặc hỏng. Báo quản trị hệ thống.")) from fault


def _document(document: uuid.UUID) -> IssuedDocument:
    rows = IssuedDocument.objects.defer("tags").select_related("file", "signed_file", "replaces", "made_by", "sent_by")
    row = rows.filter(pk=document).first()
    if row is None:
        raise Http404(_("Không có văn bản này."))
    return row


def name_of(loaded: Loaded, row: IssuedDocument) -> str:
    """Name what a document is."""
    kinds = {kind.code: kind.name for kind in loaded.plan.report.kinds}
    kinds |= {"urging": _("Công văn đôn đốc"), "withdrawal": _("Công văn thu hồi"), "unit": _("Báo cáo của đơn vị")}
    return kinds.get(row.kind, row.kind)


# -- the letter that urges -----------------------------------------------------------------------------------------------
@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
def urging_letter(request: AccessRequest, period: str) -> HttpResponse:
    """Show who has not sent and the letters so far; draft one anew (`act=draft`) or send it (`act=send`)."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    form = None
    if request.method == "POST":
        access.check(COMPILES(request.subject), _MAY_NOT)
        if request.POST.get("act") == "send":
            form = _letter_form(loaded, of, request.POST)
            if form.is_valid():
                answer = _send_letter(request, loaded, of, form)
                if answer is not None:
                    return answer
        else:
            row = actions.draft_urging_letter(
                period=of, at=request.now, by=request.subject.user_id, again=True, loaded=loaded
            )
            if row is None:
                messages.info(request, _("Mọi đơn vị đã gửi. Không cần công văn đôn đốc."))
            else:
                messages.success(request, _("Đã dự thảo công văn với danh sách lúc này."))
            return redirect("urging-letter", period=of.code)
    units = units_on(of.last_day)
    waiting = actions.waiting_for(of, at=request.now)
    context = {
        "period": of,
        "waiting": [
            {"unit": units[each.unit].short if each.unit in units else each.unit, "how_far": each.how_far}
            for each in waiting
        ],
        "moment": actions.urging_moment(of),
        "letters": list(urging_letters(loaded.plan.id, of.code)),
        "may_write": COMPILES(request.subject),
        "form": form or _letter_form(loaded, of),
        "crumbs": [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=_("Công văn đôn đốc")),
        ],
    }
    return render(
        request, "reports/compiling/urging.html", context, status=422 if form is not None and form.errors else 200
    )


def _send_letter(request: AccessRequest, loaded: Loaded, of: Period, form: SendForm) -> HttpResponse | None:
    try:
        row = actions.send_urging_letter(
            loaded=loaded, period=of, signing=form.signing(), at=request.now, by=request.subject.user_id
        )
    except actions.CompilingError as fault:
        form.add_error(None, str(fault))
        return None
    messages.success(request, _("Đã gửi và đóng băng văn bản số %(number)s.") % {"number": row.number})
    return redirect("document", document=row.pk)


def _letter_form(loaded: Loaded, of: Period, data: Any = None) -> SendForm:
    office = units_on(of.last_day)[loaded.plan.steering_unit]
    return SendForm(data, kind=actions.letter_kind(loaded, of), ways=office.signs, is_replacing=False)


# -- all files of a month ------------------------------------------------------------------------------------------------
@access.rule(access.only(Role.CHAIRMAN_OFFICE, Role.STANDING_OFFICE, Role.LEAD_UNIT))
@require_POST
def month_files(request: AccessRequest, period: str) -> HttpResponse:
    """Begin to make the zip of all files of a month; its page says how far it is and hands it out."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    job = jobs.start(
        kind=MONTH_ZIP,
        title=lambda: _("Tất cả tệp của kỳ %(code)s") % {"code": of.code},
        arguments={"plan": loaded.plan.id, "period": of.code},
        key=f"{loaded.plan.id}/{of.code}/{request.subject.user_id}",
        by=request.subject.user_id,
        at=request.now,
    )
    return redirect(job)
