"""
250 units save and submit at once: no update is lost, none counts twice, the audit chain verifies.

The plan of Bắc Giang is loaded with as many more reporting units as make 250. Each unit's reporter saves five cells in three
requests (one of them sent twice under the same key), then submits, all in the same moments. Afterwards every acknowledged
value is there, each acknowledged submission is one event, and a repeated request changed nothing. Prints counts and times.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.server import REPOSITORY, Browser, diem06, python, serving

UNITS = 250
PERIOD = "2023-07"
MEASURE = "soak_count"
KINDS = ("a", "b", "c", "d", "e")

SET_UP = """
import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from diem06.config.clock import set_clock
set_clock(settings.DIEM06_DATA, datetime(2023, 7, 13, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))
from diem06.core.access import Role
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.reports.actions import open_reports
from diem06.reports.models import Report
now = settings.DIEM06_CLOCK()
load_plan(folder=Path({folder!r}), at=now, is_made_up=True)
plan = loaded_plan().plan
july = period(plan, {period!r})
open_reports(period=july, plan=plan, at=now)
sessions = {{}}
for report in Report.objects.filter(period=july, unit__startswith="soak-"):
    user = add_person(username=report.unit, full_name="Người Mẫu", password="mot-mat-khau-dai")
    give_role(user=user, role=Role.UNIT_REPORTER, unit=report.unit, from_day=date(2023, 6, 15))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    sessions[report.unit] = session.session_key
print(json.dumps(sessions))
"""
CELLS = """
import json
from diem06.core.plans.queries import loaded_plan
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
plan = loaded_plan().plan
print(json.dumps({{r.unit: list(owed_cells(r, plan)) for r in Report.objects.filter(period__code={period!r}, unit__startswith="soak-")}}))
"""
STORED = """
import json
from collections import Counter
from diem06.reports.actions import current_values
from diem06.reports.entry_form import field_name
from diem06.reports.models import DeclaredValue, EventKind, Report, ReportEvent
reports = Report.objects.filter(period__code={period!r}, unit__startswith="soak-")
print(json.dumps({{
    "values": {{r.unit: {{field_name(c): v.value for c, v in current_values(r).items()}} for r in reports}},
    "rows": DeclaredValue.objects.filter(unit__startswith="soak-").count(),
    "submitted": Counter(ReportEvent.objects.filter(kind=EventKind.SUBMITTED).values_list("report__unit", flat=True)),
    "states": Counter(reports.values_list("state", flat=True)),
}}))
"""


@dataclass
class Told:
    """What the server acknowledged to one unit, and how long its requests took."""

    values: dict[str, int] = field(default_factory=dict)
    is_submitted: bool = False
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Soak, check, print. Returns 1 if something was lost or counted twice."""
    with tempfile.TemporaryDirectory(prefix="diem06-soak-") as name:
        data, folder = Path(name) / "data", Path(name) / "plan"
        data.mkdir()
        _plan(folder)
        diem06(data, "migrate", "--verbosity", "0")
        sessions: dict[str, str] = json.loads(python(data, SET_UP.format(folder=str(folder), period=PERIOD)))
        cells: dict[str, list[str]] = json.loads(python(data, CELLS.format(period=PERIOD)))
        told = {unit: Told() for unit in sessions}
        with serving(data) as server:
            begins = threading.Barrier(len(sessions))
            threads = [
                threading.Thread(target=_work, args=(server.url, unit, sessions[unit], cells[unit], told[unit], begins))
                for unit in sessions
            ]
            start = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - start
        stored: dict[str, Any] = json.loads(python(data, STORED.format(period=PERIOD)))
        diem06(data, "audit", "link")
        chain = diem06(data, "audit", "verify", check=False)
    return _tell(told, stored, took, chain.returncode, chain.stdout.strip())


