"""Text that went through a wrong encoding: undone where one reading makes sense, told apart from text whose letters are gone."""

import contextlib
import html
import re
import urllib.parse
from collections.abc import Iterator, Mapping

from vnlib.identity.qr.words import judge
from vnlib.identity.syllables import is_common, words_of
from vnlib.text import Encoding, convert_legacy, normalise

# What a decoder may take UTF-8 for. Windows-1252 lets the five bytes that it lacks pass, as programs do.
_TAKEN_FOR = ("cp1258", "iso8859_15", "cp1250", "cp1254", "cp437", "cp850", "mac_roman")
_LEAD_BEFORE_SPACE = re.compile(rb"(\xc3|\xc6|\xe1[\xba\xbb])\x20")
_ESCAPES = re.compile(r"&#\d{1,7};|&#[xX][0-9a-fA-F]{1,6};|&[A-Za-z]{2,8};")
_UNICODE_ESCAPE = re.compile(r"(?:\\|%)u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


class LettersLostError(ValueError):
    """The escapes in a text spell no characters."""


def undo_escapes(text: str) -> str:
    r"""
    Return `text` with &#7877;, %E1%BB%85 and \u1ec5 as the letters that they stand for, nested twice at most.

    Raises LettersLostError where they make none.
    """
    for _ in range(2):
        plain = _UNICODE_ESCAPE.sub(lambda found: chr(int(found.group(1) or found.group(2), 16)), text)
        plain = _ESCAPES.sub(lambda found: html.unescape(found.group()), plain)
        if _PERCENT.search(plain):
            if " " not in plain and "+" in plain:
                plain = plain.replace("+", " ")
            try:
                plain = urllib.parse.unquote(plain, errors="strict")
            except UnicodeDecodeError as error:
                raise LettersLostError from error
        # Pairs of half characters, as JSON writes what lies beyond the first plane.
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if plain == text:
            break
        text = plain
    return text


def recode(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """
    Return the different readings of `texts` under which every word can stand; `texts` do not stand as they are.

    The key `sex` takes part: it must come out as Nam or Nữ where it is given.
    """
    names = list(texts)
    whole = "\x00".join(texts[name] for name in names)
    if whole.isascii():
        return []
    found: list[dict[str, str]] = []
    for candidate, is_proved in _candidates(whole):
        parts = candidate.split("\x00")
        if candidate == whole or len(parts) != len(names):
            continue
        reading = {name: _tidy(part) for name, part in zip(names, parts, strict=True)}
        if reading not in found and _stands(reading) and (is_proved or _is_common(reading)):
            found.append(reading)
    return found


def _stands(reading: Mapping[str, str]) -> bool:
    sex = reading.get("sex", "")
    judgement = judge({name: text for name, text in reading.items() if name != "sex"}, sex, strictly=True)
    return (
        not judgement.reason
        and not judgement.is_doubtful
        and not judgement.lost_accents
        and sex.lower() in {"nam", "nữ", ""}
    )


def _is_common(reading: Mapping[str, str]) -> bool:
    """Tell whether most words with marks are usual ones: a table makes syllables of many wrong texts too, but rare ones."""
    words = [word for text in reading.values() for word in words_of(text) if not word.isascii()]
    return 2 * sum(map(is_common, words)) > len(words)


def _candidates(whole: str) -> Iterator[tuple[str, bool]]:
    """Yield readings of `whole`, each with whether the bytes prove it: what is no UTF-8 seldom decodes as such."""
    for codec in (None, *_TAKEN_FOR):
        for text in _utf8_taken_for(whole, codec):
            yield text, True
    as_bytes = _bytes_of(whole, None)
    if as_bytes is None:
        return  # ễ, đ: letters that no text of one byte a letter holds
    with contextlib.suppress(UnicodeDecodeError):
        yield normalise(as_bytes.decode("cp1258")), False
    latin = as_bytes.decode("latin-1")
    if _holds_only(latin, Encoding.TCVN3):
        yield _capitals_of_tcvn3(convert_legacy(latin, Encoding.TCVN3)), False
    if _holds_only(whole, Encoding.VNI):
        yield convert_legacy(whole, Encoding.VNI), False


def _holds_only(text: str, encoding: Encoding) -> bool:
    """Tell whether every letter of `text` beyond ASCII is one that `encoding` has, alone or after a vowel: legacy texts hold no other."""
    for before, char in zip(" " + text, text, strict=False):
        stands = char.isascii() or char in _SAME_IN_BOTH or convert_legacy(char, encoding) != char
        if not stands and convert_legacy(before + char, encoding) == before + char:
            return False
    return True


_SAME_IN_BOTH = frozenset("ýíÍ\x00")


def _utf8_taken_for(whole: str, codec: str | None) -> Iterator[str]:
    """Yield `whole` with UTF-8 read as one byte a letter undone, up to three times."""
    for _ in range(3):
        as_bytes = _bytes_of(whole, codec)
        if as_bytes is None:
            return
        try:
            whole = as_bytes.decode("utf-8")
        except UnicodeDecodeError:
            # à and ơ hold a hard blank there, which many programs make a plain one.
            try:
                whole = _LEAD_BEFORE_SPACE.sub(b"\\1\xa0", as_bytes).decode("utf-8")
            except UnicodeDecodeError:
                return
        yield whole


def _bytes_of(text: str, codec: str | None) -> bytes | None:
    if codec:
        try:
            return text.encode(codec)
        except UnicodeEncodeError:
            return None
    found = bytearray()
    for char in text:
        if char <= "ÿ":
            found.append(ord(char))
            continue
        try:
            found += char.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(found)


def _capitals_of_tcvn3(text: str) -> str:
    """Give words the capitals that TCVN3 has no code for: «NGUYễN» and a small letter that begins a name or a part of an address."""

    def word(found: re.Match[str]) -> str:
        shown = found.group()
        others = [char for char in shown if char.isascii() and char.isalpha()]
        if len(others) > 1 and all(char.isupper() for char in others):
            return shown.upper()
        return shown

    text = re.sub(r"[^\W\d_]+", word, text)
    fields = text.split("\x00")
    return "\x00".join(
        re.sub(r"(?:^|(?<=, ))[^\W\d_]", lambda found: found.group().upper(), part) if "," in part else _title(part)
        for part in fields
    )


def _title(text: str) -> str:
    return re.sub(r"(?:^|(?<= ))[^\W\d_]", lambda found: found.group().upper(), text)


def _tidy(text: str) -> str:
    return " ".join(normalise(text).split())
