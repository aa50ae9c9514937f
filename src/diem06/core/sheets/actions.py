"""Every step of a batch: brought and judged, answered for, loaded, taken back. Each writes its audit entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import FileError, store_file
from diem06.core.evidence.queries import content_of
from diem06.core.jobs import actions as jobs
from diem06.core.jobs.models import Job
from diem06.core.organisation.models import User
from diem06.core.sheets.columns import Answers
from diem06.core.sheets.declared import (
    DeclaredSheet,
    Known,
    ReadRow,
    RowToLoad,
    SheetRefusedError,
    StaleError,
    sheet_of,
)
from diem06.core.sheets.models import CHANGING, Batch, BatchRow, BatchState, Verdict, Way
from diem06.core.sheets.reading import MAX_BYTES, NotAWorkbookError, check_size

JOB_OVER_ROWS: Final = 200
JOB_KIND: Final = "sheets.load"
MOST_PASTED: Final = 5_000
_SAVED_AT_ONCE: Final = 1_000


class BatchError(ValueError):
    """A step that cannot be taken; `str(error)` tells the person why."""


class NotStagedError(BatchError):
    """The batch was loaded, taken back or dropped already."""


class WrongRowsError(BatchError):
    """Rows are wrong, and the person did not ask for the good ones alone."""


class NothingToLoadError(BatchError):
    """No row would change anything."""


class ConflictError(BatchError):
    """Others changed what the person had seen; the batch shows it anew, and nothing was loaded."""


class NotUndoneError(BatchError):
    """Somebody built on the batch; `reasons` say who and where."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


