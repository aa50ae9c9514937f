"""
Words that reached the computer as keystrokes of a typing method: Telex, VNI, VIQR.

A word that is possible as typed is left alone. A word is read only if that gives exactly one Vietnamese syllable or known name, and
words that might as well be foreign (Max, Hans) are read only beside words that cannot (Vawn, Ddatj).
"""

import enum
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vnlib.identity import syllables
from vnlib.identity.qr.words import NAMES, is_highland, is_highland_word, is_typed_acute
from vnlib.identity.syllables import ACUTE, BREVE, CIRCUMFLEX, DOT, GRAVE, HOOK, HORN, TILDE, TONES
from vnlib.text import fold, normalise


@dataclass
class Typed:
    """The texts of a card read by one method: how sure it is that the method was at work, and what cannot be decided."""

    texts: dict[str, str]
    highland: bool = False  # a word as printed belongs to the highlands, so that others may
    strong: int = 0
    weak: int = 0
    lone_keys: int = (
        0  # of the strong: one key, which one wrong letter or one struck twice may look like (Minx for Minh, Giaang)
    )
    is_ambiguous: bool = False
    is_undecided: bool = False  # a weak word is none of another language that is known

    @property
    def is_at_work(self) -> bool:
        return self.strong > self.lone_keys or self.lone_keys >= 2 or self.weak >= 3


def read_typed(texts: Mapping[str, str]) -> list[Typed]:
    """Return what each method makes of `texts`, for those that were at work."""
    whole = "\n".join(texts.values())
    found = (_read_by(method, texts) for method in (_TELEX, _VNI, _VIQR) if method.sign.search(whole))
    at_work = [typed for typed in found if typed.is_at_work]
    return [typed for typed in at_work if typed.strong] or at_work


class WeakSigns(enum.Enum):
    NONE = enum.auto()
    FOREIGN = enum.auto()  # Lee, Hans, Max: stays, and a person is asked
    UNDECIDED = enum.auto()  # Loo, Niee: no word, and nothing beside it shows that Telex was at work


def weak_signs(texts: Mapping[str, str]) -> WeakSigns:
    """Tell whether words may be raw Telex with nothing to decide by."""
    typed = _read_by(_TELEX, texts)
    if typed.is_at_work or not (typed.weak or typed.lone_keys):
        return WeakSigns.NONE
    return WeakSigns.UNDECIDED if typed.is_undecided or typed.lone_keys else WeakSigns.FOREIGN


class _Method(NamedTuple):
    name: str
    token: re.Pattern[str]
    sign: re.Pattern[str]  # without which no word was typed by it: most cards have none, and need not be taken apart
    letters: Callable[[str], "list[_Spelling]"]
    keys: Mapping[str, str]  # mark or tone -> key, to type the known names


@dataclass
class _Spelling:
    """A word taken apart: letters with their marks (bare of tone), tones found, and how many keys were read."""

    bare: str
    tone: str
    keys: int
    is_plain: bool = False  # only keys that foreign words end in or hold too: s x r, aa ee oo; one digit at the end


def _read_by(method: _Method, texts: Mapping[str, str]) -> Typed:
    result = Typed({name: normalise(text) for name, text in texts.items()})
    typed = {name: text for name, text in texts.items() if _may_be_typed(method, text)}
    if typed:
        result.highland = is_highland(" ".join(texts.values()))
    for name, text in typed.items():
        pieces: list[str] = []
        end, before = 0, ""
        for found in method.token.finditer(text):
            pieces.append(text[end : found.start()])
            if text[end : found.start()].strip(" ") or not text[end : found.start()]:
                before = ""  # a comma or a number stands between
            after = text[found.end() : found.end() + 20]
            word = _read_word(method, found.group(), before, after, result, field=name, text=text)
            pieces.append(word)
            end, before = found.end(), word
        pieces.append(text[end:])
        result.texts[name] = normalise("".join(pieces))
    return result


def _may_be_typed(method: _Method, text: str) -> bool:
    """Tell whether any word of a text has a reading: of a printed one seldom, and then it need not be put together again."""
    return any(_candidates_of(method.name, word) for word in method.token.findall(text))


