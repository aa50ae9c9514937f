"""Where the installed apps declare things to the roster: a module of a known name, beside their models."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule

_ROSTER = "diem06.core.roster"  # what it has under these names says how to declare


def modules_named(name: str) -> Iterator[ModuleType]:
    """Yield the module of this name of each installed app of diem06 that has one."""
    for config in apps.get_app_configs():
        is_ours = config.name.startswith("diem06.") and config.name != _ROSTER
        if is_ours and module_has_submodule(config.module, name):
            yield import_module(f"{config.name}.{name}")
