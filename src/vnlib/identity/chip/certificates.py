"""
X.509 certificates of issuers and signers of chips, and their revocation lists.

Read element by element from the bytes, because a certificate comes with every chip and is read while a person waits; names are
put into words, and compared beyond their bytes, by asn1crypto. `cryptography` refuses one real issuer in six.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

from asn1crypto import x509

from vnlib.identity.chip import der
from vnlib.identity.chip.errors import AlgorithmNotUsableError, CertificateError, ChipError, RevocationListError
from vnlib.identity.chip.keys import RSA_PSS, PublicKey, load_key
from vnlib.identity.chip.signatures import Algorithm, signature_algorithm, verify

LARGEST_CERTIFICATE = 64 * 1024
LARGEST_REVOCATION_LIST = 32 * 1024**2
MOST_REVOKED = 200_000

DIGITAL_SIGNATURE, KEY_CERT_SIGN = 0, 5
MASTER_LIST_SIGNER = der.oid("2.23.136.1.1.3")

_SUBJECT_KEY_IDENTIFIER = der.oid("2.5.29.14")
_KEY_USAGE = der.oid("2.5.29.15")
_BASIC_CONSTRAINTS = der.oid("2.5.29.19")
_AUTHORITY_KEY_IDENTIFIER = der.oid("2.5.29.35")
_EXTENDED_KEY_USAGE = der.oid("2.5.29.37")
# May be critical though nothing here hangs on them: names, policies (no constraint), period of the private key, distribution points.
_HARMLESS = frozenset(
    der.oid(dotted)
    for dotted in (
        "2.5.29.16",
        "2.5.29.17",
        "2.5.29.18",
        "2.5.29.31",
        "2.5.29.32",
        "2.23.136.1.1.6.1",
        "2.23.136.1.1.6.2",
    )
)

# What asn1crypto raises for names that are none.
_ODD = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Certificate:
    """
    What a certificate says; nothing of it is verified by reading. Names are kept as their DER, times are in UTC.

    `key_usage` holds the bits, None without the extension. `is_ca` is None without basicConstraints.
    `unknown_critical` are extensions that the issuer wants understood and that this package does not know.
    """

    encoded: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    serial: int
    issuer: bytes
    subject: bytes
    valid_from: datetime
    valid_until: datetime
    spki: bytes = field(repr=False)
    key_kind: bytes
    key_bits: bytes = field(repr=False)
    algorithm: Algorithm
    signature: bytes = field(repr=False)
    key_id: bytes | None = None
    authority_key_id: bytes | None = None
    key_usage: frozenset[int] | None = None
    is_ca: bool | None = None
    purposes: tuple[bytes, ...] = ()
    unknown_critical: tuple[str, ...] = ()

    @cached_property
    def key(self) -> PublicKey:
        """The public key. Raises KeyNotUsableError."""
        return load_key(self.spki)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the whole certificate, in hexadecimal digits."""
        return hashlib.sha256(self.encoded).hexdigest()

    @cached_property
    def normal_subject(self) -> str | bytes:
        return normal_name(self.subject)

    @cached_property
    def name(self) -> str:
        """Whose it is, as people read it."""
        return in_words(self.subject)

    @cached_property
    def is_self_issued(self) -> bool:
        return same_name(self.issuer, self.subject)

    @property
    def may_issue(self) -> bool:
        """It says that it is an authority; old ones without basicConstraints say so by issuing themselves."""
        signs = self.key_usage is None or KEY_CERT_SIGN in self.key_usage
        return signs and (self.is_self_issued if self.is_ca is None else self.is_ca)

    def is_valid_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment <= self.valid_until

    def check_issued_by(self, issuer: Certificate) -> None:
        """
        Return if the issuer has the right name and key identifier, and its key made this signature.

        Raises CertificateError with what is wrong, KeyNotUsableError, AlgorithmNotUsableError, SignatureMismatchError.
        """
        if self.issuer != issuer.subject and normal_name(self.issuer) != issuer.normal_subject:
            raise CertificateError("Tên nơi cấp không trùng.")
        if self.authority_key_id is not None and issuer.key_id is not None and self.authority_key_id != issuer.key_id:
            raise CertificateError("Mã khóa nơi cấp (AKI) không trùng.")
        check_kind(issuer, self.algorithm)
        verify(issuer.key, self.algorithm, self.signature, self.signed)


def check_kind(signer: Certificate, algorithm: Algorithm) -> None:
    """Raises CertificateError if the key is meant for RSA-PSS alone and this is another algorithm."""
    if algorithm.kind == "rsa" and signer.key_kind == RSA_PSS:
        raise CertificateError("Khóa chỉ dùng cho RSA-PSS.")


