"""Made-up cards, and what keyboard-wedge scanners, input methods and wrong encodings make of their QR texts."""

import csv
import datetime as dt
import functools
import html
import random
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from importlib import resources
from typing import NamedTuple

from vnlib.identity.card import Card, Shape
from vnlib.identity.syllables import TONES, split_tone
from vnlib.text import fold, normalise

SURNAMES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Đoàn",
    "Trịnh",
    "Nông",
    "Vi",
    "Giáp",
    "Thân",
    "Hà",
    "Triệu",
    "Quách",
    "Lường",
    "Cầm",
    "Tôn",
    "Mã",
    "Ông",
    "Chử",
    "Ninh",
    "Tống",
    "Thạch",
    "Sơn",
    "Danh",
    "Ưng",
    "Kiều",
    "Âu",
    "Ưu",
    "Ứng",
    "Khổng",
    "Nghiêm",
    "Doãn",
    "Quảng",
    "Giang",
    "Thào",
    "Giàng",
    "Vàng",
    "Sùng",
    "Chảo",
    "Tẩn",
    "Phàn",
    "Đèo",
    "Lò",
]
MIDDLES = [
    "Văn",
    "Thị",
    "Hữu",
    "Đức",
    "Ngọc",
    "Minh",
    "Thanh",
    "Quang",
    "Xuân",
    "Thu",
    "Công",
    "Đình",
    "Bảo",
    "Gia",
    "Khánh",
    "Quỳnh",
    "Như",
    "Hoài",
    "Thuỳ",
    "Thúy",
    "Kim",
    "Phương",
    "Nhật",
    "Ánh",
    "Huyền",
    "Trường",
]
GIVENS = [
    "An",
    "Anh",
    "Ánh",
    "Ấu",
    "Bình",
    "Bưởi",
    "Chiến",
    "Chuyên",
    "Cúc",
    "Cường",
    "Diễm",
    "Dũng",
    "Duyên",
    "Đạt",
    "Định",
    "Đông",
    "Đức",
    "Giang",
    "Giỏi",
    "Hà",
    "Hải",
    "Hằng",
    "Hạnh",
    "Hiếu",
    "Hòa",
    "Hoài",
    "Hoàn",
    "Hồng",
    "Huệ",
    "Huyền",
    "Hương",
    "Hường",
    "Khoa",
    "Khuê",
    "Kiên",
    "Lan",
    "Liễu",
    "Long",
    "Lụa",
    "Lương",
    "Lý",
    "Mai",
    "Mẫn",
    "Mỹ",
    "Nga",
    "Ngân",
    "Nghĩa",
    "Ngoẵng",
    "Nguyệt",
    "Nhàn",
    "Nhung",
    "Oanh",
    "Phúc",
    "Phượng",
    "Quân",
    "Quý",
    "Quyên",
    "Quyết",
    "Quỳnh",
    "Sáu",
    "Sương",
    "Tâm",
    "Thảo",
    "Thắm",
    "Thịnh",
    "Thoa",
    "Thủy",
    "Thuở",
    "Thương",
    "Tiến",
    "Toàn",
    "Trang",
    "Triết",
    "Trúc",
    "Truyền",
    "Tuấn",
    "Tuyết",
    "Uyên",
    "Ưởng",
    "Vân",
    "Việt",
    "Vượng",
    "Xoan",
    "Xuân",
    "Yến",
    "Ý",
    "Yên",
    "Nữ",
    "Ngữ",
    "Khuya",
    "Huơ",
    "Quới",
    "Bảy",
    "Chín",
    "Mười",
    "Thuận",
    "Giản",
    "Gìn",
    "Kỷ",
    "Ỷ",
    "Ước",
    "Ưa",
    "Áo",
    "Ổn",
    "Ích",
]
HIGHLANDERS = (
    ("H'Thử Ksơr", "Nữ"),
    ("Y Bion Niê", "Nam"),
    ("Rơ Châm Thử", "Nam"),
    ("Siu H'Bia", "Nữ"),
    ("Điểu K'Rể", "Nam"),
    ("H'Ngăm Êban", "Nữ"),
    ("Y Thử Mlô", "Nam"),
    ("Kpă H'Mẫu", "Nữ"),
    ("Rmah Thử", "Nam"),
    ("Kơ Să Ha Mẫu", "Nam"),
    ("Giàng A Páo", "Nam"),
    ("Zơ Râm Thị Mẫu", "Nữ"),
)
STREETS = (
    "Số {n} Ngõ {m}, Phố Mẫu",
    "Thôn {n}",
    "Tổ dân phố Số {n}",
    "Tổ {n}",
    "Xóm Đình",
    "Ngách {n}/{m} Phố Thử",
    "Ấp {n}",
    "Khu phố {n}",
    "Lô A{n} Khu B{m}",
    "Số {n}A Đường Lê Lợi",
    "Bản Pá Hốc",
    "Làng Mẫu",
    "Kiệt {n} Đường Hai Bà Trưng",
    "TDP Đồng Cửa",
    "Thôn Khuôn Thần",
    "Khu đô thị Phú Mỹ",
    "Buôn Mẫu",
)
PLACES = (
    "Nham Biền, Yên Dũng, Bắc Giang",
    "Phường Thí Nghiệm, Hoàn Kiếm, Hà Nội",
    "Hòa Thắng, Buôn Ma Thuột, Đắk Lắk",
    "Cư M'gar, Cư M'gar, Đắk Lắk",
    "Ia H'Drai, Kon Tum",
    "Phường 7, Quận 3, TP. Hồ Chí Minh",
    "Nghĩa Trung, Gia Nghĩa, Đắk Nông",
    "Thuận Hóa, Huế",
    "Hoài Hương, Hoài Nhơn, Bình Định",
    "Mường Lát, Thanh Hóa",
    "Dịch Vọng, Cầu Giấy, Hà Nội",
    "Khánh Hội, U Minh, Cà Mau",
    "Đông Quý, Tiền Hải, Thái Bình",
    "Ea H'leo, Ea H'leo, Đắk Lắk",
    "Đạ Tẻh, Lâm Đồng",
    "Krông Bông, Đắk Lắk",
    "Yên Khê, Con Cuông, Nghệ An",
    "Phượng Sơn, Lục Ngạn, Bắc Giang",
    "Đắk R'Lấp, Đắk Nông",
    "Vĩnh Lộc B, Bình Chánh, TP. Hồ Chí Minh",
    "Ô Môn, Cần Thơ",
    "Ý Yên, Nam Định",
    "Chư Sê, Gia Lai",
    "Xuyên Mộc, Bà Rịa - Vũng Tàu",
    "Quỳnh Lưu, Nghệ An",
    "Thủy Nguyên, Hải Phòng",
)
PROVINCES = ["001", "024", "034", "038", "046", "052", "064", "066", "067", "079", "096"]


