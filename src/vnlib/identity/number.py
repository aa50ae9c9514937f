"""
The citizen number (số định danh cá nhân, 12 digits) and the old identity-card number (CMND, 9 digits).

Structure by Nghị định 137/2015, article 13: place of birth registration (3), century and sex (1), year of birth (2), random (6). There is no
check digit: a typing error in the last six digits cannot be seen. Since Luật Căn cước 2023 the law says "12 digits" alone, so a
province that the table lacks is a warning; the table has the 63 codes of Thông tư 59/2021, which live on in numbers after the merger of 2025.
"""

import csv
import datetime as dt
import functools
import re
from dataclasses import dataclass
from importlib import resources

from vnlib.identity.reading import Reading, Verdict

CITIZEN_LENGTH = 12
OLD_LENGTH = 9
VIETNAM_TIME = dt.timezone(dt.timedelta(hours=7))
_FIRST_CENTURY = 1900
_LAST_OLD_PROVINCE = 38  # the first two digits of a CMND went from 01 Hà Nội to 38 Minh Hải
_FIRST_COUNTRY = 100  # 001-096 are provinces; above stand codes of countries, for people born abroad


@dataclass(frozen=True, kw_only=True)
class NumberFacts:
    """What the digits of a citizen number say of its holder; true of the day when it was given."""

    number: str
    province: str  # three digits; a code of a country for people born abroad
    province_name: str  # empty if the table lacks the code
    century: int  # its first year: 1900, 2000, ...
    sex: str  # M or F
    birth_year: int

    @property
    def may_be_born_abroad(self) -> bool:
        """Tell whether the first digits are none that a province can have."""
        return int(self.province) >= _FIRST_COUNTRY


def read_number(text: str, *, today: dt.date | None = None) -> Reading:
    """
    Read a number as typed: 12 digits, or the 9 digits of an old card (`kind`: citizen, old).

    Blanks, dots and dashes between digits are taken out and flagged `normalised`. Whoever is born after `today` (default: today in
    Vietnam) cannot hold a number: `century_in_future`. A province that is not in the table is `suspect`, so is an old number that
    begins as none did.
    """
    number = plain_digits(text)
    flags = () if number == text else ("normalised",)
    if not number:
        return _refuse("empty")
    if not is_digits(number) or _DECIMAL_TAIL.search(text):
        return _refuse("bad_chars")
    if len(number) == OLD_LENGTH:
        return _old_number(number, flags)
    if len(number) == CITIZEN_LENGTH:
        return _citizen_number(facts_of(number), flags, today or today_in_vietnam())
    return _refuse("bad_length")


def facts_of(number: str) -> NumberFacts:
    """Take a citizen number apart. `ValueError` unless it is twelve digits."""
    if len(number) != CITIZEN_LENGTH or not is_digits(number):
        raise ValueError("a citizen number has twelve digits")
    century = _FIRST_CENTURY + 100 * (int(number[3]) // 2)
    return NumberFacts(
        number=number,
        province=number[:3],
        province_name=birth_provinces().get(number[:3], ""),
        century=century,
        sex="MF"[int(number[3]) % 2],
        birth_year=century + int(number[4:6]),
    )


def conflict_of(number: str, *, birth: dt.date | None = None, sex: str = "") -> str:
    """
    Return why `number` cannot belong to a person of this birth date and sex (M, F): `number_year_conflict`, `number_sex_conflict` or "".

    What is not known (None, "", X) is not compared. `ValueError` unless the number is twelve digits.
    """
    facts = facts_of(number)
    if sex in {"M", "F"} and facts.sex != sex:
        return "number_sex_conflict"
    if birth is not None and facts.birth_year != birth.year:
        return "number_year_conflict"
    return ""


def mask_number(number: str) -> str:
    """
    Return a number fit for a screen: of a citizen number the province and the last three digits stay, of any other the last three.

    What is masked of a citizen number tells sex and year of birth. Up to six characters are masked altogether.
    """
    if len(number) == CITIZEN_LENGTH:
        return number[:3] + "*" * 6 + number[-3:]
    shown = 3 if len(number) > 6 else 0
    return "*" * (len(number) - shown) + number[len(number) - shown :]


@functools.cache
def birth_provinces() -> dict[str, str]:
    """Return the 63 codes of birth registration with their names, as they stood before the merger of 2025."""
    source = resources.files("vnlib.identity").joinpath("data", "birth_provinces.csv").read_text(encoding="utf-8")
    return {row["code"]: row["province_at_birth_registration"] for row in csv.DictReader(source.splitlines())}


def is_digits(text: str) -> bool:
    """Tell whether `text` is made of 0 to 9 alone: `str.isdigit` takes other scripts and powers too."""
    return text.isascii() and text.isdigit()


def plain_digits(text: str) -> str:
    """
    Return `text` without the blanks, dots and dashes that people put between digits, and without what scanners put around them.

    Full-width digits, which an input method may leave, become plain ones.
    """
    return _BETWEEN_DIGITS.sub("", text).translate(_FULL_WIDTH)


def today_in_vietnam() -> dt.date:
    return dt.datetime.now(tz=VIETNAM_TIME).date()


# Blanks of every kind, control characters (a scanner's STX, CR, LF), invisible marks, and the signs seen in typed numbers.
_BETWEEN_DIGITS = re.compile(
    "[\\s\\x00-\\x1f\\x7f\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2010-\\u2015\\u2060\\u2212\\ufeff.\\-]+"
)


_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
# A number that a spreadsheet took for a decimal: its 0 would stand in for the leading 0 that got lost.
_DECIMAL_TAIL = re.compile(r"\.0\s*$")


def _old_number(number: str, flags: tuple[str, ...]) -> Reading:
    fields = {"number": number, "kind": "old"}
    if not 1 <= int(number[:2]) <= _LAST_OLD_PROVINCE:
        return Reading(verdict=Verdict.SUSPECT, fields=fields, flags=flags, reason="bad_old_id")
    return Reading(verdict=Verdict.REPAIRED if flags else Verdict.VALID, fields=fields, flags=flags)


def _citizen_number(facts: NumberFacts, flags: tuple[str, ...], today: dt.date) -> Reading:
    if facts.birth_year > today.year:
        return _refuse("century_in_future")
    fields = {
        "number": facts.number,
        "kind": "citizen",
        "province": facts.province,
        "province_name": facts.province_name,
        "century": facts.century,
        "sex": facts.sex,
        "birth_year": facts.birth_year,
    }
    if not facts.province_name:
        flags = (*flags, "may_be_born_abroad") if facts.may_be_born_abroad else flags
        return Reading(verdict=Verdict.SUSPECT, fields=fields, flags=flags, reason="unknown_province")
    return Reading(verdict=Verdict.REPAIRED if flags else Verdict.VALID, fields=fields, flags=flags)


def _refuse(reason: str) -> Reading:
    return Reading(verdict=Verdict.INVALID, reason=reason)
