"""What the tests of this room share."""

from pathlib import Path

import polib
import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import path
from django.utils import translation
from django.views.i18n import set_language

import diem06

FRAGMENT = Path(diem06.__file__).parent / "locale/en/fragments/ui.po"


class Urls:
    """The only address that the shell looks up by name."""

    urlpatterns = [path("language/", set_language, name="set_language")]


@pytest.fixture(autouse=True)
def _urls(settings):
    """The pages of the rooms above are no matter of this one."""
    settings.ROOT_URLCONF = Urls


@pytest.fixture
def context_of():
    """Make a context with a request, but without the context processors, which the rooms above supply."""

    def make(request, **values):
        context = Context({"request": request, **values})
        context.request = request  # type: ignore[attr-defined]
        return context

    return make


@pytest.fixture
def render(context_of):
    """Render template source with the tags of this room, as a page at /list/?q=x&page=3 would."""

    def render_source(source, **values):
        request = RequestFactory().get("/list/", {"q": "x", "page": "3"})
        return Template("{% load i18n ui %}" + source).render(context_of(request, **values))

    return render_source


@pytest.fixture
def english(tmp_path, settings):
    """English as this room's fragment has it, whatever has been merged."""
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    polib.pofile(str(FRAGMENT)).save_as_mofile(str(folder / "django.mo"))
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("en"):
        yield
