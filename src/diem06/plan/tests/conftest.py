"""The shipped plan, and copies of the small invented one that a test may break."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from diem06.plan.checks import KnownAreas
from diem06.plan.model import Plan
from diem06.plan.reader import bundle_path, read_plan

DATA = Path(__file__).parent / "data"
PLANS = Path(__file__).parents[4] / "tests" / "data" / "plans"


def known_areas(path: Path) -> KnownAreas:
    """Read an area list as `check` takes it."""
    found: dict[str, list[tuple[date, date | None, str]]] = defaultdict(list)
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        end = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        found[row["code"]].append((date.fromisoformat(row["valid_from"]), end, row["level"]))
    return dict(found)


@pytest.fixture(scope="session")
def bundle() -> Plan:
    return read_plan(bundle_path("bac-giang-2023"))


@pytest.fixture(scope="session")
def bundle_areas() -> KnownAreas:
    return known_areas(DATA / "areas.csv")


@pytest.fixture(scope="session")
def plan_text() -> str:
    return (DATA / "ke-hoach-mo-hinh-diem-2023.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def small_areas() -> KnownAreas:
    return known_areas(PLANS / "song_may_2024_areas.csv")


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """A copy of the invented plan of the district of Sông Mây."""
    return Path(shutil.copytree(PLANS / "song_may_2024", tmp_path / "plan"))


@pytest.fixture
def break_plan(small_folder: Path):
    """Replace text in a file of the copy; return the file and the line where `at` (the new text if empty) then begins."""

    def replace(file: str, old: str, new: str, at: str = "") -> tuple[str, int]:
        path = small_folder / file
        before = path.read_text(encoding="utf-8")
        assert before.count(old) >= 1, f"{old!r} is not in {file}"
        after = before.replace(old, new, 1)
        path.write_text(after, encoding="utf-8")
        return str(path), after[: after.index(at or new)].count("\n") + 1

    return replace
