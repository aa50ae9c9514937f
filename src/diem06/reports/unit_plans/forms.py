"""Forms of a unit's own plan and its tasks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.organisation.queries import people_of
from diem06.core.ui.forms import TypedNumber, day_field
from diem06.plan.model import Plan
from diem06.reports.models import TaskState, UnitTask
from diem06.reports.unit_plans.actions import TaskWords


class DocumentForm(forms.Form):
    """Number, day and file of the unit's own plan."""

    plan_number = forms.CharField(label=gettext_lazy("Số, ký hiệu Kế hoạch của đơn vị"), max_length=64)
    file = forms.FileField(
        label=gettext_lazy("Văn bản (PDF hoặc Word)"),
        required=False,
        help_text=gettext_lazy("Nhiều nhất 20 MB."),
        allow_empty_file=True,  # what is wrong with it is told in our words
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_on"] = day_field(_("Ngày ban hành"), example="28/06/2023")
        self.order_fields(["plan_number", "issued_on", "file"])


class TaskForm(forms.Form):
    """One task: what, who, by when, for which clause."""

    text = forms.CharField(
        label=gettext_lazy("Việc phải làm"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.TypedChoiceField(
        label=gettext_lazy("Người làm (có tài khoản)"), required=False, coerce=int, empty_value=None
    )
    owner_name = forms.CharField(
        label=gettext_lazy("Hoặc tên người, bộ phận làm"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Điền khi người làm không có tài khoản."),
    )
    clause = forms.ChoiceField(label=gettext_lazy("Thuộc điểm nào của Kế hoạch tỉnh"), required=False)

    def __init__(self, *args: Any, plan: Plan, unit: str, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"] = day_field(_("Hạn xong"), example="30/09/2023")
        self.order_fields(["text", "due_on", "owner", "owner_name", "clause"])
        people = {person.user_id: person.full_name for person in people_of(unit, on)}
        owner, clause = self.fields["owner"], self.fields["clause"]
        assert isinstance(owner, forms.TypedChoiceField)
        assert isinstance(clause, forms.ChoiceField)
        owner.choices = [("", _("Chưa chọn")), *((str(key), name) for key, name in people.items())]
        clause.choices = [("", _("Không ghi")), *((one.id, _clause_words(one.id, one.quote)) for one in plan.clauses)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "owner" in data and not data["owner"] and not data.get("owner_name", "").strip():
            self.add_error("owner", _("Chọn người làm, hoặc ghi tên người, bộ phận làm."))
        return data

    def words(self) -> TaskWords:
        """Return what was filled in. Only of a valid form."""
        data = self.cleaned_data
        return TaskWords(
            text=data["text"],
            due_on=data["due_on"],
            owner=data["owner"],
            owner_name="" if data["owner"] else data["owner_name"],
            clause=data["clause"],
        )


def _clause_words(code: str, quote: str) -> str:
    words = " ".join(quote.split())
    return f"{code} · {words[:80]}{'…' if len(words) > 80 else ''}"


class ProgressForm(forms.Form):
    """How far a task is."""

    state = forms.ChoiceField(label=gettext_lazy("Tình hình"), choices=TaskState.choices)
    progress_percent = forms.IntegerField(
        label=gettext_lazy("Đã làm được (%)"), min_value=0, max_value=100, required=False, widget=TypedNumber
    )
    note = forms.CharField(
        label=gettext_lazy("Kết quả, vướng mắc"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Không làm nữa thì phải ghi lý do."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"] = day_field(_("Ngày xong"), example="30/09/2023", required=False)
        self.order_fields(["state", "progress_percent", "done_on", "note"])


def task_initial(task: UnitTask) -> dict[str, Any]:
    """Return what stands in a task, for TaskForm."""
    return {
        "text": task.text,
        "due_on": task.due_on,
        "owner": task.owner_id,
        "owner_name": task.owner_name,
        "clause": task.clause,
    }


def progress_initial(task: UnitTask) -> dict[str, Any]:
    """Return what stands in a task, for ProgressForm."""
    return {
        "state": task.state,
        "progress_percent": task.progress_percent,
        "done_on": task.done_on,
        "note": task.note,
    }
