"""
What a unit declares and reports. Rows of facts are never changed: a correction supersedes the old row and adds a new one,
so that any earlier state can be read again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diem06.core.plans.models import Period


class FactQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Keep the rows that nothing has superseded."""
        return self.filter(superseded_at=None)

    def known_at(self, at: datetime | None) -> Self:
        """Keep the rows as they stood at `at`; None: as they stand."""
        if at is None:
            return self.current()
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=at), recorded_at__lte=at)

    def between(self, first: date, last: date) -> Self:
        """Keep the facts dated from `first` to `last`."""
        return self.filter(day__gte=first, day__lte=last)


class FactRow(models.Model):
    """A row that is a fact: it holds the columns of `roster.FACT_COLUMNS`, stored as they are read."""

    measure = models.CharField(max_length=64)
    source = models.CharField(max_length=32)
    day = models.DateField(db_index=True)
    recorded_at = models.DateTimeField()
    area = models.CharField(max_length=8)
    area_valid_from = models.DateField()
    unit = models.CharField(max_length=64)
    place = models.CharField(max_length=64, blank=True, default="")
    dimensions = models.CharField(max_length=200, blank=True, default="")
    entity = models.CharField(max_length=64, blank=True, default="")
    value = models.BigIntegerField()
    record = models.CharField(max_length=64)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True


class DeclaredValue(FactRow):
    """One number that a unit typed or uploaded for one cell that it owes, in one version."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="declared_values")
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=500, blank=True, default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "unit", "measure", "dimensions", "area", "day"],
                condition=Q(superseded_at=None),
                name="declared_one_current_per_cell",
            ),
            models.UniqueConstraint(
                fields=["period", "unit", "measure", "dimensions", "area", "day", "version"],
                name="declared_version_once",
            ),
            models.UniqueConstraint(fields=["record"], name="declared_record_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="declared_not_negative"),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")), name="declared_times_in_order"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["period", "unit"], name="declared_period_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.measure}[{self.dimensions}] {self.area} {self.day}: {self.value}"


class UnitFact(FactRow):
    """A fact about a unit that the product itself knows: it owes a plan, its plan came in time, its report was in time."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["measure", "record"], condition=Q(superseded_at=None), name="unit_fact_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.measure}[{self.dimensions}] {self.day}"


class ReportState(models.TextChoices):
    """Where a report is. Lateness is judged by the approval alone."""

    OPEN = "open", _("Mở")
    DRAFT = "draft", _("Đang nhập")
    APPROVED = "approved", _("Đã duyệt")


class Report(models.Model):
    """
    The report of one unit for one period.

    The head's approval is a signed document: its number, and the day and hour of its arrival. `open_until` is set when the
    standing office lets a unit edit after the lock.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="reports")
    unit = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    first_saved_at = models.DateTimeField(null=True, blank=True)
    approval_number = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_recorded_at = models.DateTimeField(null=True, blank=True)
    approval_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    open_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period", "unit"], name="report_once_per_unit_and_period"),
            models.CheckConstraint(
                condition=(
                    Q(state="approved", approved_at__isnull=False, approval_recorded_at__isnull=False)
                    & ~Q(approval_number="")
                )
                | (~Q(state="approved") & Q(approved_at=None, approval_recorded_at=None, approval_number="")),
                name="report_approval_is_whole",
            ),
        ]
        ordering: ClassVar = ["period", "unit"]

    def __str__(self) -> str:
        return f"{self.unit} {self.period.code}"

    @property
    def is_late(self) -> bool:
        """Was it approved too late? A report not approved yet is missing, not late."""
        return self.approved_at is not None and self.approved_at >= self.period.due_at

    def may_be_edited(self, at: datetime) -> bool:
        """May its unit still change it: before the lock, or until the day that the standing office gave."""
        return at < self.period.lock_at or (self.open_until is not None and at < self.open_until)


class Heading(models.TextChoices):
    """The parts of a unit's narrative, in the order of the report."""

    DONE = "done", _("Kết quả đã làm trong kỳ")
    GOOD = "good", _("Ưu điểm")
    SHORTCOMINGS = "shortcomings", _("Tồn tại, hạn chế")
    DIFFICULTIES = "difficulties", _("Khó khăn, vướng mắc")
    CAUSES = "causes", _("Nguyên nhân")
    NEXT_MONTH = "next_month", _("Nhiệm vụ trọng tâm tháng tiếp theo")
    PROPOSALS = "proposals", _("Kiến nghị, đề xuất")


class Narrative(models.Model):
    """What a unit wrote under one heading of its report. An empty text is a heading nobody wrote."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="narratives")
    heading = models.CharField(max_length=16, choices=Heading.choices)
    text = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "heading"], name="narrative_once_per_heading")
        ]
        ordering: ClassVar = ["report", "heading"]

    def __str__(self) -> str:
        return f"{self.report} {self.heading}"


class UnitPlan(models.Model):
    """A unit's own implementation plan (O.1): number and day of the document."""

    plan_id = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    issued_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_id", "unit"], name="unit_plan_once"),
            models.CheckConstraint(condition=~Q(number=""), name="unit_plan_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


class SavedRequest(models.Model):
    """A request that was answered, so that a client that repeats it gets the same answer and changes nothing."""

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    request_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class IssuedDocument(models.Model):
    """A file that left the system: what stood under each tag, so that a file that comes back can be checked."""

    id = models.UUIDField(primary_key=True)
    plan_id = models.CharField(max_length=64)
    period = models.CharField(max_length=11)
    kind = models.CharField(max_length=16)
    revision = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    tags = models.JSONField(help_text="short id -> [tag, text] of every content control")

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} r{self.revision}"
