"""
What a word on a card can be: a Vietnamese syllable, a known name of a people or a place, or neither.

Vietnamese spelling is closed: an onset, a rime, one of six tones, with fixed rules which may stand together. That is what lets a reader undo
raw typing methods and wrong encodings without guessing, and see that a letter went missing. Names of the highlands keep their own spelling
(Ksơr, M'gar); those known are listed in `data/highland_words.txt`.
"""

import functools
import re
import unicodedata
from importlib import resources

from vnlib.text import fold, normalise, unify_tone_placement

GRAVE, HOOK, TILDE, ACUTE, DOT = TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Combining huyền, hỏi, ngã, sắc, nặng."""

CIRCUMFLEX, BREVE, HORN = "\u0302", "\u0306", "\u031b"

# Which rimes follow which onset. «gi» and «qu» hold a vowel letter of their own.
_RIMES = [
    "a",
    "ac",
    "ach",
    "ai",
    "am",
    "an",
    "ang",
    "anh",
    "ao",
    "ap",
    "at",
    "au",
    "ay",
    "ăc",
    "ăm",
    "ăn",
    "ăng",
    "ăp",
    "ăt",
    "âc",
    "âm",
    "ân",
    "âng",
    "âp",
    "ât",
    "âu",
    "ây",
    "e",
    "ec",
    "em",
    "en",
    "eng",
    "eo",
    "ep",
    "et",
    "ê",
    "êch",
    "êm",
    "ên",
    "ênh",
    "êp",
    "êt",
    "êu",
    "i",
    "ia",
    "ich",
    "im",
    "in",
    "inh",
    "ip",
    "it",
    "iu",
    "iêc",
    "iêm",
    "iên",
    "iêng",
    "iêp",
    "iêt",
    "iêu",
    "o",
    "oc",
    "oi",
    "om",
    "on",
    "ong",
    "op",
    "ot",
    "oa",
    "oac",
    "oach",
    "oai",
    "oam",
    "oan",
    "oang",
    "oanh",
    "oao",
    "oap",
    "oat",
    "oay",
    "oăc",
    "oăm",
    "oăn",
    "oăng",
    "oăp",
    "oăt",
    "oe",
    "oen",
    "oeo",
    "oet",
    "ô",
    "ôc",
    "ôi",
    "ôm",
    "ôn",
    "ông",
    "ôp",
    "ôt",
    "ơ",
    "ơi",
    "ơm",
    "ơn",
    "ơp",
    "ơt",
    "u",
    "uc",
    "ui",
    "um",
    "un",
    "ung",
    "up",
    "ut",
    "ua",
    "uân",
    "uâng",
    "uât",
    "uây",
    "uê",
    "uêch",
    "uênh",
    "uơ",
    "uy",
    "uya",
    "uych",
    "uynh",
    "uyp",
    "uyt",
    "uyu",
    "uyên",
    "uyêt",
    "uôc",
    "uôi",
    "uôm",
    "uôn",
    "uông",
    "uôt",
    "ư",
    "ưa",
    "ưc",
    "ưi",
    "ưm",
    "ưng",
    "ưt",
    "ưu",
    "ươc",
    "ươi",
    "ươm",
    "ươn",
    "ương",
    "ươp",
    "ươt",
    "ươu",
    "y",
    "ych",
    "ym",
    "yn",
    "ynh",
    "yt",
]
_RIMES_WITHOUT_ONSET = ["yên", "yêm", "yêt", "yêu", "yêng"]
_RIMES_AFTER_QU = [
    "a",
    "ac",
    "ach",
    "ai",
    "am",
    "an",
    "ang",
    "anh",
    "ao",
    "at",
    "au",
    "ay",
    "ăc",
    "ăm",
    "ăn",
    "ăng",
    "ăp",
    "ăt",
    "âc",
    "ân",
    "âng",
    "ât",
    "ây",
    "e",
    "en",
    "eo",
    "et",
    "ê",
    "ên",
    "ênh",
    "êt",
    "êch",
    "i",
    "ich",
    "in",
    "inh",
    "it",
    "iu",
    "o",
    "on",
    "ơ",
    "ơi",
    "ơn",
    "ơt",
    "y",
    "yên",
    "yêt",
    "ynh",
    "yp",
    "yt",
    "ych",
    "yu",
    "ôc",
]
_BEFORE_FRONT_VOWELS = {"k", "gh", "ngh"}
_BEFORE_BACK_VOWELS = {"c", "g", "ng"}
_ONSETS = [
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gh",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "ngh",
    "nh",
    "p",
    "ph",
    "r",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
    "dz",
]
_LONGEST_SYLLABLE = len("nghiêng")
_STOPS = ("c", "ch", "p", "t")
# The rimes «oong, ooc» come in few words; anywhere else they are raw Telex for «ông, ôc».
_OO_WORDS = [
    "boong",
    "choong",
    "coong",
    "goong",
    "hoong",
    "khoong",
    "kroong",
    "loong",
    "moong",
    "noong",
    "phoong",
    "poong",
    "thoong",
    "toong",
    "voong",
    "xoong",
    "mooc",
    "sooc",
]
_LETTER_RUN = re.compile(r"[^\W\d_]+")


def split_tone(word: str) -> tuple[str, str]:
    """Return `word` without its tones, lower case NFC, and the tones that it had."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = "".join(char for char in decomposed if char in TONES)
    return normalise("".join(char for char in decomposed if char not in TONES)), tones


