"""
How fast facts leave the database as Parquet: the lake's way (ADBC, Arrow, zstd) beside a cursor loop (fetchmany into Arrow, the same
writer), on SQLite and on PostgreSQL, two million rows each, interleaved.

    python bench/extraction.py [ROWS]        # 2000000 without a number

Both write one file of the same rows; their sums are compared. Prints medians of three runs each, and the ratio.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "setup")]
RUNS = 3
FETCHED = 10_000
AIM = 2.0
TABLE = "bench_fact"
SOURCE, MEASURE = "bench", "desk_visits"
FIRST, LAST = date(2023, 7, 1), date(2023, 7, 31)


def main(rows: int) -> int:
    """Measure both databases. Returns 1 where the aim is missed or the rows are not the same."""
    ended = 0
    with tempfile.TemporaryDirectory(prefix="diem06-extraction-") as folder:
        ended |= _of("", Path(folder) / "sqlite", rows)
        from postgres import NoServerError, server

        try:
            with server(is_durable=True) as address:
                ended |= _of(address, Path(folder) / "postgresql", rows)
        except NoServerError as fault:
            print(fault)
            ended = 1
    return ended


def _of(address: str, data: Path, rows: int) -> int:
    """Measure one database, in a process that has its settings."""
    data.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIEM06_")}
    environment |= {
        "DIEM06_DATA": str(data),
        "DIEM06_DATABASE": address,
        "DJANGO_SETTINGS_MODULE": "diem06.config.settings",
    }
    command = [sys.executable, __file__, "--measure", str(rows)]
    return subprocess.run(command, check=False, env=environment, cwd=REPOSITORY).returncode


def measure(rows: int) -> int:
    """Fill a table of facts and read it both ways, one after the other."""
    import django

    django.setup()
    from django.db import connection

    model = _model()
    _fill(model, rows)
    facts = model.objects.all().between
    ways: dict[str, Callable[[Path], None]] = {
        "lake": lambda file: _by_lake(facts, file),
        "loop": lambda file: _by_loop(facts(FIRST, LAST), file),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    file = Path(os.environ["DIEM06_DATA"]) / "facts.parquet"
    found = set()
    for _run in range(RUNS):
        for name, way in ways.items():
            start = time.perf_counter()
            way(file)
            times[name].append(time.perf_counter() - start)
            found.add(_sums(file))
    medians = {name: statistics.median(each) for name, each in times.items()}
    ratio = medians["loop"] / medians["lake"]
    told = ", ".join(
        f"{name} {median:.2f} s ({rows / median / 1000:.0f} k rows/s; {min(times[name]):.2f} to {max(times[name]):.2f})"
        for name, median in medians.items()
    )
    same = "the same rows" if len(found) == 1 else f"DIFFERENT ROWS {found}"
    print(f"{connection.vendor}: {rows} rows: {told}: {ratio:.1f} times as fast (aim {AIM:.0f}); {same}", flush=True)
    return 0 if ratio >= AIM and len(found) == 1 else 1


def _model():
    """Return a model of facts that is no app's own."""
    from diem06.core.roster.facts import FactRow

    class BenchFact(FactRow):
        class Meta:
            app_label = "cube"
            db_table = TABLE

    return BenchFact


def _fill(model, rows: int) -> None:
    """Make facts of one month as they come, day after day: 2000 areas, a pseudonym each, one in fifty superseded."""
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(model)
    columns = "measure, source, day, recorded_at, area, area_valid_from, unit, place, dimensions, entity, value, record, superseded_at"
    if connection.vendor == "sqlite":
        series = f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {rows})"
        day = f"date('2023-07-01', '+' || (i * 31 / {rows + 1}) || ' days')"
        moment = f"strftime('%Y-%m-%d %H:%M:%S', '2023-07-01 08:00:00', '+' || (i * 44640 / {rows + 1}) || ' minutes')"
        gone = "CASE WHEN i % 50 = 0 THEN '2023-08-02 03:04:05.678900' END"
        valid_from = "'2020-01-01'"
        pseudonym = "printf('%032x', i * 2654435761 % 4294967296)"
    else:
        series = f"WITH s AS (SELECT generate_series(1, {rows}) AS i)"
        day = f"DATE '2023-07-01' + CAST(CAST(i AS bigint) * 31 / {rows + 1} AS int)"
        moment = f"TIMESTAMPTZ '2023-07-01 08:00:00+00' + CAST(i AS bigint) * 44640 / {rows + 1} * INTERVAL '1 minute'"
        gone = "CASE WHEN i % 50 = 0 THEN TIMESTAMPTZ '2023-08-02 03:04:05.6789+00' END"
        valid_from = "DATE '2020-01-01'"
        pseudonym = "lpad(to_hex(CAST(i AS bigint) * 2654435761 % 4294967296), 32, '0')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{series} INSERT INTO {TABLE} ({columns}) SELECT '{MEASURE}', '{SOURCE}', {day}, {moment}, "
            f"CAST(7000 + i % 2000 AS varchar(8)), {valid_from}, 'ubnd-' || (i % 209), 'place:' || (i % 700), "
            f"'channel=' || CASE i % 3 WHEN 0 THEN 'card' WHEN 1 THEN 'hand' ELSE 'app' END, {pseudonym}, i % 5, "
            f"'visit/' || i, {gone} FROM s"
        )
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _by_lake(facts, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from diem06.cube.lake.extraction import HISTORY, snapshot

    with snapshot() as database:
        table = pa.Table.from_batches(database.history(facts, FIRST, LAST), schema=HISTORY)
        pq.write_table(table, file, compression="zstd")


def _by_loop(rows, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from diem06.cube.lake.extraction import HISTORY, as_type

    with pq.ParquetWriter(file, HISTORY, compression="zstd") as writer:
        for batch in _fetched(rows):
            columns = [pa.array(column) for column in zip(*batch, strict=True)]
            arrays = [as_type(column, field.type) for column, field in zip(columns, HISTORY, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=HISTORY))


def _fetched(rows) -> Iterator[list[tuple]]:
    """Read by the driver's own cursor; days and times of SQLite stay text and are cast as the lake does it."""
    from django.db import connection

    from diem06.core.roster import HISTORY_COLUMNS

    sql, parameters = rows.order_by().values_list(*HISTORY_COLUMNS).query.sql_with_params()
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as session:
            cursor = session.execute(sql % (("?",) * len(parameters)), parameters)
            while batch := cursor.fetchmany(FETCHED):
                yield batch
    else:
        with connection.connection.transaction(), connection.connection.cursor(name="loop") as cursor:
            cursor.itersize = FETCHED
            cursor.execute(sql, parameters)
            while batch := cursor.fetchmany(FETCHED):
                yield batch


def _sums(file: Path) -> tuple:
    import duckdb

    asked = "SELECT COUNT(*), SUM(value), SUM(hash(columns(*))) FROM read_parquet(?)"
    with duckdb.connect() as engine:
        return engine.execute(asked, [str(file)]).fetchone()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        sys.exit(measure(int(sys.argv[2])))
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 2_000_000))
