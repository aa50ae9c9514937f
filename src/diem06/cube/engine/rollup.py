"""
The rollup program: one run of SQL for one window.

Steps, each a table: `fact` (areas brought to those of the window's last day) -> `leaf` (one value per measure, dimension
values, area, unit and source, by the kind of the measure) -> `won` (which source counts in each cell) -> `part_leaf` (leaves
of each side of each part, paired) -> cells at every ancestor area, with and without unit.

Plain common SQL, so that another engine can run it: no macros, no list functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from diem06.cube.engine.request import Cells, Reported, Request, Side, TermRow

DECLARED_RANK = 2


def roll_up(request: Request) -> Cells:
    """Compute every cell of the window. Numbers are whole: counts, or đồng."""
    connection = duckdb.connect(":memory:", config={"threads": 2})
    try:
        _register(connection, request)
        for step in PROGRAM:
            connection.execute(step, _parameters(step, request))
        sides = _sides(connection.execute(RESULT).fetchall())
        sides |= _sides(connection.execute(DISTINCT_RESULT).fetchall())
        sides |= _declared_distinct(connection, request, sides)
        beside: dict[tuple[str, str, str], list[tuple[str, int]]] = defaultdict(list)
        for part, side, area, source, value in connection.execute(BESIDE).fetchall():
            beside[part, side, area].append((source, value))
        reported: dict[tuple[str, str], dict[str, Reported]] = defaultdict(dict)
        for part, area, unit, expected, given in connection.execute(REPORTED).fetchall():
            reported[part, area][unit] = Reported(expected=expected, given=given)
        return Cells(sides=sides, beside=dict(beside), reported=dict(reported))
    finally:
        connection.close()


def _register(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Hand the rows of the request to DuckDB as tables."""
    connection.register("fact_in", request.facts)
    text, number = pa.string(), pa.int64()
    tables: dict[str, tuple[dict[str, pa.DataType], Iterable[tuple[Any, ...]]]] = {
        "source": (
            {"code": text, "rank": number, "record_stock": pa.bool_(), "carries": pa.bool_()},
            [(s.code, s.rank, s.is_record_stock, s.carries) for s in request.sources],
        ),
        "coverage": (
            {"source": text, "measure": text, "area": text, "unit": text},
            [(c.source, c.measure, c.area, c.unit) for c in request.coverage],
        ),
        "kind": ({"measure": text, "kind": text}, list(request.kinds.items())),
        "closure": ({"area": text, "ancestor": text}, request.closure),
        "taken_over": ({"area": text, "valid_from": pa.date32(), "now": text}, request.taken_over),
        "pairing": ({"part": text, "pairing": text}, [(p, mode.value) for p, mode in request.pairing.items()]),
        "expected": (
            {"measure": text, "dimensions": text, "area": text, "unit": text, "month": text},
            [(e.measure, e.dimensions, e.area, e.unit, e.month) for e in request.expected],
        ),
        "term": (
            {"part": text, "side": text, "sign": number, "measure": text, "dimensions": text, "is_own": pa.bool_()},
            _matching_terms(request),
        ),
        "side_measure": (
            {"part": text, "side": text, "measure": text},
            sorted({(term.part, term.side, term.measure) for term in request.terms}),
        ),
    }
    for name, (columns, rows) in tables.items():
        listed = list(rows)
        arrays = [pa.array([row[i] for row in listed], type=kind) for i, kind in enumerate(columns.values())]
        connection.register(name, pa.table(arrays, names=list(columns)))


def _matching_terms(request: Request) -> list[tuple[str, str, int, str, str, bool]]:
    """
    Resolve each term's filter to the dimension texts that occur: there are few of them, and text matching stays out of SQL.

    The last column says whether the text is the filter itself, and not one of several values under it: a declared count of
    distinct entities is read only there.
    """
    texts: dict[str, set[str]] = defaultdict(set)
    for row in request.facts.group_by(["measure", "dimensions"]).aggregate([]).to_pylist():
        texts[row["measure"]].add(row["dimensions"])
    for cell in request.expected:
        texts[cell.measure].add(cell.dimensions)
    return [
        (term.part, term.side, term.sign, term.measure, text, text == _own_text(term))
        for term in request.terms
        for text in sorted(texts[term.measure])
        if matches(text, term.where)
    ]


