"""What the pages of one unit's report have in common."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.reports.models import Report, ReportState


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The report that a URL names."""

    loaded: Loaded
    report: Report
    unit: UnitOn

    @property
    def url(self) -> str:
        return reverse("entry", args=(self.report.period.code, self.report.unit))


def open_report(period: str, unit: str) -> Opened:
    """Return the report of a unit for a period. Raises Http404."""
    try:
        loaded = loaded_plan()
    except NoPlanError as fault:
        raise Http404(str(fault)) from fault
    report = (
        Report.objects.select_related("period", "approval_file")
        .filter(period__plan_id=loaded.plan.id, period__code=period, unit=unit)
        .first()
    )
    if report is None:
        raise Http404(_("Đơn vị không phải báo cáo kỳ này."))
    return Opened(loaded=loaded, report=report, unit=units_on(report.period.last_day)[unit])


def locked_words(report: Report) -> str:
    """Say why nothing can be typed, and who may change that."""
    if report.state == ReportState.ACCEPTED:
        return _("Báo cáo đã được tiếp nhận. Muốn sửa, bấm «Xin sửa» và ghi lý do.")
    return _("Hạn sửa số liệu đã qua lúc %(time)s. Đề nghị cơ quan thường trực mở lại nếu còn phải sửa.") % {
        "time": f"{timezone.localtime(report.period.lock_at):%H:%M %d/%m/%Y}"
    }


def wrong_state_words(report: Report) -> str:
    """Say that a step does not begin here: somebody took one meanwhile."""
    return _("Báo cáo đang ở bước «%(state)s», không làm được việc này. Xem lại rồi làm tiếp.") % {
        "state": report.get_state_display()
    }
