"""Two spellings of one word, made equal: for search and linkage, never for the paper itself."""

import re
import unicodedata

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Combining huyền, hỏi, ngã, sắc, nặng, in the order of the dictionary."""

# oà, oè, uỳ at the end of a syllable: the only places where two schools put the tone differently.
# After q the u belongs to the consonant: «quý» is written one way only.
_LATE_TONE = re.compile(rf"(?<![qQ])([oO])([aAeE])([{TONES}])(?![^\W\d_])|(?<![qQ])([uU])([yY])([{TONES}])(?![^\W\d_])")


def normalise(text: str) -> str:
    """Return `text` in NFC: one code point for each Vietnamese letter. Do this at every input."""
    return unicodedata.normalize("NFC", text)


def unify_tone_placement(text: str) -> str:
    """
    Return `text` with «hoà, khoẻ, thuỷ» written «hòa, khỏe, thủy», as the laws print them.

    Only open oa, oe and uy have two spellings; «hoàn», «quý», «khuya» stay as they are.
    """

    def move(match: re.Match[str]) -> str:
        first, second, tone = match.group(1, 2, 3) if match.group(1) else match.group(4, 5, 6)
        return f"{first}{tone}{second}"

    return normalise(_LATE_TONE.sub(move, unicodedata.normalize("NFD", text)))


def file_words(text: str) -> str:
    """Return `text` as it goes into the name of a file or an address: small letters without marks, hyphens between words."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def fold(text: str) -> str:
    """
    Return the search key of `text`: lower case, without marks, đ as d, runs of blanks as one space.

    «Đông Sơn» and «Đồng Sơn» fold alike: show the hits that match with marks first.
    """
    bare = "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))
    # NFD does not take đ apart: its stroke is no combining mark. Old lists hold the Icelandic ð for it.
    return " ".join(normalise(bare).replace("đ", "d").replace("ð", "d").split())
