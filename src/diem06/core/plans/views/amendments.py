"""Amendments: what changed the plan so far, and a form for each kind of change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.plans import actions, forms
from diem06.core.plans.actions import AmendmentError
from diem06.core.plans.models import LoadedPlan
from diem06.core.plans.queries import NoPlanError, amendments, loaded_plan
from diem06.core.plans.words import ChangeWords, words_of
from diem06.core.ui.shell import Crumb

AMENDS = access.only(Role.STANDING_OFFICE)


@dataclass(frozen=True)
class _Kind:
    """A kind of change: its name in the list, its form, its action, the icon of the link."""

    title: Promise
    text: Promise
    form: type[forms.AmendmentForm]
    action: Callable[..., LoadedPlan]
    icon: str


KINDS: Mapping[str, _Kind] = {
    "reading": _Kind(
        _("Chọn cách hiểu"),
        _("Chỉ tiêu chỉ có mục tiêu khi đã chọn cách hiểu."),
        forms.ReadingForm,
        actions.choose_reading,
        "help-circle",
    ),
    "target": _Kind(
        _("Đổi mục tiêu"), _("Thời hạn giữ nguyên."), forms.TargetForm, actions.change_target, "trending-up"
    ),
    "deadline": _Kind(
        _("Đổi thời hạn"), _("Mục tiêu giữ nguyên."), forms.DeadlineForm, actions.change_deadline, "calendar"
    ),
    "assignment": _Kind(
        _("Chuyển đơn vị thực hiện"),
        _("Số liệu chỉ phục vụ mô hình này chuyển theo."),
        forms.AssignmentForm,
        actions.pass_assignment,
        "send",
    ),
    "name": _Kind(_("Đổi tên đơn vị"), _("Kỳ trước giữ tên cũ."), forms.RenameForm, actions.rename_unit, "pencil"),
    "unit": _Kind(
        _("Hợp nhất đơn vị"), _("Đơn vị nhận làm tiếp việc đang mở."), forms.MergeForm, actions.merge_unit, "building"
    ),
    "precedence": _Kind(
        _("Đổi nguồn được tính trước"),
        _("Khi hai nguồn khác nhau, nguồn còn lại vẫn hiện bên cạnh, kèm chênh lệch."),
        forms.PrecedenceForm,
        actions.change_precedence,
        "list-check",
    ),
}


@dataclass(frozen=True, kw_only=True)
class AmendmentLine:
    """One change in the list."""

    words: ChangeWords
    clause: str
    from_day: Any
    document: str
    loaded_at: datetime
    loaded_by: str


@access.rule(access.province_wide)
@require_safe
def amendments_page(request: AccessRequest) -> HttpResponse:
    """List every dated row later than the plan itself, the newest day first."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "plans/no_plan.html")
    lines = [
        AmendmentLine(
            words=words_of(each.change, loaded.plan),
            clause=each.change.clause,
            from_day=each.change.from_day,
            document=each.change.document,
            loaded_at=each.loaded_at,
            loaded_by=each.loaded_by,
        )
        for each in amendments(loaded)
    ]
    context = {
        "plan": loaded.plan,
        "by_document": [line for line in lines if line.document],
        "foreseen": [line for line in lines if not line.document],
        "kinds": KINDS.items() if request.subject.has(Role.STANDING_OFFICE) else (),
        "crumbs": [_plan_crumb(), Crumb(title=translated("Điều chỉnh Kế hoạch"))],
    }
    return render(request, "plans/amendments.html", context)


@access.rule(AMENDS)
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: AccessRequest, kind: str) -> HttpResponse:
    """Change the plan by a document: the form of one kind."""
    found = KINDS.get(kind)
    if found is None:
        raise Http404(translated("Không có loại điều chỉnh này."))
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return render(request, "plans/no_plan.html")
    form = found.form(request.POST or None, loaded=loaded, at=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            after = found.action(loaded=loaded, basis=form.basis(), at=request.now, by=request.user.pk, **form.values())
        except AmendmentError as refused:
            _add_errors(form, refused)
        else:
            words = translated("Đã điều chỉnh Kế hoạch, bản %(version)s.") % {"version": after.version}
            messages.success(request, words)
            return redirect("plan-amendments")
    context = {
        "form": form,
        "kind": found,
        "crumbs": [
            _plan_crumb(),
            Crumb(title=translated("Điều chỉnh Kế hoạch"), url=reverse("plan-amendments")),
            Crumb(title=str(found.title)),
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "plans/amend.html", context, status=status)


def _add_errors(form: django_forms.Form, refused: AmendmentError) -> None:
    """Put each refusal at its field; one whose field this form lacks belongs to the whole."""
    for name, words in refused.errors.items():
        for word in words:
            form.add_error(name if name in form.fields else None, word)


def _plan_crumb() -> Crumb:
    return Crumb(title=translated("Kế hoạch"), url=reverse("living-plan"))
