"""
Planted frauds (copied months, padded numbers, ghost people, late back-dating) against the rules that look for odd numbers.

Thresholds were set on seeds 1-20; the rates that count are those of seeds 101-120, which nobody tuned on. Every miss is printed. Returns
1 where fewer than 95% of the frauds are flagged or more than 2% of the honest unit-months are.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.hunting import hunt

SET_ON, JUDGED_ON = range(1, 21), range(101, 121)
LEAST_FLAGGED, MOST_ALARMED = 0.95, 0.02


def main() -> int:
    """Hunt on both, print, judge the second."""
    for name, seeds in (("thresholds were set on", SET_ON), ("rates are reported on", JUDGED_ON)):
        start = time.monotonic()
        tally = hunt(seeds)
        print(f"{name} seeds {seeds.start}-{seeds.stop - 1}, {time.monotonic() - start:.0f} s")
        print("\n".join(tally.lines()))
        for seed, fraud in tally.misses:
            print(f"  MISSED seed {seed}: {fraud.kind}, {fraud.unit}, month {fraud.month}: {fraud.how}")
    is_good = tally.share_flagged >= LEAST_FLAGGED and tally.share_alarmed <= MOST_ALARMED
    print("good" if is_good else "not good")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
