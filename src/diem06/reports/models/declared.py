"""
What a unit declares. Rows of facts are never changed: a correction supersedes the old row and adds a new one, so that any
earlier state can be read again.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diem06.core.plans.models import Period
from diem06.core.roster.facts import FactQuerySet, FactRow


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


class Explanation(models.Model):
    """
    Why a value that looks odd is right: it answers one soft check of one value and travels with it.

    A new version of the value has no explanation of its own: what was said of the old number says nothing of the new one.
    """

    # The report is told by the value too; counting five a month must not join every value there is.
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="explanations")
    value = models.ForeignKey(DeclaredValue, on_delete=models.PROTECT, related_name="explanations")
    check_code = models.CharField(max_length=24, help_text="the soft check that it answers: a code of `checks.py`")
    text = models.CharField(max_length=500)
    explained_at = models.DateTimeField()
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value", "check_code"], name="explanation_once_per_check"),
            models.CheckConstraint(condition=~Q(text=""), name="explanation_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.text[:40]}"


class AbsentValue(models.Model):
    """
    A cell of which its unit says that there is no number, and why. It counts as answered and is shown as no data, never as 0.

    `cell` is a form name (`entry_form.field_name`). A number typed later supersedes it, as does another reason.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="absent_values")
    unit = models.CharField(max_length=64)
    cell = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "unit", "cell"], condition=Q(superseded_at=None), name="absent_one_current_per_cell"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="absent_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.cell}: {self.reason[:40]}"
