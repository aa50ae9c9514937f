"""A key that hands over to the next one: links in a chain of keys. Plain Python."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diem06.cube.closing.canonical import KEY_LINK, encode, text_of
from diem06.cube.closing.seal import is_signed


@dataclass(frozen=True, kw_only=True)
class KeyLink:
    """
    What both keys sign, in the order of its bytes: the old one, so that whoever knows it finds the new one; the new one, so that
    whoever knows that finds the old one.

    `last_seals` names the last seal that the old key signed of each plan (`plan/number/hash`, by spaces): it signs none after
    them, so a seal that is made up later with the old key is found out.
    """

    number: int  # of the new key; the first key, which no link leads to, is 1
    public_key: str
    previous: str
    since: datetime
    last_seals: str

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        return encode([KEY_LINK, *(text_of(getattr(self, field.name)) for field in fields(self))])

    def signed(self, key: Ed25519PrivateKey) -> str:
        """Return the signature over the content, in base64."""
        return b64encode(key.sign(self.content)).decode()

    def is_signed(self, *, signature: str, own_signature: str) -> bool:
        """Did the old key sign, and the new one?"""
        return is_signed(self.content, signature, self.previous) and is_signed(
            self.content, own_signature, self.public_key
        )

    def last_seal(self, plan: str) -> tuple[int, str]:
        """Return number and hash of the last seal of a plan that the old key signed; 0 where there was none."""
        for seal in self.last_seals.split():
            of, number, known_hash = seal.split("/")
            if of == plan:
                return int(number), known_hash
        return 0, ""


LINK_FIELDS = tuple(field.name for field in fields(KeyLink))


def key_of_seal(links: Sequence[KeyLink], plan: str, number: int) -> str | None:
    """Return the key that a seal must be signed by, in hexadecimal digits; None where there is no link, so any one key will do."""
    key = links[0].previous if links else None
    for link in links:
        if number > link.last_seal(plan)[0]:
            key = link.public_key
    return key
