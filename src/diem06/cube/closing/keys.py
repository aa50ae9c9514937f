"""
The keys of this deployment that sign closings: Ed25519 keys in the data folder, the first one made once, the next ones by rotation.

Which key signs now, the database says: the last link of the chain of keys (`links`). A file without its link was never used.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.conf import settings

from diem06.core.residents.sealing import write_once
from diem06.cube.closing.public import public_key
from diem06.cube.models import SealKey

FILE = "seal-key.pem"
FILES = "seal-key*.pem"
"""The files of all keys: that of a key stays when the next one takes over."""


class KeyOfAnotherKindError(ValueError):
    """The file of a key is gone, or holds something else than that Ed25519 key."""


def signing_key() -> Ed25519PrivateKey:
    """Return the key that signs now; the first call of a new deployment makes it. Raises KeyOfAnotherKindError."""
    link = SealKey.objects.last()
    if link is None:
        return made(1)
    return _known(link.number, link.public_key)


def signing_key_of(public: str) -> Ed25519PrivateKey:
    """Return the key with this public key, given in hexadecimal digits: that of now, or one before. Raises KeyOfAnotherKindError."""
    link = SealKey.objects.filter(public_key=public).first()
    return _known(link.number if link else 1, public)


def made(number: int) -> Ed25519PrivateKey:
    """Return the key with a number: that of its file, which is made where it is not there. Raises KeyOfAnotherKindError."""
    file = _file(number)
    if not file.exists():
        new = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_once(file, new.decode())
    return _key(file)


def _known(number: int, public: str) -> Ed25519PrivateKey:
    file = _file(number)
    if not file.exists() or public_key(key := _key(file)) != public:
        raise KeyOfAnotherKindError(f"{file} does not hold the key {public}: bring it back from a backup.")
    return key


def _file(number: int) -> Path:
    name = Path(FILE)
    return Path(settings.DIEM06_DATA) / (FILE if number == 1 else f"{name.stem}-{number}{name.suffix}")


@lru_cache(maxsize=4)
def _key(file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except ValueError as fault:
        raise KeyOfAnotherKindError(f"{file} holds no key: bring it back from a backup.") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyOfAnotherKindError(f"{file} holds no Ed25519 key: bring it back from a backup.")
    return key