def made_up_cards(count: int, seed: int = 6) -> Iterator[Card]:
    """Yield cards of both shapes, the same for one seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield _card(chance, Shape.CCCD_2021 if number % 2 else Shape.CC_2024)


def _card(chance: random.Random, shape: Shape) -> Card:
    born = dt.date(chance.randint(1945, 2009), chance.randint(1, 12), chance.randint(1, 28))
    if shape is Shape.CC_2024:
        born = born.replace(year=chance.randint(1945, 2020))
        issued = dt.date(2024, 7, 1) + dt.timedelta(days=chance.randrange(700))
        is_child = born.year > 2009
    else:
        first = max(dt.date(2021, 1, 1), dt.date(born.year + 14, 12, 31))
        issued = first + dt.timedelta(days=chance.randrange((dt.date(2024, 6, 30) - first).days))
        is_child = False
    sex = chance.choice(["Nam", "Nữ"])
    name = " ".join([chance.choice(SURNAMES), chance.choice(MIDDLES), chance.choice(GIVENS)])
    place = chance.choice(PLACES)
    if chance.random() < 0.12:
        name, sex = chance.choice(HIGHLANDERS)
        place = chance.choice([place, "Cư M'gar, Cư M'gar, Đắk Lắk", "Ia H'Drai, Kon Tum"])
    digit = 2 * (born.year // 100 - 19) + (sex == "Nữ")
    street = chance.choice(STREETS).format(n=chance.randint(1, 40), m=chance.randint(1, 99))
    parents = [" ".join([chance.choice(SURNAMES), middle, chance.choice(GIVENS)]) for middle in ("Văn", "Thị")]
    return Card(
        shape=shape,
        number=f"{chance.choice(PROVINCES)}{digit}{born.year % 100:02}9{chance.randrange(100000):05}",
        old_id=f"{chance.randrange(10**9):09}" if born.year < 2000 and chance.random() < 0.6 else "",
        name=name,
        dob=born,
        sex=sex,
        address=f"{street}, {place}",
        issued=issued,
        father=parents[0] if is_child else "",
        mother=parents[1] if is_child else "",
    )


def qr_text(card: Card) -> str:
    """Return what a scanner delivers of an undamaged card."""
    parts = [card.number, card.old_id, card.name, f"{card.dob:%d%m%Y}", card.sex, card.address, f"{card.issued:%d%m%Y}"]
    if card.shape is Shape.CC_2024:
        parts += [card.cancelled_number, card.father, card.mother, ""]
    return "|".join(parts)


# ------------------------------------------------------------------ typing methods

_KEYS = {
    "telex": {
        "\u0300": "f",
        "\u0309": "r",
        "\u0303": "x",
        "\u0301": "s",
        "\u0323": "j",
        "\u0306": "w",
        "\u031b": "w",
        "đ": "dd",
    },
    "vni": {
        "\u0300": "2",
        "\u0309": "3",
        "\u0303": "4",
        "\u0301": "1",
        "\u0323": "5",
        "\u0302": "6",
        "\u0306": "8",
        "\u031b": "7",
        "đ": "d9",
    },
    "viqr": {
        "\u0300": "`",
        "\u0309": "?",
        "\u0303": "~",
        "\u0301": "'",
        "\u0323": ".",
        "\u0302": "^",
        "\u0306": "(",
        "\u031b": "+",
        "đ": "dd",
    },
}


def typed(text: str, method: str, *, at_end: bool) -> str:
    """Return the keys of `method` for `text`: tones where they stand, or at the end of the word."""
    return _by_words(text, lambda word: _typed_word(word, _KEYS[method], at_end=at_end))


def _typed_word(word: str, keys: dict[str, str], *, at_end: bool) -> str:
    shown, late = "", ""
    for char in word:
        bare, tone = split_tone(char)
        letter, marks = (
            (bare, "")
            if bare == "đ"
            else (bare[:1] and unicodedata.normalize("NFD", bare)[0], unicodedata.normalize("NFD", bare)[1:])
        )
        key = keys.get(letter, letter) + (keys.get(marks, letter) if marks else "")
        tone_key = keys[tone] if tone else ""
        key, late = (key, late + tone_key) if at_end else (key + tone_key, late)
        shown += (
            key[:1].upper() + (key[1:].upper() if word.isupper() and len(word) > 1 else key[1:])
            if char.isupper()
            else key
        )
    return shown + (late.upper() if word.isupper() and len(word) > 1 else late)


def _by_words(text: str, change: Callable[[str], str]) -> str:
    shown, word = "", ""
    for char in text + "\x00":
        if char.isalpha():
            word += char
            continue
        shown += (change(word) if word else "") + char
        word = ""
    return shown[:-1]


# ------------------------------------------------------------------ encodings


def shown_as_1252(raw: bytes) -> str:
    return "".join(_shown_byte(byte) for byte in raw)


def _shown_byte(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def mojibake(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = shown_as_1252(text.encode())
    return text


def cp1258_bytes(text: str) -> str:
    raw = b""
    for char in text:
        bare, tone = split_tone(char)
        bare = bare.upper() if char.isupper() else bare
        raw += (bare + tone).encode("cp1258") if tone else char.encode("cp1258")
    return shown_as_1252(raw)


@functools.cache
def _legacy(encoding: str) -> dict[str, str]:
    source = resources.files("vnlib.text").joinpath("data", f"legacy_{encoding}.csv").read_text(encoding="utf-8")
    back: dict[str, str] = {}
    for row in csv.DictReader(source.splitlines()):
        code = "".join(chr(int(part.removeprefix("U+"), 16)) for part in row["codepoints"].split())
        back.setdefault(row["unicode_nfc"], code)
    return back


def in_legacy(text: str, encoding: str) -> str:
    table = _legacy(encoding)
    return "".join(table.get(char) or table.get(char.lower()) or char for char in text)


def escaped(text: str, how: str) -> str:
    if how == "html":
        return "".join(f"&#{ord(char)};" if ord(char) > 127 else char for char in text)
    if how == "percent":
        return "".join(urllib.parse.quote(char) if ord(char) > 127 else char for char in text)
    return "".join(f"\\u{ord(char):04x}" if ord(char) > 127 else char for char in text)


# ------------------------------------------------------------------ layouts

_ROW = dict(zip("1234567890", ["ă", "â", "ê", "ô", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323", "đ"], strict=True))


def vietnamese_layout(text: str) -> str:
    return "".join(_ROW.get(char, char) for char in text)


def shifted(text: str) -> str:
    return text.translate(str.maketrans("0123456789|", ")!@#$%^&*(\\"))


def azerty(text: str) -> str:
    return text.translate(str.maketrans("1234567890|aqzwAQZWmM,", "&é\"'(-è_çàµqawzQAWZ,?;"))


def qwertz(text: str) -> str:
    return text.translate(str.maketrans("yzYZ|", "zyZY'"))


# ------------------------------------------------------------------ kinds of damage


class Kind(NamedTuple):
    """A kind of damage: what it makes of a text, and what a reader owes: `repair` it, `flag` it, or at least `refuse`."""

    make: Callable[[str, random.Random], str]
    owed: str


def _words_only(text: str, change: Callable[[str], str]) -> str:
    """Change the fields that hold words, and the sex."""
    parts = text.split("|")
    return "|".join(change(part) if place in (2, 4, 5, 8, 9) else part for place, part in enumerate(parts))


def _mixed(text: str, chance: random.Random) -> str:
    """Some words of the name and address raw, others composed."""

    def change(word: str) -> str:
        return _typed_word(word, _KEYS["telex"], at_end=True) if chance.random() < 0.5 else word

    parts = text.split("|")
    return "|".join(_by_words(part, change) if place in (2, 5, 8, 9) else part for place, part in enumerate(parts))


def _one_lost(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + text[place + 1 :]


def _one_repeated(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[: place + 1] + text[place:]


def _one_changed(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("abcdefghijklmnopqrstuvwxyz0123456789?ăâơưáàảạ#;") + text[place + 1 :]


def _marks_lost(text: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return normalise(bare).replace("đ", "d").replace("Đ", "D")


def _interrupted(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(14, len(text) - 2)] + text


def _truncated(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(1, len(text))]


def _two_cards(text: str, chance: random.Random) -> str:
    other = next(made_up_cards(1, chance.randrange(10**6)))
    return text + qr_text(other)


KINDS: dict[str, Kind] = {
    "clean": Kind(lambda text, _: text, "repair"),
    "telex_end": Kind(lambda text, _: _words_only(text, lambda part: typed(part, "telex", at_end=True)), "repair"),
    "telex_inline": Kind(lambda text, _: _words_only(text, lambda part: typed(part, "telex", at_end=False)), "repair"),
    "telex_upper": Kind(
        lambda text, _: _words_only(text, lambda part: typed(part.upper(), "telex", at_end=True)), "repair"
    ),
    "telex_mixed": Kind(_mixed, "repair"),
    "vni_end": Kind(lambda text, _: _words_only(text, lambda part: typed(part, "vni", at_end=True)), "repair"),
    "vni_inline": Kind(lambda text, _: _words_only(text, lambda part: typed(part, "vni", at_end=False)), "repair"),
    "viqr": Kind(lambda text, _: _words_only(text, lambda part: typed(part, "viqr", at_end=False)), "repair"),
    "accents_lost": Kind(lambda text, _: _marks_lost(text), "flag"),
    "letters_dropped": Kind(lambda text, _: "".join(char for char in text if char.isascii()), "refuse"),
    "letters_question": Kind(lambda text, _: "".join(char if char.isascii() else "?" for char in text), "refuse"),
    "replacement_character": Kind(
        lambda text, _: "".join(char if char.isascii() else "\ufffd" for char in text), "refuse"
    ),
    "mojibake": Kind(lambda text, _: mojibake(text), "repair"),
    "mojibake_latin1": Kind(lambda text, _: text.encode().decode("latin-1"), "repair"),
    "mojibake_double": Kind(lambda text, _: mojibake(text, 2), "repair"),
    "cp1258": Kind(lambda text, _: cp1258_bytes(text), "repair"),
    "nfd": Kind(lambda text, _: unicodedata.normalize("NFD", text), "repair"),
    "tcvn3": Kind(lambda text, _: in_legacy(text, "tcvn3"), "repair"),
    "vni_font": Kind(lambda text, _: in_legacy(text, "vni"), "repair"),
    "viscii": Kind(lambda text, _: in_legacy(text, "viscii"), "refuse"),
    "html": Kind(lambda text, _: escaped(text, "html"), "repair"),
    "percent": Kind(lambda text, _: escaped(text, "percent"), "repair"),
    "unicode_escape": Kind(lambda text, _: escaped(text, "escape"), "repair"),
    "html_hex": Kind(
        lambda text, _: "".join(
            f"&#x{ord(char):X};" if ord(char) > 127 else html.escape(char, quote=False) for char in text
        ),
        "repair",
    ),
    "alt_mod_256": Kind(lambda text, _: "".join(chr(ord(char) % 256) for char in text), "refuse"),
    "big5": Kind(lambda text, _: text.encode().decode("big5", "replace"), "refuse"),
    "vietnamese_layout": Kind(lambda text, _: vietnamese_layout(text), "repair"),
    "azerty": Kind(lambda text, _: azerty(text), "refuse"),
    "qwertz": Kind(lambda text, _: qwertz(text), "refuse"),
    "caps_lock": Kind(lambda text, _: text.swapcase(), "repair"),
    "shifted_digits": Kind(lambda text, _: shifted(text), "repair"),
    "aim_prefix": Kind(lambda text, _: "]Q1" + text, "repair"),
    "control_characters": Kind(lambda text, _: "\x02" + text + "\x03\r\n", "repair"),
    "line_end": Kind(lambda text, _: text + "\r\n", "repair"),
    "extra_blanks": Kind(lambda text, _: text.replace(" ", "  ").replace("|", " | "), "repair"),
    "broken_line": Kind(lambda text, _: text.replace(", ", ",\n", 1), "repair"),
    "broken_bar": Kind(lambda text, _: text.replace("|", "¦"), "repair"),
    "full_width_bar": Kind(lambda text, _: text.replace("|", "｜"), "repair"),
    "tabs": Kind(lambda text, _: text.replace("|", "\t"), "repair"),
    "separators_lost": Kind(lambda text, _: text.replace("|", ""), "refuse"),
    "doubled": Kind(lambda text, _: text + text, "repair"),
    "doubled_lines": Kind(lambda text, _: text + "\n" + text + "\n", "repair"),
    "two_cards": Kind(_two_cards, "refuse"),
    "interrupted": Kind(_interrupted, "repair"),
    "truncated": Kind(_truncated, "refuse"),
    "key_lost": Kind(_one_lost, "refuse"),
    "key_repeated": Kind(_one_repeated, "refuse"),
    "character_changed": Kind(_one_changed, "refuse"),
    "telex_doubled": Kind(
        lambda text, _: 2 * _words_only(text, lambda part: typed(part, "telex", at_end=True)), "repair"
    ),
    "mojibake_prefix": Kind(lambda text, _: "]Q1" + mojibake(text) + "\r\n", "repair"),
    "telex_caps_lock": Kind(
        lambda text, _: _words_only(text, lambda part: typed(part, "telex", at_end=True)).swapcase(), "repair"
    ),
    "tcvn3_lines": Kind(lambda text, _: in_legacy(text, "tcvn3") + "\r\n", "repair"),
}

assert set(TONES) == set(_KEYS["vni"]) & set(TONES)
NAMES_AND_PLACES = ("name", "address", "father", "mother")


def same_words(one: str, other: str, *, without_accents: bool = False) -> bool:
    """Compare as a desk does: case, blanks and the place of the tone aside."""
    if without_accents and one.isascii():
        return fold(one) == fold(other)
    return _key(one) == _key(other)


def _key(text: str) -> list[tuple[str, str]]:
    return [split_tone(word) for word in text.lower().split()]
