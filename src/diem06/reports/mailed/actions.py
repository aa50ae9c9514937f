"""Every write about a report that came by mail. Nothing reaches the report before its reporter says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.plans.cells import Cell
from diem06.plan.model import Plan
from diem06.reports.actions import Entry, current_values, save_narrative, save_values
from diem06.reports.actions.errors import check_editable
from diem06.reports.entry_form import field_name
from diem06.reports.mailed.documents import Mailed, read_mailed
from diem06.reports.mailed.finding import CellWords, Found, find
from diem06.reports.models import Heading, MailedReport, Proposal, ProposalState, Report

WAY = "word"


class MailedError(ValueError):
    """Something that the person must change first; the text says what, in their language."""


class ReadBeforeError(MailedError):
    """The very file was read for this report before: `mailed` is that reading."""

    def __init__(self, mailed: MailedReport) -> None:
        super().__init__(_("Tệp này đã đọc rồi. Đây là kết quả lần trước."))
        self.mailed = mailed


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A number that the reporter takes: into which cell, and the record that they saw there."""

    proposal: Proposal
    cell: Cell
    seen: str | None


@dataclass(frozen=True, kw_only=True)
class TakenPassage:
    """A passage that the reporter takes: under which heading, with which words, and whether it replaces what stands there."""

    proposal: Proposal
    heading: Heading
    text: str
    replaces: bool


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What was done: numbers saved, cells that really changed, passages, refusals."""

    values: int
    changed: int
    passages: int
    refused: int


@transaction.atomic
def read_report(
    *, report: Report, words: Sequence[CellWords], content: bytes, name: str, at: datetime, by: int | None
) -> MailedReport:
    """
    Keep a .docx of a report and what was found in it as proposals; the report itself stays as it is.

    Raises the DocumentErrors of `vnlib.documents` and FileError for a file that is not read, LockedError after the lock,
    ReadBeforeError for a file that was read for this report before.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=report.pk)
    check_editable(report, at)
    read = read_mailed(content)
    file = store_file(content=content, name=name, allowed={FileKind.WORD}, at=at, by=by)
    before = report.mailed.filter(file__sha256=file.sha256).first()
    if before is not None:
        raise ReadBeforeError(before)  # undoes the row of the file as well
    mailed = MailedReport.objects.create(
        report=report,
        file=file,
        read_at=at,
        read_by_id=by,
        conversions=[[each.before, each.after] for each in read.conversions],
    )
    found = find(read.sentences, words)
    Proposal.objects.bulk_create(_proposals(mailed, read, found), batch_size=500)
    record(
        by=by,
        action="report.mailed",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={
            "file": str(file.pk),
            "sha256": file.sha256,
            "numbers": len(found),
            "with_cell": sum(1 for each in found if each.cell),
            "passages": len(read.passages),
        },
        at=at,
    )
    return mailed


def _proposals(mailed: MailedReport, read: Mailed, found: Sequence[Found]) -> list[Proposal]:
    rows = [
        Proposal(
            mailed=mailed,
            order=order,
            sentence=read.sentences[each.sentence].text,
            starts=each.starts,
            ends=each.ends,
            cell=each.cell,
            value=each.value,
            why=";".join(each.why)[:300],
            others=list(each.others),
        )
        for order, each in enumerate(found)
    ]
    rows += [
        Proposal(
            mailed=mailed,
            order=len(found) + order,
            sentence=passage.text,
            heading=passage.heading,
            why=f"title:{passage.title}"[:300],
        )
        for order, passage in enumerate(read.passages)
    ]
    return rows


@transaction.atomic
def decide(
    *,
    mailed: MailedReport,
    plan: Plan,
    taken: Sequence[Taken],
    passages: Sequence[TakenPassage],
    refused: Sequence[Proposal],
    seen_versions: Mapping[Heading, int],
    at: datetime,
    by: int | None,
) -> Decided:
    """
    Do what the reporter said to proposals that are still open: all of it or nothing. The others stay open.

    Raises MailedError where two different numbers are meant for one cell or a proposal was decided meanwhile; ConflictError,
    LockedError and NotOwedError as `save_values` and `save_narrative` do.
    """
    report = Report.objects.select_for_update().select_related("period").get(pk=mailed.report_id)
    wanted = [
        *(each.proposal.pk for each in taken),
        *(each.proposal.pk for each in passages),
        *(one.pk for one in refused),
    ]
    still = set(mailed.proposals.filter(pk__in=wanted, state=ProposalState.OPEN).values_list("pk", flat=True))
    if len(still) != len(wanted):
        raise MailedError(_("Người khác vừa xử lý một số đề xuất. Xem lại trang rồi làm tiếp."))
    by_cell: dict[Cell, Taken] = {}
    for each in taken:
        other = by_cell.setdefault(each.cell, each)
        if other.proposal.value != each.proposal.value:
            raise MailedError(_("Hai số khác nhau cùng vào một ô. Bỏ một số, hoặc chọn ô khác."))
    notes = {cell: value.note for cell, value in current_values(report).items()}
    saved = save_values(
        report=report,
        plan=plan,
        entries=[
            Entry(cell=cell, value=each.proposal.value, note=notes.get(cell, ""), seen=each.seen)
            for cell, each in by_cell.items()
        ],
        at=at,
        by=by,
        way=WAY,
    )
    _save_passages(report, passages, seen_versions, at=at, by=by)
    for proposals, state in (
        ([each.proposal for each in taken], ProposalState.CONFIRMED),
        ([each.proposal for each in passages], ProposalState.CONFIRMED),
        (list(refused), ProposalState.REFUSED),
    ):
        for proposal in proposals:
            proposal.state, proposal.decided_at, proposal.decided_by_id = state, at, by
    for each in taken:
        each.proposal.cell = field_name(each.cell)
    for passage in passages:
        passage.proposal.heading = passage.heading.value
    changed = [*(each.proposal for each in taken), *(each.proposal for each in passages), *refused]
    Proposal.objects.bulk_update(changed, ["state", "decided_at", "decided_by", "cell", "heading"], batch_size=200)
    record(
        by=by,
        action="report.mailed_decided",
        object_type="report",
        object_id=f"{report.period}/{report.unit}",
        details={
            "mailed": mailed.pk,
            "values": len(taken),
            "changed": len(saved.changed),
            "passages": [passage.heading.value for passage in passages],
            "refused": len(refused),
        },
        at=at,
    )
    return Decided(values=len(taken), changed=len(saved.changed), passages=len(passages), refused=len(refused))


def _save_passages(
    report: Report, passages: Sequence[TakenPassage], seen: Mapping[Heading, int], *, at: datetime, by: int | None
) -> None:
    written = {row.heading: row.text for row in report.narratives.all()}
    for heading in dict.fromkeys(passage.heading for passage in passages):
        here = [passage for passage in passages if passage.heading == heading]
        kept = "" if any(passage.replaces for passage in here) else written.get(heading.value, "")
        text = "\n".join(part for part in (kept, *(passage.text.strip() for passage in here)) if part)
        save_narrative(report=report, heading=heading, text=text, at=at, by=by, seen_version=seen.get(heading))
