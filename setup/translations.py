"""
The catalogues: merge the rooms' fragments, and name the words of the screens that have no English.

    python setup/translations.py merge     fragments/*.po -> LC_MESSAGES/django.po and .mo (both ignored by git)
    python setup/translations.py check     list each untranslated string as file:line (needs gettext)

Source strings are Vietnamese, so only English has a catalogue of ours; that of Vietnamese mends a few words of Django's. Each room keeps its own fragment: two people who add
words to two rooms then never edit the same file.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCE = REPOSITORY / "src"
FRAGMENTS = SOURCE / "diem06/locale/en/fragments"
CATALOGUE = SOURCE / "diem06/locale/en/LC_MESSAGES/django.po"
OF_DJANGO = SOURCE / "diem06/locale/vi/LC_MESSAGES/django.po"
HEADER = {
    "Language": "en",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")

Key = tuple[str | None, str]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["merge"]:
            return merge()
        case ["check"]:
            return check()
        case _:
            print(__doc__)
            return 2


def merge() -> int:
    """Write the catalogue; return 1 where two fragments translate one string in two ways."""
    catalogue, faults = merged(FRAGMENTS)
    if faults:
        print("\n".join(faults))
        return 1
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    polib.pofile(str(OF_DJANGO), encoding="utf-8").save_as_mofile(str(OF_DJANGO.with_suffix(".mo")))
    print(f"English: {len(catalogue)} strings from {len(list(FRAGMENTS.glob('*.po')))} fragments.")
    return 0


def merged(fragments: Path) -> tuple[polib.POFile, list[str]]:
    """Return the catalogue of all fragments, and a line for each fault that makes it doubtful."""
    catalogue = polib.POFile()
    catalogue.metadata = HEADER
    first: dict[Key, tuple[Path, polib.POEntry]] = {}
    faults = []
    for file in sorted(fragments.glob("*.po")):
        for entry in polib.pofile(str(file), encoding="utf-8"):
            key = (entry.msgctxt, entry.msgid)
            here = f"{_shown(file)}:{entry.linenum}"
            faults += [f"{here}: {fault}" for fault in _entry_faults(entry)]
            if key not in first:
                first[key] = (file, entry)
                catalogue.append(entry)
                continue
            other_file, other = first[key]
            if (entry.msgstr, entry.msgstr_plural) != (other.msgstr, other.msgstr_plural):
                faults.append(
                    f"{here}: «{entry.msgid}» is «{entry.msgstr}» here, «{other.msgstr}» in "
                    f"{_shown(other_file)}:{other.linenum}. Keep one, or tell them apart by a context."
                )
    return catalogue, faults


def _entry_faults(entry: polib.POEntry) -> list[str]:
    """Say where a translation would break the page: it names a placeholder that the source lacks."""
    sources = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
    strangers = [
        text
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if text and not set(PLACEHOLDER.findall(text)) <= sources
    ]
    return [f"«{text}» has a placeholder that its source lacks." for text in strangers]


def check() -> int:
    """List what pages and code say without an English word for it; return 1 if there is any."""
    catalogue, faults = merged(FRAGMENTS)
    english = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    used = source_strings(SOURCE)
    for entry in used:
        translation = english.get((entry.msgctxt, entry.msgid))
        if translation is None or not translation.translated():
            reason = "fuzzy" if translation is not None and translation.fuzzy else "no English"
            faults += [f"{place}:{line}: {reason}: {entry.msgid}" for place, line in entry.occurrences]
    print("\n".join(sorted(faults)) if faults else f"All {len(used)} strings have their English.")
    return 1 if faults else 0


def source_strings(source: Path) -> polib.POFile:
    """
    Return the strings that the code and templates of `diem06` under `source` mark for translation.

    Works on a copy, because Django writes what it finds beside the code. Tests speak to nobody and are left out.
    """
    with tempfile.TemporaryDirectory(prefix="diem06-words-") as folder:
        copy = Path(folder) / "src" / "diem06"
        shutil.copytree(
            source / "diem06",
            copy,
            ignore=shutil.ignore_patterns("tests", "locale", "migrations", "static", "__pycache__", "*.csv", "*.toml"),
        )
        (copy.parent / "locale").mkdir()
        # Without the settings of a project Django looks for words in this folder alone.
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--extension", "html,txt,py"],
            cwd=copy.parent,
            env=environment,
            check=True,
            capture_output=True,
        )
        found = copy.parent / "locale/en/LC_MESSAGES/django.po"
        strings = polib.pofile(str(found)) if found.exists() else polib.POFile()
    for entry in strings:
        entry.occurrences = [(f"src/{place.removeprefix('./')}", line) for place, line in entry.occurrences]
    return strings


def _shown(file: Path) -> Path:
    return file.relative_to(REPOSITORY) if file.is_relative_to(REPOSITORY) else file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
