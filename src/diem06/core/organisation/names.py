"""How Vietnamese names are put in order."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries; no tone comes first
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # the marks that make ă, â ê ô, ơ ư


def sort_key(full_name: str) -> str:
    """
    A text that sorts as the Vietnamese sort people: by given name (the last word), then family and middle names.

    Words are compared by their letters first (a, ă, â, ... d, đ ...), by their tones only where the letters are the same.
    """
    words = full_name.casefold().split()
    return " ".join(_word_key(word) for word in [*words[-1:], *words[:-1]])


def _word_key(word: str) -> str:
    letters, tone = "", 0
    for letter in unicodedata.normalize("NFC", word):
        parts = unicodedata.normalize("NFD", letter)
        shape = unicodedata.normalize("NFC", parts[0] + "".join(mark for mark in parts if mark in _SHAPES))
        letters += f"{_LETTERS.index(shape):02d}" if shape in _LETTERS else f"9{shape}"
        # A syllable has one tone, wherever it is written: Hòa is Hoà.
        tone = max([tone, *(_TONES.index(mark) + 1 for mark in parts if mark in _TONES)])
    return f"{letters}.{tone}"
