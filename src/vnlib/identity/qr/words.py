"""Whether the words of a name or an address can stand as they are, must be asked about, or show that letters went missing."""

import enum
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vnlib.identity import syllables
from vnlib.identity.number import birth_provinces
from vnlib.text import fold, normalise, unify_tone_placement

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
    is_odd: bool = False  # every word can stand, but not so: said twice, parts empty, first letters missing


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
    odd = not highland and _has_letters_of_latin_1_only(whole + sex)
    for field in TEXTS:
        text = texts.get(field, "")
        if not text:
            continue
        if not has_accents and _SINGLE_CONSONANT.search(text):
            reason = reason or "letters_lost"
        fault, plain, doubt = _judge_field(text, is_name=field in NAMES, highland=highland, strictly=strictly)
        odd |= _is_odd_name(text, highland=highland) if field in NAMES else _is_odd_address(text, highland=highland)
        if doubt and not has_accents and field in NAMES:
            fault = fault or "letters_lost"  # Qunh: a letter with a mark fell out
        reason = reason or (fault if fault != "unreadable" else f"bad_{field}")
        lost_accents |= plain
        doubtful |= doubt and has_accents
    return Judgement(reason, lost_accents and not reason, doubtful and not reason, odd and has_accents and not reason)


def is_unread(word: str, *, highland: bool) -> bool:
    """Tell whether an ASCII word holds keys of Telex (w, j, f, dd, aa, ee, oo, a tone at its end) and is no word of any list."""
    if not _TELEX_KEYS.search(word) or (word.lower() in _FOREIGN_IN_ADDRESSES or word.lower() in _foreign_names()):
        return False
    standing = judge_word(word, is_name=False, highland=highland)
    return standing is Standing.FOREIGN or (standing is Standing.DOUBTFUL and not any(map(str.isdigit, word)))


def is_highland(text: str) -> bool:
    """Tell whether a word of `text` belongs to the highlands, so that other such words are likely."""
    return any(_HIGHLAND_APOSTROPHE.search(word) or _is_highland_name(word) for word in syllables.words_of(text))


def _has_letters_of_latin_1_only(text: str) -> bool:
    """
    Tell whether a long text has marks, and none that Latin-1 lacks: a device that knows no other letters drops ế, đ, ơ and hands on the rest.

    Of 30,000 names with addresses out of the highlands, fewer than two in a thousand are so.
    """
    text = normalise(text)
    return not text.isascii() and all(char <= "\xff" for char in text) and len(syllables.words_of(text)) >= _MANY_WORDS


def _is_highland_name(word: str) -> bool:
    return syllables.is_known_name(word) and not syllables.is_syllable(word)


def _judge_field(text: str, *, is_name: bool, highland: bool, strictly: bool) -> tuple[str, bool, bool]:
    """Return the fault (letters_lost, unreadable), whether a word lost its marks, whether one is doubtful."""
    if not (_NAME if is_name else _ADDRESS).fullmatch(text):
        return "letters_lost", False, False
    words = [word for word in _TOKEN.findall(_joined_particles(text)) if not word.isdigit()]
    if is_name and not words:
        return "letters_lost", False, False
    if is_name and _has_lower_word(words):
        return "letters_lost", False, False
    if is_name:
        highland = _is_highland_person(words, highland=highland)
    all_capitals = text.upper() == text
    standings = [
        judge_word(
            word, is_name=is_name, highland=highland and (word.isascii() or not strictly), all_capitals=all_capitals
        )
        for word in words
        if not (is_name and highland and word in {"H", "K"} and _follows_highland(word, words))
    ]
    if Standing.LOST in standings:
        return "letters_lost", False, False
    if Standing.IMPOSSIBLE in standings or _is_said_twice(text, words, is_name=is_name):
        return "unreadable", False, False
    plain = Standing.PLAIN in standings or (is_name and _is_stripped_name(words))
    doubtful = Standing.DOUBTFUL in standings
    if is_name and text.isascii() and Standing.FOREIGN in standings:
        doubtful = False  # a foreign name throughout: Wang Jaff Foox
    elif is_name and not highland:
        doubtful |= any(
            standing is Standing.FOREIGN and word.lower() not in _foreign_names()
            for word, standing in zip(words, standings, strict=True)
        )
    return "", plain, doubtful


