"""What the cube remembers."""

from __future__ import annotations

from datetime import date

from django.db.models import Sum

from diem06.cube.models import ChangedFacts, Revision

Counters = dict[str, dict[date, tuple[int, int]]]
"""By source and leaf: how often its facts changed, and the stamp of the last change."""


def counters() -> Counters:
    """Return the counters of every source: as long as they are the same, so are all facts."""
    found: Counters = {}
    for source, first_day, changes, stamp in ChangedFacts.objects.values_list(
        "source", "first_day", "changes", "stamp"
    ):
        found.setdefault(source, {})[first_day] = (changes, stamp)
    return found


def changes_until(day: date) -> int:
    """Return a number that grows with every change of a fact dated up to `day`: the state of all figures of that day."""
    total: int | None = ChangedFacts.objects.filter(first_day__lte=day).aggregate(n=Sum("changes"))["n"]
    return total or 0


def revision_number(plan_id: str, window: str, *, changes: int, bundle: int) -> int:
    """Return the number of the revision with this state, or the number that it would get."""
    numbers = {(row.changes, row.bundle): row.number for row in Revision.objects.filter(plan_id=plan_id, window=window)}
    return numbers.get((changes, bundle), max(numbers.values(), default=0) + 1)


def revision(plan_id: str, window: str, number: int) -> Revision | None:
    """Return a revision that was handed out."""
    return Revision.objects.filter(plan_id=plan_id, window=window, number=number).first()
