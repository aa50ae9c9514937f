"""A bundle as text: the files of a plan's folder, kept with the plan so that it can always be read again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from diem06.plan.model import Plan
from diem06.plan.reader import read_plan


def bundle_files(folder: Path) -> dict[str, str]:
    """Return name and text of each plan file in `folder`."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.toml"))}


def plan_from_files(files: dict[str, str]) -> Plan:
    """Read a plan from the text of its files. Raises PlanErrors."""
    with TemporaryDirectory(prefix="plan-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return read_plan(Path(folder))


def digest(files: dict[str, str]) -> str:
    """Return the hash by which figures and reports cite a bundle: sha256 over names and texts, each with its length."""
    parts = [f"{len(name)} {name} {len(text)} {text}" for name, text in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
