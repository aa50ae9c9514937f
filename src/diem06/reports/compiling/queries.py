"""Reading what units wrote, what the office chose and wrote, and the documents that left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from diem06.core.plans.models import Period
from diem06.core.plans.queries import owing
from diem06.plan.changes import assignments_on
from diem06.plan.model import Plan
from diem06.reports.compiling.sections import Choice, Said, Section, Written, sections
from diem06.reports.models import CompiledText, Heading, IssuedDocument, Narrative, NarrativeUse, Use

URGING, WITHDRAWAL, OF_UNIT = "urging", "withdrawal", "unit"


def said_in(period: Period, order: Mapping[str, int]) -> list[Said]:
    """Return what units wrote for the period under all headings, units in `order`; empty texts left out."""
    rows = Narrative.objects.filter(report__period=period).exclude(text="").select_related("report")
    found = [
        Said(
            narrative=row.pk,
            version=row.version,
            unit=row.report.unit,
            heading=Heading(row.heading),
            text=row.text.strip(),
            is_approved=row.report.is_approved,
        )
        for row in rows.order_by("report__unit", "heading")
        if row.text.strip()
    ]
    last = len(order)
    return sorted(found, key=lambda said: order.get(said.unit, last))


def compiled(period: Period, plan: Plan, said: Iterable[Said]) -> dict[str, Section]:
    """Return the sections of the period's report as the office compiled them so far."""
    uses = NarrativeUse.objects.filter(narrative__report__period=period, narrative__superseded_at=None)
    choices = {row.narrative_id: Choice(use=Use(row.use), into=row.folded_into_id) for row in uses}
    texts = CompiledText.objects.filter(period=period, superseded_at=None)
    written = {row.section: Written(text=row.text, version=row.version, sources=tuple(row.sources)) for row in texts}
    return sections(plan, list(said), pilots=pilots_of_units(plan, period.last_day), choices=choices, written=written)


def pilots_of_units(plan: Plan, on: date) -> dict[str, frozenset[str]]:
    """Return the pilots that each unit carries out on a day; the provincial one is the lead unit's."""
    found: dict[str, set[str]] = {}
    for row in assignments_on(plan, on):
        for unit in owing((row.unit,), plan, on=on):
            found.setdefault(unit, set()).add(row.pilot)
    found.setdefault(plan.lead_unit, set()).add(plan.report.provincial_pilot)
    return {unit: frozenset(pilots) for unit, pilots in found.items()}


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a text of the office."""

    row: CompiledText
    by: str


def versions(period: Period, section: str) -> list[Version]:
    """Return what the office wrote for a section, the newest first."""
    rows = CompiledText.objects.filter(period=period, section=section).select_related("saved_by").order_by("-version")
    return [Version(row=row, by=row.saved_by.full_name if row.saved_by else "") for row in rows]


def documents_of(plan_id: str, period: str) -> QuerySet[IssuedDocument]:
    """Return the documents of a period, the newest first."""
    return (
        IssuedDocument.objects.filter(plan_id=plan_id, period=period)
        .defer("tags")
        .select_related("made_by", "sent_by", "file", "signed_file", "replaces")
    )


def urging_letters(plan_id: str, period: str) -> QuerySet[IssuedDocument]:
    """Return the urging letters of a period, the newest first."""
    return documents_of(plan_id, period).filter(kind=URGING)
