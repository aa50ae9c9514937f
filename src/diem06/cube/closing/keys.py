"""The key of this deployment that signs closings: an Ed25519 key, made once, in the data folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from diem06.core.residents.sealing import write_once

FILE = "seal-key.pem"


class KeyOfAnotherKindError(ValueError):
    """The file of the key holds something else than an Ed25519 key."""


def signing_key() -> Ed25519PrivateKey:
    """Return the key; the first call of a new deployment makes it. Raises KeyOfAnotherKindError."""
    return _key(settings.DIEM06_DATA / FILE)


@lru_cache(maxsize=4)
def _key(file: Path) -> Ed25519PrivateKey:
    if not file.exists():
        new = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_once(file, new.decode())
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except ValueError as fault:
        raise KeyOfAnotherKindError(f"{file} holds no key: bring it back from a backup.") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyOfAnotherKindError(f"{file} holds no Ed25519 key: bring it back from a backup.")
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the 32 bytes of the public key, in hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def public_pem(public: str) -> str:
    """Return a public key, given in hexadecimal digits, as PEM, to be handed out."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
