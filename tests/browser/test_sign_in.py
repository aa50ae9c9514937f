"""The way in, in a real browser."""

import pytest

from tests.browser.site import PASSWORD


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_sign_in_page_breaks_no_rule(page_at, axe, width, language):
    """Before signing in: no accessibility rule broken, nothing wider than the screen."""
    page = page_at(width, 768, language=language)
    page.goto("/account/login/")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("html").get_attribute("lang") == language


def test_province_wide_role_enters_with_password_and_code(page_at, sign_in):
    """The chairman's office signs in through both steps and comes to its first page."""
    page = page_at(1366, 768)
    sign_in(page, "chu-tich")
    page.goto("/")

    assert page.locator("h1").count() == 1
    assert "/account/login/" not in page.url


@pytest.mark.parametrize(("width", "language"), [(1366, "vi"), (360, "en")])
def test_page_of_the_code_breaks_no_rule(page_at, axe, width, language):
    """Between password and code: the table of pages cannot come here, since it begins before or after signing in."""
    page = page_at(width, 768, language=language)
    page.goto("/account/login/")
    page.fill("[name=login]", "giam-sat")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")

    assert "/account/mfa/code/" in page.url
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("html").get_attribute("lang") == language


def test_a_wrong_password_is_told_and_opens_nothing(page_at):
    """The page comes back with the fault; no page of the product opens."""
    page = page_at(1366, 768)
    page.goto("/account/login/")
    page.fill("[name=login]", "chu-tich")
    page.fill("[name=password]", "sai-mat-khau")
    page.click("main button[type=submit]")

    assert page.locator(".errsum, [role=alert]").first.is_visible()
    page.goto("/dashboard/")
    assert "/account/login/" in page.url


def test_what_a_page_may_not_do_is_noticed(page_at):
    """The watch itself works: an inline script is blocked and told."""
    page = page_at(1366, 768, expects=["Content Security Policy|violates"])
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.goto("/account/login/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))"
    )

    assert page.evaluate("window.x") is None
    assert any("Content Security Policy" in words for words in told)
