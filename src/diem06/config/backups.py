"""
A backup: one file that holds the database at one moment, every kept file, and the keys.

It is made while people work. The database is read in one snapshot; the bytes of kept files never change under their hash, and
every one that was there before the snapshot is held by a link until it is copied, so a removal meanwhile takes nothing away.

The file is a tar: `manifest.json` first (what is in it, with counts of rows and hashes), then `database`, the keys
and `files/…`. It holds personal data and what opens them: it is written for its owner's eyes alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from diem06.core.audit.queries import Verification, verify
from diem06.core.evidence import store
from diem06.core.evidence.queries import damaged
from diem06.core.residents import sealing
from diem06.cube.closing import keys
from diem06.desk import escrow

FORMAT: Final = 1
_BESIDE: Final = ("secret-key", sealing.FILE, keys.FILES, escrow.FILE, "clock.json")
"""What lies in the data folder beside database and files: the keys (without the ring nothing sealed opens), and the pretended time of a demo."""
_CHUNK: Final = 1024 * 1024


class BackupError(RuntimeError):
    """No backup can be made or brought back; the message tells the operator what to do."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at after a restore."""

    name: str
    is_good: bool
    words: str


# -- making one ------------------------------------------------------------------------------------------------------
def back_up(*, to: Path, at: datetime) -> dict[str, Any]:
    """
    Write a backup to `to` and return its manifest. The file is there whole, on the disk, or not at all.

    Raises BackupError where `to` exists already or the tools of the database are missing.
    """
    if to.exists():
        raise BackupError(f"{to} exists already; choose another name.")
    to.parent.mkdir(parents=True, exist_ok=True)
    # Beside the files that it links, for a link cannot reach another disk.
    beside = Path(settings.MEDIA_ROOT)
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as name:
        work = Path(name)
        held = work / "files"
        _hold(held)
        counts = _snapshot(work / "database")
        _hold(held)  # those that came between
        manifest = _manifest(work, counts, at)
        _write(to, work, manifest)
    return manifest


def _hold(held: Path) -> None:
    """Link every kept file into `held`."""
    if not store.folder().is_dir():
        return
    for file in store.folder().glob("??/*"):
        if file.name.startswith("."):
            continue
        place = held / file.parent.name / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, place)
        except FileExistsError:
            pass
        except FileNotFoundError:
            pass  # removed since it was listed: its time was over


def _snapshot(to: Path) -> dict[str, int]:
    """Copy the database as it is at one moment, and count the rows of each table at that very moment."""
    return _snapshot_of_postgresql(to) if connection.vendor == "postgresql" else _snapshot_of_sqlite(to)


def _snapshot_of_sqlite(to: Path) -> dict[str, int]:
    name = str(settings.DATABASES["default"]["NAME"])
    with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)  # in one step: one state, however many write meanwhile
        return {table: copy.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for table in _tables()}  # noqa: S608


def _snapshot_of_postgresql(to: Path) -> dict[str, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={to}", *_address())
        counts = {}
        for table in _tables():
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608  names come from the models
            counts[table] = cursor.fetchone()[0]
        return counts


def _tables() -> list[str]:
    """Return the tables of the models, many-to-many ones included."""
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed})  # noqa: SLF001


def _manifest(work: Path, counts: dict[str, int], at: datetime) -> dict[str, Any]:
    loader = MigrationLoader(connection)
    for file in _beside(Path(settings.DIEM06_DATA)):
        shutil.copyfile(file, work / file.name)
    return {
        "format": FORMAT,
        "made_at": at.isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in loader.applied_migrations or ()),
        "rows": counts,
        "sha256": {str(file.relative_to(work)): _digest(file) for file in _files(work)},
    }


def _beside(folder: Path) -> Iterator[Path]:
    for name in _BESIDE:
        yield from folder.glob(name)


def _files(work: Path) -> Iterator[Path]:
    yield from sorted(file for file in work.rglob("*") if file.is_file())


def _write(to: Path, work: Path, manifest: dict[str, Any]) -> None:
    handle, beside = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}-")  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                _add_text(tar, "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
                for name in manifest["sha256"]:
                    tar.add(work / name, arcname=name)
            out.flush()
            os.fsync(out.fileno())
        os.link(beside, to)  # never over a file that came meanwhile
    finally:
        Path(beside).unlink(missing_ok=True)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


