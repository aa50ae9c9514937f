"""
Each way to the cells: the program, DuckDB SQL by hand, PostgreSQL twice, polars, COUNT(DISTINCT).

A way writes (month, side, area, who, value) to a Parquet file, or, on PostgreSQL, to a table. `who` is empty for everybody, else a unit.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from string import Template

import duckdb
import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from cube_parts.facts import COUNTS, LAST_MONTH, MEASURES, Made, make_leaves, months, request
from diem06.cube.engine.request import FACTS
from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner, in_files

HERE = Path(__file__).resolve().parent
POSTGRESQL_SETTINGS = {
    "work_mem": "512MB",
    "max_parallel_workers_per_gather": "2",
    "jit": "off",
    "effective_cache_size": "8GB",
    "synchronous_commit": "off",
}
HAND_LIMIT = "12GB"
DRILLED = ("flow_03", "channel=online;sex=f", "2403")
"""The figure whose facts are looked at: a measure, dimension values, a district; in the last month."""
Windows = tuple[tuple[str, date, date], ...]


# -- the program ---------------------------------------------------------------------------------------------------------
class Writing(DuckDBRunner):
    """DuckDB that can write what it holds to a file, without bringing it all into memory."""

    def write(self, select: str, path: Path) -> None:
        self._connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def by_program(
    made: Made,
    result: Path,
    *,
    windows: Windows,
    files: tuple[str, ...] = (),
    measures: tuple[str, ...] = MEASURES,
    memory_limit: str = "",
    where: str = "TRUE",
) -> None:
    with Writing(threads=2, memory_limit=memory_limit, spill=str(made.folder / "spill")) as runner:
        found = rolled(request(made, files or made.files(), windows=windows, measures=measures), runner)
        codes, sides = found.codes, found.inputs.sides
        runner.load(
            "node_name",
            pa.table(
                {
                    "id": pa.array(range(len(codes.nodes)), pa.int64()),
                    "month": pa.array([windows[number][0] for number, _area in codes.nodes], pa.string()),
                    "area": pa.array([area for _number, area in codes.nodes], pa.string()),
                }
            ),
        )
        runner.load(
            "side_name",
            pa.table(
                {"id": pa.array(range(len(sides)), pa.int64()), "name": [f"{part} {side}" for part, side in sides]}
            ),
        )
        runner.load(
            "who_name", pa.table({"id": pa.array(range(len(codes.whos)), pa.int64()), "code": list(codes.whos)})
        )
        runner.write(
            f"""
            SELECT n.month, s.name AS side, n.area, w.code AS who, c.value
            FROM cell c JOIN node_name n ON n.id = c.node JOIN side_name s ON s.id = c.side JOIN who_name w ON w.id = c.who
            WHERE {where}
            """,
            result,
        )


def by_program_distinct(made: Made, result: Path) -> None:
    by_program(made, result, windows=months(), files=made.files("people"), measures=COUNTS)


def refreshed(made: Made, result: Path) -> None:
    """One month changed: compact it anew, bring the balances of its stocks up to date, roll its window up."""
    make_leaves(made, only=LAST_MONTH[0])
    by_program(made, result, windows=(LAST_MONTH,), files=made.leaves((LAST_MONTH[0],)))


def from_leaves(made: Made, result: Path) -> None:
    """Compact every month, add up all balances, roll all windows up: what one month's refresh is measured against."""
    make_leaves(made)
    by_program(made, result, windows=months(), files=made.leaves())


def board_by_program(made: Made, result: Path) -> None:
    """All figures of one month at two levels, from the leaves that the lake keeps."""
    by_program(
        made,
        result,
        windows=(LAST_MONTH,),
        files=made.leaves((LAST_MONTH[0],)),
        where="w.code = '' AND length(n.area) < 5",
    )


