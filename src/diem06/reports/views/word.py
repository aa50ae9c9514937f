"""The report of a month: who sent when, the preview, the files, and checking a file that came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, NoPlanError, last_due_period, loaded_plan, periods
from diem06.core.plans.queries import period as period_of
from diem06.core.ui.shell import Crumb, Tab
from diem06.cube.actions import issue_revision
from diem06.cube.board import board
from diem06.plan.model import ReportKind
from diem06.plan.periods import window_of
from diem06.reports import actions, queries
from diem06.reports.models import Report
from diem06.reports.word import annex, html
from diem06.reports.word.actions import issue_report
from diem06.reports.word.content import build, missing_units, undecided, without_data
from diem06.reports.word.forms import ReopenForm, SigningForm, VerifyForm
from diem06.reports.word.material import ReportKindError, gather, kind_of
from diem06.reports.word.verify import Finding, Verdict
from diem06.reports.word.verify import verify as verify_file
from vnlib.documents import DocumentError

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAKES_REPORTS = access.only(Role.CHAIRMAN_OFFICE, Role.STANDING_OFFICE, Role.LEAD_UNIT)
"""Who may hand a report out. Who only audits or administers reads it."""


_VERDICTS = {
    Verdict.OK: ("met", "circle-check", gettext_lazy("Đúng số của hệ thống")),
    Verdict.EDITED: ("miss", "circle-x", gettext_lazy("Đã sửa tay")),
    Verdict.NOT_OURS: ("miss", "circle-x", gettext_lazy("Không phải số của hệ thống")),
    Verdict.OTHER_REVISION: ("miss", "circle-x", gettext_lazy("Thuộc bản số liệu khác")),
    Verdict.OTHER_PERIOD: ("miss", "circle-x", gettext_lazy("Thuộc kỳ khác")),
    Verdict.OTHER_DOCUMENT: ("miss", "circle-x", gettext_lazy("Thuộc văn bản khác")),
    Verdict.MISSING: ("risk", "alert-triangle", gettext_lazy("Không còn trong tệp")),
    Verdict.NO_CONTROL: ("miss", "circle-x", gettext_lazy("Tỷ lệ gõ tay, không gắn thẻ")),
}


@dataclass(frozen=True, kw_only=True)
class PeriodLine:
    """One period in the list, with how many reports came."""

    period: Period
    sent: int
    late: int
    due: int
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class SendingLine:
    report: Report
    unit: str
    timeliness: str
    may_reopen: bool
    is_open: bool


@access.rule(access.province_wide)
@require_safe
def reports(request: AccessRequest) -> HttpResponse:
    """List the periods, and who sent when in one of them (`?period=`; the last one due without it)."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    opened = list(periods(loaded.plan).prefetch_related("reports__period"))
    if not opened:
        return render(request, "reports/no_period.html")
    chosen = _chosen(request, loaded)
    units = units_on(chosen.last_day)
    found = queries.sendings(chosen, at=request.now)
    may_reopen = request.subject.has(Role.STANDING_OFFICE) and request.now >= chosen.lock_at
    lines = [
        SendingLine(
            report=sending.report,
            unit=units[sending.report.unit].short if sending.report.unit in units else sending.report.unit,
            timeliness=sending.timeliness,
            may_reopen=may_reopen,
            is_open=sending.report.may_be_edited(request.now) and request.now >= chosen.lock_at,
        )
        for sending in found
    ]
    context = {
        "loaded": loaded,
        "period": chosen,
        "periods": [_line(row, chosen) for row in reversed(opened)],
        "kinds": loaded.plan.report.kinds,
        "sendings": lines,
        "sent": sum(line.timeliness in {"in_time", "late"} for line in lines),
        "is_locked": request.now >= chosen.lock_at,
    }
    return render(request, "reports/word/reports.html", context)


@access.rule(access.only(Role.STANDING_OFFICE))
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Let a unit edit its report after the lock."""
    loaded = _loaded()
    of = _period(loaded, period)
    report = Report.objects.filter(period=of, unit=unit).select_related("period").first()
    if report is None:
        raise Http404(_("Đơn vị này không phải gửi báo cáo trong kỳ."))
    units = units_on(of.last_day)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen(
                report=report,
                until=form.until_moment(),
                reason=form.cleaned_data["reason"],
                at=request.now,
                by=request.subject.user_id,
            )
        except actions.ReportError as fault:
            field = str(fault) if str(fault) in form.fields else None
            form.add_error(field, _("Chọn ngày từ hôm nay đến 30 ngày sau.") if field == "until" else _("Ghi lý do."))
        else:
            until = form.cleaned_data["until"]
            name = units[unit].short if unit in units else unit
            messages.success(
                request,
                _("Đã mở lại báo cáo của %(unit)s đến hết ngày %(day)s.") % {"unit": name, "day": f"{until:%d/%m/%Y}"},
            )
            return redirect(f"{reverse('reports')}?period={of.code}")
    context = {
        "form": form,
        "period": of,
        "unit": units[unit].short if unit in units else unit,
        "crumbs": [Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"), Crumb(title=_("Mở lại"))],
    }
    return render(request, "reports/word/reopen.html", context, status=422 if form.errors else 200)


@access.rule(access.province_wide)
@require_safe
def preview(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Show the report as the Word file will have it."""
    loaded = _loaded()
    of, version = _period(loaded, period), _kind(loaded, kind)
    return _preview(request, loaded, of, version, _signing_form(version, of))


