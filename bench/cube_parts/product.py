"""
The product's own way, on SQLite: facts in the table of a pilot, `lake refresh` of all and of one changed month, boards of 36 periods and of
one, all figures of a board, the facts behind one figure.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.closing import set_up
from tests.server import REPOSITORY, environment

RUNS = 3
CHANGED = 100
"""So many facts of the month are superseded by others, as a few days of corrections would."""
MEASURED = ("refresh all", "boards of all", "refresh one month", "board of one month", "all figures", "behind a figure")


def main(facts: int, *, is_full: bool) -> int:
    """Measure; return 1 where a month costs more than a twentieth of all and `is_full`, or where the lake says what the database does not."""
    print(f"\nThe product on SQLite: {facts:,} facts of one source over 36 months, medians of {RUNS} runs", flush=True)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in MEASURED}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="diem06-cube-product-") as folder:
        data = Path(folder)
        set_up(data, years=4)
        _of(data, "fill", str(facts))
        for _run in range(RUNS):
            for step in (
                ("refresh all", "boards of all"),
                ("change",),
                ("refresh one month", "board of one month", "all figures", "behind a figure"),
            ):
                for name in step:
                    told = _of(data, name)
                    if name in spent:
                        spent[name].append((told["wall"], told["cpu"]))
                        peaks[name] = max(peaks.get(name, 0), told["peak"])
        faults = _of(data, "check")["faults"]
    for name, pairs in spent.items():
        wall, cpu = (statistics.median(each) for each in zip(*pairs, strict=True))
        print(f"{name:24}{wall:9.3f} s {cpu:9.3f} CPU s {peaks[name]:8.0f} MB peak of the process")
    ended = 1 if faults else 0
    for fault in faults:
        print(f"WRONG {fault}")
    for whole, part in (
        (("refresh all",), ("refresh one month",)),
        (("refresh all", "boards of all"), ("refresh one month", "board of one month")),
    ):
        walls = [
            sum(statistics.median(wall for wall, _cpu in spent[name]) for name in names) for names in (part, whole)
        ]
        share = walls[0] / walls[1]
        is_good = share <= 1 / 20
        said = "met" if is_good else "MISSED"
        print(f"{' + '.join(part)} / {' + '.join(whole)}: 1/{1 / share:.1f} (aim: at most 1/20): {said}", flush=True)
        ended |= is_full and not is_good
    return int(ended)


def _of(data: Path, step: str, *words: str) -> dict:
    command = [sys.executable, __file__, step, *words]
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(REPOSITORY), str(REPOSITORY / "bench")])
    ended = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(data) | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"the product: {step} ended with {ended.returncode}")
    return json.loads(ended.stdout)


# -- in a process of the product -----------------------------------------------------------------------------------------
def step(name: str, *words: str) -> int:
    import django

    django.setup()
    # Imported before anything is measured: the cycle and the web server have been running for long.
    from cube_parts.ways import peak_of
    from diem06.cube import figures  # noqa: F401
    from diem06.cube.lake import refreshing  # noqa: F401

    if name == "refresh all":
        _no_lake()
    before, start = _cpu(), time.perf_counter()
    told = STEPS[name](*words) or {}
    wall = time.perf_counter() - start
    print(json.dumps({"wall": wall, "cpu": _cpu() - before, "peak": peak_of(os.getpid()) / 1024, **told}))
    return 0


def _fill(count: str) -> None:
    """Fill the pilot's table of daily entries: of a few communes most, of the last months most; and the counters of changes."""
    from django.db import connection, transaction

    from diem06.core.areas.queries import areas_on
    from diem06.core.plans.queries import loaded_plan
    from diem06.cube.leaves import leaf_of
    from diem06.cube.models import ChangedFacts
    from diem06.pilots.heritage_sites.models import DailyEntries

    first, last, rows = *_days(), int(count)
    plan = loaded_plan().plan
    communes = [
        (area.code, area.valid_from.isoformat())
        for area in areas_on(first).descendants(plan.area)
        if area.level == "commune"
    ]
    days, table = (last - first).days + 1, DailyEntries.objects.model._meta.db_table  # noqa: SLF001  Django's own name for it
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE commune (number INTEGER PRIMARY KEY, code TEXT, valid_from TEXT)")
        cursor.executemany("INSERT INTO commune VALUES (%s, %s, %s)", [(n, *row) for n, row in enumerate(communes)])
        # A place has one fact a day and way of counting, so there are as many places as it takes; the square makes it skewed.
        places = rows // (days * 2) + 1
        cursor.execute(
            f"""
            WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {rows - 1})
            INSERT INTO {table} (measure, source, day, recorded_at, area, area_valid_from, unit, place, dimensions, entity, value, record)
            SELECT 'site_entries', 'heritage_visits', date('{first}', '+' || (i / 2 % {days}) || ' days'), '{last} 08:00:00', c.code, c.valid_from,
                   'so-vhttdl', 'heritage_site:' || (i / {2 * days}), CASE i % 2 WHEN 0 THEN 'counted_by=scan' ELSE 'counted_by=hand' END,
                   '', 1 + i * 7919 % 97, 'heritage_day:' || (i / {2 * days}) || ':' || (i / 2 % {days})
            FROM s JOIN commune c ON c.number = (i / {2 * days}) * (i / {2 * days}) * {len(communes)} / {places * places + 1}
            """
        )
        leaves = {leaf_of(first.fromordinal(first.toordinal() + n)) for n in range(days)}
        ChangedFacts.objects.bulk_create(
            ChangedFacts(source="heritage_visits", first_day=leaf, changes=1, stamp=1) for leaf in sorted(leaves)
        )


