"""`diem06 cycle`: what a new month needs, once a day by a timer, or every few minutes beside the server."""

from __future__ import annotations

import logging
import sys
import time
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from diem06.core import access
from diem06.core.audit.actions import link_pending
from diem06.core.jobs.actions import remove_expired, take_up_orphans
from diem06.core.organisation.use import fold
from diem06.core.plans.actions import open_periods
from diem06.core.plans.models import LoadedPlan
from diem06.core.plans.queries import NoPlanError, loaded_plan, periods
from diem06.core.roster.upkeep import installed_retention, installed_turns
from diem06.reports.actions import open_reports
from diem06.reports.compiling.actions import draft_urging_letter

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Exit codes: 0 done, 2 no plan is loaded, or none of that id, or the database is not ready."""

    help = (
        "open the periods that have begun and their reports, draft the letter that urges, do what time asks of the pilots, "
        "link the audit trail; repeating it changes nothing"
    )
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", help="id of the plan; default: the one loaded last")
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on, and do it again after so long")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"]:
            self._go_on(options["plan"], options["every"])
        try:
            self._once(options["plan"])
        except NoPlanError as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        except DatabaseError as fault:
            self.stderr.write(f"The database is not ready: {fault}. Is it running? Is it up to date (diem06 migrate)?")
            sys.exit(2)

    def _go_on(self, plan_id: str | None, seconds: int) -> NoReturn:
        """Begin anew after so long, whatever went wrong: a database that is away for a while must not end the server too."""
        while True:
            try:
                self._once(plan_id)
            except NoPlanError:
                pass  # one may be loaded later
            except Exception:
                logger.exception("cycle: this turn failed; the next one is in %s s", seconds)
            connection.close()  # it would not outlive a restart of the database
            time.sleep(seconds)

    def _once(self, plan_id: str | None) -> None:
        now = settings.DIEM06_CLOCK()
        take_up_orphans(at=now)
        remove_expired(at=now)
        fold()
        loaded = loaded_plan(plan_id)
        open_periods(plan=loaded.plan, bundle=LoadedPlan.objects.get(pk=loaded.bundle), at=now)
        for period in periods(loaded.plan).filter(opens_at__lte=now):
            if opened := open_reports(period=period, plan=loaded.plan, at=now):
                self.stdout.write(f"{period.code}: {len(opened)} reports opened.")
            if draft_urging_letter(period=period, at=now):
                self.stdout.write(f"{period.code}: a letter to urge who has not sent was drafted.")
        for turn in (*installed_turns(), *(kept.remove for kept in installed_retention())):
            for line in turn(now):
                self.stdout.write(line)
        link_pending()
