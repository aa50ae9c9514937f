"""Every row of the decree's table that concerns a report, read back from the produced file by python-docx."""

import csv
import io
import re
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from vnlib.documents import form
from vnlib.documents.sample import SUBJECT

ROWS = {
    row["id"]: row
    for row in csv.DictReader(
        (Path(__file__).parent / "data" / "nd30_spec.csv").read_text(encoding="utf-8").splitlines()
    )
}

# The paragraph of the sample that shows the row, by its beginning.
TEXT_ROWS = {
    "QH": "CỘNG HÒA XÃ HỘI",
    "TN": "Độc lập - Tự do",
    "CQ_CQ": "ỦY BAN NHÂN DÂN",
    "CQ_BH": "CÔNG AN TỈNH",
    "SKH": "Số: 05/BC-CAT-PC06",
    "DD": "Xuân Giang, ngày 05 tháng 01 năm 2023",
    "TL": "BÁO CÁO",
    "TY": "Kết quả triển khai",
    "KG": "Kính gửi: Chủ tịch",
    "BODY": "Thực hiện Kế hoạch",
    "KHOAN": "Tỷ lệ cơ sở",
    "DIEM": "- Sở Y tế: ",
    "MUC_I": "I. CÔNG TÁC LÃNH ĐẠO",
    "KHOAN_T": "1. Mô hình khám",
    "QUYENHAN": "PHÓ GIÁM ĐỐC",
    "HOTEN": "Nguyễn Văn Ánh",
    "NN": "Nơi nhận:",
    "NN_L": "- Các sở, ban, ngành;",
    "PL": "Phụ lục I",
    "PL_T": "KẾT QUẢ CHỈ TIÊU",
    "PL_KT": "(Kèm theo Báo cáo",
}
PAGE_ROWS = {"PAGE", "MARGIN_T", "MARGIN_B", "MARGIN_L", "MARGIN_R", "FONT", "PAGENO", "PL_NO", "END"}
NOT_IN_A_REPORT = {
    "TY_CV": "công văn only",
    "CANCU": "a báo cáo opens with a sentence",
    "PHAN": "a báo cáo is parted by «I. …»",
    "PHAN_T": "as PHAN",
    "MUC": "as PHAN",
    "MUC_T": "as PHAN",
    "DIEU": "legal acts only",
    "CHUKY": "put in when the document is signed",
    "DAU": "put in when the document is sealed",
    "PL_SIG": "annexes are in the same file",
    "MAT": "stamped",
    "KHAN": "no urgency",
    "LH": "no limit of circulation",
    "KHST": "not asked of a báo cáo",
    "DCHI": "công văn and letters only",
}


@pytest.fixture(scope="module")
def document(sample_bytes):
    return docx.Document(io.BytesIO(sample_bytes))


def every_paragraph(document):
    return [Paragraph(element, document) for element in document.element.body.iter(qn("w:p"))]


def starting_with(document, text):
    found = [paragraph for paragraph in every_paragraph(document) if paragraph.text.startswith(text)]
    assert found, text
    return found[0]


def size_pt(paragraph):
    sizes = {run.font.size.pt for run in paragraph.runs if run.font.size}
    return sizes.pop() if sizes else document_style(paragraph).font.size.pt


def document_style(paragraph):
    return paragraph.part.document.styles[paragraph.style.name]


def test_every_row_is_asserted_or_has_a_reason():
    assert set(ROWS) == set(TEXT_ROWS) | PAGE_ROWS | set(NOT_IN_A_REPORT)


@pytest.mark.parametrize("row_id", TEXT_ROWS)
def test_size_weight_slope_case_and_alignment(document, row_id):
    row = ROWS[row_id]
    paragraph = starting_with(document, TEXT_ROWS[row_id])
    style = document_style(paragraph)

    assert float(row["size_pt_min"]) <= size_pt(paragraph) <= float(row["size_pt_max"])
    assert size_pt(paragraph) == float(row["example_pt"])
    assert bool(style.font.bold) is (row["bold"] == "yes")
    assert bool(style.font.italic) is (row["italic"] == "yes")
    assert all(run.font.bold is None for run in paragraph.runs)
    if row["case"] == "UPPER":
        assert paragraph.text == paragraph.text.upper()
    expected = {"center": "CENTER", "justify": "JUSTIFY", "left": "LEFT"}.get(
        row["align"].split()[0] if row["align"] else ""
    )
    if expected:
        assert style.paragraph_format.alignment.name == expected


