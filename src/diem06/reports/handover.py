"""Open tasks of the units' own plans pass to whoever takes the work over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.audit.actions import record
from diem06.core.jobs.notices import notify
from diem06.core.organisation.handovers import Part, Units
from diem06.core.organisation.models import User
from diem06.reports.models import OPEN_TASK_STATES, UnitTask


def count(person: User, units: Units) -> int:
    """Return how many tasks of the person are open."""
    return _open_tasks(person, units).count()


def hand_over(*, from_: User, to: User, units: Units, at: datetime, by: int) -> int:
    """Make the open tasks the other person's, and tell them. Tasks that are done or given up keep their owner."""
    tasks = list(_open_tasks(from_, units).values_list("pk", flat=True))
    if not tasks:
        return 0
    UnitTask.objects.filter(pk__in=tasks).update(owner=to, changed_at=at, changed_by_id=by)
    record(
        by=by,
        action="unit_task.hand_over",
        object_type="person",
        object_id=str(from_.pk),
        details={"to": to.pk, "tasks": tasks},
        at=at,
    )
    notify(
        people=[to.pk],
        kind="handover",
        words=lambda: (
            _("%(name)s bàn giao cho bạn %(n)s việc trong Kế hoạch triển khai của đơn vị.")
            % {"name": from_.full_name, "n": len(tasks)}
        ),
        url=reverse("my-work"),
        by=by,
        at=at,
    )
    return len(tasks)


def _open_tasks(person: User, units: Units) -> QuerySet[UnitTask]:
    tasks = UnitTask.objects.filter(owner=person, state__in=OPEN_TASK_STATES)
    return tasks if units is None else tasks.filter(unit__in=units)


PARTS = (
    Part(
        key="reports.tasks",
        title=gettext_lazy("Việc đang mở trong Kế hoạch triển khai của đơn vị"),
        count=count,
        hand_over=hand_over,
    ),
)
