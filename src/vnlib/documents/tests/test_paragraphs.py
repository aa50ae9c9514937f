"""Word files of strangers read as their reader sees them."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnlib.documents.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, NotADocumentError
from vnlib.documents.paragraphs import TextTable, read_paragraphs
from vnlib.documents.tests.making import docx, level, numbering, p, run, table, tc


def texts(content: bytes) -> list[str]:
    return [
        f"{each.label} {each.text}".strip()
        for each in read_paragraphs(content).blocks
        if not isinstance(each, TextTable)
    ]


def test_numbers_that_word_makes_are_counted_as_word_counts():
    """Deeper levels start anew under each number; the text of a level may name the levels above it."""
    parts = {
        "word/numbering.xml": numbering(
            [
                level(0, "upperRoman", "%1."),
                level(1, "decimal", "%2."),
                level(2, "decimal", "%2.%3."),
                level(3, "lowerLetter", "%4)"),
            ]
        )
    }
    depths = [0, 1, 2, 2, 1, 2, 0, 1, 3, 3]
    content = docx(*(p("x", num=(1, depth)) for depth in depths), parts=parts)

    assert [each.removesuffix(" x") for each in texts(content)] == [
        "I.",
        "1.",
        "1.1.",
        "1.2.",
        "2.",
        "2.1.",
        "II.",
        "1.",
        "a)",
        "b)",
    ]


def test_two_lists_count_apart_and_a_bullet_is_a_dash_or_a_plus():
    parts = {
        "word/numbering.xml": numbering(
            [level(0, "decimal", "%1.", start=4)], [level(0, "bullet", "-"), level(1, "bullet", "+")]
        )
    }
    content = docx(
        p("a", num=(1, 0)), p("b", num=(2, 0)), p("c", num=(2, 1)), p("d", num=(1, 0)), p("e", num=(9, 0)), parts=parts
    )

    assert texts(content) == ["4. a", "- b", "+ c", "5. d", "e"]


def test_numbering_of_a_style_is_inherited_and_can_be_switched_off():
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>'
    )
    parts = {"word/numbering.xml": numbering([level(0, "decimal", "%1.")]), "word/styles.xml": styles}
    content = docx(p("một", style="B"), p("hai", style="A", num=(0, 0)), p("ba", style="A"), parts=parts)
    blocks = read_paragraphs(content).blocks

    assert texts(content) == ["1. một", "hai", "2. ba"]
    assert [each.outline for each in blocks] == [2, 2, 2]


def test_deleted_and_hidden_text_is_not_read_and_inserted_text_is():
    content = docx(
        p("giữ ", "<w:del><w:r><w:delText>xóa</w:delText></w:r></w:del>", "<w:ins>" + run("thêm") + "</w:ins>"),
        p(run("ẩn", more="<w:vanish/>"), "hiện"),
        "<w:moveFrom>" + run("chuyển đi") + "</w:moveFrom>",
    )

    assert texts(content) == ["giữ thêm", "hiện"]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next():
    content = docx("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("Sở ") + "</w:p>", p("Y tế"))

    assert texts(content) == ["Sở Y tế"]


def test_a_text_box_is_read_once_though_word_writes_it_twice():
    box = p("trong hộp")
    content = docx(
        "<w:p>" + run("ngoài") + '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent>' + box
        + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" + box + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )  # fmt: skip

    assert texts(content) == ["ngoài", "trong hộp"]


def test_merged_cells_tell_their_place():
    content = docx(table([tc("a", span=2), tc("b", merge="restart")], [tc("c"), tc("d"), tc(merge="continue")]))
    (block,) = read_paragraphs(content).blocks

    assert isinstance(block, TextTable)
    assert [[(each.column, each.span, each.text, each.continues) for each in row] for row in block.rows] == [
        [(0, 2, "a", False), (2, 1, "b", False)],
        [(0, 1, "c", False), (1, 1, "d", False), (2, 1, "", True)],
    ]
    assert block.is_ruled


def test_old_fonts_are_converted_run_by_run():
    content = docx(
        p(run("Së Y tÕ", font=".VnTime"), run(" và Sở Nội vụ", font="Times New Roman")),
        p(run("ñy ban", font=".VnTimeH")),
    )

    assert texts(content) == ["Sở Y tế và Sở Nội vụ", "ỦY BAN"]


def test_odd_blanks_and_letters_taken_apart_come_out_plain():
    assert texts(docx(p("Sơ\u0309\u00a0Y\u00adtế\u200b  x"))) == ["Sở Ytế x"]


def test_notes_stand_by_their_mark_and_headers_apart():
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="7"><w:p><w:r><w:t>lời chú</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/></Relationships>'
    )
    header = '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>đầu trang</w:t></w:r></w:p></w:hdr>'
    content = docx(
        p("chữ", '<w:r><w:footnoteReference w:id="7"/></w:r>'),
        parts={"word/footnotes.xml": notes, "word/_rels/document.xml.rels": rels, "word/header1.xml": header},
    )
    read = read_paragraphs(content)

    assert read.blocks[0].text == "chữ¹"
    assert dict(read.notes) == {"¹": "lời chú"}
    assert read.sides == ("đầu trang",)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * (210 * 1024**2))

    with pytest.raises(DocumentTooLargeError):
        read_paragraphs(buffer.getvalue())


def test_a_part_that_is_too_large_is_refused():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (41 * 1024**2))

    with pytest.raises(DocumentTooLargeError):
        read_paragraphs(buffer.getvalue())


def test_too_many_paragraphs_are_refused():
    with pytest.raises(DocumentTooLargeError):
        read_paragraphs(docx(p("x") * 20_001))


@pytest.mark.parametrize("depth", [100, 1000])
def test_nesting_without_end_is_refused(depth):
    content = docx("<w:tbl><w:tr><w:tc>" * depth + p("x") + "</w:tc></w:tr></w:tbl>" * depth)

    with pytest.raises(DamagedDocumentError):
        read_paragraphs(content)


def test_entities_are_refused():
    body = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>'
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", body)

    with pytest.raises(DamagedDocumentError):
        read_paragraphs(buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"hello", b"\xd0\xcf\x11\xe0"])
def test_other_files_are_refused(content):
    with pytest.raises(NotADocumentError):
        read_paragraphs(content)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_give_a_named_error_or_their_text(data):
    content = bytearray(docx(p("Sở Y tế"), table(["a", "b"], ["c", "d"])))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DocumentError):
        read_paragraphs(bytes(content))


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("<>/wpr:tbl c\"='1"), max_size=200))
def test_any_words_as_a_body_give_a_named_error_or_text(body):
    with suppress(DocumentError):
        read_paragraphs(docx(body))
