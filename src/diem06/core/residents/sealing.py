"""
Personal data at rest: sealed with AES-GCM under a ring of keys, and found again by a keyed digest.

The ring lies in the data folder, readable by its owner alone; a backup carries it. New seals use the newest key, old ones are
opened by the key that they name. The digest key never changes: a digest must stay comparable for as long as records live.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FILE = "sealing-keys.json"
_NONCE_BYTES = 12
_DIGEST_CHARACTERS = 32


class SealError(ValueError):
    """What was sealed cannot be opened: another key ring, another context, or changed bytes."""


@dataclass(frozen=True)
class KeyRing:
    """AES keys by number, the newest last, and the key of digests."""

    keys: dict[int, bytes]
    digest_key: bytes

    @property
    def newest(self) -> int:
        return max(self.keys)


def seal(text: str, *, context: str) -> bytes:
    """
    Return `text` sealed: key number (2 bytes), nonce (12), ciphertext with tag.

    `context` says what it is a part of (`visit:0192…`): bytes moved to another row do not open there.
    """
    ring = key_ring()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    number = ring.newest
    sealed = AESGCM(ring.keys[number]).encrypt(nonce, text.encode(), context.encode())
    return number.to_bytes(2, "big") + nonce + sealed


def open_sealed(sealed: bytes, *, context: str) -> str:
    """Return the text. Raises SealError. Who calls this for a person's eyes asks for a purpose and writes an audit entry."""
    content = bytes(sealed)
    key = key_ring().keys.get(int.from_bytes(content[:2], "big"))
    if key is None:
        raise SealError(
            "The key of this seal is not in the ring: restore sealing-keys.json from the backup of that time."
        )
    try:
        return (
            AESGCM(key).decrypt(content[2 : 2 + _NONCE_BYTES], content[2 + _NONCE_BYTES :], context.encode()).decode()
        )
    except (InvalidTag, ValueError) as fault:
        raise SealError("The sealed bytes were changed, or belong elsewhere.") from fault


def digest(number: str) -> str:
    """Return the keyed digest by which a number is found again: 32 hexadecimal digits. Without the key nobody can try all numbers."""
    return hmac.new(key_ring().digest_key, number.encode(), hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]


def key_ring() -> KeyRing:
    """Return the ring of this deployment; the first call of a new one makes it."""
    return _ring(settings.DIEM06_DATA / FILE)


@lru_cache(maxsize=4)
def _ring(file: Path) -> KeyRing:
    if not file.exists():
        write_once(file, _as_text(KeyRing(keys={1: secrets.token_bytes(32)}, digest_key=secrets.token_bytes(32))))
    return _read(file)


def add_key() -> int:
    """Add a key and return its number: seals from now on use it. Running processes take it at their next start."""
    file = settings.DIEM06_DATA / FILE
    ring = key_ring()
    number = ring.newest + 1
    keys = {**ring.keys, number: secrets.token_bytes(32)}
    _written_beside(file, _as_text(KeyRing(keys=keys, digest_key=ring.digest_key))).replace(file)
    _ring.cache_clear()
    return number


def write_once(file: Path, content: str) -> None:
    """
    Write a new file of secrets, readable by its owner alone, whole and on the disk or not at all: nobody ever reads half of it.

    Where another process was first, its file is the one.
    """
    new = _written_beside(file, content)
    with suppress(FileExistsError):
        os.link(new, file)
    new.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)  # its name is on the disk too
    os.close(folder)


def _written_beside(file: Path, content: str) -> Path:
    new = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return new


def _as_text(ring: KeyRing) -> str:
    keys = {str(number): b64encode(key).decode() for number, key in ring.keys.items()}
    return json.dumps({"digest": b64encode(ring.digest_key).decode(), "keys": keys})


def _read(file: Path) -> KeyRing:
    content = json.loads(file.read_text())
    return KeyRing(
        keys={int(number): b64decode(key) for number, key in content["keys"].items()},
        digest_key=b64decode(content["digest"]),
    )
