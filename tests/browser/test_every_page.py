"""
Every page of `access.csv`, for the first role of the table that may open it: on a desk, on a telephone, in both languages.

A page that is added to the table is looked at here without a further line.
"""

import csv
from pathlib import Path

import pytest

TABLE = Path(__file__).parent.parent / "access.csv"
# The demo's person of each role.
PEOPLE = {
    "nobody": None,
    "chairman_office": "chu-tich",
    "standing_office": "thuong-truc",
    "lead_unit": "chu-tri",
    "auditor": "giam-sat",
    "administrator": "quan-tri",
    "unit_head": "ld-tan-yen",
    "unit_reporter": "bc-tan-yen",
}
SCREENS = {"desk": (1366, 768), "telephone": (360, 740)}
VIEWS = [("desk", "vi"), ("desk", "en"), ("telephone", "vi"), ("telephone", "en")]
# Pages that are there only for who has recovery codes, a job or a notice; the demo's people have none.
MISSING = [
    "404 .*/mfa/recovery/",
    "404 .*/(jobs|notices)/0",
    "404 .*/(ad-hoc/tinh|word)/1/",
    "404 .*/reports/documents/0",
    "404 .*/anomalies/.*/1/",
    "404 .*/devices/enrol/0",
    "404 .*/nation/2023-07/24/",
]
# No pages: files, and the answer to a proxy that asks whether the server lives.
FILES = (".json", ".txt", ".xlsx", ".docx", ".png", ".svg", ".js", ".webmanifest", "/download/", "/health/")

# Heads that only a screen reader reads are one pixel wide.
CELLS_THAT_RUN_OVER = """
[...document.querySelectorAll("td, th")]
    .filter(cell => cell.offsetParent && cell.scrollWidth > cell.clientWidth + 2 && cell.clientWidth > 0)
    .filter(cell => cell.closest("thead, caption")?.offsetWidth !== 1)
    .filter(cell => getComputedStyle(cell).overflowX === "visible" && getComputedStyle(cell).display !== "inline")
    .map(cell => cell.innerText)
"""


def pages() -> list[tuple[str, str | None]]:
    """Return each page once: its path, and the person who opens it."""
    found: dict[str, str | None] = {}
    with TABLE.open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            reader = next((person for role, person in PEOPLE.items() if row[role] == "yes"), "")
            if row["method"] == "GET" and reader != "" and not row["path"].endswith(FILES):
                found.setdefault(row["path"], reader)
    return list(found.items())


@pytest.mark.parametrize(("screen", "language"), VIEWS)
@pytest.mark.parametrize(("path", "person"), pages())
def test_page_breaks_no_rule(page_at, kept_page_at, sign_in, axe, path, person, screen, language):
    """axe finds nothing, nothing runs over the screen or into the next cell, the console is silent, one main heading."""
    # The desk's service worker answers for the desk's pages from then on: they are opened in a window of their own.
    opened = page_at if path.startswith("/desk/") else kept_page_at
    page = opened(*SCREENS[screen], language=language, expects=MISSING)
    if person:
        sign_in(page, person)
    page.goto(path)

    assert person is None or "/account/login/" not in page.url, "the page itself is looked at, not the way to it"
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CELLS_THAT_RUN_OVER) == []
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_gallery_of_components_breaks_no_rule(live_server, settings, page_at, axe, screen, dark):
    """Each component in each state, in light and dark."""
    settings.ROOT_URLCONF = "tests.browser.gallery_urls"
    page = page_at(*SCREENS[screen], dark=dark, home=live_server.url)
    page.goto("/ui/")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
