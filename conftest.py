"""Fixtures for every test."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from tests.prepared import Filling, Prepared
from tests.server import diem06

_DATABASES = pytest.StashKey[Prepared]()
_OF_THE_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}
# What takes longest, in this order: two processes that begin with it end together. All else follows as it was found.
_LONG = (
    "tests/browser/",
    "tests/test_access_table.py",
    "tests/test_add_a_pilot.py",
    "tests/test_every_figure.py",
    "src/diem06/reports/tests/test_word.py",
    "tests/test_figures_by_hand.py",
    "src/diem06/reports/tests/test_places.py",
    "src/diem06/cube/tests/test_rollup_on_spark.py",
    "tests/test_backup.py",
    "tests/test_faults.py",
    "src/diem06/reports/tests/test_figure.py",
    "src/diem06/reports/tests/test_closing.py",
    "tests/test_second_plan.py",
    "src/diem06/cube/tests/test_rollup_oracle.py",
    "src/diem06/config/tests/test_serve.py",
    "src/diem06/reports/tests/test_upload.py",
    "src/diem06/reports/tests/test_upload_large.py",
    "src/diem06/reports/tests/test_word_pages.py",
    "src/diem06/reports/tests/test_word_compiling.py",
    "tests/test_heritage_figures.py",
    "tests/test_packets.py",
    "tests/test_desk_faults.py",
    "tests/test_closing_killed.py",
    "tests/test_worker_killed.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark what asks nothing of the suite's database as `once`: on another database it would only say the same again.

    Where several processes share the work, the longest files come first.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(
            key=lambda item: next((at for at, name in enumerate(_LONG) if item.nodeid.startswith(name)), len(_LONG))
        )
    for item in items:
        uses = set(getattr(item, "fixturenames", ()))
        if not uses & _OF_THE_DATABASE and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.once)


class _ByFile(LoadScopeScheduling):
    """The tests of a file share what they build, those of the browser one served demo: one process runs them all."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "tests/browser" if path.startswith("tests/browser/") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    # Not `--dist loadgroup`: xdist 3.8 writes the group into a field that pytest 9.2 reads no more, and no test is kept together.
    config.option.loadscopereorder = False  # as pytest_collection_modifyitems put them
    return _ByFile(config, log)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Prepared]:  # noqa: ARG001 -- for its effect
    with django_db_blocker.unblock():
        request.config.stash[_DATABASES] = found = Prepared()
        yield found
        found.remove()


@pytest.fixture(scope="module")
def prepared(databases: Prepared, django_db_blocker: Any) -> Iterator[Callable[[str, Callable[[], Any]], Any]]:
    """
    `prepared(name, build)`: from here to the end of the module the database is one that `build` has filled; gives what it returned.

    It is filled once in a process, whichever module asks first: see tests/prepared.py.
    """
    with django_db_blocker.unblock(), ExitStack() as stack:

        def stand(name: str, build: Callable[[], Any], *, on: Filling | None = None) -> Any:
            _forget_all()
            stack.callback(_forget_all)
            return stack.enter_context(databases.standing(name, build, on=on))

        yield stand


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], Any]], Path]:
    """`made_once(name, make)`: a folder that `make(folder)` has filled, once for all processes of the run. Whoever changes it copies it."""
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder_of(name: str, make: Callable[[Path], Any]) -> Path:
        folder = together / f"made-{name}"
        with (together / f"made-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the other process waits until it is there
            if not folder.exists():
                making = tmp_path_factory.mktemp(name)
                make(making)
                making.rename(folder)
        return folder

    return folder_of


@pytest.fixture(scope="session")
def copy_migrated(made_once: Callable[[str, Callable[[Path], Any]], Path]) -> Callable[[Path], Path]:
    """`copy_migrated(folder)` makes `folder` the data folder of a diem06 that was only just migrated, and returns it."""

    def copy(folder: Path) -> Path:
        migrated = made_once("migrated", lambda data: diem06(data, "migrate", "--verbosity", "0"))
        shutil.copytree(migrated, folder, dirs_exist_ok=True)
        return folder

    return copy


@pytest.fixture(autouse=True)
def _language_of_the_screens():
    """Each test starts in Vietnamese, whatever the test before it chose."""
    with translation.override("vi"):
        yield


# What a test may write without any area, unit or figure being another one after it.
_NO_FIGURE = re.compile(
    r"""(?:INSERT\sINTO|UPDATE|DELETE\sFROM)\s"(?:
        django_session|shared_cache|audit_|jobs_|mfa_|evidence_|sheets_|cube_(?:revision|packet|trustedkey)
        |organisation_(?:user|roleassignment|weeklyuse|savedview|handover)
        |reports_(?:adhoc|attachment|compiled|explanation|handout|issued|mailed|narrative|proposal|remark|saved|unitplan|unittask)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_WRITE = re.compile(r"INSERT|UPDATE|DELETE", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _nothing_remembered(request: pytest.FixtureRequest):
    """
    Areas, units and figures that a test changed are as before after it; what the process remembers of them goes.

    A test that only read leaves what was remembered to the next one: a board of a month takes most of a second.
    """
    from diem06.cube.lake import manifest as lake

    commits = bool({"transactional_db", "live_server"} & set(request.fixturenames))
    if commits and (databases := request.config.stash.get(_DATABASES, None)):
        # Whether this test asks for it or not: it stands on what another one of its module asked for.
        databases.is_spoiled = True
    changed = [commits]

    def watch(execute, sql, params, many, context):
        if _WRITE.match(sql) and not _NO_FIGURE.match(sql):
            changed[0] = True
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    shutil.rmtree(lake.folder(), ignore_errors=True)  # made of what the test had committed, and that is gone
    if changed[0]:
        _forget_all()


def _forget_all() -> None:
    """Nothing that a process remembers may outlive the rows that it read."""
    from diem06.core.areas import queries as areas
    from diem06.core.organisation import queries as organisation
    from diem06.cube.board import forget_boards
    from diem06.cube.closing.record import forget_closed_boards
    from diem06.cube.maps import forget_map_boards

    forget_boards()
    forget_closed_boards()
    forget_map_boards()
    areas.forget()
    organisation.forget()


@pytest.fixture(scope="session", autouse=True)
def _trail_may_be_emptied():
    """A test with real transactions empties every table at its end. The trail refuses that, and what was closed: their guards step aside."""
    from diem06.core.audit import triggers
    from diem06.cube.closing import triggers as of_closing

    empty_tables = TransactionTestCase._fixture_teardown  # noqa: SLF001 -- the one place where tables are emptied

    def empty_tables_and_trail(self):
        triggers.drop(connection, triggers.DELETE)
        of_closing.drop(connection, "delete")
        empty_tables(self)
        triggers.create(connection)
        of_closing.create(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables_and_trail)
        yield
