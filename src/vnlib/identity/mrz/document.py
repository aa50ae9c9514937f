"""What a zone says, judged: check digits first, then dates, then the citizen number against the rest, then what is only unlikely."""

import dataclasses
import datetime as dt
from dataclasses import dataclass, field

from vnlib.identity import validity
from vnlib.identity.mrz import vietnam
from vnlib.identity.mrz.layout import DIGITS, FILLER, Format, Layout, check_digit, states
from vnlib.identity.mrz.names import read_name
from vnlib.identity.mrz.repair import allowed, is_vietnamese_card
from vnlib.identity.number import CITIZEN_LENGTH, OLD_LENGTH, conflict_of, facts_of, is_digits

_TYPES = {Format.TD1: "ACI", Format.TD2: "ACI", Format.TD3: "P"}
_VIETNAMESE_PASSPORTS = ("", *"PDOSE")
_SEXES = {"M": "M", "F": "F", FILLER: "X", "X": "X"}
_LONGEST_VALIDITY = {Format.TD1: 30, Format.TD2: 30, Format.TD3: 15}  # years ahead; a passport lasts ten
_OLDEST_EXPIRY = 45  # years back: what expired before is a misread year


class MrzError(ValueError):
    """The zone is not valid; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Mrz:
    """A zone whose check digits hold. Dates are ISO; a birth date may lack day, month or all, an expiry be empty."""

    format: Format
    type: str
    issuer: str
    document_number: str
    citizen_number: str  # of a Vietnamese identity card, else empty
    birth: str
    expiry: str
    sex: str  # M, F, X
    nationality: str
    surname: str
    given: str
    optional: str
    key: str  # document number, birth and expiry with their check digits: what opens the chip (Doc 9303-11, 4.3.2)
    flags: tuple[str, ...] = field(default=(), compare=False)
    doubt: str = ""  # why a person should look at it

    @property
    def held_number(self) -> str:
        """The citizen number wherever the document has it: Vietnamese passports may hold it as their personal number."""
        if self.issuer == vietnam.STATE and self.format is Format.TD3 and len(self.optional) == CITIZEN_LENGTH:
            return self.optional if is_digits(self.optional) else ""
        return self.citizen_number

    def as_fields(self) -> dict[str, str | None]:
        """Return what a reading prints; the keys of what the document does not have are left out."""
        fields: dict[str, str | None] = {
            "type": self.type,
            "issuer": self.issuer,
            "document_number": self.document_number,
        }
        if self.citizen_number:
            fields["citizen_number"] = self.citizen_number
        fields |= {
            "birth": self.birth or None,
            "expiry": self.expiry or None,
            "sex": self.sex,
            "surname": self.surname,
            "given": self.given,
        }
        return fields | ({"optional": self.optional} if self.optional else {})


@dataclass(frozen=True, kw_only=True)
class _Number:
    printed: str
    check: str
    rest: str  # what of the first optional field belongs to no number


def judge(layout: Layout, text: str, *, today: dt.date) -> Mrz:
    """Return what the zone says, or raise `MrzError` with the first thing wrong with it."""
    if text[0] not in _TYPES[layout.format] or text[1] in DIGITS:
        raise MrzError("bad_type")
    card = is_vietnamese_card(layout, text)
    number = _number_of(layout, text, card=card)
    _check_digits(layout, text, number, card=card)
    citizen_number = text[15:27] if card else ""
    if card and citizen_number[3:] != number.printed:
        raise MrzError("number_copies_differ")
    birth = _birth_of(text[layout.birth], today, citizen_number)
    expiry = _expiry_of(text[layout.expiry], layout, birth, today, card=card)
    sex = _SEXES.get(text[layout.sex])
    if sex is None or (card and sex == "X"):
        raise MrzError("bad_sex")
    name = read_name(text[layout.name], vietnamese=text[layout.issuer] == vietnam.STATE)
    if not name.surname:
        raise MrzError("bad_name")
    mrz = Mrz(
        format=layout.format,
        type=text[layout.type].rstrip(FILLER),
        issuer=text[layout.issuer].rstrip(FILLER),
        document_number=number.printed,
        citizen_number=citizen_number,
        birth=birth,
        expiry=expiry,
        sex=sex,
        nationality=text[layout.nationality].rstrip(FILLER),
        surname=name.surname,
        given=name.given,
        optional=_optional_of(layout, text, number, card=card),
        key=_key_of(layout, text, number),
        flags=(*(["ocr_filler"] if name.cleared else []), *(["name_truncated"] if name.truncated else [])),
    )
    _check_holder(mrz, today)
    doubt = _doubt_of(mrz, today) or ("bad_name" if name.in_doubt else "")
    return dataclasses.replace(mrz, doubt=doubt) if doubt else mrz


def _doubt_of(mrz: Mrz, today: dt.date) -> str:
    """Return the first thing that the check digits allow and that is not as it should be."""
    vietnamese, card = mrz.issuer == vietnam.STATE, bool(mrz.citizen_number)
    passport = vietnamese and mrz.format is Format.TD3
    held = mrz.held_number
    doubts = {
        "unknown_issuer": mrz.issuer not in states(),
        "unknown_nationality": mrz.nationality not in states(),
        "unknown_type": (card and mrz.type != "ID")
        or (passport and mrz.type[1:] not in _VIETNAMESE_PASSPORTS)
        or mrz.type in {"PC", "IC"},  # a filler, more likely
        "nationality_conflict": card and mrz.nationality != vietnam.STATE,
        "no_citizen_number": vietnamese and mrz.format is Format.TD1 and not card,
        "unknown_province": bool(held) and not facts_of(held).province_name,
        "unusual_document_number": not _has_usual_number(mrz.document_number, passport=passport),
        "unusual_optional": not _has_usual_optional(mrz.optional, passport=passport),
        "unusual_sex": passport and mrz.sex == "X",
        "expiry_conflict": not _expiry_agrees(mrz, today),
    }
    return next((doubt for doubt, holds in doubts.items() if holds), "")


def _number_of(layout: Layout, text: str, *, card: bool) -> _Number:
    """
    Return the document number.

    One of more than nine characters has a filler for its check digit and goes on, with the check digit, in the optional field
    (Doc 9303-5, 4.2.4, note j).
    """
    printed, check = text[layout.number], text[layout.number.stop]
    rest = "" if card else text[layout.optionals[0]]
    if check == FILLER and layout.format is not Format.TD3:
        more, _, rest = rest.partition(FILLER)
        if len(more) > 1 and FILLER not in printed:
            return _Number(printed=printed + more[:-1], check=more[-1], rest=rest)
    return _Number(printed=printed.rstrip(FILLER), check=check, rest=rest)


def _check_digits(layout: Layout, text: str, number: _Number, *, card: bool) -> None:
    misplaced = [place for place, kind in allowed(layout, text).items() if text[place] not in kind]

    def holds(part: slice, check: str) -> bool:
        return check == check_digit(text[part]) and not any(part.start <= place < part.stop for place in misplaced)

    whole_number = number.printed if len(number.printed) > 9 else text[layout.number]
    if (
        not number.printed
        or not holds(layout.number, check_digit(text[layout.number]))
        or number.check != check_digit(whole_number)
    ):
        raise MrzError("bad_document_number_check")
    if card and not holds(slice(15, 29), text[29]):
        raise MrzError("bad_citizen_number_check")
    if not holds(layout.birth, text[layout.birth.stop]):
        raise MrzError("bad_birth_check")
    if not holds(layout.expiry, text[layout.expiry.stop]):
        raise MrzError("bad_expiry_check")
    if layout.optional_check is not None:
        optional, check = text[layout.optionals[0]], text[layout.optional_check]
        is_empty = not optional.strip(FILLER)
        if not holds(layout.optionals[0], check_digit(optional)) or not (
            check == check_digit(optional) or (is_empty and check == FILLER)
        ):
            raise MrzError("bad_optional_check")
    composite = "".join(text[part] for part in layout.composite_parts)
    if text[layout.composite] != check_digit(composite) or any(
        part.start <= place < part.stop for part in layout.composite_parts for place in misplaced
    ):
        raise MrzError("bad_composite_check")


def _key_of(layout: Layout, text: str, number: _Number) -> str:
    of_number = number.printed.ljust(9, FILLER) + number.check
    ends = ((part.start, part.stop + 1) for part in (layout.birth, layout.expiry))
    return of_number + "".join(text[start:stop] for start, stop in ends)


def _birth_of(text: str, today: dt.date, citizen_number: str) -> str:
    """Return the birth date in ISO; the citizen number tells the century if it tells the same year, else no birth is to come."""
    known = text.rstrip(FILLER)
    if len(known) not in {0, 2, 4, 6} or FILLER in known:
        raise MrzError("bad_birth_date")
    if len(known) < len(text) and citizen_number:
        raise MrzError("birth_incomplete")  # the number tells a year; no card of this kind has been seen
    if not known:
        return ""
    year = 2000 + int(known[:2])
    if citizen_number and citizen_number[4:6] == known[:2]:
        year = facts_of(citizen_number).birth_year
        if year > today.year:
            raise MrzError("century_in_future")
    elif year > today.year or (year == today.year and known[2:] > f"{today:%m%d}"[: len(known) - 2]):
        year -= 100
    parts = (year, *(int(known[place : place + 2]) for place in range(2, len(known), 2)))
    try:
        first = dt.date(*(*parts, 1, 1)[:3])
    except ValueError:
        raise MrzError("bad_birth_date") from None
    if first > today:
        raise MrzError("birth_in_future")
    return "-".join(f"{part:02}" for part in parts)


def _expiry_of(text: str, layout: Layout, birth: str, today: dt.date, *, card: bool) -> str:
    """Return the expiry in ISO, "" for a document that does not expire. The century is the one that fits the holder and the format."""
    if (card and text == vietnam.NO_EXPIRY) or not text.strip(FILLER):
        return ""
    days = []
    for century in (1900, 2000, 2100):
        try:
            days.append(dt.date(century + int(text[:2]), int(text[2:4]), int(text[4:])))
        except ValueError:
            continue
    if not days:
        raise MrzError("bad_expiry_date")
    if card:
        holder = dt.date.fromisoformat(birth)
        by_law = next((day for day in days if validity.is_possible_expiry(holder, day)), None)
        if by_law is not None:
            return by_law.isoformat()
    latest = today.year + _LONGEST_VALIDITY[layout.format]
    fitting = [day for day in days if day.year <= latest and day.isoformat() > birth]
    return (max(fitting) if fitting else min(days, key=lambda day: abs(day.year - today.year))).isoformat()


def _expiry_agrees(mrz: Mrz, today: dt.date) -> bool:
    if mrz.citizen_number:
        expiry = dt.date.fromisoformat(mrz.expiry) if mrz.expiry else None
        return validity.may_expire(dt.date.fromisoformat(mrz.birth), expiry, today=today)
    if not mrz.expiry:
        return True
    years_left = int(mrz.expiry[:4]) - today.year
    return mrz.expiry > mrz.birth and -_OLDEST_EXPIRY <= years_left <= _LONGEST_VALIDITY[mrz.format]


def _optional_of(layout: Layout, text: str, number: _Number, *, card: bool) -> str:
    """Return what the issuer put into its own fields; several parts are parted by a blank."""
    if card:
        return ""
    parts = [number.rest, *(text[part] for part in layout.optionals[1:])]
    return " ".join(word for part in parts for word in part.split(FILLER) if word)


def _check_holder(mrz: Mrz, today: dt.date) -> None:
    """Compare the citizen number with birth and sex: where check digits hold and these do not agree, something was changed."""
    number = mrz.held_number
    if not number:
        return
    conflict = conflict_of(number, birth=dt.date(int(mrz.birth[:4]), 1, 1) if mrz.birth else None, sex=mrz.sex)
    if conflict:
        raise MrzError(conflict)
    if facts_of(number).birth_year > today.year:
        raise MrzError("century_in_future")


def _has_usual_number(number: str, *, passport: bool) -> bool:
    """
    Vietnamese passports: a letter and seven digits, since 2022 eight.

    A filler inside a number is usual nowhere. A K at its end is, but has the value of the filler that is often read as K.
    """
    if passport:
        return number[0].isalpha() and is_digits(number[1:]) and len(number) in {8, 9}
    return FILLER not in number and not number.endswith("K")


def _has_usual_optional(optional: str, *, passport: bool) -> bool:
    """A Vietnamese passport has the citizen number or the old one there, or nothing; elsewhere fillers may have been read as letters."""
    if passport:
        return not optional or (is_digits(optional) and len(optional) in {OLD_LENGTH, CITIZEN_LENGTH})
    return not optional.endswith(("K", "CC"))