def drilled_by_program(made: Made, result: Path) -> None:
    """The facts behind one figure, out of the month's file of the measure, as the lake is read."""
    measure, dimensions, district = DRILLED
    _code, first, last = LAST_MONTH
    inside = [area for area, parent in made.parent.items() if parent == district]
    columns = [name for name in FACTS.names if name != "n"]
    days = (pc.field("day") >= first) & (pc.field("day") <= last)
    rows = ds.dataset(list(made.files(measure, (LAST_MONTH[0],))), format="parquet").to_table(
        columns=columns, filter=days
    )
    rows = rows.filter(pc.is_in(rows["area"], pa.array(inside)))
    rows = rows.filter(pc.equal(rows["dimensions"], dimensions))
    pq.write_table(rows.select(["day", "area", "unit", "value", "record"]), result)


# -- DuckDB by hand ------------------------------------------------------------------------------------------------------
def by_hand(made: Made, result: Path, *, windows: Windows, file: str = "duckdb.sql") -> None:
    first, last = windows[0][1], windows[-1][2]
    # Flows and people are read of the months asked alone, as anybody would.
    asked = tuple(code for code, _first, _last in windows) if len(windows) == 1 else ()
    files = {"flow": made.files("flow", asked), "stock": made.files("stock"), "people": made.files("people", asked)}
    with duckdb.connect(
        config={"threads": 2, "preserve_insertion_order": "false", "memory_limit": HAND_LIMIT}
    ) as engine:
        engine.execute(made.spilling)
        for name, table in _small_tables(made, windows).items():
            engine.register("given", table)
            engine.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")
            engine.unregister("given")
        named = {kind: in_files(paths) for kind, paths in files.items()}
        engine.execute(Template((HERE / file).read_text()).substitute(named, first=first, last=last, result=result))


def board_by_hand(made: Made, result: Path) -> None:
    cells = result.with_suffix(".cells")
    by_hand(made, cells, windows=(LAST_MONTH,))
    duckdb.sql(f"SELECT * FROM read_parquet('{cells}') WHERE who = '' AND length(area) < 5").write_parquet(str(result))
    cells.unlink()


def drilled_by_hand(made: Made, result: Path) -> None:
    measure, dimensions, district = DRILLED
    _code, first, last = LAST_MONTH
    inside = [area for area, parent in made.parent.items() if parent == district]
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(
            f"""
            COPY (
                SELECT day, area, unit, value, record FROM {in_files(made.files(measure, (LAST_MONTH[0],)))}
                WHERE day BETWEEN DATE '{first}' AND DATE '{last}' AND dimensions = '{dimensions}' AND list_contains({inside}, area)
            ) TO '{result}' (FORMAT parquet)
            """
        )


def _small_tables(made: Made, windows: Windows) -> dict[str, pa.Table]:
    parent = made.parent
    above = []
    for area in parent:
        up = area
        while up:
            above.append((area, up))
            up = parent[up]
    return {
        "tree": pa.table({"area": list(parent), "parent": [up or None for up in parent.values()]}),
        "up": pa.table({"area": [area for area, _ in above], "above": [up for _, up in above]}),
        "m": pa.table({"month": pa.array([first for _code, first, _last in windows], pa.date32())}),
        "measure": pa.table({"code": list(MEASURES)}),
    }


# -- PostgreSQL ----------------------------------------------------------------------------------------------------------
@contextmanager
def session(address: str):
    with psycopg.connect(address, autocommit=True) as connection:
        for name, value in POSTGRESQL_SETTINGS.items():
            connection.execute(f"SET {name} = '{value}'")
        connection.execute("SET search_path = work, public")
        yield connection


def load_postgresql(made: Made, address: str) -> None:
    """Bring the facts into a table per kind, with the columns that the questions need, an index by measure and day; analysed."""
    import adbc_driver_postgresql.dbapi

    columns = "measure, day, recorded_at, area, unit, dimensions, entity, CAST(value AS INTEGER) AS value, record"
    with psycopg.connect(address, autocommit=True) as connection, duckdb.connect() as engine:
        for kind in ("flow", "stock", "people"):
            connection.execute(
                f"CREATE UNLOGGED TABLE {kind} (measure text, day date, recorded_at timestamptz, area text, unit text, "
                "dimensions text, entity text, value integer, record text)"
            )
            reader = engine.sql(f"SELECT {columns} FROM {in_files(made.files(kind))}").to_arrow_reader(200_000)
            with adbc_driver_postgresql.dbapi.connect(address) as writer, writer.cursor() as cursor:
                cursor.adbc_ingest(kind, reader, mode="append")
                writer.commit()
            connection.execute(f"CREATE INDEX ON {kind} (measure, day)")
            connection.execute(f"VACUUM ANALYZE {kind}")


