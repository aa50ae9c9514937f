"""The made-up months of the reports' tests."""

from __future__ import annotations

from diem06.reports.tests.conftest import loaded, made

__all__ = ["loaded", "made"]
