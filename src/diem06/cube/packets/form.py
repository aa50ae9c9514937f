"""
A packet as bytes: a ZIP of named members in a fixed order, each with its digest in `packet.json`, and that one signed.

The same content has the same bytes. Whatever comes from outside is read with limits, and what is wrong is named.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyarrow import parquet

from diem06.cube.closing.public import public_key, public_pem
from diem06.cube.closing.seal import Seal
from diem06.cube.engine.request import CoverageRow, ExpectedRow
from diem06.cube.packets.content import (
    FACTS,
    AreaRow,
    Content,
    FigureRow,
    SourceRow,
    UnitRow,
)
from diem06.cube.packets.definitions import Definitions
from diem06.cube.packets.plain import PlainError, as_json, from_json

FORMAT = "diem06/packet/1"
ABOUT, DEFINITIONS, AREAS, UNITS, SOURCES = (
    "packet.json",
    "definitions.json",
    "areas.jsonl",
    "units.jsonl",
    "sources.jsonl",
)
COVERAGE, EXPECTED, FACT_FILE, FIGURES = "coverage.jsonl", "expected.jsonl", "facts.parquet", "figures.jsonl"
KEY, SIGNATURE = "public-key.pem", "signature"
MEMBERS = (ABOUT, DEFINITIONS, AREAS, UNITS, SOURCES, COVERAGE, EXPECTED, FACT_FILE, FIGURES, KEY, SIGNATURE)
"""The members in their order."""
DIGESTED = MEMBERS[1:-1]

MIB = 1024 * 1024
LARGEST_PACKET = 128 * MIB
LARGEST_MEMBER: Mapping[str, int] = {
    ABOUT: MIB,
    DEFINITIONS: 8 * MIB,
    AREAS: 8 * MIB,
    UNITS: 8 * MIB,
    SOURCES: MIB,
    COVERAGE: 16 * MIB,
    EXPECTED: 256 * MIB,
    FACT_FILE: 128 * MIB,
    FIGURES: 256 * MIB,
    KEY: 4096,
    SIGNATURE: 256,
}
"""Bytes when unpacked. A province of 220 areas and 250 units has some 7 MB in all."""
MOST_FACTS = 20_000_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,9}")
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_SIGNED = b"diem06/packet/1 "
T = TypeVar("T")


class FormError(ValueError):
    """The file is no packet, or one that is cut off or spoiled; the text names the member."""


@dataclass(frozen=True, kw_only=True)
class About:
    """`packet.json`: what the packet is of, and the digests by which it holds its members."""

    format: str
    province: str
    name: str
    is_made_up: bool
    plan: str
    plan_version: str
    calendar: str
    period: str
    definitions: str  # their hash
    seal: Seal
    seal_hash: str
    seal_signature: str
    counts: tuple[tuple[str, int], ...]  # rows by member
    members: tuple[tuple[str, str], ...]  # SHA-256 by member


@dataclass(frozen=True, kw_only=True)
class Packet:
    """An opened packet: the bytes of each member, not yet believed; `sha256` is that of the whole file."""

    about: About
    members: Mapping[str, bytes]
    sha256: str
    size: int


# -- writing ---------------------------------------------------------------------------------------------------------
def write(content: Content, key: Ed25519PrivateKey) -> bytes:
    """Return the content as a packet signed by `key`: the same bytes whenever it is written."""
    facts = _sorted(content.facts)
    rows: dict[str, tuple[Any, ...]] = {
        AREAS: content.areas,
        UNITS: content.units,
        SOURCES: content.sources,
        COVERAGE: content.coverage,
        EXPECTED: content.expected,
        FIGURES: content.figures,
    }
    members = {name: b"".join(sorted(map(as_json, listed))) for name, listed in rows.items()}
    members[DEFINITIONS] = as_json(content.definitions)
    members[FACT_FILE] = _parquet(facts)
    members[KEY] = public_pem(public_key(key)).encode()
    members[ABOUT] = as_json(
        About(
            format=FORMAT,
            province=content.province,
            name=content.name,
            is_made_up=content.is_made_up,
            plan=content.seal.plan,
            plan_version=content.seal.plan_version,
            calendar=content.definitions.calendar,
            period=content.seal.period,
            definitions=content.definitions.hash,
            seal=content.seal,
            seal_hash=content.seal.hash,
            seal_signature=content.seal_signature,
            counts=(*((name, len(listed)) for name, listed in rows.items()), (FACT_FILE, facts.num_rows)),
            members=tuple((name, hashlib.sha256(members[name]).hexdigest()) for name in DIGESTED),
        )
    )
    members[SIGNATURE] = b64encode(key.sign(signed_bytes(members[ABOUT]))) + b"\n"
    return zipped(members)


def signed_bytes(about: bytes) -> bytes:
    """Return what is signed: the digest of `packet.json`, with the format before it."""
    return _SIGNED + hashlib.sha256(about).hexdigest().encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return members as a ZIP, in their order, with one time for all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in MEMBERS:
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            # Parquet is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name == FACT_FILE else zipfile.ZIP_DEFLATED
            archive.writestr(entry, members[name])
    return out.getvalue()


def file_name(province: str, period: str) -> str:
    return f"{province}-{period}.packet"


def _sorted(facts: pa.Table) -> pa.Table:
    return facts.select(FACTS.names).cast(FACTS).sort_by([(name, "ascending") for name in FACTS.names]).combine_chunks()


def _parquet(facts: pa.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(facts, out, compression="zstd", row_group_size=1_000_000, store_schema=False)
    return out.getvalue()


# -- reading ---------------------------------------------------------------------------------------------------------
def opened(content: bytes) -> Packet:
    """
    Open a packet: its members within their limits, and `packet.json` read. Digests and signature are asked for apart.

    Raises FormError, which names the member, for anything that is no packet.
    """
    if len(content) > LARGEST_PACKET:
        raise FormError(f"the file is larger than {LARGEST_PACKET // MIB} MB")
    members = _members(content)
    try:
        about = from_json(members[ABOUT], About)
    except PlainError as fault:
        raise FormError(f"{ABOUT}: {fault}") from fault
    if about.format != FORMAT:
        raise FormError(f"{ABOUT}: the format is {about.format[:40]!r}; this diem06 reads {FORMAT}")
    if not _NAME.fullmatch(about.province) or not _PERIOD.fullmatch(about.period):
        raise FormError(f"{ABOUT}: province or period is no code")
    if tuple(name for name, _digest in about.members) != DIGESTED:
        raise FormError(f"{ABOUT}: it does not name the members of a packet")
    return Packet(about=about, members=members, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _members(content: bytes) -> dict[str, bytes]:
    at = [""]
    try:
        return _unzipped(content, at)
    except FormError:
        raise
    # What `zipfile` raises for spoiled bytes is not one kind of error.
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, LookupError, OverflowError) as fault:  # fmt: skip
        raise FormError(f"{at[0] or 'the file'}: {type(fault).__name__}: {str(fault)[:120]}") from fault


def _unzipped(content: bytes, at: list[str]) -> dict[str, bytes]:
    """Return the members; `at` holds the one that is being read."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        names = tuple(entry.filename for entry in entries)
        if names != MEMBERS:
            odd = sorted(set(names) - set(MEMBERS)) or sorted(set(MEMBERS) - set(names))
            raise FormError(f"the members are not those of a packet in their order ({', '.join(odd)[:200]})")
        for entry in entries:
            at[0] = entry.filename
            limit = LARGEST_MEMBER[entry.filename]
            if entry.file_size > limit:
                raise FormError(f"{entry.filename}: {entry.file_size} bytes, {limit} at most")
            with archive.open(entry) as member:
                found[entry.filename] = member.read(limit + 1)
            if len(found[entry.filename]) != entry.file_size:
                raise FormError(f"{entry.filename}: its length is not the one that the file states")
    return found


