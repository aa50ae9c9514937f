"""Who asks."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import localdate
from django.utils.translation import gettext

from diem06.core.access import ANONYMOUS, AccessRequest, Subject, anyone
from diem06.core.organisation import queries

BEFORE_TOTP = frozenset(
    {
        "mfa_activate_totp",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "account_logout",
    }
)
"""The pages that a person who must set up the second factor can open; and those that are open to anyone."""


def subject(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """
    Put `request.subject` in place, read from the database only when a rule or a page asks for it.

    A signed-in person with a province-wide role and no second factor is led to set one up, whatever they ask for.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.subject = SimpleLazyObject(lambda: _subject(request))  # type: ignore[attr-defined]
        return get_response(request)

    def process_view(request: AccessRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        if getattr(view, "access_rule", None) is anyone or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if (match and match.view_name in BEFORE_TOTP) or not queries.must_set_up_totp(request.user, request.subject):
            return None
        if request.headers.get("HX-Request") or "text/html" not in request.headers.get("Accept", "text/html"):
            reason = gettext("Bật mã xác thực trước khi làm việc tiếp.")
            return HttpResponse(reason, status=HTTPStatus.FORBIDDEN, content_type="text/plain; charset=utf-8")
        return redirect("mfa_activate_totp")

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _subject(request: HttpRequest) -> Subject:
    if not request.user.is_authenticated:
        return ANONYMOUS
    return queries.subject_for(request.user, localdate(request.now))  # type: ignore[attr-defined]
