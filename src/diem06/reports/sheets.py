"""What the reports take from Excel: the filled-in template of a unit and period, blocks pasted into its page, a unit's tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core import access
from diem06.core.access import Subject
from diem06.core.organisation.queries import units_on
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.sheets.columns import Answers, Column, Kind
from diem06.core.sheets.declared import DeclaredSheet, Known, Reading, RowToLoad, SheetRefusedError, StaleError
from diem06.core.sheets.models import Verdict, Way
from diem06.core.sheets.reading import read_workbook
from diem06.reports import actions
from diem06.reports.cell_names import field_name
from diem06.reports.models import Report, ReportState
from diem06.reports.queries import absent_cells, current_values
from diem06.reports.sheet_loading import load_rows, undo_rows
from diem06.reports.sheet_reading import HEADING_PREFIX, MAX_TEXT, EntryReader
from diem06.reports.sheet_template import NOTE, TEXT, VALUE, template_of
from diem06.reports.unit_plans.sheet import TASKS

_EMPTY = ({"value": None, "note": ""}, {"text": ""})


def scope_of(report: Report) -> str:
    """Return the scope of one report: «2023-07:ubnd-tan-yen»."""
    return f"{report.period.code}:{report.unit}"


def acting_for_unit(subject: Subject, *, scope: str, **url: object) -> bool:  # noqa: ARG001  the rest of the URL
    """Only the unit's own head and reporters, as for typing."""
    return access.of_unit("unit")(subject, unit=scope.partition(":")[2])


