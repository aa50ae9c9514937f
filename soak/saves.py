"""
Ten units save at once, for a minute; afterwards every acknowledged value is there and the audit chain verifies.

Prints how many saves were acknowledged, how fast, and what was checked.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import uuid
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.server import Browser, diem06, python, serving

SECONDS = 60
PASSWORD = "diem06-so-lieu-gia-dinh"
UNITS = {
    "luc-nam": "ubnd-luc-nam", "son-dong": "ubnd-son-dong", "tan-yen": "ubnd-tan-yen", "yen-dung": "ubnd-yen-dung",
    "hiep-hoa": "ubnd-hiep-hoa", "lang-giang": "ubnd-lang-giang", "yen-the": "ubnd-yen-the", "luc-ngan": "ubnd-luc-ngan",
    "so-y-te": "so-y-te", "so-gddt": "so-gddt",
}  # fmt: skip
PERIOD = "2024-07"
CELLS = """
import json
from diem06.core.plans.queries import loaded_plan
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
print(json.dumps(list(owed_cells(Report.objects.get(unit={unit!r}, period__code={period!r}), loaded_plan().plan))[:300]))
"""
VALUES = """
import json
from diem06.reports.actions import current_values
from diem06.reports.entry_form import field_name
from diem06.reports.models import Report
values = current_values(Report.objects.get(unit={unit!r}, period__code={period!r}))
print(json.dumps({{field_name(cell): value.value for cell, value in values.items()}}))
"""


def main() -> int:
    """Soak, check, print. Returns 1 if something was lost."""
    with tempfile.TemporaryDirectory(prefix="diem06-soak-") as folder:
        data = Path(folder)
        diem06(data, "demo", "--no-serve", "--months", "1")
        cells = {unit: json.loads(python(data, CELLS.format(unit=unit, period=PERIOD))) for unit in UNITS.values()}
        kept: dict[str, dict[str, int]] = {unit: {} for unit in UNITS.values()}
        faults: list[str] = []
        with serving(data) as server:
            until = time.monotonic() + SECONDS
            threads = [
                threading.Thread(target=_save, args=(server.url, key, unit, cells[unit], kept[unit], faults, until))
                for key, unit in UNITS.items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        lost = 0
        for unit, values in kept.items():
            stored = json.loads(python(data, VALUES.format(unit=unit, period=PERIOD)))
            lost += sum(1 for name, value in values.items() if stored.get(name) != value)
        diem06(data, "audit", "link")
        chain = diem06(data, "audit", "verify", check=False)
    saves = sum(len(values) for values in kept.values())
    print(f"{saves} cells acknowledged for {len(UNITS)} units in {SECONDS} s, {lost} lost; {chain.stdout.strip()}")
    for fault in faults:
        print(fault)
    return 1 if lost or faults or chain.returncode or not saves else 0


def _save(
    url: str, key: str, unit: str, cells: list[str], kept: dict[str, int], faults: list[str], until: float
) -> None:
    try:
        browser = Browser(url)
        browser.submit("/account/login/", login=f"bc-{key}", password=PASSWORD)
        browser.get(f"/my-work/{PERIOD}/{unit}/")
        for number, name in enumerate(cells):
            if time.monotonic() > until:
                return
            body = {"key": str(uuid.uuid4()), "values": [{"name": name, "text": str(number), "seen": ""}]}
            status, _answer = browser.post_json(f"/my-work/{PERIOD}/{unit}/values/", body)
            if status == HTTPStatus.OK:
                kept[name] = number
            else:
                faults.append(f"{unit}: save {number + 1} was answered {status}")
    except OSError as fault:
        faults.append(f"{unit}: stopped after {len(kept)} saves: {fault!r}")


if __name__ == "__main__":
    sys.exit(main())
