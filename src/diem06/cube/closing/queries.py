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
from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.reading import sealed_facts
from diem06.cube.closing.seal import MeasureDigest, area_digests, facts_root, figure_record, measure_digests
from diem06.cube.models import ClosedFigure, Closing
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
        found += _faults_of_facts(closing, kept)
    for what in found:
        yield Fault(period=closing.period, what=what)


def _faults_of_seal(closing: Closing, before: Closing | None) -> Iterator[str]:
    seal = closing.seal
    if closing.hash != seal.hash:
        yield "the seal's content is not what was sealed (its hash differs)"
    if not seal.is_signed(closing.signature):
        yield "the seal's signature does not fit"
    if (before.number + 1, before.hash) != (closing.number, closing.previous) if before else closing.number != 1:
        yield "the seal does not follow the one before it"


def _faults_of_rows(closing: Closing, kept: list[MeasureDigest]) -> Iterator[str]:
    figures = [figure_record(vars(row)) for row in closing.closed_figures.order_by().iterator(chunk_size=5000)]
    if (len(figures), root_of(sorted(figures))) != (closing.figures, closing.figures_root):
        yield "the closed figures are not those that were sealed"
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


def faults_of_plan(plan_id: str, *, period: str = "", with_facts: bool = True) -> Iterator[Fault]:
    """Yield what does not fit in the closings of a plan, or in that of one period; and triggers that are gone."""
    before = None
    for closing in closings(plan_id):
        if period in ("", closing.period):
            yield from faults(closing, before=before, with_facts=with_facts)
        before = closing
    for name in triggers.missing(connection):
        yield Fault(period="", what=f"the database no longer guards what was closed, its trigger {name} is gone")


def closed_figure(closing: Closing, *, code: str, area: str, unit: str) -> ClosedFigure | None:
    """Return a figure as it was closed."""
    return ClosedFigure.objects.filter(closing=closing, code=code, area=area, unit=unit).first()


def closed_figures(closing: Closing) -> dict[tuple[str, str, str], ClosedFigure]:
    """Return the closed figures by (code, area, unit)."""
    rows: Any = ClosedFigure.objects.filter(closing=closing).order_by().iterator(chunk_size=5000)
    return {(row.code, row.area, row.unit): row for row in rows}
