"""The sources of facts that the pilot supplies."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.places.models import Place
from diem06.core.places.queries import base_list_on, owers_of, places_on
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.core.roster import Coverage, Grade, NamedRecord, Source, StockState
from diem06.core.roster.facts import FactQuerySet
from diem06.pilots.heritage_sites.apps import SITE, HeritageSitesConfig
from diem06.pilots.heritage_sites.models import DailyEntries, SiteFact
from diem06.pilots.heritage_sites.queries.register import names_of_sites

REGISTER = "heritage_register"
VISITS = "heritage_visits"
HERITAGE_SITES = "heritage_sites"
SITE_ENTRIES = "site_entries"
SILENCE = timedelta(days=7)
"""A site that has counted nobody for longer may have stopped counting."""


def _sites(first: date, last: date) -> FactQuerySet:
    return SiteFact.objects.between(first, last)


def _whole(_first: date, last: date) -> Iterator[Coverage]:
    """From the first base list on, the register holds every site in scope: a site that is not listed is none."""
    try:
        plan = loaded_plan().plan
    except NoPlanError:
        return
    if base_list_on(plan.id, HeritageSitesConfig.pilot.scope_list, last) is not None:
        yield Coverage(measure=HERITAGE_SITES)
        # Said of the owing units too: without it, a unit that has no confirmed site would have no figure instead of nought.
        for unit in owers_of((HERITAGE_SITES,), plan, on=last):
            yield Coverage(measure=HERITAGE_SITES, unit=unit)


def _entries(first: date, last: date) -> FactQuerySet:
    return DailyEntries.objects.between(first, last)


def _communes_that_count(first: date, last: date) -> Iterator[Coverage]:
    """A commune is whole where each of its sites has counted at its gates since before the window, and to its end (or until now)."""
    # Each site looks up its first and last day: a year of two facts a day must not be read for each board.
    days = DailyEntries.objects.current().filter(place=Concat(Value(f"{SITE}:"), OuterRef("code")), day__lte=last)
    counted = {
        f"{SITE}:{code}": (since, until)
        for code, since, until in Place.objects.filter(kind=SITE).values_list(
            "code", Subquery(days.order_by("day").values("day")[:1]), Subquery(days.order_by("-day").values("day")[:1])
        )
        if since is not None
    }
    if not counted:
        return
    wanted_until = min(last, max(until for _since, until in counted.values())) - SILENCE
    counts: dict[str, list[bool]] = {}
    for site in places_on(last, kinds=(SITE,)):
        since, until = counted.get(site.key, (date.max, date.min))
        counts.setdefault(site.area_now, []).append(since <= first and until >= wanted_until)
    for area, all_of_it in counts.items():
        if area and all(all_of_it):
            yield Coverage(measure=SITE_ENTRIES, area=area)


def _sites_named(records: Collection[str]) -> dict[str, NamedRecord]:
    """The record of a site's state is the site: `heritage_site:CODE`."""
    codes = {record: record.split(":")[1] for record in records}
    names = names_of_sites(set(codes.values()))
    return {
        record: NamedRecord(name=names[code], url=reverse("heritage_sites:site", args=[code]))
        for record, code in codes.items()
        if code in names
    }


def _days_named(records: Collection[str]) -> dict[str, NamedRecord]:
    """`heritage_day:CODE:2024-02-20` leads to that day in the site's history."""
    parts = {record: record.split(":") for record in records}
    names = names_of_sites({code for _kind, code, _day in parts.values()})
    return {
        record: NamedRecord(
            name=_("%(site)s, theo giờ") % {"site": names[code]},
            url=f"{reverse('heritage_sites:history', args=[code])}?by=hour&first={day}&last={day}",
        )
        for record, (_kind, code, day) in parts.items()
        if code in names
    }


SOURCES = (
    Source(
        code=REGISTER,
        title=gettext_lazy("Sổ di tích"),
        grade=Grade.EVIDENCED,
        facts=_sites,
        measures=(HERITAGE_SITES,),
        stock=StockState.RECORD,
        coverage=_whole,
        records=_sites_named,
    ),
    Source(
        code=VISITS,
        title=gettext_lazy("Lượt vào tại cổng"),
        grade=Grade.EVIDENCED,
        facts=_entries,
        measures=(SITE_ENTRIES,),
        coverage=_communes_that_count,
        records=_days_named,
    ),
)
