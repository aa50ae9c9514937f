"""
What installed apps declare to the rooms below them: a module of a known name beside their models, and in it one known name.

A room of core knows none of the apps above it; it finds what they declare here.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

_ROSTER = "diem06.core.roster"  # its modules of these names say how to declare


def apps_with(module: str) -> Iterator[AppConfig]:
    """Yield the installed apps that have a module of this name."""
    for config in apps.get_app_configs():
        if config.name != _ROSTER and config.module is not None and module_has_submodule(config.module, module):
            yield config


def modules_named(module: str) -> Iterator[ModuleType]:
    """Yield the module of this name of each installed app that has one."""
    for config in apps_with(module):
        yield import_module(f"{config.name}.{module}")


def declared(module: str, name: str) -> Iterator[Any]:
    """Yield everything that the apps list under `name` in their `module`. Raises AttributeError where one lists nothing."""
    for found in modules_named(module):
        yield from getattr(found, name)


def undeclared(module: str, name: str) -> Iterator[tuple[AppConfig, Exception]]:
    """Yield the apps whose `module` cannot be imported or has no tuple of this `name`, with why: for system checks."""
    for config in apps_with(module):
        try:
            listed = getattr(import_module(f"{config.name}.{module}"), name)
        except (ImportError, AttributeError) as fault:
            yield config, fault
            continue
        if not isinstance(listed, tuple):
            yield config, TypeError(f"{name} is no tuple")
