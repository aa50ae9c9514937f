from __future__ import annotations

import pytest

from diem06.plan.model import Clause, Correction, Paragraph, Span
from diem06.plan.text import Stretch, clause_corrections, clause_text, folded, occurrences, pieces, resolve

TEXT = "1. **Tên gọi:** Mô hình (*qua   Công an*) năm 2023¹; hết."


def paragraph(text: str = TEXT) -> Paragraph:
    return Paragraph(address="p001", style="para", text=text)


def test_folding_drops_marks_and_white_space_alone():
    assert folded(TEXT) == "1. Tên gọi: Mô hình (qua Công an) năm 2023; hết."


@pytest.mark.parametrize("words", ["Tên gọi: Mô hình", "qua Công an", "2023; hết."])
def test_words_are_found_across_marks_and_their_offsets_are_those_of_the_text(words):
    ((start, end),) = occurrences(TEXT, words)

    assert folded(TEXT[start:end]) == words
    assert TEXT[start] == words[0]
    assert TEXT[end - 1] == words[-1]


def test_a_span_reaches_from_its_first_words_to_its_last():
    stretch = resolve(Span(paragraph="p001", starts="Mô hình", ends="2023"), paragraph())

    assert stretch == Stretch("p001", TEXT.index("Mô hình"), TEXT.index("2023") + 4)


@pytest.mark.parametrize(
    "span", [Span(paragraph="p001", starts="vắng"), Span(paragraph="p001", starts="hết", ends="Tên")]
)
def test_a_span_whose_words_are_not_there_in_order_is_none(span):
    assert resolve(span, paragraph()) is None


def test_a_correction_is_located_in_each_place_of_its_own_clause_only():
    rows = {"p001": paragraph("Công Dịch vụ; Công Dịch vụ."), "p002": paragraph("Công Dịch vụ")}
    correction = Correction(wrong="Công Dịch", right="Cổng Dịch")
    clause = Clause(id="A.1", kind="target", quote="", spans=(Span(paragraph="p001"),), corrections=(correction,))

    located = clause_corrections(clause, rows)

    assert [(each.stretch.start, each.stretch.end) for each in located] == [(0, 9), (14, 23)]
    assert clause_text(clause, rows) == "Công Dịch vụ; Công Dịch vụ."


def test_the_pieces_of_every_paragraph_join_to_its_text_without_marks(bundle):
    cut = pieces(bundle)

    for row in bundle.paragraphs:
        without = "".join(each.text for each in cut[row.address] if not each.is_note_mark)
        assert folded(without) == folded(row.text), row.address


def test_pieces_carry_their_clauses_corrections_and_marks(bundle):
    """Directive B.2 stands inside the opening paragraph, with a slip and a note mark."""
    found = pieces(bundle)["p005"]

    assert [(each.text, each.correction.right) for each in found if each.correction] == [("UBQGCS", "UBQGCĐS")]
    assert [each.text for each in found if each.is_note_mark] == ["¹"]
    assert [each.clauses for each in found if each.clauses][:2] == [("B.1",), ("B.2",)]
    assert [each.text for each in pieces(bundle)["p011"] if each.is_bold] == ["Tên gọi:"]
    assert ("B.4", "O.2") in [each.clauses for each in pieces(bundle)["p067"] if each.is_italic]
