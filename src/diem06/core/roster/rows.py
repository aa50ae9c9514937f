"""
Rows read and written past the ORM's work for each: what a gate at a festival waits for.

Columns and values still come from the models' own fields, so a migration needs no change here. For models whose key is `id`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


@lru_cache(maxsize=32)
def _insertion(model: type[models.Model]) -> tuple[str, str, tuple[tuple[str, Callable[..., Any]], ...]]:
    """Return the head of an INSERT, the marks of one row, and attribute and converter of each of its columns."""
    meta = model._meta  # noqa: SLF001 -- Django's documented way to a model's fields
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    converters = tuple((field.attname, field.get_db_prep_save) for field in fields)
    return f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ', f"({marks})", converters  # noqa: S608 -- our own names


def insert(model: type[models.Model], rows: Sequence[models.Model], *, known_by: str = "") -> None:
    """
    Insert rows in one statement, as `bulk_create` does.

    `known_by` names a unique field by which the keys that the database gives are read back; without it they are not.
    """
    if not rows:
        return
    head, marks, converters = _insertion(model)
    values = [convert(getattr(row, name), connection) for row in rows for name, convert in converters]
    statement = head + ", ".join([marks] * len(rows))
    with connection.cursor() as cursor:
        if not known_by:
            cursor.execute(statement, values)
            return
        field = _field(model, known_by)
        cursor.execute(f'{statement} RETURNING "{field.column}", id', values)
        keys = {field.to_python(known): key for known, key in cursor.fetchall()}
    for row in rows:
        row.pk = keys[getattr(row, known_by)]
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 -- as the ORM leaves a row that is stored


def update(model: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of stored rows anew, each row as it is; all rows are sent together."""
    if not rows:
        return
    statement, converters = _updating(model, tuple(names))
    values = [[convert(getattr(row, name), connection) for name, convert in converters] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


@lru_cache(maxsize=32)
def _updating(
    model: type[models.Model], names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, Callable[..., Any]], ...]]:
    meta = model._meta  # noqa: SLF001
    fields = [_field(model, name) for name in names]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    converters = [(field.attname, field.get_db_prep_save) for field in fields]
    return f'UPDATE "{meta.db_table}" SET {changes} WHERE id = %s', (*converters, ("pk", _as_it_is))  # noqa: S608


def _as_it_is(value: object, _connection: object) -> object:
    return value


def fetch(model: type[M], names: Collection[str], end: str, values: Sequence[Any]) -> list[M]:
    """
    Read these fields of rows by the end of a statement: `WHERE ... ORDER BY ...`. Other fields are read when they are asked for.

    For reads that a gate waits for: the ORM takes longer to write a statement than the database to answer it.
    """
    columns, attributes, converters = _reading(model, frozenset(names), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}" {end}', values)  # noqa: S608, SLF001
        found = cursor.fetchall()
    for place, convert, column in converters:
        found = [(*row[:place], convert(row[place], column, connection), *row[place + 1 :]) for row in found]
    return [model.from_db(connection.alias, attributes, row) for row in found]


@lru_cache(maxsize=32)
def _reading(
    model: type[models.Model], names: frozenset[str], _vendor: str
) -> tuple[str, frozenset[str], list[tuple[int, Callable[..., Any], Any]]]:
    """Return columns, attributes, and the converters that the ORM would call on each."""
    meta = model._meta  # noqa: SLF001
    fields = [field for field in meta.concrete_fields if field.name in names]
    assert len(fields) == len(names), names
    converters = [
        (place, convert, column)
        for place, column in enumerate(field.get_col(meta.db_table) for field in fields)
        for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection)
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return columns, frozenset(field.attname for field in fields), converters


def value_of(model: type[models.Model], name: str, value: object) -> Any:
    """Return a value as a statement of one's own passes it for a field."""
    return _field(model, name).get_db_prep_value(value, connection)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)  # noqa: SLF001
    assert isinstance(field, models.Field)
    return field


def marks(values: Collection[object]) -> str:
    """Return as many marks as there are values, for `IN (...)`."""
    return ", ".join(["%s"] * len(values))