@dataclass(frozen=True)
class RevocationList:
    """A full CRL: revoked serial numbers with their day; `next_update` None if it names none."""

    signed: bytes = field(repr=False)
    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    revoked: dict[int, datetime] = field(repr=False)
    algorithm: Algorithm
    signature: bytes = field(repr=False)
    authority_key_id: bytes | None = None


def _named_error(error: type[ChipError]) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Whatever goes wrong in taking apart what a stranger sent becomes the one error that the reader documents."""

    def wrap(read: Callable[_P, _T]) -> Callable[_P, _T]:
        def reading(*arguments: _P.args, **named: _P.kwargs) -> _T:
            try:
                return read(*arguments, **named)
            except error:
                raise
            except (ValueError, IndexError, OverflowError) as fault:
                raise error(str(fault)) from fault

        reading.__doc__ = read.__doc__
        return reading

    return wrap


@_named_error(CertificateError)
def read_certificate(encoded: bytes) -> Certificate:
    """Read a certificate in DER. Raises CertificateError: not one, larger than 64 kB, or contradicting itself."""
    if len(encoded) > LARGEST_CERTIFICATE:
        raise CertificateError("Chứng thư lớn quá 64 kB.")
    signed, outer, signature = der.children(der.only(encoded, der.SEQUENCE), 3)
    parts = der.children(der.expect(signed, der.SEQUENCE), 10)
    version = 1
    if parts[0].tag == 0xA0:
        (number,) = der.children(parts.pop(0), 1)
        version = der.integer(number) + 1
    serial, inner, issuer, validity, subject, spki, *rest = parts
    if der.expect(inner, der.SEQUENCE).encoded != outer.encoded:
        # The outer name is not signed: only the inner one, which is, may decide.
        raise CertificateError("Hai nơi ghi thuật toán ký của chứng thư không giống nhau.")
    start, end = (der.time(moment) for moment in der.children(der.expect(validity, der.SEQUENCE), 2))
    key_algorithm, key_bits = der.children(der.expect(spki, der.SEQUENCE), 2)
    extensions = [part for part in rest if part.tag == 0xA3]
    if len(extensions) > 1 or (extensions and version != 3) or version not in {1, 2, 3}:
        raise CertificateError("Phiên bản và phần mở rộng của chứng thư không hợp nhau.")
    return Certificate(
        encoded=encoded,
        signed=signed.encoded,
        serial=der.integer(serial),
        issuer=der.expect(issuer, der.SEQUENCE).encoded,
        subject=der.expect(subject, der.SEQUENCE).encoded,
        valid_from=start,
        valid_until=end,
        spki=spki.encoded,
        key_kind=der.expect(der.children(key_algorithm, 2)[0], der.OID).content,
        key_bits=der.bit_string(key_bits),
        algorithm=_named_algorithm(inner),
        signature=der.bit_string(signature),
        **(_extensions(extensions[0]) if extensions else {}),
    )


def _named_algorithm(found: der.Element) -> Algorithm:
    """Return the algorithm; one that is not used is kept by its number, so that the certificate can still be listed."""
    try:
        return signature_algorithm(found)
    except AlgorithmNotUsableError:
        return Algorithm(der.dotted(der.children(found, 2)[0].content), "")


def _extensions(tagged: der.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seen: set[bytes] = set()
    unknown: list[str] = []
    (sequence,) = der.children(tagged, 1)
    for extension in der.children(der.expect(sequence, der.SEQUENCE), 64):
        kind, *middle, wrapped = der.children(der.expect(extension, der.SEQUENCE), 3)
        oid = der.expect(kind, der.OID).content
        is_critical = bool(middle) and der.boolean(middle[0])
        if oid in seen:
            raise CertificateError("Chứng thư có phần mở rộng ghi hai lần.")
        seen.add(oid)
        value = der.expect(wrapped, der.OCTET_STRING).content
        if oid == _SUBJECT_KEY_IDENTIFIER:
            found["key_id"] = der.only(value, der.OCTET_STRING).content
        elif oid == _AUTHORITY_KEY_IDENTIFIER:
            found["authority_key_id"] = _authority_key_id(value)
        elif oid == _KEY_USAGE:
            found["key_usage"] = der.named_bits(der.only(value, der.BIT_STRING))
        elif oid == _BASIC_CONSTRAINTS:
            first = der.children(der.only(value, der.SEQUENCE), 2)[:1]
            found["is_ca"] = bool(first) and first[0].tag == der.BOOLEAN and der.boolean(first[0])
        elif oid == _EXTENDED_KEY_USAGE:
            found["purposes"] = tuple(part.content for part in der.children(der.only(value, der.SEQUENCE), 64))
        elif is_critical and oid not in _HARMLESS:
            unknown.append(der.dotted(oid))
    return {**found, "unknown_critical": tuple(unknown)}


def _authority_key_id(value: bytes) -> bytes | None:
    for part in der.children(der.only(value, der.SEQUENCE), 3):
        if part.tag == 0x80:
            return part.content
    return None


@_named_error(RevocationListError)
def read_revocation_list(encoded: bytes) -> RevocationList:
    """
    Read a CRL in DER. Raises RevocationListError: not one, above 32 MB or 200,000 entries, or with a critical extension
    (partial and indirect lists have one): it would say "not revoked" of what it does not speak of.
    """
    if len(encoded) > LARGEST_REVOCATION_LIST:
        raise RevocationListError("Danh sách thu hồi lớn quá 32 MB.")
    signed, outer, signature = der.children(der.only(encoded, der.SEQUENCE), 3)
    parts = der.children(der.expect(signed, der.SEQUENCE), 8)
    if parts[0].tag == der.INTEGER:
        parts.pop(0)
    inner, issuer, this_update, *rest = parts
    if inner.encoded != outer.encoded:
        raise RevocationListError("Hai nơi ghi thuật toán ký của danh sách không giống nhau.")
    next_update = der.time(rest.pop(0)) if rest and rest[0].tag in {der.UTC_TIME, der.GENERALIZED_TIME} else None
    revoked: dict[int, datetime] = {}
    if rest and rest[0].tag == der.SEQUENCE:
        for entry in der.children(rest.pop(0), MOST_REVOKED):
            serial, moment, *_ = der.children(der.expect(entry, der.SEQUENCE), 3)
            revoked[der.integer(serial)] = der.time(moment)
    authority_key_id = None
    for tagged in rest:
        (sequence,) = der.children(der.expect(tagged, 0xA0), 1)
        for extension in der.children(der.expect(sequence, der.SEQUENCE), 64):
            kind, *middle, wrapped = der.children(extension, 3)
            if middle and der.boolean(middle[0]):
                raise RevocationListError(
                    f"Danh sách có phần mở rộng bắt buộc {der.dotted(kind.content)} không hiểu được."
                )
            if kind.content == _AUTHORITY_KEY_IDENTIFIER:
                authority_key_id = _authority_key_id(wrapped.content)
    return RevocationList(
        signed=signed.encoded,
        issuer=der.expect(issuer, der.SEQUENCE).encoded,
        this_update=der.time(this_update),
        next_update=next_update,
        revoked=revoked,
        algorithm=signature_algorithm(inner),
        signature=der.bit_string(signature),
        authority_key_id=authority_key_id,
    )


def same_name(one: bytes, two: bytes) -> bool:
    """Tell whether two names are equal as RFC 5280 7.1 compares them: whatever their case, blanks and kind of string."""
    return one == two or normal_name(one) == normal_name(two)


def normal_name(name: bytes) -> str | bytes:
    """Return what is the same for all names that `same_name` takes for equal; the name itself if it cannot be read."""
    try:
        return str(x509.Name.load(name).hashable)
    except _ODD:
        return name


def country(name: bytes) -> str:
    """Return the country of a name in capitals, "" if it has none."""
    return next((text.upper()[:8] for kind, text in _parts(name) if kind == "C"), "")


def in_words(name: bytes) -> str:
    """Return a name as people read it, the most telling part first: «CN=…, O=…, C=VN»; at most 300 letters."""
    return ", ".join(f"{kind}={text}" for kind, text in reversed(_parts(name)))[:300]


_SHORT = {
    der.oid("2.5.4.3"): "CN",
    der.oid("2.5.4.5"): "serialNumber",
    der.oid("2.5.4.6"): "C",
    der.oid("2.5.4.7"): "L",
    der.oid("2.5.4.8"): "ST",
    der.oid("2.5.4.10"): "O",
    der.oid("2.5.4.11"): "OU",
}


def _parts(name: bytes) -> list[tuple[str, str]]:
    try:
        pairs = [
            der.children(pair, 2)
            for group in der.children(der.only(name, der.SEQUENCE), 32)
            for pair in der.children(group, 8)
        ]
        return [(_SHORT.get(kind.content) or der.dotted(kind.content), der.text(value)) for kind, value in pairs]
    except ValueError:
        return []
