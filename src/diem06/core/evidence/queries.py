"""Reading kept files back."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from diem06.core.evidence import store
from diem06.core.evidence.models import StoredFile
from diem06.core.evidence.store import DamagedFileError


def content_of(file: StoredFile) -> bytes:
    """Return the bytes of a kept file. Raises DamagedFileError where they were removed, lost or changed."""
    if file.removed_at is not None:
        raise DamagedFileError(f"{file.sha256}: the file was removed on {file.removed_at.isoformat()}")
    return store.read(file.sha256)


def download(file: StoredFile) -> HttpResponse:
    """
    Return the answer that hands a kept file out, never shown inside the page. The view that calls it has asked who may.

    Raises DamagedFileError.
    """
    return HttpResponse(
        content_of(file),
        content_type=file.content_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def damaged() -> list[StoredFile]:
    """Return the files whose bytes are lost or changed: for a check after a restore."""
    found = []
    for file in StoredFile.objects.filter(removed_at=None).order_by("stored_at"):
        try:
            store.read(file.sha256)
        except DamagedFileError:
            found.append(file)
    return found
