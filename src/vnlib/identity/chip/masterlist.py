"""ICAO master lists: issuers' certificates that a state collected and signed (ICAO Doc 9303-12, 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vnlib.identity.chip import cms, der
from vnlib.identity.chip.certificates import (
    DIGITAL_SIGNATURE,
    MASTER_LIST_SIGNER,
    Certificate,
    check_kind,
    read_certificate,
)
from vnlib.identity.chip.errors import AlgorithmNotUsableError, CertificateError, ChipError, SignedDataError
from vnlib.identity.chip.keys import described
from vnlib.identity.chip.signatures import HASHES, verify

LARGEST_MASTER_LIST = 32 * 1024**2
MOST_LISTED = 20_000
_CONTENT_TYPES = frozenset({der.oid("2.23.136.1.1.2")})


@dataclass(frozen=True)
class MasterList:
    """
    `certificates` are those listed, as their bytes, in the order of the file.

    `signer` signed the list; `issuer` is the authority among those sent or listed that issued the signer's certificate.
    """

    certificates: tuple[bytes, ...] = field(repr=False)
    signed: cms.SignedData = field(repr=False)
    signer: Certificate
    issuer: Certificate


@dataclass(frozen=True)
class Listed:
    """One certificate looked at by itself: `why` is "" if it may be used as an issuer of signers, else a stable reason."""

    certificate: Certificate | None
    key: str
    self_signature: str
    why: str
    detail: str = ""


def is_master_list(encoded: bytes) -> bool:
    """Tell whether this is CMS SignedData that calls itself a master list."""
    try:
        cms.read_signed_data(encoded, _CONTENT_TYPES)
    except SignedDataError:
        return False
    return True


def read_master_list(encoded: bytes) -> MasterList:
    """
    Read a master list and verify its signature up to an authority that is in the list itself or sent along.

    Whoever gives the file vouches for that authority. Raises SignedDataError: not a master list, larger than 32 MB or 20,000
    certificates, changed after signing, or signed by a certificate that was not made for signing master lists.
    """
    if len(encoded) > LARGEST_MASTER_LIST:
        raise SignedDataError("Danh sách chứng thư lớn quá 32 MB.")
    signed = cms.read_signed_data(encoded, _CONTENT_TYPES)
    certificates = _listed(signed.content)
    if signed.signed_content_type != signed.content_type or not signed.digest_is_right:
        raise SignedDataError("Mã băm của danh sách không khớp: danh sách đã bị sửa.")
    sent = list(_readable(signed.certificates))
    signer = next((one for one in sent if signed.is_signer(one)), None)
    if signer is None:
        raise SignedDataError("Không có chứng thư của người ký danh sách.")
    try:
        signed.check_signature(signer)
    except ChipError as error:
        raise SignedDataError(f"Chữ ký của danh sách không khớp: {error}") from error
    return MasterList(certificates, signed, signer, _issuer_of(signed, signer, sent, certificates))


def _listed(content: bytes) -> tuple[bytes, ...]:
    try:
        version, listed = der.children(der.only(content, der.SEQUENCE), 2)
        found = tuple(one.encoded for one in der.children(der.expect(listed, der.SET), MOST_LISTED))
        number = der.integer(version)
    except ValueError as error:
        raise SignedDataError(str(error)) from error
    if number != 0:
        raise SignedDataError("Phiên bản của danh sách chứng thư không đúng.")
    return found


def _issuer_of(
    signed: cms.SignedData, signer: Certificate, sent: list[Certificate], listed: tuple[bytes, ...]
) -> Certificate:
    usage = signer.key_usage or frozenset({DIGITAL_SIGNATURE})
    if MASTER_LIST_SIGNER not in signer.purposes or DIGITAL_SIGNATURE not in usage or signer.is_ca:
        raise SignedDataError("Chứng thư của người ký không dùng để ký danh sách chứng thư.")
    if signed.signing_time is not None and not signer.is_valid_at(signed.signing_time):
        raise SignedDataError("Chứng thư của người ký không có hiệu lực lúc ký danh sách.")
    # Only bytes that hold the signer's issuer name can be its issuer: the others need not be read.
    named = (one for one in listed if signer.issuer in one)
    for authority in (*sent, *_readable(named)):
        try:
            signer.check_issued_by(authority)
        except ChipError:
            continue
        if authority.may_issue and looked_at(authority).why == "":
            return authority
    raise SignedDataError("Không tìm thấy nơi cấp chứng thư của người ký danh sách.")


def _readable(encoded: Iterable[bytes]) -> Iterator[Certificate]:
    for one in encoded:
        try:
            yield read_certificate(one)
        except CertificateError:
            continue


def look_at(encoded: bytes) -> Listed:
    """Read one certificate and say whether it may be used as an issuer; never raises for what the bytes hold."""
    try:
        certificate = read_certificate(encoded)
    except CertificateError as error:
        return Listed(None, "", "", error.code, str(error))
    return looked_at(certificate)


def looked_at(certificate: Certificate) -> Listed:
    """
    Say whether a certificate may be used as an issuer.

    `why`: key_not_usable, algorithm_not_usable, not_an_authority, unknown_critical_extension, self_signature_failed. An expired one is usable: what it
    issued is judged at the time of signing. `self_signature`: verified, failed, or other_issuer (a link certificate, whose signature
    only the certificate of that issuer can prove).
    """
    try:
        key = described(certificate.key)
    except ChipError as error:
        return Listed(certificate, "", "", error.code, str(error))
    try:
        check_kind(certificate, certificate.algorithm)
        verify(certificate.key, certificate.algorithm, certificate.signature, certificate.signed)
        self_signature = "verified"
    except ChipError as error:
        if certificate.algorithm.hash_name not in HASHES:
            return Listed(certificate, key, "", AlgorithmNotUsableError.code, str(error))
        # A link from an old key to a new one of the same authority names the old key; whatever else is self-issued is broken.
        if certificate.is_self_issued and certificate.authority_key_id in {None, certificate.key_id}:
            return Listed(certificate, key, "failed", "self_signature_failed", str(error))
        self_signature = "other_issuer"
    if certificate.unknown_critical:
        detail = ", ".join(certificate.unknown_critical)
        return Listed(certificate, key, self_signature, "unknown_critical_extension", detail)
    if not certificate.may_issue:
        return Listed(
            certificate, key, self_signature, "not_an_authority", "Chứng thư không phải của nơi cấp chứng thư."
        )
    return Listed(certificate, key, self_signature, "")