def matches(dimensions: str, where: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    """Does a fact with these dimension values fall under the filter?"""
    held = dict(pair.split("=", 1) for pair in dimensions.split(";") if pair)
    return all(held.get(name) in values for name, values in where)


def _own_text(term: TermRow) -> str | None:
    """Return the filter as one dimension text, or None where it names several values of one dimension."""
    if any(len(values) > 1 for _, values in term.where):
        return None
    return ";".join(f"{name}={values[0]}" for name, values in sorted(term.where))


def _parameters(step: str, request: Request) -> dict[str, Any]:
    named = {"first_day": request.first_day, "last_day": request.last_day, "stock_from": request.stock_from}
    return {name: value for name, value in named.items() if f"${name}" in step}


PROGRAM = (
    # Facts on the areas of the window's last day. A fact of an area that nothing took over keeps its code.
    """
    CREATE TABLE fact AS
    SELECT f.measure, k.kind, f.source, s.rank, s.record_stock, s.carries, f.day, f.recorded_at,
           COALESCE(t.now, f.area) AS area, f.unit, f.place, f.dimensions, f.entity, f.value, f.record
    FROM fact_in f
    JOIN source s ON s.code = f.source
    JOIN kind k ON k.measure = f.measure
    LEFT JOIN taken_over t ON t.area = f.area AND t.valid_from = f.area_valid_from
    WHERE f.day <= $last_day
    """,
    # Stocks: of a snapshot the last one of the window's last period (an older one where the source carries it, then stale);
    # of records the last state of each. A declared value counts only when it is dated the last day itself.
    """
    CREATE TABLE stock AS
    SELECT measure, source, rank, area, unit, dimensions, value, day < $stock_from AND NOT record_stock AS stale
    FROM (
        SELECT *, CASE WHEN record_stock
            THEN ROW_NUMBER() OVER (PARTITION BY measure, source, record ORDER BY day DESC, recorded_at DESC)
            ELSE RANK() OVER (PARTITION BY measure, source, area, unit, dimensions, place ORDER BY day DESC)
        END AS age
        FROM fact
        WHERE kind = 'stock'
          AND (record_stock OR carries OR day >= $stock_from)
          AND (rank < 2 OR day = $last_day)
    ) ranked
    WHERE age = 1
    """,
    """
    CREATE TABLE leaf AS
    SELECT measure, source, rank, area, unit, dimensions,
           CAST(SUM(value) AS BIGINT) AS value, COUNT(*) AS n, BOOL_OR(stale) AS stale
    FROM (
        SELECT measure, source, rank, area, unit, dimensions, value, stale FROM stock
        UNION ALL
        SELECT measure, source, rank, area, unit, dimensions, value, FALSE FROM fact WHERE kind = 'flow' AND day >= $first_day
    ) additive
    GROUP BY measure, source, rank, area, unit, dimensions
    """,
    # A source covers a (measure, area, unit); the strongest covering one counts there, and silences declared values.
    """
    CREATE TABLE covered AS
    SELECT c.measure, a.area, c.unit, MIN(s.rank) AS rank
    FROM coverage c
    JOIN source s ON s.code = c.source
    JOIN (SELECT DISTINCT ancestor AS area FROM closure) a ON c.area = '' OR EXISTS (
        SELECT 1 FROM closure x WHERE x.area = a.area AND x.ancestor = c.area)
    GROUP BY c.measure, a.area, c.unit
    """,
    """
    CREATE TABLE declared_here AS
    SELECT DISTINCT measure, area, unit FROM leaf WHERE rank = 2
    """,
    """
    CREATE TABLE won AS
    SELECT l.*, COALESCE(l.rank = v.rank, l.rank = 2 OR d.measure IS NULL) AS counts
    FROM leaf l
    LEFT JOIN (SELECT measure, area, unit, MIN(rank) AS rank FROM (
        SELECT l2.measure, l2.area, l2.unit, c.rank
        FROM (SELECT DISTINCT measure, area, unit FROM leaf) l2
        JOIN covered c ON c.measure = l2.measure AND c.area = l2.area AND (c.unit = '' OR c.unit = l2.unit)) found
        GROUP BY measure, area, unit) v
      ON v.measure = l.measure AND v.area = l.area AND v.unit = l.unit
    LEFT JOIN declared_here d ON d.measure = l.measure AND d.area = l.area AND d.unit = l.unit
    """,
    """
    CREATE TABLE side_leaf AS
    SELECT t.part, t.side, w.area, w.unit, w.rank, CAST(SUM(t.sign * w.value) AS BIGINT) AS value,
           CAST(SUM(w.n) AS BIGINT) AS n, BOOL_OR(w.stale) AS stale
    FROM won w
    JOIN term t ON t.measure = w.measure AND t.dimensions = w.dimensions
    WHERE w.counts
    GROUP BY t.part, t.side, w.area, w.unit, w.rank
    """,
    # Where a source covers a cell, no fact means zero. `side_here` says where a side is known.
    """
    CREATE TABLE side_covered AS
    SELECT m.part, m.side, c.area, c.unit, MIN(c.rank) AS rank
    FROM side_measure m
    JOIN covered c ON c.measure = m.measure
    GROUP BY m.part, m.side, c.area, c.unit
    """,
    """
    CREATE TABLE paired AS
    SELECT l.part, l.side, l.area, l.unit, l.rank, l.value, l.n, l.stale
    FROM (
        SELECT s.*, CASE WHEN s.side = 'num' THEN 'den' ELSE 'num' END AS other, COALESCE(p.pairing, 'none') AS pairing
        FROM side_leaf s LEFT JOIN pairing p ON p.part = s.part
    ) l
    LEFT JOIN (SELECT DISTINCT part, side, area, unit FROM side_leaf) c
      ON l.pairing = 'cell' AND c.part = l.part AND c.side = l.other AND c.area = l.area AND c.unit = l.unit
    LEFT JOIN (SELECT DISTINCT part, side, area FROM side_leaf) a
      ON l.pairing = 'area' AND a.part = l.part AND a.side = l.other AND a.area = l.area
    LEFT JOIN (SELECT DISTINCT part, side, unit FROM side_leaf) u
      ON l.pairing = 'unit' AND u.part = l.part AND u.side = l.other AND u.unit = l.unit
    LEFT JOIN (SELECT DISTINCT part, side, area FROM side_covered WHERE unit = '') v
      ON v.part = l.part AND v.side = l.other AND v.area = l.area
    LEFT JOIN (SELECT DISTINCT part, side, area, unit FROM side_covered WHERE unit <> '') w
      ON w.part = l.part AND w.side = l.other AND w.area = l.area AND w.unit = l.unit
    WHERE l.pairing = 'none' OR c.part IS NOT NULL OR a.part IS NOT NULL OR u.part IS NOT NULL
       OR v.part IS NOT NULL OR w.part IS NOT NULL
    """,
    # A covered area without any fact is known to be zero.
    """
    CREATE TABLE known AS
    SELECT part, side, area, unit, rank, value, n, stale FROM paired
    UNION ALL
    SELECT c.part, c.side, c.area, c.unit, c.rank, 0, 0, FALSE
    FROM side_covered c
    JOIN side_measure m ON m.part = c.part AND m.side = c.side
    JOIN kind k ON k.measure = m.measure AND k.kind <> 'distinct'
    """,
    # Distinct counts of facts that name their entity: once per cell at each level.
    """
    CREATE TABLE entity AS
    SELECT DISTINCT t.part, t.side, f.rank, c.ancestor AS area, f.unit, f.entity
    FROM fact f
    JOIN term t ON t.measure = f.measure AND t.dimensions = f.dimensions
    JOIN closure c ON c.area = f.area
    WHERE f.kind = 'distinct' AND f.entity <> '' AND f.day >= $first_day
    """,
    """
    CREATE TABLE declared_distinct AS
    SELECT measure, area, unit, dimensions, MAX(value) AS value
    FROM fact
    WHERE kind = 'distinct' AND rank = 2 AND entity = '' AND day = $last_day
    GROUP BY measure, area, unit, dimensions
    """,
    """
    CREATE TABLE given AS
    SELECT e.measure, e.dimensions, e.area, e.unit, e.month,
           f.measure IS NOT NULL OR EXISTS (SELECT 1 FROM covered c WHERE c.measure = e.measure AND c.area = e.area
                                            AND (c.unit = '' OR c.unit = e.unit)) AS is_given
    FROM expected e
    LEFT JOIN (SELECT DISTINCT measure, dimensions, area, unit, CAST(day AS VARCHAR) AS month FROM fact WHERE rank = 2) f
      ON f.measure = e.measure AND f.dimensions = e.dimensions AND f.area = e.area AND f.unit = e.unit AND f.month = e.month
    """,
)

_SUMS = """
    CAST(SUM(value) AS BIGINT),
    CAST(SUM(CASE WHEN rank = 0 THEN ABS(value) ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE WHEN rank = 1 THEN ABS(value) ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE WHEN rank = 2 THEN ABS(value) ELSE 0 END) AS BIGINT),
    COUNT(CASE WHEN rank = 0 THEN 1 END), COUNT(CASE WHEN rank = 1 THEN 1 END), COUNT(CASE WHEN rank = 2 THEN 1 END),
    BOOL_OR(stale)
"""

RESULT = f"""
SELECT k.part, k.side, c.ancestor, '' AS unit, {_SUMS}
FROM known k JOIN closure c ON c.area = k.area GROUP BY k.part, k.side, c.ancestor
UNION ALL
SELECT k.part, k.side, c.ancestor, k.unit, {_SUMS}
FROM known k JOIN closure c ON c.area = k.area WHERE k.unit <> '' GROUP BY k.part, k.side, c.ancestor, k.unit
"""  # noqa: S608  no input in it

DISTINCT_RESULT = """
SELECT part, side, area, '' AS unit, COUNT(DISTINCT entity),
       COUNT(DISTINCT CASE WHEN rank = 0 THEN entity END), COUNT(DISTINCT CASE WHEN rank = 1 THEN entity END), 0,
       COUNT(CASE WHEN rank = 0 THEN 1 END), COUNT(CASE WHEN rank = 1 THEN 1 END), 0, FALSE
FROM entity GROUP BY part, side, area
UNION ALL
SELECT part, side, area, unit, COUNT(DISTINCT entity),
       COUNT(DISTINCT CASE WHEN rank = 0 THEN entity END), COUNT(DISTINCT CASE WHEN rank = 1 THEN entity END), 0,
       COUNT(CASE WHEN rank = 0 THEN 1 END), COUNT(CASE WHEN rank = 1 THEN 1 END), 0, FALSE
FROM entity WHERE unit <> '' GROUP BY part, side, area, unit
"""

BESIDE = """
SELECT t.part, t.side, c.ancestor, w.source, CAST(SUM(t.sign * w.value) AS BIGINT)
FROM won w
JOIN term t ON t.measure = w.measure AND t.dimensions = w.dimensions
JOIN closure c ON c.area = w.area
WHERE NOT w.counts
GROUP BY t.part, t.side, c.ancestor, w.source
ORDER BY 1, 2, 3, 4
"""

REPORTED = """
SELECT t.part, c.ancestor, g.unit, COUNT(*), COUNT(CASE WHEN g.is_given THEN 1 END)
FROM (
    SELECT DISTINCT x.part, x.measure, x.dimensions
    FROM term x JOIN kind k ON k.measure = x.measure
    WHERE k.kind <> 'distinct' OR x.is_own
) t
JOIN given g ON g.measure = t.measure AND g.dimensions = t.dimensions
JOIN closure c ON c.area = g.area
GROUP BY t.part, c.ancestor, g.unit
"""


def _sides(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str, str, str], Side]:
    return {
        (part, side, area, unit): Side(value=value, weights=(v0, v1, v2), rows=(n0, n1, n2), is_stale=stale)
        for part, side, area, unit, value, v0, v1, v2, n0, n1, n2, stale in rows
    }


