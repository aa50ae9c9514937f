"""`diem06 retention run`: remove what may be kept no longer, and say what was removed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.roster.upkeep import installed_retention


class Command(BaseCommand):
    """Exit codes: 0 done."""

    help = "remove personal data whose time is over; counts and statistics stay; repeating it changes nothing"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["run"])

    def handle(self, *args: Any, **options: Any) -> None:
        now = settings.DIEM06_CLOCK()
        for kept in installed_retention():
            done = list(kept.remove(now))
            for line in done or ["nothing is over its time."]:
                self.stdout.write(f"{kept.what}: {line}")
