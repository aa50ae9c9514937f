"""Closing a period from its page: long work, for a month of a province has a million facts."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.jobs import actions as jobs
from diem06.core.jobs.handlers import Handler, JobError, Progress, Result
from diem06.core.jobs.models import OPEN, Job
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.plans.queries import period as period_of
from diem06.cube.closing.actions import (
    AlreadyClosedError,
    ClosingError,
    NotLockedError,
    OutOfOrderError,
    check,
    close_period,
)
from diem06.cube.upkeep import refresh_lake
from diem06.reports.screens.outlook import period_name

KIND = "reports.close_period"
_WHOLE = 100
_PARTS = {"facts": (5, 50), "figures": (60, 35)}
"""From which hundredth on, and for how many, each part of the work is shown: a rough share of its time."""
_WORDS = {"facts": gettext_lazy("Đang đọc số liệu gốc"), "figures": gettext_lazy("Đang tính các con số")}


def start(*, loaded: Loaded, period: Period, at: datetime, by: int | None) -> Job:
    """
    Begin to close a period; where that has begun already, return the work that is at it. Raises ClosingError where it cannot be
    closed now.
    """
    check(loaded, period, at)
    return jobs.start(
        kind=KIND,
        title=lambda: _("Chốt số liệu tháng %(name)s") % {"name": period_name(period)},
        arguments={"plan": loaded.plan.id, "period": period.code},
        key=_key(loaded, period),
        by=by,
        at=at,
    )


def last_try(loaded: Loaded, period: Period) -> Job | None:
    """Return the work of closing a period that is under way, else the one that ended last."""
    tries = Job.objects.filter(kind=KIND, key=_key(loaded, period)).select_related("started_by")
    return tries.filter(state__in=OPEN).first() or tries.order_by("-finished_at").first()


def _key(loaded: Loaded, period: Period) -> str:
    return f"{loaded.plan.id}/{period.code}"


def close(job: Job, progress: Progress) -> Result:
    """Close `arguments["period"]` of `arguments["plan"]`. Once closed, it stays so however often this is repeated."""
    loaded = loaded_plan(job.arguments["plan"])
    of = period_of(loaded.plan, job.arguments["period"])
    if of is None:
        raise JobError(gettext_lazy("Không có kỳ báo cáo này."))

    def told(what: str, done: int, total: int) -> None:
        begins, share = _PARTS[what]
        progress.step(begins + (share * done // total if total else 0), _WHOLE, _WORDS[what])

    progress.step(0, _WHOLE, gettext_lazy("Đang chuẩn bị số liệu"))
    for _line in refresh_lake(progress.now()):  # compacted, facts of a month take a tenth of the memory
        pass
    try:
        close_period(loaded=loaded, period=of, at=progress.now(), by=job.started_by_id, told=told)
    except AlreadyClosedError:
        pass  # by this very work, whose process was killed after it, or by the operator's command
    except ClosingError as fault:
        raise JobError(partial(reason, fault, of)) from fault
    return Result(
        url=reverse("closing", args=[of.code]),
        words=lambda: _("Đã chốt số liệu kỳ %(period)s.") % {"period": period_name(of)},
    )


def reason(refused: ClosingError, of: Period) -> str:
    """Return in words why a period cannot be closed."""
    match refused:
        case NotLockedError():
            return _("Chốt được sau hạn sửa số liệu, hết ngày %(day)s.") % {"day": f"{of.lock_day:%d/%m/%Y}"}
        case OutOfOrderError(period=Period() as first):
            return _("Các kỳ chốt lần lượt. Chốt kỳ %(period)s trước.") % {"period": period_name(first)}
    return _("Đồng hồ của máy chủ chạy lùi, hoặc lịch kỳ đã đổi. Báo quản trị hệ thống.")


HANDLERS = (Handler(kind=KIND, run=close),)
