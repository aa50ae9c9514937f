"""
How long pages take, as ratios to an empty page of the same server in the same run: warm, first after a fact changed, and first of all.

Builds a demo, serves it, signs in as the standing office, a district's reporter and a department's, and asks for each page in turn, so
that all share the machine's mood. Prints p50 and p95 in milliseconds and as ratios to /health/.

    python bench/pages.py                          a demo of three months
    python bench/pages.py --records 20000000       the demo's year, and a year of a province's desks in bulk (bench/province.py)
    python bench/pages.py --data FOLDER            what an earlier run built and kept there by --keep FOLDER
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.error
from contextlib import closing
from functools import reduce
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.province import fill
from tests.server import Browser, diem06, python, serving

WARM_UP = 3
EMPTY = "empty page"
OFFICE, DISTRICT, DEPARTMENT = "thuong-truc", "bc-tan-yen", "bc-so-vhttdl"
PAGES = {
    EMPTY: (OFFICE, "/health/"),
    "dashboard": (OFFICE, "/dashboard/?period={open}"),
    "dashboard, closed": (OFFICE, "/dashboard/?period={closed}"),
    "dashboard of a unit": (DISTRICT, "/dashboard/?period={open}"),
    "briefing": (OFFICE, "/dashboard/briefing/?period={open}"),
    "living plan": (OFFICE, "/plan/?period={open}"),
    "indicators": (OFFICE, "/indicators/?period={open}"),
    "indicator": (OFFICE, "/indicators/P9/?period={open}"),
    "indicator, visits": (OFFICE, "/indicators/M6.2/?period={open}"),
    "figure": (OFFICE, "{figure P9}"),
    "figure, visits": (OFFICE, "{figure M6.2}"),
    "areas, 209 communes": (OFFICE, "/areas/?period={open}&indicator=P9&level=commune"),
    "area": (OFFICE, "/areas/219/?period={open}"),
    "two areas": (OFFICE, "/areas/compare/?a=219&b=213&period={open}"),
    "areas, map of 2025": (OFFICE, "/areas/?period={open}&indicator=P9&level=commune&map_day=2025-07-01"),
    "indicator, map of 2025": (OFFICE, "/indicators/P9/?period={open}&map_day=2025-07-01"),
    "units": (OFFICE, "/units/?period={open}"),
    "unit": (OFFICE, "/units/ubnd-tan-yen/?period={open}"),
    "reports": (OFFICE, "/reports/"),
    "queue of reports": (OFFICE, "/reports/queue/"),
    "report, open": (OFFICE, "/reports/{open}/police/"),
    "report, closed": (OFFICE, "/reports/{closed}/police/"),
    "compiling": (OFFICE, "/reports/{open}/compile/"),
    "report of a unit": (DISTRICT, "/my-work/{open}/ubnd-tan-yen/report/"),
    "my work": (DISTRICT, "/my-work/"),
    "entry": (DISTRICT, "/my-work/{open}/ubnd-tan-yen/"),
    "entry of a department": (DEPARTMENT, "/my-work/{open}/so-vhttdl/"),
    "numbers to check": (OFFICE, "/anomalies/"),
    "closings": (OFFICE, "/closing/"),
    "closing, closed": (OFFICE, "/closing/{closed}/"),
    "closing, open": (OFFICE, "/closing/{open}/"),
    "unit plans": (OFFICE, "/unit-plans/"),
    "register": (DEPARTMENT, "/pilots/heritage-sites/"),
    "site": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/"),
    "who is inside": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/live/"),
    "screen of a site": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/screen/"),
    "history, month by hour": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/history/?by=hour&{month}"),
    "history, year by day": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/history/?by=day&{days}"),
    "history, year by age": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/history/?by=age&{days}"),
    "report of a site": (DEPARTMENT, "/pilots/heritage-sites/sites/{site}/report/"),
    "traces": (OFFICE, "/pilots/heritage-sites/traces/"),
    "devices": (OFFICE, "/desk/devices/"),
    "device": (OFFICE, "/desk/devices/TB-010/"),
    "nation": (OFFICE, "/nation/"),
}
KEYS = """
import json
from diem06.core.plans.queries import loaded_plan
from diem06.cube.board import board
here = board(loaded_plan(), {window!r})
print(json.dumps({{code: here.figure(code).key for code in ("P9", "M6.2")}}))
"""
SIGN_IN = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from diem06.core.organisation.models import User
keys = {{}}
for user in User.objects.filter(username__in={names!r}):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    keys[user.username] = session.session_key
print(json.dumps(keys))
"""
"""Sessions are made beforehand: signing in has its own time, and a one-time code serves once."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--cold-rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="pages with this in their name")
    options = parser.parse_args()
    if options.data:
        measure(options.data, options)
        return
    with tempfile.TemporaryDirectory(prefix="diem06-bench-") as folder:
        data = options.keep or Path(folder)
        build(data, options.records)
        measure(data, options)


def build(data: Path, records: int) -> None:
    """Make the demo, of three months or of the year with `records` rows beside."""
    began = time.perf_counter()
    print("building a demo ...", flush=True)
    diem06(data, "demo", "--no-serve", *(() if records else ("--months", "3")))
    if records:
        print(f"filling it with {records:,} records ...", flush=True)
        print(fill(data, records=records))
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    free = shutil.disk_usage(data).free
    print(
        f"built in {time.perf_counter() - began:.0f} s: {size / 1e9:.1f} GB, {free / 1e9:.0f} GB are left", flush=True
    )


def measure(data: Path, options: argparse.Namespace) -> None:
    """Print how long each page takes: the first of all, warm, and the first after a fact of the open period changed."""
    sessions = json.loads(python(data, SIGN_IN.format(names=(OFFICE, DISTRICT, DEPARTMENT))))
    pages = {name: page for name, page in _pages(data).items() if options.only in name or name == EMPTY}
    first: dict[str, list[float]] = {}
    warm: dict[str, list[float]] = {}
    changed: dict[str, list[float]] = {}
    with serving(data, warms=True) as server:
        people = {name: Browser(server.url, session=session) for name, session in sessions.items()}
        for name, (who, url) in pages.items():
            first[name] = [_took(people[who], url)]
        for turn in range(WARM_UP + options.rounds):
            for name, (who, url) in pages.items():
                took = _took(people[who], url)
                if turn >= WARM_UP:
                    warm.setdefault(name, []).append(took)
        for _turn in range(options.cold_rounds):
            for name, (who, url) in pages.items():
                _change_a_fact(data)
                changed.setdefault(name, []).append(_took(people[who], url))
    _print(first, warm, changed)


def _print(first: dict[str, list[float]], warm: dict[str, list[float]], changed: dict[str, list[float]]) -> None:
    half, most = _percentile(warm[EMPTY], 0.5), _percentile(warm[EMPTY], 0.95)
    print(f"{'':<26}{'warm':>8}{'':>8}{'of /health/':>13}{'':>7}{'changed':>10}{'first':>9}")
    print(f"{'page':<26}{'p50 ms':>8}{'p95 ms':>8}{'p50':>13}{'p95':>7}{'p50 ms':>10}{'ms':>9}")
    for page, times in warm.items():
        of_half, of_most = _percentile(times, 0.5), _percentile(times, 0.95)
        cold, begun = _percentile(changed[page], 0.5), first[page][0]
        print(
            f"{page:<26}{of_half:>8.1f}{of_most:>8.1f}{of_half / half:>13.1f}{of_most / most:>7.1f}{cold:>10.1f}{begun:>9.1f}"
        )


def _pages(data: Path) -> dict[str, tuple[str, str]]:
    """Return who asks for which address, by name: of the last period with numbers, and of the last one that is closed."""
    with closing(sqlite3.connect(data / "diem06.sqlite3")) as db:
        closed = db.execute("SELECT period FROM cube_closing ORDER BY id DESC LIMIT 1").fetchone()[0]
        opened = db.execute(
            "SELECT p.code FROM reports_declaredvalue v JOIN plans_period p ON p.id = v.period_id ORDER BY p.code DESC LIMIT 1"
        ).fetchone()[0]
        # The busiest site of late.
        site = db.execute(
            "SELECT p.code FROM (SELECT site_id FROM heritage_sites_visit ORDER BY id DESC LIMIT 20000) v"
            " JOIN places_place p ON p.id = v.site_id GROUP BY p.code ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()[0]
    keys = json.loads(python(data, KEYS.format(window=opened)))
    words = {
        "{site}": site,
        "{open}": opened,
        "{closed}": closed,
        "{month}": f"first={closed}-01&last={closed}-28",
        "{days}": f"first={int(opened[:4]) - 1}{opened[4:]}-15&last={opened}-14",
    }
    words |= {f"{{figure {code}}}": f"/figures/{key}/" for code, key in keys.items()}
    return {
        name: (who, reduce(lambda text, word: text.replace(*word), words.items(), address))
        for name, (who, address) in PAGES.items()
    }


def _took(browser: Browser, url: str) -> float:
    """Return the milliseconds of one page."""
    start = time.perf_counter()
    try:
        browser.get(url)
    except urllib.error.HTTPError as refused:
        raise AssertionError(f"{url}: {refused}") from refused
    except TimeoutError:
        pass  # half a minute: it stands in the table
    return (time.perf_counter() - start) * 1000


def _change_a_fact(data: Path) -> None:
    """Count a change of a declared fact of the open period, as every number does that a unit types."""
    with closing(sqlite3.connect(data / "diem06.sqlite3", timeout=30)) as db, db:
        db.execute(
            "UPDATE cube_changedfacts SET changes = changes + 1, stamp = random() WHERE id ="
            " (SELECT id FROM cube_changedfacts WHERE source = 'declared' ORDER BY first_day DESC LIMIT 1)"
        )


def _percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


if __name__ == "__main__":
    main()
