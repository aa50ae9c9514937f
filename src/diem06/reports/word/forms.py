"""Forms of the report pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from diem06.core.ui.forms import day_field
from diem06.plan.model import ReportKind
from diem06.reports.word.material import Signing

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class SigningForm(forms.Form):
    """What the clerk of documents may fill in before the file is made; all of it may stay open."""

    number = forms.CharField(
        label=_("Số văn bản"), max_length=20, required=False, help_text=_("Bỏ trống để văn thư điền sau.")
    )
    day = day_field(_("Ngày ký"), example="17/07/2023", required=False)
    signs = forms.ChoiceField(label=_("Thẩm quyền ký"), required=False)
    signer = forms.CharField(label=_("Họ tên người ký"), max_length=100, required=False)

    def __init__(self, *args: Any, kind: ReportKind, ways: tuple[tuple[str, ...], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ways = tuple(dict.fromkeys((kind.signs, *ways)))
        signs = self.fields["signs"]
        assert isinstance(signs, forms.ChoiceField)
        signs.choices = [(str(place), " / ".join(way)) for place, way in enumerate(self._ways)]

    def signing(self) -> Signing:
        """Return what was filled in. Only of a valid form."""
        data = self.cleaned_data
        return Signing(
            number=data["number"],
            day=data["day"],
            signer=data["signer"],
            signs=self._ways[int(data["signs"] or 0)],
        )


class ReopenForm(forms.Form):
    """Let a unit edit after the lock: until the end of a day, for a reason."""

    until = day_field(_("Cho sửa đến hết ngày"), hint=_("Ghi dd/mm/yyyy, không quá 30 ngày kể từ hôm nay."))
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ghi văn bản đề nghị của đơn vị, nếu có."),
    )

    def until_moment(self) -> datetime:
        """Return the first instant that is too late. Only of a valid form."""
        return datetime.combine(self.cleaned_data["until"] + timedelta(days=1), time(), _VIETNAM)


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("Tệp Word"),
        help_text=_("Chọn tệp .docx đã tải từ hệ thống, kể cả tệp đã sửa. Tối đa 12 MB."),
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )

    MOST_BYTES = 12 * 1024 * 1024

    def clean_file(self) -> bytes:
        given = self.cleaned_data["file"]
        if given.size > self.MOST_BYTES:
            raise forms.ValidationError(_("Tệp lớn hơn 12 MB. Chọn tệp nhỏ hơn."))
        content: bytes = given.read()
        return content
