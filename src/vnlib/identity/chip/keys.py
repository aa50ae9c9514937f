"""Public keys from a SubjectPublicKeyInfo: RSA, and EC on the listed curves, named or with explicit parameters."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from vnlib.identity.chip import der
from vnlib.identity.chip.curves import BY_OID, BY_PRIME, Curve, PlainKey
from vnlib.identity.chip.errors import EncodingError, KeyNotUsableError

LARGEST_RSA_BITS = 8192
SMALLEST_RSA_BITS = 1024
STRONG_RSA_BITS = 2048
_LARGEST_EXPONENT_BITS = 64  # a larger one only makes verifying slow

RSA = der.oid("1.2.840.113549.1.1.1")
RSA_PSS = der.oid("1.2.840.113549.1.1.10")
EC = der.oid("1.2.840.10045.2.1")
_PRIME_FIELD = der.oid("1.2.840.10045.1.1")

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | PlainKey


def load_key(spki: bytes) -> PublicKey:
    """
    Return the key of a SubjectPublicKeyInfo.

    Raises KeyNotUsableError for any other kind, an unknown curve, a point off its curve, RSA below 1024 or above 8192 bits.
    """
    try:
        algorithm, bits = der.children(der.only(spki, der.SEQUENCE), 2)
        kind, *parameters = der.children(der.expect(algorithm, der.SEQUENCE), 2)
        if kind.content == EC and len(parameters) == 1:
            return _ec_key(_curve_of(parameters[0]), der.bit_string(bits))
        if kind.content in {RSA, RSA_PSS}:
            return _rsa_key(der.bit_string(bits))
    except KeyNotUsableError:
        raise
    except (ValueError, OverflowError) as error:
        raise KeyNotUsableError(f"Khóa công khai không đọc được: {error}") from error
    raise KeyNotUsableError(f"Loại khóa {der.dotted(kind.content)} không được dùng.")


def described(key: PublicKey) -> str:
    """Return kind and size: «RSA 4096», «EC brainpoolP512r1»."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}"


def is_weak(key: PublicKey) -> bool:
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < STRONG_RSA_BITS


def _rsa_key(content: bytes) -> rsa.RSAPublicKey:
    modulus, exponent = (der.integer(part) for part in der.children(der.only(content, der.SEQUENCE), 2))
    if not SMALLEST_RSA_BITS <= modulus.bit_length() <= LARGEST_RSA_BITS:
        raise KeyNotUsableError(f"Khóa RSA {modulus.bit_length()} bit nằm ngoài khoảng cho phép.")
    if (
        modulus < 0
        or modulus % 2 == 0
        or exponent < 3
        or exponent % 2 == 0
        or exponent.bit_length() > _LARGEST_EXPONENT_BITS
    ):
        raise KeyNotUsableError("Khóa RSA có mô-đun hoặc số mũ không hợp lệ.")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _curve_of(parameters: der.Element) -> Curve:
    if parameters.tag == der.OID:
        curve = BY_OID.get(parameters.content)
        if curve is None:
            raise KeyNotUsableError(f"Đường cong {der.dotted(parameters.content)} không được dùng.")
        return curve
    return _curve_of_explicit(der.expect(parameters, der.SEQUENCE))


def _curve_of_explicit(parameters: der.Element) -> Curve:
    """Return the curve whose every parameter equals those given (SEC 1, C.2); the seed is no parameter of the curve."""
    version, field, equation, base, order, *rest = der.children(parameters, 7)
    field_kind, prime = der.children(der.expect(field, der.SEQUENCE), 2)
    if der.integer(version) not in {1, 2, 3} or field_kind.content != _PRIME_FIELD:
        raise KeyNotUsableError("Tham số đường cong không phải trên trường nguyên tố.")
    curve = BY_PRIME.get(der.integer(prime))
    a, b = (
        int.from_bytes(der.expect(part, der.OCTET_STRING).content, "big")
        for part in der.children(der.expect(equation, der.SEQUENCE), 3)[:2]
    )
    cofactor = der.integer(rest[0]) if rest and rest[0].tag == der.INTEGER else 1
    if (
        curve is None
        or (a, b, der.integer(order), cofactor) != (curve.a, curve.b, curve.n, 1)
        or _point(curve, der.expect(base, der.OCTET_STRING).content) != (curve.x, curve.y)
    ):
        raise KeyNotUsableError(
            "Tham số đường cong không trùng đường cong nào trong danh mục; không bao giờ được dùng."
        )
    return curve


def _ec_key(curve: Curve, encoded: bytes) -> ec.EllipticCurvePublicKey | PlainKey:
    if curve.library is None:
        return PlainKey(curve, *_point(curve, encoded))
    return ec.EllipticCurvePublicKey.from_encoded_point(curve.library, encoded)


def _point(curve: Curve, encoded: bytes) -> tuple[int, int]:
    """Return a point that is on the curve (SEC 1, 2.3.4). Raises EncodingError."""
    size = curve.size
    x = int.from_bytes(encoded[1 : 1 + size], "big")
    if encoded[:1] == b"\x04" and len(encoded) == 1 + 2 * size:
        y = int.from_bytes(encoded[1 + size :], "big")
    elif encoded[:1] in {b"\x02", b"\x03"} and len(encoded) == 1 + size and curve.p % 4 == 3:
        y = pow(x**3 + curve.a * x + curve.b, (curve.p + 1) // 4, curve.p)
        if y % 2 != encoded[0] % 2:
            y = curve.p - y
    else:
        raise EncodingError("Điểm trên đường cong không đúng dạng.")
    if not curve.has(x, y):
        raise EncodingError("Điểm không nằm trên đường cong.")
    return x, y
