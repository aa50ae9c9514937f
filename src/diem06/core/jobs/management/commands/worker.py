from typing import Any

from django.conf import settings
from django_tasks_db.management.commands import db_worker

from diem06.core import access
from diem06.core.jobs import actions


class Command(db_worker.Command):  # type: ignore[misc]  # the library ships no types
    """Exit codes: 0 stopped by a signal."""

    help = "Do the long work, one job after another: those first whose worker is gone."
    access_rule = access.operator
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if taken := actions.take_up_orphans(at=settings.DIEM06_CLOCK()):
            self.stderr.write(f"{taken} jobs had lost their worker; they are done again.")
        super().handle(*args, **options)
