"""Closing, each time with a new key, while the process is killed: what the test does five times, and the soak fifty."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.server import REPOSITORY, diem06, environment, python

SET_UP = """
from datetime import datetime
from zoneinfo import ZoneInfo
from django.conf import settings
from diem06.config.clock import set_clock
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, periods
from diem06.plan.reader import bundle_path
from diem06.reports.actions import open_reports
now = datetime({years} + 2023, 6, 15, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
set_clock(settings.DIEM06_DATA, now)
load_plan(folder=bundle_path("bac-giang-2023"), at=now, is_made_up=True)
plan = loaded_plan().plan
for period in list(periods(plan))[:2]:
    open_reports(period=period, plan=plan, at=period.opens_at)
"""
CLOSE = """
from django.conf import settings
from diem06.core.plans.queries import loaded_plan
from diem06.cube.closing.actions import close_period, rotate_key
from diem06.cube.closing.queries import first_open, is_ripe
loaded, now = loaded_plan(), settings.DIEM06_CLOCK()
while (period := first_open(loaded.plan)) and is_ripe(period, at=now):
    print("begun", period.code, flush=True)
    rotate_key(at=settings.DIEM06_CLOCK(), by=None)
    print(close_period(loaded=loaded, period=period, at=settings.DIEM06_CLOCK(), by=None).period, flush=True)
print("over", flush=True)
"""
STATE = """
import json
from diem06.core.audit.models import Entry
from diem06.core.plans.queries import loaded_plan, periods
from diem06.cube.closing.keys import signing_key
from diem06.cube.closing.public import public_key
from diem06.cube.closing.queries import closings, faults_of_plan
from diem06.cube.models import ClosedFigure, ClosedMeasure, SealKey
plan = loaded_plan().plan
rows = list(closings(plan.id))
print(json.dumps({
    "closed": [row.period for row in rows],
    "in_order": [period.code for period in periods(plan)][:len(rows)],
    "hashes": [row.hash for row in rows],
    "faults": [fault.what for fault in faults_of_plan(plan.id)],
    "without": ClosedFigure.objects.count() - sum(row.figures for row in rows),
    "measures": len({row.closing_id for row in ClosedMeasure.objects.all()}),
    "rotations": Entry.objects.filter(action="seal_key.rotate").count(),
    "keys": [row.public_key for row in SealKey.objects.all()],
    "signs": public_key(signing_key()),
    "entries": Entry.objects.filter(action="period.close").count(),
}), flush=True)
"""


LONGEST_SECONDS = 2.0
"""How long after a closing has begun the kill falls, at the latest: about as long as one or two take."""


@dataclass
class Outcome:
    """What was found: faults in words, and how often a kill fell between the beginning and the end of a closing."""

    kills: int = 0
    inside: int = 0
    closed: int = 0
    faults: list[str] = field(default_factory=list)


def set_up(data: Path, *, years: int) -> None:
    """Make an installation whose plan has been running for so many years, with nothing closed."""
    diem06(data, "migrate", "--verbosity", "0")
    python(data, SET_UP.format(years=years))


def kill_closings(data: Path, *, kills: int, chance: random.Random) -> Outcome:
    """Kill (SIGKILL) a process that closes one period after the other, at random moments; after each, all must be whole."""
    outcome = Outcome()
    hashes: list[str] = []
    begun, said = "", list[str]()
    while True:
        is_last = outcome.kills == kills
        with _process(data, STATE if is_last else STATE + CLOSE) as process:
            assert process.stdout is not None
            state = json.loads(process.stdout.readline())
            outcome.faults += _faults(state, hashes, said)
            outcome.inside += bool(begun) and begun not in state["closed"]
            outcome.closed, hashes = len(state["closed"]), state["hashes"]
            first = process.stdout.readline().split()
            if is_last or first == ["over"]:
                return outcome
            time.sleep(chance.uniform(0, LONGEST_SECONDS))
            process.kill()
            rest = [line.split() for line in process.stdout]
        outcome.kills += 1
        begun = [first[1], *(line[1] for line in rest if line[0] == "begun")][-1]
        said = [line[0] for line in rest if line[0] not in {"begun", "over"}]


def _process(data: Path, lines: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"import django\ndjango.setup()\n{lines}"]
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment(data), stdout=subprocess.PIPE, text=True)


def _faults(state: dict[str, Any], before: list[str], ended: list[str]) -> list[str]:
    """Return what is a mixture: neither as before nor as after."""
    found = list(state["faults"])
    count = len(state["closed"])
    if state["closed"] != state["in_order"]:
        found.append(f"closed out of order: {state['closed']}")
    if state["hashes"][: len(before)] != before:
        found.append("an earlier seal is another one")
    if not set(ended) <= set(state["closed"]):
        found.append(f"said to be closed, and is not: {ended}")
    if state["without"] or state["measures"] != count or state["entries"] != count:
        found.append(f"rows without their closing: {state}")
    if state["rotations"] != len(state["keys"]) or state["keys"][-1:] not in ([], [state["signs"]]):
        found.append(f"a key without its link, or a link without its key: {state}")
    return found
