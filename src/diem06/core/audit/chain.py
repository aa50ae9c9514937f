"""
What is hashed, and how. Plain functions: a verifier outside diem06 can do the same.

The hash of an entry is SHA-256, in hexadecimal digits, over the UTF-8 text of one JSON object without white space, its
keys sorted, every character written as itself: action, at, by_id, by_name, details, id, object_id, object_type,
position, previous_hash. `at` is written in UTC to the microsecond: 2023-07-14T16:59:59.000000+00:00.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal

from diem06.core.audit.models import Entry

FIRST_HASH = "0" * 64
"""What stands for the hash before the first entry."""


def digest(entry: Entry, *, position: int, previous_hash: str) -> str:
    """The hash of `entry` at `position`, after the entry whose hash is `previous_hash`."""
    content = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by_id": entry.by_id,
        "by_name": entry.by_name,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "details": entry.details,
        "position": position,
        "previous_hash": previous_hash,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: object) -> object:
    """
    `value` as JSON that both databases give back letter by letter: dates and decimals as text.

    Raises TypeError for a float, which PostgreSQL writes in another way than it was given, and for any other object.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return str(value)
        case date():  # and datetime
            return value.isoformat()
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            raise TypeError(
                f"An audit entry cannot hold {value!r}: pass text, whole numbers, Decimals, dates, lists or mappings."
            )
