"""Forms of compiling and of documents that leave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diem06.reports.word.forms import SigningForm


class SendForm(SigningForm):
    """Number, day and signer, without which nothing is sent; a reason where it replaces another document."""

    reason = forms.CharField(
        label=_("Lý do thay thế"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, is_replacing: bool, reason_label: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("number", "day", "signer"):
            self.fields[name].required = True
        self.fields["number"].help_text = ""
        if not is_replacing:
            del self.fields["reason"]
            return
        self.fields["reason"].required = True
        if reason_label:
            self.fields["reason"].label = reason_label


class SignedForm(forms.Form):
    """The signed PDF of a sent document."""

    signed = forms.FileField(
        label=_("Bản ký (PDF)"),
        help_text=_("Chỉ nhận tệp PDF, tối đa 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )
