"""
The font encodings of before Unicode: TCVN3 (.VnTime), VNI (VNI-Times) and VISCII.

Their bytes reach us as Latin-1 or Windows-1252 letters: «Céng an tØnh», «Coâng an tænh». Tables in
`data/`, from the package viparse 0.1.31 (MIT), with VNI's ẳ, Ẳ and one-letter ỵ, Ỵ added.
"""

import csv
import enum
import functools
import re
import unicodedata
from importlib import resources

from vnlib.text.folding import TONES, normalise


class Encoding(enum.StrEnum):
    TCVN3 = "tcvn3"
    VNI = "vni"
    VISCII = "viscii"


def detect_legacy(text: str, font_name: str | None = None) -> Encoding | None:
    """
    Return the encoding that `text` is written in, or None if it is Unicode already (or plain ASCII).

    The font decides where its name tells (.VnTime, VNI-Times); else the text itself: it is legacy
    when its odd words become Vietnamese syllables by a table and are none as they stand. Mixed
    files are normal: ask for each cell with its own font.
    """
    if text.isascii() and not _has_viscii_control(text):
        return None
    if any(char > "ÿ" and char not in _FROM_CP1252 for char in normalise(text)):
        return None  # ế, ả, đ: a letter that no legacy text can hold
    by_font = _encoding_of_font(font_name or "")
    if by_font:
        return by_font
    as_it_stands = _share_of_syllables(text)
    shares = {encoding: _share_of_syllables(convert_legacy(text, encoding)) for encoding in Encoding}
    best = max(Encoding, key=shares.__getitem__)
    return best if shares[best] > max(as_it_stands, 0.5) else None


def convert_legacy(text: str, encoding: Encoding | str, *, font_name: str | None = None) -> str:
    """
    Return `text` in Unicode NFC.

    `font_name` matters to TCVN3 alone: it has no accented capitals, a font ending in H (.VnTimeH)
    draws small letters as capitals. Characters that the table lacks stay as they are.
    """
    encoding = Encoding(encoding)
    table, pattern = _table(encoding)
    if encoding is Encoding.VISCII:
        text = text.translate(_FROM_CP1252_TABLE)
    converted = normalise(pattern.sub(lambda match: table[match.group()], text))
    return converted.upper() if encoding is Encoding.TCVN3 and is_capital_font(font_name) else converted


def is_capital_font(font_name: str | None) -> bool:
    """Tell whether a TCVN3 font (.VnTimeH) shows every letter as a capital."""
    return font_name is not None and font_name.startswith(".Vn") and font_name.endswith("H")


def _encoding_of_font(font_name: str) -> Encoding | None:
    name = font_name.strip().lower()
    if name.startswith(".vn"):
        return Encoding.TCVN3
    if name.startswith("vni-"):
        return Encoding.VNI
    if "viscii" in name:
        return Encoding.VISCII
    return None


@functools.cache
def _table(encoding: Encoding) -> tuple[dict[str, str], re.Pattern[str]]:
    source = resources.files("vnlib.text").joinpath("data", f"legacy_{encoding.value}.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    # Written as code points: VISCII uses control characters, which editors eat.
    table = {
        "".join(chr(int(code.removeprefix("U+"), 16)) for code in row["codepoints"].split()): row["unicode_nfc"]
        for row in rows
    }
    longest_first = sorted(table, key=len, reverse=True)
    return table, re.compile("|".join(map(re.escape, longest_first)))


def _from_cp1252() -> dict[str, str]:
    found = {}
    for byte in range(0x80, 0xA0):
        try:
            found[bytes([byte]).decode("cp1252")] = chr(byte)
        except UnicodeDecodeError:
            continue  # five bytes stand for nothing there
    return found


_FROM_CP1252 = _from_cp1252()
_FROM_CP1252_TABLE = str.maketrans(_FROM_CP1252)
_VISCII_CONTROLS = "\x02\x05\x06\x14\x19\x1e"


def _has_viscii_control(text: str) -> bool:
    return any(char in _VISCII_CONTROLS for char in text)


# What can stand in one Vietnamese syllable, tones off: enough to tell «tỉnh» from «tØnh».
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x"
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong op ot "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt uynh uyt uyu "
    "ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS.replace(' ', '|')})?(?:{_RIMES.replace(' ', '|')})")
_ONE_TONE = re.compile(f"[{TONES}]")


def _share_of_syllables(text: str) -> float:
    """Return which share of the words with letters beyond ASCII are Vietnamese syllables; 0 if there are none."""
    words = [word for word in re.split(r"[\s\d.,;:!?()\"'/\-–…«»“”]+", text.lower()) if word and not word.isascii()]
    if not words:
        return 0.0
    return sum(map(_is_syllable, words)) / len(words)


def _is_syllable(word: str) -> bool:
    decomposed = unicodedata.normalize("NFD", word)
    if len(_ONE_TONE.findall(decomposed)) > 1:
        return False
    return bool(_SYLLABLE.fullmatch(normalise(_ONE_TONE.sub("", decomposed))))
