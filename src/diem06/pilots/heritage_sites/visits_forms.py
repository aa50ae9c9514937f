"""Forms of the pages about visits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diem06.core.ui.forms import TypedNumber, day_field
from diem06.pilots.heritage_sites.register_forms import whole_number

LONGEST = timedelta(days=400)
_BY = (
    ("day", _("Ngày")),
    ("hour", _("Giờ trong ngày")),
    ("province", _("Nơi đăng ký khai sinh")),
    ("age", _("Nhóm tuổi")),
    ("sex", _("Giới tính")),
)


class RecountForm(forms.Form):
    """How many are inside now, as somebody counted or estimated."""

    people = whole_number(label=_("Số người đang ở trong"), min_value=0, max_value=1_000_000, widget=TypedNumber())
    reason = forms.CharField(
        label=_("Cách kiểm đếm"), max_length=300, help_text=_("Ví dụ: đếm tại sân hội lúc 10 giờ.")
    )


class HistoryForm(forms.Form):
    """What of a site's history is shown; all of it lives in the address."""

    by = forms.ChoiceField(label=_("Xem theo"), choices=_BY, required=False)
    first = day_field(_("Từ ngày"), hint="", required=False)
    last = day_field(_("Đến ngày"), hint="", required=False)
    gate = forms.TypedChoiceField(label=_("Cổng"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, gates: Iterable[tuple[int, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.fields["gate"].choices = [("", _("Tất cả các cổng")), *gates]  # type: ignore[attr-defined]

    def choice(self) -> tuple[str, date, date, int | None]:
        """Return by, first day, last day, gate. What cannot be read falls back: the last 30 days, by day, all gates."""
        self.is_valid()
        read = self.cleaned_data
        last = read.get("last") or self._today
        first = read.get("first") or last - timedelta(days=29)
        if first > last:
            first, last = last, first
        return read.get("by") or "day", max(first, last - LONGEST), last, read.get("gate")


class TraceForm(forms.Form):
    """Who was there, from when to when, and what for."""

    _format = "%Y-%m-%dT%H:%M"
    first_at = forms.DateTimeField(
        label=_("Từ lúc"), widget=forms.DateTimeInput({"type": "datetime-local"}, format=_format)
    )
    last_at = forms.DateTimeField(
        label=_("Đến lúc"), widget=forms.DateTimeInput({"type": "datetime-local"}, format=_format)
    )
    purpose = forms.CharField(
        label=_("Mục đích"),
        max_length=300,
        help_text=_("Tra cứu cho việc gì, theo văn bản nào. Người kiểm tra đọc được câu này."),
    )
    is_whole = forms.BooleanField(
        label=_("Hiện đủ số giấy tờ"), required=False, help_text=_("Chỉ chọn khi thật cần. Nhật ký ghi lại việc này.")
    )
