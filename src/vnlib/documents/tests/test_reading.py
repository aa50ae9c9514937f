import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnlib.documents import (
    DamagedDocumentError,
    DocumentError,
    DocumentTooLargeError,
    NotADocumentError,
    OfficialDocument,
    Tagged,
    TaggedBlock,
    read,
)
from vnlib.documents.sample import NARRATIVE, sample

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def changed(content, changes):
    """The file with some parts replaced (a function of the old text, or None to leave a part out)."""
    source = zipfile.ZipFile(io.BytesIO(content))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            change = changes.get(name, lambda text: text)
            if change is not None:
                archive.writestr(name, change(source.read(name).decode()))
    return target.getvalue()


def with_body(xml):
    return changed(
        OfficialDocument().to_bytes(),
        {"word/document.xml": lambda _: f"<w:document {W}><w:body>{xml}</w:body></w:document>"},
    )


def figure(text, *, properties='<w:tag w:val="a"/><w:id w:val="5"/>'):
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"


def cell(text):
    return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def test_every_control_written_is_read_with_tag_id_and_text(sample_bytes):
    found = read(sample_bytes)

    assert {control.short_id: control.tag for control in found.controls} == sample().tags
    assert all(control.tag == control.listed_tag == control.any_tag for control in found.controls)
    assert found.controls[0].text == NARRATIVE
    assert found.controls[2].text == "67,5%"
    assert dict(found.properties) == {"document": "sample", "period": "2023-07", "revision": "3"}


def test_text_holds_what_stands_in_controls_and_the_rest_does_not(sample_bytes):
    found = read(sample_bytes)

    assert "thực hiện đạt 67,5% (135/200 cơ sở), thấp hơn mục tiêu 100%." in found.text
    assert "thực hiện đạt  (/ cơ sở), thấp hơn mục tiêu ." in found.text_outside_controls
    assert "\n2\tSố thẻ đã cấp trong kỳ\t…\t1.234 thẻ\tĐạt\n" in found.text
    assert "%" not in found.text_outside_controls
    assert "Số liệu giả định" in found.side_text


def test_percent_outside_a_control_is_seen():
    document = OfficialDocument()
    document.paragraph("Đạt 67,5%, ", Tagged("a", 1, "1%"))

    assert read(document.to_bytes()).text_outside_controls.count("%") == 1


def test_path_is_read_too(sample_bytes, tmp_path):
    path = tmp_path / "báo cáo.docx"
    path.write_bytes(sample_bytes)

    assert read(path) == read(sample_bytes)


def test_dropped_tag_is_found_by_the_id(sample_bytes):
    """An editor that drops w:tag and w:alias but keeps w:id and the custom properties."""
    bare = changed(
        sample_bytes, {"word/document.xml": lambda xml: re.sub(r"<w:(tag|alias) w:val=\"[^\"]*\"/>", "", xml)}
    )
    found = read(bare)

    assert [control.tag for control in found.controls] == [None] * len(sample().tags)
    assert [control.any_tag for control in found.controls] == [control.tag for control in read(sample_bytes).controls]
    assert found.controls[0].text == NARRATIVE


def test_dropped_tag_and_renumbered_id_are_found_by_the_alias(sample_bytes):
    other = changed(
        sample_bytes,
        {"word/document.xml": lambda xml: re.sub(r"<w:tag w:val=\"[^\"]*\"/><w:id w:val=\"", '<w:id w:val="7', xml)},
    )

    assert [(control.any_tag, control.text) for control in read(other).controls] == [
        (control.tag, control.text) for control in read(sample_bytes).controls
    ]


def test_lost_properties_leave_the_tags(sample_bytes):
    found = read(changed(sample_bytes, {"docProps/custom.xml": None}))

    assert found.controls[2].tag == "xg:P1:24:-:2023-07:3#val"
    assert found.controls[2].listed_tag is None
    assert not found.properties


def test_hand_edited_figure_is_read_as_it_stands(sample_bytes):
    edited = changed(sample_bytes, {"word/document.xml": lambda xml: xml.replace(">67,5%<", ">76,5%<", 1)})

    assert read(edited).controls[2].text == "76,5%"


