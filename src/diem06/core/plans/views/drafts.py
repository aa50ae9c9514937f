"""Plans read from documents: upload, review item by item, check, load."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diem06.core import access
from diem06.core.access import Role
from diem06.core.access.rules import AccessRequest
from diem06.core.plans import actions
from diem06.core.plans.actions import (
    DraftCheck,
    DraftClosedError,
    OrganisationError,
    PlanChangeError,
    PlanReplacedError,
)
from diem06.core.plans.drafts import (
    ALL,
    OPEN,
    UNSURE,
    asked_lines,
    card_of,
    fault_lines,
    item_as_decided,
    review,
    row_of,
    typed_answer,
)
from diem06.core.plans.forms import ItemForm, LoadForm, UploadForm
from diem06.core.plans.models import DraftedPlan, LoadedPlan
from diem06.core.plans.queries import loaded_plan, open_drafts, plans_loaded
from diem06.core.ui.shell import Crumb, Tab
from diem06.plan.drafting import DecisionError, DraftError, Question, State, Verdict, from_json
from diem06.plan.faults import PlanErrors

DRAFTS = access.only(Role.STANDING_OFFICE, Role.ADMINISTRATOR)


@access.rule(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def drafts_page(request: AccessRequest) -> HttpResponse:
    """Upload the documents of a plan; the drafts that wait; the plans that are loaded."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            drafted = actions.draft_plan(files=form.cleaned_data["documents"], at=request.now, by=request.user.pk)
        except DraftError as refused:
            form.add_error("documents", str(refused))
        else:
            return redirect("plan-draft", drafted.pk)
    plans = plans_loaded()
    context = {
        "form": form,
        "drafts": open_drafts(),
        "plans": [(row, plan_title(row)) for row in plans],
        "current": plans[0] if plans else None,
        "crumbs": [_plan_crumb(), Crumb(title=_("Nạp Kế hoạch"))],
    }
    return render(request, "plans/drafts.html", context, status=422 if form.errors else 200)


@access.rule(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: AccessRequest, draft: int) -> HttpResponse:
    """Review a draft: text on the left, items on the right. A POST decides on one item, or answers the questions."""
    drafted = _draft(draft)
    if request.method == "POST":
        return _decide(request, drafted)
    show = request.GET.get("show", ALL)
    if show not in (ALL, OPEN, UNSURE):
        raise Http404(_("Không có cách xem này."))
    return _review_page(request, drafted, show=show, mend=request.GET.get("mend", ""))


@access.rule(DRAFTS)
@require_safe
def draft_item(request: AccessRequest, draft: int, item: str) -> HttpResponse:
    """Return the form of one item, in place of its card; `?shut` gives the card back."""
    drafted = _draft(draft)
    if "shut" in request.GET:
        return render(request, "plans/_card.html", {"drafted": drafted, "card": _card(drafted, item)})
    context = {"drafted": drafted, "card": _card(drafted, item), "item_form": _item_form(drafted, item)}
    return render(request, "plans/_mend.html", context)


