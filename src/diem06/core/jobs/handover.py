"""Notices that nobody has read yet pass to whoever takes the work over; and they are told that they have it now."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.jobs.models import Notice
from diem06.core.jobs.notices import notify
from diem06.core.organisation.handovers import Part, Units
from diem06.core.organisation.models import User


def count(person: User, units: Units) -> int:
    """Return how many unread notices would pass. Those of one's own long work do not: what it made is one's own."""
    return _unread(person, units).count()


def hand_over(*, from_: User, to: User, units: Units, at: datetime, by: int) -> int:
    """Make the unread notices the other person's. One whose key they have had already stays where it is."""
    known = Notice.objects.filter(person=to).exclude(key="").values("key")
    passed = _unread(from_, units).exclude(key__in=known).update(person=to)
    if passed:
        notify(
            people=[to.pk],
            kind="handover",
            words=lambda: (
                _("%(name)s bàn giao cho bạn %(n)s thông báo chưa đọc.") % {"name": from_.full_name, "n": passed}
            ),
            by=by,
            at=at,
        )
    return passed


def _unread(person: User, units: Units) -> QuerySet[Notice]:
    unread = Notice.objects.filter(person=person, read_at=None, job=None).exclude(kind="job")
    return unread if units is None else unread.filter(unit__in=units)


PARTS = (Part(key="jobs.notices", title=gettext_lazy("Thông báo chưa đọc"), count=count, hand_over=hand_over),)
