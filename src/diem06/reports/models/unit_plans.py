"""A unit's own implementation plan (O.1) and its tasks."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diem06.core.evidence.models import StoredFile


class UnitPlan(models.Model):
    """A unit's own implementation plan (O.1): number and day of the document, and the document where it was uploaded."""

    plan_id = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    issued_on = models.DateField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_id", "unit"], name="unit_plan_once"),
            models.CheckConstraint(condition=~Q(number=""), name="unit_plan_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


class TaskState(models.TextChoices):
    """How far a task is. Late is no state: it follows from the due date."""

    TODO = "todo", _("Chưa làm")
    DOING = "doing", _("Đang làm")
    DONE = "done", _("Đã xong")
    DROPPED = "dropped", _("Không làm nữa")


OPEN_TASK_STATES = (TaskState.TODO, TaskState.DOING)


class UnitTask(models.Model):
    """
    One task of a unit's own plan: what, who, by when. `owner` is a person of the unit who uses the system; `owner_name` is
    who does it where nobody of them does. A task that is given up keeps its row and says why in `note`.
    """

    plan_id = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    text = models.CharField(max_length=500)
    clause = models.CharField(max_length=16, blank=True, default="", help_text="the clause of the plan that it serves")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="unit_tasks")
    owner_name = models.CharField(max_length=100, blank=True, default="")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=TaskState.choices, default=TaskState.TODO)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    done_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="unit_task_says_something"),
            models.CheckConstraint(condition=Q(owner__isnull=False) | ~Q(owner_name=""), name="unit_task_has_an_owner"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="unit_task_done_is_dated",
            ),
            models.CheckConstraint(condition=Q(progress_percent__lte=100), name="unit_task_progress_in_range"),
            models.CheckConstraint(condition=~Q(state="dropped") | ~Q(note=""), name="unit_task_dropped_says_why"),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "due_on"], name="unit_task_by_due")]
        ordering: ClassVar = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.unit}: {self.text[:40]}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_TASK_STATES

    def is_overdue(self, on: date) -> bool:
        """Is it open after its last day?"""
        return self.is_open and on > self.due_on
