"""
Facts of whole leaves of time as fewer facts of the same schema: what a rollup of whole leaves cannot tell apart is one row.

A leaf is half a month: from the 1st to the 14th, or from the 15th to the month's end. The law, which the tests hold:
`roll_up` of the compacted facts equals `roll_up` of the facts, for every window made of whole leaves.

    select = compact(connection, "read_parquet('…/2023-07/desk-*.parquet')", sources, kinds)
    connection.execute(f"COPY ({select}) TO '…/desk-1.parquet' (FORMAT parquet)")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from diem06.cube.engine.request import DECLARED_RANK, FACTS, SourceRow

COLUMNS = tuple(FACTS.names)
CELL = ("measure", "source", "area", "area_valid_from", "unit", "place", "dimensions")


def leaf_end(day: str) -> str:
    """Return the SQL of the last day of the leaf in which the column `day` lies."""
    return f"CASE WHEN EXTRACT(day FROM {day}) < 15 THEN CAST(date_trunc('month', {day}) AS DATE) + 13 ELSE last_day({day}) END"


def compact(
    connection: duckdb.DuckDBPyConnection, relation: str, sources: Iterable[SourceRow], kinds: Mapping[str, str]
) -> str:
    """
    Return the SELECT of the compacted facts of `relation`: the columns of FACTS in their order, rows in no order.

    `relation` is whatever may stand after FROM on `connection`: a view, a registered table, `read_parquet(…)` or a SELECT
    in brackets. It has the columns of `roster.FACT_COLUMNS`, and holds each fact once as it is known at one moment (nothing
    superseded). With a column `n` it may be compacted already. Its days may span any number of leaves, but each leaf of a
    source must be whole in it. `kinds` are the kinds of measures (flow, stock, distinct).

    * flow: rows add up by leaf, area, unit, place and dimensions, dated the last day of the leaf.
    * distinct: each entity once by leaf, area, unit, place and dimensions, dated likewise.
    * stock of records: the last state of each record in the leaf, as it is.
    * other stocks: the last day's rows in the leaf of each area, unit, place and dimensions, added up on that day.

    Facts of declared sources, of sources that are not named and of measures of unknown kind stay as they are.
    """
    given = {column[0] for column in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    records, others = _sorted_out(sources)
    by_kind = {kind: [code for code, its in kinds.items() if its == kind] for kind in ("flow", "stock", "distinct")}
    fact = ", ".join(f"f.{name}" for name in COLUMNS if name != "n")
    n = "f.n" if "n" in given else "CAST(1 AS BIGINT)"
    key = ", ".join(f"f.{name}" for name in CELL)
    counted = f"f.source IN {_listed(records + others)}"
    latest = "f.day DESC, f.recorded_at DESC, f.area_valid_from DESC, f.area DESC, f.unit DESC, f.dimensions DESC, f.value DESC"
    return f"""
    WITH f AS (SELECT {fact}, {n} AS n, {leaf_end("f.day")} AS leaf FROM {relation} f)
    SELECT {fact}, f.n FROM f
    WHERE NOT ({counted}) OR f.measure NOT IN {_listed(list(kinds))}
    UNION ALL
    SELECT f.measure, f.source, f.leaf, MAX(f.recorded_at), f.area, f.area_valid_from, f.unit, f.place, f.dimensions, '',
           CAST(SUM(f.value) AS BIGINT), '', CAST(SUM(f.n) AS BIGINT)
    FROM f WHERE {counted} AND f.measure IN {_listed(by_kind["flow"])}
    GROUP BY {key}, f.leaf
    UNION ALL
    SELECT f.measure, f.source, f.leaf, MAX(f.recorded_at), f.area, f.area_valid_from, f.unit, f.place, f.dimensions, f.entity,
           MAX(f.value), '', CAST(SUM(f.n) AS BIGINT)
    FROM f WHERE {counted} AND f.measure IN {_listed(by_kind["distinct"])}
    GROUP BY {key}, f.entity, f.leaf
    UNION ALL
    SELECT {fact}, f.n FROM f
    WHERE f.source IN {_listed(records)} AND f.measure IN {_listed(by_kind["stock"])}
    QUALIFY ROW_NUMBER() OVER (PARTITION BY f.measure, f.source, f.record, f.leaf ORDER BY {latest}) = 1
    UNION ALL
    SELECT s.measure, s.source, s.day, MAX(s.recorded_at), s.area, s.area_valid_from, s.unit, s.place, s.dimensions, '',
           CAST(SUM(s.value) AS BIGINT), '', CAST(SUM(s.n) AS BIGINT)
    FROM (
        SELECT f.* FROM f
        WHERE f.source IN {_listed(others)} AND f.measure IN {_listed(by_kind["stock"])}
        QUALIFY RANK() OVER (PARTITION BY {key}, f.leaf ORDER BY f.day DESC) = 1
    ) s
    GROUP BY {key.replace("f.", "s.")}, s.day
    """


def _sorted_out(sources: Iterable[SourceRow]) -> tuple[list[str], list[str]]:
    """Return the codes of sources whose stocks are states of records, and of the others; the declared are in neither."""
    records: list[str] = []
    others: list[str] = []
    for source in sources:
        if source.rank != DECLARED_RANK:
            (records if source.is_record_stock else others).append(source.code)
    return records, others


def _listed(codes: list[str]) -> str:
    """Write codes as the list of an IN; an empty one as the empty text, which no code is (a NULL would make NOT IN unknown)."""
    return "(" + ", ".join("'" + code.replace("'", "''") + "'" for code in codes) + ")" if codes else "('')"
