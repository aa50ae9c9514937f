"""`diem06 lake`: the facts as Parquet beside the database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.cube.lake.checking import checks, status
from diem06.cube.lake.extraction import ExtractionError
from diem06.cube.lake.manifest import BrokenManifestError
from diem06.cube.lake.refreshing import refresh


class Command(BaseCommand):
    """Exit codes: 0 done, or every check holds; 1 a check does not hold; 2 the manifest or the database cannot be read."""

    help = "The lake of facts: how it stands (status), bring it up to the database (refresh), look whether it is whole (check)."
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="status|refresh|check")
        shown = verbs.add_parser("status", help="per measure and month: rows, bytes, when it was read, clean or dirty")
        shown.add_argument("--json", action="store_true", help="a list of objects")
        again = verbs.add_parser("refresh", help="write the months anew that changed since they were read")
        again.add_argument("--all", action="store_true", help="write every month anew")
        verbs.add_parser("check", help="digests and columns of the files, and counts against the database")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "status": self._status,
            "refresh": self._refresh,
            "check": self._check,
        }
        try:
            verbs[options["verb"]](options)
        except (BrokenManifestError, ExtractionError) as fault:
            self.stderr.write(str(fault))
            sys.exit(2)

    def _status(self, options: dict[str, Any]) -> None:
        lines = status()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1))
            return
        for line in lines:
            state = "clean" if line.is_clean else "dirty"
            self.stdout.write(
                f"{line.measure or '(not read yet)':<40} {line.month}  {line.source:<20} {line.rows:>10} rows "
                f"{line.bytes:>12} bytes  {state}  {line.read_at}"
            )
        months = {(line.source, line.month): line.is_clean for line in lines}
        self.stdout.write(
            f"{sum(line.rows for line in lines)} rows, {sum(line.bytes for line in lines)} bytes; {len(months)} months of "
            f"sources, {list(months.values()).count(False)} changed since they were read."
        )

    def _refresh(self, options: dict[str, Any]) -> None:
        done = refresh(at=settings.DIEM06_CLOCK(), everything=options["all"])
        self.stdout.writelines(f"{line}\n" for line in done.lines())
        if not done:
            self.stdout.write("Nothing has changed.")

    def _check(self, _options: dict[str, Any]) -> None:
        found = checks()
        for check in found:
            self.stdout.write(f"{'FAIL' if check.faults else 'ok  '} {check.name}: {check.words}")
            for fault in check.faults:
                self.stdout.write(f"     {fault}")
        if any(check.faults for check in found):
            sys.exit(1)
