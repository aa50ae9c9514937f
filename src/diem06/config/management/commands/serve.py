"""`diem06 serve`: the web server and the task worker of a real installation, watched by one process."""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from diem06.core import access

# A request and a short task may end within this; what lasts longer is cut off.
GRACE_SECONDS = 30
# A child that lives shorter than this, so often in a row, will not come up by being started again. It is given time in between:
# after 1 s, 2 s, 4 s ... a database that restarts is there again.
SHORT_LIFE_SECONDS = 5
SHORT_LIVES = 6
FIRST_WAIT_SECONDS = 1.0
ONLY_FOR_TESTS = ["test"]
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process under watch."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    short_lives: int = field(default=0)
    start_again_at: float | None = None  # dead, and waiting for its next start

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl+C reaches it only through its parent."""
        self.start_again_at = None
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 -- this process has one thread
        )

    @property
    def is_dead(self) -> bool:
        """Whether it has ended without being noted yet."""
        return self.start_again_at is None and self.process is not None and self.process.poll() is not None

    def note_death(self) -> float:
        """Count how often in a row it died young, and return the seconds to wait: none for one that has lived for a while."""
        now = time.monotonic()
        is_young = now - self.started_at < SHORT_LIFE_SECONDS
        self.short_lives = self.short_lives + 1 if is_young else 0
        wait = FIRST_WAIT_SECONDS * 2 ** (self.short_lives - 1) if self.short_lives else 0.0
        self.start_again_at = now + wait
        return wait

    def stop(self, until: float) -> None:
        """Wait for its end until `until`, then end it and what it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Command(BaseCommand):
    """Exit codes: 0 stopped by a signal; 1 a part of it kept dying; 2 the database, or the address, is not ready."""

    help = "Serve the pages and do the long work, until SIGTERM or Ctrl+C."
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="web processes (default: %(default)s)")
        parser.add_argument("--threads", type=int, default=4, help="threads of each (default: %(default)s)")

    def handle(self, *, host: str, port: int | str, workers: int = 2, threads: int = 4, **options: Any) -> None:
        port = int(port)
        _refuse_unapplied_migrations()
        _refuse_taken_address(host, port)
        collect_static()
        # The watcher needs no database; an open file or socket of it would only be in the children's way.
        connection.close()
        children = [
            Child("web server", _gunicorn(host, port, workers, threads)),
            Child("task worker", [sys.executable, "-m", "django", "worker", "--no-reload", "--verbosity", "0"]),
            Child("cycle of months", [sys.executable, "-m", "django", "cycle", "--every", "600"]),
        ]
        watch(children, say=self.stderr.write, ready=f"Serving on http://{_shown(host)}:{port}/ (Ctrl+C stops)")


def watch(children: list[Child], *, say: Callable[[str], Any], ready: str) -> None:
    """
    Keep `children` alive until this process is told to stop; then stop them. One that dies young is started again after a while.

    CommandError (1) when one of them keeps dying young; the others are stopped too.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: told.set())
    try:
        for child in children:
            child.start()
        say(ready)
        while not told.wait(0.2):
            for child in children:
                _keep_alive(child, say)
    finally:
        for child in children:
            if child.process is not None:
                child.process.terminate()
        until = time.monotonic() + GRACE_SECONDS + 1
        for child in children:
            child.stop(until)


def _keep_alive(child: Child, say: Callable[[str], Any]) -> None:
    """Note its death, and start it again when its time has come. CommandError where it has died young too often."""
    if child.is_dead and child.process is not None:
        wait = child.note_death()
        if child.short_lives >= SHORT_LIVES:
            raise CommandError(f"{child.name} ended {SHORT_LIVES} times in a row. What it said stands above.")
        later = f" in {wait:g} s" if wait else ""
        say(f"{child.name} ended with {child.process.returncode}; starting it again{later}.")
    if child.start_again_at is not None and time.monotonic() >= child.start_again_at:
        child.start()


def collect_static() -> bool:
    """Copy static files to STATIC_ROOT if any is new or changed since the last time; say whether it did."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ONLY_FOR_TESTS):
            about = Path(storage.path(path)).stat()
            found.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == found.hexdigest():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=ONLY_FOR_TESTS)
    stamp.write_text(found.hexdigest(), encoding="utf-8")
    return True


def _gunicorn(host: str, port: int, workers: int, threads: int) -> list[str]:
    # The heartbeat file must not wait for a disk.
    memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108
    return [
        *(sys.executable, "-m", "gunicorn", "diem06.config.wsgi:application"),
        *("--bind", f"{_shown(host)}:{port}", "--worker-class", "gthread"),
        *("--workers", str(workers), "--threads", str(threads)),
        *("--timeout", "60", "--graceful-timeout", str(GRACE_SECONDS)),
        *("--log-level", "warning", "--no-control-socket"),
        *memory,
    ]


def _end_with(parent: int) -> Callable[[], None]:
    """Return what a child runs first: have the kernel end it when its parent dies, by kill -9 too (Linux)."""
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the line above.
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _refuse_unapplied_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date. Run: diem06 migrate", returncode=2)


def _refuse_taken_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does: an address whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise CommandError(
                f"Cannot listen on {_shown(host)}:{port}: {fault.strerror}. Choose another by --host and --port.",
                returncode=2,
            ) from fault


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
