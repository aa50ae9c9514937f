"""Middleware that only wires."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def clock(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Read the clock once per request: `request.now`, an aware datetime."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.now = settings.DIEM06_CLOCK()  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