@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Make the Word file and send it. Making it leaves a trace, so it takes a form; a plain link leads to the preview."""
    loaded = _loaded()
    of, version = _period(loaded, period), _kind(loaded, kind)
    if request.method != "POST":
        return redirect("report-preview", period=of.code, kind=version.code)
    access.check(MAKES_REPORTS(request.subject), _("Vai trò của bạn chỉ xem trước được báo cáo."))
    form = _signing_form(version, of, request.POST)
    if not form.is_valid():
        return _preview(request, loaded, of, version, form, status=422)
    issued = issue_report(
        loaded=loaded, period=of, kind=version, at=request.now, by=request.subject.user_id, signing=form.signing()
    )
    return _file(issued.file, issued.name, WORD)


@access.rule(access.province_wide)
@require_safe
def communes(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Send the Excel annex of the communes under the revision of the figures' present state."""
    loaded = _loaded()
    of = _period(loaded, period)
    _kind(loaded, kind)
    revision = issue_revision(loaded=loaded, window=window_of(loaded.plan, of.code), at=request.now)
    content = annex.communes(loaded, board(loaded, of.code), revision=revision.number)
    return _file(content, f"phu-luc-cap-xa-{of.code}-r{revision.number}.xlsx", EXCEL)


@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: AccessRequest) -> HttpResponse:
    """Check a Word file that came back."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "form": form,
        "crumbs": [Crumb(title=_("Báo cáo"), url=reverse("reports")), Crumb(title=_("Kiểm tra tệp Word"))],
    }
    if request.method == "POST" and form.is_valid():
        try:
            context["found"] = found = verify_file(form.cleaned_data["file"], _loaded())
        except DocumentError as fault:
            form.add_error("file", str(fault))
        else:
            context["wrong"] = [_told(finding) for finding in found.wrong]
            kinds = {kind.code: kind.name for kind in _loaded().plan.report.kinds}
            context["kind"] = kinds.get(found.document.kind, found.document.kind) if found.document else ""
    return render(request, "reports/word/verify.html", context, status=422 if form.errors else 200)


# -- parts of the pages ----------------------------------------------------------------------------------------------
def _preview(
    request: AccessRequest, loaded: Loaded, of: Period, kind: ReportKind, form: SigningForm, *, status: int = 200
) -> HttpResponse:
    material = gather(loaded=loaded, period=of, kind=kind, at=request.now)
    content = build(material)
    missing = missing_units(material)
    context = {
        "period": of,
        "kind": kind,
        "kinds": [
            Tab(
                title=row.name,
                url=reverse("report-preview", args=[of.code, row.code]),
                current=row.code == kind.code,
            )
            for row in loaded.plan.report.kinds
        ],
        "pages": html.pages(content, lambda key: reverse("figure", args=[key])),
        "missing": missing,
        "missing_words": ngettext("%(count)s đơn vị chưa gửi", "%(count)s đơn vị chưa gửi", len(missing))
        % {"count": len(missing)},
        "undecided": undecided(material),
        "without_data": without_data(material),
        "marks": len(content.marks()),
        "revision": material.windows.now.revision,
        "is_locked": request.now >= of.lock_at,
        "form": form,
        "may_make": MAKES_REPORTS(request.subject),
        "crumbs": [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=_("Tháng %(month)s") % {"month": f"{of.code[5:]}/{of.code[:4]}"}),
        ],
    }
    return render(request, "reports/word/preview.html", context, status=status)


def _signing_form(kind: ReportKind, of: Period, data: Any = None) -> SigningForm:
    units = units_on(of.last_day)
    ways = units[kind.issuer].signs if kind.issuer in units else ()
    return SigningForm(data, kind=kind, ways=ways)


def _line(row: Period, chosen: Period) -> PeriodLine:
    states = [(report.approved_at is not None, report.is_late) for report in row.reports.all()]
    return PeriodLine(
        period=row,
        sent=sum(sent for sent, _late in states),
        late=sum(late for _sent, late in states),
        due=len(states),
        is_current=row.pk == chosen.pk,
    )


def _told(finding: Finding) -> dict[str, Any]:
    tone, icon, words = _VERDICTS[finding.verdict]
    return {"finding": finding, "tone": tone, "icon": icon, "words": words}


def _chosen(request: AccessRequest, loaded: Loaded) -> Period:
    code = request.GET.get("period")
    if code:
        return _period(loaded, code)
    chosen = last_due_period(loaded.plan, at=request.now)
    assert chosen is not None  # some period is opened
    return chosen


def _loaded() -> Loaded:
    try:
        return loaded_plan()
    except NoPlanError as nothing:
        raise Http404(_("Chưa nạp Kế hoạch nào.")) from nothing


def _period(loaded: Loaded, code: str) -> Period:
    found = period_of(loaded.plan, code)
    if found is None:
        raise Http404(_("Không có kỳ báo cáo này."))
    return found


def _kind(loaded: Loaded, code: str) -> ReportKind:
    try:
        return kind_of(loaded.plan, code)
    except ReportKindError as unknown:
        raise Http404(_("Không có loại báo cáo này.")) from unknown


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
