"""
Packets of five provinces on a standalone Spark cluster of two workers, compared with DuckDB cell by cell.

    python soak/nation.py [FACTS [SEED [ROWS]]]     by default some 3,000 facts in the smallest province, seed 1, and 1,000,000 rows

Makes up five provinces (each twice the one before), packs them, and rolls the packets up on both engines: a month, and a quarter of
three months. Then the same sums are
repeated for as many made-up communes as make ROWS rows of packets, to measure what a nation costs: rows, bytes and CPU seconds, on
which docs/how-to/national-instance.md reckons. Needs Java (Debian's default-jre-headless). Ends with 1 if a cell differs.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import pyarrow as pa
import pyarrow.compute as pc

from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.engine.spark import SparkRunner, session
from diem06.cube.packets.content import AreaRow, Content
from diem06.cube.packets.form import content_of, opened
from diem06.cube.packets.months import Months
from diem06.cube.packets.result import keep_facts, roll_up_window
from diem06.cube.packets.tests.made_up import MONTHS, five, lasting, packet_of
from diem06.cube.tests.spark_cluster import SETTINGS, cluster

_OF_SMALL_TESTS = ("codegen", "adaptive", "extraJavaOptions")
MEASURED = {
    **{name: value for name, value in SETTINGS.items() if not any(word in name for word in _OF_SMALL_TESTS)},
    "spark.executor.memory": "1536m",
}
"""As a real cluster compiles and plans: what the tests switch off to be quick on few rows is on."""


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print how long something took: of the clock, and of the processor in this process (a cluster's workers are others)."""
    clock, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    yield
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {time.monotonic() - clock:.1f} s, {cpu:.1f} CPU s here", flush=True)


def cpu_of_children() -> float:
    """Return the CPU seconds, so far, of every process below this one: Spark's driver, master, workers and executors."""
    ticks = os.sysconf("SC_CLK_TCK")
    above, spent = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parts = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            above[int(entry.name)] = int(parts[1])
            spent[int(entry.name)] = (int(parts[11]) + int(parts[12])) / ticks
    return sum(seconds for pid, seconds in spent.items() if os.getpid() in _ancestors(pid, above))


def _ancestors(pid: int, above: dict[int, int]) -> list[int]:
    found = []
    while pid in above and above[pid] not in found:
        pid = above[pid]
        found.append(pid)
    return found


def larger(packet: Content, rows: int) -> Content:
    """Repeat the sums of a packet for communes of their own, until it has about so many rows."""
    times = max(1, rows // packet.facts.num_rows)
    communes = [area for area in packet.areas if area.level == "commune"]
    renamed, areas = [], [area for area in packet.areas if area.level != "commune"]
    for number in range(times):
        code = pa.array([f"{area.code}{number}" for area in communes], pa.string())
        places = pc.index_in(packet.facts["area"], pa.array([area.code for area in communes], pa.string()))
        renamed.append(packet.facts.set_column(packet.facts.column_names.index("area"), "area", code.take(places)))
        areas += [AreaRow(**{**vars(area), "code": f"{area.code}{number}"}) for area in communes]
    gone = {area.code for area in communes}
    figures = tuple(figure for figure in packet.figures if figure.cell_area not in gone)
    return replace(packet, facts=pa.concat_tables(renamed), areas=tuple(areas), figures=figures, expected=())


def main(facts: int, seed: int, rows: int) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="diem06-nation-") as folder, measured("all"):
        with measured("five provinces made up and packed"):
            provinces = five(seed=seed, size=facts)
            packed = [packet_of(province) for province in provinces]
        packets = [content_of(opened(each)) for each in packed]
        for province, each, packet in zip(provinces, packed, packets, strict=True):
            print(
                f"  {packet.name}: {len(province.facts)} facts, {packet.facts.num_rows} rows and {len(each)} bytes packed"
            )
        big = [larger(packet, rows // len(packets)) for packet in packets]
        going_on = [lasting(province, seed=seed, size=facts) for province in provinces]
        quarter = [
            Months(window="2023-Q3", packets=tuple(content_of(opened(packet_of(each, month))) for month in MONTHS))
            for each in going_on
        ]
        with cluster(worker_memory="2g") as master, session(master, MEASURED) as spark:
            for name, windows in (
                ("as packed", [Months(window="2023-07", packets=(packet,)) for packet in packets]),
                ("a quarter", quarter),
                (
                    f"repeated to {sum(p.facts.num_rows for p in big)} rows",
                    [Months(window="2023-07", packets=(packet,)) for packet in big],
                ),
            ):
                files, rows_in = [], 0
                for each in windows:
                    for packet, given in each.facts():
                        file = Path(folder) / f"{name}-{packet.province}-{packet.seal.period}.parquet"
                        keep_facts(packet, file, flows_alone=packet is not each.last)
                        files.append(str(file))
                        rows_in += given.num_rows
                size = sum(Path(file).stat().st_size for file in files)
                print(f"{name}: {rows_in} rows, {size} bytes of Parquet", flush=True)
                with measured("  DuckDB"), DuckDBRunner() as runner:
                    wanted = roll_up_window(windows, runner, files=tuple(files))
                start = cpu_of_children()
                with measured("  Spark"), SparkRunner(spark) as runner:
                    found = roll_up_window(windows, runner, files=tuple(files))
                spent = cpu_of_children() - start
                differing = sum(one != other for one, other in zip(wanted.to_pylist(), found.to_pylist(), strict=True))
                wrong += differing
                print(f"  Spark's driver and workers: {spent:.1f} CPU s; {found.num_rows} figures compared, {differing} differ", flush=True)  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(3000, 1, 1_000_000)[len(given) :]))
