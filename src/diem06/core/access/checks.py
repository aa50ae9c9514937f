"""System checks: nothing is open because somebody forgot to close it."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.management import find_commands, load_command_class

from diem06.core.access.urls import urls_with_rules


def every_url_states_a_rule(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """access.E001"""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    return [
        Error(
            f"The URL {url.route!r} ({url.name or 'no name'}) states no access rule.",
            hint="Decorate its view with @access.rule(...), or wrap it in the URLconf with access.ruled(...).",
            obj=f"{url.view.__module__}.{getattr(url.view, '__qualname__', url.view)}",
            id="access.E001",
        )
        for url in urls_with_rules()
        if url.rule is None
    ]


def every_command_states_a_rule(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """access.E002"""
    from django.apps import apps

    return [
        Error(
            f"The command {name!r} of {app.name} states no access rule.",
            hint="Give its Command class `access_rule = access.operator`.",
            id="access.E002",
        )
        for app in apps.get_app_configs()
        if app.name.startswith("diem06.")
        for name in find_commands(f"{app.path}/management")
        if not hasattr(load_command_class(app.name, name), "access_rule")
    ]
