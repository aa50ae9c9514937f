import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib import text


@pytest.mark.parametrize(
    ("shown", "key"),
    [("Đồng  Sơn ", "dong son"), ("Thị xã Việt Yên", "thi xa viet yen"), ("HOẢ TỐC", "hoa toc"), ("đƯỜNG", "duong")],
)
def test_key_has_no_marks_no_capitals_and_single_blanks(shown, key):
    assert text.fold(shown) == key


@given(st.text())
def test_words_of_a_file_name_fit_every_file_system(shown):
    assert set(text.file_words(shown)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_words_of_a_file_name_stay_readable():
    assert text.file_words("Báo cáo của Công an tỉnh, số 12/BC") == "bao-cao-cua-cong-an-tinh-so-12-bc"


def test_typing_in_nfd_finds_the_same():
    """macOS sends letters and marks apart; both give one key."""
    name = "Nguyễn Thị Hiệp Hoà"
    apart = unicodedata.normalize("NFD", name)

    assert apart != name
    assert text.fold(apart) == text.fold(name)
    assert text.normalise(apart) == name


@pytest.mark.parametrize(
    ("late", "early"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("HOÀ", "HÒA"), ("Hoà Bình, xã Hoà.", "Hòa Bình, xã Hòa.")],
)
def test_two_tone_schools_become_one(late, early):
    assert text.unify_tone_placement(late) == early
    assert text.fold(late) == text.fold(early)


@pytest.mark.parametrize("word", ["hoàn", "quý", "Quỳnh", "toán", "thuyền", "oà1n", "khuỷu", "của", "hòa"])
def test_words_with_one_spelling_stay(word):
    expected = "òa1n" if word == "oà1n" else word

    assert text.unify_tone_placement(word) == expected


@given(st.text())
def test_folding_twice_changes_nothing(anything):
    assert text.fold(text.fold(anything)) == text.fold(anything)
