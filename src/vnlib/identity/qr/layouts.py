"""Keyboards whose layout the scanner does not type for: undone where only digits and the separator are moved, else named."""

import re
import unicodedata

from vnlib.identity.syllables import is_syllable

_VIETNAMESE_ROW = {
    "ă": "1",
    "â": "2",
    "ê": "3",
    "ô": "4",
    "\u0300": "5",
    "\u0309": "6",
    "\u0303": "7",
    "\u0301": "8",
    "\u0323": "9",
    "đ": "0",
}
_QUALITIES = ("\u0302", "\u0306")
_SHIFTED_ROW = dict(zip(")!@#$%^&*(", "0123456789", strict=True))
_NUMBER_IN_SHIFT = re.compile(r"[)!@#$%^&*(]{12}[\\|]")
_SHIFT_RUN = re.compile(r"[^\s,|]*[!@#$%^&*()][^\s,|]*")
_AZERTY_START = re.compile(r"[&é\"'(\-è_çà]{9,}")
_OTHER_SEPARATOR = re.compile(r"\d{12}['µ*§Ç£}>°\"`ç´¨^<)\]]")
_NUMBERED = frozenset(
    [
        "số",
        "tổ",
        "thôn",
        "ấp",
        "khu",
        "phường",
        "quận",
        "ngõ",
        "ngách",
        "hẻm",
        "kiệt",
        "lô",
        "đội",
        "xóm",
        "nhà",
        "tầng",
        "khóm",
        "đường",
        "phố",
        "bản",
        "cụm",
        "lầu",
        "phòng",
        "tdp",
        "kp",
        "khối",
    ]
)


_BEFORE_CODES = frozenset(["lô", "khu", "nhà", "tòa", "toà", "block", "căn", "dãy"])


class AmbiguousLayoutError(ValueError):
    """A word may be digits or a word."""


def is_wrong(text: str) -> bool:
    """Tell whether `text` was typed for another layout than the computer's (AZERTY, QWERTZ, …) and letters may have moved."""
    return bool(_AZERTY_START.match(text) or ("|" not in text and _OTHER_SEPARATOR.match(text)))


def undo_shift(text: str) -> str | None:
    """Return `text` with the shifted digit row of a US layout undone; None if the number was not typed so. Raises AmbiguousLayoutError."""
    if not _NUMBER_IN_SHIFT.match(text):
        return None

    def run(found: re.Match[str]) -> str:
        word = found.group()
        if re.match(r"\([^\W\d_]", word) or re.search(r"[^\W\d_]\)$", word):
            raise AmbiguousLayoutError(word)
        return "".join(_SHIFTED_ROW.get(char, "/" if char == "?" else char) for char in word)

    return _SHIFT_RUN.sub(run, text.replace("\\", "|"))


def undo_vietnamese(text: str) -> str | None:
    """
    Return `text` with the digit row of the Windows Vietnamese layout undone; None if the number was not typed so.

    Raises AmbiguousLayoutError where a word may be digits, or where composing the text has mixed up the order of marks.
    """
    first = text.split("|", 1)[0].strip()
    if not first or any(char.isdigit() for char in first) or _digits(first) is None or len(_digits(first) or "") < 9:
        return None
    if unicodedata.is_normalized("NFC", text) and _has_unordered_marks(text):
        raise AmbiguousLayoutError
    fields = text.split("|")
    return "|".join(_field(part) for part in fields)


def _field(part: str) -> str:
    digits = _digits(part.strip())
    if digits is not None and len(digits) > 2:
        return digits
    done: list[str] = []
    words = re.split(r"([\s,]+)", part)
    for place, word in enumerate(words):
        before = next((words[back].strip(".").lower() for back in range(place - 2, -1, -2)), "")
        after = words[place + 2] if place + 2 < len(words) else ""
        done.append(_word(word, before, after))
    return "".join(done)


def _word(word: str, before: str, after: str) -> str:
    # A mark after a blank or a comma hangs on it: it is a word of its own.
    core = word.strip(".")
    pieces = re.split(r"([/\-])", core)
    digits = [piece if piece in "/-" else _digits(piece) for piece in pieces if piece]
    if core and all(digit is not None for digit in digits):
        shown = "".join(digit or "" for digit in digits)
        if len(pieces) == 1 and _reads_as_word(core):
            if before == "khu" and after.startswith("thị"):
                return word
            if before not in _NUMBERED:
                raise AmbiguousLayoutError(word)
        return word.replace(core, shown)
    numbered = re.fullmatch(r"(.+?)([A-ZĐ]{1,2})", core)
    if numbered and (run := _digits(numbered.group(1))) is not None:
        return word.replace(core, run + numbered.group(2))  # 12A
    core = unicodedata.normalize("NFD", core) if len(unicodedata.normalize("NFC", core)) == 1 else core
    code = re.fullmatch(r"([A-ZĐ]{1,3})(.+)", core, re.DOTALL)
    tail = _digits(code.group(2)) if code else None
    if code is None or tail is None or before not in _BEFORE_CODES | _NUMBERED:
        return word
    if _reads_as_word(core):
        is_one_letter = len(unicodedata.normalize("NFC", core)) == 1
        if before in _BEFORE_CODES and not is_one_letter:
            raise AmbiguousLayoutError(word)
        if before not in _BEFORE_CODES:
            return word  # Số, Tổ: words of the address itself
    return code.group(1) + tail + word[len(word.rstrip(".")) :]


def _reads_as_word(core: str) -> bool:
    return is_syllable(unicodedata.normalize("NFC", core))


def _digits(text: str) -> str | None:
    """Return the digits that were struck for `text`, or None if another key was."""
    found = []
    for char in text:
        for part in _struck(char):
            digit = _VIETNAMESE_ROW.get(part)
            if digit is None:
                return None
            found.append(digit)
    return "".join(found) if found else None


def _struck(char: str) -> list[str]:
    """Return the keys behind one character: the letter with its quality, then the tone (ộ is ô and the dot)."""
    if char in _VIETNAMESE_ROW:
        return [char]
    parts = unicodedata.normalize("NFD", char)
    quality = [part for part in parts[1:] if part in _QUALITIES]
    tones = [part for part in parts[1:] if part not in _QUALITIES]
    return [unicodedata.normalize("NFC", parts[0] + "".join(quality)), *tones]


def _has_unordered_marks(text: str) -> bool:
    """Tell whether a dot below stands with another tone: composed text has them in one order, whatever was struck first."""
    for cluster in re.findall(r"[^\u0300-\u036f][\u0300-\u036f]*", text):
        tones = {part for part in unicodedata.normalize("NFD", cluster)[1:] if part in _VIETNAMESE_ROW}
        if "\u0323" in tones and len(tones) > 1:
            return True
    return False
