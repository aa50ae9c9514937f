"""
Databases that are filled once in a test process and stand ready from then on.

    @pytest.fixture(scope="module")
    def plan(prepared):
        return prepared("the plan", lambda: load_plan(...))

From there to the end of the module the default connection stands on a copy of the suite's empty database which `build`
has filled. The next module that asks for the same name finds it as it was: a test takes back what it wrote, and where one
committed for good (`transactional_db`), the database is filled anew. `prepared(name, build, on=(other, build_other))` begins
with a copy of another filled database instead of the empty one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

if TYPE_CHECKING:
    from diem06.core.plans.queries import Loaded

Filling = tuple[str, Callable[[], Any]]
"""The name of a database, and what fills it."""


@dataclass
class Prepared:
    """The filled databases of one process, by name, beside the suite's own, which stays empty."""

    empty: str = field(default_factory=lambda: str(connection.settings_dict["NAME"]))
    filled: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    made: int = 0
    is_spoiled: bool = False
    """Did a test commit something to the database that we stand on?"""

    @contextmanager
    def standing(self, name: str, build: Callable[[], Any], *, on: Filling | None = None) -> Iterator[Any]:
        """Stand on the database `name`, which `build` fills at the first call, and give what it returned."""
        if on is not None and name not in self.filled:
            self._make(*on, source=self.empty)
        self._make(name, build, source=self.filled[on[0]] if on else self.empty)
        self.is_spoiled = False
        _stand_on(self.filled[name])
        try:
            yield self.told[name]
        finally:
            _stand_on(self.empty)
            if self.is_spoiled:
                _remove(self.filled.pop(name))

    def _make(self, name: str, build: Callable[[], Any], *, source: str) -> None:
        if name not in self.filled:
            self.made += 1
            filled = f"{self.empty}_filled_{self.made}"
            self.told[name] = self._fill(filled, build, source)
            self.filled[name] = filled

    def _fill(self, filled: str, build: Callable[[], Any], source: str) -> Any:
        _copy(source, filled)
        _stand_on(filled)
        try:
            with transaction.atomic():
                told = build()
        except BaseException:
            _stand_on(self.empty)
            _remove(filled)
            raise
        _stand_on(self.empty)
        return told

    def remove(self) -> None:
        """Remove the filled databases."""
        while self.filled:
            _remove(self.filled.popitem()[1])


def _stand_on(name: str) -> None:
    """Let the default connection, of every thread, open the database `name` from now on."""
    assert not connection.in_atomic_block, "a database is changed between tests, not within one"
    connection.close()
    connection.settings_dict["NAME"] = name


def _copy(source: str, target: str) -> None:
    connection.close()  # PostgreSQL copies only what nobody is using
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as write:
            write.execute("PRAGMA synchronous=OFF")
            read.backup(write)
    else:
        _command(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _remove(name: str) -> None:
    connection.close()
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)
    else:
        _command(f'DROP DATABASE "{name}" WITH (FORCE)')


def _command(sql: str) -> None:
    # The door that Django's own test databases are made through.
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


def real_plan(prepared: Callable[..., Any], *, at: datetime) -> Loaded:
    """Stand on a database with the plan of Bắc Giang, loaded at `at`: what a module's fixture returns."""
    loaded: Loaded = prepared(*with_plan(at))
    return loaded


def with_plan(at: datetime) -> Filling:
    """What fills a database with that plan; others may be built `on` it."""

    def build() -> Loaded:
        from diem06.core.plans.actions import load_plan
        from diem06.core.plans.queries import loaded_plan
        from diem06.plan.reader import bundle_path

        load_plan(folder=bundle_path("bac-giang-2023"), at=at, is_made_up=True)
        return loaded_plan()

    return f"plan at {at}", build
