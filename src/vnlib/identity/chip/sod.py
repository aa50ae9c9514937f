"""EF.SOD: the signed list of the hashes of the data groups (ICAO Doc 9303-10, 4.6.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vnlib.identity.chip import cms, der
from vnlib.identity.chip.errors import ChipError, SignedDataError
from vnlib.identity.chip.lds import SOD_TAG, file_of
from vnlib.identity.chip.signatures import digest_algorithm

LARGEST_SOD = 256 * 1024
# Chips of the first years and Chinese ones name the content otherwise; id-data is anything, so what is inside must fit.
_CONTENT_TYPES = frozenset({der.oid("2.23.136.1.1.1"), der.oid("1.3.27.1.1.1"), cms.ID_DATA})


@dataclass(frozen=True)
class SecurityObject:
    """`hashes` are the groups' by their number; `lds_version` is None in objects of version 0."""

    signed: cms.SignedData
    hash_name: str
    hashes: dict[int, bytes] = field(repr=False)
    lds_version: str | None


def read_sod(content: bytes) -> SecurityObject:
    """Read EF.SOD, verifying nothing. Raises SignedDataError."""
    if len(content) > LARGEST_SOD:
        raise SignedDataError("EF.SOD lớn quá 256 kB.")
    try:
        signed = cms.read_signed_data(der.element(file_of(content, SOD_TAG)).content, _CONTENT_TYPES)
        return _security_object(signed)
    except SignedDataError:
        raise
    except (ChipError, ValueError, IndexError) as error:
        raise SignedDataError(str(error)) from error


def _security_object(signed: cms.SignedData) -> SecurityObject:
    version_element, algorithm, groups, *info = der.children(der.only(signed.content, der.SEQUENCE), 4)
    version = der.integer(version_element)
    if version not in {0, 1} or len(info) != version:
        raise SignedDataError("Phiên bản của LDSSecurityObject không hợp với nội dung.")
    hashes: dict[int, bytes] = {}
    for group in der.children(der.expect(groups, der.SEQUENCE), 16):
        number_element, digest = der.children(der.expect(group, der.SEQUENCE), 2)
        number = der.integer(number_element)
        if number in hashes or not 1 <= number <= 16:
            raise SignedDataError("LDSSecurityObject ghi số nhóm dữ liệu sai hoặc lặp.")
        hashes[number] = der.expect(digest, der.OCTET_STRING).content
    lds_version = None
    if info:
        lds, _unicode = (der.text(part) for part in der.children(der.expect(info[0], der.SEQUENCE), 2))
        lds_version = lds[:4]
    return SecurityObject(signed, digest_algorithm(algorithm), hashes, lds_version)
