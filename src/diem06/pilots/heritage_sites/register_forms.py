"""What the pages of the register take. A form parses and asks for what is missing; whether it is taken, the actions say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import COMMUNE_COMMITTEE, units_on
from diem06.core.places.actions import Opening, TermValues
from diem06.core.places.queries import PlaceOn
from diem06.core.ui.forms import TypedNumber, day_field
from diem06.pilots.heritage_sites.actions.register import CapacityValues, FestivalValues, StepValues, WayOut
from diem06.pilots.heritage_sites.models import FestivalCalendar, Step
from diem06.plan.model import Level

WEEKDAYS = (
    gettext_lazy("Thứ Hai"),
    gettext_lazy("Thứ Ba"),
    gettext_lazy("Thứ Tư"),
    gettext_lazy("Thứ Năm"),
    gettext_lazy("Thứ Sáu"),
    gettext_lazy("Thứ Bảy"),
    gettext_lazy("Chủ nhật"),
)
Choices = Sequence[tuple[str, Any]]


def document_field(*, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Văn bản"), help_text=gettext_lazy("Số và ngày"), max_length=200, required=required
    )


def commune_choices(day: date, areas: Iterable[str] | None = None) -> list[tuple[str, Any]]:
    """Return the communes of a day, grouped by what they lie in; `areas`: those of them alone."""
    tree = areas_on(day)
    wanted = None if areas is None else set(areas)
    found: list[tuple[str, Any]] = [("", _("Chọn xã, phường"))]
    groups: dict[str, list[tuple[str, str]]] = {}
    for area in tree:
        if area.level == Level.COMMUNE and (wanted is None or area.code in wanted):
            groups.setdefault(tree.get(area.parent).name, []).append((area.code, area.name))
    return [*found, *groups.items()]


def unit_choices(day: date, areas: Iterable[str] | None = None) -> list[tuple[str, Any]]:
    """Return the units of a day that may answer for a place; `areas`: of committees of communes, those in them alone."""
    wanted = None if areas is None else set(areas)
    return [
        ("", _("Chọn đơn vị")),
        *(
            (unit.code, unit.short)
            for unit in units_on(day).values()
            if unit.kind != COMMUNE_COMMITTEE or wanted is None or unit.area in wanted
        ),
    ]


def whole_number(**options: Any) -> forms.IntegerField:
    """Return a field for a whole number whose faults are said in words of this product."""
    words = {
        "invalid": gettext_lazy("Ghi một số nguyên, ví dụ 120."),
        "min_value": gettext_lazy("Ghi số từ %(limit_value)s trở lên."),
        "max_value": gettext_lazy("Ghi số không quá %(limit_value)s."),
    }
    return forms.IntegerField(error_messages=words, **options)


class FilterForm(forms.Form):
    """What the list of sites shows. It lives in the URL."""

    q = forms.CharField(label=gettext_lazy("Tìm di tích"), required=False, max_length=100)
    area = forms.ChoiceField(label=gettext_lazy("Địa bàn"), required=False)
    step = forms.ChoiceField(
        label=gettext_lazy("Trang bị"),
        required=False,
        choices=[("", gettext_lazy("Mọi bước")), ("none", gettext_lazy("Chưa khảo sát")), *Step.choices],
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Phạm vi"),
        required=False,
        choices=[
            ("", gettext_lazy("Tất cả")),
            ("in", gettext_lazy("Trong danh mục")),
            ("out", gettext_lazy("Ngoài danh mục")),
        ],
    )
    crowd = forms.ChoiceField(
        label=gettext_lazy("Đang ở trong"),
        required=False,
        choices=[
            ("", gettext_lazy("Tất cả")),
            ("counting", gettext_lazy("Hôm nay có đếm")),
            ("alarm", gettext_lazy("Đang có cảnh báo")),
        ],
    )

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]


class ListedForm(forms.Form):
    """What of a base list, or of the look-ups of visitors, is shown. It lives in the URL."""

    q = forms.CharField(label=gettext_lazy("Tìm"), required=False, max_length=100)


class TakeBackForm(forms.Form):
    """Why something that was recorded by mistake is taken back."""

    reason = forms.CharField(label=gettext_lazy("Lý do thu hồi"), max_length=300)


class TermForm(forms.Form):
    """What holds of a place from a day on."""

    name = forms.CharField(label=gettext_lazy("Tên"), max_length=200)
    from_day = day_field(gettext_lazy("Từ ngày"))
    area = forms.ChoiceField(label=gettext_lazy("Xã, phường, thị trấn"))
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị quản lý"))
    address = forms.CharField(label=gettext_lazy("Địa chỉ"), max_length=200, required=False)
    latitude = forms.DecimalField(
        label=gettext_lazy("Vĩ độ"), required=False, min_value=-90, max_value=90, max_digits=8, decimal_places=6
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("Kinh độ"), required=False, min_value=-180, max_value=180, max_digits=9, decimal_places=6
    )
    document = document_field()

    def __init__(self, *args: Any, areas: Choices, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        for name in ("latitude", "longitude"):
            self.fields[name].widget = TypedNumber()

    def values(self) -> TermValues:
        data = self.cleaned_data
        return TermValues(
            **{name: data[name] for name in ("name", "area", "unit", "address", "latitude", "longitude", "document")}
        )


class NewPlaceForm(TermForm):
    """A new site."""

    code = forms.CharField(
        label=gettext_lazy("Mã"),
        help_text=gettext_lazy("Chữ thường không dấu, chữ số, gạch nối; ví dụ chua-vinh-nghiem. Không đổi được."),
        max_length=32,
    )
    field_order: tuple[str, ...] = (
        "name",
        "code",
        "from_day",
        "area",
        "unit",
        "address",
        "latitude",
        "longitude",
        "document",
    )


class NewPartForm(NewPlaceForm):
    """A new point or gate of a site."""

    within = forms.ChoiceField(label=gettext_lazy("Nằm trong"))
    kind = forms.ChoiceField(label=gettext_lazy("Loại"))
    field_order: tuple[str, ...] = ("kind", "within", *NewPlaceForm.field_order)

    def __init__(self, *args: Any, within: Choices, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["within"].choices = within  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """The end of a place."""

    valid_to = day_field(gettext_lazy("Không còn từ ngày"))
    reason = forms.CharField(label=gettext_lazy("Lý do, số và ngày văn bản"), max_length=300)


class OfPlaceForm(forms.Form):
    """A form that speaks of the site or one of its points."""

    place = forms.ChoiceField(label=gettext_lazy("Ghi cho"))

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class CapacityForm(OfPlaceForm):
    """A capacity: computed of area and exits, or declared."""

    from_day = day_field(gettext_lazy("Từ ngày"))
    usable_area_m2 = whole_number(
        label=gettext_lazy("Diện tích sử dụng (m²)"),
        required=False,
        min_value=1,
        max_value=10_000_000,
        widget=TypedNumber,
    )
    persons_per_m2 = forms.DecimalField(
        label=gettext_lazy("Số người trên một m²"),
        help_text=gettext_lazy("Ngoài trời thường là 2; trên 4 là nguy hiểm."),
        initial=Decimal(2),
        localize=True,
        max_digits=4,
        decimal_places=2,
        widget=TypedNumber,
    )
    exits = forms.CharField(
        label=gettext_lazy("Bề rộng từng lối ra (m)"),
        help_text=gettext_lazy("Cách nhau bằng dấu chấm phẩy, ví dụ 3; 2,5; 1,2. Lối rộng nhất không tính."),
        required=False,
        max_length=300,
    )
    flow_per_metre_minute = whole_number(
        label=gettext_lazy("Số người qua một mét lối ra trong một phút"),
        help_text=gettext_lazy("Lối bằng 82, bậc thang 66."),
        initial=82,
        min_value=1,
        max_value=200,
        widget=TypedNumber,
    )
    escape_minutes = forms.DecimalField(
        label=gettext_lazy("Thời gian thoát (phút)"),
        help_text=gettext_lazy("Từ 5 đến 10 phút tùy nguy cơ."),
        initial=Decimal(5),
        localize=True,
        min_value=Decimal("0.5"),
        max_digits=4,
        decimal_places=1,
        widget=TypedNumber,
    )
    declared = whole_number(
        label=gettext_lazy("Hoặc sức chứa đã công bố (người)"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=TypedNumber,
    )
    document = document_field()

    def clean_exits(self) -> tuple[WayOut, ...]:
        """Read «3; 2,5» as two widths in metres."""
        found = []
        for text in filter(None, (part.strip() for part in self.cleaned_data["exits"].split(";"))):
            try:
                width = Decimal(text.replace(",", "."))
            except InvalidOperation:
                width = Decimal(0)
            if not (width.is_finite() and Decimal("0.1") <= width <= 100):
                raise forms.ValidationError(_("«%(text)s» không phải bề rộng. Ghi như 2,5.") % {"text": text})
            found.append(WayOut(width_m=width.quantize(Decimal("0.01"))))
        return tuple(found)

    def values(self) -> CapacityValues:
        return CapacityValues(
            **{name: value for name, value in self.cleaned_data.items() if name not in ("place", "from_day")}
        )


class RuleForm(forms.Form):
    """How a site is run."""

    from_day = day_field(gettext_lazy("Từ ngày"))
    retention_days = whole_number(
        label=gettext_lazy("Lưu danh tính người vào (ngày)"), initial=30, min_value=1, max_value=365, widget=TypedNumber
    )
    default_stay_minutes = whole_number(
        label=gettext_lazy("Thời gian tham quan thường lệ (phút)"),
        help_text=gettext_lazy("Quá thời gian này mà không thấy ra, lượt được đóng theo quy định."),
        initial=120,
        min_value=1,
        max_value=1440,
        widget=TypedNumber,
    )
    reset_at = forms.TimeField(
        label=gettext_lazy("Giờ đếm lại từ đầu mỗi ngày"),
        initial="00:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    document = document_field()


class StepForm(forms.Form):
    """A step of equipment."""

    step = forms.ChoiceField(label=gettext_lazy("Bước trang bị"), choices=Step.choices)
    day = day_field(gettext_lazy("Ngày xong"))
    quantity = whole_number(
        label=gettext_lazy("Số thiết bị"), initial=1, min_value=1, max_value=500, widget=TypedNumber
    )
    supplier = forms.CharField(label=gettext_lazy("Nhà cung cấp"), max_length=150, required=False)
    make = forms.CharField(label=gettext_lazy("Hãng, kiểu máy"), max_length=100, required=False)
    serial = forms.CharField(label=gettext_lazy("Số máy"), max_length=200, required=False)
    document = document_field()

    def values(self) -> StepValues:
        names = ("step", "day", "quantity", "supplier", "make", "serial", "document")
        return StepValues(**{name: self.cleaned_data[name] for name in names})


class CorrectStepForm(StepForm):
    """A step that was recorded wrong, and why."""

    reason = forms.CharField(label=gettext_lazy("Lý do sửa"), max_length=300)
    withdraw = forms.BooleanField(label=gettext_lazy("Thu hồi hẳn bước này, không ghi bước khác thay"), required=False)


class FestivalForm(forms.Form):
    """A festival and its days."""

    name = forms.CharField(label=gettext_lazy("Tên lễ hội"), max_length=150)
    calendar = forms.ChoiceField(label=gettext_lazy("Lịch"), choices=FestivalCalendar.choices)
    first_day = whole_number(label=gettext_lazy("Ngày đầu"), min_value=1, max_value=31, widget=TypedNumber)
    first_month = whole_number(label=gettext_lazy("Tháng của ngày đầu"), min_value=1, max_value=12, widget=TypedNumber)
    last_day = whole_number(label=gettext_lazy("Ngày cuối"), min_value=1, max_value=31, widget=TypedNumber)
    last_month = whole_number(label=gettext_lazy("Tháng của ngày cuối"), min_value=1, max_value=12, widget=TypedNumber)

    def values(self) -> FestivalValues:
        return FestivalValues(**self.cleaned_data)


class EndFestivalForm(forms.Form):
    """From when a festival is no longer held."""

    ended_on = day_field(gettext_lazy("Thôi tổ chức từ ngày"))


class HoursForm(OfPlaceForm):
    """Opening hours of a week; an empty day is closed."""

    from_day = day_field(gettext_lazy("Từ ngày"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, name in enumerate(WEEKDAYS):
            self.fields[f"day{weekday}"] = forms.CharField(
                label=name,
                help_text=_("Ví dụ 07:00-11:30; 13:30-17:00") if weekday == 0 else "",
                required=False,
                max_length=60,
            )

    def clean(self) -> dict[str, Any]:
        """Read «07:00-17:00» of each day."""
        data: dict[str, Any] = super().clean() or {}
        openings: list[Opening] = []
        for weekday in range(7):
            for text in filter(None, (part.strip() for part in data.get(f"day{weekday}", "").split(";"))):
                try:
                    opens, closes = (forms.TimeField().clean(part.strip()) for part in text.split("-"))
                except (ValueError, forms.ValidationError):
                    self.add_error(f"day{weekday}", _("«%(text)s»: ghi như 07:00-17:00.") % {"text": text})
                else:
                    openings.append(Opening(weekday=weekday, opens=opens, closes=closes))
        return {**data, "openings": openings}


class BaseListForm(forms.Form):
    """The list of sites in scope, by its document."""

    number = forms.CharField(label=gettext_lazy("Số văn bản"), max_length=60)
    signed_on = day_field(gettext_lazy("Ngày ký"))
    from_day = day_field(gettext_lazy("Có hiệu lực từ ngày"))
    title = forms.CharField(label=gettext_lazy("Trích yếu"), max_length=300)
    file = forms.FileField(
        label=gettext_lazy("Tệp văn bản"),
        help_text=gettext_lazy("PDF, Word hoặc Excel"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx"}),
    )
    sites = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Di tích trong danh mục"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Chọn ít nhất một di tích.")},
    )

    def __init__(self, *args: Any, sites: Sequence[PlaceOn], where: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].choices = [  # type: ignore[attr-defined]
            (site.id, f"{site.name} · {where.get(site.id, '')}") for site in sites
        ]
