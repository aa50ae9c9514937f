"""
Vietnamese identity documents at a desk: citizen number, card QR, MRZ, chip, insurance number.

Plain Python on `cryptography` and `asn1crypto`. Readers answer with a `Reading` and never raise for what a scanner may send. The chip
is `vnlib.identity.chip`: it is imported by itself, so that reading a QR loads no cryptography.
"""

from vnlib.identity.card import Card, NameMatch, Shape, conflict_in, same_name
from vnlib.identity.insurance import read_insurance
from vnlib.identity.mrz import read_mrz
from vnlib.identity.number import NumberFacts, conflict_of, facts_of, mask_number, read_number
from vnlib.identity.qr import read_card_qr
from vnlib.identity.reading import Reading, Verdict
from vnlib.identity.validity import expiry, is_expired

__all__ = [
    "Card",
    "NameMatch",
    "NumberFacts",
    "Reading",
    "Shape",
    "Verdict",
    "conflict_in",
    "conflict_of",
    "expiry",
    "facts_of",
    "is_expired",
    "mask_number",
    "read_card_qr",
    "read_insurance",
    "read_mrz",
    "read_number",
    "same_name",
]
