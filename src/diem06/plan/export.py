"""A plan as plain JSON values, and its digest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diem06.plan.model import Plan

_LEFT_OUT = {"positions"}  # says where the files lay, not what the plan says


def as_json(plan: Plan) -> dict[str, Any]:
    """
    Return everything that the plan says as JSON values: days as ISO text, numbers with a fraction as decimal strings.

    Keys are the fields of `model`; `from_day` is called `from` as in the files.
    """
    return _table(plan)


def digest(plan: Plan) -> str:
    """Return the SHA-256 of what the plan says, in hexadecimal: two bundles that say the same have the same digest."""
    canonical = json.dumps(as_json(plan), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _table(row: Any) -> dict[str, Any]:
    return {
        "from" if field.name == "from_day" else field.name: _plain(getattr(row, field.name))
        for field in dataclasses.fields(row)
        if field.name not in _LEFT_OUT
    }


def _plain(value: Any) -> Any:
    plain: Any = value
    match value:
        case StrEnum():
            plain = value.value
        case date():
            plain = value.isoformat()
        case Decimal():
            plain = format(value.normalize(), "f")
        case tuple():
            plain = [_plain(each) for each in value]
        case Mapping():
            plain = {name: _plain(each) for name, each in value.items()}
        case _ if dataclasses.is_dataclass(value):
            plain = _table(value)
    return plain
