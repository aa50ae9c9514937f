"""
What installed apps take from Excel files: each declares its sheets in its `sheets.py`.

    SHEETS = (
        ListSheet(
            code="meals.served",
            title=_("Suất ăn"),
            columns=(
                Column(key="day", head=_("Ngày"), kind=Kind.DATE, required=True),
                Column(key="area", head=_("Xã, phường"), kind=Kind.AREA, level="commune", required=True),
                Column(key="meals", head=_("Số suất"), kind=Kind.WHOLE, required=True),
            ),
            key=("day", "area"),
            access=access.of_unit("scope"),   # asked with `scope`, the one word of the URL that says whose or which
            known_rows=queries.meals_by_key,  # what is there: known_rows(scope=, keys=) -> {key: Known(...)}
            load_rows=actions.load_meals,     # load_rows(scope=, rows=, at=, by=) -> plain JSON that undoing needs
            undo_rows=actions.take_back,      # undo_rows(scope=, undo=, at=, by=)
        ),
    )

That file is all that an app needs. Pages, staging, templates, exports, comments in the file that goes back and undoing are
common. A sheet that is no plain list of rows subclasses `DeclaredSheet` itself.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol, TypeAlias

from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.access import Predicate, Subject
from diem06.core.declarations import declared
from diem06.core.evidence.models import FileKind
from diem06.core.sheets.columns import NUMBERS, Answers, Column, Words, plain_value, python_value, shown_value
from diem06.core.sheets.models import Verdict
from diem06.core.sheets.reading import WorkbookError


class SheetRefusedError(ValueError):
    """The app takes nothing now (a lock, an approval); `str(error)` tells the person why, and who can change it."""


class WrongFileError(WorkbookError):
    """A workbook that is not one of this sheet and scope; the text says which one is wanted."""


class StaleError(Exception):
    """What is there changed between the look at it and the load. The batch is judged again and shown again."""


# -- what is read, and what is there ---------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ReadCell:
    """One cell of an upload as it was read."""

    column: str
    at: str = ""
    text: str = ""
    shown: str = ""  # the value as the page shows it
    reason: str = ""
    asks: str = ""
    proposal: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """
    One row of an upload. `values` None: something in it is wrong. `key` "" where it could not be read.

    `made`: the record that stood there when the template was made, None where the file does not say. `untouched`: it stands as
    the template was handed out, so it says nothing and changes nothing.
    """

    sheet: str = ""
    at: str = ""
    key: str = ""
    label: str = ""
    cells: tuple[ReadCell, ...] = ()
    values: Mapping[str, Any] | None = None
    reason: str = ""
    hint: str = ""
    made: str | None = None
    untouched: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A whole upload as it was read. `notes`: what the person should know of the file."""

    rows: Sequence[ReadRow]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Known:
    """
    What stands under a key. `record` names this very state where the app has such a name; `by` and `at` say who made it so.
    """

    values: Mapping[str, Any]
    record: str = ""
    by: int | None = None
    at: datetime | None = None

    def state(self) -> dict[str, Any]:
        """Return it as plain JSON, to be compared later."""
        return {"values": {key: plain_value(value) for key, value in self.values.items()}, "record": self.record}


@dataclass(frozen=True, kw_only=True)
class RowToLoad:
    """A row that the person confirmed. `before` is what stood there when they saw it ({values, record}), None for nothing."""

    key: str
    values: Mapping[str, Any]
    verdict: Verdict
    before: Mapping[str, Any] | None


# -- a declared sheet ------------------------------------------------------------------------------------------------
class DeclaredSheet(abc.ABC):
    """What the machinery asks of a sheet."""

    code: str
    title: Words
    columns: tuple[Column, ...]
    access: Predicate
    bulk: bool = False
    takes: ClassVar[tuple[FileKind, ...]] = (FileKind.EXCEL,)

    def may(self, subject: Subject, scope: str) -> bool:
        """May this person see, load and undo what is brought for `scope`?"""
        return self.access(subject, scope=scope)

    def words(self, scope: str) -> str:  # noqa: ARG002  a sheet without scopes has no words for one
        """Return what `scope` is called on the page."""
        return ""

    def upload_url(self, scope: str) -> str:
        """Return the page on which a file is brought."""
        return reverse("sheet", args=(self.code, scope))

    def home(self, scope: str) -> tuple[str, str] | None:  # noqa: ARG002
        """Return address and title of the page where what was loaded is seen."""
        return None

    def check_open(self, scope: str, *, at: datetime) -> None:  # noqa: B027  most sheets are always open
        """Raise SheetRefusedError where nothing may be brought now."""

    def check_undo(self, scope: str, *, at: datetime) -> None:  # noqa: B027
        """Raise SheetRefusedError where what was loaded is built upon as a whole: approved, accepted, locked."""

    @abc.abstractmethod
    def read(self, content: bytes, scope: str, *, answers: Answers, at: datetime) -> Reading:
        """Return the rows of a file. Raises a WorkbookError for one that is not read at all."""

    def read_block(
        self,
        block: Sequence[Mapping[str, str]],  # noqa: ARG002  most sheets take none
        scope: str,  # noqa: ARG002
        *,
        answers: Answers,  # noqa: ARG002
        at: datetime,  # noqa: ARG002
    ) -> Reading:
        """Return the rows of a pasted block. Raises SheetRefusedError for a sheet that takes none."""
        raise SheetRefusedError(_("Nội dung này chỉ nhận tệp Excel, không nhận khối dán."))

    @abc.abstractmethod
    def known(self, scope: str, keys: Iterable[str]) -> Mapping[str, Known]:
        """Return what is there under `keys`; a key without anything is left out."""

    @abc.abstractmethod
    def load(self, scope: str, rows: Sequence[RowToLoad], *, way: str, at: datetime, by: int | None) -> Any:
        """Store the rows, all of them, and return what `undo` needs. Raises SheetRefusedError, StaleError."""

    @abc.abstractmethod
    def take_back(self, scope: str, undo: Any, *, at: datetime, by: int | None) -> None:
        """Take back what `load` stored. Raises SheetRefusedError."""

    @abc.abstractmethod
    def template(self, scope: str, *, at: datetime) -> bytes:
        """Return the workbook to be filled in."""

    def export(self, scope: str, *, at: datetime) -> bytes:
        """Return what is there in the same columns; nothing there: the template."""
        return self.template(scope, at=at)

    def verdict(self, values: Mapping[str, Any], known: Known | None) -> Verdict:
        """Return what storing `values` over `known` would do."""
        if known is None:
            return Verdict.NEW
        now = known.state()["values"]
        return Verdict.SAME if all(now.get(key) == value for key, value in values.items()) else Verdict.CHANGED

    def shown(self, values: Mapping[str, Any]) -> str:
        """Return plain values in one line."""
        named = {column.key: column for column in self.columns}
        return "; ".join(shown_value(named.get(key), value) for key, value in values.items())


