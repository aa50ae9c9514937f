"""
Which pages are used, by unit and week; never by person.

A page that is opened costs one line at the end of a file in the data folder, no row. `fold` adds the lines up in the database; the
cycle of months does it every few minutes. Lines that were written while it did so stay for the next time.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from diem06.core.access import AccessRequest
from diem06.core.declarations import modules_named
from diem06.core.organisation.models import WeeklyUse

logger = logging.getLogger(__name__)
WEEKS_SHOWN = 8
LONGEST_FILE = 50_000_000  # bytes; where nobody folds, the file must not fill the disk


@dataclass(frozen=True)
class Use:
    """How often in one week: pages by name, units by code (empty: people of the whole province), most first."""

    pages: Sequence[tuple[str, int]]
    units: Sequence[tuple[str, int]]


def counting(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count each page that a signed-in person opens: no file, no answer to a script, no failure."""

    def middleware(request: AccessRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if (
            request.method == "GET"
            and response.status_code == 200
            and response.get("Content-Type", "").startswith("text/html")
            and match is not None
            and match.url_name
            and "HX-Request" not in request.headers
            and request.subject.is_signed_in
        ):
            unit = "" if request.subject.is_province_wide else min(request.subject.units, default="")
            note(page=match.view_name, unit=unit, on=localdate(request.now))
        return response

    return middleware  # type: ignore[return-value]  # the request has passed the middleware that names its subject


def week_of(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks(*, until: date) -> list[date]:
    """Return the Mondays of the last weeks, the latest first."""
    return [week_of(until) - timedelta(weeks=back) for back in range(WEEKS_SHOWN)]


def note(*, page: str, unit: str, on: date) -> None:
    """Add one line. A disk that is full must not keep a page from being shown, so a failure only goes to the log."""
    try:
        handle = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.fstat(handle).st_size < LONGEST_FILE:
                os.write(handle, f"{week_of(on).isoformat()}\t{unit}\t{page}\n".encode())
        finally:
            os.close(handle)
    except OSError as fault:
        logger.warning("The use of a page is not counted: %s", fault)


def fold() -> int:
    """
    Add what was counted to the table and return how many pages that were.

    A process that dies between the database and the removal of the file lets these lines be counted twice: it is a count for
    choosing what to improve, not a record.
    """
    taken = _file().with_suffix(".taken")
    if not taken.exists():  # else a fold before this one did not come to its end
        try:
            _file().rename(taken)
        except FileNotFoundError:
            return 0
    lines = [line.split("\t") for line in taken.read_text(encoding="utf-8").splitlines()]
    counts = Counter((line[0], line[1], line[2]) for line in lines if len(line) == 3)
    with transaction.atomic():
        for (week, unit, page), count in counts.items():
            row, is_new = WeeklyUse.objects.get_or_create(
                week=date.fromisoformat(week), unit_code=unit, page=page, defaults={"count": count}
            )
            if not is_new:
                WeeklyUse.objects.filter(pk=row.pk).update(count=F("count") + count)
    taken.unlink()
    return counts.total()


def of_week(week: date) -> Use:
    """Return how often pages were opened in a week."""
    rows = WeeklyUse.objects.filter(week=week)
    pages = rows.values_list("page").annotate(total=Sum("count")).order_by("-total", "page")
    units = rows.values_list("unit_code").annotate(total=Sum("count")).order_by("-total", "unit_code")
    return Use(pages=list(pages), units=list(units))


def in_words(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """
    Return how often pages were opened by what they are called, most first; pages of one name are added up.

    The words come from the `page_words.py` of each room and pilot. A page that is no more keeps its name in the urls.
    """
    words = {page: str(called) for module in modules_named("page_words") for page, called in module.WORDS.items()}
    found: Counter[str] = Counter()
    for page, count in counts:
        found[words.get(page, page)] += count
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _file() -> Path:
    return Path(settings.DIEM06_DATA) / "use.log"
