"""`diem06 restore FILE`: a backup into an empty diem06, and what was looked at afterwards."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from diem06.config.backups import BackupError, restore
from diem06.core import access


class Command(BaseCommand):
    """Exit codes: 0 done and every check holds, 1 a check does not hold, 2 nothing was restored."""

    help = "bring a backup back into an empty database and data folder, and check it"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `diem06 backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest, checks = restore(file=options["file"])
        except BackupError as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        self.stdout.write(f"Backup of {manifest['made_at']}.")
        for check in checks:
            self.stdout.write(f"{'ok  ' if check.is_good else 'FAIL'} {check.name}: {check.words}")
        if not all(check.is_good for check in checks):
            sys.exit(1)