def _plan(folder: Path) -> None:
    """Write the plan of Bắc Giang with more reporting units, who owe one measure by themselves."""
    shutil.copytree(REPOSITORY / "src/diem06/plan/bundles/bac_giang_2023", folder)
    units, owed = [], []
    for number in range(UNITS):
        code = f"soak-{number:03}"
        owed.append(code)
        units.append(
            f'[[unit]]\ncode = "{code}"\nkey = "s{number:03}"\nname_en = "Unit {number}"\nkind = "department"\n'
            f'level = "province"\narea = "24"\nparent = "ubnd-tinh"\nhead_title = "GIÁM ĐỐC"\nsigns = [["GIÁM ĐỐC"]]\n'
            f'symbol = "S{number:03}"\nheader = ["UBND TỈNH BẮC GIANG", "ĐƠN VỊ {number}"]\nnamed_in_plan = "group"\n'
            f'reports = "yes"\n\n[[unit.name]]\nname = "Đơn vị {number}"\nshort = "Đơn vị {number}"\n'
        )
    _append(folder / "units.toml", "\n".join(units))
    kinds = ", ".join(f'"{kind}"' for kind in KINDS)
    _append(
        folder / "measures.toml",
        f'[[measure]]\ncode = "{MEASURE}"\nname = "Số việc"\nname_en = "Tasks"\nentity = "task"\nkind = "flow"\n'
        f'grain = "unit"\n\n[[measure.dimension]]\nname = "soak_kind"\nvalues = [{kinds}]\n',
    )
    named = ", ".join(f'"{code}"' for code in owed)
    _append(
        folder / "obligations.toml",
        f'[[obligation]]\nmeasure = "{MEASURE}"\nowed_by = [{named}]\ngrain = "unit"\nsplit_by = ["soak_kind"]\n'
        f'from = 2023-06-15\nsource = "ý kiến: để đo"\n',
    )
    _append(
        folder / "indicators.toml",
        f'[[indicator]]\ncode = "S1"\nclauses = ["O.2"]\nname = "Số việc"\nname_en = "Tasks"\nentity = "task"\nkind = "flow"\n'
        f'numerator = "{MEASURE}"\nowed_by = ["soak-000"]\nlevels = ["province"]\nusual_sources = ["declared"]\n'
        f'counted = "việc"\ncounted_en = "tasks"\n',
    )
    labels = ['[[label]]\ndimension = "soak_kind"\nvi = "Loại"\nen = "Kind"\n']
    labels += [f'[[label]]\ndimension = "soak_kind"\nvalue = "{k}"\nvi = "{k}"\nen = "{k}"\n' for k in KINDS]
    _append(folder / "labels.toml", "\n".join(labels))


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(f"\n{text}\n")


def _work(url: str, unit: str, session: str, cells: list[str], told: Told, begins: threading.Barrier) -> None:
    browser = Browser(url, session=session)
    path = f"/my-work/{PERIOD}/{unit}/"
    browser.get(path)
    begins.wait()
    for place, names in enumerate((cells[:2], cells[2:4], cells[4:])):
        body = {
            "key": str(uuid.uuid4()),
            "values": [{"name": n, "text": str(100 + 7 * place + i), "seen": ""} for i, n in enumerate(names)],
        }
        for _again in range(2 if place == 1 else 1):
            start = time.monotonic()
            status, answer = browser.post_json(f"{path}values/", body)
            told.seconds.append(time.monotonic() - start)
            if status == HTTPStatus.OK and answer and not answer.get("errors"):
                told.values |= {row["name"]: int(row["text"]) for row in body["values"]}
            else:
                told.faults.append(f"{unit}: save {place} answered {status}")
    start = time.monotonic()
    page = browser.submit(f"{path}submit/")
    told.seconds.append(time.monotonic() - start)
    told.is_submitted = "Đã trình" in page
    if not told.is_submitted:
        told.faults.append(f"{unit}: not submitted")


def _tell(told: dict[str, Told], stored: dict[str, Any], took: float, chain: int, words: str) -> int:
    lost = sum(
        1
        for unit, one in told.items()
        for name, value in one.values.items()
        if stored["values"][unit].get(name) != value
    )
    acknowledged = sum(len(one.values) for one in told.values())
    submitted = sum(one.is_submitted for one in told.values())
    doubled = sum(count - 1 for count in stored["submitted"].values())
    missing = sum(1 for unit, one in told.items() if one.is_submitted and not stored["submitted"].get(unit))
    extra = stored["rows"] - acknowledged
    seconds = sorted(second for one in told.values() for second in one.seconds)
    print(
        f"{len(told)} units in {took:.1f} s: {acknowledged} cells acknowledged, {lost} lost, {extra} rows too many; "
        f"{submitted} submissions acknowledged, {missing} lost, {doubled} double; {words}"
    )
    print(
        f"requests: {len(seconds)}, p50 {statistics.median(seconds):.2f} s, p95 {seconds[len(seconds) * 95 // 100]:.2f} s"
    )
    for fault in [fault for one in told.values() for fault in one.faults][:20]:
        print(fault)
    is_bad = lost or extra or missing or doubled or chain or not acknowledged or submitted < len(told)
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
