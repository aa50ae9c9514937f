"""The AppConfigs by which an app says what it is to the roster."""

from typing import ClassVar

from django.apps import AppConfig

from diem06.core.roster.pilots import Pilot


class SourcesConfig(AppConfig):
    """
    Subclass it in the `apps.py` of an app whose `measures.py` holds `SOURCES`, a tuple of `Source`.

    Import the module and not this class (`from diem06.core import roster`): two AppConfig classes in one `apps.py`
    make Django fall back to a plain one, and the sources would vanish without a word.
    """


class PilotConfig(SourcesConfig):
    """Subclass it in the `apps.py` of a pilot, in the same way, and give it its `pilot`."""

    pilot: ClassVar[Pilot]


class RosterConfig(AppConfig):
    """The roster itself: no models, system checks only."""

    default = True
    name = "diem06.core.roster"
    label = "roster"

    def ready(self) -> None:
        """Register the system checks."""
        from diem06.core.roster import checks  # noqa: F401  (registers by import)
