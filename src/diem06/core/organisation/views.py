"""The person's own page, and the sign-in pages where the trail must know of them."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET
from django.views.i18n import set_language as set_language_cookie

from diem06.core import access
from diem06.core.access import AccessRequest, Grant
from diem06.core.areas.queries import areas_on
from diem06.core.organisation import actions, queries


@dataclass(frozen=True)
class HeldRole:
    """A role as the person's page shows it."""

    label: Promise
    unit: str
    area: str


@access.rule(access.signed_in)
@require_GET
def account(request: AccessRequest) -> HttpResponse:
    """Who I am, what I may do, my language, password and second factor."""
    today = localdate(request.now)
    recovery = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    context = {
        "roles": sorted((_held(grant, today) for grant in request.subject.grants), key=lambda role: str(role.label)),
        "has_totp": queries.has_totp(request.user),  # type: ignore[arg-type]
        "must_have_totp": request.subject.is_province_wide,
        "recovery_codes_left": len(recovery.wrap().get_unused_codes()) if recovery else None,
    }
    return render(request, "organisation/account.html", context)


def _held(grant: Grant, today: Any) -> HeldRole:
    units, areas = queries.units_on(today), areas_on(today)
    return HeldRole(
        label=grant.role.label,
        # A unit or area that is gone by now is still named, by its code.
        unit=units[grant.unit].name if grant.unit in units else grant.unit,
        area=areas.get(grant.area).name if grant.area in areas else grant.area,
    )


@access.rule(access.anyone)
def set_language(request: AccessRequest) -> HttpResponseBase:
    """Switch the language: Django's own view, and who is signed in finds it again on the next machine."""
    response = set_language_cookie(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in {"vi", "en"} and language != request.user.language:
        actions.choose_language(user=request.user, language=language, by=request.user.pk, at=request.now)
    return response


class ActivateTOTP(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            actions.note_totp(user=self.request.user, is_set=True, by=self.request.user.pk)
        return response


class DeactivateTOTP(DeactivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            actions.note_totp(user=self.request.user, is_set=False, by=self.request.user.pk)
        return response
