"""
Characters that optical reading mistakes, put right where their place leaves one possibility.

Only a character that cannot stand in its place is ever changed: a letter where digits stand, a letter where fillers stand. A wrong digit among
digits is never mended, for the check digits tell that one is wrong and not which. What is changed must then satisfy every check digit.
"""

import functools
import itertools
import math
import re
from collections.abc import Iterator, Mapping

from vnlib.identity.mrz import vietnam
from vnlib.identity.mrz.layout import DIGITS, FILLER, LAYOUTS, LETTERS, TD1, Format, Layout, states

_DIGIT_FOR = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
_LETTERS_FOR = {"0": "ODQ", "1": "IL", "2": "Z", "5": "S", "6": "G", "8": "B"}
_READ_FOR_FILLER = frozenset("KCELSX")
_MOST = 32  # readings tried; more means that the zone is beyond repair

# A field that ends in fillers some of which were read as K or C, or holds nothing else.
_FILLER_TAIL = re.compile(r"(?:<[<KC]*[KC][<KC]*|^[<KC]*[KC][<KC]*)$")

_DIGIT = DIGITS
_FILLED = frozenset(FILLER)
_DIGIT_OR_FILLER = DIGITS | _FILLED
_LETTER_OR_FILLER = LETTERS | _FILLED

Places = Mapping[int, frozenset[str]]


def allowed(layout: Layout, text: str) -> Places:
    """Return for each place of a zone with a known kind of character which ones may stand there."""
    unknown = FILLER * 2
    return _allowed(
        layout.format, unknown in text[layout.birth], unknown in text[layout.expiry], is_vietnamese_card(layout, text)
    )


@functools.cache
def _allowed(kind: Format, is_birth_open: bool, is_expiry_open: bool, is_card: bool) -> Places:  # noqa: FBT001 - quicker
    layout = next(layout for layout in LAYOUTS if layout.format is kind)
    places: dict[int, frozenset[str]] = {}
    for field, is_open in ((layout.birth, is_birth_open), (layout.expiry, is_expiry_open)):
        places |= dict.fromkeys(_range(field), _DIGIT_OR_FILLER if is_open else _DIGIT)
        places[field.stop] = _DIGIT
    places[layout.composite] = _DIGIT
    places[layout.number.stop] = _DIGIT if layout.format is Format.TD3 else _DIGIT_OR_FILLER
    if layout.optional_check is not None:
        places[layout.optional_check] = _DIGIT_OR_FILLER
    places[0] = LETTERS
    for field in (layout.issuer, layout.nationality):
        places |= dict.fromkeys(_range(field), _LETTER_OR_FILLER)
    if is_card:
        places |= dict.fromkeys([*range(5, 27), 29], _DIGIT)
        places |= dict.fromkeys([27, 28, *_range(layout.optionals[1])], _FILLED)
    return places


def expected(layout: Layout, text: str) -> Places:
    """Return `allowed`, narrowed to what Vietnamese passports usually have: what differs is repaired if it can be, and not refused."""
    places = dict(allowed(layout, text))
    if layout.format is Format.TD3 and text[layout.issuer] == vietnam.STATE:
        places |= dict.fromkeys(range(layout.number.start + 1, layout.number.stop - 1), _DIGIT)
        places[layout.number.stop - 1] = _DIGIT_OR_FILLER
        places |= _personal_number(layout.optionals[0], text)
    return places


def readings(layout: Layout, text: str) -> Iterator[str]:
    """Yield what `text` may have been: each combination of what may stand in its places, itself if that is nothing else or too much."""
    text = _clear_types_and_states(layout, _clear_tails(layout, text))
    places = expected(layout, text)
    choices = [_choices(char, places.get(place)) for place, char in enumerate(text)]
    if math.prod(map(len, choices)) > _MOST:
        yield text
    else:
        yield from map("".join, itertools.product(*choices))


def is_vietnamese_card(layout: Layout, text: str) -> bool:
    """Tell whether this is an identity card whose optional field should hold the citizen number and its check digit."""
    return layout is TD1 and text[layout.issuer] == vietnam.STATE and bool(text[layout.optionals[0]].strip(FILLER))


def _range(field: slice) -> range:
    return range(field.start, field.stop)


def _choices(char: str, kind: frozenset[str] | None) -> str:
    """Return what a character out of place may have been, itself if nothing: where a digit or a filler may stand, both are tried."""
    if kind is None or char in kind or char in DIGITS:
        return char
    alike = _DIGIT_FOR.get(char, "") + (FILLER if char in _READ_FOR_FILLER or kind == _DIGIT_OR_FILLER else "")
    return "".join(other for other in alike if other in kind) or char


def _personal_number(field: slice, text: str) -> Places:
    """The citizen number (12 digits) or the old one (9) may stand there; which, is told by what is surely no filler."""
    content = text[field]
    if len(content.rstrip("<KC")) not in {9, 12}:
        return {}
    end = field.start + len(content.rstrip("<KC"))
    return dict.fromkeys(range(field.start, end), _DIGIT) | dict.fromkeys(range(end, field.stop), _FILLED)


def _clear_tails(layout: Layout, text: str) -> str:
    for field in layout.optionals:
        text = text[: field.start] + _FILLER_TAIL.sub(_as_fillers, text[field]) + text[field.stop :]
    return text


def _as_fillers(match: re.Match[str]) -> str:
    return FILLER * len(match.group())


def _clear_types_and_states(layout: Layout, text: str) -> str:
    """Return the zone with the filler after a type or the German D put right, and with letters for digits in a code that is known by then."""
    if text[1] == "K":
        text = text[0] + FILLER + text[2:]
    for field in (layout.issuer, layout.nationality):
        code = text[field]
        if re.fullmatch("D[<KC]{2}", code):
            code = "D" + FILLER * 2
        elif not DIGITS.isdisjoint(code):
            known = {
                "".join(letters) for letters in itertools.product(*(_LETTERS_FOR.get(char, char) for char in code))
            }
            known &= states()
            code = known.pop() if len(known) == 1 else code
        text = text[: field.start] + code + text[field.stop :]
    return text
