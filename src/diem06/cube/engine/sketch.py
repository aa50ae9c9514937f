"""
How many different entities, from registers that the program fills: HyperLogLog.

An entity's md5 in hexadecimal names a register by its first three digits. The register keeps the highest rank that it saw: where
the first one-bit stands in the next 48 bits (49: in none). Registers of two sets give those of both by their maxima, so they go
up level by level and are the same on every engine. Flajolet, Fusy, Gandouet, Meunier: «HyperLogLog» (AofA 2007).

The number is estimated as by O. Ertl, «New cardinality estimation algorithms for HyperLogLog sketches» (arXiv:1702.01284,
algorithm 6): without bias at any size, so it needs neither the switch to linear counting of 2007 nor the tables of Heule et al.
(EDBT 2013), and a set never has a higher estimate than one that holds it.
"""

from __future__ import annotations

import math

DIGITS = 3
"""Hexadecimal digits that name the register."""

REGISTERS: int = 16**DIGITS
"""4,096: the error is about 1.6 %, and the sum of all powers fits in 64 bits."""

REST_DIGITS = 12
"""Hexadecimal digits in which the first one-bit is sought."""

HIGHEST = 4 * REST_DIGITS + 1
"""The highest rank. Ranks so high stand for more than 10^17 entities."""

STANDARD_ERROR = 1.04 / math.sqrt(REGISTERS)
"""The standard error as a share of the number: 0.01625."""


def power(rank: int) -> int:
    """Return 2 to the minus `rank`, in units of 2 to the minus HIGHEST."""
    return 1 << (HIGHEST - rank)


def estimate(filled: int, powers: int) -> int:
    """
    Return how many entities filled the registers, rounded half up.

    `filled` registers of REGISTERS are not empty, `powers` is the sum of `power` over these.
    """
    if not filled:
        return 0
    empty = (REGISTERS - filled) / REGISTERS
    harmonic = REGISTERS * _of_empty(empty) + math.ldexp(powers, -HIGHEST)
    return math.floor(REGISTERS * REGISTERS / (2 * math.log(2) * harmonic) + 0.5)


def _of_empty(share: float) -> float:
    """Return what the empty registers add: the sum of `share` and `share`^(2^k) * 2^(k-1) over k from 1 (Ertl's sigma)."""
    total, term, weight = share, share, 1.0
    while True:
        term *= term
        before, total = total, total + term * weight
        if total == before:
            return total
        weight += weight
