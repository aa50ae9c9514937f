"""Plans to draft: the real one as text and as a Word file, and invented ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from diem06.plan.drafting import Draft, SourceFile, read_draft
from diem06.plan.model import Plan
from diem06.plan.reader import bundle_path, read_plan

DATA = Path(__file__).parent / "data"
PLAN_TEXT = Path(__file__).parents[2] / "tests" / "data" / "ke-hoach-mo-hinh-diem-2023.txt"


def drafted(content: bytes | str, name: str = "ke-hoach") -> Draft:
    return read_draft([SourceFile(name=name, content=content.encode() if isinstance(content, str) else content)])


@pytest.fixture(scope="session")
def by_hand() -> Plan:
    """The plan of Bắc Giang as people wrote it down."""
    return read_plan(bundle_path("bac-giang-2023"))


@pytest.fixture(scope="session")
def plan_text() -> str:
    return PLAN_TEXT.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def from_text(plan_text: str) -> Draft:
    return drafted(plan_text)
