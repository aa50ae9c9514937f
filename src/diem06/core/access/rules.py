"""Rules, and how a view is held to one."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext

from diem06.core.access.subject import Role, Subject

Predicate = Callable[..., bool]
"""`predicate(subject, **url_kwargs) -> bool`"""

P = ParamSpec("P")


class AccessRequest(HttpRequest):
    """A request as the middleware hands it on. For annotations only."""

    subject: Subject
    now: datetime


# -- rules -----------------------------------------------------------------------------------------------------------
def anyone(subject: Subject, **url: object) -> bool:  # noqa: ARG001 -- the signature of every rule
    """Everybody. The only rule that lets in who has not signed in."""
    return True


def signed_in(subject: Subject, **url: object) -> bool:  # noqa: ARG001
    """Everybody who has signed in, with or without a role."""
    return subject.is_signed_in


def with_role(subject: Subject, **url: object) -> bool:  # noqa: ARG001
    """Whoever holds at least one role today."""
    return bool(subject.grants)


def province_wide(subject: Subject, **url: object) -> bool:  # noqa: ARG001
    """Whoever may read the whole province."""
    return subject.is_province_wide


def operator(subject: Subject, **url: object) -> bool:  # noqa: ARG001
    """The rule of commands: whoever can run one is an operator of the machine. Nobody is one on the web."""
    return False


def only(*roles: Role) -> Predicate:
    """Whoever holds one of `roles`, in any unit."""

    def predicate(subject: Subject, **url: object) -> bool:  # noqa: ARG001
        return subject.has(*roles)

    return _named(predicate, f"only({', '.join(roles)})")


def own_unit(kwarg: str) -> Predicate:
    """Reading what is one unit's: province-wide roles, and the people of the unit that the URL argument `kwarg` names."""

    def predicate(subject: Subject, **url: object) -> bool:
        return subject.is_province_wide or url[kwarg] in subject.units

    return _named(predicate, f"own_unit({kwarg})")


def of_unit(kwarg: str, *roles: Role) -> Predicate:
    """
    Acting for one unit: who holds one of `roles` in the very unit that the URL argument `kwarg` names.

    Without `roles`: its head and its reporters. A province-wide role elsewhere does not help.
    """
    acting = roles or (Role.UNIT_HEAD, Role.UNIT_REPORTER)

    def predicate(subject: Subject, **url: object) -> bool:
        return url[kwarg] in subject.units_as(*acting)

    return _named(predicate, f"of_unit({', '.join((kwarg, *roles))})")


def _named(predicate: Predicate, name: str) -> Predicate:
    predicate.__name__ = name
    return predicate


def name_of(predicate: Predicate) -> str:
    """How a rule is written in the table of URLs and roles: `signed_in`, `own_unit(unit)`."""
    return predicate.__name__


def check(condition: object, reason: str | Promise) -> None:
    """Raise PermissionDenied with `reason`, a sentence for the person, unless `condition` holds."""
    if not condition:
        raise PermissionDenied(reason)


# -- holding a view to its rule --------------------------------------------------------------------------------------
def rule(
    predicate: Predicate,
) -> Callable[[Callable[P, HttpResponseBase]], Callable[P, HttpResponseBase]]:
    """
    Hold a view to `predicate(subject, **url_kwargs)`.

    Who has not signed in is sent to sign in (htmx and JSON requests get 401, so that a half-typed form stays on
    screen). Who has signed in and may not gets the 403 page. Only `anyone` lets in who has not signed in, whatever
    another rule answers.
    """

    def decorate(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
        return _hold(view, predicate)  # type: ignore[arg-type, return-value]  # a view's first argument is its request

    return decorate


def _hold(
    view: Callable[Concatenate[AccessRequest, P], HttpResponseBase], predicate: Predicate
) -> Callable[Concatenate[AccessRequest, P], HttpResponseBase]:
    @wraps(view)
    def held(request: AccessRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if predicate is not anyone:
            if not request.subject.is_signed_in:
                return _ask_to_sign_in(request)
            check(predicate(request.subject, **kwargs), gettext("Vai trò của bạn không mở được trang này."))
        return view(request, *args, **kwargs)

    held.access_rule = predicate  # type: ignore[attr-defined]
    return held


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    reason = gettext("Phiên làm việc đã hết. Đăng nhập lại để tiếp tục.")
    sign_in = resolve_url(settings.LOGIN_URL)
    if request.headers.get("HX-Request"):
        return HttpResponse(reason, status=HTTPStatus.UNAUTHORIZED, content_type="text/plain; charset=utf-8")
    if _wants_json(request):
        return JsonResponse({"message": reason, "sign_in": sign_in}, status=HTTPStatus.UNAUTHORIZED)
    # Only what can be asked for again: a URL that takes forms alone would answer 405 after signing in.
    if request.method in {"GET", "HEAD"}:
        sign_in += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(sign_in)


def _wants_json(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept
