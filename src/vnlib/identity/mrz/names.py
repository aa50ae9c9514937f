"""
The name field of a zone: surname, two fillers, given names parted by one.

Names have no check digit. So a name is taken as it stands, cleared of noise behind its end; where it cannot be what was printed, it is in doubt.
"""

import re
from typing import NamedTuple

from vnlib.identity.mrz import vietnam
from vnlib.identity.mrz.layout import DIGITS, FILLER

_NOISE = re.compile("[<KC]*")


class Name(NamedTuple):
    surname: str
    given: str
    cleared: bool  # fillers behind the name had been read as letters
    truncated: bool  # the field is full to its last place, the name may be longer
    in_doubt: bool


def read_name(field: str, *, vietnamese: bool) -> Name:
    """
    Take the name field apart. It is in doubt where a filler seems to be read as K or C, or a letter as a digit.

    One filler between surname and given names leaves a surname of several words and nothing else; real names of that form are in doubt too.
    """
    surname, _, rest = field.rstrip(FILLER).partition(FILLER * 2)
    given, _, tail = rest.partition(FILLER * 2)
    if rest.startswith(FILLER):  # three fillers end the name
        given, tail = "", rest
    cleared = bool(tail) and _NOISE.fullmatch(tail) is not None
    if not cleared:
        given = f"{given}{FILLER}{tail}".strip(FILLER)
    signs_of_damage = (
        not DIGITS.isdisjoint(field),
        field.startswith(FILLER),
        bool(tail) and not cleared,
        FILLER in surname and not given,
        bool(given) and _NOISE.fullmatch(given) is not None,
        _NOISE_AT_END.search(given or surname) is not None,
        cleared and (given or surname).endswith(("K", "C")),
        vietnamese and not _is_vietnamese(surname, given),
    )
    return Name(
        surname=_spaced(surname),
        given=_spaced(given),
        cleared=cleared,
        truncated=not field.endswith(FILLER),
        in_doubt=any(signs_of_damage),
    )


_NOISE_AT_END = re.compile("<[KC]+$|[KC]{3,}$")
_TWO_FILLERS_READ = re.compile("KK|CC|KC|CK")  # in no Vietnamese word


def _is_vietnamese(surname: str, given: str) -> bool:
    words = [word for part in (surname, given) for word in part.split(FILLER)]
    return bool(given) and not any(vietnam.hides_filler(word) or _TWO_FILLERS_READ.search(word) for word in words)


def _spaced(part: str) -> str:
    return " ".join(word for word in part.split(FILLER) if word)
