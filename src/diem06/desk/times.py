"""Times as devices write them: ISO 8601 with an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def read_time(text: object) -> datetime | None:
    """Return an aware time in UTC; None for what is no time with an offset, or lies outside two centuries."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if _FIRST <= time < _LAST else None


def milliseconds(text: datetime) -> str:
    """Return a time as it is written to devices: UTC, to the millisecond."""
    return text.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
