"""
Pages of numbers to check, with findings in them (the demo of two months has none): axe and width in both languages, and the way of an
explanation from the unit to the office.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.site import Site

UNIT = "ubnd-tan-yen"
VIEWS = [(1366, 768, "vi"), (1366, 768, "en"), (360, 740, "vi"), (360, 740, "en")]
MAKE = """
from django.utils import timezone
from diem06.core.plans.models import Period
from diem06.cube.models import Anomaly
from diem06.reports.models import DeclaredValue
rows = list(DeclaredValue.objects.current().filter(unit={unit!r}, period__code="2023-08")[:60])
made = Anomaly.objects.create(
    period=Period.objects.get(code="2023-08"), rule="round_numbers", unit={unit!r}, gravity=8, size=9.0, rows=60,
    facts={{"round": 40, "values": 60, "months": 1}}, refs=[["declared", row.record] for row in rows],
    found_at=timezone.now(), changed_at=timezone.now(), put_at=timezone.now(),
)
print(made.pk)
"""
TAKE_AWAY = "from diem06.cube.models import Anomaly, AnomalyAnswer\nAnomalyAnswer.objects.all().delete()\nAnomaly.objects.all().delete()"


@pytest.fixture
def finding(site: Site) -> Iterator[str]:
    """The address of a finding with its rows; it is gone after the test."""
    pk = site.run("shell", "--no-imports", "-c", MAKE.format(unit=UNIT)).split()[-1]
    yield f"/anomalies/{UNIT}/{pk}/"
    site.run("shell", "--no-imports", "-c", TAKE_AWAY)


def test_a_finding_is_explained_and_accepted_on_pages_that_break_no_rule(
    page_at, kept_page_at, sign_in, axe, finding: str
):
    """The unit finds it in its work and explains; the office asks back and accepts; each page passes axe and fits its screen."""

    def look(person: str, paths: list[str]) -> None:
        for width, height, language in VIEWS:
            page = kept_page_at(width, height, language=language)
            sign_in(page, person)
            for path in paths:
                page.goto(path)
                assert axe(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
                expect(page.locator("h1")).to_have_count(1)

    look("bc-tan-yen", ["/my-work/", "/anomalies/", finding])
    unit = page_at(1366, 768)
    sign_in(unit, "bc-tan-yen")
    unit.goto("/my-work/")
    unit.get_by_role("link", name="Quá nhiều số tròn").first.click()
    unit.get_by_label("Giải trình").fill("Đã đếm lại theo sổ tiếp nhận.")
    unit.get_by_role("button", name="Gửi giải trình").click()
    expect(unit.get_by_text("Đã gửi giải trình.")).to_be_visible()

    look("thuong-truc", ["/anomalies/", "/anomalies/?state=explained", "/anomalies/rules/", finding])
    office = page_at(1366, 768)
    sign_in(office, "thuong-truc")
    office.goto(finding)
    expect(office.get_by_text("Đã đếm lại theo sổ tiếp nhận.")).to_be_visible()
    office.get_by_role("button", name="Chấp nhận giải trình").click()
    expect(office.get_by_text("Đã chấp nhận giải trình.")).to_be_visible()
