"""
Twenty desks send scans while the server is killed (SIGKILL) again and again; afterwards every acknowledged scan is there, once.

Each desk does what the app does: it numbers its events, sends one or a few, and sends the same again until it has a receipt. Prints
the counts; returns 1 if an acknowledged scan is lost or stored twice, a number is missing, or the audit chain does not hold.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.device import Key, Line, event, written
from tests.server import Server, diem06, python

DESKS = 20
SECONDS = 90
KILL_EVERY = 12.0
MOST_IN_A_BATCH = 20
DONE = (HTTPStatus.OK, HTTPStatus.CREATED)
ENROL = """
import json
from django.conf import settings
from diem06.desk.actions import add_device
from diem06.desk.queries import service_points
now = settings.DIEM06_CLOCK()
points = [place for place, term in service_points(None, on=now.date())]
keys = {keys!r}
devices = [
    add_device(place=points[number % len(points)], key=key, name=f"soak {{number}}", at=now, by=None).code
    for number, key in enumerate(keys)
]
print(json.dumps([now.isoformat(), devices]))
"""
STORED = """
import json
from collections import Counter
from diem06.core.audit.models import Entry
from diem06.desk.models import Device, Event
from diem06.desk.queries import gaps_of
devices = {{device.code: device for device in Device.objects.filter(code__in={codes!r})}}
entries = Counter(Entry.objects.filter(action="desk_event.receive").values_list("object_id", flat=True))
events = Event.objects.filter(device__in=devices.values())
print(json.dumps({{
    "events": {{str(pk): [code, sequence] for pk, code, sequence in events.values_list("pk", "device__code", "sequence")}},
    "gaps": {{code: len(gaps_of(device)) for code, device in devices.items()}},
    "twice": sum(1 for count in entries.values() if count != 1),
    "without_entry": sum(1 for pk in events.values_list("pk", flat=True) if str(pk) not in entries),
    "records_twice": sum(count - 1 for count in Counter(
        record for record in events.filter(act="count_in").exclude(record="").values_list("record", flat=True)).values()),
}}))
"""


@dataclass
class Site:
    """The server as it is now; it is another one after each kill."""

    data: Path
    server: Server
    kills: int = 0
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def kill_and_serve_again(self) -> None:
        self.server.kill()
        self.kills += 1
        self.server = Server(self.data)


@dataclass
class Desk:
    """One device and what it knows: its queue, and what was acknowledged."""

    number: int
    key: Key
    code: str
    ahead: timedelta
    sequence: int = 0
    queue: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    faults: list[str] = field(default_factory=list)

    def work(self, site: Site) -> None:
        """Scan and send until it is over, then send what is left."""
        chance, line, url = random.Random(self.number), None, ""
        while self.queue or not site.is_over:
            if not site.is_over and len(self.queue) < MOST_IN_A_BATCH:
                self._scan(chance)
            if line is None or url != site.server.url:
                url = site.server.url
                line = Line(url, key=self.key, code=self.code)
                line.ahead = self.ahead
            try:
                self._send(line, chance)
            except OSError:
                line = None
                time.sleep(0.2)  # as the app: it tries again a little later

    def _scan(self, chance: random.Random) -> None:
        for _each in range(chance.randint(1, 3)):
            self.sequence += 1
            self.queue.append(
                event(
                    self.sequence,
                    "count_in",
                    occurred_at=written(datetime.now(UTC) + self.ahead),
                    count=chance.randint(1, 4),
                )
            )

    def _send(self, line: Line, chance: random.Random) -> None:
        part = self.queue[: chance.choice((1, 1, MOST_IN_A_BATCH))]
        if len(part) == 1:
            status, receipt = line.call("PUT", f"/desk/api/events/{part[0]['id']}/", part[0])
            receipts = [{**(receipt or {}), "http": status}]
        else:
            status, answer = line.call(
                "POST", "/desk/api/events/", {"queue": {"length": len(self.queue)}, "events": part}
            )
            if status != HTTPStatus.OK:
                self.faults.append(f"{self.code}: a batch was answered {status}")
                return
            receipts = answer["receipts"]
        for sent, receipt in zip(part, receipts, strict=True):
            if receipt["http"] in DONE:
                self.acknowledged[sent["id"]] = sent["sequence"]
                self.repeated += receipt["http"] == HTTPStatus.OK
                self.queue.remove(sent)
            else:
                self.faults.append(
                    f"{self.code}: {sent['sequence']} was answered {receipt['http']} {receipt.get('code')}"
                )


def main() -> int:
    """Soak, check, print."""
    with tempfile.TemporaryDirectory(prefix="diem06-soak-") as folder:
        data = Path(folder)
        diem06(data, "demo", "--no-serve", "--months", "1")
        said, is_good = soak(data, desks=DESKS, seconds=SECONDS, kill_every=KILL_EVERY)
    print(said)
    return 0 if is_good else 1


def soak(data: Path, *, desks: int, seconds: float, kill_every: float) -> tuple[str, bool]:
    """Wear out the diem06 in `data`; return what was found, and whether it is as it should be."""
    keys = [Key() for _each in range(desks)]
    now, codes = json.loads(python(data, ENROL.format(keys=[key.public for key in keys])))
    ahead = datetime.fromisoformat(now) - datetime.now(UTC)
    working = [Desk(number, key, code, ahead) for number, (key, code) in enumerate(zip(keys, codes, strict=True))]
    site = Site(data, Server(data))
    try:
        threads = [threading.Thread(target=desk.work, args=(site,)) for desk in working]
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(kill_every)
            site.kill_and_serve_again()
        site.is_over = True
        for thread in threads:
            thread.join()
    finally:
        site.is_over = True
        site.server.stop()
    diem06(data, "audit", "link")
    chain = diem06(data, "audit", "verify", check=False)
    return judged(site, working, json.loads(python(data, STORED.format(codes=codes))), chain.returncode)


def judged(site: Site, desks: list[Desk], stored: dict[str, Any], chain: int) -> tuple[str, bool]:
    """Compare what the desks were told with what is stored."""
    told = {number: [desk.code, sequence] for desk in desks for number, sequence in desk.acknowledged.items()}
    lost = sum(1 for number, where in told.items() if stored["events"].get(number) != where)
    numbered = sum(desk.sequence for desk in desks)
    gaps = sum(stored["gaps"].values())
    faults = [fault for desk in desks for fault in desk.faults]
    wrong = [lost, stored["twice"], stored["without_entry"], stored["records_twice"], gaps, chain, len(faults)]
    said = (
        f"{len(desks)} desks, {site.kills} kills: {numbered} scans, {len(told)} acknowledged, {len(stored['events'])} stored, {lost} lost, "
        f"{stored['twice'] + stored['records_twice']} twice, {stored['without_entry']} without their audit entry, {gaps} sequence gaps, "
        f"{sum(desk.repeated for desk in desks)} sent again after a kill; audit chain {'broken' if chain else 'holds'}"
    )
    is_good = not any(wrong) and numbered == len(told) == len(stored["events"]) > 0 and site.kills > 0
    return "\n".join([said, *faults[:10]]), is_good


if __name__ == "__main__":
    sys.exit(main())
