"""
Run some hundred made-up cases of the rollup on a standalone Spark cluster of two workers, and compare every cell.

    python soak/spark_rollup.py [CASES [SEED]]      by default 300 cases from seed 1

Each cell of each window is compared with what DuckDB says, and with the brute-force oracle. Needs Java (Debian's
default-jre-headless). Ends with 1 if an answer differs.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.spark import SparkRunner, session
from diem06.cube.tests.rollup_cases import Oracle, answers, request_of, seeded_cases, windows
from diem06.cube.tests.spark_cluster import SETTINGS, cluster

AT_ONCE = 60
"""Cases in one request: a run of the program takes as long for one case as for many."""


def main(count: int, seed: int) -> int:
    start = time.monotonic()
    wrong = compared = done = 0
    with cluster() as master, session(master, SETTINGS) as spark:
        print(f"cluster of two workers at {master} after {time.monotonic() - start:.0f} s", flush=True)
        while done < count:
            many = seeded_cases(seed + done, min(AT_ONCE, count - done))
            request = request_of(many)
            with SparkRunner(spark) as runner:
                found = roll_up(request, runner)
            if found != roll_up(request):
                wrong += 1
                print(f"seed {seed + done}: Spark and DuckDB differ", flush=True)
            for window in windows():
                for number, (case, answer) in enumerate(answers(many, found, window[0])):
                    compared += len(answer["sides"])
                    if answer != Oracle(case, window).answers():
                        wrong += 1
                        print(
                            f"seed {seed + done}, case {number}, window {window[0]}: not what the oracle says: {case}"
                        )
            done += len(many)
            print(f"{done} cases, {compared} cells, {time.monotonic() - start:.0f} s", flush=True)
    print(f"{done} cases, {compared} cells compared, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(300, 1)[len(given) :]))