def by_postgresql(made: Made, address: str, *, windows: Windows, file: str) -> int:
    """Make the cells as table `work.found`; return the server's process."""
    first, last = windows[0][1], windows[-1][2]
    with session(address) as connection:
        for name, table in _small_tables(made, windows).items():
            kinds = ", ".join(f"{field.name} {'date' if field.name == 'month' else 'text'}" for field in table.schema)
            connection.execute(f"CREATE UNLOGGED TABLE {name} ({kinds})")
            rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
            places = ", ".join(["%s"] * table.num_columns)
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
            connection.execute(f"ANALYZE {name}")
        for statement in Template((HERE / file).read_text()).substitute(first=first, last=last).split(";\n"):
            if statement.strip():
                connection.execute(statement)
        return peak_of(connection.info.backend_pid)


def peak_of(process: int) -> int:
    """Return the peak memory of a process, shared buffers that it touched included, in kB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def out_of_postgresql(address: str, select: str, result: Path) -> None:
    import adbc_driver_postgresql.dbapi

    with adbc_driver_postgresql.dbapi.connect(address) as reader, reader.cursor() as cursor:
        cursor.execute(select)
        batches = cursor.fetch_record_batch()
        with pq.ParquetWriter(result, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


FOUND = "SELECT to_char(month, 'YYYY-MM') AS month, side, area, who, value FROM work.found"
OUT = {"board": f"{FOUND} WHERE who = '' AND length(area) < 5", "drill": "SELECT * FROM work.found"}


def drilled_by_postgresql(made: Made, address: str) -> int:
    measure, dimensions, district = DRILLED
    _code, first, last = LAST_MONTH
    inside = [area for area, parent in made.parent.items() if parent == district]
    with session(address) as connection:
        connection.execute(
            "CREATE UNLOGGED TABLE found AS SELECT day, area, unit, value, record FROM flow WHERE measure = %s AND day BETWEEN %s AND %s "
            "AND dimensions = %s AND area = ANY(%s)",
            (measure, first, last, dimensions, inside),
            prepare=False,
        )
        return peak_of(connection.info.backend_pid)


# -- polars --------------------------------------------------------------------------------------------------------------
def by_polars(made: Made, result: Path, *, windows: Windows) -> None:
    """The same way in lazy frames, run by the streaming engine."""
    first, last = windows[0][1], windows[-1][2]
    asked = tuple(code for code, _first, _last in windows) if len(windows) == 1 else ()
    tables = {name: pl.from_arrow(table) for name, table in _small_tables(made, windows).items()}
    tree, up, month = (tables[name].lazy() for name in ("tree", "up", "m"))
    online, women = (
        pl.col("dimensions").str.starts_with("channel=online"),
        pl.col("dimensions") == "channel=online;sex=f",
    )
    value = pl.col("value")
    leaf_key = ["measure", "month", "area", "unit"]
    between = pl.col("day").is_between(first, last)
    flow = (
        pl.scan_parquet(made.files("flow", asked), hive_partitioning=False)
        .filter(between)
        .group_by("measure", pl.col("day").dt.truncate("1mo").alias("month"), "area", "unit")
        .agg(
            value.sum().alias("den"),
            value.filter(online).sum().alias("num0"),
            value.filter(women).sum().alias("num1"),
            online.any().alias("has0"),
            women.any().alias("has1"),
        )
    )
    states = (
        pl.scan_parquet(made.files("stock"), hive_partitioning=False)
        .filter(pl.col("day") <= last)
        .select("measure", "record", "day", "recorded_at", "area", "unit", "dimensions", "value")
        .sort("measure", "record", "day", "recorded_at")
        .with_columns(pl.col("day").dt.truncate("1mo").alias("month"))
        .with_columns(
            pl.when(
                (pl.col("measure").shift(-1) == pl.col("measure")) & (pl.col("record").shift(-1) == pl.col("record"))
            )
            .then(pl.col("month").shift(-1))
            .alias("next")
        )
        .select(*leaf_key, "dimensions", "value", "next")
    )
    came = states.filter(pl.col("next").is_null() | (pl.col("next") > pl.col("month"))).with_columns(n=pl.lit(1))
    went = states.filter(pl.col("next") > pl.col("month")).with_columns(
        month=pl.col("next"), value=-value, n=pl.lit(-1)
    )
    n = pl.col("n")
    delta = (
        pl.concat([came.drop("next"), went.drop("next")])
        .group_by(leaf_key)
        .agg(
            value.sum().alias("den"),
            value.filter(online).sum().alias("num0"),
            value.filter(women).sum().alias("num1"),
            n.sum(),
            n.filter(online).sum().alias("n0"),
            n.filter(women).sum().alias("n1"),
        )
    )
    stock = (
        delta.join_where(month.rename({"month": "until"}), pl.col("until") >= pl.col("month"))
        .group_by("measure", "until", "area", "unit")
        .agg(pl.col("den", "num0", "num1", "n", "n0", "n1").sum())
        .filter(n > 0)
        .select(
            "measure", pl.col("until").alias("month"), "area", "unit", "den", "num0", "num1",
            (pl.col("n0") > 0).alias("has0"), (pl.col("n1") > 0).alias("has1"),
        )
    )  # fmt: skip
    leaf = pl.concat([flow, stock]).collect(engine="streaming").lazy()
    sums, has = pl.col("den", "num0", "num1").sum(), pl.col("has0", "has1").any()
    up_key = ["measure", "month", pl.col("above").alias("area")]
    of_all = (
        leaf.group_by("measure", "month", "area").agg(sums).join(up, on="area").group_by(up_key).agg(sums)
        .with_columns(unit=pl.lit(""), has0=pl.lit(True), has1=pl.lit(True))
    )  # fmt: skip
    of_units = leaf.join(up, on="area").group_by([*up_key, "unit"]).agg(sums, has)
    cells = ["month", "side", "area", "who", "value"]
    additive = [
        wide.filter(pl.lit(True) if has is None else pl.col(has)).select(
            "month", (pl.col("measure") + side).alias("side"), "area", pl.col("unit").alias("who"), pl.col(column).alias("value")
        )
        for wide in (of_all.select(*leaf_key, "den", "num0", "num1", "has0", "has1"), of_units)
        for side, column, has in (
            ("/0 num", "num0", "has0"), ("/0 den", "den", None), ("/1 num", "num1", "has1"), ("/1 den", "den", None),
        )
    ]  # fmt: skip
    counted = _people_by_polars(made, asked, between, online, women, tree)
    found = pl.concat([*additive, *counted]).collect(engine="streaming").lazy()
    every = (
        month.join(tables["tree"].lazy().select("area"), how="cross")
        .join(tables["measure"].lazy(), how="cross")
        .join(pl.LazyFrame({"end": ["/0 num", "/0 den", "/1 num", "/1 den"]}), how="cross")
        .select("month", (pl.col("code") + pl.col("end")).alias("side"), "area")
        .join(found.filter(pl.col("who") == ""), on=["month", "side", "area"], how="anti")
        .with_columns(who=pl.lit(""), value=pl.lit(0, pl.Int64))
    )
    whole = pl.concat([found.select(cells), every.select(cells)]).with_columns(pl.col("month").dt.strftime("%Y-%m"))
    whole.sink_parquet(result, engine="streaming")


def _people_by_polars(made: Made, asked: tuple[str, ...], between, online, women, tree) -> list[pl.LazyFrame]:
    bits = (
        pl.when(pl.col("measure") == "people_0").then(1).when(pl.col("measure") == "people_1").then(8).otherwise(64)
    ).cast(pl.Int64) * (4 + online.cast(pl.Int64) * 2 + women.cast(pl.Int64))
    key = ["month", "area", "unit", "entity"]
    masks = pl.col("mask").bitwise_or()
    below = (
        pl.scan_parquet(made.files("people", asked), hive_partitioning=False)
        .filter(between)
        .with_columns(pl.col("day").dt.truncate("1mo").alias("month"), bits.alias("mask"))
        .group_by(key)
        .agg(masks)
        .collect(engine="streaming")
    )
    found = []
    for _level in range(3):
        all_of = below.lazy().group_by("month", "area", "entity").agg(masks).with_columns(unit=pl.lit(""))
        for rows in (
            below.lazy().select("month", "area", "unit", "mask"),
            all_of.select("month", "area", "unit", "mask"),
        ):
            counts = [((pl.col("mask") & (1 << bit)) != 0).sum().cast(pl.Int64).alias(f"b{bit}") for bit in range(9)]
            wide = rows.group_by("month", "area", "unit").agg(counts).collect(engine="streaming").lazy()
            found += [
                wide.filter((pl.col("unit") == "") | (pl.col(f"b{3 * number + bit}") > 0)).select(
                    "month",
                    pl.lit(f"{code}/{part} {side}").alias("side"),
                    "area",
                    pl.col("unit").alias("who"),
                    pl.col(f"b{3 * number + bit}").alias("value"),
                )
                for number, code in enumerate(COUNTS)
                for part, side, bit in ((0, "num", 1), (0, "den", 2), (1, "num", 0), (1, "den", 2))
            ]
        if _level < 2:
            up = (
                below.lazy()
                .join(tree, on="area")
                .select("month", pl.col("parent").alias("area"), "unit", "entity", "mask")
            )
            below = up.group_by(key).agg(masks).collect(engine="streaming")
    return found


def board_by_polars(made: Made, result: Path) -> None:
    cells = result.with_suffix(".cells")
    by_polars(made, cells, windows=(LAST_MONTH,))
    pl.scan_parquet(cells).filter((pl.col("who") == "") & (pl.col("area").str.len_bytes() < 5)).sink_parquet(result)
    cells.unlink()


def drilled_by_polars(made: Made, result: Path) -> None:
    measure, dimensions, district = DRILLED
    _code, first, last = LAST_MONTH
    inside = [area for area, parent in made.parent.items() if parent == district]
    wanted = pl.col("day").is_between(first, last) & (pl.col("dimensions") == dimensions) & pl.col("area").is_in(inside)
    rows = pl.scan_parquet(made.files(measure, (LAST_MONTH[0],)), hive_partitioning=False).filter(wanted)
    rows.select("day", "area", "unit", "value", "record").sink_parquet(result)


InFile = Callable[[Made, Path], None]
IN_FILE: dict[str, InFile] = {
    "full/program": lambda made, result: by_program(made, result, windows=months()),
    "full/hand": lambda made, result: by_hand(made, result, windows=months()),
    "full/polars": lambda made, result: by_polars(made, result, windows=months()),
    "distinct/program": by_program_distinct,
    "distinct/count": lambda made, result: by_hand(made, result, windows=months(), file="count_distinct.sql"),
    "month/leaves": from_leaves,
    "month/program": refreshed,
    "month/hand": lambda made, result: by_hand(made, result, windows=(LAST_MONTH,)),
    "month/polars": lambda made, result: by_polars(made, result, windows=(LAST_MONTH,)),
    "board/program": board_by_program,
    "board/hand": board_by_hand,
    "board/polars": board_by_polars,
    "drill/program": drilled_by_program,
    "drill/hand": drilled_by_hand,
    "drill/polars": drilled_by_polars,
}
IN_POSTGRESQL: dict[str, Callable[[Made, str], int]] = {
    "full/pg-best": lambda made, address: by_postgresql(made, address, windows=months(), file="postgresql.sql"),
    "full/pg-sets": lambda made, address: by_postgresql(
        made, address, windows=months(), file="postgresql_grouping_sets.sql"
    ),
    "month/pg-best": lambda made, address: by_postgresql(made, address, windows=(LAST_MONTH,), file="postgresql.sql"),
    "board/pg-best": lambda made, address: by_postgresql(made, address, windows=(LAST_MONTH,), file="postgresql.sql"),
    "drill/pg-best": drilled_by_postgresql,
}
