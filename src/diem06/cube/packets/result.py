"""
The roll-up of a period's packets as one table: each province's figures, and the country's.

It is computed once for a set of packets and kept as a Parquet file under the digest of the set. The files can be removed at any
time: they are made anew out of the packets.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from diem06.cube.engine.rollup import rolled
from diem06.cube.engine.runner import DuckDBRunner, Runner
from diem06.cube.packets.content import Content, FigureRow
from diem06.cube.packets.definitions import LineDefinition
from diem06.cube.packets.rolling import (
    COUNTRY,
    Answer,
    Asked,
    answers,
    own_cells,
    request_of,
    standing_of_country,
    target_of_country,
    wide,
)

FORMAT = 1
"""Grows with what the table means: results of another format are made anew."""
COUNTED_ONCE = "counted_once"
"""Why the country has no number: people counted once in each province; who is in two cannot be recognised, a sum would be false."""
NOT_JUDGED = "not_judged"
"""Why the country has no standing: its deadline asks for a day, or for a way there, that packets do not hold."""

RESULT = pa.schema(
    [
        ("code", pa.string()),
        ("province", pa.string()),
        ("level", pa.string()),
        ("area", pa.string()),
        ("unit", pa.string()),
        ("key", pa.string()),
        ("numerator", pa.int64()),
        ("denominator", pa.int64()),
        ("value", pa.string()),
        ("target", pa.string()),
        ("standing", pa.string()),
        ("expected", pa.int64()),
        ("reported", pa.int64()),
        ("reason", pa.string()),
    ]
)
"""
`level`: country, province, district, commune or unit. `key` of the province's figure, empty for the country. `reason`: why there is
no number or no standing.
"""


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """A figure of the roll-up, by the columns of RESULT."""

    code: str
    province: str
    level: str
    area: str
    unit: str
    key: str
    numerator: int | None
    denominator: int | None
    value: str | None
    target: str | None
    standing: str
    expected: int
    reported: int
    reason: str

    def number(self) -> Decimal | None:
        return None if self.value is None else Decimal(self.value)


def roll_up(packets: Sequence[Content], runner: Runner | None = None, *, files: tuple[str, ...] = ()) -> pa.Table:
    """
    Return the roll-up of packets (the columns of RESULT), the country first, on an engine of the caller or a DuckDB of its own.

    What adds up is computed of the facts of all; people counted once are each province's signed figures, and the country has none.
    `files` are the facts in Parquet, where an engine's workers read them.
    """
    if runner is None:
        with DuckDBRunner() as own:
            return roll_up(packets, own, files=files)
    definitions = packets[0].definitions
    country = [Asked(line=line.code, area=COUNTRY) for line in definitions.lines]
    asked = [*country, *(cell for packet in packets for cell in own_cells(packet))]
    found = iter(answers(rolled(request_of(packets, files=files), runner), definitions, asked))
    rows = [_of_country(line, next(found), packets[0]) for line in definitions.lines]
    for packet in packets:
        levels = {area.code: area.level for area in packet.areas}
        rows += [_of_figure(packet, figure, next(found), levels) for figure in packet.figures]
    return pa.Table.from_pylist([vars(row) for row in rows], schema=RESULT)


def _of_country(line: LineDefinition, answer: Answer, packet: Content) -> ResultRow:
    last_day, definitions = packet.seal.last_day, packet.definitions
    now, target = answer.ratio(line, last_day), target_of_country(line, last_day)
    adds_up = definitions.is_additive(line)
    standing = standing_of_country(line, now, first_day=packet.seal.first_day) if adds_up else None
    return ResultRow(
        code=line.code,
        province="",
        level="country",
        area=COUNTRY,
        unit="",
        key="",
        numerator=answer.numerator if adds_up else None,
        denominator=answer.denominator if adds_up else None,
        value=_text(now.value) if adds_up else None,
        target=_text(target.value) if target else None,
        standing=standing.value if standing else "",
        expected=answer.expected,
        reported=answer.reported,
        reason=COUNTED_ONCE if not adds_up else "" if standing else NOT_JUDGED,
    )


def _of_figure(packet: Content, figure: FigureRow, answer: Answer, levels: Mapping[str, str]) -> ResultRow:
    line = packet.definitions.line_of[figure.code]
    adds_up = packet.definitions.is_additive(line)
    return ResultRow(
        code=figure.code,
        province=packet.province,
        level="unit" if figure.unit else levels[figure.area],
        area=figure.area,
        unit=figure.unit,
        key=figure.key,
        numerator=answer.numerator if adds_up else figure.numerator,
        denominator=answer.denominator if adds_up else figure.denominator,
        value=_text(answer.ratio(line, date.min).value) if adds_up else figure.value,
        target=figure.target,
        standing=figure.standing,
        expected=answer.expected,
        reported=answer.reported,
        reason="",
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def rows_of(table: pa.Table) -> Iterator[ResultRow]:
    """Yield the rows of a result."""
    names = [field.name for field in fields(ResultRow)]
    columns: list[list[Any]] = [table[name].to_pylist() for name in names]
    for values in zip(*columns, strict=True):
        yield ResultRow(**dict(zip(names, values, strict=True)))


def differing(table: pa.Table, packets: Sequence[Content]) -> list[str]:
    """
    Return the keys of the provinces' figures that a roll-up gives otherwise than the province signed them.

    There are none, unless the engine was wrong: each packet's figures were computed anew when it was loaded.
    """
    signed = {
        (packet.province, figure.key): (figure.numerator, figure.denominator)
        for packet in packets
        for figure in packet.figures
    }
    columns = [table[name].to_pylist() for name in ("province", "key", "numerator", "denominator")]
    found = {(province, key): (num, den) for province, key, num, den in zip(*columns, strict=True) if province}
    return [key for (province, key), pair in signed.items() if found.get((province, key)) != pair]


# -- kept ----------------------------------------------------------------------------------------------------------------
def digest_of(packets: Sequence[str]) -> str:
    """Return the digest of a set of packets, given by their SHA-256."""
    return hashlib.sha256(f"diem06/rollup/{FORMAT} {' '.join(sorted(packets))}".encode()).hexdigest()


def keep(table: pa.Table, place: Path) -> None:
    """Write a table to a Parquet file that is there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with _beside(place) as new:
        parquet.write_table(table, new, compression="zstd")


def keep_facts(content: Content, place: Path) -> None:
    """Write the facts of a packet as the rollup reads them, unless they are there."""
    if not place.exists():
        keep(wide(content), place)


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    os.close(handle)
    new = Path(name)
    try:
        yield new
        new.chmod(0o644)
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)
