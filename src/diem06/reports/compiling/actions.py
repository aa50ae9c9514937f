"""Compiling, sending and taking back what the province reports, and the letter that urges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.cube.actions import issue_revision
from diem06.cube.board import lines_of
from diem06.plan.model import ReportKind
from diem06.plan.periods import VIETNAM, window_of
from diem06.reports import queries as cycle
from diem06.reports.compiling.queries import URGING, compiled, said_in, urging_letters
from diem06.reports.compiling.sections import Section, tokens
from diem06.reports.models import CompiledText, IssuedDocument, Narrative, NarrativeUse, Report, ReportState, Use
from diem06.reports.word.actions import Issued, issue, issue_report
from diem06.reports.word.content import number_words
from diem06.reports.word.letters import Sender, Waiting, urging, withdrawal
from diem06.reports.word.material import Signing
from diem06.reports.word.printed import short_date

MAX_TEXT = 20_000
URGING_HOUR = time(17)
_HOW_FAR = {
    ReportState.OPEN: "chưa nhập",
    ReportState.DRAFT: "đang nhập",
    ReportState.SUBMITTED: "đã trình, chưa duyệt",
    ReportState.RETURNED: "bị trả lại, chưa gửi lại",
}
"""Words of the letter, which is Vietnamese on every screen."""


class CompilingError(ValueError):
    """What cannot be done; the text tells the person why and what to change."""


class CompilingConflictError(CompilingError):
    """Somebody else chose or wrote since the person looked. Nothing was saved; `theirs` is what they wrote."""

    def __init__(self, text: str, *, theirs: CompiledText | None = None) -> None:
        super().__init__(text)
        self.theirs = theirs


# -- choosing ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def choose(
    *,
    period: Period,
    narratives: Iterable[int],
    use: Use,
    into: int | None,
    seen: Iterable[int],
    at: datetime,
    by: int | None,
) -> list[NarrativeUse]:
    """
    Say what becomes of units' texts: taken as they are, left out, or folded `into` another one of the same heading.

    `seen` are the ids of all texts of the section that the person looked at, and of their choices.

    Raises CompilingConflictError where a unit wrote anew since, CompilingError for what cannot be folded.
    """
    chosen = sorted(set(narratives))
    if not chosen:
        raise CompilingError(_("Chưa chọn đoạn nào. Đánh dấu đoạn rồi làm lại."))
    rows = {
        row.pk: row
        for row in Narrative.objects.select_for_update()
        .filter(report__period=period, pk__in={*chosen, *seen, *([into] if into else [])})
        .select_related("report")
    }
    if len(rows) < len({*chosen, *seen}):
        raise CompilingConflictError(_("Đơn vị vừa sửa lời văn. Xem lại rồi chọn."))
    if use is Use.FOLDED:
        _check_fold(rows, chosen, into)
    saved = []
    for narrative in chosen:
        defaults = {
            "use": use,
            "folded_into_id": into if use is Use.FOLDED else None,
            "chosen_at": at,
            "chosen_by_id": by,
        }
        row, _created = NarrativeUse.objects.update_or_create(narrative_id=narrative, defaults=defaults)
        saved.append(row)
    if use is Use.FOLDED:
        # What was folded into one of them goes along: a fold has one step.
        NarrativeUse.objects.filter(folded_into_id__in=chosen).update(
            folded_into_id=into, chosen_at=at, chosen_by_id=by
        )
    record(
        by=by,
        action="compile.choose",
        object_type="period",
        object_id=str(period),
        details={
            "use": use.value,
            "texts": [[rows[each].report.unit, rows[each].heading, rows[each].version] for each in chosen],
            "into": rows[into].report.unit if into else "",
        },
        at=at,
    )
    return saved


def _check_fold(rows: dict[int, Narrative], chosen: list[int], into: int | None) -> None:
    if into is None or into not in rows:
        raise CompilingError(_("Chọn đoạn giữ lại để gộp vào."))
    if into in chosen:
        raise CompilingError(_("Đoạn giữ lại không được nằm trong các đoạn bị gộp."))
    if any(rows[each].heading != rows[into].heading for each in chosen):
        raise CompilingError(_("Chỉ gộp được các đoạn cùng một mục."))
    target = NarrativeUse.objects.filter(narrative_id=into).first()
    if target and target.use != Use.OWN:
        raise CompilingError(_("Đoạn giữ lại đã bị gộp hoặc không đưa vào. Chọn đoạn khác."))


# -- writing -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def write_text(
    *,
    loaded: Loaded,
    period: Period,
    section: str,
    text: str,
    seen_version: int,
    at: datetime,
    by: int | None,
    keep: bool = False,
) -> CompiledText | None:
    """
    Save what the office writes itself for a section; an empty text lets the units' texts stand again.

    The units' texts as they stand become its sources. `keep`: the same text, looked at again after units wrote anew.

    Raises CompilingConflictError where somebody else wrote since version `seen_version`; CompilingError for a section that is
    not there, a text that is too long, or a figure that the plan does not have.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    sections = _sections(loaded, period)
    if section not in sections:
        raise CompilingError(_("Không có mục này."))
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if len(text) > MAX_TEXT:
        raise CompilingError(_("Đoạn viết dài quá %(most)s ký tự. Rút ngắn lại.") % {"most": MAX_TEXT})
    known = lines_of(loaded.plan, period.last_day)
    if unknown := sorted({token.code for token in tokens(text)} - set(known)):
        raise CompilingError(
            _("Kế hoạch không có chỉ tiêu %(codes)s. Ghi mã như {P1}.") % {"codes": ", ".join(unknown)}
        )
    before = CompiledText.objects.filter(period=period, section=section, superseded_at=None).first()
    version = before.version if before else 0
    if before and before.text == text and not keep:
        return before
    if seen_version != version:
        raise CompilingConflictError(_("Người khác vừa viết mục này. Xem bản của họ rồi chọn."), theirs=before)
    if before is None and not text:
        return None
    if before:
        before.superseded_at = at
        before.save(update_fields=["superseded_at"])
    row = CompiledText.objects.create(
        period=period,
        section=section,
        text=text,
        sources=[said.narrative for said in sections[section].said],
        version=version + 1,
        saved_at=at,
        saved_by_id=by,
    )
    details = {"section": section, "version": row.version, "before": before.text if before else "", "after": text}
    record(by=by, action="compile.write", object_type="period", object_id=str(period), details=details, at=at)
    return row


