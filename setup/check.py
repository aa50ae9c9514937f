"""
Everything that can be judged without running the product; `make check`.

    python setup/check.py [NAME...]      all checks, or those named

Checks run two at a time. The words of a failed one are printed whole; ends with 1 if any failed.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable

# The slowest first, so that the two lanes end together.
CHECKS: dict[str, list[str | Path]] = {
    "types": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "untranslated": [PYTHON, "setup/translations.py", "check"],
    "imports": [BIN / "lint-imports", "--no-logo"],
    "django": [BIN / "diem06", "check", "--fail-level", "WARNING"],
    "migrations": [BIN / "diem06", "makemigrations", "--check", "--dry-run"],
    "lint": [BIN / "ruff", "check", "--output-format", "concise", "."],
    "format": [BIN / "ruff", "format", "--check", "--output-format", "concise", "."],
    "translations": [PYTHON, "setup/translations.py", "merge"],
    "templates": [PYTHON, "setup/templates.py"],
}


class Outcome(NamedTuple):
    name: str
    is_good: bool
    seconds: float
    words: str


def main(names: list[str]) -> int:
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="diem06-check-") as data,
        ThreadPoolExecutor(max_workers=2) as lanes,
    ):
        environment = {**os.environ, "DIEM06_DATA": data, "DIEM06_DATABASE": "", "PYTHONUTF8": "1"}
        outcomes = list(lanes.map(lambda name: run(name, environment), names or CHECKS))
    bad = [outcome for outcome in outcomes if not outcome.is_good]
    for outcome in bad:
        print(f"-- {outcome.name}\n{outcome.words}\n")
    for outcome in outcomes:
        print(f"{'ok  ' if outcome.is_good else 'FAIL'} {outcome.name:<13} {outcome.seconds:5.1f} s")
    print(f"{len(outcomes) - len(bad)} of {len(outcomes)} checks passed in {time.monotonic() - start:.0f} s")
    return 1 if bad else 0


def run(name: str, environment: dict[str, str]) -> Outcome:
    start = time.monotonic()
    ended = subprocess.run(
        CHECKS[name],
        cwd=REPOSITORY,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(name, ended.returncode == 0, time.monotonic() - start, ended.stdout.strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
