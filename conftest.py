"""Fixtures for every test."""

import re

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

_OF_THE_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks nothing of the suite's database as `once`: on another database it would only say the same again."""
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
    return _ByFile(config, log)


@pytest.fixture(autouse=True)
def _language_of_the_screens():
    """Each test starts in Vietnamese, whatever the test before it chose."""
    with translation.override("vi"):
        yield


# What a test may write without any area, unit or figure being another one after it.
_NO_FIGURE = re.compile(
    r'(?:INSERT INTO|UPDATE|DELETE FROM) "(?:django_session|shared_cache|audit_|jobs_|mfa_|organisation_(?:user|roleassignment|weeklyuse))',
    re.IGNORECASE,
)
_WRITE = re.compile(r"INSERT|UPDATE|DELETE", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _nothing_remembered(request: pytest.FixtureRequest):
    """
    Areas, units and figures that a test changed are as before after it; what the process remembers of them goes.

    A test that only read leaves what was remembered to the next one: a board of a month takes most of a second.
    """
    from diem06.core.areas import queries as areas
    from diem06.core.organisation import queries as organisation
    from diem06.cube.board import forget_boards

    changed = [bool({"transactional_db", "live_server"} & set(request.fixturenames))]

    def watch(execute, sql, params, many, context):
        if _WRITE.match(sql) and not _NO_FIGURE.match(sql):
            changed[0] = True
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    if changed[0]:
        forget_boards()
        areas.forget()
        organisation.forget()


@pytest.fixture(scope="session", autouse=True)
def _trail_may_be_emptied():
    """A test with real transactions empties every table at its end. The trail refuses that, so its guard steps aside for it."""
    from diem06.core.audit import triggers

    empty_tables = TransactionTestCase._fixture_teardown  # noqa: SLF001 -- the one place where tables are emptied

    def empty_tables_and_trail(self):
        triggers.drop(connection, triggers.DELETE)
        empty_tables(self)
        triggers.create(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables_and_trail)
        yield
