"""
Scans stored per second through the real endpoint, as a ratio to the bare framework of the same run.

Bare: Django with one insert per request, the same server, workers and durability (bench/bare.py). Single: one signed event per request
(event, idempotency, occupancy, audit). Batch: 50 signed events per request. SQLite with synchronous FULL, then PostgreSQL with its
fsync on. Eight devices at the demo's gates, each on a line of its own; requests are written and signed beforehand, so that the
measuring costs little. Rounds are interleaved; the median of the rates counts, times are of all rounds.

    python bench/desk.py [sqlite|postgresql] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from setup.postgres import server as postgresql  # noqa: E402
from tests.device import Key, event, written  # noqa: E402
from tests.server import Server, diem06, environment, python  # noqa: E402

LINES = 8
REQUESTS = 60  # of each line in a round
IN_A_BATCH = 50
BATCHES = 3  # of each line in a round
AIM_SINGLE, AIM_BATCH = 0.4, 5.0
ENROL = """
from datetime import datetime
from django.conf import settings
from diem06.desk.actions import add_device
from diem06.desk.queries import service_points
import json
now = settings.DIEM06_CLOCK()
points = [place for place, term in service_points(None, on=now.date())]
assert points, "no place has a service"
keys = {keys!r}
print(json.dumps([
    add_device(place=points[number % len(points)], key=key, name=f"bench {{number}}", at=now, by=None).code
    for number, key in enumerate(keys)
]))
"""
NOW = "from django.conf import settings; print(settings.DIEM06_CLOCK().isoformat())"
STORED = "from diem06.desk.models import Event; print(Event.objects.count())"


def main() -> int:
    """Measure and print. Returns 1 if an answer was wrong or a row is missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", nargs="?", choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    faults = 0
    if options.engine in (None, "sqlite"):
        faults += measure("SQLite, synchronous FULL", "", options.rounds)
    if options.engine in (None, "postgresql"):
        with postgresql(is_durable=True) as address:
            faults += measure("PostgreSQL, fsync on", address, options.rounds)
    return 1 if faults else 0


def measure(title: str, database: str, rounds: int) -> int:
    """Measure one database and print its table; return the number of faults."""
    with tempfile.TemporaryDirectory(prefix="diem06-bench-") as folder:
        data = Path(folder)
        print(f"{title}: building a demo ...", flush=True)
        prepare(data, database)
        desks = Desks(data, database)
        with serving(data, database) as server, serving_bare(data, database) as bare:
            for kind in ("bare", "single", "batch"):  # warm: caches, connections, code
                desks.run(kind, server if kind != "bare" else bare)
            desks.forget()
            for _round in range(rounds):
                for kind in ("bare", "single", "batch"):
                    desks.run(kind, server if kind != "bare" else bare)
        stored = int(python(data, STORED, database))
        print(desks.table(title))
        if desks.faults or stored < desks.sent:
            print(
                f"FAULT: {len(desks.faults)} wrong answers {desks.faults[:3]}, {stored} events stored of {desks.sent}"
            )
            return 1
    return 0


def prepare(data: Path, database: str) -> None:
    """Make the demo that is measured."""
    diem06(data, "demo", "--no-serve", "--months", "1", database=database)


@contextmanager
def serving(data: Path, database: str) -> Iterator[int]:
    """Serve the product as in production; yield its port."""
    server = Server(data, database=database)
    try:
        yield server.port
    finally:
        server.stop()


