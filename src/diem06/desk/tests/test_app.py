"""The app's own pages: what they allow, and that they hold nothing of anybody."""

from __future__ import annotations

import json

import pytest
from django.contrib.staticfiles import finders

from diem06.core.organisation.actions import add_person
from diem06.desk.app import precached

PAGES = ("/desk/", "/desk/test/", "/desk/sw.js", "/desk/manifest.webmanifest")


@pytest.fixture
def signed_in(client, db):
    user = add_person(username="ha", full_name="Nguyễn Thị Hà", password="mot-mat-khau-dai")
    user.roles.create(role="unit_head", unit_code="ubnd-son-dong", from_day="2023-01-01")
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_devices_keep_holds_nobody(client, signed_in, path) -> None:
    """Whoever opened it: no name, no token, no cookie comes into it."""
    answer = signed_in.get(path)
    assert answer.status_code == 200
    assert "Nguyễn Thị Hà" not in answer.content.decode()
    assert "csrf" not in answer.content.decode().lower()
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES[:2])
def test_the_app_may_use_camera_and_webassembly_and_no_other_page_may(client, db, path) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" in policy
    assert "worker-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert client.get(path)["Permissions-Policy"].startswith("camera=(self)")
    elsewhere = client.get("/account/login/")
    assert "wasm" not in elsewhere["Content-Security-Policy"]


def test_the_service_worker_lists_files_that_are_there(client, db) -> None:
    """Each file of precache.txt exists, and its address stands in the worker."""
    worker = client.get("/desk/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert precached()
    for address in precached():
        assert json.dumps(address)[1:-1] in worker.content.decode()
        if "/vendor/" not in address:
            assert finders.find(address.removeprefix("/static/")), address


def test_the_manifest_is_json_of_this_scope(client, db) -> None:
    manifest = json.loads(client.get("/desk/manifest.webmanifest").content)
    assert manifest["start_url"].startswith("/desk/")
    assert manifest["scope"] == "/desk/"
