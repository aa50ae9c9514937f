"""Signature algorithms as files name them, and whether a signature was made by a key over some bytes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from vnlib.identity.chip import der
from vnlib.identity.chip.curves import PlainKey
from vnlib.identity.chip.errors import AlgorithmNotUsableError, EncodingError, SignatureMismatchError
from vnlib.identity.chip.keys import PublicKey

WEAK_HASHES = frozenset({"sha1", "sha224"})
LONGEST_SIGNATURE = 2048
# Every chip names one of a few algorithms in the same bytes: what those say is kept.
_LONGEST_KEPT = 128

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - old chips; flagged by who verifies
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
HASH_OF: dict[str, Callable[[bytes], hashlib._Hash]] = {name: getattr(hashlib, name) for name in HASHES}
"""The same from `hashlib`: half the time of `hashlib.new` for what is as short as a group."""
_HASH_OIDS = {
    der.oid("1.3.14.3.2.26"): "sha1",
    der.oid("2.16.840.1.101.3.4.2.4"): "sha224",
    der.oid("2.16.840.1.101.3.4.2.1"): "sha256",
    der.oid("2.16.840.1.101.3.4.2.2"): "sha384",
    der.oid("2.16.840.1.101.3.4.2.3"): "sha512",
}
_MGF1 = der.oid("1.2.840.113549.1.1.8")
_PSS = der.oid("1.2.840.113549.1.1.10")

# Kind, hash. None: the name leaves the hash to the digest algorithm beside it.
_SIGNATURE_OIDS: dict[bytes, tuple[str, str | None]] = {
    der.oid(dotted): (kind, hash_name)
    for dotted, kind, hash_name in (
        ("1.2.840.113549.1.1.1", "rsa", None),
        ("1.2.840.113549.1.1.5", "rsa", "sha1"),
        ("1.2.840.113549.1.1.14", "rsa", "sha224"),
        ("1.2.840.113549.1.1.11", "rsa", "sha256"),
        ("1.2.840.113549.1.1.12", "rsa", "sha384"),
        ("1.2.840.113549.1.1.13", "rsa", "sha512"),
        ("1.2.840.10045.2.1", "ecdsa", None),
        ("1.2.840.10045.4.1", "ecdsa", "sha1"),
        ("1.2.840.10045.4.3.1", "ecdsa", "sha224"),
        ("1.2.840.10045.4.3.2", "ecdsa", "sha256"),
        ("1.2.840.10045.4.3.3", "ecdsa", "sha384"),
        ("1.2.840.10045.4.3.4", "ecdsa", "sha512"),
        ("0.4.0.127.0.7.1.1.4.1.1", "ecdsa-plain", "sha1"),
        ("0.4.0.127.0.7.1.1.4.1.2", "ecdsa-plain", "sha224"),
        ("0.4.0.127.0.7.1.1.4.1.3", "ecdsa-plain", "sha256"),
        ("0.4.0.127.0.7.1.1.4.1.4", "ecdsa-plain", "sha384"),
        ("0.4.0.127.0.7.1.1.4.1.5", "ecdsa-plain", "sha512"),
    )
}


class Algorithm(NamedTuple):
    """
    `kind` is rsa (PKCS#1 v1.5), rsa-pss, ecdsa (DER) or ecdsa-plain (r and s side by side, BSI TR-03111).

    The last two are those of RSA-PSS: the hash of its mask, the length of its salt in bytes.
    """

    kind: str
    hash_name: str
    mask_hash: str = ""
    salt_bytes: int = 0


def digest_algorithm(found: der.Element) -> str:
    """Return the name of a hash from its AlgorithmIdentifier. Raises AlgorithmNotUsableError, EncodingError."""
    encoded = found.encoded
    return _digest_algorithm(encoded) if len(encoded) <= _LONGEST_KEPT else _read_digest_algorithm(found)


@functools.lru_cache(maxsize=64)
def _digest_algorithm(encoded: bytes) -> str:
    return _read_digest_algorithm(der.element(encoded))


def _read_digest_algorithm(found: der.Element) -> str:
    kind, *parameters = der.children(der.expect(found, der.SEQUENCE), 2)
    _expect_none(parameters)
    name = _HASH_OIDS.get(der.expect(kind, der.OID).content)
    if name is None:
        raise AlgorithmNotUsableError(f"Hàm băm {der.dotted(kind.content)} không được dùng.")
    return name


def signature_algorithm(found: der.Element, digest: str | None = None) -> Algorithm:
    """
    Return the signature algorithm of an AlgorithmIdentifier; `digest` is the hash where the name tells none.

    Raises AlgorithmNotUsableError, EncodingError.
    """
    encoded = found.encoded
    if len(encoded) <= _LONGEST_KEPT:
        return _signature_algorithm(encoded, digest)
    return _read_signature_algorithm(found, digest)


@functools.lru_cache(maxsize=64)
def _signature_algorithm(encoded: bytes, digest: str | None) -> Algorithm:
    return _read_signature_algorithm(der.element(encoded), digest)


def _read_signature_algorithm(found: der.Element, digest: str | None) -> Algorithm:
    name, *parameters = der.children(der.expect(found, der.SEQUENCE), 2)
    oid = der.expect(name, der.OID).content
    if oid == _PSS:
        return _pss(parameters)
    kind, hash_name = _SIGNATURE_OIDS.get(oid, ("", None))
    if kind == "ecdsa" and hash_name is None:
        parameters = []  # ecPublicKey carries the curve, which the key tells too
    _expect_none(parameters)
    if not kind or not (hash_name or digest):
        raise AlgorithmNotUsableError(f"Thuật toán ký {der.dotted(oid)} không được dùng.")
    return Algorithm(kind, hash_name or digest or "")


def verify(key: PublicKey, algorithm: Algorithm, signature: bytes, signed: bytes) -> None:
    """
    Return if `signature` was made by `key` over `signed`.

    Raises SignatureMismatchError; AlgorithmNotUsableError if the algorithm is not one of this kind of key.
    """
    if algorithm.hash_name not in HASHES:
        raise AlgorithmNotUsableError(f"Thuật toán ký {algorithm.kind} không được dùng.")
    if len(signature) > LONGEST_SIGNATURE:
        raise SignatureMismatchError("Chữ ký dài quá mức.")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, _padding(algorithm), HASHES[algorithm.hash_name])
        elif isinstance(key, PlainKey):
            _verify_plainly(key, algorithm, signature, signed)
        elif algorithm.kind == "ecdsa":
            key.verify(signature, signed, _ECDSA[algorithm.hash_name])
        else:
            as_der = utils.encode_dss_signature(*_pair(key, algorithm, signature))
            key.verify(as_der, signed, _ECDSA[algorithm.hash_name])
    except InvalidSignature:
        raise SignatureMismatchError("Chữ ký không khớp khóa và nội dung.") from None
    except (UnsupportedAlgorithm, EncodingError) as error:
        raise SignatureMismatchError(f"Không kiểm được chữ ký: {error}") from error


_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in HASHES.items()}


def _verify_plainly(key: PlainKey, algorithm: Algorithm, signature: bytes, signed: bytes) -> None:
    if not key.verifies(*_pair(key, algorithm, signature), algorithm.hash_name, signed):
        raise InvalidSignature


_PKCS1 = padding.PKCS1v15()


def _padding(algorithm: Algorithm) -> padding.AsymmetricPadding:
    if algorithm.kind == "rsa":
        return _PKCS1
    if algorithm.kind == "rsa-pss":
        return padding.PSS(padding.MGF1(HASHES[algorithm.mask_hash]), algorithm.salt_bytes)
    raise AlgorithmNotUsableError("Thuật toán ký không hợp với khóa RSA.")


def _pair(key: ec.EllipticCurvePublicKey | PlainKey, algorithm: Algorithm, signature: bytes) -> tuple[int, int]:
    """Return r and s. Raises EncodingError, AlgorithmNotUsableError."""
    if algorithm.kind == "ecdsa":
        first, second = der.children(der.only(signature, der.SEQUENCE), 2)
        return der.integer(first), der.integer(second)
    if algorithm.kind != "ecdsa-plain":
        raise AlgorithmNotUsableError("Thuật toán ký không hợp với khóa EC.")
    size = (key.curve.n.bit_length() + 7) // 8 if isinstance(key, PlainKey) else (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise EncodingError("Chữ ký dạng r‖s không đúng độ dài.")
    return int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")


def _expect_none(parameters: list[der.Element]) -> None:
    if parameters and (parameters[0].tag != der.NULL or parameters[0].content):
        raise AlgorithmNotUsableError("Thuật toán có tham số lạ.")


def _pss(parameters: list[der.Element]) -> Algorithm:
    """Read RSASSA-PSS-params (RFC 4055, 3.1): what is left out is SHA-1, MGF1 with SHA-1, 20 bytes, trailer 1."""
    hash_name, mask_hash, salt_bytes = "sha1", "sha1", 20
    last = 0
    for part in der.children(der.expect(parameters[0], der.SEQUENCE), 4) if parameters else ():
        if part.tag <= last:
            raise AlgorithmNotUsableError("Tham số RSA-PSS sai thứ tự.")
        last = part.tag
        (value,) = der.children(part, 1)
        match part.tag:
            case 0xA0:
                hash_name = digest_algorithm(value)
            case 0xA1:
                mask, mask_parameters = der.children(der.expect(value, der.SEQUENCE), 2)
                if der.expect(mask, der.OID).content != _MGF1:
                    raise AlgorithmNotUsableError("RSA-PSS dùng hàm mặt nạ lạ.")
                mask_hash = digest_algorithm(mask_parameters)
            case 0xA2:
                salt_bytes = der.integer(value)
            case 0xA3 if der.integer(value) == 1:
                pass
            case _:
                raise AlgorithmNotUsableError("RSA-PSS có tham số lạ.")
    if not 0 <= salt_bytes <= 512:
        raise AlgorithmNotUsableError("RSA-PSS có độ dài muối lạ.")
    return Algorithm("rsa-pss", hash_name, mask_hash, salt_bytes)
