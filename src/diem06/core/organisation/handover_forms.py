"""Who hands over to whom, from when."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diem06.core.organisation import handovers
from diem06.core.organisation.models import User
from diem06.core.ui.forms import day_field


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.full_name} ({obj.username})"


class HandoverForm(forms.Form):
    """The people are those whom `units` allow on the day `today` (see `handovers.may_give`, `may_take`)."""

    from_person = _Person(label=_("Người bàn giao"), empty_label=_("Chọn người"), queryset=User.objects.none())
    to_person = _Person(label=_("Người nhận"), empty_label=_("Chọn người"), queryset=User.objects.none())
    day = day_field(_("Vai trò chuyển từ ngày"), hint=_("Việc đang mở chuyển ngay khi bạn xác nhận."))

    def __init__(self, *args: Any, units: handovers.Units, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_person"].queryset = handovers.may_give(units, on=today)  # type: ignore[attr-defined]
        self.fields["to_person"].queryset = handovers.may_take(units, on=today)  # type: ignore[attr-defined]
        self.fields["day"].initial = today

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("from_person") is not None and given["from_person"] == given.get("to_person"):
            self.add_error("to_person", _("Chọn hai người khác nhau."))
        return given
