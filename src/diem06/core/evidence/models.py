"""The rows behind kept files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a file is by its bytes, whatever its name says."""

    PDF = "pdf", _("PDF")
    WORD = "docx", _("Word (.docx)")
    EXCEL = "xlsx", _("Excel (.xlsx)")
    OLD_EXCEL = "xls", _("Excel 97-2003 (.xls)")
    PNG = "png", _("ảnh PNG")
    JPEG = "jpeg", _("ảnh JPEG")
    ZIP = "zip", _("tệp nén ZIP")
    TEXT = "txt", _("văn bản thuần")
    JSON = "json", _("JSON")


CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.OLD_EXCEL: "application/vnd.ms-excel",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.ZIP: "application/zip",
    FileKind.TEXT: "text/plain; charset=utf-8",
    FileKind.JSON: "application/json",
}


class StoredFile(models.Model):
    """
    One file as one person brought it, or as the product made it. Its bytes lie under `sha256` (see `store.py`).

    `removed_at` says that the bytes were removed when their time was over; the row and its hash stay.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=FileKind.choices)
    name = models.CharField(max_length=200, help_text="the name it came with, for the person who fetches it")
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(sha256="") & ~Q(name=""), name="stored_file_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[FileKind(self.kind)]