@contextmanager
def serving_bare(data: Path, database: str) -> Iterator[int]:
    """Serve the bare framework by the same gunicorn with the same workers and threads; yield its port."""
    from diem06.config.management.commands.serve import _gunicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {**environment(data, database), "DJANGO_SETTINGS_MODULE": "bare", "PYTHONPATH": str(REPOSITORY / "bench")}
    subprocess.run([sys.executable, "-c", "import bare; bare.make_table()"], env=told, check=True)
    command = ["bare:application" if word.startswith("diem06") else word for word in _gunicorn("127.0.0.1", port, 2, 4)]
    process = subprocess.Popen(command, env=told, start_new_session=True)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class Desks:
    """Eight devices, what they sent, and how long the answers took."""

    def __init__(self, data: Path, database: str) -> None:
        self.keys = [Key() for _each in range(LINES)]
        self.codes = json.loads(python(data, ENROL.format(keys=[key.public for key in self.keys]), database))
        self.ahead = datetime.fromisoformat(python(data, NOW, database).strip()) - datetime.now(UTC)
        self.sequence = [0] * LINES
        self.random = random.Random(6)
        self.rates: dict[str, list[float]] = {}
        self.times: dict[str, list[float]] = {}
        self.sent = 0
        self.faults: list[str] = []

    def forget(self) -> None:
        """Forget the rounds so far: they warmed up."""
        self.rates, self.times = {}, {}

    def run(self, kind: str, port: int) -> None:
        """Run one round of a kind: all lines at once, each with its requests one after another."""
        requests = [self._requests(kind, line, port) for line in range(LINES)]
        scans = sum(len(each) for each in requests) * (IN_A_BATCH if kind == "batch" else 1)
        start, barrier = [0.0], threading.Barrier(LINES + 1)
        threads = [threading.Thread(target=self._line, args=(kind, each, port, barrier)) for each in requests]
        for thread in threads:
            thread.start()
        barrier.wait()
        start[0] = time.perf_counter()
        for thread in threads:
            thread.join()
        self.rates.setdefault(kind, []).append(scans / (time.perf_counter() - start[0]))
        if kind != "bare":
            self.sent += scans

    def _line(self, kind: str, requests: list[bytes], port: int, barrier: threading.Barrier) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            barrier.wait()
            took = []
            for request in requests:
                began = time.perf_counter()
                line.sendall(request)
                answer = _answer(line)
                took.append(time.perf_counter() - began)
                if fault := _fault(kind, answer):
                    self.faults.append(fault)
        self.times.setdefault(kind, []).extend(took)

    def _requests(self, kind: str, line: int, port: int) -> list[bytes]:
        if kind == "bare":
            body = json.dumps(self._event(line, counts=False)).encode()
            return [_request("POST", "/insert/", body, {}, port)] * REQUESTS
        if kind == "single":
            return [
                self._signed(line, "PUT", event, port) for event in (self._event(line) for _each in range(REQUESTS))
            ]
        return [
            self._signed(
                line,
                "POST",
                {"queue": {"length": IN_A_BATCH}, "events": [self._event(line) for _each in range(IN_A_BATCH)]},
                port,
            )
            for _batch in range(BATCHES)
        ]

    def _signed(self, line: int, method: str, sent: dict, port: int) -> bytes:
        body = json.dumps(sent).encode()
        path = f"/desk/api/events/{sent['id']}/" if method == "PUT" else "/desk/api/events/"
        headers = self.keys[line].headers(self.codes[line], method, path, body, at=datetime.now(UTC) + self.ahead)
        return _request(method, path, body, headers, port)

    def _event(self, line: int, *, counts: bool = True) -> dict:
        if counts:
            self.sequence[line] += 1
        act = self.random.choice(("enter", "enter", "leave"))
        return event(
            max(self.sequence[line], 1),
            act,
            occurred_at=written(datetime.now(UTC) + self.ahead),
            read={"how": "card_qr", "raw": self._card()},
        )

    def _card(self) -> str:
        """Return what stands in the QR of a made-up person's card."""
        is_man, born = self.random.random() < 0.5, date(1950, 1, 1) + timedelta(days=self.random.randrange(20_000))
        century = (0 if born.year < 2000 else 2) + (0 if is_man else 1)
        number = f"024{century}{born.year % 100:02d}{self.random.randrange(10**6):06d}"
        name = "Nguyễn Văn Thử" if is_man else "Trần Thị Mẫu"
        sex = "Nam" if is_man else "Nữ"
        return f"{number}||{name}|{born:%d%m%Y}|{sex}|Thôn Đông, Nghĩa Phương, Lục Nam, Bắc Giang|14082021"

    def table(self, title: str) -> str:
        """Return what was measured, as text."""
        rows = [f"{title}", f"{'':<8}{'scans/s':>9}{'ratio':>8}{'aim':>6}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"]
        bare = statistics.median(self.rates["bare"])
        for kind, aim in (("bare", None), ("single", AIM_SINGLE), ("batch", AIM_BATCH)):
            rate = statistics.median(self.rates[kind])
            ratios = [ours / theirs for ours, theirs in zip(self.rates[kind], self.rates["bare"], strict=True)]
            times = sorted(1000 * each for each in self.times[kind])
            shares = [times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95, 0.99)]
            rows.append(
                f"{kind:<8}{rate:>9.0f}{statistics.median(ratios):>8.2f}{aim or '':>6}"
                + "".join(f"{each:>9.1f}" for each in shares)
            )
        rows.append(f"(one bare insert is 1; {bare:.0f} a second)")
        return "\n".join(rows)


def _request(method: str, path: str, body: bytes, headers: dict[str, str], port: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _answer(line: socket.socket) -> bytes:
    content = b""
    while b"\r\n\r\n" not in content:
        piece = line.recv(65536)
        if not piece:
            return content
        content += piece
    head, _blank, body = content.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def _fault(kind: str, answer: bytes) -> str:
    status = answer[9:12]
    if status != (b"200" if kind == "batch" else b"201"):
        return answer[:200].decode(errors="replace")
    if kind == "batch" and answer.count(b'"http": 201') != IN_A_BATCH:
        return answer[-300:].decode(errors="replace")
    if kind != "bare" and b'"rejected"' in answer:
        return answer[-300:].decode(errors="replace")
    return ""


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
    sys.exit(main())
