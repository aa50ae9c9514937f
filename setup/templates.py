"""
Refuse in templates what the strict content policy would block in the browser, or what comes from another host.

    python setup/templates.py [FOLDER...]      (default: src); ends with 1 and file:line for each fault
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# `{% ... %}`, `{{ ... }}`, `{# ... #}`: their own quotes would upset the reading of attributes.
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT_BLOCK = re.compile(r"\{% comment.*?%\}.*?\{% endcomment %\}", re.DOTALL)
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "use": "href", "source": "src"}


def main(arguments: list[str]) -> int:
    folders = [Path(argument) for argument in arguments] or [REPOSITORY / "src"]
    files = [
        file
        for folder in folders
        for pattern in ("*.html", "*.svg")
        for file in sorted(folder.rglob(pattern))
        if "templates" in file.parts
    ]
    faults = [fault for file in files for fault in faults_in(file)]
    print("\n".join(faults) if faults else f"{len(files)} templates hold no inline script, style or handler.")
    return 1 if faults else 0


def faults_in(file: Path) -> list[str]:
    """Return `file:line: what is wrong` for each fault of one template."""
    reader = _Reader()
    reader.feed(without_template_tags(file.read_text(encoding="utf-8")))
    reader.close()
    shown = file.relative_to(REPOSITORY) if file.is_relative_to(REPOSITORY) else file
    return [f"{shown}:{line}: {fault}" for line, fault in reader.faults]


def without_template_tags(text: str) -> str:
    """Return `text` with Django's tags taken out and every line where it was."""

    def blank(found: re.Match[str]) -> str:
        # A value may stand for an address on this host, so something must stay of it.
        return ("…" if found[0].startswith("{{") else "") + "\n" * found[0].count("\n")

    return TEMPLATE_TAG.sub(blank, COMMENT_BLOCK.sub(blank, text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.faults: list[tuple[int, str]] = []
        self._in_script_file = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script_file = tag == "script" and "src" in dict(attrs)
        if tag == "style":
            self._fault("inline <style>: move it to a stylesheet")
        if tag == "script" and "src" not in dict(attrs):
            self._fault("inline <script>: move it to a module and give it a src")
        for name, value in attrs:
            self._attribute(tag, name, (value or "").strip().lower())

    def handle_endtag(self, tag: str) -> None:
        self._in_script_file = self._in_script_file and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script_file and data.strip():
            self._fault("code between <script> and </script>: move it to the module")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self._fault(f"style attribute on <{tag}>: use a class")
        elif re.fullmatch(r"on[a-z]+", name):
            self._fault(f"{name} handler on <{tag}>: listen in a module")
        elif name.startswith(("hx-on", "data-hx-on")) or value.startswith("js:"):
            self._fault(f"{name} on <{tag}>: htmx would evaluate it; listen in a module")
        elif value.startswith(("javascript:", "data:")):
            self._fault(f"{name} on <{tag}>: a {value.split(':', maxsplit=1)[0]}: address is blocked")
        elif LOADED.get(tag) == name and re.match(r"(https?:)?//", value):
            self._fault(f"<{tag}> loads from another host: ship the file with the product")

    def _fault(self, message: str) -> None:
        self.faults.append((self.getpos()[0], message))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
