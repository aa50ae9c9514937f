"""
The rollup against DuckDB SQL written by hand for the same cells: 36 months, 220 areas, 40 lines, made-up skewed facts.

    python bench/cube_sql.py [FACTS [RUNS]]      by default 2,000,000 facts, 3 runs of each in turn

Both read the same Parquet files with two threads, and give every (month, side, area) for everybody and for each unit. The
results are compared cell by cell; ends with 1 if they differ.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from diem06.cube.engine.request import FACTS, CoverageRow, Pairing, Request, SourceRow, Span, TermRow
from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner, in_files

DISTRICTS, COMMUNES, MONTHS, PEOPLE = 10, 209, 36, 200_000
FLOWS = tuple(f"flow_{number:02}" for number in range(14))
STOCKS = tuple(f"stock_{number}" for number in range(3))
COUNTS = tuple(f"people_{number}" for number in range(3))
FIRST_YEAR = 2023
SINCE = date(2020, 1, 1)


def months() -> Iterator[tuple[str, date, date]]:
    """Yield code, first and last day."""
    for number in range(MONTHS):
        first = date(FIRST_YEAR + number // 12, number % 12 + 1, 1)
        after = date(FIRST_YEAR + (number + 1) // 12, (number + 1) % 12 + 1, 1)
        yield f"{first:%Y-%m}", first, after - timedelta(days=1)


def make_facts(folder: Path, count: int) -> tuple[str, ...]:
    """Write a file per measure. A few communes, people and offices have most of the facts, and most facts are recent."""
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2; SET preserve_insertion_order = false")
        engine.execute("SELECT setseed(0.6)")
        share = {
            **dict.fromkeys(FLOWS, 0.6 / len(FLOWS)),
            **dict.fromkeys(STOCKS, 0.1 / 3),
            **dict.fromkeys(COUNTS, 0.1),
        }
        files = []
        for measure, part in share.items():
            kind = measure.split("_")[0]
            path = folder / f"{measure}.parquet"
            engine.execute(
                f"""
                COPY (
                    SELECT '{measure}' AS measure, 'records' AS source,
                           CAST(DATE '{FIRST_YEAR}-01-01' + CAST(floor({MONTHS * 30} * sqrt(random())) AS INTEGER) AS DATE) AS day,
                           TIMESTAMPTZ '2023-01-01 00:00:00+00' + to_seconds(i) AS recorded_at,
                           CAST(24000 + c AS VARCHAR) AS area, DATE '{SINCE}' AS area_valid_from,
                           'ubnd-' || CAST(24000 + c AS VARCHAR) || CASE WHEN u < 0.2 THEN '-b' ELSE '-a' END AS unit,
                           CASE WHEN u < 0.5 THEN '' ELSE 'gate:' || CAST(c AS VARCHAR) END AS place,
                           CASE WHEN o < 0.45 THEN 'channel=online' ELSE 'channel=desk' END
                               || CASE WHEN s < 0.5 THEN ';sex=f' ELSE ';sex=m' END AS dimensions,
                           {"sha256(CAST(p AS VARCHAR))[1:40]" if kind == "people" else "''"} AS entity,
                           CAST(CASE WHEN '{kind}' = 'flow' THEN 1 + floor(9 * pow(random(), 3)) ELSE 1 END AS BIGINT) AS value,
                           CAST(CASE WHEN '{kind}' = 'stock' THEN p ELSE i END AS VARCHAR) AS record, CAST(1 AS BIGINT) AS n
                    FROM (
                        SELECT i, CAST(floor({COMMUNES} * pow(random(), 2.5)) AS INTEGER) AS c, random() AS u, random() AS o,
                               random() AS s, CAST(floor({PEOPLE} * pow(random(), 2)) AS INTEGER) AS p
                        FROM range({round(count * part)}) r(i)
                    ) made
                    ORDER BY day
                ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
                """
            )
            files.append(str(path))
    return tuple(files)


def areas() -> dict[str, str]:
    """Return the parent of each area, empty for the province."""
    districts = {f"24{number:02}": "24" for number in range(DISTRICTS)}
    return {"24": "", **districts, **{str(24000 + n): f"24{n % DISTRICTS:02}" for n in range(COMMUNES)}}


def terms() -> Iterator[TermRow]:
    online, women = (("channel", ("online",)),), (("channel", ("online",)), ("sex", ("f",)))
    for measure in (*FLOWS, *STOCKS, *COUNTS):
        for number, where in enumerate((online, women)):
            yield TermRow(part=f"{measure}/{number}", side="num", sign=1, measure=measure, where=where)
            yield TermRow(part=f"{measure}/{number}", side="den", sign=1, measure=measure, where=())


def request(files: tuple[str, ...]) -> Request:
    parent = areas()
    closure = []
    for area in parent:
        above = area
        while above:
            closure.append((area, above))
            above = parent[above]
    kinds = {**dict.fromkeys(FLOWS, "flow"), **dict.fromkeys(STOCKS, "stock"), **dict.fromkeys(COUNTS, "distinct")}
    level = {2: "province", 4: "district", 5: "commune"}
    all_terms = tuple(terms())
    return Request(
        facts=FACTS.empty_table(),
        files=files,
        sources=(SourceRow(code="records", rank=0, is_record_stock=True, carries=False),),
        kinds=kinds,
        terms=all_terms,
        root="24",
        spans=tuple(
            Span(
                code=code,
                first_day=first,
                last_day=last,
                stock_from=first,
                is_period=True,
                closure=tuple(closure),
                levels={area: level[len(area)] for area in parent},
                coverage=tuple(CoverageRow(source="records", measure=code, area="", unit="") for code in kinds),
                pairing={term.part: Pairing.CELL for term in all_terms if kinds[term.measure] != "distinct"},
            )
            for code, first, last in months()
        ),
    )


def by_program(files: tuple[str, ...]) -> pa.Table:
    with DuckDBRunner(threads=2) as runner:
        cells = rolled(request(files), runner).named_cells()
    sides = pc.binary_join_element_wise(cells["part"], cells["side"], " ")
    return pa.table(
        {"month": cells["window"], "side": sides, "area": cells["area"], "who": cells["who"], "value": cells["value"]}
    )


def by_hand(files: tuple[str, ...]) -> pa.Table:
    """
    Leaf first, then up the tree; masks for people; stocks as what came and went.

    It knows what the program must find out: one source that holds all, so nothing is silenced or left unpaired.
    """
    of = {kind: [file for file in files if f"/{kind}_" in file] for kind in ("flow", "stock", "people")}
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": "false"}) as engine:
        parent = areas()
        rows = [(area, up or None) for area, up in parent.items()]
        engine.execute("CREATE TEMP TABLE tree (area VARCHAR, parent VARCHAR)")
        engine.executemany("INSERT INTO tree VALUES (?, ?)", rows)
        engine.execute(
            """
            CREATE TEMP TABLE up AS
            SELECT area, area AS above FROM tree UNION ALL SELECT area, parent FROM tree WHERE parent IS NOT NULL
            UNION ALL SELECT t.area, p.parent FROM tree t JOIN tree p ON p.area = t.parent WHERE p.parent IS NOT NULL
            """
        )
        engine.execute("CREATE TEMP TABLE m (month DATE)")
        engine.executemany("INSERT INTO m VALUES (?)", [(first,) for _code, first, _last in months()])
        last = max(day for _code, _first, day in months())
        engine.execute(
            f"""
            CREATE TEMP TABLE flow AS
            SELECT measure, date_trunc('month', day) AS month, area, unit, SUM(value) AS den,
                   SUM(value) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
                   SUM(value) FILTER (dimensions = 'channel=online;sex=f') AS num1
            FROM {in_files(of["flow"])} WHERE day <= DATE '{last}' GROUP BY ALL
            """
        )
        engine.execute(
            f"""
            CREATE TEMP TABLE delta AS
            WITH s AS (
                SELECT measure, date_trunc('month', day) AS month, area, unit, dimensions, value,
                       lead(date_trunc('month', day)) OVER (PARTITION BY measure, record ORDER BY day, recorded_at) AS next
                FROM {in_files(of["stock"])} WHERE day <= DATE '{last}'),
            d AS (
                SELECT measure, month, area, unit, dimensions, value, 1 AS n FROM s WHERE next IS NULL OR next > month
                UNION ALL SELECT measure, next, area, unit, dimensions, -value, -1 FROM s WHERE next > month)
            SELECT measure, month, area, unit, SUM(value) AS den, SUM(n) AS n,
                   SUM(value) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
                   SUM(n) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS n0,
                   SUM(value) FILTER (dimensions = 'channel=online;sex=f') AS num1,
                   SUM(n) FILTER (dimensions = 'channel=online;sex=f') AS n1
            FROM d GROUP BY ALL
            """
        )
        engine.execute(
            """
            CREATE TEMP TABLE leaf AS
            SELECT measure, month, area, unit, den, COALESCE(num0, 0) AS num0, COALESCE(num1, 0) AS num1,
                   num0 IS NOT NULL AS has0, num1 IS NOT NULL AS has1 FROM flow
            UNION ALL
            SELECT d.measure, m.month, d.area, d.unit, SUM(den), COALESCE(SUM(num0), 0), COALESCE(SUM(num1), 0),
                   COALESCE(SUM(n0), 0) > 0, COALESCE(SUM(n1), 0) > 0
            FROM delta d JOIN m ON m.month >= d.month GROUP BY d.measure, m.month, d.area, d.unit HAVING SUM(n) > 0
            """
        )
        masks = ", ".join(
            f"bit_or(CASE WHEN measure = '{code}' THEN 4 + CASE WHEN dimensions LIKE 'channel=online%' THEN 2 ELSE 0 END"
            f" + CASE WHEN dimensions = 'channel=online;sex=f' THEN 1 ELSE 0 END ELSE 0 END << {3 * number})"
            for number, code in enumerate(COUNTS)
        )
        engine.execute(
            f"""
            CREATE TEMP TABLE p2 AS
            SELECT month, area, unit, entity, {" | ".join(f"m{n}" for n in range(len(COUNTS)))} AS mask FROM (
                SELECT date_trunc('month', day) AS month, area, unit, entity, {
                masks.replace("), bit_or", ") AS m0, bit_or", 1).replace("), bit_or", ") AS m1, bit_or", 1)
            } AS m2
                FROM {in_files(of["people"])} WHERE day <= DATE '{last}' GROUP BY ALL)
            """
        )
        for below, here in ((2, 1), (1, 0)):
            engine.execute(
                f"""CREATE TEMP TABLE p{here} AS SELECT month, t.parent AS area, unit, entity, bit_or(mask) AS mask
                FROM p{below} p JOIN tree t USING (area) GROUP BY ALL"""
            )
        people = " UNION ALL ".join(
            f"SELECT month, area, unit AS who, {_bits()} FROM p{level} GROUP BY ALL UNION ALL "
            f"SELECT month, area, '' AS who, {_bits()} FROM (SELECT month, area, entity, bit_or(mask) AS mask FROM p{level} "
            "GROUP BY ALL) GROUP BY ALL"
            for level in (2, 1, 0)
        )
        engine.execute(f"CREATE TEMP TABLE wide AS {people}")
        people_long = " UNION ALL ".join(
            f"SELECT month, '{code}/{part} {side}' AS side, area, who, b{3 * number + bit} AS value FROM wide"
            f" WHERE b{3 * number + bit} > 0 OR who = ''"
            for number, code in enumerate(COUNTS)
            for part, side, bit in ((0, "num", 1), (0, "den", 2), (1, "num", 0), (1, "den", 2))
        )
        cell = "SUM(den) AS den, SUM(num0) AS num0, SUM(num1) AS num1, bool_or(has0) AS has0, bool_or(has1) AS has1"
        engine.execute(
            f"""
            CREATE TEMP TABLE sums AS
            SELECT measure, month, above AS area, '' AS who, {cell} FROM (
                SELECT measure, month, area, {cell} FROM leaf GROUP BY ALL) JOIN up USING (area) GROUP BY ALL
            UNION ALL
            SELECT measure, month, above, unit, {cell} FROM leaf JOIN up USING (area) GROUP BY ALL
            """
        )
        # What the one source holds no fact of is zero, for everybody.
        sides = ", ".join(
            f"('{code}', '{code}/{part} {side}', '{column}')"
            for code in (*FLOWS, *STOCKS)
            for part, side, column in ((0, "num", "num0"), (0, "den", "den"), (1, "num", "num1"), (1, "den", "den"))
        )
        both = ", ".join(f"('{code}/{part} {side}')" for code in COUNTS for part in (0, 1) for side in ("num", "den"))
        return engine.sql(
            f"""
            WITH additive AS (
                SELECT s.month, v.side, s.area, s.who,
                       CASE v.col WHEN 'den' THEN den WHEN 'num0' THEN num0 ELSE num1 END AS value
                FROM sums s JOIN (VALUES {sides}) v(measure, side, col) USING (measure)
                WHERE who = '' OR v.col = 'den' OR (v.col = 'num0' AND has0) OR (v.col = 'num1' AND has1)),
            every AS (
                SELECT month, side, area FROM m, tree,
                    (SELECT side FROM (VALUES {both}, {_only(sides)}) v(side)) v),
            found AS (SELECT * FROM additive UNION ALL {people_long})
            SELECT strftime(month, '%Y-%m') AS month, side, area, who, CAST(value AS BIGINT) AS value FROM found
            UNION ALL
            SELECT strftime(e.month, '%Y-%m'), e.side, e.area, '', 0
            FROM every e ANTI JOIN (SELECT * FROM found WHERE who = '') f USING (month, side, area)
            """
        ).to_arrow_table()


def _bits() -> str:
    return ", ".join(f"count(CASE WHEN mask & {1 << bit} <> 0 THEN 1 END) AS b{bit}" for bit in range(9))


def _only(sides: str) -> str:
    """Keep the second word of each row."""
    return ", ".join(f"({row.split(', ')[1]})" for row in sides.split("), ("))


def differences(one: pa.Table, other: pa.Table) -> int:
    with duckdb.connect() as engine:
        engine.register("one", one)
        engine.register("other", other)
        (row,) = engine.sql(
            """
            SELECT count(*) FROM one a FULL JOIN other b USING (month, side, area, who)
            WHERE a.value IS DISTINCT FROM b.value
            """
        ).fetchall()
    return int(row[0])


def main(count: int, runs: int) -> int:
    with tempfile.TemporaryDirectory(prefix="diem06-bench-") as folder:
        start = time.perf_counter()
        files = make_facts(Path(folder), count)
        size = sum(Path(file).stat().st_size for file in files) / 1e6
        print(f"{count:,} facts, {size:.0f} MB of Parquet, made in {time.perf_counter() - start:.1f} s", flush=True)
        spent: dict[str, list[tuple[float, float]]] = {"program": [], "by hand": []}
        wrong = 0
        for number in range(runs):
            results = {}
            for name, run in (("program", by_program), ("by hand", by_hand)):
                wall, cpu = time.perf_counter(), time.process_time()
                results[name] = run(files)
                spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
            if number == 0:
                wrong = differences(results["program"], results["by hand"])
                cells = results["program"].num_rows
                print(f"{cells:,} cells and {results['by hand'].num_rows:,} by hand, {wrong} differ", flush=True)
    median = {name: [statistics.median(each) for each in zip(*pairs, strict=True)] for name, pairs in spent.items()}
    for name, (wall, cpu) in median.items():
        print(f"{name:8} {wall:6.2f} s, {cpu:6.2f} CPU s, median of {runs}")
    wall, cpu = (a / b for a, b in zip(median["program"], median["by hand"], strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"program / by hand: {wall:.2f} in time, {cpu:.2f} in CPU; peak memory of both {peak:.0f} MB")
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(word.replace("_", "").replace(",", "")) for word in sys.argv[1:]]
    sys.exit(main(*given, *(2_000_000, 3)[len(given) :]))
