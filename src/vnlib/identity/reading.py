"""What every reader of this library answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How far a text may be relied on. A QR is ok, repaired or refused; numbers and MRZ are valid, repaired, suspect or invalid."""

    OK = "ok"
    REPAIRED = "repaired"  # by rules that leave one reading; `flags` says which were used
    REFUSED = "refused"
    VALID = "valid"
    SUSPECT = "suspect"  # has the right shape and contradicts itself or what is known: a person decides
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    The answer of a reader: a verdict, the fields by name (empty unless they may be used), what was repaired or is in doubt,
    and a stable code for why not.
    """

    verdict: Verdict
    fields: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the object that the command line prints."""
        return {
            "verdict": str(self.verdict),
            "fields": dict(self.fields),
            "flags": list(self.flags),
            "reason": self.reason,
        }
