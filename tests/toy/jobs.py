"""Long work that is of no use: it counts, and leaves one file in a folder for each number."""

from pathlib import Path
from time import sleep

from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.jobs.handlers import Handler, JobError, Progress, Result
from diem06.core.jobs.models import Job


def count(job: Job, progress: Progress) -> Result:
    """Count to `to`, `pause` seconds for each number; a number that has its file is not written again."""
    folder, to = Path(job.arguments["folder"]), job.arguments["to"]
    for number in range(1, to + 1):
        file = folder / str(number)
        if not file.exists():
            file.write_text(str(job.attempts))
        sleep(job.arguments.get("pause", 0))
        progress.step(number, to, "Đang đếm")
    return Result(url="/account/", words=lambda: f"{to}", data={"counted": to})


def write(job: Job, progress: Progress) -> Result:
    """Make a text file."""
    stored = store_file(
        content=b"mot", name="dem.txt", allowed=[FileKind.TEXT], at=progress.now(), by=job.started_by_id
    )
    return Result(file=stored, words="Có tệp")


def refuse(job: Job, progress: Progress) -> Result:
    raise JobError("Tệp thiếu cột A.")


def break_down(job: Job, progress: Progress) -> Result:
    raise ZeroDivisionError("bí mật của máy chủ")


HANDLERS = (
    Handler(kind="toy.count", run=count),
    Handler(kind="toy.write", run=write),
    Handler(kind="toy.refuse", run=refuse),
    Handler(kind="toy.break_down", run=break_down),
)
