"""Writes of the cube: marking changed facts, handing out revisions."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max

from diem06.core.plans.queries import Loaded
from diem06.core.roster import installed_sources
from diem06.cube.leaves import leaf_of
from diem06.cube.models import ChangedFacts, Revision
from diem06.cube.queries import changes_until
from diem06.plan.periods import Window

_STAMP_BITS = 62


def facts_changed(*, source: str, day: date) -> None:
    """Say, in the transaction that writes it, that a fact of `source` dated `day` is new, superseded or different. Raises ValueError for no source."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("facts_changed belongs in the transaction that changes the fact.")
    if source not in {known.code for known in installed_sources()}:
        raise ValueError(f"{source}: no installed source has this code.")
    row, _is_new = ChangedFacts.objects.get_or_create(source=source, first_day=leaf_of(day))
    ChangedFacts.objects.filter(pk=row.pk).update(changes=F("changes") + 1, stamp=secrets.randbits(_STAMP_BITS))


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