def _read_word(method: _Method, word: str, before: str, after: str, result: Typed, *, field: str, text: str) -> str:
    candidates = {name: plain for name, plain in _candidates_of(method.name, word).items() if name != word}
    if not candidates or (result.highland and not word.isascii() and is_highland_word(word)):
        return word  # Bơr, Wơn: possible as they stand
    is_name = field in NAMES
    choice = _choose(method, word, candidates, _Beside(fold(before), _folded_letters(after), text), is_name=is_name)
    if choice is None:
        result.is_ambiguous = True
        return word
    if choice == word:
        return word
    if _is_possible(word):
        # It may have been meant as it stands: no sign of a method, unless its neighbour proves the other.
        result.strong += (fold(before), fold(word)) in _OO_FOR_SURE
        return choice
    may_be_foreign = word.lower() in (_MAY_BE_FOREIGN if is_name else _FOREIGN_IN_ADDRESSES) or (
        result.highland and is_highland_word(word) and not _MARK_KEYS.search(word)
    )
    if method is _VIQR and is_typed_acute(word):
        result.strong += 1
    elif candidates.get(choice) and (method is not _TELEX or text.isascii() or may_be_foreign):
        result.weak += 1
        result.is_undecided |= not may_be_foreign
    else:
        result.strong += 1
        is_lone_tone = word[-1].lower() in _TELEX_TONES and fold(word[:-1]) == fold(choice)
        if method is _TELEX:
            result.lone_keys += is_lone_tone or _is_struck_twice(word)
        elif method is _VNI:
            result.lone_keys += _has_a_strange_digit(word)
    return choice


def _is_struck_twice(word: str) -> bool:
    """Tell whether a word is no more than a syllable with one vowel doubled: Giaang is Giâng in Telex, or Giang with a key that bounced."""
    bare, tones = syllables.split_tone(word)
    once = _DOUBLED_VOWEL.sub(r"\1", bare)
    return once != bare and syllables.is_syllable(syllables.with_tone(once, tones))


def _has_a_strange_digit(word: str) -> bool:
    """Tell whether a word is no more than a syllable with one digit: Gia5ng is Giạng in VNI, or Giang with a key that a clerk struck."""
    once = _DIGIT.sub("", word)
    return len(once) == len(word) - 1 and syllables.is_syllable(once)


class _Beside(NamedTuple):
    """What stands beside a word: the word before and the letters after it, without marks, and the whole field."""

    before: str
    after: str
    text: str


def _choose(
    method: _Method, word: str, candidates: Mapping[str, bool], beside: _Beside, *, is_name: bool
) -> str | None:
    """Return the one reading of a typed word, the word itself if it is to stay, or None where two are as good."""
    if _is_possible(word) and not word.isascii():
        return word
    if len(candidates) > 1:
        # A syllable and a highland name typed alike, as Tổ and Tôr: the word before tells.
        after_noun = beside.before in _HIGHLAND_NOUNS
        candidates = {
            name: plain for name, plain in candidates.items() if syllables.is_syllable(name) is not after_noun
        }
    if len(candidates) != 1:
        return None
    candidate = next(iter(candidates))
    if method is _TELEX and _OO.search(word) and not is_name:
        return _choose_oo(word, candidate, beside)
    if _is_possible(word) and not _OO.search(word):  # Tar in the highlands, Tả elsewhere
        doubtful = word if beside.before in _HIGHLAND_NOUNS else None
        return doubtful if _HIGHLAND_SIGNS.search(beside.text) or doubtful else candidate
    if method is _VNI and not is_name:
        return _choose_code(word, candidate, beside)
    return candidate


def _choose_oo(word: str, candidate: str, beside: _Beside) -> str | None:
    """Choose between «ông» and the rare «oong» in an address: Telex types both alike."""
    bare = fold(word)
    as_typed = normalise(re.sub("[ôÔ]|o\u0302", "oo", _without_tone(candidate)))
    rare = syllables.with_tone(as_typed, syllables.split_tone(candidate)[1])
    base = fold(rare)
    if (beside.before, base) in _OO_PLACES or any(
        base == name and beside.after.startswith(start) for name, start in _OO_BEFORE
    ):
        return rare
    if bare == "kroong":
        return candidate if beside.after.startswith(_AFTER_KRONG) else None
    if base not in _OO_NAMES:
        return candidate
    return candidate if syllables.is_common(candidate) else None


