"""
The cube against what else could be used: DuckDB SQL by hand, PostgreSQL, polars, COUNT(DISTINCT); and how its cost grows.

    python bench/cube.py [FACTS] [--runs N] [--peers hand,pg-best,pg-sets,polars,count] [--product FACTS]
    python bench/cube.py --full              # 20 million facts, then 100 million in 3,500 areas; some 25 minutes
    python bench/cube.py --grow 100_000_000:3500 [...]     # the program alone

36 months, 220 areas, 40 lines of 80 sides, made-up facts as skewed as real ones (`cube_parts/facts.py`); every cell of everybody and of
each unit. What is asked:

    full      every cell of 36 months, out of the facts
    distinct  the part of it that counts people
    month     every cell of one month: by the program the month is compacted anew, the balances of its records are brought up to date and
              its window is rolled up out of these (`leaves`: the same for all months, what a refresh is measured against); by the others
              out of the facts of the month, and of stocks of all months before
    board     all figures of the 40 lines in one month at province and districts: by the program out of the leaves that the lake keeps,
              by the others out of facts
    drill     the facts behind one figure

Each run is a process of its own, runs take turns, medians are told; what takes longer than 90 s is run once. DuckDB and polars
read the same Parquet files; PostgreSQL its own tables (one per kind of measure, index by measure and day, analysed, warm), the results
stay in it as an unlogged table. Two threads or workers each. Results are compared cell by cell. CPU is that of the process and its
children, for PostgreSQL of the server and all its processes; peak memory is that of the process, for PostgreSQL of the one backend with
the shared buffers that it touched.

Then the product itself on SQLite (`cube_parts/product.py`). With --full also how the program's cost grows, and rows out of the database
(`bench/extraction.py`).

Ends with 1 where results differ, or, with --full, where an aim is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from cube_parts.facts import Made, make, make_leaves, months

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "setup")]
os.environ.setdefault("POLARS_MAX_THREADS", "2")
PEERS = ("hand", "pg-best", "pg-sets", "polars", "count")
AIMS = (  # (of, against, factor, is it at most?)
    ("full/program", "full/hand", 1.3, True),
    ("full/pg-sets", "full/program", 8.0, False),
    ("full/pg-best", "full/program", 1.8, False),
    ("distinct/count", "distinct/program", 3.0, False),
    ("month/program", "month/leaves", 1 / 20, True),
)
MEMORY_LIMIT = "3500MB"
"""What DuckDB may hold at 100 million facts, so that the whole process stays under 6 GiB."""
SLOW_SECONDS = 90
"""What takes longer is run once."""
LARGEST_PROCESS_MB = 6 * 1024
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Told:
    """What the runs of one variant took."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return statistics.median(self.walls)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", nargs="?", type=_number, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", default=",".join(PEERS), help="which others; none: the program alone")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--grow", nargs="*", default=None, metavar="FACTS[:AREAS]")
    parser.add_argument(
        "--product", type=_number, default=100_000, help="facts in the product's own database; 0: leave it out"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--memory-limit", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.one:
        return one(asked.one, asked.folder, asked.memory_limit)
    if asked.grow is not None:
        return grow(asked.grow or ["1_000_000", "5_000_000"])
    peers = [peer for peer in asked.peers.split(",") if peer and peer != "none"]
    print(f"{_load()} at the beginning", flush=True)
    ended = compare(20_000_000 if asked.full else asked.facts, asked.runs, peers, is_full=asked.full)
    if asked.product or asked.full:
        from cube_parts import product

        ended |= product.main(2_000_000 if asked.full else asked.product, is_full=asked.full)
    if asked.full:
        ended |= grow(["1_000_000", "5_000_000", "20_000_000", "5_000_000:3500", "100_000_000:3500"])
        print("\nRows out of the database, by ADBC and by a cursor loop", flush=True)
        ended |= subprocess.run([sys.executable, REPOSITORY / "bench" / "extraction.py"], check=False).returncode
    print(f"{_load()} at the end", flush=True)
    return ended


# -- the program and its peers -------------------------------------------------------------------------------------------
def compare(facts: int, runs: int, peers: list[str], *, is_full: bool) -> int:
    from cube_parts import ways

    names = [name for name in (*ways.IN_FILE, *ways.IN_POSTGRESQL) if _of(name) in {*peers, "program", "leaves"}]
    names.sort(key=lambda name: (list(ORDER).index(name.split("/")[0]), _of(name) not in {"program", "leaves"}))
    told: dict[str, Told] = defaultdict(Told)
    differ = 0
    with tempfile.TemporaryDirectory(prefix="diem06-cube-") as folder, ExitStack() as held:
        made = _made(Path(folder), facts)
        address = ""
        if any(name in ways.IN_POSTGRESQL for name in names):
            from postgres import server

            address = held.enter_context(server())
            start = time.perf_counter()
            ways.load_postgresql(made, address)
            shown = ", ".join(f"{name} {value}" for name, value in ways.POSTGRESQL_SETTINGS.items())
            print(f"PostgreSQL {_version(address)} loaded in {time.perf_counter() - start:.0f} s: {shown}", flush=True)
        for number in range(runs):
            for name in names:
                if number and max(told[name].walls) > SLOW_SECONDS:
                    continue
                if name in ways.IN_POSTGRESQL:
                    spent = in_postgresql(name, made, address, keep=number == 0)
                else:
                    spent = in_process(name, made.folder)
                told[name].walls.append(spent["wall"])
                told[name].cpus.append(spent["cpu"])
                told[name].peaks.append(spent["peak"])
            if number == 0:
                differ = differences(names, made.folder)
    _print(told)
    return (1 if differ else 0) | _aims(told, is_full=is_full)


ORDER = {
    "full": "every cell of 36 months",
    "distinct": "of it, people counted",
    "month": "one month",
    "board": "all figures of a month at two levels",
    "drill": "the facts behind one figure",
}


def in_process(name: str, folder: Path, memory_limit: str = "") -> dict[str, float]:
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder), "--memory-limit", memory_limit]
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    if ended.returncode:
        raise SystemExit(f"{name} ended with {ended.returncode}")
    return json.loads(ended.stdout)


