"""
Pages of records that the demo does not have and that people make: each is made by its form, then looked at on a desk and on a
telephone, in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from diem06.reports.ad_hoc.tests.made_forms import ministry_form
from diem06.reports.mailed.tests.made_reports import REPORTS

OFFICE, REPORTER = "thuong-truc", "bc-tan-yen"
PLAN = Path(__file__).parents[2] / "src/diem06/plan/drafting/tests/data/bo-y-te.txt"
VIEWS = [(1366, 768, "vi"), (1366, 768, "en"), (360, 740, "vi"), (360, 740, "en")]


@pytest.fixture
def looked_at(kept_page_at, sign_in, axe) -> Callable[[str, list[str]], None]:
    """`looked_at(person, paths)` opens each path in each view: axe finds nothing, nothing is wider than the screen."""

    def look(person: str, paths: list[str]) -> None:
        for width, height, language in VIEWS:
            page = kept_page_at(width, height, language=language)
            sign_in(page, person)
            for path in paths:
                page.goto(path)
                assert axe(page) == []
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
                expect(page.locator("h1")).to_have_count(1)

    return look


@pytest.fixture
def office(page_at, sign_in) -> Page:
    page: Page = page_at(1366, 768)
    sign_in(page, OFFICE)
    return page


def given(page: Page, path: str, file: tuple[str, bytes], **fields: str) -> str:
    """Fill the form at `path` in, with a file, send it and return the path of the page that follows."""
    page.goto(path)
    form = page.locator("main form:has(input[type=file])").first
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("input[type=file]").set_input_files(
        {"name": file[0], "mimeType": "application/octet-stream", "buffer": file[1]}
    )
    with page.expect_navigation():
        form.locator("button:not([type=button])").last.click()
    return re.sub(r"^https?://[^/]+", "", page.url)


def test_a_draft_under_review(office, looked_at):
    path = given(office, "/plan/drafts/", ("ke-hoach.txt", PLAN.read_bytes()))
    assert re.fullmatch(r"/plan/drafts/\d+/.*", path)
    try:
        looked_at(OFFICE, [path])
    finally:
        office.goto(path)
        token = office.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
        answer = office.request.post(
            f"{path.split('?')[0]}drop/", form={"csrfmiddlewaretoken": token}, headers={"Referer": office.url}
        )
    assert answer.ok


def test_a_form_of_a_ministry_tied_and_filled(office, looked_at):
    path = given(office, "/ad-hoc/tinh/new/", ("bieu.xlsx", ministry_form()), title="Biểu 01", asked_by="Bộ Công an")
    assert re.match(r"/ad-hoc/tinh/\d+/", path)
    home = re.match(r"/ad-hoc/tinh/\d+/", path)[0]
    office.locator("[name=cells]").fill("F7")
    office.locator("[name=what]").select_option(index=1)
    office.locator("button[name=do][value=look], form:has([name=cells]) button").last.click()
    office.locator("form:has([name=spec]) button").last.click()
    office.wait_for_url(f"**{home}**")
    office.goto(f"{home}fill/?period=2023-08")
    office.get_by_role("button", name=re.compile("Điền biểu")).click()
    office.wait_for_url(f"**{home}fills/**")
    looked_at(OFFICE, [home, f"{home}fill/?period=2023-08", re.sub(r"^https?://[^/]+", "", office.url)])


def test_a_report_that_was_mailed(page_at, sign_in, looked_at):
    page: Page = page_at(1366, 768)
    sign_in(page, REPORTER)
    content = next(each for each in REPORTS if each.unit == "ubnd-tan-yen").content
    path = given(page, "/my-work/2024-07/ubnd-tan-yen/word/", ("bao-cao.docx", content))
    assert re.match(r"/my-work/2024-07/ubnd-tan-yen/word/\d+/", path)
    looked_at(REPORTER, [path])


def test_a_document_that_was_sent(office, looked_at):
    office.goto("/reports/2023-07/police/send/")
    form: Any = office.locator("form:has([name=number])")
    form.locator("[name=number]").fill("812")
    form.locator("[name=day]").fill("17/07/2023")
    form.locator("[name=signer]").fill("Nguyễn Văn Thử")
    form.locator("button").last.click()
    office.wait_for_url("**/reports/documents/**")
    looked_at(OFFICE, [re.sub(r"^https?://[^/]+", "", office.url)])


def test_long_work_and_its_file(office, looked_at):
    office.goto("/reports/?period=2023-08")
    office.locator("form[action$='/files/'] button").first.click()
    office.wait_for_url("**/jobs/**")
    path = re.sub(r"^https?://[^/]+", "", office.url)
    expect(office.locator("main a[href$='/file/']")).to_be_visible(timeout=60_000)
    looked_at(OFFICE, [path])
