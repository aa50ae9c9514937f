"""What was closed, whether it still holds, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from diem06.core.plans.models import Period
from diem06.core.plans.queries import periods
from diem06.cube.closing import triggers
from diem06.cube.closing.changes import late_digest
from diem06.cube.closing.keys import signing_key
from diem06.cube.closing.links import KeyLink, key_of_seal
from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.public import public_key
from diem06.cube.closing.reading import sealed_facts
from diem06.cube.closing.seal import MeasureDigest, area_digests, facts_root, figure_record, measure_digests
from diem06.cube.models import ClosedFigure, Closing, SealKey
from diem06.plan.model import Plan


def closings(plan_id: str) -> QuerySet[Closing]:
    """Return the closings of a plan, the first one first."""
    return Closing.objects.filter(plan=plan_id).order_by("number")


def closing_of(plan_id: str, period: str) -> Closing | None:
    """Return the closing of a period, or None while it is open; of a window that is no period, None."""
    return Closing.objects.filter(plan=plan_id, period=period).select_related("person", "of").first()


def last_closing(plan_id: str) -> Closing | None:
    """Return the last closing of a plan."""
    return closings(plan_id).last()


def last_seals() -> list[str]:
    """Return the last seal of each plan as a link of keys names it: `plan/number/hash`."""
    last = {row.plan: row for row in Closing.objects.order_by("plan", "number")}
    return [_name(row) for row in last.values()]


def _name(row: Closing) -> str:
    return f"{row.plan}/{row.number}/{row.hash}"


def links() -> list[KeyLink]:
    """Return how keys took over from one another, the first one first."""
    return [row.link for row in SealKey.objects.all()]


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A key, given in hexadecimal digits, since when it signs (None: the first one), and which periods it signed, by plan."""

    number: int
    public_key: str
    since: datetime | None
    periods: dict[str, list[str]]


def signers() -> list[Signer]:
    """Return the keys of this deployment, the first one first. Raises KeyOfAnotherKindError where there is none to be read."""
    rows = list(SealKey.objects.all())
    first = rows[0].previous if rows else public_key(signing_key())
    periods: dict[str, dict[str, list[str]]] = {}
    for plan, period, key in Closing.objects.order_by("plan", "number").values_list("plan", "period", "public_key"):
        periods.setdefault(key, {}).setdefault(plan, []).append(period)
    return [
        Signer(number=number, public_key=key, since=since, periods=periods.get(key, {}))
        for number, key, since in [(1, first, None), *((row.number, row.public_key, row.since) for row in rows)]
    ]


def first_open(plan: Plan) -> Period | None:
    """Return the period that is closed next: the first one that is not."""
    return periods(plan).filter(~Exists(Closing.objects.filter(of=OuterRef("pk")))).order_by("first_day").first()


def is_ripe(period: Period, *, at: datetime) -> bool:
    """Has the lock of the period passed, so that it may be closed?"""
    return at >= period.lock_at


# -- does it still hold? ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that does not fit a seal."""

    period: str
    what: str


def faults(closing: Closing, *, before: Closing | None, with_facts: bool = True) -> Iterator[Fault]:
    """
    Compute a closing anew from its rows and, unless told otherwise, from the facts as they were known; yield what does not fit.

    `before` is the closing before it.
    """
    kept = [row.digest for row in closing.measures.all()]
    found = [*_faults_of_seal(closing, before), *_faults_of_rows(closing, kept)]
    if with_facts:
        found += [*_faults_of_facts(closing, kept), *_faults_of_late_facts(closing)]
    for what in found:
        yield Fault(period=closing.period, what=what)


def _faults_of_seal(closing: Closing, before: Closing | None) -> Iterator[str]:
    seal = closing.seal
    if closing.hash != seal.hash:
        yield "the seal's content is not what was sealed (its hash differs)"
    if not seal.is_signed(closing.signature):
        yield "the seal's signature does not fit"
    if key_of_seal(links(), closing.plan, closing.number) not in (None, closing.public_key):
        yield f"the seal is signed by {closing.public_key}, which was not the key then"
    if (before.number + 1, before.hash) != (closing.number, closing.previous) if before else closing.number != 1:
        yield "the seal does not follow the one before it"


