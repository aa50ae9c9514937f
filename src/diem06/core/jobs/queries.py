"""How many wait: in the queue of long work, on a person's list of notices."""

from __future__ import annotations

from diem06.core.jobs.models import OPEN, Job, Notice


def waiting_before(job: Job) -> int:
    """Return how many open jobs were started before a waiting one: the one that runs, and those that wait too."""
    return Job.objects.filter(state__in=OPEN, started_at__lt=job.started_at).count()


def unread_count(person: int) -> int:
    """Return how many notices of a person are unread."""
    return Notice.objects.filter(person_id=person, read_at=None).count()
