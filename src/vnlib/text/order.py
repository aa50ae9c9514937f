"""
Sort keys in the order of the Vietnamese dictionary, as ICU's `vi` has it.

A key is ASCII digits and lower-case letters, so it sorts alike in Python, in SQLite and in
PostgreSQL under any collation: store it in a column beside the text.
"""

import unicodedata

from vnlib.text.folding import TONES, normalise

# ð is Icelandic; old lists hold it for đ, which looks the same as a capital.
_QUALITY = {"ă": "a1", "â": "a2", "đ": "d1", "ð": "d1", "ê": "e1", "ô": "o1", "ơ": "o2", "ư": "u1"}
_TONE_RANK = {tone: str(rank) for rank, tone in enumerate(TONES, start=2)}
_NO_TONE, _OTHER_MARK = "1", "8"
_LOWER, _UPPER = "1", "2"
_PUNCTUATION = "_-–—,;:!?./'‘’\"“”«»()[]{}@*\\&#%`^+<=>|~$"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"

# Two characters for each letter. Blanks come first, then signs, digits, letters, other scripts;
# "00" ends a level, so that the shorter of two words comes first.
_LEVEL_END = "00"
_SPACE = "01"


def sort_key(text: str) -> str:
    """
    Return the key that sorts `text` as ICU's Vietnamese collation does.

    Letters decide first (a ă â b c d đ e ê …, a blank before any letter); among equal letters the
    tones (none, huyền, hỏi, ngã, sắc, nặng); then small letters before capitals.
    """
    letters, tones, cases = [], [], []
    for char in normalise(text):
        letter, tone = _letter_and_tone(char.lower())
        letters.append(letter)
        tones.append(tone)
        cases.append(_UPPER if char != char.lower() else _LOWER)
    tail = "".join(tones).rstrip(_NO_TONE) + "0" + "".join(cases).rstrip(_LOWER)
    return "".join(letters) + _LEVEL_END + tail


def name_sort_key(full_name: str) -> str:
    """
    Return the key that sorts a person's name as a Vietnamese list does: given name, surname, middle.

    The given name is the last word. Capitals do not count: «NGUYỄN VĂN AN» is «Nguyễn Văn An».
    """
    words = full_name.lower().split()
    if not words:
        return sort_key("")
    surname = words[0] if len(words) > 1 else ""
    return _LEVEL_END.join(sort_key(part) for part in (words[-1], surname, " ".join(words[1:-1])))


def _letter_and_tone(char: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", char)
    tone = next((_TONE_RANK[mark] for mark in decomposed if mark in _TONE_RANK), _NO_TONE)
    toneless = normalise("".join(mark for mark in decomposed if mark not in _TONE_RANK))
    if toneless in _QUALITY:
        return _QUALITY[toneless], tone
    if "a" <= decomposed[0] <= "z":
        return decomposed[0] + "0", tone if len(toneless) == 1 and toneless.isascii() else _OTHER_MARK
    return _sign_or_other_script(char), _NO_TONE


def _sign_or_other_script(char: str) -> str:
    if char.isspace():
        return _SPACE
    if char in _PUNCTUATION:
        place = _PUNCTUATION.index(char)
        return "0z" + _BASE36[place // 36] + _BASE36[place % 36]
    if char.isascii() and char.isdigit():
        return "2" + char
    return "zz" + "".join(_BASE36[ord(char[0]) // 36**power % 36] for power in (3, 2, 1, 0))
