"""A seal: what a closing states, chained to the closing before it and signed. Plain Python."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from diem06.cube.closing.canonical import (
    AREA,
    FACT,
    FACT_FIELDS,
    FIGURE,
    FIGURE_FIELDS,
    GROUP,
    MEASURE,
    RESTATEMENT,
    RESTATEMENT_FIELDS,
    SEAL,
    SEAL_2,
    decode,
    encode,
    text_of,
)
from diem06.cube.closing.merkle import EMPTY, Tree, root_of


@dataclass(frozen=True, kw_only=True)
class Seal:
    """
    What a closing states, in the order of its bytes.

    The facts are those dated from `facts_from` to `last_day`, as they were known at `closed_at`. `closed_by` is a pseudonym of the
    person, None for the operator of the machine. `previous` is the hash of the seal before, None for the first.

    The last four are not in seals of version 1: what was restated of earlier closed periods, and which of their facts came late, as
    known at `closed_at`.
    """

    number: int  # 1, 2, 3 ... of the plan
    plan: str
    plan_version: str
    plan_hash: str
    calendar: str
    period: str
    first_day: date
    last_day: date
    facts_from: date
    closed_at: datetime
    closed_by: str | None
    revision: int  # of the figures
    facts: int
    facts_root: str
    figures: int
    figures_root: str
    public_key: str  # the 32 bytes in hexadecimal digits
    previous: str | None
    restatements: int | None = None
    restatements_root: str | None = None
    late_facts: int | None = None
    late_facts_root: str | None = None

    @property
    def version(self) -> int:
        """1 for a seal from before restatements were sealed, else 2."""
        return 1 if self.restatements_root is None else 2

    @property
    def content(self) -> bytes:
        """The bytes that are hashed and signed."""
        tag, names = (SEAL, FIELDS_OF_1) if self.version == 1 else (SEAL_2, SEAL_FIELDS)
        return encode([tag, *(text_of(getattr(self, name)) for name in names)])

    @property
    def hash(self) -> str:
        """SHA-256 over 0x02 and the content: by it the next seal holds on to this one."""
        return hashlib.sha256(b"\x02" + self.content).hexdigest()

    def signed(self, key: Ed25519PrivateKey) -> str:
        """Return the signature over the content, in base64."""
        return b64encode(key.sign(self.content)).decode()

    def is_signed(self, signature: str) -> bool:
        """Is this the signature of `public_key` over the content?"""
        return is_signed(self.content, signature, self.public_key)


SEAL_FIELDS = tuple(field.name for field in fields(Seal))
FIELDS_OF_1 = SEAL_FIELDS[:-4]


def is_signed(content: bytes, signature: str, public_key: str) -> bool:
    """Is this base64 the signature over the content by the key, given in hexadecimal digits?"""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            b64decode(signature, validate=True), content
        )
    except (InvalidSignature, NoBase64, ValueError):
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class AreaDigest:
    """The facts of one measure in one area (its code and first day)."""

    measure: str
    area: str
    valid_from: str
    facts: int
    root: str

    @property
    def content(self) -> bytes:
        return encode([AREA, self.measure, self.area, self.valid_from, str(self.facts), self.root])


@dataclass(frozen=True, kw_only=True)
class MeasureDigest:
    """The facts of one measure: the root over its areas."""

    measure: str
    facts: int
    root: str
    areas: tuple[AreaDigest, ...]

    @property
    def content(self) -> bytes:
        return encode([MEASURE, self.measure, str(self.facts), self.root])


def fact_record(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of a fact."""
    return encode([FACT, *(text_of(row[name]) for name in FACT_FIELDS)])


def figure_record(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of a figure."""
    return encode([FIGURE, *(text_of(row[name]) for name in FIGURE_FIELDS)])


def restatement_record(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of a restatement."""
    return encode([RESTATEMENT, *(text_of(row[name]) for name in RESTATEMENT_FIELDS)])


def area_digests(facts: Iterable[bytes]) -> Iterator[AreaDigest]:
    """Yield the digest of each measure and area from the bytes of facts in their order. Keeps one tree, not the facts."""
    tree, group = Tree(), b""
    for record in facts:
        if not group or not record.startswith(group):
            if group:
                yield _area(group, tree)
            tree, group = Tree(), encode(decode(record)[:GROUP])
        tree.add(record)
    if group:
        yield _area(group, tree)


def _area(group: bytes, tree: Tree) -> AreaDigest:
    _tag, measure, area, valid_from = decode(group)
    return AreaDigest(
        measure=measure or "", area=area or "", valid_from=valid_from or "", facts=tree.leaves, root=tree.root
    )


def measure_digests(areas: Iterable[AreaDigest], *, measures: Iterable[str]) -> list[MeasureDigest]:
    """Return the digest of each measure, those of `measures` without any fact too, in the order of their bytes."""
    found: dict[str, list[AreaDigest]] = {measure: [] for measure in measures}
    for area in areas:
        found.setdefault(area.measure, []).append(area)
    digests = [
        MeasureDigest(
            measure=measure,
            facts=sum(area.facts for area in within),
            root=root_of(sorted(area.content for area in within)) if within else EMPTY,
            areas=tuple(within),
        )
        for measure, within in found.items()
    ]
    return sorted(digests, key=lambda digest: digest.content)


def facts_root(measures: Iterable[MeasureDigest]) -> str:
    """Return the root over the measures of a period."""
    return root_of(sorted(measure.content for measure in measures))
