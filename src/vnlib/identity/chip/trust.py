"""
The trust store: issuers' certificates and revocation lists that the operator vouches for.

From files, folders and master lists, each recognised by what it holds. Signers' certificates found beside them are kept to look for
the signer of a chip that carries none; they are never trusted by themselves.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from vnlib.identity.chip import der
from vnlib.identity.chip.certificates import (
    Certificate,
    RevocationList,
    normal_name,
    read_certificate,
    read_revocation_list,
    same_name,
)
from vnlib.identity.chip.errors import ChipError, EncodingError
from vnlib.identity.chip.files import read_up_to
from vnlib.identity.chip.masterlist import LARGEST_MASTER_LIST, MasterList, is_master_list, looked_at, read_master_list
from vnlib.identity.chip.signatures import verify

LARGEST_FILE = LARGEST_MASTER_LIST
MOST_FILES = 10_000
MOST_ISSUERS = 50_000
# How many certificates of one name or key identifier are tried for one chip.
MOST_CANDIDATES = 64
# Signers of chips whose certificates are kept ready, and the bytes that one may have for it.
_MOST_KEPT = 256
_LARGEST_KEPT = 8 * 1024

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----")


@dataclass(frozen=True)
class Note:
    """Something that was given and is not used: where it is and why."""

    source: str
    why: str


@dataclass
class TrustStore:
    """
    Build it once, then only read it. `sources` counts what was given: with none, no issuer can be known.

    Whatever cannot be used is in `notes` and takes no part. A certificate of an authority that another one signed (`links`) is
    trusted only when that other one is, or if a master list holds it.
    """

    issuers: list[Certificate] = field(default_factory=list)
    signers: list[Certificate] = field(default_factory=list)
    links: list[Certificate] = field(default_factory=list)
    revocation_lists: list[RevocationList] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sources: int = 0
    _known: set[str] = field(default_factory=set, repr=False)
    _by_subject: dict[bytes, list[Certificate]] = field(default_factory=dict, repr=False)
    _right: dict[int, bool] = field(default_factory=dict, repr=False)
    _read: dict[bytes, Certificate] = field(default_factory=dict, repr=False)
    _issuers_of: dict[str, list[Certificate]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> TrustStore:
        """Read files and folders (with those inside). Raises OSError if a path itself cannot be opened."""
        store = cls()
        for path in paths:
            store.sources += 1
            for file in _files(path):
                store._add_file(file)
        store._follow_links()
        return store

    def add(self, content: bytes, source: str = "") -> None:
        """Take in a certificate, a CRL or a master list, DER or PEM. What is none of them, or may not be used, is noted."""
        self.sources += not source
        self._take_in(content, source)
        self._follow_links()

    def _take_in(self, content: bytes, source: str) -> None:
        self._right.clear()
        self._issuers_of.clear()
        blocks = [_decoded(match[2]) for match in _PEM.finditer(content)] if b"-----BEGIN" in content else [content]
        for block in blocks or [b""]:
            try:
                self._add_der(block, source)
            except ChipError as error:
                self.notes.append(Note(source, f"{error.code}: {error}"))

    def _add_file(self, file: Path) -> None:
        content = read_up_to(file, LARGEST_FILE)
        if content is None:
            self.notes.append(Note(str(file), "file_too_large"))
        else:
            self._take_in(content, str(file))

    def _add_der(self, encoded: bytes, source: str) -> None:
        match _kind(encoded):
            case "crl":
                self.revocation_lists.append(read_revocation_list(encoded))
            case "signed":
                if not is_master_list(encoded):
                    raise EncodingError("Tệp có chữ ký nhưng không phải danh sách chứng thư.")
                self._add_list(read_master_list(encoded), source)
            case "certificate":
                self._add_certificate(read_certificate(encoded), source)
            case _:
                raise EncodingError("Không phải chứng thư, danh sách thu hồi hay danh sách chứng thư.")

    @classmethod
    def of_master_list(cls, found: MasterList) -> TrustStore:
        """Trust what a verified master list holds."""
        store = cls(sources=1)
        store._add_list(found, "")
        return store

    def _add_list(self, found: MasterList, source: str) -> None:
        for one in found.certificates:
            try:
                self._add_certificate(read_certificate(one), source, is_vouched=True)
            except ChipError as error:
                self.notes.append(Note(source, f"{error.code}: {error}"))

    def _add_certificate(self, certificate: Certificate, source: str, *, is_vouched: bool = False) -> None:
        if certificate.fingerprint in self._known:
            return
        self._known.add(certificate.fingerprint)
        seen = looked_at(certificate)
        if seen.why == "not_an_authority" and len(self.signers) < MOST_ISSUERS:
            self.signers.append(certificate)
        if seen.why:
            self.notes.append(Note(source, f"{seen.why}: {seen.detail}"))
        elif len(self._known) > MOST_ISSUERS:
            raise EncodingError("Kho tin cậy có quá nhiều chứng thư.")
        elif seen.self_signature == "verified" or is_vouched:
            self._trust(certificate)
        else:
            self.links.append(certificate)

    def _trust(self, certificate: Certificate) -> None:
        self._issuers_of.clear()
        self.issuers.append(certificate)
        self._by_subject.setdefault(certificate.subject, []).append(certificate)

    def _follow_links(self) -> None:
        """Trust those link certificates that a trusted issuer signed, and what these signed in turn."""
        while proved := [link for link in self.links if self.issuers_of(link)]:
            for link in proved:
                self.links.remove(link)
                self._trust(link)

    def issuers_of(self, certificate: Certificate) -> list[Certificate]:
        """
        Return those whose name and key identifier fit and whose key made the signature, the longest valid first.

        Several authorities share a name, and one key may have two certificates. One signer signs thousands of chips: what was found
        for it is kept until something is added to the store.
        """
        known = self._issuers_of.get(certificate.fingerprint)
        if known is None:
            known = self._find_issuers_of(certificate)
            _keep(self._issuers_of, certificate.fingerprint, known)
        return [*known]

    def read(self, encoded: Iterable[bytes]) -> list[Certificate]:
        """Return the certificates that came with a chip, those that are none left out; the last that were read are kept, none is trusted by it."""
        found = []
        for one in encoded:
            certificate = self._read.get(one)
            if certificate is None:
                try:
                    certificate = read_certificate(one)
                except ChipError:
                    continue
                if len(one) <= _LARGEST_KEPT:
                    _keep(self._read, one, certificate)
            found.append(certificate)
        return found

    def forget(self) -> None:
        """Drop what was kept of signers of chips."""
        self._read.clear()
        self._issuers_of.clear()

    def _find_issuers_of(self, certificate: Certificate) -> list[Certificate]:
        found = self._made(certificate, self._by_subject.get(certificate.issuer, ()))
        if not found:
            wanted = normal_name(certificate.issuer)
            found = self._made(certificate, [one for one in self.issuers if one.normal_subject == wanted])
        return sorted(found, key=lambda one: one.valid_until, reverse=True)

    @staticmethod
    def _made(certificate: Certificate, candidates: Sequence[Certificate]) -> list[Certificate]:
        found = []
        for issuer in candidates[:MOST_CANDIDATES]:
            try:
                certificate.check_issued_by(issuer)
            except ChipError:
                continue
            found.append(issuer)
        return found

    def revocations_of(self, issuer: Certificate) -> tuple[RevocationList | None, int]:
        """
        Return the newest list of this issuer that is rightly signed, and how many are not.

        After a change of keys the new key signs for the old certificates too: any trusted key of that name may sign.
        """
        right: list[RevocationList] = []
        wrong = 0
        for revocations in self.revocation_lists:
            if not same_name(revocations.issuer, issuer.subject):
                continue
            if not self._is_right(revocations):
                wrong += 1
            else:
                right.append(revocations)
        return max(right, key=lambda one: one.this_update, default=None), wrong

    def _is_right(self, revocations: RevocationList) -> bool:
        """Tell whether a trusted key signed the list; found out once, and again when something is added to the store."""
        known = self._right.get(id(revocations))
        if known is None:
            known = any(_signed(revocations, authority) for authority in self.issuers)
            self._right[id(revocations)] = known
        return known


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a value, and let go of the oldest where there are too many."""
    while len(kept) >= _MOST_KEPT:
        with suppress(KeyError, StopIteration, RuntimeError):  # another thread was at it
            del kept[next(iter(kept))]
    kept[key] = value


