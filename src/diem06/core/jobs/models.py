from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from diem06.core.evidence.models import StoredFile
from diem06.core.ui.languages import in_this_language

KEPT = timedelta(days=7)
"""How long a job and its file are kept after its end."""


class JobState(models.TextChoices):
    WAITING = "waiting", _("Đang chờ")
    RUNNING = "running", _("Đang làm")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không xong")
    CANCELLED = "cancelled", _("Đã dừng")


OPEN = (JobState.WAITING, JobState.RUNNING)


class Job(models.Model):
    """
    One piece of long work. Texts (`title`, `step`, `outcome`, `error`) are kept in each language of the screens.

    `attempts` counts how often a worker began it. `task` is the row of the queue that will run it, or has run it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, blank=True, help_text="Of one kind and key, one job at a time is open.")
    title = models.JSONField()
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="jobs")
    started_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, help_text="When a worker took it up, the last time.")
    cancel_asked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    keep_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    task = models.UUIDField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="0: not known yet.")
    step = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    error = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_job_state_known"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="jobs_job_done_of_total"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, finished_at__isnull=True, keep_until__isnull=True)
                | (~Q(state__in=OPEN) & Q(finished_at__isnull=False, keep_until__gt=F("finished_at"))),
                name="jobs_job_finished_whole",
            ),
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state__in=OPEN) & ~Q(key=""), name="jobs_job_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["started_by", "-started_at"], name="jobs_job_of_person"),
            models.Index(fields=["state"], condition=Q(state__in=OPEN), name="jobs_job_open"),
            models.Index(fields=["keep_until"], name="jobs_job_keep_until"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def title_words(self) -> str:
        return in_this_language(self.title)

    @property
    def step_words(self) -> str:
        return in_this_language(self.step)

    @property
    def outcome_words(self) -> str:
        return in_this_language(self.outcome)

    @property
    def error_words(self) -> str:
        return in_this_language(self.error)


class Notice(models.Model):
    """
    Something that one person should know: what, from whom, until when, and where to look.

    `words` are kept in each language. They hold nothing personal: no name of a citizen, no number that identifies one. `key` lets
    a notice that is given again and again (a reminder of one deadline) stand there once. `unit` is the unit that it is about.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, blank=True)
    words = models.JSONField()
    url = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField(null=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="notices")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], condition=~Q(key=""), name="jobs_notice_once"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("at")), name="jobs_notice_read_later"
            ),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="jobs_notice_unread"),
            models.Index(fields=["person", "-at"], name="jobs_notice_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def text(self) -> str:
        """Its words in the reader's language."""
        return in_this_language(self.words)
