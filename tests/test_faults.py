"""What was acknowledged is there: the server is killed in the middle of 200 saves."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.server import Browser, Server, diem06, python

UNIT = "ubnd-tan-yen"
PASSWORD = "mot-mat-khau-dai"

SET_UP = f"""
from datetime import date
from django.conf import settings
from diem06.config.clock import set_clock
from datetime import datetime
from zoneinfo import ZoneInfo
set_clock(settings.DIEM06_DATA, datetime(2023, 7, 13, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))
from diem06.core.access import Role
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.plan.reader import bundle_path
from diem06.reports.actions import open_reports
now = settings.DIEM06_CLOCK()
load_plan(folder=bundle_path("bac-giang-2023"), at=now, is_made_up=True)
plan = loaded_plan().plan
open_reports(period=period(plan, "2023-07"), plan=plan, at=now)
user = add_person(username="ha", full_name="Nguyễn Thị Hà", password="{PASSWORD}")
give_role(user=user, role=Role.UNIT_REPORTER, unit="{UNIT}", from_day=date(2023, 6, 15))
"""
CELLS = f"""
import json
from diem06.core.plans.queries import loaded_plan
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
report = Report.objects.get(unit="{UNIT}", period__code="2023-07")
print(json.dumps(list(owed_cells(report, loaded_plan().plan))))
"""
VALUES = f"""
import json
from diem06.reports.actions import current_values
from diem06.reports.entry_form import field_name
from diem06.reports.models import Report
report = Report.objects.get(unit="{UNIT}", period__code="2023-07")
print(json.dumps({{field_name(cell): value.value for cell, value in current_values(report).items()}}))
"""


def test_kill_9_during_200_saves_loses_nothing_that_was_acknowledged(
    copy_migrated: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Every saved value is there afterwards, the audit chain verifies, and an earlier report still passes."""
    copy_migrated(tmp_path)
    python(tmp_path, SET_UP)
    names = json.loads(python(tmp_path, CELLS))
    assert len(names) >= 200
    report = tmp_path / "before.docx"
    diem06(tmp_path, "report", "2023-07", "--out", str(report))

    server = Server(tmp_path)
    browser = Browser(server.url)
    browser.submit("/account/login/", login="ha", password=PASSWORD)
    browser.get(f"/my-work/2023-07/{UNIT}/")
    acknowledged: dict[str, int] = {}
    killer = threading.Timer(0, lambda: None)
    for value, name in enumerate(names[:200], 1):
        if value == 120:
            killer = threading.Timer(0.15, server.kill)  # it falls somewhere inside one of the next saves
            killer.start()
        body = {"key": str(uuid.uuid4()), "values": [{"name": name, "text": str(value), "seen": ""}]}
        try:
            status, _answer = browser.post_json(f"/my-work/2023-07/{UNIT}/values/", body)
        except OSError:
            break
        assert status == 200
        acknowledged[name] = value
    killer.join()
    assert 100 < len(acknowledged) < 200, "the server was not killed in the middle"

    stored = json.loads(python(tmp_path, VALUES))
    assert {name: stored.get(name) for name in acknowledged} == acknowledged
    assert len(stored) - len(acknowledged) in (0, 1)  # the save that was under way may be there, unacknowledged

    again = Server(tmp_path)  # it comes up again on the same data
    again.stop()
    diem06(tmp_path, "audit", "link")
    verified = diem06(tmp_path, "audit", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    passed = diem06(tmp_path, "report", "verify", str(report), check=False)
    assert passed.returncode == 0, passed.stdout + passed.stderr
