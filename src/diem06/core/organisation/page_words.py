"""What the pages of the rooms of core are called where their use is shown, by their names in the urls."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "account": _("Tài khoản của tôi"),
    "account_change_password": _("Đổi mật khẩu"),
    "account_reauthenticate": _("Xác nhận mật khẩu"),
    "handover": _("Bàn giao công việc"),
    "help": _("Trợ giúp"),
    "job": _("Việc chạy nền"),
    "jobs": _("Việc chạy nền"),
    "mfa_activate_totp": _("Xác thực hai bước"),
    "mfa_deactivate_totp": _("Xác thực hai bước"),
    "mfa_generate_recovery_codes": _("Xác thực hai bước"),
    "mfa_index": _("Xác thực hai bước"),
    "mfa_reauthenticate": _("Xác thực hai bước"),
    "mfa_view_recovery_codes": _("Xác thực hai bước"),
    "notice": _("Thông báo"),
    "notices": _("Thông báo"),
    "plan-amend": _("Điều chỉnh kế hoạch"),
    "plan-amendments": _("Điều chỉnh kế hoạch"),
    "plan-draft": _("Dự thảo kế hoạch"),
    "plan-draft-load": _("Dự thảo kế hoạch"),
    "plan-drafts": _("Dự thảo kế hoạch"),
    "plan-milestone-new": _("Mốc của kế hoạch"),
    "plan-milestones": _("Mốc của kế hoạch"),
    "sheet": _("Bảng nhập số liệu"),
    "sheet-batch": _("Một lần nhập từ Excel"),
    "weekly-use": _("Mức sử dụng theo tuần"),
}
