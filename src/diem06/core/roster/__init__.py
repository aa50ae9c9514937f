"""What installed apps offer to the rooms above them: for now, sources of facts."""

from diem06.core.roster.apps import SourcesConfig
from diem06.core.roster.sources import FACT_COLUMNS, Coverage, Grade, Source, StockState, installed_sources

__all__ = ["FACT_COLUMNS", "Coverage", "Grade", "Source", "SourcesConfig", "StockState", "installed_sources"]
