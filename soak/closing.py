"""
A process that closes one period after the other is killed (SIGKILL) at 50 random moments; after each, everything is whole.

Prints how many kills fell inside a closing; returns 1 if anything is a mixture of before and after.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.closing import kill_closings, set_up

KILLS = 50
SEED = 6


def main() -> int:
    """Soak, check, print."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="diem06-soak-") as folder:
        data = Path(folder)
        set_up(data, years=4)
        outcome = kill_closings(data, kills=KILLS, chance=random.Random(SEED))
    print(
        f"{outcome.kills} kills, {outcome.inside} of them inside a closing; {outcome.closed} periods closed; "
        f"{time.monotonic() - start:.0f} s"
    )
    for fault in outcome.faults:
        print(f"MIXTURE {fault}")
    is_good = not outcome.faults and outcome.kills == KILLS
    print("whole after each kill" if is_good else "not good")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
