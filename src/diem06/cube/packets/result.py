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
from dataclasses import dataclass, fields, replace
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
from diem06.cube.packets.months import Months, flows_of
from diem06.cube.packets.rolling import (
    COUNTRY,
    Answer,
    Asked,
    answers,
    own_cells,
    request_of,
    standing_to,
    target_of_country,
    wide,
)
from diem06.cube.standing import Ratio, Standing

FORMAT = 1
"""Grows with what the table means: results of another format are made anew."""
COUNTED_ONCE = "counted_once"
"""Why the country has no number: people counted once in each province; who is in two cannot be recognised, a sum would be false."""
COUNTED_EACH_MONTH = "counted_each_month"
"""Why nobody has a number of several months: who was counted in two of them cannot be recognised."""
NOT_JUDGED = "not_judged"
"""Why there is no standing: the deadline asks for a day, or for a way there, that packets do not hold."""

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
    """Return the roll-up of the packets of one month: `roll_up_window` of them."""
    months = [Months(window=packet.seal.period, packets=(packet,)) for packet in packets]
    return roll_up_window(months, runner, files=files)


def roll_up_window(
    provinces: Sequence[Months], runner: Runner | None = None, *, files: tuple[str, ...] = ()
) -> pa.Table:
    """
    Return the roll-up of a window (the columns of RESULT), the country first, on an engine of the caller or a DuckDB of its own.

    What adds up is computed of the facts of all. People counted once are, in a month, each province's signed figures, and the country
    has none; in several months nobody has one. `files` are the facts in Parquet, where an engine's workers read them.
    """
    if runner is None:
        with DuckDBRunner() as own:
            return roll_up_window(provinces, own, files=files)
    definitions = provinces[0].definitions
    country = [Asked(line=line.code, area=COUNTRY) for line in definitions.lines]
    asked = [*country, *(cell for each in provinces for cell in own_cells(each.last))]
    found = iter(answers(rolled(request_of(provinces, files=files), runner), definitions, asked))
    rows = [_of_country(line, next(found), provinces[0]) for line in definitions.lines]
    for each in provinces:
        levels = {area.code: area.level for area in each.areas}
        rows += [_of_figure(each, figure, next(found), levels) for figure in each.last.figures]
    return pa.Table.from_pylist([vars(row) for row in rows], schema=RESULT)


def _of_country(line: LineDefinition, answer: Answer, window: Months) -> ResultRow:
    now, target = answer.ratio(line, window.last_day), target_of_country(line, window.last_day)
    adds_up = window.definitions.is_additive(line)
    standing = standing_to(line, now, target, first_day=window.first_day) if adds_up else None
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


def _of_figure(window: Months, figure: FigureRow, answer: Answer, levels: Mapping[str, str]) -> ResultRow:
    packet = window.last
    line = packet.definitions.line_of[figure.code]
    adds_up = packet.definitions.is_additive(line)
    now = answer.ratio(line, window.last_day)
    row = ResultRow(
        code=figure.code,
        province=packet.province,
        level="unit" if figure.unit else levels[figure.area],
        area=figure.area,
        unit=figure.unit,
        key=figure.key,
        numerator=answer.numerator if adds_up else figure.numerator,
        denominator=answer.denominator if adds_up else figure.denominator,
        value=_text(now.value) if adds_up else figure.value,
        target=figure.target,
        standing=figure.standing,
        expected=answer.expected,
        reported=answer.reported,
        reason="",
    )
    if window.is_month:
        return row
    if not adds_up:  # and nobody signed it
        return replace(
            row, key="", numerator=None, denominator=None, value=None, standing="", reason=COUNTED_EACH_MONTH
        )
    standing = _in_window(line, now, figure, window)
    return replace(row, key="", standing=standing.value if standing else "", reason="" if standing else NOT_JUDGED)


def _in_window(line: LineDefinition, now: Ratio, figure: FigureRow, window: Months) -> Standing | None:
    """Return how a figure that several months make stands to its target: one of its own has a deadline that packets do not name."""
    targets = [target for target in line.targets if _text(target.value) == figure.target]
    if figure.target is not None and len({target.deadline for target in targets}) != 1:
        return None
    return standing_to(line, now, targets[0] if targets else None, first_day=window.first_day)


def ratio_of(row: ResultRow, line: LineDefinition, day: date) -> Ratio:
    """Return the numbers of a row."""
    return Answer(
        numerator=row.numerator, denominator=row.denominator, expected=row.expected, reported=row.reported
    ).ratio(line, day)


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


def keep_facts(content: Content, place: Path, *, flows_alone: bool = False) -> None:
    """Write the facts of a packet as the rollup reads them, unless they are there; `flows_alone`: for a window that goes on."""
    if not place.exists():
        keep(wide(content, flows_of(content) if flows_alone else content.facts), place)


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
