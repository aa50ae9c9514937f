"""The form that takes a report that came by mail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class MailedForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Báo cáo Word của đơn vị (.docx)"),
        help_text=gettext_lazy("Nhiều nhất 20 MB. Chưa lưu gì cho đến khi bạn xác nhận."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )
