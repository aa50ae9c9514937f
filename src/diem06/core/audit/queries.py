"""Reading the trail, and proving that it is whole."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from diem06.core.audit import chain, triggers
from diem06.core.audit.models import ChainHead, Entry


@dataclass(frozen=True)
class Fault:
    """The first place where the chain does not hold. `entry_id` None: the entry itself is gone."""

    entry_id: int | None
    position: int
    what: str


@dataclass(frozen=True)
class Verification:
    """What `verify` found. `unlinked` entries are not proved by anything yet."""

    linked: int
    unlinked: int
    head: str
    fault: Fault | None
    missing_triggers: list[str]

    @property
    def holds(self) -> bool:
        return self.fault is None and not self.missing_triggers


def entries_of(object_type: str, object_id: str) -> QuerySet[Entry]:
    """What was done to one object, in the order in which it was written."""
    return Entry.objects.filter(object_type=object_type, object_id=object_id).order_by("pk")


def verify() -> Verification:
    """
    Compute the whole chain anew and name the first entry that does not fit.

    Finds a changed, an exchanged, an inserted and a deleted linked entry, a cut-off tail, and triggers that are gone. Does
    not find an entry that was deleted before it was linked, nor a chain computed anew from some place on together
    with its head: keep a head elsewhere (each run prints it) to find that.
    """
    head = ChainHead.objects.filter(pk=1).first() or ChainHead(pk=1, position=0, hash=chain.FIRST_HASH)
    return Verification(
        linked=head.position,
        unlinked=Entry.objects.filter(position__isnull=True).count(),
        head=head.hash,
        fault=_first_fault(head),
        missing_triggers=triggers.missing(connection),
    )


def _first_fault(head: ChainHead) -> Fault | None:
    position, previous_hash = 0, chain.FIRST_HASH
    # Up to the head that was read first: what others link meanwhile is the next run's.
    entries = Entry.objects.filter(position__lte=head.position).order_by("position")
    for entry in entries.iterator(chunk_size=2000):
        position += 1
        if entry.position != position:
            return Fault(None, position, f"the entry is gone; the next one there is {entry.pk}")
        if entry.previous_hash != previous_hash:
            return Fault(
                entry.pk, position, "it does not follow the entry before it: one was exchanged, inserted or deleted"
            )
        if entry.hash != chain.digest(entry, position=position, previous_hash=previous_hash):
            return Fault(entry.pk, position, "its content is not what was linked (its own hash differs)")
        previous_hash = entry.hash
    if position < head.position:
        return Fault(
            None, position + 1, f"the tail is gone: {head.position - position} entries, to position {head.position}"
        )
    if previous_hash != head.hash:
        return Fault(None, position, "the head of the chain is not the hash of the last entry")
    return _beyond(head)


def _beyond(head: ChainHead) -> Fault | None:
    """Linked entries after the head are a fault, unless the head has moved on in the meantime."""
    after = Entry.objects.filter(position__gt=head.position).order_by("position").first()
    if after and not ChainHead.objects.filter(pk=1, position__gte=after.position).exists():
        return Fault(after.pk, after.position or 0, "it is linked beyond the head of the chain: the head was set back")
    return None