# -- bringing one back -----------------------------------------------------------------------------------------------
def restore(*, file: Path) -> tuple[dict[str, Any], list[Check]]:
    """
    Bring a backup back into an empty diem06, and look at what came: the manifest and one line for each check.

    Raises BackupError for a file that is none, that was changed, or comes from another database or a newer diem06, and where
    the database or the files here are not empty.
    """
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DIEM06_DATA) as name:
        work = Path(name)
        manifest = _unpack(file, work)
        _check_place(manifest)
        if manifest["engine"] == "postgresql":
            _run(
                "pg_restore",
                "--no-owner",
                "--exit-on-error",
                "--single-transaction",
                *_address(),
                str(work / "database"),
            )
        else:
            _replace_sqlite(work / "database")
        _put(work / "files", store.folder())
        for kept in _beside(work):
            place = Path(settings.DIEM06_DATA) / kept.name
            shutil.copyfile(kept, place)
            place.chmod(0o600)
    connection.close()
    counted = _counted()
    call_command("migrate", verbosity=0)
    return manifest, _checks(manifest, counted)


def _unpack(file: Path, work: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(work, filter="data")  # nothing outside, no links, no devices
        manifest: dict[str, Any] = json.loads((work / "manifest.json").read_text())
    except OSError as fault:
        raise BackupError(f"{file} cannot be read: {fault.strerror or fault}.") from fault
    except (tarfile.TarError, ValueError) as fault:
        raise BackupError(f"{file} is no backup of diem06, or it is cut off.") from fault
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{file} has format {manifest.get('format')}; this diem06 reads {FORMAT}.")
    found = {str(one.relative_to(work)): _digest(one) for one in _files(work) if one.name != "manifest.json"}
    if wrong := sorted(set(found.items()) ^ set(manifest["sha256"].items())):
        raise BackupError(f"{file} was changed: {wrong[0][0]} is not what its manifest says.")
    return manifest


def _check_place(manifest: dict[str, Any]) -> None:
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"The backup is of {manifest['engine']}, the database here is {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise BackupError(f"The backup comes from a newer diem06 ({newer[-1]}). Update this one first.")
    if connection.introspection.table_names():
        raise BackupError("The database here is not empty. Restore into a new one: nothing is ever overwritten.")
    if store.folder().is_dir() and any(store.folder().iterdir()):
        raise BackupError(f"{store.folder()} is not empty. Restore into a new data folder.")


def _replace_sqlite(snapshot: Path) -> None:
    connection.close()
    place = Path(settings.DATABASES["default"]["NAME"])
    for ending in ("", "-wal", "-shm"):
        Path(f"{place}{ending}").unlink(missing_ok=True)  # empty, as was checked
    shutil.copyfile(snapshot, place)
    place.chmod(0o600)
    with place.open("rb") as file:
        os.fsync(file.fileno())


def _put(held: Path, to: Path) -> None:
    for file in held.glob("??/*"):
        place = to / file.parent.name / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        with place.open("rb") as copied:
            os.fsync(copied.fileno())


def _counted() -> dict[str, int]:
    counts = {}
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in _tables():
            if table in there:
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608  names come from the models
                counts[table] = cursor.fetchone()[0]
    return counts


def _checks(manifest: dict[str, Any], counted: dict[str, int]) -> list[Check]:
    wanted = manifest["rows"]
    differing = [
        f"{table}: {counted.get(table, 0)} for {rows}"
        for table, rows in wanted.items()
        if counted.get(table, 0) != rows
    ]
    chain = verify()
    lost = damaged()
    return [
        Check(
            name="rows",
            is_good=not differing,
            words="; ".join(differing) or f"{sum(wanted.values())} rows in {len(wanted)} tables, as when it was made",
        ),
        Check(name="audit", is_good=chain.holds, words=_told(chain)),
        Check(
            name="files",
            is_good=not lost,
            words=", ".join(file.name for file in lost) or f"{_kept()} kept files, each with its hash",
        ),
    ]


def _told(chain: Verification) -> str:
    if chain.fault:
        return f"entry {chain.fault.entry_id} at position {chain.fault.position}: {chain.fault.what}"
    if chain.missing_triggers:
        return f"missing triggers: {', '.join(chain.missing_triggers)}"
    return f"{chain.linked} entries in one chain, {chain.unlinked} not linked yet"


def _kept() -> int:
    return sum(1 for _file in store.folder().glob("??/*"))


# -- tools -----------------------------------------------------------------------------------------------------------
def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _address() -> list[str]:
    told = connection.get_connection_params()
    given = [("--host", told.get("host")), ("--port", told.get("port")), ("--username", told.get("user"))]
    return [f"--dbname={told['dbname']}", *(f"{name}={value}" for name, value in given if value)]


def _run(program: str, *arguments: str) -> None:
    password = connection.get_connection_params().get("password") or ""
    try:
        ended = subprocess.run(
            [program, *arguments],
            env={**os.environ, "PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as missing:
        raise BackupError(f"{program} is not there: install Debian's package postgresql-client.") from missing
    if ended.returncode:
        raise BackupError(f"{program}: {ended.stderr.strip()[-500:]}")
