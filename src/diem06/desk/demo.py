"""Made-up devices at the demo's places, with what they sent this morning. Their keys come from a seed: a tool can act as one of them."""

from __future__ import annotations

import hashlib
import random
import uuid
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.timezone import localdate

from diem06.core.access import Role
from diem06.core.organisation.queries import people_of
from diem06.core.places.models import Place, PlaceTerm
from diem06.core.roster.desk import Act, Ask
from diem06.desk import actions
from diem06.desk.actions import Contact
from diem06.desk.events import parse_event
from diem06.desk.models import Device
from diem06.desk.queries import service_points
from diem06.desk.services import service_at
from diem06.desk.times import milliseconds

SEED = 20240615
MOST_DEVICES = 8
SKEWED, WITH_A_GAP, SILENT, WITHDRAWN = 1, 2, 3, 4
"""Which devices have a story; the others are as they should be."""
SCANS = 24
_NAMES = (("Nguyễn Văn Mẫu", "Nam"), ("Trần Thị Thử", "Nữ"), ("Giáp Văn Ví", "Nam"), ("Thân Thị Dụ", "Nữ"))
_REFUSED = ("truncated", "not_id_card", "insurance_card")


def private_key(number: int) -> ec.EllipticCurvePrivateKey:
    """Return the private key of the demo's device of this number (0, 1 …)."""
    chance = int.from_bytes(hashlib.sha256(f"{SEED} {number}".encode()).digest(), "big")
    return ec.derive_private_key(chance >> 1 or 1, ec.SECP256R1())


def build(*, at: datetime, progress: Callable[[str], None]) -> None:
    """Put devices at some places where a pilot works, the first of each place above, and let them send what they did."""
    progress("devices at the desks")
    for number, (place, term) in enumerate(_spread(service_points(None, on=localdate(at)))):
        seen_at = at - timedelta(days=2) if number == SILENT else at
        device = _add(number, place, at=seen_at - timedelta(days=30))
        _send(number, device, at=seen_at - timedelta(minutes=2 + number))
        if number == WITHDRAWN:
            actions.revoke(
                device=device, takes_queue=True, wipes=True, by=_head(term, at), at=at - timedelta(minutes=1)
            )


def _spread(points: list[tuple[Place, PlaceTerm]]) -> list[tuple[Place, PlaceTerm]]:
    """Return one point of each place above, by code, up to the number of devices: the demo's list is not all one site."""
    chosen: dict[int, tuple[Place, PlaceTerm]] = {}
    for place, term in sorted(points, key=lambda pair: pair[0].code):
        chosen.setdefault(place.parent_id or place.pk, (place, term))
    return list(chosen.values())[:MOST_DEVICES]


def _add(number: int, place: Place, *, at: datetime) -> Device:
    public = private_key(number).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return actions.add_device(
        place=place,
        key=b64encode(public).decode(),
        name=f"Máy {number + 1}",
        at=at,
        by=None,
        version="1",
        user_agent="demo",
    )


def _send(number: int, device: Device, *, at: datetime) -> None:
    """Send a morning's events as one batch, as after a while without a network."""
    chance = random.Random(f"{SEED} {number}")
    acts = [act for act in service_at(device.place).acts if Ask.REASON not in act.needs]
    numbers = [each for each in range(1, SCANS + 3) if number != WITH_A_GAP or each not in (7, 8)][:SCANS]
    began = at - timedelta(minutes=90)
    events = [
        _event(chance, sequence, acts, at=began + timedelta(seconds=210 * place), offset_ms=_offset(number))
        for place, sequence in enumerate(numbers)
    ]
    waiting = 2 if number == WITH_A_GAP else 0
    contact = Contact(
        skew=timedelta(milliseconds=_offset(number)),
        queue_length=waiting,
        queue_oldest_at=began + timedelta(minutes=20) if waiting else None,
    )
    actions.receive(device=device, sent=[parse_event(event) for event in events], contact=contact, at=at)


def _offset(number: int) -> int:
    return 7 * 60_000 if number == SKEWED else 400 * number


def _event(chance: random.Random, sequence: int, acts: list[Act], *, at: datetime, offset_ms: int) -> dict[str, Any]:
    event: dict[str, Any] = {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "sequence": sequence,
        "occurred_at": milliseconds(at - timedelta(milliseconds=offset_ms)),
        "offset_ms": offset_ms,
    }
    counted = [act for act in acts if Ask.BEARER not in act.asks and Ask.COUNT in act.asks]
    scanned = next((act for act in acts if act.is_default), acts[0])
    if chance.random() < 0.1:
        return {**event, "act": scanned.code, "refused": chance.choice(_REFUSED)}
    if Ask.BEARER not in scanned.asks or (counted and chance.random() < 0.2):
        # The first of them: what a pilot lists first is the most usual.
        return {**event, "act": (counted or [scanned])[0].code, "count": chance.randint(1, 4)}
    return {**event, "act": scanned.code, "read": {"how": "card_qr", "raw": _card(chance)}}


def _card(chance: random.Random) -> str:
    """Return what stands in the QR of a made-up person's card."""
    name, sex = chance.choice(_NAMES)
    year, month, day = chance.randint(1950, 2008), chance.randint(1, 12), chance.randint(1, 28)
    century = (0 if year < 2000 else 2) + (0 if sex == "Nam" else 1)
    number = f"024{century}{year % 100:02d}9{chance.randrange(10**5):05d}"
    return f"{number}||{name}|{day:02d}{month:02d}{year}|{sex}|Thôn Mẫu, Nghĩa Phương, Lục Nam, Bắc Giang|14082023"


def _head(term: PlaceTerm, at: datetime) -> int | None:
    """Return who heads the unit of a place, if anybody does."""
    heads = (each for each in people_of(term.unit_code, localdate(at)) if each.role == Role.UNIT_HEAD)
    return next((head.user_id for head in heads), None)