def _change() -> None:
    """Supersede some facts of the last month by others."""
    from django.conf import settings
    from django.db import transaction

    from diem06.cube.actions import facts_changed
    from diem06.pilots.heritage_sites.models import DailyEntries

    _first, last = _days()
    at = settings.DIEM06_CLOCK()
    with transaction.atomic():
        old = list(DailyEntries.objects.current().filter(day=last).order_by("pk")[:CHANGED])
        DailyEntries.objects.filter(pk__in=[row.pk for row in old]).update(superseded_at=at)
        for row in old:
            row.pk, row.recorded_at, row.value = None, at, row.value + 1
        DailyEntries.objects.bulk_create(old)
        facts_changed(source="heritage_visits", day=last)


def _no_lake() -> None:
    import shutil

    from diem06.cube.lake import manifest

    shutil.rmtree(manifest.folder(), ignore_errors=True)


def _refresh() -> None:
    from django.conf import settings

    from diem06.cube.lake.refreshing import refresh

    refresh(at=settings.DIEM06_CLOCK())


def _boards(*, last_alone: bool) -> dict:
    from diem06.core.plans.queries import loaded_plan
    from diem06.cube.board import boards

    codes = _periods()
    return {"boards": len(boards(loaded_plan(), codes[-1:] if last_alone else codes))}


def _figures() -> dict:
    """Every figure of a board that stands: what a page reads."""
    from diem06.core.plans.queries import loaded_plan
    from diem06.cube.board import boards
    from diem06.plan.model import Level

    loaded, code = loaded_plan(), _periods()[-1]
    here = boards(loaded, [code])[code]
    before, start = _cpu(), time.perf_counter()
    count = 0
    for line in here.lines:
        for level in (Level.PROVINCE, Level.DISTRICT):
            for area in here.areas(line, level):
                here.figure(line, area=area.code, revision=1)
                count += 1
    return {"figures": count, "wall": time.perf_counter() - start, "cpu": _cpu() - before}


def _behind() -> dict:
    from diem06.core.plans.queries import loaded_plan
    from diem06.cube.behind import Behind, Choice
    from diem06.cube.board import board

    loaded = loaded_plan()
    here = board(loaded, _periods()[-1])
    code = next(line.code for line in here.lines.values() if "site_entries" in line.measures[0])
    key = here.figure(code).key
    before, start = _cpu(), time.perf_counter()
    with Behind(loaded, key) as behind:
        facts = sum(side.facts for side in behind.sums())
        assert behind.rows(Choice(), limit=100)
    return {"facts": facts, "wall": time.perf_counter() - start, "cpu": _cpu() - before}


def _check() -> dict:
    from diem06.cube.lake.checking import checks

    return {"faults": [f"{check.name}: {fault}" for check in checks() for fault in check.faults]}


def _periods() -> list[str]:
    from diem06.core.plans.queries import loaded_plan, periods

    return [period.code for period in periods(loaded_plan().plan)][:36]


def _days():
    from diem06.core.plans.queries import loaded_plan
    from diem06.plan.periods import window_of

    plan, codes = loaded_plan().plan, _periods()
    return window_of(plan, codes[0]).first_day, window_of(plan, codes[-1]).last_day


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


STEPS = {
    "fill": _fill,
    "change": _change,
    "refresh all": _refresh,
    "refresh one month": _refresh,
    "boards of all": lambda: _boards(last_alone=False),
    "board of one month": lambda: _boards(last_alone=True),
    "all figures": _figures,
    "behind a figure": _behind,
    "check": _check,
}

if __name__ == "__main__":
    sys.exit(step(*sys.argv[1:]))
