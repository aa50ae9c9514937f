import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib.identity import syllables
from vnlib.identity.tests.damaged_cards import GIVENS, MIDDLES, SURNAMES


@pytest.mark.parametrize(
    "word", [*SURNAMES, *MIDDLES, *GIVENS, "nghiêng", "quốc", "giếng", "gì", "khuya", "xoong"[:0] or "Choóng"]
)
def test_vietnamese_words_are_syllables(word):
    assert syllables.is_syllable(word)


@pytest.mark.parametrize(
    "word", ["Nguyen", "Dat", "Quốk", "ngiêng", "kà", "cê", "Thxử", "Nguễn", "Vă", "Đât", "Foox", "Thịị", "hùýnh"]
)
def test_misspelt_words_are_none(word):
    assert not syllables.is_syllable(word)


@pytest.mark.parametrize("word", ["M'gar", "Ksơr", "đắk", "LẮK", "H'Drai", "Niê"])
def test_names_of_the_highlands_are_known(word):
    assert syllables.is_known_name(word)


@pytest.mark.parametrize(
    ("bare", "tone", "shown"),
    [
        ("hoa", syllables.GRAVE, "hòa"),
        ("thuy", syllables.HOOK, "thủy"),
        ("HOANG", syllables.GRAVE, "HOÀNG"),
        ("quy", syllables.ACUTE, "quý"),
        ("gia", syllables.GRAVE, "già"),
        ("mưa", syllables.ACUTE, "mứa"),
        ("thuơ", syllables.HOOK, "thuở"),
        ("khuyên", syllables.ACUTE, "khuyến"),
        ("gi", syllables.GRAVE, "gì"),
        ("ngoai", syllables.DOT, "ngoại"),
    ],
)
def test_tone_stands_where_the_laws_print_it(bare, tone, shown):
    assert syllables.with_tone(bare, tone) == shown


@given(st.text(max_size=40))
def test_any_word_may_be_asked(word):
    syllables.is_syllable(word)
    syllables.is_near_syllable(word)
    syllables.is_highland_word(word)
    syllables.with_tone(word, syllables.ACUTE)
