"""The one clock. Domain functions never ask it: a view or a command reads it once and passes the time on."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_FILE = "clock.json"


def now() -> datetime:
    """The time as the product takes it: that of the machine, or shifted where a demo set the clock back."""
    return datetime.now(VIETNAM) + _shift()


def set_clock(data: Path, pretended: datetime | None) -> None:
    """
    Make `now()` start from `pretended` and run on from there, in every process that uses the folder `data`.

    None gives the machine's own time back. Only the demo does this: its made-up months lie in 2023 and 2024.
    """
    file = data / _FILE
    if pretended is None:
        file.unlink(missing_ok=True)
    else:
        shift = pretended - datetime.now(VIETNAM)
        file.write_text(json.dumps({"shift_seconds": shift.total_seconds()}), encoding="utf-8")


def _shift() -> timedelta:
    from django.conf import settings

    try:
        seconds = json.loads((settings.DIEM06_DATA / _FILE).read_text(encoding="utf-8"))["shift_seconds"]
    except FileNotFoundError:
        return timedelta()
    return timedelta(seconds=seconds)
