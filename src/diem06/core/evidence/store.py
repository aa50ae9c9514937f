"""
The bytes of kept files: one file for each hash, under `MEDIA_ROOT/evidence/ab/abcdef...`.

A file is written beside its place, forced to the disk and moved there, and its folder is forced too: what was acknowledged is
there after the power fails, and half a file is never seen under a hash.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


class DamagedFileError(RuntimeError):
    """The bytes under a hash are gone, or are no longer those of the hash."""


def folder() -> Path:
    """Return the folder of all kept bytes; a backup takes it whole."""
    return Path(settings.MEDIA_ROOT) / "evidence"


def path_of(sha256: str) -> Path:
    """Return where the bytes of a hash lie."""
    return folder() / sha256[:2] / sha256


def write(content: bytes) -> str:
    """Keep `content` and return its sha256; bytes that are kept already are not written again."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = path_of(sha256)
    if place.exists() and place.stat().st_size == len(content):
        return sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(place)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    for changed in (place.parent, folder()):
        _force(changed)
    return sha256


def read(sha256: str) -> bytes:
    """Return the bytes of a hash. Raises DamagedFileError where they are gone or changed."""
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise DamagedFileError(f"{sha256}: the file is gone") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedFileError(f"{sha256}: the file was changed")
    return content


def remove(sha256: str) -> None:
    """Remove the bytes of a hash; removing them again does nothing."""
    path_of(sha256).unlink(missing_ok=True)


def _force(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
