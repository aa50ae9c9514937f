"""Words that are kept: said once in each language of the screens, so that whoever reads them later reads their own."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

Words = str | Promise | Callable[[], str]
"""A text that never changes, a lazy translation, or a function that makes the sentence by `gettext` in whatever language is on."""


def in_each_language(words: Words) -> dict[str, str]:
    """Return what `words` say in each language, by its code."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = str(words() if callable(words) else words)
    return said


def in_this_language(said: Mapping[str, str]) -> str:
    """Return the words of the reader's language; those of the product's own where it has none; nothing of nothing."""
    language = (translation.get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return said.get(language) or said.get(settings.LANGUAGE_CODE, "")
