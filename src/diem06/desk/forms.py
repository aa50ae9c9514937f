"""Forms of the pages about devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diem06.core.roster.desk import DeskService
from diem06.core.ui.forms import day_field
from diem06.desk.exports import LARGEST_BYTES
from diem06.desk.models import EventState


class EnrolForm(forms.Form):
    """Where the new device is to stand."""

    place = forms.ChoiceField(label=_("Điểm làm việc"), help_text=_("Máy chỉ làm được việc của điểm này."))

    def __init__(self, *args: Any, names: Mapping[int, str], **kwargs: Any) -> None:
        """`names`: of each point where I may put a device, by its id."""
        super().__init__(*args, **kwargs)
        choice = self.fields["place"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("Chọn điểm")), *((str(place), name) for place, name in names.items())]


class DeviceFilter(forms.Form):
    """How the list of devices is narrowed; it lives in the URL."""

    place = forms.IntegerField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Tìm máy hoặc điểm"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("Tình trạng"),
        required=False,
        choices=[
            ("", _("Tất cả")),
            ("in_use", _("Đang dùng")),
            ("waiting", _("Còn bản ghi chờ gửi")),
            ("missing", _("Thiếu bản ghi")),
            ("skewed", _("Đồng hồ lệch")),
            ("revoked", _("Đã thu hồi")),
        ],
    )


class EventFilter(forms.Form):
    """How the events of a device are narrowed; it lives in the URL."""

    state = forms.ChoiceField(label=_("Kết quả"), required=False, choices=[("", _("Tất cả")), *EventState.choices])
    act = forms.ChoiceField(label=_("Việc"), required=False)
    day = day_field(_("Ngày"), hint="", required=False)

    def __init__(self, *args: Any, service: DeskService | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["act"]
        assert isinstance(choice, forms.ChoiceField)
        acts = [(act.code, act.title) for act in service.acts] if service else []
        choice.choices = [("", _("Tất cả")), *acts]


class RevokeForm(forms.Form):
    """How a device is withdrawn."""

    takes_queue = forms.BooleanField(
        label=_("Còn nhận bản ghi chờ"),
        required=False,
        help_text=_(
            "Chỉ chọn khi máy đang ở trong tay đơn vị. Máy bị mất thì không chọn: người giữ máy có thể ghi lùi giờ."
        ),
    )
    wipes = forms.BooleanField(
        label=_("Xóa dữ liệu trên máy"),
        required=False,
        initial=True,
        help_text=_("Máy tự xóa khi có mạng lần tới, sau khi gửi bản ghi chờ nếu còn nhận."),
    )


class ImportForm(forms.Form):
    """A file that the device exported."""

    file = forms.FileField(
        label=_("Tệp bản ghi chờ"),
        help_text=_("Tệp do máy này xuất ra khi không gửi được. Bản ghi đã có thì không nhận lại."),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(_("Tệp lớn hơn 8 MB. Kiểm tra lại tệp."))
        return bytes(file.read())
