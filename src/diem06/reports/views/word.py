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
from diem06.core.ui.shell import Crumb, Tab
from diem06.cube.closing.record import board_of_record, revision_of_record
from diem06.plan.model import ReportKind
from diem06.plan.periods import window_of
from diem06.reports import actions, queries
from diem06.reports.ad_hoc.queries import owners_of
from diem06.reports.compiling.actions import standing_document, urging_moment
from diem06.reports.compiling.queries import documents_of, urging_letters
from diem06.reports.compiling.views import COMPILES, name_of
from diem06.reports.models import IssuedDocument, Report
from diem06.reports.views.periods import kind_or_404, loaded_or_404, period_or_404
from diem06.reports.views.states import ACCEPTS
from diem06.reports.word import annex, html
from diem06.reports.word.actions import issue_report
from diem06.reports.word.content import missing_units, undecided, without_data
from diem06.reports.word.forms import ReopenForm, SigningForm, VerifyForm
from diem06.reports.word.making import make, unit_kind
from diem06.reports.word.material import Material
from diem06.reports.word.open_data import open_data, report_json
from diem06.reports.word.tree import plain_text
from diem06.reports.word.verify import Finding, Verdict
from diem06.reports.word.verify import verify as verify_file
from diem06.reports.word.workbook import annexes_workbook
from vnlib.documents import DocumentError
from vnlib.text import file_words

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON, TEXT = "application/json; charset=utf-8", "text/plain; charset=utf-8"
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


@dataclass(frozen=True, kw_only=True)
class DocumentLine:
    """A document of the period, with what it is."""

    row: IssuedDocument
    name: str


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
        "missing": [line.unit for line in lines if line.timeliness in {"missing", "not_due"}],
        "documents": [
            DocumentLine(row=row, name=name_of(loaded, row))
            for row in documents_of(loaded.plan.id, chosen.code).filter(sent_at__isnull=False)
        ],
        "letters": list(urging_letters(loaded.plan.id, chosen.code)[:3]),
        "urging_moment": urging_moment(chosen),
        "may_compile": COMPILES(request.subject),
        "may_make": MAKES_REPORTS(request.subject),
        "queue_url": reverse("report-queue") if ACCEPTS(request.subject) else "",
        "ad_hoc_url": reverse("ad-hoc") if owners_of(request.subject) else "",
        "is_locked": request.now >= chosen.lock_at,
    }
    return render(request, "reports/word/reports.html", context)


@access.rule(access.only(Role.STANDING_OFFICE))
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Let a unit edit its report after the lock."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
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
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
    return _preview(request, loaded, of, version, _signing_form(version, of))


@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Make the Word file and send it. Making it leaves a trace, so it takes a form; a plain link leads to the preview."""
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
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
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    kind_or_404(loaded, kind)
    revision = revision_of_record(loaded=loaded, window=window_of(loaded.plan, of.code), at=request.now)
    content = annex.communes(loaded, board_of_record(loaded, of.code), revision=revision.number)
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
            context["found"] = found = verify_file(form.cleaned_data["file"], loaded_or_404())
        except DocumentError as fault:
            form.add_error("file", str(fault))
        else:
            context["wrong"] = [_told(finding) for finding in found.wrong]
            context["kind"] = name_of(loaded_or_404(), found.document) if found.document else ""
    return render(request, "reports/word/verify.html", context, status=422 if form.errors else 200)


@access.rule(access.province_wide)
@require_safe
def text(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Send the report as plain text, to be pasted into another one."""
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
    _material, content = make(loaded=loaded, period=of, kind=version, at=request.now)
    return _file(plain_text(content).encode(), f"{file_words(version.name)}-{of.code}.txt", TEXT)