@pytest.mark.parametrize(
    ("xml", "text", "outside"),
    [
        # Word parts one word into runs as it likes.
        (f"<w:p>{figure('67</w:t></w:r><w:r><w:t>,5%')}</w:p>", "67,5%", ""),
        # Deleted and moved text under tracked changes is gone.
        ("<w:p><w:del><w:r><w:t>x</w:t></w:r></w:del><w:ins><w:r><w:t>y</w:t></w:r></w:ins></w:p>", "y", "y"),
        # A control around a paragraph, a row or a cell.
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>a</w:t></w:r></w:p></w:sdtContent></w:sdt>", "a", ""),
        (
            f"<w:tbl><w:tr><w:sdt><w:sdtContent>{cell('a')}</w:sdtContent></w:sdt>{cell('b')}</w:tr></w:tbl>",
            "a\tb",
            "b",
        ),
        # A control in a control.
        (f"<w:p><w:sdt><w:sdtContent>{figure('1')}</w:sdtContent></w:sdt></w:p>", "1", ""),
        ("<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:noBreakHyphen/></w:r><!-- c --></w:p>", "a\nb-", "a\nb-"),
        ("", "", ""),
    ],
)
def test_other_editors_xml(xml, text, outside):
    found = read(with_body(xml))

    assert (found.text, found.text_outside_controls) == (text, outside)


@pytest.mark.parametrize(
    ("properties", "tag", "short_id"),
    [
        ('<w:tag w:val="a"/><w:id w:val="-12"/>', "a", -12),
        ('<w:tag w:val=""/><w:id w:val="x"/>', None, None),
        ("", None, None),
        ('<w:alias w:val="Số hộ #12"/><w:id w:val="99"/>', None, 12),
    ],
)
def test_identity_of_a_control(properties, tag, short_id):
    control = read(with_body(f"<w:p>{figure('1', properties=properties)}</w:p>")).controls[0]

    assert (control.tag, control.short_id, control.text) == (tag, short_id, "1")


def test_placeholder_is_no_text():
    xml = figure("Bấm vào đây để nhập", properties='<w:tag w:val="a"/><w:showingPlcHdr/>')

    assert read(with_body(f"<w:p>{xml}</w:p>")).controls[0].text == ""


def test_copied_figure_is_two_controls_and_a_narrative_is_one():
    document = OfficialDocument()
    document.paragraph(Tagged("a", 1, "1"), " ", TaggedBlock("b", 2, "x\ny"))
    copied = changed(
        document.to_bytes(),
        {"word/document.xml": lambda xml: xml.replace("<w:sdt>", figure("1") + "<w:sdt>", 1)},
    )

    assert [control.text for control in read(copied).controls] == ["1", "1", "x\ny"]


def zipped(name, content):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", NotADocumentError, "không phải .docx"),
        (b"MZ\x90\x00" + b"\x00" * 200, NotADocumentError, "không phải .docx"),
        (b"%PDF-1.7", NotADocumentError, "không phải .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NotADocumentError, "mật khẩu"),
        (b"PK\x03\x04 cut off", DamagedDocumentError, "bị hỏng"),
        (zipped("xl/workbook.xml", "<workbook/>"), NotADocumentError, "không phải tài liệu Word"),
        (zipped("word/document.xml", "<a/>"), NotADocumentError, "không phải tài liệu Word"),
        (zipped("word/document.xml", "<a>"), DamagedDocumentError, "bị hỏng"),
        (zipped("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), DamagedDocumentError, "DOCTYPE"),
        (b"PK" + b"\x00" * (20 * 1024**2), DocumentTooLargeError, "20 MB"),
    ],
)
def test_what_is_no_document_is_named(content, error, message):
    with pytest.raises(error, match=message):
        read(content)


def test_zip_bomb_is_refused_before_it_is_unpacked(sample_bytes):
    bomb = io.BytesIO(sample_bytes)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/x", "w") as entry:
        for _ in range(201):
            entry.write(bytes(1024**2))

    assert len(bomb.getvalue()) < 1024**2
    with pytest.raises(DocumentTooLargeError, match="200 MB"):
        read(bomb.getvalue())


def test_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError):
        read(tmp_path / "none.docx")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused_and_never_break(sample_bytes, data):
    content = bytearray(sample_bytes)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))

    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            read(damaged)
        except DocumentError as error:
            message = str(error)
            assert message.endswith("."), message
