"""A unit's Word report: uploaded, read, and each number and passage confirmed, moved or refused by its reporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.evidence.actions import LARGEST_BYTES, FileError
from diem06.core.evidence.queries import download
from diem06.reports.actions import ConflictError, LockedError
from diem06.reports.conflict_words import conflict_words
from diem06.reports.entry_form import field_name
from diem06.reports.mailed import actions
from diem06.reports.mailed.forms import MailedForm
from diem06.reports.mailed.queries import Choice, cell_words, choices
from diem06.reports.models import Heading, MailedReport, Proposal, ProposalState
from diem06.reports.views.opening import Opened, locked_words, open_report
from vnlib.documents import DocumentError, DocumentTooLargeError

MAX_TEXT = 20_000


@access.rule(access.of_unit("unit"))
def upload(request: AccessRequest, period: str, unit: str) -> HttpResponse:
    """Take a Word report and read it; list those that were read before."""
    opened = open_report(period, unit)
    form = MailedForm(request.POST or None, request.FILES or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                if (file.size or 0) > LARGEST_BYTES:
                    form.add_error("file", _("Tệp lớn hơn 20 MB. Bớt ảnh trong tệp rồi gửi lại."))
                    return _upload_page(request, opened, form, status)
                mailed = actions.read_report(
                    report=opened.report,
                    words=cell_words(opened.report, opened.loaded.plan),
                    content=file.read(),
                    name=file.name,
                    at=request.now,
                    by=request.subject.user_id,
                )
            except actions.ReadBeforeError as fault:
                messages.info(request, str(fault))
                return redirect("mailed-review", period, unit, fault.mailed.pk)
            except (DocumentError, DocumentTooLargeError, FileError) as fault:
                form.add_error("file", str(fault))
            except LockedError:
                form.add_error(None, locked_words(opened.report))
            else:
                return redirect("mailed-review", period, unit, mailed.pk)
    return _upload_page(request, opened, form, status)


def _upload_page(request: AccessRequest, opened: Opened, form: MailedForm, status: int) -> HttpResponse:
    read = opened.report.mailed.select_related("file", "read_by").annotate(
        waiting=Count("proposals", filter=Q(proposals__state=ProposalState.OPEN))
    )
    context = {
        "opened": opened,
        "unit": opened.unit,
        "period": opened.report.period,
        "form": form,
        "read": read,
        "is_locked": not opened.report.may_be_edited(request.now),
        "locked_words": locked_words(opened.report),
    }
    return render(request, "reports/mailed/upload.html", context, status=status)


# -- confirming ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ShownNumber:
    """A proposed number beside its sentence. `chosen` is the cell as it is named in the field; `now` what stands there."""

    proposal: Proposal
    before: str
    number: str
    after: str
    why: tuple[str, ...]
    chosen: str
    others: tuple[str, ...]
    now: int | None
    decision: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ShownPassage:
    """A proposed passage beside what stands under its heading now."""

    proposal: Proposal
    title: str
    heading: str
    text: str
    now: str
    decision: str
    error: str


@access.rule(access.of_unit("unit"))
def review(request: AccessRequest, period: str, unit: str, mailed: int) -> HttpResponse:
    """Show every proposal beside its sentence; do what the reporter said."""
    opened = open_report(period, unit)
    row = _mailed(opened, mailed)
    known = choices(opened.report, opened.loaded.plan)
    if request.method != "POST":
        return _review_page(request, opened, row, known)
    answer = _Answer(request, row, known)
    if answer.errors:
        return _review_page(request, opened, row, known, answer=answer, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        done = actions.decide(
            mailed=row,
            plan=opened.loaded.plan,
            taken=answer.taken,
            passages=answer.passages,
            refused=answer.refused,
            seen_versions=answer.seen_versions,
            at=request.now,
            by=request.subject.user_id,
        )
    except ConflictError as conflict:
        words = {field_name(one.cell): conflict_words(one) for one in conflict.conflicts}
        answer.errors = {
            each.proposal.pk: words[field_name(each.cell)] for each in answer.taken if field_name(each.cell) in words
        }
        fault = "" if answer.errors else _("Người khác vừa sửa lời văn. Xem bản mới ở đây, rồi xác nhận lại.")
        fresh = choices(opened.report, opened.loaded.plan)
        return _review_page(request, opened, row, fresh, answer=answer, fault=fault, status=HTTPStatus.CONFLICT)
    except LockedError:
        return _review_page(
            request, opened, row, known, answer=answer, fault=locked_words(opened.report), status=HTTPStatus.CONFLICT
        )
    except actions.MailedError as fault:
        return _review_page(
            request, opened, row, known, answer=answer, fault=str(fault), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    messages.success(
        request,
        _("Đã nhận %(values)s số (%(changed)s ô đổi) và %(passages)s đoạn; bỏ qua %(refused)s.")
        % {"values": done.values, "changed": done.changed, "passages": done.passages, "refused": done.refused},
    )
    return redirect("mailed-review", period, unit, row.pk)


def _mailed(opened: Opened, pk: int) -> MailedReport:
    row = opened.report.mailed.select_related("file", "read_by").filter(pk=pk).first()
    if row is None:
        raise Http404(_("Không có tệp này."))
    return row


class _Answer:
    """What the reporter said to each proposal that is still open, and what is wrong with it."""

    def __init__(self, request: AccessRequest, mailed: MailedReport, known: Mapping[str, Choice]) -> None:
        self.taken: list[actions.Taken] = []
        self.passages: list[actions.TakenPassage] = []
        self.refused: list[Proposal] = []
        self.errors: dict[int, str] = {}
        self.decisions: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.headings: dict[int, str] = {}
        self.texts: dict[int, str] = {}
        self._posted = request.POST
        by_label = {choice.label: choice for choice in known.values()}
        for proposal in mailed.proposals.filter(state=ProposalState.OPEN):
            pk = proposal.pk
            decision = self.decisions[pk] = str(request.POST.get(f"d-{pk}", ""))
            if proposal.heading:
                self.headings[pk] = str(request.POST.get(f"h-{pk}", proposal.heading))
                self.texts[pk] = str(request.POST.get(f"t-{pk}", proposal.sentence))[:MAX_TEXT]
            else:
                self.labels[pk] = str(request.POST.get(f"c-{pk}", "")).strip()
            if decision == "refuse":
                self.refused.append(proposal)
            elif decision in {"take", "append", "replace"}:
                self._take(proposal, decision, by_label)
        self.seen_versions = {
            heading: int(version)
            for heading in Heading
            if (version := str(request.POST.get(f"nv-{heading.value}", ""))).isdecimal()
        }

    def _take(self, proposal: Proposal, decision: str, by_label: Mapping[str, Choice]) -> None:
        pk = proposal.pk
        if proposal.heading:
            if self.headings[pk] not in set(Heading):
                self.errors[pk] = _("Chọn mục cho đoạn này.")
                return
            heading = Heading(self.headings[pk])
            self.passages.append(
                actions.TakenPassage(
                    proposal=proposal, heading=heading, text=self.texts[pk], replaces=decision == "replace"
                )
            )
            return
        choice = by_label.get(self.labels[pk])
        if choice is None:
            self.errors[pk] = (
                _("Không có ô «%(label)s». Chọn một ô trong danh sách.") % {"label": self.labels[pk][:80]}
                if self.labels[pk]
                else _("Chọn ô cho số này, hoặc bỏ qua.")
            )
            return
        # A cell that the page did not show with its value was seen empty: else the person is asked first.
        seen = str(self._posted.get(f"s-{pk}", "")) if self._posted.get(f"sc-{pk}") == choice.name else ""
        self.taken.append(actions.Taken(proposal=proposal, cell=choice.cell, seen=seen))


def _review_page(
    request: AccessRequest,
    opened: Opened,
    mailed: MailedReport,
    known: Mapping[str, Choice],
    *,
    answer: _Answer | None = None,
    fault: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    proposals = list(mailed.proposals.all())
    waiting = [proposal for proposal in proposals if proposal.state == ProposalState.OPEN]
    written = {row.heading: row for row in opened.report.narratives.all()}
    by_label = {choice.label: choice for choice in known.values()}
    numbers = [_shown(proposal, known, by_label, answer) for proposal in waiting if not proposal.heading]
    context = {
        "opened": opened,
        "unit": opened.unit,
        "period": opened.report.period,
        "mailed": mailed,
        "placed": [(one, _choice_of(one, by_label)) for one in numbers if one.proposal.cell],
        "unplaced": [(one, _choice_of(one, by_label)) for one in numbers if not one.proposal.cell],
        "passages": [
            ShownPassage(
                proposal=proposal,
                title=proposal.why.removeprefix("title:"),
                heading=answer.headings.get(proposal.pk, proposal.heading) if answer else proposal.heading,
                text=answer.texts.get(proposal.pk, proposal.sentence) if answer else proposal.sentence,
                now=written[proposal.heading].text if proposal.heading in written else "",
                decision=answer.decisions.get(proposal.pk, "") if answer else "",
                error=answer.errors.get(proposal.pk, "") if answer else "",
            )
            for proposal in waiting
            if proposal.heading
        ],
        "decided": [
            (proposal, known[proposal.cell].label if proposal.cell in known else "", _heading_words(proposal.heading))
            for proposal in proposals
            if proposal.state != ProposalState.OPEN
        ],
        "labels": [choice.label for choice in known.values()],
        "headings": list(Heading),
        "versions": [(heading.value, written[heading].version if heading in written else 0) for heading in Heading],
        "is_locked": not opened.report.may_be_edited(request.now),
        "locked_words": locked_words(opened.report),
        "fault": fault,
        "has_errors": bool(answer and answer.errors),
    }
    return render(request, "reports/mailed/review.html", context, status=status)


def _choice_of(one: ShownNumber, by_label: Mapping[str, Choice]) -> Choice | None:
    return by_label.get(one.chosen)


def _heading_words(heading: str) -> str:
    return str(Heading(heading).label) if heading in set(Heading) else ""


def _shown(
    proposal: Proposal, known: Mapping[str, Choice], by_label: Mapping[str, Choice], answer: _Answer | None
) -> ShownNumber:
    text = proposal.sentence
    proposed = known[proposal.cell].label if proposal.cell in known else ""
    chosen = answer.labels.get(proposal.pk, proposed) if answer else proposed
    choice = by_label.get(chosen)
    return ShownNumber(
        proposal=proposal,
        before=text[: proposal.starts],
        number=text[proposal.starts : proposal.ends],
        after=text[proposal.ends :],
        why=tuple(words for code in proposal.why.split(";") if (words := why_words(code))),
        chosen=chosen,
        others=tuple(known[name].label for name in proposal.others if name in known and known[name].label != chosen)[
            :3
        ],
        now=choice.value if choice else None,
        decision=answer.decisions.get(proposal.pk, "") if answer else "",
        error=answer.errors.get(proposal.pk, "") if answer else "",
    )


def why_words(code: str) -> str:
    """Return why the reader thought so, or why it left the cell open, in words."""
    name, _colon, rest = code.partition(":")
    if name in {"words", "area", "ratio"}:
        return {
            "words": _("Khớp chữ: %(rest)s."),
            "area": _("Địa bàn: %(rest)s."),
            "ratio": _("Khớp tỷ lệ %(rest)s%%."),
        }[name] % {"rest": rest}
    return {
        "unknown": _("Chưa đủ chữ để biết ô nào."),
        "two_cells": _("Hợp với hơn một ô."),
        "sum": _("Có vẻ là tổng của nhiều ô."),
        "twice": _("Tệp có hai số khác nhau cho ô này."),
        "other_period": _("Có vẻ là số của kỳ khác, hoặc mức tăng, chỉ tiêu."),
        "cumulative": _("Có vẻ là số lũy kế."),
        "about": _("Chỉ là con số ước chừng."),
        "doubtful": _("Số này đọc được hai cách. Kiểm tra lại."),
        "ratio_wrong": _("Tỷ lệ bên cạnh không khớp hai số."),
        "whole_of": _("Là mẫu số của số ngay trước."),
        "whole": _("Là tổng của số ngay trước."),
    }.get(name, "")


@require_safe
@access.rule(access.of_unit("unit"))
def file(request: AccessRequest, period: str, unit: str, mailed: int) -> HttpResponse:  # noqa: ARG001
    """Hand out the Word file as it came."""
    return download(_mailed(open_report(period, unit), mailed).file)
