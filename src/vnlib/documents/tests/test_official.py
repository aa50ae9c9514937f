import io
import zipfile

import docx
import pytest

from vnlib.documents import (
    Bold,
    Column,
    ControlError,
    GroupRow,
    Head,
    OfficialDocument,
    Signer,
    Table,
    Tagged,
    TaggedBlock,
    number_and_symbol,
    read,
)
from vnlib.documents.sample import sample


def control_text(run):
    document = OfficialDocument()
    document.paragraph(run)
    return read(document.to_bytes()).controls[0].text


def test_same_content_gives_the_same_bytes():
    assert sample().to_bytes() == sample().to_bytes()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tagged("x" * 65, 1, "1"),
        lambda: Tagged("", 1, "1"),
        lambda: Tagged("a", 0, "1"),
        lambda: Tagged("a", 10**9, "1"),
        lambda: TaggedBlock("x" * 65, 1, "1"),
        lambda: OfficialDocument(properties={"d06.1": "x"}),
        lambda: OfficialDocument(properties={"plan": "x" * 256}),
    ],
)
def test_what_word_would_cut_or_renumber_is_refused(make):
    with pytest.raises(ControlError):
        make()


def test_longest_tag_is_kept_whole():
    document = OfficialDocument()
    document.paragraph(Tagged("x" * 64, 999_999_999, "67,5%"))

    control = read(document.to_bytes()).controls[0]
    assert (control.tag, control.listed_tag, control.short_id) == ("x" * 64, "x" * 64, 999_999_999)


def test_one_id_cannot_stand_twice_in_a_document_or_its_annexes():
    document = OfficialDocument()
    document.paragraph(Tagged("a", 7, "1"))
    annex = document.annex("Phụ lục")

    with pytest.raises(ControlError, match="7"):
        annex.table(Table([Column("A", 1)], [[Tagged("b", 7, "2")]]))
    with pytest.raises(ControlError, match="7"):
        annex.table(Table([Column("A", 1)], [GroupRow([Tagged("b", 7, "2")])]))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\n\n  b \r\nc", "a\nb\nc"),
        ("một\x0bhai\x00\x1b", "một\nhai"),
        ("Hoa\u0300", "Hoà"),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("", ""),
        ("a\tb", "a b"),
    ],
)
def test_narrative_is_read_back_as_written(text, written):
    block = TaggedBlock("t", 1, text)

    assert block.written_text == written
    assert control_text(block) == written


def test_figure_stays_on_one_line():
    assert control_text(Tagged("t", 1, " 1.234\n567 ")) == "1.234 567"


def test_a_line_that_leads_on_stays_with_the_next():
    document = OfficialDocument()
    document.paragraph("Việc đã làm trong kỳ:")
    document.paragraph("Kiểm tra cơ sở: đã xong.")

    kept = [each.paragraph_format.keep_with_next for each in docx.Document(io.BytesIO(document.to_bytes())).paragraphs]
    assert kept[:2] == [True, None]


def test_lines_of_a_narrative_are_paragraphs_of_their_own():
    document = OfficialDocument()
    document.paragraph("- Sở Y tế: ", TaggedBlock("a", 1, "một\nhai"), " (hết)")
    document.paragraph(TaggedBlock("b", 2, "ba"))

    found = read(document.to_bytes())
    assert found.text == "- Sở Y tế: một\nhai (hết)\nba"
    assert [(control.tag, control.text) for control in found.controls] == [("a", "một\nhai"), ("b", "ba")]
    assert found.text_outside_controls == "- Sở Y tế: \n (hết)"


def test_ids_of_word_are_unique_whatever_the_narratives_hold():
    document = OfficialDocument()
    for short_id in (1, 2, 1001, 500_000):
        document.paragraph(TaggedBlock(f"t{short_id}", short_id, "a\nb\nc"))

    xml = zipfile.ZipFile(io.BytesIO(document.to_bytes())).read("word/document.xml").decode()
    ids = [part.split('"')[1] for part in xml.split("<w:id w:val=")[1:]]
    assert len(ids) == len(set(ids)) == 12
    assert max(map(int, ids)) < 2**31


def test_only_one_annex_has_no_numeral():
    document = OfficialDocument()
    document.annex("Chỉ tiêu").paragraph("x")
    assert "Phụ lục\nCHỈ TIÊU" in read(document.to_bytes()).text

    document.annex("Nhiệm vụ").paragraph("y")
    text = read(document.to_bytes()).text
    assert "Phụ lục I\nCHỈ TIÊU" in text
    assert "Phụ lục II\nNHIỆM VỤ" in text


def test_several_addressees_are_listed():
    document = OfficialDocument(addressees=("Bộ Công an", "Văn phòng Chính phủ."))

    assert read(document.to_bytes()).text == "Kính gửi:\n- Bộ Công an;\n- Văn phòng Chính phủ."


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (("Trên đây là báo cáo.",), "Trên đây là báo cáo./."),
        (("Trên đây là báo cáo./.",), "Trên đây là báo cáo./."),
        ((Bold("Hết"),), "Hết./."),
    ],
)
def test_closing_mark_takes_the_place_of_the_full_stop(runs, text):
    document = OfficialDocument()
    document.close(*runs)

    assert read(document.to_bytes()).text == text


def test_number_not_given_is_left_to_the_clerk():
    assert number_and_symbol(None, "BC-UBND") == "…/BC-UBND"
    assert number_and_symbol(5, "BC-UBND") == "05/BC-UBND"
    assert number_and_symbol(123, "BC-UBND") == "123/BC-UBND"


def test_table_refuses_rows_of_other_lengths_and_sizes_out_of_the_decree():
    with pytest.raises(ValueError, match="row 1 has 2 cells for 1 columns"):
        Table([Column("A", 1)], [["a", "b"]])
    with pytest.raises(ValueError, match="11 to 13"):
        Table([Column("A", 1)], [], size_pt=10)


def test_agency_without_superior_and_words_too_long_for_a_line_do_not_break_the_head():
    document = OfficialDocument(
        head=Head("", "Ủy" + "x" * 200, "…/BC", "Xuân Giang", "ngày … tháng … năm 2023"),
        kind="Báo cáo",
        subject="x" * 300,
    )
    document.sign(Signer(("Chủ tịch",), ""), ("Lưu: VT",))

    assert "Số: …/BC" in read(document.to_bytes()).text
    assert docx.Document(io.BytesIO(document.to_bytes())).tables
