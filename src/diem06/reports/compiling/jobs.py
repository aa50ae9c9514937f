"""Long work of compiling: all files of a month."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.jobs.handlers import Handler, JobError, Progress, Result
from diem06.core.jobs.models import Job
from diem06.core.plans.queries import loaded_plan, period
from diem06.reports.compiling.files import month_zip

MONTH_ZIP = "reports.month_zip"
LARGEST_ZIP = 200 * 2**20


def make_month_zip(job: Job, progress: Progress) -> Result:
    """Make the zip of `arguments["period"]` of `arguments["plan"]`. Repeating it makes it anew."""
    loaded = loaded_plan(job.arguments["plan"])
    of = period(loaded.plan, job.arguments["period"])
    if of is None:
        raise JobError(gettext_lazy("Không có kỳ báo cáo này."))

    def step(done: int, total: int, path: str) -> None:
        progress.step(done, total, path.rpartition("/")[2])

    content = month_zip(loaded=loaded, period=of, at=progress.now(), by=job.started_by_id, step=step)
    with transaction.atomic():
        file = store_file(
            content=content,
            name=f"tat-ca-tep-{of.code}.zip",
            allowed=(FileKind.ZIP,),
            at=progress.now(),
            by=job.started_by_id,
            largest_bytes=LARGEST_ZIP,
        )
    return Result(file=file, words=lambda: _("Tất cả tệp của kỳ %(code)s.") % {"code": of.code})


HANDLERS = (Handler(kind=MONTH_ZIP, run=make_month_zip),)
