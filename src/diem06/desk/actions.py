"""Every write of the desk: trusting a device, taking what it sends, and withdrawing it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import DatabaseError, IntegrityError, transaction
from django.utils.timezone import localdate

from diem06.core.audit.actions import entry, record, record_many
from diem06.core.audit.models import Entry
from diem06.core.places.models import Place
from diem06.core.residents.sealing import digest
from diem06.core.roster.desk import Ask, DeskEvent, DeskService, Outcome, State
from diem06.core.roster.rows import insert
from diem06.desk import rows
from diem06.desk.events import BadEvent, SentEvent
from diem06.desk.exports import open_export
from diem06.desk.models import Device, Enrolment, Event, How
from diem06.desk.queries import is_skewed
from diem06.desk.reading import Seen, label_of, see
from diem06.desk.services import service_at
from diem06.desk.signatures import public_key
from diem06.desk.times import milliseconds
from diem06.desk.turns import in_turn

logger = logging.getLogger(__name__)
CODE_LIVES: Final = timedelta(minutes=15)
IN_A_TRANSACTION: Final = 100
CONTACT_EVERY: Final = timedelta(seconds=10)
"""How fine the time of the last contact is kept: a busy gate does not write it with each scan."""
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 and O, no 1, I and L, no U
_GROUP: Final = 4
_MILLISECOND: Final = timedelta(milliseconds=1)
_MOST_NOTED: Final = 10_000
_noted: dict[int, datetime] = {}  # of this process: when the contact with a device was last written down


class EnrolError(ValueError):
    """A code that lets no device in: `code` is code_unknown, code_used, code_expired or key_taken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RevokeError(ValueError):
    """A device that cannot be revoked so."""


# -- trusting a device -----------------------------------------------------------------------------------------------
@transaction.atomic
def make_enrolment(*, place: Place, by: int | None, at: datetime) -> tuple[Enrolment, str]:
    """Make a one-time code for a device at `place`; return the row, and the code, which is kept nowhere."""
    code = "".join(secrets.choice(_ALPHABET) for _each in range(2 * _GROUP))
    enrolment = Enrolment.objects.create(
        place=place, code_digest=_code_digest(code), made_at=at, made_by_id=by, expires_at=at + CODE_LIVES
    )
    record(
        by=by,
        action="desk_enrolment.make",
        object_type="desk_enrolment",
        object_id=str(enrolment.pk),
        details={"place": place.key, "until": enrolment.expires_at},
        at=at,
    )
    return enrolment, f"{code[:_GROUP]}-{code[_GROUP:]}"


def _code_digest(code: str) -> str:
    plain = "".join(code.upper().split()).replace("-", "")
    return digest(f"desk enrolment {plain}")


@transaction.atomic
def enrol(
    *, code: str, key: str, name: str, version: str, user_agent: str, at: datetime, by: int | None = None
) -> Device:
    """
    Trust the device that shows a one-time code: from now on by its key.

    Raises EnrolError, and KeyFault for what is no key of P-256. A code lets one device in, also where two show it at the same moment.
    """
    public_key(key)
    enrolment = Enrolment.objects.select_related("place").filter(code_digest=_code_digest(code)).first()
    if enrolment is None:
        raise EnrolError("code_unknown")
    if enrolment.used_at is None and enrolment.expires_at <= at:
        raise EnrolError("code_expired")
    if not Enrolment.objects.filter(pk=enrolment.pk, used_at=None).update(used_at=at):
        raise EnrolError("code_used")
    try:
        with transaction.atomic():
            return add_device(
                place=enrolment.place,
                key=key,
                name=name,
                version=version,
                user_agent=user_agent,
                enrolment=enrolment,
                by=by,
                at=at,
            )
    except IntegrityError as fault:
        raise EnrolError("key_taken") from fault


