"""Reads the QR text of an identity card: tolerant of what scanners do to it, strict about what comes out."""

import datetime as dt
import re
from dataclasses import dataclass, field

from vnlib.identity.card import Card, Shape, conflict_in, parse_date
from vnlib.identity.number import facts_of, is_digits
from vnlib.identity.qr import encodings, layouts, methods, records
from vnlib.identity.qr.words import TEXTS, has_one_case, is_unread, judge
from vnlib.identity.reading import Reading, Verdict
from vnlib.identity.syllables import is_syllable, words_of
from vnlib.text import normalise

MOST_CHARACTERS = 8192
"""Longer texts are refused unread; two reads of a long card with every letter escaped stay below."""

_FIELDS = (
    "number",
    "old_id",
    "name",
    "dob",
    "sex",
    "address",
    "issued",
    "cancelled_number",
    "father",
    "mother",
    "unknown",
)
_SHAPES = {7: Shape.CCCD_2021, 11: Shape.CC_2024}
_DATES = ("dob", "issued")

_CONTROL = "".join(map(chr, [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F]))
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_AIM = re.compile(r"\][A-Za-z][0-9]")
_SEPARATORS = "\t;\\~"
_BAR_LIKE = "[¦｜│┃∣ǀ❘⏐︱]"
_ASCII_BLANK = " \t\r\n"
_BLANKS = re.compile(f"[{_ASCII_BLANK}]+")
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE))
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[\t\r\n]+([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")
_CANCELLED_NUMBER = re.compile(r"|\d{12}", re.ASCII)

_ETH = str.maketrans("Ðð", "Đđ")

_URL = re.compile(r"[a-z][a-z0-9+.\-]{1,15}://|www\.|[a-z]{3,10}:", re.IGNORECASE)
_INSURANCE = re.compile(r"([A-Za-z]{2}[0-9]{13}|[0-9]{10})\|[0-9A-Fa-f]{4,}\|")
_PAYMENT = re.compile(r"000201[0-9]{4}")
_MRZ = re.compile(r"[A-Z0-9< \r\n]{28,}")


class _RefusedError(Exception):
    """Ends a reading; `reason` is the stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class _Repairs:
    """What was done to a text, in order, each once."""

    flags: list[str] = field(default_factory=list)
    has_small_change: bool = False

    def add(self, flag: str) -> None:
        if flag not in self.flags:
            self.flags.append(flag)

    def all(self) -> tuple[str, ...]:
        # A line end or a spelling of the sex is told only where nothing else was repaired.
        return tuple(self.flags) or (("normalised",) if self.has_small_change else ())


def read_card_qr(text: str, *, today: dt.date | None = None) -> Reading:
    """
    Read the text of a card's QR.

    `ok` as printed; `repaired` with flags saying what was undone, or what a person must confirm (`accents_lost`, `unusual_word`,
    `unknown_province`); `refused` with a reason and no field. `today` (None: not compared) refuses dates to come.
    Never raises for any text.
    """
    repairs = _Repairs()
    try:
        card = _read(text, repairs, today)
    except _RefusedError as refused:
        return Reading(verdict=Verdict.REFUSED, reason=refused.reason)
    flags = repairs.all()
    return Reading(verdict=Verdict.REPAIRED if flags else Verdict.OK, fields=card.as_fields(), flags=flags)


def _read(text: str, repairs: _Repairs, today: dt.date | None) -> Card:
    if len(text) > MOST_CHARACTERS:
        raise _RefusedError("too_long")
    body = _trim(text, repairs)
    _refuse_other_payloads(body)
    body = _undo_escapes(body, repairs)
    if layouts.is_wrong(body):
        raise _RefusedError("wrong_layout")
    body = _undo_layout(_plain_bars(body, repairs), repairs)
    body = _map_separators(body, repairs)
    cards = _read_each(body, repairs, today)
    if any(card != cards[0] for card in cards):
        raise _RefusedError("reads_differ")
    return cards[0]


def _trim(text: str, repairs: _Repairs) -> str:
    """Take off what scanners put around a read. Tabs stay until it is known whether they part the fields."""
    without_end = text.rstrip("\r\n")
    body = without_end
    while True:
        shorter = body.strip(_CONTROL + _INVISIBLE + "\r\n ")
        shorter = _AIM.sub("", shorter, count=1) if _AIM.match(shorter) else shorter
        if shorter == body:
            break
        body = shorter
    if not body.strip(_ASCII_BLANK):
        raise _RefusedError("empty")
    if body != without_end:
        repairs.add("trimmed")
    elif body != text:
        repairs.has_small_change = True
    return body


def _refuse_other_payloads(body: str) -> None:
    if _URL.match(body) or (_PAYMENT.match(body) and "|" not in body):
        raise _RefusedError("not_id_card")
    if _INSURANCE.match(body):
        raise _RefusedError("insurance_card")
    if "<" in body and _MRZ.fullmatch(body):
        raise _RefusedError("mrz_not_qr")
    if is_digits(body):
        raise _RefusedError("truncated" if len(body) == 12 else "not_id_card")


def _undo_escapes(body: str, repairs: _Repairs) -> str:
    try:
        plain = encodings.undo_escapes(body)
    except encodings.LettersLostError:
        raise _RefusedError("letters_lost") from None
    if plain != body:
        repairs.add("recoded")
    return plain


def _plain_bars(body: str, repairs: _Repairs) -> str:
    """Return `body` with signs that only look like the bar made bars: what follows looks for those."""
    if "|" in body or len(re.findall(_BAR_LIKE, body)) < min(_SHAPES) - 1:
        return body
    repairs.add("separator_mapped")
    return re.sub(_BAR_LIKE, "|", body)


def _undo_layout(body: str, repairs: _Repairs) -> str:
    try:
        undone = layouts.undo_shift(body) or layouts.undo_vietnamese(body)
    except layouts.AmbiguousLayoutError:
        raise _RefusedError("ambiguous_layout") from None
    if undone is None:
        return body
    repairs.add("layout_undone")
    return undone


def _map_separators(body: str, repairs: _Repairs) -> str:
    """Return `body` with fields parted by |; refuses a text that has no fields at all."""
    for separator in _SEPARATORS:
        if separator in body and _parts_a_card(body.replace(separator, "|"), has_bars="|" in body):
            repairs.add("separator_mapped")
            return _without_extra_end(body.replace(separator, "|"))
    trimmed = body.strip("\t")
    if trimmed != body:
        repairs.add("trimmed")
    if "|" in trimmed:
        return trimmed
    begins_as_card = re.match(r"\d{12}", trimmed) and any(char.isalpha() for char in trimmed)
    raise _RefusedError("separators_lost" if begins_as_card else "not_id_card")


def _parts_a_card(text: str, *, has_bars: bool) -> bool:
    if has_bars:
        return False  # the sign is part of an address
    fields = _without_extra_end(text).split("|")
    return (
        len(fields) in _SHAPES
        and bool(re.fullmatch(r"\s*\d{12}\s*", fields[0]))
        and parse_date(fields[6].strip()) is not None
    )


def _without_extra_end(text: str) -> str:
    """Drop one separator at the end that is the scanner's suffix, a tab say."""
    return text[:-1] if text.count("|") in set(_SHAPES) and text.endswith("|") else text


def _read_each(body: str, repairs: _Repairs, today: dt.date | None) -> list[Card]:
    try:
        reads, flag = records.split_reads(body)
    except records.SeveralReadsError as several:
        raise _RefusedError(several.reason) from None
    if flag:
        repairs.add(flag)
        repairs.has_small_change = False
    return [_read_one(read, repairs, today) for read in dict.fromkeys(reads)]


def _read_one(read: str, repairs: _Repairs, today: dt.date | None) -> Card:
    parts = read.split("|")
    shape = _shape_of(parts)
    fields = {name: _strip(part, repairs) for name, part in zip(_FIELDS, parts, strict=False)}
    _check_number(fields, repairs)
    if fields.pop("unknown", ""):
        repairs.add("unknown_field")
    _undo_caps_lock(fields, repairs)
    _repair_words(fields, repairs)
    dates = {name: _date(fields, name, repairs) for name in _DATES}
    if not _CANCELLED_NUMBER.fullmatch(fields.get("cancelled_number", "")):
        raise _RefusedError("bad_cancelled_number")
    card = Card(
        shape=shape,
        dob=dates["dob"],
        issued=dates["issued"],
        **{name: text for name, text in fields.items() if name not in _DATES},
    )
    conflict = conflict_in(card, today=today)
    if conflict:
        raise _RefusedError(conflict)
    return card


def _shape_of(parts: list[str]) -> Shape:
    shape = _SHAPES.get(len(parts))
    if shape:
        last = parts[6].strip(_ASCII_BLANK)
        if shape is Shape.CCCD_2021 and re.fullmatch(r"\d{0,7}", last):
            raise _RefusedError("truncated" if re.fullmatch(r"\s*\d{12}\s*", parts[0]) else "bad_number")
        return shape
    looks_like_card = any(re.fullmatch(r"\s*\d{7,14}\s*", part, re.ASCII) for part in parts[:4])
    if not looks_like_card:
        raise _RefusedError("not_id_card")
    if not re.fullmatch(r"\s*\d{12}\s*", parts[0], re.ASCII):
        raise _RefusedError("bad_number")
    raise _RefusedError("truncated" if len(parts) < max(_SHAPES) and len(parts) != 8 else "unknown_shape")


def _strip(part: str, repairs: _Repairs) -> str:
    """Take off blanks and line ends around and doubled inside; hard blanks stay, they may be halves of letters."""
    joined = _join_lines(part)
    tidy = _BLANKS.sub(" ", joined).strip(" ").translate(_WITHOUT_INVISIBLE)
    if tidy != part:
        repairs.add("trimmed")
    return tidy


def _join_lines(part: str) -> str:
    """Make a line break inside a field a blank; inside a word nobody knows whether there was one."""
    for found in _BROKEN_WORD.finditer(part):
        if found.group(2)[0].islower() and is_syllable(normalise(found.group(1) + found.group(2))):
            raise _RefusedError("broken_lines")
    return part


def _check_number(fields: dict[str, str], repairs: _Repairs) -> None:
    if not is_digits(fields["number"]) or len(fields["number"]) != 12:
        raise _RefusedError("bad_number")
    if fields["old_id"] and not (is_digits(fields["old_id"]) and len(fields["old_id"]) == 9):
        raise _RefusedError("bad_old_id")
    if not facts_of(fields["number"]).province_name:
        repairs.add("unknown_province")


def _undo_caps_lock(fields: dict[str, str], repairs: _Repairs) -> None:
    """Turn small and capital letters round where the sex (nAM) or a whole name (tRẦN vĂN) shows that Caps Lock was on."""
    whole = _is_turned_round(fields["sex"])
    swapped = False
    for name in (*TEXTS, "sex"):
        text = fields.get(name, "")
        if text and (whole or _is_turned_round(text)):
            fields[name] = text.swapcase()
            swapped |= fields[name] != text
    if swapped:
        repairs.add("case_fixed")


def _is_turned_round(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    return bool(words) and all(word[0].islower() and word[1:].isupper() for word in words)


def _repair_words(fields: dict[str, str], repairs: _Repairs) -> None:
    """Bring name, sex, address and parents to words that can stand, or refuse."""
    _compose(fields, repairs)
    judgement = judge(_texts(fields), fields["sex"])
    has_strange_sex = fields["sex"].lower() not in {"nam", "nữ"}
    if (judgement.reason or has_strange_sex) and (reading := _recoded({**_texts(fields), "sex": fields["sex"]})):
        fields.update(reading)
        repairs.add("recoded")
        judgement = judge(_texts(fields), fields["sex"])
    if _undo_typing(fields, repairs):
        judgement = judge(_texts(fields), fields["sex"])
    elif not judgement.reason:
        _ask_about_weak_signs(fields, repairs)
    _refuse_in_order(fields, judgement.reason, repairs)
    if judgement.lost_accents:
        repairs.add("accents_lost")
    if judgement.is_doubtful or judgement.is_odd:
        repairs.add("unusual_word")


def _ask_about_weak_signs(fields: dict[str, str], repairs: _Repairs) -> None:
    signs = methods.weak_signs(_texts(fields))
    if signs is methods.WeakSigns.UNDECIDED:
        raise _RefusedError("ambiguous_typing")
    if signs is methods.WeakSigns.FOREIGN:
        repairs.add("unusual_word")


def _texts(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in TEXTS if name in fields}


def _compose(fields: dict[str, str], repairs: _Repairs) -> None:
    # The Icelandic Ð of old tables looks like Đ; beside ặ it cannot be a byte of another encoding.
    has_vietnamese = any("\u1ea0" <= char <= "\u1ef9" for name in TEXTS for char in normalise(fields.get(name, "")))
    for name in (*TEXTS, "sex"):
        if name in fields:
            composed = normalise(fields[name])
            composed = composed.translate(_ETH) if has_vietnamese else composed
            if composed != fields[name]:
                repairs.add("normalised")
            fields[name] = composed


def _recoded(texts: dict[str, str]) -> dict[str, str] | None:
    readings = encodings.recode(texts)
    if len(readings) > 1:
        raise _RefusedError("ambiguous_encoding")
    return readings[0] if readings else None


def _undo_typing(fields: dict[str, str], repairs: _Repairs) -> bool:
    """Read keystrokes of one typing method; False if none was at work."""
    texts = {**_texts(fields), "sex": fields["sex"]}
    found = methods.read_typed(texts)
    if not found:
        return False
    standing = [
        typed
        for typed in found
        if not typed.is_ambiguous and not judge(_without_sex(typed.texts), typed.texts["sex"]).reason
    ]
    if len(standing) != 1:
        raise _RefusedError(
            "ambiguous_typing" if standing or any(typed.is_ambiguous for typed in found) else "letters_lost"
        )
    if any(is_unread(word, highland=standing[0].highland) for word in _words_left(texts, standing[0].texts)):
        raise _RefusedError("letters_lost")  # Muwowgf: a key was lost, and what remains is no word
    fields.update(standing[0].texts)
    repairs.add("ime_decoded")
    return True


def _words_left(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the ASCII words that a typing method left as they were."""
    left = {name: set(words_of(text)) for name, text in before.items()}
    return [word for name, text in after.items() for word in words_of(text) if word.isascii() and word in left[name]]


def _without_sex(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name != "sex"}


def _refuse_in_order(fields: dict[str, str], reason: str, repairs: _Repairs) -> None:
    """Refuse for the name before the birth date before the sex before the address, as the fields stand on the card."""
    if not fields["name"]:
        raise _RefusedError("no_name")
    if reason and judge({"name": fields["name"]}, fields["sex"]).reason:
        raise _RefusedError(reason)
    _date(fields, "dob", repairs)
    fields["sex"] = _sex(fields["sex"], repairs)
    if not fields["address"]:
        raise _RefusedError("no_address")
    if reason:
        raise _RefusedError(reason)


def _sex(text: str, repairs: _Repairs) -> str:
    low = text.lower()
    if low in ("nam", "nữ"):
        if text not in ("Nam", "Nữ"):
            repairs.has_small_change = True
        return low.capitalize()
    if low == "nu" and has_one_case(text):
        repairs.add("accents_lost")
        return "Nữ"
    raise _RefusedError("bad_sex")


def _date(fields: dict[str, str], name: str, repairs: _Repairs) -> dt.date:
    day = parse_date(fields[name])
    if day is None:
        raise _RefusedError(f"bad_{name}")
    if not is_digits(fields[name]):
        repairs.add("normalised")
    return day
