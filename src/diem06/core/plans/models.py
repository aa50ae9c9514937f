"""Loaded bundles, periods and obligations. The plan itself is data (`diem06.plan`); these rows say what was loaded when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class LoadedPlan(models.Model):
    """A bundle that was loaded. Figures, obligations and reports cite it by id, version and hash."""

    plan_id = models.CharField(max_length=64)
    key = models.CharField(max_length=4)
    version = models.CharField(max_length=32)
    hash = models.CharField(max_length=64, help_text="sha256 over the bundle's files")
    files = models.JSONField(help_text="name and text of each file: the bundle as it was loaded")
    loaded_at = models.DateTimeField()
    is_made_up = models.BooleanField(default=False, help_text="its figures are made up (a demo, a test)")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan_id", "hash"], name="plan_bundle_loaded_once")]
        ordering: ClassVar = ["-loaded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.version}"


class Period(models.Model):
    """
    One reporting period of a plan: half-open in time, days included at both ends.

    In time is before `due_at`; edits end at `lock_at`.
    """

    plan_id = models.CharField(max_length=64)
    calendar = models.CharField(max_length=8)
    code = models.CharField(max_length=7)
    first_day = models.DateField()
    last_day = models.DateField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lock_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_id", "code"], name="period_once_per_plan"),
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="period_days_in_order"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("due_at")) & Q(due_at__lte=F("lock_at")), name="period_moments_in_order"
            ),
        ]
        ordering: ClassVar = ["first_day"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.code}"

    @property
    def lock_day(self) -> date:
        """The last day on which edits are open: until 24:00."""
        return (timezone.localtime(self.lock_at) - timedelta(microseconds=1)).date()


class Obligation(models.Model):
    """A unit owes a measure for a period. Its cells follow from the grain, the areas of the period and the split."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="obligations")
    unit = models.CharField(max_length=64)
    measure = models.CharField(max_length=64)
    grain = models.CharField(max_length=8)
    where = models.JSONField(default=dict, help_text="dimension values that this unit owes; empty: all")
    split_by = models.JSONField(default=list)
    levels = models.JSONField(default=list, help_text="levels at which a distinct count is owed")
    day = models.DateField(help_text="the day its values are dated: the period's last, or a deadline inside it")
    rule = models.PositiveIntegerField(help_text="position of the obligation rule in the bundle")
    bundle = models.ForeignKey(LoadedPlan, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period", "unit", "measure", "rule"], name="obligation_once"),
        ]
        ordering: ClassVar = ["period", "unit", "rule"]

    def __str__(self) -> str:
        return f"{self.unit}: {self.measure} {self.period.code}"
