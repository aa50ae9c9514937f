"""
The fields of an identity card, and whether they agree: number with birth date and sex, issue after birth.

Facts: Luật Căn cước 2023 (26/2023/QH15), article 21; Luật Căn cước công dân 2014 for the cards before 1 July 2024.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from vnlib.identity.number import conflict_of, facts_of
from vnlib.identity.validity import YOUNGEST_HOLDER_UNTIL_2024, birthday_at
from vnlib.text import fold, normalise, unify_tone_placement

FIRST_CHIP_CARD = dt.date(2021, 1, 1)
FIRST_CARD_OF_2024 = dt.date(2024, 7, 1)
_SEX = {"Nam": "M", "Nữ": "F"}
_DATE = re.compile(r"(\d{2})([/.\-]?)(\d{2})\2(\d{4})")


class Shape(StrEnum):
    """Which card a QR belongs to: seven fields since 2021, eleven since 1 July 2024."""

    CCCD_2021 = "cccd2021_7"
    CC_2024 = "cc2024_11"


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the QR of a card says. It is typed data, no proof: it carries no signature."""

    shape: Shape
    number: str
    old_id: str
    name: str
    dob: dt.date
    sex: str  # Nam, Nữ
    address: str
    issued: dt.date
    cancelled_number: str = ""
    father: str = ""
    mother: str = ""

    def as_fields(self) -> dict[str, str]:
        """Return the fields by their names in JSON, dates in ISO; those of the newer card only where it is one."""
        fields = {
            "number": self.number,
            "old_id": self.old_id,
            "name": self.name,
            "dob": self.dob.isoformat(),
            "sex": self.sex,
            "address": self.address,
            "issued": self.issued.isoformat(),
        }
        if self.shape is Shape.CC_2024:
            fields |= {"cancelled_number": self.cancelled_number, "father": self.father, "mother": self.mother}
        return fields | {"shape": str(self.shape)}


def conflict_in(card: Card, *, today: dt.date | None = None) -> str:
    """Return why the fields of `card` cannot all be right, the first in the order of the card; "" if they agree. None asks no clock."""
    conflict = conflict_of(card.number, birth=card.dob, sex=_SEX[card.sex])
    if conflict:
        return conflict
    faults = {
        "born_in_future": today is not None and card.dob > today,
        "issued_before_birth": card.issued < card.dob,
        "issued_in_future": today is not None and card.issued > today,
        "issued_too_early": card.issued < (FIRST_CARD_OF_2024 if card.shape is Shape.CC_2024 else FIRST_CHIP_CARD),
    }
    if card.shape is Shape.CCCD_2021:
        faults["truncated"] = card.issued >= FIRST_CARD_OF_2024  # a card of this day has eleven fields
        faults["issued_too_young"] = card.issued < birthday_at(card.dob, YOUNGEST_HOLDER_UNTIL_2024)
    return next((reason for reason, is_so in faults.items() if is_so), "")


def parse_date(text: str) -> dt.date | None:
    """Return the day that a card writes as ddmmyyyy; dd/mm/yyyy is read too."""
    found = _DATE.fullmatch(text) if text.isascii() else None
    if not found:
        return None
    try:
        return dt.date(int(found.group(4)), int(found.group(3)), int(found.group(1)))
    except ValueError:
        return None


def has_sound_skeleton(fields: Sequence[str]) -> bool:
    """Tell whether the fields of a QR have a number, a birth date of its year and an issue date after it where they belong."""
    number, birth, issued = fields[0], parse_date(fields[3]), parse_date(fields[6])
    if not (number.isascii() and number.isdigit() and len(number) == 12) or birth is None or issued is None:
        return False
    return facts_of(number).birth_year == birth.year and birth <= issued


class NameMatch(StrEnum):
    """How far two writings of a name agree."""

    SAME = "same"
    SAME_WITHOUT_ACCENTS = "same_without_accents"  # one side has none: a person confirms
    DIFFERENT = "different"


def same_name(one: str, other: str) -> NameMatch:
    """
    Compare two writings of a person's name: case, blanks and the place of the tone (Hòa, Hoà) do not count.

    `SAME_WITHOUT_ACCENTS` only if one of the two lost all its accents; «Đông» and «Đồng» are different.
    """
    if not one.strip() or not other.strip():
        return NameMatch.DIFFERENT
    if _name_key(one) == _name_key(other):
        return NameMatch.SAME
    if fold(one) == fold(other) and (one.isascii() or other.isascii()):
        return NameMatch.SAME_WITHOUT_ACCENTS
    return NameMatch.DIFFERENT


def _name_key(name: str) -> str:
    return unify_tone_placement(" ".join(normalise(name).lower().replace("’", "'").split()))
