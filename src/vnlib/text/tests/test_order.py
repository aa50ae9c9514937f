import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnlib import text


def shuffled(words):
    return random.Random(6).sample(words, len(words))


@pytest.mark.parametrize(
    "in_order",
    [
        # As PostgreSQL orders them by its collation "vi-x-icu".
        [
            "a",
            "A",
            "à",
            "ả",
            "ã",
            "á",
            "ạ",
            "ă",
            "ằ",
            "ắ",
            "â",
            "ấ",
            "b",
            "c",
            "d",
            "đ",
            "e",
            "ê",
            "o",
            "ô",
            "ơ",
            "u",
            "ư",
        ],
        ["An Bình", "Anh Chi", "ánh Dương", "Ăn", "Ân"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "mạc", "mai", "mang"],
        ["xã 2", "xã a", "xã ba"],
        ["Lạng Giang", "Lục Nam", "Lục Ngạn"],
        ["da", "dạ", "đa", "đá"],
        ["hòa an", "hoa bình"],
    ],
)
def test_dictionary_order(in_order):
    assert sorted(shuffled(in_order), key=text.sort_key) == in_order


def test_people_are_listed_by_given_name_then_surname_then_middle():
    in_order = ["Lê Văn An", "Nguyễn Thị An", "Nguyễn Văn An", "Bùi Ánh", "Trần Bình", "NGUYỄN VĂN ĐẠT", "Vũ Hà"]

    assert sorted(shuffled(in_order), key=text.name_sort_key) == in_order


def test_icelandic_eth_is_taken_for_the_letter_it_looks_like():
    """Old lists hold Ð (U+00D0) for Đ (U+0110)."""
    assert text.sort_key("Ðinh") == text.sort_key("Đinh")
    assert text.fold("Ðinh") == "dinh"


def test_one_name_and_no_name_have_keys():
    assert text.name_sort_key("") < text.name_sort_key("An") < text.name_sort_key("Lê An")


@given(st.text())
def test_key_is_small_ascii_so_that_every_database_sorts_it_alike(anything):
    key = text.sort_key(anything)

    assert key.isascii()
    assert key.isalnum()
    assert key == key.lower()


@given(st.text(alphabet="aăâdđe ạáà", min_size=1), st.text(alphabet="aăâdđe ạáà", min_size=1))
def test_prefix_comes_first(first, more):
    assert text.sort_key(first) < text.sort_key(first + more)