def _declared_distinct(  # noqa: C901  units, then areas, for each term
    connection: duckdb.DuckDBPyConnection, request: Request, known: Mapping[tuple[str, str, str, str], Side]
) -> dict[tuple[str, str, str, str], Side]:
    """
    Return the sides that stand on a declared distinct count: the cell itself, never a sum of cells.

    A stronger source wins where it covers the area. Where the only part of an area that owes the count is one smaller area
    of one unit, its count is the whole's.
    """
    if not request.is_period:
        return {}
    stated: dict[tuple[str, str, str, str], int] = {
        (measure, dimensions, area, unit): value
        for measure, area, unit, dimensions, value in connection.execute("SELECT * FROM declared_distinct").fetchall()
    }
    covered = {(m, a) for m, a in connection.execute("SELECT measure, area FROM covered WHERE unit = ''").fetchall()}
    owed = _owed_distinct(request)
    below = _below(request)
    found: dict[tuple[str, str, str, str], Side] = {}
    for term in request.terms:
        dimensions = _own_text(term)
        if request.kinds[term.measure] != "distinct" or dimensions is None:
            continue
        for area, unit in owed[term.measure]:
            value = stated.get((term.measure, dimensions, area, unit))
            if value is not None and (term.part, term.side, area, unit) not in known:
                found[term.part, term.side, area, unit] = _declared(value)
                found.setdefault((term.part, term.side, request.root, unit), _declared(value))
        levels = request.distinct_levels.get(term.measure, ())
        for area, level in request.levels.items():
            key = (term.part, term.side, area, "")
            if (term.measure, area) in covered:
                if key not in known:  # no entity named there means none
                    found[key] = Side(value=0)
                continue
            for cell_area, unit in _speaking_for(area, owed[term.measure], below, is_owed=level in levels):
                value = stated.get((term.measure, dimensions, cell_area, unit))
                if value is not None:
                    found[key] = _declared(value)
    return found


