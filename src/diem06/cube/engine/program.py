"""
The rollup as named SELECTs, in the SQL that DuckDB, Spark and PostgreSQL have in common: no parameters, macros or list functions.

In short: `fact` (with the slice of time it lies in) -> by slice: `flow_slice`, `record_delta`, `snapshot_state`, `entity_slice`
-> by window, in numbers (see `inputs.Codes`): `leaf` (one value per measure, dimension values, area of the window's last day,
unit and source) -> `won` (which source counts in each cell) -> `side_leaf`, `paired`, `known` (leaves of each side, paired)
-> `cell`: every ancestor area, and everybody, each unit, each group of units, each kind of place.

Which source counts is a *strength* (see `inputs.RANKS`): the lowest one counts. It comes with the small tables, for each window
and measure.

A slice is what lies between two neighbouring days at which any window begins or ends; slice 0 is all before. Facts are read
once per kind, whatever the number of windows; from there on only sums by slice are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from diem06.cube.engine import sketch
from diem06.cube.engine.inputs import RANKS, WHOLE, Inputs, declared
from diem06.cube.engine.request import DECLARED_RANK, Pairing

TEXTS = """
SELECT measure, dimensions, source, MAX(CASE WHEN entity <> '' THEN 1 ELSE 0 END) AS named
FROM fact_in
GROUP BY measure, dimensions, source
"""
"""What must be known of the facts before the program can be written."""


@dataclass(frozen=True)
class Step:
    """A SELECT and its name. `kept`: its rows are made once, for more than one later step reads them."""

    name: str
    select: str
    kept: bool = True


def slices(inputs: Inputs) -> Iterator[Step]:
    """Yield the steps that read facts, and leave sums by slice of time."""
    yield from _facts(inputs)
    yield from _entities(inputs)
    if inputs.sketches.ranks:
        yield from _sketch_slices(inputs)


def found(inputs: Inputs) -> str:
    """Return the SELECT of what must be known of the slices before their names can be numbered."""
    tables = ["flow_slice", "record_delta", "snapshot_state", "declared_fact", "entity_slice"]
    named = "area, area_valid_from, unit, place_kind"
    each = [f"SELECT {named} FROM {name}" for name in (*tables, *(["sketch_slice"] if inputs.sketches.ranks else []))]
    return f"SELECT DISTINCT {named} FROM ({' UNION ALL '.join(each)}) slices"


def leaves(inputs: Inputs) -> Iterator[Step]:
    """Yield the steps from the slices on that `sketched` and `cells` read."""
    yield from _leaves(inputs)
    yield from _sources_that_count(inputs)


def sketched(inputs: Inputs) -> Iterator[Step]:
    """
    Yield the steps of sides that are estimated, where there are any. The result is `sketch_sum`: registers in whole numbers, out of
    which `rollup` makes `sketch_cell` for `cells`.
    """
    if inputs.sketches.ranks:
        yield from _sketches(inputs)


def cells(inputs: Inputs) -> Iterator[Step]:
    """Yield the steps of the results: `cell`, `beside` and `reported`."""
    yield from _additive_cells(inputs)
    yield from _distinct_cells(inputs)
    yield from _results(inputs)


def _text(value: str) -> str:
    """Write a code as text. Engines differ in how a quotation mark is written inside, and no code has one."""
    if "'" in value or "\\" in value:
        raise ValueError(f"{value!r} is no code of a measure or source.")
    return f"'{value}'"


def _among(column: str, values: Iterable[str]) -> str:
    listed = ", ".join(_text(value) for value in values)
    return f"{column} IN ({listed})" if listed else "1 = 0"


_CODED = """
    JOIN what w ON w.measure_code = f.measure AND w.dimensions = f.dimensions
    JOIN source c ON c.code = f.source
    JOIN loc l ON l.area = f.area AND l.valid_from = f.area_valid_from
    JOIN who u ON u.code = f.unit
    LEFT JOIN who p ON p.code = 'place:' || f.place_kind AND f.place_kind <> ''
