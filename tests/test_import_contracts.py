"""Each import contract of pyproject.toml is broken once on purpose, in a copy of the source: it must notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
REPOSITORY = Path(__file__).resolve().parent.parent

# contract, file that gets a line, the line
OFFENCES = {
    "a lower floor imports a higher": ("Floors", "diem06/cube/keys.py", "import diem06.reports"),
    "a folder that is no floor": ("Floors", "diem06/utils/__init__.py", ""),
    "a room of core imports one above it": ("Rooms of core", "diem06/core/areas/models.py", "import diem06.core.plans"),
    "two rooms side by side": ("Rooms of core", "diem06/core/ui/words.py", "import diem06.core.access"),
    "a folder that is no room of core": ("Rooms of core", "diem06/core/helpers/__init__.py", ""),
    "the plan imports Django": ("Plain Python below", "diem06/plan/model.py", "import django.db"),
    "a library imports Django": ("Plain Python below", "vnlib/text/__init__.py", "import django"),
    "the engine imports Django": ("The engine knows no Django", "diem06/cube/engine/rollup.py", "import django.db"),
    "a second module imports Spark": ("One module knows Spark", "diem06/cube/board.py", "import pyspark"),
    "a library imports the product": ("Libraries know no province", "vnlib/text/__init__.py", "import diem06.plan"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A copy of the source and of the contracts."""
    folder = tmp_path_factory.mktemp("contracts")
    ignored = shutil.ignore_patterns("static", "templates", "locale", "__pycache__", "tests", "*.csv", "*.toml")
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


def broken_contracts(folder: Path) -> set[str]:
    """Run the contracts on `folder`/src and return the names of those that it breaks."""
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        check=False,
        text=True,
    )
    # After it may stand how many imports the contract lets pass.
    names = {line.split(" BROKEN")[0] for line in ended.stdout.splitlines() if " BROKEN" in line}
    assert (ended.returncode != 0) == bool(names), ended.stdout + ended.stderr
    return names


def test_source_keeps_every_contract(source):
    """The copy as it is breaks none: what the tests below see comes from their own line."""
    assert broken_contracts(source) == set()


@pytest.mark.parametrize(("contract", "file", "line"), OFFENCES.values(), ids=OFFENCES)
def test_offence_is_noticed(source, contract, file, line):
    """One line in one file breaks the contract that forbids it."""
    target = source / "src" / file
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert contract in broken_contracts(source)
    finally:
        if before is None:
            shutil.rmtree(target.parent)
        else:
            target.write_text(before, encoding="utf-8")


def test_every_contract_is_broken_once():
    """A contract added to pyproject.toml needs an offence here."""
    import tomllib

    written = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    names = {contract["name"] for contract in written["tool"]["importlinter"]["contracts"]}
    assert names == {contract for contract, _, _ in OFFENCES.values()}