def _owed_distinct(request: Request) -> Mapping[str, set[tuple[str, str]]]:
    """Return, by measure, in which area which unit owes a distinct count."""
    owed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for cell in request.expected:
        if request.kinds[cell.measure] == "distinct":
            owed[cell.measure].add((cell.area, cell.unit))
    return owed


def _below(request: Request) -> Mapping[str, set[str]]:
    """Return, by area, itself and all that lies in it."""
    below: dict[str, set[str]] = defaultdict(set)
    for area, ancestor in request.closure:
        below[ancestor].add(area)
    return below


def _speaking_for(
    area: str, owed: set[tuple[str, str]], below: Mapping[str, set[str]], *, is_owed: bool
) -> set[tuple[str, str]]:
    """Return the one cell (area, unit) that says the count of `area`; nothing where several would have to be added."""
    inside = {pair for pair in owed if pair[0] in below[area]}
    here = {pair for pair in inside if pair[0] == area} if is_owed else set()
    speaking = here or _widest(inside, below)
    return speaking if len(speaking) == 1 else set()


def _widest(pairs: set[tuple[str, str]], below: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Keep the pairs whose area lies in no other pair's area of the same unit."""
    return {
        (area, unit)
        for area, unit in pairs
        if not any(other != area and owner == unit and area in below[other] for other, owner in pairs)
    }


def _declared(value: int) -> Side:
    return Side(value=value, weights=(0, 0, value), rows=(0, 0, 1))