class EntrySheet(DeclaredSheet):
    """The report of one unit for one period; a row is a number with its note, or the words under a heading."""

    code = "reports.entry"
    title = gettext_lazy("Số liệu và lời văn của đơn vị")
    columns: ClassVar[tuple[Column, ...]] = (  # type: ignore[misc]  # one for all scopes
        Column(key=VALUE, head=gettext_lazy("Số"), kind=Kind.WHOLE),
        Column(key=NOTE, head=gettext_lazy("Ghi chú")),
        Column(key=TEXT, head=gettext_lazy("Lời văn"), most=MAX_TEXT),
    )
    access = staticmethod(acting_for_unit)

    def words(self, scope: str) -> str:
        report, _loaded = self._opened(scope)
        unit = units_on(report.period.last_day)[report.unit]
        return f"{unit.short}, {_('kỳ')} {report.period.last_day:%m/%Y}"

    def upload_url(self, scope: str) -> str:
        return reverse("entry-upload", args=scope.split(":", 1))

    def home(self, scope: str) -> tuple[str, str]:
        return reverse("entry", args=scope.split(":", 1)), self.words(scope)

    def check_open(self, scope: str, *, at: datetime) -> None:
        report, _loaded = self._opened(scope)
        if not report.may_be_edited(at):
            raise SheetRefusedError(closed_words(report))

    def check_undo(self, scope: str, *, at: datetime) -> None:
        report, _loaded = self._opened(scope)
        if report.is_approved and report.approved_at is not None:
            told = {
                "number": report.approval_number,
                "time": f"{timezone.localtime(report.approved_at):%H:%M %d/%m/%Y}",
            }
            raise SheetRefusedError(_("Báo cáo đã được duyệt: số %(number)s, lúc %(time)s.") % told)
        if not report.may_be_edited(at):
            raise SheetRefusedError(closed_words(report))

    def read(self, content: bytes, scope: str, *, answers: Answers, at: datetime) -> Reading:  # noqa: ARG002
        report, loaded = self._opened(scope)
        rows, notes = EntryReader(report, loaded, answers).of_book(read_workbook(content))
        return Reading(rows=rows, notes=tuple(notes))

    def read_block(
        self,
        block: Sequence[Mapping[str, str]],
        scope: str,
        *,
        answers: Answers,
        at: datetime,  # noqa: ARG002
    ) -> Reading:
        report, loaded = self._opened(scope)
        return Reading(rows=EntryReader(report, loaded, answers).of_block(block))

    def known(self, scope: str, keys: Iterable[str]) -> Mapping[str, Known]:
        report, _loaded = self._opened(scope)
        wanted = set(keys)
        found = {}
        for name, absent in absent_cells(report).items():
            if name in wanted:
                values = {"value": None, "note": absent.reason}
                found[name] = Known(values=values, by=absent.recorded_by_id, at=absent.recorded_at)
        for cell, value in current_values(report).items():
            if (name := field_name(cell)) in wanted:
                found[name] = Known(
                    values={"value": value.value, "note": value.note},
                    record=value.record,
                    by=value.recorded_by_id,
                    at=value.recorded_at,
                )
        for row in report.narratives.all():
            if (name := f"{HEADING_PREFIX}{row.heading}") in wanted:
                found[name] = Known(
                    values={"text": row.text}, record=str(row.version), by=row.saved_by_id, at=row.saved_at
                )
        return found

    def verdict(self, values: Mapping[str, Any], known: Known | None) -> Verdict:
        if values in _EMPTY:
            return Verdict.REMOVED if known and known.state()["values"] != values else Verdict.SAME
        if known and known.values == {"text": ""}:
            return Verdict.NEW
        return super().verdict(values, known)

    def load(self, scope: str, rows: Sequence[RowToLoad], *, way: str, at: datetime, by: int | None) -> Any:
        report, loaded = self._opened(scope)
        named = "paste" if way == Way.PASTE else "sheet"
        try:
            return load_rows(report=report, plan=loaded.plan, rows=rows, way=named, at=at, by=by)
        except actions.ConflictError as conflict:
            raise StaleError from conflict
        except actions.ReportError as refused:
            raise SheetRefusedError(_refused_words(report, refused)) from refused

    def take_back(self, scope: str, undo: Any, *, at: datetime, by: int | None) -> None:
        report, loaded = self._opened(scope)
        try:
            undo_rows(report=report, plan=loaded.plan, undo=undo, at=at, by=by)
        except actions.ReportError as refused:
            raise SheetRefusedError(_refused_words(report, refused)) from refused

    def template(self, scope: str, *, at: datetime) -> bytes:
        report, loaded = self._opened(scope)
        return template_of(report, loaded, at=at)

    def shown(self, values: Mapping[str, Any]) -> str:
        return super().shown({key: value for key, value in values.items() if value or key != NOTE})

    def report_of(self, scope: str) -> Report:
        """Return the report that a scope names. Raises Http404."""
        return self._opened(scope)[0]

    @staticmethod
    def _opened(scope: str) -> tuple[Report, Loaded]:
        """Return the report that a scope names. Raises Http404."""
        code, _colon, unit = scope.partition(":")
        try:
            loaded = loaded_plan()
        except NoPlanError as fault:
            raise Http404(str(fault)) from fault
        report = (
            Report.objects.select_related("period")
            .filter(period__plan_id=loaded.plan.id, period__code=code, unit=unit)
            .first()
        )
        if report is None:
            raise Http404(_("Đơn vị không phải báo cáo kỳ này."))
        return report, loaded


def closed_words(report: Report) -> str:
    """Say why a report takes nothing now, and what can be done."""
    if report.state == ReportState.ACCEPTED:
        return _("Báo cáo đã được tiếp nhận. Bắt đầu bản sửa trên trang báo cáo rồi nhập.")
    return _("Hạn sửa số liệu đã qua lúc %(time)s. Đề nghị cơ quan thường trực mở lại nếu còn phải sửa.") % {
        "time": f"{timezone.localtime(report.period.lock_at):%H:%M %d/%m/%Y}"
    }


def _refused_words(report: Report, refused: actions.ReportError) -> str:
    if isinstance(refused, actions.LockedError):
        return closed_words(report)
    if isinstance(refused, actions.NotOwedError):
        return _("Kế hoạch vừa thay đổi, có ô không còn phải nhập. Tải mẫu mới rồi điền lại.")
    return _("Người khác vừa sửa báo cáo. Xem lại rồi xác nhận lại.")


SHEETS = (EntrySheet(), TASKS)
