"""The frame of each page in the browser: keys, the tour, long work that is watched."""

import re
import threading

import pytest
from playwright.sync_api import Page, expect

# Not those of the other tests: a tour that was seen stays seen.
PERSON = "bc-hiep-hoa"


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement?.id ?? ''")


# -- keys ------------------------------------------------------------------------------------------------------------
def test_keys_lead_through_the_menu_and_to_the_filter(page_at, sign_in):
    """`?` lists them, `g i` goes to the indicators, `/` to the filter; letters typed in a field stay letters."""
    page = page_at(1366, 768)
    sign_in(page, PERSON)
    page.goto("/my-work/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Đến «Chỉ tiêu»")
    page.keyboard.press("g")
    page.keyboard.press("i")
    assert page.url.endswith("/my-work/"), "keys wait while a dialog is open"
    page.keyboard.press("Escape")

    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/indicators/**")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('form[role=search]') !== null")
    page.keyboard.type("gw?")
    assert page.url.partition("?")[0].endswith("/indicators/")
    assert page.evaluate("document.activeElement.value") == "gw?"


def test_keys_can_be_switched_off(page_at, sign_in):
    """For who speaks to the machine: the choice stays, and the list is still reached by its button."""
    page = page_at(1366, 768)
    sign_in(page, PERSON)
    page.goto("/my-work/")
    page.keyboard.press("?")
    page.get_by_label("Dùng phím tắt là chữ và dấu").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("i")

    expect(page.locator("#keys")).to_be_hidden()
    assert page.url.endswith("/my-work/")


def test_keys_of_the_entry_page_stand_in_the_same_list(page_at, sign_in):
    page = page_at(1366, 768)
    sign_in(page, "bc-tan-yen")
    page.goto("/my-work/2024-07/ubnd-tan-yen/")
    page.locator("[data-opens=keys]").click()

    assert page.locator("#keys dt").count() > 10
    expect(page.locator("#keys")).to_contain_text("Đến thông báo")


# -- tour ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("width", "height", "language"), [(1366, 768, "vi"), (360, 740, "en")])
def test_a_tour_is_taken_by_keyboard_and_replayed_from_help(page_at, sign_in, axe, width, height, language):
    """Each step has the focus, breaks no rule and marks what it speaks of; leaving it gives the focus back to the page."""
    page = page_at(width, height, language=language)
    sign_in(page, PERSON)
    page.goto("/help/")
    page.locator("a[href$='?tour=1']").click()
    expect(page.locator("#tour")).to_be_visible()
    steps = page.locator("#tour [data-step]")
    assert steps.count() == 4
    for number in range(4):
        expect(steps.nth(number)).to_be_visible()
        assert focused(page) == f"tour-title-{number + 1}"
        assert page.locator(".tour-at").count() == 1
        assert axe(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    expect(page.locator("#tour")).to_be_hidden()
    # The dialog tells that it closed a moment after it is hidden.
    expect(page.locator(".tour-at")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_a_tour_that_was_skipped_is_offered_no_more(page_at, sign_in, axe):
    page = page_at(1366, 768)
    sign_in(page, "bc-yen-the")
    page.goto("/my-work/")
    expect(page.locator(".tour-offer")).to_be_visible()
    assert axe(page) == []
    page.locator("[data-starts-tour]").click()
    with page.expect_response("**/help/tour/"):
        page.keyboard.press("Escape")
    page.reload()

    expect(page.locator(".tour-offer")).to_have_count(0)


# -- saved filters ---------------------------------------------------------------------------------------------------
def test_a_filter_is_saved_opened_from_the_menu_and_deleted(page_at, sign_in, axe):
    """Filtered by htmx: what is saved is what stands in the address, without the period."""
    page = page_at(1366, 768)
    sign_in(page, PERSON)
    page.goto("/indicators/")
    with page.expect_response(re.compile("/indicators/")):
        page.locator(".filter select").first.select_option(index=1)
    page.wait_for_url(re.compile(r"\?"))
    page.locator(".saved-views summary").click()
    page.get_by_label("Tên bộ lọc").fill("Của tôi")
    page.get_by_label("Mở bộ lọc này khi bấm vào menu").check()
    page.get_by_role("button", name="Lưu bộ lọc này").click()
    expect(page.locator("#messages")).to_contain_text("Đã lưu bộ lọc «Của tôi»")
    assert axe(page) == []

    page.goto("/my-work/")
    page.locator(".nav-main a[data-key=i]").click()
    expect(page.locator(".saved-views [aria-current]")).to_have_text("Của tôi")
    assert "period=" not in page.url
    page.locator(".saved-views summary").click()
    page.get_by_role("button", name="Xóa «Của tôi»").click()
    expect(page.locator(".saved-views nav")).to_have_count(0)


# -- long work -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_job_is_watched_to_its_end(live_server, page_at, axe, client, tmp_path, settings):
    """The page asks by itself: progress, then the result; no click, no reload."""
    from diem06.core.jobs import actions, running
    from diem06.core.organisation.actions import add_person

    person = add_person(username="an", full_name="Nguyễn Văn An", password="con-suoi-xanh-7")
    at = settings.DIEM06_CLOCK()
    arguments = {"folder": str(tmp_path), "to": 8, "pause": 0.5}
    job = actions.start(kind="toy.count", title="Đếm thử", arguments=arguments, by=person.pk, at=at)
    client.force_login(person)
    page = page_at(1366, 768, home=live_server.url)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(job.get_absolute_url())
    expect(page.locator("#job-state")).to_have_text("Đang chờ")
    assert axe(page) == []

    worker = threading.Thread(target=_run_and_close, args=(running.run, job.pk))
    worker.start()
    expect(page.locator("#job-state")).to_have_text("Đang làm")
    expect(page.locator("[role=progressbar]")).to_be_visible()
    assert axe(page) == []
    expect(page.locator("#job-state")).to_have_text("Xong", timeout=20_000)
    expect(page.get_by_role("link", name="Mở kết quả")).to_be_visible()
    worker.join()
    assert axe(page) == []


def _run_and_close(run, job_id):
    from django.db import connection

    try:
        run(job_id)
    finally:
        connection.close()


# -- forms -----------------------------------------------------------------------------------------------------------
def test_a_double_click_sends_a_form_once(page_at, sign_in):
    """The second click would be answered in place of the first, with a refusal of what has just been done."""
    page = page_at(1366, 768)
    sign_in(page, PERSON)
    page.goto("/account/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#main").get_by_role("button", name="English").dblclick()
    expect(page.locator("html")).to_have_attribute("lang", "en")

    assert len(sent) == 1
