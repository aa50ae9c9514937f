"""
Merkle trees as in RFC 6962: a leaf is SHA-256 over 0x00 and its bytes, a node over 0x01 and its two children.

The left part of a tree of n leaves holds the largest power of two below n. Reads leaves one by one and keeps one hash a level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY = hashlib.sha256().hexdigest()
"""The root of no leaves."""


class Tree:
    """A tree that grows from the left."""

    def __init__(self) -> None:
        self.leaves = 0
        self._whole: list[
            bytes
        ] = []  # roots of whole subtrees, one for each bit that is set in `leaves`, the widest first

    def add(self, record: bytes) -> None:
        """Add a leaf by its bytes."""
        node = hashlib.sha256(b"\x00" + record).digest()
        number = self.leaves
        while number & 1:
            node = _node(self._whole.pop(), node)
            number >>= 1
        self._whole.append(node)
        self.leaves += 1

    @property
    def root(self) -> str:
        """The root of the leaves so far, in hexadecimal digits."""
        if not self._whole:
            return EMPTY
        *wider, node = self._whole
        for left in reversed(wider):
            node = _node(left, node)
        return node.hex()


def root_of(records: Iterable[bytes]) -> str:
    """Return the root of records in the order given."""
    tree = Tree()
    for record in records:
        tree.add(record)
    return tree.root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
