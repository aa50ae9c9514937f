"""The frame of every page, the error pages and the gallery."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from diem06.core.ui import samples
from diem06.core.ui.shell import MenuItem, Person, Shell

SHELL = Shell(
    menu=(
        MenuItem(title="Tổng quan", url="/", icon="home", current=True),
        MenuItem(title="Địa bàn", url="/areas/", icon="map-pin", more_only=True),
        MenuItem(title="Việc của tôi", url="/my-work/", icon="list-check", count=3),
    ),
    person=Person(name="Nguyễn Thị Thu Hà", url="/account/"),
    plan_title="Kế hoạch",
    is_made_up=True,
    made_up_note="Số liệu giả định, không phải báo cáo thật.",
)
ERRORS = {
    "400.html": ("Yêu cầu không hợp lệ", "Bad request"),
    "403.html": ("Không có quyền xem trang này", "You may not see this page"),
    "403_csrf.html": ("Trang đã mở quá lâu", "The page was open too long"),
    "404.html": ("Không tìm thấy trang", "Page not found"),
    "500.html": ("Máy chủ gặp lỗi", "The server met an error"),
}


@pytest.fixture
def page(context_of):
    """Render a template as a whole page."""

    def render_page(name, **values):
        request = RequestFactory().get("/ui/")
        context = context_of(request, **{"shell": SHELL, "csrf_token": "t", **values})
        return get_template(name).template.render(context)  # type: ignore[attr-defined]

    return render_page


@pytest.fixture
def gallery(page):
    def render_gallery():
        return page("ui/gallery.html", **samples.context(samples.EntryForm(samples.WRONG_ENTRY), {}))

    return render_gallery


class Outline(HTMLParser):
    """What the tests ask of a page: its tags, and ids."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.ids = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_a_page_has_language_skip_link_and_one_heading(gallery):
    """What a screen reader needs first; no id stands twice."""
    outline = Outline(gallery())

    assert outline.all("html") == [{"lang": "vi"}]
    assert len(outline.all("h1")) == 1
    assert next(a for a in outline.all("a"))["href"] == "#main"
    assert "main" in outline.ids
    assert len(outline.ids) == len(set(outline.ids))


def test_a_page_speaks_english(gallery, english):
    """Language, words and numbers of an English page; nothing of the frame is left in Vietnamese."""
    html = gallery()

    assert '<html lang="en">' in html
    assert "To the main content" in html
    assert "66.5%" in html
    assert "Made-up data" in html
    assert "Đến nội dung chính" not in html


def test_the_menu_marks_the_page_and_counts(page):
    """One current entry, a count in words' reach, and on a phone the rest at the foot."""
    html = page("ui/page.html")

    assert html.count('aria-current="page"') == 1
    assert '<span class="n">3</span>' in html
    assert '<a href="/areas/" class="more-only">' in html
    assert '<a href="/areas/">Địa bàn</a>' in html.split('class="foot-nav"')[1]
    assert "Nguyễn Thị Thu Hà" in html


def test_made_up_data_is_marked_on_every_page(page):
    """The chip on top and the sentence at the foot, on pages and on plain pages; neither with real data."""
    for name in ("ui/page.html", "ui/plain.html"):
        assert '<span class="made-up">Số liệu giả định</span>' in page(name)
        assert SHELL.made_up_note in page(name)
        assert "giả định" not in page(name, shell=Shell())


def test_htmx_evaluates_nothing(page):
    """Its configuration bans eval, script tags and style elements, swaps form errors and no failure of the server."""
    found = re.search(r"name=\"htmx-config\" content='([^']*)'", page("ui/page.html"))

    assert found is not None
    for rule in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"includeIndicatorStyles":false',
        '{"code":"422","swap":true}',
        '{"code":"[45]..","swap":false,"error":true}',
    ):
        assert rule in found[1]


def test_messages_become_notices(page):
    """A message of the view stands on the page, in its tone, until it is put away."""
    html = page("ui/page.html", messages=[Message(messages.SUCCESS, "Đã lưu 3 ô.")])

    assert "note note-good" in html
    assert "Đã lưu 3 ô." in html
    assert "data-dismiss" in html


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_says_what_to_do(name):
    """Without a request too (a failure of the server has none): a heading, a sentence, a way on."""
    html = render_to_string(name)

    assert f"<h1>{ERRORS[name][0]}</h1>" in html
    assert '<a class="b" href="/">' in html


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_speaks_english(name, english):
    html = render_to_string(name)

    assert f"<h1>{ERRORS[name][1]}</h1>" in html
    assert '<html lang="en">' in html


def test_a_refusal_gives_its_reason(page):
    """What the rule says is more than what the page could."""
    assert "Chỉ cơ quan thường trực được xem." in page("403.html", exception="Chỉ cơ quan thường trực được xem.")


def test_the_other_language_is_offered(page):
    """By its own name, as a form: no page changes by following a link."""
    html = page("ui/page.html")

    assert 'value="en" lang="en">English</button>' in html
    with translation.override("en"):
        assert 'value="vi" lang="vi">Tiếng Việt</button>' in page("ui/page.html")


def test_the_gallery_shows_every_component(gallery):
    """Each include of a component is used there, so that it can be looked at."""
    html = gallery()

    for css in ("verdict", "st-big", "state-back", "lf", "read", "gr", "spark", "hist", "hbar", "ch wide", "twin", "note-bad",
                "prog", "empty", "tabs", "filter", "pages", "t cards", "note-warn", "field-check", "b b-1"):  # fmt: skip
        assert re.search(rf'class="[^"]*\b{css}\b', html), css
