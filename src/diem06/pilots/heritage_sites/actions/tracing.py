"""Looking up who was at a site: for a purpose, and never without a trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.places.models import Place
from diem06.core.residents.sealing import open_sealed
from diem06.pilots.heritage_sites.models import Trace, Visit
from diem06.pilots.heritage_sites.queries.history import present
from vnlib.identity.number import mask_number

LONGEST_WINDOW = timedelta(days=7)
MOST_PEOPLE = 500
SHORTEST_PURPOSE = 10


class TraceError(ValueError):
    """A look-up that is not made; the text tells the person what to change."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A person who was there, with their number masked unless it was asked for whole."""

    visit: Visit
    name: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What a look-up found. It is shown once and kept nowhere; that it was made, is."""

    trace: Trace
    people: tuple[Seen, ...]


@transaction.atomic
def trace_visitors(
    *, site: Place, first_at: datetime, last_at: datetime, purpose: str, shows_whole: bool, at: datetime, by: int
) -> Traced:
    """
    Look up who was at a site from `first_at` to `last_at`. The audit entry names the visits that `by` was shown, and the purpose.

    Raises TraceError for a window that is too long or the wrong way round, too many people, and a purpose that says nothing.
    """
    purpose = " ".join(purpose.split())
    if len(purpose) < SHORTEST_PURPOSE:
        raise TraceError(_("Ghi rõ mục đích: tra cứu cho việc gì, theo văn bản nào."))
    if last_at <= first_at:
        raise TraceError(_("Chọn giờ kết thúc sau giờ bắt đầu."))
    if last_at - first_at > LONGEST_WINDOW:
        raise TraceError(_("Chọn khoảng dài nhất 7 ngày."))
    visits = present(site, first_at=first_at, last_at=last_at)
    known = visits.filter(sealed__isnull=False)
    found = known.count()
    if found > MOST_PEOPLE:
        raise TraceError(_("Có hơn 500 lượt. Chọn khoảng ngắn hơn."))
    people = tuple(_seen(visit, shows_whole=shows_whole) for visit in known.select_related("gate"))
    trace = Trace.objects.create(
        site=site,
        first_at=first_at,
        last_at=last_at,
        purpose=purpose,
        is_whole=shows_whole,
        found=found,
        without_identity=visits.count() - found,
        at=at,
        by_id=by,
    )
    details = {
        "trace": trace.pk,
        "from": first_at.isoformat(),
        "to": last_at.isoformat(),
        "purpose": purpose,
        "whole_numbers": shows_whole,
        "visits_shown": [seen.visit.pk for seen in people],
    }
    record(
        by=by, action="heritage_site.trace", object_type="heritage_site", object_id=site.code, details=details, at=at
    )
    return Traced(trace=trace, people=people)


def _seen(visit: Visit, *, shows_whole: bool) -> Seen:
    assert visit.sealed is not None
    identity = json.loads(open_sealed(bytes(visit.sealed), context=visit.seal_context))
    number = identity["number"]
    return Seen(visit=visit, name=identity["name"], number=number if shows_whole else _masked(number))


def _masked(number: str) -> str:
    state, colon, passport = number.rpartition(":")
    return f"{state}{colon}…{passport[-3:]}" if colon else mask_number(number)
