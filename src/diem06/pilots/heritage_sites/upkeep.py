"""What the cycle does for the pilot every few minutes, and what is kept how long (see `core.roster.upkeep`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from diem06.core.roster.upkeep import Retention
from diem06.pilots.heritage_sites.actions import closing, register


def facts_of_sites(at: datetime) -> Iterator[str]:
    """Follow a plan that was amended since the register was written."""
    if changed := register.refresh_facts(at=at):
        yield f"heritage sites: {changed} facts made anew"


TURNS = (closing.turn, facts_of_sites)
RETENTION = (Retention(what="identities of visitors", remove=closing.retain),)
