"""
Stocks of records added up at the end of each leaf: a rollup of one window then reads the balances of its last leaves, not every
record's history.

A balance is what the records of a (measure, area, unit, place, dimensions) are worth at the end of a leaf. It comes as a fact of the
same schema whose `record` names that cell, so the program reads it like the state of any record: it stays until the next one of the
same name. The law, which the tests hold: `roll_up` of the balances equals `roll_up` of the records, for every window of whole leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from diem06.cube.engine.compact import CELL, leaf_end
from diem06.cube.leaves import leaves_of, month_after

_CELL = ", ".join(CELL)
_NAME = "concat_ws('|', length(area), length(unit), length(place), area, area_valid_from, unit, place, dimensions)"
"""Names a cell so that no two share a name, whatever their texts hold."""


def balances(months: Iterable[str], changed: str, earlier: str, before: str) -> str:
    """
    Return the SELECT of the balances of `months`, in no order: the columns of FACTS, and `month`.

    `changed`, `earlier` and `before` are what may stand after FROM in DuckDB, with the columns of FACTS. Of one source:
    `changed` are the last states of records in each leaf, as `compact` leaves them, of `months`, and `earlier` those of all
    months before; `before` are the balances of the last of these (both are empty where there is none).

    Of each cell: what it is worth at the end of a month's first leaf, and at the end of a leaf in which it changed. What is gone
    stands once, with the value 0 of 0 facts.
    """
    ends = [(month, day) for month in sorted(months) for day in _ends_of(month)]
    listed = ", ".join(f"('{month}', DATE '{day}', {'TRUE' if day.day == 14 else 'FALSE'})" for month, day in ends)
    begins = leaves_of(ends[0][0])[0]
    opening = f"DATE '{begins - timedelta(days=1)}'"
    return f"""
    WITH past AS MATERIALIZED (
        SELECT record, {_CELL}, value, n, day FROM {earlier}
        WHERE (measure, record) IN (SELECT measure, record FROM {changed})
    ),
    state AS (
        SELECT record, {_CELL}, value, n, {leaf_end("day")} AS leaf FROM {changed}
        UNION ALL
        SELECT * FROM past
        SEMI JOIN (SELECT measure, record, MAX(day) AS day FROM past GROUP BY measure, record) last USING (measure, record, day)
    ),
    held AS (
        SELECT {_CELL}, value, n FROM {before} QUALIFY ROW_NUMBER() OVER (PARTITION BY measure, record ORDER BY day DESC) = 1
    ),
    cell AS (
        SELECT *, ROW_NUMBER() OVER () AS id FROM (SELECT {_CELL} FROM state UNION SELECT {_CELL} FROM held) cells
    ),
    follows AS (
        SELECT c.id, s.leaf, s.value, s.n, LEAD(s.leaf) OVER (PARTITION BY s.measure, s.record ORDER BY s.leaf) AS next_leaf
        FROM state s JOIN cell c USING ({_CELL})
    ),
    moved AS (
        SELECT id, leaf, SUM(value) AS value, SUM(n) AS n
        FROM (
            SELECT id, leaf, value, n FROM follows WHERE leaf >= DATE '{begins}'
            UNION ALL
            SELECT id, next_leaf, -value, -n FROM follows WHERE next_leaf >= DATE '{begins}'
            UNION ALL
            SELECT c.id, {opening}, h.value, h.n FROM held h JOIN cell c USING ({_CELL})
        ) moves
        GROUP BY id, leaf
    ),
    stands AS (
        SELECT c.id, l.month, l.leaf, l.is_first, m.id IS NOT NULL AS is_changed, SUM(m.value) OVER w AS value, SUM(m.n) OVER w AS n
        FROM cell c CROSS JOIN (VALUES ('', {opening}, FALSE), {listed}) l(month, leaf, is_first)
        LEFT JOIN moved m ON m.id = c.id AND m.leaf = l.leaf
        WINDOW w AS (PARTITION BY c.id ORDER BY l.leaf)
    )
    SELECT measure, source, s.leaf AS day, to_timestamp(0) AS recorded_at, area, area_valid_from, unit, place, dimensions, '' AS entity,
           CAST(s.value AS BIGINT) AS value, {_NAME} AS record, CAST(s.n AS BIGINT) AS n, s.month
    FROM stands s JOIN cell USING (id)
    WHERE s.month <> '' AND (s.is_changed OR (s.is_first AND s.n > 0))
    """


def _ends_of(month: str) -> tuple[date, date]:
    """Return the last days of the two leaves of a month."""
    first, second = leaves_of(month)
    return second - timedelta(days=1), month_after(first) - timedelta(days=1)
