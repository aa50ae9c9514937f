"""What the cube must remember: which days' facts have changed, and which revisions of a period were handed out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ChangedFacts(models.Model):
    """
    A counter per leaf of time, bumped in the transaction that changes a fact dated there.

    Leaves are cut at the 1st and the 15th, so that both calendars are made of whole leaves.
    """

    first_day = models.DateField(primary_key=True)
    changes = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(first_day__day__in=[1, 15]), name="leaf_begins_on_1_or_15"),
        ]

    def __str__(self) -> str:
        return f"{self.first_day}: {self.changes}"


class Revision(models.Model):
    """
    A state of the figures of a window that left the system, in a file or a list.

    `changes` and `bundle` say of which facts and which plan; the same ones have one revision.
    """

    plan_id = models.CharField(max_length=64)
    window = models.CharField(max_length=11)
    number = models.PositiveIntegerField()
    known_at = models.DateTimeField()
    changes = models.PositiveBigIntegerField()
    bundle = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_id", "window", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["plan_id", "window", "changes", "bundle"], name="revision_state_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="revision_counts_from_1"),
        ]
        ordering: ClassVar = ["plan_id", "window", "number"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.window} r{self.number}"
