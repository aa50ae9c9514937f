"""What the tests of the whole product share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server import diem06


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("migrated")
    diem06(data, "migrate", "--verbosity", "0")
    return data


@pytest.fixture(scope="session")
def copy_migrated(_migrated: Path) -> Callable[[Path], Path]:
    """`copy_migrated(folder)` makes `folder` the data folder of a diem06 that was only just migrated, and returns it."""

    def copy(folder: Path) -> Path:
        shutil.copytree(_migrated, folder, dirs_exist_ok=True)
        return folder

    return copy
