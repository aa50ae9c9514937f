"""
The one way in which a fact, a figure, a digest and a seal are written as bytes, before they are hashed.

A record is a run of fields, the first one its tag with a version. A field is `N` where it is not known, else `T`, its length in bytes
as decimal digits, `:`, and its text in UTF-8, NFC. So no two different records have the same bytes: «not known» is not «empty», and
nothing can be moved from one field into the next. Dates are ISO, moments UTC to the microsecond with `Z`, numbers decimal digits
without exponent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias
from unicodedata import is_normalized, normalize

FACT = "diem06/fact/1"
AREA = "diem06/area/1"
MEASURE = "diem06/measure/1"
FIGURE = "diem06/figure/1"
SEAL = "diem06/seal/1"
SEAL_2 = "diem06/seal/2"
RESTATEMENT = "diem06/restatement/1"
LATE = "diem06/late/1"
KEY_LINK = "diem06/key/1"

FACT_FIELDS = (
    "measure",
    "area",
    "area_valid_from",
    "source",
    "day",
    "recorded_at",
    "unit",
    "place",
    "dimensions",
    "entity",
    "value",
    "record",
)
"""The fields of a fact in the order of its bytes: facts of one measure and area stand together when bytes are sorted."""

GROUP = 4
"""How many fields say to which measure and area a fact belongs: the tag and the first three."""

FIGURE_FIELDS = ("key", "numerator", "denominator", "value", "target", "grade", "standing")

RESTATEMENT_FIELDS = (
    "period",
    "key",
    *(f"was_{name}" for name in FIGURE_FIELDS[1:]),
    *(f"now_{name}" for name in FIGURE_FIELDS[1:]),
    "reason",
)
"""`key` is that of the closed figure; `reason` is `facts`, or `plan` where the plan alone was amended."""

LATE_FIELDS = (
    "period",
    "measure",
    "area",
    "area_valid_from",
    "source",
    "day",
    "changed_at",
    "unit",
    "place",
    "dimensions",
    "entity",
    "before",
    "after",
    "record",
    "before_record",
)

Value: TypeAlias = str | int | Decimal | date | datetime | None
"""What a field can hold."""


def text_of(value: Value) -> str | None:
    """Return a field as text; None stays None. Raises TypeError for a float or another object, ValueError for a naive moment."""
    match value:
        case None:
            return None
        case str():
            return value if is_normalized("NFC", value) else normalize("NFC", value)
        case bool():
            raise TypeError("No field is a truth value.")
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value}: a moment without its offset from UTC.")
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        case date():
            return value.isoformat()
    raise TypeError(f"{value!r}: not a text, whole number, Decimal, date, datetime or None.")


def encode(fields: Iterable[str | None]) -> bytes:
    """Return a record's bytes; its first field is the tag."""
    parts = []
    for field in fields:
        if field is None:
            parts.append(b"N")
        else:
            raw = field.encode()
            parts.append(b"T%d:%s" % (len(raw), raw))
    return b"".join(parts)


def decode(record: bytes) -> list[str | None]:
    """Return the fields of a record's bytes. Raises ValueError for what `encode` never wrote."""
    fields: list[str | None] = []
    at = 0
    while at < len(record):
        if record[at : at + 1] == b"N":
            fields.append(None)
            at += 1
            continue
        colon = record.find(b":", at)
        digits = record[at + 1 : colon]
        if record[at : at + 1] != b"T" or colon < 0 or not digits.isdigit() or str(int(digits)).encode() != digits:
            raise ValueError(f"no field at byte {at}")
        end = colon + 1 + int(digits)
        if end > len(record):
            raise ValueError(f"the field at byte {at} is cut off")
        fields.append(record[colon + 1 : end].decode())
        at = end
    return fields
