"""The sprite holds what the pages use."""

import re
from pathlib import Path

import pytest

import diem06
from diem06.core.ui import icons, words

SOURCE = Path(diem06.__file__).parent
IN_TEMPLATE = re.compile(
    r"""\{%\s*icon\s+["']([^"']+)["']"""
    r"""|\{%\s*status\s+\S+\s+["']([^"']+)["']"""
    r"""|\bicon(?:_name)?=["']([^"']+)["']"""
    r"""|\bicon\|default:["']([^"']+)["']"""
    r"""|icons\.svg["']?\s*%\}\#i-([a-z0-9-]+)"""
)
IN_CODE = re.compile(r"""\bicon(?:_name)?=["']([^"']+)["']""")


def used(pattern, text):
    return {name for found in pattern.findall(text) for name in ([found] if isinstance(found, str) else found) if name}


@pytest.mark.parametrize(
    "source",
    [
        '{% icon "x-y" %}',
        "{% icon 'x-y' %}",
        '{% status "met" "x-y" _("Đạt") %}',
        '{% include "ui/empty.html" with icon="x-y" %}',
        "{% state text icon_name='x-y' %}",
    ],
)
def test_the_search_finds_each_way_to_name_an_icon(source):
    """A template that names an icon in any of these ways is seen."""
    assert used(IN_TEMPLATE, source) == {"x-y"}


def test_each_icon_of_a_template_is_in_the_list():
    """`make setup` draws the sprite from icons.txt: what is not there would be an empty place."""
    strangers = {
        f"{file.relative_to(SOURCE)}: {name}"
        for file in SOURCE.rglob("templates/**/*.html")
        for name in used(IN_TEMPLATE, file.read_text(encoding="utf-8"))
        if name not in icons.names()
    }

    assert strangers == set()


def test_each_icon_of_the_code_is_in_the_list():
    """Menu entries and marks name icons in Python."""
    strangers = {
        f"{file.relative_to(SOURCE)}: {name}"
        for file in SOURCE.rglob("*.py")
        if "tests" not in file.parts
        for name in used(IN_CODE, file.read_text(encoding="utf-8"))
        if name not in icons.names()
    }
    marks = [*words.STANDINGS.values(), *words.TIMELINESS.values(), *words.REPORT_STATES.values()]

    assert strangers == set()
    assert {mark.icon for mark in marks} <= icons.names()


def test_the_list_is_sorted_without_doubles():
    """Two people who add an icon then see each other's line."""
    names = [
        line for line in (SOURCE / "core/ui/icons.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    ]

    assert names == sorted(set(names))