def one(name: str, folder: Path, memory_limit: str) -> int:
    """Do one variant, in this process, and print what it took."""
    from cube_parts import ways

    made = Made(**{**json.loads((folder / "made.json").read_text()), "folder": folder})
    result = folder / "results" / f"{name.replace('/', '-')}.parquet"
    before = _cpu()
    start = time.perf_counter()
    if memory_limit:
        ways.by_program(made, result, windows=months(), memory_limit=memory_limit)
    else:
        ways.IN_FILE[name](made, result)
    wall = time.perf_counter() - start
    # Not ru_maxrss: a child that was started by vfork has that of its parent.
    print(json.dumps({"wall": wall, "cpu": _cpu() - before, "peak": ways.peak_of(os.getpid()) / 1024}))
    return 0


def in_postgresql(name: str, made: Made, address: str, *, keep: bool) -> dict[str, float]:
    import psycopg
    from cube_parts import ways

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS work CASCADE")
        connection.execute("CREATE SCHEMA work")
        connection.execute("CHECKPOINT")
        (postmaster,) = [int(_status(connection.info.backend_pid, "PPid"))]
    before = _cpu_of(postmaster)
    start = time.perf_counter()
    peak = ways.IN_POSTGRESQL[name](made, address)
    wall = time.perf_counter() - start
    time.sleep(0.2)  # until the server has counted the processes that ended
    spent = {"wall": wall, "cpu": _cpu_of(postmaster) - before, "peak": peak / 1024}
    if keep:
        select = ways.OUT.get(name.split("/", maxsplit=1)[0], ways.FOUND)
        ways.out_of_postgresql(address, select, made.folder / "results" / f"{name.replace('/', '-')}.parquet")
    return spent


def differences(names: list[str], folder: Path) -> int:
    """Compare the results of those who were asked the same, row by row."""
    found = 0
    by_question: dict[str, list[str]] = defaultdict(list)
    for name in names:
        question = "full" if name == "month/leaves" else name.split("/")[0]
        by_question[question].append(name)
    with duckdb.connect(config={"threads": 2, "memory_limit": "8GB"}) as engine:
        for question, variants in by_question.items():
            first, *others = (folder / "results" / f"{name.replace('/', '-')}.parquet" for name in variants)
            rows = engine.execute(f"SELECT count(*) FROM read_parquet('{first}')").fetchone()[0]
            for other in others:
                wrong = _differing(engine, first, other)
                found += wrong
                if wrong:
                    print(f"{question}: {first.stem} and {other.stem} differ in {wrong:,} rows", flush=True)
            if not found:
                print(f"{question}: {rows:,} rows, the same by {', '.join(map(_of, variants))}", flush=True)
    return found