def test_page_is_a4_and_margins_are_within_the_decree(document):
    """PAGE, MARGIN_*: in millimetres, never short of the lower bound, upright pages and lying ones."""
    bounds = {
        "top_margin": "MARGIN_T",
        "bottom_margin": "MARGIN_B",
        "left_margin": "MARGIN_L",
        "right_margin": "MARGIN_R",
    }
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]
    for section in document.sections:
        sides = sorted([section.page_width.mm, section.page_height.mm])
        assert sides == pytest.approx([210, 297], abs=0.1)
        for margin, row_id in bounds.items():
            low, high = map(int, ROWS[row_id]["rule"].removesuffix(" mm").split("-"))
            assert low <= getattr(section, margin).mm <= high + 0.02


def test_font_is_times_new_roman_in_black_for_every_script(document):
    """FONT: set once for all scripts, and nothing below sets another."""
    fonts = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:rFonts')}")
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    assert len(list(document.styles.element.iter(qn("w:rFonts")))) == 1
    assert not list(document.element.body.iter(qn("w:rFonts"), qn("w:color")))
    grey = {"Dòng đánh dấu"}
    for style in document.styles:
        color = style.element.find(f".//{qn('w:color')}")
        assert color is None or (color.get(qn("w:val")) == "000000") is (style.name not in grey)


def test_page_number_stands_in_the_top_margin_from_page_two(document):
    """PAGENO, PL_NO: arabic, centred, 13 to 14 pt, counted anew in each annex."""
    for section in document.sections:
        numbering = section._sectPr.find(qn("w:pgNumType"))
        paragraph = section.header.paragraphs[0]
        assert section.different_first_page_header_footer
        assert "PAGE" not in section.first_page_header._element.xml.replace("w:titlePg", "")
        assert "PAGE" in paragraph._element.xml
        assert (numbering.get(qn("w:start")), numbering.get(qn("w:fmt"))) == ("1", "decimal")
        style = document.styles["Số trang"]
        assert float(ROWS["PL_NO"]["size_pt_min"]) <= style.font.size.pt <= float(ROWS["PL_NO"]["size_pt_max"])
        assert style.font.size.pt == float(ROWS["PAGENO"]["example_pt"])
        assert style.paragraph_format.alignment.name == "CENTER"
        # The middle of the line of the number lies near the middle of the margin.
        middle_mm = section.header_distance.mm + 14 * 1.15 * 25.4 / 72 / 2
        assert middle_mm == pytest.approx(section.top_margin.mm / 2, abs=1.5)


def test_body_is_indented_spaced_and_led(document):
    """BODY: first line 10 or 12.7 mm, 6 pt or more between paragraphs, single to 1.5 lines."""
    for name in ("Nội dung", "Heading 1", "Heading 2"):
        spacing = document.styles[name].paragraph_format
        assert spacing.first_line_indent.mm == pytest.approx(12.7, abs=0.02)
        assert spacing.space_after.pt >= 6
        assert 1 <= spacing.line_spacing <= 1.5


def test_lines_of_the_head_are_single_spaced(document):
    """QH, TN, CQ_CQ, CQ_BH."""
    for name in ("Quốc hiệu", "Tiêu ngữ", "Tên cơ quan chủ quản", "Tên cơ quan ban hành"):
        spacing = document.styles[name].paragraph_format
        assert (spacing.line_spacing, spacing.space_before.pt, spacing.space_after.pt) == (1.0, 0, 0)


