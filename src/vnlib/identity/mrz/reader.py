"""The way from a text to a `Reading`, and to what it holds."""

import datetime as dt

from vnlib.identity.mrz.document import Mrz, MrzError, judge
from vnlib.identity.mrz.layout import ALPHABET, LAYOUTS
from vnlib.identity.mrz.repair import readings
from vnlib.identity.mrz.zone import ZoneError, read_zone
from vnlib.identity.number import today_in_vietnam
from vnlib.identity.reading import Reading, Verdict


def read_mrz(text: str, *, today: dt.date | None = None) -> Reading:
    """
    Read the machine-readable zone of a card or passport as a scanner or keyboard sends it.

    Small letters, blanks, other line breaks and letters that look like what must stand in their place are put right and flagged. Where
    check digits fail, or two readings satisfy them, it is invalid. `today` (default: today in Vietnam) tells the centuries.
    """
    today = today or today_in_vietnam()
    try:
        zone = read_zone(text)
    except ZoneError as error:
        return Reading(verdict=Verdict.INVALID, reason=error.reason)
    found: dict[Mrz, str] = {}
    reasons = []
    for reading in readings(zone.layout, zone.text):
        try:
            found.setdefault(judge(zone.layout, reading, today=today), reading)
        except MrzError as error:
            reasons.append(error.reason)
    if len(found) != 1:
        return Reading(verdict=Verdict.INVALID, reason="ambiguous" if found else reasons[0])
    ((mrz, used),) = found.items()
    flags = (*zone.flags, *_repairs(zone.text, used))
    noted = (*flags, *(flag for flag in mrz.flags if flag not in flags))
    is_repaired = any(flag != "name_truncated" for flag in noted)
    verdict = Verdict.SUSPECT if mrz.doubt else Verdict.REPAIRED if is_repaired else Verdict.VALID
    return Reading(verdict=verdict, fields=mrz.as_fields(), flags=noted, reason=mrz.doubt)


def parse(text: str, *, today: dt.date | None = None) -> Mrz:
    """
    Return what a zone of 90, 72 or 88 characters without line breaks says, as DG1 of a chip holds it. Nothing is put right.

    Raises `MrzError`: of DG1 a wrong character means a wrong file.
    """
    layout = next((layout for layout in LAYOUTS if layout.size == len(text)), None)
    if layout is None:
        raise MrzError("bad_length")
    if not ALPHABET.issuperset(text):
        try:
            read_zone(text)
        except ZoneError as error:
            raise MrzError(error.reason) from error
        raise MrzError("bad_chars")
    return judge(layout, text, today=today or today_in_vietnam())


def _repairs(before: str, after: str) -> list[str]:
    changed = {new for old, new in zip(before, after, strict=True) if old != new}
    names = {
        "ocr_digit": any(char.isdigit() for char in changed),
        "ocr_letter": any(char.isalpha() for char in changed),
        "ocr_filler": "<" in changed,
    }
    return [name for name, happened in names.items() if happened]
