"""The forms of the pages on forms from elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.reports.ad_hoc.specs import Catalogue, Scale, Window, part_choices, window_choices


class KeepForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Tên biểu"), max_length=200)
    asked_by = forms.CharField(
        label=gettext_lazy("Nơi yêu cầu, văn bản"),
        help_text=gettext_lazy("Ví dụ: Bộ Công an, Công văn 2345/BCA-C06 ngày 10/7/2023."),
        max_length=200,
    )
    file = forms.FileField(
        label=gettext_lazy("Tệp biểu trống (.xlsx)"),
        help_text=gettext_lazy("Nhiều nhất 10 MB. Giữ nguyên định dạng, công thức, ô trộn."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class ListFilter(forms.Form):
    text = forms.CharField(label=gettext_lazy("Tìm"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("Trạng thái"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("Đang dùng")),
            ("retired", _("Đã cất")),
            ("all", _("Tất cả")),
        ]


class TieForm(forms.Form):
    """What one cell or a block is for. `area`: empty for the whole province, rows or columns to take each from its head."""

    cells = forms.CharField(
        label=gettext_lazy("Ô hoặc khối"), max_length=100, help_text=gettext_lazy("Ví dụ C6 hoặc C6:C15.")
    )
    what = forms.ChoiceField(label=gettext_lazy("Nội dung"))
    part = forms.ChoiceField(label=gettext_lazy("Phần"), help_text=gettext_lazy("Chỉ dùng cho chỉ tiêu."))
    area = forms.ChoiceField(label=gettext_lazy("Địa bàn"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị"), required=False)
    window = forms.ChoiceField(label=gettext_lazy("Kỳ lấy số"), initial=Window.THIS.value)
    scale = forms.ChoiceField(
        label=gettext_lazy("Ghi tỷ lệ"),
        help_text=gettext_lazy("Hỏi một lần cho mỗi cột. Ô định dạng % luôn ghi 0–1."),
        initial=Scale.HUNDRED.value,
    )

    def __init__(
        self,
        *args: Any,
        catalogue: Catalogue,
        areas: list[tuple[str, str]],
        units: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._choose("what", [
            ("", "—"),
            (_("Chỉ tiêu"), [(choice.what, choice.label) for choice in catalogue.figures]),
            (_("Số khai"), [(choice.what, choice.label) for choice in catalogue.sums]),
        ])  # fmt: skip
        self._choose("part", part_choices())
        self._choose("window", window_choices())
        self._choose("scale", [(Scale.HUNDRED.value, _("0–100")), (Scale.RATIO.value, _("0–1"))])
        self._choose(
            "area",
            [("", _("Toàn tỉnh")), ("rows", _("Theo tên ở đầu dòng")), ("columns", _("Theo tên ở đầu cột")), *areas],
        )
        if units:
            self._choose("unit", [("", _("Không chọn")), *units])
        else:
            del self.fields["unit"]

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
