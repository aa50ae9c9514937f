"""Made-up records of the pilot for the demo: the register first, then the visits at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diem06.pilots.heritage_sites.demo.register import build as build_register
from diem06.pilots.heritage_sites.demo.visits import build as build_visits


def build(*, months: Iterable[str], progress: Callable[[str], None]) -> None:
    """Make the records of `months` (codes of periods). `progress` is told what is being done."""
    codes = tuple(months)
    progress("heritage sites: register")
    build_register(codes)
    progress("heritage sites: visits")
    build_visits(codes)
