"""The rules as data: read from `rules.toml`, checked as a whole, frozen."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).with_name("rules.toml")


class LooksAt(StrEnum):
    """What a rule reads."""

    DECLARED = "declared"
    RECORDED = "recorded"
    BOTH = "both"
    EVENTS = "events"


class Accountable(StrEnum):
    """Whom a finding is put to."""

    UNIT_OF_FACT = "unit_of_fact"
    UNIT_OF_PLACE = "unit_of_place"


class RulebookError(ValueError):
    """The file of rules says something that cannot be."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule; `gravity` is its place in the file, 0 the gravest. `demo_looked_at`, `demo_found`: unit-months of the demo."""

    code: str
    title: str
    title_en: str
    question: str
    question_en: str
    looks_at: LooksAt
    accountable: Accountable
    is_on: bool
    thresholds: Mapping[str, int]
    gravity: int
    demo_looked_at: int
    demo_found: int

    def __getitem__(self, name: str) -> int:
        return self.thresholds[name]


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """All rules, the gravest first, and the hash of the file that they were read from."""

    rules: tuple[Rule, ...]
    hash: str

    def get(self, code: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.code == code), None)


@cache
def shipped() -> Rulebook:
    """Return the rules that ship with the product."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Rulebook:
    """Read rules from TOML. Raises RulebookError."""
    try:
        rows = tomllib.loads(text)["rule"]
        rules = tuple(_rule(row, place) for place, row in enumerate(rows))
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as fault:
        raise RulebookError(f"rules.toml: {fault}") from fault
    codes = [rule.code for rule in rules]
    if len(set(codes)) != len(codes):
        raise RulebookError("rules.toml: two rules have one code.")
    return Rulebook(rules=rules, hash=hashlib.sha256(text.encode()).hexdigest())


def _rule(row: Mapping[str, Any], place: int) -> Rule:
    thresholds = row["thresholds"]
    if not all(isinstance(value, int) and value >= 0 for value in thresholds.values()):
        raise ValueError(f"{row['code']}: thresholds are whole numbers, 0 or more")
    return Rule(
        code=row["code"],
        title=row["title"],
        title_en=row["title_en"],
        question=row["question"],
        question_en=row["question_en"],
        looks_at=LooksAt(row["looks_at"]),
        accountable=Accountable(row["accountable"]),
        is_on=bool(row["on"]),
        thresholds=MappingProxyType(dict(thresholds)),
        gravity=place,
        demo_looked_at=int(row["demo"]["looked_at"]),
        demo_found=int(row["demo"]["found"]),
    )
