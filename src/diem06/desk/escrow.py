"""
The escrow key: what a device exports when nothing else helps is sealed for it, and only this server can open it.

A P-256 key pair in the data folder; the private half is sealed by the ring of `core.residents.sealing`, so neither file alone opens
anything. A backup carries both.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.conf import settings

from diem06.core.residents.sealing import open_sealed, seal, write_once
from diem06.desk.signatures import KeyFault, public_key

FILE = "desk-escrow.json"
_CONTEXT = "desk escrow key"
_INFO = b"diem06 desk queue"


class EscrowError(ValueError):
    """What was exported cannot be opened: it was sealed for another server, or its bytes were changed."""


def escrow_public_key() -> str:
    """Return the public half as base64 SubjectPublicKeyInfo; the first call of a new deployment makes the pair."""
    return _stored(settings.DIEM06_DATA / FILE)["public"]


def open_for_server(*, ephemeral: str, nonce: bytes, sealed: bytes) -> bytes:
    """Return what a device sealed with an `ephemeral` key (base64 SubjectPublicKeyInfo) for this server. Raises EscrowError."""
    text = open_sealed(b64decode(_stored(settings.DIEM06_DATA / FILE)["sealed"]), context=_CONTEXT)
    private = load_der_private_key(b64decode(text), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    try:
        shared = private.exchange(ec.ECDH(), public_key(ephemeral))
        return AESGCM(_derived(shared)).decrypt(nonce, sealed, None)
    except (KeyFault, InvalidTag, ValueError) as fault:
        raise EscrowError("sealed for another server, or changed") from fault


def seal_for_server(content: bytes, *, escrow_key: str, nonce: bytes) -> tuple[str, bytes]:
    """Do what a device does to export: return the ephemeral public key and the sealed bytes. For the demo and for tests."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), public_key(escrow_key))
    return _public(ephemeral), AESGCM(_derived(shared)).encrypt(nonce, content, None)


def _derived(shared: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(shared)


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@lru_cache(maxsize=4)
def _stored(file: Path) -> dict[str, str]:
    if not file.exists():
        write_once(file, json.dumps(_new_pair()))
    content: dict[str, str] = json.loads(file.read_text())
    return content


def _new_pair() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = seal(b64encode(private).decode(), context=_CONTEXT)
    return {"public": _public(key), "sealed": b64encode(sealed).decode()}
