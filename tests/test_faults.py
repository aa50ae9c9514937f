"""What was acknowledged is there: the server is killed in the middle of 200 saves."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from pathlib import Path

from tests.one_month import CELLS, PASSWORD, UNIT, VALUES
from tests.server import Browser, Server, diem06, python


def test_kill_9_during_200_saves_loses_nothing_that_was_acknowledged(one_month: Path, tmp_path: Path) -> None:
    """Every saved value is there afterwards, the audit chain verifies, and an earlier report still passes."""
    shutil.copytree(one_month, tmp_path, dirs_exist_ok=True)
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
