"""`diem06 visits close-forgotten`: what the cycle does for visits, at once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.pilots.heritage_sites.actions import closing


class Command(BaseCommand):
    """Exit codes: 0 done."""

    help = "close-forgotten: close visits that nobody scanned out, begin new days, publish what was counted; repeating it changes nothing"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["close-forgotten"])

    def handle(self, *args: Any, **options: Any) -> None:
        for line in closing.turn(settings.DIEM06_CLOCK()):
            self.stdout.write(line)
