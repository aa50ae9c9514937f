"""What the queue runs."""

import uuid

from django_tasks import task

from diem06.core.jobs import running


@task()
def run_job(job_id: str) -> None:
    """Do one job. Its end is kept in the job itself."""
    running.run(uuid.UUID(job_id))
