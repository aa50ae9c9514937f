"""
Long work, and notices.

An app declares its kinds of long work in its `jobs.py`:

    from diem06.core.jobs.handlers import Handler, JobError, Progress, Result
    from diem06.core.jobs.models import Job

    def load_rows(job: Job, progress: Progress) -> Result:
        rows = rows_of(job.arguments["upload"])
        for number, batch in enumerate(batches(rows), 1):
            load(batch, at=progress.now(), by=job.started_by_id)      # each batch a transaction of its own
            progress.step(number * 500, len(rows), gettext_lazy("Đang ghi số liệu"))
        return Result(url=reverse("upload", args=[...]), words=lambda: gettext("Đã ghi %(n)s dòng.") % {"n": len(rows)})

    HANDLERS = (Handler(kind="reports.load_rows", run=load_rows),)

A view starts it and sends the person to its page, which shows how far it is, lets them stop it and hands out what came of it:

    job = actions.start(
        kind="reports.load_rows", title=gettext_lazy("Nạp tệp Excel"), arguments={"upload": "..."}, by=request.user.pk, at=request.now
    )
    return redirect(job)

Handlers are idempotent: a job whose worker was killed is run again from its start (see `running`). A test runs it at once by
`running.run(job.pk)`, without a worker. `notices.notify` tells people something; so does the end of each job.
"""
