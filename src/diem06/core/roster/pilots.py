"""What a pilot says of itself. The rest is told by the files of its folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.utils.functional import Promise

if TYPE_CHECKING:
    from diem06.core.roster.apps import PilotConfig

ANATOMY = ("models", "queries", "actions", "measures", "views", "urls", "demo", "tests")
"""The modules that every pilot has; `sheets`, `forms`, `api`, `jobs` and `desk` only where it needs them."""


@dataclass(frozen=True, kw_only=True)
class PlaceKind:
    """A kind of `core.places` that a pilot keeps: its code, its words, and the kinds that its parent may have."""

    code: str
    title: Promise
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """
    A pilot of a plan. Its code is the name of its folder; its title comes from the plan.

    `clauses`: ids of the clauses that it serves; it is there only while a loaded plan names one of them as a pilot's own.
    `scope_list`: the code of the plan's list of places in scope, if it has one.
    """

    clauses: tuple[str, ...]
    icon: str
    place_kinds: tuple[PlaceKind, ...] = ()
    scope_list: str = ""


def installed_pilots() -> Iterator[PilotConfig]:
    """Yield the configs of the installed pilots, by label."""
    from diem06.core.roster.apps import PilotConfig

    yield from sorted(
        (config for config in apps.get_app_configs() if isinstance(config, PilotConfig)), key=lambda each: each.label
    )


def place_kinds() -> dict[str, PlaceKind]:
    """Return the kinds of places of all installed pilots, by code."""
    return {kind.code: kind for config in installed_pilots() for kind in config.pilot.place_kinds}
