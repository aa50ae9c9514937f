"""Long work outlives its worker: `diem06 worker` is killed in the middle of a job, and another ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server import PATIENCE_SECONDS, REPOSITORY, environment

pytestmark = pytest.mark.once
NUMBERS = 40
SET_UP = """
from django.conf import settings
from diem06.core.jobs.actions import start
job = start(kind="toy.count", title="Đếm thử", by=None, at=settings.DIEM06_CLOCK(), arguments={arguments})
print(job.pk)
"""
STATE = """
from diem06.core.jobs.models import Job
job = Job.objects.get()
print(job.state, job.attempts, job.done, job.total)
"""


def of_the_tests(data: Path) -> dict[str, str]:
    """The settings of the tests know the toy kinds of work."""
    return environment(data) | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(REPOSITORY)}


def run(data: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    ended = subprocess.run(command, cwd=REPOSITORY, env=of_the_tests(data), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def python(data: Path, code: str) -> str:
    return run(data, "-c", f"import django\ndjango.setup()\n{code}")


def worker(data: Path) -> subprocess.Popen[bytes]:
    """Start the product's worker; it polls often, so that nobody waits for it."""
    command = [sys.executable, "-m", "django", "worker", "--interval", "0.1", "--no-startup-delay", "--verbosity", "0"]
    return subprocess.Popen(command, cwd=REPOSITORY, env=of_the_tests(data))


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_kill_9_of_the_worker_in_the_middle_of_a_job(copy_migrated: Callable[[Path], Path], tmp_path: Path) -> None:
    """The next worker begins it anew, does not repeat what is there already, and ends it; it is told once."""
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    copy_migrated(tmp_path)
    arguments = {"folder": str(numbers), "to": NUMBERS, "pause": 0.1}
    python(tmp_path, SET_UP.format(arguments=arguments))

    first = worker(tmp_path)
    wait_until(lambda: len(list(numbers.iterdir())) >= 5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    by_the_first = len(list(numbers.iterdir()))
    assert by_the_first < NUMBERS, "it was killed in the middle"
    assert python(tmp_path, STATE).startswith("running 1 "), "the dead worker left it so"

    second = worker(tmp_path)
    try:
        wait_until(lambda: len(list(numbers.iterdir())) == NUMBERS)
        wait_until(lambda: python(tmp_path, STATE).startswith("done"))
    finally:
        second.terminate()
        second.wait(PATIENCE_SECONDS)

    assert python(tmp_path, STATE).split() == ["done", "2", str(NUMBERS), str(NUMBERS)]
    by_attempt = [int(file.read_text()) for file in numbers.iterdir()]
    assert by_attempt.count(1) == by_the_first
    assert by_attempt.count(2) == NUMBERS - by_the_first
