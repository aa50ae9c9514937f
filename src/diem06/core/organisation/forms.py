"""The forms of django-allauth, in the words of our screens."""

from typing import TYPE_CHECKING, Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as _StrOrPromise

CODE = _("Mã xác thực")
CODE_HINT = _("Mở ứng dụng xác thực trên điện thoại rồi nhập mã 6 số. Mất điện thoại thì nhập một mã dự phòng.")


def _in_our_words(form: forms.Form, **words: "tuple[_StrOrPromise, _StrOrPromise]") -> None:
    """Set label and hint of each named field; the label stands over the field, so no placeholder repeats it."""
    for name, (label, hint) in words.items():
        field = form.fields[name]
        field.label, field.help_text = label, hint
        field.widget.attrs.pop("placeholder", None)


class Login(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, login=(_("Tên đăng nhập"), ""), password=(_("Mật khẩu"), ""))


class Reauthenticate(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, password=(_("Mật khẩu"), ""))


class ChangePassword(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(
            self,
            oldpassword=(_("Mật khẩu hiện tại"), ""),
            password1=(_("Mật khẩu mới"), _("Ít nhất 10 ký tự, không quá phổ biến, không giống tên của bạn.")),
            password2=(_("Nhập lại mật khẩu mới"), ""),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("Hai lần nhập mật khẩu mới không giống nhau."))
        return cleaned


class Authenticate(mfa.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, code=(CODE, CODE_HINT))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class ReauthenticateByCode(mfa.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, code=(CODE, CODE_HINT))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class ActivateTOTP(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, code=(CODE, _("Mã 6 số mà ứng dụng đang hiện.")))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