@access.rule(access.province_wide)
@require_safe
def as_json(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Send the report as open JSON: words, tables, and each figure with its key."""
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
    material, content = make(loaded=loaded, period=of, kind=version, at=request.now)
    file = report_json(loaded, material, content, at=request.now)
    return _file(file, f"{file_words(version.name)}-{of.code}.json", JSON)


@access.rule(access.province_wide)
@require_safe
def annexes(request: AccessRequest, period: str, kind: str) -> HttpResponse:
    """Send all annexes as an Excel file, those of the communes too, under the revision of the figures' present state."""
    loaded = loaded_or_404()
    of, version = period_or_404(loaded, period), kind_or_404(loaded, kind)
    revision = revision_of_record(loaded=loaded, window=window_of(loaded.plan, of.code), at=request.now)
    material, content = make(loaded=loaded, period=of, kind=version, at=request.now)
    file = annexes_workbook(loaded, material, content, board_of_record(loaded, of.code))
    return _file(file, f"{file_words(version.name)}-{of.code}-r{revision.number}-phu-luc.xlsx", EXCEL)


@access.rule(access.province_wide)
@require_safe
def data(request: AccessRequest, period: str) -> HttpResponse:
    """Send the catalogue of indicators and all figures of a period as open JSON."""
    loaded = loaded_or_404()
    of = period_or_404(loaded, period)
    revision = revision_of_record(loaded=loaded, window=window_of(loaded.plan, of.code), at=request.now)
    file = open_data(loaded, of, board_of_record(loaded, of.code), revision=revision.number, at=request.now)
    return _file(file, f"du-lieu-mo-{of.code}-r{revision.number}.json", JSON)


# -- a unit's own report ---------------------------------------------------------------------------------------------
@access.rule(access.own_unit("unit"))
@require_safe
def unit_report(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Show a unit's own report as its Word file will have it."""
    loaded = loaded_or_404()
    of, kind = _of_unit(loaded, period, unit)
    return _preview(request, loaded, of, kind, _signing_form(kind, of), unit=unit)


@access.rule(access.own_unit("unit"))
@require_http_methods(["GET", "HEAD", "POST"])
def unit_document(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Make the Word file of a unit's own report, for its head to sign. Its own people make it, and who makes reports."""
    loaded = loaded_or_404()
    of, kind = _of_unit(loaded, period, unit)
    if request.method != "POST":
        return redirect("unit-report", period=of.code, unit=unit)
    access.check(_may_make_own(request, unit), _("Vai trò của bạn chỉ xem trước được báo cáo."))
    form = _signing_form(kind, of, request.POST)
    if not form.is_valid():
        return _preview(request, loaded, of, kind, form, unit=unit, status=422)
    issued = issue_report(
        loaded=loaded,
        period=of,
        kind=kind,
        at=request.now,
        by=request.subject.user_id,
        signing=form.signing(),
        unit=unit,
    )
    return _file(issued.file, issued.name, WORD)


def _of_unit(loaded: Loaded, period: str, unit: str) -> tuple[Period, ReportKind]:
    of = period_or_404(loaded, period)
    if not Report.objects.filter(period=of, unit=unit).exists():
        raise Http404(_("Đơn vị không phải báo cáo kỳ này."))
    return of, unit_kind(loaded, of, unit)


def _may_make_own(request: AccessRequest, unit: str) -> bool:
    return access.of_unit("unit")(request.subject, unit=unit) or MAKES_REPORTS(request.subject)


# -- parts of the pages ----------------------------------------------------------------------------------------------
def _preview(
    request: AccessRequest,
    loaded: Loaded,
    of: Period,
    kind: ReportKind,
    form: SigningForm,
    *,
    unit: str = "",
    status: int = 200,
) -> HttpResponse:
    material, content = make(loaded=loaded, period=of, kind=kind, at=request.now, unit=unit)
    missing = [] if unit else missing_units(material)
    month = f"{of.code[5:]}/{of.code[:4]}"
    context = {
        "period": of,
        "kind": kind,
        "unit": unit,
        "kinds": []
        if unit
        else [
            Tab(
                title=row.name,
                url=reverse("report-preview", args=[of.code, row.code]),
                current=row.code == kind.code,
            )
            for row in loaded.plan.report.kinds
        ],
        "pages": html.pages(content, _figure_urls()),
        "missing": missing,
        "missing_words": ngettext("%(count)s đơn vị chưa gửi", "%(count)s đơn vị chưa gửi", len(missing))
        % {"count": len(missing)},
        "unapproved": [] if unit else _unapproved(material),
        "undecided": [] if unit else undecided(material),
        "without_data": [] if unit else without_data(material),
        "rewritten": sum(section.is_rewritten for section in material.sections.values()),
        "changed": sum(bool(section.changed_since) for section in material.sections.values()),
        "marks": len(content.marks()),
        "revision": material.windows.now.revision,
        "is_locked": request.now >= of.lock_at,
        "sent": None if unit else standing_document(loaded.plan.id, of.code, kind.code),
        "form": form,
        "may_make": _may_make_own(request, unit) if unit else MAKES_REPORTS(request.subject),
        "may_compile": not unit and COMPILES(request.subject),
        "make_url": reverse("unit-report-document", args=[of.code, unit])
        if unit
        else reverse("report-document", args=[of.code, kind.code]),
        "crumbs": [
            Crumb(title=_("Việc của tôi"), url=reverse("my-work")),
            Crumb(title=material.short(unit), url=reverse("entry", args=[of.code, unit])),
        ]
        if unit
        else [
            Crumb(title=_("Báo cáo"), url=f"{reverse('reports')}?period={of.code}"),
            Crumb(title=_("Tháng %(month)s") % {"month": month}),
        ],
    }
    return render(request, "reports/word/preview.html", context, status=status)


def _unapproved(material: Material) -> list[str]:
    """Return the names of the units whose words stand in the report before their head approved them."""
    return [material.short(unit) for unit in dict.fromkeys(said.unit for said in material.said if not said.is_approved)]


def _figure_urls() -> html.FigureUrl:
    """Return the way to a figure's page. The URL is looked up once: a report has thousands of figures."""
    pattern = reverse("figure", args=["KEY"])
    before, _key, after = pattern.partition("KEY")
    return lambda key: f"{before}{key}{after}"


def _signing_form(kind: ReportKind, of: Period, data: Any = None) -> SigningForm:
    units = units_on(of.last_day)
    ways = units[kind.issuer].signs if kind.issuer in units else ()
    return SigningForm(data, kind=kind, ways=ways)


def _line(row: Period, chosen: Period) -> PeriodLine:
    states = [(report.first_approved_at is not None, report.is_late) for report in row.reports.all()]
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
        return period_or_404(loaded, code)
    chosen = last_due_period(loaded.plan, at=request.now)
    assert chosen is not None  # some period is opened
    return chosen


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
