"""
A process that refreshes the lake again and again until it is killed: `python -m tests.refreshing DATABASE`.

For every line that it reads, a copy of it begins; its number is printed, and `gone` when it is no more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class Victims:
    """Refreshes that can be killed, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def kill_one(self, after: float) -> None:
        """Begin to refresh, and kill -9 it after so many seconds."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        pid = int(self._said())
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
        assert self._said() == "gone"

    def _said(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def victims(database: str, environment: dict[str, str]) -> Iterator[Victims]:
    """Start the process on a database of the settings in `environment`."""
    path = os.pathsep.join((str(REPOSITORY), environment.get("PYTHONPATH", "")))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.refreshing", database],
        cwd=REPOSITORY,
        env={**environment, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Victims(process)
        assert process.stdin
        process.stdin.close()


def random_waits(count: int, *, longest: float, seed: int) -> Iterator[float]:
    """Yield times to wait before a kill: often short, so that every part of a refresh is met."""
    chance = random.Random(seed)
    for _number in range(count):
        yield longest * chance.random() ** 2


def main(database: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    # Read in before the first copy begins; nothing of it has begun to work there.
    from diem06.cube.lake.refreshing import refresh

    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            while True:
                refresh(at=settings.DIEM06_CLOCK(), everything=True)
        print(pid, flush=True)  # noqa: T201
        os.waitpid(pid, 0)
        print("gone", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
