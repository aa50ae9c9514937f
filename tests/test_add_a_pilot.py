"""
`docs/how-to/add-a-pilot.md` is true: its blocks, in a copy of the tree, make a tenth pilot that runs a month.

One folder and files of the plan are all that the copy has more than the tree.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import Browser, serving

pytestmark = pytest.mark.once
REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs/how-to/add-a-pilot.md"
PILOT = Path("src/diem06/pilots/library_loans")
PLAN = Path("src/diem06/plan/bundles/bac_giang_2023")
# The first line of a block says which file it is, or that it goes to the end of one.
NAMED = re.compile(r"(?:#|\{#) (at the end of )?(src/[\w./-]+)(?: #\})?\n")


def blocks() -> Iterator[tuple[Path, bool, str]]:
    """Yield file, whether the block goes to its end, and text of each block that names a file."""
    for block in re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        if named := NAMED.match(block):
            yield Path(named[2]), bool(named[1]), block[named.end() :]


class Copy:
    """A copy of the tree with the blocks of the page in it, and a demo of one month in a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.data = folder / "tree", folder / "data"
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        for name in ("src", "static", "tests"):
            shutil.copytree(REPOSITORY / name, self.tree / name, ignore=ignored)
        for name in ("conftest.py", "pyproject.toml"):
            shutil.copy(REPOSITORY / name, self.tree)
        for file, at_end, text in blocks():
            target = self.tree / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(target.read_text("utf-8") + "\n" + text if at_end else text, encoding="utf-8")

    def run(self, *command: str) -> str:
        """Run a Python module of the copy to its end and return what it printed."""
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.tree,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def diem06(self, *command: str) -> str:
        return self.run("diem06.config.command_line", *command)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIEM06_", "PYTEST_"))}
        return kept | {
            "PYTHONPATH": str(self.tree / "src"),
            "DIEM06_DATA": str(self.data),
            "DJANGO_SETTINGS_MODULE": "diem06.config.settings",
        }

    def added(self) -> set[Path]:
        """Return the files that are not as in the tree, or not there."""
        return {
            file.relative_to(self.tree)
            for file in (self.tree / "src").rglob("*")
            if file.is_file()
            and not {"__pycache__", "LC_MESSAGES"} & set(file.parts)
            and not _is_same(file, REPOSITORY / file.relative_to(self.tree))
        }


def _is_same(file: Path, other: Path) -> bool:
    return other.exists() and filecmp.cmp(file, other, shallow=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("pilot"))
    made.diem06("makemigrations", "library_loans")
    made.diem06("demo", "--no-serve", "--months", "1")
    return made


def test_one_folder_and_lines_of_the_plan_are_all_that_changed(copy: Copy) -> None:
    outside = {file for file in copy.added() if not file.is_relative_to(PILOT)}
    assert {file.parent for file in outside} == {PLAN}
    assert (copy.tree / PILOT / "migrations/0001_initial.py").exists()


def test_the_copy_passes_the_checks_and_the_pilots_own_tests(copy: Copy) -> None:
    copy.diem06("check")
    copy.diem06("makemigrations", "--check")
    assert " passed" in copy.run("pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(PILOT))


def figure(copy: Copy, period: str) -> dict[str, Any]:
    """Return the province's figure of the pilot's indicator."""
    rows = json.loads(copy.diem06("figures", period, "--json"))
    return next(row for row in rows if row["indicator"] == "M9.1" and (row["area"] or {}).get("code") == "24")


def test_a_month_of_the_tenth_pilot_is_a_figure_and_a_loan_at_the_counter_moves_it(
    copy: Copy, monkeypatch: Any
) -> None:
    past = figure(copy, "2023-07")
    assert past["grade"] == "evidenced"
    assert int(past["denominator"]) > 0

    monkeypatch.chdir(copy.tree)
    monkeypatch.setattr("tests.server.REPOSITORY", copy.tree)
    monkeypatch.setenv("PYTHONPATH", str(copy.tree / "src"))
    with serving(copy.data) as server:
        person = Browser(server.url)
        person.submit("/account/login/", login="bc-so-vhttdl", password="diem06-so-lieu-gia-dinh")
        page = person.get("/pilots/library-loans/")
        assert "Thư viện tỉnh" in page
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key
        for _time in range(2):
            person.submit("/pilots/library-loans/", key=key[1], library="library:tinh", count="7", by_card="on")
        assert "Mượn sách bằng thẻ căn cước" in person.get("/pilots/")
    now = figure(copy, "2024-07")
    assert (int(now["numerator"]), int(now["denominator"])) == (7, 7)