@functools.lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether `word` can be a Vietnamese syllable as it stands: spelling, and tone of what ends in c, ch, p, t."""
    bare, tones = split_tone(word)
    if len(tones) > 1 or bare not in _bare_syllables():
        return False
    if bare.endswith(_STOPS):
        return tones in (ACUTE, DOT) and len(tones) == 1
    return True


def is_bare_syllable(word: str) -> bool:
    """Tell whether `word` can be a syllable that lost its marks: «Nguyen», «Dat»."""
    return word.lower() in _stripped_syllables()


@functools.lru_cache(maxsize=65536)
def is_known_name(word: str) -> bool:
    """Tell whether `word` is listed as a name of a people or a place."""
    return _key(word) in known_names()


@functools.lru_cache(maxsize=65536)
def is_known_name_without_marks(word: str) -> bool:
    return word.lower() in _stripped_names()


@functools.lru_cache(maxsize=65536)
def is_near_syllable(word: str) -> bool:
    """Tell whether one key lost, struck twice, struck wrongly or struck too early makes `word` of a syllable (its marks aside)."""
    word, known = fold(word), _stripped_syllables()
    if len(word) > _LONGEST_SYLLABLE + 1:
        return False
    letters = "abcdeghiklmnopqrstuvxy"
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail and (head + tail[1:] in known or head + tail[1:2] + tail[0] + tail[2:] in known):
            return True
        if any(head + letter + tail in known or (tail and head + letter + tail[1:] in known) for letter in letters):
            return True
    return False


@functools.lru_cache(maxsize=65536)
def is_highland_word(word: str) -> bool:
    """
    Tell whether `word` is spelt as languages of the highlands are: clusters (kr, bl, ml), finals r, l, h, s, k, letters ĭ ŭ č ƀ.

    Wide on purpose. Use it only where the rest of a card says that its holder or its place has such a name.
    """
    bare, tones = split_tone(word)
    return len(tones) <= 1 and bool(_HIGHLAND.fullmatch(bare)) and with_tone(bare, tones) == normalise(word.lower())


_HIGHLAND_NUCLEI = (
    "[aăâeĕêiĭoŏôơuŭưy]|i[aeêăơou]|[aâeêoôơuư]i|[aeêiâu]o|[aâêiư]u|[aâ]y|o[aăe]|u[aăâeêôơoy]|ươ|ưa|ưă|e[ae]|y[aeêô]|êê|ơơ|oo(?=[cgknpt])|"
    "oai|uoai|uai|uoi|uôi|ươi|iêu|iau|ieo"
)
_HIGHLAND = re.compile(
    r"(?:'?(?:k|p|b|t|d|đ|g|m|h|n|s|r|c|č|l|y|j|br|kp|kb|kd|kh|ph|th|ch|bh|dh|đh|gh)?'?"
    r"(?:b|ƀ|c|č|ch|d|đ|dj|dr|đr|g|gr|gl|h|j|k|kh|kr|kl|l|m|mr|ml|n|ng|nh|ñ|p|ph|pr|pl|r|s|sr|t|th|tr|tl|v|w|x|y|br|bl|z)?)"
    rf"(?:{_HIGHLAND_NUCLEI})(?:i|m|n|nh|ng|ñ|p|t|c|č|ch|k|r|l|h|s|w|ih|'|h)?"
)


def with_tone(bare: str, tone: str) -> str:
    """
    Return a toneless syllable with its tone on the vowel where the laws print it: «hòa», «thủy», «của», «tiến».

    `bare` keeps its capitals. Without a vowel it comes back as it is.
    """
    bare = normalise(bare)
    if not tone:
        return bare
    place = _place_of_tone(bare)
    return bare if place is None else normalise(bare[: place + 1] + tone + bare[place + 1 :])


def _place_of_tone(bare: str) -> int | None:
    low = bare.lower()
    start = 0
    if (low.startswith("qu") and len(low) > 2) or (low.startswith("gi") and len(low) > 2 and low[2] in _VOWELS):
        start = 2
    vowels = [place for place in range(start, len(low)) if low[place] in _VOWELS]
    if not vowels:
        return None
    marked = [place for place in vowels if low[place] in "ăâêôơư"]
    if marked:
        return marked[-1]
    if len(vowels) == 1:
        return vowels[0]
    ends_in_consonant = vowels[-1] < len(low) - 1
    return vowels[1] if ends_in_consonant or len(vowels) > 2 else vowels[0]


_VOWELS = "aăâeêioôơuưy"


@functools.cache
def known_names() -> frozenset[str]:
    """Return the listed names, lower case, tones where the laws put them."""
    return listed("highland_words.txt")


def is_common(word: str) -> bool:
    """Tell whether a syllable with marks stands in names of communes or people; a wrong encoding seldom makes such."""
    return _key(word) in listed("common_syllables.txt") or is_known_name(word)


@functools.cache
def listed(file: str) -> frozenset[str]:
    """Return the words of a list in `data`, lower case, tones where the laws put them."""
    source = resources.files("vnlib.identity").joinpath("data", file).read_text(encoding="utf-8")
    lines = (line for line in source.splitlines() if not line.startswith("#"))
    return frozenset(_key(word) for line in lines for word in line.split())


def _key(word: str) -> str:
    return unify_tone_placement(word.lower().replace("’", "'"))


@functools.cache
def _bare_syllables() -> frozenset[str]:
    """Return every toneless syllable that the rules of spelling allow."""
    found = {*_RIMES, *_RIMES_WITHOUT_ONSET, *_OO_WORDS, "gi", "gin", "gia", "qươi"}
    for onset in _ONSETS:
        for rime in _RIMES:
            front = rime[0] in "eêiy"
            if (onset in _BEFORE_FRONT_VOWELS and not front) or (onset in _BEFORE_BACK_VOWELS and front):
                continue
            if onset == "h" and rime.startswith("y") and rime != "y":
                continue
            found.add(onset + rime)
    found.update(
        "gi" + rime for rime in _RIMES if rime[0] not in "iy" and not rime.startswith(("uy", "uê", "oa", "oă"))
    )
    found.update("gi" + rime for rime in ("êng", "êt", "ên"))
    found.update("qu" + rime for rime in _RIMES_AFTER_QU)
    return frozenset(map(normalise, found))


@functools.cache
def _stripped_syllables() -> frozenset[str]:
    return frozenset(map(fold, _bare_syllables()))


@functools.cache
def _stripped_names() -> frozenset[str]:
    return frozenset(map(fold, known_names()))


def words_of(text: str) -> list[str]:
    """Return the runs of letters in `text`, apostrophes inside words kept: «Cư M'gar 5/12» gives Cư, M'gar."""
    return _WORD.findall(text)


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
