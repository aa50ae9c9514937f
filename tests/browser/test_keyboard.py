"""The monthly work of a unit's reporter, from signing in to a stored number, with the keyboard alone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD

PERSON, UNIT = "bc-tan-yen", "ubnd-tan-yen"
# Opened by the demo and left empty by it; the test leaves it so.
PERIOD = "2024-07"
# More stops than any page has on the way to what is sought.
STOPS = 150


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus stands on what matches `selector`, as somebody without a mouse does."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{page.url}: Tab never comes to {selector}")


def focused(page: Page) -> dict[str, str | bool]:
    """Return name and value of the field that has the focus, and whether one sees that it has."""
    return page.evaluate(
        """() => {
            const field = document.activeElement, look = getComputedStyle(field);
            const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
            return {name: field.name, value: field.value, seen: ring || look.boxShadow !== "none"};
        }"""
    )


def leave_saved(page: Page, value: str) -> None:
    """Type `value` into the focused cell, leave it by Enter, and wait until the page says that it is saved."""
    with page.expect_response(lambda answer: answer.url.endswith("/values/")) as answer:
        page.keyboard.type(value) if value else page.keyboard.press("Delete")
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    expect(page.locator("#saved")).to_have_text(re.compile(r"^Đã lưu \d\d:\d\d"))


def test_a_number_is_typed_saved_and_stored_without_a_mouse(page_at):
    """Sign in, open the report from «Việc của tôi», type, go down by Enter; another visit finds the numbers stored."""
    page = page_at(1366, 768)
    page.goto("/account/login/")
    if not page.evaluate("document.activeElement.matches('[name=login]')"):
        tab_to(page, "[name=login]")
    page.keyboard.type(PERSON)
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/" not in url)

    page.goto("/my-work/")
    tab_to(page, f"a[href*='/{PERIOD}/{UNIT}/']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/my-work/{PERIOD}/{UNIT}/**")

    tab_to(page, ".g .in > input")
    first = focused(page)
    assert first["seen"], "the focus is not seen"
    assert first["value"] == ""
    leave_saved(page, "1.234")
    second = focused(page)
    assert second["name"] != first["name"], "Enter goes down"
    leave_saved(page, "56")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page)["name"] == first["name"]

    again = page.context.new_page()
    again.goto(page.url)
    assert again.locator(f"[name='{first['name']}']").input_value() == "1.234"
    assert again.locator(f"[name='{second['name']}']").input_value() == "56"

    leave_saved(page, "")
    leave_saved(page, "")
    again.reload()
    assert again.locator(f"[name='{first['name']}']").input_value() == ""