@access.rule(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_load(request: AccessRequest, draft: int) -> HttpResponse:
    """Check the plan that the draft makes, each fault led back to its item, then load it."""
    drafted = _draft(draft)
    try:
        made = actions.check_draft(drafted)
    except DraftError as refused:
        messages.error(request, str(refused))
        return redirect("plan-draft", drafted.pk)
    current = _replaced_by(made)
    page = review(drafted)
    form = LoadForm(
        request.POST or None,
        initial={"revision": drafted.revision},
        still_open=page.open,
        current=plan_title(current) if current else "",
    )
    if request.method == "POST" and made.is_clean and form.is_valid():
        try:
            bundle = actions.load_draft(
                drafted=drafted,
                revision=form.cleaned_data["revision"],
                replaces=current.plan_id if current else "",
                at=request.now,
                by=request.user.pk,
            )
        except (DraftClosedError, OrganisationError, PlanChangeError) as refused:
            form.add_error(None, str(refused))
        except PlanReplacedError:
            form.add_error(None, _("Kế hoạch đang dùng vừa đổi. Tải lại trang."))
        except (PlanErrors, DraftError):
            form.add_error(None, _("Kế hoạch còn lỗi. Sửa từng lỗi rồi kiểm tra lại."))
        else:
            words = _("Đã nạp Kế hoạch %(plan)s. Từ nay các trang dùng Kế hoạch này.") % {"plan": bundle.plan_id}
            messages.success(request, words)
            return redirect("plan-drafts")
    context = {
        "drafted": drafted,
        "made": made,
        "questions": asked_lines(made.questions),
        "faults": fault_lines(made.faults, made.plan, drafted),
        "current": current,
        "current_title": plan_title(current) if current else "",
        "review": page,
        "form": form,
        "crumbs": [
            _plan_crumb(),
            Crumb(title=_("Nạp Kế hoạch"), url=reverse("plan-drafts")),
            Crumb(title=drafted.name, url=reverse("plan-draft", args=[drafted.pk])),
            Crumb(title=_("Kiểm tra và nạp")),
        ],
    }
    return render(request, "plans/draft_load.html", context, status=422 if form.errors else 200)


@access.rule(DRAFTS)
@require_POST
def draft_drop(request: AccessRequest, draft: int) -> HttpResponse:
    """Put a draft aside."""
    try:
        actions.drop_draft(drafted=_draft(draft), at=request.now, by=request.user.pk)
    except DraftClosedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Đã bỏ bản thảo."))
    return redirect("plan-drafts")


@access.rule(DRAFTS)
@require_POST
def plan_take(request: AccessRequest, bundle: int) -> HttpResponse:
    """Take a loaded plan into use again."""
    row = get_object_or_404(LoadedPlan, pk=bundle)
    if request.POST.get("confirm") != row.plan_id:
        messages.error(request, _("Đánh dấu xác nhận trước khi đổi Kế hoạch đang dùng."))
        return redirect("plan-drafts")
    try:
        actions.take_plan(bundle=row, at=request.now, by=request.user.pk)
    except PlanChangeError:
        messages.error(request, _("Đã có bản mới hơn của Kế hoạch này. Dùng bản đó."))
    else:
        messages.success(request, _("Đã dùng lại Kế hoạch %(plan)s.") % {"plan": row.plan_id})
    return redirect("plan-drafts")


# -- deciding ------------------------------------------------------------------------------------------------------------
def _decide(request: AccessRequest, drafted: DraftedPlan) -> HttpResponse:
    """One verdict «accepted ID», the form of one item, or the answers to all questions."""
    if "answers" in request.POST:
        return _answer(request, drafted)
    if "mend" in request.POST:
        return _mend(request, drafted, request.POST["mend"])
    state, _space, item = request.POST.get("verdict", "").partition(" ")
    if state not in {each.value for each in State}:
        raise Http404(_("Không có quyết định này."))
    if item.startswith("@"):
        return _accept_row(request, drafted, item.removeprefix("@"))
    _card(drafted, item)
    before = drafted.decisions.get(item, {}).get("changes", {})
    verdict = Verdict(state=State.MENDED if state == State.ACCEPTED and before else State(state), changes=before)
    return _kept(request, drafted, {item: verdict}, item)


def _accept_row(request: AccessRequest, drafted: DraftedPlan, address: str) -> HttpResponse:
    """Accept everything of a paragraph that nobody has looked at yet."""
    try:
        row = row_of(drafted, address)
    except KeyError as unknown:
        raise Http404(_("Bản thảo không có đoạn này.")) from unknown
    verdicts = {}
    for each in row.cards:
        if not each.is_decided:
            changes = drafted.decisions.get(each.id, {}).get("changes", {})
            verdicts[each.id] = Verdict(state=State.MENDED if changes else State.ACCEPTED, changes=changes)
    try:
        after = actions.decide(drafted=drafted, verdicts=verdicts, at=request.now, by=request.user.pk)
    except DraftClosedError as refused:
        messages.error(request, str(refused))
        return redirect("plan-drafts")
    if request.htmx:  # type: ignore[attr-defined]
        context = {"drafted": after, "row": row_of(after, address), "review": review(after), "swap": True}
        return render(request, "plans/_row.html", context)
    return HttpResponseRedirect(f"{reverse('plan-draft', args=[drafted.pk])}#{address}")


def _mend(request: AccessRequest, drafted: DraftedPlan, item: str) -> HttpResponse:
    form = _item_form(drafted, item, request.POST)
    if form.is_valid():
        original = from_json(drafted.draft).item(item)
        changes = form.changes(original)
        state = State.MENDED if changes else State.ACCEPTED
        try:
            return _kept(request, drafted, {item: Verdict(state=state, changes=changes)}, item)
        except DecisionError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    context = {"drafted": drafted, "card": _card(drafted, item), "item_form": form}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "plans/_mend.html", context, status=422)
    return _review_page(request, drafted, mend=item, item_form=form, status=422)


