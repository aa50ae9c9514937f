"""
Run every test twice: on SQLite with the browser's, then on a PostgreSQL server of its own; `make test`.

    python setup/test.py [pytest options]      DIEM06_TEST_PARTS=sqlite|postgresql runs one part

Ends with 1 if a part failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "--numprocesses", "2", "--dist", "loadgroup", "--durations", "10", "-q"]
PARTS = {
    "sqlite": PYTEST,
    "postgresql": [sys.executable, "setup/postgres.py", *PYTEST, "-m", "not browser"],
}


def main(options: list[str]) -> int:
    seconds: dict[str, float] = {}
    failed = []
    wanted = os.environ.get("DIEM06_TEST_PARTS", " ".join(PARTS)).split()
    for name in wanted:
        print(f"== {name}", flush=True)
        # The address of a server belongs to its own part.
        environment = {k: v for k, v in os.environ.items() if name != "sqlite" or k != "DIEM06_TEST_DATABASE"}
        start = time.monotonic()
        ended = subprocess.run([*PARTS[name], *options], cwd=REPOSITORY, env=environment, check=False).returncode
        seconds[name] = time.monotonic() - start
        # Said here, before the next part: the run shall close on pytest's own last line.
        print(f"== {name}: {seconds[name]:.0f} s, {'failed' if ended else 'passed'}", file=sys.stderr, flush=True)
        if ended:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
