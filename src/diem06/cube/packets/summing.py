"""
The facts of one window as sums of which the rollup makes the same cells: what leaves a province. Plain Python.

The rollup's own leaves are taken, so that what a source, a snapshot or a record means is decided in one place.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from diem06.cube.engine.request import DECLARED_RANK, Request
from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.packets.content import FACTS

# Flows that units declared keep their day: whether an owed cell was given is asked of its day.
_LEAVES = """
SELECT l.node, w.measure_code AS measure, w.dimensions, s.code AS source, u.code AS unit, p.code AS place,
       CASE WHEN l.stale THEN DATE '{first}' - 1 ELSE DATE '{last}' END AS day, l.value, l.n
FROM leaf l JOIN what w ON w.id = l.what JOIN source s ON s.id = l.source JOIN who u ON u.id = l.unit
JOIN who p ON p.id = l.place_kind
WHERE s.source_rank <> {declared} OR w.measure_code NOT IN {flows}
"""
_DECLARED_FLOWS = """
SELECT o.node, f.measure, f.dimensions, f.source, f.unit, f.place_kind AS place, f.day, SUM(f.value) AS value, SUM(f.n) AS n
FROM declared_fact f JOIN loc l ON l.area = f.area AND l.valid_from = f.area_valid_from JOIN node_of o ON o.loc = l.id
WHERE f.measure IN {flows} AND f.day >= DATE '{first}'
GROUP BY o.node, f.measure, f.dimensions, f.source, f.unit, f.place_kind, f.day
"""
# What a unit declared of people counted once is one number of its own: it says that the cell was given, and is never added.
_DECLARED_COUNTS = """
SELECT o.node, f.measure, f.dimensions, f.source, f.unit, '' AS place, f.day, MAX(f.value) AS value, 1 AS n
FROM declared_fact f JOIN loc l ON l.area = f.area AND l.valid_from = f.area_valid_from JOIN node_of o ON o.loc = l.id
WHERE f.measure IN {distinct} AND f.day = DATE '{last}' AND f.entity = ''
GROUP BY o.node, f.measure, f.dimensions, f.source, f.unit, f.day
"""
_PLACE = "place:"


def summed(request: Request) -> pa.Table:
    """
    Return the facts of a request with one window as sums, by the columns of `content.FACTS`.

    The request asks `by_place`. Areas are those of the window's last day; what lies in none of them counts nowhere and stays behind.
    """
    (span,) = request.spans
    assert request.by_place  # else kinds of places are lost
    with DuckDBRunner() as runner:
        codes = rolled(request, runner).codes
        kinds = codes.inputs.measures
        words = {
            "first": span.first_day,
            "last": span.last_day,
            "declared": DECLARED_RANK,
            "flows": _listed(kinds.get("flow", ())),
            "distinct": _listed(kinds.get("distinct", ())),
        }
        select = " UNION ALL ".join(each.format(**words) for each in (_LEAVES, _DECLARED_FLOWS, _DECLARED_COUNTS))
        found = runner.read(select)
    nodes = [area if area in span.levels else None for _span, area in codes.nodes]
    columns = {name: found[name] for name in found.column_names if name != "node"}
    columns["area"] = pa.array(nodes, pa.string()).take(found["node"].combine_chunks())
    columns["place"] = pa.array([_kind(place) for place in found["place"].to_pylist()], pa.string())
    table = pa.table([columns[name] for name in FACTS.names], names=FACTS.names).cast(FACTS)
    return table.filter(table["area"].is_valid())


def _kind(place: str) -> str:
    """Return the kind of a place out of «everybody or a kind of place»."""
    return place.removeprefix(_PLACE)


def _listed(codes: Iterable[str]) -> str:
    """Write codes as the list of an IN; an empty one as the empty text, which no code is."""
    return "(" + ", ".join("'" + code.replace("'", "''") + "'" for code in codes or ("",)) + ")"
