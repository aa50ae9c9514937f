"""How a device stands, and what it has sent, each in one statement past the ORM: each call of a gate asks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from diem06.desk.models import Device, Event


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


def count_in(device: Device, sequences: Sequence[int]) -> None:
    """Add events that are new to what is kept of a device: how many came, and the highest number."""
    most = max(sequences)
    statement = (
        "UPDATE desk_device SET event_count = event_count + %s,"
        " last_sequence = CASE WHEN last_sequence < %s THEN %s ELSE last_sequence END WHERE id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [len(sequences), most, most, device.pk])
