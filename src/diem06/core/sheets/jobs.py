"""Long uploads: over a few hundred rows, a worker loads them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.jobs.handlers import Handler, JobError, Progress, Result
from diem06.core.jobs.models import Job
from diem06.core.sheets import actions
from diem06.core.sheets.declared import SheetRefusedError
from diem06.core.sheets.models import Batch


def load_batch(job: Job, progress: Progress) -> Result:
    """Load one batch, all of it in one transaction; a batch that is loaded already stays as it is."""
    batch = Batch.objects.get(pk=job.arguments["batch"])
    confirmed = actions.Confirmed(only_good=job.arguments["only_good"], overwrites=job.arguments["overwrites"])
    try:
        progress.step(0, 1, gettext_lazy("Đang kiểm tra và ghi"))
        batch = actions.load(batch=batch, confirmed=confirmed, at=progress.now(), by=job.started_by_id)
    except (actions.BatchError, SheetRefusedError) as fault:
        actions.wait_again(batch=batch)
        raise JobError(str(fault)) from fault
    except BaseException:
        actions.wait_again(batch=batch)
        raise
    return Result(
        url=reverse("sheet-batch", args=(batch.sheet, batch.scope, batch.pk)),
        words=lambda: _("Đã nạp %(n)s dòng.") % {"n": batch.loaded_rows},
    )


HANDLERS = (Handler(kind=actions.JOB_KIND, run=load_batch),)
