"""CMS SignedData (RFC 5652) with one signer and signed attributes: what a SOD and a master list are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from vnlib.identity.chip import der
from vnlib.identity.chip.certificates import Certificate, check_kind
from vnlib.identity.chip.errors import SignatureMismatchError, SignedDataError
from vnlib.identity.chip.signatures import HASH_OF, Algorithm, digest_algorithm, signature_algorithm, verify

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
ID_DATA = der.oid("1.2.840.113549.1.7.1")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")

MOST_CERTIFICATES = 32
_NAME_STRINGS = frozenset({der.UTF8_STRING, der.PRINTABLE_STRING, der.T61_STRING, der.BMP_STRING})


@dataclass(frozen=True)
class SignedData:
    """
    `certificates` are the bytes of those sent along. The signer is told by issuer and serial number, or by key identifier.

    `attributes` are the signed attributes as sent, tag and length left away. `signing_time` is what the signer says.
    """

    content_type: bytes
    content: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    issuer: bytes | None
    serial: int | None
    key_id: bytes | None
    digest: str
    algorithm: Algorithm
    attributes: bytes = field(repr=False)
    signed_content_type: bytes
    message_digest: bytes
    signing_time: datetime | None
    signature: bytes = field(repr=False)

    def is_signer(self, certificate: Certificate) -> bool:
        """Tell whether the SignerInfo means this certificate."""
        if self.key_id is not None:
            computed = certificate.key_id or hashlib.sha1(certificate.key_bits, usedforsecurity=False).digest()
            return self.key_id == computed
        return self.serial == certificate.serial and _same_words(self.issuer or b"", certificate.issuer)

    @property
    def digest_is_right(self) -> bool:
        return HASH_OF[self.digest](self.content).digest() == self.message_digest

    def check_signature(self, signer: Certificate) -> None:
        """
        Return if the signer's key signed the attributes: in DER order, as the standard says, or as they were sent.

        Raises SignatureMismatchError, KeyNotUsableError, AlgorithmNotUsableError, CertificateError.
        """
        check_kind(signer, self.algorithm)
        as_sent = der.encode(der.SET, self.attributes)
        parts = [part.encoded for part in der.children(der.element(as_sent))]
        in_order = as_sent if parts == sorted(parts) else der.encode(der.SET, b"".join(sorted(parts)))
        try:
            verify(signer.key, self.algorithm, self.signature, in_order)
        except SignatureMismatchError:
            if in_order == as_sent:
                raise
            verify(signer.key, self.algorithm, self.signature, as_sent)


def read_signed_data(encoded: bytes, content_types: frozenset[bytes]) -> SignedData:
    """
    Read a ContentInfo in DER whose content is of one of these types.

    What is not signed must still be as RFC 5652 demands (versions, the signer's hash among those listed), so that no two
    files with one signature differ in what a reader may go by. Raises SignedDataError.
    """
    try:
        return _read(encoded, content_types)
    except SignedDataError:
        raise
    except (ValueError, IndexError) as error:
        raise SignedDataError(str(error)) from error


def _read(encoded: bytes, content_types: frozenset[bytes]) -> SignedData:
    kind, wrapped = der.children(der.only(encoded, der.SEQUENCE), 2)
    if der.expect(kind, der.OID).content != _SIGNED_DATA:
        raise SignedDataError("Không phải dữ liệu có chữ ký (CMS SignedData).")
    (body,) = der.children(der.expect(wrapped, 0xA0), 1)
    version, digests, capsule, *optional, signers = der.children(der.expect(body, der.SEQUENCE), 5)
    content_type, content = _content(capsule, content_types)
    certificates: tuple[bytes, ...] = ()
    for part in optional:
        # Doc 9303-10 leaves no place for revocation lists, so what stands there is no second home for certificates.
        sent = der.children(der.expect(part, 0xA0), MOST_CERTIFICATES)
        certificates += tuple(der.expect(one, der.SEQUENCE).encoded for one in sent)
    # Version 1 only where the content is id-data and the signer is named by issuer (RFC 5652, 5.1).
    if der.integer(version) not in ({1, 3} if content_type == ID_DATA else {3}):
        raise SignedDataError("Phiên bản của dữ liệu ký không đúng.")
    infos = der.children(der.expect(signers, der.SET), 8)
    if len(infos) != 1:
        raise SignedDataError(f"Cần đúng một người ký, có {len(infos)}.")
    listed = {digest_algorithm(one) for one in der.children(der.expect(digests, der.SET), 8)}
    return _signer(infos[0], listed, content_type, content, certificates)


def _content(capsule: der.Element, content_types: frozenset[bytes]) -> tuple[bytes, bytes]:
    kind, wrapped = der.children(der.expect(capsule, der.SEQUENCE), 2)
    oid = der.expect(kind, der.OID).content
    if oid not in content_types:
        raise SignedDataError(f"Loại nội dung {der.dotted(oid)} không đúng.")
    (octets,) = der.children(der.expect(wrapped, 0xA0), 1)
    return oid, der.expect(octets, der.OCTET_STRING).content


def _signer(
    info: der.Element, listed: set[str], content_type: bytes, content: bytes, certificates: tuple[bytes, ...]
) -> SignedData:
    version, sid, digest_element, attributes, algorithm, signature, *unsigned = der.children(
        der.expect(info, der.SEQUENCE), 7
    )
    der.expect(attributes, 0xA0)  # required whenever the content is not id-data
    digest = digest_algorithm(digest_element)
    if digest not in listed:
        raise SignedDataError("Hàm băm của người ký không có trong danh sách hàm băm.")
    issuer: bytes | None = None
    serial: int | None = None
    key_id: bytes | None = None
    if sid.tag == der.SEQUENCE:
        name, number = der.children(sid, 2)
        issuer, serial = der.expect(name, der.SEQUENCE).encoded, der.integer(number)
    else:
        key_id = der.expect(sid, 0x80).content
    if der.integer(version) != (1 if key_id is None else 3):
        raise SignedDataError("Phiên bản của người ký không đúng.")
    for part in unsigned:
        der.expect(part, 0xA1)
    values = _attributes(attributes)
    moment = values.get(_SIGNING_TIME)
    return SignedData(
        content_type=content_type,
        content=content,
        certificates=certificates,
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest=digest,
        algorithm=signature_algorithm(algorithm, digest),
        attributes=attributes.content,
        signed_content_type=der.expect(values[_CONTENT_TYPE], der.OID).content,
        message_digest=der.expect(values[_MESSAGE_DIGEST], der.OCTET_STRING).content,
        signing_time=None if moment is None else der.time(moment),
        signature=der.expect(signature, der.OCTET_STRING).content,
    )


def _attributes(attributes: der.Element) -> dict[bytes, der.Element]:
    """Return those attributes that are used, each of which stands once with one value. Raises SignedDataError."""
    found: dict[bytes, der.Element] = {}
    for attribute in der.children(attributes, 32):
        kind, values = der.children(der.expect(attribute, der.SEQUENCE), 2)
        oid = der.expect(kind, der.OID).content
        if oid not in {_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME}:
            continue
        each = der.children(der.expect(values, der.SET), 2)
        if oid in found or len(each) != 1:
            raise SignedDataError("Thuộc tính được ký ghi hơn một lần.")
        found[oid] = each[0]
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= found.keys():
        raise SignedDataError("Thiếu thuộc tính được ký: loại nội dung hoặc mã băm nội dung.")
    return found


def _same_words(one: bytes, two: bytes) -> bool:
    """
    Tell whether two names are the same, letter by letter, in whatever kind of string.

    Stricter than the comparison with an issuer: the name in a SignerInfo is not signed.
    """
    if one == two:
        return True
    try:
        return _words(one) == _words(two)
    except ValueError:
        return False


def _words(name: bytes) -> list[tuple[bytes, str]]:
    words = []
    for group in der.children(der.only(name, der.SEQUENCE), 32):
        for pair in der.children(der.expect(group, der.SET), 8):
            kind, value = der.children(der.expect(pair, der.SEQUENCE), 2)
            words.append((der.expect(kind, der.OID).content, der.text(der.expect(value, *_NAME_STRINGS))))
    return words