def _signed(revocations: RevocationList, authority: Certificate) -> bool:
    wanted = revocations.authority_key_id
    if wanted is not None and authority.key_id is not None and wanted != authority.key_id:
        return False
    if not same_name(revocations.issuer, authority.subject):
        return False
    try:
        verify(authority.key, revocations.algorithm, revocations.signature, revocations.signed)
    except ChipError:
        return False
    return True


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for count, file in enumerate(sorted(path.rglob("*"))):
        if count >= MOST_FILES:
            break
        if file.is_file():
            yield file


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return b""


def _kind(encoded: bytes) -> str:
    """Tell certificate, crl and signed apart by their first elements; "" for anything else."""
    try:
        first, *_ = der.children(der.only(encoded, der.SEQUENCE), 8)
        if first.tag == der.OID:
            return "signed"
        tags = [part.tag for part in der.children(der.expect(first, der.SEQUENCE), 12)]
    except (EncodingError, ValueError):
        return ""
    if tags[:1] == [0xA0]:
        return "certificate"
    if tags[:1] == [der.INTEGER]:
        tags.pop(0)
    # AlgorithmIdentifier, issuer, then a moment (CRL) or a SEQUENCE of two (certificate of version 1).
    is_list = tags[:2] == [der.SEQUENCE, der.SEQUENCE] and tags[2:3] in ([der.UTC_TIME], [der.GENERALIZED_TIME])
    return "crl" if is_list else "certificate"
