"""A device of the desk in a few lines: its key, its signature, its events. For tests, for measuring and for wearing out."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import uuid
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def uuid7() -> str:
    """Return an id as devices make them: milliseconds first, then chance."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def written(at: datetime) -> str:
    """Return a time as devices write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Key:
    """A key pair of a device."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> str:
        key = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(key).decode()

    def sign(self, content: bytes) -> str:
        r, s = decode_dss_signature(self.private.sign(content, ec.ECDSA(SHA256())))
        return b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    def headers(self, code: str, method: str, path: str, body: bytes, *, at: datetime | None = None) -> dict[str, str]:
        """Return the headers of a signed call."""
        told = written(at or datetime.now(UTC))
        content = f"{method}\n{path}\n{told}\n{hashlib.sha256(body).hexdigest()}".encode()
        return {"Desk-Device": code, "Desk-Time": told, "Desk-Signature": self.sign(content)}


class Line:
    """A device's line to a server, kept open from call to call."""

    def __init__(self, url: str, *, key: Key | None = None, code: str = "") -> None:
        self.key, self.code = key or Key(), code
        self.ahead = timedelta()  # what a demo's clock is set to; see `pretended_ms`
        self._address = urlsplit(url).netloc
        self._line = http.client.HTTPConnection(self._address, timeout=60)

    def enrol(self, code: str, name: str = "Máy thử") -> dict[str, Any]:
        """Show a one-time code; keep what the server calls this device."""
        body = {"code": code, "public_key": self.key.public, "name": name, "version": "1", "user_agent": "test"}
        status, answer = self._ask("POST", "/desk/api/enrol/", json.dumps(body).encode(), {})
        assert status == 201, answer
        self.code = answer["device"]
        self.ahead = timedelta(milliseconds=answer["state"]["pretended_ms"])
        return dict(answer)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make one signed call. Raises OSError where the server is gone, in the middle of its answer too."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = self.key.headers(self.code, method, path, content, at=datetime.now(UTC) + self.ahead)
        return self._ask(method, path, content, headers)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        try:
            self._line.request(method, path, body, {**headers, "Content-Type": "application/json"})
            answer = self._line.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (http.client.HTTPException, OSError, ValueError) as gone:
            self._line.close()
            self._line = http.client.HTTPConnection(self._address, timeout=60)
            raise ConnectionError(str(gone)) from gone


def event(sequence: int, act: str = "enter", **more: Any) -> dict[str, Any]:
    """Return an event as a device writes it."""
    return {
        "id": uuid7(),
        "sequence": sequence,
        "act": act,
        "occurred_at": written(datetime.now(UTC)),
        "offset_ms": 0,
        "count": 1,
        "reason": "",
        "annuls": None,
        "refused": "",
        **more,
    }
