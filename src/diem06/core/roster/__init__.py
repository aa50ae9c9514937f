"""What installed apps offer to the rooms above them: sources of facts, pilots, and what a pilot does at a desk (`roster.desk`)."""

from diem06.core.roster.apps import PilotConfig, SourcesConfig
from diem06.core.roster.pilots import Pilot, PlaceKind, installed_pilots, place_kinds
from diem06.core.roster.sources import (
    FACT_COLUMNS,
    HISTORY_COLUMNS,
    Coverage,
    Grade,
    NamedRecord,
    Source,
    StockState,
    as_known,
    installed_sources,
    source_title,
)

__all__ = [
    "FACT_COLUMNS",
    "HISTORY_COLUMNS",
    "Coverage",
    "Grade",
    "NamedRecord",
    "Pilot",
    "PilotConfig",
    "PlaceKind",
    "Source",
    "SourcesConfig",
    "StockState",
    "as_known",
    "installed_pilots",
    "installed_sources",
    "place_kinds",
    "source_title",
]
