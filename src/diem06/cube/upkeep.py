"""What the cycle does for the cube: it brings the lake up to the database, off the way of every request (see `core.roster.upkeep`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pyarrow as pa

from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.anomalies.actions import find_ripe
from diem06.cube.lake.extraction import ExtractionError
from diem06.cube.lake.refreshing import RefreshingError, refresh

logger = logging.getLogger(__name__)


def refresh_lake(at: datetime) -> Iterator[str]:
    """Write anew what has changed. Where that fails, figures are read from the database, and the rest of the cycle goes on."""
    try:
        yield from refresh(at=at, wait=False).lines()
    except RefreshingError:
        pass  # whoever is at it does the same
    except (OSError, pa.ArrowException, duckdb.Error, ExtractionError):
        logger.exception("The lake was not refreshed; figures are read from the database meanwhile.")


def look_for_anomalies(at: datetime) -> Iterator[str]:
    """Look at the periods that are due for numbers that want a second look, where something changed since the last time."""
    try:
        loaded = loaded_plan()
    except NoPlanError:
        return
    for outcome in find_ripe(loaded=loaded, at=at):
        if outcome.is_news:
            yield f"{outcome.period}: numbers to check: {outcome.new} new, {outcome.gone} gone, {outcome.put} put to units"


TURNS = (refresh_lake, look_for_anomalies)
