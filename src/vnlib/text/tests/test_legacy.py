import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib import text
from vnlib.text import Encoding

SENTENCE = "Công an tỉnh Bắc Giang đã cấp 1.234 thẻ căn cước cho người dân"
AS_TCVN3 = "C«ng an tØnh B¾c Giang ®· cÊp 1.234 thÎ c¨n c\xadíc cho ng\xadêi d©n"
AS_VNI = "Coâng an tænh Baéc Giang ñaõ caáp 1.234 theû caên cöôùc cho ngöôøi daân"
AS_VISCII = "Công an tïnh B¡c Giang ðã c¤p 1.234 thë cån cß¾c cho ngß¶i dân"
WRITTEN = {Encoding.TCVN3: AS_TCVN3, Encoding.VNI: AS_VNI, Encoding.VISCII: AS_VISCII}

LETTERS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"


def encode(shown, encoding):
    """Write Unicode text in a legacy encoding by its table, the way back of the product."""
    source = resources.files("vnlib.text").joinpath("data", f"legacy_{encoding.value}.csv")
    back: dict[str, str] = {}
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines()):
        code = "".join(chr(int(part.removeprefix("U+"), base=16)) for part in row["codepoints"].split())
        back.setdefault(row["unicode_nfc"], code)
    return "".join(back.get(char, char) for char in shown)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_sentence_is_converted_and_detected_without_a_font(encoding):
    assert text.convert_legacy(WRITTEN[encoding], encoding) == SENTENCE
    assert text.detect_legacy(WRITTEN[encoding]) is encoding


@pytest.mark.parametrize("encoding", list(Encoding))
def test_table_knows_every_small_letter(encoding):
    assert text.convert_legacy(encode(LETTERS, encoding), encoding) == LETTERS


@pytest.mark.parametrize("encoding", [Encoding.VNI, Encoding.VISCII])
def test_table_knows_every_capital(encoding):
    assert text.convert_legacy(encode(LETTERS.upper(), encoding), encoding) == LETTERS.upper()


def test_tcvn3_font_ending_in_h_shows_capitals():
    assert text.convert_legacy("uû ban nh©n d©n", Encoding.TCVN3, font_name=".VnTimeH") == "UỶ BAN NHÂN DÂN"
    assert text.convert_legacy("uû ban", Encoding.TCVN3, font_name=".VnTime") == "uỷ ban"
    assert not text.is_capital_font("HPSimplifiedH")


def test_viscii_read_as_windows_1252_is_the_same():
    as_windows = "C\x8d".encode("latin-1").decode("latin-1") + "Ủy ban".replace("Ủ", b"\x9c".decode("cp1252"))

    assert text.convert_legacy(as_windows[2:], Encoding.VISCII) == "Ủy ban"


@pytest.mark.parametrize(
    ("shown", "font"),
    [(SENTENCE, None), (SENTENCE, ".VnTime"), ("plain 123", None), ("cà", None), ("Hà Nam", "Times New Roman"), ("", None),
     ("xã Yên Sơn", None), ("là cô và chú", None)],
)  # fmt: skip
def test_unicode_and_ascii_are_left_alone(shown, font):
    assert text.detect_legacy(shown, font) is None


@pytest.mark.parametrize(
    ("font", "encoding"), [(".VnTime", Encoding.TCVN3), (".VnArialH", Encoding.TCVN3), ("VNI-Times", Encoding.VNI)]
)
def test_font_decides_where_the_text_is_too_short(font, encoding):
    assert text.detect_legacy("µ", font) is encoding


@given(st.text(), st.sampled_from(Encoding))
def test_any_text_can_be_asked_about(anything, encoding):
    text.detect_legacy(anything)
    assert isinstance(text.convert_legacy(anything, encoding), str)