@transaction.atomic
def add_device(
    *,
    place: Place,
    key: str,
    name: str,
    at: datetime,
    by: int | None,
    version: str = "",
    user_agent: str = "",
    enrolment: Enrolment | None = None,
) -> Device:
    """Make the row of a device that is trusted. Raises IntegrityError where another has the same key."""
    device = Device(
        code=f"new {uuid4().hex[:16]}",  # until its number is known
        place=place,
        name=name,
        public_key=key,
        enrolment=enrolment,
        enrolled_at=at,
        version=version,
        user_agent=user_agent,
        last_seen_at=at,
    )
    device.save(force_insert=True)
    device.code = f"TB-{device.pk:03d}"
    device.save(update_fields=["code"])
    _note(device, "desk_device.enrol", by=by, at=at, details={"place": place.key, "name": name})
    return device


# -- taking what it sends --------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The answer to one event. `http` is 201 for a new one, 200 for one that is there already, else why nothing was stored."""

    id: UUID | None
    http: HTTPStatus
    state: str = ""
    code: str = ""
    label: str = ""
    flags: tuple[str, ...] = ()
    received_at: datetime | None = None
    record: str = ""
    field: str = ""

    @property
    def is_stored(self) -> bool:
        return self.http in (HTTPStatus.CREATED, HTTPStatus.OK)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": str(self.id) if self.id else None, "http": int(self.http), "code": self.code}
        if self.is_stored:
            assert self.received_at is not None
            told |= {
                "state": self.state,
                "label": self.label,
                "flags": list(self.flags),
                "received_at": milliseconds(self.received_at),
                "record": self.record,
            }
        elif self.field:
            told["field"] = self.field
        return told


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What a device told of itself in a call: how its clock stands, and what it has not sent yet (None: it did not say)."""

    skew: timedelta | None = None
    queue_length: int | None = None
    queue_oldest_at: datetime | None = None

    @property
    def skew_ms(self) -> int | None:
        return None if self.skew is None else round(self.skew / _MILLISECOND)


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """An event that was sent, read by the server; read before the transaction begins, which holds up others."""

    sent: SentEvent
    seen: Seen
    body_digest: str


def receive(
    *,
    device: Device,
    sent: Sequence[SentEvent | BadEvent],
    contact: Contact,
    at: datetime,
    from_file_by: int | None = None,
) -> list[Receipt]:
    """
    Take events of a device, in the order in which they were sent, and return a receipt for each; a receipt is given once all is on disk.

    Up to 100 of them are one transaction, with what the pilot did, the rows of the desk and the entries of the trail; others wait for
    what it holds. Where one breaks that (its sequence number is taken, another request with the same event came first, the pilot fails),
    each half is tried for itself, down to one alone, so that one bad event holds up none behind it.

    `from_file_by`: who brought the events in a file that the device exported. Raises NoServiceError, and DeviceChanged where `device`
    is not as it is stored.
    """
    service = service_at(device.place)
    today = localdate(at)
    good = [
        _Taken(sent=one, seen=see(one, today=today), body_digest=digest(one.content))
        for one in sent
        if isinstance(one, SentEvent)
    ]
    taking = _Taking(device=device, service=service, contact=contact, at=at, from_file_by=from_file_by)
    receipts: list[Receipt] = []
    for start in range(0, max(len(good), 1), IN_A_TRANSACTION):  # without events it still notes the contact
        receipts += taking.some(good[start : start + IN_A_TRANSACTION])
    answers = iter(receipts)
    return [next(answers) if isinstance(one, SentEvent) else _refused(one) for one in sent]


def _refused(one: BadEvent) -> Receipt:
    return Receipt(id=one.id, http=HTTPStatus.BAD_REQUEST, code="bad_event", field=one.field)


class DeviceChanged(Exception):
    """A device was withdrawn, or is gone, since it was read: read it again."""


class _PilotFault(Exception):
    """The pilot broke off an event: a fault in its code. Nothing of the transaction stays."""


@dataclass(frozen=True, kw_only=True)
class _Taking:
    """The taking of some events of one device at one moment."""

    device: Device
    service: DeskService
    contact: Contact
    at: datetime
    from_file_by: int | None

    def some(self, events: Sequence[_Taken]) -> list[Receipt]:
        """Take events together; where one of them breaks that, each half for itself, down to one alone. Raises DeviceChanged."""
        if len(events) < 2:
            return [self.alone(one) for one in events] or self.together(events)
        try:
            return self.together(events)
        except (DatabaseError, _PilotFault):
            half = len(events) // 2
            return self.some(events[:half]) + self.some(events[half:])

    def together(self, events: Sequence[_Taken]) -> list[Receipt]:
        """Take events in one transaction. Raises DatabaseError, _PilotFault and DeviceChanged, and nothing was done then."""
        return in_turn(lambda: self._take(events), size=len(events))

    def _take(self, events: Sequence[_Taken]) -> list[Receipt]:
        stored = self._stored([one.sent.id for one in events])
        fresh: dict[UUID, _Taken] = {}
        for one in events:
            if one.sent.id not in stored:
                fresh.setdefault(one.sent.id, one)
        new = self._carry_out(list(fresh.values()), stored)
        if new:
            insert(Event, list(new.values()))
            rows.count_in(self.device, [event.sequence for event in new.values()])
            record_many([self._entry(event) for event in new.values()], write=insert)
        self.note_contact()
        return [
            _receipt(new[one.sent.id], one, HTTPStatus.CREATED)
            if fresh.get(one.sent.id) is one
            else self._again(one, stored.get(one.sent.id) or new[one.sent.id])
            for one in events
        ]

    def _stored(self, ids: list[UUID]) -> dict[UUID, Event]:
        standing = rows.standing_of(self.device, ids)
        if standing is None or standing[0] == self.device.is_revoked:
            raise DeviceChanged
        return Event.objects.in_bulk(ids) if standing[1] else {}

    def note_contact(self) -> None:
        if self.from_file_by is None:  # a file is no sign of life
            note_contact(device=self.device, contact=self.contact, at=self.at)

    def alone(self, one: _Taken) -> Receipt:
        """Take one event in a transaction of its own, and say what stands in its way. Raises DeviceChanged."""
        try:
            return self.together([one])[0]
        except (DatabaseError, _PilotFault) as fault:
            receipt = self._why_not(one, fault)
            self.note_contact()
            return receipt

    def _why_not(self, one: _Taken, fault: DatabaseError | _PilotFault) -> Receipt:
        if isinstance(fault, IntegrityError):
            # Another request with it came first, or its number is another's: what is stored tells which.
            if (same := Event.objects.filter(pk=one.sent.id).first()) is not None:
                return self._again(one, same)
            if Event.objects.filter(device=self.device, sequence=one.sent.sequence).exists():
                return Receipt(id=one.sent.id, http=HTTPStatus.CONFLICT, code="sequence_taken")
            if one.sent.annuls is not None and _annulled(one.sent.annuls):
                # Two took the same event back at the same moment; asked again, it is answered so.
                return self.alone(one)
        logger.error("Event %s of %s could not be taken.", one.sent.id, self.device, exc_info=fault)
        return Receipt(id=one.sent.id, http=HTTPStatus.INTERNAL_SERVER_ERROR, code="server_error")

    def _again(self, one: _Taken, same: Event) -> Receipt:
        if same.device_id != self.device.pk or same.body_digest != one.body_digest:
            return Receipt(id=one.sent.id, http=HTTPStatus.CONFLICT, code="other_body")
        return _receipt(same, one, HTTPStatus.OK)

    def _carry_out(self, events: Sequence[_Taken], stored: dict[UUID, Event]) -> dict[UUID, Event]:
        """
        Have the pilot do what events say, and return them as they are to be stored, in the same order.

        As many at once as can be: taking an event back is judged by what became of those before it, so these are done first.
        """
        done: dict[UUID, Event] = {}
        waiting: list[_Taken] = []

        def catch_up() -> None:
            for one, outcome in zip(waiting, self._by_pilot(waiting), strict=True):
                done[one.sent.id] = self._event(one, outcome)
            waiting.clear()

        for one in events:
            if one.sent.annuls is not None:
                catch_up()
            if (refusal := self._refusal(one, {**stored, **done} if one.sent.annuls else stored)) is not None:
                done[one.sent.id] = self._event(one, refusal)
            else:
                waiting.append(one)
        catch_up()
        return {one.sent.id: done[one.sent.id] for one in events}

    def _event(self, one: _Taken, outcome: Outcome) -> Event:
        sent = one.sent
        skew_ms = sent.offset_ms if sent.offset_ms is not None else self.contact.skew_ms
        return Event(
            id=sent.id,
            device=self.device,
            sequence=sent.sequence,
            act=sent.act,
            occurred_at=sent.occurred_at,
            received_at=self.at,
            skew_ms=skew_ms,
            body_digest=one.body_digest,
            how=How.TYPED if sent.typed else sent.read.how if sent.read else "",
            count=sent.count,
            annuls=sent.annuls,
            state=outcome.state.value,
            code=outcome.code,
            flags=" ".join([*one.seen.flags, *_clock_flags(skew_ms)]),
            record=outcome.record,
            from_file=self.from_file_by is not None,
        )

    def _refusal(self, one: _Taken, stored: dict[UUID, Event]) -> Outcome | None:
        """Return why the desk itself refuses an event; None where it goes to the pilot."""
        sent, device = one.sent, self.device
        act = self.service.act(sent.act)
        is_missing = one.seen.bearer is None
        code = ""
        if one.seen.refused:
            code = one.seen.refused
        elif device.revoked_at is not None and sent.occurred_at > device.revoked_at:
            code = "after_revocation"
        elif act is None:
            code = "unknown_act"
        elif sent.annuls is not None:
            code = self._annul_refusal(sent.annuls, stored)
        elif Ask.BEARER in act.needs and is_missing:
            code = "bearer_missing"
        elif Ask.REASON in act.needs and not sent.reason:
            code = "reason_missing"
        return Outcome(state=State.REJECTED, code=code) if code else None

    def _annul_refusal(self, annulled: UUID, stored: dict[UUID, Event]) -> str:
        event = stored.get(annulled) or Event.objects.select_related("device").filter(pk=annulled).first()
        if event is None:
            return "annuls_unknown"
        if event.device.place_id != self.device.place_id:
            return "annuls_other_place"
        if event.state == State.REJECTED:
            return "annuls_rejected"
        is_done = _annulled(annulled) or any(
            other.annuls == annulled and other.state != State.REJECTED for other in stored.values()
        )
        return "annulled_already" if is_done else ""

    def _by_pilot(self, events: Sequence[_Taken]) -> Sequence[Outcome]:
        if not events:
            return ()
        try:
            outcomes = self.service.carry_out_many([self._desk_event(one) for one in events])
        except DatabaseError:
            raise
        except Exception as fault:
            acts = sorted({one.sent.act for one in events})
            raise _PilotFault(f"{self.service.carry_out_many.__module__} on {acts}") from fault
        if len(outcomes) != len(events):
            raise _PilotFault(
                f"{self.service.carry_out_many.__module__} answered {len(outcomes)} of {len(events)} events"
            )
        return outcomes

    def _desk_event(self, one: _Taken) -> DeskEvent:
        sent = one.sent
        return DeskEvent(
            id=sent.id,
            device_code=self.device.code,
            place=self.device.place,
            act=sent.act,
            occurred_at=sent.occurred_at,
            received_at=self.at,
            bearer=one.seen.bearer,
            count=sent.count,
            reason=sent.reason or (sent.typed.reason if sent.typed else ""),
            annuls=sent.annuls,
        )

    def _entry(self, event: Event) -> Entry:
        return entry(
            by=self.from_file_by,
            action="desk_event.receive",
            object_type="desk_event",
            object_id=str(event.pk),
            details={
                "device": self.device.code,
                "act": event.act,
                "state": event.state,
                "code": event.code,
                "count": event.count,
            },
            at=self.at,
        )


def _annulled(event: UUID) -> bool:
    return Event.objects.filter(annuls=event).exclude(state=State.REJECTED.value).exists()


def _clock_flags(skew_ms: int | None) -> list[str]:
    if skew_ms is None:
        return ["clock_unknown"]
    return ["clock_skew"] if is_skewed(skew_ms) else []


def _receipt(event: Event, one: _Taken, http: HTTPStatus) -> Receipt:
    return Receipt(
        id=event.pk,
        http=http,
        state=event.state,
        code=event.code,
        label=label_of(one.seen.bearer),
        flags=tuple(event.flag_list),
        received_at=event.received_at,
        record=event.record,
    )


def note_contact(*, device: Device, contact: Contact, at: datetime) -> None:
    """
    Keep when a device was last heard of, how its clock stands and what it still has. No audit entry: it is no deed of anybody.

    A call that says nothing of the queue is noted no oftener than each ten seconds.
    """
    noted = _noted.get(device.pk)
    is_recent = noted is not None and timedelta() <= at - noted < CONTACT_EVERY
    if is_recent and contact.queue_length is None:
        return
    values: dict[str, Any] = {"last_seen_at": at}
    if contact.skew_ms is not None:
        values["skew_ms"] = contact.skew_ms
    if contact.queue_length is not None:
        values |= {"queue_length": contact.queue_length, "queue_oldest_at": contact.queue_oldest_at}
    Device.objects.filter(pk=device.pk).update(**values)
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted[device.pk] = at


def forget() -> None:
    """Forget what this process remembers of contacts: for tests, which take rows back."""
    _noted.clear()


def import_queue(*, device: Device, file: bytes, by: int, at: datetime) -> list[Receipt]:
    """
    Take the events of a file that a device exported (see `exports`), and return their receipts.

    Who brings it decides that it is to be taken, so it is taken of a withdrawn device too, up to its withdrawal. What is there
    already is answered as such. Raises exports.ExportError and NoServiceError.
    """
    batches = open_export(file, device=device)
    receipts: list[Receipt] = []
    for batch in batches:
        receipts += receive(device=device, sent=batch.events, contact=Contact(), at=at, from_file_by=by)
    new = sum(1 for one in receipts if one.http == HTTPStatus.CREATED)
    with transaction.atomic():
        _note(device, "desk_device.import_queue", by=by, at=at, details={"events": len(receipts), "new": new})
    return receipts


# -- withdrawing a device --------------------------------------------------------------------------------------------
@transaction.atomic
def revoke(*, device: Device, takes_queue: bool, wipes: bool, by: int | None, at: datetime) -> Device:
    """
    Withdraw a device for good. Its calls are refused from now on, and with `wipes` it is told to empty itself.

    `takes_queue`: what it did until now and has not sent is still taken. For a device that is in our hands: a thief has its key and
    could write any time into an event. Raises RevokeError for one that is withdrawn already.
    """
    changed = Device.objects.filter(pk=device.pk, revoked_at=None).update(
        revoked_at=at, revoked_by_id=by, takes_queue=takes_queue, wipe_asked_at=at if wipes else None
    )
    if not changed:
        raise RevokeError(device.code)
    device.refresh_from_db()
    _note(device, "desk_device.revoke", by=by, at=at, details={"takes_queue": takes_queue, "wipes": wipes})
    return device


@transaction.atomic
def ask_to_wipe(*, device: Device, by: int | None, at: datetime) -> Device:
    """Tell a withdrawn device to empty itself at its next contact. Raises RevokeError for one that is in use."""
    if not Device.objects.filter(pk=device.pk, revoked_at__isnull=False, wiped_at=None).update(wipe_asked_at=at):
        raise RevokeError(device.code)
    device.refresh_from_db()
    _note(device, "desk_device.ask_to_wipe", by=by, at=at, details={})
    return device


@transaction.atomic
def note_wiped(*, device: Device, left: int, at: datetime) -> bool:
    """Note that a device has emptied itself, and how many events it had not sent; False where nobody asked it to, or it said so before."""
    waiting = Device.objects.filter(pk=device.pk, wipe_asked_at__isnull=False, wiped_at=None)
    if not waiting.update(wiped_at=at, wiped_left=left, last_seen_at=at, queue_length=0, queue_oldest_at=None):
        return False
    _note(device, "desk_device.wiped", by=None, at=at, details={"left": left})
    return True


def _note(device: Device, action: str, *, by: int | None, at: datetime, details: dict[str, Any]) -> None:
    record(by=by, action=action, object_type="desk_device", object_id=device.code, details=details, at=at)
