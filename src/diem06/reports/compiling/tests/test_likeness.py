from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diem06.reports.compiling.likeness import alike, likeness

OLD = "Thiết bị tại một số điểm hướng dẫn đã cũ, đường truyền chập chờn vào giờ cao điểm."
NEAR = "Thiết bị ở một số điểm hướng dẫn đã cũ; đường truyền chập chờn giờ cao điểm"
OTHER = "Kinh phí mua sắm thiết bị chưa được bố trí đủ trong năm."
TEXTS = st.lists(st.sampled_from(["thiết", "bị", "cũ", "hoà", "hòa", "điểm", "Đường", "truyền"]), max_size=12).map(
    " ".join
)


def test_marks_case_and_tone_placement_make_no_difference():
    assert likeness("Hoà giải ở cơ sở.", "HÒA GIẢI ở cơ sở") == 1


def test_the_same_complaint_in_other_words_is_proposed_and_another_one_is_not():
    assert alike([OTHER, NEAR, OLD]) == [(2, 1)]


def test_a_chain_of_small_differences_makes_no_group():
    """Each sentence is like the next, the first not like the last: they are set against the first of the group alone."""
    words = [f"w{number}" for number in range(30)]
    texts = [" ".join(words[start : start + 10]) for start in range(0, 16, 2)]
    assert all(likeness(texts[0], texts[member]) >= 0.75 for group in alike(texts) if group[0] == 0 for member in group)
    assert likeness(texts[0], texts[-1]) == 0
    assert not any({0, len(texts) - 1} <= set(group) for group in alike(texts))


def test_empty_texts_are_no_group():
    assert alike(["", " ", "."]) == []


@given(TEXTS, TEXTS)
def test_likeness_has_no_side_and_lies_between_0_and_1(one: str, other: str):
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(st.lists(TEXTS, max_size=8))
def test_every_text_stands_in_one_group_at_most(texts: list[str]):
    places = [place for group in alike(texts) for place in group]
    assert len(places) == len(set(places))
    assert all(len(group) > 1 for group in alike(texts))
