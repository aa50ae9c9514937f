"""Starting, doing, stopping and forgetting long work."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from diem06.core.audit.models import Entry
from diem06.core.declarations import modules_named
from diem06.core.evidence import store
from diem06.core.jobs import actions, checks, handlers, running
from diem06.core.jobs.handlers import Cancelled, Handler, Result, UnknownKindError
from diem06.core.jobs.models import Job, JobState, Notice
from diem06.core.jobs.tests.conftest import AT


# -- to the end ------------------------------------------------------------------------------------------------------
def test_a_started_job_waits_in_the_queue_and_in_the_trail(start, person):
    job = start()

    assert job.state == JobState.WAITING
    assert DBTaskResult.objects.ready().filter(pk=job.task).exists()
    entry = Entry.objects.get(action="job.start")
    assert (entry.by_id, entry.object_id) == (person.pk, str(job.pk))


def test_nothing_is_queued_where_the_starting_transaction_fails(start):
    """The job and its place in the queue come and go together."""
    with transaction.atomic():
        start()
        transaction.set_rollback(True)

    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_the_worker_does_what_is_queued(start, tmp_path, monkeypatch):
    """The product's own worker command, until the queue is empty."""
    # The worker closes what is too old; the connection of a test must stay open.
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    job = start(to=4)
    call_command("worker", batch=True, verbosity=0, interval=0, startup_delay=False)

    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.data) == (JobState.DONE, 4, 4, {"counted": 4})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1", "2", "3", "4"]
    assert DBTaskResult.objects.get(pk=job.task).status == TaskResultStatus.SUCCESSFUL


def test_the_end_is_told_to_the_person_who_started_it(start, person):
    job = start()
    running.run(job.pk)

    notice = Notice.objects.get()
    assert (notice.person_id, notice.job_id, notice.url) == (person.pk, job.pk, job.get_absolute_url())
    assert notice.text == "Xong: Đếm thử."
    with translation.override("en"):
        assert notice.text.startswith("Done")


def test_words_are_kept_in_each_language(person):
    """Whoever switches the language later reads the job in it."""
    job = actions.start(kind="toy.count", title=lambda: gettext("Thông báo"), by=person.pk, at=AT)

    assert job.title == {"vi": "Thông báo", "en": "Notices"}


def test_words_of_a_job_error_reach_the_person(start):
    job = start("toy.refuse")
    running.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error_words) == (JobState.FAILED, "Tệp thiếu cột A.")
    assert Notice.objects.get().text == "Không xong: Đếm thử."


def test_another_exception_goes_to_the_log_and_not_to_the_person(start, caplog):
    job = start("toy.break_down")
    with caplog.at_level(logging.ERROR, logger="diem06.core.jobs.running"):
        running.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "bí mật" not in str(job.error)
    assert "bí mật" in caplog.text


def test_unknown_kind_is_refused_at_the_start(person):
    with pytest.raises(UnknownKindError):
        actions.start(kind="toy.fly", title="Bay", by=person.pk, at=AT)
    assert not Job.objects.exists()


def test_kind_that_is_gone_by_now_fails_with_words(start):
    """After an update that dropped a kind: the job says so and does not hang."""
    job = start()
    Job.objects.filter(pk=job.pk).update(kind="toy.fly")
    running.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "phần mềm" in job.error_words


def test_a_job_is_done_once_however_often_it_is_queued(start, tmp_path):
    job = start()
    running.run(job.pk)
    (tmp_path / "1").unlink()
    running.run(job.pk)

    assert not (tmp_path / "1").exists()
    assert Job.objects.get().attempts == 1


def test_work_of_one_key_is_open_once(start):
    """A form sent twice starts it once; when it has ended, it may be started again."""
    first = start(key="report-7")
    assert start(key="report-7").pk == first.pk
    running.run(first.pk)

    assert start(key="report-7").pk != first.pk


def test_database_refuses_a_second_open_job_of_one_key(start):
    """Where two requests come at the same moment."""
    job = start(key="report-7")
    job.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=job.kind, key=job.key, title=job.title, started_at=AT)


@pytest.mark.parametrize(
    "values", [{"state": "flying"}, {"state": "done"}, {"done": 3, "total": 2}, {"finished_at": AT}]
)
def test_database_refuses_a_job_that_cannot_be(start, values):
    job = start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**values)


# -- stopping --------------------------------------------------------------------------------------------------------
def test_a_waiting_job_is_stopped_at_once(start, person, tmp_path):
    job = start()
    actions.cancel(job=job, by=person.pk, at=AT)
    running.run(job.pk)

    assert Job.objects.get().state == JobState.CANCELLED
    assert not list(tmp_path.iterdir())


