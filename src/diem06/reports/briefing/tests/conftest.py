"""The made-up months of the room."""

from diem06.reports.tests.conftest import loaded, made

__all__ = ["loaded", "made"]
