"""
Loaded bundles, periods and obligations; drafts read from documents; milestones of the standing office.

The plan itself is data (`diem06.plan`); these rows say what was loaded when, and by whom.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone


class LoadedPlan(models.Model):
    """A bundle that was loaded. Figures, obligations and reports cite it by id, version and hash."""

    plan_id = models.CharField(max_length=64)
    key = models.CharField(max_length=4)
    version = models.CharField(max_length=32)
    hash = models.CharField(max_length=64, help_text="sha256 over the bundle's files")
    files = models.JSONField(help_text="name and text of each file: the bundle as it was loaded")
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True, help_text="when it was taken into use again; null: when it was loaded")
    is_made_up = models.BooleanField(default=False, help_text="its figures are made up (a demo, a test)")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan_id", "hash"], name="plan_bundle_loaded_once")]
        # The first one is in use.
        ordering: ClassVar = [Coalesce("taken_at", "loaded_at").desc(), F("taken_at").desc(nulls_last=True), "-id"]

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


class LoadedChange(models.Model):
    """A dated row of a plan that is later than the plan (`diem06.plan.changes`), and the bundle that brought it first."""

    plan_id = models.CharField(max_length=64)
    key = models.CharField(max_length=400, help_text="`Change.key`")
    bundle = models.ForeignKey(LoadedPlan, on_delete=models.PROTECT, related_name="changes")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan_id", "key"], name="plan_change_loaded_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.key}"


class Milestone(models.Model):
    """
    «Mốc theo dõi của cơ quan thường trực»: a value that the standing office wants to see by a day. Never the plan's target.

    It counts for figures of windows that end on `set_on` or later and before `ended_on`. It is ended, not changed.
    """

    plan_id = models.CharField(max_length=64)
    indicator = models.CharField(max_length=24)
    area = models.CharField(max_length=10, blank=True)
    unit = models.CharField(max_length=64, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, help_text="a share from 0 to 1, or a count")
    day = models.DateField()
    reason = models.CharField(max_length=500)
    set_on = models.DateField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan_id", "indicator", "area", "unit", "day"],
                condition=Q(ended_on__isnull=True),
                name="milestone_one_a_day",
            ),
            models.CheckConstraint(condition=Q(day__gt=F("set_on")), name="milestone_lies_ahead"),
            models.CheckConstraint(condition=Q(value__gt=0) & ~Q(reason=""), name="milestone_says_what_and_why"),
            models.CheckConstraint(condition=Q(area="") | Q(unit=""), name="milestone_of_area_or_unit"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_at__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False, ended_at__isnull=False) & ~Q(end_reason="")),
                name="milestone_end_is_whole",
            ),
        ]
        ordering: ClassVar = ["indicator", "area", "unit", "day", "id"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.indicator} {self.day}"


class DraftedPlan(models.Model):
    """
    A plan read from a document, on its way to being loaded: what was read, and what people decided on it.

    `revision` grows with each decision, so that two people do not overwrite each other. `bundle` is set when it was loaded.
    """

    name = models.CharField(max_length=200, help_text="of the first document")
    draft = models.JSONField(help_text="`diem06.plan.drafting.as_json`")
    decisions = models.JSONField(default=dict, help_text="`diem06.plan.drafting.decisions_as_json`")
    revision = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    bundle = models.ForeignKey(LoadedPlan, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(bundle__isnull=True), name="draft_dropped_or_loaded"
            ),
        ]
        ordering: ClassVar = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """May it still be decided on?"""
        return self.dropped_at is None and self.bundle_id is None


class DraftedFile(models.Model):
    """A document of a draft, as it was uploaded: the plan first, then its annexes."""

    drafted = models.ForeignKey(DraftedPlan, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["drafted", "position"], name="draft_file_once"),
        ]
        ordering: ClassVar = ["drafted", "position"]

    def __str__(self) -> str:
        return self.name
