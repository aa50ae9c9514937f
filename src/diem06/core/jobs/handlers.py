"""Kinds of long work: what an app declares in its `jobs.py`, and how they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from diem06.core.declarations import declared
from diem06.core.evidence.models import StoredFile
from diem06.core.ui.languages import Words

if TYPE_CHECKING:
    from diem06.core.jobs.models import Job


class JobError(Exception):
    """
    Raised by a handler that cannot do its work; the person reads `words`.

    Any other exception tells the person only that the server failed, and its traceback goes to the log.
    """

    def __init__(self, words: Words) -> None:
        super().__init__(str(words() if callable(words) else words))
        self.words = words


class Cancelled(Exception):
    """The person no longer wants the work. Raised by `Progress.step`; a handler lets it pass."""


class Progress(Protocol):
    """How a handler tells how far it is."""

    def step(self, done: int, total: int, words: Words = "") -> None:
        """
        Say that `done` of `total` is done, and what is being done. Raises Cancelled when the person has asked to stop.

        Call it between transactions: what is written inside one is seen by nobody before it ends, and an open transaction
        keeps everybody else from writing on SQLite.
        """

    def now(self) -> datetime:
        """Return the time now, for the actions that the handler calls."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """
    What came of the work: a page (`url`, a path of ours), a file, or both; `words` sum it up in a sentence.

    `file` is the job's own: its bytes are removed after seven days. A file that belongs to a record is named by the `url` of
    that record. `data` is kept as JSON for whoever started the job.
    """

    url: str = ""
    file: StoredFile | None = None
    words: Words = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Handler:
    """
    A kind of long work. `kind` is `room.what` (`reports.load_rows`).

    `run(job, progress)` does it, in a process of its own and possibly a second time from the start: it must be idempotent.
    """

    kind: str
    run: Callable[[Job, Progress], Result]


class UnknownKindError(LookupError):
    """No installed app declares this kind of work."""


def installed_handlers() -> Iterator[Handler]:
    """Yield the handlers of every installed app."""
    yield from declared("jobs", "HANDLERS")


def handler_of(kind: str) -> Handler:
    """Return the handler of a kind. Raises UnknownKindError."""
    for handler in installed_handlers():
        if handler.kind == kind:
            return handler
    raise UnknownKindError(f"No installed app declares jobs of the kind {kind!r}. Write it into the app's jobs.py.")