def _sections(loaded: Loaded, period: Period) -> dict[str, Section]:
    order = {unit: place for place, unit in enumerate(units_on(period.last_day))}
    return compiled(period, loaded.plan, said_in(period, order))


# -- sending -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def send_report(
    *,
    loaded: Loaded,
    period: Period,
    kind: ReportKind,
    signing: Signing,
    at: datetime,
    by: int | None,
    replaces: IssuedDocument | None = None,
    reason: str = "",
) -> IssuedDocument:
    """
    Make a report for the last time and freeze it: its number, day, revision and bytes stay as they are.

    `replaces`: the sent document that it takes the place of, for a `reason`; the report itself says so.

    Raises CompilingError without number or day, for a day ahead, and where another one was sent and this replaces none.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    _check_signing(signing, at)
    standing = standing_document(loaded.plan.id, period.code, kind.code)
    if standing and replaces is None:
        raise CompilingError(_("Báo cáo này đã gửi. Muốn gửi bản khác, chọn thay thế và ghi lý do."))
    if replaces is not None:
        _check_replaces(replaces, standing, reason)
        signing = Signing(
            number=signing.number,
            day=signing.day,
            signer=signing.signer,
            signs=signing.signs,
            takes_place_of=named(loaded, replaces),
        )
    issued = issue_report(loaded=loaded, period=period, kind=kind, at=at, by=by, signing=signing)
    return _freeze(issued, symbol=kind.symbol, signing=signing, at=at, by=by, replaces=replaces, reason=reason)


def standing_document(plan_id: str, period: str, kind: str) -> IssuedDocument | None:
    """Return the sent report of a kind that nothing has replaced or taken back."""
    return (
        IssuedDocument.objects.filter(
            plan_id=plan_id, period=period, kind=kind, sent_at__isnull=False, replaced_by=None
        )
        .order_by("-sent_at")
        .first()
    )


def named(loaded: Loaded, row: IssuedDocument) -> str:
    """Name a sent document as officials do: «Báo cáo số 12/BC-CAT-PC06 ngày 17/8/2023»."""
    is_letter = row.kind not in {kind.code for kind in loaded.plan.report.kinds} and not row.unit
    assert row.signed_on is not None
    return f"{'Công văn' if is_letter else 'Báo cáo'} số {row.number} ngày {short_date(row.signed_on)}"


def _check_signing(signing: Signing, at: datetime) -> None:
    if not signing.number.strip():
        raise CompilingError(_("Ghi số văn bản trước khi gửi."))
    if signing.day is None:
        raise CompilingError(_("Ghi ngày ký trước khi gửi."))
    if signing.day > at.astimezone(VIETNAM).date():
        raise CompilingError(_("Ngày ký chưa đến. Ghi ngày từ hôm nay trở về trước."))
    if not signing.signer.strip():
        raise CompilingError(_("Ghi họ tên người ký trước khi gửi."))


def _check_replaces(replaces: IssuedDocument, standing: IssuedDocument | None, reason: str) -> None:
    if standing is None or standing.pk != replaces.pk:
        raise CompilingError(_("Văn bản này đã được thay thế hoặc thu hồi. Tải lại trang."))
    if not reason.strip():
        raise CompilingError(_("Ghi lý do thay thế."))


def _freeze(
    issued: Issued,
    *,
    symbol: str,
    signing: Signing,
    at: datetime,
    by: int | None,
    replaces: IssuedDocument | None = None,
    reason: str = "",
) -> IssuedDocument:
    row = issued.document
    row.file = store_file(content=issued.file, name=issued.name, allowed=(FileKind.WORD,), at=at, by=by)
    # A section to merge has no number of its own: it bears that of the report that it goes into.
    row.number = f"{number_words(signing.number)}/{symbol}" if symbol else number_words(signing.number)
    row.signed_on = signing.day
    row.sent_at, row.sent_by_id = at, by
    row.replaces, row.reason = replaces, reason.strip()
    row.save(update_fields=["file", "number", "signed_on", "sent_at", "sent_by", "replaces", "reason"])
    record(
        by=by,
        action="document.send",
        object_type="document",
        object_id=str(row.pk),
        details={
            "kind": row.kind,
            "period": row.period,
            "number": row.number,
            "day": row.signed_on.isoformat() if row.signed_on else "",
            "revision": row.revision,
            "sha256": row.sha256,
            "replaces": str(replaces.pk) if replaces else "",
            "reason": row.reason,
        },
        at=at,
    )
    return row


@transaction.atomic
def attach_signed(
    *, document: IssuedDocument, content: bytes, name: str, at: datetime, by: int | None
) -> IssuedDocument:
    """
    Attach the signed PDF to a sent document, once.

    Raises evidence.FileError for what is no PDF, CompilingError for a document that was not sent or has its PDF.
    """
    document = IssuedDocument.objects.select_for_update().get(pk=document.pk)
    if document.sent_at is None:
        raise CompilingError(_("Văn bản chưa gửi. Bấm «Gửi» trước, rồi đính bản ký."))
    if document.signed_file_id is not None:
        raise CompilingError(_("Văn bản đã có bản ký. Muốn đổi, gửi văn bản thay thế."))
    document.signed_file = store_file(content=content, name=name, allowed=(FileKind.PDF,), at=at, by=by)
    document.save(update_fields=["signed_file"])
    details = {"number": document.number, "sha256": document.signed_file.sha256}
    record(by=by, action="document.sign", object_type="document", object_id=str(document.pk), details=details, at=at)
    return document


@transaction.atomic
def withdraw(
    *,
    loaded: Loaded,
    period: Period,
    document: IssuedDocument,
    reason: str,
    signing: Signing,
    at: datetime,
    by: int | None,
) -> IssuedDocument:
    """
    Take a sent report back by a letter that names it and says why. The report itself stays readable.

    Raises CompilingError for one that was not sent, or no longer stands, and as `send_report` does.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    _check_signing(signing, at)
    if not reason.strip():
        raise CompilingError(_("Ghi lý do thu hồi."))
    if document.sent_at is None or document.replaced_by.exists():
        raise CompilingError(_("Văn bản này đã được thay thế hoặc thu hồi. Tải lại trang."))
    kind = next((kind for kind in loaded.plan.report.kinds if kind.code == document.kind), None)
    if kind is None:
        raise CompilingError(_("Chỉ thu hồi được báo cáo."))
    content = withdrawal(
        _sender(loaded, period),
        period,
        of=named(loaded, document),
        addressees=kind.addressees or kind.recipients or (_sender(loaded, period).short(loaded.plan.issuer),),
        reason=reason,
        signing=signing,
    )
    issued = issue(loaded=loaded, period=period, content=content, revision=document.revision, at=at, by=by)
    symbol = _sender(loaded, period).office.symbol
    return _freeze(issued, symbol=symbol, signing=signing, at=at, by=by, replaces=document, reason=reason)