def _faults_of_rows(closing: Closing, kept: list[MeasureDigest]) -> Iterator[str]:
    figures = [figure_record(vars(row)) for row in closing.closed_figures.order_by().iterator(chunk_size=5000)]
    if (len(figures), root_of(sorted(figures))) != (closing.figures, closing.figures_root):
        yield "the closed figures are not those that were sealed"
    if closing.restatements is not None:
        records = sorted(row.record for row in closing.sealed_restatements.all())
        if (len(records), root_of(records)) != (closing.restatements, closing.restatements_root):
            yield "the restatements of earlier periods are not those that were sealed"
    if (sum(row.facts for row in kept), facts_root(kept)) != (closing.facts, closing.facts_root):
        yield "the digests of measures are not those that were sealed"
    for digest in kept:
        again = measure_digests(digest.areas, measures=[digest.measure])
        if (again[0].facts, again[0].root) != (digest.facts, digest.root):
            yield f"{digest.measure}: the digests of its areas are not those that were sealed"


def _faults_of_facts(closing: Closing, kept: list[MeasureDigest]) -> Iterator[str]:
    sealed = {(area.measure, area.area, area.valid_from): area for row in kept for area in row.areas}
    measures = [row.measure for row in kept]
    with sealed_facts(
        first=closing.facts_from, last=closing.last_day, at=closing.closed_at, measures=measures
    ) as facts:
        found = {(area.measure, area.area, area.valid_from): area for area in area_digests(facts)}
    for name in sorted(sealed.keys() | found.keys()):
        if sealed.get(name) != found.get(name):
            was, now = (side[name].facts if name in side else 0 for side in (sealed, found))
            measure, area, since = name
            yield f"{measure}, area {area} of {since}: {was} facts were sealed, {now} are found; they are not the same"


def _faults_of_late_facts(closing: Closing) -> Iterator[str]:
    if closing.late_facts is None:
        return
    earlier = closings(closing.plan).filter(number__lt=closing.number)
    found, root = late_digest(earlier, until=closing.closed_at)
    if (found, root) != (closing.late_facts, closing.late_facts_root):
        yield f"{closing.late_facts} late facts of earlier periods were sealed, {found} are found; they are not the same"


def faults_of_keys() -> Iterator[str]:
    """Yield what does not fit in the chain of keys."""
    rows = list(SealKey.objects.all())
    seals = {_name(row) for row in Closing.objects.all()}
    for place, row in enumerate(rows):
        link = row.link
        if not link.is_signed(signature=row.signature, own_signature=row.own_signature):
            yield f"the link to key {row.number} is not signed by both keys"
        if row.number != place + 2 or (place and row.previous != rows[place - 1].public_key):
            yield f"the link to key {row.number} does not hold on to the key before it"
        if not set(row.last_seals.split()) <= seals:
            yield f"the link to key {row.number} names a seal that is not here"


def faults_of_plan(plan_id: str, *, period: str = "", with_facts: bool = True) -> Iterator[Fault]:
    """Yield what does not fit in the closings of a plan, or in that of one period; and triggers that are gone."""
    before = None
    for closing in closings(plan_id):
        if period in ("", closing.period):
            yield from faults(closing, before=before, with_facts=with_facts)
        before = closing
    for what in faults_of_keys():
        yield Fault(period="", what=what)
    for name in triggers.missing(connection):
        yield Fault(period="", what=f"the database no longer guards what was closed, its trigger {name} is gone")


def closed_figure(closing: Closing, *, code: str, area: str, unit: str) -> ClosedFigure | None:
    """Return a figure as it was closed."""
    return ClosedFigure.objects.filter(closing=closing, code=code, area=area, unit=unit).first()


def closed_figures(closing: Closing) -> dict[tuple[str, str, str], ClosedFigure]:
    """Return the closed figures by (code, area, unit)."""
    rows: Any = ClosedFigure.objects.filter(closing=closing).order_by().iterator(chunk_size=5000)
    return {(row.code, row.area, row.unit): row for row in rows}
