"""
How long pages take, as ratios to an empty page of the same server in the same run.

Builds a demo of three months, serves it, signs in as the standing office and as a unit's reporter, and asks for each page in
turn, so that all share the machine's mood. Prints p50 and p95 in milliseconds and as ratios to /health/.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.server import Browser, diem06, python, serving

ROUNDS = 60
WARM_UP = 3
PASSWORD = "diem06-so-lieu-gia-dinh"
PAGES = {
    "empty page": ("thuong-truc", "/health/"),
    "dashboard": ("thuong-truc", "/dashboard/?period=2023-09"),
    "living plan": ("thuong-truc", "/plan/?period=2023-09"),
    "indicator": ("thuong-truc", "/indicators/P9/?period=2023-09"),
    "areas, 209 communes": ("thuong-truc", "/areas/?period=2023-09&indicator=P9&level=commune"),
    "area": ("thuong-truc", "/areas/219/?period=2023-09"),
    "two areas": ("thuong-truc", "/areas/compare/?a=219&b=213&period=2023-09"),
    "units": ("thuong-truc", "/units/?period=2023-09"),
    "unit": ("thuong-truc", "/units/ubnd-tan-yen/?period=2023-09"),
    "briefing": ("thuong-truc", "/dashboard/briefing/?period=2023-09"),
    "report preview": ("thuong-truc", "/reports/2023-09/police/"),
    "my work": ("bc-tan-yen", "/my-work/"),
    "entry": ("bc-tan-yen", "/my-work/2023-09/ubnd-tan-yen/"),
    "dashboard of a unit": ("bc-tan-yen", "/dashboard/?period=2023-09"),
}
CODE = "from diem06.core.organisation.models import User; from diem06.core.organisation.queries import totp_code; \
from datetime import datetime, UTC; print(totp_code(User.objects.get(username='thuong-truc'), datetime.now(UTC)))"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="diem06-bench-") as folder:
        data = Path(folder)
        print("building a demo of three months ...", flush=True)
        diem06(data, "demo", "--no-serve", "--months", "3")
        with serving(data) as server:
            people = {name: Browser(server.url) for name in ("thuong-truc", "bc-tan-yen")}
            for name, browser in people.items():
                browser.submit("/account/login/", login=name, password=PASSWORD)
            people["thuong-truc"].submit("/account/mfa/code/", code=python(data, CODE).strip())
            took: dict[str, list[float]] = {page: [] for page in PAGES}
            for turn in range(WARM_UP + ROUNDS):
                for page, (name, url) in PAGES.items():
                    start = time.perf_counter()
                    people[name].get(url)
                    if turn >= WARM_UP:
                        took[page].append((time.perf_counter() - start) * 1000)
    empty = _percentile(took["empty page"], 0.5), _percentile(took["empty page"], 0.95)
    print(f"{'page':<22}{'p50 ms':>9}{'p95 ms':>9}{'p50 ratio':>11}{'p95 ratio':>11}")
    for page, times in took.items():
        half, most = _percentile(times, 0.5), _percentile(times, 0.95)
        print(f"{page:<22}{half:>9.1f}{most:>9.1f}{half / empty[0]:>11.1f}{most / empty[1]:>11.1f}")


def _percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


if __name__ == "__main__":
    main()
