"""The roll-up of the packets that are loaded: computed once for each set of packets, then read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from pyarrow import parquet

from diem06.cube.engine.runner import Runner
from diem06.cube.models import Packet
from diem06.cube.packets import queries
from diem06.cube.packets.result import RESULT, ResultRow, differing, digest_of, keep, keep_facts, roll_up, rows_of


class RollUpError(RuntimeError):
    """An engine gave a province other figures than it signed; the text names some."""


def folder() -> Path:
    """Return the folder of what is made out of packets; the packets themselves are kept files (core/evidence)."""
    return Path(settings.DIEM06_DATA) / "packets"


def is_national() -> bool:
    """Were packets ever loaded here? A look at the disk, for each page asks it; `diem06 packet rollup` makes the folder anew."""
    return folder().is_dir()


def fact_files(packets: Sequence[Packet], *, at: str = "") -> tuple[str, ...]:
    """
    Return the facts of packets as Parquet files, by the packet's SHA-256.

    `at`: the folder; empty: that of this installation. Where it is an address (`s3a://…`), the files lie there already.
    """
    if "://" in at:
        return tuple(f"{at.rstrip('/')}/{row.sha256}.parquet" for row in packets)
    place = Path(at).resolve() if at else folder() / "facts"
    for row in packets:
        if not (place / f"{row.sha256}.parquet").exists():
            keep_facts(queries.content_of(row), place / f"{row.sha256}.parquet")
    return tuple(str(place / f"{row.sha256}.parquet") for row in packets)


def national(period: str, *, runner: Runner | None = None, files: str = "", anew: bool = False) -> pa.Table:
    """
    Return the roll-up of the packets of a period (the columns of RESULT); empty where there are none.

    It is kept: asked again for the same packets it is read. `anew`, or an engine of the caller: it is computed. Raises RollUpError,
    and keeps nothing, where a province's figures do not come out as it signed them.
    """
    packets = list(queries.packets(period))
    if not packets:
        return RESULT.empty_table()
    place = folder() / "rollups" / f"{digest_of([row.sha256 for row in packets])}.parquet"
    if runner is None and not anew:
        try:
            return parquet.read_table(place, schema=RESULT)
        except (OSError, pa.ArrowException):
            pass  # not there yet, or spoiled: it is made anew
    contents = [queries.content_of(row) for row in packets]
    table = roll_up(contents, runner, files=fact_files(packets, at=files) if runner is not None else ())
    if wrong := differing(table, contents):
        raise RollUpError(
            f"{period}: {len(wrong)} figures did not come out as they were signed, {', '.join(wrong[:5])}: nothing is kept."
        )
    keep(table, place)
    return table


def rows(period: str) -> tuple[ResultRow, ...]:
    """Return the rows of the country and of whole provinces, for pages."""
    packets = [row.sha256 for row in queries.packets(period)]
    return _rows(period, digest_of(packets)) if packets else ()


@lru_cache(maxsize=8)
def _rows(period: str, digest: str) -> tuple[ResultRow, ...]:  # noqa: ARG001  another set of packets has another digest
    table = national(period)
    wanted = pc.is_in(table["level"], pa.array(["country", "province"]))
    return tuple(rows_of(table.filter(wanted)))