def _differing(engine: duckdb.DuckDBPyConnection, one: Path, other: Path) -> int:
    """Rows that are in one and not in the other, each as often as it is there."""
    columns = [row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM read_parquet('{one}')").fetchall()]
    listed = ", ".join(columns)
    (count,) = engine.execute(
        f"""
        SELECT count(*) FROM (
            SELECT {listed}, SUM(n) AS n FROM (
                SELECT {listed}, 1 AS n FROM read_parquet('{one}') UNION ALL SELECT {listed}, -1 FROM read_parquet('{other}'))
            GROUP BY {listed} HAVING SUM(n) <> 0)
        """
    ).fetchone()
    return int(count)


def _print(told: dict[str, Told]) -> None:
    print(f"\n{'':24}{'runs':>5} {'median s':>9} {'from':>7} {'to':>7} {'CPU s':>7} {'peak MB':>8} {'program = 1':>12}")
    for name, each in told.items():
        question = name.split("/")[0]
        base = told[f"{question}/program"].wall
        print(
            f"{name:24}{len(each.walls):5} {each.wall:9.2f} {min(each.walls):7.2f} {max(each.walls):7.2f} {statistics.median(each.cpus):7.2f} "
            f"{max(each.peaks):8.0f} {each.wall / base:12.2f}"
        )
    print("; ".join(f"{name}: {words}" for name, words in ORDER.items()), flush=True)


def _aims(told: dict[str, Told], *, is_full: bool) -> int:
    missed = 0
    for one, other, factor, is_most in AIMS:
        if one in told and other in told:
            ratio = told[one].wall / told[other].wall
            is_good = ratio <= factor if is_most else ratio >= factor
            missed += not is_good
            said = "met" if is_good else "MISSED"
            print(
                f"{one} / {other}: {ratio:.3g} (aim: at {'most' if is_most else 'least'} {factor:.3g}): {said}",
                flush=True,
            )
    return 1 if missed and is_full else 0


# -- how the cost grows --------------------------------------------------------------------------------------------------
def grow(sizes: list[str]) -> int:
    """The program alone at several sizes, DuckDB held to a limit of memory."""
    ended = 0
    print(
        f"\nThe program alone, DuckDB held to {MEMORY_LIMIT}\n{'facts':>12} {'areas':>6} {'cells':>12} {'s':>8} {'CPU s':>8} {'peak MB':>8} {'CPU µs/fact':>12}"
    )
    for size in sizes:
        facts, _colon, areas = size.partition(":")
        with tempfile.TemporaryDirectory(prefix="diem06-cube-") as folder:
            shape = {"districts": 34, "communes": int(areas) - 35} if areas else {}
            made = _made(Path(folder), _number(facts), says=False, **shape)
            spent = in_process("grow/program", made.folder, MEMORY_LIMIT)
            result = made.folder / "results" / "grow-program.parquet"
            cells = duckdb.execute(f"SELECT count(*) FROM read_parquet('{result}')").fetchone()[0]
            print(
                f"{made.facts:12,} {len(made.parent):6,} {cells:12,} {spent['wall']:8.1f} {spent['cpu']:8.1f} {spent['peak']:8.0f} "
                f"{spent['cpu'] / made.facts * 1e6:12.2f}",
                flush=True,
            )
            ended |= spent["peak"] > LARGEST_PROCESS_MB
    return int(ended)


def _made(folder: Path, facts: int, *, says: bool = True, **shape: int) -> Made:
    """Make the facts and their leaves, in a process of its own, so that ours stays small."""
    made = Made(folder=folder, facts=facts, **shape)
    (folder / "results").mkdir()
    (folder / "made.json").write_text(json.dumps({**asdict(made), "folder": ""}))
    start = time.perf_counter()
    _apart(lambda: make(made))
    made_in = time.perf_counter() - start
    if says:
        _apart(lambda: make_leaves(made))
        size = sum(Path(file).stat().st_size for file in made.files()) / 1e6
        leaves = sum(Path(file).stat().st_size for file in made.leaves()) / 1e6
        print(
            f"{facts:,} facts, {len(made.parent)} areas, {made.people:,} people: {size:.0f} MB of Parquet, made in {made_in:.0f} s; "
            f"{leaves:.0f} MB compacted",
            flush=True,
        )
    free = shutil.disk_usage(folder).free
    assert free > 2 * 2**30, "less than 2 GB left on the disk"
    return made


def _apart(do: Callable[[], None]) -> None:
    process = multiprocessing.get_context("fork").Process(target=do)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the facts could not be made")


# -- what was spent ------------------------------------------------------------------------------------------------------
def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def _cpu_of(postmaster: int) -> float:
    """CPU seconds of a server: its own, and of its processes, ended or not."""
    total = 0
    for process in [postmaster, *_children(postmaster)]:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(fields[place]) for place in ((11, 12, 13, 14) if process == postmaster else (11, 12)))
    return total / CLOCK_TICKS


def _children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _status(process: int, name: str) -> str:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


def _version(address: str) -> str:
    import psycopg

    with psycopg.connect(address) as connection:
        return "{}.{}".format(*divmod(connection.info.server_version, 10000))


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"


def _of(name: str) -> str:
    return name.split("/")[1]


def _number(text: str) -> int:
    return int(text.replace("_", "").replace(",", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
