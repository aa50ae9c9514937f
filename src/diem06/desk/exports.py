"""
The file that a device exports when its queue can leave it in no other way; README.md of this package describes it.

The device has signed it, and only this server can open it (`escrow`).
"""

from __future__ import annotations

import binascii
import hashlib
import json
from base64 import b64decode, b64encode
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diem06.desk.escrow import EscrowError, open_for_server, seal_for_server
from diem06.desk.events import MOST_IN_A_BATCH, BadBody, Batch, parse_batch, parse_json
from diem06.desk.models import Device
from diem06.desk.signatures import holds

FORMAT: Final = 1
WITHOUT_PIN: Final = 2
"""The device cannot open its own records then: it seals the key of its data for the server, and hands them over as they lie there."""
LARGEST_BYTES: Final = 8 * 1024 * 1024
MOST_EVENTS: Final = 20_000


class ExportError(ValueError):
    """A file whose events are not taken: `code` is no_export, other_device, bad_signature or sealed_for_another."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_export(file: bytes, *, device: Device) -> list[Batch]:
    """Return the events of an exported file of `device`, in batches. Raises ExportError."""
    told, records = _told(file)
    if told["device"] != device.code:
        raise ExportError("other_device")
    signed = signed_part(sealed=told["sealed"], key=told["key"], nonce=told["nonce"], records=records)
    if not holds(key=device.public_key, signature=told["signature"], content=signed):
        raise ExportError("bad_signature")
    try:
        content = open_for_server(
            ephemeral=told["key"],
            nonce=b64decode(told["nonce"], validate=True),
            sealed=b64decode(told["sealed"], validate=True),
        )
    except (EscrowError, binascii.Error) as fault:
        raise ExportError("sealed_for_another") from fault
    events = _events(content) if records is None else [_opened(record, content) for record in records]
    return [
        parse_batch({"events": events[start : start + MOST_IN_A_BATCH]})
        for start in range(0, len(events), MOST_IN_A_BATCH)
    ]


def _events(content: bytes) -> list[Any]:
    try:
        told = parse_json(content)
    except BadBody as fault:
        raise ExportError("no_export") from fault
    events = told.get("events") if isinstance(told, dict) else None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise ExportError("no_export")
    return events


def _opened(record: Any, data_key: bytes) -> Any:
    """Return the event of one record; what cannot be opened is no event, and is answered as such beside the others."""
    try:
        sealed, nonce = b64decode(record["sealed"], validate=True), b64decode(record["iv"], validate=True)
        told = parse_json(AESGCM(data_key).decrypt(nonce, sealed, str(record["id"]).encode()))
        return {**told["event"], "sequence": record["sequence"]}
    except (TypeError, KeyError, ValueError, InvalidTag):  # BadBody and binascii.Error are ValueErrors
        return None


def _told(file: bytes) -> tuple[dict[str, str], list[Any] | None]:
    """Return the texts of a file, and the records of one that was written without the operator's PIN."""
    try:
        told: Any = parse_json(file)
    except BadBody as fault:
        raise ExportError("no_export") from fault
    names = ("device", "key", "nonce", "sealed", "signature")
    if not isinstance(told, dict) or told.get("version") not in (FORMAT, WITHOUT_PIN):
        raise ExportError("no_export")
    if not all(isinstance(told.get(name), str) and told[name].isascii() for name in names):
        raise ExportError("no_export")
    records = told.get("records") if told["version"] == WITHOUT_PIN else None
    if told["version"] == WITHOUT_PIN and (not isinstance(records, list) or len(records) > MOST_EVENTS):
        raise ExportError("no_export")
    return {name: told[name] for name in names}, records


def signed_part(*, sealed: str, key: str, nonce: str, records: list[Any] | None = None) -> bytes:
    """Return what the device signs of an exported file; records as JavaScript's `JSON.stringify` writes them."""
    lines = [sealed, key, nonce]
    if records is not None:
        try:
            written = json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()
        except UnicodeEncodeError as fault:
            raise ExportError("no_export") from fault
        lines.append(hashlib.sha256(written).hexdigest())
    return "\n".join(lines).encode()


def sealed_export(events: list[Any], *, device: str, escrow_key: str, nonce: bytes) -> dict[str, Any]:
    """Return an exported file as a device writes it, all but its signature. For tests."""
    ephemeral, sealed = seal_for_server(json.dumps({"events": events}).encode(), escrow_key=escrow_key, nonce=nonce)
    return {
        "version": FORMAT,
        "device": device,
        "key": ephemeral,
        "nonce": b64encode(nonce).decode(),
        "sealed": b64encode(sealed).decode(),
    }