# -- the letter that urges -----------------------------------------------------------------------------------------------
def letter_kind(loaded: Loaded, period: Period) -> ReportKind:
    """Return how a letter of the standing office is signed, as a kind of report is."""
    office = units_on(period.last_day)[loaded.plan.steering_unit]
    signs = office.signs[0] if office.signs else (office.head_title,)
    return ReportKind(
        code=URGING, name="Công văn", name_en="Letter", issuer=office.code, symbol=office.symbol, signs=signs
    )


def urging_moment(period: Period) -> datetime:
    """Return when the letter is drafted: 17:00 of the day before the last on which a report is in time."""
    last_day = (period.due_at - timedelta(microseconds=1)).astimezone(VIETNAM).date()
    return datetime.combine(last_day - timedelta(days=1), URGING_HOUR, VIETNAM)


def waiting_for(period: Period, *, at: datetime) -> list[Waiting]:
    """Return the units whose report has no approval of their head, in the order of the units."""
    order = {unit: place for place, unit in enumerate(units_on(period.last_day))}
    unsent = [each.report for each in cycle.sendings(period, at=at) if each.timeliness in {"missing", "not_due"}]
    return [
        Waiting(unit=report.unit, how_far=_how_far(report))
        for report in sorted(unsent, key=lambda report: order.get(report.unit, len(order)))
    ]


