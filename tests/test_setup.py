"""The scripts of set-up and of `make check`: each notices what it is there for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from setup import programs, templates, translations, web_parts

pytestmark = pytest.mark.once
REPOSITORY = Path(__file__).resolve().parent.parent

REFUSED = {
    "inline script": "<p>\n<script>let x = 1</script>",
    "script without address": '<p>\n<script type="module"></script>',
    "code beside an address": '<p>\n<script src="x.js">let x = 1</script>',
    "style element": "<p>\n<style>p { color: red }</style>",
    "style attribute": '<p>\n<b style="color: red">',
    "style behind a condition": '<p>\n<b {% if a == "b" %}style="color: red"{% endif %}>',
    "handler": '<p>\n<button onclick="go()">',
    "handler of htmx": '<p>\n<button hx-on:click="go()">',
    "code for htmx": "<p>\n<button hx-vals='js:{a: go()}'>",
    "javascript address": '<p>\n<a href="javascript:go()">',
    "data address": '<p>\n<img src="data:image/png;base64,AAAA" alt="">',
    "script of another host": '<p>\n<script src="https://cdn.example/x.js"></script>',
    "style of another host": '<p>\n<link rel="stylesheet" href="//cdn.example/x.css">',
}
ALLOWED = """
{# <script>a remark</script> #}
{% comment %}<style>another</style>{% endcomment %}
<script type="module" src="{% static "ui/page.js" %}"></script>
<a href="https://example.org" class="{% if a == "style=" %}on{% endif %}" data-on="1" hx-get="{% url 'x' %}">once</a>
"""


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_the_policy_would_block_is_refused_with_its_line(tmp_path, text):
    """One fault, on the second line, whatever template tags stand around it."""
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")

    (fault,) = templates.faults_in(file)

    assert fault.startswith(f"{file}:2: ")


def test_template_that_keeps_the_rules_passes(tmp_path):
    """Remarks, module scripts, links and data attributes are no fault."""
    file = tmp_path / "page.html"
    file.write_text(ALLOWED, encoding="utf-8")

    assert templates.faults_in(file) == []


def fragment(folder: Path, name: str, *pairs: tuple[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    text = "\n\n".join(f'msgid "{vietnamese}"\nmsgstr "{english}"' for vietnamese, english in pairs)
    (folder / f"{name}.po").write_text(text + "\n", encoding="utf-8")


def test_rooms_that_agree_on_a_word_share_it(tmp_path):
    """The same string with the same English in two fragments is one entry."""
    fragment(tmp_path, "areas", ("Huyện", "District"))
    fragment(tmp_path, "ui", ("Huyện", "District"), ("Xã", "Commune"))

    catalogue, faults = translations.merged(tmp_path)

    assert faults == []
    assert {entry.msgid: entry.msgstr for entry in catalogue} == {"Huyện": "District", "Xã": "Commune"}


def test_rooms_that_differ_on_a_word_are_told(tmp_path):
    """Both places stand in the message."""
    fragment(tmp_path, "areas", ("Huyện", "District"))
    fragment(tmp_path, "ui", ("Xã", "Commune"), ("Huyện", "Rural district"))

    _, (fault,) = translations.merged(tmp_path)

    assert f"{tmp_path}/ui.po:4" in fault
    assert f"{tmp_path}/areas.po:" in fault


def test_translation_with_a_placeholder_of_its_own_is_told(tmp_path):
    """`%(nmae)s` would end a page with an error when it is shown."""
    fragment(tmp_path, "ui", ("%(name)s nộp muộn", "%(nmae)s is late"))

    _, (fault,) = translations.merged(tmp_path)

    assert "placeholder" in fault


def test_words_without_english_are_found_in_code_and_templates(tmp_path):
    """Both kinds of source are read; tests are not."""
    room = tmp_path / "diem06/room"
    (room / "templates").mkdir(parents=True)
    (room / "tests").mkdir()
    (room / "views.py").write_text('from x import gettext as _\n\nNAME = _("Việc của tôi")\n', encoding="utf-8")
    (room / "templates/a.html").write_text('{% load i18n %}\n{% translate "Kế hoạch" %}\n', encoding="utf-8")
    (room / "tests/test_a.py").write_text('_("Thử")\n', encoding="utf-8")

    found = {entry.msgid: entry.occurrences for entry in translations.source_strings(tmp_path)}

    assert found == {
        "Việc của tôi": [("src/diem06/room/views.py", "3")],
        "Kế hoạch": [("src/diem06/room/templates/a.html", "2")],
    }


def test_third_party_parts_stay_on_this_host():
    """No vendored style names a `data:` address or another host; every named icon has its symbol."""
    vendor = REPOSITORY / "static/vendor"
    for style in vendor.rglob("*.css"):
        css = style.read_text(encoding="utf-8")
        assert "data:" not in css, style
        assert "url(http" not in css, style
    sprite = (vendor / "icons.svg").read_text(encoding="utf-8")
    assert all(f'id="i-{name}"' in sprite for name in web_parts.icon_names())


def test_unknown_icon_ends_set_up(monkeypatch):
    """A misspelt name in icons.txt is told, not drawn as nothing."""
    with pytest.raises(SystemExit, match="no-such-icon"):
        web_parts.sprite(["check", "no-such-icon"])


def test_failed_program_of_bench_is_told(tmp_path, monkeypatch, capfd):
    """All programs run; the exit code and the last line name the one that failed."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/a.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (tmp_path / "bench/b.py").write_text("print('fast')", encoding="utf-8")
    (tmp_path / "bench/_shared.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.setattr(programs, "REPOSITORY", tmp_path)

    assert programs.main("bench") == 1
    said = capfd.readouterr().out
    assert "fast" in said
    assert said.endswith("Failed: a.py\n")


def test_missing_package_without_the_right_to_install_prints_the_line(tmp_path):
    """Nobody but root may install: the exact line and status 2."""
    for name, code in {"id": "echo 1000", "sudo": "exit 1", "dpkg-query": "exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)

    ended = subprocess.run(
        [REPOSITORY / "setup/apt.sh", "chromium", "postgresql"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        text=True,
    )

    assert ended.returncode == 2
    assert "sudo apt-get update && sudo apt-get install -y chromium postgresql\n" in ended.stderr


def test_own_postgres_serves_and_leaves_nothing():
    """The command gets a server that answers; afterwards neither process nor folder is left. Its exit code is passed on."""
    program = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DIEM06_TEST_DATABASE']) as server:\n"
        "    print(server.execute('show data_directory').fetchone()[0])\n"
        "raise SystemExit(7)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DIEM06_TEST_DATABASE"}

    ended = subprocess.run(
        [sys.executable, REPOSITORY / "setup/postgres.py", sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )

    assert ended.returncode == 7, ended.stderr
    folder = Path(ended.stdout.strip())
    assert folder.name == "data"
    assert not folder.parent.exists()
