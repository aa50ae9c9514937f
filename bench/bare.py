"""
What bench/desk.py measures against: Django with one view that inserts one row, no middleware, on the same database with the same
durability. Served by gunicorn as `diem06 serve` does it: `DJANGO_SETTINGS_MODULE=bare`.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from diem06.config.settings import DATABASES as PRODUCT_DATABASES
from diem06.config.settings import DIEM06_DATA

SECRET_KEY = "of a measurement"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": dict(PRODUCT_DATABASES["default"])}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = Path(DIEM06_DATA) / "bare.sqlite3"
ROOT_URLCONF = "bare"
WSGI_APPLICATION = "bare.application"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True

TABLE = "bare_row"


def insert(request):
    """Keep the body under a new id: one insert, on the disk when it is answered."""
    from django.http import HttpResponse

    row_model().objects.create(id=uuid.uuid4(), body=request.body.decode())
    return HttpResponse(b"{}", content_type="application/json", status=201, headers={"Content-Length": "2"})


_model: list[type] = []


def row_model():
    """Return the one model; made late, for a settings module is read before Django knows models."""
    if not _model:
        from django.db import models

        meta = type("Meta", (), {"app_label": "bare", "db_table": TABLE})
        fields = {"id": models.UUIDField(primary_key=True), "body": models.TextField(), "Meta": meta}
        _model.append(type("Row", (models.Model,), {**fields, "__module__": __name__}))
    return _model[0]


def make_table() -> None:
    """Make the table of the one model."""
    import django
    from django.db import connection

    django.setup()
    if TABLE not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(row_model())


if os.environ.get("DJANGO_SETTINGS_MODULE") == "bare" and __name__ == "bare":
    from django.urls import path

    urlpatterns = [path("insert/", insert)]


def __getattr__(name: str):
    """Give gunicorn its `application` when it asks."""
    if name == "application":
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()
    raise AttributeError(name)