def _choose_code(word: str, candidate: str, beside: _Beside) -> str | None:
    """Choose between a code (Lô A1, Thôn3) and a syllable typed with VNI's digits."""
    bare, tones = syllables.split_tone(candidate)
    if tones and word[-1] in "12345" and bare in {"khu", "thôn", "lô", "kênh", "căn"}:
        return None
    if len(candidate) > 1:
        return candidate
    if beside.after.startswith(_AFTER_ONE_LETTER.get(candidate.lower(), ("?",))):
        return candidate
    return word if beside.before in _BEFORE_CODES else None


def _without_tone(word: str) -> str:
    return normalise("".join(char for char in unicodedata.normalize("NFD", word) if char not in TONES))


def _folded_letters(text: str) -> str:
    return fold(re.sub(r"[^\w\s]|\d", "", text))


def _candidates_of(method: str, word: str) -> Mapping[str, bool]:
    """Do as `_candidates`; the words of names and addresses are few and come again and again, so what was found is kept."""
    return _kept_candidates(method, word) if len(word) <= _LONGEST_KEPT else _candidates(_METHODS[method], word)


@functools.lru_cache(maxsize=32768)
def _kept_candidates(method: str, word: str) -> Mapping[str, bool]:
    return _candidates(_METHODS[method], word)


_LONGEST_KEPT = 24


def _candidates(method: _Method, word: str) -> dict[str, bool]:
    """Return the words that `word` may have been typed for, each with whether the keys may be plain letters."""
    if _APOSTROPHE.search(word) and syllables.is_known_name(_DOUBLED_VOWEL.sub(r"\1", word)):
        return {}  # M'gaar is M'gar with a key that bounced rather than M'gẩ
    found: dict[str, bool] = {}
    for spelling in method.letters(word):
        candidate = syllables.with_tone(spelling.bare, spelling.tone)
        parts = candidate.split("'")
        if spelling.keys and all(_is_part(part, is_whole=len(parts) == 1) for part in parts):
            found[candidate] = spelling.is_plain
    if _APOSTROPHE.search(word) and method is not _VIQR:
        found |= _candidates_by_parts(method, word)
    known = _typed_names(method.name).get(word.lower())
    if known and known != word.lower() and _with_case_of(known, word) not in found:
        found[_with_case_of(known, word)] = False
    return found


def _candidates_by_parts(method: _Method, word: str) -> dict[str, bool]:
    """Read H'Maaux part by part."""
    parts = _APOSTROPHE.split(word)
    read = [_candidates(method, part) or {part: True} for part in parts]
    if any(len(found) != 1 for found in read):
        return {}
    chosen = [next(iter(found.items())) for found in read]
    shown = [part for part, _ in chosen]
    if shown == parts:
        return {}
    return {"'".join(shown): all(is_plain for _, is_plain in chosen)}


def _is_part(part: str, *, is_whole: bool) -> bool:
    return (
        syllables.is_syllable(part)
        or syllables.is_known_name(part)
        or (not is_whole and len(part) <= 2 and not _VOWELS.search(part.lower()))
    )


def _is_possible(word: str) -> bool:
    return syllables.is_syllable(word) or syllables.is_known_name(word)


# ------------------------------------------------------------------ the methods

