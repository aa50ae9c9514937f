from django.apps import AppConfig
from django.core.checks import Tags, register


class AccessConfig(AppConfig):
    """The rule layer; it has no models."""

    name = "diem06.core.access"
    label = "access"

    def ready(self) -> None:
        from diem06.core.access import checks

        register(checks.every_url_states_a_rule, Tags.urls)
        register(checks.every_command_states_a_rule)
