"""
How people sign in: by user name and password, with a one-time code where they see the whole province.

django-allauth does the work; these adapters hold what is ours. No sign-up, no mail: the operator adds people and sets
forgotten passwords (`diem06 person`).
"""

import base64
import hashlib
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from diem06.core.organisation import actions, queries
from diem06.core.organisation.models import User


def remember_language(response: HttpResponse, language: str) -> None:
    """Put the language into the cookie from which Django takes it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


class Adapter(DefaultAccountAdapter):
    """Sign-in by password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Tài khoản này đã ngừng hoạt động."),
        "enter_current_password": _("Mật khẩu hiện tại không đúng."),
        "incorrect_code": _("Mã không đúng hoặc đã dùng. Chờ mã mới rồi nhập lại."),
        "incorrect_password": _("Mật khẩu không đúng."),
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "rate_limited": _("Bạn thử quá nhiều lần. Chờ vài phút rồi thử lại."),
        "too_many_login_attempts": _("Bạn thử quá nhiều lần. Chờ vài phút rồi thử lại."),
        "username_password_mismatch": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "email_password_mismatch": _("Tên đăng nhập hoặc mật khẩu không đúng."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature, also below
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember_language(response, user.language)
        actions.note_sign_in(user=user, is_success=True)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        # Only for a name that exists: people type passwords into the wrong field, and those must not be kept.
        if user := User.objects.filter(username=credentials.get("username", "")).first():
            actions.note_sign_in(user=user, is_success=False)

    def set_password(self, user: User, password: str) -> None:
        actions.set_password(user=user, password=password, by=user.pk)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("account")

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        words = {"reauthenticate": _("Dùng mật khẩu"), "mfa_reauthenticate": _("Dùng mã xác thực")}
        return [
            method | {"description": words.get(method["id"], method["description"])}
            for method in super().get_reauthentication_methods(user)
        ]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after signing in: who must set up the second factor has typed the password a moment ago."""
        records = get_authentication_records(self.request, self.request.user)
        is_fresh = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not is_fresh and super().is_reauthentication_required(app=app, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail: diem06 keeps no address."""


class SecondFactor(DefaultMFAAdapter):
    """The one-time code."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("Vai trò của bạn bắt buộc dùng mã xác thực, nên không tắt được."),
        "cannot_generate_recovery_codes": _("Bật mã xác thực trước, rồi mới tạo được mã dự phòng."),
        "incorrect_code": _("Mã không đúng hoặc đã dùng. Chờ mã mới rồi nhập lại."),
    }

    def encrypt(self, text: str) -> str:
        """Secrets lie encrypted in the database, under a key made from SECRET_KEY."""
        return str(_fernet().encrypt(text.encode()), "ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Also under an older key, while it stands in SECRET_KEY_FALLBACKS."""
        return str(_fernet().decrypt(encrypted_text.encode()), "utf-8")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        today = localdate(settings.DIEM06_CLOCK())
        return not queries.subject_for(authenticator.user, today).is_province_wide

    def build_totp_svg(self, url: str) -> SafeString:
        """The picture as an element of the page: the content security policy lets no `data:` picture in."""
        svg = super().build_totp_svg(url)
        inner = svg[svg.index("<svg") + len("<svg") :]
        label = format_html('<svg role="img" aria-label="{}"', _("Mã QR để quét bằng ứng dụng xác thực"))
        return mark_safe(label + inner)  # noqa: S308 -- drawn by us from a secret and a user name


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"diem06 second factor " + force_bytes(key)).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
