"""Keeping a file, and removing its bytes when their time is over."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Collection
from datetime import datetime
from pathlib import PurePath
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.evidence import store
from diem06.core.evidence.models import FileKind, StoredFile

LARGEST_BYTES: Final = 20 * 1024 * 1024
_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_SIGNATURES: Final = (
    (b"%PDF-", FileKind.PDF, b"%%EOF"),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG, b"IEND"),
    (b"\xff\xd8\xff", FileKind.JPEG, b"\xff\xd9"),
    (_OLE, FileKind.OLD_EXCEL, "Workbook".encode("utf-16-le")),
)
"""What a file begins with, what it is then, and what it must hold somewhere to be whole."""
_ODD: Final = re.compile(r"[^\w .,()+-]+")


class FileError(ValueError):
    """A file that is not kept; the text tells the person what to change."""


@transaction.atomic
def store_file(
    *,
    content: bytes,
    name: str,
    allowed: Collection[FileKind],
    at: datetime,
    by: int | None,
    largest_bytes: int = LARGEST_BYTES,
) -> StoredFile:
    """
    Keep a file and return its row. What it is, is told by its bytes; it must be one of `allowed`.

    Raises FileError for an empty file, one over `largest_bytes`, or one of another kind. The bytes are on the disk before the
    row is; a transaction that is undone leaves bytes without a row, which harm nobody.
    """
    if not content:
        raise FileError(_("Tệp rỗng. Chọn lại tệp."))
    if len(content) > largest_bytes:
        raise FileError(
            _("Tệp lớn hơn %(limit)s MB. Giảm dung lượng rồi tải lên lại.") % {"limit": largest_bytes // 2**20}
        )
    kind = kind_of(content)
    if kind is None or kind not in allowed:
        wanted = ", ".join(str(FileKind(one).label) for one in allowed)
        raise FileError(_("Tệp không đúng loại. Chọn tệp %(wanted)s.") % {"wanted": wanted})
    row = StoredFile.objects.create(
        sha256=store.write(content),
        size_bytes=len(content),
        kind=kind,
        name=safe_name(name, kind),
        stored_at=at,
        stored_by_id=by,
    )
    details = {"sha256": row.sha256, "bytes": row.size_bytes, "kind": row.kind, "name": row.name}
    record(by=by, action="file.store", object_type="file", object_id=str(row.id), details=details, at=at)
    return row


@transaction.atomic
def remove_content(*, file: StoredFile, reason: str, at: datetime, by: int | None) -> StoredFile:
    """Remove the bytes of a file whose time is over; its row says when. Bytes that another row still needs stay."""
    if file.removed_at is not None:
        return file
    file.removed_at = at
    file.save(update_fields=["removed_at"])
    record(by=by, action="file.remove", object_type="file", object_id=str(file.id), details={"reason": reason}, at=at)
    if not StoredFile.objects.filter(sha256=file.sha256, removed_at=None).exists():
        transaction.on_commit(lambda: store.remove(file.sha256))
    return file


def kind_of(content: bytes) -> FileKind | None:
    """Tell by its bytes what a file is; None: something that is not kept."""
    for begins, kind, holds in _SIGNATURES:
        if content.startswith(begins):
            return kind if holds in content else None
    return _kind_of_zip(content) if content.startswith(b"PK") else _kind_of_text(content)


def _kind_of_text(content: bytes) -> FileKind | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return FileKind.TEXT
    return FileKind.JSON


def _kind_of_zip(content: bytes) -> FileKind | None:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if "word/document.xml" in names:
        return FileKind.WORD
    if "xl/workbook.xml" in names:
        return FileKind.EXCEL
    return FileKind.ZIP


def safe_name(name: str, kind: FileKind) -> str:
    """Return a name that is safe to save anywhere: no folder, no odd signs, the ending of its kind."""
    stem = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).stem
    stem = _ODD.sub("_", stem).strip(" ._")[:120] or "tep"
    return f"{stem}.{kind.value}"
