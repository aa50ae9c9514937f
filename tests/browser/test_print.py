"""What the pages of figures are on paper: A4 landscape, one or two pages, in light colours whatever the screen has."""

import shutil
import subprocess

import pytest

PAGES = [
    "/dashboard/?period=2023-08",
    "/indicators/P9/?period=2023-08",
    "/areas/?period=2023-08&indicator=P9&level=commune",
    "/areas/219/?period=2023-08",
    "/areas/compare/?a=219&b=213&period=2023-08",
    "/units/?period=2023-08",
    "/units/ubnd-tan-yen/?period=2023-08",
    "/dashboard/briefing/?period=2023-08",
]


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs pdfinfo (poppler-utils)")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_prints_on_one_or_two_sheets(page_at, sign_in, tmp_path, path):
    """Dark on the screen, it is white paper with dark ink in print, on at most two A4 pages in landscape."""
    page = page_at(1366, 768, dark=True)
    sign_in(page, "chu-tich")
    page.goto(path)
    file = tmp_path / "page.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)

    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    assert int(facts["Pages"]) in (1, 2)
    assert "841.92 x 594.96" in facts["Page size"]
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".nav-main").is_hidden()
    assert page.locator(".tools").is_hidden()


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs pdfinfo (poppler-utils)")
def test_a_report_prints_upright_and_its_annexes_across(page_at, sign_in, tmp_path):
    page = page_at(1366, 768)
    sign_in(page, "thuong-truc")
    page.goto("/reports/2023-08/police/")
    file = tmp_path / "report.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", "-l", "99", str(file)], capture_output=True, text=True, check=True).stdout
    sizes = [line.split(":", 1)[1].strip() for line in told.splitlines() if line.startswith("Page ") and "size" in line]
    assert sizes[0].startswith("594.96 x 841.92")
    assert sizes[-1].startswith("841.92 x 594.96")


def test_the_answer_stands_above_the_fold(page_at, sign_in):
    """On a desk: period, time of the data, who is late, what is missed and met end above 768 pixels."""
    page = page_at(1366, 768)
    sign_in(page, "chu-tich")
    page.goto("/dashboard/?period=2023-08")

    box = page.locator(".verdict").bounding_box()
    assert box["y"] + box["height"] < 768
    assert "số liệu lúc" in page.locator(".page-head .meta").inner_text()
    assert page.locator(".verdict .st-miss").count() >= 1


def test_a_map_is_walked_by_keyboard(page_at, sign_in):
    """The first key leads past the drawing; each area of it is a link that takes the focus and opens the area's page."""
    page = page_at(1366, 768)
    sign_in(page, "chu-tich")
    page.goto("/areas/?period=2023-08&indicator=P9")

    page.locator(".map-fig.wide .map-skip").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg') !== null")
    said = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/2*/**")
    assert page.locator("h1").inner_text() == said.split(":")[0]


def test_a_telephone_sees_squares_for_the_districts(page_at, sign_in):
    page = page_at(360, 740)
    sign_in(page, "chu-tich")
    page.goto("/areas/?period=2023-08&indicator=P9")

    assert page.locator(".map-grid").is_visible()
    assert page.locator(".map-fig.wide").is_hidden()
