"""Whether the words of a name or an address can stand as they are, must be asked about, or show that letters went missing."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vnlib.identity import syllables
from vnlib.text import fold, normalise

NAMES = ("name", "father", "mother")
TEXTS = ("name", "address", "father", "mother")
"""The fields that are words, in the order of the card after the number."""


class Standing(enum.Enum):
    FINE = enum.auto()
    PLAIN = enum.auto()  # possible only if it lost its marks: Nguyen, Dat
    FOREIGN = enum.auto()  # no Vietnamese word, and none with a letter gone wrong
    DOUBTFUL = enum.auto()  # plain letters, one key away from a syllable: Minx
    LOST = enum.auto()  # letters are missing
    IMPOSSIBLE = enum.auto()  # has Vietnamese letters and is no word


@dataclass(frozen=True)
class Judgement:
    """What the texts of a card are worth: `reason` why they cannot stand (first field first), and what to ask about."""

    reason: str = ""
    lost_accents: bool = False
    is_doubtful: bool = False


def judge(texts: Mapping[str, str], sex: str = "", *, strictly: bool = False) -> Judgement:
    """
    Judge the text fields of one card together: a place in the highlands makes highland names likely, a text without any accent
    has lost them. `sex` as read, because «Nữ» shows that accents came through. `strictly` takes only listed highland names, for texts that
    a repair made.
    """
    whole = " ".join(texts.values())
    highland = is_highland(whole)
    has_accents = not normalise(whole + sex).isascii()
    reason, lost_accents, doubtful = "", not has_accents, False
    for field in TEXTS:
        text = texts.get(field, "")
        if not text:
            continue
        if not has_accents and _SINGLE_CONSONANT.search(text):
            reason = reason or "letters_lost"
        fault, plain, doubt = _judge_field(text, is_name=field in NAMES, highland=highland, strictly=strictly)
        if doubt and not has_accents and field in NAMES:
            fault = fault or "letters_lost"  # Qunh: a letter with a mark fell out
        reason = reason or (fault if fault != "unreadable" else f"bad_{field}")
        lost_accents |= plain
        doubtful |= doubt and has_accents
    return Judgement(reason, lost_accents and not reason, doubtful and not reason)


def is_highland(text: str) -> bool:
    """Tell whether a word of `text` belongs to the highlands, so that other such words are likely."""
    return any("'" in word or "’" in word or _is_highland_name(word) for word in syllables.words_of(text))


def _is_highland_name(word: str) -> bool:
    return syllables.is_known_name(word) and not syllables.is_syllable(word)


def _judge_field(text: str, *, is_name: bool, highland: bool, strictly: bool) -> tuple[str, bool, bool]:
    """Return the fault (letters_lost, unreadable), whether a word lost its marks, whether one is doubtful."""
    if not (_NAME if is_name else _ADDRESS).fullmatch(text):
        return "letters_lost", False, False
    words = [word for word in _TOKEN.findall(text) if not word.isdigit()]
    if is_name and not words:
        return "letters_lost", False, False
    if is_name and _has_lower_word(words):
        return "letters_lost", False, False
    all_capitals = text.upper() == text
    standings = [
        judge_word(
            word, is_name=is_name, highland=highland and (word.isascii() or not strictly), all_capitals=all_capitals
        )
        for word in words
    ]
    if Standing.LOST in standings:
        return "letters_lost", False, False
    if Standing.IMPOSSIBLE in standings:
        return "unreadable", False, False
    plain = Standing.PLAIN in standings or (is_name and _is_stripped_name(words))
    doubtful = Standing.DOUBTFUL in standings
    if is_name and doubtful and text.isascii() and Standing.FOREIGN in standings:
        doubtful = False  # a foreign name throughout: Wang Jaff Foox
    return "", plain, doubtful


def judge_word(word: str, *, is_name: bool, highland: bool, all_capitals: bool = False) -> Standing:
    """Judge one word (letters, apostrophes, digits) of a name or an address."""
    if any(char.isdigit() for char in word):
        return _judge_code(word) if not is_name else Standing.LOST
    if syllables.is_known_name(word):
        return Standing.FINE
    if syllables.is_syllable(word):
        return Standing.FINE if has_one_case(word) else Standing.IMPOSSIBLE
    if (("'" in word or "’" in word) or (highland and has_one_case(word))) and _is_highland_word(word):
        return Standing.FINE
    if not word.isascii():
        return Standing.FINE if not is_name and fold(word) in _ABBREVIATIONS else Standing.IMPOSSIBLE
    return _judge_ascii(word, is_name=is_name, all_capitals=all_capitals)


def _judge_ascii(word: str, *, is_name: bool, all_capitals: bool) -> Standing:
    low = word.lower()
    if not is_name and (low in _ABBREVIATIONS or _ROMAN.fullmatch(word) or low in _FOREIGN_IN_ADDRESSES):
        return Standing.FINE
    if not is_name and not all_capitals and word.isupper() and len(word) <= 5:
        return Standing.FINE  # an abbreviation that no list has
    if not _VOWEL.search(low):
        return Standing.LOST
    if not has_one_case(word):
        return Standing.DOUBTFUL
    if syllables.is_bare_syllable(word) or syllables.is_known_name_without_marks(word):
        return Standing.PLAIN
    return Standing.DOUBTFUL if syllables.is_near_syllable(word) else Standing.FOREIGN


def _judge_code(word: str) -> Standing:
    """Judge a word with digits in an address: Lô A1, QL1A, 12B, Tổ5."""
    found = _CODE.fullmatch(word)
    if not found:
        return Standing.IMPOSSIBLE if not word.isascii() else Standing.DOUBTFUL
    head, tail = found.group(1), found.group(3)
    if tail and not (tail.isupper() or fold(tail) in {"a", "b", "c", "d", "bis", "e", "f", "g", "h", "k", "m", "n"}):
        return Standing.DOUBTFUL
    if not head or (head.isupper() and len(head) <= 4) or fold(head) in _NUMBERED or fold(head) in _ABBREVIATIONS:
        return Standing.FINE
    return Standing.DOUBTFUL


def _is_highland_word(word: str) -> bool:
    parts = re.split("['’]", word)
    return syllables.is_highland_word(word.replace("’", "'")) or (
        len(parts) > 1
        and all(
            syllables.is_syllable(part)
            or syllables.is_known_name(part)
            or syllables.is_highland_word(part)
            or _ONE_CONSONANT.fullmatch(part.lower())
            for part in parts
        )
    )


def has_one_case(word: str) -> bool:
    """Tell whether `word` is written small, with a first capital, or in capitals."""
    return word in (word.lower(), word.upper(), word[:1].upper() + word[1:].lower())


def _has_lower_word(words: list[str]) -> bool:
    """Tell whether some words of a name begin small while others do not: a first letter is missing."""
    small = [word[:1].islower() for word in words]
    return any(small) and not all(small)


def _is_stripped_name(words: list[str]) -> bool:
    """Tell whether plain words are a name that always has marks: «Tran», «… Thi …»."""
    if any(not word.isascii() for word in words):
        return any(word.lower() == "thi" for word in words[1:-1])
    return words[0].lower() in _SURNAMES_WITH_MARKS or any(word.lower() == "thi" for word in words[1:])


def _letters() -> str:
    plain = "abcdefghijklmnopqrstuvwxyz"
    marked = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    return plain + marked + (plain + marked).upper() + "ĕĔĭĬŏŎŭŬčČƀɃñÑ"


# «p 27», «L A35»: where no accent came through, a lone consonant is what is left of a word. P and Q stand for Phường, Quận.
_SINGLE_CONSONANT = re.compile(r"(?<![\w'’.])(?:[bcdghklmnprstvx]|[CDGHKLMNRSTVX](?=\s))(?![\w'’.])")
_NAME = re.compile(rf"[{_letters()}\u0306 '’\-.]+")
_ADDRESS = re.compile(rf"[{_letters()}\u03060-9 '’\-.,/():;&+#\"–]+")
_TOKEN = re.compile(r"(?:[^\W_]|[\u0300-\u0323])+(?:['’](?:[^\W_]|[\u0300-\u0323])+)*")
_VOWEL = re.compile("[aeiouy]")
_ROMAN = re.compile("[IVX]{1,5}")
_ONE_CONSONANT = re.compile("[^\\Waeiouy\\d_]{1,2}")
_CODE = re.compile(r"([^\W\d_]*)(\d{1,5})([^\W\d_]{0,3}\d{0,3})")
_NUMBERED = frozenset(
    [
        "to",
        "xom",
        "thon",
        "khu",
        "ap",
        "doi",
        "so",
        "ngo",
        "hem",
        "lo",
        "phuong",
        "quan",
        "nha",
        "ban",
        "khom",
        "duong",
        "km",
        "ngach",
        "kiet",
        "tang",
        "block",
        "cum",
    ]
)
_ABBREVIATIONS = frozenset(
    [
        "tp",
        "tx",
        "tt",
        "p",
        "q",
        "h",
        "x",
        "t",
        "kp",
        "kdc",
        "tdp",
        "tdpso",
        "ql",
        "tl",
        "hl",
        "dt",
        "kcn",
        "kdt",
        "ktx",
        "ubnd",
        "cty",
        "bd",
        "dh",
        "cc",
        "ct",
        "hh",
        "vp",
        "hv",
        "ttr",
        "tnhh",
        "qlo",
        "cx",
        "ctl",
        "kv",
        "st",
        "bv",
        "b",
        "c",
        "d",
        "đ",
        "e",
        "g",
        "k",
        "l",
        "m",
        "n",
        "r",
        "s",
        "v",
        "cmt",
        "tp.",
        "tdc",
        "hcm",
        "hn",
        "dn",
        "kđt",
        "đt",
        "đh",
        "bđ",
        "xn",
        "xnk",
        "tnxp",
        "kdtm",
        "nt",
        "ntt",
        "qk",
        "bqp",
        "bca",
        "tk",
    ]
)
_FOREIGN_IN_ADDRESSES = frozenset(
    [
        "city",
        "park",
        "garden",
        "gardens",
        "sky",
        "home",
        "homes",
        "house",
        "tower",
        "towers",
        "plaza",
        "town",
        "center",
        "centre",
        "green",
        "riverside",
        "river",
        "side",
        "villa",
        "villas",
        "block",
        "resort",
        "golden",
        "palace",
        "ocean",
        "grand",
        "royal",
        "sunrise",
        "vinhomes",
        "mega",
        "star",
        "lake",
        "view",
        "times",
        "hill",
        "hills",
        "complex",
        "land",
    ]
)
_SURNAMES_WITH_MARKS = frozenset(
    [
        "nguyen",
        "tran",
        "pham",
        "le",
        "vo",
        "bui",
        "ngo",
        "duong",
        "hoang",
        "huynh",
        "vu",
        "dang",
        "dinh",
        "doan",
        "trinh",
        "truong",
        "luong",
        "dao",
        "ha",
        "mai",
        "tang",
        "la",
        "vuong",
        "trieu",
        "quach",
        "luu",
        "giap",
    ]
) - {"mai", "la", "ha"}
