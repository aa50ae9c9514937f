"""Two people, a lost network, an ended session and a pasted block on the page where a unit types. Each leaves the report as it was."""

import json
import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

PERIOD, UNIT = "2024-07", "ubnd-tan-yen"
PAGE = f"/my-work/{PERIOD}/{UNIT}/"
REPORTER, HEAD = "bc-tan-yen", "ld-tan-yen"
CELL = "v|workforce_members|"
SAVED = re.compile(r"^Đã lưu \d\d:\d\d:\d\d$")


def cell(page: Page, measure: str = CELL):
    """The first cell of a measure."""
    return page.locator(f".g .in > input[name^='{measure}']:not([type=hidden])").first


@contextmanager
def saving(page: Page, status: int = 200):
    """Wait for the answer to the save that the block causes."""
    with page.expect_response(lambda answer: answer.url.endswith("/values/")) as answer:
        yield
    assert answer.value.status == status


def put(page: Page, value: str, *, status: int = 200) -> None:
    """Type a number into the cell and leave it."""
    with saving(page, status):
        cell(page).click()
        page.keyboard.press("Delete")
        page.keyboard.type(value)
        page.keyboard.press("Enter")


@pytest.fixture
def opened(page_at, sign_in):
    """`opened(person, expects)` opens the report as one of the unit's people; afterwards the cell is empty again."""
    pages: list[Page] = []

    def open_it(person: str, expects: list[str] | None = None) -> Page:
        page = page_at(1366, 768, expects=expects or [])
        sign_in(page, person)
        page.goto(PAGE)
        pages.append(page)
        return page

    yield open_it
    last = page_at(1366, 768)
    sign_in(last, REPORTER)
    last.goto(PAGE)
    for measure in (CELL, "v|workforce_families|"):
        box = cell(last, measure)
        if box.count() and box.input_value():
            with saving(last):
                box.click()
                last.keyboard.press("Delete")
                last.keyboard.press("Enter")


def test_two_people_in_one_cell_see_each_other_before_either_is_overwritten(opened):
    """The second one is asked, with the first one's number and name; what they choose is stored."""
    first, second = opened(REPORTER), opened(HEAD, [r"409 .*/values/"])
    put(first, "98")
    expect(first.locator("#saved")).to_have_text(SAVED)
    put(second, "109", status=409)
    asked = second.get_by_role("alert").filter(has_text="98")
    expect(asked).to_be_visible()
    expect(cell(second)).to_have_value("109")
    with saving(second):
        asked.get_by_role("button", name=re.compile("Giữ số của tôi")).click()
    expect(second.locator("#saved")).to_have_text(SAVED)
    first.reload()
    expect(cell(first)).to_have_value("109")


def test_the_other_ones_number_can_be_taken(opened):
    """Nothing of one's own is sent then, and leaving asks nothing."""
    first, second = opened(REPORTER), opened(HEAD, [r"409 .*/values/"])
    put(first, "97")
    put(second, "110", status=409)
    second.get_by_role("button", name=re.compile("Lấy số của người kia")).click()
    expect(cell(second)).to_have_value("97")
    first.reload()
    expect(cell(first)).to_have_value("97")


def test_what_another_person_changes_comes_to_the_page(opened):
    """A cell that nobody here types in takes the new number and says whose it is."""
    first, second = opened(REPORTER), opened(HEAD)
    put(first, "95")
    with second.expect_response(lambda answer: "changes.json" in answer.url and "95" in answer.text(), timeout=40_000):
        pass  # the page looks by itself
    expect(cell(second)).to_have_value("95")
    expect(second.locator(".entry-other").first).to_contain_text("vừa sửa ô này thành 95")


def test_words_of_two_people_are_both_kept_until_one_is_chosen(opened):
    """The text of the other one is shown beside one's own."""
    first, second = opened(REPORTER), opened(HEAD, [r"409 .*/narratives/"])
    for page, text in ((first, "Tốt"), (second, "Rất tốt")):
        with page.expect_response(lambda answer: answer.url.endswith("/narratives/")):
            page.fill("#n-good", text)
            page.locator("#n-good").blur()
    asked = second.get_by_role("alert").filter(has_text="Tốt")
    expect(asked.locator("blockquote")).to_have_text("Tốt")
    expect(second.locator("#n-good")).to_have_value("Rất tốt")
    asked.get_by_role("button", name="Lấy số của người kia").click()
    expect(second.locator("#n-good")).to_have_value("Tốt")
    with second.expect_response(lambda answer: answer.url.endswith("/narratives/")) as emptied:
        second.fill("#n-good", "")
        second.locator("#n-good").blur()
    assert emptied.value.ok


def test_a_lost_network_loses_nothing(opened):
    """What was typed stays, the page says so, and it is saved once the network is there again."""
    page = opened(REPORTER)
    page.route("**/values/", lambda route: route.abort("internetdisconnected"))
    cell(page).click()
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    expect(page.locator("#saved")).to_contain_text("Chưa lưu được")
    expect(cell(page)).to_have_value("1234")
    page.unroute("**/values/")
    with saving(page):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#saved")).to_have_text(SAVED)
    page.reload()
    expect(cell(page)).to_have_value("1.234")


def test_an_ended_session_keeps_what_was_typed(opened):
    """The page asks to sign in elsewhere; after that the same save goes through by itself."""
    page = opened(REPORTER, [r"401 .*/values/"])
    kept = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    put(page, "77", status=401)
    expect(page.locator("#saved")).to_contain_text("Phiên làm việc đã hết")
    expect(cell(page)).to_have_value("77")
    page.context.add_cookies(kept)
    with saving(page):
        pass  # tried again by the page itself
    expect(page.locator("#saved")).to_have_text(SAVED)


def test_a_pasted_block_is_looked_at_before_it_is_saved(opened):
    """What is new, changed and wrong is counted and listed; only then, and only the right cells, are saved."""
    page = opened(REPORTER)
    cell(page).click()
    with page.expect_response(lambda answer: answer.url.endswith("/paste/")) as staged:
        page.evaluate(
            """text => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
                document.activeElement.dispatchEvent(event);
            }""",
            "91\n12a\n",
        )
    told = json.loads(staged.value.text())
    assert (told["counts"]["new"], told["counts"]["wrong"]) == (1, 1)
    asked = page.locator("#staged")
    expect(asked).to_contain_text("12a")
    expect(cell(page)).to_have_value("")
    with page.expect_response(lambda answer: "/load/" in answer.url) as loaded:
        asked.get_by_role("button", name=re.compile("Lưu các ô đúng")).click()
    assert loaded.value.ok
    expect(cell(page)).to_have_value("91")
    page.reload()
    expect(cell(page)).to_have_value("91")