_TELEX_TONES = {"f": GRAVE, "r": HOOK, "x": TILDE, "s": ACUTE, "j": DOT}
_VNI_TONES = {"2": GRAVE, "3": HOOK, "4": TILDE, "1": ACUTE, "5": DOT}
_VIQR_TONES = {"`": GRAVE, "?": HOOK, "~": TILDE, "'": ACUTE, ".": DOT}
_MARK_KEYS = re.compile(r"([aeo])\1|dd|w", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
_DOUBLED_VOWEL = re.compile(r"([aeo])\1", re.IGNORECASE)
_APOSTROPHE = re.compile("['’]")
_VOWELS = re.compile("[aeiouyăâêôơư]")
_OO = re.compile("oo", re.IGNORECASE)
# Communes with «oong, ooc» by the word before or after, their marks aside.
_OO_PLACES = frozenset(
    tuple(pair.split())
    for pair in [
        "su choong",
        "tang loong",
        "nam nhoong",
        "ia boong",
        "muong hoong",
        "ho moong",
        "pi toong",
        "muong toong",
        "chieng khoong",
        "dak choong",
        "dak nhoong",
        "sa loong",
        "dak roong",
        "bo ngoong",
    ]
)
_OO_BEFORE = (*(("noong", start) for start in ("bua", "lay", "luo", "luu", "heo", "hej", "het", "u ")), ("dooc", "ma"))
_OO_FOR_SURE = frozenset({("dak", "noong")})
_OO_NAMES = frozenset(pair[1] for pair in _OO_PLACES) - {"boong"}
_AFTER_KRONG = ("a", "bo", "bu", "na", "no", "pa", "ji", "km", "kl")
_AFTER_ONE_LETTER = {"ý": ("ye",), "ô": ("mo", "ch", "la", "ta")}  # Ý Yên, Ô Môn, Ô Chợ Dừa
_HIGHLAND_SIGNS = re.compile(
    r"\b(?:Ea|Ia|Cu(?:w|\+|7)|Chu(?:w|\+|7)|Cư|Chư|D[dD9]?a[w(8]\S{0,3}k\w?|Đắk|Đăk|Kro|Krông|Kon|Gia Lai|Lawsk|Lawks)",
    re.IGNORECASE,
)
_HIGHLAND_NOUNS = frozenset(["ea", "ia", "cu", "chu", "dak", "krong", "kong", "buon", "plei", "kon", "da", "ya", "bar"])
_BEFORE_CODES = frozenset(
    [
        "lo",
        "khu",
        "nha",
        "toa",
        "block",
        "can",
        "phong",
        "to",
        "day",
        "so",
        "tang",
        "ngach",
        "hem",
        "ap",
        "doi",
        "cum",
        "duong",
        "ngo",
        "kiet",
    ]
)
# Words of other languages that Telex would read: one key of those that count as sure.
_MAY_BE_FOREIGN = frozenset(
    [
        "dawn",
        "lawn",
        "low",
        "chow",
        "tow",
        "how",
        "dow",
        "bow",
        "raj",
        "taj",
        "haj",
        "max",
        "hans",
        "lee",
        "rex",
        "lex",
        "dax",
        "tex",
        "mix",
        "tax",
        "moon",
        "soon",
        "noon",
        "boon",
        "bee",
        "see",
        "dee",
        "gee",
        "too",
        "boo",
        "choo",
        "hoon",
        "hee",
        "soo",
        "yoo",
        "roo",
        "doo",
        "moo",
        "kees",
        "lars",
        "las",
        "los",
        "bas",
        "nis",
        "bus",
        "gas",
        "bar",
        "car",
        "mar",
        "tom",
        "sam",
        "hair",
        "pair",
        "chair",
        "air",
        "her",
        "sir",
        "has",
        "his",
        "us",
        "is",
        "as",
        *(
            "rosa",
            "lisa",
            "haji",
            "nora",
            "mari",
            "kari",
            "mira",
            "kira",
            "ari",
            "misa",
            "lusi",
            "susi",
            "suri",
            "elisa",
            "luisa",
        ),
        *("ibrohim", "marta", "vera", "sara", "tara"),
    ]
)

_FOREIGN_IN_ADDRESSES = frozenset(["moon", "lee", "bee", "bus", "bar", "gas", "car", "air"])


def _telex(word: str) -> list[_Spelling]:
    letters, tones = _take_apart(word)
    if letters is None:
        return []
    low = "".join(letter for letter, _ in letters).lower()
    spelt: list[tuple[str, str]] = []
    keys, plain_keys, tone = 0, 0, tones
    for place, (letter, mark) in enumerate(letters):
        key = letter.lower()
        previous = spelt[-1] if spelt else ("", "")
        if mark:
            spelt.append((letter, mark))
        elif key == "d" and previous[0].lower() == "d" and not previous[1]:
            spelt[-1] = (previous[0], "đ")
            keys += 1
        elif key in "aeo" and letters[place - 1][0].lower() == key and previous[0].lower() == key and not previous[1]:
            spelt[-1] = (previous[0], CIRCUMFLEX)
            keys, plain_keys = keys + 1, plain_keys + 1
        elif key == "w":
            spelt, done = _telex_w(spelt, letter)
            if not done:
                return []
            keys += 1
        elif key in _TELEX_TONES and not tone and any(_is_vowel(base) for base, _ in spelt):
            tone = _TELEX_TONES[key]
            keys += 1
            plain_keys += key in "sxr" and place == len(letters) - 1
        else:
            spelt.append((letter, ""))
    is_plain = keys == plain_keys == 1 or low in _MAY_BE_FOREIGN
    bare = _join(spelt)
    found = [_Spelling(bare, tone, keys, is_plain)]
    if "uơ" in bare.lower() and bare.lower()[-1] != "ơ" and not bare.lower().startswith("qu"):
        found.append(_Spelling(re.sub("u(?=ơ)", "ư", re.sub("U(?=[Ơơ])", "Ư", bare)), tone, keys, is_plain))
    return found if keys else []


def _telex_w(spelt: list[tuple[str, str]], letter: str) -> tuple[list[tuple[str, str]], bool]:
    previous = spelt[-1] if spelt else ("", "")
    base = previous[0].lower()
    if base in ("a", "o", "u") and base and not previous[1]:
        return [*spelt[:-1], (previous[0], BREVE if base == "a" else HORN)], True
    if base and _is_vowel(base):
        return spelt, False
    return [*spelt, ("U" if letter.isupper() else "u", HORN)], True


def _vni(word: str) -> list[_Spelling]:
    if not any(char.isdigit() for char in word):
        return []
    spelt: list[tuple[str, str]] = []
    tone, keys, inner = "", 0, 0
    for place, char in enumerate(word):
        previous = spelt[-1] if spelt else ("", "")
        base = previous[0].lower()
        if not char.isdigit():
            parts = unicodedata.normalize("NFD", char)
            if len(parts) > 1 or not char.isascii():
                return []
            spelt.append((char, ""))
            continue
        mark = {"6": CIRCUMFLEX, "7": HORN, "8": BREVE, "9": "đ"}.get(char, "")
        fits = {"6": "aeo", "7": "ou", "8": "a", "9": "d"}.get(char, "")
        if mark and base and base in fits and not previous[1]:
            spelt[-1] = (previous[0], mark)
            inner += 1
        elif char in _VNI_TONES and not tone and any(_is_vowel(letter) for letter, _ in spelt):
            tone = _VNI_TONES[char]
            inner += place < len(word) - 1
        else:
            return []
        keys += 1
    return [_Spelling(_join(spelt), tone, keys, inner == 0)]


def _viqr(word: str) -> list[_Spelling]:
    spelt: list[tuple[str, str]] = []
    tone, keys, sure = "", 0, 0
    for char in word:
        previous = spelt[-1] if spelt else ("", "")
        base = previous[0].lower()
        mark = {"^": CIRCUMFLEX, "(": BREVE, "+": HORN}.get(char, "")
        fits = {"^": "aeo", "(": "a", "+": "ou"}.get(char, "")
        if mark:
            if not base or base not in fits or previous[1]:
                return []
            spelt[-1] = (previous[0], mark)
            keys, sure = keys + 1, sure + 1
        elif char in _VIQR_TONES and not tone and base and _is_vowel(base):
            tone = _VIQR_TONES[char]
            keys, sure = keys + 1, sure + (char in "`~")
        elif char == "'":
            spelt.append((char, ""))
        elif char in _VIQR_TONES:
            return []
        elif char.lower() == "d" and base == "d" and not previous[1]:
            spelt[-1] = (previous[0], "đ")
            keys += 1  # Telex has this key too
        elif char.isascii():
            spelt.append((char, ""))
        else:
            return []
    return [_Spelling(_join(spelt), tone, keys, sure == 0)] if keys else []


_TELEX = _Method(
    "telex",
    re.compile(r"(?<![^\W_])(?:[^\W\d_]|[\u0300-\u0323])+(?:['’](?:[^\W\d_]|[\u0300-\u0323])+)*(?![^\W_])"),
    re.compile(""),
    _telex,
    {},
)
_VNI = _Method("vni", re.compile(r"(?<![^\W_])[^\W\d_][^\W_]*(?:'[^\W_]+)*"), re.compile(r"[^\W\d_]'?\d"), _vni, {})
_VIQR = _Method(
    "viqr",
    re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W\d_]|['`?~.^(+])*"),
    re.compile(r"[^\W\d_]['`?~.^(+]|dd", re.IGNORECASE),
    _viqr,
    {},
)
_METHODS = {method.name: method for method in (_TELEX, _VNI, _VIQR)}


def _take_apart(word: str) -> tuple[list[tuple[str, str]] | None, str]:
    """Return the letters of a word with their marks, and its tone; None if it holds something else."""
    letters: list[tuple[str, str]] = []
    tone = ""
    for char in unicodedata.normalize("NFD", word):
        if char in TONES:
            if tone or not letters:
                return None, ""
            tone = char
        elif unicodedata.combining(char):
            if not letters or letters[-1][1]:
                return None, ""
            letters[-1] = (letters[-1][0], char)
        elif char in "đĐ":
            letters.append(("D" if char == "Đ" else "d", "đ"))
        elif char.isascii() and (char.isalpha() or char == "'"):
            letters.append((char, ""))
        else:
            return None, ""
    return letters, tone


def _join(spelt: list[tuple[str, str]]) -> str:
    def one(letter: str, mark: str) -> str:
        if mark == "đ":
            return "Đ" if letter.isupper() else "đ"
        return letter + mark

    return normalise("".join(one(letter, mark) for letter, mark in spelt))


def _is_vowel(letter: str) -> bool:
    return bool(letter) and letter.lower() in "aeiouy"


def _with_case_of(name: str, typed: str) -> str:
    if typed.isupper() and len(typed) > 1:
        return name.upper()
    shown = "'".join(
        part[:1].upper() + part[1:] if typed_part[:1].isupper() else part
        for part, typed_part in zip(name.split("'"), typed.split("'"), strict=False)
    )
    return shown if "'" in name else (name[:1].upper() + name[1:] if typed[:1].isupper() else name)


@functools.cache
def _typed_names(method: str) -> dict[str, str]:
    """Return the known names by what each method would type for them, tone in place and at the end."""
    found: dict[str, str] = {}
    for name in sorted(syllables.known_names()):
        for typed in _type(name, method):
            found.setdefault(typed, name)
    return found


def _type(name: str, method: str) -> Iterator[str]:
    keys = _KEYS[method]
    inline, plain, tone_key = "", "", ""
    for char in name:
        bare, tone = syllables.split_tone(char)
        letter, marks = (
            ("đ", "")
            if bare == "đ"
            else (unicodedata.normalize("NFD", bare)[:1], unicodedata.normalize("NFD", bare)[1:])
        )
        typed = keys.get(letter, letter)
        if marks:
            typed += letter if marks == CIRCUMFLEX and method == "telex" else keys.get(marks, marks)
        tone_key = keys[tone] if tone else tone_key
        inline += typed + (keys[tone] if tone else "")
        plain += typed
    yield inline
    yield plain + tone_key


_KEYS = {
    "telex": {"đ": "dd", BREVE: "w", HORN: "w", **{tone: key for key, tone in _TELEX_TONES.items()}},
    "vni": {"đ": "d9", CIRCUMFLEX: "6", HORN: "7", BREVE: "8", **{tone: key for key, tone in _VNI_TONES.items()}},
    "viqr": {"đ": "dd", CIRCUMFLEX: "^", HORN: "+", BREVE: "(", **{tone: key for key, tone in _VIQR_TONES.items()}},
}
