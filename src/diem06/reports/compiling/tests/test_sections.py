from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diem06.reports.compiling.screen import difference
from diem06.reports.compiling.sections import (
    Choice,
    Passage,
    Said,
    Section,
    SectionKey,
    Token,
    Written,
    passages,
    pieces,
)
from diem06.reports.models import Heading, Use


def said(narrative: int, text: str = "", unit: str = "") -> Said:
    return Said(
        narrative=narrative,
        version=1,
        unit=unit or f"u{narrative}",
        heading=Heading.GOOD,
        text=text or f"Lời {narrative}.",
        is_approved=True,
    )


def told(found: tuple[Passage, ...]) -> list[tuple[str, ...]]:
    return [tuple(each.unit for each in passage.all) for passage in found]


def test_without_a_choice_each_text_stands_and_the_same_words_stand_once():
    assert told(passages([said(1, "Như nhau."), said(2), said(3, "Như  nhau.")], {})) == [("u1", "u3"), ("u2",)]


def test_a_text_that_was_left_out_is_gone():
    assert told(passages([said(1), said(2)], {1: Choice(use=Use.LEFT_OUT)})) == [("u2",)]


def test_a_folded_text_stands_with_the_other_which_names_its_unit():
    assert told(passages([said(1), said(2), said(3)], {3: Choice(use=Use.FOLDED, into=1)})) == [("u1", "u3"), ("u2",)]


def test_a_text_that_was_folded_into_what_is_not_here_stands_for_itself():
    """Its leader was left out, or its unit wrote anew: nothing gets lost."""
    gone = {1: Choice(use=Use.LEFT_OUT), 2: Choice(use=Use.FOLDED, into=1), 3: Choice(use=Use.FOLDED, into=99)}
    assert told(passages([said(1), said(2), said(3)], gone)) == [("u2",), ("u3",)]


@given(
    st.dictionaries(
        st.integers(1, 6),
        st.one_of(
            st.just(Choice(use=Use.OWN)),
            st.just(Choice(use=Use.LEFT_OUT)),
            st.integers(1, 7).map(lambda into: Choice(use=Use.FOLDED, into=into)),
        ),
    )
)
def test_whatever_is_chosen_every_text_that_was_not_left_out_stands_once(choices: dict[int, Choice]):
    """Circles and chains of folds too."""
    texts = [said(number, "Giống." if number < 3 else "") for number in range(1, 7)]
    standing = sorted(each.narrative for passage in passages(texts, choices) for each in passage.all)
    left_out = {number for number, choice in choices.items() if choice.use is Use.LEFT_OUT}
    assert standing == [number for number in range(1, 7) if number not in left_out]


def test_what_a_unit_wrote_after_the_office_is_known():
    key = SectionKey(heading=Heading.GOOD)
    written = Written(text="Viết lại.", version=1, sources=(1,))
    section = Section(key=key, said=(said(1), said(2)), passages=(), written=written)
    assert [each.narrative for each in section.changed_since] == [2]
    dropped = Written(text="", version=2, sources=(1,))
    assert Section(key=key, said=(said(2),), passages=(), written=dropped).changed_since == ()


def test_figures_in_a_text_are_found_by_their_braces():
    assert pieces("Đạt {P9} ({M3.2:num} hồ sơ), {x y} còn.") == [
        "Đạt ",
        Token(code="P9", part="val"),
        " (",
        Token(code="M3.2", part="num"),
        " hồ sơ), {x y} còn.",
    ]


@given(st.text(alphabet="ab{}:P9 num", max_size=30))
def test_no_word_is_lost_between_the_figures(text: str):
    def written(piece: str | Token) -> str:
        return piece if isinstance(piece, str) else f"{{{piece.code}:{piece.part}}}"

    assert pieces("".join(map(written, pieces(text)))) == pieces(text)
    assert "".join(piece for piece in pieces(text) if isinstance(piece, str)) in text or any(
        isinstance(piece, Token) for piece in pieces(text)
    )


def test_two_texts_are_set_against_each_other_word_by_word():
    found = [(piece.kind, piece.text) for piece in difference("Đã lắp 3 máy", "Đã lắp 5 máy mới")]
    assert found == [("same", "Đã lắp"), ("gone", "3"), ("new", "5"), ("same", "máy"), ("new", "mới")]
