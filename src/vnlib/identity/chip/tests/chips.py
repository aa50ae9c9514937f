"""Makes chips with fresh keys: authorities, signers, revocation lists and signed groups, of every kind that cards may have."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from vnlib.identity.chip import Chip, der
from vnlib.identity.chip.curves import CURVES

DATA = Path(__file__).parents[2] / "tests" / "data"
AT = datetime(2026, 6, 1, tzinfo=UTC)
SIGNED_AT = datetime(2021, 8, 14, tzinfo=UTC)
SAMPLE = DATA / "emrtd" / "01_ecdsa_p256"
GROUPS = {number: (SAMPLE / f"DG{number}.bin").read_bytes() for number in (1, 2, 13)}

CURVE = {curve.name: curve for curve in CURVES}
HASH = {name: getattr(hashes, name.upper())() for name in ("sha1", "sha224", "sha256", "sha384", "sha512")}
HASH_OID = {
    "sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4", "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3",
}  # fmt: skip
NUMBER = {"sha224": 1, "sha256": 2, "sha384": 3, "sha512": 4}
RSA_NUMBER = {"sha1": 5, "sha224": 14, "sha256": 11, "sha384": 12, "sha512": 13}
PLAIN_NUMBER = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}


def seq(*parts):
    return der.encode(der.SEQUENCE, b"".join(parts))


def set_of(*parts):
    return der.encode(der.SET, b"".join(sorted(parts)))


def oid(dotted):
    return der.encode(der.OID, der.oid(dotted))


def integer(value):
    return der.encode(der.INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(content):
    return der.encode(der.OCTET_STRING, content)


def bits(content):
    return der.encode(der.BIT_STRING, b"\0" + content)


def tagged(number, content):
    return der.encode(0xA0 + number, content)


def moment(when):
    return der.encode(der.UTC_TIME, when.strftime("%y%m%d%H%M%SZ").encode())


def name(common, country="VN", kind=der.UTF8_STRING):
    return seq(
        set_of(seq(oid("2.5.4.6"), der.encode(der.PRINTABLE_STRING, country.encode()))),
        set_of(seq(oid("2.5.4.3"), der.encode(kind, common.encode()))),
    )


def hash_algorithm(hash_name):
    return seq(oid(HASH_OID[hash_name]))


def algorithm(kind, hash_name):
    if kind == "rsa":
        return seq(oid(f"1.2.840.113549.1.1.{RSA_NUMBER[hash_name]}"), der.encode(der.NULL, b""))
    if kind == "rsa-pss":
        mask = seq(oid("1.2.840.113549.1.1.8"), hash_algorithm(hash_name))
        salt = integer(HASH[hash_name].digest_size)
        parameters = seq(tagged(0, hash_algorithm(hash_name)), tagged(1, mask), tagged(2, salt))
        return seq(oid("1.2.840.113549.1.1.10"), parameters)
    if kind == "ecdsa-plain":
        return seq(oid(f"0.4.0.127.0.7.1.1.4.1.{PLAIN_NUMBER[hash_name]}"))
    return seq(oid("1.2.840.10045.4.1" if hash_name == "sha1" else f"1.2.840.10045.4.3.{NUMBER[hash_name]}"))


class RsaKey:
    def __init__(self, size=2048):
        self.private = _rsa(size)
        self.kind = "rsa"

    def spki(self):
        numbers = self.private.public_key().public_numbers()
        key = seq(integer(numbers.n), integer(numbers.e))
        return seq(seq(oid("1.2.840.113549.1.1.1"), der.encode(der.NULL, b"")), bits(key))

    def sign(self, content, hash_name, kind):
        chosen = HASH[hash_name]
        pad = padding.PKCS1v15() if kind == "rsa" else padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        return self.private.sign(content, pad, chosen)


@lru_cache
def _rsa(size):
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


class EcKey:
    """On any listed curve. Signs by its own affine arithmetic, so that what it proves does not rest on the code under test."""

    def __init__(self, curve="secp256r1", *, explicit=False, change=None):
        self.curve, self.explicit, self.change, self.kind = CURVE[curve], explicit, change or {}, "ecdsa"
        self.secret = secrets.randbelow(self.curve.n - 1) + 1
        self.library = None
        if self.curve.library is not None:
            self.library = ec.derive_private_key(self.secret, self.curve.library)
            numbers = self.library.public_key().public_numbers()
            self.point = numbers.x, numbers.y
        else:
            self.point = self._times(self.secret, (self.curve.x, self.curve.y))

    def spki(self):
        curve, size = self.curve, self.curve.size
        point = b"\4" + self.point[0].to_bytes(size, "big") + self.point[1].to_bytes(size, "big")
        parameters = der.encode(der.OID, curve.oid)
        if self.explicit:
            value = {each: getattr(curve, each) for each in "pabxyn"} | {"h": 1} | self.change
            base = b"\4" + value["x"].to_bytes(size, "big") + value["y"].to_bytes(size, "big")
            parameters = seq(
                integer(1),
                seq(oid("1.2.840.10045.1.1"), integer(value["p"])),
                seq(octets(value["a"].to_bytes(size, "big")), octets(value["b"].to_bytes(size, "big"))),
                octets(base),
                integer(value["n"]),
                integer(value["h"]),
            )
        return seq(seq(oid("1.2.840.10045.2.1"), parameters), bits(point))

    def sign(self, content, hash_name, kind):
        r, s = self._pair(content, hash_name)
        if kind == "ecdsa":
            return utils.encode_dss_signature(r, s)
        size = (self.curve.n.bit_length() + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def _pair(self, content, hash_name):
        if self.library is not None:
            return utils.decode_dss_signature(self.library.sign(content, ec.ECDSA(HASH[hash_name])))
        n = self.curve.n
        digest = hashlib.new(hash_name, content).digest()
        e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - n.bit_length())
        k = secrets.randbelow(n - 1) + 1
        r = self._times(k, (self.curve.x, self.curve.y))[0] % n
        return r, pow(k, -1, n) * (e + r * self.secret) % n

    def _times(self, factor, point):
        p, total = self.curve.p, None
        for bit in f"{factor:b}":
            total = total and self._plus(total, total)
            if bit == "1":
                total = self._plus(total, point) if total else point
        assert p
        return total

    def _plus(self, one, two):
        p = self.curve.p
        if one == two:
            slope = (3 * one[0] ** 2 + self.curve.a) * pow(2 * one[1], -1, p)
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, p)
        x = (slope * slope - one[0] - two[0]) % p
        return x, (slope * (one[0] - x) - one[1]) % p


def extension(dotted, content, *, critical=False):
    flag = der.encode(der.BOOLEAN, b"\xff") if critical else b""
    return seq(oid(dotted), flag, octets(content))


@dataclass
class Authority:
    """An authority, or with `is_ca` False a signer. `issuer` None: it signs itself."""

    common: str = "CSCA"
    key: object = field(default_factory=EcKey)
    issuer: "Authority | None" = None
    hash_name: str = "sha256"
    kind: str = ""
    serial: int = 1001
    valid_from: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    valid_until: datetime = datetime(2035, 1, 1, tzinfo=UTC)
    is_ca: bool = True
    subject: bytes = b""
    issuer_name: bytes = b""
    authority_key_id: bytes | None = None
    more: tuple[bytes, ...] = ()
    usage: bytes = b""

    def __post_init__(self):
        self.subject = self.subject or name(self.common)
        by = self.issuer or self
        self.key_id = hashlib.sha1(self.key.spki()).digest()
        usage = self.usage or (b"\3\2\1\6" if self.is_ca else b"\3\2\7\x80")
        extensions = [
            extension("2.5.29.14", octets(self.key_id)),
            extension("2.5.29.35", seq(der.encode(0x80, self.authority_key_id or by.key_id))),
            extension("2.5.29.15", usage, critical=True),
            *self.more,
        ]
        if self.is_ca:
            flag = seq(der.encode(der.BOOLEAN, b"\xff"), integer(0))
            extensions.append(extension("2.5.29.19", flag, critical=True))
        chosen = algorithm(self.kind or by.key.kind, self.hash_name)
        signed = seq(
            tagged(0, integer(2)),
            integer(self.serial),
            chosen,
            self.issuer_name or by.subject,
            seq(moment(self.valid_from), moment(self.valid_until)),
            self.subject,
            self.key.spki(),
            tagged(3, seq(*extensions)),
        )
        self.der = seq(signed, chosen, bits(by.key.sign(signed, self.hash_name, self.kind or by.key.kind)))

    def signer(self, **changes):
        values = {"common": "DS", "serial": 2002, "valid_until": datetime(2031, 1, 1, tzinfo=UTC), "is_ca": False}
        return Authority(**{**values, "issuer": self, **changes})

    def crl(self, *serials, this_update=datetime(2026, 5, 1, tzinfo=UTC), next_update=datetime(2026, 8, 1, tzinfo=UTC)):
        chosen = algorithm(self.key.kind, "sha256")
        revoked = seq(*(seq(integer(serial), moment(this_update)) for serial in serials)) if serials else b""
        more = tagged(0, seq(extension("2.5.29.35", seq(der.encode(0x80, self.key_id)))))
        signed = seq(integer(1), chosen, self.subject, moment(this_update), moment(next_update), revoked, more)
        return seq(signed, chosen, bits(self.key.sign(signed, "sha256", self.key.kind)))


def security_object(groups, hash_name="sha256", *, version=0, hashes_of=None):
    listed = hashes_of or {number: hashlib.new(hash_name, content).digest() for number, content in groups.items()}
    version_info = seq(*(der.encode(der.PRINTABLE_STRING, text) for text in (b"0108", b"040000"))) if version else b""
    return seq(
        integer(version),
        hash_algorithm(hash_name),
        seq(*(seq(integer(number), octets(digest)) for number, digest in listed.items())),
        version_info,
    )


def signed_data(
    content,
    signer,
    *,
    certificates=None,
    hash_name="sha256",
    kind="",
    signed_at=SIGNED_AT,
    content_type="2.23.136.1.1.1",
    by_key_id=False,
    algorithm_name=None,
    unsigned=b"",
    digest_name="",
):
    kind, digest_name = kind or signer.key.kind, digest_name or hash_name
    parts = [
        seq(oid("1.2.840.113549.1.9.3"), set_of(oid(content_type))),
        seq(oid("1.2.840.113549.1.9.4"), set_of(octets(hashlib.new(digest_name, content).digest()))),
    ]
    if signed_at:
        parts.append(seq(oid("1.2.840.113549.1.9.5"), set_of(moment(signed_at))))
    attributes = b"".join(sorted(parts))
    issuer = signer.issuer_name or (signer.issuer or signer).subject
    sid = der.encode(0x80, signer.key_id) if by_key_id else seq(issuer, integer(signer.serial))
    info = seq(
        integer(3 if by_key_id else 1),
        sid,
        hash_algorithm(digest_name),
        tagged(0, attributes),
        algorithm_name or algorithm(kind, hash_name),
        octets(signer.key.sign(der.encode(der.SET, attributes), hash_name, kind)),
        unsigned,
    )
    sent = [signer.der] if certificates is None else certificates
    body = seq(
        integer(3),
        set_of(hash_algorithm(digest_name)),
        seq(oid(content_type), tagged(0, octets(content))),
        tagged(0, b"".join(sent)) if sent else b"",
        set_of(info),
    )
    return seq(oid("1.2.840.113549.1.7.2"), tagged(0, body))


def chip(signer, *, groups=None, group_hash="sha256", version=0, hashes_of=None, beside=(), **changes):
    groups = GROUPS if groups is None else groups
    content = security_object(groups, group_hash, version=version, hashes_of=hashes_of)
    return Chip(der.encode(0x77, signed_data(content, signer, **changes)), groups, None, tuple(beside))


def master_list(signer, *listed, **changes):
    content = seq(integer(0), set_of(*listed))
    values = {"content_type": "2.23.136.1.1.2", "signed_at": datetime(2024, 1, 1, tzinfo=UTC), **changes}
    return signed_data(content, signer, **values)


MASTER_LIST_SIGNER = extension("2.5.29.37", seq(oid("2.23.136.1.1.3")), critical=True)


def flipped(content, place, bit=0):
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)
