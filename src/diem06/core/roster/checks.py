"""System checks of what apps offer, and of the anatomy of pilots."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import module_has_submodule

from diem06.core.declarations import apps_with
from diem06.core.roster.apps import PilotConfig, SourcesConfig
from diem06.core.roster.desk import DeskService
from diem06.core.roster.pilots import ANATOMY, installed_pilots
from diem06.core.roster.sources import installed_sources


@register()
def sources_are_whole(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  the signature of every check
    """roster.E001: an app that says it supplies sources has `measures.SOURCES`; roster.E002: source codes are unique."""
    faults: list[CheckMessage] = []
    for config in apps.get_app_configs():
        if isinstance(config, SourcesConfig):
            try:
                getattr(import_module(f"{config.name}.measures"), "SOURCES")  # noqa: B009  asked for, not used
            except (ImportError, AttributeError) as fault:
                hint = f"Write {config.name}/measures.py with SOURCES = (roster.Source(...),)."
                faults.append(Error(f"{config.name} supplies no sources: {fault}", hint=hint, id="roster.E001"))
    if not faults:
        for code, count in Counter(source.code for source in installed_sources()).items():
            if count > 1:
                faults.append(Error(f"{count} sources are coded {code!r}", hint="Rename one.", id="roster.E002"))
    return faults


@register()
def pilots_are_whole(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """roster.E003: a folder under `pilots` is no pilot; E004: it lacks a part; E005: two share what is one pilot's; E006: its desk."""
    return [*_folders_that_are_no_pilot(), *_missing_parts(), *_shared(), *_desks_without_service()]


def _folders_that_are_no_pilot() -> Iterator[CheckMessage]:
    for config in apps.get_app_configs():
        if config.name in settings.PILOTS and not isinstance(config, PilotConfig):
            hint = "Its apps.py holds one class ...Config(roster.PilotConfig), after `from diem06.core import roster`."
            yield Error(f"{config.name} is no pilot.", hint=hint, id="roster.E003")


def _missing_parts() -> Iterator[CheckMessage]:
    for config in installed_pilots():
        for part in ANATOMY:
            if not module_has_submodule(config.module, part):
                hint = "docs/how-to/add-a-pilot.md says what belongs there."
                yield Error(f"{config.name} has no {part}.", hint=hint, id="roster.E004")


def _shared() -> Iterator[CheckMessage]:
    named = Counter(
        (what, word)
        for config in installed_pilots()
        for what, words in (
            ("clause", config.pilot.clauses),
            ("kind of place", [kind.code for kind in config.pilot.place_kinds]),
        )
        for word in words
    )
    for (what, word), count in named.items():
        if count > 1:
            yield Error(f"{count} pilots have the {what} {word!r}.", hint="Take it from all but one.", id="roster.E005")


def _desks_without_service() -> Iterator[CheckMessage]:
    for config in apps_with("desk"):
        service = getattr(import_module(f"{config.name}.desk"), "SERVICE", None)
        kept = {kind.code for kind in config.pilot.place_kinds} if isinstance(config, PilotConfig) else set()
        if not isinstance(service, DeskService) or not set(service.kinds) <= kept:
            hint = "Write SERVICE = DeskService(kinds=..., ...) for kinds of places that the pilot itself keeps."
            yield Error(f"{config.name}.desk offers no service.", hint=hint, id="roster.E006")
