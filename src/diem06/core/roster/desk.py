"""
What a pilot offers to the desk, in its `desk.py`:

    SERVICE = DeskService(
        kinds=("heritage_gate",),                  # where a device may stand
        acts=(Act(code="enter", title=_("Vào"), icon="login", key="v", asks=(Ask.BEARER, Ask.COUNT)), ...),
        words={"at_two_gates": _("Đã vào ở cổng khác"), ...},
        carry_out_many=actions.carry_out_many,     # inside the transaction that stores the events
        status=queries.desk_status,
    )

The desk knows no pilot by name: it finds the service by the kind of the place at which a device stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise

from diem06.core.declarations import modules_named
from diem06.core.places.models import Place


class Ask(StrEnum):
    """What an act wants to know."""

    BEARER = "bearer"  # a document: scanned, or typed with a reason
    COUNT = "count"  # how many people
    REASON = "reason"  # a sentence


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that can be done at a desk. `asks` may be met by a scan; `needs` must be there."""

    code: str
    title: Promise
    icon: str
    key: str  # on the keyboard
    asks: tuple[Ask, ...] = ()
    needs: tuple[Ask, ...] = ()
    is_default: bool = False  # what a scan means where nothing was chosen


class Source(StrEnum):
    """How a document came to be read."""

    CARD_QR = "card_qr"
    MRZ = "mrz"
    TYPED = "typed"


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """
    Who showed a document, as far as the desk may say: read by `vnlib.identity`, or typed as a last resort with its reason.

    `number` is a citizen number, or issuing state and number of a foreign passport (`USA:123456789`).
    """

    number: str
    source: Source
    name: str = ""
    birth: date | None = None
    birth_year: int | None = None
    sex: str = ""  # male, female, or empty
    birth_province: str = ""  # of the citizen number, 001 to 096
    nationality: str = "VNM"
    flags: tuple[str, ...] = ()  # of the reading: what was repaired or is in doubt


@dataclass(frozen=True, kw_only=True)
class DeskEvent:
    """Something done at a desk. `occurred_at` is the device's word and is never rewritten; `received_at` is the server's."""

    id: UUID
    device_code: str
    place: Place
    act: str
    occurred_at: datetime
    received_at: datetime
    bearer: Bearer | None = None
    count: int = 1
    reason: str = ""
    annuls: UUID | None = None  # takes back the event of this id


class State(StrEnum):
    """What became of an event. All three are receipts: the device may let go of it."""

    ACCEPTED = "accepted"
    CONFLICT = "conflict"  # accepted, and something about it wants a look
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The answer of a service. `code` is a key of the service's `words`, empty where there is nothing to say."""

    state: State
    code: str = ""
    record: str = ""  # leads back to the record that was made


@dataclass(frozen=True, kw_only=True)
class DeskStatus:
    """What a desk shows of its place: people inside, how many it holds (None: not known), and the alarm level in percent, 0 for none."""

    inside: int
    capacity: int | None = None
    alarm: int = 0
    place_name: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskService:
    """
    A pilot's offer to the desk; see the top of this module.

    `carry_out_many` takes events of one device, so of one place, that were received at one moment, in the order in which they were
    done; often one alone. It says in the same order what became of each. They come together so that it can read what it needs for
    all, and write for all: what it does for each is what a gate waits for. What it raises breaks all of them, and the desk then
    tries fewer together, in the end each alone.
    """

    kinds: tuple[str, ...]
    acts: tuple[Act, ...]
    carry_out_many: Callable[[Sequence[DeskEvent]], Sequence[Outcome]]
    status: Callable[[Place, datetime], DeskStatus]
    words: Mapping[str, Promise] = field(default_factory=dict)

    def act(self, code: str) -> Act | None:
        return next((act for act in self.acts if act.code == code), None)


def installed_services() -> Iterator[DeskService]:
    """Yield the service of each pilot that has a `desk.py`."""
    for module in modules_named("desk"):
        yield module.SERVICE
