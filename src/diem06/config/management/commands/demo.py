"""`diem06 demo`: the real plan with a made-up year, ready to be looked at."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import translation

from diem06.config.clock import set_clock
from diem06.core import access
from diem06.core.access import Role
from diem06.core.audit.actions import link_pending
from diem06.core.organisation.models import User
from diem06.core.organisation.queries import has_totp, totp_code
from diem06.core.plans.actions import load_plan
from diem06.core.plans.models import LoadedPlan
from diem06.core.plans.queries import loaded_plan
from diem06.core.roster import installed_pilots
from diem06.desk import demo as desk_demo
from diem06.plan.reader import bundle_path
from diem06.reports import demo


class Command(BaseCommand):
    """Exit codes: 0 done, 2 the data folder holds something else than a demo, or there is no such user."""

    help = "load the plan and a made-up province and serve them; `demo code USER` prints a one-time code"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=["code"], help="code: print the one-time code of USER")
        parser.add_argument("user", nargs="?")
        parser.add_argument("--no-serve", action="store_true", help="load only")
        parser.add_argument("--port", default="8000")
        parser.add_argument(
            "--months", type=int, default=len(demo.MONTHS), help="how many of the twelve months to make"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "code":
            self._code(options["user"])
            return
        call_command("migrate", verbosity=0)
        if LoadedPlan.objects.filter(is_made_up=False).exists():
            self.stderr.write(f"{settings.DIEM06_DATA} holds real data; choose another folder by DIEM06_DATA.")
            sys.exit(2)
        if not LoadedPlan.objects.exists():
            self._build(options["months"])
        self._print_logins(options["port"])
        if not options["no_serve"]:
            call_command("serve", port=options["port"])

    def _build(self, months: int) -> None:
        set_clock(settings.DIEM06_DATA, demo.NOW)
        self._say("plan, units and areas")
        load_plan(folder=bundle_path("bac-giang-2023"), at=demo.NOW, is_made_up=True)
        people = demo.build(plan=loaded_plan().plan, months=demo.MONTHS[:months], progress=self._say)
        for pilot in installed_pilots():
            import_module(f"{pilot.name}.demo").build(months=demo.MONTHS[:months], progress=self._say)
        desk_demo.build(at=demo.NOW, progress=self._say)
        demo.close_periods(loaded=loaded_plan(), months=demo.MONTHS[:months], people=people, progress=self._say)
        self._say("audit chain")
        while link_pending():
            pass

    def _say(self, what: str) -> None:
        self.stderr.write(f"demo: {what} ...")

    def _code(self, username: str | None) -> None:
        user = User.objects.filter(username=username or "").first()
        if user is None or not has_totp(user):
            self.stderr.write(f"{username}: no such user, or one who signs in without a code.")
            sys.exit(2)
        # The machine's own time: sign-in does not ask the demo's clock.
        self.stdout.write(totp_code(user, datetime.now(UTC)))

    def _print_logins(self, port: str) -> None:
        plan_people = User.objects.order_by("pk")
        write = self.stdout.write
        write("")
        write(
            f"diem06: made-up figures, the clock starts on {demo.NOW:%d/%m/%Y %H:%M}. Password of all: {demo.PASSWORD}"
        )
        for user in plan_people[:5]:
            secret = demo.totp_secret(user.username)
            code = f"  code: diem06 demo code {user.username}  (secret {secret})" if has_totp(user) else ""
            write(f"  {user.username:<12}{', '.join(_roles(user)):<34}{code}")
        write("  units: bc-KEY types the report, ld-KEY is the head; for example bc-tan-yen, ld-tan-yen, bc-so-y-te")
        write(f"  open http://localhost:{port}/")
        write("")


def _roles(user: User) -> list[str]:
    with translation.override("vi"):
        return [str(Role(row.role).label) for row in user.roles.all()]
