"""
Doing a job, in the worker's process.

Whoever works on a job holds a lock on a file of its name in the data folder. The kernel takes the lock away when the process dies, however it
dies, so a job that is marked as running and whose lock is free has lost its worker: no heartbeat, no clock, no guess. All
workers of an installation share the data folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from diem06.core.jobs.handlers import Cancelled, JobError, Result, UnknownKindError, handler_of

if TYPE_CHECKING:
    from diem06.core.jobs.models import Job
    from diem06.core.ui.languages import Words

logger = logging.getLogger(__name__)
STEP_SECONDS = 0.5
"""The steps of a job are written so often at most; the last one always."""


@contextmanager
def hold(job_id: uuid.UUID) -> Iterator[bool]:
    """Try to hold a job for the time of the block; False where another process holds it."""
    file = Path(settings.DIEM06_DATA) / "jobs" / f"{job_id}.lock"
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        if not _is_there(file, lock):
            # Its holder has just ended and removed it; somebody may hold a new one of the name.
            yield False
            return
        try:
            yield True
        finally:
            file.unlink(missing_ok=True)


def _is_there(file: Path, lock: IO[str]) -> bool:
    try:
        return file.stat().st_ino == os.fstat(lock.fileno()).st_ino
    except FileNotFoundError:
        return False


class _Steps:
    """The progress of one run."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self._job, self._clock, self._written_at = job, clock, float("-inf")

    def step(self, done: int, total: int, words: Words = "") -> None:
        from diem06.core.jobs import actions

        is_last = done >= total
        if not is_last and time.monotonic() - self._written_at < STEP_SECONDS:
            return
        self._written_at = time.monotonic()
        if not actions.note_progress(job_id=self._job.pk, done=done, total=total, words=words):
            raise Cancelled

    def now(self) -> datetime:
        return self._clock()


def run(job_id: uuid.UUID, *, clock: Callable[[], datetime] | None = None) -> None:
    """
    Do a waiting job to its end; nothing where it waits no longer, or another process holds it.

    Whatever the handler raises ends up in the job: a JobError with its words, any other exception with a sentence for the person
    and its traceback in the log.
    """
    from diem06.core.jobs import actions

    now = clock or settings.DIEM06_CLOCK
    with hold(job_id) as is_mine:
        job = actions.begin(job_id=job_id, at=now()) if is_mine else None
        if job is None:
            return
        try:
            result = handler_of(job.kind).run(job, _Steps(job, now)) or Result()
        except Cancelled:
            actions.stopped(job_id=job_id, at=now())
        except JobError as fault:
            actions.fail(job_id=job_id, words=fault.words, at=now())
        except UnknownKindError:
            logger.exception("Job %s", job_id)
            actions.fail(job_id=job_id, words=_unknown, at=now())
        except Exception:
            logger.exception("Job %s (%s) failed", job_id, job.kind)
            actions.fail(job_id=job_id, words=_failed, at=now())
        else:
            actions.finish(job_id=job_id, result=result, at=now())


def _failed() -> str:
    return _("Máy chủ gặp lỗi khi làm việc này. Làm lại; nếu vẫn lỗi, báo quản trị hệ thống mã của việc.")


def _unknown() -> str:
    return _("Bản phần mềm đang chạy không làm loại việc này. Báo quản trị hệ thống.")
