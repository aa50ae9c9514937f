"""
«Biểu đột xuất»: a blank Excel form of somebody else whose cells are tied to figures and measures once and filled for any period.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from diem06.core.evidence.models import StoredFile
from diem06.core.plans.models import Period


class AdHocForm(models.Model):
    """A form of a ministry or of the committee as it came, blank. A form that is no longer asked for is retired, not deleted."""

    plan_id = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    asked_by = models.CharField(max_length=200, help_text="who asks for it, and by which document")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=64, blank=True, default="", help_text="whose form it is; empty: the province's")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(asked_by=""), name="ad_hoc_form_is_named"),
        ]
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return self.title


class AdHocCell(models.Model):
    """
    One cell of a form and what belongs into it: an indicator's figure or a measure's sum, of an area, over a window.

    `window`: this (the period chosen when it is filled), before, ptd (plan to date), quarter, half, year. `part` is that of a
    figure key: val, num, den, target, gap; a measure has `sum`.
    """

    form = models.ForeignKey(AdHocForm, on_delete=models.CASCADE, related_name="cells")
    sheet = models.CharField(max_length=100)
    coordinate = models.CharField(max_length=12)
    indicator = models.CharField(max_length=64, blank=True, default="")
    measure = models.CharField(max_length=64, blank=True, default="")
    dimensions = models.CharField(max_length=200, blank=True, default="")
    part = models.CharField(max_length=8, default="val")
    area = models.CharField(max_length=8, blank=True, default="", help_text="empty: the whole province")
    unit = models.CharField(max_length=64, blank=True, default="")
    window = models.CharField(max_length=8, default="this")
    scale = models.CharField(
        max_length=8, default="ratio", help_text="how a share is written: ratio (0-1) or hundred (0-100)"
    )
    area_from = models.DateField(null=True, blank=True, help_text="first day of the area that was meant by its code")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "sheet", "coordinate"], name="ad_hoc_cell_once"),
            models.CheckConstraint(
                condition=(Q(indicator="") & ~Q(measure="")) | (~Q(indicator="") & Q(measure="")),
                name="ad_hoc_cell_holds_one_thing",
            ),
        ]
        ordering: ClassVar = ["form", "sheet", "id"]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.coordinate}"


class AdHocFill(models.Model):
    """A form as it was filled for a period: the file, and under each cell the figure key or the records that it came from."""

    form = models.ForeignKey(AdHocForm, on_delete=models.PROTECT, related_name="fills")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    cells = models.JSONField(help_text="sheet!cell -> [value, key or measure, words where it stays empty]")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.form} {self.period.code}"
