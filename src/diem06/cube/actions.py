"""Writes of the cube: marking changed facts, handing out revisions."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max

from diem06.core.plans.queries import Loaded
from diem06.cube.models import ChangedFacts, Revision
from diem06.cube.queries import changes_until
from diem06.plan.periods import Window


def facts_changed(*, day: date) -> None:
    """Say, in the transaction that writes it, that a fact dated `day` is new or different."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("facts_changed belongs in the transaction that changes the fact.")
    leaf = day.replace(day=1 if day.day < 15 else 15)
    ChangedFacts.objects.get_or_create(first_day=leaf)
    ChangedFacts.objects.filter(first_day=leaf).update(changes=F("changes") + 1)


@transaction.atomic
def issue_revision(*, loaded: Loaded, window: Window, at: datetime) -> Revision:
    """Return the revision of the window's present state, a new one if its facts or the plan changed since the last."""
    changes = changes_until(window.last_day)
    state = {"plan_id": loaded.plan.id, "window": window.code, "changes": changes, "bundle": loaded.bundle}
    known = Revision.objects.filter(**state).first()
    if known:
        return known
    last = Revision.objects.filter(plan_id=loaded.plan.id, window=window.code).aggregate(n=Max("number"))["n"] or 0
    return Revision.objects.create(**state, number=last + 1, known_at=at)
