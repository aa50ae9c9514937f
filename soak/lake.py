"""
Kill -9 at random points of a refresh of the lake, fifty times, on SQLite, while values are typed between.

After each: the checks of `lake check` hold, and all facts (each tenth time: all figures of two months) are those that the database alone
gives, before the next change and after it. Prints what was done and what was found.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.refreshing import random_waits, victims
from tests.server import diem06, environment, python

KILLS = 50
PERIOD, UNIT = "2024-07", "ubnd-tan-yen"
LONGEST_SECONDS = 4.0
LOOK = """
import json
from collections import Counter
from datetime import date
from django.conf import settings
from diem06.core.plans.queries import cells_owed, loaded_plan, obligations_of
from diem06.core.roster import installed_sources
from diem06.cube.board import forget_boards
from diem06.cube.facts import read_facts
from diem06.cube.figures import FigureQuery, figures
from diem06.cube.lake import manifest, reading
from diem06.cube.lake.checking import checks
from diem06.reports.actions import Entry, save_values
from diem06.reports.models import Report

loaded = loaded_plan()
reading.ROWS_OF_A_FILE = -1
load = manifest.load

def found():
    facts = read_facts(installed_sources(), first=date(2023, 6, 3), last=date(2024, 7, 14))
    if {number} % 10:
        return Counter(map(str, facts.to_pylist()))
    forget_boards()
    query = FigureQuery(loaded=loaded, windows=("2023-07", "{period}"), revision=1)
    return [(f.key, str(f.numerator), str(f.denominator), f.standing) for f in figures(query)]

def differ():
    by_lake = found()
    manifest.load = manifest.Manifest
    try:
        return by_lake != found()
    finally:
        manifest.load = load

faults = [f"{{check.name}}: {{fault}}" for check in checks() for fault in check.faults]
if differ():
    faults.append("facts or figures differ before the change")
report = Report.objects.get(unit="{unit}", period__code="{period}")
owed = cells_owed(obligations_of(report.unit, report.period), plan=loaded.plan, on=report.period.last_day)
entries = [Entry(cell=owed[{number}], value={number})]
save_values(report=report, plan=loaded.plan, entries=entries, at=settings.DIEM06_CLOCK(), by=None)
if differ():
    faults.append("facts or figures differ after the change")
print(json.dumps(faults))
"""


def main() -> int:
    """Soak. Returns 1 if anything was wrong once."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="diem06-soak-lake-") as folder:
        data = Path(folder)
        diem06(data, "demo", "--no-serve", "--months", "1")
        diem06(data, "lake", "refresh")
        with victims(str(data / "diem06.sqlite3"), environment(data)) as process:
            for number, wait in enumerate(random_waits(KILLS, longest=LONGEST_SECONDS, seed=6)):
                process.kill_one(wait)
                found = python(data, LOOK.format(period=PERIOD, unit=UNIT, number=number)).strip()
                faults += [] if found == "[]" else [f"kill {number + 1} after {wait:.2f} s: {found}"]
        diem06(data, "lake", "refresh")
        last = diem06(data, "lake", "check", check=False)
    print(f"{KILLS} refreshes killed, {len(faults)} times something was wrong; in the end: {last.stdout.strip()}")
    for fault in faults:
        print(fault)
    return 1 if faults or last.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