def _answer(request: AccessRequest, drafted: DraftedPlan) -> HttpResponse:
    """Keep every answer that differs from what stands."""
    verdicts = {}
    for question in from_json(drafted.draft).questions:
        typed = typed_answer(question, " ".join(request.POST.get(question.id, "").split()))
        changes = {"answer": typed} if typed != question.answer else {}
        state = State.MENDED if changes else State.ACCEPTED
        verdict = Verdict(state=state, changes=changes)
        before = drafted.decisions.get(question.id)
        if before != {"state": state.value, "changes": changes}:
            verdicts[question.id] = verdict
    try:
        if verdicts:
            actions.decide(drafted=drafted, verdicts=verdicts, at=request.now, by=request.user.pk)
            count = len(verdicts)
            words = ngettext("Đã ghi %(count)s câu trả lời.", "Đã ghi %(count)s câu trả lời.", count)
            messages.success(request, words % {"count": count})
    except (DraftError, DraftClosedError) as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("plan-draft", args=[drafted.pk]) + "#questions")


def _kept(request: AccessRequest, drafted: DraftedPlan, verdicts: dict[str, Verdict], item: str) -> HttpResponse:
    """Keep a verdict and show the item anew. Raises DecisionError."""
    try:
        after = actions.decide(drafted=drafted, verdicts=verdicts, at=request.now, by=request.user.pk)
    except DraftClosedError as refused:
        messages.error(request, str(refused))
        return redirect("plan-drafts")
    if request.htmx:  # type: ignore[attr-defined]
        context = {"drafted": after, "card": _card(after, item), "review": review(after), "swap": True}
        return render(request, "plans/_card.html", context)
    return HttpResponseRedirect(f"{reverse('plan-draft', args=[drafted.pk])}#item-{item}")


# -- parts ---------------------------------------------------------------------------------------------------------------
def _draft(draft: int) -> DraftedPlan:
    drafted = get_object_or_404(DraftedPlan, pk=draft)
    if not drafted.is_open:
        raise Http404(_("Bản thảo đã nạp hoặc đã bỏ."))
    return drafted


def _review_page(
    request: AccessRequest,
    drafted: DraftedPlan,
    *,
    show: str = ALL,
    mend: str = "",
    item_form: ItemForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = review(drafted, show=show)
    at = reverse("plan-draft", args=[drafted.pk])
    if mend and item_form is None:
        item_form = _item_form(drafted, mend)
    context = {
        "drafted": drafted,
        "review": page,
        "mend": mend,
        "item_form": item_form,
        "tabs": [
            Tab(title=_("Toàn văn"), url=at, current=show == ALL),
            Tab(title=_("Chưa xem"), url=f"{at}?show={OPEN}", current=show == OPEN, count=page.open),
            Tab(title=_("Chưa chắc"), url=f"{at}?show={UNSURE}", current=show == UNSURE, count=len(page.unsure)),
        ],
        "crumbs": [
            _plan_crumb(),
            Crumb(title=_("Nạp Kế hoạch"), url=reverse("plan-drafts")),
            Crumb(title=drafted.name),
        ],
    }
    return render(request, "plans/draft.html", context, status=status)


def _item_form(drafted: DraftedPlan, item: str, data: Any = None) -> ItemForm:
    try:
        found = item_as_decided(drafted, item)
    except KeyError as unknown:
        raise Http404(_("Bản thảo không có mục này.")) from unknown
    if isinstance(found, Question):
        raise Http404(_("Bản thảo không có mục này."))
    return ItemForm(data, draft=from_json(drafted.draft), item=found)


def _card(drafted: DraftedPlan, item: str) -> Any:
    try:
        return card_of(drafted, item)
    except KeyError as unknown:
        raise Http404(_("Bản thảo không có mục này.")) from unknown


def _replaced_by(made: DraftCheck) -> LoadedPlan | None:
    """Return the plan in use whose place the drafted one would take."""
    current = LoadedPlan.objects.defer("files").first()
    if current is None or made.plan is None or current.plan_id == made.plan.id:
        return None
    return current


def plan_title(row: LoadedPlan) -> str:
    """Return the title of a loaded plan, with its id."""
    return f"{loaded_plan(row.plan_id).plan.title} ({row.plan_id})"


def _plan_crumb() -> Crumb:
    return Crumb(title=_("Kế hoạch"), url=reverse("living-plan"))
