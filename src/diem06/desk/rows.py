"""
The few statements of the hot path, without the ORM's work for each: a gate at a festival sends its scans through here.

Columns and values still come from the models' own fields, so a migration needs no change here.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models

from diem06.desk.models import Device, Event

_in_this_process = Lock()


@lru_cache(maxsize=16)
def _insert_statement(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))  # noqa: SLF001
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})', fields  # noqa: S608, SLF001


def insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert rows as `bulk_create` does; their own keys, where the database gives them, are not read back."""
    statement, fields = _insert_statement(model)
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(statement, values[0])
        else:
            cursor.executemany(statement, values)


def standing_of(device: Device, ids: Sequence[UUID]) -> tuple[bool, bool] | None:
    """
    Return whether a device is in use, and whether any of the events is stored already; None where there is no such device (any more).

    What a process remembers of a device (its key, its place) never changes; this is what may.
    """
    key = Event._meta.pk  # noqa: SLF001
    assert key is not None
    marks = ", ".join(["%s"] * len(ids)) or "NULL"
    statement = (
        f"SELECT revoked_at IS NULL, EXISTS (SELECT 1 FROM desk_event WHERE id IN ({marks}))"  # noqa: S608
        " FROM desk_device WHERE id = %s AND public_key = %s"
    )
    values = [key.get_db_prep_value(one, connection) for one in ids]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, device.pk, device.public_key])
        row = cursor.fetchone()
    return None if row is None else (bool(row[0]), bool(row[1]))


@contextmanager
def turn() -> Iterator[None]:
    """
    Wait for one's turn to write, where the database is SQLite: one writes at a time there anyway.

    SQLite lets a writer who waits sleep and ask again, ever longer; here the next one goes on as soon as the one before is done. The
    kernel keeps the order between processes, and a process that is killed holds nothing.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _in_this_process:
        handle = _lock_file(settings.DIEM06_DATA, os.getpid())
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


@lru_cache(maxsize=4)
def _lock_file(folder: Path, _process: int) -> int:
    return os.open(folder / "desk.lock", os.O_RDWR | os.O_CREAT, 0o600)
