"""The roll-up of the packets that are loaded: computed once for each set of packets, then read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from pyarrow import parquet

from diem06.cube.engine.runner import Runner
from diem06.cube.models import Packet
from diem06.cube.packets import queries
from diem06.cube.packets.definitions import Definitions
from diem06.cube.packets.months import Months, is_counted_alike, months_of, windows_of
from diem06.cube.packets.result import (
    NOT_JUDGED,
    RESULT,
    ResultRow,
    differing,
    digest_of,
    keep,
    keep_facts,
    ratio_of,
    roll_up_window,
    rows_of,
)
from diem06.cube.packets.rolling import standing_to, target_of_country
from diem06.cube.standing import Ratio


class RollUpError(RuntimeError):
    """An engine gave a province other figures than it signed; the text names some."""


def folder() -> Path:
    """Return the folder of what is made out of packets; the packets themselves are kept files (core/evidence)."""
    return Path(settings.DIEM06_DATA) / "packets"


def is_national() -> bool:
    """Were packets ever loaded here? A look at the disk, for each page asks it; `diem06 packet rollup` makes the folder anew."""
    return folder().is_dir()


# -- whose packets ---------------------------------------------------------------------------------------------------------
MISSING = "missing"
"""Why a province is left out of a window: a month of it has no packet."""
AREAS_CHANGED = "areas_changed"
"""... its areas are not those of an earlier month: packets do not say what became of an area."""
COUNTED_OTHERWISE = "counted_otherwise"
"""... an earlier month was counted by other definitions."""


@dataclass(frozen=True, kw_only=True)
class Members:
    """
    The packets that make a window: `taken` by province, each month's after the one before; `left_out` are the other provinces, by
    their last packet, with the reason.
    """

    window: str
    taken: tuple[tuple[Packet, ...], ...]
    left_out: tuple[tuple[Packet, str], ...] = ()

    @property
    def packets(self) -> tuple[Packet, ...]:
        return tuple(packet for months in self.taken for packet in months)


def members(window: str) -> Members:
    """Return the packets of a month, quarter, half-year or year. Without any, or for another text, nothing is taken."""
    codes = months_of(window)
    by_province: dict[str, list[Packet]] = {}
    for row in queries.packets().filter(period__in=codes).order_by("period"):
        by_province.setdefault(row.province, []).append(row)
    taken, left_out = [], []
    for _province, rows in sorted(by_province.items()):
        if reason := _left_out(rows, codes):
            left_out.append((rows[-1], reason))
        else:
            taken.append(tuple(rows))
    return Members(window=window, taken=tuple(taken), left_out=tuple(left_out))


def _left_out(rows: Sequence[Packet], codes: Sequence[str]) -> str:
    """Say why the packets of a province do not make the window; empty: they do."""
    last = rows[-1]
    if len(rows) < len(codes):
        return MISSING
    if any(set(row.areas) != set(last.areas) for row in rows):
        return AREAS_CHANGED
    others = {row.definitions: row for row in rows if row.definitions != last.definitions}
    ours = queries.content_of(last).definitions if others else None
    if ours and not all(is_counted_alike(queries.content_of(row).definitions, ours) for row in others.values()):
        return COUNTED_OTHERWISE
    return ""


def windows() -> tuple[str, ...]:
    """Return the months of which packets were loaded, and the longer windows of which some province has every month, newest first."""
    return _windows(_digest_of_all())


@lru_cache(maxsize=1)
def _windows(digest: str) -> tuple[str, ...]:  # noqa: ARG001  another set of packets has another digest
    months = queries.periods()
    longer = {window for month in months for window in windows_of(month) if set(months_of(window)) <= set(months)}
    return (*months, *sorted((window for window in longer if members(window).taken), reverse=True))


def _digest_of_all() -> str:
    return digest_of(list(queries.packets().values_list("sha256", flat=True)))


def fact_files(found: Members, *, at: str = "") -> tuple[str, ...]:
    """
    Return the facts of a window as Parquet files, by the packet's SHA-256; of months before the last one flows alone.

    `at`: the folder; empty: that of this installation. Where it is an address (`s3a://…`), the files lie there already.
    """
    files = [(row, row is not months[-1]) for months in found.taken for row in months]
    names = [f"{row.sha256}{'-flows' if flows_alone else ''}.parquet" for row, flows_alone in files]
    if "://" in at:
        return tuple(f"{at.rstrip('/')}/{name}" for name in names)
    place = Path(at).resolve() if at else folder() / "facts"
    for (row, flows_alone), name in zip(files, names, strict=True):
        if not (place / name).exists():
            keep_facts(queries.content_of(row), place / name, flows_alone=flows_alone)
    return tuple(str(place / name) for name in names)


# -- the roll-up -----------------------------------------------------------------------------------------------------------
def national(window: str, *, runner: Runner | None = None, files: str = "", anew: bool = False) -> pa.Table:
    """
    Return the roll-up of the packets of a month, quarter, half-year or year (the columns of RESULT); empty where there are none.

    It is kept: asked again for the same packets it is read. `anew`, or an engine of the caller: it is computed. Raises RollUpError,
    and keeps nothing, where a province's figures of a month do not come out as it signed them.
    """
    found = members(window)
    return _judged(_rolled_up(found, runner=runner, files=files, anew=anew), found)


def _rolled_up(found: Members, *, runner: Runner | None = None, files: str = "", anew: bool = False) -> pa.Table:
    if not found.taken:
        return RESULT.empty_table()
    place = folder() / "rollups" / f"{digest_of([row.sha256 for row in found.packets])}.parquet"
    if runner is None and not anew:
        try:
            return parquet.read_table(place, schema=RESULT)
        except (OSError, pa.ArrowException):
            pass  # not there yet, or spoiled: it is made anew
    provinces = [
        Months(window=found.window, packets=tuple(queries.content_of(row) for row in months)) for months in found.taken
    ]
    table = roll_up_window(provinces, runner, files=fact_files(found, at=files) if runner is not None else ())
    if provinces[0].is_month and (wrong := differing(table, [each.last for each in provinces])):
        raise RollUpError(
            f"{found.window}: {len(wrong)} figures did not come out as they were signed, {', '.join(wrong[:5])}: nothing is kept."
        )
    keep(table, place)
    return table


def rows(window: str) -> tuple[ResultRow, ...]:
    """Return the rows of the country and of whole provinces, for pages."""
    return _rows(window, _digest_of_all())


@lru_cache(maxsize=8)
def _rows(window: str, digest: str) -> tuple[ResultRow, ...]:  # noqa: ARG001  another set of packets has another digest
    table = national(window)
    wanted = pc.is_in(table["level"], pa.array(["country", "province"]))
    return tuple(rows_of(table.filter(wanted)))


# -- the way to a deadline ---------------------------------------------------------------------------------------------------
def _judged(table: pa.Table, found: Members) -> pa.Table:
    """
    Judge the country's figures whose deadline lies ahead: by the line from the first known value of the same provinces to the target.

    It is not kept with the roll-up: another packet of an earlier month may begin the line earlier.
    """
    if not found.taken:
        return table
    last = found.taken[0][-1]
    definitions = queries.content_of(last).definitions
    country = list(rows_of(table.slice(0, len(definitions.lines))))
    open_ones = {
        row.code
        for row in country
        if row.reason == NOT_JUDGED
        and (target := target_of_country(definitions.line_of[row.code], last.last_day))
        and target.deadline
        and target.deadline > last.last_day
    }
    firsts = _first_known(found, definitions, open_ones)
    if not firsts:
        return table
    judged = [vars(_on_the_way(row, definitions, found, firsts.get(row.code))) for row in country]
    return pa.concat_tables([pa.Table.from_pylist(judged, schema=RESULT), table.slice(len(judged))])


def _on_the_way(row: ResultRow, definitions: Definitions, found: Members, first: Ratio | None) -> ResultRow:
    if first is None:
        return row
    line, months = definitions.line_of[row.code], found.taken[0]
    now = ratio_of(row, line, months[-1].last_day)
    target = target_of_country(line, now.day)
    standing = standing_to(line, now, target, first_day=months[0].first_day, first=first)
    return replace(row, standing=standing.value, reason="") if standing else row


def _first_known(found: Members, definitions: Definitions, codes: Collection[str]) -> dict[str, Ratio]:
    """Return the country's first known value of lines: of the earliest month that holds all provinces of the window, counted alike."""
    known: dict[str, Ratio] = {}
    wanted, last = {months[-1].province for months in found.taken}, found.taken[0][-1]
    for period in sorted(queries.periods()):
        left = [code for code in codes if code not in known]
        if not left or period >= last.period:
            break
        mine = [months for months in members(period).taken if months[0].province in wanted]
        if len(mine) < len(wanted):
            continue
        theirs = queries.content_of(mine[0][0]).definitions
        if not is_counted_alike(theirs, definitions):
            continue
        table = _rolled_up(Members(window=period, taken=tuple(mine)))
        for row in rows_of(table.slice(0, len(theirs.lines))):
            if row.code in left and row.value is not None:
                known[row.code] = ratio_of(row, theirs.line_of[row.code], mine[0][0].last_day)
    return known
