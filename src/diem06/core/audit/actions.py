"""Writing the trail, and linking it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction

from diem06.core.audit import chain
from diem06.core.audit.models import ChainHead, Entry

LINK_EVERY_SECONDS = 5
_last_linking = float("-inf")  # of this process, in seconds of `monotonic`


class ChainBroken(RuntimeError):
    """The chain cannot be continued: run `diem06 audit verify`."""


def record(
    *,
    by: int | None,
    action: str,
    object_type: str,
    object_id: str,
    details: Mapping[str, Any],
    at: datetime,
    by_name: str = "",
) -> Entry:
    """
    Write one entry, in the transaction of the action that it tells of: both are there, or neither.

    `by` is the id of the person, None for the operator or the system. `action` is `noun.verb` (`report.approve`).
    Passwords, secrets and whole citizen numbers do not belong into `details`.

    Raises TransactionManagementError outside a transaction, TypeError for details that are not plain (see `chain.plain`).
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit entry is written in its action's transaction: decorate the action with @transaction.atomic."
        )
    entry = Entry.objects.create(
        at=at,
        by_id=by,
        by_name=by_name,
        action=action,
        object_type=object_type,
        object_id=object_id,
        details=chain.plain(details),
    )
    # Robust: what was done is done, whether or not it could be linked at once; the next linking takes it along.
    transaction.on_commit(_link_if_due, robust=True)
    return entry


def record_many(
    entries: Sequence[Entry], *, write: Callable[[type[Entry], Sequence[Entry]], object] | None = None
) -> None:
    """
    Write entries in the transaction of the actions that they tell of, as `record` does; made by `entry`.

    `write` replaces `bulk_create` where a caller has a quicker way to insert rows.

    Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit entry is written in its action's transaction: decorate the action with @transaction.atomic."
        )
    if not entries:
        return
    if write is None:
        Entry.objects.bulk_create(entries)
    else:
        write(Entry, entries)
    transaction.on_commit(_link_if_due, robust=True)


def entry(
    *, by: int | None, action: str, object_type: str, object_id: str, details: Mapping[str, Any], at: datetime
) -> Entry:
    """Return an entry for `record_many`, not written yet. Raises TypeError for details that are not plain."""
    return Entry(
        at=at, by_id=by, action=action, object_type=object_type, object_id=object_id, details=chain.plain(details)
    )


def _link_if_due() -> None:
    global _last_linking  # noqa: PLW0603 -- the pace of one process
    now = monotonic()
    if now - _last_linking < LINK_EVERY_SECONDS:
        return
    _last_linking = now
    link_pending(limit=500)


@transaction.atomic
def link_pending(*, limit: int = 1000) -> int:
    """
    Link at most `limit` entries that are not linked yet, by id; returns how many.

    One at a time: on PostgreSQL the row of the head is locked, on SQLite the transaction begins with the write lock.
    An entry that is committed later than entries with higher ids is simply linked after them.

    Raises ChainBroken when the head does not fit what is linked.
    """
    ChainHead.objects.get_or_create(pk=1, defaults={"hash": chain.FIRST_HASH})
    head = ChainHead.objects.select_for_update().get(pk=1)
    last = Entry.objects.filter(position__isnull=False).order_by("-position").values_list("position", "hash").first()
    if (head.position, head.hash) != (last or (0, chain.FIRST_HASH)):
        raise ChainBroken("The head of the audit chain does not fit the last linked entry. Run: diem06 audit verify")

    pending = list(Entry.objects.filter(position__isnull=True).order_by("pk")[:limit])
    for entry in pending:
        entry.position = head.position + 1
        entry.previous_hash = head.hash
        entry.hash = chain.digest(entry, position=entry.position, previous_hash=entry.previous_hash)
        head.position, head.hash = entry.position, entry.hash
    if pending:
        # One prepared statement for all: `bulk_update` takes ten times as long, and a gate waits for it.
        rows = [(entry.position, entry.previous_hash, entry.hash, entry.pk) for entry in pending]
        with transaction.get_connection().cursor() as cursor:
            cursor.executemany(
                "UPDATE audit_entry SET position = %s, previous_hash = %s, hash = %s WHERE id = %s", rows
            )
        head.save()
    return len(pending)
