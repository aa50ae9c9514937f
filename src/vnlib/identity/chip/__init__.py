"""
The chip of identity cards and passports: its files, and passive authentication against a trust store.

`authenticate` judges what `read_folder` read by what `TrustStore.load` trusts, in named checks. On `cryptography` and `asn1crypto`.
"""

from vnlib.identity.chip.errors import ChipError
from vnlib.identity.chip.files import Chip, read_folder
from vnlib.identity.chip.passive import Authentication, Check, Decision, State, authenticate
from vnlib.identity.chip.trust import TrustStore

__all__ = [
    "Authentication",
    "Check",
    "Chip",
    "ChipError",
    "Decision",
    "State",
    "TrustStore",
    "authenticate",
    "read_folder",
]