def test_a_running_job_stops_at_its_next_step(start, person, tmp_path, monkeypatch):
    """It is asked to stop after the second number: the third is done, the fourth is not begun."""
    monkeypatch.setattr(running, "STEP_SECONDS", 0)
    job = start(to=10)
    note = actions.note_progress

    def note_and_cancel(*, done, **values):
        goes_on = note(done=done, **values)
        if done == 2:
            actions.cancel(job=Job.objects.get(), by=person.pk, at=AT)
        return goes_on

    monkeypatch.setattr(actions, "note_progress", note_and_cancel)
    running.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert len(list(tmp_path.iterdir())) == 3
    assert [entry.action for entry in Entry.objects.order_by("pk")][-2:] == ["job.ask_to_stop", "job.cancel"]


def test_a_job_that_has_ended_is_not_stopped(start, person):
    job = start()
    running.run(job.pk)

    assert actions.cancel(job=job, by=person.pk, at=AT).state == JobState.DONE


def test_steps_are_written_now_and_then_and_the_last_always(start, monkeypatch):
    """A handler may tell every row: the database hears of it twice a second."""
    told = []

    def note(*, done, **_values):
        told.append(done)
        return True

    monkeypatch.setattr(actions, "note_progress", note)
    job = start(to=500)
    running.run(job.pk)

    assert told[0] == 1
    assert told[-1] == 500
    assert len(told) < 20


# -- a worker that dies ----------------------------------------------------------------------------------------------
def test_a_job_without_its_worker_is_queued_again(start):
    """Marked as running, and nobody holds it."""
    job = start()
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    actions.begin(job_id=job.pk, at=AT)

    assert actions.take_up_orphans(at=AT) == 1
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert DBTaskResult.objects.ready().filter(pk=job.task).exists()
    assert actions.take_up_orphans(at=AT) == 0, "it waits in the queue now"


def test_a_job_that_was_claimed_and_never_begun_is_queued_again(start):
    """Its worker died between taking it from the queue and beginning it."""
    job = start()
    DBTaskResult.objects.filter(pk=job.task).update(status=TaskResultStatus.RUNNING)

    assert actions.take_up_orphans(at=AT) == 1


def test_a_job_in_hand_is_left_alone(start):
    job = start()
    actions.begin(job_id=job.pk, at=AT)

    with running.hold(job.pk) as is_mine:
        assert is_mine
        assert actions.take_up_orphans(at=AT) == 0


def test_a_lock_whose_file_is_gone_holds_nothing(start, monkeypatch):
    """Between opening the file and locking it, the one who held it ended and removed it."""
    job = start()
    lock = running.fcntl.flock

    def lock_what_is_gone(file, how):
        lock(file, how)
        Path(file.name).unlink()

    monkeypatch.setattr(running.fcntl, "flock", lock_what_is_gone)
    with running.hold(job.pk) as is_mine:
        assert not is_mine


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(start):
    job = start()
    for _attempt in range(actions.MOST_ATTEMPTS):
        actions.begin(job_id=job.pk, at=AT)
        actions.take_up_orphans(at=AT)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert "3 lần" in job.error_words


def test_a_job_that_was_to_stop_stops_where_its_worker_is_gone(start, person):
    job = start()
    actions.begin(job_id=job.pk, at=AT)
    actions.cancel(job=job, by=person.pk, at=AT)

    assert actions.take_up_orphans(at=AT) == 0
    assert Job.objects.get().state == JobState.CANCELLED


# -- seven days ------------------------------------------------------------------------------------------------------
def test_job_and_file_are_removed_after_seven_days(start, django_capture_on_commit_callbacks):
    job = start("toy.write")
    running.run(job.pk)
    job.refresh_from_db()
    sha256 = job.file.sha256
    assert store.read(sha256) == b"mot"

    assert actions.remove_expired(at=AT + timedelta(days=7, seconds=-1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.remove_expired(at=AT + timedelta(days=7)) == 1
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert not store.path_of(sha256).exists()
    assert Notice.objects.get().job is None, "what was told stays on the list"


# -- declared kinds --------------------------------------------------------------------------------------------------
def test_a_kind_that_two_handlers_claim_is_a_fault(monkeypatch):
    twice = [Handler(kind="a.b", run=lambda _job, _progress: Result())] * 2
    monkeypatch.setattr(checks, "installed_handlers", lambda: iter(twice))

    assert [fault.id for fault in checks.handlers_are_whole()] == ["jobs.E002"]


def test_a_module_without_handlers_is_a_fault(monkeypatch):
    monkeypatch.delattr(next(modules_named("jobs")), "HANDLERS")

    assert [fault.id for fault in checks.handlers_are_whole()] == ["jobs.E001"]


def test_installed_kinds_are_whole():
    assert checks.handlers_are_whole() == []
    assert "toy.count" in {handler.kind for handler in handlers.installed_handlers()}


def test_cancelled_is_no_fault_of_the_handler():
    """A handler that catches its own faults by their class lets it pass."""
    assert not issubclass(Cancelled, handlers.JobError)
