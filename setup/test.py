"""
Run the tests on SQLite, those of the browser included, then on a PostgreSQL server of its own; `make test`.

    python setup/test.py [pytest options]      DIEM06_TEST_PARTS=sqlite|postgresql runs one part

Ends with 1 if a part failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "--numprocesses", "2", "--durations", "10", "-q"]
PARTS = {
    "sqlite": PYTEST,
    "postgresql": [sys.executable, "setup/postgres.py", *PYTEST, "-m", "not browser and not once"],
}


def main(options: list[str]) -> int:
    wanted = os.environ.get("DIEM06_TEST_PARTS", " ".join(PARTS)).split()
    is_good = True
    # Each part is told of as the next begins: the run closes on pytest's own last line, which has the seconds too.
    before = ""
    for name in wanted:
        print(f"{before}== {name}", flush=True)
        start = time.monotonic()
        ended = subprocess.run([*PARTS[name], *options], cwd=REPOSITORY, env=_environment(name), check=False)
        before = f"== {name}: {time.monotonic() - start:.0f} s, {'failed' if ended.returncode else 'passed'}\n"
        is_good = is_good and ended.returncode == 0
    return 0 if is_good else 1


def _environment(part: str) -> dict[str, str]:
    """
    The environment of the person who runs them, but for two names.

    The address of a server that they gave is for the PostgreSQL part alone. And modules are compiled once: the tests start
    hundreds of processes, each of which would compile the whole product anew.
    """
    left_out = {"PYTHONDONTWRITEBYTECODE", *({"DIEM06_TEST_DATABASE"} if part == "sqlite" else ())}
    return {name: value for name, value in os.environ.items() if name not in left_out}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