"""
_CODES = "w.id AS what, w.measure, c.id AS source, l.id AS loc, u.id AS unit, COALESCE(p.id, 0) AS place_kind"


# -- facts by slice of time ----------------------------------------------------------------------------------------------
_AT = "area, area_valid_from, unit, place_kind, dimensions"


def _facts(inputs: Inputs) -> Iterator[Step]:
    request, kinds = inputs.request, inputs.measures
    declaring = declared(request)
    every = [source.code for source in request.sources]
    records = [source.code for source in request.sources if source.is_record_stock and source.code not in declaring]
    states = [code for code in every if code not in (*records, *declaring)]
    begin, end = inputs.cuts[0], inputs.cuts[-1] - timedelta(days=1)
    of_place = "CASE WHEN f.place LIKE '%:%' THEN SPLIT_PART(f.place, ':', 1) ELSE '' END" if request.by_place else "''"
    yield Step(
        "fact",
        f"""
        SELECT f.measure, f.source, f.day, f.recorded_at, f.area, f.area_valid_from, f.unit, f.place,
               {of_place} AS place_kind, f.dimensions, f.entity, f.value, f.record, f.n, COALESCE(d.slice, 0) AS slice
        FROM fact_in f LEFT JOIN day_slice d ON d.day = f.day
        WHERE f.day <= DATE '{end}'
        """,
        kept=False,
    )
    yield Step(
        "flow_slice",
        f"""
        SELECT measure, source, slice, {_AT}, CAST(SUM(value) AS BIGINT) AS value, CAST(SUM(n) AS BIGINT) AS n
        FROM fact
        WHERE day >= DATE '{begin}' AND {_among("measure", kinds.get("flow", ()))} AND {_among("source", every)}
        GROUP BY measure, source, slice, {_AT}
        """,
    )
    # Of records, the last state of each in each slice, and the slice in which it gives way to another.
    yield Step(
        "record_state",
        f"""
        SELECT * FROM (
            SELECT measure, source, slice, {_AT}, value, n, LEAD(slice) OVER (
                PARTITION BY measure, source, record
                ORDER BY day, recorded_at, area_valid_from, area, unit, dimensions, value) AS next_slice
            FROM fact
            WHERE {_among("measure", kinds.get("stock", ()))} AND {_among("source", records)}
        ) s
        WHERE next_slice IS NULL OR next_slice > slice
        """,
    )
    # So a stock at any day is the sum of all that came and went until then.
    yield Step(
        "record_delta",
        f"""
        SELECT measure, source, slice, {_AT}, CAST(SUM(value) AS BIGINT) AS value, CAST(SUM(n) AS BIGINT) AS n
        FROM (
            SELECT measure, source, slice, {_AT}, value, n FROM record_state
            UNION ALL
            SELECT measure, source, next_slice, {_AT}, -value, -n FROM record_state WHERE next_slice IS NOT NULL
        ) moves
        GROUP BY measure, source, slice, {_AT}
        """,
    )
    yield Step(
        "snapshot_state",
        f"""
        SELECT * FROM (
            SELECT s.*, LEAD(slice) OVER (
                PARTITION BY measure, source, area, area_valid_from, unit, place, dimensions ORDER BY day) AS next_slice
            FROM (
                SELECT measure, source, slice, day, place, {_AT},
                       CAST(SUM(value) AS BIGINT) AS value, CAST(SUM(n) AS BIGINT) AS n
                FROM fact
                WHERE {_among("measure", kinds.get("stock", ()))} AND {_among("source", states)}
                GROUP BY measure, source, slice, day, place, {_AT}
            ) s
        ) l
        WHERE next_slice IS NULL OR next_slice > slice
        """,
    )
    yield Step(
        "declared_fact",
        f"SELECT * FROM fact WHERE {_among('source', declaring)}",
    )


def _entities(inputs: Inputs) -> Iterator[Step]:
    """
    Give each entity one mask per place and slice, with a bit for each side (and rank of source) that a fact of it falls under.
    """
    begin, kinds, block = inputs.cuts[0], inputs.measures, _block(inputs, "b.")
    yield Step(
        "entity_slice",
        f"""
        SELECT f.slice, {block}f.area, f.area_valid_from, f.unit, f.place_kind, f.entity, BIT_OR(b.mask) AS mask
        FROM fact f
        JOIN entity_bit b ON b.measure = f.measure AND b.dimensions = f.dimensions AND b.source = f.source
        WHERE f.entity <> '' AND f.day >= DATE '{begin}' AND {_among("f.measure", kinds.get("distinct", ()))}
        GROUP BY f.slice, {block}f.area, f.area_valid_from, f.unit, f.place_kind, f.entity
        """,
    )


_BITS_OF_DIGIT = (("1",), ("2", "3"), ("4", "5", "6", "7"))
"""First digits of hexadecimal numbers whose first one-bit is the fourth, the third, the second of the digit."""


def _sketch_slices(inputs: Inputs) -> Iterator[Step]:
    """Fill registers for each place and slice: see `sketch`. md5 and its digits are the same text on each engine."""
    begin, at = inputs.cuts[0], "area, area_valid_from, unit, place_kind"
    digits = " ".join(
        f"WHEN {_among('SUBSTRING(h.rest, 1, 1)', firsts)} THEN {4 - number}"
        for number, firsts in enumerate(_BITS_OF_DIGIT)
    )
    yield Step(
        "sketch_slice",
        f"""
        SELECT r.slice, {", ".join(f"r.{name}" for name in at.split(", "))}, b.slot, b.source_rank, r.register,
               MAX(r.place) AS place
        FROM (
            SELECT h.slice, {at}, h.measure, h.dimensions, h.source, h.register,
                   CAST(4 * ({sketch.REST_DIGITS} - LENGTH(h.rest)) + CASE {digits} ELSE 1 END AS BIGINT) AS place
            FROM (
                SELECT slice, {at}, measure, dimensions, source, SUBSTRING(hash, 1, {sketch.DIGITS}) AS register,
                       TRIM(LEADING '0' FROM SUBSTRING(hash, {sketch.DIGITS + 1}, {sketch.REST_DIGITS})) AS rest
                FROM (
                    SELECT slice, {at}, measure, dimensions, source, MD5(entity) AS hash
                    FROM fact
                    WHERE entity <> '' AND day >= DATE '{begin}' AND {_among("measure", sorted(inputs.request.approximate))}
                ) hashed
            ) h
        ) r
        JOIN sketch_text b ON b.measure = r.measure AND b.dimensions = r.dimensions AND b.source = r.source
        GROUP BY r.slice, {", ".join(f"r.{name}" for name in at.split(", "))}, b.slot, b.source_rank, r.register
        """,
    )


# -- leaves of each window -----------------------------------------------------------------------------------------------
def _leaves(inputs: Inputs) -> Iterator[Step]:
    stocks = inputs.measures.get("stock", ())
    # Of a snapshot the last one of the window's last period; an older one where the source carries it, then stale.
    yield Step(
        "snapshot",
        f"""
        SELECT node, what, measure, source, unit, place_kind, value, n, stale
        FROM (
            SELECT o.node, {_CODES}, f.value, f.n, f.slice < t.stock_slice AS stale,
                   RANK() OVER (PARTITION BY o.node, w.id, c.id, u.id, f.place ORDER BY f.day DESC) AS age
            FROM snapshot_state f {_CODED}
            JOIN span_until t ON t.slice = f.slice
            JOIN node_of o ON o.span = t.span AND o.loc = l.id
            WHERE (f.next_slice IS NULL OR f.next_slice > t.last_slice) AND (c.carries OR f.slice >= t.stock_slice)
        ) ranked
        WHERE age = 1
        """,
        kept=False,
    )
    # A declared value counts only when it is dated the last day itself.
    yield Step(
        "declared_stock",
        f"""
        SELECT node, what, measure, source, unit, place_kind, value, n
        FROM (
            SELECT o.node, {_CODES}, f.value, f.n, CASE WHEN c.record_stock THEN ROW_NUMBER() OVER (
                       PARTITION BY s.id, f.measure, c.id, f.record
                       ORDER BY f.recorded_at DESC, l.id DESC, u.id DESC, w.id DESC, f.value DESC) ELSE 1 END AS age
            FROM declared_fact f {_CODED}
            JOIN span s ON s.last_day = f.day
            JOIN node_of o ON o.span = s.id AND o.loc = l.id
            WHERE {_among("f.measure", stocks)}
        ) ranked
        WHERE age = 1
        """,
        kept=False,
    )
    yield Step("flow_coded", f"SELECT f.slice, {_CODES}, f.value, f.n FROM flow_slice f {_CODED}")
    yield Step("record_coded", f"SELECT f.slice, {_CODES}, f.value, f.n FROM record_delta f {_CODED}")
    yield Step(
        "leaf",
        """
        SELECT x.node, x.what, x.measure, x.source, x.unit, x.place_kind,
               CAST(SUM(x.value) AS BIGINT) AS value, CAST(SUM(x.n) AS BIGINT) AS n, BOOL_OR(x.stale) AS stale
        FROM (
            SELECT o.node, f.what, f.measure, f.source, f.unit, f.place_kind, f.value, f.n, FALSE AS stale
            FROM flow_coded f JOIN span_slice w ON w.slice = f.slice JOIN node_of o ON o.span = w.span AND o.loc = f.loc
            UNION ALL
            SELECT o.node, f.what, f.measure, f.source, f.unit, f.place_kind, f.value, f.n, FALSE
            FROM record_coded f JOIN span_until w ON w.slice = f.slice JOIN node_of o ON o.span = w.span AND o.loc = f.loc
            UNION ALL
            SELECT node, what, measure, source, unit, place_kind, value, n, stale FROM snapshot
            UNION ALL
            SELECT node, what, measure, source, unit, place_kind, value, n, FALSE FROM declared_stock
        ) x
        GROUP BY x.node, x.what, x.measure, x.source, x.unit, x.place_kind
        HAVING SUM(x.n) > 0
        """,
    )


_NONE = 99
"""No strength: weaker than any."""


# -- which source counts -------------------------------------------------------------------------------------------------
def _sources_that_count(inputs: Inputs) -> Iterator[Step]:
    """
    A source covers a (measure, area, unit), or declares a value there: then its rank is whole in the cell. The strongest rank that
    is whole counts; where none is, the strongest that speaks.
    """
    yield Step(
        "covered",
        """
        SELECT node, measure, unit, MIN(strength) AS strength
        FROM (
            SELECT n.id AS node, c.measure, c.unit, c.strength FROM coverage c JOIN node n ON n.span = c.span
            WHERE c.node < 0
            UNION ALL
            SELECT x.node, c.measure, c.unit, c.strength FROM coverage c JOIN closure x ON x.ancestor = c.node
        ) found
        GROUP BY node, measure, unit
        """,
    )
    if len(inputs.ranks) <= 1:
        yield Step("won", "SELECT l.*, s.source_rank, TRUE AS counts FROM leaf l JOIN source s ON s.id = l.source")
    else:
        strength, of_window = ("s.strength", "")
        if not inputs.is_one_order:
            strength = "p.strength"
            of_window = """
            JOIN node_span i ON i.node = l.node
            JOIN standing p ON p.span = i.span AND p.measure = l.measure AND p.source_rank = s.source_rank"""
        yield Step(
            "graded",
            f"SELECT l.*, s.source_rank, {strength} AS strength FROM leaf l JOIN source s ON s.id = l.source {of_window}",
            kept=False,
        )
        yield Step(
            "won",
            f"""
            SELECT g.*, g.strength = COALESCE(NULLIF(LEAST(
                COALESCE(a.strength, {_NONE}), COALESCE(u.strength, {_NONE}), d.declared), {_NONE}), d.speaking) AS counts
            FROM graded g
            LEFT JOIN covered a ON a.node = g.node AND a.measure = g.measure AND a.unit = 0
            LEFT JOIN covered u ON u.node = g.node AND u.measure = g.measure AND u.unit = g.unit AND u.unit <> 0
            JOIN (
                SELECT node, measure, unit, MIN(strength) AS speaking,
                       MIN(CASE WHEN source_rank = {DECLARED_RANK} THEN strength ELSE {_NONE} END) AS declared
                FROM graded
                GROUP BY node, measure, unit
            ) d ON d.node = g.node AND d.measure = g.measure AND d.unit = g.unit
            """,
        )
    yield Step(
        "side_leaf",
        """
        SELECT w.node, t.side, w.unit, w.place_kind, w.source_rank, CAST(SUM(t.sign * w.value) AS BIGINT) AS value,
               CAST(SUM(w.n) AS BIGINT) AS n, BOOL_OR(w.stale) AS stale
        FROM won w JOIN term t ON t.what = w.what
        WHERE w.counts
        GROUP BY w.node, t.side, w.unit, w.place_kind, w.source_rank
        """,
    )
    # Where a source covers a cell, no fact means zero.
    yield Step(
        "side_covered",
        f"""
        SELECT c.node, m.side, c.unit, MIN(c.strength % {RANKS}) AS source_rank
        FROM side_measure m JOIN covered c ON c.measure = m.measure
        GROUP BY c.node, m.side, c.unit
        """,
    )
    yield Step("paired", _paired(inputs), kept=False)
    # A covered area without any fact is known to be zero.
    yield Step(
        "known",
        """
        SELECT node, side, unit, place_kind, source_rank, value, n, stale FROM paired
        UNION ALL
        SELECT c.node, c.side, c.unit, 0, c.source_rank, 0, 0, FALSE
        FROM side_covered c JOIN side s ON s.id = c.side
        WHERE NOT s.is_distinct
        """,
    )


_PARTNERS = {
    Pairing.CELL: """
        LEFT JOIN (SELECT DISTINCT node, side, unit FROM side_leaf) c
          ON l.mode = 'cell' AND c.node = l.node AND c.side = l.other AND c.unit = l.unit""",
    Pairing.AREA: """
        LEFT JOIN (SELECT DISTINCT node, side FROM side_leaf) a
          ON l.mode = 'area' AND a.node = l.node AND a.side = l.other""",
    Pairing.UNIT: """
        LEFT JOIN (SELECT DISTINCT j.span, s.side, s.unit FROM side_leaf s JOIN node_of j ON j.node = s.node) u
          ON l.mode = 'unit' AND u.span = l.span AND u.side = l.other AND u.unit = l.unit""",
}
_PARTNER_FOUND = {Pairing.CELL: "c.node", Pairing.AREA: "a.node", Pairing.UNIT: "u.side"}


def _paired(inputs: Inputs) -> str:
    """Leave out what has no partner on the other side; only the pairings that some window has are written."""
    modes = sorted({mode for span in inputs.request.spans for mode in span.pairing.values()} - {Pairing.NONE})
    if not modes:
        return "SELECT node, side, unit, place_kind, source_rank, value, n, stale FROM side_leaf"
    partners = "".join(_PARTNERS[mode] for mode in modes)
    found = " OR ".join(f"{_PARTNER_FOUND[mode]} IS NOT NULL" for mode in modes)
    return f"""
        SELECT l.node, l.side, l.unit, l.place_kind, l.source_rank, l.value, l.n, l.stale
        FROM (
            SELECT s.*, o.other, i.span, p.mode
            FROM side_leaf s
            JOIN side o ON o.id = s.side
            JOIN (SELECT DISTINCT span, node FROM node_of) i ON i.node = s.node
            LEFT JOIN pairing p ON p.span = i.span AND p.side = s.side
        ) l {partners}
        LEFT JOIN side_covered v ON l.mode IS NOT NULL AND v.node = l.node AND v.side = l.other AND v.unit = 0
        LEFT JOIN side_covered w
          ON l.mode IS NOT NULL AND w.node = l.node AND w.side = l.other AND w.unit = l.unit AND w.unit <> 0
        WHERE l.mode IS NULL OR {found} OR v.node IS NOT NULL OR w.node IS NOT NULL
    """


# -- additive cells ------------------------------------------------------------------------------------------------------
_RANKS = (0, 1, 2)


def _additive_cells(inputs: Inputs) -> Iterator[Step]:
    # Weights are of what one unit gave in one area, whatever the kinds of places.
    by_unit = "known"
    if inputs.request.by_place:
        by_unit = "known_by_unit"
        yield Step(
            by_unit,
            """
            SELECT node, side, unit, source_rank, CAST(SUM(value) AS BIGINT) AS value, CAST(SUM(n) AS BIGINT) AS n,
                   BOOL_OR(stale) AS stale
            FROM known
            GROUP BY node, side, unit, source_rank
            """,
        )
    sums = ", ".join(
        [
            "CAST(SUM(k.value) AS BIGINT) AS value",
            *(
                f"CAST(SUM({_if_rank(inputs, rank, 'ABS(k.value)')}) AS BIGINT) AS weight_{rank}"
                for rank in inputs.ranks
            ),
            *(f"CAST(SUM({_if_rank(inputs, rank, '1')}) AS BIGINT) AS rows_{rank}" for rank in inputs.ranks),
            "CAST(SUM(k.n) AS BIGINT) AS facts",
            "BOOL_OR(k.stale) AS stale",
        ]
    )
    names = ["value", *(f"{name}_{rank}" for name in ("weight", "rows") for rank in inputs.ranks), "facts"]
    again = ", ".join(f"CAST(SUM(k.{name}) AS BIGINT) AS {name}" for name in names) + ", BOOL_OR(k.stale) AS stale"
    up = "JOIN closure c ON c.node = k.node"
    yield Step("own_cell", f"SELECT k.node, k.side, {sums} FROM {by_unit} k GROUP BY k.node, k.side", kept=False)
    parts = [
        f"SELECT c.ancestor AS node, k.side, 0 AS who, {again} FROM own_cell k {up} GROUP BY c.ancestor, k.side",
        f"SELECT c.ancestor AS node, k.side, k.unit AS who, {sums} FROM {by_unit} k {up} WHERE k.unit <> 0 GROUP BY c.ancestor, k.side, k.unit",
    ]
    if _has_groups(inputs):
        parts.append(
            f"SELECT c.ancestor AS node, k.side, g.who, {sums} FROM {by_unit} k {up} JOIN node i ON i.id = k.node "
            "JOIN unit_group g ON g.span = i.span AND g.unit = k.unit GROUP BY c.ancestor, k.side, g.who"
        )
    if inputs.request.by_place:
        parts.append(
            f"SELECT c.ancestor AS node, k.side, k.place_kind AS who, {sums} FROM known k {up} WHERE k.place_kind <> 0 "
            "GROUP BY c.ancestor, k.side, k.place_kind"
        )
    yield Step("additive_cell", " UNION ALL ".join(parts), kept=False)


def _if_rank(inputs: Inputs, rank: int, value: str) -> str:
    return value if len(inputs.ranks) == 1 else f"CASE WHEN k.source_rank = {rank} THEN {value} ELSE 0 END"


def _has_groups(inputs: Inputs) -> bool:
    return any(span.groups for span in inputs.request.spans)


# -- distinct cells ------------------------------------------------------------------------------------------------------
def _distinct_cells(inputs: Inputs) -> Iterator[Step]:
    """
    Count entities that facts name: once per cell at each level.

    Masks go up level by level, so each level reads only what the level below left over.
    """
    # In any order, for sorting texts takes longer than to number them; Spark wants one to be named.
    yield Step(
        "entity_code",
        "SELECT entity, ROW_NUMBER() OVER (ORDER BY 1) AS id FROM (SELECT DISTINCT entity FROM entity_slice) e",
    )
    block, of = _block(inputs), _block(inputs, "e.")
    yield Step(
        "entity_coded",
        f"""
        SELECT f.slice, {_block(inputs, "f.")}l.id AS loc, u.id AS unit, COALESCE(p.id, 0) AS place_kind, e.id AS entity, f.mask
        FROM entity_slice f
        JOIN entity_code e ON e.entity = f.entity
        JOIN loc l ON l.area = f.area AND l.valid_from = f.area_valid_from
        JOIN who u ON u.code = f.unit
        LEFT JOIN who p ON p.code = 'place:' || f.place_kind AND f.place_kind <> ''
        """,
    )
    mask, muted = "e.mask", ""
    if inputs.bits.may_mute:
        yield Step("muted", _muted())
        mask = "e.mask & (~COALESCE(y.mask, z.mask, 0)) AS mask"
        muted = f"""
        LEFT JOIN muted z ON z.node = i.id AND z.unit = 0{_same_block(inputs, "z")}
        LEFT JOIN muted y ON y.node = i.id AND y.unit = e.unit AND y.unit <> 0{_same_block(inputs, "y")}"""
    yield Step(
        "entity_here",
        f"""
        SELECT i.id AS node, i.span, i.depth, {of}e.unit, e.place_kind, e.entity, {mask}
        FROM entity_coded e
        JOIN span_slice w ON w.slice = e.slice
        JOIN node_of o ON o.span = w.span AND o.loc = e.loc
        JOIN node i ON i.id = o.node {muted}
        """,
        kept=False,
    )
    parts = [
        f"SELECT node, depth, {block}0 AS who, entity, mask FROM entity_here",
        f"SELECT node, depth, {block}unit AS who, entity, mask FROM entity_here WHERE unit <> 0",
    ]
    if _has_groups(inputs):
        parts.append(
            f"SELECT e.node, e.depth, {of}g.who, e.entity, e.mask FROM entity_here e "
            "JOIN unit_group g ON g.span = e.span AND g.unit = e.unit"
        )
    if inputs.request.by_place:
        parts.append(
            f"SELECT node, depth, {block}place_kind AS who, entity, mask FROM entity_here WHERE place_kind <> 0"
        )
    yield Step("entity_leaf", " UNION ALL ".join(parts), kept=False)
    yield from _levels(inputs)
    yield from _counts(inputs)
    yield from _stated(inputs)


def _muted() -> str:
    """
    Say which bits do not count in an area, for a unit that a source covers (then for whatever covers all units too) or for all.
    """
    return f"""
        SELECT k.node, k.unit, b.block, BIT_OR(b.mask) AS mask
        FROM (
            SELECT node, unit, measure, MIN(strength) AS strength
            FROM (
                SELECT node, unit, measure, strength FROM covered
                UNION ALL
                SELECT c.node, w.unit, c.measure, c.strength
                FROM covered c JOIN (SELECT DISTINCT node, unit FROM covered WHERE unit <> 0) w ON w.node = c.node
                WHERE c.unit = 0
            ) each_cover
            GROUP BY node, unit, measure
        ) k
        JOIN entity_muted b ON b.measure = k.measure AND b.source_rank <> k.strength % {RANKS}
        GROUP BY k.node, k.unit, b.block
    """


def _same_block(inputs: Inputs, alias: str) -> str:
    return f" AND {alias}.block = e.block" if inputs.bits.blocks > 1 else ""


def _block(inputs: Inputs, alias: str = "") -> str:
    """Name the column of the block of masks, where there are several."""
    return f"{alias}block, " if inputs.bits.blocks > 1 else ""


def _levels(inputs: Inputs) -> Iterator[Step]:
    block = _block(inputs)
    yield Step(
        "entity_own",
        f"""
        SELECT node, {block}who, entity, BIT_OR(mask) AS mask FROM entity_leaf GROUP BY node, {block}who, entity
        """,
    )
    yield Step("own_wide", _counted(inputs, "entity_own"))
    # Who has facts in one area only has the same count in all that it lies in, and need not go up.
    yield Step(
        "narrow",
        """
        SELECT i.span, w.who
        FROM (SELECT DISTINCT node, who FROM own_wide WHERE who <> 0) w JOIN node i ON i.id = w.node
        GROUP BY i.span, w.who
        HAVING COUNT(*) = 1
        """,
    )
    yield Step(
        "broad",
        """
        SELECT e.*, i.depth
        FROM entity_own e JOIN node i ON i.id = e.node LEFT JOIN narrow a ON a.span = i.span AND a.who = e.who
        WHERE a.who IS NULL
        """,
        kept=False,
    )
    own = f"SELECT node, {block}who, entity, mask FROM broad WHERE depth = "
    yield Step(f"entity_{inputs.depth}", f"{own}{inputs.depth}", kept=False)
    for depth in reversed(range(inputs.depth)):
        yield Step(
            f"entity_{depth}",
            f"""
            SELECT x.node, {_block(inputs, "x.")}x.who, x.entity, BIT_OR(x.mask) AS mask
            FROM (
                {own}{depth}
                UNION ALL
                SELECT i.parent, {_block(inputs, "e.")}e.who, e.entity, e.mask
                FROM entity_{depth + 1} e JOIN node i ON i.id = e.node
            ) x
            GROUP BY x.node, {_block(inputs, "x.")}x.who, x.entity
            """,
            kept=depth > 0,  # the widest level is read once, to be counted
        )


def _columns(inputs: Inputs) -> Iterator[tuple[str, int]]:
    """Yield the columns in which entities are counted, each with the bits that it looks for: by slot, and by rank."""
    bits = inputs.bits
    for slot in range(min(bits.slots, len(bits.counted))):
        yield f"value_{slot}", sum(bits.bit(slot, rank) for rank in bits.ranks)
        for rank in bits.ranks if len(bits.ranks) > 1 else ():
            yield f"weight_{slot}_{rank}", bits.bit(slot, rank)
        for rank in bits.ranks if bits.may_mute else ():
            yield f"said_{slot}_{rank}", bits.said(slot, rank)


def _counted(inputs: Inputs, entities: str) -> str:
    """Count, in each cell, the entities that have the bits of each column."""
    counts = [f"COUNT(CASE WHEN (mask & {mask}) <> 0 THEN 1 END) AS {name}" for name, mask in _columns(inputs)]
    listed = ", ".join(counts) or "0 AS nothing"
    return f"SELECT node, {_block(inputs)}who, {listed} FROM {entities} GROUP BY node, {_block(inputs)}who"


def _counts(inputs: Inputs) -> Iterator[Step]:
    bits = inputs.bits
    slots = range(min(bits.slots, len(bits.counted)))
    names = ", ".join(f"w.{name}" for name, _mask in _columns(inputs)) or "w.nothing"
    rest = f"{_block(inputs, 'w.')}w.who, {names}"
    own = "FROM own_wide w JOIN node i ON i.id = w.node"
    narrow = "JOIN narrow a ON a.span = i.span AND a.who = w.who JOIN closure c ON c.node = w.node"
    broad = f"LEFT JOIN narrow a ON a.span = i.span AND a.who = w.who WHERE a.who IS NULL AND i.depth = {inputs.depth}"
    parts = [
        f"SELECT c.ancestor AS node, {rest} {own} {narrow}",
        f"SELECT w.node, {rest} {own} {broad}",
        *(_counted(inputs, f"entity_{depth}") for depth in range(inputs.depth)),
    ]
    yield Step("distinct_wide", " UNION ALL ".join(parts))

    def of_slot(name: str, rank: int | None = None) -> str:
        if rank is not None and rank not in bits.ranks:
            return "0"
        if name == "said" and not bits.may_mute:
            return of_slot("weight", rank)
        if name == "weight" and len(bits.ranks) == 1:
            return of_slot("value")
        ending = "" if rank is None else f"_{rank}"
        cases = " ".join(f"WHEN {slot} THEN w.{name}_{slot}{ending}" for slot in slots)
        return f"CAST(CASE s.slot {cases} ELSE 0 END AS BIGINT)" if cases else "0"

    by_rank = [(name, rank) for name in (["weight", "said"] if inputs.may_mute else ["weight"]) for rank in _RANKS]
    measured = ", ".join(f"{of_slot(name, rank)} AS {name}_{rank}" for name, rank in by_rank)
    columns = ", ".join(("node", "side", "who", "value", *(f"{name}_{rank}" for name, rank in by_rank)))
    estimated = f"UNION ALL SELECT {columns}, TRUE FROM sketch_cell" if inputs.sketches.ranks else ""
    # What does not count is said all the same: there the count is 0, for another source holds everything.
    yield Step(
        "distinct_cell",
        f"""
        SELECT {columns}, FALSE AS estimated
        FROM (
            SELECT w.node, s.side, w.who, {of_slot("value")} AS value, {measured}
            FROM distinct_wide w JOIN distinct_side s ON {"s.block = w.block" if inputs.bits.blocks > 1 else "1 = 1"}
        ) counted
        WHERE value > 0 {"OR said_0 + said_1 + said_2 > 0" if bits.may_mute else ""}
        {estimated}
        """,
    )


def _stated(inputs: Inputs) -> Iterator[Step]:
    yield Step(
        "declared_distinct",
        f"""
        SELECT o.node, w.id AS what, u.id AS unit, MAX(f.value) AS value, MIN(c.id) AS source
        FROM declared_fact f {_CODED}
        JOIN span s ON s.last_day = f.day
        JOIN node_of o ON o.span = s.id AND o.loc = l.id
        WHERE s.is_period AND f.entity = '' AND {_among("f.measure", inputs.measures.get("distinct", ()))}
        GROUP BY o.node, w.id, u.id
        """,
        kept=False,
    )
    # What is declared stands unless a stronger source covers the area; for a unit, where that names entities of it.
    yield Step(
        "stated_cell",
        f"""
        SELECT s.node, s.side, s.who, s.value, s.source, s.strength <= LEAST(
                   COALESCE(v.strength, {_NONE}), COALESCE(x.strength, {_NONE}))
               OR (s.who <> 0 AND COALESCE(c.value, 0) = 0) AS counts
        FROM (
            SELECT k.node, k.side, k.who, k.measure, k.strength, d.value, d.source, ROW_NUMBER() OVER (
                PARTITION BY k.node, k.side, k.who ORDER BY k.place_in_line) AS number
            FROM speaks k
            JOIN declared_distinct d ON d.node = k.cell_node AND d.what = k.what AND d.unit = k.cell_unit
        ) s
        LEFT JOIN covered v ON v.node = s.node AND v.measure = s.measure AND v.unit = 0
        LEFT JOIN covered x ON x.node = s.node AND x.measure = s.measure AND x.unit = s.who AND s.who <> 0
        LEFT JOIN distinct_cell c ON c.node = s.node AND c.side = s.side AND c.who = s.who
        WHERE s.number = 1
        """,
    )


# -- results -------------------------------------------------------------------------------------------------------------
def _results(inputs: Inputs) -> Iterator[Step]:
    measured = ", ".join(
        [
            "value",
            *(
                f"{name}_{rank}" if rank in inputs.ranks else f"0 AS {name}_{rank}"
                for name in ("weight", "rows")
                for rank in _RANKS
            ),
            "facts",
        ]
    )
    yield Step(
        "cell",
        f"""
        SELECT node, side, who, {measured}, stale, FALSE AS estimated FROM additive_cell
        UNION ALL
        SELECT d.node, d.side, d.who, d.value, d.weight_0, d.weight_1, d.weight_2, d.weight_0, d.weight_1, d.weight_2, 0, FALSE,
               d.estimated
        FROM distinct_cell d
        LEFT JOIN stated_cell s ON s.node = d.node AND s.side = d.side AND s.who = d.who AND s.counts
        WHERE s.node IS NULL
        UNION ALL
        SELECT node, side, who, value, 0, 0, value, 0, 0, 1, 0, FALSE, FALSE FROM stated_cell WHERE counts
        UNION ALL
        SELECT c.node, c.side, 0, 0, 0, 0, 0, 0, 0, 0, 0, FALSE, FALSE
        FROM side_covered c
        JOIN side s ON s.id = c.side
        LEFT JOIN distinct_cell d ON d.node = c.node AND d.side = c.side AND d.who = 0
        LEFT JOIN stated_cell e ON e.node = c.node AND e.side = c.side AND e.who = 0 AND e.counts
        WHERE s.is_distinct AND c.unit = 0 AND d.node IS NULL AND e.node IS NULL
        """,
        kept=False,
    )
    yield from _beside(inputs)
    yield Step(
        "given",
        f"""
        SELECT e.node, e.what, e.unit, f.node IS NOT NULL OR a.node IS NOT NULL OR b.node IS NOT NULL AS is_given
        FROM expected e
        LEFT JOIN (
            SELECT DISTINCT o.node, w.id AS what, u.id AS unit, f.day
            FROM declared_fact f {_CODED}
            JOIN span_slice s ON s.slice = f.slice
            JOIN node_of o ON o.span = s.span AND o.loc = l.id
        ) f ON f.node = e.node AND f.what = e.what AND f.unit = e.unit AND f.day = e.day
        LEFT JOIN covered a ON a.node = e.node AND a.measure = e.measure AND a.unit = 0
        LEFT JOIN covered b ON b.node = e.node AND b.measure = e.measure AND b.unit = e.unit AND b.unit <> 0
        """,
        kept=False,
    )
    yield Step(
        "reported",
        """
        SELECT c.ancestor AS node, t.part, g.unit, COUNT(*) AS expected, COUNT(CASE WHEN g.is_given THEN 1 END) AS given
        FROM (SELECT DISTINCT s.part, x.what FROM term x JOIN side s ON s.id = x.side WHERE x.is_asked) t
        JOIN given g ON g.what = t.what
        JOIN closure c ON c.node = g.node
        GROUP BY c.ancestor, t.part, g.unit
        """,
        kept=False,
    )


def _beside(inputs: Inputs) -> Iterator[Step]:
    """Of each source of which something does not count in a cell: all that it says there. For everybody and for each unit."""
    yield Step("lost", "SELECT DISTINCT t.side, w.source FROM won w JOIN term t ON t.what = w.what WHERE NOT w.counts")
    said = """
        SELECT c.ancestor AS node, t.side, {who} AS who, w.source, CAST(SUM(t.sign * w.value) AS BIGINT) AS value
        FROM won w
        JOIN term t ON t.what = w.what
        JOIN lost x ON x.side = t.side AND x.source = w.source
        JOIN closure c ON c.node = w.node
        {where}
        GROUP BY c.ancestor, t.side, {by}w.source
        HAVING MAX(CASE WHEN w.counts THEN 0 ELSE 1 END) = 1"""
    outdone = """
        SELECT d.node, d.side, d.who, n.source, d.{said}_{rank} AS value
        FROM distinct_cell d
        JOIN who u ON u.id = d.who
        JOIN named_by n ON n.side = d.side AND n.source_rank = {rank}
        {only} JOIN stated_cell s ON s.node = d.node AND s.side = d.side AND s.who = d.who AND s.counts
        WHERE NOT u.is_group AND d.{said}_{rank} > 0 AND (s.node IS NOT NULL OR d.{said}_{rank} > d.weight_{rank})"""
    said_too = {"said": "said", "only": "LEFT"} if inputs.may_mute else {"said": "weight", "only": ""}
    parts = [
        said.format(who="0", where="", by=""),
        said.format(who="w.unit", where="WHERE w.unit <> 0", by="w.unit, "),
        "SELECT node, side, who, source, value FROM stated_cell WHERE NOT counts",
        *(outdone.format(rank=rank, **said_too) for rank in inputs.ranks),
    ]
    yield Step("beside", " UNION ALL ".join(parts), kept=False)


# -- estimates -----------------------------------------------------------------------------------------------------------
def _sketches(inputs: Inputs) -> Iterator[Step]:
    """Bring registers up level by level, as `_distinct_cells` does masks, and add them up."""
    layout = inputs.sketches
    yield Step(
        "sketch_coded",
        """
        SELECT f.slice, l.id AS loc, u.id AS unit, COALESCE(p.id, 0) AS place_kind, f.slot, f.source_rank, f.register, f.place
        FROM sketch_slice f
        JOIN loc l ON l.area = f.area AND l.valid_from = f.area_valid_from
        JOIN who u ON u.code = f.unit
        LEFT JOIN who p ON p.code = 'place:' || f.place_kind AND f.place_kind <> ''
        """,
    )
    facet, facets = str(WHOLE), ""
    if len(layout.ranks) > 1 or layout.may_mute:
        facet = "x.facet"
        facets = "JOIN sketch_facet x ON x.source_rank = e.source_rank"
    if layout.may_mute:
        facets = f"""
        JOIN sketch_slot m ON m.slot = e.slot
        LEFT JOIN covered a ON a.node = i.id AND a.measure = m.measure AND a.unit = 0
        LEFT JOIN covered v ON v.node = i.id AND v.measure = m.measure AND v.unit = e.unit AND v.unit <> 0
        JOIN sketch_facet x ON x.source_rank = e.source_rank AND (x.is_said OR (a.node IS NULL AND v.node IS NULL)
            OR LEAST(COALESCE(a.strength, {_NONE}), COALESCE(v.strength, {_NONE})) % {RANKS} = e.source_rank)"""
    yield Step(
        "sketch_here",
        f"""
        SELECT i.id AS node, i.span, i.depth, e.unit, e.place_kind, e.slot, {facet} AS facet, e.register, e.place
        FROM sketch_coded e
        JOIN span_slice w ON w.slice = e.slice
        JOIN node_of o ON o.span = w.span AND o.loc = e.loc
        JOIN node i ON i.id = o.node {facets}
        """,
        kept=False,
    )
    rest = "slot, facet, register"
    parts = [
        f"SELECT node, depth, 0 AS who, {rest}, place FROM sketch_here",
        f"SELECT node, depth, unit AS who, {rest}, place FROM sketch_here WHERE unit <> 0",
    ]
    if _has_groups(inputs):
        parts.append(
            f"SELECT e.node, e.depth, g.who, e.{rest.replace(', ', ', e.')}, e.place FROM sketch_here e "
            "JOIN unit_group g ON g.span = e.span AND g.unit = e.unit"
        )
    if inputs.request.by_place:
        parts.append(f"SELECT node, depth, place_kind AS who, {rest}, place FROM sketch_here WHERE place_kind <> 0")
    yield Step("sketch_leaf", " UNION ALL ".join(parts), kept=False)
    yield Step(
        "sketch_own",
        f"SELECT node, depth, who, {rest}, MAX(place) AS place FROM sketch_leaf GROUP BY node, depth, who, {rest}",
    )
    own = f"SELECT node, who, {rest}, place FROM sketch_own WHERE depth = "
    yield Step(f"sketch_{inputs.depth}", f"{own}{inputs.depth}", kept=False)
    for depth in reversed(range(inputs.depth)):
        yield Step(
            f"sketch_{depth}",
            f"""
            SELECT x.node, x.who, x.{rest.replace(", ", ", x.")}, MAX(x.place) AS place
            FROM (
                {own}{depth}
                UNION ALL
                SELECT i.parent, e.who, e.{rest.replace(", ", ", e.")}, e.place
                FROM sketch_{depth + 1} e JOIN node i ON i.id = e.node
            ) x
            GROUP BY x.node, x.who, x.{rest.replace(", ", ", x.")}
            """,
            kept=depth > 0,
        )
    sums = """
        SELECT s.node, s.who, s.slot, s.facet, COUNT(*) AS filled, CAST(SUM(p.power) AS BIGINT) AS powers
        FROM sketch_{depth} s JOIN sketch_power p ON p.place = s.place
        GROUP BY s.node, s.who, s.slot, s.facet"""
    yield Step(
        "sketch_sum", " UNION ALL ".join(sums.format(depth=depth) for depth in range(inputs.depth + 1)), kept=False
    )
