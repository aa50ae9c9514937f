"""Password rules whose words Django has no Vietnamese for."""

from django.contrib.auth import password_validation
from django.utils.translation import ngettext


class MinimumLength(password_validation.MinimumLengthValidator):
    """Django's rule, in our words."""

    def get_error_message(self) -> str:
        return ngettext(
            "Mật khẩu quá ngắn: cần ít nhất %(count)s ký tự.",
            "Mật khẩu quá ngắn: cần ít nhất %(count)s ký tự.",
            self.min_length,
        ) % {"count": self.min_length}