def changed_members(packet: Packet) -> list[str]:
    """Return the members whose bytes are not those that `packet.json` names."""
    return [name for name, digest in packet.about.members if hashlib.sha256(packet.members[name]).hexdigest() != digest]


def signer(packet: Packet) -> str:
    """Return the public key, in hexadecimal digits, that signed the packet. Raises FormError where the signature does not fit."""
    key = packet.about.seal.public_key
    try:
        fits = packet.members[KEY] == public_pem(key).encode()
        raw = b64decode(packet.members[SIGNATURE].removesuffix(b"\n"), validate=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(raw, signed_bytes(packet.members[ABOUT]))
        again = b64encode(raw) + b"\n"
    except (InvalidSignature, NoBase64, ValueError) as fault:
        raise FormError(f"{SIGNATURE}: it does not fit {ABOUT} by the key that the packet names") from fault
    if again != packet.members[SIGNATURE]:
        raise FormError(f"{SIGNATURE}: written in another way than packets are")
    if not fits:
        raise FormError(f"{KEY}: another key than the one of the seal")
    return key


def content_of(packet: Packet) -> Content:
    """Read the members. Raises FormError, which names the member and line."""
    about = packet.about
    read: dict[str, tuple[Any, ...]] = {
        AREAS: _rows(packet, AREAS, AreaRow),
        UNITS: _rows(packet, UNITS, UnitRow),
        SOURCES: _rows(packet, SOURCES, SourceRow),
        COVERAGE: _rows(packet, COVERAGE, CoverageRow),
        EXPECTED: _rows(packet, EXPECTED, ExpectedRow),
        FIGURES: _rows(packet, FIGURES, FigureRow),
    }
    facts = _facts(packet.members[FACT_FILE])
    counts = {**{name: len(rows) for name, rows in read.items()}, FACT_FILE: facts.num_rows}
    for name, count in about.counts:
        if counts.get(name) != count:
            raise FormError(f"{name}: {counts.get(name)} rows, {ABOUT} says {count}")
    definitions = _named(DEFINITIONS, lambda: from_json(packet.members[DEFINITIONS], Definitions))
    if definitions.hash != about.definitions:
        raise FormError(f"{DEFINITIONS}: another hash than {ABOUT} says")
    if (definitions.calendar, about.plan, about.period) != (about.calendar, about.seal.plan, about.seal.period):
        raise FormError(f"{ABOUT}: plan, calendar or period is not that of the seal")
    return Content(
        province=about.province,
        name=about.name,
        is_made_up=about.is_made_up,
        seal=about.seal,
        seal_signature=about.seal_signature,
        definitions=definitions,
        areas=read[AREAS],
        units=read[UNITS],
        sources=read[SOURCES],
        coverage=read[COVERAGE],
        expected=read[EXPECTED],
        facts=facts,
        figures=read[FIGURES],
    )


def _rows(packet: Packet, name: str, kind: type[T]) -> tuple[T, ...]:
    lines = packet.members[name].splitlines(keepends=True)
    if lines != sorted(lines):
        raise FormError(f"{name}: its lines are not in order")
    return tuple(_named(f"{name}, line {number}", lambda line=line: from_json(line, kind)) for number, line in enumerate(lines, 1))  # type: ignore[misc]  # fmt: skip


def _named(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except PlainError as fault:
        raise FormError(f"{what}: {fault}") from fault


def _facts(content: bytes) -> pa.Table:
    try:
        file = parquet.ParquetFile(pa.BufferReader(content))
        if file.metadata.num_rows > MOST_FACTS:
            raise FormError(f"{FACT_FILE}: {file.metadata.num_rows} rows, {MOST_FACTS} at most")
        if not file.schema_arrow.equals(FACTS):
            raise FormError(f"{FACT_FILE}: its columns are not those of a packet")
        table = file.read()
    except (pa.ArrowException, OSError, ValueError) as fault:
        if isinstance(fault, FormError):
            raise
        raise FormError(f"{FACT_FILE}: {str(fault)[:120]}") from fault
    if any(table[name].null_count for name in FACTS.names):
        raise FormError(f"{FACT_FILE}: a fact without a value in one of its columns")
    return table
