"""«Số liệu cần kiểm tra»: what the rules found, its rows, the explanation, and the rules themselves."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.actions import FileError
from diem06.core.evidence.queries import DamagedFileError, download
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.cube.anomalies import actions, queries
from diem06.cube.models import Anomaly, AnomalyState
from diem06.reports.screens import anomalies as screen
from diem06.reports.views.files import excel
from diem06.reports.views.periods import loaded_or_404

JUDGES = access.only(Role.STANDING_OFFICE)
"""Who accepts an explanation or asks back, and who switches rules."""
EXPLAINS = access.of_unit("unit")
ROWS_A_PAGE = 50
_EVERY = [("", gettext_lazy("Tất cả"))]
_GONE, _WAITING = "gone", "waiting"
_STATES = [
    ("", gettext_lazy("Đang còn")),
    (_WAITING, gettext_lazy("Đơn vị chưa trả lời")),
    (AnomalyState.EXPLAINED.value, AnomalyState.EXPLAINED.label),
    (AnomalyState.ACCEPTED.value, AnomalyState.ACCEPTED.label),
    (_GONE, gettext_lazy("Không còn")),
]


class AnomalyFilter(forms.Form):
    """How the list is narrowed; it lives in the URL."""

    state = forms.ChoiceField(label=gettext_lazy("Trạng thái"), choices=_STATES, required=False)
    period = forms.ChoiceField(label=gettext_lazy("Kỳ"), required=False)
    rule = forms.ChoiceField(label=gettext_lazy("Quy tắc"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị"), required=False)


class ExplainForm(forms.Form):
    """What the accountable unit says."""

    text = forms.CharField(
        label=gettext_lazy("Giải trình"),
        help_text=gettext_lazy(
            "Viết ngắn: vì sao có số này, ai đã kiểm tra. Không ghi tên hay số giấy tờ của người dân."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=actions.LONGEST_TEXT,
        error_messages={"required": gettext_lazy("Viết giải trình trước khi gửi.")},
    )
    file = forms.FileField(
        label=gettext_lazy("Tài liệu kèm theo"),
        help_text=gettext_lazy("PDF, Word, Excel hoặc ảnh; nhiều nhất 20 MB."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx,.xls,.png,.jpg,.jpeg"}),
    )


class AskForm(forms.Form):
    """What the standing office wants to know besides."""

    text = forms.CharField(
        label=gettext_lazy("Hỏi lại"),
        help_text=gettext_lazy("Viết điều đơn vị cần làm rõ thêm."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=actions.LONGEST_TEXT,
        error_messages={"required": gettext_lazy("Viết điều cần hỏi trước khi gửi.")},
    )


# -- the list ------------------------------------------------------------------------------------------------------------
@access.rule(access.with_role)
@require_safe
def anomalies(request: AccessRequest) -> HttpResponse:
    """List what was found: a unit sees what was put to it, the province-wide roles see all."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "reports/no_plan.html")
    form, rows = _chosen(request, loaded)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "lines": screen.lines_of(loaded, page.object_list),
        "total": page.paginator.count,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "is_wide": request.subject.is_province_wide,
        "most_put": actions.MOST_PUT,
    }
    return render(request, "reports/anomalies/anomalies.html", context)


@access.rule(access.with_role)
@require_safe
def anomalies_file(request: AccessRequest) -> HttpResponse:
    """The list as it is narrowed, as an Excel file."""
    loaded = loaded_or_404()
    _form, rows = _chosen(request, loaded)
    lines = screen.lines_of(loaded, rows[: screen.MOST_IN_A_FILE])
    return excel(screen.workbook(loaded, lines), "so-lieu-can-kiem-tra.xlsx")


def _chosen(request: AccessRequest, loaded: Loaded) -> tuple[AnomalyFilter, QuerySet[Anomaly]]:
    subject = request.subject
    rows = queries.of_plan(loaded.plan) if subject.is_province_wide else queries.put_to(loaded.plan, subject.units)
    form = AnomalyFilter(request.GET)
    periods, rules, units = screen.choices(loaded)
    if not subject.is_province_wide:
        units = [pair for pair in units if pair[0] in subject.units]
    for name, found in (("period", periods), ("rule", rules), ("unit", units)):
        form.fields[name].choices = _EVERY + found  # type: ignore[attr-defined]  # a ChoiceField
    wanted = form.cleaned_data if form.is_valid() else {}
    for name, column in (("period", "period__code"), ("rule", "rule"), ("unit", "unit")):
        if value := wanted.get(name):
            rows = rows.filter(**{column: value})
    match wanted.get("state", ""):
        case "gone":
            rows = rows.filter(gone_at__isnull=False)
        case "waiting":
            asked = Q(state=AnomalyState.OPEN) | Q(state=AnomalyState.ASKED_BACK)
            rows = rows.filter(asked, gone_at__isnull=True, put_at__isnull=False)
        case "":
            rows = rows.filter(gone_at__isnull=True)
        case state:
            rows = rows.filter(state=state, gone_at__isnull=True)
    return form, rows


# -- one of them ---------------------------------------------------------------------------------------------------------
@access.rule(access.own_unit("unit"))
@require_safe
def anomaly(request: AccessRequest, unit: str, pk: int) -> HttpResponse:
    """Show one with the rows that it rests on and what was said of it."""
    loaded = loaded_or_404()
    return _page(request, loaded, _found(request, loaded, unit, pk))


