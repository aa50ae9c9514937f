"""Frozen rows as JSON and back, one way only: what is read must be exactly of the types that are written."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_unstructure_fn, override

from diem06.cube.closing.canonical import text_of
from diem06.cube.closing.seal import FIELDS_OF_1, SEAL_FIELDS, Seal

T = TypeVar("T")

_converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)


class PlainError(ValueError):
    """JSON that is none, or that does not say what it should."""


def _exactly(kind: type) -> Any:
    def check(value: Any, _kind: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{kind.__name__} wanted")
        return value

    return check


for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _exactly(_kind))


@_converter.register_structure_hook
def _read_date(value: Any, _kind: Any) -> date:
    found = date.fromisoformat(value)
    if found.isoformat() != value:
        raise ValueError("a day is written as 2023-07-14")
    return found


@_converter.register_structure_hook
def _read_decimal(value: Any, _kind: Any) -> Decimal:
    found = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    if not found.is_finite() or f"{found:f}" != value:
        raise ValueError("a number is written as 0.5")
    return found


@_converter.register_structure_hook
def _read_moment(value: Any, _kind: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if text_of(found) != value:
        raise ValueError("a moment is written as 2023-07-21T02:25:00.000000Z")
    return found


_converter.register_unstructure_hook(date, text_of)
_converter.register_unstructure_hook(datetime, text_of)
_converter.register_unstructure_hook(Decimal, text_of)
# A seal of version 1 is written as it was, without the fields that came later.
_later: dict[str, Any] = {name: override(omit_if_default=True) for name in SEAL_FIELDS if name not in FIELDS_OF_1}
_converter.register_unstructure_hook(Seal, make_dict_unstructure_fn(Seal, _converter, **_later))


def as_json(row: Any) -> bytes:
    """Return a row as one line of JSON: no white space, every character written as itself, a line feed at the end."""
    return (json.dumps(_converter.unstructure(row), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def from_json(line: bytes, kind: type[T]) -> T:
    """
    Read a row of `kind` out of what `as_json` wrote. Raises PlainError for anything else: other fields, other types, another
    way of writing the same.
    """
    try:
        row = _converter.structure(json.loads(line), kind)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        ArithmeticError,
        ForbiddenExtraKeysError,
    ) as fault:
        raise PlainError(f"{type(fault).__name__}: {str(fault)[:200]}") from fault
    if as_json(row) != line:
        raise PlainError("written in another way than packets are")
    return row
