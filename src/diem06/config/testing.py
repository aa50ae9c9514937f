"""
The environment of the tests, as a pytest plugin: `-p diem06.config.testing` (in pyproject.toml).

A plugin, because settings are read before any conftest.py. Each test process has a data folder of its own, removed at
its end, so that no test sees a person's data and parallel processes do not meet. `DIEM06_TEST_DATABASE` is the only
address of a database that tests take; `DIEM06_DATABASE` of the person who runs them is left alone.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any

_data = tempfile.mkdtemp(prefix="diem06-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)

for _name in [name for name in os.environ if name.startswith("DIEM06_") and name != "DIEM06_TEST_DATABASE"]:
    del os.environ[_name]
os.environ["DIEM06_DATA"] = _data
os.environ["DIEM06_SECRET_KEY"] = "of the tests alone"  # noqa: S105
os.environ["DIEM06_DATABASE"] = os.environ.get("DIEM06_TEST_DATABASE", "")
# Playwright runs an event loop in the test's own thread; Django would then refuse the test's plain queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_configure() -> None:
    """Serve static files by their plain names: the hashed ones exist only after `collectstatic`."""
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    database: dict[str, Any] = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, not memory: the live server's threads then have connections of their own, as in real life.
        database.setdefault("TEST", {})["NAME"] = settings.DIEM06_DATA / "test.sqlite3"
