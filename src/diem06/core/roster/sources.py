"""Sources of facts: where a measure's numbers come from, and how far each source can be trusted to be whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

FACT_COLUMNS = (
    "measure",
    "source",
    "day",
    "recorded_at",
    "area",
    "area_valid_from",
    "unit",
    "place",
    "dimensions",
    "entity",
    "value",
    "record",
)
"""
The columns of a fact, in order: text, text, date, aware datetime, text, date, text, text, text, text, 64-bit integer, text.

`dimensions` is canonical: `name=value` pairs sorted by name and joined by `;`. Text is never null, value is never null.
`entity` is the key or pseudonym that a distinct count needs, else empty. `record` leads back to the record.
"""

HISTORY_COLUMNS = (*FACT_COLUMNS, "superseded_at")
"""What a source hands out: a fact, and since when it no longer holds (aware datetime; null: it holds)."""


class Grade(StrEnum):
    """How a number was obtained, strongest first."""

    EVIDENCED = "evidenced"
    IMPORTED = "imported"
    DECLARED = "declared"


class StockState(StrEnum):
    """What the facts of a stock measure are in a source."""

    SNAPSHOT = "snapshot"  # the whole state on that day; a later one replaces it
    RECORD = "record"  # the state of one record from that day on; each record keeps its last


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """
    A source holds everything of `measure` in `area` (a code, empty: every area) for `unit` (empty: every unit).

    Only where a source covers a cell may the absence of a fact be read as zero, and only there does it win over a weaker one.
    """

    measure: str
    area: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class NamedRecord:
    """What a person calls a record, and the address at which it is shown; empty: it has no page of its own."""

    name: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    A source of facts. `facts(first, last)` returns a queryset whose `values_list` is HISTORY_COLUMNS, of plain stored columns
    only: every row that there ever was for days from `first` to `last`, superseded ones too. Which of them held at a moment is
    asked by `as_known`, for every source alike.

    A declared source needs no coverage: each declared cell is whole in itself. `measures`: all that it may supply; a declared one
    supplies whatever units owe and names none.

    `title` is what the source is called on screen. `records` gives names and addresses for the record references of facts; what it
    leaves out is shown without.
    """

    code: str
    title: Promise
    grade: Grade
    facts: Callable[[date, date], QuerySet[Any, Any]]
    coverage: Callable[[date, date], Iterable[Coverage]] = lambda _first, _last: ()
    measures: tuple[str, ...] = ()
    stock: StockState = StockState.SNAPSHOT
    carries: bool = False  # a snapshot goes on into later periods, marked stale, until the next one
    records: Callable[[Collection[str]], Mapping[str, NamedRecord]] = lambda _records: {}


def as_known(at: datetime | None) -> Q:
    """Return the filter that keeps the rows as they stood at `at`; None: as they stand."""
    if at is None:
        return Q(superseded_at=None)
    return Q(recorded_at__lte=at) & (Q(superseded_at=None) | Q(superseded_at__gt=at))


def installed_sources() -> Iterator[Source]:
    """Yield the sources of every installed app whose config is a `SourcesConfig`."""
    from diem06.core.roster.apps import SourcesConfig

    for config in apps.get_app_configs():
        if isinstance(config, SourcesConfig):
            yield from import_module(f"{config.name}.measures").SOURCES


def source_title(code: str) -> str:
    """Return what a source is called on screen; of one that is no longer installed, its code."""
    return next((str(source.title) for source in installed_sources() if source.code == code), code)
