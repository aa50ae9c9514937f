"""A report as it stood at a moment, and what differs between two moments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.utils.functional import Promise

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.plan.model import Plan
from diem06.reports import queries
from diem06.reports.cell_names import field_name
from diem06.reports.entry_form import Words, owed_cells
from diem06.reports.models import Attachment, DeclaredValue, Explanation, Heading, Report

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One cell of a report that is read. `value` None: no number; `absent` says why where the unit said so."""

    name: str
    label: str
    place: str
    value: int | None
    note: str
    absent: str
    by: str
    at: datetime | None
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A whole report as it stood at a moment."""

    own: tuple[Line, ...]
    places: tuple[tuple[str, tuple[Line, ...]], ...]  # by commune: its name and its cells
    texts: tuple[tuple[Heading, str], ...]
    attachments: tuple[Attachment, ...]
    filled: int
    owed: int


@dataclass(frozen=True, kw_only=True)
class CellDifference:
    name: str
    words: str
    before: int | None
    after: int | None
    by: str
    at: datetime | None


@dataclass(frozen=True)
class Piece:
    """A run of words: `same`, `gone` or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TextDifference:
    heading: Heading
    label: str | Promise
    pieces: tuple[Piece, ...]


def read_report(report: Report, plan: Plan, at: datetime | None) -> Reading:
    """Return a report as it stood at `at`; None: as it stands."""
    tree = areas_on(report.period.last_day)
    words = Words(plan)
    own_area = units_on(report.period.last_day)[report.unit].area
    values = _with_people(report, at)
    absent = queries.absent_cells(report, at)
    reasons = queries.explanations(values.values())
    texts = queries.texts_at(report, at)
    own: list[Line] = []
    places: dict[str, list[Line]] = {}
    cells = owed_cells(report, plan)
    for name, cell in cells.items():
        value, none = values.get(cell), absent.get(name)
        said = tuple(reasons.get(value.pk, ())) if value else ()
        line = Line(
            name=name,
            label=words.of(cell.measure, cell.dimensions),
            place="" if cell.area == own_area else tree.get(cell.area).name,
            value=value.value if value else None,
            note=value.note if value else "",
            absent=none.reason if none else "",
            by=_who(value),
            at=value.recorded_at if value else None,
            explanations=tuple(one for one in said if at is None or one.explained_at <= at),
        )
        if tree.get(cell.area).level == "commune":
            places.setdefault(cell.area, []).append(line)
        else:
            own.append(line)
    files = report.attachments.select_related("file", "attached_by")
    return Reading(
        own=tuple(own),
        places=tuple((tree.get(area).name, tuple(lines)) for area, lines in places.items()),
        texts=tuple((heading, texts[heading].text if heading in texts else "") for heading in Heading),
        attachments=tuple(one for one in files if _was_attached(one, at)),
        filled=sum(1 for name, cell in cells.items() if cell in values or name in absent),
        owed=len(cells),
    )


def _was_attached(one: Attachment, at: datetime | None) -> bool:
    if at is None:
        return one.removed_at is None
    return one.attached_at <= at and (one.removed_at is None or one.removed_at > at)


def _with_people(report: Report, at: datetime | None) -> dict[Cell, DeclaredValue]:
    values = DeclaredValue.objects.known_at(at).filter(period=report.period, unit=report.unit)
    return {queries.cell_of(value): value for value in values.select_related("recorded_by")}


def _who(value: DeclaredValue | None) -> str:
    return value.recorded_by.full_name if value and value.recorded_by else ""


def cell_differences(
    report: Report, plan: Plan, before: datetime | None, after: datetime | None
) -> Iterator[CellDifference]:
    """Yield the cells whose number differs between two moments (None: now), in the order of the form."""
    tree = areas_on(report.period.last_day)
    words = Words(plan)
    own_area = units_on(report.period.last_day)[report.unit].area
    first, last = _with_people(report, before), _with_people(report, after)
    order = {cell: place for place, cell in enumerate(owed_cells(report, plan).values())}
    changed = [cell for cell in first.keys() | last.keys() if _number(first.get(cell)) != _number(last.get(cell))]
    for cell in sorted(changed, key=lambda cell: (order.get(cell, len(order)), cell)):
        label = words.of(cell.measure, cell.dimensions)
        now = last.get(cell)
        yield CellDifference(
            name=field_name(cell),
            words=label if cell.area == own_area else f"{tree.get(cell.area).name}: {label}",
            before=_number(first.get(cell)),
            after=_number(now),
            by=_who(now),
            at=now.recorded_at if now else None,
        )


def _number(value: DeclaredValue | None) -> int | None:
    return value.value if value else None


def text_differences(report: Report, before: datetime | None, after: datetime | None) -> Iterator[TextDifference]:
    """Yield the headings whose words differ between two moments (None: now), word by word."""
    first, last = queries.texts_at(report, before), queries.texts_at(report, after)
    for heading in Heading:
        old = first[heading].text if heading in first else ""
        new = last[heading].text if heading in last else ""
        if old != new:
            yield TextDifference(heading=heading, label=heading.label, pieces=tuple(word_difference(old, new)))


def word_difference(old: str, new: str) -> Iterator[Piece]:
    """Yield what stayed, went and came, in whole words: all but `gone` give the new text, all but `new` the old one."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[a1:a2]))
            continue
        if a2 > a1:
            yield Piece("gone", "".join(before[a1:a2]))
        if b2 > b1:
            yield Piece("new", "".join(after[b1:b2]))
