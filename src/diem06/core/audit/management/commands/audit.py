import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from diem06.core import access
from diem06.core.audit.actions import ChainBroken, link_pending
from diem06.core.audit.queries import verify

BATCH = 1000


class Command(BaseCommand):
    """Exit codes: 0 the chain holds, or all is linked; 1 the chain is broken."""

    help = "Check the trail of what was done (verify), or link its newest entries into the chain (link)."
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="verify|link")
        verbs.add_parser("verify", help="compute the chain anew; names the first broken entry")
        link = verbs.add_parser("link", help="link every entry that is not linked yet")
        link.add_argument("--every", type=float, metavar="SECONDS", help="go on, again after so many seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "verify":
            self._verify()
        else:
            self._link(options["every"])

    def _verify(self) -> None:
        found = verify()
        if found.fault:
            entry = f"entry {found.fault.entry_id}" if found.fault.entry_id else "entry missing"
            self.stdout.write(f"BROKEN at position {found.fault.position}, {entry}: {found.fault.what}.")
        for trigger in found.missing_triggers:
            self.stdout.write(f"BROKEN: the database no longer guards the trail, its trigger {trigger} is gone.")
        if found.holds:
            self.stdout.write(f"The chain holds: {found.linked} entries, head {found.head}.")
        self.stdout.write(f"{found.unlinked} entries are not linked yet.")
        if not found.holds:
            sys.exit(1)

    def _link(self, every: float | None) -> None:
        while True:
            linked = 0
            try:
                while batch := link_pending(limit=BATCH):
                    linked += batch
            except ChainBroken as fault:
                raise CommandError(str(fault), returncode=1) from None
            if every is None:
                self.stdout.write(f"{linked} entries linked.")
                return
            time.sleep(every)
