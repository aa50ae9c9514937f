"""
From a scan to a bearer, by `vnlib.identity`. The server reads for itself: what the device thought of a scan counts for nothing.

Plain functions; nothing of a person is kept here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from diem06.core.roster.desk import Bearer, Source
from diem06.desk.events import Read, SentEvent, Typed
from diem06.desk.models import How
from vnlib.identity.number import conflict_of, read_number
from vnlib.identity.reading import Reading, Verdict

VIETNAM: Final = "VNM"
_SEXES: Final = {"Nam": "male", "M": "male", "male": "male", "Nữ": "female", "F": "female", "female": "female"}
_NO: Final = (Verdict.REFUSED, Verdict.INVALID)
_PASSPORT: Final = re.compile(r"[A-Z0-9]{5,20}")
_STATE: Final = re.compile(r"[A-Z]{1,3}")
_CITIZEN: Final = re.compile(r"\d{12}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the server made of an event's document: a bearer, or the reason why there is none; neither where none was shown."""

    bearer: Bearer | None = None
    refused: str = ""
    flags: tuple[str, ...] = field(default=())


def see(event: SentEvent, *, today: date) -> Seen:
    """Read an event's document as of `today`."""
    if event.refused:
        return Seen(refused=event.refused)
    if event.typed is not None:
        return _of_typing(event.typed, today)
    if event.read is not None:
        return _of_read(event.read, today)
    return Seen()


def _of_read(read: Read, today: date) -> Seen:
    from vnlib.identity.mrz import read_mrz
    from vnlib.identity.qr import read_card_qr

    if read.how == How.CARD_QR:
        return _of_reading(read_card_qr(read.raw, today=today), Source.CARD_QR)
    return _of_reading(read_mrz(read.raw, today=today), Source.MRZ)


def _of_reading(reading: Reading, source: Source) -> Seen:
    if reading.verdict in _NO:
        return Seen(refused=reading.reason or "unreadable", flags=reading.flags)
    fields = reading.fields
    flags = reading.flags
    if reading.verdict == Verdict.SUSPECT:
        flags = (*flags, reading.reason) if reading.reason and reading.reason not in flags else flags
    birth = _day(fields.get("dob") or fields.get("birth"))
    number, nationality = _number(fields)
    if not number:
        return Seen(refused="bad_number", flags=flags)
    name = str(fields.get("name") or " ".join(filter(None, (fields.get("surname"), fields.get("given")))))
    bearer = Bearer(
        number=number,
        source=source,
        name=name,
        birth=birth,
        birth_year=birth.year if birth else None,
        sex=_SEXES.get(str(fields.get("sex") or ""), ""),
        birth_province=number[:3] if _CITIZEN.fullmatch(number) else "",
        nationality=nationality,
        flags=flags,
    )
    return Seen(bearer=bearer, flags=flags)


def _number(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return the number by which a bearer is known, and the nationality; of a Vietnamese passport the citizen number that it holds."""
    if number := str(fields.get("number") or fields.get("citizen_number") or ""):
        return number, VIETNAM
    issuer, document = str(fields.get("issuer") or ""), str(fields.get("document_number") or "")
    optional = str(fields.get("optional") or "")
    if issuer == VIETNAM and _CITIZEN.fullmatch(optional):
        return optional, VIETNAM
    return (f"{issuer}:{document}" if issuer and document else ""), str(fields.get("nationality") or issuer)


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _of_typing(typed: Typed, today: date) -> Seen:
    """Take what was typed as far as it can be checked; typing is a last resort and says why."""
    if not typed.reason:
        return Seen(refused="reason_missing")
    nationality = typed.nationality.upper() or VIETNAM
    sex = _SEXES.get(typed.sex, "")
    if nationality == VIETNAM:
        return _of_typed_number(typed, sex, today)
    document = re.sub(r"[\s.-]", "", typed.number).upper()
    if not _STATE.fullmatch(nationality) or not _PASSPORT.fullmatch(document):
        return Seen(refused="bad_number")
    bearer = Bearer(
        number=f"{nationality}:{document}",
        source=Source.TYPED,
        name=typed.name,
        birth_year=typed.birth_year,
        sex=sex,
        nationality=nationality,
        flags=("typed",),
    )
    return Seen(bearer=bearer, flags=bearer.flags)


def _of_typed_number(typed: Typed, sex: str, today: date) -> Seen:
    reading = read_number(typed.number, today=today)
    if reading.verdict in _NO:
        return Seen(refused=reading.reason)
    number = str(reading.fields["number"])
    is_citizen = _CITIZEN.fullmatch(number) is not None
    flags = ("typed", reading.reason) if reading.verdict == Verdict.SUSPECT else ("typed",)
    if is_citizen:
        born = date(typed.birth_year, 1, 1) if typed.birth_year else None
        if conflict := conflict_of(number, birth=born, sex={"male": "M", "female": "F"}.get(sex, "")):
            return Seen(refused=conflict)
        sex = sex or _SEXES[str(reading.fields["sex"])]
    bearer = Bearer(
        number=number,
        source=Source.TYPED,
        name=typed.name,
        birth_year=typed.birth_year or (int(reading.fields["birth_year"]) if is_citizen else None),
        sex=sex,
        birth_province=number[:3] if is_citizen else "",
        flags=flags,
    )
    return Seen(bearer=bearer, flags=flags)


def label_of(bearer: Bearer | None) -> str:
    """Return how a receipt names a bearer to the operator: «Nguyễn Thị H. · …2231». Nothing more leaves the server."""
    if bearer is None:
        return ""
    words = bearer.name.split()
    short = " ".join([*words[:-1], f"{words[-1][0]}."]) if len(words) > 1 else "".join(words)
    return " · ".join(part for part in (short, f"…{bearer.number[-4:]}") if part)