# -- bringing --------------------------------------------------------------------------------------------------------
@transaction.atomic
def stage_file(*, sheet: DeclaredSheet, scope: str, content: bytes, name: str, at: datetime, by: int | None) -> Batch:
    """
    Keep a file and judge each of its rows; nothing is loaded. The same file that is still waiting is judged anew.

    Raises SheetRefusedError where nothing may be brought now, a WorkbookError for a file that is not read.
    """
    sheet.check_open(scope, at=at)
    check_size(len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    waiting = _waiting(sheet, scope, sha256)
    if waiting:
        return _judged_anew(waiting, sheet, at=at, content=content)
    # Read first: what cannot be read is told why, and is not kept.
    reading = sheet.read(content, scope, answers=Answers(), at=at)
    try:
        file = store_file(content=content, name=name, allowed=sheet.takes, largest_bytes=MAX_BYTES, at=at, by=by)
    except FileError as fault:
        raise NotAWorkbookError(str(fault)) from fault
    batch = Batch.objects.create(
        sheet=sheet.code,
        scope=scope,
        way=Way.FILE,
        file=file,
        sha256=sha256,
        notes=[*_seen_before(sheet, scope, sha256), *reading.notes],
        staged_at=at,
        staged_by_id=by,
    )
    _judge(batch, sheet, reading.rows)
    _record(batch, "sheet.stage", at=at, by=by, details={"file": str(file.id), "sha256": sha256, **counts(batch)})
    return batch


@transaction.atomic
def stage_block(
    *, sheet: DeclaredSheet, scope: str, block: Sequence[Mapping[str, str]], at: datetime, by: int | None
) -> Batch:
    """
    Judge a pasted block: `block` as the sheet's `read_block` takes it. Nothing is loaded.

    Raises SheetRefusedError, BatchError for a block that is empty or too large.
    """
    sheet.check_open(scope, at=at)
    if not block or len(block) > MOST_PASTED:
        raise BatchError(_("Dán từ 1 đến %(n)s ô một lần.") % {"n": MOST_PASTED})
    plain = [{key: _storable(value) for key, value in cell.items()} for cell in block]
    sha256 = hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    waiting = _waiting(sheet, scope, sha256)
    if waiting:
        return _judged_anew(waiting, sheet, at=at)
    reading = sheet.read_block(plain, scope, answers=Answers(), at=at)
    batch = Batch.objects.create(
        sheet=sheet.code,
        scope=scope,
        way=Way.PASTE,
        block=plain,
        sha256=sha256,
        notes=list(reading.notes),
        staged_at=at,
        staged_by_id=by,
    )
    _judge(batch, sheet, reading.rows)
    _record(batch, "sheet.stage", at=at, by=by, details={"sha256": sha256, **counts(batch)})
    return batch


@transaction.atomic
def answer(
    *, batch: Batch, dot: Literal["", "thousands", "decimal"], converts_fonts: bool, at: datetime, by: int | None
) -> Batch:
    """Keep what the person said about the whole file, and read it again by that. Raises NotStagedError."""
    batch = _locked(batch)
    sheet = _sheet(batch)
    _check_staged(batch)
    batch.dot, batch.converts_fonts = dot, converts_fonts
    batch.save(update_fields=["dot", "converts_fonts"])
    details = {"dot": dot, "converts_fonts": converts_fonts}
    _record(batch, "sheet.answer", at=at, by=by, details=details)
    return _judged_anew(batch, sheet, at=at)


@transaction.atomic
def drop(*, batch: Batch, at: datetime, by: int | None) -> Batch:
    """Drop a batch that is not wanted; its file stays kept. Raises NotStagedError."""
    batch = _locked(batch)
    _check_staged(batch)
    batch.state = BatchState.DROPPED
    batch.save(update_fields=["state"])
    _record(batch, "sheet.drop", at=at, by=by, details={})
    return batch


# -- loading ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What the person pressed: only the good rows, and whether others' newer values are overwritten."""

    only_good: bool = False
    overwrites: bool = False


def load(*, batch: Batch, confirmed: Confirmed, at: datetime, by: int | None) -> Batch:
    """
    Load what the person confirmed; a batch that is loaded stays as it is, so a second press changes nothing.

    Raises WrongRowsError, NothingToLoadError, NotStagedError, SheetRefusedError; ConflictError where others changed what was
    seen: the batch then shows it, and waits again.
    """
    try:
        return _load(batch, confirmed, at=at, by=by)
    except StaleError:
        _wait_again(batch)
        raise ConflictError(
            _("Người khác vừa sửa một số ô. Xem lại các ô có dấu, rồi xác nhận lại; chưa nạp ô nào.")
        ) from None


def start_loading(*, batch: Batch, confirmed: Confirmed, at: datetime, by: int | None) -> Job:
    """
    Let a worker load a long batch; its page tells how far it is. A second press leads to the same work.

    Raises what `check_loading` raises.
    """
    with transaction.atomic():
        batch = _locked(batch)
        if batch.state != BatchState.LOADING:
            check_loading(batch, confirmed, at=at)
            batch.state = BatchState.LOADING
            batch.save(update_fields=["state"])
        told = {"n": rows_to_load(batch, confirmed).count(), "title": _sheet(batch).title}

        def title() -> str:
            return _("Nạp %(n)s dòng: %(title)s") % told

        arguments = {"batch": batch.pk, "only_good": confirmed.only_good, "overwrites": confirmed.overwrites}
        return jobs.start(kind=JOB_KIND, title=title, arguments=arguments, key=str(batch.pk), by=by, at=at)


def wait_again(*, batch: Batch) -> None:
    """Put a batch whose loading stopped back to where the person can confirm it; one that is loaded stays so."""
    Batch.objects.filter(pk=batch.pk, state=BatchState.LOADING).update(state=BatchState.STAGED)


def check_loading(batch: Batch, confirmed: Confirmed, *, at: datetime) -> None:
    """Raise what keeps a batch from being loaded as confirmed."""
    if batch.state not in {BatchState.STAGED, BatchState.LOADING}:
        raise NotStagedError(_("Lô này %(state)s.") % {"state": str(BatchState(batch.state).label).lower()})
    _sheet(batch).check_open(batch.scope, at=at)
    wrong = batch.rows.filter(verdict=Verdict.WRONG).count()
    if wrong and not confirmed.only_good:
        raise WrongRowsError(
            _("Còn %(n)s dòng sai. Sửa trong tệp rồi tải lại, hoặc chỉ lưu dòng hợp lệ.") % {"n": wrong}
        )
    if not rows_to_load(batch, confirmed).exists():
        raise NothingToLoadError(_("Không có dòng nào làm thay đổi số đang có."))


def rows_to_load(batch: Batch, confirmed: Confirmed) -> Any:
    """Return the rows that would be stored."""
    rows = batch.rows.filter(verdict__in=CHANGING)
    return rows if confirmed.overwrites else rows.filter(conflict="")


@transaction.atomic
def _load(batch: Batch, confirmed: Confirmed, *, at: datetime, by: int | None) -> Batch:
    batch = _locked(batch)
    if batch.state == BatchState.LOADED:
        return batch
    check_loading(batch, confirmed, at=at)
    sheet = _sheet(batch)
    rows = list(rows_to_load(batch, confirmed))
    known = sheet.known(batch.scope, [row.key for row in rows])
    if any(_state(known.get(row.key)) != row.before for row in rows):
        raise StaleError
    batch.undo = sheet.load(batch.scope, [_to_load(row) for row in rows], way=batch.way, at=at, by=by)
    now = sheet.known(batch.scope, [row.key for row in rows])
    batch.after = {row.key: _state(now.get(row.key)) for row in rows}
    batch.state, batch.loaded_at, batch.loaded_by_id, batch.loaded_rows = BatchState.LOADED, at, by, len(rows)
    batch.save()
    rows_to_load(batch, confirmed).update(is_loaded=True)
    _record(batch, "sheet.load", at=at, by=by, details={"rows": len(rows), "only_good": confirmed.only_good})
    return batch


@transaction.atomic
def _wait_again(batch: Batch) -> None:
    """Judge the rows by what is there now, and say who changed it since it was shown."""
    batch = _locked(batch)
    if batch.state not in {BatchState.STAGED, BatchState.LOADING}:
        return
    sheet = _sheet(batch)
    rows = list(batch.rows.exclude(verdict=Verdict.WRONG))
    known = sheet.known(batch.scope, [row.key for row in rows])
    people = _people(known.values())
    changed = []
    for row in rows:
        here = known.get(row.key)
        if _state(here) == row.before:
            continue
        row.before = _state(here)
        row.verdict = sheet.verdict(row.values or {}, here)
        row.conflict = _conflict_words(sheet, here, people) if row.verdict in CHANGING else ""
        changed.append(row)
    BatchRow.objects.bulk_update(changed, ["before", "verdict", "conflict"], batch_size=200)
    batch.state = BatchState.STAGED
    batch.save(update_fields=["state"])


def _to_load(row: BatchRow) -> RowToLoad:
    return RowToLoad(key=row.key, values=row.values or {}, verdict=Verdict(row.verdict), before=row.before)


# -- taking back -----------------------------------------------------------------------------------------------------
@transaction.atomic
def undo(*, batch: Batch, at: datetime, by: int | None) -> Batch:
    """
    Take a batch back; one that is taken back stays so.

    Raises NotUndoneError where somebody built on it since: changed one of its rows, or approved, accepted or locked the whole.
    """
    batch = _locked(batch)
    if batch.state == BatchState.UNDONE:
        return batch
    if batch.state != BatchState.LOADED:
        raise NotUndoneError([_("Lô này chưa nạp, không có gì để hoàn tác.")])
    if reasons := why_not_undone(batch, at=at):
        raise NotUndoneError(reasons)
    try:
        _sheet(batch).take_back(batch.scope, batch.undo, at=at, by=by)
    except SheetRefusedError as refused:
        raise NotUndoneError([str(refused)]) from refused
    batch.state, batch.undone_at, batch.undone_by_id = BatchState.UNDONE, at, by
    batch.save(update_fields=["state", "undone_at", "undone_by"])
    _record(batch, "sheet.undo", at=at, by=by, details={"rows": batch.loaded_rows})
    return batch


def why_not_undone(batch: Batch, *, at: datetime, most: int = 5) -> list[str]:
    """Return why a loaded batch cannot be taken back, at most `most` rows by name; nothing where it can."""
    sheet = _sheet(batch)
    try:
        sheet.check_undo(batch.scope, at=at)
    except SheetRefusedError as refused:
        return [str(refused)]
    known = sheet.known(batch.scope, batch.after)
    changed = [key for key, state in batch.after.items() if _state(known.get(key)) != state]
    people = _people(known[key] for key in changed if key in known)
    labels = dict(batch.rows.filter(is_loaded=True, key__in=changed[:most]).values_list("key", "label"))
    reasons = [f"{labels.get(key, '')}: {_conflict_words(sheet, known.get(key), people)}" for key in changed[:most]]
    if len(changed) > most:
        reasons.append(_("và %(n)s dòng khác đã sửa sau khi nạp.") % {"n": len(changed) - most})
    return reasons


# -- parts -----------------------------------------------------------------------------------------------------------
def counts(batch: Batch) -> dict[str, int]:
    """Return how many rows of a batch have each verdict, and how many others changed meanwhile."""
    found = {verdict.value: 0 for verdict in Verdict} | {"conflicts": 0}
    for verdict, conflict in batch.rows.values_list("verdict", "conflict"):
        found[verdict] += 1
        found["conflicts"] += bool(conflict)
    return found


def content_of_batch(batch: Batch) -> bytes:
    """Return the bytes of a batch's file. Raises DamagedFileError where they are gone."""
    assert batch.file is not None
    return content_of(batch.file)


def _judged_anew(batch: Batch, sheet: DeclaredSheet, *, at: datetime, content: bytes | None = None) -> Batch:
    answers = Answers(dot=batch.dot, converts_fonts=batch.converts_fonts)  # type: ignore[arg-type]  # one of three words
    if batch.way == Way.FILE:
        content = content_of_batch(batch) if content is None else content
        reading = sheet.read(content, batch.scope, answers=answers, at=at)
    else:
        reading = sheet.read_block(batch.block or [], batch.scope, answers=answers, at=at)
    batch.rows.all().delete()
    batch.notes = [*_seen_before(sheet, batch.scope, batch.sha256), *reading.notes]
    batch.save(update_fields=["notes"])
    _judge(batch, sheet, reading.rows)
    return batch


def _judge(batch: Batch, sheet: DeclaredSheet, rows: Sequence[ReadRow]) -> None:
    """Store each row with what loading it would do."""
    known = sheet.known(batch.scope, [row.key for row in rows if row.values is not None])
    people: dict[int, str] | None = None
    made = []
    for position, row in enumerate(rows):
        here = known.get(row.key) if row.values is not None else None
        verdict, conflict = Verdict.WRONG, ""
        if row.values is not None:
            verdict = Verdict.SAME if row.untouched else sheet.verdict(row.values, here)
            if row.made is not None and row.made != (here.record if here else "") and verdict in CHANGING:
                people = _people(known.values()) if people is None else people
                conflict = _conflict_words(sheet, here, people)
        made.append(
            BatchRow(
                batch=batch,
                position=position,
                sheet=row.sheet[:100],
                at=row.at,
                key=row.key,
                label=row.label,
                verdict=verdict,
                reason=row.reason,
                hint=row.hint,
                conflict=conflict,
                cells=[{name: value for name, value in vars(cell).items() if value} for cell in row.cells],
                values=dict(row.values) if row.values is not None else None,
                before=_state(here),
                made=row.made,
            )
        )
    BatchRow.objects.bulk_create(made, batch_size=_SAVED_AT_ONCE)
    asked = {cell.asks for row in rows for cell in row.cells if cell.asks}
    answered = {"dot"} if batch.dot else set()
    proposed = any(cell.proposal for row in rows for cell in row.cells)
    batch.asks = sorted(asked | answered | ({"fonts"} if proposed else set()))
    batch.save(update_fields=["asks"])


def _storable(text: str) -> str:
    """Return a text without what no database stores: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _state(known: Known | None) -> dict[str, Any] | None:
    return known.state() if known else None


def _people(known: Any) -> dict[int, str]:
    ids = {one.by for one in known if one.by is not None}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def _conflict_words(sheet: DeclaredSheet, here: Known | None, people: Mapping[int, str]) -> str:
    if here is None:
        return _("Người khác đã xóa.")
    return _("%(who)s sửa thành %(value)s lúc %(time)s.") % {
        "who": people.get(here.by or 0) or _("Người khác"),
        "value": sheet.shown(here.state()["values"])[:200],
        "time": f"{timezone.localtime(here.at):%H:%M %d/%m}" if here.at else "—",
    }


def _seen_before(sheet: DeclaredSheet, scope: str, sha256: str) -> list[str]:
    """Say when the very same file was loaded before."""
    loaded = Batch.objects.filter(
        sheet=sheet.code, scope=scope, sha256=sha256, way=Way.FILE, state=BatchState.LOADED
    ).first()
    if loaded is None or loaded.loaded_at is None:
        return []
    time = f"{timezone.localtime(loaded.loaded_at):%H:%M %d/%m/%Y}"
    return [_("Đúng tệp này đã nạp lúc %(time)s (lô %(n)s).") % {"time": time, "n": loaded.pk}]


def _waiting(sheet: DeclaredSheet, scope: str, sha256: str) -> Batch | None:
    waiting = Batch.objects.filter(sheet=sheet.code, scope=scope, sha256=sha256, state=BatchState.STAGED)
    return waiting.select_for_update().first()


def _locked(batch: Batch) -> Batch:
    return Batch.objects.select_for_update().get(pk=batch.pk)


def _check_staged(batch: Batch) -> None:
    if batch.state != BatchState.STAGED:
        raise NotStagedError(_("Lô này %(state)s.") % {"state": str(BatchState(batch.state).label).lower()})


def _sheet(batch: Batch) -> DeclaredSheet:
    sheet = sheet_of(batch.sheet)
    if sheet is None:
        raise BatchError(_("Nội dung này không còn nhận tệp."))
    return sheet


def _record(batch: Batch, action: str, *, at: datetime, by: int | None, details: Mapping[str, Any]) -> None:
    told = {"sheet": batch.sheet, "scope": batch.scope, **details}
    record(by=by, action=action, object_type="batch", object_id=str(batch.pk), details=told, at=at)
