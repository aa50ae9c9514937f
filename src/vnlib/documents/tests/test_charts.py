"""Charts in a Word file: their parts, their numbers twice, what is said in their place, and what LibreOffice draws of them."""

import io
import subprocess
import zipfile

import pytest
from lxml import etree
from openpyxl import load_workbook

from vnlib.documents import Chart, Head, OfficialDocument, Series, read
from vnlib.documents.names import CHART, WORD_DRAWING

COLUMNS = Chart(
    "column",
    "Biểu đồ 1. Tỷ lệ đạt so với mục tiêu",
    "Biểu đồ cột: 1/2 chỉ tiêu đạt.",
    ["Tân Yên", "Yên Thế", "Sơn Động"],
    [Series("Kết quả", [0.641, None, 0.8]), Series("Mục tiêu", [0.5, 1, 1], is_line=True)],
    largest=1.0,
)
LINE = Chart("line", "Biểu đồ 2. Diễn biến", "Biểu đồ đường.", ["7/2023", "8/2023"], [Series("P1", [0.5, 0.641])])


@pytest.fixture(scope="module")
def content() -> bytes:
    document = OfficialDocument()
    document.paragraph("Trước biểu đồ.")
    document.chart(COLUMNS)
    document.annex("BIỂU ĐỒ", landscape=True).chart(LINE)
    return document.to_bytes()


def test_each_chart_is_a_part_with_its_workbook(content):
    """Both are typed and related; the same document gives the same bytes."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = set(archive.namelist())
    types = archive.read("[Content_Types].xml").decode()
    for number in (1, 2):
        assert {f"word/charts/chart{number}.xml", f"word/embeddings/chart{number}.xlsx"} <= names
        assert f"/word/charts/chart{number}.xml" in types
        relations = archive.read(f"word/charts/_rels/chart{number}.xml.rels").decode()
        assert f"../embeddings/chart{number}.xlsx" in relations
    assert "spreadsheetml.sheet" in types
    again = OfficialDocument()
    again.chart(COLUMNS)
    assert again.to_bytes() == again.to_bytes()


def test_the_numbers_drawn_are_those_of_the_workbook_and_none_is_nought(content):
    """A gap stays a gap in both."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    sheet = load_workbook(io.BytesIO(archive.read("word/embeddings/chart1.xlsx"))).active
    assert list(sheet.iter_rows(values_only=True)) == [
        (None, "Kết quả", "Mục tiêu"),
        ("Tân Yên", 0.641, 0.5),
        ("Yên Thế", None, 1),
        ("Sơn Động", 0.8, 1),
    ]
    chart = etree.fromstring(archive.read("word/charts/chart1.xml"))
    drawn = [
        {point.get("idx"): point.findtext(f"{{{CHART}}}v") for point in cache.iter(f"{{{CHART}}}pt")}
        for cache in chart.iter(f"{{{CHART}}}numCache")
    ]
    assert drawn == [{"0": "0.641", "2": "0.8"}, {"0": "0.5", "1": "1", "2": "1"}]
    assert chart.find(f".//{{{CHART}}}lineChart") is not None


def test_what_is_said_in_place_of_a_chart_and_its_title_are_there(content):
    """The title is text of the document; the chart's own words are not."""
    body = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))
    said = [each.get("descr") for each in body.iter(f"{{{WORD_DRAWING}}}docPr")]
    assert said == ["Biểu đồ cột: 1/2 chỉ tiêu đạt.", "Biểu đồ đường."]
    text = read(content).text
    assert "Biểu đồ 1. Tỷ lệ đạt so với mục tiêu" in text
    assert "%" not in text


def test_libreoffice_draws_the_chart_in_the_font_of_the_decree(office, content):
    """Its Vietnamese labels and numbers as Vietnam writes them stand on the drawn page."""
    pdf = office(content, "pdf")
    text = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout
    for words in ("Tân Yên", "Sơn Động", "Mục tiêu", "64,1%", "7/2023"):
        assert words in text, words
    fonts = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert all("LiberationSerif" in line or "TimesNewRoman" in line for line in fonts), fonts


@pytest.mark.parametrize("series", [[], [Series("a", [1])], [Series(str(n), [1, 2]) for n in range(21)]])
def test_a_chart_that_cannot_be_drawn_is_refused(series):
    with pytest.raises(ValueError, match=r"series|categories"):
        Chart("line", "t", "a", ["7", "8"], series)


def test_a_letter_has_its_subject_under_its_number():
    """Nghị định 30: V/v in 12 pt, no name of its kind."""
    head = Head(
        "BỘ CÔNG AN", "CÔNG AN TỈNH", "…/CAT-PC06", "Bắc Giang", "ngày … tháng 7 năm 2023", about="đôn đốc báo cáo"
    )
    document = OfficialDocument(head=head, addressees=["Sở Y tế"])
    archive = zipfile.ZipFile(io.BytesIO(document.to_bytes()))
    xml = archive.read("word/document.xml").decode()
    assert xml.index("Số: …/CAT-PC06") < xml.index("V/v đôn đốc báo cáo") < xml.index("Kính gửi: Sở Y tế.")
    assert 'w:val="TenLoai"' not in xml
    styles = archive.read("word/styles.xml").decode()
    style = styles[styles.index('w:styleId="TrichYeuCongVan"') :].split("</w:style>")[0]
    assert 'w:sz w:val="24"' in style
    assert "<w:b/>" not in style
