"""
Browser tests: Debian's Chromium, driven by Playwright, on a served demo of two months.

    def test_something(page_at, sign_in, axe):
        page = page_at(1366, 768)
        sign_in(page, "chu-tri")
        page.goto("/dashboard/")
        assert axe(page) == []

A page that writes an error to the console, breaks the content policy, asks another host for something, or is answered
by a server error fails its test at the end, without a line in it. `page_at(..., expects=[r"403"])` says what must come.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect, sync_playwright

from tests.browser.site import PASSWORD, Site, demo_site, make_demo

HERE = Path(__file__).parent
AXE = HERE.parent.parent / "static/vendor/test/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MONTHS = 2
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The data folder of a demo, made once and never served: whoever serves one copies it."""
    data: Path = tmp_path_factory.mktemp("demo")
    make_demo(data, months=MONTHS)
    return data


@pytest.fixture(scope="session")
def site(demo: Path, tmp_path_factory) -> Iterator[Site]:
    """A served demo, shared by all browser tests: a test that changes something leaves it as others expect it."""
    with demo_site(demo, tmp_path_factory.mktemp("site") / "data") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_at(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """
    `page_at(width, height, language="vi", dark=False, expects=[...])` opens a page of the served demo.

    `home` names another server, such as pytest-django's `live_server`.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        width: int,
        height: int,
        *,
        language: str = "vi",
        dark: bool = False,
        home: str | None = None,
        expects: list[str] | None = None,
    ) -> Page:
        home = home or request.getfixturevalue("site").url
        context = _window(chromium, home, width, height, language=language, dark=dark)
        contexts.append(context)
        page = context.new_page()
        _watch(page, home, faults, expects or [])
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def _window(
    chromium: Browser, home: str, width: int, height: int, *, language: str = "vi", dark: bool = False
) -> BrowserContext:
    context = chromium.new_context(
        base_url=home,
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if dark else "light",
        is_mobile=width < 600,
        has_touch=width < 600,
    )
    context.set_default_timeout(15_000)
    return context


@dataclass
class _Kept:
    """A page that stays open from test to test."""

    page: Page
    faults: list[str] = field(default_factory=list)
    expects: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def _kept(chromium: Browser) -> Iterator[dict[tuple, _Kept]]:
    pages: dict[tuple, _Kept] = {}
    yield pages
    for kept in pages.values():
        kept.page.context.close()


@pytest.fixture
def kept_page_at(site: Site, chromium: Browser, _kept: dict[tuple, _Kept]) -> Iterator[Callable[..., Page]]:
    """
    `kept_page_at(width, height, language="vi", expects=[...])`: as `page_at`, but one page for all tests that ask for these.

    For tests that open an address and look: a new window with nothing in its memory takes three times as long as the
    look. Nobody is signed in, and nothing of the page before is left but what the browser remembers of files.
    """
    used: list[_Kept] = []

    def open_page(width: int, height: int, *, language: str = "vi", expects: list[str] | None = None) -> Page:
        key = (width, height, language)
        if key not in _kept:
            made = _Kept(_window(chromium, site.url, width, height, language=language).new_page())
            _watch(made.page, site.url, made.faults, made.expects)
            _kept[key] = made
        kept = _kept[key]
        if kept in used:
            leave(kept)
        else:
            used.append(kept)
        kept.expects[:] = expects or []
        return kept.page

    def leave(kept: _Kept) -> None:
        # Before it loses its cookies: what a page still asks for would be refused without them.
        kept.page.goto("about:blank")
        kept.page.context.clear_cookies()

    yield open_page
    faults = []
    for kept in used:
        leave(kept)
        faults += kept.faults
        kept.faults.clear()
    assert not faults, "\n".join(faults)


def _watch(page: Page, home: str, faults: list[str], expects: list[str]) -> None:
    """Collect what no page may do into `faults`, but for what matches one of `expects`."""

    def fault(words: str) -> None:
        if not any(re.search(expected, words) for expected in expects):
            faults.append(words)

    def on_request(request: Request) -> None:
        if not request.url.startswith((home, "blob:")):
            fault(f"asked another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            fault(f"{response.status} for {response.url}")

    # The browser's own line on a failed request is told better by `on_response`.
    page.on(
        "console",
        lambda message: (
            fault(f"console: {message.text} ({page.url})")
            if message.type == "error" and not message.text.startswith("Failed to load resource")
            else None
        ),
    )
    page.on("pageerror", lambda error: fault(f"script: {error} ({page.url})"))
    page.on("request", on_request)
    page.on("response", on_response)


@pytest.fixture(scope="session")
def _signed_in() -> dict[str, list]:
    """The cookies of who has signed in: rate limits and one-time codes allow it only so often."""
    return {}


@pytest.fixture
def sign_in_at(_signed_in) -> Callable[[Site, Page, str], None]:
    """`sign_in_at(site, page, username)` signs a person of a demo in, once for all tests; the page stays where it is."""

    def enter(site: Site, page: Page, username: str) -> None:
        key = f"{site.url} {username}"
        if key not in _signed_in:
            page.goto(f"{site.url}/account/login/")
            page.fill("[name=login]", username)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            expect(page).not_to_have_url(re.compile("/account/login/"), timeout=15_000)
            if "/account/" in page.url:
                page.fill("[name=code]", site.run("demo", "code", username).strip())
                page.click("main button[type=submit]")
            expect(page).not_to_have_url(re.compile("/account/"), timeout=15_000)
            # Not the language of the person, which the sign-in sets too: each test says its own.
            _signed_in[key] = [each for each in page.context.cookies() if each["name"] != "django_language"]
            page.context.clear_cookies()
        page.context.add_cookies(_signed_in[key])

    return enter


@pytest.fixture
def sign_in(site: Site, sign_in_at) -> Callable[[Page, str], None]:
    """`sign_in(page, username)` is `sign_in_at` for the demo that all tests share."""
    return lambda page, username: sign_in_at(site, page, username)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """`axe(page)` returns the accessibility rules that the page breaks, one line for each place."""
    source = AXE.read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )
        return [
            f"{page.url}: {violation['id']}: {violation['help']}: {node['target'][0]}: {node['html'][:120]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return violations
