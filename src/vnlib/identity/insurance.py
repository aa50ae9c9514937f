"""
Health-insurance identifiers: the card number of 15 characters, the social-insurance code (10 digits), the citizen number that takes its
place since August 2025, and the QR of the old card.

A card number is object (2 letters), benefit level (1-5), province (2 digits) and social-insurance code (10 digits), by decisions of
Bảo hiểm xã hội Việt Nam. None of them has a check digit. Codes of objects and provinces change: what the tables lack is `suspect`.
"""

import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

from vnlib.identity.number import (
    CITIZEN_LENGTH,
    birth_provinces,
    is_digits,
    plain_digits,
    read_number,
    today_in_vietnam,
)
from vnlib.identity.reading import Reading, Verdict

CARD_LENGTH = 15
CODE_LENGTH = 10

# Which benefit level goes with an object: 1 and 5 pay all without and within limits of scope, 2 all with capped items, 3 95 %, 4 80 %.
BENEFIT_OF_OBJECT = {
    object_code: benefit
    for benefit, codes in {
        1: "CC TE",
        2: "CK CB KC HN DT DK XD BT TS",
        3: "HT TC CN",
        4: "DN HX CH NN TK HC XK NO CT XB TN CS HS SV GB GD TB",
        5: "QN CA CY",
    }.items()
    for object_code in codes.split()
}
_ARMED_FORCES = frozenset({"97", "98"})  # insurance offices of the ministries, beside the provinces
_QR_FIELDS = 4  # card, name, birth, sex: what follows varies from card to card
_QR_END = "$"


def read_insurance(text: str) -> Reading:
    """
    Read an insurance identifier or the text of an old card's QR.

    Fields: `object`, `benefit`, `province`, `bhxh` of a card; `bhxh` or `number` alone; `card`, `name`, `dob`, `sex` (1 man, 2 woman) of a QR.
    Blanks and dashes, small letters, and letters O, I and L where only digits stand are repaired and flagged.
    """
    if "|" in text:
        return _read_card_qr(text)
    compact = plain_digits(text)
    value = compact.translate(_CAPITALS)
    flags = (*(["normalised"] if compact != text else []), *(["case_folded"] if value != compact else []))
    if not value:
        return _refuse("empty")
    as_digits = value.translate(_DIGIT_FOR_LETTER)
    if is_digits(as_digits) and len(value) != CARD_LENGTH:
        flags = (*flags, "digit_for_letter") if as_digits != value else flags
        return _read_digits(as_digits, flags)
    return _read_card(value, flags)


_CAPITALS = {ord("a") + place: chr(ord("A") + place) for place in range(26)}
_DIGIT_FOR_LETTER = str.maketrans("OIL", "011")
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)


def _read_digits(digits: str, flags: tuple[str, ...]) -> Reading:
    if len(digits) == CODE_LENGTH:
        return _usable({"bhxh": digits}, flags)
    if len(digits) != CITIZEN_LENGTH:
        return _refuse("bad_length")
    citizen = read_number(digits)
    if citizen.verdict is Verdict.INVALID:
        return citizen
    return _usable({"number": digits}, (*flags, *citizen.flags), citizen.reason)


def _read_card(value: str, flags: tuple[str, ...]) -> Reading:
    if len(value) != CARD_LENGTH:
        return _refuse("bad_length")
    object_code, rest = value[:2], value[2:].translate(_DIGIT_FOR_LETTER)
    if not (object_code.isascii() and object_code.isalpha()):
        return _refuse("bad_object_code")
    if not is_digits(rest):
        return _refuse("bad_digits")
    benefit, province = int(rest[0]), rest[1:3]
    if not 1 <= benefit <= 5:
        return _refuse("bad_benefit_code")
    if rest != value[2:]:
        flags = (*flags, "digit_for_letter")
    fields = {"object": object_code, "benefit": benefit, "province": province, "bhxh": rest[3:]}
    return _usable(fields, flags, _doubt(object_code, benefit, province))


def _doubt(object_code: str, benefit: int, province: str) -> str:
    if object_code not in BENEFIT_OF_OBJECT:
        return "unknown_object_code"
    if BENEFIT_OF_OBJECT[object_code] != benefit:
        return "object_benefit_mismatch"
    if province not in _ARMED_FORCES and f"0{province}" not in birth_provinces():
        return "unknown_province"
    return ""


def _read_card_qr(text: str) -> Reading:
    """`card|name|birth|sex|...|$`: name and address are UTF-8 written in hexadecimal; a birth date may be its year alone."""
    trimmed = text.strip("\r\n\t \x02\x03\ufeff")
    parts = trimmed.split("|")
    if len(parts) <= _QR_FIELDS or parts[-1] != _QR_END:
        return _refuse("truncated")
    card = read_insurance(parts[0])
    if card.verdict is Verdict.INVALID:
        return _refuse("bad_card" if card.reason == "empty" else card.reason)
    name, birth, sex = _name_of(parts[1]), _birth_of(parts[2]), parts[3]
    faults = {"bad_name": not name, "bad_birth_date": not birth, "bad_sex": sex not in {"1", "2"}}
    for reason, is_so in faults.items():
        if is_so:
            return _refuse(reason)
    number = "".join(str(part) for part in card.fields.values())
    flags = (*(["normalised"] if trimmed != text and "normalised" not in card.flags else []), *card.flags)
    reading = _usable({"card": number, "name": name, "dob": birth, "sex": sex}, flags)
    if card.verdict is Verdict.SUSPECT:
        return dataclasses.replace(reading, verdict=Verdict.SUSPECT, reason=card.reason)
    return reading


def _name_of(hexadecimal: str) -> str:
    """Return the name, or "" if it is no hexadecimal UTF-8 or not made of letters."""
    try:
        name = unicodedata.normalize("NFC", bytes.fromhex(hexadecimal).decode()).strip()
    except ValueError:
        return ""
    return name if all(char.isalpha() or char in " '’.-" for char in name) else ""


def _birth_of(text: str) -> str:
    today = today_in_vietnam()
    if _YEAR.fullmatch(text):
        return text if int(text) <= today.year else ""
    match = _DAY.fullmatch(text)
    if not match:
        return ""
    day, month, year = map(int, match.groups())
    try:
        birth = dt.date(year, month, day)
    except ValueError:
        return ""
    return birth.isoformat() if birth <= today else ""


def _usable(fields: Mapping[str, object], flags: tuple[str, ...], doubt: str = "") -> Reading:
    verdict = Verdict.SUSPECT if doubt else Verdict.REPAIRED if flags else Verdict.VALID
    return Reading(verdict=verdict, fields=fields, flags=flags, reason=doubt)


def _refuse(reason: str) -> Reading:
    return Reading(verdict=Verdict.INVALID, reason=reason)
