"""Forms of the pages about the plan: amendments, milestones, drafts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import permutations
from typing import Any

from django import forms
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.actions import Basis, coming_periods
from diem06.core.plans.drafts import FIELD_NAMES, KINDS, WORDS
from diem06.core.plans.queries import Loaded, first_day_to_change, owing
from diem06.core.plans.words import ORDER_MARK, order_code, order_words, unit_name
from diem06.core.ui import numbers
from diem06.core.ui.forms import day_field
from diem06.plan.changes import GRADES, assignments_on, chosen_reading, deadlines_on, newest_target, precedence_on
from diem06.plan.checks import CLAUSE_KINDS, UNIT_KINDS
from diem06.plan.drafting import (
    AnyItem,
    Draft,
    DraftClause,
    DraftDeadline,
    DraftDuty,
    DraftIndicator,
    Every,
    FoundUnit,
    SourceFile,
    field_text,
)
from diem06.plan.model import Indicator, Kind, Level

_DOCUMENT = "Quyết định"  # as it is cited in the plan data, in Vietnamese on the English page too
TASK_MARK = "|"
_LARGEST = 10**13


class ShareField(forms.Field):
    """A percentage typed as «80», «80%» or «67,5»; its value is a share from 0 to 1. `is_count`: a number as it is."""

    is_count = False
    widget = forms.TextInput(attrs={"maxlength": 20, "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        typed = str(value or "").strip().removesuffix("%").replace(",", ".")
        if not typed:
            return None
        try:
            number = Decimal(typed)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= _LARGEST:
            raise forms.ValidationError(_("Nhập một số, ví dụ 80 hoặc 67,5."))
        return number if self.is_count else number / 100


class AmendmentForm(forms.Form):
    """What every change needs: from when, by which document."""

    from_day = forms.DateField()
    title = forms.CharField(label=_("Loại văn bản"), max_length=100)
    number = forms.CharField(label=_("Số, ký hiệu văn bản"), max_length=60, help_text=_("Ví dụ 55/QĐ-UBND."))
    issued_on = forms.DateField()

    def __init__(self, *args: Any, loaded: Loaded, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loaded, self.at = loaded, at
        self.first_day = first_day_to_change(loaded.plan, at=at)
        self.fields["from_day"] = self._from_day()
        self.fields["title"].initial = _DOCUMENT
        self.fields["issued_on"] = day_field(_("Ngày văn bản"), example=f"{at:%d/%m/%Y}")
        last = ("from_day", "title", "number", "issued_on")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def _from_day(self) -> forms.Field:
        hint = translated("Số liệu trước %(day)s đã khóa. Chọn từ ngày đó trở đi.") % {
            "day": f"{self.first_day:%d/%m/%Y}"
        }
        return day_field(_("Có hiệu lực từ ngày"), hint=hint)

    def clean_issued_on(self) -> date:
        day: date = self.cleaned_data["issued_on"]
        if day > self.at.date():
            raise forms.ValidationError(_("Văn bản chưa ban hành. Ghi ngày không sau hôm nay."))
        return day

    def basis(self) -> Basis:
        """Return the document. Only of a valid form."""
        data = self.cleaned_data
        return Basis(title=data["title"], number=data["number"], issued_on=data["issued_on"])

    def values(self) -> dict[str, Any]:
        """Return what the action of this kind asks for beside the document. Only of a valid form."""
        kept = ("title", "number", "issued_on")
        return {name: value for name, value in self.cleaned_data.items() if name not in kept}

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", translated("— chọn —")), *choices]

    def _indicators(self, name: str, indicators: list[Indicator]) -> None:
        self.choose(
            name, [(each.code, f"{each.code} · {each.name} ({_now(each, self.at.date())})") for each in indicators]
        )


class ReadingForm(AmendmentForm):
    """Which way an indicator is read."""

    reading = forms.ChoiceField(label=_("Cách hiểu"))
    decided_by = forms.CharField(label=_("Cơ quan quyết định"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.loaded.plan
        self.choose(
            "reading",
            [
                (reading.code, f"{reading.code} · {reading.text}")
                for indicator in plan.indicators
                for reading in indicator.readings
            ],
        )
        self.fields["decided_by"].initial = unit_name(plan, plan.steering_unit, self.at.date())

    def values(self) -> dict[str, Any]:
        values = super().values()
        code = values["reading"]
        plan = self.loaded.plan
        found = next(row.code for row in plan.indicators if code in {each.code for each in row.readings})
        return {**values, "indicator": found}


class TargetForm(AmendmentForm):
    """Another number to reach."""

    indicator = forms.ChoiceField(label=_("Chỉ tiêu"))
    unit = forms.ChoiceField(label=_("Áp dụng cho"), required=False)
    value = ShareField(label=_("Mục tiêu mới (%)"), help_text=_("Ví dụ 80 hoặc 67,5."))
    quote = forms.CharField(
        label=_("Trích nguyên văn"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Chép câu của văn bản ghi mục tiêu mới."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.loaded.plan
        shares = [row for row in plan.indicators if row.parts[0].denominator and not row.same_as]
        self._indicators("indicator", shares)
        units = owing([code for row in shares for code in row.owed_by], plan, on=self.at.date())
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        named = [(code, unit_name(plan, code, self.at.date())) for code in units]
        unit.choices = [("", translated("Toàn bộ")), *named]


class DeadlineForm(AmendmentForm):
    """Another day by which it is to be reached."""

    indicator = forms.ChoiceField(label=_("Chỉ tiêu"))
    day = forms.DateField()
    quote = forms.CharField(
        label=_("Trích nguyên văn"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Chép câu của văn bản ghi thời hạn mới."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("Ngày giữa kỳ: đơn vị báo cáo thêm một số liệu của đúng ngày đó.")
        self.fields["day"] = day_field(_("Thời hạn mới"), hint=hint)
        self.order_fields(["indicator", "day", "quote", "from_day", "title", "number", "issued_on"])
        self._indicators("indicator", [row for row in self.loaded.plan.indicators if not row.same_as])


class AssignmentForm(AmendmentForm):
    """A pilot passes from one unit to another."""

    task = forms.ChoiceField(label=_("Mô hình và đơn vị đang thực hiện"))
    unit = forms.ChoiceField(label=_("Đơn vị nhận"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, today = self.loaded.plan, self.at.date()
        pilots = {pilot.code: pilot.short_title for pilot in plan.pilots}
        self.choose(
            "task",
            [
                (
                    TASK_MARK.join((row.clause, row.pilot, row.unit)),
                    f"{row.pilot} {pilots.get(row.pilot, '')} · {unit_name(plan, row.unit, today)}",
                )
                for row in assignments_on(plan, today)
            ],
        )
        self.choose(
            "unit",
            [(code, unit.name) for code, unit in units_on(today).items() if unit.level != Level.COMMUNE.value],
        )

    def _from_day(self) -> forms.Field:
        coming = coming_periods(self.loaded.plan, at=self.at)
        return forms.TypedChoiceField(
            label=_("Từ kỳ"),
            coerce=date.fromisoformat,
            choices=[
                (day.isoformat(), translated("Kỳ %(code)s, từ %(day)s") % {"code": code, "day": f"{day:%d/%m/%Y}"})
                for code, day in coming
            ],
            help_text=_("Kỳ đang mở vẫn do đơn vị cũ báo cáo."),
        )

    def values(self) -> dict[str, Any]:
        values = super().values()
        clause, pilot, unit = values.pop("task").split(TASK_MARK)
        return {**values, "clause": clause, "pilot": pilot, "to": values["unit"], "unit": unit}


class RenameForm(AmendmentForm):
    """Another name of a unit."""

    unit = forms.ChoiceField(label=_("Đơn vị"))
    name = forms.CharField(label=_("Tên mới"), max_length=200)
    short = forms.CharField(label=_("Tên ngắn"), max_length=100, help_text=_("Như ghi trong bảng."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("unit", _units_of_plan(self.loaded, self.at.date()))


class MergeForm(AmendmentForm):
    """A unit ends and another takes over."""

    unit = forms.ChoiceField(label=_("Đơn vị kết thúc"))
    successor = forms.ChoiceField(label=_("Đơn vị nhận"), help_text=_("Nhận cả việc đang mở."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = _units_of_plan(self.loaded, self.at.date())
        self.choose("unit", units)
        self.choose("successor", units)


class PrecedenceForm(AmendmentForm):
    """Another source counts first."""

    measure = forms.ChoiceField(label=_("Áp dụng cho"), required=False)
    order = forms.ChoiceField(label=_("Thứ tự tính"), help_text=_("Nguồn sau chỉ tính ở nơi nguồn trước chưa đủ."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, day = self.loaded.plan, self.first_day
        now = precedence_on(plan, "", day)
        self.choose("order", [(order_code(each), order_words(each)) for each in permutations(GRADES)])
        measures = [row for row in plan.measures if not row.derived]
        field = self.fields["measure"]
        assert isinstance(field, forms.ChoiceField)
        own = [(row.code, precedence_on(plan, row.code, day)) for row in measures]
        said = {code: f" ({order_words(order)})" for code, order in own if order != now}
        whole = translated("Mọi số liệu không có quy định riêng (%(order)s)") % {"order": order_words(now)}
        field.choices = [("", whole), *((row.code, f"{row.name}{said.get(row.code, '')}") for row in measures)]

    def values(self) -> dict[str, Any]:
        found = super().values()
        return {**found, "order": tuple(found["order"].split(ORDER_MARK))}


def _units_of_plan(loaded: Loaded, today: date) -> list[tuple[str, str]]:
    here = units_on(today)
    return [(unit.code, here[unit.code].name) for unit in loaded.plan.units if unit.code in here]


def _now(indicator: Indicator, today: date) -> str:
    """Say what holds now: the target, and its day."""
    reading = chosen_reading(indicator, today)
    if indicator.readings and reading is None:
        return translated("chưa chọn cách hiểu")
    target = newest_target(reading.targets if reading else indicator.targets, today)
    days = [target.deadline] if target else [each.day for each in deadlines_on(indicator, today)]
    words = [numbers.percent(target.value, None) if target else translated("không có mục tiêu")]
    words += [f"{day:%d/%m/%Y}" for day in days if day]
    return ", ".join(words)


class MilestoneForm(forms.Form):
    """What the standing office wants to see of an indicator by a day."""

    indicator = forms.ChoiceField(label=_("Chỉ tiêu"))
    area = forms.ChoiceField(label=_("Địa bàn"), required=False)
    unit = forms.ChoiceField(label=_("Đơn vị"), required=False)
    value = ShareField(label=_("Cần đạt"), help_text=_("Tỷ lệ ghi 80 hoặc 67,5; số đếm ghi số."))
    day = forms.DateField()
    reason = forms.CharField(
        label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Vì sao cần mốc này.")
    )

    def __init__(self, *args: Any, loaded: Loaded, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today, plan = at.date(), loaded.plan
        self.fields["day"] = day_field(_("Đến ngày"))
        self.order_fields(["indicator", "area", "unit", "value", "day", "reason"])
        tree = areas_on(today)
        chosen: dict[str, list[tuple[str, str]]] = {
            "indicator": [(row.code, f"{row.code} · {row.name}") for row in plan.indicators],
            "area": [(node.code, node.name) for node in tree.descendants(plan.area, Level.DISTRICT)],
            "unit": [(code, unit.name) for code, unit in units_on(today).items() if unit.level != Level.COMMUNE.value],
        }
        for name, choices in chosen.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            first = translated("— chọn —") if name == "indicator" else translated("Toàn bộ")
            field.choices = [("", first), *choices]
        counts = {row.code for row in plan.indicators if not row.parts[0].denominator}
        value = self.fields["value"]
        assert isinstance(value, ShareField)
        value.is_count = self.data.get("indicator", "") in counts


class EndForm(forms.Form):
    """Why a milestone ends."""

    reason = forms.CharField(label=_("Lý do kết thúc mốc"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


# -- drafts --------------------------------------------------------------------------------------------------------------
class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; its value is a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given]


class UploadForm(forms.Form):
    """The documents of a plan: the plan first, then its annexes."""

    MOST_BYTES = 20 * 1024 * 1024
    MOST_FILES = 10

    documents = FilesField(
        label=_("Văn bản của Kế hoạch"),
        help_text=_("Chọn .docx, .txt hoặc .md; kế hoạch trước, phụ lục sau theo tên tệp."),
        widget=ManyFiles(attrs={"accept": ".docx,.txt,.md", "multiple": True}),
    )

    def clean_documents(self) -> list[SourceFile]:
        given = self.cleaned_data["documents"]
        if len(given) > self.MOST_FILES:
            raise forms.ValidationError(_("Chọn không quá 10 tệp."))
        if sum(file.size for file in given) > self.MOST_BYTES:
            raise forms.ValidationError(_("Các tệp lớn hơn 20 MB. Chọn tệp nhỏ hơn."))
        return [SourceFile(name=file.name, content=file.read()) for file in given]


_CHOICES: dict[tuple[type, str], tuple[str, ...]] = {
    (DraftClause, "kind"): CLAUSE_KINDS,
    (FoundUnit, "kind"): UNIT_KINDS,
    (FoundUnit, "level"): tuple(level.value for level in Level),
    (DraftIndicator, "kind"): tuple(kind.value for kind in Kind),
    (DraftIndicator, "direction"): ("up", "down"),
    (DraftDuty, "every"): tuple(every.value for every in Every),
}
_LONG = {"words", "task", "title", "result", "counted", "numerator_name", "denominator_name"}
_OF_UNITS = {"units", "lead_units", "coordinate_units"}


class ItemForm(forms.Form):
    """The fields of one item that a person may mend, as decided so far."""

    def __init__(self, *args: Any, draft: Draft, item: AnyItem, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": item.id})
        self.item = item
        for name in KINDS[type(item)].fields:
            self.fields[name] = self._field(draft, item, name)

    def _field(self, draft: Draft, item: AnyItem, name: str) -> forms.Field:
        value = field_text(item, name)
        label: Any = FIELD_NAMES[name]
        field: forms.Field
        if name in _OF_UNITS:
            field = forms.MultipleChoiceField(
                label=label,
                required=False,
                initial=list(getattr(item, name)),
                choices=[(unit.id, unit.name) for unit in draft.units],
                widget=forms.CheckboxSelectMultiple,
            )
        elif isinstance(getattr(item, name), bool):
            field = forms.BooleanField(label=label, required=False, initial=getattr(item, name))
        elif listed := _choices(draft, item, name):
            field = forms.ChoiceField(label=label, required=listed[0][0] != "", initial=value, choices=listed)
        elif name == "deadline":
            field = day_field(label, required=isinstance(item, DraftDeadline))
            field.initial = date.fromisoformat(value) if value else None
        else:
            widget = forms.Textarea(attrs={"rows": 2}) if name in _LONG else forms.TextInput()
            field = forms.CharField(label=label, required=False, initial=value, max_length=2000, widget=widget)
        return field

    def changes(self, original: AnyItem) -> dict[str, str]:
        """Return what differs from what was read, in the form that `Verdict.changes` takes. Only of a valid form."""
        found = {}
        for name, value in self.cleaned_data.items():
            match value:
                case bool():
                    typed = "true" if value else "false"
                case list():
                    typed = "; ".join(value)
                case date():
                    typed = value.isoformat()
                case None:
                    typed = ""
                case _:
                    typed = str(value).strip()
            if typed != field_text(original, name):
                found[name] = typed
        return found


def _choices(draft: Draft, item: AnyItem, name: str) -> list[tuple[str, Any]]:
    """Return what a field may hold; empty: any text."""
    none = ("", "—")
    if name in ("clause", "annex_clause"):
        return [none, *((clause.id, f"{clause.id} · {clause.words[:80]}") for clause in draft.clauses)]
    if name == "pilot":
        return [none, *((pilot.code, f"{pilot.code} · {pilot.title[:80]}") for pilot in draft.pilots)]
    return [(each, WORDS.get(each, each)) for each in _CHOICES.get((type(item), name), ())]


class LoadForm(forms.Form):
    """What a person confirms before a drafted plan is taken into use."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    as_proposed = forms.BooleanField()
    replaces = forms.BooleanField()

    def __init__(self, *args: Any, still_open: int, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if still_open:
            words = translated("Tôi nạp cả %(count)s mục chưa xem, theo đúng như máy đọc.")
            self.fields["as_proposed"].label = words % {"count": still_open}
        else:
            del self.fields["as_proposed"]
        if current:
            words = translated("Tôi thay Kế hoạch đang dùng: %(title)s. Số liệu và báo cáo của Kế hoạch đó vẫn giữ.")
            self.fields["replaces"].label = words % {"title": current}
        else:
            del self.fields["replaces"]
