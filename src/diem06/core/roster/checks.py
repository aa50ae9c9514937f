"""System checks of what apps offer."""

from collections import Counter
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from diem06.core.roster.apps import SourcesConfig
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