Key: TypeAlias = tuple[Any, ...]


class KnownByKey(Protocol):
    def __call__(self, *, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
        """Return what is there under `keys` (None: everything of the scope), values as the app's own types."""
        ...


class LoadRows(Protocol):
    def __call__(self, *, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
        """Store the rows and return plain JSON that undoing needs."""
        ...


class TakeBack(Protocol):
    def __call__(self, *, scope: str, undo: Any, at: datetime, by: int | None) -> None: ...


SEPARATOR: Final = "\x1f"  # stands in no cell of Excel


@dataclass(frozen=True, kw_only=True)
class ListSheet(DeclaredSheet):
    """
    A list: one row for each thing, found again by `key` (keys of required columns).

    `row_checks` are asked of the values of a whole row. `bulk`: long lists, also .xls, read by calamine: faster, but it sees
    no fonts, formulas or errors of Excel, so those arrive as empty cells or results. `scope_words(scope)` names a scope on the page.
    """

    code: str
    title: Words
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    access: Predicate
    known_rows: KnownByKey = field(repr=False)
    load_rows: LoadRows = field(repr=False)
    undo_rows: TakeBack = field(repr=False)
    row_checks: tuple[Callable[[Mapping[str, Any]], str], ...] = ()
    bulk: bool = False
    scope_words: Callable[[str], str] = lambda _scope: ""

    @property
    def takes(self) -> tuple[FileKind, ...]:  # type: ignore[override]  # a constant of other sheets
        return (FileKind.EXCEL, FileKind.OLD_EXCEL) if self.bulk else (FileKind.EXCEL,)

    def words(self, scope: str) -> str:
        return self.scope_words(scope)

    def read(self, content: bytes, scope: str, *, answers: Answers, at: datetime) -> Reading:  # noqa: ARG002
        from diem06.core.sheets import lists

        return lists.read_list(self, content, answers=answers, on=at.date())

    def known(self, scope: str, keys: Iterable[str]) -> Mapping[str, Known]:
        wanted = list(dict.fromkeys(keys))
        found = self.known_rows(scope=scope, keys=[self.key_of_text(key) for key in wanted])
        return {self.key_text(key): known for key, known in found.items()}

    def load(self, scope: str, rows: Sequence[RowToLoad], *, way: str, at: datetime, by: int | None) -> Any:  # noqa: ARG002
        return self.load_rows(scope=scope, rows=[self._typed(row) for row in rows], at=at, by=by)

    def take_back(self, scope: str, undo: Any, *, at: datetime, by: int | None) -> None:
        self.undo_rows(scope=scope, undo=undo, at=at, by=by)

    def template(self, scope: str, *, at: datetime) -> bytes:
        from diem06.core.sheets import lists

        return lists.written_list(self, (), scope=scope, at=at)

    def export(self, scope: str, *, at: datetime) -> bytes:
        from diem06.core.sheets import lists

        known = self.known_rows(scope=scope, keys=None)
        rows = [known[key].values for key in sorted(known, key=lambda key: tuple(map(str, key)))]
        return lists.written_list(self, rows, scope=scope, at=at)

    def key_text(self, key: Key) -> str:
        """Return a key of the app's as rows of a batch carry it."""
        return SEPARATOR.join(str(plain_value(part)) for part in key)

    def key_of_text(self, text: str) -> Key:
        """Return the key of the app's that a row of a batch carries."""
        named = {column.key: column for column in self.columns}
        parts = text.split(SEPARATOR)
        return tuple(_part(named[name], part) for name, part in zip(self.key, parts, strict=True))

    def _typed(self, row: RowToLoad) -> RowToLoad:
        named = {column.key: column for column in self.columns}
        values = {key: python_value(named[key], value) for key, value in row.values.items()}
        return RowToLoad(key=row.key, values=values, verdict=row.verdict, before=row.before)


def _part(column: Column, text: str) -> Any:
    return int(text) if column.kind in NUMBERS else python_value(column, text)


# -- which apps offer sheets -----------------------------------------------------------------------------------------
def installed_sheets() -> Iterator[DeclaredSheet]:
    """Yield the sheets of every installed app."""
    yield from declared("sheets", "SHEETS")


def sheet_of(code: str) -> DeclaredSheet | None:
    """Return a declared sheet by its code."""
    return next((sheet for sheet in installed_sheets() if sheet.code == code), None)
