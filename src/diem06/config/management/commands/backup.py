"""`diem06 backup FILE`: everything in one file, made while people work."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.config.backups import BackupError, back_up
from diem06.core import access


class Command(BaseCommand):
    """Exit codes: 0 done, 2 no backup could be made."""

    help = "write database, kept files and secret key to one file; people may go on working"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write, for example diem06-2023-07-14.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            manifest = back_up(to=file.resolve(), at=settings.DIEM06_CLOCK())
        except BackupError as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        files = sum(1 for name in manifest["sha256"] if name.startswith("files/"))
        rows = sum(manifest["rows"].values())
        self.stdout.write(f"{file}: {rows} rows, {files} kept files, {file.stat().st_size / 2**20:.1f} MB.")
        self.stdout.write("It holds personal data and the secret key: keep it as carefully as the server itself.")
