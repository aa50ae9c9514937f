"""Who is told of a step: whoever must act next."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.access import Role
from diem06.core.jobs.notices import notify
from diem06.core.organisation.queries import people_of, roles_on, units_on
from diem06.reports.models import EventKind, Report
from diem06.reports.queries import next_actor

KIND = "reports.cycle"


def tell_next(report: Report, *, at: datetime, by: int | None) -> None:
    """Tell whoever acts next that a report waits for them."""
    step = next_actor(report, at=at)
    if step.actor == "office":
        roles = roles_on(at.date()).filter(role=Role.STANDING_OFFICE, user__is_active=True)
        people = set(roles.values_list("user_id", flat=True))
        url = reverse("report-reading", args=(report.period.code, report.unit))
    else:
        wanted = Role.UNIT_HEAD if step.actor == "head" else Role.UNIT_REPORTER
        people = {one.user_id for one in people_of(report.unit, at.date()) if one.role is wanted}
        url = reverse("entry", args=(report.period.code, report.unit))
    _tell(report, people, url, at=at, by=by)


def tell_unit(report: Report, *, at: datetime, by: int | None) -> None:
    """Tell the unit's people what became of their report."""
    people = {one.user_id for one in people_of(report.unit, at.date())}
    _tell(report, people, reverse("entry", args=(report.period.code, report.unit)), at=at, by=by)


def _tell(report: Report, people: set[int], url: str, *, at: datetime, by: int | None) -> None:
    unit = units_on(report.period.last_day).get(report.unit)
    last = report.events.last()
    if unit is None or last is None:
        return

    def words() -> str:
        match last.kind:
            case EventKind.SUBMITTED:
                text = _("%(unit)s đã trình báo cáo tháng %(month)s. Chờ người đứng đầu duyệt.")
            case EventKind.APPROVED:
                text = _("%(unit)s đã duyệt báo cáo tháng %(month)s. Chờ tiếp nhận.")
            case EventKind.RETURNED_BY_HEAD | EventKind.RETURNED_BY_OFFICE:
                text = _("Báo cáo tháng %(month)s của %(unit)s bị trả lại. Xem lý do và sửa.")
            case EventKind.ACCEPTED:
                text = _("Báo cáo tháng %(month)s của %(unit)s đã được tiếp nhận.")
            case EventKind.REOPENED:
                text = _("Báo cáo tháng %(month)s của %(unit)s được mở lại để sửa.")
            case _:
                text = _("%(unit)s xin sửa báo cáo tháng %(month)s đã tiếp nhận. Mở lại để sửa.")
        return text % {"unit": unit.short, "month": f"{report.period.last_day:%m/%Y}"}

    notify(
        people=people - {by},
        kind=KIND,
        words=words,
        url=url,
        until=report.open_until,
        unit=report.unit,
        key=f"report-event/{last.pk}",
        at=at,
        by=by,
    )
