"""Docs and code keep step: what the code has is documented, and what the docs name is there."""

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCE = REPOSITORY / "src"
COMMANDS = sorted(file for file in SOURCE.glob("diem06/**/management/commands/*.py") if not file.name.startswith("_"))
ROOMS = sorted(
    f"{path.parent.name}/"
    for holder in ("vnlib", "diem06", "diem06/core", "diem06/pilots")
    for path in (SOURCE / holder).glob("*/__init__.py")
)
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "src/**/*.md", "tests/**/*.md")
    for page in REPOSITORY.glob(pattern)
    if ".egg-info" not in str(page)
)
# Where people at work on the product keep notes; spelled so that this file does not name them.
PRIVATE = re.compile(r"/[w]ork/|\.\./[s]hared|\.[l]ibrary/|\b[f]arm-\d")
WRITTEN = {".py", ".md", ".toml", ".html", ".css", ".js", ".po", ".txt", ".csv", ".sh", ".json", ".yaml", ".yml", ""}
MADE = {"__pycache__", "diem06.egg-info", "LC_MESSAGES", ".hypothesis", ".pytest_cache"}


def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def rows(name: str, *, begins: str) -> dict[str, str]:
    """Return the last cell of the rows of a page's tables that begin with a word, by what stands first in backticks."""
    lines = [line for line in text(name).splitlines() if line.startswith(f"| `{begins}")]
    return {line.split("`")[1]: line.removesuffix(" |").rsplit(" | ", 1)[1] for line in lines}


def test_every_make_target_is_in_the_readme():
    """The target with its name in a row of the table; and the table names no other."""
    targets = set(re.findall(r"^([a-z]+):.*## ", text("Makefile"), re.MULTILINE)) - {"help"}

    assert {row.removeprefix("make ") for row in rows("README.md", begins="make ")} == targets


def commands_in_operations() -> dict[str, str]:
    """Return what operations says of the exit codes of each command, its verbs together."""
    by_name: dict[str, str] = {}
    for key, exit_codes in rows("docs/operations.md", begins="diem06 ").items():
        name = key.split()[1]
        by_name[name] = f"{by_name.get(name, '')} {exit_codes}"
    return by_name


@pytest.mark.parametrize("file", COMMANDS, ids=lambda file: file.stem)
def test_every_command_is_documented_with_its_exit_codes(file):
    """The codes are those that the docstring of the command names."""
    app = ".".join(file.relative_to(SOURCE).parts[:-3])
    docstring = load_command_class(app, file.stem).__doc__ or ""
    named = set(re.findall(r"[:;,] (\d)\b", docstring))

    assert docstring.startswith("Exit codes: 0 ")
    assert set(re.findall(r"\b\d\b", commands_in_operations()[file.stem])) == named


def test_operations_names_no_command_that_is_not_there():
    """Ours, and the two of Django that an operator needs."""
    assert set(commands_in_operations()) == {file.stem for file in COMMANDS} | {"migrate", "createcachetable"}


def test_every_setting_is_documented_and_no_other():
    """A setting is an environment variable that settings, tests or set-up read."""
    readers = [SOURCE / "diem06/config/settings.py", SOURCE / "diem06/config/testing.py"]
    readers += [REPOSITORY / "setup/postgres.py", REPOSITORY / "setup/test.py"]
    read = {
        name
        for file in readers
        for name in re.findall(r'(?:environ\.get\(|environ\[|ADDRESS = )"(DIEM06_\w+)"', file.read_text("utf-8"))
    }

    assert "DIEM06_TEST_DATABASE" in read  # the pattern still finds what it should
    assert set(rows("docs/operations.md", begins="DIEM06_")) == read


def test_every_check_id_is_documented_and_no_other():
    ids = {
        found
        for file in SOURCE.rglob("*.py")
        if "tests" not in file.parts
        for found in re.findall(r'\bid="(\w+\.[CEIW]\d{3})"', file.read_text("utf-8"))
    }
    rooms = {found.split(".")[0] for found in ids}

    assert ids
    assert {key for room in rooms for key in rows("docs/operations.md", begins=f"{room}.")} == ids


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_in_the_tree_of_the_architecture(room):
    tree = text("docs/architecture.md").split("```")[1]

    assert re.search(rf"(?<![\w/]){re.escape(room)}", tree)


def test_the_tree_of_the_architecture_names_no_folder_that_is_not_there():
    tree = text("docs/architecture.md").split("```")[1]
    named = set(re.findall(r"(?<![\w/])([a-z_]+)/(?=\s)", tree)) - {"engine", "locale"}

    assert {f"{name}/" for name in named} - {"src/", "tests/", "vnlib/", "diem06/"} <= set(ROOMS)


def test_the_glossary_has_no_empty_cell():
    lines = [line for line in text("docs/glossary.md").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    assert len(cells) > 50
    assert [row for row in cells if len(row) != 4 or not all(row)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_and_paths_of_a_page_lead_somewhere(page):
    """Relative links, and paths of this repository between backticks."""
    words = page.read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", words) if "://" not in link]
    paths = re.findall(r"`((?:src|tests|docs|setup)/[\w./-]+)`", words)

    assert [link for link in links if link and not (page.parent / link).exists()] == []
    assert [path for path in paths if not ((REPOSITORY / path).exists() or (page.parent / path).exists())] == []


def test_every_decision_is_listed_and_has_its_three_parts():
    decisions = sorted((REPOSITORY / "docs/decisions").glob("0*.md"))
    listed = re.findall(r"\((0[\w-]+\.md)\)", text("docs/decisions/README.md"))

    assert listed == [file.name for file in decisions]
    for number, file in enumerate(decisions, start=1):
        words = file.read_text(encoding="utf-8")
        assert words.startswith(f"# {number}. ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", words, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            file.name
        )


def test_no_file_names_a_folder_outside_the_repository():
    """Product, tests and docs stand alone."""
    folders = [REPOSITORY / name for name in ("src", "tests", "docs", "setup", "bench", "soak", ".ci")]
    files = [file for file in REPOSITORY.iterdir() if file.is_file()]
    files += [file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.is_file()]
    written = [file for file in files if file.suffix in WRITTEN and not MADE & set(file.relative_to(REPOSITORY).parts)]

    assert len(written) > 200
    guilty = [file for file in written if PRIVATE.search(file.read_text(encoding="utf-8", errors="replace"))]
    assert [str(file.relative_to(REPOSITORY)) for file in guilty] == []
