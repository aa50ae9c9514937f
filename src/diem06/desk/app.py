"""
The app that devices open: its shell, its service worker and its manifest.

Anybody may have them: they hold nothing of anybody. They are rendered without the request, so that no name of a signed-in person can
come into a page that a device keeps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from csp.constants import SELF, WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.views.decorators.http import require_GET

from diem06.core import access

_TEMPLATES = Path(__file__).parent / "templates" / "desk"
_ALLOWS = {"script-src": [WASM_UNSAFE_EVAL], "worker-src": [SELF]}
"""What the scanner needs beside the policy of all pages: WebAssembly, and a worker of its own."""


def _page(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let a page use the camera and WebAssembly, and have it asked for anew each time: the service worker keeps it, no other cache."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        response["Cache-Control"] = "no-cache"
        return response

    held: Any = access.rule(access.anyone)(csp_update(_ALLOWS)(require_GET(answered)))
    return held  # type: ignore[no-any-return]


@_page
def shell(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The desk itself."""
    return HttpResponse(_rendered("app.html"))


@_page
def scanner_test(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """A page that shows what a scanner types, and how to set it."""
    return HttpResponse(_rendered("app_test.html"))


@_page
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The service worker: it keeps the shell and the listed static files, by their hashed names."""
    return HttpResponse(_rendered("sw.js"), content_type="text/javascript; charset=utf-8")


@_page
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What a telephone shows of the app on its home screen."""
    return HttpResponse(_rendered("manifest.webmanifest"), content_type="application/manifest+json; charset=utf-8")


def _rendered(template: str) -> str:
    urls = precached()
    return get_template(f"desk/{template}").render({"precache": json.dumps(urls), "version": _version(tuple(urls))})


@lru_cache(maxsize=1)
def precached() -> list[str]:
    """Return the addresses of the static files that the app needs without a network, as `static/desk/precache.txt` lists them."""
    found = finders.find("desk/precache.txt")
    if not found:
        return []
    lines = (line.split("#", 1)[0].strip() for line in Path(str(found)).read_text(encoding="utf-8").splitlines())
    return [static(line) for line in lines if line]


@lru_cache(maxsize=2)
def _version(urls: tuple[str, ...]) -> str:
    """Return a mark that changes whenever something that a device keeps has changed."""
    content = hashlib.sha256("\n".join(urls).encode())
    for template in sorted(_TEMPLATES.glob("app*.html")) + sorted(_TEMPLATES.glob("*.js")):
        content.update(template.read_bytes())
    return content.hexdigest()[:12]
