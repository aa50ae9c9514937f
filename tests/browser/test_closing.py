"""A month is closed from its page, by the worker: with scripts the page goes on by itself, without them by its link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site, demo_site

PERSON = "thuong-truc"
PATIENCE = 120_000


@pytest.fixture(scope="module")
def closing_site(demo, tmp_path_factory) -> Iterator[Site]:
    """A demo of its own: what is closed stays closed."""
    with demo_site(demo, tmp_path_factory.mktemp("closing") / "data") as site:
        yield site


def press(page: Page, period: str) -> None:
    page.goto(f"/closing/{period}/")
    page.locator("[name=has_read]").check()
    page.get_by_role("button", name=re.compile("Chốt số liệu tháng|Close")).click()
    expect(page).to_have_url(re.compile(f"/closing/{period}/$"))


def test_a_press_shows_progress_and_ends_on_the_closed_page(closing_site, page_at, sign_in_at, axe):
    page = page_at(1366, 768, home=closing_site.url)
    sign_in_at(closing_site, page, PERSON)
    press(page, "2023-08")
    expect(page.locator("#closing-state")).to_be_visible()
    assert axe(page) == []
    expect(page.get_by_text("Mã niêm phong")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("h1")).to_have_text("Số liệu đã chốt tháng 8/2023")


def test_without_scripts_the_link_leads_on(closing_site, chromium: Browser, page_at, sign_in_at):
    page = page_at(360, 740, home=closing_site.url)
    sign_in_at(closing_site, page, PERSON)
    context = chromium.new_context(
        base_url=closing_site.url,
        locale="vi",
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    plain = context.new_page()
    press(plain, "2023-09")
    expect(plain.locator("#closing-state")).to_be_visible()
    for _look in range(60):
        if not plain.locator("#closing-again").count():
            break
        plain.wait_for_timeout(1000)
        plain.locator("#closing-again").click()
    expect(plain.locator("h1")).to_have_text("Số liệu đã chốt tháng 9/2023")
    context.close()
