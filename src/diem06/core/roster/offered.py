"""Which pilots a loaded plan has among those that are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diem06.core.roster.apps import PilotConfig
from diem06.core.roster.pilots import installed_pilots
from diem06.plan import model
from diem06.plan.model import Plan


@dataclass(frozen=True, kw_only=True)
class OfferedPilot:
    """An installed pilot, and the pilot of the plan that it serves."""

    config: PilotConfig
    named: model.Pilot


def offered_pilots(plan: Plan) -> Iterator[OfferedPilot]:
    """
    Yield the installed pilots that the plan names, in the order of the plan.

    A pilot serves the one of the plan whose clause, or clause of the annex, it lists; in a plan that names none of them it is hidden.
    """
    installed = list(installed_pilots())
    for named in plan.pilots:
        for config in installed:
            if set(config.pilot.clauses) & ({named.clause, named.annex_clause} - {""}):
                yield OfferedPilot(config=config, named=named)
