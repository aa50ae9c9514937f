"""Trusting a province's key, and loading its packets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.cube.models import Packet, TrustedKey
from diem06.cube.packets import form, queries
from diem06.cube.packets.checking import Check, checked, checks_beside, failed

_HEX = re.compile(r"[0-9a-f]{64}")
_PROVINCE = re.compile(r"[A-Za-z0-9]{1,10}")


class PacketError(ValueError):
    """A key or packet that is not taken."""


class UnknownKeyError(PacketError):
    """The text is no Ed25519 public key, in hexadecimal digits or PEM."""


class CheckError(PacketError):
    """A packet that does not hold; `checks` say what was looked at and what is wrong."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        super().__init__("; ".join(failed(checks)))
        self.checks = checks


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A loaded packet; `is_new` False: it was there before."""

    packet: Packet
    checks: tuple[Check, ...]
    is_new: bool


def key_of(text: str) -> str:
    """Return a public key in hexadecimal digits, out of those or of PEM. Raises UnknownKeyError."""
    given = text.strip()
    if _HEX.fullmatch(given.lower()):
        return given.lower()
    try:
        found = load_pem_public_key(given.encode())
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise UnknownKeyError(
            f"{given[:80]!r} is no public key: write 64 hexadecimal digits, or name its PEM file."
        ) from fault
    if not isinstance(found, Ed25519PublicKey):
        raise UnknownKeyError("The key is no Ed25519 key, by which packets are signed.")
    return found.public_bytes_raw().hex()


@transaction.atomic
def trust_key(*, province: str, public_key: str, at: datetime, by: int | None) -> TrustedKey:
    """
    Believe packets of a province that are signed by a key. Trusting it again does nothing.

    Raises UnknownKeyError, and PacketError for what is no code of a province.
    """
    if not _PROVINCE.fullmatch(province):
        raise PacketError(f"{province[:40]!r} is no code of a province, such as 24.")
    key = key_of(public_key)
    row, is_new = TrustedKey.objects.get_or_create(
        province=province, public_key=key, defaults={"trusted_at": at, "trusted_by_id": by}
    )
    if is_new:
        record(by=by, action="packet.trust", object_type="province", object_id=province, details={"key": key}, at=at)
    return row


def load_packet(*, content: bytes, at: datetime, by: int | None, replace: str = "") -> Loaded:
    """
    Check a packet and keep it: the file first, forced to the disk, then its row.

    `replace` is the reason for which it takes the place of another packet of the same province and month; both are kept. A packet
    that is loaded already stays as it is. Raises CheckError.
    """
    found = checked(content)
    if not found.is_good or found.packet is None or found.content is None:
        raise CheckError(found.checks)
    opened, read = found.packet, found.content
    with transaction.atomic():
        known = queries.known_beside(opened, may_replace=bool(replace.strip()))
        checks = (*found.checks, *checks_beside(opened, read, known))
        if failed(checks):
            raise CheckError(checks)
        row = Packet.objects.filter(sha256=opened.sha256).first()
        if row is not None and row.is_replaced:
            raise CheckError((*checks[:-1], Check(name="period", words=("it was loaded before, and replaced",))))
        if row is not None:
            return Loaded(packet=row, checks=checks, is_new=False)
        areas = [area.code for area in read.areas]
        row = _kept(opened, content, checks, areas=areas, at=at, by=by, reason=replace.strip())
    return Loaded(packet=row, checks=checks, is_new=True)


def _kept(
    opened: form.Packet,
    content: bytes,
    checks: tuple[Check, ...],
    *,
    areas: list[str],
    at: datetime,
    by: int | None,
    reason: str,
) -> Packet:
    about = opened.about
    before = queries.packet(about.province, about.period)
    if before:
        before.is_replaced = True
        before.save(update_fields=["is_replaced"])
    file = store_file(
        content=content,
        name=form.file_name(about.province, about.period),
        allowed={FileKind.ZIP},
        at=at,
        by=by,
        largest_bytes=form.LARGEST_PACKET,
    )
    counts = dict(about.counts)
    row = Packet.objects.create(
        province=about.province,
        name=about.name,
        period=about.period,
        first_day=about.seal.first_day,
        last_day=about.seal.last_day,
        plan=about.plan,
        plan_version=about.plan_version,
        definitions=about.definitions,
        seal_number=about.seal.number,
        seal_hash=about.seal_hash,
        closed_at=about.seal.closed_at,
        public_key=about.seal.public_key,
        is_made_up=about.is_made_up,
        facts=counts[form.FACT_FILE],
        figures=counts[form.FIGURES],
        checks=[[check.name, check.counted] for check in checks],
        areas=areas,
        file=file,
        sha256=opened.sha256,
        loaded_at=at,
        loaded_by_id=by,
        replaces=before,
        reason=reason if before else "",
    )
    record(
        by=by,
        action="packet.load",
        object_type="packet",
        object_id=f"{about.province}/{about.period}",
        details={
            "sha256": opened.sha256,
            "seal": about.seal_hash,
            "key": about.seal.public_key,
            "replaces": before.sha256 if before else "",
            "reason": row.reason,
        },
        at=at,
    )
    return row