def _joined_particles(text: str) -> str:
    """Return `text` with «K' Sinh» and «H' Hoa» written as one word, as others write them."""
    return _PARTICLE_APART.sub(r"\1'", text)


def _follows_highland(particle: str, words: list[str]) -> bool:
    """Tell whether a lone consonant begins a name that has a word of the highlands («H Nuôl Hmŏk»); elsewhere letters went missing."""
    return words[0] == particle and any(is_highland(word) for word in words[1:])


def _is_highland_person(words: list[str], *, highland: bool) -> bool:
    """Tell whether a name may hold highland words: it says so itself, or the card does and the name is not Vietnamese in the main."""
    if words[0] in _PARTICLES or any(is_highland(word) for word in words):
        return True
    strange = sum(not (syllables.is_syllable(word) or syllables.is_known_name(word)) for word in words)
    return highland and 2 * strange >= len(words)


def _is_said_twice(text: str, words: list[str], *, is_name: bool) -> bool:
    """Tell whether a name of several words, or an address of several parts, stands there twice."""
    parts = words if is_name else [part.strip() for part in text.split(",")]
    half, odd = divmod(len(parts), 2)
    return half >= 2 and not odd and [part.lower() for part in parts[:half]] == [part.lower() for part in parts[half:]]


def _is_odd_name(text: str, *, highland: bool) -> bool:
    """
    Tell whether a name is one word or one word twice, is written small, or has a dot behind a vowel (VIQR for nặng).

    One word is a whole name in the highlands: K'Brếp, Byin.
    """
    words = syllables.words_of(text)
    if not words:
        return False
    highland = _is_highland_person(words, highland=highland)
    is_one = len({word.lower() for word in words}) == 1 and not (highland and len(words) == 1)
    return (
        is_one or text.islower() or bool(_DOT_BEHIND_VOWEL.search(text)) or _stutters(text) or _lost_its_stroke(words)
    )


def _lost_its_stroke(words: list[str]) -> bool:
    """Tell whether a name begins with a surname in Đ that is written with D («Dặng», «Dỗ»)."""
    return words[0].lower() in _SURNAMES_WITHOUT_STROKE


def _stutters(text: str) -> bool:
    """Tell whether a word, or a longer piece of one part, stands twice running, as after keys that were sent again."""
    return bool(_WORD_TWICE.search(text) or _PIECE_TWICE.search(text))


def _is_misspelt_province(address: str) -> bool:
    """Tell whether an address ends in what is a province but for its marks or for one key."""
    last = _PROVINCE_NOUN.sub("", " ".join(address.rsplit(",", 1)[-1].lower().split()))
    return len(last) <= _LONGEST_PROVINCE and _is_near_province(last)


@functools.lru_cache(maxsize=4096)
def _is_near_province(last: str) -> bool:
    known = _provinces()
    bare = fold(last)
    if unify_tone_placement(last) in known or bare in _PROVINCES_OF_MANY_SPELLINGS:
        return False
    return any(bare == other or (len(other) > 4 and _is_one_key_off(bare, other)) for other in known.values())


@functools.cache
def _provinces() -> dict[str, str]:
    """Return the provinces before and after the merger of 2025 as they are written, with their letters alone."""
    names = [*birth_provinces().values(), "Huế", "Hồ Chí Minh"]
    return {
        unify_tone_placement(_PROVINCE_NOUN.sub("", name.lower())): fold(_PROVINCE_NOUN.sub("", name.lower()))
        for name in names
    }