def rule_after(document, text, width_mm):
    """Length in mm of the drawn line right below a paragraph."""
    below = starting_with(document, text)._element.getnext()
    top = below.find(f"{qn('w:pPr')}/{qn('w:pBdr')}/{qn('w:top')}")
    indent = below.find(f"{qn('w:pPr')}/{qn('w:ind')}")
    assert top.get(qn("w:val")) == "single"
    assert indent.get(qn("w:left")) == indent.get(qn("w:right"))
    return width_mm - 2 * int(indent.get(qn("w:left"))) * 25.4 / 1440


def test_rule_below_the_motto_is_as_long_as_it(document):
    """TN. 56.1 mm: the motto in 13 pt bold, measured once in LibreOffice's PDF."""
    assert rule_after(document, TEXT_ROWS["TN"], form.HEAD_RIGHT_MM) == pytest.approx(56.1, abs=0.5)


@pytest.mark.parametrize(
    ("row_id", "size", "width_mm"), [("CQ_BH", 12, form.HEAD_LEFT_MM), ("TY", 14, form.PORTRAIT_TEXT_MM)]
)
def test_rule_below_agency_and_subject_is_a_third_to_a_half_of_the_text(document, row_id, size, width_mm):
    paragraph = starting_with(document, TEXT_ROWS[row_id])
    longest_mm = max(form.text_width_mm(line, size, bold=True) for line in paragraph.text.split("\n"))

    assert longest_mm / 3 <= rule_after(document, TEXT_ROWS[row_id], width_mm) <= longest_mm / 2


def test_subject_keeps_its_words_and_breaks_no_number_off(document):
    shown = starting_with(document, TEXT_ROWS["TY"]).text

    assert shown.replace("\n", " ") == SUBJECT
    assert len(shown.split("\n")) == 2
    assert not re.search(r"\n\d", shown)


def test_number_and_date_stand_on_one_line_right_of_it(document):
    """SKH, DD."""
    head = document.tables[0]

    assert [cell.text for cell in head.rows[1].cells] == [TEXT_ROWS["SKH"], TEXT_ROWS["DD"]]
    assert "CỘNG HÒA" in head.rows[0].cells[1].text
    assert not list(head._element.iter(qn("w:tblBorders")))


def test_signer_stands_right_of_the_recipients_on_their_level(document):
    """NN, NN_L, QUYENHAN, HOTEN."""
    left, right = next(table for table in document.tables if "Nơi nhận" in table.rows[0].cells[0].text).rows[0].cells

    assert [paragraph.text for paragraph in left.paragraphs] == [
        "Nơi nhận:",
        "- Chủ tịch, các PCT UBND tỉnh;",
        "- Các sở, ban, ngành;",
        "- UBND các huyện, thành phố;",
        "- Lưu: VT, PC06.",
    ]
    assert [paragraph.text for paragraph in right.paragraphs] == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Nguyễn Văn Ánh"]


def test_text_ends_with_the_closing_mark(document):
    """END."""
    assert starting_with(document, "Trên đây").text.endswith("tháng 7 năm 2023./.")


def test_table_repeats_its_header_has_borders_and_fits_the_text(document):
    widths = {0: form.PORTRAIT_TEXT_MM, 1: form.PORTRAIT_TEXT_MM, 2: form.LANDSCAPE_TEXT_MM}
    tables = [table for table in document.tables if list(table._element.iter(qn("w:tblBorders")))]
    assert len(tables) == len(widths)
    for number, table in enumerate(tables):
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert sum(column.width.mm for column in table.columns) == pytest.approx(widths[number], abs=0.2)
        sizes = {size_pt(paragraph) for cell in table.rows[1].cells for paragraph in cell.paragraphs}
        assert all(11 <= size <= 13 for size in sizes)


def test_made_up_data_is_marked_on_top_of_every_page(document):
    marker = "Số liệu giả định, không phải báo cáo thật"

    assert every_paragraph(document)[0].text == marker
    for number, section in enumerate(document.sections):
        assert marker in [paragraph.text for paragraph in section.header.paragraphs]
        # Page 1 of the main text has it above the head.
        assert (marker in section.first_page_header.paragraphs[0].text) is (number > 0)
