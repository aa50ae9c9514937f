"""`diem06 anomalies`: look for numbers that want a second look, and how often each rule finds some."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan, period, periods
from diem06.cube.anomalies import queries
from diem06.cube.anomalies.actions import Outcome, find_ripe
from diem06.cube.anomalies.rulebook import shipped


class Command(BaseCommand):
    """Exit codes: 0 done, 2 no plan is loaded, or it has no such period."""

    help = (
        "find [PERIOD]: look at a period, or at the last that are due, and keep what was found; repeating it changes nothing; "
        "rates: how often each rule found something in what was looked at, and on the demo"
    )
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["find", "rates"])
        parser.add_argument("period", nargs="?", default="")
        parser.add_argument("--all", action="store_true", help="find: every period that is due")
        parser.add_argument("--plan", help="id of the plan; default: the one loaded last")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = loaded_plan(options["plan"])
        except NoPlanError as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        if options["verb"] == "rates":
            self._rates(loaded)
            return
        at = settings.DIEM06_CLOCK()
        codes = {options["period"]} - {""}
        if codes and period(loaded.plan, options["period"]) is None:
            self.stderr.write(f"The plan has no open period {options['period']!r}.")
            sys.exit(2)
        if options["all"]:
            codes = {row.code for row in periods(loaded.plan).filter(due_at__lte=at)}
        for outcome in find_ripe(loaded=loaded, at=at, codes=codes):
            self.stdout.write(words_of(outcome))

    def _rates(self, loaded: Loaded) -> None:
        rates = queries.rates(loaded.plan)
        what = "false alarms (nothing in a made-up plan is a fraud)" if loaded.is_made_up else "unit-months flagged"
        self.stdout.write(f"{'rule':<22} {what}; measured when the rules were set, on the demo")
        for rule in shipped().rules:
            units, flagged = rates.get(rule.code, (0, 0))
            self.stdout.write(
                f"{rule.code:<22} {flagged:>5} of {units:<6} {_share(flagged, units):>6}"
                f"   demo {rule.demo_found:>5} of {rule.demo_looked_at:<6} {_share(rule.demo_found, rule.demo_looked_at):>6}"
            )


def words_of(outcome: Outcome) -> str:
    """Say what a look changed, for a log."""
    if not outcome.was_needed:
        return f"{outcome.period}: nothing changed since the last look."
    return (
        f"{outcome.period}: {outcome.new} new, {outcome.changed} changed, {outcome.gone} gone; "
        f"{outcome.put} put to units for an explanation."
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