def _is_one_key_off(one: str, other: str) -> bool:
    """Tell whether one key lost, added, changed or struck too early makes the one of the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    one, other = one[start:], other[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[1::-1] == other[:2] and one[2:] == other[2:])
    )


def _foreign_names() -> frozenset[str]:
    return syllables.listed("foreign_names.txt")


def _small_words() -> frozenset[str]:
    return syllables.listed("address_words.txt")


def _is_odd_address(text: str, *, highland: bool) -> bool:
    """Tell whether a part is empty, or a first letter is missing: «p 3», «C Mau», «ắc Giang», «thôn ông»."""
    if (
        _VIQR_LEFT.search(text)
        or _EMPTY_PART.search(text)
        or _GLUED_NUMBER.search(text)
        or _stutters(text)
        or _is_misspelt_province(text)
    ):
        return True
    for found in _LONE_CONSONANT.finditer(text):
        before = _LAST_WORD.search(text[max(0, found.start() - _FAR_BACK) : found.start()])
        if not (highland and found.group().isupper()) and not (
            before and (before.group()[-1].isdigit() or fold(before.group()) in _BEFORE_LETTERS)
        ):
            return True
    if text.islower() or text.isupper():
        return False
    return any(
        word[0].islower() and unify_tone_placement(word) not in _small_words() for word in _WORD_IN_TEXT.findall(text)
    )


def judge_word(word: str, *, is_name: bool, highland: bool, all_capitals: bool = False) -> Standing:
    """Judge one word (letters, apostrophes, digits) of a name or an address."""
    judged = _judge_kept if len(word) <= _LONGEST_KEPT else _judge_word
    return judged(word, is_name, highland, all_capitals)


_LONGEST_KEPT = 24


@functools.lru_cache(maxsize=32768)
def _judge_kept(word: str, is_name: bool, highland: bool, all_capitals: bool) -> Standing:  # noqa: FBT001 - quicker
    return _judge_word(word, is_name, highland, all_capitals)


def _judge_word(word: str, is_name: bool, highland: bool, all_capitals: bool) -> Standing:  # noqa: FBT001
    if any(char.isdigit() for char in word):
        return _judge_code(word) if not is_name else Standing.LOST
    if syllables.is_known_name(word):
        return Standing.FINE
    if syllables.is_syllable(word):
        return Standing.FINE if has_one_case(word) else Standing.IMPOSSIBLE
    if "'" in word or "’" in word:
        return _judge_apostrophe(word)
    return _judge_strange(word, is_name=is_name, highland=highland, all_capitals=all_capitals)


def _judge_strange(word: str, *, is_name: bool, highland: bool, all_capitals: bool) -> Standing:
    """Judge a word of letters that is no syllable and no listed name."""
    if not is_name and (fold(word) in _ABBREVIATIONS or _ROMAN.fullmatch(word)):
        return Standing.FINE
    if highland and has_one_case(word) and is_highland_word(word):
        return Standing.DOUBTFUL if _DOUBLED.search(fold(word)) else Standing.FINE
    return _judge_ascii(word, is_name=is_name, all_capitals=all_capitals) if word.isascii() else Standing.IMPOSSIBLE


def _judge_apostrophe(word: str) -> Standing:
    if is_typed_acute(word):
        return Standing.DOUBTFUL
    if is_highland_word(word):
        return Standing.DOUBTFUL if _DOUBLED.search(fold(word)) else Standing.FINE
    return Standing.DOUBTFUL if word.isascii() else Standing.IMPOSSIBLE  # M'garr


def _judge_ascii(word: str, *, is_name: bool, all_capitals: bool) -> Standing:
    low = word.lower()
    if not is_name and low in _FOREIGN_IN_ADDRESSES:
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
    """Judge a word with digits in an address: Lô A1, QL1A, 12B, Tổ5; a lone 0 stands for the letter («Đ0a»)."""
    if re.sub(r"\D", "", word) == "0" and len(word) > 1:
        return Standing.DOUBTFUL
    found = _CODE.fullmatch(word)
    if not found:
        return Standing.IMPOSSIBLE if not word.isascii() else Standing.DOUBTFUL
    head, tail = found.group(1), found.group(3)
    if tail and not (tail.isupper() or fold(tail) in {"a", "b", "c", "d", "bis", "e", "f", "g", "h", "k", "m", "n"}):
        return Standing.DOUBTFUL
    if not head or (head.isupper() and len(head) <= 4) or fold(head) in _NUMBERED or fold(head) in _ABBREVIATIONS:
        return Standing.FINE
    return Standing.DOUBTFUL


def is_highland_word(word: str) -> bool:
    """Tell whether a word is spelt as names of the highlands, an apostrophe between its parts."""
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


def is_typed_acute(word: str) -> bool:
    """Tell whether an apostrophe is VIQR's acute: behind a vowel, and a syllable comes out (Qua'ch). Highland names have it behind consonants and Y."""
    if not _ACUTE.search(word):
        return False
    bare = re.sub("['’]", "", word)
    return syllables.is_syllable(syllables.with_tone(bare, syllables.ACUTE))


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
        return words[0].lower() in _SURNAMES_WITH_MARKS or any(word.lower() in {"thi", "van"} for word in words[1:-1])
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
_TELEX_KEYS = re.compile("[wjf]|dd|aa|ee|oo|[aeiouy][a-z]*[sxr]$", re.IGNORECASE)
_MANY_WORDS = 6
_LONGEST_PROVINCE = 24
_HIGHLAND_APOSTROPHE = re.compile("[^aăâeêioôơuư]['’]", re.IGNORECASE)
_ACUTE = re.compile("[aeiou]['’]", re.IGNORECASE)
_DOT_BEHIND_VOWEL = re.compile(r"[aeiouy]\.", re.IGNORECASE)
_VIQR_LEFT = re.compile(r"[aeiouyAEIOUY]['’](?!\w)|[a-z]\.[a-z]")
_DOUBLED = re.compile(r"([a-z])(?<!o)\1")
_EMPTY_PART = re.compile(r"^\s*,|\s,|,\s*,|,\s*$")  # «Xóm , Hợp Đức» too: a number is gone
_GLUED_NUMBER = re.compile(r",\d+ (?=[^\W\d_]{2})")
_WORD_TWICE = re.compile(r"(?<![\w'’])([^\W\d_]{2,}) \1(?![\w'’])", re.IGNORECASE)
_PIECE_TWICE = re.compile(r"([^,]{5,60}?)\1", re.IGNORECASE)
_PROVINCE_NOUN = re.compile(r"^(?:tỉnh|thành phố|tp\.?) ?(?=\w)")
_PROVINCES_OF_MANY_SPELLINGS = frozenset(["dak lak", "dac lac", "dak nong", "dac nong", "kon tum"])
_SURNAMES_WITHOUT_STROKE = frozenset(["dặng", "dỗ", "doàn", "dào", "dàm", "dới", "dổng", "dèo", "diểu", "dậu"])
# P, Q, H, X stand for Phường, Quận, Huyện, Xã.
_LONE_CONSONANT = re.compile(
    r"(?<![\w'’./&-])(?:[bcdđghklmnpqrstvx](?![\w'’./&-])|[BCDĐGKLMNRSTV](?= [^\W\d_])|[TX](?= \d))"
)
_FAR_BACK = 24  # letters: what stands before a letter in an address is a short word
_LAST_WORD = re.compile(r"\w+(?=[\s.]*$)")
_BEFORE_LETTERS = frozenset(
    [
        "lo",
        "khu",
        "to",
        "day",
        "nha",
        "block",
        "toa",
        "can",
        "phong",
        "ap",
        "xom",
        "cum",
        "doi",
        "so",
        "tang",
        "ngo",
        "ngach",
        "hem",
        "kiet",
        "duong",
        "thon",
        "khom",
        "kp",
        "kdc",
        "tt",
        "th",
        "ban",
        "lang",
        "lau",
        "cc",
        "ho",
    ]
)
_WORD_IN_TEXT = re.compile(r"(?<![\w'’.])[^\W\d_]\w*")
_PARTICLE_APART = re.compile(r"(?<!\w)([HK])['’] +(?=\w)")
_PARTICLES = frozenset(
    ["Y", "A", "H", "K", "Ka", "Ha", "Ya", "Rơ", "Điểu", "Thị", "KA", "HA", "YA", "RƠ", "ĐIỂU", "THỊ"]
)
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
        "quyn",  # Đa Quyn
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
        "do",
        "ho",
        "phung",
    ]
) - {"mai", "la", "ha"}
