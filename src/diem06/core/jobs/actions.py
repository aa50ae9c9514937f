"""Every write to jobs: starting, stopping, how far it is, its end. `start` and `cancel` are for views; the rest is the worker's."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import remove_content
from diem06.core.jobs import running
from diem06.core.jobs.handlers import Result, handler_of
from diem06.core.jobs.models import KEPT, OPEN, Job, JobState, Notice
from diem06.core.jobs.notices import notify
from diem06.core.ui.languages import Words, in_each_language

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
READ_NOTICES_KEPT = timedelta(days=90)


# -- for views -------------------------------------------------------------------------------------------------------
@transaction.atomic
def start(
    *,
    kind: str,
    title: Words,
    by: int | None,
    at: datetime,
    arguments: Mapping[str, Any] | None = None,
    key: str = "",
) -> Job:
    """
    Start long work of `kind` for the person `by` and return its job; `redirect(job)` leads to its page.

    `arguments` are plain JSON; they name records and files by id and hold nothing personal. With a `key`, work of the same kind
    and key that is still open is returned in place of a second one: a form sent twice starts it once. The job and its place in the queue
    are written in one transaction, the caller's too.

    Raises UnknownKindError for a kind that no installed app declares.
    """
    handler_of(kind)
    if key and (same := Job.objects.filter(kind=kind, key=key, state__in=OPEN).first()):
        return same
    job = Job(
        kind=kind,
        key=key,
        title=in_each_language(title),
        arguments=dict(arguments or {}),
        started_by_id=by,
        started_at=at,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        if key and (same := Job.objects.filter(kind=kind, key=key, state__in=OPEN).first()):
            return same  # the same form was sent twice at the same moment
        raise
    _queue(job)
    _record(job, "job.start", by=by, at=at, details={"kind": kind, "title": job.title["vi"]})
    return job


@transaction.atomic
def cancel(*, job: Job, by: int | None, at: datetime) -> Job:
    """
    Stop a job: at once while it waits, at its next step while it runs. One that has ended stays as it is.

    What it has done so far stays done, unless its handler undoes it.
    """
    if Job.objects.filter(pk=job.pk, state=JobState.WAITING).update(**_ended(JobState.CANCELLED, at)):
        _record(job, "job.cancel", by=by, at=at)
    elif Job.objects.filter(pk=job.pk, state=JobState.RUNNING, cancel_asked_at=None).update(cancel_asked_at=at):
        _record(job, "job.ask_to_stop", by=by, at=at)
    job.refresh_from_db()
    return job


# -- for the worker --------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(*, job_id: uuid.UUID, at: datetime) -> Job | None:
    """Take a waiting job up; None where another worker has it, or it waits no longer."""
    if not Job.objects.filter(pk=job_id, state=JobState.WAITING).update(
        state=JobState.RUNNING, begun_at=at, attempts=F("attempts") + 1, done=0, total=0, step={}
    ):
        return None
    return Job.objects.get(pk=job_id)


def note_progress(*, job_id: uuid.UUID, done: int, total: int, words: Words) -> bool:
    """Keep how far a job is; say whether it is to go on. No audit entry: this is no deed of anybody."""
    still_wanted = Job.objects.filter(pk=job_id, state=JobState.RUNNING, cancel_asked_at=None)
    changed = still_wanted.update(done=done, total=max(done, total), step=in_each_language(words) if words else {})
    return bool(changed)


@transaction.atomic
def finish(*, job_id: uuid.UUID, result: Result, at: datetime) -> bool:
    """Keep what came of a job, and tell its person; False where it does not run any more."""
    outcome = in_each_language(result.words) if result.words else {}
    values = {"url": result.url, "file": result.file, "outcome": outcome, "data": dict(result.data)}
    running_still = Job.objects.filter(pk=job_id, state=JobState.RUNNING)
    if not running_still.update(**_ended(JobState.DONE, at), **values, done=F("total"), step={}):
        return False
    job = Job.objects.get(pk=job_id)
    _record(job, "job.finish", by=None, at=at, details={"file": str(job.file_id or ""), "url": job.url})
    _tell(job, lambda: _("Xong: %(title)s.") % {"title": job.title_words}, at=at)
    return True


@transaction.atomic
def fail(*, job_id: uuid.UUID, words: Words, at: datetime) -> bool:
    """Keep why a job was not done, and tell its person; False where it has ended already."""
    still_open = Job.objects.filter(pk=job_id, state__in=OPEN)
    if not still_open.update(**_ended(JobState.FAILED, at), error=in_each_language(words)):
        return False
    job = Job.objects.get(pk=job_id)
    _record(job, "job.fail", by=None, at=at, details={"error": job.error["vi"]})
    _tell(job, lambda: _("Không xong: %(title)s.") % {"title": job.title_words}, at=at)
    return True


@transaction.atomic
def stopped(*, job_id: uuid.UUID, at: datetime) -> None:
    """A running job has come to the step where it stops, as the person asked."""
    if Job.objects.filter(pk=job_id, state=JobState.RUNNING).update(**_ended(JobState.CANCELLED, at)):
        _record(Job.objects.get(pk=job_id), "job.cancel", by=None, at=at)


# -- what nobody works on any more -----------------------------------------------------------------------------------
def take_up_orphans(*, at: datetime) -> int:
    """
    Queue the jobs anew whose worker is gone (killed, or the machine was switched off); return how many.

    One that was begun MOST_ATTEMPTS times is not begun again: it may be what kills the worker. It fails, with words that say so.
    A worker asks this when it starts, the cycle of months every few minutes.
    """
    taken = 0
    for job in Job.objects.filter(state__in=OPEN):
        if job.state == JobState.WAITING and _is_queued(job):
            continue
        with running.hold(job.pk) as is_mine:
            if is_mine:  # else a worker has it in hand
                taken += _take_up(job, at)
    return taken


@transaction.atomic
def _take_up(job: Job, at: datetime) -> int:
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.is_open or (job.state == JobState.WAITING and _is_queued(job)):
        return 0
    if job.cancel_asked_at is not None:
        stopped(job_id=job.pk, at=at)
        return 0
    if job.attempts >= MOST_ATTEMPTS:
        fail(job_id=job.pk, at=at, words=_gave_up)
        return 0
    logger.warning("Job %s (%s): its worker is gone; it is queued again.", job.pk, job.kind)
    Job.objects.filter(pk=job.pk).update(state=JobState.WAITING)
    # The place in the queue that the dead worker held; deleted with the job, for a live one may just have come to it.
    if job.task is not None:
        DBTaskResult.objects.filter(pk=job.task, status=TaskResultStatus.RUNNING).update(status=TaskResultStatus.FAILED)
    _queue(job)
    _record(job, "job.take_up", by=None, at=at, details={"attempts": job.attempts})
    return 1


def _gave_up() -> str:
    return _("Máy chủ dừng giữa chừng %(n)s lần. Làm lại với ít dữ liệu hơn, hoặc báo quản trị hệ thống.") % {
        "n": MOST_ATTEMPTS
    }


def remove_expired(*, at: datetime) -> int:
    """Remove the jobs whose seven days are over, with their files, and notices read long ago; return how many jobs."""
    expired = list(Job.objects.filter(keep_until__lte=at).select_related("file"))
    for job in expired:
        _remove(job, at)
    Notice.objects.filter(read_at__lte=at - READ_NOTICES_KEPT).delete()
    return len(expired)


@transaction.atomic
def _remove(job: Job, at: datetime) -> None:
    if job.file is not None:
        remove_content(file=job.file, reason="kept for seven days", at=at, by=None)
    DBTaskResult.objects.filter(args_kwargs__args__0=str(job.pk)).delete()
    _record(job, "job.remove", by=None, at=at)
    job.delete()


# -- parts of the above ----------------------------------------------------------------------------------------------
def _queue(job: Job) -> None:
    from diem06.core.jobs.tasks import run_job

    job.task = uuid.UUID(run_job.enqueue(str(job.pk)).id)
    Job.objects.filter(pk=job.pk).update(task=job.task)


def _is_queued(job: Job) -> bool:
    return job.task is not None and DBTaskResult.objects.ready().filter(pk=job.task).exists()


def _ended(state: JobState, at: datetime) -> dict[str, Any]:
    return {"state": state, "finished_at": at, "keep_until": at + KEPT}


def _tell(job: Job, words: Words, *, at: datetime) -> None:
    if job.started_by_id is not None:
        notify(
            people=[job.started_by_id],
            kind="job",
            words=words,
            url=job.get_absolute_url(),
            until=job.keep_until if job.file_id else None,
            job=job,
            at=at,
            by=None,
        )


def _record(job: Job, action: str, *, by: int | None, at: datetime, details: Mapping[str, Any] | None = None) -> None:
    record(by=by, action=action, object_type="job", object_id=str(job.pk), details=details or {}, at=at)
