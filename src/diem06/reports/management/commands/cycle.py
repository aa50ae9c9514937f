"""`diem06 cycle`: what the month needs once a day; run by a timer."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.plans.queries import NoPlanError, loaded_plan, periods
from diem06.reports.actions import open_reports


class Command(BaseCommand):
    """Exit codes: 0 done, 2 no plan is loaded, or none of that id."""

    help = "open the reports of every period that has begun; repeating it changes nothing"
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", help="id of the plan; default: the one loaded last")

    def handle(self, *args: Any, **options: Any) -> None:
        now = settings.DIEM06_CLOCK()
        try:
            plan = loaded_plan(options["plan"]).plan
        except NoPlanError as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        for period in periods(plan).filter(opens_at__lte=now):
            if opened := open_reports(period=period, plan=plan, at=now):
                self.stdout.write(f"{period.code}: {len(opened)} reports opened.")