def _how_far(report: Report) -> str:
    return _HOW_FAR.get(ReportState(report.state), "chưa gửi")


@transaction.atomic
def draft_urging_letter(
    *, period: Period, at: datetime, by: int | None = None, again: bool = False, loaded: Loaded | None = None
) -> IssuedDocument | None:
    """
    Draft the letter that lists who has not sent, once between its moment and the end of the last day.

    `again`: a person wants one now, with who has sent since. None where there is nothing to do: not yet time, drafted already,
    or every unit has sent.
    """
    if not again and not urging_moment(period) <= at < period.due_at:
        return None
    Period.objects.select_for_update().get(pk=period.pk)
    loaded = loaded or loaded_plan(period.plan_id)
    if not again and urging_letters(period.plan_id, period.code).exists():
        return None
    return _draft(loaded, period, at=at, by=by, signing=Signing())


def _draft(loaded: Loaded, period: Period, *, at: datetime, by: int | None, signing: Signing) -> IssuedDocument | None:
    waiting = waiting_for(period, at=at)
    if not waiting:
        return None
    issued = _urging(loaded, period, waiting, at=at, by=by, signing=signing)
    row = issued.document
    row.file = store_file(content=issued.file, name=issued.name, allowed=(FileKind.WORD,), at=at, by=by)
    row.save(update_fields=["file"])
    return row


def _urging(
    loaded: Loaded, period: Period, waiting: list[Waiting], *, at: datetime, by: int | None, signing: Signing
) -> Issued:
    content = urging(_sender(loaded, period), period, waiting, at=at, signing=signing)
    revision = issue_revision(loaded=loaded, window=window_of(loaded.plan, period.code), at=at)
    return issue(loaded=loaded, period=period, content=content, revision=revision.number, at=at, by=by)


@transaction.atomic
def send_urging_letter(
    *, loaded: Loaded, period: Period, signing: Signing, at: datetime, by: int | None
) -> IssuedDocument:
    """Make the letter with number, day and signer, listing who has not sent now, and freeze it. Raises CompilingError."""
    Period.objects.select_for_update().get(pk=period.pk)
    _check_signing(signing, at)
    waiting = waiting_for(period, at=at)
    if not waiting:
        raise CompilingError(_("Mọi đơn vị đã gửi. Không cần công văn đôn đốc."))
    issued = _urging(loaded, period, waiting, at=at, by=by, signing=signing)
    return _freeze(issued, symbol=_sender(loaded, period).office.symbol, signing=signing, at=at, by=by)


def _sender(loaded: Loaded, period: Period) -> Sender:
    return Sender(plan=loaded.plan, units=units_on(period.last_day), is_made_up=loaded.is_made_up)


__all__ = [
    "CompilingConflictError",
    "CompilingError",
    "attach_signed",
    "choose",
    "draft_urging_letter",
    "letter_kind",
    "named",
    "send_report",
    "send_urging_letter",
    "standing_document",
    "urging_moment",
    "waiting_for",
    "withdraw",
    "write_text",
]
