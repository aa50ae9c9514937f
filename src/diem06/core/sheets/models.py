"""What was brought to be loaded, row by row, until a person says so; and what is needed to take it back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from diem06.core.evidence.models import StoredFile


class Way(models.TextChoices):
    """How a batch came."""

    FILE = "file", _("Tệp")
    PASTE = "paste", _("Dán")


class BatchState(models.TextChoices):
    """Where a batch is. Nothing of it stands anywhere else before LOADED."""

    STAGED = "staged", pgettext_lazy("batch", "Chờ xác nhận")
    LOADING = "loading", _("Đang nạp")
    LOADED = "loaded", _("Đã nạp")
    UNDONE = "undone", _("Đã hoàn tác")
    DROPPED = "dropped", pgettext_lazy("batch", "Đã bỏ")


class Verdict(models.TextChoices):
    """What loading a row would do."""

    NEW = "new", pgettext_lazy("row", "Mới")
    CHANGED = "changed", pgettext_lazy("row", "Đổi")
    REMOVED = "removed", pgettext_lazy("row", "Xóa")
    SAME = "same", pgettext_lazy("row", "Giữ nguyên")
    WRONG = "wrong", pgettext_lazy("row", "Sai")


CHANGING = (Verdict.NEW, Verdict.CHANGED, Verdict.REMOVED)


class Batch(models.Model):
    """
    One file, or one pasted block, for one scope of a declared sheet.

    `undo` is what the sheet's own action needs to take it back; `after` says, by row key, what stood there when it was loaded:
    whoever changed that since has built on it.
    """

    sheet = models.CharField(max_length=64, help_text="code of the declared sheet")
    scope = models.CharField(max_length=160, help_text="what of it: a period and unit, a year, nothing")
    way = models.CharField(max_length=5, choices=Way.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    block = models.JSONField(null=True, help_text="the pasted cells as they came")
    sha256 = models.CharField(max_length=64)
    dot = models.CharField(max_length=9, blank=True, default="", help_text="how the dot of «1.234» is meant, once said")
    converts_fonts = models.BooleanField(default=False)
    asks = models.JSONField(default=list, help_text="questions about the whole file that cells raise: dot, fonts")
    notes = models.JSONField(default=list, help_text="what the person should know of the file")
    state = models.CharField(max_length=8, choices=BatchState.choices, default=BatchState.STAGED)
    staged_at = models.DateTimeField()
    staged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    loaded_rows = models.PositiveIntegerField(default=0)
    undo = models.JSONField(null=True)
    after = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(way="file", file__isnull=False) | Q(way="paste", file=None), name="batch_has_its_file"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["loaded", "undone"]) | Q(loaded_at__isnull=False), name="batch_loading_is_dated"
            ),
            models.CheckConstraint(
                condition=~Q(state="undone") | Q(undone_at__isnull=False), name="batch_undoing_is_dated"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["sheet", "scope", "sha256"], name="batch_of_a_file")]
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.sheet} {self.scope} {self.pk}"


class BatchRow(models.Model):
    """
    One row of a batch: what stands in its cells, what it would do, and why it cannot.

    `cells`: each {column, at, text, shown, reason, asks, proposal}. `values`: plain JSON by column, null while the row is wrong.
    `before`: what stood under its key when it was staged ({values, record}), null for nothing. `conflict`: another person
    changed it meanwhile, in words.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=100, blank=True, default="")
    at = models.CharField(max_length=16, blank=True, default="", help_text="where it stands: a cell, or a row number")
    key = models.CharField(max_length=400, blank=True, default="")
    label = models.TextField(blank=True, default="")
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    reason = models.TextField(blank=True, default="")
    hint = models.TextField(blank=True, default="")
    conflict = models.TextField(blank=True, default="")
    cells = models.JSONField(default=list)
    values = models.JSONField(null=True)
    before = models.JSONField(null=True)
    made = models.TextField(null=True, help_text="the record that stood there when the template was made")
    is_loaded = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_row_once"),
            models.CheckConstraint(
                condition=Q(verdict="wrong") | Q(values__isnull=False), name="batch_row_is_right_or_wrong"
            ),
            models.CheckConstraint(
                condition=Q(is_loaded=False) | Q(verdict__in=["new", "changed", "removed"]),
                name="batch_row_loaded_changes_something",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "verdict"], name="batch_row_verdict")]
        ordering: ClassVar = ["batch", "position"]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position} {self.verdict}"
