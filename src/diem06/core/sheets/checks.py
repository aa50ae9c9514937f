"""System checks of the sheets that apps declare."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from diem06.core.declarations import undeclared
from diem06.core.sheets.columns import Column, Kind
from diem06.core.sheets.declared import DeclaredSheet, ListSheet, installed_sheets


@register()
def sheets_are_whole(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  the signature of every check
    """sheets.E001: a `sheets.py` has SHEETS; sheets.E002: codes are unique; sheets.E003: a sheet lacks a part."""
    faults: list[CheckMessage] = []
    for config, fault in undeclared("sheets", "SHEETS"):
        hint = "Write SHEETS = (ListSheet(...),) in it, or give the file another name."
        faults.append(Error(f"{config.name}.sheets offers no sheets: {fault}", hint=hint, id="sheets.E001"))
    if faults:
        return faults
    for code, count in Counter(sheet.code for sheet in installed_sheets()).items():
        if count > 1:
            faults.append(Error(f"{count} sheets are coded {code!r}.", hint="Rename one.", id="sheets.E002"))
    return [*faults, *(fault for sheet in installed_sheets() for fault in faults_of(sheet))]


def faults_of(sheet: DeclaredSheet) -> Iterator[CheckMessage]:
    """Yield what a sheet lacks (sheets.E003)."""
    for words, hint in _lacks(sheet):
        yield Error(f"The sheet {sheet.code!r} {words}.", hint=hint, id="sheets.E003")


def _lacks(sheet: DeclaredSheet) -> Iterator[tuple[str, str]]:
    if not sheet.columns:
        yield "has no columns", "Give it at least one Column."
    if not callable(getattr(sheet, "access", None)):
        yield "names no access rule", "Give it one of diem06.core.access, asked with `scope`."
    for key, count in Counter(column.key for column in sheet.columns).items():
        if count > 1:
            yield f"has {count} columns {key!r}", "Rename one."
    for column in sheet.columns:
        yield from _lacks_of_column(column)
    if isinstance(sheet, ListSheet):
        required = {column.key for column in sheet.columns if column.required}
        if not sheet.key or not set(sheet.key) <= required:
            yield "has a key that is not all of required columns", "Name required columns in `key`."
        for name in ("known_rows", "load_rows", "undo_rows"):
            if not callable(getattr(sheet, name)):
                yield f"has no {name}", "Give it a function of the app."


def _lacks_of_column(column: Column) -> Iterator[tuple[str, str]]:
    if column.kind is Kind.CHOICE and not column.choices:
        yield f"has no choices for {column.key!r}", "Name value and words of each choice."
    if not str(column.head).strip():
        yield f"has no head over {column.key!r}", "The head finds the column in a file."