@access.rule(EXPLAINS)
@require_POST
def explain(request: AccessRequest, unit: str, pk: int) -> HttpResponse:
    """Keep the unit's explanation."""
    loaded = loaded_or_404()
    row = _found(request, loaded, unit, pk)
    form = ExplainForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.explain(
                anomaly=row,
                text=form.cleaned_data["text"],
                name=(file.name or "") if file else "",
                content=file.read() if file else b"",
                at=request.now,
                by=request.subject.user_id,
            )
        except FileError as fault:
            form.add_error("file", str(fault))
        except actions.NotPutError:
            messages.error(request, _("Mục này không còn chờ giải trình."))
            return redirect("anomaly", unit=unit, pk=pk)
        else:
            messages.success(request, _("Đã gửi giải trình. Cơ quan thường trực sẽ xem."))
            return redirect("anomaly", unit=unit, pk=pk)
    return _page(request, loaded, row, explaining=form)


@access.rule(JUDGES)
@require_POST
def accept(request: AccessRequest, unit: str, pk: int) -> HttpResponse:
    """Accept the explanation."""
    row = _found(request, loaded_or_404(), unit, pk)
    try:
        actions.accept(anomaly=row, at=request.now, by=request.subject.user_id)
    except actions.NotExplainedError:
        messages.error(request, _("Chưa có giải trình nào chờ xem."))
    else:
        messages.success(request, _("Đã chấp nhận giải trình."))
    return redirect("anomaly", unit=unit, pk=pk)


@access.rule(JUDGES)
@require_POST
def ask_back(request: AccessRequest, unit: str, pk: int) -> HttpResponse:
    """Ask the unit once more."""
    loaded = loaded_or_404()
    row = _found(request, loaded, unit, pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, loaded, row, asking=form)
    try:
        actions.ask_back(anomaly=row, text=form.cleaned_data["text"], at=request.now, by=request.subject.user_id)
    except actions.NotExplainedError:
        messages.error(request, _("Chưa có giải trình nào chờ xem."))
    else:
        messages.success(request, _("Đã hỏi lại đơn vị."))
    return redirect("anomaly", unit=unit, pk=pk)


@access.rule(access.own_unit("unit"))
@require_safe
def document(request: AccessRequest, unit: str, pk: int, answer: int) -> HttpResponse:
    """Hand out the document of an explanation."""
    row = _found(request, loaded_or_404(), unit, pk)
    said = row.answers.select_related("file").filter(pk=answer, file__isnull=False).first()
    if said is None or said.file is None:
        raise Http404(_("Không có tài liệu này."))
    try:
        return download(said.file)
    except DamagedFileError as damaged:
        raise Http404(_("Tệp không còn đọc được.")) from damaged


def _found(request: AccessRequest, loaded: Loaded, unit: str, pk: int) -> Anomaly:
    """Return the finding; of what was not put to a unit its people know nothing. Raises Http404."""
    is_wide = request.subject.is_province_wide
    rows = queries.of_plan(loaded.plan) if is_wide else queries.put_to(loaded.plan, request.subject.units)
    row = rows.filter(unit=unit, pk=pk).first()
    if row is None:
        raise Http404(_("Không có mục này."))
    return row


def _page(
    request: AccessRequest,
    loaded: Loaded,
    row: Anomaly,
    *,
    explaining: ExplainForm | None = None,
    asking: AskForm | None = None,
) -> HttpResponse:
    may_explain = row.put_at is not None and row.gone_at is None and row.state != AnomalyState.ACCEPTED
    context = {
        "story": screen.story(loaded, row),
        "row": row,
        "may_explain": may_explain and EXPLAINS(request.subject, unit=row.unit),
        "may_judge": row.state == AnomalyState.EXPLAINED and row.gone_at is None and JUDGES(request.subject),
        "explaining": explaining or ExplainForm(),
        "asking": asking or AskForm(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if explaining or asking else HTTPStatus.OK
    return render(request, "reports/anomalies/anomaly.html", context, status=status)


# -- the rules -----------------------------------------------------------------------------------------------------------
@access.rule(access.province_wide)
@require_safe
def rules(request: AccessRequest) -> HttpResponse:
    """Show the rules, how often each found something, and which are on."""
    loaded = loaded_or_404()
    context = {
        "lines": screen.rule_lines(loaded),
        "may_switch": JUDGES(request.subject),
        "is_made_up": loaded.is_made_up,
    }
    return render(request, "reports/anomalies/rules.html", context)


@access.rule(JUDGES)
@require_POST
def switch(request: AccessRequest, rule: str) -> HttpResponse:
    """Switch a rule on or off."""
    try:
        row = actions.switch(
            rule=rule, is_on=request.POST.get("is_on") == "1", at=request.now, by=request.subject.user_id
        )
    except actions.UnknownRuleError as unknown:
        raise Http404(_("Không có quy tắc này.")) from unknown
    words = _("Đã bật quy tắc «%(rule)s».") if row.is_on else _("Đã tắt quy tắc «%(rule)s».")
    messages.success(request, words % {"rule": screen.title_of(rule)})
    return redirect("anomaly-rules")
