"""A backup made while people save comes back elsewhere whole: the rows of one moment, the files, an audit chain that holds."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.one_month import CELLS, PASSWORD, SET_UP, UNIT, VALUES
from tests.server import Browser, Server, diem06, python

KEEP_A_FILE = """
from datetime import UTC, datetime
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
store_file(content=b"%PDF-1.4 signed %%EOF", name="a.pdf", allowed=[FileKind.PDF], at=datetime.now(UTC), by=None)
"""
SEAL = """
from base64 import b64encode
from diem06.core.residents.sealing import digest, seal
from diem06.desk.escrow import escrow_public_key, seal_for_server
key, sealed = seal_for_server(b"hang doi", escrow_key=escrow_public_key(), nonce=bytes(12))
print(b64encode(seal("001090900001", context="visit:1")).decode(), digest("001090900001"), key, b64encode(sealed).decode())
"""
OPEN = """
from base64 import b64decode
from diem06.core.residents.sealing import digest, open_sealed
from diem06.desk.escrow import open_for_server
text, number, key, sealed = {sealed!r}.split()
assert digest("001090900001") == number
print(open_sealed(b64decode(text), context="visit:1"), open_for_server(ephemeral=key, nonce=bytes(12), sealed=b64decode(sealed)).decode())
"""
LOSE_A_FILE = """
from diem06.core.evidence import store
next(store.folder().glob("??/*")).unlink()
"""


@pytest.fixture(scope="module")
def made_world(one_month: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Path(shutil.copytree(one_month, tmp_path_factory.mktemp("world"), dirs_exist_ok=True))
    python(data, KEEP_A_FILE)
    return data


@pytest.fixture
def world(made_world: Path, tmp_path: Path) -> Path:
    """A diem06 with one open month, one reporter and one kept file: a copy for each test."""
    return Path(shutil.copytree(made_world, tmp_path / "here"))


def test_a_backup_made_under_load_comes_back_elsewhere_as_one_moment(world: Path, tmp_path: Path) -> None:
    """What was acknowledged before it began is in it; what is in it is one state, and its chain holds."""
    names = json.loads(python(world, CELLS))
    server = Server(world)
    browser = Browser(server.url)
    browser.submit("/account/login/", login="ha", password=PASSWORD)
    browser.get(f"/my-work/2023-07/{UNIT}/")
    acknowledged: list[str] = []
    enough, stop = threading.Event(), threading.Event()

    def save() -> None:
        for value, name in enumerate(names, 1):
            if stop.is_set():
                return
            body = {"key": str(uuid.uuid4()), "values": [{"name": name, "text": str(value), "seen": ""}]}
            status, _answer = browser.post_json(f"/my-work/2023-07/{UNIT}/values/", body)
            assert status == HTTPStatus.OK
            acknowledged.append(name)
            if len(acknowledged) == 20:
                enough.set()

    saving = threading.Thread(target=save)
    saving.start()
    assert enough.wait(60)
    before = list(acknowledged)
    made = diem06(world, "backup", str(tmp_path / "a.tar"))
    stop.set()
    saving.join()
    server.stop()
    assert "1 kept files" in made.stdout
    assert len(acknowledged) > len(before), "nothing was saved while the backup was made"

    there = tmp_path / "there"
    there.mkdir()
    back = diem06(there, "restore", str(tmp_path / "a.tar"), check=False)
    assert back.returncode == 0, back.stdout + back.stderr
    assert [line[:4] for line in back.stdout.splitlines()[1:]] == ["ok  "] * 3, back.stdout
    stored = json.loads(python(there, VALUES))
    assert set(before) <= set(stored) <= set(names)
    assert {name: stored[name] for name in before} == {name: names.index(name) + 1 for name in before}
    assert (there / "secret-key").read_text() == (world / "secret-key").read_text()


def test_what_was_sealed_opens_after_the_restore(copy_migrated: Callable[[Path], Path], tmp_path: Path) -> None:
    """The ring of sealing keys and the escrow key of the desks come along; without them personal data would be lost for good."""
    here, there = copy_migrated(tmp_path / "here"), tmp_path / "there"
    there.mkdir()
    sealed = python(here, SEAL)
    diem06(here, "backup", str(tmp_path / "b.tar"))
    diem06(there, "restore", str(tmp_path / "b.tar"))
    assert python(there, OPEN.format(sealed=sealed)).strip() == "001090900001 hang doi"
    for name in ("sealing-keys.json", "desk-escrow.json"):
        assert (there / name).stat().st_mode & 0o077 == 0


def test_nothing_is_restored_over_what_is_there(world: Path, tmp_path: Path) -> None:
    diem06(world, "backup", str(tmp_path / "a.tar"))
    again = diem06(world, "restore", str(tmp_path / "a.tar"), check=False)
    assert again.returncode == 2
    assert "not empty" in again.stderr
    twice = diem06(world, "backup", str(tmp_path / "a.tar"), check=False)
    assert twice.returncode == 2
    assert "exists already" in twice.stderr


@pytest.mark.parametrize("what", ["changed", "cut off", "something else"])
def test_a_file_that_is_not_what_was_written_is_refused_by_name(world: Path, tmp_path: Path, what: str) -> None:
    file = tmp_path / "a.tar"
    diem06(world, "backup", str(file))
    if what == "changed":
        _change(file, "secret-key")
    else:
        file.write_bytes(file.read_bytes()[:2000] if what == "cut off" else b"no tar")
    there = tmp_path / "there"
    there.mkdir()
    refused = diem06(there, "restore", str(file), check=False)
    assert refused.returncode == 2
    assert ("secret-key is not what" if what == "changed" else "no backup of diem06") in refused.stderr


def _change(file: Path, name: str) -> None:
    with tarfile.open(file) as tar:
        parts = [(member, tar.extractfile(member).read()) for member in tar.getmembers()]  # type: ignore[union-attr]
    with tarfile.open(file, "w") as tar:
        for member, content in parts:
            kept = b"x" * len(content) if member.name == name else content
            tar.addfile(member, io.BytesIO(kept))


def test_a_lost_file_is_told_after_the_restore(world: Path, tmp_path: Path) -> None:
    python(world, LOSE_A_FILE)
    diem06(world, "backup", str(tmp_path / "a.tar"))
    there = tmp_path / "there"
    there.mkdir()
    told = diem06(there, "restore", str(tmp_path / "a.tar"), check=False)
    assert told.returncode == 1
    assert "FAIL files: a.pdf" in told.stdout


# -- PostgreSQL ------------------------------------------------------------------------------------------------------
@pytest.fixture
def two_databases() -> Iterator[tuple[str, str]]:
    """The addresses of two empty databases on the server of the tests."""
    address = os.environ.get("DIEM06_TEST_DATABASE", "")
    if not address:
        pytest.skip("runs with the PostgreSQL part of the tests")
    names = [f"backup_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    with closing(psycopg.connect(address, autocommit=True)) as server:
        for name in names:
            server.execute(f'CREATE DATABASE "{name}"')
        yield (
            urlsplit(address)._replace(path=f"/{names[0]}").geturl(),
            urlsplit(address)._replace(path=f"/{names[1]}").geturl(),
        )
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.usefixtures("django_db_setup")  # so that it runs with that part
def test_a_backup_of_postgresql_comes_back_in_another_database(two_databases: tuple[str, str], tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    diem06(here, "migrate", "--verbosity", "0", database=two_databases[0])
    python(here, SET_UP, database=two_databases[0])
    python(here, KEEP_A_FILE, database=two_databases[0])
    diem06(here, "backup", str(tmp_path / "a.tar"), database=two_databases[0])
    back = diem06(there, "restore", str(tmp_path / "a.tar"), check=False, database=two_databases[1])
    assert back.returncode == 0, back.stdout + back.stderr
    assert [line[:4] for line in back.stdout.splitlines()[1:]] == ["ok  "] * 3, back.stdout
