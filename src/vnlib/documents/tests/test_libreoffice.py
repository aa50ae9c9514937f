"""What LibreOffice makes of a document: the pages it draws, and what it leaves of our controls."""

import re
import subprocess

import pytest

from vnlib.documents import read
from vnlib.documents.sample import NARRATIVE

POINTS_PER_MM = 72 / 25.4


@pytest.fixture(scope="module")
def pdf(office, sample_bytes):
    return office(sample_bytes, "pdf")


@pytest.fixture(scope="module")
def pages(pdf):
    """The words of each page with their place: (text, left, top, right, bottom) in mm."""
    page_xml = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True, text=True).stdout
    word = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
    return [
        [(found[5], *(float(found[side]) / POINTS_PER_MM for side in range(1, 5))) for found in word.finditer(page)]
        for page in page_xml.split("<page ")[1:]
    ]


def test_pages_are_a4_and_only_times_new_roman_is_used(pdf):
    """Liberation Serif stands in for it where it is not installed; any other font is a hole in ours."""
    info = subprocess.run(["pdfinfo", "-l", "9", pdf], check=True, capture_output=True, text=True).stdout
    sizes = {tuple(sorted(map(float, pair))) for pair in re.findall(r"size: +([\d.]+) x ([\d.]+)", info)}
    assert {(round(low), round(high)) for low, high in sizes} == {(595, 842)}

    fonts = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert fonts
    assert all(re.match(r"[A-Z]{6}\+(LiberationSerif|TimesNewRoman)", line) for line in fonts), fonts


def test_page_numbers_are_centred_in_the_top_margin_and_start_anew_in_annexes(pages):
    numbers = []
    for words in pages:
        in_margin = [word for word in words if word[4] <= 20 and word[0].isdigit()]
        numbers.append([word[0] for word in in_margin])
        for _, left, top, right, _ in in_margin:
            assert (left + right) / 2 == pytest.approx(30 + 165 / 2, abs=1)
            assert top > 5

    # Main text of two pages, an annex of two, one of one: none on a first page.
    assert numbers == [[], ["2"], [], ["2"], []]


def test_nothing_is_drawn_outside_the_margins(pages):
    for words in pages:
        assert min(word[1] for word in words) >= 29.9
        assert max(word[4] for word in words) <= (210 if words is pages[4] else 297) - 20
        assert max(word[3] for word in words) <= (297 if words is pages[4] else 210) - 15 + 0.5


def test_our_measure_of_a_line_is_that_of_the_drawn_page(pages):
    """The rules under motto, agency and subject rest on it."""
    from vnlib.documents import form

    motto = [word for word in pages[0] if word[0] in {"Độc", "phúc"}]
    drawn_mm = motto[1][3] - motto[0][1]

    assert form.text_width_mm(form.TIEU_NGU, 13, bold=True) == pytest.approx(drawn_mm, abs=0.5)


def test_saving_in_libreoffice_drops_tags_and_the_reader_still_knows_every_figure(office, sample_bytes):
    before = read(sample_bytes)
    after = read(office(sample_bytes, "docx"))

    assert [control.tag for control in after.controls] == [None] * len(before.controls)
    assert [(control.any_tag, control.short_id, control.text) for control in after.controls] == [
        (control.tag, control.short_id, control.text) for control in before.controls
    ]
    assert after.controls[0].text == NARRATIVE
    assert after.properties == before.properties
    assert after.listed_tags == before.listed_tags
    assert "%" not in after.text_outside_controls
