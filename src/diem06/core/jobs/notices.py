"""Every write to notices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from diem06.core.audit.actions import record
from diem06.core.jobs.models import Job, Notice
from diem06.core.ui.languages import Words, in_each_language

_LIKE_A_CITIZEN_NUMBER = re.compile(r"\d{9,}")


class NoticeError(ValueError):
    """A notice that must not be given; the message says what to change."""


@transaction.atomic
def notify(
    *,
    people: Iterable[int],
    kind: str,
    words: Words,
    at: datetime,
    by: int | None,
    url: str = "",
    until: datetime | None = None,
    unit: str = "",
    key: str = "",
    job: Job | None = None,
) -> list[Notice]:
    """
    Tell `people` (ids) something on their list of notices; return the notices that are new.

    `words` say in one sentence what it is about, `by` who did it (None: the system), `until` when it must be done, `url` (a path
    of ours) where to look. Whoever has a notice of the same `key` gets no second one. It stays on the list; nothing is sent anywhere.

    Raises NoticeError for words that may hold the number of a citizen, and for a link that leads elsewhere.
    """
    said = in_each_language(words)
    if any(_LIKE_A_CITIZEN_NUMBER.search(text) for text in said.values()):
        raise NoticeError(
            "A notice holds nothing personal, and these words hold a long number: link to the record instead."
        )
    if url and (not url.startswith("/") or url.startswith("//") or "\\" in url):
        raise NoticeError(f"A notice leads to a page of ours, not to {url}: give a path.")
    wanted = list(dict.fromkeys(people))
    if key:
        have = set(Notice.objects.filter(key=key, person_id__in=wanted).values_list("person_id", flat=True))
        wanted = [person for person in wanted if person not in have]
    if not wanted:
        return []
    new = Notice.objects.bulk_create(
        Notice(
            person_id=person, kind=kind, key=key, words=said, url=url, by_id=by, unit=unit, until=until, at=at, job=job
        )
        for person in wanted
    )
    details = {"kind": kind, "people": wanted, "words": said["vi"], "url": url}
    record(by=by, action="notice.give", object_type="notice", object_id=key or str(new[0].pk), details=details, at=at)
    return new


def read(*, notices: QuerySet[Notice], at: datetime) -> int:
    """Note that their person has seen `notices`; return how many were new. No audit entry: reading is nobody else's business."""
    return notices.filter(read_at=None, at__lte=at).update(read_at=at)
